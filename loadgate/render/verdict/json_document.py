"""A verdict as the published JSON document (schemas/result.json)."""

from __future__ import annotations

from loadgate.document.write import as_document
from loadgate.model import Verdict
from loadgate.render.json import encode


def render(verdict: Verdict) -> str:
    """Return the document: the same bytes for the same verdict."""
    return encode(as_document(verdict))
