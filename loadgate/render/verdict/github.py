"""A verdict as workflow commands, which GitHub Actions shows as annotations."""

from __future__ import annotations

from loadgate.model import Verdict
from loadgate.render import words as wording
from loadgate.render.github import SHOWN, command
from loadgate.text import listed


def render(verdict: Verdict) -> str:
    """Return an error for each failed check, a warning for each warning, a notice with the sums.

    One more notice names the rules that matched nothing. At most SHOWN of a level; the last one
    says how many more there are.
    """
    classification = verdict.classification
    errors = [line.sentence for line in wording.check_lines(verdict) if line.mark == "FAILED"]
    if verdict.outcome == "no-evidence":
        errors.insert(0, f"{wording.headline(verdict)}. {wording.NO_EVIDENCE}")
    summary = (
        f"{wording.VERDICTS[verdict.outcome]}: {wording.headline(verdict)}."
        f" {wording.summary(classification)}"
    )
    commands = [("error", text) for text in listed(errors, SHOWN)]
    commands += [("warning", text) for text in listed(wording.warnings(verdict), SHOWN)]
    notices = filter(None, (summary, wording.idle_rules(verdict)))
    commands += [("notice", text) for text in notices]
    title = f"loadgate {classification.run.label}"
    return "".join(command(level, text, title=title) for level, text in commands)
