"""A verdict in, Locust's two files without the expected failures out."""

from __future__ import annotations

import csv
import io

import pytest
from builders import classification, endpoint_result, failure_kind, latency, verdict
from hypothesis import given

from loadgate.model import Verdict
from loadgate.render import render, render_csv
from loadgate.render.locust_csv import escape

from .cases import CASES
from .strategies import PROPERTY, verdicts


def read(text: str) -> list[list[str]]:
    """Return all rows of a CSV file."""
    return list(csv.reader(io.StringIO(text, newline="")))


@PROPERTY
@given(verdicts())
def test_any_verdict_reads_back(of: Verdict) -> None:
    """Rows are whole, endpoints distinct, true failures all there, and nothing is a formula."""
    stats, failures = (read(text) for text in render_csv(of))
    endpoints = of.classification.endpoints
    assert {len(row) for row in stats} == {len(stats[0])}
    assert {len(row) for row in failures} == {4}
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
    """Header, line ends, whole numbers, the total last; expected failures are gone."""
    row = endpoint_result(
        "/a,b",
        requests=200,
        expected=15,
        true=10,
        rps=4.0,
        latency=latency(avg=12.25, percentiles=(("50", 9.0), ("99.9", None))),
    )
    of = verdict(
        of=classification(
            endpoints=[row, endpoint_result("/none", requests=0, expected=0, true=1, rps=None)],
            failures=[
                failure_kind("boom", name="/a,b", decision="true", status=500),
                failure_kind("boom", name="/a,b", decision="true", status=None, count=1),
                failure_kind("lost", name="/none", decision="true", count=1),
                failure_kind("all", method="", name="Aggregated", decision="true", count=2),
                failure_kind(name="/a,b", count=15),
            ],
        )
    )
    stats, failures = render_csv(of)
    assert stats == render(of, "csv")
    assert stats.split("\r\n") == [
        "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"
        "Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,"
        "50%,95%,99%,99.9%",
        'POST,"/a,b",200,10,9,12.25,1,250,0,4,0.2,9,N/A,N/A,N/A',
        "POST,/none,0,1,9,12.5,1,250,0,N/A,0,N/A,N/A,N/A,N/A",
        ",Aggregated,200,11,9,12.5,1,250,0,5,0.275,9,40,120,N/A",
        "",
    ]
    assert failures.split("\r\n") == [
        "Method,Name,Error,Occurrences",
        'POST,"/a,b",boom,11',
        "POST,/none,lost,1",
        ",Aggregated,all,2",
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
    stats, failures = render_csv(
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
    stats, failures = (read(text) for text in render_csv(CASES["hostile"]))
    assert len(stats) == 5
    assert len(failures) == 3
