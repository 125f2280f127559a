"""docs/ci.md: its blocks are valid, their scripts do what the page says, and its tables are complete."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from action.expressions import as_text
from action.github_server import archive, run_of, serve
from action.runner import Runner
from docs.console import ROOT
from docs.recipes import POSIX, fenced, project_in
from docs.recipes import fail_the_gate as _fail_the_gate
from docs.recipes import run as _run
from docs.recipes import valid as _valid

from loadgate import published

PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
BLOCKS = fenced(PAGE)
OTHERS = (ROOT / "docs" / "ci-others.md").read_text("utf-8")
HASH = "0123456789abcdef0123456789abcdef01234567"


def _blocks(language: str, start: str = "") -> list[str]:
    return [text for kind, text in BLOCKS if kind == language and text.startswith(start)]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return an empty project whose run will be the recorded one, with the rules it passes by."""
    return project_in(tmp_path)


# --- Locust ---------------------------------------------------------------------------------------

LOCUSTFILE = """\
from locust import HttpUser, constant, task


class Admin(HttpUser):
    wait_time = constant(0.1)

    @task
    def toggle(self):
        self.client.post("/tools/1/state", name="/tools/[id]/state")
"""
RULES = """\
version = 1
[[rules]]
id = "state-conflict"
endpoint = "POST /**/state"
status = 409
why = "Of two that toggle at the same moment one loses."
"""


@pytest.fixture
def refusing() -> Iterator[str]:
    """Yield the URL of a service that answers 409 whatever it is asked."""

    class Refuse(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(409)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refuse) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _locusts(start: str) -> list[str]:
    """Return each Locust command of both pages that begins so, on one line, less what is loadgate's."""
    text = re.sub(r"\\?\n +(?=--)", " ", PAGE + OTHERS)
    found = re.findall(rf"{start} (--headless .*?)(?= --loadgate| \|\||'|$)", text, re.MULTILINE)
    return [each.strip().replace("$(HOST)", "https://staging.example.com") for each in found]


def test_locust_is_run_in_the_same_way_everywhere() -> None:
    """The commands differ by what the CI system makes of them, not by what they test."""
    commands = _locusts("loadgate locust")
    assert len(commands) == 6
    assert set(commands) == {
        "--headless --users 40 --run-time 5m --host https://staging.example.com"
    }


@pytest.mark.skipif(find_spec("locust") is None, reason="Locust is not installed")
@pytest.mark.parametrize(
    ("start", "without", "code"),
    [
        pytest.param("loadgate locust", "", 0, id="recorded"),
        pytest.param("^locust", "", 0, id="as-told"),
        pytest.param("^locust", "--exit-code-on-error 0", 1, id="by-itself"),
    ],
)
def test_locust_leaves_the_decision_to_the_gate(
    tmp_path: Path, refusing: str, start: str, without: str, code: int
) -> None:
    """A real one, every request of which fails: by itself it fails the job, as the page tells it."""
    (tmp_path / "locustfile.py").write_text(LOCUSTFILE, "utf-8")
    (tmp_path / "loadgate.toml").write_text(RULES, "utf-8")
    (told,) = set(_locusts(start))
    told = told.replace("https://staging.example.com", refusing).replace("5m", "1h")
    module = start.removeprefix("^").split()
    command = [sys.executable, "-m", *module, *told.replace(without, "").split()]
    command += ["-f", f"locustfile.py,{ROOT / 'tests' / 'counted.py'}"]
    env = {name: text for name, text in os.environ.items() if not name.startswith("LOCUST_")}
    env["COUNTED_REQUESTS"] = "100"
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, check=False, timeout=600
    )
    assert done.returncode == code, done.stderr.decode(errors="replace")
    run = "loadgate-run.loadgate.json.gz" if "loadgate" in module else "run"
    gate = [sys.executable, "-m", "loadgate", "check", run]
    judged = subprocess.run(gate, cwd=tmp_path, capture_output=True, check=False)
    assert judged.returncode == 0, (judged.stdout + judged.stderr).decode(errors="replace")


# --- GitHub ---------------------------------------------------------------------------------------


(GITHUB,) = (
    text.replace("loadgate-ci/loadgate@COMMIT", f"loadgate-ci/loadgate@{HASH}")
    for text in _blocks("yaml", "# .github/workflows/")
)


def test_the_workflow_is_valid(tmp_path: Path) -> None:
    """By GitHub's schema."""
    _valid(GITHUB, "vendor.github-workflows", tmp_path)


def test_the_workflow_is_safe(tmp_path: Path) -> None:
    """Zizmor finds nothing, at its strictest."""
    tool = Path(sys.executable).with_name("zizmor")
    if not tool.exists():
        pytest.skip("zizmor is not installed")
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "load-test.yml").write_text(GITHUB, "utf-8")
    done = subprocess.run(
        [tool, "--offline", "--persona", "auditor", "--no-progress", tmp_path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def _steps() -> dict[str, dict[str, Any]]:
    """Return the steps of the only job that have a name."""
    (job,) = yaml.safe_load(GITHUB)["jobs"].values()
    return {step["name"]: step for step in job["steps"] if "name" in step}


def test_the_step_uses_inputs_that_exist() -> None:
    """What is copied from the page is known to the action."""
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    assert set(_steps()["Report"]["with"]) <= set(action["inputs"])


@POSIX
def test_the_step_of_locust_leaves_what_the_gate_reads(place: Path) -> None:
    """The script runs, and stops the job where Locust breaks."""
    steps = _steps()
    script = steps["Run Locust"]["run"].replace("python -m pip", "pip")
    assert _run(script, place).returncode == 0
    assert (place / steps["Report"]["with"]["results"]).exists()
    assert steps["Report"]["if"] == "${{ !cancelled() }}"  # also of a gate that failed
    assert _run(script, place, LOCUST_BREAKS="yes").returncode == 2


@POSIX
def test_a_pull_request_is_held_against_main(place: Path, tmp_path: Path) -> None:
    """Before main has a result, and by a limit on it; there is one comment all the time."""
    (place / "team.toml").write_text(
        'version = 1\nextends = ["loadgate.toml"]\n'
        '[[thresholds]]\nrequire = "failure_rate <= baseline"\n',
        "utf-8",
    )
    (tmp_path / "event.json").write_text(
        json.dumps({"pull_request": {"number": 7, "head": {"sha": HASH, "repo": None}}}), "utf-8"
    )
    steps = _steps()
    assert _run(steps["Run Locust"]["run"].replace("python -m pip", "pip"), place).returncode == 0
    inputs = {name: as_text(value) for name, value in steps["Report"]["with"].items()}
    temp = tmp_path / "runner temp"
    temp.mkdir()
    with serve() as github:
        runner = Runner(
            workspace=place,
            temp=temp,
            env={"no_proxy": "*"},
            github={
                "api_url": github.url, "event_name": "pull_request", "job": "load-test",
                "event_path": str(tmp_path / "event.json"), "run_id": "30",
            },
            reuse={"install": {"python": sys.executable}},
        )  # fmt: skip
        github.runs = [run_of(30, event="pull_request", conclusion=None)]
        outcomes = []
        for night in (None, "2026-11-16"):
            if night is not None:
                document = (ROOT / "examples" / "weeks" / f"{night}.json").read_text("utf-8")
                github.runs.append(run_of(29, event="schedule"))
                github.artifacts[29] = [{"id": 5, "name": inputs["artifact-name"]}]
                github.archives[5] = archive({"run.json": document})
            runner.artifacts.clear()
            ran = runner.run_action({**inputs, "rules": "team.toml"})
            outcomes.append((ran.outputs["outcome"], "no baseline yet" in ran.log))
        (comment,) = github.comments
    assert outcomes == [("passed", True), ("failed", False)], ran.log
    assert comment["body"].startswith("### ❌ FAILED: ")
    assert "kinds of true failures compared with run.json of main (run 29)." in comment["body"]


# --- shells ---------------------------------------------------------------------------------------


@POSIX
def test_the_shell_that_only_reports(place: Path) -> None:
    """A failed gate goes on, what cannot be judged does not."""
    (block,) = _blocks("sh", "loadgate locust")
    _fail_the_gate(place)
    done = _run(block, place)
    assert (done.returncode, "FAILED" in done.stdout) == (0, True)
    assert _run(block, place, LOCUST_BREAKS="yes").returncode == 1


@POSIX
def test_without_the_recorder(place: Path) -> None:
    """Locust's files are judged."""
    (block,) = _blocks("sh", "locust --headless")
    assert _run(block, place).returncode == 0
    _fail_the_gate(place)
    assert _run(block, place).returncode == 1
    assert _run(block, place, LOCUST_BREAKS="yes").returncode == 2


@POSIX
def test_the_image(place: Path) -> None:
    """It is loadgate with other words in front; release.yml tries it with a real Docker."""
    (block,) = _blocks("sh", "docker run")
    (image,) = re.findall(r"ghcr\.io/\S+", block)
    assert image == published.REPOSITORY.replace("https://github.com", "ghcr.io")
    docker = f'docker() {{ while [ "$1" != {image} ]; do shift; done; shift; loadgate "$@"; }}\n'
    for file in (ROOT / "examples" / "runs").glob("run_*.csv"):
        shutil.copy(file, place)
    assert _run(docker + block, place).returncode == 0
    _fail_the_gate(place)
    assert _run(docker + block, place).returncode == 1


@POSIX
def test_the_rules_are_looked_at(place: Path) -> None:
    """Lint and test run one after another; a rule that excuses too much stops the first."""
    (block,) = _blocks("sh", "loadgate rules lint")
    for rules, code in ((place / "loadgate.toml", 1), (ROOT / "rules" / "rate-limiting.toml", 0)):
        shutil.copy(rules, place / "here.toml")
        (place / "here.toml").replace(place / "loadgate.toml")
        assert _run(block, place).returncode == code


@POSIX
def test_the_rules_of_the_target_branch(place: Path) -> None:
    """The pull request loosens the rules, and is judged by those of the branch that it goes to."""
    (block,) = _blocks("sh", "git worktree")
    _fail_the_gate(place)
    setup = """
    git init -q -b main . && git config user.email a@example.com && git config user.name a
    git add . && git commit -q -m strict && git update-ref refs/remotes/origin/main main
    printf 'version = 1\\n[[thresholds]]\\nrequire = "true_failure_rate <= 100%%"\\n' > loadgate.toml
    loadgate locust
    """
    assert _run(setup, place).returncode == 0
    assert _run(block, place, BASE="main").returncode == 1


def test_every_block_is_tested() -> None:
    """A block that is added is a block that a test has to run."""
    kinds = [kind for kind, _ in BLOCKS]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "yaml": 1, "sh": 5,
    }  # fmt: skip
