"""The weekly report: what the runs of a period say, computed with pandas."""
