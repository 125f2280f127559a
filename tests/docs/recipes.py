"""Recipes for CI systems: their scripts are run where a recorded run stands in for Locust."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from docs.console import ROOT
from read.test_recording import answered, finished, save

RUNS = ROOT / "examples" / "runs"
POSIX = pytest.mark.skipif(os.name != "posix", reason="the blocks are for a POSIX shell")

# Locust itself runs in one test of docs/ci.md; for the others a stand-in hands over what a run leaves. What
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


SHELL = ("bash", "-e", "-o", "pipefail")
"""As GitHub and GitLab start it."""


def fenced(page: str) -> list[tuple[str, str]]:
    """Return the language and the text of each block of a page."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def project_in(tmp_path: Path) -> Path:
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


def run(
    script: str, place: Path, shell: Sequence[str] = SHELL, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a script as CI systems do: stop at the first command that fails."""
    ours = Path(sys.executable).parent
    tools = (str(place.parent / "tools"), str(ours))
    return subprocess.run(
        [*shell, "-c", script],
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


def fail_the_gate(place: Path) -> None:
    """Exchange the rules by stricter ones, with which the recorded run fails."""
    (place / "loadgate.toml").rename(place / "team.toml")
    strict = (place / "strict.toml").read_text("utf-8")
    (place / "loadgate.toml").write_text(strict.replace("loadgate.toml", "team.toml"), "utf-8")


def change_the_gate(place: Path, outcome: str) -> None:
    """Let the recorded run pass, pass with a warning, or fail."""
    if outcome == "warned":
        rules = place / "loadgate.toml"
        warns = '\n[[thresholds]]\nrequire = "requests >= 9999"\nseverity = "warning"\n'
        rules.write_text(rules.read_text("utf-8") + warns, "utf-8")
    elif outcome == "failed":
        fail_the_gate(place)


def valid(text: str, schema: str, tmp_path: Path, *words: str) -> None:
    """Hold a block to the schema that its CI system publishes."""
    file = tmp_path / "block.yml"
    file.write_text(text, "utf-8")
    tool = Path(sys.executable).with_name("check-jsonschema")
    if not tool.exists():
        pytest.skip("check-jsonschema is not installed")
    done = subprocess.run(
        [tool, "--builtin-schema", schema, *words, file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
