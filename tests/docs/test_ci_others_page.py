"""docs/ci-others.md: its blocks are valid, and their scripts do what the page says."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml
from docs.console import ROOT
from docs.recipes import POSIX, fail_the_gate, fenced, project_in, run, valid

from loadgate.cli.writing import marked

PAGE = (ROOT / "docs" / "ci-others.md").read_text("utf-8")
BLOCKS = fenced(PAGE)


def _blocks(language: str, start: str = "") -> list[str]:
    return [text for kind, text in BLOCKS if kind == language and text.startswith(start)]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return an empty project whose run will be the recorded one, with the rules it passes by."""
    return project_in(tmp_path)


# --- GitLab ---------------------------------------------------------------------------------------


ALLOWED = yaml.safe_load(re.findall(r"`allow_failure: (.*?)`", PAGE)[0])


def test_the_gitlab_job_isvalid(tmp_path: Path) -> None:
    """By GitLab's schema."""
    (block,) = _blocks("yaml", "# .gitlab-ci.yml")
    job = yaml.safe_load(block)
    valid(block, "vendor.gitlab-ci", tmp_path)
    job["load-test"]["allow_failure"] = ALLOWED
    valid(yaml.safe_dump(job), "vendor.gitlab-ci", tmp_path)


@POSIX
@pytest.mark.parametrize(("strict", "code"), [(False, 0), (True, 1)], ids=["passes", "fails"])
def test_the_gitlab_job_keeps_its_verdict(place: Path, *, strict: bool, code: int) -> None:
    """Each artifact that it names is there also when the gate fails."""
    if strict:
        fail_the_gate(place)
    (block,) = _blocks("yaml", "# .gitlab-ci.yml")
    job = yaml.safe_load(block)["load-test"]
    assert run("\n".join(job["script"]), place).returncode == code
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
    fail_the_gate(place)
    assert run(script, place).returncode == ALLOWED["exit_codes"]
    assert run(script, place, LOCUST_BREAKS="yes").returncode == 2


# --- Jenkins --------------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize(("strict", "code"), [(False, 0), (True, 1)], ids=["passes", "fails"])
def test_the_jenkins_pipeline_keeps_its_verdict(place: Path, *, strict: bool, code: int) -> None:
    """Its scripts run one after another; what `post` publishes is there whatever the gate says."""
    if strict:
        fail_the_gate(place)
    (block,) = _blocks("groovy", "// Jenkinsfile")
    (test,) = re.findall(r"sh '''(.*?)'''", block, re.DOTALL)
    test = test.replace("python -m venv .venv", "").replace(".venv/bin/", "")
    assert run(test, place).returncode == code
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
    fail_the_gate(place)
    assert run(command.replace(".venv/bin/", ""), place).returncode == 1


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
        fail_the_gate(place)
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
    assert {kind: kinds.count(kind) for kind in kinds} == {"yaml": 1, "groovy": 2, "make": 1}
