"""docs/rules-lint.md: a section for each code, and examples that have the finding, or not."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from docs.console import ROOT

from loadgate.cli import run
from loadgate.rules.lint import CODES

PAGE = ROOT / "docs" / "rules-lint.md"
TEXT = PAGE.read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
TIMED = {"expiring", "idle", "budget-nearly-spent"}
"""Codes that a file alone does not have on every day."""

BLOCKS = [
    pytest.param(code, kind, text, id=f"{code}-{kind}")
    for code, section in SECTIONS.items()
    for kind, text in re.findall(
        r"^```toml (before|after)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL
    )
]


def test_every_code_has_its_section() -> None:
    """And each section that can has a file with the finding, and one without."""
    assert set(SECTIONS) == set(CODES)
    told = [(one.values[0], one.values[1]) for one in BLOCKS]
    assert told == [
        (code, kind) for code in SECTIONS if code not in TIMED for kind in ("before", "after")
    ]
    assert all(f"(#{code})" in TEXT for code in CODES)


@pytest.mark.parametrize(("code", "kind", "text"), BLOCKS)
def test_the_finding_is_there_before_and_gone_after(
    code: str,
    kind: str,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of what the section is about; whoever copies the second block has nothing to mend."""
    monkeypatch.chdir(tmp_path)
    Path("loadgate.toml").write_text(text, "utf-8")
    for name, other in re.findall(
        r"^```(?:toml|python) with\n# (\S+)\n(.*?)^```$", SECTIONS[code], re.MULTILINE | re.DOTALL
    ):
        Path(name).write_text(other, "utf-8")
    locustfile = ["--locustfile", "locustfile.py"] if Path("locustfile.py").exists() else []
    run(["rules", "lint", "loadgate.toml", "--output", "json", "--strict", *locustfile])
    found = {one["code"] for one in json.loads(capsys.readouterr().out)["findings"]}
    if kind == "before":
        assert found - {"no-example"} == {code} - {"no-example"}
        assert code in found
    else:
        assert found <= {"no-example"} - {code}


def test_what_can_be_ignored_is_listed() -> None:
    """The codes of the schema's enum, and no others."""
    schema = json.loads((ROOT / "loadgate" / "schemas" / "rules.json").read_text("utf-8"))
    rule = schema["properties"]["rules"]["items"]["properties"]
    (listed,) = re.findall(r"(?s)Only\s+(`lost-carve-out`.*?)\s+can\s+be\s+ignored", TEXT)
    assert re.findall(r"`([a-z-]+)`", listed) == rule["lint_ignore"]["items"]["enum"]


PRE_COMMIT, WORKFLOW = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_the_hooks_are_those_that_there_are() -> None:
    """Each is named; tests/e2e/test_hooks.py runs them so."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (repository,) = yaml.safe_load(PRE_COMMIT)["repos"]
    assert [hook["id"] for hook in repository["hooks"]] == [hook["id"] for hook in hooks]


@pytest.mark.skipif(os.name != "posix", reason="the steps are for a POSIX shell")
@pytest.mark.parametrize(("why", "code"), [("Of two writers one loses.", 0), ("TODO", 1)])
def test_the_workflow_uploads_what_lint_finds(why: str, code: int, tmp_path: Path) -> None:
    """Of each service, also where the step before has failed; the workflow is a valid one."""
    rules = f'version = 1\n[[rules]]\nid = "x"\nendpoint = "POST /x"\nstatus = 409\nwhy = "{why}"\n'
    (job,) = yaml.safe_load(WORKFLOW)["jobs"].values()
    *_, lint, upload = job["steps"]
    assert job["strategy"]["fail-fast"] is False
    assert upload["if"] == "${{ !cancelled() }}"
    for service in job["strategy"]["matrix"]["service"]:
        (tmp_path / "services" / service).mkdir(parents=True)
        (tmp_path / "services" / service / "loadgate.toml").write_text(rules, "utf-8")
        script = lint["run"].replace("${{ matrix.service }}", service)
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        done = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (code, "")
        log = json.loads((tmp_path / upload["with"]["sarif_file"]).read_text("utf-8"))
        found = {
            one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            for one in log["runs"][0]["results"]
        }
        assert found == {f"services/{service}/loadgate.toml"}
    workflow = tmp_path / "rules.yml"
    workflow.write_text(WORKFLOW, "utf-8")
    for command in (
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
        ["zizmor", "--offline", "--no-progress"],
    ):
        tool = Path(sys.executable).with_name(command[0])
        if tool.exists():
            done = subprocess.run(
                [tool, *command[1:], workflow], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout
