"""A recording wherever a run is taken: the commands that read runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun

from loadgate.action.results import find_results
from loadgate.cli import run
from loadgate.model import Answer
from loadgate.recording.counts import Counts, Key
from loadgate.recording.document import LOCAL, Document, Totals, Worker, document_to_json
from loadgate.recording.journal import pack
from loadgate.render.rules.reasons import status_text
from loadgate.status import recorded

BEGAN = 1_795_000_000
SILENT = "CatchResponseError('says nothing')"
RULES = """
version = 1
[[rules]]
id = "conflict"
endpoint = "POST /state"
status = 409
why = "Of two concurrent changes the later one gets 409."
"""


def write(
    path: str, conflicts: int, began: int = BEGAN, state: str = "finished", allowed: int = 0
) -> None:
    """Write a recording of 100 requests, some of them conflicts without a text, or allowed."""
    counts = Counts()
    for number in range(100):
        failed = number < conflicts
        status, error = (409, "CatchResponseError") if failed else (200, None)
        status = 409 if 99 - number < allowed else status
        key = counts.kept(Key("POST", "/state", status, error, failed))
        counts.cell(began + number % 9, key).record(1000 + number)
        if failed:
            counts.count_text(key, SILENT)
    write_counts(path, counts, 100, conflicts, began, state)


def write_counts(
    path: str,
    counts: Counts,
    requests: int,
    failures: int = 0,
    began: int = BEGAN,
    state: str = "finished",
) -> None:
    """Write a recording of so many requests and failures."""
    worker = Worker(id=LOCAL, parts=1, arrived=requests, recorded=requests, finished=True)
    document = Document(
        run="r", state=state, started=began + 0.0, ended=began + 10.0, workers=[worker],
        locust_totals=Totals(requests=requests, failures=failures, reset=False), counts=counts,
    )  # fmt: skip
    Path(path).write_bytes(pack(document_to_json(document)))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder with two recordings and rules."""
    monkeypatch.chdir(tmp_path)
    Path("runs").mkdir()
    write("runs/a.loadgate.json.gz", 3)
    write("runs/b.loadgate.json.gz", 5, began=BEGAN + 1000)
    Path("loadgate.toml").write_text(RULES)


def result(path: str) -> Any:
    """Return a document."""
    return json.loads(Path(path).read_text("utf-8"))


def test_check(capsys: pytest.CaptureFixture[str]) -> None:
    """One, a folder of them, and all outputs; judged again, its document says the same."""
    assert run(["check", "runs/a.loadgate.json.gz", "--output", "json:a.json"]) == 0
    assert result("a.json")["failures"][0]["status_from"] == "recorder"
    assert result("a.json")["run"]["label"] == "a"
    assert (
        run(["check", "runs", "--output", "json:{label}.json", "--output", "junit:{label}.xml"])
        == 0
    )
    assert len([*Path().glob("*a.json"), *Path().glob("*b.xml")]) == 3
    capsys.readouterr()
    assert (
        run(["check", "runs/b.loadgate.json.gz", "--output", "csv:b", "--output", "markdown"]) == 0
    )
    assert "409" not in Path("b_failures.csv").read_text("utf-8")
    assert "5 expected" in capsys.readouterr().out
    Path("loadgate.toml").write_text("version = 1\n")
    assert run(["check", "runs/a.loadgate.json.gz"]) == 1


def test_task_exceptions_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """By their classes, the most frequent first, in every output that counts them."""
    counts = Counts()
    counts.cell(BEGAN, counts.kept(Key("GET", "/", 200, None, False))).record(1000)
    for name, count in (("KeyError", 2), ("ValueError", 30), (None, 1), ("A", 1), ("B", 1)):
        counts.count_task_error(name, count)
    write_counts("t.loadgate.json.gz", counts, 1)
    limit = ["--threshold", "task_exceptions <= 0", "--threshold", "true_failure_rate <= 1%"]
    assert run(["check", "t.loadgate.json.gz", *limit]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "35 task exceptions (30 ValueError, 2 KeyError, 1 (other classes) and 2 more)" in shown
    assert "30 ValueError, 2 KeyError, 1 (other classes)" in shown.partition("task_exceptions")[2]
    assert run(["check", "t.loadgate.json.gz", "--output", "json:t.json"]) == 0
    document = result("t.json")
    assert document["totals"]["task_exception_classes"][1] == {"class": "KeyError", "count": 2}
    (warning,) = [text for text in document["warnings"] if "in tasks" in text]
    assert warning.startswith(
        "35 exceptions were raised in tasks (30 ValueError, 2 KeyError, 1 (other classes) and 2"
        " more), outside requests"
    )
    for path in ("t.loadgate.json.gz", "t.json"):
        week = ["--since", "2026-11-13", "--until", "2026-11-19"]
        assert run(["report", path, *week, "--output", "json:r.json"]) == 0
        headline = result("r.json")["headline"]
        assert "35 task exceptions (30 ValueError, 2 KeyError, 1 (other" in headline


def test_no_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, but 0 with `--allow-partial`, which says so."""
    write("x.loadgate.json.gz", 1, state="running")
    assert run(["check", "x.loadgate.json.gz"]) == 2
    assert "the recording is no evidence" in capsys.readouterr().err
    assert run(["check", "x.loadgate.json.gz", "--allow-partial"]) == 0
    assert "PARTIAL RESULTS" in capsys.readouterr().out


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    """It says where the status is from; without an answer nothing is to be taught."""
    assert run(["explain", "runs/a.loadgate.json.gz", "--all"]) == 0
    assert "409 (recorder): the response itself" in capsys.readouterr().out
    assert status_text(recorded(Answer(None, None))) == "none (recorder): there was no response"


def test_suggest_and_init(capsys: pytest.CaptureFixture[str]) -> None:
    """A rule on the status, though no text has it."""
    Path("loadgate.toml").write_text("version = 1\n")
    assert run(["rules", "suggest", "runs/a.loadgate.json.gz"]) == 0
    assert "status = 409" in capsys.readouterr().out
    Path("loadgate.toml").unlink()
    assert run(["init", "runs/a.loadgate.json.gz"]) == 0
    assert "409" in Path("loadgate.toml").read_text("utf-8")


def test_many_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Compare, baseline and report take them as they are, and their documents."""
    one, two = "runs/a.loadgate.json.gz", "runs/b.loadgate.json.gz"
    assert run(["compare", one, two]) == 0
    limit = "expected_failures <= baseline + 1"
    assert run(["check", two, "--baseline", one, "--threshold", limit]) == 1
    assert run(["check", one, "--baseline", two, "--threshold", limit]) == 0
    assert run(["report", "runs", "--week", "2026-W47", "--output", "json:r.json"]) == 0
    totals = result("r.json")["totals"]
    assert (totals["requests"], totals["expected_failures"]) == (200, 8)
    assert capsys.readouterr().err == ""


WINDOWS = """
[[thresholds]]
require = "expected_failures <= 1"
every = "2s"
[[thresholds]]
require = "p42_ok <= 1ms"
endpoint = "POST /**"
severity = "warning"
"""


def test_windows(capsys: pytest.CaptureFixture[str], write_run: WriteRun) -> None:
    """By keys of the rules file, in every output, and by the command line."""
    Path("loadgate.toml").write_text(RULES + WINDOWS)
    one = "runs/a.loadgate.json.gz"
    assert run(["rules", "lint"]) == 0
    words = [f"--output={form}:{form}" for form in ("json", "junit", "markdown", "github")]
    assert run(["check", one, "--output=text", *words]) == 1
    require = "expected_failures <= 1 every 2s"
    assert require in capsys.readouterr().out
    check = next(each for each in result("json")["checks"] if each["require"] == require)
    assert (check["actual"], check["window"]) == (2, {"from": 0.0, "to": 2.0})
    for form in ("junit", "markdown", "github"):
        assert "worst window: 0s to 2s" in Path(form).read_text("utf-8")
    assert run(["report", "json", "--week", "2026-W47"]) == 0
    assert require in capsys.readouterr().out
    for end, code in (("after 1s", 0), ("every 3s", 1), ("during steady", 1), ("every 10", 2)):
        words = ["--rules", "optimistic-locking", "--threshold", f"failures <= 2 {end}"]
        assert run(["check", one, *words]) == code, end
    capsys.readouterr()
    path = write_run([("POST", "/state", 100, 0)], [])
    assert run(["check", str(path)]) == 1
    assert "record the run: loadgate locust" in " ".join(capsys.readouterr().out.split())


def test_a_week_in_which_the_locustfile_allows_what_failed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is no improvement, and the budget is used as before; documents say what recordings say."""
    budget = RULES + 'at_most = "25%"\n'
    Path("loadgate.toml").write_text(budget)
    Path("week").mkdir()
    for day in range(14):
        failed, allowed = (20, 0) if day < 7 else (0, 21)
        path = f"week/{day:02}.loadgate.json.gz"
        write(path, failed, began=BEGAN + (day - 12) * 86_400, allowed=allowed)
        assert run(["check", path, "--output", f"json:week/{day:02}.json"]) == 0
    for inputs in ("*.gz", "*.json"):
        paths = sorted(map(str, Path("week").glob(inputs)))
        week = ["--since", "2026-11-13", "--until", "2026-11-19"]
        assert run(["report", *paths, *week, "--output", "json:r.json"]) == 0
        report = result("r.json")
        assert [(item["concern"], item["sentence"]) for item in report["attention"]] == [
            (
                "allowed",
                "fewer failures at POST /state are no improvement: the locustfile counts 147 as"
                " successes (allowed), 0 before",
            ),
            ("budget", "rule conflict used 84% of its budget of 25%"),
        ]
        assert [one["allowed"] for one in report["runs"] + report["runs_before"]] == [
            *([21] * 7),
            *([0] * 7),
        ]
        assert (report["rules"][0]["state"], report["rules"][0]["allowed"]) == ("used", 147)
        capsys.readouterr()
        assert run(["compare", paths[0], paths[-1]]) == 0
        assert "are no improvement" in " ".join(capsys.readouterr().out.split())


def test_the_action_finds_them() -> None:
    """By the pattern of its input."""
    assert find_results(["runs/*.loadgate.json.gz"]) == [
        "runs/a.loadgate.json.gz",
        "runs/b.loadgate.json.gz",
    ]


def test_compare_knows_times_from_a_recording(capsys: pytest.CaptureFixture[str]) -> None:
    """Its histogram has intervals of percentiles, which a document of it has only roughly."""
    for name, factor in (("base", 1), ("head", 2)):
        counts = Counts()
        key = counts.kept(Key("GET", "/state", 200, None, False))
        for number in range(1000):
            counts.cell(BEGAN + number % 9, key).record((50_000 + 50 * number) * factor)
        write_counts(f"{name}.loadgate.json.gz", counts, 1000, began=BEGAN + 1000 * factor)
    assert run(["check", "base.loadgate.json.gz", "--output", "json:base.json"]) == 0
    found = []
    for base in ("base.loadgate.json.gz", "base.json"):
        capsys.readouterr()
        assert run(["compare", base, "head.loadgate.json.gz", "--output", "json"]) == 0
        loaded = json.loads(capsys.readouterr().out)
        found += [loaded["differences"]["p95"], loaded["endpoints"][0]["differences"]["p95"]]
    assert {(one["change"], one["by"]) for one in found} == {("more", "requests")}
    assert [round(one["low"], 2) for one in found] == [1.98, 1.98, 1.96, 1.96]
