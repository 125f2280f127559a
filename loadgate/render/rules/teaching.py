"""What locustfiles teach: TOML to append to a rules file, and what they hide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadgate.locustfile import ABOUT, Finding, Lesson, Wording
from loadgate.masked import masked
from loadgate.model import Severity
from loadgate.published import FindingsPage
from loadgate.render.rules.drafts import comment
from loadgate.render.rules.findings import github_lines, text_lines
from loadgate.render.rules.sarif import render_sarif
from loadgate.rules.lint.findings import Finding as Line
from loadgate.text import counted, toml_string

FORMATS = ("text", "github", "sarif")
_TITLE = "loadgate rules teach"
_PAGE: FindingsPage = "teach"
_MISSING = "missing-wording"
_ABOUT: dict[str, tuple[Severity, str]] = {
    _MISSING: ("error", "The rules file lacks a wording of the locustfile."),
    **{code: ("warning", about) for code, about in ABOUT.items()},
}


def render_wordings(wordings: Sequence[Wording]) -> str:
    """Return wordings as TOML without a `version`, so that it can follow a rules file."""
    return "".join(f"{line}\n" for wording in wordings for line in _lines(wording))


def _lines(wording: Wording) -> Iterator[str]:
    first, *more = wording.places
    others = f" and {counted(len(more), 'other place')}" if more else ""
    yield ""
    yield "[[status_texts]]"
    yield comment(f"{first}{others}")
    yield f"text = {toml_string(wording.text)}"


def render_lesson(lesson: Lesson, *, where: str, columns: int) -> str:
    """Return what the locustfiles hide, and how much was learned; `where` if that is nothing."""
    lines = text_lines(_shown(lesson.findings), _PAGE, color=False, columns=columns)
    return "\n".join([*lines, f"loadgate: {_summary([lesson], where)}"])


def render_annotations(
    lessons: Sequence[Lesson], findings: Sequence[Line], form: str, *, version: str
) -> str:
    """Return findings as annotations for GitHub, with what was learned, or as SARIF."""
    findings = [masked(line, kept=(line.pattern,)) for line in findings]
    if form == "sarif":
        return render_sarif(findings, _ABOUT, page=_PAGE, version=version)
    return github_lines(findings, _PAGE, _summary(lessons), _TITLE)


def all_findings(
    lesson: Lesson, missing: Sequence[Wording], rules: str, *, remedy: str
) -> list[Line]:
    """Return the wordings that the rules file lacks, and what the locustfiles hide."""
    lacking = [
        Line(
            code=_MISSING,
            file=wording.places[0].path,
            line=wording.places[0].line,
            sentence=f'{rules} lacks the wording "{wording.text}"',
            remedy=remedy,
            pattern=wording.text,
        )
        for wording in missing
    ]
    return [*lacking, *_shown(lesson.findings)]


def _shown(findings: Sequence[Finding]) -> list[Line]:
    return [
        Line(
            code=finding.code,
            severity="warning",
            file=finding.place.path,
            line=finding.place.line,
            sentence=finding.sentence,
            remedy=finding.remedy,
            pattern=finding.text,
        )
        for finding in findings
    ]


def _summary(lessons: Sequence[Lesson], where: str = "") -> str:
    taught = counted(sum(len(lesson.taught) for lesson in lessons), "wording")
    messages = counted(sum(lesson.messages for lesson in lessons), "message")
    bare = sum(lesson.bare for lesson in lessons)
    warnings = sum(len(lesson.findings) for lesson in lessons)
    nothing = where and not any(lesson.messages for lesson in lessons)
    parts = [f"{taught} from {messages}" + (f" in {where}" if nothing else "")]
    if bare:
        parts.append(f"{bare:,} only the status, which needs no wording")
    if warnings:
        parts.append(counted(warnings, "warning"))
    return ", ".join(parts)
