"""The locks: every tool has one release with its hashes, and the groups ask for no other."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
REQUIREMENTS = ROOT / ".github" / "requirements"
LOCKS = sorted(REQUIREMENTS.glob("*.txt"))
DOCUMENT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
GROUPS = DOCUMENT["dependency-groups"]


def _pinned(lock: Path) -> dict[str, list[Version]]:
    """Return the locked releases of each package; several where they differ by Python."""
    pinned: dict[str, list[Version]] = {}
    for name, version in re.findall(
        r"^([\w.-]+)==([\w.!+]+)", lock.read_text("utf-8"), re.MULTILINE
    ):
        pinned.setdefault(canonicalize_name(name), []).append(Version(version))
    return pinned


@pytest.mark.parametrize("asked", sorted(REQUIREMENTS.glob("*.in")), ids=lambda asked: asked.name)
def test_a_lock_has_what_is_asked_for(asked: Path) -> None:
    """Where it has not, `make lock` was forgotten."""
    pinned = _pinned(asked.with_suffix(".txt"))
    lines = [line for line in asked.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines
    for line in lines:
        requirement = Requirement(line)
        versions = pinned.get(canonicalize_name(requirement.name), [])
        assert any(version in requirement.specifier for version in versions), f"{line}: {versions}"


def test_what_is_asked_for_is_in_pyproject() -> None:
    """Where it is not, `make lock` was forgotten."""
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "dev_in.py"], capture_output=True, text=True, check=True
    )
    assert done.stdout == (REQUIREMENTS / "dev.in").read_text("utf-8")


def test_all_groups_are_locked() -> None:
    """So that no workflow or target has a reason to install one without its lock."""
    included = {entry["include-group"] for entry in GROUPS["dev"] if isinstance(entry, dict)}
    assert included == set(GROUPS) - {"dev"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_release_has_its_hashes(lock: Path) -> None:
    """And nothing is said of a package index, as that is the reader's own."""
    text = re.sub(r"\s*#.*", "", lock.read_text("utf-8"))
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 0
    for entry in entries:
        assert re.fullmatch(r"[\w.-]+==[^\\\n]+(\s*\\\n +--hash=sha256:[0-9a-f]{64})+", entry), (
            entry
        )


def test_npm_packages_are_locked() -> None:
    """By their content, and none may run a script when it is installed."""
    wanted = json.loads((ROOT / ".ci" / "package.json").read_text("utf-8"))
    locked = json.loads((ROOT / ".ci" / "package-lock.json").read_text("utf-8"))["packages"]
    assert locked[""]["devDependencies"] == wanted["devDependencies"]
    for name, package in locked.items():
        assert name == "" or package["integrity"].startswith("sha512-"), name
        assert "hasInstallScript" not in package, name


@pytest.mark.parametrize("path", [ROOT / "Makefile", *WORKFLOWS], ids=lambda path: path.name)
def test_tools_are_installed_from_a_lock(path: Path) -> None:
    """A new release of a tool must not turn CI red."""
    text = path.read_text("utf-8").replace("\\\n", " ")
    assert "npm install" not in text
    for line in re.findall(r"(?<!uv )\bpip install .*", text):
        own = re.search(r"--editable|dist/\*|'\.\[", line)  # loadgate itself, as a user installs it
        assert own or "--require-hashes" in line or "--constraint .github/requirements/" in line, (
            line
        )
