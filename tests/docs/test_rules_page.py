"""docs/rules.md: what it says of mistakes and patterns is so, and it says everything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loadgate.errors import RulesError
from loadgate.metrics import METRICS
from loadgate.patterns import EndpointPattern
from loadgate.rules import load_policy, presets
from loadgate.schemas import schema

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def _tables(first_column: str) -> list[list[str]]:
    """Return the rows, as cells, of the tables whose first column is called so."""
    rows = []
    inside = False
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == first_column:
            inside = True
        elif inside and not set(line) <= set("|- "):
            rows.append(cells)
    return rows


def test_the_page_has_examples() -> None:
    """The page begins with an example; that the blocks are found is what the next test needs."""
    assert len(BLOCKS) >= 5
    assert PAGE.index("```toml") < PAGE.index("## ")


def test_the_shown_problems_are_the_real_ones(tmp_path: Path) -> None:
    """The error messages on the page are what the first example gives with those two mistakes."""
    shown = re.search(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert shown
    path = tmp_path / "loadgate.toml"
    head, tail = BLOCKS[0].split("[[thresholds]]", 1)
    head = head.replace('at_most = "25%"', 'at_most = "25%"\nstatuss = 409')
    tail = tail.replace("true_failure_rate <= 0.1%", "p95 <= 800", 1)
    path.write_text(f"{head}[[thresholds]]{tail}", encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        load_policy(path)
    assert str(caught.value).replace(str(path), "loadgate.toml") == shown[1].strip()


def _patterns() -> list[tuple[str, str, bool]]:
    cases = []
    for pattern, hits, misses in _tables("pattern"):
        for cell, expected in ((hits, True), (misses, False)):
            cases += [
                (pattern.strip("`"), name, expected) for name in re.findall(r"`([^`]+)`", cell)
            ]
    return cases


@pytest.mark.parametrize(
    ("pattern", "endpoint", "expected"),
    [pytest.param(*case, id=f"{case[0]}-{case[1]}") for case in _patterns()],
)
def test_the_table_of_patterns_is_true(pattern: str, endpoint: str, expected: bool) -> None:
    """What the page says matches does, and what it says does not does not."""
    method, _, name = endpoint.partition(" ")
    assert EndpointPattern.parse(pattern).matches(method, name) is expected


def test_every_key_is_explained() -> None:
    """Each key of the schema has its row, and no row is about a key that there is not."""
    properties = schema("rules")["properties"]
    keys = {key for key in properties if "items" not in properties[key] or key == "extends"}
    tables = [key for key in properties if "properties" in properties[key].get("items", ())]
    keys |= {f"[[{key}]]" for key in tables}
    for table in tables:
        keys |= set(properties[table]["items"]["properties"])
    rows = [*_tables("key of the file"), *_tables("key")]
    explained = {key for row in rows for key in re.findall(r"`([^`]+)`", row[0])}
    assert keys - explained == {"text"}  # it has a section of its own
    assert explained <= keys
    assert "\ntext = " in PAGE


def test_every_metric_is_explained() -> None:
    """Each metric is named in the table that the reference is made from, percentiles by examples."""
    table = (Path(__file__).parents[2] / "docs" / "site" / "metrics.md").read_text("utf-8")
    rows = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert set(METRICS) - named <= {"p90", "p99"}


def test_every_preset_is_explained() -> None:
    """The table of presets names each with its rules and their budgets."""
    rows = _tables("name")
    assert {row[0].strip("`") for row in rows} - {""} == set(presets())
    told = {(row[2].strip("`"), row[3]) for row in rows}
    rules = [rule for name in presets() for rule in load_policy(name).rules]
    assert told == {(rule.id, rule.at_most_text) for rule in rules}
