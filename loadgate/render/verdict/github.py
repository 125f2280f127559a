"""A verdict in, workflow commands that GitHub Actions shows as annotations out."""

from __future__ import annotations

from collections.abc import Iterable

from loadgate.model import Verdict
from loadgate.render import words as wording
from loadgate.render.terminal import cut, one_line

SHOWN = 10
"""Annotations of one level that GitHub shows for a step; more are dropped without a word."""

_TEXT = 1000  # columns of a message; what is longer loses its middle
_TITLE = 100


def escape(text: str, columns: int = _TEXT) -> str:
    """Return a text as the message of a command: one line, with what GitHub decodes encoded."""
    line = cut(one_line(text), columns).replace("%", "%25")
    return line.replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str, columns: int = _TITLE) -> str:
    """Return a text as the property of a command, which a colon or a comma would end."""
    return escape(text, columns).replace(":", "%3A").replace(",", "%2C")


def render_github(verdict: Verdict) -> str:
    """Return an error for each failed check, a warning for each warning, a notice with the sums.

    One more notice names the rules that matched nothing.

    At most SHOWN of a level; the last one says how many more there are.
    """
    classification = verdict.classification
    told = wording.told(verdict)
    errors = [one.sentence for one in told if one.mark == "FAILED"]
    if verdict.outcome == "no-evidence":
        errors.insert(0, f"{wording.headline(verdict)}. {wording.NO_EVIDENCE}")
    warnings = [one.sentence for one in told if one.mark == "warning"]
    if classification.run.partial:
        warnings.append(wording.PARTIAL)
    warnings += classification.warnings
    title = escape_property(f"loadgate {classification.run.label}")
    summary = (
        f"{wording.VERDICTS[verdict.outcome]}: {wording.headline(verdict)}."
        f" {wording.summary(classification)}"
    )
    commands = [("error", text) for text in _bounded(errors)]
    commands += [("warning", text) for text in _bounded(warnings)]
    commands.append(("notice", summary))
    idle = wording.idle_rules(verdict)
    if idle:
        commands.append(("notice", idle))
    return "".join(f"::{level} title={title}::{escape(text)}\n" for level, text in commands)


def _bounded(texts: list[str]) -> Iterable[str]:
    if len(texts) <= SHOWN:
        return texts
    return [*texts[: SHOWN - 1], f"and {len(texts) - SHOWN + 1:,} more like these"]
