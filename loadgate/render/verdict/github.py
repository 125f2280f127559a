"""A verdict as workflow commands, which GitHub Actions shows as annotations."""

from __future__ import annotations

from loadgate.model import Verdict
from loadgate.render import words as wording
from loadgate.render.github import SHOWN, command
from loadgate.render.verdict.pages import pages
from loadgate.text import listed


def render(verdict: Verdict) -> str:
    """Return an error for each failed check, a warning for each warning, a notice with the sums.

    That notice links to what says more. One more names the rules that matched nothing. At most
    SHOWN of a level; the last one says how many more there are.
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
    title = f"loadgate {classification.run.label}"
    shown = [command(level, text, title=title) for level, text in commands]
    shown.append(command("notice", summary, title=title, pages=pages(verdict)))
    if idle := wording.idle_rules(verdict):
        shown.append(command("notice", idle, title=title))
    return "".join(shown)
