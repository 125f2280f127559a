"""Stand-ins for foreign actions: what each would have done on the machine of a test."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
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


def _setup_python(call: Call) -> Mapping[str, str]:
    """Play a Python that is the test's own; with update-environment it comes first on PATH."""
    if call.inputs.get("update-environment", "true") == "true":
        path = call.env.get("PATH", os.environ["PATH"])
        call.env["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), path))
    return {"python-path": sys.executable}


def _upload(call: Call) -> Mapping[str, str]:
    """Copy the files and folders, one a line, to a folder of its own; a name is taken once."""
    name = call.inputs["name"]
    if name in call.artifacts or not name or set(name) & set('":<>|*?\r\n\\/'):
        raise StepFailedError(f"the artifact name is taken or not valid: {name!r}")
    assert call.inputs["if-no-files-found"] == "error"
    folder = Path(tempfile.mkdtemp(prefix="_artifact-", dir=call.temp))
    for line in call.inputs["path"].split("\n"):
        path = call.workspace / line
        for file in path.iterdir() if path.is_dir() else [path]:
            shutil.copy(file, folder)
    if not any(folder.iterdir()):
        raise StepFailedError(f"no files were found with the path: {call.inputs['path']}")
    call.artifacts[name] = folder
    return {"artifact-url": f"https://github.com/artifacts/{len(call.artifacts)}"}


def _download(call: Call) -> Mapping[str, str]:
    """Copy the files of an artifact to a folder; of several, each to a folder of its own."""
    folder = call.workspace / call.inputs["path"]
    several = "pattern" in call.inputs  # such as {dist,notes}
    names = call.inputs["pattern"].strip("{}").split(",") if several else [call.inputs["name"]]
    for each in names:
        if each not in call.artifacts:
            raise StepFailedError(f"there is no artifact {each!r}")
        target = folder / each if several else folder
        shutil.copytree(call.artifacts[each], target, symlinks=True, dirs_exist_ok=True)
    return {}


PLAYED: dict[str, Action] = {
    "actions/checkout": lambda _call: {},  # the workspace is what a test put there
    "actions/setup-python": _setup_python,
    "actions/download-artifact": _download,
    "actions/upload-artifact": _upload,
}
