"""A command in, a picture of what it prints on a terminal of 80 columns out (`make pictures`)."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys

from rich.console import Console
from rich.text import Text


def shown(command: list[str]) -> str:
    """Return what a command prints on a terminal, escape sequences included."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        found = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            found += part
    os.close(ours)
    return found.decode().replace("\r\n", "\n") + f"\n$ echo $?\n{process.returncode}\n"


def main() -> None:
    """Write the picture of the command in the arguments to the file in the first one."""
    path, *command = sys.argv[1:]
    console = Console(record=True, width=80, file=io.StringIO())
    console.print(Text.from_ansi(f"$ {' '.join(command)}\n{shown(command)}"))
    console.save_svg(path, title="loadgate")


if __name__ == "__main__":
    main()
