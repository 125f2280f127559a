"""`loadgate explain` as a user runs it: what is explained, exit codes, messages."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate.cli import exit_codes as exits
from loadgate.cli import run
from loadgate.cli.explain import SHOWN

CONFLICT = "CatchResponseError('Expected [200], got 409')"
ERROR = "CatchResponseError('Expected [200, 409], got 500')"
STATE = "/tools/[id]/state"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder without a rules file, on a terminal that says nothing about colour."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv("NO_COLOR", raising=False)


def explain(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what the command prints, its white space folded, where it ends well."""
    assert run(["explain", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return " ".join(captured.out.split())


def test_true_failures_are_explained(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """By default the true failures are explained, and the expected ones are counted."""
    rows = [("POST", STATE, ERROR, 2), ("POST", STATE, CONFLICT, 3)]
    out = explain(capsys, str(write_run([("POST", STATE, 100, 5)], rows)))
    assert "5 failures = 3 expected + 2 true" in out
    assert f"TRUE 2 failures of POST {STATE} text {ERROR} status 500, read from" in out
    assert "1. optimistic-locking-conflict: wants 409, the status is 500" in out
    assert "EXPECTED" not in out
    assert "Not shown: 3 expected failures of 1 kind; use --all." in out


def test_all_failures_are_explained(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --all expected failures are explained, too."""
    out = explain(capsys, str(write_run()), "--all")
    assert f"EXPECTED 10 failures of POST {STATE}" in out
    assert "rule optimistic-locking-conflict of preset optimistic-locking excuses it" in out
    assert "Not shown" not in out


def test_the_most_frequent_kinds_come_first(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of many kinds of true failures the first twenty are explained."""
    rows = [
        ("GET", "/x", f"Exception('{letter}')", count)
        for count, letter in enumerate("abcdefghijklmnopqrstuvwxyz", 1)
    ]
    write_run([("GET", "/x", 1000, sum(row[3] for row in rows))], rows)
    stats = "../run"  # a path of any length would take lines from the explanations
    out = explain(capsys, stats)
    assert out.count(" text Exception(") == SHOWN
    assert out.count(" remedy ") == 1
    assert out.index("Exception('z')") < out.index("Exception('y')")
    assert "Not shown: 21 true failures of 6 kinds; use --all." in out
    assert explain(capsys, stats, "--all").count(" text Exception(") == len(rows)


def test_endpoints_narrow_it(write_run: WriteRun, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the failures of the endpoints that the pattern means are explained."""
    rows = [("POST", STATE, ERROR, 2), ("GET", "/x", ERROR, 3)]
    stats = str(
        write_run([("POST", STATE, 100, 2), ("GET", "/x", 100, 3), ("GET", "/y", 9, 0)], rows)
    )
    out = explain(capsys, stats, "--endpoint", "POST /**/state")
    assert "2 failures of POST" in out
    assert "3 failures of" not in out
    assert "No failures at /y, so there is nothing to explain." in explain(
        capsys, stats, "--endpoint", "/y"
    )


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        pytest.param(
            "POST /tools/[id]/stat",
            f'the run has no such endpoint; did you mean "POST {STATE}"?',
            id="near",
        ),
        pytest.param("", "--endpoint: the pattern names no endpoint", id="empty"),
    ],
)
def test_endpoints_that_are_not_there(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str], endpoint: str, message: str
) -> None:
    """An endpoint that the run does not have is a mistake of who typed it."""
    assert run(["explain", str(write_run()), "--endpoint", endpoint]) == exits.ERROR
    assert message in capsys.readouterr().err


def test_no_requests_have_nothing_to_explain(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only a verdict can lack evidence: an explanation of nothing is done."""
    stats = str(write_run([], []))
    assert "No requests were made." in explain(capsys, stats)
    assert "No requests were made." in explain(capsys, stats, "--endpoint", "/x")


def test_contradictions_stop_it_unless_they_are_allowed(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a check does, an explanation stops at files that contradict each other."""
    stats = str(write_run([("POST", STATE, 100, 2)], [("POST", STATE, ERROR, 5)]))
    assert run(["explain", stats]) == exits.ERROR
    assert "--allow-partial" in capsys.readouterr().err
    assert "PARTIAL RESULTS" in explain(capsys, stats, "--allow-partial")


def test_rules_expire_on_a_day(write_run: WriteRun, capsys: pytest.CaptureFixture[str]) -> None:
    """The rules and the day are those that were asked for."""
    Path("r.toml").write_text(
        'version = 1\n[[rules]]\nid = "a"\nendpoint = "**"\nstatus = 409\nwhy = "w"\n'
        "expires = 2026-01-31\n",
        "utf-8",
    )
    arguments = (str(write_run()), "--rules", "r.toml", "--today")
    out = explain(capsys, *arguments, "2026-02-01")
    assert "rule a of r.toml matches, but expired on 2026-01-31" in out
    assert "No true failures." in explain(capsys, *arguments, "2026-01-31")


@pytest.mark.parametrize(
    ("endpoint", "method", "outcome"),
    [
        pytest.param(f"POST {STATE}", "POST", "EXPECTED", id="post"),
        pytest.param(f"GET {STATE}", "GET", "TRUE", id="get"),
        pytest.param("grpc /a.B/c", "grpc", "TRUE", id="lower-case-method"),
        pytest.param("DB query stock", "DB query", "EXPECTED", id="method-of-a-rule"),
    ],
)
def test_one_text_at_one_endpoint(
    capsys: pytest.CaptureFixture[str], endpoint: str, method: str, outcome: str
) -> None:
    """A text with its endpoint is decided as in a run."""
    Path("loadgate.toml").write_text(
        'version = 1\nextends = ["optimistic-locking"]\n[[rules]]\nid = "db"\nmethod = ["DB query"]\n'
        'endpoint = "stock"\nstatus = 409\nwhy = "w"\n',
        "utf-8",
    )
    out = explain(capsys, "--text", CONFLICT, "--endpoint", endpoint)
    assert out.startswith(
        f'{outcome} {endpoint} text {CONFLICT} paste error = "{CONFLICT}" status 409, read from'
    )
    assert method in out


def test_one_text_at_any_endpoint(capsys: pytest.CaptureFixture[str]) -> None:
    """A text alone says what is read, and where a rule would fit."""
    out = explain(capsys, "--text", CONFLICT)
    assert out.startswith(f'TEXT {CONFLICT} paste error = "{CONFLICT}" status 409, read from')
    assert "1. optimistic-locking-conflict: matches at POST,PUT,PATCH,DELETE /**/state" in out
    assert explain(capsys, "--text", "").startswith("TEXT (empty error text) status unknown")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "name a RUN or an error text, --text 'TEXT'\n", id="nothing"),
        pytest.param(["run", "--text", "x"], "--text 'TEXT'; not both", id="both"),
        pytest.param(["--text", "x", "--endpoint", "/tools"], "a method and a name", id="name"),
        pytest.param(["--text", "x", "--endpoint", "/a b"], "a method and a name", id="path"),
        pytest.param(["nowhere"], "nowhere", id="no-run"),
        pytest.param(["x", "--today", "now"], "--today now", id="no-date"),
        pytest.param(["x", "--rules", "no.toml"], "no.toml", id="no-rules"),
    ],
)
def test_wrong_usage_exits_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is wrong with the command line exits 2 and is said on standard error."""
    assert run(["explain", *arguments]) == exits.ERROR
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


def test_colour_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Words of ours are coloured where colour is wanted."""
    monkeypatch.setattr("loadgate.cli.console.color_wanted", lambda: True)
    assert "\x1b[1mTEXT\x1b[0m" in explain(capsys, "--text", CONFLICT)


def test_the_default_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """The help says what is explained where nothing else is asked for."""
    assert "[default: the 20 most frequent kinds of true failures" in explain(capsys, "--help")
