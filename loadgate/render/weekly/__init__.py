"""A weekly report in, the text of one format out."""
