"""Collecting: every run that files, folders and URLs hold, judged and counted once."""

from __future__ import annotations

from loadgate.runs.candidate import Candidate
from loadgate.runs.collect import Settings, collect
from loadgate.runs.discover import find_candidates

__all__ = ["Candidate", "Settings", "collect", "find_candidates"]
