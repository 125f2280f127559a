"""What README shows works as shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate.cli import exit_codes as exits

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """Return the code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_python_example_runs(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example of the API prints the verdict."""
    stats = write_run()
    monkeypatch.chdir(stats.parent)
    Path("loadgate.toml").write_text(blocks("toml")[0], "utf-8")
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - our own text
    out = capsys.readouterr().out
    assert out.startswith(("passed 0\n", "failed 0\n"))
    assert "10 expected + 0 true" in out


def test_exit_codes_are_told() -> None:
    """Every exit code of the command is in the table, and no other."""
    told = {int(code) for code in re.findall(r"^\| (\d+) \| ", README, re.MULTILINE)}
    assert told == {*exits.WORST_FIRST, exits.INTERRUPTED}
