"""Shares: failures of requests, as exact fractions."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from loadgate.model import EndpointResult, EndpointStats


def share(failures: int, requests: int) -> Fraction | None:
    """Return failures as a share of requests, at most 1; None for none of none.

    More failures than requests cannot be, and count as all of them.
    """
    if failures < requests:
        return Fraction(failures, requests)
    return Fraction(1) if failures else None


def all_failed(true: int, requests: int) -> bool:
    """Say whether every request of an endpoint truly failed."""
    return 0 < requests <= true


def hopeless(rows: Iterable[EndpointResult]) -> list[EndpointStats]:
    """Return the endpoints of which every request truly failed."""
    return [row.stats for row in rows if all_failed(row.true, row.stats.requests)]


def told_hopeless(endpoints: str) -> str:
    """Return what warnings, headlines and reports say of them."""
    return f"every request to {endpoints} was a true failure"
