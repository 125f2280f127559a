"""A page in, its console blocks as commands with the output that they are to have out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def sessions(page: Path) -> Iterator[list[tuple[str, str]]]:
    """Yield each console block of a page: its commands, each with what is shown below it."""
    text = page.read_text("utf-8")
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
        assert parts[0] == "", f"{page.name}: a console block begins with a command"
        yield list(zip(parts[1::2], parts[2::2], strict=True))


def run_command(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a reader would, in a shell that finds loadgate."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
