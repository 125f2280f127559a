"""Findings of `rules lint` as text, JSON, or annotations for GitHub."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loadgate.masked import masked
from loadgate.render import words as wording
from loadgate.render.github import SHOWN, escape, escape_property
from loadgate.render.json import encode
from loadgate.render.terminal import COLUMNS, wrap
from loadgate.rules.lint.findings import PRESET, Finding
from loadgate.text import docs, listed, one_line

FORMATS = ("text", "json", "github")

_INDENT = "  "
_COLORS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m"}
_RESET = "\x1b[0m"
_TITLE = "loadgate rules lint"
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
    lines = text_lines(findings, color=color, columns=columns)
    lines += wrap(f"{one_line(file)}: {_summary(findings, rules)}", columns, lines=3)
    return "".join(f"{line}\n" for line in lines)


def text_lines(findings: Sequence[Finding], *, color: bool, columns: int) -> list[str]:
    """Return the lines of findings: where each is, what is wrong, what to do."""
    lines: list[str] = []
    for finding in findings:
        if finding.ignored:
            continue
        kind = f"{finding.severity}[{finding.code}]"
        (place,) = wrap(one_line(_place(finding)), _PATH, lines=1)
        if color:
            kind = f"{_COLORS[finding.severity]}{kind}{_RESET}"
        lines.append(f"{place}: {kind}")
        lines += _block(_sentence(finding), columns)
        lines += _block(finding.remedy, columns)
        lines.append("")
    return lines


def _block(text: str, columns: int) -> list[str]:
    room = columns - len(_INDENT)
    return [_INDENT + line for line in wrap(one_line(text), room, lines=6)]


def _place(finding: Finding) -> str:
    return finding.file if finding.line is None else f"{finding.file}:{finding.line}"


def _sentence(finding: Finding) -> str:
    """Return what is wrong as a sentence, with what it is about at its beginning."""
    end = "" if finding.sentence.endswith(("?", ".")) else "."
    return f"{_subject(finding)}{finding.sentence}{end}"


def _subject(finding: Finding) -> str:
    """Return what a finding is about, as the beginning of its sentence."""
    if finding.rule is not None:
        return f"Rule {finding.rule} "
    if finding.preset is not None:
        return f"Preset {finding.preset} "
    if finding.example is not None:
        return f"examples[{finding.example}]: "
    return ""


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
    return f"{', '.join(parts)}{ignored}; see {docs('rules-lint')}"


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
                "ignored": finding.ignored,
            }
            for finding in findings
        ],
        "counts": _counts(findings),
    }
    return encode(document)


# --- GitHub ---------------------------------------------------------------------------------------


def _github(file: str, findings: Sequence[Finding], rules: int | None) -> str:
    return github_lines(findings, f"{file}: {_summary(findings, rules)}", _TITLE)


def github_lines(findings: Sequence[Finding], summary: str, title: str) -> str:
    """Return findings and a summary as commands of GitHub Actions."""
    commands: list[str] = []
    for severity in ("error", "warning"):
        counted = [
            finding for finding in findings if finding.severity == severity and not finding.ignored
        ]
        shown = listed([_command(finding, title) for finding in counted], SHOWN)
        if len(counted) > SHOWN:
            shown[-1] = f"::{severity} title={title}::{shown[-1]}"
        commands += shown
    commands.append(f"::notice title={title}::{escape(summary)}")
    return "".join(f"{command}\n" for command in commands)


def _command(finding: Finding, title: str) -> str:
    properties = [f"title={escape_property(f'{title} {finding.code}')}"]
    if not finding.file.startswith(PRESET):
        properties.append(f"file={escape_property(finding.file, _PATH)}")
    if finding.line is not None:
        properties.append(f"line={finding.line}")
    message = f"{_sentence(finding)} {finding.remedy}"
    return f"::{finding.severity} {','.join(properties)}::{escape(message)}"
