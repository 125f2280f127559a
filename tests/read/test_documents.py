"""JSON of the web UI and of --json, HTML reports of both kinds, whole and damaged."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest

from loadgate import read_run
from loadgate.errors import ContradictionError, ResultError
from loadgate.model import Run
from loadgate.read import documents
from loadgate.read.report import read_report

TIMES = {
    "avg_response_time": 10.5,
    "min_response_time": 1,
    "max_response_time": 99.0,
    "median_response_time": 9,
    "response_time_percentile_0.95": 15,
    "total_rps": 5.0,
}


def entry(name: object = "/a", requests: object = 10, failures: object = 2, **more: object) -> Any:
    """Return an entry of the web UI's statistics."""
    return {
        "method": "POST",
        "name": name,
        "num_requests": requests,
        "num_failures": failures,
        **TIMES,
        **more,
    }


def total(requests: object = 10, failures: object = 2, **more: object) -> Any:
    """Return the entry of the total."""
    return entry("Aggregated", requests, failures, **{"method": "", **more})


def error(text: str = "Expected [200], got 409", count: object = 2, name: str = "/a") -> Any:
    """Return an entry of the errors."""
    return {"method": "POST", "name": name, "error": text, "occurrences": count}


def web(
    stats: list[Any] | None = None, errors: list[Any] | None = None, **more: object
) -> dict[str, Any]:
    """Return what /stats/requests answers."""
    return {
        "state": "stopped",
        "errors": [error()] if errors is None else errors,
        "stats": [entry(), total()] if stats is None else stats,
        **more,
    }


def saved(folder: Path, value: object, name: str = "requests.json") -> Path:
    """Write a JSON document."""
    path = folder / name
    path.write_text(json.dumps(value))
    return path


def rows_of(run: Run) -> list[tuple[str, str, str, int]]:
    """Return the failure rows of a run."""
    assert run.failure_log is not None
    return list(run.failure_log.rows([]))


def test_web_json(tmp_path: Path) -> None:
    """Statistics and errors come from one file."""
    run = read_run(saved(tmp_path, web()))
    assert (run.total.requests, run.total.failures) == (10, 2)
    assert run.endpoints[0].latency.percentiles == (("95", 15.0),)
    assert rows_of(run) == [("POST", "/a", "Expected [200], got 409", 2)]
    assert run.label == "requests"
    no_text = read_run(saved(tmp_path, web(errors=[{**error(), "error": None}])))
    assert rows_of(no_text) == [("POST", "/a", "", 2)]


def test_web_json_tells_of_sizes_and_times(tmp_path: Path) -> None:
    """What is no size is none, as nothing is judged by it; times are as CSV files have them."""
    seen = {**error(count=1), "first_seen": 1795414104.75, "last_seen": None}
    stats = [entry(avg_content_length=10.25), total(avg_content_length=-1)]
    run = read_run(saved(tmp_path, web(stats, [seen, error("b", 1)])))
    assert (run.endpoints[0].content_size, run.total.content_size) == (10.25, None)
    assert run.failure_log is not None
    assert run.failure_log.more == ("First Seen", "Last Seen")
    cells = [cells for _, cells in run.failure_log.full_rows([])]
    assert cells == [("2026-11-23T06:08:24Z", ""), ("", "")]


def test_web_json_of_old_releases(tmp_path: Path) -> None:
    """Through 2.27 errors are escaped, the total has no method, and the 90th percentile a name."""
    old = {"ninetieth_response_time": 14, "ninety_ninth_response_time": 20}
    stats = [entry("/a&b", **old), total(method=None, **old)]
    errors = [error("CatchResponseError(&#x27;got 409&#x27;)", name="/a&amp;b")]
    run = read_run(saved(tmp_path, web(stats, errors)))
    assert rows_of(run) == [("POST", "/a&b", "CatchResponseError('got 409')", 2)]
    assert [name for name, _ in run.total.latency.percentiles] == ["90", "95", "99"]


def test_web_json_that_was_cut(tmp_path: Path) -> None:
    """More than 500 endpoints cannot be judged from it; more than 500 errors count as true."""
    many = [entry(f"/{number}") for number in range(500)]
    path = saved(tmp_path, web([*many, total(9000, 4000)]))
    with pytest.raises(ContradictionError, match="first 500 endpoints"):
        read_run(path)
    assert read_run(path, allow_partial=True).total.failures == 4000
    errors = [error(f"text {number}", 1) for number in range(500)]
    run = read_run(saved(tmp_path, web([entry("/a", 900, 600), total(900, 600)], errors)))
    assert "first 500 errors" in run.warnings[0]


def test_web_json_without_a_total(tmp_path: Path) -> None:
    """A total that is missing is a contradiction; no entries at all are a run without requests."""
    with pytest.raises(ContradictionError, match="truncated"):
        read_run(saved(tmp_path, web([entry()])))
    assert read_run(saved(tmp_path, web([], []))).total.requests == 0


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        pytest.param(web([entry(requests="10")]), r"stats\[0\].num_requests", id="text"),
        pytest.param(web([entry(requests=10.0)]), "whole number", id="float"),
        pytest.param(web([entry(requests=True)]), "whole number", id="boolean"),
        pytest.param(web([entry(requests=-1)]), "count", id="negative"),
        pytest.param(web([entry(avg_response_time="x")]), "a number", id="time"),
        pytest.param(web([entry(avg_response_time=-1)]), "a time", id="negative-time"),
        pytest.param(web([entry(name=[])]), "a name", id="name"),
        pytest.param(web(["x"]), r"stats\[0\] is not an object", id="entry"),
        pytest.param({"stats": 1, "errors": []}, "stats is not a list", id="stats"),
        pytest.param({"stats": [], "errors": 1}, "errors is not a list", id="errors"),
        pytest.param(web(errors=[error(count=None)]), r"errors\[0\].occurrences", id="no-count"),
        pytest.param(web(errors=[{**error(), "error": 1}]), "a text", id="error-number"),
        pytest.param({"a": 1}, "not a file that Locust wrote", id="other-json"),
        pytest.param([{"a": 1}], "not a file that Locust wrote", id="other-list"),
    ],
)
def test_json_of_the_wrong_shape(tmp_path: Path, value: object, problem: str) -> None:
    """Whatever stands where it should not is told with its place."""
    with pytest.raises(ResultError, match=problem):
        read_run(saved(tmp_path, value))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param('{"stats": [', "not valid JSON", id="cut"),
        pytest.param('{"stats": [NaN], "errors": []}', "NaN is no number", id="nan"),
        pytest.param("[" * 100_000, "nested too deeply", id="deep"),
        pytest.param('{"stats": 1} {"b": 2}', "several JSON documents", id="several"),
        pytest.param('[{"stats": 1}] [{"b": 2}]', "several JSON documents", id="several-lists"),
        pytest.param("", "is empty", id="empty"),
        pytest.param(" \n ", "not a file that Locust wrote", id="blank"),
    ],
)
def test_json_that_is_none(tmp_path: Path, text: str, problem: str) -> None:
    """Broken JSON is one clear error."""
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ResultError, match=problem):
        read_run(tmp_path / "x.json")


def listed(name: object = "/a", times: dict[str, Any] | None = None, **more: object) -> Any:
    """Return an entry of --json."""
    return {
        "name": name,
        "method": "POST",
        "last_request_timestamp": 110.0,
        "start_time": 100.0,
        "num_requests": 10,
        "num_none_requests": 0,
        "num_failures": 2,
        "total_response_time": 105.0,
        "max_response_time": 50.0,
        "min_response_time": 1.0,
        "response_times": {"5": 6, "10": 3, "50": 1} if times is None else times,
        **more,
    }


def test_json_lists(tmp_path: Path) -> None:
    """Latencies are computed from the histogram as Locust does; there are no texts."""
    run = read_run(
        saved(tmp_path, [listed(total_content_length=125), listed("/b", method=None)], "run.json")
    )
    (first, second) = run.endpoints
    assert (first.content_size, second.content_size) == (12.5, None)
    assert dict(first.latency.percentiles) == {
        "50": 5.0,
        "66": 10.0,
        "75": 10.0,
        "80": 10.0,
        "90": 50.0,
        "95": 50.0,
        "98": 50.0,
        "99": 50.0,
        "99.9": 50.0,
        "99.99": 50.0,
        "100": 50.0,
    }
    assert (first.latency.avg, first.latency.median, first.rps) == (10.5, 5.0, 1.0)
    assert second.method == ""
    assert (run.total.requests, run.total.failures, run.total.rps) == (20, 4, 2.0)
    assert run.failure_log is None


def test_json_lists_of_odd_runs(tmp_path: Path) -> None:
    """Names may be anything, counts and times may be missing, histograms may be empty."""
    odd = listed(
        None,
        {},
        num_requests=0,
        num_none_requests=None,
        total_response_time=0,
        last_request_timestamp=None,
        min_response_time=None,
    )
    run = read_run(saved(tmp_path, [odd, listed(409)], "run.json"))
    assert [row.name for row in run.endpoints] == ["None", "409"]
    assert run.endpoints[0].latency.avg is None
    assert run.endpoints[0].latency.median is None
    assert run.endpoints[0].rps is None
    assert read_run(saved(tmp_path, [], "empty.json")).total.requests == 0
    (tmp_path / "procs.json").write_text(f"[]\n[]\n{json.dumps([listed()])}\n")
    assert read_run(tmp_path / "procs.json").total.requests == 10
    (tmp_path / "nothing.json").write_text("[]\n[]\n")
    assert read_run(tmp_path / "nothing.json").total.requests == 0
    with pytest.raises(ResultError, match="times and counts"):
        read_run(saved(tmp_path, [listed(times={"x": 1})], "bad.json"))


def test_a_json_list_beside_a_failures_csv(tmp_path: Path) -> None:
    """Statistics come from the JSON, texts from the CSV, named either way."""
    path = saved(tmp_path, [listed()], "run.json")
    failures = tmp_path / "run_failures.csv"
    failures.write_text("Method,Name,Error,Occurrences\nPOST,/a,x,2\n")
    assert rows_of(read_run(path)) == [("POST", "/a", "x", 2)]
    assert rows_of(read_run(failures)) == [("POST", "/a", "x", 2)]
    assert rows_of(read_run(tmp_path)) == [("POST", "/a", "x", 2)]
    (tmp_path / "other_failures.csv").write_text("Method,Name,Error,Occurrences\n")
    assert rows_of(read_run(path)) == [("POST", "/a", "x", 2)]


def data_report(folder: Path, data: object, *, after: str = ";\nwindow.theme = 1") -> Path:
    """Write a report of the new kind, its data behind a script that mentions them."""
    text = json.dumps(data).replace("<", "\\u003c").replace("'", "\\u0027")
    path = folder / "run.html"
    path.write_text(
        "<!doctype html><title>Locust</title><script>a=window.templateArgs;</script>"
        f"<script>window.templateArgs = {text}{after}</script></html>"
    )
    return path


def report_data(*, escaped: bool = False, **more: object) -> dict[str, Any]:
    """Return the data of a report."""
    name, text = "/<a>", "CatchResponseError('got 409')"
    old: dict[str, object] = {}
    if escaped:
        name, text, old = html.escape(name), html.escape(text), {"safe_name": "x"}
    return {
        "requests_statistics": [entry(name, **old), total(**old)],
        "failures_statistics": [error(text, name=name)],
        "response_time_statistics": [
            {"method": "POST", "name": name, "0.5": 9, "0.95": 15, "1.0": 99},
            {"method": None, "name": "Aggregated", "0.5": 8, "1.0": 99},
        ],
        "exceptions_statistics": [{"count": 3, "msg": "x"}],
        **more,
    }


@pytest.mark.parametrize("escaped", [True, False], ids=["through-2.37.12", "newer"])
def test_reports_with_data(tmp_path: Path, *, escaped: bool) -> None:
    """Statistics, errors, percentiles and exceptions come from the data in the page."""
    run = read_run(data_report(tmp_path, report_data(escaped=escaped)))
    assert run.endpoints[0].name == "/<a>"
    assert run.endpoints[0].latency.percentiles == (("50", 9.0), ("95", 15.0), ("100", 99.0))
    assert dict(run.total.latency.percentiles)["50"] == 8.0
    assert rows_of(run) == [("POST", "/<a>", "CatchResponseError('got 409')", 2)]
    assert run.task_exceptions == 3
    assert run.failure_log is not None
    assert [*run.failure_log.full_rows([])] == [(*rows_of(run), ())]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(report_data(requests_statistics=[entry()]), "truncated", id="no-total"),
        pytest.param(report_data(requests_statistics=None), "not a list", id="no-statistics"),
        pytest.param({}, "not a list", id="nothing"),
    ],
)
def test_reports_with_wrong_data(tmp_path: Path, data: object, problem: str) -> None:
    """A report that lacks something is one clear error."""
    with pytest.raises(ResultError, match=problem):
        read_run(data_report(tmp_path, data))


def test_reports_that_were_cut(tmp_path: Path) -> None:
    """Data that do not end are an error."""
    path = data_report(tmp_path, report_data())
    path.write_text(path.read_text()[:300])
    with pytest.raises(ResultError, match="truncated"):
        read_run(path)


def test_reports_without_exceptions_or_percentiles(tmp_path: Path) -> None:
    """Older reports lack tables that newer ones have."""
    data = report_data()
    del data["exceptions_statistics"], data["response_time_statistics"]
    run = read_run(data_report(tmp_path, data))
    assert run.task_exceptions is None
    assert run.total.latency.percentiles == (("95", 15.0),)


def table(title: str, header: list[str], *rows: list[object]) -> str:
    """Return a table of a report of the old kind."""
    lines = ["".join(f"<th>{cell}</th>" for cell in header)]
    lines += ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<h2>{title}</h2><table>{body}</table>"


REQUESTS = (
    "Method,Name,# Requests,# Fails,Average (ms),Min (ms),Max (ms),Average size (bytes),"
    "RPS,Failures/s"
).split(",")


def old_report(folder: Path, *tables_: str) -> Path:
    """Write a report of the old kind."""
    path = folder / "run.html"
    path.write_text(f"<html><h1>Test Report</h1>{''.join(tables_)}<table><tr><td>x</table></html>")
    return path


def requests_table(*rows: list[object]) -> str:
    """Return the table of requests."""
    return table("Request Statistics", REQUESTS, *rows)


ROW: list[object] = ["POST", "/a", 10, 2, 10, 1, 99, 42, "5.0", "0.1"]
SUM: list[object] = ["", "Aggregated", *ROW[2:]]


def test_reports_with_tables(tmp_path: Path) -> None:
    """Reports before 2.21 hold tables."""
    run = read_run(
        old_report(
            tmp_path,
            requests_table(ROW, SUM),
            table(
                "Response Time Statistics",
                ["Method", "Name", "50%ile (ms)", "100%ile (ms)"],
                ["POST", "/a", 9, "N/A"],
            ),
            table(
                "Failures Statistics",
                ["Method", "Name", "Error", "Occurrences"],
                ["POST", "/a", "Expected [200], got &lt;409&gt;", 2],
            ),
            table("Exceptions Statistics", ["Count", "Message"], [3, "boom"], [1, "x"]),
        )
    )
    (row,) = run.endpoints
    assert (row.requests, row.failures, row.latency.avg, row.rps) == (10, 2, 10.0, 5.0)
    assert row.content_size == 42.0
    assert row.latency.percentiles == (("50", 9.0), ("100", None))
    assert rows_of(run) == [("POST", "/a", "Expected [200], got <409>", 2)]
    assert run.task_exceptions == 4


@pytest.mark.parametrize(
    ("tables_", "problem"),
    [
        pytest.param([requests_table(ROW)], "truncated", id="no-total"),
        pytest.param([requests_table(ROW[:3], SUM)], "damaged row", id="cut"),
        pytest.param([table("Request Statistics", REQUESTS[1:], ROW[1:])], "column", id="column"),
        pytest.param([requests_table([*ROW[:2], "x", *ROW[3:]], SUM)], "Requests", id="count"),
        pytest.param([requests_table([*ROW[:4], "x", *ROW[5:]], SUM)], "Average", id="time"),
        pytest.param([requests_table([*ROW[:4], "-5", *ROW[5:]], SUM)], "Average", id="negative"),
        pytest.param([table("Other", ["x"], [1])], "not a file that Locust wrote", id="other-page"),
    ],
)
def test_wrong_reports_with_tables(tmp_path: Path, tables_: list[str], problem: str) -> None:
    """A damaged report is one clear error."""
    with pytest.raises(ResultError, match=problem):
        read_run(old_report(tmp_path, *tables_))


def test_a_report_without_its_table(tmp_path: Path) -> None:
    """A heading alone is no report."""
    (tmp_path / "x.html").write_text("<h2>Request Statistics</h2>")
    with pytest.raises(ResultError, match='damaged row in its table "Request Statistics"'):
        read_run(tmp_path / "x.html")
    (tmp_path / "y.html").write_text("changed since it was looked at")
    with pytest.raises(ResultError, match="not a Locust report"):
        read_report(str(tmp_path / "y.html"))


@pytest.mark.parametrize("kind", ["data", "tables"])
def test_a_report_that_is_cut_anywhere(tmp_path: Path, kind: str) -> None:
    """It never reads as a whole, not even where only a table that may be missing is gone."""
    if kind == "data":
        path = data_report(tmp_path, report_data())
    else:
        path = old_report(
            tmp_path,
            requests_table(ROW, SUM),
            table(
                "Failures Statistics",
                ["Method", "Name", "Error", "Occurrences"],
                ["POST", "/a", "x</html>", 2],
            ),
            table("Exceptions Statistics", ["Count", "Message"], [3, "x</html>"]),
        )
    whole = path.read_text()
    assert read_run(path).task_exceptions == 3
    path.write_text(whole + "\n\n")
    assert read_run(path).task_exceptions == 3
    for end in range(len(whole)):
        path.write_text(whole[:end])
        with pytest.raises(ResultError):
            read_run(path)


def test_several_reports_in_one_file(tmp_path: Path) -> None:
    """The second would be dropped."""
    path = data_report(tmp_path, report_data())
    path.write_text(path.read_text() * 2)
    with pytest.raises(ResultError, match="holds several reports"):
        read_run(path)


def test_a_document_of_too_many_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which fit into a small file, and fill the memory."""
    monkeypatch.setattr("loadgate.read.documents.MOST_SIGNS", 3)
    path = tmp_path / "web.json"
    path.write_text('{"stats": [], "errors": [{}, {}, {}]}')
    with pytest.raises(ResultError, match="holds more than 3 commas"):
        read_run(path)


def test_documents_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A JSON or HTML file is read as a whole, so there is a bound, and the error says so."""
    monkeypatch.setattr(documents, "LARGEST_DOCUMENT", 1024 * 1024)
    path = tmp_path / "x.json"
    path.write_text('{"stats": "' + "x" * 2_000_000)
    with pytest.raises(ResultError, match="larger than 1 MiB"):
        read_run(path)
