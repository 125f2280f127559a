"""A verdict as workflow commands, which GitHub Actions shows as annotations."""

from __future__ import annotations

from loadgate.model import Verdict
from loadgate.render import words as wording
from loadgate.render.github import SHOWN, escape, escape_property
from loadgate.text import listed


def render(verdict: Verdict) -> str:
    """Return an error for each failed check, a warning for each warning, a notice with the sums.

    One more notice names the rules that matched nothing.

    At most SHOWN of a level; the last one says how many more there are.
    """
    classification = verdict.classification
    told = wording.check_lines(verdict)
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
    commands = [("error", text) for text in listed(errors, SHOWN)]
    commands += [("warning", text) for text in listed(warnings, SHOWN)]
    commands.append(("notice", summary))
    idle = wording.idle_rules(verdict)
    if idle:
        commands.append(("notice", idle))
    return "".join(f"::{level} title={title}::{escape(text)}\n" for level, text in commands)
