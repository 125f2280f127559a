"""The locks: every tool has one release with its hashes, and the groups ask for no other."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
LOCKS = sorted((ROOT / ".github" / "requirements").glob("*.txt"))
DOCUMENT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT, GROUPS = DOCUMENT["project"], DOCUMENT["dependency-groups"]


def _pinned(lock: Path) -> dict[str, list[Version]]:
    """Return the locked releases of each package; several where they differ by Python."""
    pinned: dict[str, list[Version]] = {}
    for name, version in re.findall(
        r"^([\w.-]+)==([\w.!+]+)", lock.read_text("utf-8"), re.MULTILINE
    ):
        pinned.setdefault(canonicalize_name(name), []).append(Version(version))
    return pinned


def _group(name: str) -> Iterator[str]:
    for entry in GROUPS[name]:
        if isinstance(entry, str):
            yield entry
        else:
            yield from _group(entry["include-group"])


EXTRAS = [text for extra in PROJECT["optional-dependencies"].values() for text in extra]
BUILD = DOCUMENT["build-system"]["requires"]


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("dev.txt", [*PROJECT["dependencies"], *EXTRAS, *BUILD, *_group("dev")]),
        ("image.txt", PROJECT["dependencies"]),
    ],
)
def test_a_lock_has_what_pyproject_asks_for(lock: str, wanted: list[str]) -> None:
    """Where it has not, `make lock` was forgotten."""
    pinned = _pinned(ROOT / ".github" / "requirements" / lock)
    for text in wanted:
        requirement = Requirement(text)
        versions = pinned.get(canonicalize_name(requirement.name), [])
        assert versions, f"{text}: run make lock"
        assert all(version in requirement.specifier for version in versions), f"{text}: {versions}"


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
