"""Results made to fool the reader: forged rows, ambiguous documents, numbers that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import STATS_HEADER, WriteRun

from loadgate import read_run
from loadgate.errors import ContradictionError, ResultError

LATENCY = "9,10.5,1,100,42,5.0,0.1,10,11,12,13,14,15,16,17,18,19,20"
HEADER = ",".join(STATS_HEADER)
OLD_TABLE = "<tr><th>Method</th><th>Name</th><th>Error</th><th>Occurrences</th></tr>"
REQUESTS = (
    "<h2>Request Statistics</h2><table><tr><th>Method</th><th>Name</th><th># Requests</th>"
    "<th># Fails</th><th>Average (ms)</th><th>Min (ms)</th><th>Max (ms)</th><th>RPS</th></tr>"
    "<tr><td>GET</td><td>/a</td><td>9</td><td>2</td><td>1</td><td>1</td><td>1</td><td>1</td></tr>"
    "<tr><td></td><td>Aggregated</td><td>9</td><td>2</td><td>1</td><td>1</td><td>1</td><td>1</td>"
    "</tr></table>"
)


def statistics(path: Path, *rows: str, header: str = HEADER) -> Path:
    """Write a statistics file."""
    path.write_text("\n".join([header, *(f"{row},{LATENCY}" for row in rows), ""]))
    return path


def report(path: Path, error: str) -> Path:
    """Write a report of Locust before 2.10.2, which put the error text into the page as it was."""
    failures = f"<tr><td>GET</td><td>/a</td><td>{error}</td><td>2</td></tr>"
    path.write_text(
        f"{REQUESTS}<h2>Failures Statistics</h2><table>{OLD_TABLE}{failures}</table></html>"
    )
    return path


def test_an_error_text_that_ends_its_row_in_a_csv_file(write_run: WriteRun) -> None:
    """Before 1.1 quotes are not doubled: a text could end its row at 0 and begin an excused one."""
    stats = write_run([("POST", "/a/state", 10, 2)], [])
    text = 'boom",0\n"POST","/a/state","Expected [200], got 409'
    stats.with_name("run_failures.csv").write_text(
        f'"Method","Name","Error","Occurrences"\n"POST","/a/state","{text}",2\n'
    )
    log = read_run(stats).failure_log
    assert log is not None
    with pytest.raises(ContradictionError, match='line 2 has an invalid "Occurrences"'):
        list(log.rows([]))
    log = read_run(stats, allow_partial=True).failure_log
    assert log is not None
    damage: list[str] = []
    assert sum(row[3] for row in log.rows(damage)) == 2
    assert len(damage) == 1


def test_an_error_text_that_ends_its_row_in_a_report(tmp_path: Path) -> None:
    """The same trick in a page."""
    assert read_run(report(tmp_path / "run.html", "boom")).total.failures == 2
    forged = "boom</td><td>0</td></tr><tr><td>GET</td><td>/a</td><td>got 409"
    with pytest.raises(ResultError, match="Occurrences.*'0'"):
        read_run(report(tmp_path / "run.html", forged))


def test_an_error_text_that_adds_a_table_to_a_report(tmp_path: Path) -> None:
    """A second table of requests would make the rate of failures smaller."""
    with pytest.raises(ResultError, match='two tables "Request Statistics"'):
        read_run(report(tmp_path / "run.html", f"boom</td></tr></table>{REQUESTS}<table>"))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            'x window.templateArgs = {"requests_statistics":[{"method":"","name":"Aggregated",'
            '"num_requests":9,"num_failures":0}],"failures_statistics":[]}',
            id="data-of-a-newer-report",
        ),
        pytest.param("500 Server Error: <td>409 Client Error: Conflict for url: /a", id="cell"),
        pytest.param("Expected [200], got 500: <th>Expected [200], got 409", id="heading"),
        pytest.param("500 Server Error: <tr>409", id="row"),
        pytest.param("409 Client Error: Conflict<!-- for url: /a", id="comment"),
        pytest.param("500 Server Error: --> for url: /a", id="end-of-a-comment"),
        pytest.param('409 Client Error: Conflict <a b="', id="attribute"),
        pytest.param("500 Server Error: <![x for url", id="no-markup-at-all"),
        pytest.param("500 Server Error <script> for url", id="script"),
        pytest.param("a <textarea> b <plaintext>", id="text-that-swallows-all"),
    ],
)
def test_an_error_text_of_markup_is_a_text(tmp_path: Path, text: str) -> None:
    """Whatever HTML would make of it: it is all in its cell, and nothing else is gone."""
    run = read_run(report(tmp_path / "run.html", text))
    assert run.failure_log is not None
    assert [*run.failure_log.rows([])] == [("GET", "/a", text, 2)]
    assert (run.total.requests, run.total.failures) == (9, 2)


def test_the_total_is_no_endpoint_when_damage_follows_it(tmp_path: Path) -> None:
    """Counting the total as an endpoint would double the requests and halve every rate."""
    stats = statistics(tmp_path / "run_stats.csv", "GET,/a,10,2", ",Aggregated,10,2")
    stats.write_text(stats.read_text() + "GET,/b\n")
    with pytest.raises(ContradictionError, match="line 4 has 2 columns"):
        read_run(stats)
    run = read_run(stats, allow_partial=True)
    assert (run.total.requests, run.total.failures) == (10, 2)
    assert [row.name for row in run.endpoints] == ["/a"]


def web(**more: object) -> dict[str, Any]:
    """Return a /stats/requests document without requests."""
    total = {"name": "Aggregated", "method": "", "num_requests": 0, "num_failures": 0}
    return {"stats": [total | more], "errors": []}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            '{"stats": [], "errors": [], "errors": []}', 'duplicate key "errors"', id="top"
        ),
        pytest.param(
            '[{"num_requests": 1, "num_requests": 9, "response_times": {}}]',
            'duplicate key "num_requests"',
            id="count-twice",
        ),
        pytest.param(json.dumps(web(avg_response_time=10**400)), "a time or rate", id="huge-int"),
        pytest.param(json.dumps(web(num_requests=10**400)), "not a count", id="huge-count"),
        pytest.param(json.dumps(web(total_rps=1)).replace("1}", "1e999}"), "rate", id="infinite"),
        pytest.param(f'{{"stats": {"1" * 5000}, "errors": []}}', "not valid JSON", id="digits"),
    ],
)
def test_json_that_can_be_read_in_two_ways_or_none(tmp_path: Path, text: str, problem: str) -> None:
    """A key that stands twice, and numbers beyond all bounds, are errors and no crash."""
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(ResultError, match=problem):
        read_run(tmp_path / "run.json")


def test_half_a_character(tmp_path: Path) -> None:
    """JSON can escape half of a character, which no output could be written with."""
    document = web()
    document["stats"].insert(0, {**document["stats"][0], "name": "/\ud83d", "method": "GET"})
    (tmp_path / "run.json").write_text(json.dumps(document))
    (endpoint,) = read_run(tmp_path / "run.json").endpoints
    assert endpoint.name == r"/\ud83d"


def test_an_endpoint_called_like_the_total_ends_a_document(tmp_path: Path) -> None:
    """An endpoint with a method is no total, whatever its name."""
    (tmp_path / "run.json").write_text(json.dumps(web(method="GET", num_requests=5)))
    with pytest.raises(ContradictionError, match="truncated"):
        read_run(tmp_path / "run.json")


def test_columns_that_stand_twice(write_run: WriteRun, tmp_path: Path) -> None:
    """Which of two columns is meant is not guessed."""
    twice = HEADER.replace("Average Content Size", "Failure Count")
    with pytest.raises(ResultError, match="'Failure Count' twice"):
        read_run(statistics(tmp_path / "twice_stats.csv", header=twice))
    stats = write_run()
    stats.with_name("run_failures.csv").write_text("Method,Name,Error,Occurrences,Error\n")
    with pytest.raises(ResultError, match="not a Locust failures CSV"):
        read_run(stats)


def test_percentiles_in_any_order(tmp_path: Path) -> None:
    """Which percentiles Locust writes is its user's choice: they are read in rising order, once."""
    header = HEADER.replace("50%,66%,75%", "99.5%,50%,50%")
    stats = statistics(tmp_path / "x_stats.csv", "GET,/a,1,0", ",Aggregated,1,0", header=header)
    names = [name for name, _ in read_run(stats).total.latency.percentiles]
    assert names == ["50", "80", "90", "95", "98", "99", "99.5", "99.9", "99.99", "100"]


def test_a_cell_beyond_the_bound(write_run: WriteRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows a cell that cannot be read is not read: it may be the inside of that cell."""
    stats = write_run([("POST", "/a/state", 10, 4)], [("POST", "/a/state", "boom", 1)])
    with stats.with_name("run_failures.csv").open("a") as file:
        file.write(f'POST,/a/state,"{"x" * 2000}\nPOST,/a/state,got 409,3\n')
    monkeypatch.setattr("loadgate.read.tables.LONGEST_CELL", 1000)
    log = read_run(stats, allow_partial=True).failure_log
    assert log is not None
    damage: list[str] = []
    assert list(log.rows(damage)) == [("POST", "/a/state", "boom", 1)]
    assert "what follows is left out" in damage[0]


@pytest.mark.parametrize("end", ["</table>", "<h2>Something else</h2>", "<h2>"])
def test_an_error_text_that_ends_its_table(tmp_path: Path, end: str) -> None:
    """What is left of its row is no row; the failures that it hides have no text, so are true."""
    path = report(tmp_path / "run.html", f"got 409{end}</td><td>2</td></tr><tr><td>")
    try:
        log = read_run(path).failure_log
    except ResultError:
        return
    assert log is not None
    assert list(log.rows([])) == []
