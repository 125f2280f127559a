"""A collection of runs and a period in, the report on it out."""
