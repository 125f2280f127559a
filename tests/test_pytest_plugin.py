"""The pytest plugin, in sessions of pytest on recorded runs."""

from __future__ import annotations

import shutil
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "examples" / "runs"
INSTALLED = any(one.name == "loadgate" for one in entry_points(group="pytest11"))
PLUGIN = ("-p", "loadgate.pytest_plugin")
GATE = "def test_gate(verdict):\n    assert verdict.passed\n"
Session = Callable[..., pytest.RunResult]


@pytest.fixture(autouse=True)
def _no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the plugins that are installed here for other ends, as importing them takes long."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.fixture
def session(pytester: pytest.Pytester) -> Session:
    """Return a function that runs pytest where the recorded run is, with its rules, and a test."""
    shutil.copytree(RUNS, pytester.path, dirs_exist_ok=True)

    def run(*arguments: str, test: str = GATE) -> pytest.RunResult:
        pytester.makepyfile(test_it=test)
        return pytester.runpytest(*PLUGIN, *arguments)

    return run


def test_it_is_declared() -> None:
    """As pytest finds plugins, with the extra that installs pytest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"loadgate": "loadgate.pytest_plugin"}
    assert project["optional-dependencies"]["pytest"][0].startswith("pytest>=")
    assert import_module("loadgate.pytest_plugin").pytest_addoption


def test_a_run_that_passes(session: Session) -> None:
    """By the rules of the working directory; JUnit's XML says so, too."""
    result = session("--loadgate", "run_stats.csv", "-v", "--junit-xml", "junit.xml")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["test_it.py::test_gate PASSED*"])
    properties = ET.parse("junit.xml").findall(  # noqa: S314 - of our own session
        ".//property"
    )
    assert [(one.get("name"), one.get("value")) for one in properties] == [("loadgate", "passed")]


@pytest.mark.parametrize(
    "test",
    [
        GATE,
        "def test_gate(verdict):\n    assert not verdict.failed_checks\n",
        "def test_gate(verdict):\n    assert verdict.outcome == 'passed'\n",
    ],
)
def test_a_run_that_fails_shows_its_verdict(session: Session, test: str) -> None:
    """However the test asks: limits, true failures and endpoints stand in the report."""
    result = session("--loadgate", "run", "--loadgate-rules", "strict.toml", test=test)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*<Verdict failed: run, 4,916 requests, *>*",
            "*- loadgate: failed -*",
            "FAILED  run: true_failure_rate is *, must be <= 1%*",
            "TRUE FAILURES*",
        ]
    )


def test_several_runs(session: Session) -> None:
    """Each test is run for each; a folder means each of its runs."""
    shutil.copytree(".", "many", ignore=shutil.ignore_patterns("many", "*.py"))
    shutil.copy("run_stats.csv", "many/other_stats.csv")
    shutil.copy("run_failures.csv", "many/other_failures.csv")
    result = session("--loadgate", "run", "--loadgate=many", "-v", "--loadgate-rules=strict.toml")
    result.assert_outcomes(failed=3)
    for name in ("run", "many/run", "many/other"):
        result.stdout.fnmatch_lines([f"test_it.py::test_gate[[]{name}] FAILED*"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "*needs a run to judge: pytest --loadgate RUN*"),
        (("--loadgate", "nothing"), "*loadgate: nothing: no such file or directory*"),
        (("--loadgate", ""), "*loadgate: *no such file or directory*"),
        (("--loadgate", "run", "--loadgate-rules", "no.toml"), "*no.toml: there is no such file*"),
    ],
)
def test_what_cannot_be_judged(session: Session, arguments: tuple[str, ...], told: str) -> None:
    """It is an error of the test, in one message without a traceback; never a pass or a skip."""
    result = session(*arguments)
    result.assert_outcomes(errors=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([told])
    for noise in ("Traceback", "Errno", "another exception", "nothing was judged"):
        result.stdout.no_fnmatch_line(f"*{noise}*")
    _, _, shown = result.stdout.str().partition("ERROR at setup of test_gate")
    assert shown.partition("short test summary")[0].count(told.strip("*").split("*")[-1]) == 1


WORKERS = ("-p", "xdist", "-n", "2")


@pytest.mark.parametrize("more", [(), pytest.param(WORKERS, marks=pytest.mark.prove)])
def test_a_session_that_judges_nothing_fails(session: Session, more: tuple[str, ...]) -> None:
    """A gate that no test holds would let all pass; without --loadgate there is none."""
    if more:
        pytest.importorskip("xdist")
    test = f"{GATE}\ndef test_other():\n    pass\n"
    result = session("--loadgate", "run", "-k", "other", *more, test=test)
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*nothing was judged*"])
    assert session("-k", "other", *more, test=test).ret == pytest.ExitCode.OK
    for looked in ("--collect-only", "--fixtures"):
        result = session("--loadgate", "run", looked, test=test)
        assert result.ret == pytest.ExitCode.OK
        result.stdout.no_fnmatch_line("*nothing was judged*")


@pytest.mark.prove
def test_with_workers(session: Session) -> None:
    """pytest-xdist brings the report of a worker with the verdict in it."""
    pytest.importorskip("xdist")
    result = session("--loadgate", "run", "--loadgate-rules=strict.toml", *WORKERS)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- loadgate: failed -*", "FAILED  run: *"])
    result.stdout.no_fnmatch_line("*nothing was judged*")


def test_a_verdict_in_a_pipe_is_not_wrapped(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the log of a CI job is one, in which people search."""
    why = "A name that is taken is a mistake of the test data, not a conflict of two writers."
    session("--loadgate", "run", "--loadgate-rules=strict.toml").stdout.no_fnmatch_line(f"* {why}")
    monkeypatch.delenv("COLUMNS")
    unwrapped = session("--loadgate", "run", "--loadgate-rules=strict.toml")
    unwrapped.stdout.fnmatch_lines([f"* {why}"])


def test_a_test_that_fails_for_another_reason(session: Session) -> None:
    """Its report has the verdict, which passed, and it is the reader who judges."""
    test = "def test_gate(verdict):\n    assert verdict.passed\n    assert 1 == 2\n"
    result = session("--loadgate", "run", test=test)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- loadgate: passed -*"])


def test_a_fixture_of_the_project_comes_first(session: Session) -> None:
    """The name is taken from nobody, nor are its tests repeated."""
    test = (
        "import pytest\n@pytest.fixture\ndef verdict():\n    return 'guilty'\n\n"
        "def test_it(verdict):\n    assert verdict == 'guilty'\n\n"
        "def test_that(verdict):\n    assert verdict == 'innocent'\n"
    )
    for arguments in ((), ("--loadgate", "run")):
        result = session(*arguments, test=test)
        result.assert_outcomes(passed=1, failed=1)


def test_a_test_that_goes_elsewhere(session: Session) -> None:
    """The run and the rules are those of the command line."""
    test = (
        "import os, pytest\n@pytest.fixture(scope='session', autouse=True)\n"
        "def elsewhere(tmp_path_factory):\n    os.chdir(tmp_path_factory.mktemp('elsewhere'))\n\n"
        f"{GATE}"
    )
    session("--loadgate", "run", test=test).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "test",
    [
        "def test_gate(request):\n    assert request.getfixturevalue('verdict').passed\n",
        "import pytest\n@pytest.fixture\ndef gate(verdict):\n    return verdict.passed\n\n"
        "def test_gate(gate):\n    assert gate\n",
        "import pytest, unittest\n@pytest.mark.usefixtures('verdict')\n"
        "class TestGate(unittest.TestCase):\n    def test_gate(self):\n        assert False\n",
    ],
    ids=["when-it-runs", "through-a-fixture", "unittest"],
)
def test_every_way_to_ask_for_it(session: Session, test: str) -> None:
    """The report has the verdict, and the session knows that there was one."""
    strict = session("--loadgate", "run", "--loadgate-rules", "strict.toml", test=test)
    strict.assert_outcomes(failed=1)
    strict.stdout.fnmatch_lines(["*- loadgate: failed -*"])
    strict.stdout.no_fnmatch_line("*nothing was judged*")
    if "False" not in test:
        assert session("--loadgate", "run", test=test).ret == pytest.ExitCode.OK


def test_items_that_are_no_functions(session: Session) -> None:
    """Doctests have no verdict, and disturb nobody."""
    test = f'"""Doc.\n\n>>> 1\n2\n"""\n{GATE}'
    result = session("--loadgate", "run", "--doctest-modules", test=test)
    result.assert_outcomes(passed=1, failed=1)


def test_secrets_are_masked(session: Session, pytester: pytest.Pytester) -> None:
    """In the name of the test, and in the report."""
    for file in pytester.path.glob("run_*.csv"):
        text = file.read_text("utf-8").replace("/admin", "/admin?token=hunter2")
        file.with_name(file.name.replace("run", "a?token=hunter2")).write_text(text, "utf-8")
    result = session(
        "--loadgate", "a?token=hunter2_stats.csv", "-v", "--loadgate-rules=strict.toml"
    )
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("test_it.py*hunter2*")
    result.stdout.no_fnmatch_line("*admin*hunter2*")


@pytest.mark.skipif(not INSTALLED, reason="installed before the plugin was")
def test_it_can_be_left_out(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name."""
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    result = pytester.runpytest("-p", "no:loadgate", "--loadgate", "run")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unrecognized arguments: --loadgate*"])


def test_who_does_not_use_it_pays_nothing(pytester: pytest.Pytester) -> None:
    """Two modules of loadgate are imported, and nothing that they would need."""
    pytester.makepyfile(
        "import sys\n\ndef test_it():\n"
        "    found = {n for n in sys.modules if n.partition('.')[0] == 'loadgate'}\n"
        "    assert found == {'loadgate', 'loadgate.pytest_plugin'}\n"
    )
    result = pytester.run(sys.executable, "-m", "pytest", *PLUGIN, "-q")
    assert result.ret == 0
