"""A verdict as workflow commands, which GitHub Actions shows as annotations."""

from __future__ import annotations

from collections.abc import Iterator

from loadgate.model import Verdict
from loadgate.render import words as wording
from loadgate.render.github import Annotation, commands
from loadgate.render.verdict.pages import pages
from loadgate.text import one_line


def render(verdict: Verdict) -> str:
    """Return the commands, of each level as many as GitHub shows."""
    return commands(annotations_of(verdict))


def annotations_of(verdict: Verdict) -> Iterator[Annotation]:
    """Yield an error for each failed check, a warning for each warning, a notice with the sums.

    That notice links to what says more. One more names the rules that matched nothing.
    """
    classification = verdict.classification
    errors = [line.sentence for line in wording.check_lines(verdict) if line.mark == "FAILED"]
    if verdict.outcome == "no-evidence":
        errors.insert(0, f"{wording.headline(verdict)}. {wording.NO_EVIDENCE}")
    summary = (
        f"{wording.VERDICTS[verdict.outcome]}: {wording.headline(verdict)}."
        f" {wording.summary(classification)}"
    )
    title = f"loadgate {classification.run.label}"
    for level, texts in (("error", errors), ("warning", wording.warnings(verdict))):
        for text in texts:
            yield Annotation(level, title, one_line(text))
    yield Annotation("notice", title, one_line(summary), pages(verdict))
    if idle := wording.idle_rules(verdict):
        yield Annotation("notice", title, one_line(idle))
