"""Tests of findings as text, JSON and GitHub's commands."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from loadgate.model import Severity
from loadgate.published import DOCS
from loadgate.render.rules.findings import render_findings
from loadgate.rules.lint.findings import Finding, LintedFile
from loadgate.text import width

from .cases import HOSTILE
from .strategies import PROPERTY

LINT = f"{DOCS}rules-lint.html"
SCHEMA = Path(__file__).parents[2] / "loadgate" / "schemas" / "lint.json"


def finding(
    sentence: str = "has no reason yet: its why begins with TODO",
    *,
    code: str = "todo",
    severity: Severity = "error",
    file: str = "loadgate.toml",
    line: int | None = 12,
    rule: str | None = "conflict",
    remedy: str = "Write why.",
    ignored: bool = False,
    **fields: object,
) -> Finding:
    """Return a finding; by default a rule without a reason."""
    return Finding(
        code=code, severity=severity, file=file, line=line, rule=rule, sentence=sentence,
        remedy=remedy, ignored=ignored, **fields,  # type: ignore[arg-type]
    )  # fmt: skip


def shown(
    file: str,
    findings: Sequence[Finding],
    rules: int | None,
    form: str = "text",
    *,
    color: bool = False,
) -> str:
    """Return the findings on one rules file in a format."""
    linted = LintedFile(file=file, findings=tuple(findings), rules=rules)
    return render_findings([linted], form, color=color)


ALL = (
    finding(),
    finding("has no rule", code="unused-preset", severity="warning", rule=None, preset="x"),
    finding("POST /a is a failure", code="failing-example", rule=None, example=3, line=None),
    finding("is not valid TOML", code="invalid", rule=None),
    finding(code="no-budget", severity="warning", ignored=True),
)


def test_text() -> None:
    """A block for each finding that counts, and one line with the sums."""
    assert shown("loadgate.toml", ALL, 7) == (
        "loadgate.toml:12: error[todo]\n"
        "  Rule conflict has no reason yet: its why begins with TODO.\n"
        "  Write why.\n"
        f"  See {LINT}#todo\n"
        "\n"
        "loadgate.toml:12: warning[unused-preset]\n"
        "  Preset x has no rule.\n"
        "  Write why.\n"
        f"  See {LINT}#unused-preset\n"
        "\n"
        "loadgate.toml: error[failing-example]\n"
        "  examples[3]: POST /a is a failure.\n"
        "  Write why.\n"
        f"  See {LINT}#failing-example\n"
        "\n"
        "loadgate.toml:12: error[invalid]\n"
        "  is not valid TOML.\n"
        "  Write why.\n"
        f"  See {LINT}#invalid\n"
        "\n"
        "loadgate.toml: 3 errors, 1 warning (1 more ignored)\n"
    )


def test_a_link_is_shown_once() -> None:
    """Twenty findings of one code need one link; it is not wrapped."""
    found = (finding(), finding(), finding(code="idle"))
    text = render_findings([LintedFile(file="f", findings=found, rules=7)], columns=40)
    assert [line for line in text.splitlines() if LINT in line] == [
        f"  See {LINT}#todo",
        f"  See {LINT}#idle",
    ]


def test_no_findings() -> None:
    """One line says how many rules were looked at, and what was set aside."""
    assert shown("f", (), 1) == "f: no findings in 1 rule\n"
    assert shown("f", (), 0).startswith("f: no rules")
    assert shown("f", ALL[4:], 2) == "f: no findings in 2 rules (1 more ignored)\n"


def test_color() -> None:
    """A terminal shows errors red, and the text is the same."""
    text = shown("f", ALL, 7, color=True)
    assert "\x1b[1;31merror[todo]\x1b[0m" in text
    assert re.sub(r"\x1b\[[0-9;]*m", "", text) == shown("f", ALL, 7)


def test_github() -> None:
    """A command for each, with file and line where they are known; a preset is no file."""
    own = finding(file="preset x", line=None, code="idle", severity="warning")
    assert shown("a,b:c%.toml", (*ALL[2:3], own), 7, "github").splitlines() == [
        "::error title=loadgate rules lint failing-example,file=loadgate.toml"
        f"::examples[3]: POST /a is a failure. Write why.%0ASee {LINT}#failing-example",
        "::warning title=loadgate rules lint idle"
        f"::Rule conflict has no reason yet: its why begins with TODO. Write why.%0ASee {LINT}#idle",
        "::notice title=loadgate rules lint::a,b:c%25.toml: 1 error, 1 warning",
    ]
    line = shown("f", [finding(file="a,b:c%.toml")], 7, "github").splitlines()[0]
    assert ",file=a%2Cb%3Ac%25.toml,line=12::" in line


def test_what_github_would_drop_is_counted() -> None:
    """Ten annotations of a level are shown; the last says how many more there are."""
    lines = shown("f", [finding()] * 25, 7, "github").splitlines()
    assert len(lines) == 11
    assert lines[9] == "::error title=loadgate rules lint::and 16 more like these"


def test_json() -> None:
    """The document meets its schema, lists what is ignored, and counts it apart."""
    document = json.loads(shown("f", ALL, 7, "json"))
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)
    assert document["counts"] == {"errors": 3, "warnings": 1, "ignored": 1}
    assert document["findings"][0]["url"] == f"{LINT}#todo"
    assert [one["ignored"] for one in document["findings"]] == [False] * 4 + [True]


texts = st.sampled_from([HOSTILE, "::error::x", "x" * 5000, "\n\r%0A", "http://u:p@h/?t=s", ""])


@PROPERTY
@given(
    st.lists(st.builds(finding, texts, file=texts, rule=texts, remedy=texts), max_size=12), texts
)
def test_hostile_texts(findings: list[Finding], file: str) -> None:
    """No text steers a terminal, starts a command or leaks a credential, in any format."""
    text = shown(file, findings, 1)
    assert all(width(line) <= 80 or "error[todo]" in line for line in text.splitlines())
    assert not any(line.startswith("::") for line in text.splitlines())
    github = shown(file, findings, 1, "github")
    command = re.compile(r"::(error|notice) title=[^:,%]*(,file=[^:,]*,line=12)?::[^\r\n]*")
    assert all(command.fullmatch(line) for line in github.splitlines())
    document = json.loads(shown(file, findings, 1, "json"))
    assert len(document["findings"]) == len(findings)
    sarif = shown(file, findings, 1, "sarif")
    assert len(json.loads(sarif)["runs"][0]["results"]) == len(findings)
    for output in (text, github, sarif):
        assert "hunter2" not in output
        assert "u:p@" not in output
        assert "\x1b" not in output


@pytest.mark.parametrize("form", ["text", "github", "json", "sarif"])
def test_the_same_findings_give_the_same_bytes(form: str) -> None:
    """Nothing depends on when or where it is rendered."""
    assert shown("f", ALL, 7, form) == shown("f", ALL, 7, form)
