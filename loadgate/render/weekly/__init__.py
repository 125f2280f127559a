"""The weekly report as Markdown, HTML, JSON and pictures."""
