"""What the totals of a history CSV say of a run, second by second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loadgate.model import TimeSpan
from loadgate.read.history import History, Reset, read_history

HEAD = "Timestamp,User Count,Type,Name,Total Request Count,Total Failure Count\n"
OLD = "Type,Name,Timestamp,# requests,# failures\n"
START = datetime(2026, 11, 23, 6, 0, 0, tzinfo=UTC)
Second = tuple[int, int, int, int]
"""Seconds since the start, users, requests, failures."""


def at(seconds: int) -> datetime:
    """Return a time in seconds since the start."""
    return START + timedelta(seconds=seconds)


def history(tmp_path: Path, *seconds: Second, between: str = "") -> History:
    """Return what a history with these totals says, other lines between them."""
    rows = [
        f"{int(at(second).timestamp())},{users},,Aggregated,{requests},{failures}\n{between}"
        for second, users, requests, failures in seconds
    ]
    path = tmp_path / "run_stats_history.csv"
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    found = read_history(str(path))
    assert found is not None
    return found


def test_when_a_test_ran(tmp_path: Path) -> None:
    """From the first row, in which there is nothing yet, to the last."""
    found = history(tmp_path, (0, 0, 0, 0), (1, 5, 9, 1), (2, 40, 90, 4), (3, 40, 200, 9))
    assert found.active == TimeSpan(started=at(0), ended=at(3), source="history")
    assert (found.begin, found.first, found.last) == (at(0), at(1), at(3))
    assert (found.requests, found.failures, found.users) == (200, 9, 40)
    assert found.resets == []


def test_waiting_is_no_part_of_a_test(tmp_path: Path) -> None:
    """A master waits for its workers, and a web UI for its user, before a test and after it."""
    found = history(
        tmp_path, (0, 0, 0, 0), (300, 0, 0, 0), (301, 5, 0, 0), (330, 5, 80, 0), (600, 0, 80, 0)
    )
    assert (found.active.started, found.active.ended) == (at(301), at(330))
    assert (found.begin, found.first) == (at(0), at(330))


def test_a_test_without_requests(tmp_path: Path) -> None:
    """It has users and nothing else; or not even those."""
    found = history(tmp_path, (0, 0, 0, 0), (1, 5, 0, 0), (9, 5, 0, 0))
    assert (found.active.started, found.active.ended) == (at(1), at(9))
    found = history(tmp_path, (0, 0, 0, 0), (9, 0, 0, 0))
    assert (found.active.started, found.active.ended, found.users) == (at(9), at(9), 0)
    found = history(tmp_path, (0, 3, 0, 0))
    assert (found.active.started, found.active.ended) == (at(0), at(0))


def test_statistics_that_were_reset(tmp_path: Path) -> None:
    """Totals only grow, so where they fall something was lost; the test itself goes on."""
    found = history(
        tmp_path, (0, 0, 0, 0), (1, 9, 50, 5), (2, 9, 673, 93), (3, 9, 218, 28), (4, 9, 400, 40)
    )
    assert found.resets == [Reset(at=at(3), requests=673, failures=93)]
    assert (found.begin, found.first) == (at(2), at(3))
    assert (found.active.started, found.active.ended) == (at(0), at(4))
    assert (found.requests, found.failures) == (400, 40)


def test_workers_begin_anew_from_nothing(tmp_path: Path) -> None:
    """A master's totals fall to nothing, and grow when the workers report."""
    found = history(tmp_path, (0, 9, 0, 0), (3, 9, 60, 5), (4, 9, 0, 0), (7, 9, 50, 2))
    assert found.resets == [Reset(at=at(4), requests=60, failures=5)]
    assert (found.begin, found.first) == (at(3), at(7))
    assert found.active.started == at(0)


def test_a_second_test_of_a_web_ui(tmp_path: Path) -> None:
    """Between two tests there are no users: the second one is what the other files hold."""
    found = history(
        tmp_path, (0, 9, 60, 0), (5, 0, 90, 0), (60, 0, 90, 0), (61, 5, 20, 1), (70, 7, 80, 1)
    )
    assert (found.active.started, found.active.ended) == (at(60), at(70))
    assert found.resets == [Reset(at=at(61), requests=90, failures=0)]


def test_old_releases_do_not_tell_users(tmp_path: Path) -> None:
    """0.13 and 0.14 have other columns, and "None" for the type of the total."""
    path = tmp_path / "run_stats_history.csv"
    start = int(START.timestamp())
    path.write_text(
        f'{OLD}"None","Aggregated",{start},10,1\n"None","Aggregated",{start + 5},30,2\n'
    )
    found = read_history(str(path))
    assert found is not None
    assert (found.users, found.requests, found.active.ended) == (None, 30, at(5))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("9,9,GET,Aggregated,1,1\n", id="endpoint-called-like-the-total"),
        pytest.param("9,9,GET,/a,1,1\n", id="endpoint"),
        pytest.param("9,9,,Aggregated,1\n", id="cut"),
        pytest.param("9,9,,Aggregated,x,1\n", id="no-count"),
        pytest.param("9,9,,Aggregated,1,x\n", id="no-count-of-failures"),
        pytest.param("never,9,,Aggregated,1,1\n", id="no-time"),
        pytest.param(f'9,9,,"Aggregated{"x" * 200_000}"\n', id="longer-than-a-cell-may-be"),
        pytest.param('"Aggregated\n', id="open-quote"),
    ],
)
def test_what_is_no_total_is_passed_over(tmp_path: Path, line: str) -> None:
    """Rows of endpoints, and what was damaged, neither count nor hide what comes behind them."""
    found = history(tmp_path, (0, 0, 0, 0), (5, 9, 80, 8), between=line)
    assert (found.requests, found.failures, found.last) == (80, 8, at(5))
    assert found.resets == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(HEAD, id="no-rows"),
        pytest.param("a,b\n1,Aggregated\n", id="no-history"),
        pytest.param("Timestamp,Name\r\n1,Aggregated\r\n", id="no-totals"),
        pytest.param("Timestamp,Type,Name\n1,,Aggregated\n", id="no-counts"),
        pytest.param(f"{HEAD}never,1,,Aggregated,0,0\n", id="no-times"),
        pytest.param(OLD, id="old"),
    ],
)
def test_a_history_that_says_nothing(tmp_path: Path, text: str) -> None:
    """It stops nothing."""
    path = tmp_path / "run_stats_history.csv"
    path.write_text(text)
    assert read_history(str(path)) is None


@pytest.mark.parametrize("before", ["sep=,\r\n", "#TYPE Selected\r\n", "\r\n,,,\r\n"])
def test_lines_before_the_header(tmp_path: Path, before: str) -> None:
    """Those that a spreadsheet or PowerShell puts there, as in the other files."""
    path = tmp_path / "run_stats_history.csv"
    path.write_text(f"{before}{HEAD}1795413600,5,,Aggregated,9,1\n", encoding="utf-8")
    found = read_history(str(path))
    assert found is not None
    assert (found.requests, found.users) == (9, 5)


def test_a_second_test_that_soon_made_more_requests(tmp_path: Path) -> None:
    """Its totals do not fall, but there were no users in between: that was waiting."""
    found = history(
        tmp_path,
        (0, 1, 0, 0),
        (9, 1, 9, 0),
        (10, 0, 9, 0),
        (600, 0, 9, 0),
        (601, 50, 40, 0),
        (630, 50, 900, 0),
    )
    assert (found.active.started, found.active.ended) == (at(600), at(630))
