"""Tests of a verdict as Locust's two files, without the expected failures."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import repeat
from pathlib import Path

import pytest
from builders import (
    Rows,
    classification,
    endpoint_result,
    failure_kind,
    failure_row,
    latency,
    policy,
    rule,
    run,
    verdict,
)
from hypothesis import given

from loadgate import LoadgateError, read_run
from loadgate.classify import classify
from loadgate.gate import evaluate
from loadgate.model import FailureRow, Rule, Run, Verdict
from loadgate.render import render, render_csv
from loadgate.render.verdict.locust_csv import escape

from .cases import CASES
from .strategies import PROPERTY, verdicts


def written(of: Verdict) -> tuple[str, str]:
    """Return both files as texts."""
    stats, failures = map("".join, render_csv(of))
    return stats, failures


MARK = "loadgate: without the expected failures of run_stats.csv"


def write(path: Path, *lines: str) -> None:
    """Write lines as Locust does."""
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode())


def read(text: str) -> list[list[str]]:
    """Return all rows of a CSV file."""
    return list(csv.reader(io.StringIO(text, newline="")))


@PROPERTY
@given(verdicts())
def test_any_verdict_reads_back(of: Verdict) -> None:
    """Rows are whole, endpoints distinct, true failures all there, and nothing is a formula."""
    stats, failures = map(read, written(of))
    endpoints = of.classification.endpoints
    assert {len(row) for row in stats} == {len(stats[0])}
    assert {len(row) for row in failures} == {5}
    assert {row[-1] for row in (*stats[1:], *failures[1:])} == {""}
    assert [int(row[3]) for row in stats[1:-1]] == [row.true for row in endpoints]
    assert stats[-1][:4] == [
        "", "Aggregated",
        str(of.classification.total.stats.requests), str(of.classification.total.true),
    ]  # fmt: skip
    names = [tuple(row[:2]) for row in stats[1:-1]]
    assert len(set(names)) == len(names)
    true = [kind.count for kind in of.classification.failures if kind.decision == "true"]
    assert sum(int(row[3]) for row in failures[1:]) == sum(true)
    if endpoints:
        assert {tuple(row[:2]) for row in failures[1:]} <= set(names)
    cells = [cell for row in (*stats[1:], *failures[1:]) for cell in row]
    assert not any(cell.strip()[:1] in {"=", "@", "+"} for cell in cells if cell)


def test_files_look_as_locust_writes_them() -> None:
    """Header, line ends, whole numbers, the total last; what is not known is empty."""
    row = endpoint_result(
        "/a,b",
        requests=200,
        expected=15,
        true=10,
        rps=4.0,
        latency=latency(avg=12.25, percentiles=(("50", 9.0), ("99.9", None))),
        content_size=10.5,
    )
    none = latency(percentiles=(("50", 9.0), ("95", 40.0), ("99", None)))
    of = verdict(
        of=classification(
            endpoints=[
                row,
                endpoint_result("/none", requests=0, expected=0, true=1, rps=None, latency=none),
            ],
            failures=[
                failure_kind("boom", name="/a,b", decision="true", status=500),
                failure_kind("boom", name="/a,b", decision="true", status=None, count=1),
                failure_kind("lost", name="/none", decision="true", count=1),
                failure_kind("all", method="", name="Aggregated", decision="true", count=2),
                failure_kind(name="/a,b", count=15),
            ],
        )
    )
    stats, failures = written(of)
    assert stats == render(of, "csv")
    assert stats.split("\r\n") == [
        "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"
        "Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,"
        f"50%,95%,99%,99.9%,{MARK}",
        'POST,"/a,b",200,10,9,12.25,1,250,10.5,4,0.2,9,,,,',
        "POST,/none,0,1,9,12.5,1,250,,,,9,40,N/A,,",
        ",Aggregated,200,11,9,12.5,1,250,,5,0.275,9,40,120,,",
        "",
    ]
    assert failures.split("\r\n") == [
        f"Method,Name,Error,Occurrences,{MARK}",
        'POST,"/a,b",boom,10,',
        'POST,"/a,b",boom,1,',
        "POST,/none,lost,1,",
        ",Aggregated,all,2,",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        pytest.param("=1+1", "'=1+1", id="equals"),
        pytest.param("+1", "'+1", id="plus"),
        pytest.param("-1", "'-1", id="minus"),
        pytest.param("@sum", "'@sum", id="at"),
        pytest.param(" \n=1", "' \n=1", id="behind-white-space"),
        pytest.param("\x00=1", "'=1", id="behind-control"),
        pytest.param("\ta", "'\ta", id="tab"),
        pytest.param("\ra", "'\ra", id="carriage-return"),
        pytest.param("\uff1d1", "'\uff1d1", id="full-width"),
        pytest.param("/a=b", "/a=b", id="inside"),
        pytest.param("a\ud800\x1b[m", "a\ufffd[m", id="no-text"),
    ],
)
def test_no_cell_is_a_formula(text: str, cell: str) -> None:
    """What a spreadsheet would calculate is marked as text."""
    assert escape(text) == cell


def test_escaping_keeps_endpoints_apart() -> None:
    """Two endpoints never become one row, and failures stay with theirs."""
    names = ["=a", "'=a"]
    stats, failures = written(
        verdict(
            of=classification(
                endpoints=[endpoint_result(name, expected=0, true=1) for name in names],
                failures=[failure_kind("x", name=name, decision="true") for name in names],
            )
        )
    )
    assert [row[1] for row in read(stats)[1:3]] == ["'=a", "'=a (2)"]
    assert [row[1] for row in read(failures)[1:]] == ["'=a", "'=a (2)"]


def test_hostile_names_stay_in_their_cell() -> None:
    """Line breaks and quotes in names do not make rows."""
    stats, failures = map(read, written(CASES["hostile"]))
    assert len(stats) == 5
    assert len(failures) == 3


def filtered(run_: Run, *rules: Rule) -> tuple[list[list[str]], list[list[str]]]:
    """Return the rows of both files of a run that is sorted by rules."""
    of = policy(*(rules or (rule(),)))
    stats, failures = written(evaluate(classify(run_, of), of))
    tables = read(stats), read(failures)
    for rows in tables:
        assert rows[0].pop() == f"{MARK[:-13]}{run_.sources[0].path}"
        assert {row.pop() for row in rows[1:]} <= {""}
    return tables


def test_what_the_files_say_is_carried_through(tmp_path: Path) -> None:
    """Columns, sizes, times and whole texts are those of the run; only true failures are left."""
    header = "Type,Name,# requests,# failures,Average response time,Average Content Size,New,"
    write(tmp_path / "run_stats.csv", f"{header}Requests Failed/s,Requests/s,99.999,50%",
          "POST,/a,10,4,1.5,42.25,x,0.8,2,,7.125", "None,Aggregated,10,4,1.5,x,x,0.8,2,N/A,7.5")  # fmt: skip
    text = "boom at 12:59:01 of http://h/x?token=hunter2"
    write(
        tmp_path / "run_failures.csv",
        "First Seen,Method,Name,Error,Occurrences,Note",
        f"2026-11-23T06:08:24Z,POST,/a,{text},1,=1+1",
        ",POST,/a,HTTP 409,2,",
        f",POST,/a,{text},1,later",
    )
    stats, failures = filtered(read_run(tmp_path / "run"), rule(endpoint="/**"))
    assert stats == [
        f"{header}Requests Failed/s,Requests/s,99.999,50%".split(","),
        "POST,/a,10,2,1.5,42.25,,0.4,2,,7.125".split(","),
        ",Aggregated,10,2,1.5,,,0.4,2,,7.5".split(","),
    ]
    shown = "boom at 12:59:01 of http://h/x?***"
    assert failures == [
        ["Method", "Name", "Error", "Occurrences", "First Seen", "Note"],
        ["POST", "/a", shown, "1", "2026-11-23T06:08:24Z", "'=1+1"],
        ["POST", "/a", shown, "1", "", "later"],
    ]


def test_rules_on_texts_decide_row_by_row() -> None:
    """A text that a rule fits is gone, others of the same kind stay as they are."""
    rows = [failure_row(f"{word} {number}") for word in ("lost", "late") for number in range(3)]
    _, failures = filtered(run(failures=rows), rule(statuses=None, error="late *"))
    assert [row[2] for row in failures[1:]] == ["lost 0", "lost 1", "lost 2"]


def test_a_run_without_error_texts_has_none() -> None:
    """Nothing stands for a text that nobody knows."""
    of = run(failures=None)
    stats, failures = filtered(of)
    assert stats[1][3] == "10"
    assert failures == [["Method", "Name", "Error", "Occurrences"]]


def test_rows_without_statistics_are_kept() -> None:
    """Where files are replaced while they are read, their rows are masked as all others."""
    of = classification(endpoints=[], failures=[failure_kind("x", name="=a", decision="true")])
    assert read(written(verdict(of=of))[1])[1] == ["POST", "'=a", "x", "10", ""]


def test_failures_are_written_as_they_are_read() -> None:
    """Of a log without an end the first piece is there, so memory does not grow with the rows."""

    class Endless(Rows):
        def rows(self, damage: list[str]) -> Iterator[FailureRow]:  # noqa: ARG002 - nothing is
            return repeat(failure_row("boom"))

    of = replace(classification(), true_log=Endless([]))
    pieces = render_csv(verdict(of=of))[1]
    assert next(pieces).count("boom") > 100


def test_real_files_keep_every_other_cell(shared: Path, tmp_path: Path) -> None:
    """Of what real Locusts wrote only counts of failures change, and rates with them."""
    csv.field_size_limit(1 << 20)
    compared = 0
    for folder in sorted((shared / "runs").glob("*__locust_catch__*")):
        path = tmp_path / folder.name / "run_stats.csv"
        path.parent.mkdir()
        for name in ("run_stats.csv", "run_failures.csv"):  # beside no source that knows more
            with suppress(FileNotFoundError):
                shutil.copy(folder / name, path.parent)
        with suppress(LoadgateError):
            found = read_run(path)
            stats, _ = filtered(found, rule(endpoint="/**"))
            before = {row[1]: row for row in read(path.read_text()) if row}
            header = stats[0]
            for row in stats:
                for name, old, new in zip(header, before[row[1]], row, strict=True):
                    if not re.search("fail|type", name, re.IGNORECASE):
                        assert number_or_text(old) == number_or_text(new), (path, name)
                        compared += 1
    assert compared > 1000


def number_or_text(cell: str) -> float | str:
    """Return a cell so that 5 and 5.0 are the same."""
    with suppress(ValueError):
        return float(cell)
    return cell
