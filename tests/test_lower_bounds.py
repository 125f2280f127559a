"""The lower bounds of dependencies: each can be installed on each Python and system, as it is."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
DECLARED = [
    Requirement(text)
    for text in [*PROJECT["dependencies"], *(one for extra in EXTRAS.values() for one in extra)]
]
PYTHONS = [
    found[1]
    for text in PROJECT["classifiers"]
    if (found := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", text))
]
PLATFORMS = {"linux": "linux", "macos": "darwin", "windows": "win32"}
"""The resolver's name of a system, and Python's."""


@pytest.mark.prove
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_a_wheel_of_each_lowest_release(python: str, platform: str) -> None:
    """The resolver gets the very bounds, of wheels alone: nobody has to compile pandas."""
    where = {"python_version": python, "sys_platform": PLATFORMS[platform]}
    lowest: dict[str, Version] = {}
    for one in DECLARED:
        if one.specifier and (one.marker is None or one.marker.evaluate(where)):
            (bound,) = one.specifier
            assert bound.operator == ">="
            lowest[one.name] = max(Version(bound.version), lowest.get(one.name, Version("0")))
    command = "uv pip compile --quiet --resolution lowest-direct --only-binary :all: --all-extras"
    done = subprocess.run(
        [
            *(sys.executable, "-m", *command.split(), "--no-header", "--no-annotate"),
            *("--python-version", python, "--python-platform", platform, "pyproject.toml"),
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    resolved = dict(line.split("==") for line in done.stdout.splitlines())
    assert {name: Version(resolved[name]) for name in lowest} == lowest
