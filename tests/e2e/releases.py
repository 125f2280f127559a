"""Releases of Locust, each in an environment of its date with the Python that runs it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".venv" / "locusts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release of Locust and what it needs to run today as it did then."""

    version: str
    until: str
    """The day up to which its dependencies are taken: some weeks after the release."""
    python: str
    """The newest Python that releases of that time run on."""
    besides: tuple[str, ...] = field(default=())
    """What must be named beside it."""


# ConfigArgParse 1.7 was withdrawn from PyPI, and no other fits: only who names it gets it.
WITHDRAWN = ("configargparse==1.7",)
# Packages of that time look for pkg_resources, which later setuptools no longer have.
PKG_RESOURCES = ("setuptools<70",)

OLDER = (
    Release(version="1.6.0", until="2021-07-15", python="3.9", besides=PKG_RESOURCES),
    Release(version="2.0.0", until="2021-08-20", python="3.9", besides=PKG_RESOURCES),
    Release(version="2.9.0", until="2022-06-10", python="3.9", besides=PKG_RESOURCES),
    Release(version="2.15.1", until="2023-04-01", python="3.11", besides=PKG_RESOURCES),
    Release(version="2.27.0", until="2024-06-01", python="3.11", besides=WITHDRAWN),
    Release(version="2.32.0", until="2024-10-28", python="3.11", besides=WITHDRAWN),
)


def environment(release: Release | None) -> Path:
    """Return the Python of a release's environment, made if need be; None: the tests' own Locust.

    Skips the test where the machine has no Python that the release runs on.
    """
    if release is None:
        return Path(sys.executable)
    folder = KEPT / release.version
    if not folder.exists():
        uv = _uv()
        KEPT.mkdir(exist_ok=True)
        # Made elsewhere and renamed: two processes may want it at the same time.
        with tempfile.TemporaryDirectory(dir=KEPT) as name:
            made = Path(name) / "made"
            _make(uv, release, made)
            with contextlib.suppress(OSError):  # the other process was faster
                made.rename(folder)
    return _python(folder)


def tool(name: str) -> str:
    """Return the command of that name, installed in an environment of its own if need be."""
    folder = KEPT.parent / "tools" / name
    command = _python(folder).with_name(name)
    if not command.exists():
        uv = _uv()
        folder.parent.mkdir(exist_ok=True)
        made = call(uv, "venv", "--clear", "--python", sys.executable, str(folder))
        done = call(uv, "pip", "install", "--python", str(_python(folder)), name)
        assert (made.returncode, done.returncode) == (0, 0), made.stderr + done.stderr
    return str(command)


def _uv() -> str:
    uv = shutil.which("uv", path=os.pathsep.join((str(Path(sys.executable).parent), os.defpath)))
    if uv is None:
        pytest.skip("no uv beside this Python: `make prove` installs it")
    return uv


def _python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _make(uv: str, release: Release, folder: Path) -> None:
    made = call(uv, "venv", "--python", interpreter(release.python), str(folder))
    if made.returncode:
        pytest.skip(f"Locust {release.version} wants Python {release.python}: {made.stderr}")
    packages = (f"locust=={release.version}", *release.besides)
    dated = ("--python", str(_python(folder)), "--exclude-newer", release.until)
    done = call(uv, "pip", "install", *dated, *packages)
    assert done.returncode == 0, done.stderr


def interpreter(version: str) -> str:
    """Return the path of a Python, or its version: uv may know where to get one."""
    found = shutil.which(f"python{version}")
    if found and call(found, "--version").returncode == 0:  # pyenv has names for what it hides
        return found
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    kept = sorted(pyenv.glob(f"versions/{version}.*/bin/python"))
    return str(kept[-1]) if kept else version


def call(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(command, capture_output=True, text=True, check=False)
