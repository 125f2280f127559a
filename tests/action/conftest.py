"""A workspace with results in it, and the action installed as it installs itself."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest import WriteRun

from action.runner import BASH, ROOT, Ran, Runner

RunAction = Callable[..., Ran]

CONFLICT = ("POST", "/tools/[id]/state", "CatchResponseError('Expected [200], got 409')", 10)
ENDPOINT = ("POST", "/tools/[id]/state", 1000, 10)


@pytest.fixture(scope="session")
def machine() -> None:
    """Skip where no runner's bash can be had, or nothing that the action could install."""
    if BASH is None:
        pytest.skip("no bash, or one that may be anything, as on Windows")
    if not (ROOT / "loadgate" / "__init__.py").is_file():
        pytest.skip("a wheel is tested without the source that the action installs")


@pytest.fixture(scope="session")
def installed(machine: None, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Return the outputs of the install step, which one worker of pytest-xdist runs for all."""
    del machine
    import fcntl  # which Windows has not; there is no `machine` there

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
    """Run the install step for real, in an evil working directory."""
    workspace = tmp_path_factory.mktemp("workspace")
    for name in ("pip", "venv", "loadgate", "click"):
        (workspace / f"{name}.py").write_text("raise SystemExit('PWNED')\n", "utf-8")
    runner = Runner(workspace=workspace, temp=tmp_path_factory.mktemp("temp of a runner"))
    ran = runner.run_action(ROOT / "action.yml", {"results": "nothing-yet"})
    step = ran.step("install")
    assert step.outcome == "success", step.log
    return step.outputs


@pytest.fixture
def workspace(tmp_path: Path, write_run: WriteRun) -> Path:
    """Return an empty workspace; `write_run(folder="workspace")` writes into it."""
    del write_run
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def runner(workspace: Path, tmp_path: Path, installed: Mapping[str, str]) -> Runner:
    """Return a machine on which loadgate is installed already."""
    temp = tmp_path / "runner temp"
    temp.mkdir()
    return Runner(workspace=workspace, temp=temp, reuse={"install": installed})


@pytest.fixture
def act(runner: Runner) -> RunAction:
    """Return a function that runs the action with these inputs, `_` for `-` in their names."""

    def run(**inputs: str) -> Ran:
        given = {name.replace("_", "-"): text for name, text in inputs.items()}
        return runner.run_action(ROOT / "action.yml", {"results": "run_stats.csv", **given})

    return run
