"""A workspace with results in it, and the action installed as it installs itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest import WriteRun

from action.release import tag
from action.runner import BASH, ROOT, Ran, Runner

RunAction = Callable[..., Ran]
FAILED = [("GET", "/x", 900, 500)], [("GET", "/x", "ConnectionResetError(104)", 500)]
"""A run that the gate fails."""
OF_THE_JOB = {
    "PIP_CACHE_DIR": "cache",
    "PIP_CONFIG_FILE": "pip.conf",
    "PIP_CONSTRAINT": "constraints.txt",
    "PIP_DRY_RUN": "1",
    "PIP_EDITABLE": ".",
    "PIP_NO_BINARY": ":all:",
    "PIP_PREFIX": "prefix",
    "PIP_PYTHON": "python-of-the-job",
    "PIP_REQUIREMENT": "requirements.txt",
    "PIP_REQUIRE_HASHES": "1",
    "PIP_REQUIRE_VIRTUALENV": "1",
    "PIP_ROOT": "root",
    "PIP_TARGET": "target",
    "PIP_USER": "1",
    "PYTHONHOME": "home",
    "PYTHONPATH": ".",
}
"""What a job may have set for the environment of its own, and what is not to reach loadgate's."""


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Return the outputs of the install step, which one worker of pytest-xdist runs for all."""
    if BASH is None:
        pytest.skip("no bash, or one that may be anything, as on Windows")
    if not (ROOT / "loadgate" / "__init__.py").is_file():
        pytest.skip("a wheel is tested without the source that the action installs")
    import fcntl  # which Windows has not

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    outputs = folder / "installed.json"
    with (folder / "installed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not outputs.exists():
            outputs.write_text(json.dumps(_install(tmp_path_factory)))
    installed: Mapping[str, str] = json.loads(outputs.read_text())
    return installed


def _install(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Run the install step for real, in an evil working directory, with a job's settings of pip."""
    workspace = tmp_path_factory.mktemp("workspace")
    for name in ("pip", "venv", "loadgate", "click", "sitecustomize"):
        (workspace / f"{name}.py").write_text("raise SystemExit('PWNED')\n", "utf-8")
    (workspace / "constraints.txt").write_text("click<8\n", "utf-8")
    (workspace / "pip.conf").write_text(
        "[global]\nconstraint = constraints.txt\nno-binary = :all:\nrequire-virtualenv = true\n"
        "[install]\nuser = true\n",
        "utf-8",
    )
    runner = Runner(workspace=workspace, temp=tmp_path_factory.mktemp("temp of a runner"))
    runner.env |= OF_THE_JOB
    step = runner.run_action({"results": "nothing-yet"}).step("install")
    assert step.outcome == "success", step.log
    assert sorted(path.name for path in workspace.iterdir() if path.is_dir()) == []
    return step.outputs


@pytest.fixture
def runner(tmp_path: Path, write_run: WriteRun, installed: Mapping[str, str]) -> Runner:
    """Return a machine on which loadgate is installed, with a run that passes in its workspace."""
    temp = tmp_path / "runner temp"
    temp.mkdir()
    workspace = write_run(folder="workspace").parent
    return Runner(workspace=workspace, temp=temp, reuse={"install": installed})


@pytest.fixture
def act(runner: Runner) -> RunAction:
    """Return a function that runs the action with these inputs, `_` for `-` in their names."""

    def run(**inputs: str) -> Ran:
        given = {name.replace("_", "-"): text for name, text in inputs.items()}
        return runner.run_action({"results": "run_stats.csv", **given})

    return run


def asked(installed: Mapping[str, str], program: str, given: object = None) -> str:
    """Return what a program prints on the Python of the action."""
    done = subprocess.run(
        [installed["python"], "-I", "-X", "utf8", "-c", program],
        input=json.dumps(given), capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return done.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Runner:
    """Return a machine with this checkout as its workspace, and the test's own Python on PATH."""
    workspace = tmp_path / "work"
    workspace.mkdir()
    for name in (".ci", ".github", "examples", "loadgate", "rules"):
        shutil.copytree(ROOT / name, workspace / name)
    for name in ("action.yml", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, workspace)
    temp = tmp_path / "temp"
    temp.mkdir()
    return Runner(workspace=workspace, temp=temp)


@pytest.fixture
def github(checkout: Runner, tmp_path: Path) -> Path:
    """Return the folder of a stand-in for GitHub's CLI, which is on the machine's PATH."""
    answers = tmp_path / "answers"
    answers.mkdir()
    (answers / "issues").write_text("[]")
    folder = tmp_path / "bin"
    folder.mkdir()
    # Installing it is tested elsewhere; here loadgate is that of this environment.
    python = f'#!/bin/sh\n[ "$2" = pip ] && exit 0\nexec "{sys.executable}" "$@"\n'
    gh = (
        f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).parent / "gh.py"}" "{answers}" "$@"\n'
    )
    for name, text in (("gh", gh), ("python", python)):
        (folder / name).write_text(text, "utf-8")
        (folder / name).chmod(0o755)
    checkout.env["PATH"] = f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    checkout.actions["actions/setup-python"] = lambda _call: {}
    return answers


@pytest.fixture
def tagged(checkout: Runner, github: Path) -> Runner:
    """Return a machine on which everything about the tag v1.2.3 is as it should be."""
    return tag(checkout, github)
