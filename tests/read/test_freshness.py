"""Other sources of the run that is judged: which count, and what they change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun

from loadgate import read_run
from loadgate.errors import ContradictionError, ResultError
from loadgate.model import Run

STATE = "/tools/[id]/state"
HISTORY = "Timestamp,User Count,Type,Name,Total Request Count,Total Failure Count\n"


def listed(requests: int = 1000, failures: int = 10) -> str:
    """Return what --json prints of the endpoint that `write_run` writes."""
    entry = {"name": STATE, "method": "POST", "num_requests": requests, "num_failures": failures}
    return json.dumps([entry | {"response_times": {}}])


def web(requests: int, failures: int, shown: int = 500) -> str:
    """Return a /stats/requests JSON with a total, of which `shown` endpoints can be seen."""

    def entry(name: str, requests: int, failures: int, method: str = "GET") -> dict[str, Any]:
        return {
            "name": name, "method": method, "num_requests": requests, "num_failures": failures
        }  # fmt: skip

    stats = [entry(f"/{number}", 1, 0) for number in range(shown)]
    return json.dumps(
        {"stats": [*stats, entry("Aggregated", requests, failures, "")], "errors": []}
    )


def statistics_of(run: Run) -> str:
    """Return the name of the file that the statistics come from."""
    return next(Path(each.path).name for each in run.sources if each.role == "statistics")


def test_the_total_of_a_cut_web_json_counts(write_run: WriteRun) -> None:
    """The web UI lists 500 endpoints, so their sum says nothing; its total does."""
    stats = write_run()
    stats.with_name("requests.json").write_text(web(5000, 90))
    with pytest.raises(ContradictionError, match="5,000 and 90"):
        read_run(stats.parent)
    run = read_run(stats.parent, allow_partial=True)
    assert (run.total.requests, run.total.failures) == (1000, 90)
    assert statistics_of(run) == "run_stats.csv"


def test_sources_name_the_file_that_was_counted_by(write_run: WriteRun) -> None:
    """Where a fresher file counts, the sources say so, and no failure of either is lost."""
    stats = write_run([("POST", STATE, 10, 10)])
    stats.with_name("run.json").write_text(listed(1000, 4))
    run = read_run(stats, allow_partial=True)
    assert statistics_of(run) == "run.json"
    assert (run.total.requests, run.total.failures) == (1000, 10)


def test_fewer_failures_in_a_fresher_source(write_run: WriteRun) -> None:
    """The warning tells the difference in words that fit."""
    stats = write_run()
    stats.with_name("run.json").write_text(listed(1050, 9))
    (warning,) = read_run(stats).warnings
    assert "50 more requests and 1 fewer failures" in warning


@pytest.mark.parametrize(
    ("row", "warned"),
    [
        pytest.param("1,2,,Aggregated,1050,12", True, id="total"),
        pytest.param("1,2,None,Aggregated,1050,12", True, id="total-of-old-releases"),
        pytest.param("1,2,GET,Aggregated,1050,12", False, id="endpoint-called-like-the-total"),
    ],
)
def test_a_history_a_little_ahead(write_run: WriteRun, row: str, *, warned: bool) -> None:
    """The history is compared by its totals, within the lag as well."""
    stats = write_run()
    stats.with_name("run_stats_history.csv").write_text(f"{HISTORY}1,2,,Aggregated,900,1\n{row}\n")
    warnings = read_run(stats).warnings
    assert [("50 more requests and 2 more failures" in text) for text in warnings] == [
        True
    ] * warned


@pytest.mark.parametrize(
    ("name", "compared"),
    [
        pytest.param("run.json", True, id="same-prefix"),
        pytest.param("run_file.json", True, id="prefix-goes-on"),
        pytest.param("run2.json", False, id="prefix-of-another-run"),
        pytest.param("stdout.json", False, id="no-prefix"),
    ],
)
def test_neighbours_among_several_runs(write_run: WriteRun, name: str, *, compared: bool) -> None:
    """Where a folder holds several runs, the prefix says which neighbours belong to this one."""
    stats = write_run()
    write_run(prefix="run2")
    stats.with_name(name).write_text(listed(5000, 10))
    if compared:
        with pytest.raises(ContradictionError, match=name):
            read_run(stats)
    else:
        assert read_run(stats).warnings == ()


def test_the_same_prefix_is_the_same_run(write_run: WriteRun) -> None:
    """A report of the same prefix counts even where its endpoints have other names."""
    stats = write_run()
    stats.with_name("run.json").write_text(listed(5000, 10).replace("tools", "else"))
    with pytest.raises(ContradictionError, match=r"run\.json 5,000"):
        read_run(stats)
    stats.with_name("run.json").rename(stats.with_name("run_x.json"))
    assert read_run(stats).warnings == ()


def test_neighbours_that_look_like_locusts_but_are_broken(write_run: WriteRun) -> None:
    """A source that was cut is told; documents of other programs are not even parsed."""
    stats = write_run()
    stats.with_name("cut.json").write_text(listed()[:-5])
    stats.with_name("other.json").write_text('{"a": [')
    stats.with_name("void.html").touch()
    (warning,) = read_run(stats).warnings
    assert "cut.json could not be compared: is no sound JSON" in warning
    stats.with_name("cut.json").unlink()
    stats.with_name("page.html").write_text("<title>Locust</title> nothing else")
    (warning,) = read_run(stats).warnings
    assert "page.html could not be compared: looks like a report of Locust, and is cut" in warning
    stats.with_name("page.html").unlink()
    stats.with_name("half.html").write_text("<title>Locust</title>window.templateArgs = {")
    (warning,) = read_run(stats).warnings
    assert "half.html could not be compared: is cut" in warning


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        pytest.param("run_stats_history.csv", "", "it is empty", id="empty-history"),
        pytest.param("run_stats_history.csv", HISTORY[:40], "no total", id="cut-history"),
        pytest.param("run_stats_history.csv", "\0\1\2", "no total", id="binary-history"),
        pytest.param("run.html", "", "is empty", id="empty-report"),
        pytest.param("run.html", "<title>Locust</title>", "is cut or damaged", id="cut-report"),
        pytest.param("run.json", "{", "no sound JSON", id="cut-json"),
        pytest.param("run.json", "", "is empty: a Locust that was killed", id="empty-json"),
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


def test_what_is_no_source_is_not_told(write_run: WriteRun) -> None:
    """A document of another program, and what the web UI says who has no history."""
    stats = write_run()
    stats.with_name("run.json").write_text('{"format": "loadgate.result"}')
    stats.with_name("run.html").write_text("<title>loadgate</title>")
    no_history = "Error: Server was not started with option to generate full history."
    stats.with_name("run_stats_history.csv").write_text(no_history)
    assert read_run(stats).warnings == ()


@pytest.mark.parametrize("times", range(6))  # it is opened to see what it is, then to read it
def test_a_history_that_may_not_be_opened(
    write_run: WriteRun, refuse: Callable[..., None], times: int
) -> None:
    """What is of the run by its name, and cannot be read, stops the check."""
    stats = write_run()
    history = stats.with_name("run_stats_history.csv")
    history.write_text(HISTORY + "1,2,,Aggregated,1000,10\n")
    refuse(history, times)
    with pytest.raises(ResultError, match=r"history.csv: cannot be read: Permission denied"):
        read_run(stats)


def test_neighbours_that_may_not_be_opened(
    write_run: WriteRun, refuse: Callable[..., None]
) -> None:
    """What cannot be opened at all may be anybody's, and says nothing about the run."""
    stats = write_run()
    secret = stats.with_name("secret.json")
    secret.write_text(listed(5000, 10))
    refuse(secret)
    assert read_run(stats).warnings == ()
