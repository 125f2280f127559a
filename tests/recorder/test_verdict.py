"""The verdict that a run prints, held against that of `check` on its recording."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import WriteRun

from .runs import LOCUSTFILE, USERS, counting_server, surroundings

MADE = 10 * USERS
FILE = "loadgate-run.loadgate.json.gz"
RULES = """
version = 1
[[rules]]
id = "put-conflict"
endpoint = "PUT /s/409"
status = 409
why = "Of two concurrent changes the later one gets 409."
"""


def loadgate(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder."""
    return subprocess.run(
        [sys.executable, "-P", "-W", "ignore", "-m", "loadgate", *words],
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8",
        env=surroundings(), check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "code"), [("true_failure_rate <= 100%", 0), ("true_failure_rate <= 10%", 1)]
)
def test_it_is_that_of_check(tmp_path: Path, limit: str, code: int) -> None:
    """Byte for byte, with the same exit code; the status needs no text that says it."""
    for name in ("done", "workers"):
        (tmp_path / name).mkdir()
    (tmp_path / "loadgate.toml").write_text(RULES)
    with counting_server() as server:
        run = loadgate(
            tmp_path, "locust", "-f", str(LOCUSTFILE), "-H", server.url, "--headless", f"-u{USERS}",
            f"-r{USERS}", "--loadgate-threshold", limit, "--loadgate-output", "json:verdict.json",
            "--loadgate-output", "html:page.html",
        )  # fmt: skip
    assert run.returncode == code, run.stderr
    page = (tmp_path / "page.html").read_text("utf-8")
    assert 'id="chart-true"' in page
    assert "True failures " in page
    check = loadgate(tmp_path, "check", FILE, "--threshold", limit)
    assert check.returncode == code
    assert run.stdout.endswith(f"\n{check.stdout}")
    assert check.stdout.count("put-conflict") > 0
    document = json.loads((tmp_path / "verdict.json").read_text("utf-8"))
    assert document["totals"]["expected_failures"] == MADE
    told = {(each["name"], each["status"]) for each in document["failures"]}
    assert told == {
        ("/named", 404), ("/s/409", 409), ("/s/503", 503), ("/drop", None),
        ("own", "grpc:ABORTED"),
    }  # fmt: skip
    assert {each["status_from"] for each in document["failures"]} == {"recorder"}


def test_an_older_verdict_is_gone_when_the_run_starts(tmp_path: Path, write_run: WriteRun) -> None:
    """It would be taken for that of a run which is killed."""
    loadgate(tmp_path, "check", str(write_run()), "--output", "json:verdict.json")
    assert (tmp_path / "verdict.json").exists()
    (tmp_path / "locustfile.py").write_text(
        "import os\n"
        "from locust import User, task\n"
        "class Looking(User):\n"
        "    @task\n"
        "    def look(self):\n"
        "        open('seen', 'w').write(str(os.path.exists('verdict.json')))\n"
        "        self.environment.runner.quit()\n"
    )
    run = loadgate(tmp_path, "locust", "--headless", "--loadgate-output", "json:verdict.json")
    assert (tmp_path / "seen").read_text() == "False"
    assert run.returncode == 3, run.stderr  # it made no request
    assert (tmp_path / "verdict.json").exists()


def test_a_rules_file_beside_the_locustfile_is_not_used(tmp_path: Path) -> None:
    """That is said before the first request; where rules are named there is nothing to say."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "loadgate.toml").write_text(RULES)
    (tmp_path / "a" / "locustfile.py").write_text(
        "from locust import User, task\n"
        "class Ending(User):\n"
        "    @task\n"
        "    def end(self):\n"
        "        self.environment.events.request.fire(\n"
        "            request_type='GET', name='/a', response_time=1, response_length=0,\n"
        "            exception=None, context={})\n"
        "        self.environment.runner.quit()\n"
    )
    command = ["locust", "-f", "a/locustfile.py", "--headless"]
    command += ["--loadgate-warning-exit-code", "42"]
    said = (
        "loadgate: a/loadgate.toml lies beside the locustfile but is not used; name it with"
        " --loadgate-rules a/loadgate.toml\n"
    )
    warned = loadgate(tmp_path, *command)
    assert warned.stderr.count(said) == 1
    assert warned.returncode == 42, warned.stdout
    assert "passed with warnings: exit code 42" in warned.stdout
    assert loadgate(tmp_path, *command[:-1], "0").returncode == 0
    named = loadgate(tmp_path, *command, "--loadgate-rules", "a/loadgate.toml")
    assert (named.returncode, named.stderr.count(said)) == (0, 0), named.stdout


def test_it_passes_with_warnings(tmp_path: Path) -> None:
    """Locust ends with the code that was asked for."""
    for name in ("done", "workers"):
        (tmp_path / name).mkdir()
    warns = '[[thresholds]]\nrequire = "true_failures <= 0"\nseverity = "warning"\n'
    (tmp_path / "loadgate.toml").write_text(f"version = 1\n{warns}")
    with counting_server() as server:
        run = loadgate(
            tmp_path, "locust", "-f", str(LOCUSTFILE), "-H", server.url, "--headless", f"-u{USERS}",
            f"-r{USERS}", "--loadgate-threshold", "true_failure_rate <= 100%",
            "--loadgate-warning-exit-code", "42",
        )  # fmt: skip
    assert run.returncode == 42, run.stderr
    assert "exit code 42 (--warning-exit-code)" in run.stdout
