"""Findings of `rules lint` as text, JSON, SARIF, or annotations for GitHub."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from loadgate.masked import masked
from loadgate.published import FindingsPage, see
from loadgate.published import finding as finding_address
from loadgate.render import words as wording
from loadgate.render.github import SHOWN, command
from loadgate.render.json import encode
from loadgate.render.rules.sarif import render_sarif
from loadgate.render.terminal import COLUMNS, hanging, wrap
from loadgate.rules.lint import ABOUT
from loadgate.rules.lint.findings import PRESET, Finding, LintedFile
from loadgate.text import listed, one_line

FORMATS = ("text", "json", "github", "sarif")

_COLORS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m"}
_RESET = "\x1b[0m"
_TITLE = "loadgate rules lint"
_PAGE: FindingsPage = "rules-lint"
_PATH = 1000  # columns of a path, which means nothing without its middle


def render_findings(
    files: Sequence[LintedFile],
    form: str = "text",
    *,
    version: str = "",
    color: bool = False,
    columns: int = COLUMNS,
) -> str:
    """Return the findings on one or more rules files in a format; SARIF has our `version`."""
    files = [
        replace(
            file,
            file=masked(file.file),
            findings=tuple(masked(one, kept=(one.pattern,)) for one in file.findings),
        )
        for file in files
    ]
    if form == "text":
        return "".join(_text(file, color=color, columns=columns) for file in files)
    findings = sorted(_each_once(files), key=lambda finding: finding.severity)
    if form == "json":
        return _json(files, findings)
    if form == "github":
        return _github(files, findings)
    return render_sarif(findings, ABOUT, page=_PAGE, version=version)


def _each_once(files: Iterable[LintedFile]) -> Iterator[Finding]:
    """Yield the findings on all files; those that extend the same one share what is wrong in it."""
    known: set[Finding] = set()
    for file in files:
        own = [replace(one, file=os.path.normpath(one.file)) for one in file.findings]
        yield from (one for one, at in zip(file.findings, own, strict=True) if at not in known)
        known.update(own)


# --- text -----------------------------------------------------------------------------------------


def _text(file: LintedFile, *, color: bool, columns: int) -> str:
    lines = text_lines(file.findings, _PAGE, color=color, columns=columns)
    summary = _summary(file.findings, file.rules)
    lines += wrap(f"{one_line(file.file)}: {summary}", columns, lines=3)
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
        for text in (finding.full_sentence, finding.remedy):
            lines += hanging("  ", text, lines=6, columns=columns)
        if finding.code not in linked:
            lines.append(see(finding_address(page, finding.code)))
        linked.add(finding.code)
        lines.append("")
    return lines


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


def _json(files: Sequence[LintedFile], findings: Sequence[Finding]) -> str:
    document: dict[str, Any] = {
        "format": "loadgate.lint",
        "version": 1,
        "file": files[0].file,
        "files": [
            {"file": file.file, "rules": file.rules, "counts": _counts(file.findings)}
            for file in files
        ],
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "file": finding.file,
                "line": finding.line,
                "rule": finding.rule,
                "sentence": finding.full_sentence,
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


def _github(files: Sequence[LintedFile], findings: Sequence[Finding]) -> str:
    name = files[0].file if len(files) == 1 else wording.counted(len(files), "rules file")
    summary = _summary(findings, sum(file.rules or 0 for file in files))
    return github_lines(findings, _PAGE, f"{name}: {summary}", _TITLE)


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
        f"{finding.full_sentence} {finding.remedy}",
        title=f"{title} {finding.code}",
        file=None if finding.file.startswith(PRESET) else finding.file,
        line=finding.line,
        pages=[finding_address(page, finding.code)],
    )
