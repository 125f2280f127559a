"""An environment for each contestant, made by uv from PyPI."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from gates.contestants import Contestant
from gates.play import ENVIRONMENTS, UnusableError

UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
NEEDED_BY = {"bzt": ("pip", "setuptools")}
"""What a package needs and does not say."""


def install(contestant: Contestant) -> dict[str, str]:
    """Install a contestant unless it is there; return the versions of its packages."""
    if not contestant.packages:
        return {name: version(name) for name in contestant.own} or {"Python": python_version()}
    folder = ENVIRONMENTS / contestant.name
    python = folder / "bin" / "python"
    if not (folder / ".ready").exists():
        wanted = [*contestant.packages, *NEEDED_BY.get(contestant.packages[0], ())]
        _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
        _uv("pip", "install", "--quiet", "--python", str(python), *wanted)
        (folder / ".ready").touch()
    listed = _uv("pip", "list", "--python", str(python), "--format", "freeze")
    versions = dict(line.split("==") for line in listed.splitlines() if "==" in line)
    return {name: versions[name] for name in contestant.packages}


def _uv(*options: str) -> str:
    done = subprocess.run([UV, *options], capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise UnusableError(done.stderr.strip())
    return done.stdout
