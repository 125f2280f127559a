"""A picture of what a command prints on a terminal of 80 columns.

    python docs/images/render.py FILE.svg LINES COMMAND...

Needs rich (`pip install rich`). The picture in README is of the run that `make demo` shows:

    python docs/images/render.py docs/images/failed.svg 23 loadgate check examples/first-run
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text


def shown(command: list[str]) -> tuple[str, int]:
    """Return what a command prints on a terminal, escape sequences included, and its exit code."""
    ours, theirs = pty.openpty()
    found = b""
    with subprocess.Popen(command, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        while True:
            try:
                found += os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
    os.close(ours)
    return found.decode().replace("\r\n", "\n"), process.returncode


def main() -> None:
    """Write the picture of the first LINES lines to FILE.svg."""
    path, lines, *command = sys.argv[1:]
    text, code = shown(command)
    kept = text.splitlines()[: int(lines)]
    if len(kept) < len(text.splitlines()):
        kept.append("[...]")
    console = Console(record=True, width=80, file=io.StringIO())
    screen = [f"$ {' '.join(command)}", *kept, "", "$ echo $?", str(code)]
    console.print(Text.from_ansi("\n".join(screen)))
    svg = console.export_svg(title="loadgate")
    # Without the web fonts: a picture fetches nothing, every machine has a monospaced font.
    Path(path).write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL))


if __name__ == "__main__":
    main()
