"""Findings as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from loadgate.model import Severity
from loadgate.published import DOCS, FindingsPage
from loadgate.published import finding as finding_address
from loadgate.render.json import encode
from loadgate.rules.lint.findings import Finding
from loadgate.text import cut, encodable, one_line

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_TEXT = 1000  # columns of a message; what is longer loses its middle


def render_sarif(
    findings: Sequence[Finding],
    about: Mapping[str, tuple[Severity, str]],
    *,
    page: FindingsPage,
    version: str,
) -> str:
    """Return findings as a SARIF log of loadgate; those that are ignored are left out.

    `about` has every code that there is: its severity, and what its findings have in common. The
    `page` of the docs has a section of each. Files of findings are relative to the repository.
    """
    counted = [finding for finding in findings if not finding.ignored]
    driver = {
        "name": "loadgate",
        "version": version,
        "informationUri": DOCS,
        "rules": [_rule(code, *told, page) for code, told in about.items()],
    }
    seen: Counter[str] = Counter()
    results = []
    for finding in counted:
        identity = _identity(finding)
        seen[identity] += 1
        results.append(_result(finding, f"{identity}:{seen[identity]}"))
    run = {"tool": {"driver": driver}, "results": results}
    return encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, severity: Severity, about: str, page: FindingsPage) -> dict[str, Any]:
    address = finding_address(page, code)
    return {
        "id": code,
        "shortDescription": {"text": about},
        "fullDescription": {"text": about},
        "help": {"text": f"What to do: {address}"},
        "helpUri": address,
        "defaultConfiguration": {"level": severity},
    }


def _result(finding: Finding, fingerprint: str) -> dict[str, Any]:
    # "[words](address)" in a message would be a link.
    message = f"{finding.full_sentence} {finding.remedy}".replace("](", "] (")
    location = {
        "artifactLocation": {"uri": quote(encodable(finding.file)), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": finding.line or 1},
    }
    return {
        "ruleId": finding.code,
        "level": finding.severity,
        "message": {"text": cut(one_line(message), _TEXT)},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"loadgate/v1": fingerprint},
    }


def _identity(finding: Finding) -> str:
    """Return what stays the same while a finding does, on whatever line it is.

    One about a rule stays the same when its numbers change: "expires in 3 days".
    """
    about = finding.rule or finding.preset or finding.sentence
    identity = json.dumps([finding.code, finding.file, about])
    return hashlib.sha256(identity.encode()).hexdigest()
