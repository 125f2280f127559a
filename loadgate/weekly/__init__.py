"""The report on a period, from the runs of a collection. Here pandas does its work."""

from __future__ import annotations

from loadgate.weekly.period import choose_period
from loadgate.weekly.report import report

__all__ = ["choose_period", "report"]
