"""Paths of many results in, the records of their runs out."""
