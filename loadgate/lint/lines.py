"""A finding and the text of its file in, the line to look at out, as well as it can be told.

A TOML parser forgets where things were, so this looks for the line as a reader would; a file that
is written in an unusual way only loses its line numbers.
"""

from __future__ import annotations

import re

from loadgate.lint.findings import Finding

_PLACE = re.compile(r"(rules|thresholds|status_texts|examples)\[(\d+)\]|(\w+)\[\d+\]|(\w+):")
_SYNTAX = re.compile(r"\bline (\d+)\b")
_HEADERS = {
    section: re.compile(rf"^[ \t]*\[\[[ \t]*{section}[ \t]*\]\]", re.MULTILINE)
    for section in ("rules", "thresholds", "status_texts", "examples")
}


def line_of(finding: Finding, text: str) -> int | None:
    """Return the line, from 1, that a finding is about; None where it cannot be told."""
    if finding.rule is not None:
        return _line(text, rf'(?:\bid|"id")\s*[=:]\s*["\']{re.escape(finding.rule)}["\']')
    if finding.example is not None:
        return _header(text, "examples", finding.example)
    if finding.preset is not None:
        return _line(text, rf'extends\b[^\]]*?["\']{re.escape(finding.preset)}["\']')
    return _of_problem(text, finding.sentence)


def _of_problem(text: str, problem: str) -> int | None:
    """Return the line that a problem of an invalid file names by its place in the document."""
    syntax = _SYNTAX.search(problem)
    if problem.startswith("is no valid "):
        return int(syntax[1]) if syntax else None
    place = _PLACE.match(problem)
    if place is None:
        return None
    section, number, other, key = place.groups()
    if section is not None:
        return _header(text, section, int(number))
    return _line(text, rf'^[ \t]*"?{re.escape(other or key)}\b')


def _header(text: str, section: str, number: int) -> int | None:
    for count, header in enumerate(_HEADERS[section].finditer(text), start=1):
        if count == number:
            return text.count("\n", 0, header.start()) + 1
    return None


def _line(text: str, pattern: str) -> int | None:
    """Return the line on which the first match of a pattern ends."""
    found = re.search(pattern, text, re.MULTILINE)
    return text.count("\n", 0, found.end()) + 1 if found else None
