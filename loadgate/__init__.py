"""Loadgate."""
