"""docs/custom-users.md: its texts are read as it says, and its rules decide them."""

from __future__ import annotations

import re

import pytest
from docs.console import ROOT, blocks

from loadgate.patterns import EndpointPattern
from loadgate.status import read_status

PAGE = ROOT / "docs" / "custom-users.md"
TEXT = PAGE.read_text("utf-8")
READ = re.findall(r"^\| `(\w+\(.*\))` \| (\d+|unknown)", TEXT, re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "status"), [pytest.param(*row, id=row[0].partition("(")[0]) for row in READ]
)
def test_the_table_of_texts_is_true(text: str, status: str) -> None:
    """A status is read where the page says so, and nowhere else."""
    assert read_status(text).status == (int(status) if status.isdigit() else None)


def test_the_page_has_both_kinds() -> None:
    """Texts with a status and texts without one."""
    assert {status.isdigit() for _, status in READ} == {True, False}


@pytest.mark.parametrize(
    ("pattern", "method", "name"),
    [
        ("grpc /shop.Stock/*", "grpc", "/shop.Stock/Reserve"),
        ("WSS /chat**", "WSS", "/chat send"),
        ("AMQP orders", "AMQP", "orders"),
    ],
)
def test_the_patterns_match_the_names(pattern: str, method: str, name: str) -> None:
    """Each pattern of the first table matches the name beside it."""
    assert f"`{pattern}`" in TEXT
    assert EndpointPattern.parse(pattern).matches(method, name)


def test_the_rule_is_on_the_exception_of_the_locustfile() -> None:
    """What the example raises is what the example excuses."""
    (locustfile,) = [block.text for block in blocks(PAGE) if block.language == "python"]
    rules = (ROOT / "docs" / "cookbook.md").read_text("utf-8")
    assert "class CallFailed(Exception)" in locustfile
    assert "CallFailed('ABORTED: *')" in rules
    compile(locustfile, "locustfile.py", "exec")
