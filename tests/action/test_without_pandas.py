"""loadgate without pandas, as the action installs it: everything but `report` works."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click
import pytest
from conftest import WriteRun

from action.conftest import asked
from action.runner import ROOT, Runner
from loadgate.cli import cli

RULES = ROOT / "examples" / "runs" / "loadgate.toml"
WEEKS = ROOT / "examples" / "weeks"
LOCUSTFILE = ROOT / "examples" / "optimistic-locking" / "locustfile.py"
COMMANDS = {
    "check run": 0,
    "check run --output markdown --output junit:x.xml --output json:x.json --output csv:x": 0,
    "check run --output github": 0,
    f"check run --rules {RULES} --strict-rules": 1,
    "check run --output html:x.html": "pip install 'loadgate[report]'",
    f"check run --baseline {WEEKS}/2026-11-09.json --threshold 'new_failure_kinds <= 9'": 0,
    "check run --history older --threshold 'p95 <= history + 10%'": 0,
    "check run --baseline s3://bucket/runs/": "pip install 'loadgate[fleet]'",
    "compare run run": 0,
    f"compare {WEEKS} run --output markdown": 0,
    f"compare {WEEKS}/2026-11-09.json {WEEKS}/2026-11-10.json --output json": 0,
    "explain run": 0,
    f"rules lint {RULES}": 0,
    "rules test optimistic-locking": 0,
    "rules suggest run": 0,
    f"rules teach {LOCUSTFILE}": 0,
    "init": 0,
    "schema rules": 0,
    "completion bash": 0,
    "locust --headless": "pip install locust",
    f"report {WEEKS} --week 2026-W47": "a report needs pandas, which is not installed: pip install",
    f"report {WEEKS} --output html:x.html": "pip install 'loadgate[report]'",
}
"""Each command -> its exit code, or of the message that goes with 2 a part."""
ALL_RUN = """
import contextlib, io, json, sys
from loadgate.cli import run
for words in json.load(sys.stdin):
    err = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(err):
        code = run(words)
    print(json.dumps([code, err.getvalue()]))
"""


def test_every_command_but_report_does_without_pandas(
    installed: Mapping[str, str],
    runner: Runner,
    write_run: WriteRun,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What needs more says what to install, with exit code 2, as everything that can be put right."""
    monkeypatch.chdir(runner.workspace)
    for night in range(1, 6):
        endpoints = [("POST", "/tools/[id]/state", 1000 + night, 10)]
        for file in write_run(endpoints, folder=f"workspace/older/{night}").parent.iterdir():
            os.utime(file, (86_400 * night,) * 2)
    words = [[*shlex.split(command)] for command in COMMANDS]
    ended = map(json.loads, asked(installed, ALL_RUN, words).splitlines())
    for (command, wanted), (code, err) in zip(COMMANDS.items(), ended, strict=True):
        told = wanted if isinstance(wanted, str) else ""
        assert (code, told in err) == (2 if told else wanted, True), (command, err)


def test_each_command_is_tried() -> None:
    """One that is added is tried without pandas, too."""
    groups = {"": cli, "rules ": cli.get_command(click.Context(cli), "rules")}
    names = {
        f"{name}{command}"
        for name, group in groups.items()
        if isinstance(group, click.Group)
        for command in group.list_commands(click.Context(group))
    } - {"rules"}
    tried = {re.sub(r"^(rules \w+|\w+).*", r"\1", command) for command in COMMANDS}
    assert tried == names


@pytest.mark.prove
@pytest.mark.skipif(importlib.util.find_spec("locust") is None, reason="not installed: locust")
def test_locust_does_without_pandas(tmp_path: Path) -> None:
    """The recorder and the gate behind it import nothing that only reports and pages need."""
    for name in ("pandas", "numpy", "scipy", "altair", "fsspec"):
        (tmp_path / f"{name}.py").write_text(f"raise ModuleNotFoundError(name={name!r})\n", "utf-8")
    (tmp_path / "locustfile.py").write_text(
        "from locust import User, task\n"
        "class Shop(User):\n"
        "    @task\n"
        "    def buy(self):\n"
        "        event = dict(request_type='GET', name='/x', response_time=1, response_length=1)\n"
        "        self.environment.events.request.fire(**event, exception=None, context={})\n"
        "        self.environment.runner.quit()\n",
        "utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "loadgate", "locust", "--headless", "--users", "1"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True,
        text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "PASSED" in done.stdout
