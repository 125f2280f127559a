"""Tests of collecting: the runs of some sources, by some settings."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun

from loadgate import cli
from loadgate.errors import RulesError, UsageError
from loadgate.runs import Settings, collect, find_candidates
from loadgate.runs import load as judge
from loadgate.runs.candidate import VANISHED
from loadgate.summary import Collection, Unreadable

from . import made

EXAMPLES = Path(__file__).parents[2] / "examples"


def collected(*inputs: str | Path, **settings: Any) -> Collection:
    """Return what inputs hold, collected in this process."""
    sources = find_candidates([os.fspath(path) for path in inputs])
    return collect(sources, settings=Settings(**settings), jobs=1)


def only_problem(*inputs: str | Path, **settings: Any) -> str:
    """Return the problem of the only source, which is broken."""
    (broken,) = collected(*inputs, **settings).broken
    return broken.problem


def test_recorded_weeks_are_collected() -> None:
    """Two weeks of recorded documents are as many runs, in the order of their starts."""
    found = collected(EXAMPLES / "weeks")
    assert not found.broken
    assert not found.repeated
    assert len(found.records) == 14
    assert [record.label for record in found.records] == sorted(
        record.label for record in found.records
    )


def test_a_raw_run_gives_the_record_of_its_document(
    tmp_path: Path, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A raw run, judged on the fly, says the same as the document of its check would."""
    monkeypatch.chdir(tmp_path)
    run = write_run()
    assert cli.run(["check", str(run), "--output", "json:checked/result.json"]) == 0
    (raw,) = collected(run).records
    (document,) = collected("checked").records
    assert raw.rejudged
    assert not document.rejudged
    assert raw.source == str(run)
    for name in ("label", "started", "outcome", "endpoints", "kinds", "rules", "failed_checks"):
        assert getattr(raw, name) == getattr(document, name)


def test_the_same_run_counts_once(tmp_path: Path, write_run: WriteRun) -> None:
    """Copies of a run under other labels and paths count once, and are told."""
    first = made.write(tmp_path / "a.json")
    second = made.write(tmp_path / "b.json", made.document(label="copy"))
    other = made.write(tmp_path / "c.json", made.document(1))
    run = write_run(folder="raw")
    shutil.copytree(run.parent, tmp_path / "raw2")
    os.utime(tmp_path / "raw2" / run.name, (10**9, 10**9))  # the copy is of another time
    found = collected(tmp_path)
    assert {record.source for record in found.records} == {first, other, str(run)}
    assert found.repeated == (second, str(tmp_path / "raw2" / run.name))


def test_runs_without_requests_are_told_apart_by_time(tmp_path: Path, write_run: WriteRun) -> None:
    """Nothing tells runs without requests apart but when their files were written."""
    for name, time in (("mon", 1_763_400_000), ("tue", 1_763_500_000)):
        run = write_run([], [], folder=name)
        os.utime(run, (time, time))
    found = collected(tmp_path)
    assert [record.outcome for record in found.records] == ["no-evidence", "no-evidence"]


@pytest.fixture
def judged_run(tmp_path: Path, write_run: WriteRun) -> tuple[str, str]:
    """Return the paths of a raw run and of its result document."""
    run = str(write_run(folder="raw"))
    document = str(tmp_path / "z" / "result.json")
    cli.run(["check", run, "--rules", "optimistic-locking", "--output", f"json:{document}"])
    return run, document


def test_with_rules_runs_are_judged_again(tmp_path: Path, judged_run: tuple[str, str]) -> None:
    """What-if: with rules the raw run wins over its document, without them the document."""
    run, document = judged_run
    strict = tmp_path / "strict.toml"
    strict.write_text("version = 1\n")
    then = collected(run, document)
    assert [(r.source, r.rejudged, r.true) for r in then.records] == [(document, False, 0)]
    assert then.repeated == (run,)
    now = collected(run, document, rules=str(strict))
    assert [(r.source, r.rejudged, r.true) for r in now.records] == [(run, True, 10)]
    assert now.repeated == (document,)


def test_settings_are_followed(tmp_path: Path, write_run: WriteRun) -> None:
    """Thresholds, the day and --allow-partial act as in a check."""
    rules = tmp_path / "rules.toml"
    rules.write_text(
        "version = 1\n[[rules]]\nid = 'toggle'\nendpoint = '/**'\nstatus = 409\n"
        "why = 'concurrent'\nexpires = 2026-11-20\n"
    )
    run = write_run(failures=[("POST", "/tools/[id]/state", "got 409", 99)])
    assert "contradict" in only_problem(run, rules=str(rules))
    (record,) = collected(
        run,
        rules=str(rules),
        thresholds=("p95 <= 1ms",),
        today=date(2026, 11, 21),
        allow_partial=True,
    ).records
    assert record.partial
    assert record.rules[0].state == "expired"
    assert "p95 <= 1ms" in record.failed_checks


def test_broken_rules_and_thresholds_are_errors(tmp_path: Path) -> None:
    """What was asked for and cannot be followed is an error, even without raw runs."""
    with pytest.raises(RulesError, match="there is no such file"):
        collected(tmp_path, rules="missing.toml")
    with pytest.raises(UsageError, match="p95"):
        collected(tmp_path, thresholds=("p95 of 3",))


def test_broken_default_rules_matter_to_raw_runs_only(
    tmp_path: Path, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents need no rules, so default rules that are broken break raw runs only."""
    monkeypatch.chdir(tmp_path)
    made.write(tmp_path / "loadgate.toml", "version = 2\n")
    run = write_run()
    found = collected(made.write(tmp_path / "a.json"), run)
    assert len(found.records) == 1
    ((source, problem),) = [(each.source, each.problem) for each in found.broken]
    assert source == str(run)
    assert problem.startswith("cannot be judged: loadgate.toml:1: version")


def test_other_files_in_a_folder_are_left_out(tmp_path: Path) -> None:
    """JSON and HTML of other programs in a folder are no problem; named, they are."""
    texts = {
        "package.json": '{"name": "x"}',
        "errors.json": '{"errors": [], "name": "eslint"}',
        "schema.json": '{"properties": {"format": {"const": "loadgate.result"}}}',
        "quotes.json": '{"x": {"format": "loadgate.result"}}',
        "list.json": "[]",
        "lists.json": "[]\n[]\n",
        "null.json": "null",
        "index.html": "<!doctype html><title>Coverage</title>",
    }
    for name, text in texts.items():
        made.write(tmp_path / name, text)
    assert only_problem(tmp_path).startswith("holds no result documents")
    made.write(tmp_path / "z.json")
    found = collected(tmp_path)
    assert (len(found.records), found.broken) == (1, ())
    assert only_problem(tmp_path / "package.json") == judge.NO_RUN


DAMAGED = [
    pytest.param(b"", "is empty", id="empty"),
    pytest.param(b"\xef\xbb\xbf \r\n", "is empty", id="blank"),
    pytest.param(b'{"format": "loadgate.res', "is not valid JSON", id="24-bytes"),
    pytest.param(b"{", "is not valid JSON", id="1-byte"),
    pytest.param(b'[{"method": "GET"', "is not valid JSON", id="a-cut-list"),
    pytest.param(b'{"a": 1}\n{"a": 2}\n', "holds several JSON documents", id="lines-of-json"),
    pytest.param(bytes(range(256)), "is not valid JSON", id="binary"),
    pytest.param(b'{"a": "\xe9"', "is not valid JSON", id="cut-and-not-utf-8"),
    pytest.param(b"Locust: no such file\n", "is not valid JSON", id="words"),
]


@pytest.mark.parametrize(("data", "problem"), DAMAGED)
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside-a-run"])
def test_damaged_json_in_a_folder_is_listed(
    tmp_path: Path, write_run: WriteRun, data: bytes, problem: str, *, beside: bool
) -> None:
    """JSON that was damaged may have been the result of any run, however little is left of it."""
    runs = [write_run(folder="week")] if beside else []
    damaged = tmp_path / "week" / "result.json"
    damaged.parent.mkdir(exist_ok=True)
    damaged.write_bytes(data)
    found = collected(tmp_path)
    assert [record.source for record in found.records] == [str(run) for run in runs]
    assert [each.source for each in found.broken] == [str(damaged)]
    assert found.broken[0].problem.startswith(problem)


def test_raw_results_of_every_form_are_judged(tmp_path: Path) -> None:
    """The JSON of the web UI in a folder is a run, but not beside the CSV files of one."""
    stats = {
        "method": "GET",
        "name": "/",
        "num_requests": 5,
        "num_failures": 0,
        "avg_response_time": 1,
        "min_response_time": 1,
        "max_response_time": 2,
        "median_response_time": 1,
        "current_rps": 1.0,
    }
    total = {**stats, "method": "", "name": "Aggregated"}
    web = json.dumps({"stats": [stats, total], "errors": []})
    made.write(tmp_path / "web" / "requests.json", web)
    (record,) = collected(tmp_path).records
    assert (record.requests, record.rejudged) == (5, True)
    made.write(tmp_path / "web" / "requests.html", "<title>no report</title>")
    assert only_problem(tmp_path).startswith("holds no result documents")


def test_gzipped_results_are_collected(tmp_path: Path, write_run: WriteRun) -> None:
    """CSV files and a result document; a file that was kept beside its .gz counts once."""
    run = write_run(folder="week/run")
    document = next((EXAMPLES / "weeks").rglob("*.json"))
    kept = Path(shutil.copy(document, tmp_path / "week"))
    expected = collected(run, kept)
    for path in (run, run.with_name("run_failures.csv"), kept):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert collected(tmp_path / "week").records == expected.records
    for path in (run, run.with_name("run_failures.csv"), kept):
        path.unlink()
    found = collected(tmp_path / "week")
    assert not found.broken
    assert [record.source for record in found.records] == [
        f"{record.source}.gz" for record in expected.records
    ]
    assert [record.true for record in found.records] == [record.true for record in expected.records]
    assert collected(*(record.source for record in found.records)).records == found.records


def test_a_renamed_run_alone_in_its_folder_has_its_texts(
    tmp_path: Path, write_run: WriteRun
) -> None:
    """Files of any name are one run where they are alone in a folder."""
    run = write_run(folder="renamed")
    run.with_name("run_failures.csv").rename(run.with_name("texts.csv"))
    run.rename(run.with_name("monday.csv"))
    (record,) = collected(tmp_path).records
    assert (record.source, record.expected) == (str(run.parent), 10)


def test_broken_documents_are_listed(tmp_path: Path) -> None:
    """A document that was cut, or is of a newer version, is listed by its source."""
    cut = made.write(tmp_path / "cut.json", json.dumps(made.document())[:-9])
    newer = made.write(tmp_path / "newer.json", {**made.document(), "version": 9})
    missing = str(tmp_path / "missing.json")
    found = collected(tmp_path, missing)
    assert not found.records
    assert [each.source for each in found.broken] == [cut, missing, newer]
    assert found.broken[0].problem.startswith("is not valid JSON")
    assert found.broken[1].problem == "no such file or directory; check the path"
    assert found.broken[2].problem.startswith("version: needs a newer")


def test_large_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large document is refused; one of another program in a folder is left out."""
    for module in ("read.documents", "runs.load"):
        monkeypatch.setattr(f"loadgate.{module}.LARGEST_DOCUMENT", 4096)
    made.write(tmp_path / "large.json", json.dumps(made.document()) + " " * 5000)
    made.write(tmp_path / "other.json", '{"a": "' + "x" * 5000 + '"}')
    assert only_problem(tmp_path).startswith("is larger than")


def test_what_vanished_is_named(tmp_path: Path, write_run: WriteRun) -> None:
    """A result that is deleted after it was found is listed, and the rest is judged."""
    folder = made.week(tmp_path / "week", 3)
    run = write_run(folder="week")
    sources = find_candidates([str(folder)])
    (folder / "00001.json").unlink()
    run.unlink()
    found = collect(sources, settings=Settings(), jobs=1)
    assert len(found.records) == 2
    assert [each.source for each in found.broken] == [str(folder / "00001.json"), str(run)]
    assert {each.problem for each in found.broken} == {VANISHED}


def test_what_a_disk_cannot_read_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the system while reading is one of the source."""
    path = made.write(tmp_path / "a.json")

    def fail(_path: str) -> str:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(judge, "read_document", fail)
    assert only_problem(path) == "cannot be read: [Errno 5] Input/output error"


def test_an_input_of_which_nothing_is_a_run_is_told_beside_others(tmp_path: Path) -> None:
    """A folder that only holds other programs' JSON is broken, whatever else was given."""
    made.write(tmp_path / "other" / "package.json", "{}")
    document = made.write(tmp_path / "a.json")
    found = collected(tmp_path / "other", document)
    assert len(found.records) == 1
    assert [each.source for each in found.broken] == [str(tmp_path / "other")]


def test_problems_are_one_line_without_their_source() -> None:
    """The text of an error loses the source's name, line breaks and the list of forms."""
    from loadgate.errors import LoadgateError, ResultError

    assert judge.in_a_line(ResultError("a", "is\n  bad", "Fix it."), "a") == "is bad. Fix it."
    assert judge.in_a_line(ResultError("b", "is bad", "RUN is a ..."), "a") == "b: is bad"
    assert judge.in_a_line(LoadgateError("all\nwrong"), "a") == "all wrong"


def test_progress_is_told(tmp_path: Path) -> None:
    """Progress goes up to the number of sources."""
    told: list[tuple[int, int]] = []
    sources = find_candidates([str(made.week(tmp_path, 3))])
    collect(
        sources,
        settings=Settings(),
        jobs=1,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.prove
def test_real_runs_are_collected(shared: Path) -> None:
    """Real runs of all releases give records whose counts add up; what is no JSON is listed.

    That is what killed Locusts printed, and pages that say 404 instead of the tasks.
    """
    found = collected(shared / "runs", rules="optimistic-locking", allow_partial=True)
    assert len(found.records) > 90
    assert [os.path.relpath(each.source, shared / "runs") for each in found.broken] == [
        "1.6.0__locust_catch__web/web_end/tasks.json",
        "1.6.0__locust_catch__web/web_mid/tasks.json",
        "2.24.1__locust_catch__kill9/stdout.json",
        "2.47.0__locust_catch__kill9/stdout.json",
    ]
    assert all(isinstance(each, Unreadable) for each in collected(shared / "runs").broken)
