"""Collecting: every run that files, folders and URLs hold, judged and counted once."""

from __future__ import annotations

from loadgate.runs.collect import Settings, collect
from loadgate.runs.discover import Source, find_sources

__all__ = ["Settings", "Source", "collect", "find_sources"]
