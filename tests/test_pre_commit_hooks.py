"""The hook for pre-commit: what it would run is a command that exists and finds what it should."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from loadgate.cli import run

ROOT = Path(__file__).parents[1]


def _hook(name: str = "loadgate-rules-lint") -> dict[str, Any]:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (hook,) = (one for one in hooks if one["id"] == name)
    assert isinstance(hook, dict)
    return hook


@pytest.mark.parametrize(
    ("why", "code"), [pytest.param("A reason.", 0, id="sound"), pytest.param("TODO", 1, id="todo")]
)
def test_the_entry_judges_the_rules_file(
    why: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run with its arguments in a repository, it fails on an error and passes else."""
    hook = _hook()
    monkeypatch.chdir(tmp_path)
    Path("loadgate.toml").write_text(
        f'version = 1\n[[rules]]\nid = "x"\nendpoint = "POST /x"\nstatus = 409\nwhy = "{why}"\n',
        "utf-8",
    )
    program, *command = shlex.split(hook["entry"])
    assert program == "loadgate"
    assert run([*command, *hook["args"]]) == code


def test_it_runs_once_and_for_rules_files_only() -> None:
    """File names are not passed, as what follows the rules file would be runs."""
    hook = _hook()
    assert hook["pass_filenames"] is False
    for name, wanted in {
        "loadgate.toml": True,
        "a/loadgate.toml": True,
        "xloadgate.toml": False,
    }.items():
        assert bool(re.search(hook["files"], name)) is wanted


@pytest.mark.parametrize("taught", [True, False])
def test_the_entry_of_teach_compares_both_files(
    taught: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It fails where the rules file lacks a wording of the locustfile."""
    hook = _hook("loadgate-rules-teach")
    monkeypatch.chdir(tmp_path)
    wording = '[[status_texts]]\ntext = "Order lost: {status}"\n' if taught else ""
    Path("loadgate.toml").write_text(f"version = 1\n{wording}", "utf-8")
    message = 'f"Order lost: {r.status_code}"'
    Path("locustfile.py").write_text(f"def f(r):\n    r.failure({message})\n", "utf-8")
    program, *command = shlex.split(hook["entry"])
    assert program == "loadgate"
    assert hook["pass_filenames"] is False
    assert run([*command, *hook["args"]]) == (not taught)
    for name, wanted in {"loadgate.toml": True, "checks.py": True, "a.md": False}.items():
        assert bool(re.search(hook["files"], name)) is wanted
