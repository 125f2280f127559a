"""`check --merge`: several runs judged as one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from conftest import WriteRun
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from read.test_recording import (
    BEGAN,
    SILENT,
    Request,
    answered,
    finished,
    part,
    save,
)

from loadgate import load_policy, read_run
from loadgate.classify import classify
from loadgate.cli import run
from loadgate.recording.counts import Mark
from loadgate.recording.document import Totals, Worker
from loadgate.recording.merge import merged
from loadgate.runs import shards

OUT = "verdict.json"


def judged(folder: Path, runs: Sequence[str], *words: str) -> dict[str, Any]:
    """Return the verdict on some runs as one, with its exit code."""
    code = run(["check", "--merge", *runs, "--output", f"json:{folder / OUT}", *words])
    verdict: dict[str, Any] = json.loads((folder / OUT).read_text(encoding="utf-8"))
    return {"code": code} | verdict


def same(verdict: dict[str, Any]) -> dict[str, Any]:
    """Return a verdict without what says which files it is of."""
    return verdict | {"run": {**verdict["run"], "label": "", "sources": []}}


REQUESTS = st.lists(
    st.builds(
        answered,
        st.sampled_from([200, 409, 500, None]),
        st.sampled_from([None, SILENT, "another"]),
        name=st.sampled_from(["/a", "/b/state"]),
        micros=st.sampled_from([None, 0, 999, 5_000, 1_000_000]),
    ),
    min_size=4,
)


@given(REQUESTS, st.integers(2, 4), st.randoms(use_true_random=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_any_order_and_split_of_a_recording_gives_the_same_verdict(
    tmp_path: Path, requests: list[Request], split: int, random: Random
) -> None:
    """The requests of one run in several recordings, given in any order, are that run."""
    whole = finished(requests)
    whole.counts.count_users(BEGAN, 7)
    parts = [finished(requests[start::split], run=f"r{start}") for start in range(split)]
    parts[-1].counts.count_users(BEGAN, 7)
    paths = [save(tmp_path / f"{n}.json", each) for n, each in enumerate(parts)]
    words = ["--threshold", "p95 <= 1s", "--threshold", "avg <= 1s", "--threshold", "users >= 7"]
    found = judged(tmp_path, random.sample(paths, split), *words)
    assert found["run"]["label"].startswith(f"{tmp_path}/0 + {tmp_path}/1")
    assert [source["path"] for source in found["run"]["sources"]][::2] == paths
    alone = judged(tmp_path, [save(tmp_path / "whole.json", whole)], *words)
    assert same(found) == same(alone)


def test_texts_and_names_beyond_the_bounds_of_one_recording(tmp_path: Path) -> None:
    """Each shard keeps to the bounds; together they are told apart all the same."""
    paths = [
        save(
            tmp_path / f"{letter}.json",
            finished([answered(409, f"{letter}{n}") for n in range(100)], run=letter),
        )
        for letter in "ab"
    ]
    rules = tmp_path / "rules.toml"
    rules.write_text(
        'version = 1\n[[rules]]\nid="b"\nendpoint="**"\nerror="b*"\nwhy="w"\n'
        '[[thresholds]]\nrequire="true_failure_rate <= 50%"\n'
    )
    found = judged(tmp_path, paths, "--rules", str(rules))
    assert (found["code"], found["totals"]["expected_failures"]) == (0, 100)


def test_users_are_added_while_the_runs_are_on(tmp_path: Path) -> None:
    """Those of a run that is over count no more, also where it did not say that they went."""
    runs = []
    for name, begin, users in (("a", 0, 5), ("b", 5, 7), ("c", 40, 11)):
        shard = finished(run=name, started=BEGAN + begin, ended=BEGAN + begin + 10)
        shard.counts.users = {BEGAN + begin: users}
        shard.counts.marks = [Mark(at=BEGAN + begin + 1, kind="spawned", users=users)]
        runs.append(shard)
    whole = merged(runs)
    assert max(whole.counts.users.values()) == 12
    assert [(mark.at - BEGAN, mark.kind, mark.users) for mark in whole.counts.marks] == [
        (1.0, "spawned", 5), (6.0, "spawned", 12), (10, "stop", None),
        (15, "stop", None), (41.0, "spawned", 11), (50, "stop", None),
    ]  # fmt: skip
    assert (whole.started, whole.stopped, whole.ended) == (BEGAN, BEGAN + 50, BEGAN + 50)
    paths = [save(tmp_path / f"{n}.json", shard) for n, shard in enumerate(runs)]
    found = judged(tmp_path, paths)
    assert (found["run"]["users"], found["run"]["duration"]) == (12, 50)
    assert any("/2 began when the other runs were over" in text for text in found["warnings"])


# --- what does not count --------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["copy", "link", "packed", "journal"])
def test_a_run_never_counts_twice(
    tmp_path: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A copy of a recording, and what it was before its run ended, are refused."""
    first = save(tmp_path / "a.json")
    second = tmp_path / "b.json"
    match how:
        case "copy":
            shutil.copy(first, second)
        case "link":
            os.link(first, second)
        case "packed":
            save(second, finished(locust="2.47.0"))
        case _:
            save(second, finished([], state="running", workers=[]), part(answered()))
    assert run(["check", "--merge", str(second), first, "--allow-partial"]) == 2
    assert f"{first} and {second} are of the same run, which counts once" in capsys.readouterr().err
    assert run(["check", "--merge", first, first]) == 0


@pytest.mark.parametrize(
    ("flaw", "words"),
    [
        ({"state": "running"}, "the run did not finish"),
        ({"workers": [Worker(id="w", silent=True)]}, "reported to Locust but not to the recorder"),
        ({"locust_totals": None}, "own totals are not known"),
        ({"locust_totals": Totals(requests=2, failures=0, reset=False)}, "Locust counted 2"),
    ],
)
def test_the_problems_of_one_are_those_of_all(
    tmp_path: Path, flaw: dict[str, Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2; --allow-partial counts each run strictly, as if it were judged alone."""
    paths = [save(tmp_path / "a.json"), save(tmp_path / "b.json", finished(run="b", **flaw))]
    assert run(["check", "--merge", *paths]) == 2
    assert words in capsys.readouterr().err
    partial = judged(tmp_path, paths, "--allow-partial")
    assert partial["totals"]["requests"] == 2
    assert any(words in text for text in partial["warnings"])


def test_a_shard_without_requests_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others must not pass for it."""
    paths = [save(tmp_path / "a.json"), save(tmp_path / "b.json", finished([], run="b"))]
    assert run(["check", "--merge", *paths]) == 2
    assert f"{paths[1]}: has no requests" in capsys.readouterr().err
    assert run(["check", "--merge", *paths, "--allow-partial"]) == 0


# --- other files ----------------------------------------------------------------------------------

_STATS = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"
    "Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,95%\n"
)


def csv_run(folder: Path, name: str, requests: int, failures: int, least: str, text: str) -> str:
    """Write the CSV files of a run that failed with one text."""
    row = f"{requests},{failures},5,5.5,{least},9.123456,0,1,1,8\n"
    stats = f"{_STATS}POST,/a/state,{row},Aggregated,{row}"
    (folder / f"{name}_stats.csv").write_text(stats)
    failed = f"POST,/a/state,{text},{failures}\n" if failures else ""
    (folder / f"{name}_failures.csv").write_text(f"Method,Name,Error,Occurrences\n{failed}")
    return str(folder / f"{name}_stats.csv")


CONFLICT = "409 Client Error: Conflict for url: /a/state"


def test_counts_of_csv_files_are_added(tmp_path: Path) -> None:
    """Also beside a recording, whose statuses stay certain; times are missing, but for extremes."""
    paths = [
        csv_run(tmp_path, "a", 100, 4, "1.25", CONFLICT),
        csv_run(tmp_path, "b", 50, 0, "0.75", ""),
        save(tmp_path / "c.json", finished([answered(409, SILENT, name="/a/state")] * 2)),
    ]
    limits = ["p95 <= 1s", "avg <= 1s", "rps > 0", "users > 0", "min <= 0.75ms", "max <= 9.2ms"]
    words = [word for limit in limits for word in ("--threshold", limit)]
    found = judged(tmp_path, [paths[1], paths[2], paths[0]], *words)
    assert found["code"] == 1
    totals = found["totals"]
    assert (totals["requests"], totals["expected_failures"], totals["true_failures"]) == (152, 6, 0)
    assert {kind["status_from"] for kind in found["failures"]} == {"client", "recorder"}
    results = {check["require"]: check for check in found["checks"]}
    assert [results[limit]["result"] for limit in limits] == ["missing"] * 4 + ["passed"] * 2
    assert all("loadgate locust" in results[limit]["note"] for limit in limits[:4])
    assert run(["check", "--merge", *paths, "--output", f"csv:{tmp_path / 'left'}"]) == 0


def test_a_copy_of_csv_files_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also a look at the same run a second earlier; shards of the same counts are not the same."""
    (tmp_path / "x").mkdir()
    first = csv_run(tmp_path, "a", 100, 4, "1.25", CONFLICT)
    assert run(["check", "--merge", first, csv_run(tmp_path / "x", "a", 98, 4, "1.25", CONFLICT)])
    assert "are of the same run" in capsys.readouterr().err
    times = [answered(name="/a/state", micros=micros) for micros in (1_250, 9_123)]
    recording = save(tmp_path / "r.json", finished(times))
    assert run(["check", "--merge", first, recording]) == 2
    assert "are of the same run" in capsys.readouterr().err
    shard = csv_run(tmp_path / "x", "a", 100, 4, "0.75", CONFLICT)
    assert run(["check", "--merge", first, shard]) in {0, 1}


def test_contradictions_of_one_run_are_not_made_up_for_by_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failure without a text here, and a text without a failure there, is no sound total."""
    first = csv_run(tmp_path, "a", 100, 4, "1.25", CONFLICT)
    (tmp_path / "a_failures.csv").unlink()
    second = csv_run(tmp_path, "b", 100, 2, "1.5", CONFLICT)
    (tmp_path / "b_failures.csv").write_text(
        f"Method,Name,Error,Occurrences\nPOST,/a/state,{CONFLICT},6\n"
    )
    assert run(["check", "--merge", first, second]) == 2
    assert "contradict the statistics" in capsys.readouterr().err
    partial = judged(tmp_path, [first, second], "--allow-partial")
    assert partial["totals"]["true_failures"] == 4
    assert partial["totals"]["expected_failures"] == 6


def test_a_shard_of_the_baseline_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A part of what is judged is no earlier run; the document of an earlier merged run is."""
    paths = [save(tmp_path / f"{n}.json", finished(run=n)) for n in "ab"]
    limit = ["--threshold", "failures <= baseline"]
    assert run(["check", "--merge", *paths, *limit, "--baseline", paths[0]]) == 2
    assert "this is the run being checked" in capsys.readouterr().err
    before = []
    for name in "cd":
        shard = finished(
            [answered(500, "x"), answered()], run=name, started=BEGAN - 90, ended=BEGAN - 80
        )
        shard.counts.marks.clear()
        before.append(save(tmp_path / f"{name}.json", shard))
    earlier = tmp_path / "earlier.json"
    run(["check", "--merge", *before, "--output", f"json:{earlier}"])
    assert run(["check", "--merge", *paths, *limit, "--baseline", str(earlier)]) == 0


def test_an_old_verdict_does_not_stay(tmp_path: Path) -> None:
    """Whatever is wrong with the command line, or with one of the runs."""
    paths = [save(tmp_path / "a.json"), save(tmp_path / "b.json", finished(run="b"))]
    words = ["check", "--merge", *paths, "--output", f"json:{tmp_path}/{{label}}.out"]
    for wrong, code in ([], 0), (["--unheard-of"], 2):
        assert run([*words, *wrong]) == code
        assert len(list(tmp_path.glob("*.out"))) == (code == 0)
    assert run([*words, "--label", "all"]) == 0
    save(Path(paths[1]), finished(run="b", state="running"))
    assert run([*words, "--label", "all"]) == 2
    assert list(tmp_path.glob("*.out")) == []


def test_what_is_not_known_of_one_run(tmp_path: Path) -> None:
    """Then it is not known of all: when they were, exceptions; texts are what there is."""
    paths = [csv_run(tmp_path, "a", 9, 2, "1", CONFLICT), csv_run(tmp_path, "b", 7, 0, "2", "")]
    (tmp_path / "b_failures.csv").unlink()
    (tmp_path / "a_exceptions.csv").write_text("Count,Message,Traceback,Nodes\n3,x,y,local\n")
    policy = load_policy("optimistic-locking")
    first, second = (classify(read_run(path), policy) for path in paths)
    whole = shards.merged([second, first])
    assert (whole.task_exceptions, whole.allowed, whole.merged) == (None, None, True)
    assert whole.failure_log is not None
    assert [row for row, _ in whole.failure_log.full_rows([])] == [*whole.failure_log.rows([])]
    without = replace(first, run=replace(first.run, time=None, failure_log=None))
    whole = shards.merged([without, second])
    assert (whole.time, whole.failure_log) == (None, None)
    assert shards.merged([first]).total.requests == 9


def test_explain_of_merged_runs(
    tmp_path: Path, write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """It explains the failures of all; several runs need --merge."""
    paths = [
        save(tmp_path / "a.json", finished([answered(409, SILENT)])),
        csv_run(tmp_path, "b", 9, 2, "1", CONFLICT),
    ]
    assert run(["explain", "--merge", "--all", *paths]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "10 requests, 3 failures = 3 expected" in out
    assert run(["explain", *paths]) == 2
    assert "explain several as one with --merge" in capsys.readouterr().err
    assert run(["explain", "--merge", str(write_run())]) == 0
