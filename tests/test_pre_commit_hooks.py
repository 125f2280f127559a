"""The hooks for pre-commit: their commands, with the files that they would get of a commit.

tests/e2e/test_hooks.py runs them with a real pre-commit.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from loadgate.cli import run

ROOT = Path(__file__).parents[1]
RULES = (
    'version = 1\n[[rules]]\nid = "x"\nendpoint = "POST /x"\nstatus = 409\nwhy = "{why}"\n'
    '[[examples]]\nendpoint = "POST /x"\nerror = "HTTP 409"\nexpect = "{expect}"\n'
    '[[status_texts]]\ntext = "Order lost: {{status}}"\n'
)
SOUND = RULES.format(why="One of two writers loses.", expect="expected")
LOCUSTFILE = 'def f(r):\n    r.failure(f"Order lost: {r.status_code}")\n'
HOOKS = ("loadgate-rules-lint", "loadgate-rules-test", "loadgate-rules-teach")


def _hooks() -> dict[str, dict[str, Any]]:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    return {hook["id"]: hook for hook in hooks}


def committed(name: str, *changed: str, args: tuple[str, ...] = ()) -> int | None:
    """Return the exit code of a hook on changed files, as pre-commit runs it; None: it does not."""
    hook = _hooks()[name]
    files = [file for file in changed if re.search(hook["files"], file)]
    program, *command = shlex.split(hook["entry"])
    assert program == "loadgate"
    assert hook.get("pass_filenames", True)
    return run([*command, *args, *files]) if files else None


@pytest.fixture(autouse=True)
def _monorepo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a repository with two services, each with its rules file and locustfile."""
    monkeypatch.chdir(tmp_path)
    for service in ("services/a", "services/b", "services/-c d"):
        Path(service).mkdir(parents=True)
        Path(service, "loadgate.toml").write_text(SOUND, "utf-8")
        Path(service, "locustfile.py").write_text(LOCUSTFILE, "utf-8")


def test_there_are_no_others() -> None:
    """And each is for files with the name that loadgate looks for."""
    assert tuple(_hooks()) == HOOKS
    for name in HOOKS:
        files = _hooks()[name]["files"]
        for file in ("loadgate.toml", "a/loadgate.toml", "a b/-c/loadgate.toml"):
            assert re.search(files, file)
        for file in ("xloadgate.toml", "loadgate.toml.orig", "a.md"):
            assert not re.search(files, file)
        assert bool(re.search(files, "a/checks.py")) == (name == "loadgate-rules-teach")


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("service", ["services/b", "services/-c d"])
def test_a_commit_is_red_if_what_it_changed_is_broken(hook: str, service: str) -> None:
    """Wherever it is; and green if it is sound, whatever else is broken."""
    sound, broken = "services/a/loadgate.toml", f"{service}/loadgate.toml"
    assert committed(hook, sound, broken) == 0
    Path(broken).write_text("version = 9", "utf-8")
    assert committed(hook, sound) == 0
    assert committed(hook, broken) == 2
    assert committed(hook, broken, sound) == 2
    assert committed(hook, "README.md") is None


@pytest.mark.parametrize(
    ("hook", "text"),
    [
        ("loadgate-rules-lint", RULES.format(why="TODO", expect="expected")),
        ("loadgate-rules-test", RULES.format(why="One of two loses.", expect="failure")),
        ("loadgate-rules-teach", SOUND.replace("Order lost", "Order gone")),
    ],
)
def test_each_hook_finds_what_it_is_for(hook: str, text: str) -> None:
    """In any of the files; also with the arguments that people gave when it took one file."""
    Path("services/b/loadgate.toml").write_text(text, "utf-8")
    names = ("services/a/loadgate.toml", "services/b/loadgate.toml")
    assert committed(hook, *names) == 1
    assert committed(hook, names[0]) == 0
    old = "locustfile.py" if hook == "loadgate-rules-teach" else "loadgate.toml"
    Path("loadgate.toml").write_text(SOUND, "utf-8")
    Path("locustfile.py").write_text(LOCUSTFILE, "utf-8")
    assert committed(hook, *names, args=(old,)) == 1
    assert committed(hook, names[0], args=(old,)) == 0
