"""Bounds on what is read: each refused with a message, and the table of the docs."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import STATS_HEADER, WriteRun
from runs import made

from loadgate import gate, name_pattern, rules
from loadgate import matching as decide
from loadgate.action import branch, github_api
from loadgate.cli import run
from loadgate.locustfile import expressions, source
from loadgate.read import documents, history, report, statistics, tables
from loadgate.rules import document as rulesfile
from loadgate.rules.files import LONGEST_CHAIN
from loadgate.runs import candidate as sources
from loadgate.runs import remote
from loadgate.runs.cluster import ANSWER_WITHIN  # before a cluster of the tests changes it
from loadgate.schemas import schema

DOCS = Path(__file__).parent.parent / "docs" / "development" / "limits.md"
ROWS = re.compile(r"^\| ([^|]+) \| ([0-9,]+) \|$", re.MULTILINE)
VERSION = "version = 1\n"


def in_schema() -> int:
    """Return how many entries the schema lets each section of a rules file have."""
    sections_of = schema("rules")["properties"]
    sections = ("rules", "thresholds", "status_texts", "examples")
    (most,) = {sections_of[section]["maxItems"] for section in sections}
    return int(most)


def test_the_table_says_what_the_code_does() -> None:
    """Row by row, in its order."""
    assert [int(number.replace(",", "")) for _, number in ROWS.findall(DOCS.read_text("utf-8"))] == [
        rulesfile.SIZE_LIMIT,
        rulesfile.DEEPEST,
        LONGEST_CHAIN,
        rules.MOST_FILES,
        in_schema(),
        rules.MOST_ENTRIES,
        name_pattern.MOST_STEPS,
        gate.MOST_CHECKS,
        documents.LARGEST_DOCUMENT,
        documents.MOST_SIGNS,
        report.MOST_CELLS,
        tables.LONGEST_CELL,
        2 * tables.LONGEST_CELL,
        tables.MOST_CELLS,
        statistics.MOST_ROWS,
        name_pattern.LONGEST_NAME,
        sources.MOST,
        source.LARGEST,
        source.MOST_FILES,
        expressions.MOST_STEPS,
        remote.PATIENCE,
        ANSWER_WITHIN,
        branch.LARGEST,
        branch.MOST_RUNS,
        github_api.PATIENCE,
        decide.MOST_COMPARED,
    ]  # fmt: skip
    assert f"more than {history.LONGEST_TOTAL:,} characters are skipped" in DOCS.read_text("utf-8")


Refused = Callable[..., str]


@pytest.fixture
def refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Refused:
    """Return what runs a command in a folder of its own, and gives the message of its exit 2."""
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: object) -> str:
        assert run([str(argument) for argument in arguments]) == 2
        return capsys.readouterr().err

    return ran


@pytest.mark.parametrize(
    "line",
    [
        "{} = 1",
        '"=".{} = 1',
        "x = {{ {} = 1 }}",
        "x = [{{ a = 1, {} = 1 }}]",
        "[{}]",
        "[[{}]]",
        "'a' . \"b\" . {} = 1",
    ],
)
def test_dotted_keys(line: str, refused: Refused) -> None:
    """Wherever one stands: each part costs tomllib as much as all before it."""
    Path("x.toml").write_text(VERSION + line.format(" . ".join("a" * 200_000)))
    assert "x.toml: is nested too deeply" in refused("rules", "test", "./x.toml")


def test_dots_that_are_no_key(tmp_path: Path) -> None:
    """Texts and comments hold as many as they like, and values of a list have some each."""
    dots = "." * 1000
    why = f"why = '{dots}'  # {dots}\nstatus = [{'409.0,' * 30}]"
    path = tmp_path / "x.toml"
    path.write_text(f'{VERSION}[[rules]]\nid = "a"\nendpoint = "/{dots}"\n{why}\n')
    document = rulesfile.read_document(str(path), "x")
    assert document["rules"][0]["why"] == dots


def test_examples_of_rules_that_are_not_there(refused: Refused) -> None:
    """A known name is sought for the first few only."""
    text = VERSION + '[[rules]]\nid = "conflict"\nendpoint = "/a"\nstatus = 409\nwhy = "x"\n'
    example = (
        '[[examples]]\nendpoint = "GET /a"\nerror = "x"\nexpect = "failure"\nrule = "conflic"\n'
    )
    Path("x.toml").write_text(text + example * 30)
    told = refused("rules", "test", "./x.toml")
    assert told.count("there is no rule") == 30
    assert told.count("did you mean") == 10


def test_files_that_are_extended(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file adds to what every failure is held against."""
    monkeypatch.setattr(rules, "MOST_FILES", 3)
    for name, extended in (("a", "b"), ("b", "c"), ("c", "d"), ("d", "")):
        names = [f"{extended}.toml"] if extended else []
        Path(f"{name}.toml").write_text(f"{VERSION}extends = {json.dumps(names)}\n")
    assert "c.toml: extends more than 2" in refused("rules", "test", "./a.toml")


def test_entries_of_all_files(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with as many as it may have is not multiplied by those that it extends."""
    monkeypatch.setattr(rules, "MOST_ENTRIES", 3)
    text = '[[status_texts]]\ntext = "refused {status}"\n'
    Path("a.toml").write_text(f'{VERSION}extends = ["b.toml"]\n' + text * 2)
    Path("b.toml").write_text(VERSION + text * 2)
    told = refused("rules", "test", "./a.toml")
    assert "status_texts: 4 " in told
    assert "at most 3" in told


def test_rules_that_are_compared(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two patterns, many methods and statuses: what a comparison costs is counted."""
    rule = '[[rules]]\nid = "{}"\nendpoint = "{}"\nstatus = {}\nwhy = "x"\n'
    intricate = rule.format(1, "/**a**b**c**d", 409) + rule.format(2, "/**a*b**c*a**d", 409)
    many = rule.format(1, "/a", [*range(100, 600)]) + rule.format(2, "/b", [*range(100, 600)])
    monkeypatch.setattr(name_pattern, "MOST_STEPS", 100)
    for text in (intricate, many):
        Path("x.toml").write_text(VERSION + text)
        assert "too complex to compare" in refused("rules", "lint", "./x.toml")


def test_checks_of_a_run(
    refused: Refused, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thresholds times endpoints."""
    monkeypatch.setattr(gate, "MOST_CHECKS", 5)
    run_ = write_run([("GET", f"/{number}", 10, 0) for number in range(3)], [])
    Path("x.toml").write_text(
        VERSION + '[[thresholds]]\nrequire = "p95 <= 1s"\nendpoint = "/**"\n' * 2
    )
    assert "2 thresholds make more than 5 checks" in refused("check", run_, "--rules", "./x.toml")


def page(cells: str) -> str:
    """Return a report of an older release."""
    return f"<h2>Request Statistics</h2><table><thead><tr>{cells}</tr></thead></table>"


@pytest.mark.parametrize(
    ("name", "text", "constant", "told"),
    [
        ("a.json", '{"stats": [' + "[]," * 9 + '[]], "errors": []}', "documents.MOST_SIGNS", "commas"),
        ("b.json", '{"stats": [' + "1.5," * 9 + '1], "errors": []}', "documents.MOST_SIGNS", "commas"),
        ("a.html", '<title>Locust</title>window.templateArgs = {"a": [' + "[]," * 9, "documents.MOST_SIGNS", "commas"),
        ("b.html", page("<td></td>" * 9), "report.MOST_CELLS", "a table of more than 5 cells"),
        ("c.html", page("<td></td></tr><tr>" * 9), "report.MOST_CELLS", "of more than 5 cells"),
    ],
)  # fmt: skip
def test_values_of_a_document(
    name: str,
    text: str,
    constant: str,
    told: str,
    refused: Refused,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each takes many times the memory of its text."""
    monkeypatch.setattr(f"loadgate.read.{constant}", 5)
    Path(name).write_text(text)
    assert told in refused("check", name)
    if name == "a.json":
        assert told in refused("compare", name, name)


@pytest.mark.parametrize("row", [["ab"] * 21, ['"', "\n" + "," * 99, *["a"] * 20], [",\n"] * 21])
def test_cells_of_a_row(row: list[str], refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the header, in a row, behind a cell with line breaks and quotes in it."""
    monkeypatch.setattr(tables, "MOST_CELLS", 20)
    for number, rows in enumerate(([STATS_HEADER[:2] + row], [STATS_HEADER[:10], row])):
        path = Path(f"{number}_stats.csv")
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        assert "a row has more than 20 cells" in refused("check", path)


def test_delimiters_in_a_text_are_no_cells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However many a text holds, in each of its lines."""
    monkeypatch.setattr(tables, "MOST_CELLS", 20)
    rows: list[list[str]] = [["Type", "Name"], ["a", f'{"," * 99}"\n{"," * 99}""\n{"," * 99}', "b"]]
    path = tmp_path / "x_stats.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    with tables.rows(str(path)) as read:
        assert list(read) == rows
        assert read.line_num == 4


@pytest.mark.parametrize("line", ["\n", "\r", "\r\n", ",\n", '""\n', ',"'])
def test_lines_of_a_cell(line: str, tmp_path: Path) -> None:
    """A cell may have millions: next to nothing is done for each."""
    path = tmp_path / "x_stats.csv"
    path.write_bytes(f'Type,Name\r\na,"{line.replace(chr(34), chr(34) * 2) * 5000}"\r\n'.encode())
    done = 0

    def count(_frame: object, event: str, _function: object) -> None:
        nonlocal done
        done += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        with tables.rows(str(path)) as read:
            rows_read = list(read)
    finally:
        sys.setprofile(None)
    assert rows_read[1] == ["a", line * 5000]
    assert done < 3 * 5000


def test_failures_of_a_baseline(
    refused: Refused, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each rule that looks at texts, and each status text, is held against each of them."""
    rule = '[[rules]]\nid = "{0}"\nendpoint = "/**"\n{1}\nwhy = "x"\n'
    by_text = "".join(rule.format(name, f'error = "*{name}*"') for name in "abc")
    taught = '[[status_texts]]\ntext = "refused {status}"\n' * 3
    Path("text.toml").write_text(VERSION + by_text)
    Path("taught.toml").write_text(VERSION + taught + rule.format("a", "status = 409"))
    made.write(Path("base.json"))
    run_ = write_run()
    for name, most in (*(("text", most) for most in range(20, 120, 8)), ("taught", 100)):
        monkeypatch.setattr(decide, "MOST_COMPARED", most)
        told = refused("check", run_, "--baseline", "base.json", "--rules", f"./{name}.toml")
        assert "base.json: has too many failures to decide them again by so many rules" in told


@pytest.mark.parametrize("kind", ["stats", "failures", "json"])
def test_names(
    kind: str, refused: Refused, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every pattern with wildcards looks at each character."""
    monkeypatch.setattr("loadgate.read.statistics.LONGEST_NAME", 5)
    monkeypatch.setattr("loadgate.read.failures.LONGEST_NAME", 5)
    name = "/abcde"
    path: Any = write_run([("GET", "/", 10, 1)], [("GET", "/", "x", 1)])
    if kind == "stats":
        path = write_run([("GET", name, 10, 1)], [("GET", name, "x", 1)])
    if kind == "failures":
        path = write_run([("GET", "/", 10, 1)], [("GET", name, "x", 1)])
    if kind == "json":
        row = {"method": "GET", "name": name, "num_requests": 1, "num_failures": 0}
        path = Path("web.json")
        path.write_text(json.dumps({"stats": [row], "errors": []}))
    assert "has a name of 6 characters, more than 5" in refused("check", path)


def test_rows_of_statistics(
    refused: Refused, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Damaged rows count, too."""
    monkeypatch.setattr(statistics, "MOST_ROWS", 3)
    path = write_run([("GET", f"/{name}", 10, 0) for name in "abc"], [])
    assert "has more than 3 rows" in refused("check", path)
    path = Path("damaged_stats.csv")
    path.write_text(",".join(STATS_HEADER) + "\n" + "a\n" * 4)
    assert "has more than 3 rows" in refused("check", str(path))


def test_lines_of_a_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long line is passed over in pieces; what follows is read."""
    monkeypatch.setattr(history, "LONGEST_TOTAL", 120)
    header = "Timestamp,User Count,Type,Name,Total Request Count,Total Failure Count\n"
    path = tmp_path / "x_stats_history.csv"
    total = ",1,,Aggregated,{},0\n"
    path.write_text(
        header + f"1700000000{total.format(5)}Aggregated{',ab' * 999}\n1700000001{total.format(9)}"
    )
    read = history.read_history(str(path))
    assert read is not None
    assert read.requests == 9


@pytest.mark.parametrize(
    ("more", "most"),
    [
        pytest.param('[[rules]]\nid = "a"\nendpoint = "/*"\nstatus = 409\n', 9, id="names"),
        pytest.param('[[status_texts]]\ntext = "no {status}"\n' * 20, 4, id="wordings"),
        pytest.param('[[thresholds]]\nrequire = "p50 <= 1s"\nendpoint = "/*"\n', 9, id="limits"),
        pytest.param(
            '[[rules]]\nid = "a"\nendpoint = "/*"\nstatus = 500\nas = "failure"\n', 22, id="idle"
        ),
    ],
)
def test_what_a_run_is_held_against(
    more: str, most: int, refused: Refused, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each name and error text is held against each rule, wording and threshold."""
    why = 'why = "of two changes one is told"\n' if "[[rules]]" in more else ""
    Path("many.toml").write_text(VERSION + more + why)
    names = [f"/abcdefg{number}" for number in range(5)]
    run_ = write_run(
        [("GET", name, 10, 1) for name in names], [("GET", name, "x", 1) for name in names]
    )
    args = ("check", run_, "--rules", "./many.toml", "--strict-rules")
    monkeypatch.setattr(name_pattern, "MOST_STEPS", most)
    assert "too many names and error texts to hold each against so many rules" in refused(*args)
