"""The line of a rules file that a finding is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loadgate.rules.lint.findings import Finding
from loadgate.rules.schema_errors import Place, line_at


def line_of(
    finding: Finding,
    document: Mapping[str, Any],
    lines: Mapping[Place, int],
) -> int | None:
    """Return the line, from 1, that a finding is about; None where its file does not hold it."""
    if finding.example is not None:
        return lines.get(("examples", finding.example - 1))
    if finding.rule is not None:
        for number, rule in enumerate(document.get("rules", ())):
            if rule["id"] == finding.rule:
                return line_at(lines, ("rules", number, "id"))
    elif finding.preset in document.get("extends", ()):
        return line_at(lines, ("extends", document["extends"].index(finding.preset)))
    return None
