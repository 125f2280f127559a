"""Everything behind some paths in, a collection in which no run counts twice, out."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun

from loadgate.collect import Settings, Source, collect, pool, runs
from loadgate.collect.documents import read_record
from loadgate.collect.merge import merge
from loadgate.week import Broken, Record

from .nights import WEEKS, changed, document, written

NIGHTS = sorted(WEEKS.glob("*.json"))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def record(night: str = "2026-11-18", source: str = "", **fields: Any) -> Record:
    """Return the record of a recorded night, with other values in some fields."""
    data = (WEEKS / f"{night}.json").read_bytes()
    return replace(read_record(data, source or f"{night}.json"), **fields)


# --- reading --------------------------------------------------------------------------------------


def test_documents_and_raw_runs_become_records(write_run: WriteRun) -> None:
    """By start, then label; what was judged for this says so."""
    shutil.copy(NIGHTS[0], "night.json")
    write_run(folder="raw")
    found = collect(["night.json", "raw"], Settings(rules="optimistic-locking"))
    assert [(one.source, one.judged_anew) for one in found.records] == [
        ("night.json", False), ("raw/run_stats.csv", True),
    ]  # fmt: skip
    assert found.records[1].expected == 10


def test_raw_runs_are_judged_by_the_settings(write_run: WriteRun) -> None:
    """Other rules, other thresholds, another day: what-if."""
    stats = str(write_run())
    Path("none.toml").write_text("version = 1\n")
    Path("old.toml").write_text(
        'version = 1\n[[rules]]\nid = "old"\nendpoint = "POST **"\nstatus = 409\nwhy = "x"\n'
        "expires = 2020-01-01\n"
    )
    for settings, expected, outcome in (
        (Settings(rules="optimistic-locking"), 10, "passed"),
        (Settings(rules="none.toml"), 0, "passed"),
        (Settings(rules="none.toml", thresholds=("failures <= 1",)), 0, "failed"),
        (Settings(rules="old.toml"), 0, "passed"),
        (Settings(rules="old.toml", today=date(2020, 1, 1)), 10, "passed"),
    ):
        (one,) = collect([stats], settings).records
        assert (one.expected, one.outcome) == (expected, outcome), settings


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda _path: None, "no such file", id="missing"),
        pytest.param(lambda path: path.write_text("x"), "is no result of Locust", id="else"),
        pytest.param(
            lambda path: path.write_text('{"format": "loadgate.result"'), "is no valid JSON",
            id="cut",
        ),
        pytest.param(lambda path: path.mkdir(), "", id="empty-folder"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(make: Any, words: str) -> None:
    """Its source and one line that says what is wrong; the others are read."""
    make(Path("x.json"))
    found = collect(["x.json", str(NIGHTS[0])], Settings())
    assert len(found.records) == 1
    told = [(one.source, words in one.problem, "\n" in one.problem) for one in found.broken]
    assert told == ([("x.json", True, False)] if words else [])


def test_a_contradiction_is_told_with_its_reason(write_run: WriteRun) -> None:
    """The first line alone says only that there is one."""
    stats = write_run(failures=[("GET", "/gone", "x", 5)])
    (broken,) = collect([str(stats)], Settings()).broken
    words = "the failures contradict the statistics: 'GET /gone' failed 5 times"
    assert words in broken.problem
    (one,) = collect([str(stats)], Settings(allow_partial=True)).records
    assert one.partial


def test_a_document_that_vanishes_or_is_no_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between finding and reading anything may happen."""
    gone = runs.read_source(Source(path="gone.json", kind="document"), Settings())
    assert gone == Broken(source="gone.json", problem="cannot be read: No such file or directory")
    folder = runs.read_source(Source(path=".", kind="document"), Settings())
    assert folder == Broken(source=".", problem="is not a regular file")
    monkeypatch.setattr(runs, "SIZE_LIMIT", 100)
    large = runs.read_source(Source(path=str(NIGHTS[0]), kind="document"), Settings())
    assert isinstance(large, Broken)
    assert large.problem == "is larger than 100 bytes"


def test_progress_is_told() -> None:
    """How many of how many, up to all."""
    told: list[tuple[int, int]] = []
    collect([str(WEEKS)], Settings(), progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (14, 14)


# --- one process, several, another executor -------------------------------------------------------


def test_the_same_collection_whoever_reads() -> None:
    """One process, two, threads, and any order of the inputs give the same bytes."""
    files = [str(path) for path in NIGHTS]
    alone = pickle.dumps(collect(files, Settings(), jobs=1).records)
    for one in (
        collect(files[::-1], Settings(), jobs=1),
        collect(files, Settings(), jobs=2),
        collect([str(WEEKS)], Settings()),
    ):
        assert one.records == pickle.loads(alone)  # noqa: S301 - our own
    with ThreadPoolExecutor(3) as threads:
        assert collect(files, Settings(), executor=threads).records == pickle.loads(alone)  # noqa: S301


def test_many_sources_are_read_by_several_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few are not, as starting processes takes longer."""
    started: list[int] = []

    class Counted(ProcessPoolExecutor):
        def __init__(self, workers: int) -> None:
            started.append(workers)
            super().__init__(workers)

    monkeypatch.setattr(pool, "ProcessPoolExecutor", Counted)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for number in range(70):
        written(
            changed("run", "started", to=f"2026-11-{1 + number % 28:02}T0{number // 28}:00:00Z"),
            Path(f"few/{number}.json"),
        )
    collect(["few/1.json"], Settings())
    assert started == []
    collect(["few"], Settings())
    assert started == [2]


def _kill_once(sources: Sequence[Source], settings: Settings) -> list[Record | Broken]:
    """End the process that reads the first time, as a lack of memory does."""
    try:
        Path("killed").touch(exist_ok=False)
    except FileExistsError:
        return runs.read_sources(sources, settings)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _kill_for_one(sources: Sequence[Source], settings: Settings) -> list[Record | Broken]:
    """End the process whenever it reads one certain source."""
    if any(source.path.endswith("2026-11-12.json") for source in sources):
        os.kill(os.getpid(), signal.SIGKILL)
    return runs.read_sources(sources, settings)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_worker_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it took with it is read again."""
    monkeypatch.setattr(pool, "_CHUNK", 2)
    monkeypatch.setattr(pool, "read_sources", _kill_once)
    found = collect([str(WEEKS)], Settings(), jobs=2)
    assert Path("killed").exists()
    assert (len(found.records), found.broken) == (14, ())


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_source_that_kills_its_reader_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """And takes nothing else along."""
    monkeypatch.setattr(pool, "read_sources", _kill_for_one)
    found = collect([str(WEEKS)], Settings(), jobs=2)
    assert len(found.records) == 13
    (broken,) = found.broken
    assert broken.source.endswith("2026-11-12.json")
    assert "the process that read it was ended" in broken.problem


def test_answers_may_come_in_any_order() -> None:
    """An executor that finishes the last first changes nothing."""

    class Backwards(ThreadPoolExecutor):
        def __init__(self) -> None:
            super().__init__(1)
            self.waiting: list[tuple[Future[Any], Any]] = []

        def submit(self, function: Any, /, *arguments: Any, **_named: Any) -> Future[Any]:
            future: Future[Any] = Future()
            self.waiting.append((future, lambda: function(*arguments)))
            if len(self.waiting) == 1:
                for waiting, work in reversed(self.waiting):
                    waiting.set_result(work())
                self.waiting = []
            return future

    assert collect([str(WEEKS)], Settings(), executor=Backwards()).records == (
        collect([str(WEEKS)], Settings()).records
    )


# --- no run twice ---------------------------------------------------------------------------------


def test_a_copy_counts_once() -> None:
    """Also under another name and label; the first source by name is kept."""
    one, other = record(source="a.json"), record(source="b.json", label="copy")
    for order in permutations([one, other, record("2026-11-17")]):
        found = merge(order)
        assert [kept.source for kept in found.records] == ["2026-11-17.json", "a.json"]
        assert found.repeated == ("b.json",)


def test_what_was_judged_now_is_kept_with_what_the_document_knew() -> None:
    """Label, branch, commit and link come from the document, the verdict from now."""
    anew = record(
        source="z", judged_anew=True, outcome="passed", branch="", commit="", link="", label="raw"
    )
    (kept,) = merge([record(source="a.json"), anew]).records
    assert (kept.source, kept.outcome, kept.label) == ("z", "passed", "nightly 2026-11-18")
    assert (kept.branch, kept.commit) == ("main", "51f1bfce4e5d")
    assert kept.link == "https://ci.example/nightly/2026-11-18"


def test_other_times_are_other_runs_unless_one_is_a_guess() -> None:
    """A file that was copied has another time, but its counts give it away."""
    later = record().started + timedelta(days=1)
    moved: dict[str, Any] = {"started": later, "ended": later}
    assert len(merge([record(), record(source="b", **moved)]).records) == 2
    guessed = record(source="0", time_from="file", **moved)
    for order in permutations([record(), guessed]):
        (kept,) = merge(order).records
        assert (kept.source, kept.started, kept.time_from) == ("0", record().started, "report")
    assert len(merge([guessed, replace(guessed, source="c")]).records) == 1


def test_a_guess_joins_the_first_of_several() -> None:
    """Which one it is a copy of nobody can know, but it is no run more."""
    later = record().started + timedelta(days=1)
    second = record(source="b", started=later, ended=later)
    guessed = record(source="z", time_from="file")
    for order in permutations([record(), second, guessed]):
        assert len(merge(order).records) == 2


def test_runs_without_requests_are_told_apart_by_their_times() -> None:
    """They have no counts that could."""
    empty = record("2026-11-20")
    assert empty.requests == 0
    later = replace(
        empty, started=empty.started + timedelta(days=1), ended=empty.ended + timedelta(days=1)
    )
    assert len(merge([empty, later, replace(empty, source="copy")]).records) == 2


def test_broken_sources_are_listed_once() -> None:
    """In order."""
    broken = [Broken(source=name, problem="x") for name in "bab"]
    assert [one.source for one in merge(broken).broken] == ["a", "b"]


def test_texts_are_shared() -> None:
    """A thousand runs of one service have its names once in memory."""
    one, other = (
        pickle.loads(pickle.dumps(record(night)))  # noqa: S301 - our own
        for night in ("2026-11-16", "2026-11-17")
    )
    first, second = merge([one, other]).records
    names = {row.name: row.name for row in first.endpoints}
    assert all(row.name is names[row.name] for row in second.endpoints if row.name in names)
    assert document()["run"]["label"] == "nightly 2026-11-18"
