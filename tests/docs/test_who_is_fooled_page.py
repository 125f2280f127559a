"""docs/development/who-is-fooled.md: its tables are those of the recorded answers, and loadgate's hold today."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner
from docs.console import ROOT, blocks

from loadgate.cli import cli

BENCHMARKS = ROOT / "benchmarks"
if not BENCHMARKS.is_dir():
    pytest.skip("only a checkout has the benchmarks", allow_module_level=True)


def _module(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        return importlib.import_module(f"gates.{name}")


situations, contestants, page, play = map(_module, ("situations", "contestants", "page", "play"))
RESULTS: dict[str, Any] = page.load()
BY_NAME = {one.name: one for one in contestants.CONTESTANTS}
EACH = pytest.mark.parametrize(
    "situation", [pytest.param(one, id=one.name) for one in situations.SITUATIONS]
)


WITH_LOCUST = pytest.mark.skipif(
    find_spec("locust") is None or sys.platform == "win32",
    reason="Locust is not installed, or this is Windows, which has no `posix_spawnp`",
)


def _case(situation: Any, folder: Path) -> Any:
    """Return the situation with its files in a folder, as a gate finds them."""
    play.kept(situation, play.RECORDED, folder)
    last = play.RECORDED / (situation.after or "clean")
    return contestants.Case(situation=situation, folder=folder, last=last, tools=folder)


def _answer(command: Sequence[str], by: Any) -> str:
    """Return what loadgate says, in this process; the command begins `python -m loadgate`."""
    done = CliRunner().invoke(cli, [*command[3:]])
    answer: str = by.answer(done.exit_code, done.output)
    return answer


def test_the_tables_are_those_of_the_answers() -> None:
    """Nobody writes them by hand."""
    text = page.PAGE.read_text("utf-8")
    assert f"{page.BEGIN}\n{page.tables(RESULTS)}\n{page.END}" in text


def test_everybody_was_asked_everything() -> None:
    """A situation or a gate that is added shows up in the answers; None is one."""
    asked = {name for name, told in RESULTS["installed"].items() if told != page.UNUSABLE}
    for situation in situations.SITUATIONS:
        answers = RESULTS["answers"][situation.name]
        assert set(answers) == asked
        silent = {name for name, answer in answers.items() if answer is None}
        assert silent == {name for name in asked if situation.needs in BY_NAME[name].cannot}
    assert set(RESULTS["installed"]) == set(BY_NAME)


@EACH
def test_loadgate_still_judges_the_files_so(
    situation: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the same files, damaged in the same way."""
    case = _case(situation, tmp_path)
    (tmp_path / "run.loadgate.json.gz").unlink()
    monkeypatch.chdir(tmp_path)
    by = BY_NAME["check"]
    assert _answer(by.command(case), by) == RESULTS["answers"][situation.name]["check"]


@EACH
def test_loadgate_still_judges_the_recording_so(
    situation: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the recording of the run."""
    if situation.test.get("broken"):
        pytest.skip("nothing was recorded; see the next test")
    case = _case(situation, tmp_path)
    monkeypatch.chdir(tmp_path)
    answer = _answer(contestants.check_recording(case), BY_NAME["recording"])
    told = RESULTS["answers"][situation.name]["recording"]
    if situation.test.get("dead_writer_at"):
        # Beside the verdict, Locust's own unhandled exception ended the run with 2.
        assert (told, answer) == ("no evidence", "fail")
    else:
        assert answer == told


@WITH_LOCUST
def test_a_test_that_does_not_start_is_no_evidence(tmp_path: Path) -> None:
    """Beside good files of last night, with a real Locust."""
    done = play.ask(BY_NAME["recording"], play.named("not-started"), tmp_path)
    assert done.code == 2, done.output
    assert "shop_client" in done.output


@EACH
def test_the_script_with_csv_still_judges_so(situation: Any, tmp_path: Path) -> None:
    """The comparison is with what stands in the folder."""
    by = BY_NAME["csv"]
    if situation.needs in by.cannot:
        pytest.skip("it cannot express this")
    _case(situation, tmp_path)
    done = subprocess.run(
        [sys.executable, contestants.HERE / "csv_gate.py", "run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    answer = by.answer(done.returncode, done.stdout + done.stderr)
    assert answer == RESULTS["answers"][situation.name]["csv"]


def test_the_listener_is_that_of_the_other_page() -> None:
    """What readers are told to copy is what was tried."""
    (shown,) = [
        block.text
        for block in blocks(ROOT / "docs" / "why-not-locust-alone.md")
        if block.file == "locustfile.py"
    ]
    _, signature, body = shown.partition("def gate(environment, **_):\n")
    listener = (contestants.HERE / "listener.py").read_text("utf-8")
    assert signature in listener
    assert listener.endswith(body)


@pytest.mark.parametrize(
    ("right", "answer", "shown"),
    [
        ("pass", "pass", "✓"),
        ("pass", "no evidence", "**!**"),
        ("fail", "fail", "✓"),
        ("fail", "pass", "**✗**"),
        ("no evidence", "crash", "✓"),
        ("no evidence", "pass", "**✗**"),
        ("fail", None, "–"),
    ],
)
def test_a_cell_says_what_the_answer_is_worth(right: str, answer: str | None, shown: str) -> None:
    """Only a pass can be fooled, and only a run that is good can be a false alarm."""
    situation = situations.Situation(name="any", what="", right=right, why="")
    assert page.cell(situation, answer) == shown


def test_damage_that_would_do_nothing_is_an_error(tmp_path: Path) -> None:
    """A situation whose file is whole after all would be another one."""
    torn = play.named("torn-failures")
    shutil.copytree(play.RECORDED / torn.name, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "run_failures.csv"
    path.write_text(re.sub("409", "410", path.read_text("utf-8")), "utf-8")
    with pytest.raises(ValueError, match="cannot be cut"):
        torn.damage(tmp_path)


@pytest.mark.prove
@WITH_LOCUST
@pytest.mark.parametrize("name", ["failures", "killed", "dead-writer"])
def test_a_situation_can_be_recorded_anew(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a real Locust, with the same counts: nothing depends on time."""

    def total(folder: Path) -> list[str]:
        *_, row = (folder / name / "run_stats.csv").read_text("utf-8").splitlines()
        return row.split(",")[1:4]

    before = total(play.RECORDED)
    monkeypatch.setattr(play, "RECORDED", tmp_path / "recorded")
    (tmp_path / "work").mkdir()
    play.keep(play.named(name), tmp_path / "work")
    assert total(tmp_path / "recorded") == before
