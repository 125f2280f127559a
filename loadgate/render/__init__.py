"""A verdict and a format in, the text of that format out."""

from __future__ import annotations

from loadgate.model import Verdict
from loadgate.render.masking import mask_verdict
from loadgate.render.text import render_text as _text


def render_text(verdict: Verdict, *, color: bool = False) -> str:
    return _text(mask_verdict(verdict), color=color)
