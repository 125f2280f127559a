"""Masking what an output shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgate.masked import mask_verdict, masked, masked_names
from loadgate.masking import Endpoint, distinct, mask_secrets

if TYPE_CHECKING:
    from loadgate.explain import RunExplanation
    from loadgate.runs.compare import Compared
    from loadgate.weekly.model import Report

__all__ = [
    "Endpoint",
    "distinct",
    "mask_comparison",
    "mask_report",
    "mask_run_explanation",
    "mask_secrets",
    "mask_verdict",
    "masked",
]


def mask_report(report: Report) -> Report:
    """Mask every text of a weekly report."""
    return masked(report, masked_names([*report.endpoints, *report.kinds, *report.days]))


def mask_comparison(compared: Compared) -> Compared:
    """Mask every text: who wrote the documents may not have, and paths may be URLs."""
    return masked(compared, masked_names([*compared.endpoints, *compared.kinds]))


def mask_run_explanation(of: RunExplanation) -> RunExplanation:
    """Mask every text of an explanation; endpoints are called as in every other output."""
    return masked(of, masked_names(row.stats for row in of.classification.endpoints))
