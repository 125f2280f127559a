"""`loadgate compare` as a user runs it: groups, outputs, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate.cli import run

STATE = "/tools/[id]/state"
CONFLICT = "CatchResponseError('Expected [200], got 409')"
ERROR = "CatchResponseError('Expected [200], got 500')"


@pytest.fixture
def runs(write_run: WriteRun, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return three runs, of which the last breaks, and stand in a folder of their own."""
    paths = {
        "a": write_run([("POST", STATE, 1000, 10)], [("POST", STATE, CONFLICT, 10)], folder="m/a"),
        "b": write_run([("POST", STATE, 1200, 12)], [("POST", STATE, CONFLICT, 12)], folder="m/b"),
        "c": write_run([("POST", STATE, 1000, 50)], [("POST", STATE, ERROR, 50)], folder="c"),
    }
    here = paths["c"].parent.parent / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return {name: str(path) for name, path in paths.items()}


def test_two_runs(runs: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Raw runs are judged; a head that is worse still is exit code 0, as nothing is decided."""
    assert run(["compare", runs["a"], runs["c"]]) == 0
    out = capsys.readouterr().out
    assert out.startswith("1 new true failure kind; ")
    assert "0 of 1,000 (0%) → 50 of 1,000" in out
    assert "NEW TRUE FAILURES" in out


def test_groups(runs: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """A folder is a group, and so are several paths; documents and raw runs may be mixed."""
    assert run(["check", runs["c"], "--output", "json:c.json"]) == 1
    folder = str(Path(runs["a"]).parents[1])
    assert run(["compare", folder, "c.json", "--output", "json:1.json"]) == 0
    several = ["--base", runs["a"], "--base", runs["b"], "--head", "c.json"]
    assert run(["compare", *several, "--output", "json:2.json"]) == 0
    assert (
        run(["compare", runs["a"], "c.json", "--base", runs["b"], "--output", "json:3.json"]) == 0
    )
    one, *others = (json.loads(Path(f"{number}.json").read_text("utf-8")) for number in (1, 2, 3))
    assert one["base"]["totals"]["requests"] == 2200
    assert len(one["base"]["runs"]) == 2
    assert all(other == one for other in others)
    assert capsys.readouterr().err == ""


def test_rules_judge_raw_runs(runs: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Under other rules, here none, the conflicts of the base are true."""
    Path("none.toml").write_text("version = 1\n", "utf-8")
    assert run(["compare", runs["a"], runs["c"], "--rules", "none.toml"]) == 0
    assert "10 of 1,000 (1%) → 50 of 1,000" in capsys.readouterr().out


def test_rules_that_need_a_baseline(
    runs: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Runs that are judged only to be compared have none, so what else there is judges them."""
    Path("loadgate.toml").write_text(
        'version = 1\nextends = ["optimistic-locking"]\n'
        '[[thresholds]]\nrequire = "p95 <= baseline"\n',
        "utf-8",
    )
    assert run(["compare", runs["a"], runs["c"], "--output", "json"]) == 0
    loaded = json.loads(capsys.readouterr().out)
    assert [loaded[side]["runs"][0]["outcome"] for side in ("base", "head")] == ["passed", "failed"]


def test_every_output(runs: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Several outputs at once, to files and to standard output."""
    outputs = ["--output", "markdown:out/c.md", "--output", "text"]
    assert run(["compare", runs["a"], runs["c"], *outputs]) == 0
    assert capsys.readouterr().out.startswith("1 new ")
    assert Path("out/c.md").read_text("utf-8").startswith("### Head compared with base\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "no base; write loadgate compare", id="nothing"),
        pytest.param(["x"], "1 path: name two", id="one-path"),
        pytest.param(["x", "y", "z"], "3 paths: name two", id="three-paths"),
        pytest.param(["--base", "x"], "no head; write", id="no-head"),
        pytest.param(["x", "y"], "x: no such file", id="missing"),
        pytest.param(["x", "y", "--rules", "no.toml"], "no.toml: there is no such file", id="rules"),
        pytest.param(["x", "y", "--output", "junit"], "unknown format 'junit'", id="format"),
        pytest.param(["x", "y", "--output", "text", "--output", "json"], "asked for twice", id="twice"),
        pytest.param(["x", "y", "--today", "monday"], "--today monday", id="today"),
    ],
)  # fmt: skip
def test_wrong_usage_exits_2(
    runs: dict[str, str],
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever is wrong is said on standard error, and nothing on standard output."""
    assert runs
    assert run(["compare", *arguments]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


def test_what_can_be_read_is_compared(
    runs: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken run among others is named, and the exit code says that something is missing."""
    assert run(["compare", runs["a"], runs["c"], "--head", "broken.json"]) == 2
    captured = capsys.readouterr()
    assert "broken.json: " in captured.err
    assert captured.out.startswith("1 new ")


def test_what_was_cut_in_a_folder_is_named(
    runs: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """However little is left of it, it may have been the run that matters."""
    Path(runs["c"]).with_name("result.json").write_text('{"format": "loadgate.resu', "utf-8")
    assert run(["compare", runs["a"], str(Path(runs["c"]).parent)]) == 2
    captured = capsys.readouterr()
    assert "result.json: is not valid JSON" in captured.err
    assert captured.out.startswith("1 new ")


def test_nothing_that_is_read_is_written_over(
    runs: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """An output over an input is refused, the others are written."""
    outputs = ["--output", f"markdown:{runs['a']}", "--output", "json"]
    assert run(["compare", runs["a"], runs["c"], *outputs]) == 2
    captured = capsys.readouterr()
    assert "is one of the files" in captured.err
    assert json.loads(captured.out)["format"] == "loadgate.comparison"


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """By the command that prints the others, too."""
    assert run(["schema", "comparison"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "loadgate comparison, version 1"


def test_times_of_a_list_with_histograms(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of Locust's --json: they are between requests of known ranks, also over all endpoints."""
    for factor in (1, 2):
        entries = [
            {
                "name": name,
                "method": "GET",
                "num_requests": 1000,
                "num_failures": 0,
                "num_none_requests": 0,
                "total_response_time": 100_000 * factor,
                "min_response_time": 51 * factor,
                "max_response_time": 150 * factor,
                "start_time": 1_795_000_000 + factor * 1000,
                "last_request_timestamp": 1_795_000_100 + factor * 1000,
                "response_times": {str((51 + time) * factor): 10 for time in range(100)},
            }
            for name in ("/a", "/b")
        ]
        (tmp_path / f"{factor}.json").write_text(json.dumps(entries), "utf-8")
    paths = [str(tmp_path / f"{factor}.json") for factor in (1, 2)]
    assert run(["compare", *paths, "--output", "json"]) == 0
    loaded = json.loads(capsys.readouterr().out)
    found = [loaded["differences"], *(row["differences"] for row in loaded["endpoints"])]
    assert {one["p95"]["change"] for one in found} == {"more"}
    assert [round(one["p95"]["low"], 2) for one in found] == [1.98, 1.97, 1.97]
    assert [one["rps"] for one in found] == [None] * 3
