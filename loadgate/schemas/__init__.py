"""Schemas of all documents, and that of rules files compiled to Python."""
