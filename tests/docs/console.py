"""The fenced blocks of a page, and what its commands print in a folder."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    # Not docs/reference/, which is made from the package.
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "development").glob("*.md")),
]

_FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"# (\S+\.\w+)\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of a page."""

    page: str
    """The page's file name."""
    number: int
    """Its place among the blocks of the page, from 1."""
    language: str
    """The first word behind the fence; empty: none."""
    info: str
    """All words behind the fence."""
    text: str

    @property
    def file(self) -> str | None:
        """Return the name that its first line gives, as a comment: the reader saves it so."""
        named = _NAMED.match(self.text)
        return named[1] if named else None


def blocks(page: Path) -> list[Block]:
    """Return every fenced block of a page."""
    text = page.read_text("utf-8")
    found = [
        Block(
            page=page.name,
            number=number,
            language=info.partition(" ")[0],
            info=info,
            text=body,
        )
        for number, (info, body) in enumerate(_FENCE.findall(text), 1)
    ]
    fences = len(re.findall(r"^\s*(?:```|~~~)", text, re.MULTILINE))
    assert fences == 2 * len(found), f"{page.name}: a fence is indented, or of another kind"
    return found


def commands(block: Block) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with what is shown below it."""
    parts = re.split(r"^\$ ((?:.*\\\n)*.*)\n", block.text, flags=re.MULTILINE)
    assert parts[0] == "", f"{block.page}: a console block begins with a command"
    return list(zip(parts[1::2], parts[2::2], strict=True))


def sessions(page: Path) -> Iterator[list[tuple[str, str]]]:
    """Yield the commands of each console block of a page."""
    for block in blocks(page):
        if block.language == "console":
            yield commands(block)


def play(scripts: Sequence[str], folder: Path) -> list[tuple[int, str]]:
    """Run scripts one after another in one shell, as a reader does who follows a page.

    Returns the exit code and the output of each, standard error included. What they leave running
    in the background is ended.
    """
    mark = "-- end of a step --"
    text = "".join(
        f"{script}\n__code=$?; printf '\\n%s %s\\n' '{mark}' \"$__code\"; (exit \"$__code\")\n"
        for script in scripts
    )
    # Into a file: what runs on in the background would keep a pipe open.
    with tempfile.TemporaryFile() as file:
        shell = subprocess.Popen(
            ["bash", "-c", text],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            shell.wait(timeout=1800)  # none may hang
        finally:
            with suppress(ProcessLookupError):  # nothing was left
                os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()
        file.seek(0)
        output = file.read().decode("utf-8")
    ends = [*re.finditer(rf"\n{mark} (\d+)\n", output)]
    assert len(ends) == len(scripts), output
    starts = [0, *(end.end() for end in ends)]
    return [
        (int(end[1]), output[start : end.start()])
        for (start, _), end in zip(pairwise([*starts, 0]), ends, strict=False)
    ]


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of somebody who has installed loadgate, and whose home is `folder`."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    kept = {name: text for name, text in os.environ.items() if not name.startswith("LOCUST_")}
    return {**kept, "PATH": path, "HOME": str(folder), "PYTHONUTF8": "1", "COLUMNS": "80"}


def saved(name: str, text: str) -> str:
    """Return the script that saves a block as a file."""
    return f"cat > {shlex.quote(name)} <<'END OF THE BLOCK'\n{text}END OF THE BLOCK"


def run_command(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a reader would, in a shell that finds loadgate."""
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def agrees(shown: str, printed: str, *, varying: bool = False) -> bool:
    """Say whether a page shows what was printed; a line "..." stands for any number of lines.

    With `varying`, any number stands for any other, and tables may be wider.
    """
    if varying:
        printed = _shape(printed)
    place = 0
    parts = re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE)
    for number, part in enumerate(_shape(part) if varying else part for part in parts):
        at = printed.find(part, place)
        if at < 0 or (number == 0 and at > 0):
            return False
        place = at + len(part)
    return not parts[-1] or place == len(printed)


def _shape(text: str) -> str:
    """Return a text with its numbers and the widths of its tables taken out."""
    text = re.sub(r"\d[\d,]*(?:\.\d+)?", "1", text)
    return " ".join(re.sub(r"-{2,}", "--", text).split())
