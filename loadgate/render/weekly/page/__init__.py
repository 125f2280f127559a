"""A weekly report in, the parts of its HTML page out."""
