"""Tests of the lines that findings are placed at."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgate.rules.document import read_document, read_lines
from loadgate.rules.lint.findings import Finding, line_of

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
  ],
  "examples": [{},
    {}
  ]
}
"""


def finding(**fields: object) -> Finding:
    """Return a finding with a line to look for."""
    values = {"code": "idle", "severity": "error", "file": "f", "sentence": "x", "remedy": "y"}
    return Finding(**values | fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "text", "line"),
    [
        pytest.param(finding(rule="first"), TOML, 9, id="rule"),
        pytest.param(finding(rule="sec.nd"), TOML, 13, id="rule-in-single-quotes"),
        pytest.param(finding(rule="sec-nd"), TOML, None, id="no-such-rule"),
        pytest.param(finding(rule="first"), "version = 1", None, id="no-rules"),
        pytest.param(finding(rule="first"), JSON, 5, id="rule-in-json"),
        pytest.param(finding(example=2), TOML, 17, id="example"),
        pytest.param(finding(example=3), TOML, None, id="no-such-example"),
        pytest.param(finding(example=2), JSON, 8, id="example-in-json"),
        pytest.param(finding(preset="rate-limiting"), TOML, 5, id="preset"),
        pytest.param(finding(preset="rate-limiting"), JSON, 3, id="preset-in-json"),
        pytest.param(finding(preset="other"), JSON, None, id="no-such-preset"),
        pytest.param(finding(), JSON, None, id="about-something-else"),
    ],
)
def test_line_of(tmp_path: Path, of: Finding, text: str, line: int | None) -> None:
    """The line of the rule's id, of the example's header, of the preset's name."""
    path = str(tmp_path / ("f.json" if text == JSON else "f.toml"))
    Path(path).write_text(text, encoding="utf-8")
    assert line_of(of, read_document(path, path), read_lines(path)) == line
