"""Findings of `rules lint` as text, JSON, or annotations for GitHub."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loadgate.masked import masked
from loadgate.published import FindingsPage, see
from loadgate.published import finding as finding_address
from loadgate.render import words as wording
from loadgate.render.github import SHOWN, command
from loadgate.render.json import encode
from loadgate.render.terminal import COLUMNS, hanging, wrap
from loadgate.rules.lint.findings import PRESET, Finding
from loadgate.text import listed, one_line

FORMATS = ("text", "json", "github")

_COLORS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m"}
_RESET = "\x1b[0m"
_TITLE = "loadgate rules lint"
_PAGE: FindingsPage = "rules-lint"
_PATH = 1000  # columns of a path, which means nothing without its middle


def render_findings(  # noqa: PLR0913 - what is shown, and how
    file: str,
    findings: Sequence[Finding],
    rules: int | None,
    form: str = "text",
    *,
    color: bool = False,
    columns: int = COLUMNS,
) -> str:
    """Return the findings on a rules file, of which so many `rules` were judged, in a format.

    `rules` is None where the file is invalid, so that none were.
    """
    file = masked(file)
    findings = [masked(finding, kept=(finding.pattern,)) for finding in findings]
    if form == "json":
        return _json(file, findings)
    if form == "github":
        return _github(file, findings, rules)
    return _text(file, findings, rules, color=color, columns=columns)


# --- text -----------------------------------------------------------------------------------------


def _text(
    file: str, findings: Sequence[Finding], rules: int | None, *, color: bool, columns: int
) -> str:
    lines = text_lines(findings, _PAGE, color=color, columns=columns)
    lines += wrap(f"{one_line(file)}: {_summary(findings, rules)}", columns, lines=3)
    return "".join(f"{line}\n" for line in lines)


def text_lines(
    findings: Sequence[Finding], page: FindingsPage, *, color: bool, columns: int
) -> list[str]:
    """Return the lines of findings: where each is, what is wrong, what to do, once a link."""
    lines: list[str] = []
    linked: set[str] = set()
    for finding in findings:
        if finding.ignored:
            continue
        kind = f"{finding.severity}[{finding.code}]"
        line = "" if finding.line is None else f":{finding.line}"
        (place,) = wrap(one_line(finding.file + line), _PATH, lines=1)
        if color:
            kind = f"{_COLORS[finding.severity]}{kind}{_RESET}"
        lines.append(f"{place}: {kind}")
        for text in (_sentence(finding), finding.remedy):
            lines += hanging("  ", text, lines=6, columns=columns)
        if finding.code not in linked:
            lines.append(see(finding_address(page, finding.code)))
        linked.add(finding.code)
        lines.append("")
    return lines


def _sentence(finding: Finding) -> str:
    """Return what is wrong as a sentence, with what it is about at its beginning."""
    subject = ""
    if finding.rule is not None:
        subject = f"Rule {finding.rule} "
    elif finding.preset is not None:
        subject = f"Preset {finding.preset} "
    elif finding.example is not None:
        subject = f"examples[{finding.example}]: "
    return subject + finding.sentence + ("" if finding.sentence.endswith(("?", ".")) else ".")


def _summary(findings: Sequence[Finding], rules: int | None) -> str:
    counts = _counts(findings)
    ignored = f" ({counts['ignored']:,} more ignored)" if counts["ignored"] else ""
    parts = [
        wording.counted(counts[f"{severity}s"], severity)
        for severity in ("error", "warning")
        if counts[f"{severity}s"]
    ]
    if not parts:
        if not rules:
            return f"no rules of its own, no findings{ignored}"
        return f"no findings in {wording.counted(rules, 'rule')}{ignored}"
    return f"{', '.join(parts)}{ignored}"


def _counts(findings: Sequence[Finding]) -> dict[str, int]:
    counted = [finding.severity for finding in findings if not finding.ignored]
    return {
        "errors": counted.count("error"),
        "warnings": counted.count("warning"),
        "ignored": len(findings) - len(counted),
    }


# --- JSON -----------------------------------------------------------------------------------------


def _json(file: str, findings: Sequence[Finding]) -> str:
    document: dict[str, Any] = {
        "format": "loadgate.lint",
        "version": 1,
        "file": file,
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "file": finding.file,
                "line": finding.line,
                "rule": finding.rule,
                "sentence": _sentence(finding),
                "remedy": finding.remedy,
                "url": finding_address(_PAGE, finding.code),
                "ignored": finding.ignored,
            }
            for finding in findings
        ],
        "counts": _counts(findings),
    }
    return encode(document)


# --- GitHub ---------------------------------------------------------------------------------------


def _github(file: str, findings: Sequence[Finding], rules: int | None) -> str:
    return github_lines(findings, _PAGE, f"{file}: {_summary(findings, rules)}", _TITLE)


def github_lines(findings: Sequence[Finding], page: FindingsPage, summary: str, title: str) -> str:
    """Return findings, each with its link, and a summary as commands of GitHub Actions."""
    commands: list[str] = []
    for severity in ("error", "warning"):
        counted = [
            finding for finding in findings if finding.severity == severity and not finding.ignored
        ]
        shown = listed([_command(finding, page, title) for finding in counted], SHOWN)
        if len(counted) > SHOWN:
            shown[-1] = command(severity, shown[-1], title=title)
        commands += shown
    return "".join((*commands, command("notice", summary, title=title)))


def _command(finding: Finding, page: FindingsPage, title: str) -> str:
    return command(
        finding.severity,
        f"{_sentence(finding)} {finding.remedy}",
        title=f"{title} {finding.code}",
        file=None if finding.file.startswith(PRESET) else finding.file,
        line=finding.line,
        pages=[finding_address(page, finding.code)],
    )
