"""docs/ci-others.md: its blocks are valid, and their scripts do what the page says."""

from __future__ import annotations

import json
import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from docs.console import ROOT
from docs.recipes import POSIX, change_the_gate, fenced, project_in, run, valid
from gitlab_server import GitLab, gitlab

from loadgate import __version__
from loadgate.cli.writing import marked
from loadgate.published import REPOSITORY

PAGE = (ROOT / "docs" / "ci-others.md").read_text("utf-8")
BLOCKS = fenced(PAGE)
WARNED = 4
"""The exit code of the recipes for a gate that passed with warnings."""

each_outcome = pytest.mark.parametrize(
    ("outcome", "code"), [("passed", 0), ("warned", WARNED), ("failed", 1)]
)


def _blocks(language: str, start: str = "") -> list[str]:
    return [text for kind, text in BLOCKS if kind == language and text.startswith(start)]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return an empty project whose run will be the recorded one, with the rules it passes by."""
    return project_in(tmp_path)


@pytest.fixture
def server() -> Iterator[GitLab]:
    """Yield GitLab with an empty merge request."""
    with gitlab() as state:
        yield state


def _written(place: Path, names: list[str], outcome: str) -> None:
    """Hold what a job left to be whole and of the verdict."""
    assert [name for name in names if not (place / name).stat().st_size] == []
    (name,) = (name for name in names if name.endswith(".xml"))
    suite = ET.parse(place / name).getroot()  # noqa: S314 - our own
    assert len(suite.findall(".//testcase")) > 1
    assert bool(suite.findall(".//failure")) is (outcome == "failed")


# --- GitLab ---------------------------------------------------------------------------------------


COMPONENT = (ROOT / "templates" / "loadgate" / "template.yml").read_text("utf-8")
SPEC, TEMPLATE = COMPONENT.split("\n---\n")
INPUTS: dict[str, dict[str, Any]] = yaml.safe_load(SPEC)["spec"]["inputs"]
_INCLUDE, _PLAIN = _blocks("yaml", "# .gitlab-ci.yml")
INCLUDED: dict[str, Any] = yaml.safe_load(_INCLUDE)["include"][0]


_INPUT = re.compile(r"\$\[\[ inputs\.([\w-]+) \]\]")


def _interpolated(given: dict[str, Any]) -> dict[str, Any]:
    """Return the component's configuration as GitLab makes it of the inputs: once it is parsed."""
    assert given.keys() <= INPUTS.keys()
    values = {name: each.get("default") for name, each in INPUTS.items()} | given

    def filled(node: Any) -> Any:
        match node:
            case dict():
                return {filled(key): filled(value) for key, value in node.items()}
            case list():
                return [filled(value) for value in node]
            case str() if whole := _INPUT.fullmatch(node):
                return values[whole[1]]
            case str():
                return _INPUT.sub(lambda found: str(values[found[1]]), node)
        return node

    job: dict[str, Any] = filled(yaml.safe_load(TEMPLATE))
    return job


JOBS = [
    pytest.param(yaml.safe_dump(_interpolated(INCLUDED["inputs"])), id="component"),
    pytest.param(_PLAIN, id="by-hand"),
]
each_job = pytest.mark.parametrize("text", JOBS)


def _script(job: dict[str, Any]) -> str:
    return "\n".join(job["script"])


@each_job
def test_the_gitlab_job_is_valid(text: str, tmp_path: Path) -> None:
    """By GitLab's schema, also where it only reports."""
    valid(text, "vendor.gitlab-ci", tmp_path)
    job = yaml.safe_load(text)
    job["load-test"]["allow_failure"] = _reporting()
    valid(yaml.safe_dump(job), "vendor.gitlab-ci", tmp_path)


def _reporting() -> dict[str, Any]:
    """Return what the page says of a job that only reports."""
    told: dict[str, Any] = yaml.safe_load(re.findall(r"write `(exit_codes: .*?)`", PAGE)[0])
    return told


@POSIX
@each_job
@each_outcome
def test_the_gitlab_job_keeps_its_verdict(
    place: Path, text: str, outcome: str, code: int, server: GitLab
) -> None:
    """Each artifact is there whatever the verdict is, and so is the note of the merge request."""
    change_the_gate(place, outcome)
    job = yaml.safe_load(text)["load-test"]
    done = run(_script(job), place, **server.environment)
    assert done.returncode == code, done.stderr
    assert job["artifacts"]["when"] == "always"
    assert job["allow_failure"]["exit_codes"] == WARNED
    reports = job["artifacts"]["reports"]
    _written(place, [*job["artifacts"]["paths"], *reports.values()], outcome)
    findings = json.loads((place / reports["codequality"]).read_text("utf-8"))
    assert {finding["severity"] for finding in findings} == {
        "passed": set(), "warned": {"minor"}, "failed": {"critical"},
    }[outcome]  # fmt: skip
    after = "\n".join(job["after_script"])
    assert run(after, place, **server.environment).returncode == 0
    (note,) = server.notes
    assert ("FAILED" if outcome == "failed" else "PASSED") in note["body"]


@POSIX
@each_job
def test_the_gitlab_job_that_breaks(place: Path, text: str, server: GitLab) -> None:
    """No verdict is left, and no older one in the note; that is never tolerated."""
    job = yaml.safe_load(text)["load-test"]
    after = "\n".join(job["after_script"])
    assert run(f"{_script(job)}\n{after}", place, **server.environment).returncode == 0
    broken = run(_script(job), place, LOCUST_BREAKS="yes")
    assert broken.returncode == 2
    for name in ("loadgate.md", "loadgate.json"):
        (place / name).unlink(missing_ok=True)  # a job begins without those of another one
    assert run(after, place, **server.environment).returncode == 0
    (note,) = server.notes
    assert "NOT JUDGED" in note["body"]
    assert "PASSED" not in note["body"]
    assert broken.returncode not in _reporting()["exit_codes"]


@POSIX
@each_job
def test_pip_that_fails_is_no_failed_gate(place: Path, text: str) -> None:
    """Its own code is 1, too, which a job that only reports tolerates."""
    tool = place.parent / "tools" / "pip"
    tool.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    done = run(_script(yaml.safe_load(text)["load-test"]), place)
    assert done.returncode == 2
    assert done.returncode not in _reporting()["exit_codes"]
    assert {1, WARNED} == set(_reporting()["exit_codes"])


def test_the_component_is_that_of_the_release() -> None:
    """It installs the version that it was released with, and is included from the repository."""
    assert INPUTS["version"]["default"] == __version__
    raw = REPOSITORY.replace("github.com", "raw.githubusercontent.com")
    assert INCLUDED["remote"] == f"{raw}/COMMIT/templates/loadgate/template.yml"
    assert f"loadgate=={__version__} locust" in _script(
        _interpolated(INCLUDED["inputs"])["load-test"]
    )


def test_every_input_of_the_component_is_used_and_told() -> None:
    """Only `options` must be given."""
    used = _INPUT.findall(TEMPLATE)
    assert set(used) == INPUTS.keys()
    assert TEMPLATE.count("$[[") == len(used)
    assert all(each["description"].endswith(".") for each in INPUTS.values())
    assert [name for name, each in INPUTS.items() if "default" not in each] == ["options"]


@POSIX
def test_inputs_of_the_component_reach_the_job(place: Path) -> None:
    """Each where it belongs; what is free text is words of the shell, as told."""
    given = {
        "options": "-u 1 --loadgate-threshold 'p95 <= 9s' --loadgate-rules './a: b #1.toml'",
        "requirements": "'locust>=2.40' -r load.txt",
        "job-name": "load: eu",
        "stage": "deploy",
        "image": "python:3.11",
        "version": "9.9",
        "warning-exit-code": 42,
    }
    ((name, job),) = _interpolated(given).items()
    assert (name, job["stage"], job["image"]) == ("load: eu", "deploy", "python:3.11")
    assert job["allow_failure"] == {"exit_codes": 42}
    change_the_gate(place, "warned")
    (place / "loadgate.toml").rename(place / "a: b #1.toml")
    assert run(_script(job), place).returncode == 42
    log = (place / "pip.log").read_text("utf-8")
    assert log == "pip install loadgate==9.9 locust>=2.40 -r load.txt\n"


# --- Jenkins --------------------------------------------------------------------------------------


(PIPELINE,) = _blocks("groovy", "// Jenkinsfile")
JENKINS = ("bash", "-xe")
"""As its step `sh` runs a script."""


def _jenkins_script() -> str:
    """Return the script whose exit code decides."""
    (script,) = re.findall(r"returnStatus: true, script: \'\'\'(.*?)\'\'\'", PIPELINE, re.DOTALL)
    return str(script).replace(".venv/bin/", "")


@POSIX
@each_outcome
def test_the_jenkins_pipeline_keeps_its_verdict(place: Path, outcome: str, code: int) -> None:
    """Its scripts run one after another; what `post` publishes is there whatever the gate says."""
    change_the_gate(place, outcome)
    (place / "loadgate.xml").write_text("of an earlier build", "utf-8")
    (install,) = re.findall(r"sh \'\'\'(.*?)\'\'\'", PIPELINE, re.DOTALL)
    install = install.replace("python -m venv .venv", "").replace(".venv/bin/", "")
    assert run(install, place, JENKINS).returncode == 0
    done = run(_jenkins_script(), place, JENKINS)
    assert done.returncode == code, done.stderr
    published = re.findall(r"(?:testResults|artifacts): '(.*?)'", PIPELINE)
    _written(place, [name for names in published for name in names.split(", ")], outcome)


def test_the_jenkins_pipeline_says_what_each_code_means() -> None:
    """Unstable is a gate with warnings, and where it only reports a failed one; all else fails."""
    shown, reporting = re.findall(r"code in (\[.*?\])", PAGE)
    assert json.loads(shown) == [WARNED]
    assert json.loads(reporting) == [1, WARNED]
    assert f"if (code in {shown}) {{ unstable(" in PIPELINE
    assert "} else if (code != 0) { error(" in PIPELINE
    assert PIPELINE.count("{") == PIPELINE.count("}")


@POSIX
def test_the_jenkins_pipeline_that_breaks(place: Path) -> None:
    """Locust's own code is none that is tolerated, nor has pip's anything to do with it."""
    assert run(_jenkins_script(), place, JENKINS, LOCUST_BREAKS="yes").returncode == 2


# --- Azure Pipelines ------------------------------------------------------------------------------


(_AZURE,) = _blocks("yaml", "# azure-pipelines.yml")
STEPS: list[dict[str, Any]] = yaml.safe_load(_AZURE)["steps"]
AZURE = ("bash", "--noprofile", "--norc")
"""As its step `bash` runs a script: on after a command that fails."""


def test_the_azure_pipeline_is_valid(tmp_path: Path) -> None:
    """By the schema of Azure Pipelines."""
    valid(
        _AZURE, "vendor.azure-pipelines", tmp_path,
        "--data-transform", "azure-pipelines", "--regex-variant", "nonunicode",
    )  # fmt: skip


def _azure(place: Path, *, reports: bool = False, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the step of the gate."""
    (script,) = (step["bash"] for step in STEPS if step.get("displayName") == "Load test")
    told = re.findall(r"write `(.*?\))`", PAGE)[0]
    assert told == f"1|{WARNED})"
    return run(script.replace(f"{WARNED})", told) if reports else script, place, AZURE, **env)


ORANGE = "##vso[task.complete result=SucceededWithIssues;]"


@POSIX
@each_outcome
def test_the_azure_pipeline_keeps_its_verdict(place: Path, outcome: str, code: int) -> None:
    """Warnings are issues of a step that succeeded; what is published is there for any verdict."""
    change_the_gate(place, outcome)
    done = _azure(place)
    assert done.returncode == (code if outcome == "failed" else 0), done.stderr
    assert (ORANGE in done.stdout) is (outcome == "warned")
    (summary,) = re.findall(r"^##vso\[task.uploadsummary\](.*)$", done.stdout, re.MULTILINE)
    assert Path(summary).read_text("utf-8").startswith("### ")
    publishing = [step for step in STEPS if step.get("task", "").startswith("Publish")]
    assert [step["condition"] for step in publishing] == ["succeededOrFailed()"] * 2
    tests, artifact = (step["inputs"] for step in publishing)
    folder = artifact["targetPath"]
    _written(place, [tests["testResultsFiles"], f"{folder}/loadgate.md"], outcome)
    assert len([*(place / folder).iterdir()]) == 3


@POSIX
def test_the_azure_pipeline_that_only_reports(place: Path) -> None:
    """A failed gate is orange; a run that cannot be judged is red."""
    change_the_gate(place, "failed")
    done = _azure(place, reports=True)
    assert (done.returncode, ORANGE in done.stdout) == (0, True)
    for reports in (False, True):
        assert _azure(place, reports=reports, LOCUST_BREAKS="yes").returncode == 2


# --- make -----------------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize(
    ("outcome", "breaks", "code", "said"),
    [
        pytest.param("passed", "", 0, "", id="passes"),
        # Its own code for a command that failed is 2.
        pytest.param("failed", "", 2, "Error 1", id="fails"),
        pytest.param("passed", "yes", 2, "Error 2", id="locust-breaks"),
    ],
)
def test_the_makefile(place: Path, outcome: str, breaks: str, code: int, said: str) -> None:
    """Make stops where Locust breaks, and keeps the verdict whatever it is."""
    change_the_gate(place, outcome)
    (block,) = _blocks("make", "# Makefile")
    (place / "Makefile").write_text(block, "utf-8")
    (place / "loadgate.md").write_bytes(marked("markdown", "### PASSED\n"))  # of an earlier run
    done = run("make load-test", place, LOCUST_BREAKS=breaks, LC_ALL="C")
    assert done.returncode == code
    assert said in done.stderr
    assert (place / "loadgate.md").exists() is not bool(breaks)


def test_every_block_is_tested() -> None:
    """A block that is added is a block that a test has to run."""
    kinds = [kind for kind, _ in BLOCKS]
    assert {kind: kinds.count(kind) for kind in kinds} == {"yaml": 3, "groovy": 1, "make": 1}
