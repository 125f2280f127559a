"""`loadgate.judge`: the same verdict as `loadgate check`, and errors that a notebook can show."""

from __future__ import annotations

import json
import os
import threading
import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun

import loadgate
from loadgate.cli import run
from loadgate.judging import runs as judged_runs

ROOT = Path(__file__).parents[2]
EXAMPLES = [
    *(ROOT / "examples" / name for name in ("first-run", "runs", "seed-run")),
    *sorted((ROOT / "benchmarks" / "gates" / "recorded").glob("*")),
]
Captured = pytest.CaptureFixture[str]
Check = Callable[..., str]


@pytest.fixture
def checked(capsys: Captured) -> Check:
    """Return a function that has the command judge, and returns the document that it prints."""

    def check(*arguments: str) -> str:
        run(["check", *arguments, "--output", "json"])
        return capsys.readouterr().out

    return check


@pytest.mark.parametrize("folder", [pytest.param(one, id=one.name) for one in EXAMPLES])
def test_every_example_is_judged_as_by_the_command(
    folder: Path, checked: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte, with each rules file there is; where the command refuses, for that reason."""
    monkeypatch.chdir(folder)
    paths = ["run", *sorted(map(str, Path().glob("run*.json*")))]
    for path in paths:
        for rules in (None, *map(str, Path().glob("*.toml"))):
            for partial in (False, True):
                options = ["--rules", rules] if rules else []
                options += ["--allow-partial"] if partial else []
                expected = checked(path, *options)
                try:
                    verdict = loadgate.judge(path, rules=rules, allow_partial=partial)
                except loadgate.ResultError:
                    assert expected == ""
                else:
                    assert loadgate.render(verdict, "json") == expected
                    assert verdict.to_dict() == json.loads(expected)


@pytest.fixture
def two(write_run: WriteRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a run beside which there is an earlier one, and its document, in the folder."""
    run_of = write_run([("POST", "/a", 1000, 5)], [("POST", "/a", "HTTP 500", 5)], prefix="main")
    stats = write_run([("POST", "/a", 1100, 5)], [("POST", "/a", "HTTP 502", 5)], prefix="now")
    monkeypatch.chdir(tmp_path)
    run(["check", run_of.name, "--output", "json:main.json"])
    Path("rules").write_text('version = 1\nextends = ["rate-limiting"]\n', "utf-8")
    return stats.name


NEW = "new_failure_kinds <= 0"


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ([], {"baseline": None, "history": (), "thresholds": ()}),
        (["--rules", "./rules"], {"rules": Path("rules")}),
        (["--rules", "./rules"], {"rules": b"./rules"}),
        (["--rules", "rate-limiting"], {"rules": "rate-limiting"}),
        (["--label", "nightly"], {"label": "nightly"}),
        (["--threshold", "p95 <= 1ms"], {"thresholds": "p95 <= 1ms"}),
        (
            ["--threshold", "p95 <= 1ms", "--threshold", "requests >= 5"],
            {"thresholds": ("p95 <= 1ms", "requests >= 5")},
        ),
        (["--threshold", NEW, "--baseline", "main.json"], {"baseline": "main.json"}),
        (["--threshold", NEW, "--baseline", "main_stats.csv"], {"baseline": ["main_stats.csv"]}),
        (
            ["--threshold", NEW, "--baseline", "none.json", "--baseline-optional"],
            {"baseline": Path("none.json"), "baseline_optional": True},
        ),
        (
            ["--threshold", NEW, "--history", ".", "--history-optional"],
            {"history": b".", "history_optional": True},
        ),
        (["--strict-rules"], {"strict_rules": True}),
        (["--today", "2031-01-01"], {"today": date(2031, 1, 1)}),
        (["--encoding", "latin1"], {"encoding": "latin1"}),
        (["--branch", "b", "--commit", "c"], {"branch": "b", "commit": "c"}),
        (
            ["--link", "https://ci.example.com/?token=x"],
            {"link": "https://ci.example.com/?token=x"},
        ),
        (["main_stats.csv", "--merge"], {"merge": True}),
    ],
)
def test_every_option_is_an_argument(
    two: str, checked: Check, options: list[str], arguments: dict[str, Any]
) -> None:
    """With the same meaning."""
    run_: Any = two
    if "merge" in arguments:
        run_ = (path for path in (two, Path("main_stats.csv")))
    if NEW in options:
        arguments = arguments | {"thresholds": [NEW]}
    expected = checked(two, *options)
    assert loadgate.render(loadgate.judge(run_, **arguments), "json") == expected
    assert expected


def test_what_ci_says_is_recorded(
    two: str, checked: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Branch, commit and link come from the environment, as those of the command."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    for name, text in (("GITLAB_CI", "true"), ("CI_COMMIT_REF_NAME", "b"), ("CI_COMMIT_SHA", "c")):
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("CI_JOB_URL", "https://gitlab.example.com/1")
    verdict = loadgate.judge(two)
    assert loadgate.render(verdict, "json") == checked(two)
    assert verdict.to_dict()["run"]["branch"] == "b"


def test_the_page_has_its_charts(capsys: Captured) -> None:
    """The verdict has what the page draws."""
    path = str(ROOT / "examples" / "runs" / "run")
    rules = str(ROOT / "examples" / "runs" / "loadgate.toml")
    run(["check", path, "--rules", rules, "--output", "html"])
    assert loadgate.render(loadgate.judge(path, rules=rules), "html") == capsys.readouterr().out


# --- runs, rules and earlier runs that are read already -------------------------------------------


def test_a_run_and_a_policy_that_are_read_already(two: str) -> None:
    """They stand for their paths; what they are judged by is added."""
    policy = loadgate.load_policy(None, thresholds=["p95 <= 1ms"], strict_rules=True)
    expected = loadgate.judge(
        two, thresholds=["p95 <= 1ms"], strict_rules=True, label="x", today=date(2031, 1, 1)
    )
    found = loadgate.judge(
        loadgate.read_run(two, over_time=True),
        rules=loadgate.load_policy(),
        thresholds=["p95 <= 1ms"],
        strict_rules=True,
        label="x",
        today=date(2031, 1, 1),
    )
    assert found.to_dict() == expected.to_dict()
    own = loadgate.judge(loadgate.read_run(two), rules=policy)
    assert own.classification.run.label == "now"
    assert [check.require for check in own.failed_checks] == ["p95 <= 1ms", "idle_rules <= 0"]


@pytest.mark.parametrize(
    "arguments", [{"merge": True}, {"allow_partial": True}, {"encoding": "latin1"}]
)
def test_how_to_read_a_run_that_is_read(two: str, arguments: dict[str, Any]) -> None:
    """Nothing that could not be heeded is passed over."""
    with pytest.raises(loadgate.UsageError, match="already read"):
        loadgate.judge(loadgate.read_run(two), **arguments)


def test_verdicts_and_documents_as_a_baseline(two: str, write_run: WriteRun) -> None:
    """They mean what their document means, called by their label; several are told apart."""
    earlier = loadgate.judge("main_stats.csv")
    of_file = loadgate.judge(two, thresholds=NEW, baseline="main.json").to_dict()
    assert of_file["run"]["baseline"] == ["main.json"]
    for given in (earlier, earlier.to_dict(), [earlier.to_dict()]):
        document = loadgate.judge(two, thresholds=NEW, baseline=given).to_dict()
        assert document["run"].pop("baseline") == ["main"]
        assert document["run"] == {key: of_file["run"][key] for key in document["run"]}
        assert document["checks"] == of_file["checks"]
        assert document["outcome"] == "failed"
    other = write_run([("POST", "/a", 1200, 5)], [("POST", "/a", "HTTP 503", 5)], prefix="other")
    third = loadgate.judge(other, label="main")
    both = loadgate.judge(two, thresholds=NEW, baseline=(third.to_dict(), "main"))
    assert sorted(both.baseline) == ["main", "main (2)"]


@pytest.mark.parametrize("name", ["baseline", "history"])
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "the document: is neither a result document"),
        ({"format": "loadgate.result", "run": {"label": "x"}}, "x: version: is missing"),
        ("nothing.json", "nothing.json: no such file"),
    ],
)
def test_a_baseline_of_no_use(two: str, name: str, given: Any, told: str) -> None:
    """It is refused, or where that is allowed left out with a warning, be it a path or not."""
    arguments: dict[str, Any] = {"thresholds": "p95 <= " + name, name: given}
    with pytest.raises(loadgate.UsageError, match=told):
        loadgate.judge(two, **arguments)
    arguments[f"{name}_optional"] = True
    verdict = loadgate.judge(two, **arguments)
    assert any(told in text for text in verdict.to_dict()["warnings"])


def test_a_run_is_no_baseline_of_its_own(two: str) -> None:
    """As with the command."""
    with pytest.raises(loadgate.UsageError, match="this is the run being checked"):
        loadgate.judge(two, thresholds=NEW, baseline=loadgate.judge(two))


# --- what is given in another way -----------------------------------------------------------------


def test_paths_of_any_kind(two: str, tmp_path: Path) -> None:
    """Text, bytes, a Path, a prefix; a folder means its one run."""
    for path in (two, two.encode(), Path(two), "now"):
        assert loadgate.judge(path).classification.total.stats.requests == 1100  # type: ignore[arg-type] # bytes, too
    (tmp_path / "one").mkdir()
    for file in tmp_path.glob("now*"):
        file.rename(tmp_path / "one" / file.name)
    assert loadgate.judge(tmp_path / "one").classification.run.label == "now"


def test_several_runs_need_a_word(two: str, tmp_path: Path) -> None:
    """None of them is passed over, and nothing is no run."""
    for several in (tmp_path, [two, "main_stats.csv"]):
        with pytest.raises(loadgate.UsageError, match="2 runs: .*main_stats.csv(.|\n)*merge=True"):
            loadgate.judge(several)
    assert loadgate.judge(tmp_path, merge=True).classification.total.stats.requests == 2100
    for merge in (False, True):
        with pytest.raises(loadgate.UsageError, match="^no run"):
            loadgate.judge(None, merge=merge)  # type: ignore[arg-type] # as a variable may be
        with pytest.raises(loadgate.UsageError, match="^no run"):
            loadgate.judge([], merge=merge)


@pytest.mark.usefixtures("two")
def test_what_a_folder_has_besides_is_told() -> None:
    """As a warning of Python, where the command writes one to standard error."""
    Path("now_stats.csv").with_name(".hidden_stats.csv").write_bytes(
        Path("now_stats.csv").read_bytes()
    )
    with pytest.warns(UserWarning, match="hidden") as told:
        loadgate.judge(".", merge=True)
    assert [one.filename for one in told] == [__file__]


def test_a_rules_file_beside_the_run_is_not_taken(
    write_run: WriteRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command warns of it, too; where rules were named there is nothing to say."""
    monkeypatch.chdir(tmp_path)
    write_run(folder="a")
    rules = Path("a/loadgate.toml")
    rules.write_text("version = 1\n", "utf-8")
    said = r"a/loadgate\.toml lies beside the run but is not used; name it with --rules"
    with pytest.warns(UserWarning, match=said) as told:
        verdict = loadgate.judge("a/run")
    assert verdict.classification.origins == ("preset optimistic-locking",)
    assert [one.filename for one in told] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loadgate.judge("a/run", rules=rules)
        loadgate.judge("a/run", rules=loadgate.load_policy())


@pytest.mark.parametrize(
    ("error", "path", "arguments"),
    [
        (loadgate.ResultError, "nothing", {}),
        (loadgate.ResultError, "", {}),
        (loadgate.ResultError, "a\0b", {}),
        (loadgate.RulesError, "now", {"rules": "nothing.toml"}),
        (loadgate.RulesError, "now", {"rules": "optimistic-loking"}),
        (loadgate.UsageError, "now", {"thresholds": "p95"}),
        (loadgate.UsageError, "now", {"thresholds": NEW}),
        (loadgate.UsageError, "now", {"encoding": "nothing"}),
        (loadgate.UsageError, "now", {"link": "nothing"}),
        (loadgate.UsageError, "now", {"history_optional": True}),
        (TypeError, "now", {"rules": {"version": 1}}),
        (TypeError, 7, {}),
        (TypeError, "now", {"today": "2026-11-27"}),
        (TypeError, "now", {"today": datetime(2026, 11, 27, tzinfo=UTC)}),
        (TypeError, "now", {"baseline": {"run": object()}}),
    ],
)
@pytest.mark.usefixtures("two")
def test_errors(error: type[Exception], path: Any, arguments: dict[str, Any]) -> None:
    """Each is of the class that is documented; what no user can mean is a TypeError."""
    with pytest.raises(error):
        loadgate.judge(path, **arguments)


def test_files_that_disagree(write_run: WriteRun) -> None:
    """There is a class for the error that `allow_partial` answers."""
    stats = write_run([("GET", "/a", 10, 1)], [("GET", "/a", "x", 2)])
    with pytest.raises(loadgate.ContradictionError):
        loadgate.judge(stats)
    assert loadgate.judge(stats, allow_partial=True).classification.run.partial


def test_no_requests(write_run: WriteRun) -> None:
    """No evidence is an outcome, which is no pass, and has a document as by the command."""
    verdict = loadgate.judge(write_run([], []))
    assert (verdict.outcome, verdict.passed) == ("no-evidence", False)
    assert [check.actual for check in verdict.failed_checks] == [None]
    assert verdict.endpoints_frame().empty


def test_an_interrupt_ends_it(two: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no verdict, and no error of a run."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(judged_runs, "read_classified", interrupted)
    with pytest.raises(KeyboardInterrupt):
        loadgate.judge(two)


def test_two_threads_at_once(two: str) -> None:
    """Neither disturbs the other."""
    expected = {path: loadgate.judge(path).to_dict() for path in (two, "main")}
    found: list[bool] = []
    begin = threading.Barrier(2)

    def judge(path: str) -> None:
        begin.wait()
        found.extend(loadgate.judge(path).to_dict() == expected[path] for _ in range(20))

    threads = [threading.Thread(target=judge, args=[path]) for path in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 40


def test_a_change_of_folder_changes_no_verdict(two: str, tmp_path: Path) -> None:
    """Every output but csv, which reads the failures anew, is of what was judged."""
    verdict = loadgate.judge(two)
    before = [loadgate.render(verdict, form) for form in ("text", "json", "csv")]
    (tmp_path / "elsewhere").mkdir()
    os.chdir(tmp_path / "elsewhere")
    assert [loadgate.render(verdict, form) for form in ("text", "json", "csv")] == before


def test_nothing_is_written_and_nothing_warns(two: str, tmp_path: Path) -> None:
    """Judging leaves no file, and no warning where the command has none."""
    before = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loadgate.judge(two)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == before
