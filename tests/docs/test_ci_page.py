"""docs/ci.md: its blocks are valid, their scripts do what the page says, and its tables are complete."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from docs.console import ROOT
from read.test_recording import answered, finished, save

from loadgate import published
from loadgate.cli.writing import marked

PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
RUNS = ROOT / "examples" / "runs"
HASH = "0123456789abcdef0123456789abcdef01234567"
POSIX = pytest.mark.skipif(os.name != "posix", reason="the blocks are for a POSIX shell")

# Locust itself runs in one test below; for the others a stand-in hands over what a run leaves. What
# would be downloaded is on PATH already: loadgate is that of this environment.
FAKES = {
    "locust": """\
[ -z "${LOCUST_BREAKS:-}" ] || exit 2
for file in "$RECORDED"/run_*.csv; do cp "$file" .; done
""",
    "loadgate": """\
if [ "$1" = locust ]; then
  [ -z "${LOCUST_BREAKS:-}" ] || exit 2
  cp "$RECORDING" .
  words=(--output text)
  while [ $# -gt 0 ]; do
    case "$1" in
      --loadgate-*-optional) words+=("--${1#--loadgate-}") ;;
      --loadgate-*) words+=("--${1#--loadgate-}" "$2"); shift ;;
    esac
    shift
  done
  set -- check "$(basename "$RECORDING")" "${words[@]}"
fi
exec "$LOADGATE" "$@"
""",
    "pip": 'echo "pip $*" >> pip.log\n',
}


def _blocks(language: str, start: str = "") -> list[str]:
    return [text for kind, text in BLOCKS if kind == language and text.startswith(start)]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return an empty project whose run will be the recorded one, with the rules it passes by."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, script in FAKES.items():
        tool = tools / name
        tool.write_text(f"#!/usr/bin/env bash\nset -e\n{script}", "utf-8")
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    project = tmp_path / "project"
    project.mkdir()
    for name in ("loadgate.toml", "strict.toml"):
        shutil.copy(RUNS / name, project)
    requests = [answered()] * 539 + [answered(409, "refused")] * 28
    save(tmp_path / "loadgate-run.loadgate.json.gz", finished(requests))
    return project


def _run(script: str, place: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a script as CI systems do: stop at the first command that fails."""
    ours = Path(sys.executable).parent
    tools = (str(place.parent / "tools"), str(ours))
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=place,
        env={
            **os.environ,
            "PATH": os.pathsep.join((*tools, os.environ["PATH"])),
            "RECORDED": str(RUNS),
            "RECORDING": str(place.parent / "loadgate-run.loadgate.json.gz"),
            "LOADGATE": str(ours / "loadgate"),
            **env,
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def _fail_the_gate(place: Path) -> None:
    """Exchange the rules by stricter ones, with which the recorded run fails."""
    (place / "loadgate.toml").rename(place / "team.toml")
    strict = (place / "strict.toml").read_text("utf-8")
    (place / "loadgate.toml").write_text(strict.replace("loadgate.toml", "team.toml"), "utf-8")


def _valid(text: str, schema: str, tmp_path: Path) -> None:
    """Hold a block to the schema that its CI system publishes."""
    file = tmp_path / "block.yml"
    file.write_text(text, "utf-8")
    tool = Path(sys.executable).with_name("check-jsonschema")
    if not tool.exists():
        pytest.skip("check-jsonschema is not installed")
    done = subprocess.run(
        [tool, "--builtin-schema", schema, file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


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
    """Return each Locust command of the page that begins so, on one line, less what is loadgate's."""
    text = re.sub(r"\\?\n +(?=--)", " ", PAGE)
    found = re.findall(rf"{start} (--headless .*?)(?= --loadgate| \|\||'|$)", text, re.MULTILINE)
    return [each.strip().replace("$(HOST)", "https://staging.example.com") for each in found]


def test_locust_is_run_in_the_same_way_everywhere() -> None:
    """The commands differ by what the CI system makes of them, not by what they test."""
    commands = _locusts("loadgate locust")
    assert len(commands) == 7
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


GITHUB = [
    pytest.param(
        text.replace("loadgate-ci/loadgate@COMMIT", f"loadgate-ci/loadgate@{HASH}"), id=name
    )
    for text, name in zip(
        _blocks("yaml", "# .github/workflows/"), ("of-a-night", "of-a-pull-request"), strict=True
    )
]
each_workflow = pytest.mark.parametrize("workflow", GITHUB)


@each_workflow
def test_the_workflow_is_valid(workflow: str, tmp_path: Path) -> None:
    """By GitHub's schema."""
    _valid(workflow, "vendor.github-workflows", tmp_path)


@each_workflow
def test_the_workflow_is_safe(workflow: str, tmp_path: Path) -> None:
    """Zizmor finds nothing, at its strictest."""
    tool = Path(sys.executable).with_name("zizmor")
    if not tool.exists():
        pytest.skip("zizmor is not installed")
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "load-test.yml").write_text(workflow, "utf-8")
    done = subprocess.run(
        [tool, "--offline", "--persona", "auditor", "--no-progress", tmp_path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def _steps(workflow: str) -> dict[str, dict[str, Any]]:
    """Return the steps of the only job that have a name."""
    (job,) = yaml.safe_load(workflow)["jobs"].values()
    return {step["name"]: step for step in job["steps"] if "name" in step}


@each_workflow
def test_the_step_uses_inputs_that_exist(workflow: str) -> None:
    """What is copied from the page is known to the action."""
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    assert set(_steps(workflow)["Report"]["with"]) <= set(action["inputs"])


@POSIX
@each_workflow
def test_the_step_of_locust_leaves_what_the_gate_reads(workflow: str, place: Path) -> None:
    """The script runs, and stops the job where Locust breaks."""
    steps = _steps(workflow)
    script = steps["Run Locust"]["run"].replace("python -m pip", "pip")
    assert _run(script, place, RUNNER_TEMP="none").returncode == 0
    assert (place / steps["Report"]["with"]["results"]).exists()
    assert steps["Report"]["if"] == "${{ !cancelled() }}"  # also of a gate that failed
    assert _run(script, place, LOCUST_BREAKS="yes", RUNNER_TEMP="none").returncode == 2


# GitHub's CLI cannot be had without GitHub. What it is asked is what its manual says.
GH = """\
[ -z "${GH_BREAKS:-}" ] || exit 1
case "$1 $2" in
  "run list")
    [ "$3 $4 $5 $6 $7 $8 $9 ${10}" = \
      "--workflow load-test.yml --branch main --event schedule --status success" ] || exit 9
    echo "$NIGHTS" ;;
  "run download")
    [ "$4 $5 $6" = "--pattern loadgate-result-* --dir" ] || exit 9
    mkdir -p "$7/loadgate-result-$3"
    cp "$WEEKS/2026-11-$3.json" "$7/loadgate-result-$3/run.json" ;;
  *) exit 9 ;;
esac
"""


@POSIX
@pytest.mark.parametrize(
    ("nights", "limit", "code"),
    [
        pytest.param("", "0%", 0, id="before-the-first-night"),
        pytest.param("16\n17\n18", "0.05%", 1, id="worse-than-the-nights"),
        pytest.param("16\n17\n18", "50%", 0, id="not-worse"),
    ],
)
def test_a_pull_request_is_held_against_the_nights(
    nights: str, limit: str, code: int, place: Path
) -> None:
    """What the script gets is the baseline that the step names; without any, that is all right."""
    tool = place.parent / "tools" / "gh"
    tool.write_text(f"#!/usr/bin/env bash\nset -e\n{GH}", "utf-8")
    tool.chmod(0o755)
    steps = _steps(_blocks("yaml", "# .github/workflows/load-test-pull.yml")[0])
    script = steps["Get the results of the main branch"]["run"]
    temp = str(place.parent / "runner temp")
    env = {"NIGHTS": nights, "WEEKS": str(ROOT / "examples" / "weeks"), "RUNNER_TEMP": temp}
    assert _run(script, place, GH_BREAKS="yes", **env).returncode == 1
    assert _run(f"{script}\nloadgate locust", place, **env).returncode == 0
    given = steps["Report"]["with"]
    assert given["baseline-optional"] is True
    baseline = given["baseline"].replace("${{ runner.temp }}", temp)
    gate = (
        f"loadgate check {given['results']} --rules optimistic-locking"
        f" --baseline '{baseline}' --baseline-optional"
        f" --threshold 'true_failure_rate <= 20%' --threshold 'failure_rate <= baseline + {limit}'"
    )
    done = _run(gate, place)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("there is no baseline" in done.stderr + done.stdout) is (not nights)


# --- GitLab ---------------------------------------------------------------------------------------


ALLOWED = yaml.safe_load(re.findall(r"`allow_failure: (.*?)`", PAGE)[0])


def test_the_gitlab_job_is_valid(tmp_path: Path) -> None:
    """By GitLab's schema."""
    (block,) = _blocks("yaml", "# .gitlab-ci.yml")
    job = yaml.safe_load(block)
    _valid(block, "vendor.gitlab-ci", tmp_path)
    job["load-test"]["allow_failure"] = ALLOWED
    _valid(yaml.safe_dump(job), "vendor.gitlab-ci", tmp_path)


@POSIX
@pytest.mark.parametrize(("strict", "code"), [(False, 0), (True, 1)], ids=["passes", "fails"])
def test_the_gitlab_job_keeps_its_verdict(place: Path, *, strict: bool, code: int) -> None:
    """Each artifact that it names is there also when the gate fails."""
    if strict:
        _fail_the_gate(place)
    (block,) = _blocks("yaml", "# .gitlab-ci.yml")
    job = yaml.safe_load(block)["load-test"]
    assert _run("\n".join(job["script"]), place).returncode == code
    assert job["artifacts"]["when"] == "always"
    names = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]
    assert all((place / name).stat().st_size for name in names)
    suite = ET.parse(place / "loadgate.xml").getroot()  # noqa: S314 - our own
    assert len(suite.findall(".//testcase")) > 1
    assert bool(suite.findall(".//failure")) is strict


@POSIX
def test_the_gitlab_job_that_only_reports(place: Path) -> None:
    """The exit code that is allowed to fail is that of a failed gate, and no other."""
    (block,) = _blocks("yaml", "# .gitlab-ci.yml")
    script = "\n".join(yaml.safe_load(block)["load-test"]["script"])
    _fail_the_gate(place)
    assert _run(script, place).returncode == ALLOWED["exit_codes"]
    assert _run(script, place, LOCUST_BREAKS="yes").returncode == 2


# --- Jenkins --------------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize(("strict", "code"), [(False, 0), (True, 1)], ids=["passes", "fails"])
def test_the_jenkins_pipeline_keeps_its_verdict(place: Path, *, strict: bool, code: int) -> None:
    """Its scripts run one after another; what `post` publishes is there whatever the gate says."""
    if strict:
        _fail_the_gate(place)
    (block,) = _blocks("groovy", "// Jenkinsfile")
    (test,) = re.findall(r"sh '''(.*?)'''", block, re.DOTALL)
    test = test.replace("python -m venv .venv", "").replace(".venv/bin/", "")
    assert _run(test, place).returncode == code
    published = re.findall(r"(?:testResults|artifacts): '(.*?)'", block)
    names = [name for names in published for name in names.split(", ")]
    assert len(names) == 3
    assert all((place / name).stat().st_size for name in names)
    assert block.count("{") == block.count("}")


@POSIX
def test_the_jenkins_step_that_only_reports(place: Path) -> None:
    """Its command exits with the code that the script asks for."""
    (block,) = [text for text in _blocks("groovy") if "returnStatus" in text]
    (command,) = re.findall(r"script: '(.*?)'\)", block)
    _fail_the_gate(place)
    assert _run(command.replace(".venv/bin/", ""), place).returncode == 1


# --- make and shells ------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize(
    ("strict", "breaks", "code", "said"),
    [
        pytest.param(False, "", 0, "", id="passes"),
        # Its own code for a command that failed is 2.
        pytest.param(True, "", 2, "Error 1", id="fails"),
        pytest.param(False, "yes", 2, "Error 2", id="locust-breaks"),
    ],
)
def test_the_makefile(place: Path, *, strict: bool, breaks: str, code: int, said: str) -> None:
    """Make stops where Locust breaks, and keeps the verdict whatever it is."""
    if strict:
        _fail_the_gate(place)
    (block,) = _blocks("make", "# Makefile")
    (place / "Makefile").write_text(block, "utf-8")
    (place / "loadgate.md").write_bytes(marked("markdown", "### PASSED\n"))  # of an earlier run
    done = _run("make load-test", place, LOCUST_BREAKS=breaks, LC_ALL="C")
    assert done.returncode == code
    assert said in done.stderr
    assert (place / "loadgate.md").exists() is not bool(breaks)


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
    for file in RUNS.glob("run_*.csv"):
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
        "yaml": 3, "groovy": 2, "make": 1, "sh": 5,
    }  # fmt: skip
