"""Stand-ins for foreign actions: what each would have done on the machine of a test."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


class StepFailedError(Exception):
    """Raised by an `Action` that fails; the text goes to the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a foreign action is told, and what of its machine it may change."""

    inputs: Mapping[str, str]
    workspace: Path
    temp: Path
    env: dict[str, str]
    """The variables of the machine; PATH is the test's own where it is missing."""
    artifacts: dict[str, Path]
    """Name of an artifact -> folder with its files."""


Action = Callable[[Call], Mapping[str, str]]
"""Plays a foreign action: returns its outputs; raises StepFailedError."""


def _checkout(call: Call) -> Mapping[str, str]:
    del call  # the workspace is what a test put there
    return {}


def _setup_python(call: Call) -> Mapping[str, str]:
    """Play a Python that is the test's own; with update-environment it comes first on PATH."""
    if call.inputs.get("update-environment", "true") == "true":
        folder = str(Path(sys.executable).parent)
        path = call.env.get("PATH", os.environ["PATH"])
        call.env["PATH"] = os.pathsep.join((folder, path))
    return {"python-path": sys.executable, "python-version": call.inputs.get("python-version", "")}


def _upload(call: Call) -> Mapping[str, str]:
    """Copy what would be uploaded to a folder of its own; a name is taken once."""
    name = call.inputs.get("name", "artifact")
    if name in call.artifacts:
        raise StepFailedError(f"an artifact with the name {name} already exists")
    if not name or set(name) & set('":<>|*?\r\n\\/'):
        raise StepFailedError(f"the artifact name is not valid: {name!r}")
    files = list(_matches(call.inputs["path"], call.workspace))
    if not files:
        if call.inputs.get("if-no-files-found", "warn") == "error":
            raise StepFailedError(f"no files were found with the path: {call.inputs['path']}")
        return {}
    folder = Path(tempfile.mkdtemp(prefix="_artifact-", dir=call.temp))
    common = Path(os.path.commonpath([file.parent for file in files]))
    for file in files:
        target = folder / file.relative_to(common)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    call.artifacts[name] = folder
    return {"artifact-id": "1"}


def _matches(paths: str, workspace: Path) -> Iterator[Path]:
    """Yield the files of paths, folders and globs, one a line."""
    for line in filter(None, map(str.strip, paths.splitlines())):
        if line.startswith("!"):
            raise NotImplementedError(f"path of an upload: {line}")
        place = workspace / line
        pattern = str(place.relative_to(place.anchor))
        for found in sorted(Path(place.anchor).glob(pattern)):
            yield from sorted(p for p in found.rglob("*") if p.is_file()) or [found]


def _download(call: Call) -> Mapping[str, str]:
    """Copy artifacts to `path`: one by name, else all by pattern, each into a folder of its own."""
    target = call.workspace / call.inputs.get("path", ".")
    name = call.inputs.get("name")
    if name is not None:
        if name not in call.artifacts:
            raise StepFailedError(f"artifact not found: {name}")
        shutil.copytree(call.artifacts[name], target, dirs_exist_ok=True)
        return {}
    pattern = call.inputs.get("pattern", "*")
    merged = call.inputs.get("merge-multiple", "false") == "true"
    for each, folder in call.artifacts.items():
        if Path(each).match(pattern):
            shutil.copytree(folder, target if merged else target / each, dirs_exist_ok=True)
    return {}


PLAYED: dict[str, Action] = {
    "actions/checkout": _checkout,
    "actions/setup-python": _setup_python,
    "actions/upload-artifact": _upload,
    "actions/download-artifact": _download,
}
