"""Findings and texts in, lines out: as a reader would look for them."""

from __future__ import annotations

import pytest

from loadgate.lint.findings import Finding
from loadgate.lint.lines import line_of

TOML = """\
# a comment that says id = "none"
version = 1
extends = [
  "optimistic-locking",
  'rate-limiting', # id = "second-or-not"
]

[[rules]]
id = "first"

[[ rules ]]
endpoint = "/x"
id   =   'sec.nd'

[[examples]]
rule = "first"
  [[examples]]
"""
JSON = """\
{
  "version": 1,
  "extends": ["rate-limiting"],
  "rules": [
    {"endpoint": "/x", "id": "first"}
  ]
}
"""


def finding(sentence: str = "x", **fields: object) -> Finding:
    """Return a finding with a line to look for."""
    values = {"code": "idle", "severity": "error", "file": "f", "remedy": "y", **fields}
    return Finding(sentence=sentence, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "text", "line"),
    [
        pytest.param(finding(rule="first"), TOML, 9, id="rule"),
        pytest.param(finding(rule="sec.nd"), TOML, 13, id="rule-in-single-quotes"),
        pytest.param(finding(rule="sec-nd"), TOML, None, id="no-such-rule"),
        pytest.param(finding(rule="first"), JSON, 5, id="rule-in-json"),
        pytest.param(finding(example=2), TOML, 17, id="example"),
        pytest.param(finding(example=3), TOML, None, id="no-such-example"),
        pytest.param(finding(example=1), JSON, None, id="example-in-json"),
        pytest.param(finding(preset="rate-limiting"), TOML, 5, id="preset"),
        pytest.param(finding(preset="rate-limiting"), JSON, 3, id="preset-in-json"),
        pytest.param(finding('rules[2] "sec.nd": unknown key'), TOML, 11, id="problem-of-a-rule"),
        pytest.param(finding("extends[1]: there is no preset"), TOML, 3, id="problem-of-a-list"),
        pytest.param(finding("version: must be 1"), TOML, 2, id="problem-of-a-key"),
        pytest.param(finding("version: must be 1"), JSON, 2, id="problem-of-a-key-in-json"),
        pytest.param(finding("and 7 more"), TOML, None, id="no-place"),
        pytest.param(
            finding("is no valid TOML: Expected ']' (at line 3, column 5)"), TOML, 3, id="syntax"
        ),
        pytest.param(finding("is no valid TOML: too big"), TOML, None, id="syntax-without-a-line"),
        pytest.param(finding("there is no such file"), "", None, id="no-file"),
    ],
)
def test_line_of(of: Finding, text: str, line: int | None) -> None:
    """The line of the rule's id, of the example's header, of the preset's name."""
    assert line_of(of, text) == line
