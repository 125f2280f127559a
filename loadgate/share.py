"""Counts of failures and of requests in, the one as an exact share of the other out."""

from __future__ import annotations

from fractions import Fraction


def share(failures: int, requests: int) -> Fraction | None:
    """Return failures as a share of requests: 1 without requests, None for none of none."""
    if requests:
        return Fraction(failures, requests)
    return Fraction(1) if failures else None
