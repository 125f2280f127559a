"""Locust's request log: a row for each request, with the status of its response."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from conftest import WriteRun
from recorder.runs import LOCUSTFILE, USERS, Recorded, counting_server

from loadgate import load_policy, read_run
from loadgate.classify import classify
from loadgate.cli import run
from loadgate.errors import ContradictionError, ResultError
from loadgate.model import OTHER_SIGNATURES, Run
from loadgate.read import find_runs, requests, statistics
from loadgate.read.requests import COLUMNS
from loadgate.recording.counts import LONGEST_TEXT

BEGAN = 1_795_797_981
STATE = "/tools/[id]/state"
Row = tuple[object, ...]


def row(
    status: object = 200,
    error: str = "",
    *,
    at: object = f"{BEGAN}.5",
    method: str = "POST",
    name: str = STATE,
    time: object = 5.25,
) -> Row:
    """Return a row as Locust writes it."""
    return at, method, name, time, 0, status, error


def write(path: Path, rows: Iterable[Row], *, end: str = "", encoding: str = "utf-8") -> str:
    """Write a request log."""
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
        file.write(end)
    return str(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_everything_is_exact(tmp_path: Path, encoding: str) -> None:
    """Statuses whatever the text says, counts, times, and what the locustfile allows."""
    rows = [
        *(row(time=time) for time in range(1, 101)),
        row(409, 'sold out,\n"sorry" \0 ü', at=BEGAN + 9, time=200.0),
        row(409, time="", at=BEGAN + 9),
        row(0, "[Errno 111] Connection refused", name="/gone", time="nan"),
        row(0, method="grpc", name="/Call", time=-1),
    ]
    found = read_run(write(tmp_path / "any.csv", rows, encoding=encoding))
    assert (found.label, found.total.requests, found.total.failures) == ("any", 104, 2)
    assert found.time is not None
    assert (found.time.source, found.time.ended.timestamp() - BEGAN) == ("requests", 9)
    state = next(each for each in found.endpoints if each.name == STATE)
    assert (state.latency.min, state.latency.max) == (1.0, 200.0)
    assert state.latency.avg == (5050 + 200) / 101
    assert 51 <= (state.latency.median or 0) <= 51 * 1.008
    assert (found.users, found.task_exceptions) == (None, None)
    assert found.allowed == (("POST", STATE, 409, 1),)
    policy = load_policy("optimistic-locking", today=date(2026, 11, 23))
    kinds = {kind.name: kind for kind in classify(found, policy).failures}
    assert (kinds[STATE].status, kinds[STATE].status_from) == (409, "requests")
    assert kinds[STATE].decision == "expected"
    assert (kinds["/gone"].status, kinds["/gone"].status_from) == (None, "requests")
    assert "1 responses with a status of 400 or more have no exception" in found.warnings[0]


@pytest.mark.parametrize(
    ("request_", "warns"),
    [
        (row(0, method="GET"), True),
        (row(0, method="GET", error="timed out"), False),
        (row(0, method="grpc"), False),
        (row(method="GET"), False),
    ],
)
def test_http_without_a_response(tmp_path: Path, request_: Row, *, warns: bool) -> None:
    """Without an exception, too, it may be a failure whose exception has no text."""
    found = read_run(write(tmp_path / "r.csv", [request_] * 3))
    words = "3 HTTP requests without a response have no exception and count as successes"
    assert any(words in warning for warning in found.warnings) == warns


@pytest.mark.parametrize(
    ("damaged", "words"),
    [
        (row("4O9"), 'invalid "status_code"'),
        (row(at="nan"), 'invalid "timestamp"'),
        (row(at="yesterday"), "line 3 could not convert"),
        (row(time="5,25"), "line 3 could not convert"),
        (row()[:5], "has 5 columns instead of 7"),
    ],
)
def test_a_damaged_row_may_be_a_failure(tmp_path: Path, damaged: Row, words: str) -> None:
    """Exit 2; with --allow-partial it counts as one, of no endpoint."""
    path = write(tmp_path / "r.csv", [row(), damaged, (), ("",), row()])
    with pytest.raises(ContradictionError) as error:
        read_run(path)
    assert words in str(error.value)
    partial = read_run(path, allow_partial=True)
    assert (partial.total.requests, partial.total.failures) == (2, 1)
    assert run(["check", path]) == 2


def test_a_log_that_was_cut(tmp_path: Path) -> None:
    """In a row, in its last text, or in the middle of a quoted one."""
    for number, end in enumerate(
        (f"{BEGAN},POST,/a,5.", f"{BEGAN},POST,/a,5,0,500,Serv", f'{BEGAN},POST,/a,5,0,500,"Se\n')
    ):
        path = write(tmp_path / f"{number}.csv", [row()], end=end)
        with pytest.raises(ResultError):
            read_run(path)
        assert read_run(path, allow_partial=True).total.failures >= 1


def test_what_is_no_log(tmp_path: Path) -> None:
    """Two joined logs, other columns, and the file of a master, which is empty."""
    path = write(tmp_path / "two.csv", [row(), COLUMNS, row()])
    assert "second header" in _refused(path)
    other = tmp_path / "other.csv"
    other.write_text("timestamp,request_type,name,status_code\n1,GET,/,200\n")
    assert "has other columns than timestamp" in _refused(str(other))
    huge = write(tmp_path / "cell.csv", [row(500, "x" * (16 * 1024 * 1024 + 1))])
    assert "not valid CSV" in _refused(huge)
    assert run(["check", write(tmp_path / "master.csv", [])]) == 3


def _refused(path: str) -> str:
    with pytest.raises(ResultError) as error:
        read_run(path)
    return str(error.value)


def test_many_texts_and_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts beyond what there is room for match no rule; too many names are refused."""
    monkeypatch.setattr(requests, "TEXT_ROOM", 900)
    rows = [row(409, f"sold out {n}") for n in range(9)] + [row(409, "sold out 0")]
    rows += [row(409, "x" * (LONGEST_TEXT + 1)), row(409, "sold out 8")]
    found = read_run(write(tmp_path / "r.csv", rows))
    texts = Counter[str]()
    for _, _, text, count in found.failure_log.rows([]) if found.failure_log else ():
        texts[text] += count
    assert (texts["sold out 0"], texts[OTHER_SIGNATURES], found.total.failures) == (2, 7, 12)
    monkeypatch.setattr(requests, "MOST_ROWS", 3)
    path = write(tmp_path / "names.csv", [row(name=f"/{n}") for n in range(4)])
    assert "different requests" in _refused(path)
    damaged = write(tmp_path / "damaged.csv", [row("x")] * 5)
    assert read_run(damaged, allow_partial=True).total.failures == 5
    assert "name of" in _refused(write(tmp_path / "n.csv", [row(name="n" * 100_001)]))
    assert statistics.MOST_ROWS == 250_000


# --- beside other files ---------------------------------------------------------------------------


def test_beside_the_csv_files_of_its_run(write_run: WriteRun) -> None:
    """The more complete one is judged, of two as complete the log; contradictions stop the check."""
    path = write_run([("POST", STATE, 20, 2)], [("POST", STATE, "sold out", 2)])
    folder = path if path.is_dir() else path.parent
    rows = [row()] * 18 + [row(409, "sold out")] * 2

    def judged(*rows: Row) -> Run:
        write(folder / "requests.csv", rows)
        return read_run(folder)

    assert judged(*rows).sources[0].path.endswith("requests.csv")
    assert judged(*rows, row()).total.requests == 21
    assert judged(*rows[1:]).sources[0].path.endswith("_stats.csv")  # as the log of one worker
    for wrong in ([*rows[:-1], row(), row()], rows * 2):
        with pytest.raises(ContradictionError):
            judged(*wrong)
    assert find_runs(str(folder)) == [str(folder)]


def test_several_logs_in_a_folder_are_runs_or_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One for each worker; a copy of one is refused."""
    for name, time in (("a", 5.25), ("b", 7.5)):
        write(tmp_path / f"{name}.csv", [row(time=time), row(409, name)])
    write(tmp_path / "master.csv", [])
    out = tmp_path / "out.json"
    assert run(["check", "--merge", str(tmp_path), "--output", f"json:{out}"]) == 0
    assert json.loads(out.read_text())["totals"]["expected_failures"] == 2
    late = [row(at=BEGAN + 900), row(409, "a", at=BEGAN + 900)]
    write(tmp_path / "d.csv", late)  # which only looks the same
    assert run(["check", "--merge", f"{tmp_path}/a.csv", f"{tmp_path}/d.csv"]) == 0
    write(tmp_path / "c.csv", [row(409, "a"), row()])
    assert run(["check", "--merge", str(tmp_path)]) == 2
    assert "are of the same run" in capsys.readouterr().err


def test_a_log_stands_for_no_report(tmp_path: Path) -> None:
    """It may be of one worker, and the report of all: both are judged."""
    report = tmp_path / "r.html"
    report.write_text(
        "<title>Locust</title><script>window.templateArgs = "
        + json.dumps({
            "start_time": "2026-11-27T16:46:21Z", "end_time": "2026-11-27T16:46:22Z",
            "requests_statistics": [], "failures_statistics": [], "history": [],
        })
        + "</script></html>"
    )  # fmt: skip
    log = write(tmp_path / "log.csv", [row(), row(at=BEGAN + 60)])
    assert find_runs(str(tmp_path)) == [log, str(report)]


# --- a real Locust --------------------------------------------------------------------------------

_LOGGING = """
import os
exec(compile(open({path!r}).read(), "locustfile", "exec"))
from locust.contrib.csv_request_logger import CsvRequestLogger
logger = CsvRequestLogger(f"requests-{{os.getpid()}}.csv")
events.init.add_listener(lambda environment, **_: logger.register(environment))
"""


@pytest.mark.parametrize("workers", [0, 2])
def test_a_real_run(tmp_path: Path, workers: int) -> None:
    """What the server answered is what the logs of all processes tell."""
    locustfile = tmp_path / "logging_locustfile.py"
    locustfile.write_text(_LOGGING.format(path=str(LOCUSTFILE)))
    with counting_server() as server:
        test = Recorded(tmp_path / "run", server.url, locustfile=locustfile)
        if workers:
            test.distributed(workers, module="locust")
            test.until(lambda: len(test.processes) == workers + 1, "no workers")
        else:
            test.start("--headless", f"-u{USERS}", f"-r{USERS}", module="locust")
        test.wait()
    logs = sorted(map(str, (tmp_path / "run").glob("requests-*.csv")))
    assert len(logs) == workers + 1
    out = tmp_path / "out.json"
    assert run(["check", "--merge", *logs, "--output", f"json:{out}"]) == 1
    verdict = json.loads(out.read_text())
    answered = {
        (method, "/named" if path == "/s/404" else path, status): count
        for (method, path, status), count in server.answers.items()
        if status in {404, 409, 503} and method != "POST"
    }
    failed = Counter[tuple[str, str, int]]()
    for kind in verdict["failures"]:
        if kind["status"] is not None:
            failed[kind["method"], kind["name"], kind["status"]] += kind["count"]
    assert failed == answered
    assert {kind["status_from"] for kind in verdict["failures"]} == {"requests"}
    assert answered["PUT", "/s/409", 409] == USERS * 10
