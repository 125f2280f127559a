"""The command as a user runs it: exit codes, outputs, messages."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate import __version__
from loadgate.cli import run
from loadgate.judging import runs as judged
from loadgate.published import address, see

CONFLICT = "CatchResponseError('Expected [200], got 409')"
ERROR = "CatchResponseError('Expected [200, 409], got 500')"
STATE = "/tools/[id]/state"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder without a rules file, on a terminal that says nothing about colour."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_expected_conflicts_pass(write_run: WriteRun, capsys: pytest.CaptureFixture[str]) -> None:
    """Conflicts within their budget pass, and the output names the preset that excused them."""
    assert run(["check", str(write_run())]) == 0
    out = capsys.readouterr().out
    assert "10 failures = 10 expected + 0 true" in out
    assert "optimistic-locking" in out


def test_true_failures_fail(write_run: WriteRun, capsys: pytest.CaptureFixture[str]) -> None:
    """A 500 whose allowed list holds 409 is a true failure and fails the gate."""
    stats = write_run([("POST", STATE, 100, 2)], [("POST", STATE, ERROR, 2)])
    assert run(["check", str(stats)]) == 1
    out = capsys.readouterr().out
    assert "true_failure_rate <= 1%" in out
    assert "2%" in out
    assert STATE in out


def test_no_requests_are_no_evidence(write_run: WriteRun) -> None:
    """A run without requests neither passes nor fails."""
    assert run(["check", str(write_run([("GET", "/", 0, 0)], []))]) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "Usage", id="no-command"),
        pytest.param(["judge"], "No such command", id="unknown-command"),
        pytest.param(["check"], "RUN", id="no-run"),
        pytest.param(["check", "nowhere"], "nowhere", id="missing-file"),
        pytest.param(["check", "x", "--nope"], "No such option", id="unknown-option"),
        pytest.param(["check", "x", "--today", "tomorrow"], "--today tomorrow", id="no-date"),
        pytest.param(["check", "x", "--threshold", "p95 < 1"], "p95 < 1", id="threshold"),
        pytest.param(["check", "x", "--rules", "no.toml"], "no.toml", id="missing-rules"),
        pytest.param(["check", "x", "--output", "pdf"], "unknown format 'pdf'", id="format"),
        pytest.param(["check", "x", "--output", "json:"], "no path", id="empty-path"),
        pytest.param(["check", "x", "--output", "csv"], "needs a path", id="csv-to-stdout"),
        pytest.param(["check", "x", "y", "--output", "json:v"], "{label}", id="two-runs-one-file"),
        pytest.param(["check", "x", "y", "--output", "json"], "{label}", id="two-documents"),
        pytest.param(
            ["check", "x", "--output", "json:v", "--output", "junit:v"], "twice", id="same-path"
        ),
    ],
)
def test_wrong_usage_exits_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is wrong with the command line exits 2 and is said on standard error."""
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_messages_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters in a path are not sent to the terminal."""
    assert run(["check", "a\x1b[31mb"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_several_runs_and_the_worst_exit_code(
    write_run: WriteRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Runs are judged one by one; one that cannot be read does not hide the others."""
    good = write_run(folder="a")
    empty = write_run([("GET", "/", 0, 0)], [], folder="b")
    bad = write_run([("POST", STATE, 10, 9)], [("POST", STATE, ERROR, 9)], folder="c")
    # Shorter than the label of a run may be, wherever the tests are.
    runs = [os.path.relpath(path) for path in (good, empty, bad)]
    assert run(["check", *runs[:2]]) == 3
    assert run(["check", *runs]) == 1
    assert run(["check", *runs, "nowhere", "--output", "json:../out/{label}.json"]) == 2
    assert "nowhere" in capsys.readouterr().err
    documents = {
        path.stem: json.loads(path.read_text())["outcome"] for path in (tmp_path / "out").iterdir()
    }
    assert documents == {"a_run": "passed", "b_run": "no-evidence", "c_run": "failed"}


def test_several_runs_can_be_told_apart(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of several runs is called by its path, and the last line says how many ended how."""
    for folder in ("a", "b"):
        write_run(folder=f"here/{folder}")
    write_run(folder="here", prefix="a_run")
    write_run(folder="here/a/run")
    assert run(["check", "a/run_stats.csv", "b", "a/run/", "nowhere"]) == 2
    out = capsys.readouterr().out
    for name in ("PASSED  a/run: ", "PASSED  b: ", "PASSED  a/run (2): "):
        assert name in out
    assert out.endswith("\n4 runs: 3 passed, 1 could not be judged\n")
    assert run(["check", "a/run_stats.csv", "a_run", "--output", "json:{label}.json"]) == 0
    assert {path.name for path in Path().glob("*.json")} == {"a_run.json", "a_run-2.json"}


def test_rules_and_thresholds(write_run: WriteRun, tmp_path: Path) -> None:
    """A rules file in the working directory is used, --rules overrides it, --threshold adds."""
    stats = str(write_run())
    Path("loadgate.toml").write_text("version = 1\n")
    assert run(["check", stats, "--threshold", "true_failure_rate <= 1%"]) == 0
    assert run(["check", stats, "--threshold", "true_failures <= 9"]) == 1
    rules = tmp_path / "rules.toml"
    rules.write_text(
        'version = 1\n[[rules]]\nid = "x"\nendpoint = "/**"\nstatus = 409\nwhy = "w"\n'
        "expires = 2026-01-31\n"
    )
    command = ["check", stats, "--rules", str(rules), "--threshold", "true_failures <= 0"]
    assert run([*command, "--today", "2026-01-31"]) == 0
    assert run([*command, "--today", "2026-02-01"]) == 1
    assert run(command) == 1


STRICT = """version = 1
[[rules]]
id = "{id}"
endpoint = "{endpoint}"
status = 409
why = "w"
expires = {expires}
[[rules]]
id = "carve-out"
endpoint = "/tools/**"
status = 412
as = "failure"
why = "An idle carve-out is as it should be, if its endpoints occur."
"""


@pytest.mark.parametrize(
    ("endpoint", "expires", "code", "told"),
    [
        pytest.param("/**/state", "2027-01-01", 0, None, id="all-is-well"),
        pytest.param("/nowhere", "2027-01-01", 1, "idle_rules is 1, must be <= 0 (x)", id="idle"),
        pytest.param("/**/state", "2026-11-22", 1, "expired_rules is 1", id="expired"),
        pytest.param("/**/state", "2026-11-30", 1, "expiring_rules is 1", id="expiring"),
    ],
)
def test_strict_rules(
    write_run: WriteRun,
    capsys: pytest.CaptureFixture[str],
    endpoint: str,
    expires: str,
    code: int,
    told: str | None,
) -> None:
    """Rules that are idle, expired or about to expire fail the gate only where that is asked for."""
    stats = str(write_run())
    Path("loadgate.toml").write_text(STRICT.format(id="x", endpoint=endpoint, expires=expires))
    command = ["check", stats, "--today", "2026-11-23"]
    assert run(command) == 0
    assert run([*command, "--strict-rules"]) == code
    out = capsys.readouterr().out
    assert "true_failure_rate <= 1%" in out
    if told:
        assert told in out


def test_strict_rules_and_a_carve_out_that_is_mistyped(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run is judged as if the carve-out were not there, so it fails, and says why."""
    Path("team.toml").write_text(
        'version = 1\n[[rules]]\nid = "carve-out"\nendpoint = "/tools/**"\nstatus = 410\n'
        'as = "failure"\nwhy = "One job writes here."\n'
    )
    Path("loadgate.toml").write_text('version = 1\nextends = ["optimistic-locking", "team.toml"]\n')
    command = ["check", str(write_run()), "--today", "2026-11-23"]
    assert run(command) == 0
    assert run([*command, "--strict-rules"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "idle_rules is 1, must be <= 0 (carve-out)" in out
    assert "carve-out carve-out protects nothing" in out


def test_many_idle_rules_are_named_in_part(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """A threshold on rules says which rules it is about, the first five of them."""
    rules = "".join(
        f'[[rules]]\nid = "r{number}"\nendpoint = "/x"\nstatus = 409\nwhy = "w"\n'
        for number in range(7)
    )
    Path("loadgate.toml").write_text(
        f'version = 1\n{rules}[[thresholds]]\nrequire = "idle_rules <= 0"\n'
    )
    assert run(["check", str(write_run([("GET", "/", 10, 0)], []))]) == 1
    assert "idle_rules is 7, must be <= 0 (r0, r1, r2, r3, r4 and 2 more)" in " ".join(
        capsys.readouterr().out.split()
    )


def test_a_label_is_what_outputs_call_the_run(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """One run is called so; with several it comes before the label of each."""
    write_run(folder="here/a")
    write_run(folder="here/b")
    assert run(["check", "a", "--label", "nightly", "--output", "json:{label}.json"]) == 0
    assert json.loads(Path("nightly.json").read_text())["run"]["label"] == "nightly"
    assert run(["check", "a", "b", "--label", "nightly"]) == 0
    out = capsys.readouterr().out
    assert "PASSED  nightly a: " in out
    assert "PASSED  nightly b: " in out
    assert run(["check", "a", "--label", ""]) == 0
    assert "PASSED  run: " in capsys.readouterr().out


def test_what_was_tested_is_recorded(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The result document names branch, commit and link: of the options, else of the CI job."""
    for name in ("GITHUB_ACTIONS", "JENKINS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("CI_COMMIT_REF_NAME", "main")
    command = ["check", str(write_run()), "--output", "json"]
    assert run([*command, "--commit", "abc"]) == 0
    of = json.loads(capsys.readouterr().out)["run"]
    assert (of["branch"], of["commit"], of["link"]) == ("main", "abc", None)
    assert run([*command, "--link", "x"]) == 2
    assert "--link x: must begin with" in capsys.readouterr().err


def test_contradictions_stop_unless_allowed(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files that contradict each other exit 2; --allow-partial goes on and says so."""
    stats = str(write_run([("POST", STATE, 1000, 5)], [("POST", STATE, CONFLICT, 10)]))
    assert run(["check", stats]) == 2
    assert "--allow-partial" in capsys.readouterr().err
    assert run(["check", stats, "--allow-partial"]) == 0
    assert "partial" in capsys.readouterr().out.lower()


def test_every_format_is_written(write_run: WriteRun, tmp_path: Path) -> None:
    """All outputs are written in one go, on success too, into folders that are made."""
    stats = str(write_run())
    wanted = ["text", "markdown", "json", "junit", "github", "csv"]
    arguments = [part for name in wanted for part in ("--output", f"{name}:../out/v.{name}")]
    assert run(["check", stats, *arguments]) == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        "v.text",
        "v.markdown",
        "v.json",
        "v.junit",
        "v.github",
        "v.csv_stats.csv",
        "v.csv_failures.csv",
    }
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert run(["check", stats, *arguments]) == 0  # as it replaces what it wrote itself
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_formats_on_standard_output(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """Formats without a path go to standard output, in the order asked for."""
    assert run(["check", str(write_run()), "--output", "json", "--output", "github"]) == 0
    out = capsys.readouterr().out
    document, end = json.JSONDecoder().raw_decode(out)
    assert document["format"] == "loadgate.result"
    assert out[end:].lstrip().startswith("::")


def test_inputs_are_never_written_over(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """An output that would replace what the check reads is refused, and the input stays."""
    stats = write_run()
    before = stats.read_bytes()
    prefix = str(stats).removesuffix("_stats.csv")
    assert run(["check", str(stats), "--output", f"csv:{prefix}"]) == 2
    assert "choose another path" in capsys.readouterr().err
    assert stats.read_bytes() == before


def test_outputs_of_one_run_never_replace_another(
    write_run: WriteRun,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second run would be judged by what is left of the first."""
    monkeypatch.chdir(tmp_path)
    write_run([("POST", "/a", 1000, 0)], [], prefix="a", folder="x")
    bad = write_run([("POST", "/a", 1000, 90)], [], prefix="x_a", folder=".")
    before = bad.read_bytes()
    command = ["check", "x/a_stats.csv", "x_a", "--threshold", "failure_rate <= 1%"]
    assert run([*command, "--output", "csv:{label}"]) == 2
    assert "x_a_stats.csv: is one of" in capsys.readouterr().err
    assert bad.read_bytes() == before
    assert run(["check", "x", "x_a", "--output", "csv:x/{label}"]) == 1  # x held one run
    assert len([*Path("x").glob("x_a*.csv")]) == 2


def test_blanks_around_the_path_of_an_output(write_run: WriteRun, tmp_path: Path) -> None:
    """`json: verdict.json`, as in YAML, names no other file: the older verdict would stay."""
    stats = str(write_run())
    verdict = tmp_path / "verdict.json"
    assert run(["check", stats, "--output", f"json: {verdict}"]) == 0
    assert json.loads(verdict.read_text())["outcome"] == "passed"
    assert run(["check", stats, "--nope", "--output", f"json: {verdict} "]) == 2
    assert not verdict.exists()


def test_files_beside_a_report_are_not_replaced(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of the same name are Locust's own, and nothing could make them again."""
    stats = write_run()
    total = {"method": "", "name": "Aggregated", "num_requests": 0, "num_failures": 0}
    data = {"requests_statistics": [total], "failures_statistics": []}
    report = stats.with_name("run.html")
    report.write_text(f"<title>Locust</title>window.templateArgs = {json.dumps(data)}</html>")
    before = {path: path.read_bytes() for path in stats.parent.glob("run*")}
    prefix = str(stats).removesuffix("_stats.csv")
    assert run(["check", str(report), "--output", f"csv:{prefix}"]) == 2
    assert capsys.readouterr().err.count("is one of the files") == 2
    assert {path: path.read_bytes() for path in stats.parent.glob("run*")} == before


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("folder", id="folder"),
        pytest.param("file/verdict.json", id="below-a-file"),
        pytest.param("nul\x00.json", id="nul"),
        pytest.param("/dev/full", id="full-disk"),
    ],
)
def test_outputs_that_cannot_be_written(
    target: str, write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be written exits 2 with one message, leaves nothing, and hides no other output."""
    Path("folder").mkdir()
    Path("file").touch()
    stats = str(write_run())
    assert run(["check", stats, "--output", f"json:{target}", "--output", "junit:ok.xml"]) == 2
    assert capsys.readouterr().err.count("loadgate: ") == 1
    assert sorted(path.name for path in Path().iterdir()) == ["file", "folder", "ok.xml"]


def test_a_file_is_replaced_and_keeps_its_mode(write_run: WriteRun) -> None:
    """A verdict takes the place of the one before it, also behind a symbolic link."""
    stats = str(write_run())
    assert run(["check", stats, "--output", "json:real.json"]) == 0
    Path("real.json").chmod(0o640)
    Path("link.json").symlink_to("real.json")
    assert run(["check", stats, "--output", "json:link.json"]) == 0
    assert json.loads(Path("real.json").read_text())["outcome"] == "passed"
    assert Path("link.json").is_symlink()
    assert Path("real.json").stat().st_mode & 0o777 == 0o640


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    """Help names every option and exit code; the version is the package's."""
    assert run(["--help"]) == 0
    assert run(["check", "--help"]) == 0
    out = capsys.readouterr().out
    for word in ("--rules", "--threshold", "--output", "--today", "--allow-partial", "no evidence"):
        assert word in out
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"loadgate {__version__}\n"


def test_colour_only_where_it_is_wanted(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal gets colour, a pipe does not, and NO_COLOR is honoured."""
    stats = str(write_run())
    run(["check", stats])
    assert "\x1b[" not in capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    run(["check", stats])
    assert "\x1b[" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    run(["check", stats])
    assert "\x1b[" not in capsys.readouterr().out


def test_a_bug_exits_70(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that nobody foresaw exits 70, never 1, and asks for a report."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(judged, "read_classified", broken)
    assert run(["check", str(write_run())]) == 70
    err = capsys.readouterr().err
    assert "bug in loadgate" in err
    assert "ZeroDivisionError: oops" in err


def test_where_a_bug_happened(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """LOADGATE_DEBUG=1 adds the traceback, for the report."""
    monkeypatch.setattr(judged, "read_classified", None)
    monkeypatch.setenv("LOADGATE_DEBUG", "1")
    assert run(["check", str(write_run())]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_a_standard_output_that_is_no_file(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever calls the command from Python may put anything in the place of standard output."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    assert run(["check", str(write_run())]) == 0
    assert out.getvalue().startswith("PASSED")


def test_a_disk_that_fills_up(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that cannot be written to its end is not left behind, nor is an older verdict."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    stats = str(write_run())
    assert run(["check", stats, "--output", "json:v.json"]) == 0
    monkeypatch.setattr(os, "fsync", full)
    assert run(["check", stats, "--output", "json:v.json"]) == 2
    assert "v.json: cannot be written: No space left" in capsys.readouterr().err
    assert not [*Path().glob("*.json"), *Path().glob(".*")]


def test_outputs_to_a_device(write_run: WriteRun) -> None:
    """What is no regular file is written to, not replaced."""
    assert run(["check", str(write_run()), "--output", "json:/dev/null"]) == 0
    assert not Path("/dev/null").is_file()


def test_an_interrupt_exits_130(write_run: WriteRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C exits 130."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(judged, "read_classified", interrupted)
    assert run(["check", str(write_run())]) == 130


def loadgate(*arguments: str, measured: bool = True) -> subprocess.Popen[bytes]:
    """Start the command as a process of its own.

    `measured=False`: without the measuring of coverage, which an exception out of nowhere, as that of
    a signal is, can leave waiting for a lock of its own for ever.
    """
    kept = {n: text for n, text in os.environ.items() if measured or "COVERAGE" not in n}
    return subprocess.Popen(
        [sys.executable, "-m", "loadgate", *arguments],
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("arguments", [["check"], ["--help"]], ids=["check", "help"])
def test_a_closed_pipe_keeps_the_verdict(arguments: list[str], write_run: WriteRun) -> None:
    """`loadgate ... | head` ends quietly with the verdict's exit code."""
    if arguments == ["check"]:
        arguments = ["check", str(write_run())]
    with loadgate(*arguments) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
    assert process.returncode == 0
    assert errors == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full to write to")
def test_a_full_standard_output_is_an_error(write_run: WriteRun) -> None:
    """A verdict that could not be printed is not a pass."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "loadgate", "check", str(write_run())],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert b"standard output" in done.stderr
    assert b"Traceback" not in done.stderr


def test_an_interruption_has_its_own_exit_code(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """130, as shells have it, and no verdict."""

    def interrupted(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(judged, "read_classified", interrupted)
    assert run(["check", str(write_run())]) == 130


@pytest.fixture
def _heeding_ctrl_c() -> Iterator[None]:
    """Let processes heed SIGINT although this one, as a shell's background job, may ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.prove
@pytest.mark.usefixtures("_heeding_ctrl_c")
@pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl-C is no signal to one process")
def test_ctrl_c_leaves_nothing_half_done(write_run: WriteRun) -> None:
    """An interrupted check exits 130 without a traceback or a half-written file."""
    rows = [("POST", STATE, f"order {number:07} refused", 1) for number in range(50_000)]
    stats = write_run([("POST", STATE, 50_000, 50_000)], rows, folder="runs")
    for role in ("stats", "failures"):
        for number in range(200):
            os.link(stats.with_name(f"run_{role}.csv"), stats.with_name(f"{number}_{role}.csv"))
    with loadgate(
        "check", str(stats.parent), "--output", "json:{label}.json", measured=False
    ) as process:
        assert process.stderr is not None
        while not list(Path().glob("*.json")):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        errors = process.stderr.read()
    assert process.returncode == 130
    assert b"Traceback" not in errors
    for path in Path().iterdir():
        assert json.loads(path.read_text())["outcome"] == "failed"


def test_check_imports_nothing_heavy(write_run: WriteRun) -> None:
    """Judging a run does not import pandas, which alone would double the start-up time."""
    code = (
        "import sys; from loadgate.cli import run;"
        " code = run(sys.argv[1:]); sys.exit(9 if 'pandas' in sys.modules else code)"
    )
    for arguments in (["--help"], ["check", str(write_run())]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], stdout=subprocess.DEVNULL, check=False
        )
        assert done.returncode == 0


def test_two_documents_never_follow_one_another(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing could read what came out; a path for one of them is enough."""
    stats = str(write_run())
    assert run(["check", stats, "--output", "json", "--output", "junit"]) == 2
    assert "junit:PATH" in capsys.readouterr().err
    assert run(["check", stats, "--output", "json", "--output", "junit:x.xml"]) == 0


def test_a_narrow_encoding_does_not_break_the_output(write_run: WriteRun) -> None:
    """What a terminal cannot show is escaped instead of ending in an error."""
    stats = write_run([("GET", "/größe 冲突", 10, 0)], [])
    done = subprocess.run(
        [sys.executable, "-m", "loadgate", "check", str(stats)],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == b""


@pytest.mark.parametrize("value", ["bash_source", "zsh_complete", "nonsense"])
def test_a_variable_for_completion_does_not_pass_a_gate(
    value: str, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shells set it to complete, and then give no arguments; with some, the gate judges."""
    stats = write_run([("POST", STATE, 100, 2)], [("POST", STATE, ERROR, 2)])
    monkeypatch.setenv("_LOADGATE_COMPLETE", value)
    assert run(["check", str(stats)]) == 1
    monkeypatch.setenv("_LOADGATE_COMPLETE", value)
    assert run(["check", "nothing-there"]) == 2


@pytest.mark.skipif(os.name == "nt", reason="no such names on Windows")
def test_names_of_what_is_left_out_are_hostile(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """They neither steer a terminal nor begin a line that a runner obeys."""
    stats = write_run(folder="here/nights")
    write_run(folder="here/nights", prefix="b")
    (stats.parent / "x\n::error::y\x1b[31m.txt").write_bytes(stats.read_bytes())
    assert run(["check", "nights"]) == 0
    line, link = capsys.readouterr().err.splitlines()
    assert line.startswith("loadgate: nights/x ::error::y")
    assert link == see(address("inputs#folders"))
    assert "\x1b" not in line


def test_folders_inside_a_folder(write_run: WriteRun, capsys: pytest.CaptureFixture[str]) -> None:
    """They are not searched, and those with results are named, unless each is a RUN, too."""
    write_run(folder="here/nights")
    for name in ("tuesday", "monday", ".hidden"):
        write_run(folder=f"here/nights/{name}")
    (Path("nights") / "notes").mkdir()
    (Path("nights") / "broken_link").symlink_to("nowhere")
    assert run(["check", "nights"]) == 0
    shown = capsys.readouterr()
    told = "nights/{} was left out: folders inside a folder are"
    for name in ("tuesday", "monday", ".hidden"):
        assert told.format(name) in shown.out
    assert "nights/broken_link was left out" in shown.out
    assert run(["check", "nights", "nights/monday/"]) == 0
    shown = capsys.readouterr()
    assert told.format("tuesday") in shown.out
    assert told.format("monday") not in shown.out
    assert run(["check", "nights/notes"]) == 2
    assert "contains no Locust results" in capsys.readouterr().err


def test_a_folder_with_several_runs(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each gets a verdict; what belongs to none of them is named as left out."""
    write_run(folder="here/nights", prefix="monday")
    write_run([("GET", "/", 10, 5)], None, folder="here/nights", prefix="tuesday")
    empty = '<title>Locust</title>window.templateArgs = {"requests_statistics": []}'
    (Path("nights") / "monday_report.html").write_text(empty)
    (Path("nights") / "else.html").write_text(empty)
    assert run(["check", "nights"]) == 1
    shown = capsys.readouterr()
    assert "PASSED  nights/monday: " in shown.out
    assert "FAILED  nights/tuesday: " in shown.out
    assert shown.out.endswith("2 runs: 1 passed, 1 failed\n")
    assert shown.err.count("loadgate: ") == 1
    assert shown.err.startswith("loadgate: nights/else.html was left out: ")
    assert " loadgate check nights/else.html\n" in shown.err
    assert run(["check", "nights", "--output", "json:one.json"]) == 2
    assert "2 runs cannot share a file" in capsys.readouterr().err
    (Path("nights") / "broken_stats.csv").write_text("Type,Na")
    assert run(["check", "nights", "--output", "json:{label}.json"]) == 2
    assert "nights/broken_stats.csv: " in capsys.readouterr().err
    assert {path.name for path in Path().glob("*.json")} == {
        "nights_monday.json",
        "nights_tuesday.json",
    }
