"""The data of a recording."""
