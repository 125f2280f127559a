"""Scripts run on a test's machine: what they printed, wrote for their step and left running."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from action.commands import FileCommandError, parse_pairs

SHELLS = {
    "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail"),
    None: ("bash", "-e"),  # what a runner takes where a step names no shell
}
_FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
_SUMMARY_BYTES = 1024 * 1024  # of a larger one nothing is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A `run:`, with all expressions replaced."""

    text: str
    shell: str | None
    folder: Path
    """Where it runs."""
    env: Mapping[str, str]
    seconds: float
    """After which a test ends with an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a script ended."""

    failed: bool
    log: str
    summary: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    exported: Mapping[str, str] = field(default_factory=dict)
    """Variables of later steps."""


def run_script(script: Script, temp: Path, groups: list[int], *, summary: str) -> Done:
    """Run a script, with files of its own below `temp`; the group of its processes is kept."""
    folder = Path(tempfile.mkdtemp(prefix="_step-", dir=temp))
    files = {name: folder / name for name in _FILES}
    for name, file in files.items():
        file.write_bytes(summary.encode() if name == "GITHUB_STEP_SUMMARY" else b"")
    (folder / "script.sh").write_text(script.text, "utf-8", newline="\n")
    log = folder / "log"
    # A file, not a pipe: a service that a step leaves behind must not keep the step waiting.
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*SHELLS[script.shell], str(folder / "script.sh")],
            cwd=script.folder,
            env={**script.env, **{name: str(file) for name, file in files.items()}},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        groups.append(process.pid)
        code = process.wait(timeout=script.seconds)
    texts = {name: file.read_bytes().decode("utf-8") for name, file in files.items()}
    said = log.read_bytes().decode("utf-8", "replace")
    left = texts["GITHUB_STEP_SUMMARY"]
    if len(left.encode()) > _SUMMARY_BYTES:
        said, left = said + "::error::$GITHUB_STEP_SUMMARY upload aborted\n", ""
    try:
        outputs = parse_pairs(texts["GITHUB_OUTPUT"])
        exported = parse_pairs(texts["GITHUB_ENV"])
    except FileCommandError as error:
        return Done(failed=True, log=f"{said}::error::{error}\n", summary=left)
    if added := texts["GITHUB_PATH"].splitlines():
        exported["PATH"] = os.pathsep.join([*reversed(added), script.env["PATH"]])
    return Done(failed=code != 0, log=said, summary=left, outputs=outputs, exported=exported)


@contextmanager
def cleaning(groups: list[int]) -> Iterator[None]:
    """End what the steps of a job left running when the job ends, as a runner does."""
    try:
        yield
    finally:
        while groups:
            try:
                os.killpg(groups.pop(), signal.SIGKILL)
            except ProcessLookupError:
                continue
