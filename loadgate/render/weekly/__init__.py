"""A weekly report in, Markdown, a page or a JSON document out."""
