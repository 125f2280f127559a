"""Which of the files beside a run are of the same test, and which one is judged."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun

from loadgate import load_policy, read_run
from loadgate.classify import classify
from loadgate.errors import ContradictionError, ResultError
from loadgate.model import Run
from loadgate.read import find_runs, pairing
from loadgate.read.documents import Document
from loadgate.read.formats import DOCUMENTS
from loadgate.read.kinds import kind_of
from loadgate.read.report import read_report

STATE = "/tools/[id]/state"
HISTORY = "Timestamp,User Count,Type,Name,Total Request Count,Total Failure Count\n"
START = datetime(2026, 11, 23, 6, 0, 0, tzinfo=UTC)
CONFLICT = "CatchResponseError('Expected [200], got 409')"


def at(seconds: float) -> datetime:
    """Return a time in seconds since the start."""
    return START + timedelta(seconds=seconds)


def history(stats: Path, *totals: tuple[int, int, int]) -> None:
    """Write a history beside statistics: seconds since the start, requests, failures."""
    rows = [
        f"{int(at(seconds).timestamp())},9,,Aggregated,{requests},{failures}\n"
        for seconds, requests, failures in totals or ((0, 0, 0), (1, 20, 0), (60, 1000, 10))
    ]
    stats.with_name("run_stats_history.csv").write_text(HISTORY + "".join(rows))


def entry(requests: int, failures: int, name: str = STATE, method: str = "POST") -> dict[str, Any]:
    """Return an entry as reports and the web UI have it."""
    return {"name": name, "method": method, "num_requests": requests, "num_failures": failures}


def error(occurrences: int, **more: object) -> dict[str, Any]:
    """Return an error as reports and the web UI have it."""
    return {"method": "POST", "name": STATE, "error": CONFLICT, "occurrences": occurrences, **more}


def report(
    requests: int,
    failures: int,
    *,
    start: float | None = 0,
    end: float = 60,
    texts: int | None = None,
    others: Sequence[dict[str, Any]] = (),
    **more: object,
) -> str:
    """Return an --html report that began and ended so many seconds after the start."""
    data: dict[str, object] = {
        "requests_statistics": [
            entry(requests, failures) | {"response_time_percentile_0.95": 900.0, **more},
            *others,
            entry(
                requests + sum(each["num_requests"] for each in others), failures, "Aggregated", ""
            )
            | {"total_rps": 17.5, "response_time_percentile_0.95": 900.0, **more},
        ],
        "failures_statistics": [error(failures if texts is None else texts)] if failures else [],
        "exceptions_statistics": [],
        "start_time": None if start is None else at(start).isoformat(),
        "end_time": None if start is None else at(end).isoformat(),
        "history": [{"user_count": ["t", 5]}, {"user_count": 7}, {"user_count": None}, 3],
    }
    return f"<title>Locust</title>window.templateArgs = {json.dumps(data)}\n</html>"


def tables(requests: int, failures: int, *, start: float) -> str:
    """Return a report as Locust wrote it through 2.20, which began so many seconds later."""
    columns = (
        "Method Name # Requests # Fails Average_(ms) Min_(ms) Max_(ms) Average_size_(bytes) RPS"
        " Failures/s"
    )
    names = [name.replace("_", " ") for name in columns.replace("# ", "#_").split()]

    def row(cells: Sequence[object], cell: str = "td") -> str:
        return "<tr>" + "".join(f"<{cell}>{text}</{cell}>" for text in cells) + "</tr>"

    numbers = (requests, failures, 9, 1, 100, 42, "5.00", "0.10")
    when = f"{at(start):%Y-%m-%d %H:%M:%S} - {at(start + 60):%Y-%m-%d %H:%M:%S}"
    return (
        f"<title>Test Report</title><p>During: {when}</p>\n<h2>Request Statistics</h2><table>"
        + row(names, "th")
        + row(("POST", STATE, *numbers))
        + row(("", "Aggregated", *numbers))
        + "</table><h2>Failures Statistics</h2><table>"
        + row(("Method", "Name", "Error", "Occurrences"), "th")
        + row(("POST", STATE, CONFLICT, failures))
        + "</table></html>"
    )


def listed(
    requests: int = 1000, failures: int = 10, *, start: float | None = None, end: float = 60
) -> str:
    """Return what --json prints of the endpoint that `write_run` writes."""
    times: dict[str, object] = {"response_times": {}}
    if start is not None:
        times |= {
            "start_time": at(start).timestamp(),
            "last_request_timestamp": at(end).timestamp(),
        }
    return json.dumps([entry(requests, failures) | times])


def web(
    requests: int, failures: int, *, shown: int = 1, seen: tuple[float, float] | None = None
) -> str:
    """Return a /stats/requests JSON with `shown` endpoints, and when failures were seen."""
    more: dict[str, object] = {}
    if seen is not None:
        more = {"first_seen": at(seen[0]).timestamp(), "last_seen": at(seen[1]).timestamp()}
    stats = [entry(1, 0, f"/{number}", "GET") for number in range(shown - 1)]
    stats += [entry(requests - len(stats) if shown < 500 else 1, failures if shown < 500 else 0)]
    errors = [error(failures, **more)] if shown < 500 else []
    return json.dumps(
        {"stats": [*stats, entry(requests, failures, "Aggregated", "")], "errors": errors}
    )


def judged(run: Run) -> str:
    """Return the name of the file that the counts come from."""
    return next(Path(each.path).name for each in run.sources if each.role == "statistics")


def roles(run: Run) -> list[tuple[str, str]]:
    """Return role and name of every source."""
    return [(each.role, Path(each.path).name) for each in run.sources]


def counts(run: Run) -> tuple[int, int]:
    """Return requests and failures of the run."""
    return run.total.requests, run.total.failures


# --- the complete source is judged ----------------------------------------------------------------


def test_the_report_of_the_run_is_judged(write_run: WriteRun) -> None:
    """It knows the last second, which the CSV files lack; percentiles it lacks come from them."""
    stats = write_run(exceptions=2)
    history(stats)
    stats.with_name("any name.html").write_text(report(1050, 12))
    for path in (stats, stats.parent, stats.with_name("run")):
        run = read_run(path)
        assert counts(run) == (1050, 12)
        assert run.warnings == ()
        assert roles(run) == [
            ("statistics", "any name.html"),
            ("failures", "any name.html"),
            ("exceptions", "run_exceptions.csv"),
            ("supplement", "run_stats.csv"),
        ]
        numbers = run.sources[-1].numbers
        assert set(numbers) >= {"avg", "min", "max", "median", "p50", "p66", "p99.99"}
        assert "p95" not in numbers
        (endpoint,) = run.endpoints
        percentiles = dict(endpoint.latency.percentiles)
        assert (percentiles["95"], percentiles["66"]) == (900.0, 11.0)
        assert (run.total.rps, endpoint.rps, endpoint.latency.avg) == (17.5, 5.0, 10.5)
        assert run.task_exceptions == 2
        assert run.label == "run"
        assert classify(run, load_policy("optimistic-locking")).total.expected == 12


def test_where_nothing_is_newer_the_csv_files_are_judged(write_run: WriteRun) -> None:
    """As of a distributed run, whose files are complete: they have the most percentiles."""
    stats = write_run()
    history(stats)
    stats.with_name("run.html").write_text(report(1000, 10))
    stats.with_name("mid.html").write_text(report(400, 3, end=20))
    run = read_run(stats)
    assert judged(run) == "run_stats.csv"
    assert [each for each in roles(run) if each[0] == "compared"] == [
        ("compared", "mid.html"),
        ("compared", "run.html"),
    ]
    assert run.warnings == ()


def test_users_and_time_of_a_report(write_run: WriteRun) -> None:
    """The history says how many users there were; without it the report does, each in its form."""
    stats = write_run()
    stats.with_name("run.html").write_text(report(1050, 12))
    run = read_run(stats.with_name("run.html"))
    assert run.users == 7
    assert run.time is not None
    assert (run.time.started, run.time.ended, run.time.source) == (at(0), at(60), "report")
    history(stats)
    run = read_run(stats)
    assert (judged(run), run.users) == ("run.html", 9)


def test_a_json_list_counts_and_csv_files_have_the_texts(write_run: WriteRun) -> None:
    """What no text explains is true, and the verdict says why some have none."""
    stats = write_run()
    history(stats)
    stats.with_name("stdout.json").write_text(listed(1050, 12, start=1, end=61))
    run = read_run(stats)
    assert (judged(run), counts(run)) == ("stdout.json", (1050, 12))
    result = classify(run, load_policy("optimistic-locking"))
    assert (result.total.expected, result.total.unexplained) == (10, 2)
    (warning,) = result.warnings
    assert warning.startswith("2 of 12 failures ")
    assert "older than" in warning
    assert run.time is not None
    assert (run.time.started, run.time.ended) == (at(0), at(61))
    for path in (stats.with_name("stdout.json"), stats):
        assert counts(read_run(path)) == (1050, 12)


def test_a_report_wins_over_a_list(write_run: WriteRun) -> None:
    """Of two that count as many the one with the texts is judged."""
    stats = write_run()
    history(stats)
    stats.with_name("a.json").write_text(listed(1050, 12, start=0))
    stats.with_name("b.html").write_text(report(1050, 12))
    stats.with_name("c.json").write_text(listed(1050, 12, start=0))
    assert judged(read_run(stats)) == "b.html"


def test_texts_that_are_not_all_there(write_run: WriteRun) -> None:
    """The web UI shows 500 errors: where some are missing the texts of the CSV file are taken."""
    stats = write_run()
    history(stats)
    stats.with_name("run.html").write_text(report(1050, 12, texts=3))
    run = read_run(stats)
    assert roles(run)[:2] == [("statistics", "run.html"), ("failures", "run_failures.csv")]
    stats.with_name("run_failures.csv").unlink()
    run = read_run(stats)
    assert roles(run)[:2] == [("statistics", "run.html"), ("failures", "run.html")]
    (warning,) = classify(run, load_policy("optimistic-locking")).warnings
    assert "run.html" in warning


def test_a_writer_that_died_beside_a_report(write_run: WriteRun) -> None:
    """The report is complete and judged; the verdict says what is wrong with the CSV files."""
    stats = write_run([("POST", STATE, 0, 0)], [])
    history(stats, (0, 0, 0))
    stats.with_name("run.html").write_text(report(2907, 879))
    run = read_run(stats)
    assert (judged(run), counts(run)) == ("run.html", (2907, 879))
    assert "supplement" not in dict(roles(run))
    (warning,) = run.warnings
    assert "run_stats.csv stopped at 0 requests" in warning
    assert "Locust's CSV writer died" in warning


def test_damaged_csv_files_beside_a_report(write_run: WriteRun) -> None:
    """Statistics that stop in the middle say so, and the report is judged."""
    stats = write_run()
    history(stats)
    stats.write_text("".join(stats.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(ContradictionError, match="Aggregated"):
        read_run(stats)
    stats.with_name("run.html").write_text(report(1050, 12))
    run = read_run(stats)
    assert (judged(run), counts(run)) == ("run.html", (1050, 12))
    (warning,) = run.warnings
    assert "Aggregated" in warning
    assert "run.html is judged" in warning
    stats.with_name("run.html").write_text(report(1050, 12, start=None))
    with pytest.raises(ContradictionError, match="Aggregated"):  # nothing proves whose it is
        read_run(stats)


def test_endpoints_that_only_one_source_has(write_run: WriteRun) -> None:
    """Nothing is taken from where there is nothing."""
    stats = write_run([("POST", STATE, 950, 10), ("POST", "/new", 0, 0), ("POST", "/old", 90, 0)])
    history(stats)
    more = [entry(30, 0, "/new"), entry(20, 0, "/newer")]
    stats.with_name("run.html").write_text(report(1050, 10, others=more))
    latencies = {row.name: row.latency for row in read_run(stats).endpoints}
    assert latencies[STATE].median == 9
    assert latencies["/new"].median is None
    assert latencies["/newer"].median is None
    assert "/old" not in latencies


# --- which are of the same run ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "same"),
    [
        pytest.param("a.html", report(1050, 12, start=0), True, id="report"),
        pytest.param("a.html", report(1050, 12, start=1), True, id="report-a-second-later"),
        pytest.param("a.html", report(1050, 12, start=3), False, id="report-later"),
        pytest.param("a.html", report(1050, 12, start=-2), False, id="report-earlier"),
        pytest.param("run.html", report(1050, 12, start=-600), False, id="report-of-that-name"),
        pytest.param("a.json", listed(1050, 12, start=1), True, id="list"),
        pytest.param("a.json", listed(1050, 12, start=-90, end=-30), False, id="list-earlier"),
        pytest.param("a.json", listed(1050, 12, start=61, end=90), False, id="list-later"),
        pytest.param("a.json", web(1050, 12, seen=(3, 50)), True, id="web"),
        pytest.param("a.json", web(1050, 12, seen=(-90, -30)), False, id="web-earlier"),
        pytest.param("a.json", web(1050, 12, seen=(-90, 50)), False, id="web-from-before"),
    ],
)
def test_times_tell_whose_a_source_is(
    write_run: WriteRun, name: str, text: str, *, same: bool
) -> None:
    """By the history; a source of another run is mentioned and left alone, whatever it counts."""
    stats = write_run()
    history(stats)
    stats.with_name(name).write_text(text)
    for path in (stats, stats.parent):
        run = read_run(path)
        assert counts(run) == ((1050, 12) if same else (1000, 10))
        if same:
            assert run.warnings == ()
        else:
            (warning,) = run.warnings
            assert f"{name} is from another run (2026-11-23 0" in warning
            assert f"to judge it: loadgate check {stats.with_name(name)}" in warning


@pytest.mark.parametrize(
    ("hours", "same"),
    [
        pytest.param(0, True, id="utc"),
        pytest.param(9, True, id="tokyo"),
        pytest.param(-3.5, True, id="newfoundland"),
        pytest.param(24, False, id="the-day-after"),
        pytest.param(0.1, False, id="no-time-zone"),
    ],
)
def test_old_reports_tell_local_time(write_run: WriteRun, hours: float, *, same: bool) -> None:
    """Locust 1.4 to 2.4: what differs by a time zone may be of the run, and counts decide."""
    stats = write_run()
    history(stats)
    stats.with_name("run.html").write_text(tables(1050, 12, start=hours * 3600))
    run = read_run(stats)
    assert counts(run) == ((1050, 12) if same else (1000, 10))
    assert run.time is not None
    assert run.time.started == at(0)
    stats.with_name("run.html").write_text(tables(1000, 900, start=hours * 3600))
    if same:
        with pytest.raises(ContradictionError):
            read_run(stats)
    else:
        assert counts(read_run(stats)) == (1000, 10)
    stats.with_name("run_stats_history.csv").unlink()
    stats.with_name("run.html").write_text(tables(1050, 12, start=hours * 3600))
    assert counts(read_run(stats)) == (1050, 12)  # by the name


def test_of_another_run_among_several(write_run: WriteRun) -> None:
    """Only what begins like the run is worth a word: the other runs have documents, too."""
    stats = write_run()
    history(stats)
    write_run(prefix="second")
    stats.with_name("second.html").write_text(report(1050, 12, start=-600))
    assert read_run(stats).warnings == ()
    stats.with_name("run_old.html").write_text(report(1050, 12, start=-600))
    assert "run_old.html is from another run" in read_run(stats).warnings[0]


def test_a_web_json_after_the_end_of_a_history(write_run: WriteRun) -> None:
    """The history may be that of a writer that died, so its name decides whose the JSON is."""
    stats = write_run()
    history(stats)
    stats.with_name("run.json").write_text(web(5000, 900, seen=(90, 95)))
    with pytest.raises(ContradictionError, match=r"run\.json 5,000 and 900"):
        read_run(stats)
    stats.with_name("run.json").rename(stats.with_name("else.json"))
    with pytest.raises(ContradictionError, match=r"else\.json 5,000 and 900"):
        read_run(stats)


SEEN = "Method,Name,Error,Occurrences,First Seen,Last Seen\n"


@pytest.mark.parametrize(
    ("name", "text", "same"),
    [
        pytest.param("a.html", report(1050, 12, start=0), True, id="report"),
        pytest.param("a.html", report(1050, 12, start=20), False, id="report-began-later"),
        pytest.param("a.html", report(1050, 12, start=0, end=40), False, id="report-ended-before"),
        pytest.param("a.json", listed(1050, 12, start=0), True, id="list"),
        pytest.param("a.json", web(1050, 12, seen=(10, 59)), True, id="web"),
        pytest.param("a.json", web(1050, 12, seen=(12, 50)), False, id="web-of-another"),
    ],
)
def test_times_of_failures_tell_too(
    write_run: WriteRun, name: str, text: str, *, same: bool
) -> None:
    """Without a history: every failure was seen while the run of the other source went on."""
    stats = write_run()
    stats.with_name("run_failures.csv").write_text(
        f"{SEEN}POST,{STATE},{CONFLICT.replace(', ', ' ')},10,"
        f"{at(10):%Y-%m-%dT%H:%M:%SZ},{at(50):%Y-%m-%dT%H:%M:%SZ}\n"
    )
    stats.with_name(name).write_text(text)
    run = read_run(stats)
    assert counts(run) == ((1050, 12) if same else (1000, 10))
    assert bool(run.warnings) is not same


def test_without_times_the_name_decides(write_run: WriteRun) -> None:
    """A little more is the newer look at the same run; over 10 % more is a contradiction."""
    stats = write_run()
    stats.with_name("run_file.json").write_text(listed(1050, 12))
    assert counts(read_run(stats)) == (1050, 12)
    stats.with_name("run_file.json").write_text(listed(1101, 12))
    with pytest.raises(ContradictionError, match=r"run_file\.json 1,101 and 12: the writer"):
        read_run(stats)
    stats.with_name("run_file.json").write_text(report(1101, 12, start=None))
    stats.with_name("run_file.json").rename(stats.with_name("run_x.html"))
    with pytest.raises(ContradictionError, match="to judge the other: loadgate check"):
        read_run(stats)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        pytest.param(listed(1050, 12), (1050, 12), id="a-later-look"),
        pytest.param(listed(900, 8), (1000, 10), id="fewer"),
        pytest.param(listed(1050, 9), (1000, 10), id="contradicts"),
        pytest.param(listed(1050, 12).replace("tools", "else"), (1000, 10), id="other-endpoints"),
    ],
)
def test_neither_time_nor_name(write_run: WriteRun, text: str, counted: tuple[int, int]) -> None:
    """Alone in the folder, what knows all that is known, and more, is of the run."""
    stats = write_run()
    stats.with_name("stdout.json").write_text(text)
    assert counts(read_run(stats)) == counted
    if counted == (1050, 12):
        write_run(prefix="second")  # whose may it be?
        assert counts(read_run(stats)) == (1000, 10)


def test_in_a_folder_that_was_named_all_is_of_the_run(write_run: WriteRun) -> None:
    """Where no time tells otherwise: what cannot be true stops the check."""
    stats = write_run()
    other = stats.with_name("other.json")
    other.write_text(listed(5000, 20).replace("tools", "else"))
    (warning,) = read_run(stats).warnings
    assert "other.json was left out" in warning
    with pytest.raises(ContradictionError):
        read_run(stats.parent)


def test_texts_of_another_run_are_not_taken_for_a_list(write_run: WriteRun) -> None:
    """They would excuse what they never saw."""
    stats = write_run()
    history(stats)
    listed_ = stats.with_name("run_file.json")
    listed_.write_text(listed(1050, 12, start=3600, end=3660))
    run = read_run(listed_)
    assert (counts(run), run.failure_log) == ((1050, 12), None)
    assert "it is from another run than" in run.warnings[0]
    assert counts(read_run(stats)) == (1000, 10)


def test_texts_of_the_same_time_are_taken_for_a_list(write_run: WriteRun) -> None:
    """Whatever the names say."""
    for prefix, seconds in (("first", 0), ("second", 600), ("third", 1200)):
        stats = write_run(prefix=prefix)
        history(stats, (seconds, 0, 0), (seconds + 1, 20, 0), (seconds + 60, 1000, 10))
        stats.with_name("run_stats_history.csv").rename(
            stats.with_name(f"{prefix}_stats_history.csv")
        )
    stdout = stats.with_name("stdout.json")
    stdout.write_text(listed(1050, 12, start=601, end=661))
    run = read_run(stdout)
    assert roles(run) == [("statistics", "stdout.json"), ("failures", "second_failures.csv")]
    assert run.warnings == ()


# --- contradictions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("requests", "failures", "stops"),
    [
        pytest.param(1050, 9, True, id="fewer-failures"),
        pytest.param(1000, 900, True, id="more-failures-of-as-many-requests"),
        pytest.param(1010, 21, True, id="more-new-failures-than-requests"),
        pytest.param(1010, 20, False, id="all-new-ones-failed"),
        pytest.param(900, 11, True, id="earlier-with-more-failures"),
        pytest.param(900, 9, False, id="earlier"),
        pytest.param(0, 0, False, id="printed-after-the-statistics-were-stripped"),
    ],
)
def test_two_looks_at_one_run(
    write_run: WriteRun, requests: int, failures: int, *, stops: bool
) -> None:
    """Counts only grow; what does not fit stops the check, also where it has no more requests."""
    stats = write_run()
    history(stats)
    stats.with_name("run.html").write_text(report(requests, failures))
    if stops:
        with pytest.raises(ContradictionError, match="the same run"):
            read_run(stats)
    else:
        assert counts(read_run(stats)) == max((1000, 10), (requests, failures))


def test_a_contradiction_at_one_endpoint(write_run: WriteRun) -> None:
    """Totals may hide it."""
    stats = write_run([("POST", STATE, 900, 10), ("GET", "/", 100, 0)])
    history(stats)
    others = [entry(250, 0, "/", "GET")]
    stats.with_name("run.html").write_text(report(800, 12, others=others))
    with pytest.raises(ContradictionError, match="900 requests and 10 failures of 'POST /tools"):
        read_run(stats)


def test_a_report_that_contradicts_itself(write_run: WriteRun) -> None:
    """It cannot be judged, and says so."""
    stats = write_run()
    history(stats)
    page = report(1050, 12).replace('"num_requests": 1050', '"num_requests": 900', 1)
    stats.with_name("run.html").write_text(page)
    run = read_run(stats)
    assert counts(run) == (1000, 10)
    assert "run.html could not be compared" in run.warnings[0]
    assert "1,050" in run.warnings[0]


def test_failures_without_requests_are_no_contradiction(write_run: WriteRun) -> None:
    """A locustfile may log errors that belong to no request."""
    stats = write_run([("POST", STATE, 0, 10)])
    history(stats, (0, 0, 0), (60, 0, 10))
    stats.with_name("run.html").write_text(report(0, 15))
    assert counts(read_run(stats)) == (0, 10)


def test_the_strict_way(write_run: WriteRun) -> None:
    """The fewest requests, the most failures, the worst times and rate of each endpoint."""
    stats = write_run([("POST", STATE, 1000, 10), ("GET", "/", 100, 2)])
    history(stats)
    stats.with_name("run.html").write_text(report(900, 30, max_response_time=70.0, total_rps=4.5))
    with pytest.raises(ContradictionError):
        read_run(stats)
    run = read_run(stats, allow_partial=True)
    assert (judged(run), counts(run)) == ("run_stats.csv", (900, 32))
    state = next(row for row in run.endpoints if row.name == STATE)
    assert (state.requests, state.failures, state.rps) == (900, 30, 4.5)
    assert (state.latency.max, state.latency.avg) == (100, 10.5)
    assert dict(state.latency.percentiles)["95"] == 900.0
    assert len(run.contradictions) == 1


def test_never_a_number_of_another_run(write_run: WriteRun) -> None:
    """Not even where contradictions are allowed: 20 of 288 failed, whatever another run did."""
    stats = write_run([("POST", STATE, 288, 20)], [("POST", STATE, CONFLICT, 20)])
    history(stats, (0, 0, 0), (60, 288, 20))
    stats.with_name("report.html").write_text(report(38461, 20, start=-7200, total_rps=645.0))
    for path in (stats, stats.parent):
        run = read_run(path, allow_partial=True)
        assert counts(run) == (288, 20)
        assert run.total.rps == 5.0
        assert run.contradictions == ()
        assert (
            "report.html is from another run (2026-11-23 04:00:00 UTC) and was not used"
            in run.warnings[0]
        )


def test_an_endpoint_that_one_run_lacks_has_no_requests(write_run: WriteRun) -> None:
    """In the strict way: a threshold on it must not be met by what another run may have done."""
    stats = write_run()
    text = report(900, 30, others=[entry(50, 0, "/pay")], start=None)
    stats.with_name("run.html").write_text(text)
    run = read_run(stats, allow_partial=True)
    pay = next(row for row in run.endpoints if row.name == "/pay")
    assert (pay.requests, pay.rps) == (0, None)
    assert counts(run) == (900, 30)


def test_a_test_that_began_in_the_same_second(write_run: WriteRun) -> None:
    """Of another job: what is far ahead and lacks an endpoint is no later look at this run."""
    stats = write_run([("POST", STATE, 1000, 10), ("GET", "/only-here", 40, 0)])
    history(stats)
    stats.with_name("job.html").write_text(report(40000, 10))
    with pytest.raises(ContradictionError, match=r"'GET /only-here', and \S+job\.html 0 requests"):
        read_run(stats)
    assert counts(read_run(stats, allow_partial=True)) == (1000, 10)


def test_jobs_that_began_in_the_same_second(write_run: WriteRun) -> None:
    """Of what lies in one folder, each has the report that is named as it is."""
    for prefix, requests in (("run", 1000), ("run_b", 500)):
        stats = write_run([("POST", STATE, requests, 10)], prefix=prefix)
        history(stats, (0, 0, 0), (60, requests, 10))
        name = f"{prefix}_stats_history.csv"
        stats.with_name("run_stats_history.csv").rename(stats.parent / f"{name}.new")
        stats.with_name(f"{prefix}.html").write_text(report(requests + 20, 12))
    for new in stats.parent.glob("*.new"):
        new.rename(new.with_suffix(""))
    found = [read_run(stats.with_name(f"{prefix}_stats.csv")) for prefix in ("run", "run_b")]
    assert [judged(run) for run in found] == ["run.html", "run_b.html"]
    assert [counts(run) for run in found] == [(1020, 12), (520, 12)]
    stats.with_name("run_b_failures.csv").unlink()  # then no time is known that speaks against it
    assert judged(read_run(stats.with_name("run_stats.csv"))) == "run.html"


def test_a_report_named_as_another_run(write_run: WriteRun) -> None:
    """Its time tells that it is of this one, and not of that."""
    write_run(prefix="run_b")
    stats = write_run()
    history(stats, (3600, 0, 0), (3660, 1000, 10))
    stats.with_name("run_stats_history.csv").rename(stats.with_name("run_b_stats_history.csv"))
    history(stats)
    stats.with_name("run_b.html").write_text(report(1050, 12))
    assert judged(read_run(stats)) == "run_b.html"


def test_what_is_compared_is_not_said_to_be_judged(write_run: WriteRun) -> None:
    """A contradiction leaves the judging to what was named."""
    stats = write_run()
    history(stats)
    stats.with_name("run.html").write_text(report(20000, 0))
    run = read_run(stats, allow_partial=True)
    assert (judged(run), counts(run)) == ("run_stats.csv", (1000, 10))
    assert not any("which is judged" in warning for warning in run.warnings)


def test_damage_has_one_cause(write_run: WriteRun) -> None:
    """Figures that cannot be read are no sign of a writer that died."""
    stats = write_run()
    history(stats)
    stats.with_name("run_file.json").write_text(listed(1000, 10, start=0))
    stats.write_text(stats.read_text().replace("1000", "1E+03"))
    with pytest.raises(ContradictionError, match="cannot be right") as caught:
        read_run(stats)
    assert "rounded" in str(caught.value)
    assert "died" not in str(caught.value)


def test_users_and_exceptions_of_a_writer_that_died(write_run: WriteRun) -> None:
    """Its history saw no users, and its exceptions file no exceptions; the report saw them."""
    stats = write_run([("POST", STATE, 0, 0)], [], exceptions=0)
    history(stats, (0, 0, 0))
    seconds = stats.with_name("run_stats_history.csv")
    seconds.write_text(seconds.read_text().replace(",9,,", ",0,,"))
    text = report(1000, 10)
    stats.with_name("run.html").write_text(
        text.replace('"exceptions_statistics": []', '"exceptions_statistics": [{"count": 3}]')
    )
    run = read_run(stats)
    assert (judged(run), run.users, run.task_exceptions) == ("run.html", 7, 3)


def test_a_dead_writer_beside_a_list(write_run: WriteRun) -> None:
    """A list has no texts, so the texts of a dead writer would have to do: that stops the check."""
    stats = write_run([("POST", STATE, 0, 0)], [])
    history(stats, (0, 0, 0))
    stats.with_name("stdout.json").write_text(listed(2907, 879, start=0))
    with pytest.raises(ContradictionError, match=r"counts 0 requests.*locust --html writes"):
        read_run(stats)
    assert counts(read_run(stats, allow_partial=True)) == (0, 879)


def test_the_total_of_a_cut_web_json_counts(write_run: WriteRun) -> None:
    """The web UI lists 500 endpoints, so their sum says nothing; its total does."""
    stats = write_run()
    stats.with_name("requests.json").write_text(web(5000, 90, shown=500))
    with pytest.raises(ContradictionError, match="5,000 and 90"):
        read_run(stats.parent)
    run = read_run(stats.parent, allow_partial=True)
    assert (counts(run), judged(run)) == ((1000, 90), "run_stats.csv")
    stats.with_name("requests.json").write_text(web(1050, 12, shown=500))
    (warning,) = read_run(stats.parent).warnings
    assert "requests.json counts 50 more requests and 2 more failures" in warning


# --- the history ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("totals", "said"),
    [
        pytest.param((900, 1), None, id="behind"),
        pytest.param((1000, 10), None, id="equal"),
        pytest.param((1050, 12), "50 more requests and 2 more failures than", id="a-little-ahead"),
        pytest.param((1050, 9), "50 more requests and 1 fewer failures than", id="fewer-failures"),
        pytest.param((1101, 20), "but .* 1,101 and 20: the writer", id="far-ahead"),
        pytest.param((1000, 11), "the same run", id="more-failures"),
    ],
)
def test_the_history_is_a_source_too(
    write_run: WriteRun, totals: tuple[int, int], said: str | None
) -> None:
    """Its last total shows a gap, in one line, and statistics that were not written any more."""
    stats = write_run()
    history(stats, (0, 0, 0), (60, *totals))
    if said is None or "more requests" in said:
        warnings = read_run(stats).warnings
        assert [said in text for text in warnings if said] == [True] * len(warnings)
        assert bool(warnings) is (said is not None)
        return
    with pytest.raises(ContradictionError, match=said):
        read_run(stats)
    run = read_run(stats, allow_partial=True)
    assert counts(run) == (1000, max(totals[1], 10))


def test_a_reset_is_told(write_run: WriteRun) -> None:
    """Time, requests and failures that were lost; each output shows warnings."""
    stats = write_run()
    history(stats, (0, 0, 0), (5, 673, 93), (6, 218, 28), (60, 1000, 30))
    stats.with_name("run_failures.csv").write_text(
        f"Method,Name,Error,Occurrences\nPOST,{STATE},x,10\n"
    )
    write_run([("POST", STATE, 1000, 30)], [("POST", STATE, "x", 30)])
    (warning,) = read_run(stats).warnings
    assert "reset" in warning
    assert "at 2026-11-23 06:00:06 UTC" in warning
    assert "673 requests and 93 failures" in warning


def test_several_resets_are_told_together(write_run: WriteRun) -> None:
    """With their sum, and when the last one was."""
    stats = write_run()
    history(stats, (0, 700, 5), (5, 10, 1), (6, 600, 4), (9, 0, 0), (60, 1000, 10))
    (warning,) = read_run(stats).warnings
    assert "2 times, for the last time at 2026-11-23 06:00:09" in warning
    assert "1,300 requests and 9 failures" in warning


def test_a_run_that_is_empty_because_it_was_reset(write_run: WriteRun) -> None:
    """No evidence, and the reason."""
    stats = write_run([("POST", STATE, 0, 0)], [])
    history(stats, (0, 0, 0), (5, 673, 93), (6, 0, 0))
    (warning,) = read_run(stats).warnings
    assert warning.endswith("there were no requests")


@pytest.mark.parametrize("times", range(4))  # it is opened to see what it is, then to read it
def test_a_history_that_may_not_be_opened(
    write_run: WriteRun, refuse: Callable[..., None], times: int
) -> None:
    """What is of the run by its name, and cannot be read, stops the check."""
    stats = write_run()
    history(stats)
    refuse(stats.with_name("run_stats_history.csv"), times)
    with pytest.raises(ResultError, match=r"history.csv: cannot be read: Permission denied"):
        read_run(stats)


# --- neighbours that cannot be read -----------------------------------------------------------------


def test_neighbours_that_look_like_locusts_but_are_broken(write_run: WriteRun) -> None:
    """A source that was cut is told; documents of other programs are not even parsed."""
    stats = write_run()
    stats.with_name("cut.json").write_text(listed()[:-5])
    stats.with_name("other.json").write_text('{"a": [')
    stats.with_name("void.html").touch()
    (warning,) = read_run(stats).warnings
    assert "cut.json could not be compared" in warning
    stats.with_name("cut.json").unlink()
    stats.with_name("page.html").write_text("<title>Locust</title> nothing else")
    (warning,) = read_run(stats).warnings
    assert "page.html could not be compared" in warning
    stats.with_name("page.html").unlink()
    stats.with_name("half.html").write_text("<title>Locust</title>window.templateArgs = {")
    (warning,) = read_run(stats).warnings
    assert "half.html could not be compared" in warning
    write_run(prefix="second")  # so it may be anybody's
    assert read_run(stats).warnings == ()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        pytest.param("run_stats_history.csv", "", "it is empty", id="empty-history"),
        pytest.param("run_stats_history.csv", HISTORY[:40], "no readable total", id="cut-history"),
        pytest.param("run_stats_history.csv", "\0\1\2", "no readable total", id="binary-history"),
        pytest.param("run.html", "", "is empty", id="empty-report"),
        pytest.param(
            "run.html", "<title>Locust</title>", "is truncated or damaged", id="cut-report"
        ),
        pytest.param("run.json", "{", "not valid JSON", id="cut-json"),
        pytest.param("run.json", "", "is empty", id="empty-json"),
    ],
)
def test_a_source_of_the_same_run_that_is_damaged(
    write_run: WriteRun, name: str, text: str, said: str
) -> None:
    """Whatever should have shown that the writer died, and cannot, is told."""
    stats = write_run()
    stats.with_name(name).write_text(text)
    for path in (stats, stats.parent):
        (warning,) = read_run(path).warnings
        assert name in warning
        assert said in warning


def test_a_json_that_is_cut_in_a_folder_that_was_named(write_run: WriteRun) -> None:
    """However short: nobody knows what it was. Of another program it is nobody's business."""
    stats = write_run()
    stats.with_name("x.json").write_text('[{"a"')
    stats.with_name("y.json").write_text('{"a": 1}')
    (warning,) = read_run(stats.parent).warnings
    assert "x.json could not be compared" in warning
    assert read_run(stats).warnings == ()


def test_empty_json_among_several_runs(write_run: WriteRun) -> None:
    """Nobody knows whose it was, unless its name says so."""
    stats = write_run()
    write_run(prefix="second")
    stats.with_name("stdout.json").touch()
    assert read_run(stats).warnings == ()
    stats.with_name("stdout.json").rename(stats.with_name("run.json"))
    assert "run.json is empty" in read_run(stats).warnings[0]


def test_what_is_no_source_is_not_told(write_run: WriteRun) -> None:
    """A document of another program, and what the web UI says who has no history."""
    stats = write_run()
    stats.with_name("run.json").write_text('{"format": "loadgate.result"}')
    stats.with_name("run.html").write_text("<title>loadgate</title>")
    no_history = "Error: Server was not started with option to generate full history."
    stats.with_name("run_stats_history.csv").write_text(no_history)
    assert read_run(stats).warnings == ()


def test_neighbours_that_may_not_be_opened(
    write_run: WriteRun, refuse: Callable[..., None]
) -> None:
    """What cannot be opened at all may be anybody's, and says nothing about the run."""
    stats = write_run()
    secret = stats.with_name("secret.json")
    secret.write_text(listed(5000, 10))
    refuse(secret)
    assert read_run(stats).warnings == ()


def written_at(path: Path, seconds: float) -> None:
    """Set when a file was written, in seconds since the start."""
    os.utime(path, (at(seconds).timestamp(),) * 2)


@pytest.mark.parametrize("name", ["page.html", "run.json", "run_list.json"])
@pytest.mark.parametrize("with_history", [True, False], ids=["history", "failures"])
def test_what_was_there_before_the_run(
    write_run: WriteRun, name: str, *, with_history: bool
) -> None:
    """A document that foretells the time of a run, as a pull request may commit it, is not used."""
    stats = write_run(endpoints=[("POST", STATE, 1000, 900)], failures=[])
    failures = stats.with_name("run_failures.csv")
    failures.write_text(
        "Method,Name,Error,Occurrences,First Seen,Last Seen\n"
        f'POST,{STATE},"got 500",900,{at(1).isoformat()},{at(59).isoformat()}\n'
    )
    if with_history:
        history(stats, (0, 0, 0), (1, 20, 9), (60, 1000, 900))
    many = 1_000_000
    page = stats.with_name(name)
    texts = {"page.html": report(many, 900, end=99), "run.json": web(many, 900, seen=(1, 59))}
    page.write_text(texts.get(name, listed(many, 900, start=0)))
    written_at(stats, 61)
    written_at(page, -60)
    run = read_run(stats)
    assert (judged(run), counts(run)) == ("run_stats.csv", (1000, 900))
    assert [w for w in run.warnings if "it is older than the run" in w and name in w]
    written_at(stats, 10**6)  # a copy, or a download, that is younger
    written_at(page, 61)
    assert not [w for w in read_of(stats) if "before the run began" in w]
    written_at(page, -60)  # clocks of two machines, or the zones of an archive
    written_at(stats, -60)
    assert not [w for w in read_of(stats) if "before the run began" in w]


def read_of(stats: Path) -> tuple[str, ...]:
    """Return what is said of a run, be it refused."""
    return read_run(stats, allow_partial=True).warnings


def test_texts_that_were_there_before_the_list(write_run: WriteRun) -> None:
    """Texts that are committed excuse nothing of a run that --json-file tells of."""
    stats = write_run()
    texts = stats.with_name("run_failures.csv")
    stats.unlink()
    page = stats.with_name("run.json")
    page.write_text(listed(1000, 10, start=0))
    written_at(page, 61)
    for seconds, known in ((60, True), (-60, False)):
        written_at(texts, seconds)
        run = read_run(page)
        assert (run.failure_log is not None) is known
        told = [w for w in run.warnings if "it is older than the run of" in w]
        assert len(told) == (0 if known else 1)


def test_files_of_which_the_system_tells_no_time(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nothing says that they were there before."""
    stats = write_run()
    history(stats)
    stats.with_name("run.html").write_text(report(1050, 12))
    monkeypatch.setattr(pairing, "file_span", lambda _: None)
    assert judged(read_run(stats)) == "run.html"


@pytest.mark.parametrize(
    ("requests", "text", "fits"),
    [
        pytest.param(1050, "Expected [200], got 409", True, id="later"),
        pytest.param(
            1050, "CatchResponseError(&#x27;Expected [200], got 409&#x27;)", True, id="as"
        ),
        pytest.param(1000, "Expected [200], got 409", True, id="the-same"),
        pytest.param(950, "Expected [200], got 409", True, id="earlier"),
        pytest.param(1050, "Expected [200], got 412", False, id="later-other"),
        pytest.param(1000, "Expected [200], got 412", False, id="same-counts-other"),
        pytest.param(950, "Expected [200], got 412", False, id="earlier-other"),
    ],
)
def test_texts_show_what_is_of_another_run(
    write_run: WriteRun, requests: int, text: str, *, fits: bool
) -> None:
    """Where no time tells, names pair files, and what failed must be the same."""
    stats = write_run()
    failed = 10 if requests >= 1000 else 5
    page = json.loads(web(requests, failed))
    page["errors"] = [{"method": "POST", "name": STATE, "error": text, "occurrences": failed}]
    stats.with_name("run.json").write_text(json.dumps(page))
    if fits:
        assert counts(read_run(stats))[0] == max(requests, 1000)
        return
    with pytest.raises(ContradictionError, match="run.json has other error texts of 'POST /"):
        read_run(stats)


def test_a_rival_without_times_takes_nothing_away(write_run: WriteRun) -> None:
    """A file whose name is nearer to a report must not hide that the writer died."""
    stats = write_run(endpoints=[("POST", STATE, 50, 0)], failures=[])
    history(stats, (0, 0, 0), (1, 50, 0))
    stats.with_name("report.html").write_text(report(1000, 900))
    write_run(prefix="report", failures=None)
    run = read_run(stats)
    assert (judged(run), counts(run)) == ("report.html", (1000, 900))


def test_documents_beside_a_named_report(write_run: WriteRun) -> None:
    """Of one prefix they are held against each other."""
    page = write_run().with_name("page.html")
    page.write_text(report(1000, 0, start=None))
    page.with_name("page.json").write_text(web(1000, 900))
    for path in (page, page.with_name("page")):
        with pytest.raises(ContradictionError, match="the same run"):
            read_run(path)


def test_a_report_of_an_earlier_run_is_told(write_run: WriteRun) -> None:
    """Who names it by mistake judges yesterday's run, and learns that a later one is there."""
    stats = write_run()
    history(stats)
    page = stats.with_name("run.html")
    page.write_text(report(1000, 0, start=-86_400, end=-86_340))
    (warning,) = read_run(page).warnings
    assert warning.startswith(f"{stats} is from another run")
    assert warning.endswith(f" loadgate check {stats}")
    assert read_run(page, judged=[str(stats)]).warnings == ()
    page.write_text(report(1000, 10))
    assert read_run(page).warnings == ()


# --- folders ----------------------------------------------------------------------------------------


def test_a_folder_with_several_runs(write_run: WriteRun) -> None:
    """It means each of them."""
    folder = write_run().parent
    assert find_runs(str(folder)) == [str(folder)]
    write_run(prefix="again")
    (folder / "broken_stats.csv").write_text("Type,Na")
    assert [Path(path).name for path in find_runs(str(folder))] == [
        "again_stats.csv",
        "broken_stats.csv",
        "run_stats.csv",
    ]
    assert find_runs(str(folder / "run_stats.csv")) == [str(folder / "run_stats.csv")]
    with pytest.raises(ResultError, match="holds 3 runs: again_stats.csv, broken_stats.csv"):
        read_run(folder)


def test_a_report_is_read_once_for_all_runs_beside_it(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless it may change unnoticed, as it was written a moment ago."""
    runs = [write_run(prefix=prefix) for prefix in ("a", "b")]
    page = runs[0].with_name("a.html")
    page.write_text(report(1050, 12))
    found: list[str] = []

    def spy(path: str, encoding: str) -> Document:
        found.append(path)
        return read_report(path, encoding)

    counted = replace(DOCUMENTS["report"], read=spy)
    monkeypatch.setitem(DOCUMENTS, "report", counted)
    now = page.stat().st_ctime_ns
    for late, times in ((0, 2), (10**10, 3)):
        monkeypatch.setattr("loadgate.read.raw.time.time_ns", lambda late=late: now + late)
        for run in runs:
            read_run(run)
        assert found == [str(page)] * times
    page.write_text(report(1051, 12))
    assert kind_of(str(page)) == "report"
    page.unlink()
    with pytest.raises(ResultError, match=r"a\.html: No such file"):
        kind_of(str(page))


def test_a_folder_with_reports_and_documents(tmp_path: Path) -> None:
    """A document of a report's run is no run of its own; by its times, else by its name."""
    (tmp_path / "a.html").write_text(report(1050, 12))
    assert find_runs(str(tmp_path)) == [str(tmp_path)]
    (tmp_path / "stdout.json").write_text(listed(1050, 12, start=1, end=59))
    (tmp_path / "a_file.json").write_text(listed(1050, 12))
    assert find_runs(str(tmp_path)) == [str(tmp_path)]
    run = read_run(tmp_path)
    assert (judged(run), counts(run), run.warnings) == ("a.html", (1050, 12), ())
    (tmp_path / "late.json").write_text(listed(1050, 12, start=100, end=200))
    (tmp_path / "other.json").write_text(listed(1050, 12))
    (tmp_path / "b.html").write_text(report(1050, 12, start=1000, end=1060))
    assert [Path(path).name for path in find_runs(str(tmp_path))] == [
        "a.html",
        "b.html",
        "late.json",
        "other.json",
    ]
    (tmp_path / "cut.html").write_text("<title>Locust</title>window.templateArgs = {")
    assert find_runs(str(tmp_path)) == [str(tmp_path)]


def test_a_report_and_a_document_that_contradicts_it(tmp_path: Path) -> None:
    """A folder of one run is held together as CSV files are."""
    (tmp_path / "a.html").write_text(report(1000, 10))
    (tmp_path / "a.json").write_text(web(1000, 900, seen=(1, 50)))
    with pytest.raises(ContradictionError, match="the same run"):
        read_run(tmp_path)
