"""`loadgate check --history` as a user runs it: which runs count, and how nobody is fooled."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun

from loadgate.cli import run

STATE = "/tools/[id]/state"
LIST = "/tools"
ERROR = "CatchResponseError('Expected [200], got 500')"
OTHER = "CatchResponseError('Expected [200], got 502')"
P95 = "p95 <= history + 10%"
TODAY = datetime(2026, 11, 27, 2, tzinfo=UTC)
HEAD = "Timestamp,User Count,Type,Name,Total Request Count,Total Failure Count\n"

Night = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder without a rules file, with an empty history."""
    (tmp_path / "here" / "history").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")


def timed(stats: Path, started: datetime, *, users: int = 10, seconds: int = 300) -> str:
    """Say in a history CSV when a run was, and with how many users."""
    with stats.open(encoding="utf-8") as file:
        *_, total = file
    counts = ",".join(total.split(",")[2:4])
    at = int(started.timestamp())
    rows = f"{at},{users},,Aggregated,0,0\n{at + seconds},{users},,Aggregated,{counts}\n"
    path = stats.with_name(stats.name.replace("_stats.csv", "_stats_history.csv"))
    path.write_text(HEAD + rows, "utf-8")
    return str(stats)


@pytest.fixture
def judged(write_run: WriteRun) -> str:
    """Return the run to judge, of 1,000 requests and 5 true failures, with a p95 of 15 ms."""
    return of_today(write_run)


def of_today(write_run: WriteRun, text: str = ERROR, folder: str = "now", **load: int) -> str:
    """Return a run of TODAY."""
    stats = write_run([("POST", STATE, 1000, 5)], [("POST", STATE, text, 5)], folder=folder)
    return timed(stats, TODAY, **load)


@pytest.fixture
def night(write_run: WriteRun) -> Night:
    """Return a function that returns the result document of a run some nights ago."""
    stats = write_run([("POST", STATE, 1000, 5)], [("POST", STATE, ERROR, 5)], folder="template")
    assert run(["check", timed(stats, TODAY), "--output", "json:template.json"]) == 0
    template = json.loads(Path("template.json").read_text("utf-8"))

    def document(
        ago: float,
        p95: float | None = 15,
        *,
        users: int | None = 10,
        seconds: int = 300,
        branch: str | None = None,
        outcome: str = "passed",
    ) -> dict[str, Any]:
        found: dict[str, Any] = deepcopy(template)
        started = TODAY - timedelta(days=ago)
        found["outcome"] = outcome
        found["run"] |= {
            "started": started.isoformat(),
            "ended": (started + timedelta(seconds=seconds)).isoformat(),
            "duration": seconds,
            "users": users,
            "branch": branch,
        }
        if outcome == "failed":
            slow = {
                "require": "p95 <= 1ms",
                "metric": "p95",
                "unit": "ms",
                "actual": p95,
                "limit": 1,
            }
            found["checks"].append(found["checks"][0] | slow | {"result": "failed"})
        for row in (found["totals"], *found["endpoints"]):
            row["max"] = 10_000 + ago  # tells nights apart, whatever else they share
            row["percentiles"]["95"] = p95
        return found

    return document


def write(documents: Iterable[dict[str, Any]], folder: str = "history", prefix: str = "") -> None:
    """Write each to a file of its own."""
    Path(folder).mkdir(exist_ok=True)
    for number, document in enumerate(documents):
        Path(folder, f"{prefix}{number:03}.json").write_text(json.dumps(document), "utf-8")


def check(*arguments: str, require: str = P95) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """Judge against the history; return the code, the check of `require`, and the document."""
    words = ["check", *arguments, "--history", "history", "--threshold", require]
    code = run([*words, "--output", "json:result.json", "--output", "text"])
    path = Path("result.json")
    document = json.loads(path.read_text("utf-8")) if path.exists() else {"checks": []}
    found = [one for one in document["checks"] if one["require"] == require]
    return code, (found or [{}])[0], document


def test_limit(judged: str, night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    """The limit is put on the median of the last 20 runs, and every format says so."""
    write([night(ago, 30 if ago > 20 else 10 + ago % 2) for ago in range(1, 31)])
    code, found, document = check(judged)
    assert (code, found["result"]) == (1, "failed")
    assert (found["baseline"], found["limit"]) == (10.5, 11.55)
    assert found["note"] == "median of 20 runs, 2026-11-07 to 2026-11-26"
    assert document["run"]["history"] == [f"history/{at:03}.json" for at in range(19, -1, -1)]
    assert document["run"]["baseline"] == []
    assert document["warnings"] == []
    capsys.readouterr()
    words = "history 10.5 ms + 10%; median of 20 runs, 2026-11-07 to 2026-11-26"
    for format_ in ("text", "markdown", "junit", "github"):
        command = ["check", judged, "--history", "history", "--threshold", P95]
        assert run([*command, "--output", format_]) == 1
        told = " ".join(capsys.readouterr().out.split())
        assert words in told.replace("%25", "%")
        assert "history/019.json" in told or format_ == "github"


@pytest.mark.parametrize(
    ("require", "code"),
    [
        ("p95 <= history", 0),
        ("p95 < history", 1),
        ("p95 <= history - 1ms", 1),
        ("true_failure_rate <= history", 0),
        ("true_failures < history", 1),
        ("requests >= history - 10%", 0),
        ("users >= history", 0),
        ("duration >= history + 1%", 1),
        ("new_failure_kinds <= 0", 0),
    ],
)
def test_metrics(judged: str, night: Night, require: str, code: int) -> None:
    """All that a baseline is good for."""
    write(night(ago) for ago in range(1, 6))
    assert check(judged, require=require)[0] == code


def test_new_kind(write_run: WriteRun, night: Night) -> None:
    """What no run of the history failed with is new, unless a baseline is given and has it."""
    write(night(ago) for ago in range(1, 6))
    path = of_today(write_run, OTHER)
    assert check(path, require="new_failure_kinds <= 0")[0] == 1
    base = of_today(write_run, OTHER, "base")
    timed(Path(base), TODAY - timedelta(days=1))
    code, _, document = check(path, "--baseline", base, require="new_failure_kinds <= 0")
    assert code == 0
    assert document["warnings"] == ["no threshold uses the history; add p95 <= history + 10%"]


def test_with_a_baseline(judged: str, night: Night) -> None:
    """Each limit is put on what it names."""
    write(night(ago, 20) for ago in range(1, 6))
    Path("base.json").write_text(json.dumps(night(3, 10)), "utf-8")
    code, _, document = check(
        judged, "--baseline", "base.json", "--threshold", "p95 <= baseline + 100%"
    )
    limits = {one["require"]: one["limit"] for one in document["checks"]}
    assert code == 0
    assert limits["p95 <= baseline + 100%"] == 20
    assert limits[P95] == 22
    assert document["run"]["baseline"] == ["base.json"]
    assert len(document["run"]["history"]) == 5


# --- who is fooled --------------------------------------------------------------------------------

SLOW = [night + 0.5 for night in range(10)]


def _empty(_: Night) -> None:
    """Write nothing."""


def _few(night: Night) -> None:
    write(night(ago) for ago in range(1, 5))


def _future(night: Night) -> None:
    write(night(-ago) for ago in range(1, 31))


def _failed(night: Night) -> None:
    write(night(ago, outcome="failed") for ago in range(1, 31))


def _users(night: Night) -> None:
    write(night(ago, users=100) for ago in range(1, 31))


def _duration(night: Night) -> None:
    write(night(ago, seconds=30) for ago in range(1, 31))


def _copies(night: Night) -> None:
    write(night(1) for _ in range(20))


def _rewritten(night: Night) -> None:
    """Copies that somebody called by other names and judged by other rules."""
    for number in range(20):
        one = night(1)
        one["run"] |= {"label": f"night {number}", "commit": str(number), "rules": ["mine.toml"]}
        one["totals"]["avg"] = one["totals"]["avg"] + number / 1000
        write([one], prefix=f"{number}-")


def _redated(night: Night) -> None:
    """Copies that somebody gave other dates."""
    found = [night(1) for _ in range(20)]
    for number, one in enumerate(found):
        one["run"] |= {
            "started": f"2026-10-{number + 1:02}T02:00:00Z",
            "ended": f"2026-10-{number + 1:02}T02:05:00Z",
        }
    write(found)


def _broken(night: Night) -> None:
    write(night(ago) for ago in range(1, 5))
    for number in range(20):
        Path("history", f"cut{number}.json").write_text(json.dumps(night(number + 5))[:-9], "utf-8")


def _partial(night: Night) -> None:
    found = [night(ago) for ago in range(1, 31)]
    for one in found:
        one["run"] |= {"partial": True, "contradictions": ["a total is missing"]}
    write(found)


def _other_branches(night: Night) -> None:
    """Four runs of main, and many pull requests."""
    write(night(ago, branch="main") for ago in range(1, 5))
    write((night(ago + 0.5, branch=f"pull-{ago}") for ago in range(20)), prefix="pull")


EXCUSED = "no history yet"
HOPELESS = [
    pytest.param(_empty, "holds no result documents", EXCUSED, id="empty"),
    pytest.param(
        _few, "4 of 4 runs can be compared with this one, 5 are needed", EXCUSED, id="few"
    ),
    pytest.param(_future, "30 not before this run", None, id="future"),
    pytest.param(_failed, "30 with a failed gate", EXCUSED, id="failed"),
    pytest.param(_users, "30 under another load (users 100, now 10)", None, id="users"),
    pytest.param(_duration, "30 under another load (duration 30s, now 5m)", None, id="duration"),
    pytest.param(_copies, "1 of 1 run can", EXCUSED, id="copies"),
    pytest.param(_rewritten, "1 of 1 run can", EXCUSED, id="rewritten-copies"),
    pytest.param(_redated, "19 there already", EXCUSED, id="copies-of-other-dates"),
    pytest.param(_broken, "4 of 4 runs can", EXCUSED, id="broken"),
    pytest.param(_partial, "0 of 0 runs can", EXCUSED, id="partial"),
    pytest.param(_other_branches, "20 of another branch", EXCUSED, id="branches"),
]


@pytest.mark.parametrize(("fool", "why", "excused"), HOPELESS)
def test_too_few(
    judged: str,
    night: Night,
    capsys: pytest.CaptureFixture[str],
    fool: Callable[[Night], None],
    why: str,
    excused: str | None,
) -> None:
    """Without enough comparable runs there is no verdict; what may be too few yet is excused."""
    fool(night)
    assert check(judged)[0] == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "--history: " in told
    assert why in told
    assert "--history-optional" in told
    code, found, document = check(judged, "--history-optional")
    told = " ".join(capsys.readouterr().err.split())
    if excused is None:
        assert (code, document["checks"]) == (2, [])
        assert why in told
    else:
        assert (code, found["result"], found["limit"]) == (0, "not-enough-data", None)
        assert any(excused in text for text in document["warnings"])
        assert any(why in text for text in document["warnings"])


@pytest.mark.parametrize(
    "fool",
    [
        pytest.param(lambda night: [night(-ago, 90) for ago in SLOW], id="later"),
        pytest.param(lambda night: [night(ago, 90, outcome="failed") for ago in SLOW], id="failed"),
        pytest.param(lambda night: [night(ago, 90, users=21) for ago in SLOW], id="users"),
        pytest.param(lambda night: [night(ago, 90, seconds=3000) for ago in SLOW], id="duration"),
        pytest.param(lambda night: [night(ago, 90, branch="mine") for ago in SLOW], id="branch"),
        pytest.param(lambda night: [night(1, 15) for _ in SLOW], id="copies"),
        pytest.param(lambda night: [night(0.5, 90)], id="one-wild-run"),
    ],
)
def test_other_runs_make_no_room(
    judged: str, night: Night, fool: Callable[[Night], list[dict[str, Any]]]
) -> None:
    """Slow runs that do not count leave the limit as it is."""
    write(night(ago, 12, branch="main") for ago in range(1, 25))
    assert check(judged)[1]["limit"] == 13.2
    write(fool(night), prefix="slow")
    code, found, _ = check(judged)
    assert (code, found["limit"]) == (1, 13.2)


def test_left_out_runs_are_counted(judged: str, night: Night) -> None:
    """One note says how many of the runs in between do not count, and why."""
    write(night(ago, branch="main") for ago in range(1, 13))
    write([night(1.5, outcome="failed"), night(2.5, outcome="failed")], prefix="f")
    write([night(1.6, branch="mine"), night(1.7, users=50), night(-1)], prefix="o")
    Path("history", "cut.json").write_text("{", "utf-8")
    code, _, document = check(judged)
    assert code == 0
    of_files, of_runs = document["warnings"]
    assert of_files.startswith("left out of the history: history/cut.json: is not valid JSON")
    assert of_runs == (
        "left out of the history: 1 not before this run, 1 of another branch,"
        " 1 under another load (users 50, now 10), 2 with a failed gate"
    )


def test_a_path_that_is_not_there(judged: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped path is an error, not a history without runs."""
    command = ["check", judged, "--threshold", P95, "--history", "histroy"]
    assert run(command) == 2
    assert "--history: cannot be used" in capsys.readouterr().err
    assert run([*command, "--history-optional"]) == 0


def test_the_run_itself(judged: str, night: Night) -> None:
    """Neither its own document nor its files in the folder are held against it, nor told."""
    write(night(ago, 12) for ago in range(1, 7))
    assert run(["check", judged, "--output", "json:history/own.json"]) == 0
    for file in Path(judged).parent.iterdir():
        Path("history", file.name).write_bytes(file.read_bytes())
    code, found, document = check(judged)
    assert (code, found["limit"], document["warnings"]) == (1, 13.2, [])
    assert len(document["run"]["history"]) == 6


def test_judged_again(write_run: WriteRun, night: Night) -> None:
    """An old run is held against what was before it, however often it is judged."""
    write(night(ago, 12) for ago in range(1, 11))
    write((night(-ago, 99) for ago in range(1, 31)), prefix="later")
    assert check(of_today(write_run))[1]["limit"] == 13.2


def test_slow_server_is_no_other_load(write_run: WriteRun, night: Night) -> None:
    """Fewer requests a second are what came of the load, where users are known."""
    found = [night(ago) for ago in range(1, 7)]
    for one in found:
        one["totals"]["rps"] = 100
    write(found)
    code, _, document = check(of_today(write_run), require="rps >= history - 10%")
    assert (code, document["warnings"]) == (1, [])


def test_slow_server_without_users(
    judged: str, night: Night, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nobody knows the users it may be another load: no verdict, and no excuse."""
    found = [night(ago, users=None) for ago in range(1, 7)]
    for one in found:
        one["totals"]["rps"] = 100
    write(found)
    for words in ([], ["--history-optional"]):
        assert check(judged, *words)[0] == 2
        assert "6 under another load (rps 100, now 5)" in " ".join(capsys.readouterr().err.split())


def test_numbers_that_few_runs_have(judged: str, night: Night) -> None:
    """A number that fewer than five runs know is none."""
    write(night(ago) for ago in range(1, 5))
    write((night(ago, None) for ago in range(5, 15)), prefix="none")
    code, found, _ = check(judged)
    assert (code, found["result"], found["limit"]) == (1, "missing", None)
    assert found["note"] == (
        "only 4 runs of the history have p95 here, of 5 that it needs; use a fixed limit"
    )


@pytest.mark.parametrize("optional", [True, False])
def test_endpoint_that_the_history_lacks(
    write_run: WriteRun, night: Night, *, optional: bool
) -> None:
    """A new endpoint fails, unless the threshold says that it may be new."""
    write(night(ago) for ago in range(1, 9))
    Path("loadgate.toml").write_text(
        f'version = 1\n[[thresholds]]\nrequire = "{P95}"\nendpoint = "GET /**"\n'
        f"optional = {str(optional).lower()}\n",
        "utf-8",
    )
    rows = [("POST", STATE, 1000, 0), ("GET", LIST, 10, 0)]
    path = timed(write_run(rows, [], folder="now"), TODAY)
    code = run(["check", path, "--history", "history", "--output", "json:result.json"])
    found = json.loads(Path("result.json").read_text("utf-8"))["checks"][1]
    assert code == (0 if optional else 1)
    assert found["result"] == ("not-enough-data" if optional else "missing")
    assert found["note"].startswith("the history has no such endpoint")


def test_zeros(judged: str, night: Night) -> None:
    """A history without failures, or without time, makes no room for any."""
    found = [night(ago, 0) for ago in range(1, 9)]
    for one in found:
        one["failures"] = []
        for row in (one["totals"], *one["endpoints"]):
            row |= {"failures": 0, "true_failures": 0, "unexplained": 0}
            row["percentiles"]["50"] = 0
        one["totals"] |= {"failure_rate": 0, "true_failure_rate": 0}
        for one_check in one["checks"]:
            one_check["actual"] = 0
    write(found)
    assert check(judged)[1]["limit"] == 0
    code, of_rate, _ = check(judged, require="true_failure_rate <= history")
    assert (code, of_rate["limit"], of_rate["result"]) == (1, 0, "failed")


def test_raw_runs_are_told(judged: str, write_run: WriteRun) -> None:
    """Whether they failed against their own history only a document knows."""
    for ago in range(1, 7):
        rows = [("POST", STATE, 1000 + ago, 0)]
        timed(write_run(rows, [], folder=f"raw/{ago}"), TODAY - timedelta(days=ago))
    raw = str(Path(judged).parent.parent / "raw")
    command = ["check", judged, "--history", raw, "--threshold", P95]
    assert run([*command, "--output", "json:result.json"]) == 0
    document = json.loads(Path("result.json").read_text("utf-8"))
    assert len(document["run"]["history"]) == 6
    assert any(
        "6 of 6 runs of the history are no result documents" in text
        for text in document["warnings"]
    )


@pytest.mark.parametrize("seed", range(3))
def test_order_of_files(judged: str, night: Night, seed: int) -> None:
    """What files are called, and in which order they come, changes nothing."""
    dealt = random.Random(seed)  # noqa: S311 - nothing is encrypted
    found = [night(ago, dealt.randint(12, 20)) for ago in range(1, 31)]
    write(found)
    limit = check(judged)[1]["limit"]
    for path in Path("history").iterdir():
        path.unlink()
    dealt.shuffle(found)
    write(found)
    assert check(judged)[1]["limit"] == limit


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (TODAY.timestamp(), "that started before its file was written"),
        (0, "so all runs of the history count as earlier"),
    ],
)
def test_time_of_a_file(write_run: WriteRun, night: Night, written: float, words: str) -> None:
    """A run that does not say when it was is told to be judged by the time of its file."""
    write(night(ago) for ago in range(1, 9))
    path = write_run([("POST", STATE, 1000, 0)], [], folder="now")
    for file in path.parent.iterdir():
        os.utime(file, (written, written))
    code, _, document = check(str(path))
    assert code == 0
    assert any(words in text for text in document["warnings"])


def test_needed(judged: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A limit on a history needs one, and --history-optional a place for it."""
    assert run(["check", judged, "--threshold", P95]) == 2
    told = capsys.readouterr().err
    assert "'p95 <= history + 10%' needs a history" in told
    assert "--history PATH" in told
    assert run(["check", judged, "--history-optional"]) == 2
    assert "--history-optional needs --history PATH" in capsys.readouterr().err


def test_baseline_is_no_history(judged: str, night: Night) -> None:
    """A baseline does not stand in for a history."""
    Path("base.json").write_text(json.dumps(night(3, 10)), "utf-8")
    assert run(["check", judged, "--baseline", "base.json", "--threshold", P95]) == 2


def test_no_document_of_a_history_is_written_over(judged: str, night: Night) -> None:
    """Not even by the run that is judged."""
    write(night(ago) for ago in range(1, 7))
    before = Path("history/000.json").read_bytes()
    command = ["check", judged, "--history", "history", "--threshold", P95]
    assert run([*command, "--output", "json:history/000.json"]) == 2
    assert Path("history/000.json").read_bytes() == before


def test_what_failed_stays_out(write_run: WriteRun, night: Night) -> None:
    """A regression does not become normal by being there long enough."""
    write(night(ago, 10) for ago in range(50, 81))
    for ago in range(40, 0, -1):
        stats = write_run([("POST", STATE, 1000, 5)], [("POST", STATE, ERROR, 5)], folder="now")
        path = timed(stats, TODAY - timedelta(days=ago))
        code, found, _ = check(path, "--output", f"json:history/late{ago}.json")
        assert (code, found["limit"]) == (1, 11)


def test_shards_together(write_run: WriteRun, night: Night) -> None:
    """Runs that are judged as one are held against the history as one."""
    write(night(ago) for ago in range(1, 7))
    shards = [
        timed(
            write_run([("POST", STATE, 500, true)], [("POST", STATE, ERROR, true)], folder=name),
            TODAY,
        )
        for name, true in (("a", 2), ("b", 4))
    ]
    code, found, _ = check(*shards, "--merge", require="true_failure_rate <= history")
    assert (code, found["actual"], found["limit"]) == (1, 0.006, 0.005)


@pytest.mark.parametrize("seed", range(3))
def test_unrelated_runs_change_nothing(judged: str, night: Night, seed: int) -> None:
    """Whatever lies between the runs that count: failed, later, of another load or branch."""
    dealt = random.Random(seed)  # noqa: S311 - nothing is encrypted
    write(night(ago, dealt.randint(12, 20), branch="main") for ago in range(1, 31))
    limit = check(judged)[1]["limit"]
    others: list[dict[str, Any]] = [
        {"outcome": "failed"},
        {"users": 100},
        {"seconds": 20},
        {"branch": "mine"},
    ]
    write(
        (
            night(dealt.uniform(0, 30), dealt.randint(1, 999), **dealt.choice(others))
            for _ in range(20)
        ),
        prefix="other",
    )
    write((night(-dealt.uniform(0, 30), 999) for _ in range(5)), prefix="later")
    assert check(judged)[1]["limit"] == limit
