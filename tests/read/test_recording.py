"""Recordings: what is read of them, where they are found, and what makes one no evidence."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from builders import policy, rule
from conftest import WriteRun

from loadgate import read_run
from loadgate.classify import classify
from loadgate.document.sums import check_numbers
from loadgate.document.write import as_document
from loadgate.errors import ContradictionError, ResultError
from loadgate.gate import evaluate
from loadgate.model import OTHER_SIGNATURES, UNEXPLAINED, Rule, Run
from loadgate.read import find_runs
from loadgate.read.recording import OTHER_ENDPOINTS
from loadgate.read.runs import each_once
from loadgate.recording.counts import Counts, Key, Mark
from loadgate.recording.document import (
    LOCAL,
    Document,
    Totals,
    Worker,
    document_to_json,
)
from loadgate.recording.histogram import percentile
from loadgate.recording.journal import Part, pack, part_to_json
from loadgate.render.verdict.text import render as render_text
from loadgate.schemas import conforming

BEGAN = 1_795_000_000
STATE = "/tools/[id]/state"
SILENT = "CatchResponseError('says nothing')"
Request = tuple[Key, str | None, int | None]
"""Key, error text and microseconds."""


def answered(
    status: int | str | None = 200,
    error: str | None = None,
    *,
    method: str | None = "POST",
    name: str | None = STATE,
    failed: bool = False,
    micros: int | None = 5_000,
) -> Request:
    """Return a request; with an error it failed."""
    return Key(method, name, status, None, failed or error is not None), error, micros


def counted(requests: Iterable[Request], second: int = BEGAN) -> Counts:
    """Return the counts of some requests."""
    counts = Counts()
    for key, error, micros in requests:
        counts.cell(second, counts.kept(key)).record(micros)
        if key.failed:
            counts.count_text(key, error)
    return counts


def finished(requests: Iterable[Request] = (answered(),), **fields: Any) -> Document:
    """Return a recording of a run that is no less than complete, but for what is given."""
    counts = counted(requests)
    made, failures = counts.requests, counts.failures
    counts.mark(Mark(at=BEGAN + 10.5, kind="stop"))
    totals = Totals(requests=made, failures=failures, reset=False)
    worker = Worker(id=LOCAL, parts=1, arrived=made, recorded=made, finished=True)
    whole: dict[str, Any] = {
        "run": "r", "state": "finished", "started": BEGAN + 0.5, "ended": BEGAN + 12.0,
        "workers": [worker], "locust_totals": totals, "counts": counts,
    }  # fmt: skip
    return Document(**whole | fields)


def save(path: Path, document: Document | None = None, *parts: Part) -> str:
    """Write a recording; with parts it is one whose run did not finish."""
    members = [document_to_json(document or finished()), *map(part_to_json, parts)]
    path.write_bytes(b"".join(map(pack, members)))
    return str(path)


def part(*requests: Request, number: int = 1, run: str | None = "r") -> Part:
    """Return a part of a journal."""
    return Part(
        run=run, worker=LOCAL, number=number, final=False, recorded=len(requests), errors=0,
        error=None, counts=counted(requests),
    )  # fmt: skip


@pytest.fixture
def recorded(tmp_path: Path) -> Callable[..., Run]:
    """Return what writes a recording and reads the run."""

    def read(document: Document | None = None, **options: Any) -> Run:
        return read_run(save(tmp_path / "run.loadgate.json.gz", document), **options)

    return read


# --- what is read ---------------------------------------------------------------------------------


def test_everything_is_exact(recorded: Callable[..., Run]) -> None:
    """Counts, times, users, exceptions; only percentiles are rounded, up and by less than 0.8 %."""
    document = finished(
        [
            *(answered(micros=micros) for micros in range(1_000, 101_000, 1_000)),
            answered(409, SILENT, micros=200_000),
            answered(None, "ReadTimeout('')", name="/other", micros=None),
        ]
    )
    document.counts.count_users(BEGAN, 3)
    document.counts.count_users(BEGAN + 1, 7)
    document.counts.count_users(BEGAN + 9, 0)
    document.counts.count_task_error("KeyError", 2)
    document.counts.count_task_error(None)
    run = recorded(document)
    assert run.label == "run"
    assert (run.total.requests, run.total.failures) == (102, 2)
    other, state = run.endpoints
    assert (other.key, other.requests, other.failures) == (("POST", "/other"), 1, 1)
    assert (other.latency.avg, other.latency.min, other.latency.median) == (None, None, None)
    assert {value for _, value in other.latency.percentiles} == {None}
    times = state.latency
    assert (times.min, times.max, times.avg) == (1.0, 200.0, (5050 + 200) / 101)
    assert times.median is not None
    assert 51 <= times.median <= 51 * 1.008
    percentiles = dict(times.percentiles)
    assert percentiles["50"] == times.median
    assert percentiles["100"] == percentiles["99.9"] == 200.0  # not the edge of its bucket
    assert run.total.rps == 102 / 10
    assert run.time is not None
    assert (run.time.source, (run.time.ended - run.time.started).seconds) == ("recording", 10)
    assert run.time.started.timestamp() == BEGAN
    assert (run.users, run.task_exceptions, run.contradictions) == (7, 3, ())
    assert [source.role for source in run.sources] == ["statistics", "failures"]


def test_a_run_without_requests(recorded: Callable[..., Run]) -> None:
    """It is read; the gate has no evidence."""
    run = recorded(finished([], started=None, ended=None))
    assert (run.total.requests, run.endpoints, run.total.rps) == (0, (), None)


@pytest.mark.parametrize(
    ("ended", "source"),
    [(BEGAN + 12.0, 12), (None, 1), (BEGAN - 5.0, 5), (1e300, 0)],
)
def test_ends_without_a_mark(
    recorded: Callable[..., Run], ended: float | None, source: int
) -> None:
    """The end of the recording, else the last cell; never a negative time."""
    document = finished(ended=ended)
    document.counts.marks.clear()
    run = recorded(document)
    assert run.time is not None
    assert (run.time.ended - run.time.started).total_seconds() == source


# --- the status -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (409, SILENT, True),
        (409, "CatchResponseError('Expected 200, got 500')", True),
        (409, "", True),
        (500, "CatchResponseError('Expected 200, got 409')", False),
        (500, "409 Conflict", False),
        (None, "HTTPError('409 Client Error: Conflict for url: /')", False),
        ("grpc:ABORTED", "got status 409", False),
        (410, "Toggle failed: 409", False),
        (999, "409 Conflict", False),
    ],
)
def test_no_text_is_asked_for_the_status(
    recorded: Callable[..., Run], status: int | str | None, error: str, expected: bool
) -> None:
    """The response had it, or there was none; whatever the text says."""
    run = recorded(finished([answered(status, error)] * 3))
    found = classify(run, policy(rule(), status_texts=("Toggle failed: {status}",)))
    (kind,) = found.failures
    assert kind.status == status
    assert (kind.status_from, kind.likely_status) == ("recorder", None)
    assert (found.total.expected, found.total.true) == ((3, 0) if expected else (0, 3))
    assert found.true_log is not None
    assert len([*found.true_log.rows([])]) == (0 if expected else 1)


@pytest.mark.parametrize("more", [[], [rule("other", endpoint="/x", error="*x*")]])
def test_one_text_with_two_statuses_is_two_kinds(
    recorded: Callable[..., Run], more: list[Rule]
) -> None:
    """Also in the log of true failures, whether or not a rule looks at texts."""
    run = recorded(finished([answered(409, SILENT), answered(503, SILENT), answered(503, SILENT)]))
    found = classify(run, policy(rule(), *more))
    assert [(kind.status, kind.count, kind.decision) for kind in found.failures] == [
        (503, 2, "true"),
        (409, 1, "expected"),
    ]
    assert found.true_log is not None
    assert [*found.true_log.rows([])] == [("POST", STATE, SILENT, 2)]


def test_conditions_on_texts_are_met_by_texts(recorded: Callable[..., Run]) -> None:
    """As ever; the status comes from the response."""
    run = recorded(finished([answered(409, "lost update"), answered(409, SILENT)]))
    carve_out = rule("lost", statuses=None, error="*lost*", excuses=False)
    found = classify(run, policy(carve_out, rule()))
    assert {(kind.signature, kind.rule) for kind in found.failures} == {
        ("lost update", "lost"),
        (SILENT, "state-conflict"),
    }


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([rule()], 1),
        ([rule(error="*nothing*")], 0),
        ([rule("lost", statuses=None, error="*lost*", excuses=False), rule()], 0),
        ([rule("lost", statuses=(500,), error="*lost*", excuses=False), rule()], 1),
    ],
)
def test_texts_that_were_not_kept(
    recorded: Callable[..., Run], rules: list[Rule], expected: int
) -> None:
    """A rule on the status excuses them, unless a carve-out may be meant; none on a text does."""
    document = finished([answered(409, failed=True)])
    found = classify(recorded(document), policy(*rules))
    assert (found.total.expected, found.total.true) == (expected, 1 - expected)
    assert [kind.signature for kind in found.failures] == [OTHER_SIGNATURES]


@pytest.mark.parametrize("lost", [{"method": None}, {"name": None}])
def test_names_that_were_not_kept(recorded: Callable[..., Run], lost: dict[str, Any]) -> None:
    """Their failures are true, as no rule can be said to be for them."""
    document = finished([answered(409, SILENT, **lost), answered(), answered(**lost)])
    found = classify(recorded(document), policy(rule(endpoint="/**"), rule("b", endpoint="**")))
    (kind,) = found.failures
    assert (kind.name, kind.signature, kind.decision) == (OTHER_ENDPOINTS, UNEXPLAINED, "true")
    assert [(row.stats.name, row.stats.requests) for row in found.endpoints] == [
        (OTHER_ENDPOINTS, 2),
        (STATE, 1),
    ]


# --- what the locustfile allows -------------------------------------------------------------------

ALLOWED = answered(409)
"""A conflict that the locustfile counts as a success."""


def test_what_is_allowed_counts_against_the_budget(recorded: Callable[..., Run]) -> None:
    """The totals of Locust stay what they are."""
    run = recorded(
        finished(
            [
                *[answered(409, SILENT)] * 2,
                *[ALLOWED] * 3,
                *[answered()] * 15,
                answered(404),  # no rule names it
                answered(409, method=None),
                answered("grpc:ABORTED"),
            ]
        )
    )
    assert run.allowed is not None
    assert sorted(run.allowed) == [("POST", STATE, 404, 1), ("POST", STATE, 409, 3)]
    for at_most, outcome in (("22%", "failed"), ("24%", "passed")):
        of = policy(rule(at_most=at_most))
        verdict = evaluate(classify(run, of), of)
        found = verdict.classification
        assert (found.total.failures, found.total.expected, found.total.allowed) == (2, 2, 3)
        assert found.endpoints[0].allowed == 3
        assert (found.rules[0].matched, found.rules[0].allowed) == (2, 3)
        budget = verdict.checks[-1]
        assert (budget.actual, budget.result) == (Fraction(5, 22), outcome)
        document = as_document(verdict)
        assert conforming(document, "result") == document
        check_numbers(document)


@pytest.mark.parametrize(
    ("rules", "state", "warned"),
    [
        ([rule(at_most="1%")], "used", ""),
        ([rule(excuses=False)], "used", "carve-out state-conflict is about"),
        ([rule(error="*x*")], "idle", ""),
        ([rule(statuses=None, error="*")], "idle", ""),
        ([rule(statuses=(412,))], "idle", ""),
        ([rule(at_most="1%", expires=date(2026, 1, 1))], "expired", ""),
    ],
)
def test_only_allowed(
    recorded: Callable[..., Run], rules: list[Rule], state: str, warned: str
) -> None:
    """A rule that names the status is used; one on a text is not, as there is none."""
    of = policy(*rules)
    verdict = evaluate(classify(recorded(finished([ALLOWED])), of), of)
    (result,) = verdict.classification.rules
    assert (result.state, result.matched) == (state, 0)
    assert result.allowed == (0 if state == "idle" else 1)
    budgets = [check.result for check in verdict.checks if check.rule]
    assert budgets == (["failed"] if state == "used" and rules[0].at_most else [])
    assert warned in " ".join(verdict.classification.warnings)
    text = render_text(verdict)
    assert ("1 allowed by the locustfile" in text) == (result.allowed == 1)
    check_numbers(as_document(verdict))


# --- no evidence ----------------------------------------------------------------------------------


def worker(**fields: Any) -> Worker:
    """Return a worker of which everything arrived, but for what is given."""
    whole: dict[str, Any] = {"id": "w", "parts": 1, "arrived": 1, "recorded": 1, "finished": True}
    return Worker(**whole | fields)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"state": "running"}, "the run did not finish"),
        ({"workers": [worker(finished=False)]}, "worker w sent no last report"),
        ({"workers": [worker(silent=True)]}, "reported to Locust but not to the recorder"),
        ({"workers": [worker(missing=2)]}, "2 of its reports are missing"),
        ({"workers": [worker(recorded=2)]}, "recorded 2 requests, 1 arrived"),
        ({"workers": [worker(errors=1, error="OSError: x")]}, "1 errors of the recorder"),
        ({"errors": ["OSError: disk full"]}, "error of the recorder: OSError: disk full"),
        ({"locust_totals": None}, "Locust's own totals are not known"),
        (
            {"locust_totals": Totals(requests=2, failures=1, reset=False)},
            "1 requests were recorded, Locust counted 2",
        ),
    ],
)
def test_no_evidence(recorded: Callable[..., Run], fields: dict[str, Any], problem: str) -> None:
    """It stops the check; `--allow-partial` goes on and says so."""
    document = finished(**fields)
    with pytest.raises(ContradictionError, match="the recording is no evidence") as error:
        recorded(document)
    assert problem in str(error.value)
    assert "--allow-partial" in error.value.remedy
    run = recorded(document, allow_partial=True)
    assert run.partial
    assert problem in " ".join(run.contradictions)


@pytest.mark.parametrize(
    ("totals", "counted"),
    [((4, 3), (2, 3)), ((1, 0), (1, 1)), (None, (2, 1))],
)
def test_what_is_partial_counts_strictly(
    recorded: Callable[..., Run], totals: tuple[int, int] | None, counted: tuple[int, int]
) -> None:
    """The fewest requests and the most failures of both counts; the difference is true."""
    own = totals and Totals(requests=totals[0], failures=totals[1], reset=False)
    document = finished([answered(), answered(409, SILENT)], locust_totals=own)
    run = recorded(document, allow_partial=True)
    assert (run.total.requests, run.total.failures) == counted
    assert classify(run, policy(rule())).total.true == counted[1] - 1


def test_reset_statistics_say_nothing(recorded: Callable[..., Run]) -> None:
    """Locust's totals are smaller then, and the recording is whole."""
    totals = Totals(requests=0, failures=0, reset=True)
    assert recorded(finished(locust_totals=totals)).total.requests == 1
    partial = finished(locust_totals=totals, errors=["x"])
    assert recorded(partial, allow_partial=True).total.requests == 1


def test_an_unfinished_run(tmp_path: Path) -> None:
    """What arrived counts; cut in the middle of a part it is the same."""
    running = Document(run="r", started=BEGAN + 0.5)
    parts = part(answered(), answered(409, SILENT)), part(answered(), number=2, run=None)
    path = Path(save(tmp_path / "x.loadgate.json.gz", running, *parts))
    with pytest.raises(ContradictionError, match="did not finish"):
        read_run(path)
    assert read_run(path, allow_partial=True).total.requests == 3
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ContradictionError, match="did not finish"):
        read_run(path)
    assert read_run(path, allow_partial=True).total.requests == 2


# --- where it is found ----------------------------------------------------------------------------


def test_by_its_content(tmp_path: Path) -> None:
    """Whatever the name, gzipped or unpacked, also by an editor that sets a mark."""
    packed = Path(save(tmp_path / "run.loadgate.json.gz")).read_bytes()
    text = gzip.decompress(packed)
    pretty = json.dumps(json.loads(text), indent=2).encode()
    for name, content in {
        "a": packed,
        "b.json": text,
        "c.json.gz": packed,
        "d.loadgate.json": b"\xef\xbb\xbf" + text,
        "e.json": pretty,
        "f.json.gz": gzip.compress(pretty),
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        run = read_run(path)
        assert (run.total.requests, run.label) == (1, name[0])


def test_a_journal_that_was_unpacked(tmp_path: Path) -> None:
    """All its lines count."""
    packed = Path(save(tmp_path / "x.gz", Document(run="r"), part(answered()), part(answered())))
    path = tmp_path / "x.loadgate.json"
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    assert read_run(path, allow_partial=True).total.requests == 2


def test_a_folder_with_several(tmp_path: Path) -> None:
    """Each is a run."""
    for name in ("a", "b"):
        save(tmp_path / f"{name}.loadgate.json.gz")
    runs = find_runs(str(tmp_path))
    assert [Path(run).name for run in runs] == ["a.loadgate.json.gz", "b.loadgate.json.gz"]
    assert each_once(runs) == runs
    with pytest.raises(ResultError, match="holds several results"):
        read_run(tmp_path)


def test_a_folder_with_a_document_of_the_same_run(tmp_path: Path) -> None:
    """The document is no run of its own; one of another name is."""
    recording = save(tmp_path / "run.loadgate.json.gz")
    row = {"method": "", "name": "Aggregated", "num_requests": 0, "num_failures": 0}
    document = json.dumps({"stats": [row], "errors": []})
    (tmp_path / "run.json").write_text(document)
    assert find_runs(str(tmp_path)) == [str(tmp_path)]
    assert read_run(tmp_path).sources[0].path == recording
    (tmp_path / "other.json").write_text(document)
    assert find_runs(str(tmp_path)) == [str(tmp_path / "other.json"), recording]


def write_csv(write_run: WriteRun, folder: Path) -> Path:
    """Write the CSV files of the same run."""
    history = "Timestamp,User Count,Type,Name,Total Request Count,Total Failure Count\n"
    path = write_run([("POST", STATE, 3, 2)], [("POST", STATE, "boom", 2)])
    rows = f"{BEGAN},1,,Aggregated,0,0\n{BEGAN + 10},1,,Aggregated,3,2\n"
    (folder / "run_stats_history.csv").write_text(history + rows)
    return path


TWO = [answered(), answered(409, SILENT), answered(503, SILENT)]


@pytest.mark.parametrize("name", ["", "run", "run_stats.csv"])
def test_beside_csv_files(write_run: WriteRun, tmp_path: Path, name: str) -> None:
    """Of the same run it is judged, as it knows more."""
    write_csv(write_run, tmp_path)
    save(tmp_path / "run.loadgate.json.gz", finished(TWO))
    path = str(tmp_path / name)
    assert find_runs(path) == [path]
    run = read_run(path)
    assert run.sources[0].path.endswith("run.loadgate.json.gz")
    assert classify(run, policy(rule())).total.expected == 1
    assert not [text for text in run.warnings if "left out" in text]


def test_csv_files_of_a_run_that_did_not_finish(write_run: WriteRun, tmp_path: Path) -> None:
    """They look complete; the recording beside them knows better."""
    path = write_csv(write_run, tmp_path)
    running = Document(run="r", started=BEGAN + 0.5)
    recording = Path(save(tmp_path / "run.loadgate.json.gz", running, part(*TWO)))
    recording.write_bytes(recording.read_bytes()[:-5])
    with pytest.raises(ContradictionError, match="did not finish"):
        read_run(path)
    run = read_run(path, allow_partial=True)
    assert run.sources[0].path == str(path)
    assert "did not finish" in " ".join(run.contradictions)


@pytest.mark.parametrize(("prefix", "stops"), [("run", True), ("other", False)])
def test_csv_files_beside_a_damaged_recording(
    write_run: WriteRun, tmp_path: Path, prefix: str, stops: bool
) -> None:
    """One of the same prefix may have said that they are no evidence; any other is told."""
    path = write_csv(write_run, tmp_path)
    damaged = Path(save(tmp_path / f"{prefix}.loadgate.json.gz", finished(TWO)))
    damaged.write_bytes(damaged.read_bytes()[:-9])
    if stops:
        with pytest.raises(ResultError, match="cut in its first line"):
            read_run(path)
        return
    assert "could not be compared: is a damaged recording" in " ".join(read_run(path).warnings)


def test_csv_files_of_another_run(write_run: WriteRun, tmp_path: Path) -> None:
    """A recording of another time is told, and is not used."""
    path = write_csv(write_run, tmp_path)
    other = finished(TWO, started=BEGAN + 500.0)
    other.counts.marks.clear()
    save(tmp_path / "run.loadgate.json.gz", other)
    run = read_run(path)
    assert run.sources[0].path == str(path)
    assert "is from another run" in " ".join(run.warnings)


# --- what is no recording -------------------------------------------------------------------------


def changed(**fields: Any) -> bytes:
    """Return a recording with some fields as they never are."""
    return pack(document_to_json(finished([answered(409, SILENT)])) | fields)


def cell(*numbers: object) -> list[object]:
    """Return the cells of a recording, with one of these numbers."""
    return [[BEGAN, *numbers]]


SOUND = changed()


@pytest.mark.parametrize(
    ("packed", "problem"),
    [
        (SOUND[:-9], "it is empty, or cut in its first line"),
        (SOUND + SOUND, "something follows the end"),
        (SOUND + b"\0" * 100, "damaged gzip"),
        (gzip.compress(SOUND), "gzipped twice"),
        (changed(version=2), "version: needs a newer loadgate; this one reads version 1"),
        (changed(version=0), "version: must be 1, not 0"),
        (changed(version=None), "version: must be 1"),
        (changed(keys=None), "keys: must be a list, not null"),
        (changed(texts=[[0, SILENT, 2]]), "texts: more than failures"),
        (changed(texts=[[7, SILENT, 1]]), r"texts\[0\]: unknown key"),
        (changed(started=1e308 * 10), "Infinity is not a number in JSON"),
        (changed(cells=cell(0, 10**30, 0, 0, None, None, "")), "must be at most"),
        (changed(cells=cell(0, 1, 0, 10**18, 10**18, 10**18, "1 1")), "must be at most"),
        (changed(cells=cell(0, 1, 0, 5, 5, 5, "6 1")), "not in its bucket"),
        (changed(cells=cell(9, 1, 0, 5, 5, 5, "5 1")), r"cells\[0\]"),
        (changed(cells=cell(0, 1, 0, 5, 5, 5, "5 +1")), r"cells\[0\]\[7\]: must be"),
        (changed(cells=cell(0, 1, 0, 5, 5, 5, [5, 1])), r"cells\[0\]\[7\]: must be a text"),
        (changed(locust={}), "locust: must be a text"),
        (pack({"format": "loadgate.recording"}), "version: is missing"),
        (gzip.compress(b'{"format":"loadgate.recording",', mtime=0), "Expecting"),
        (gzip.compress(b'{"format":"loadgate.recording","a":' + b"[" * 99_999, mtime=0), "nested"),
        (gzip.compress(b'{"format":"loadgate.recording","a":1,"a":1}', mtime=0), "duplicate key"),
        (gzip.compress(b'{"format":"loadgate.recording","a":"\xff"}', mtime=0), "utf-8"),
    ],
)
def test_what_is_wrong_with_it(tmp_path: Path, packed: bytes, problem: str) -> None:
    """One clear message; `--allow-partial` is not for that."""
    path = tmp_path / "run.loadgate.json.gz"
    path.write_bytes(packed)
    for partial in (False, True):
        with pytest.raises(ResultError, match=problem) as error:
            read_run(path, allow_partial=partial)
        assert not isinstance(error.value, ContradictionError)
        assert str(error.value).startswith(str(path))
        assert len(str(error.value)) < 500


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"run": "another"}, "a part is of another run"),
        ({"worker": 7}, "worker: must be a text, not 7"),
        ({"cells": "x"}, "cells: must be a list"),
        ({"final": None}, "final: must be true or false"),
    ],
)
def test_what_is_wrong_with_a_part(tmp_path: Path, wrong: dict[str, Any], problem: str) -> None:
    """Its fields are not trusted either."""
    path = Path(save(tmp_path / "x.loadgate.json.gz", Document(run="r")))
    path.write_bytes(path.read_bytes() + pack(part_to_json(part(answered())) | wrong))
    with pytest.raises(ResultError, match=problem):
        read_run(path)


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too large packed, unpacked, or too many values."""
    path = Path(save(tmp_path / "run.loadgate.json.gz"))
    for name, most, problem in [
        ("loadgate.read.recording.LARGEST_RECORDING", 100, "is larger than 0 MiB"),
        ("loadgate.recording.journal.MOST_OF_A_LINE", 100, "more than 100 bytes unpacked"),
        ("loadgate.recording.journal.MOST_BYTES", 100, "more than 100 bytes"),
        ("loadgate.recording.journal.MOST_SIGNS", 10, "more than 10 commas"),
    ]:
        with monkeypatch.context() as patch:
            patch.setattr(name, most)
            with pytest.raises(ResultError, match=problem):
                read_run(path)
    assert read_run(path).total.requests == 1


def test_a_percentile_is_exact_about_its_share() -> None:
    """7 % of 100 requests are seven, which no product of floats says."""
    assert percentile(dict.fromkeys(range(1, 101), 1), Fraction(7, 100), 100) == 7
