"""A verdict as a code quality report, which GitLab shows in a merge request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from loadgate.errors import RulesError
from loadgate.model import Check, Verdict
from loadgate.render import words as wording
from loadgate.render.json import encode
from loadgate.render.verdict.junit import distinct, subject
from loadgate.rules.document import read_lines
from loadgate.rules.files import DEFAULT_FILE
from loadgate.rules.schema_errors import line_at
from loadgate.text import cut, one_line

_TEXT = 1000  # columns of a description; what is longer loses its middle
_NUMBER = re.compile(r"[0-9][0-9.,]*")


def render(verdict: Verdict) -> str:
    """Return a finding for each failed check and each warning, as a list in JSON.

    A finding is where its limit is set: at the threshold or budget in the rules file, else at the
    first line of that file. Its fingerprint depends on that file and on what the check is about,
    not on limits, numbers or the name of the run, so that GitLab knows it again in the next run.
    """
    places = _Places(verdict)
    return encode([*_findings(verdict, places)])


def _findings(verdict: Verdict, places: _Places) -> Iterator[dict[str, Any]]:
    lines = [*map(wording.check_line, verdict.checks)]
    if verdict.outcome == "no-evidence":
        text = f"{wording.headline(verdict)}. {wording.NO_EVIDENCE}"
        yield _finding("no-evidence", "", text, "critical", places.first)
    for line, about in zip(lines, distinct(map(subject, lines)), strict=True):
        severity = {"FAILED": "critical", "warning": "minor"}.get(line.mark)
        if severity is not None:
            name = "budget" if line.check.rule is not None else line.check.metric.name
            yield _finding(name, about, line.sentence, severity, places.of(line.check))
    warnings = wording.general_warnings(verdict)
    kinds = distinct(_NUMBER.sub("*", text) for text in warnings)
    for text, about in zip(warnings, kinds, strict=True):
        yield _finding("warning", about, text, "minor", places.first)


def _finding(
    name: str, about: str, text: str, severity: str, place: tuple[str, int]
) -> dict[str, Any]:
    path, line = place
    identity = json.dumps([name, about, path])
    return {
        "engine_name": "loadgate",  # first: loadgate knows its file by it
        "check_name": name,
        "description": cut(one_line(text), _TEXT),
        "fingerprint": sha256(identity.encode()).hexdigest(),
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line}},
    }


class _Places:
    """Where limits are set, by paths in the repository."""

    def __init__(self, verdict: Verdict) -> None:
        self._root = Path(verdict.provenance.root).resolve()
        self._lines = {path: self._read(path) for path in verdict.classification.origins}
        own = next((path for path, lines in self._lines.items() if lines), DEFAULT_FILE)
        self.first = self._in_repository(own), 1
        """Of what is set in no rules file: where it could be."""

    @staticmethod
    def _read(path: str) -> dict[tuple[str | int, ...], int]:
        try:
            return read_lines(path)
        except RulesError:  # a preset, or a file that is gone
            return {}

    def of(self, check: Check) -> tuple[str, int]:
        """Return the path and the line of the limit of a check."""
        section, key = ("thresholds", "require") if check.rule is None else ("rules", "at_most")
        lines = self._lines.get(check.origin, {})
        line = line_at(lines, (section, check.number - 1, key))
        return self.first if line is None else (self._in_repository(check.origin), line)

    def _in_repository(self, path: str) -> str:
        whole = Path(path).resolve()
        inside = whole.is_relative_to(self._root)
        return (whole.relative_to(self._root) if inside else Path(whole.name)).as_posix()
