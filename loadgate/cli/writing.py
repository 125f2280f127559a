"""Writing files: whole or not at all, and only over files that loadgate wrote."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from loadgate.errors import OutputError
from loadgate.model import FILTERED
from loadgate.render import FORMATS
from loadgate.signals import unwinding

File = tuple[str, Iterable[bytes]]
"""A path, and the pieces of what is written there."""

_MARK = "Written by loadgate, which replaces this file."
_COMMENTS = {name: format_.comment for name, format_ in FORMATS.items()}
_COMMENTS |= dict.fromkeys(("html", "svg"), "<!-- {} -->")
_MARKS = {name: f"{comment}\n".format(_MARK) for name, comment in _COMMENTS.items() if comment}
"""The last line, by format; others say at their start who wrote them."""
_LAST_LINE = re.compile(
    rb"(?:\A|\n)(?:%b)\s*\Z"
    % b"|".join(re.escape(mark.strip().encode()) for mark in _MARKS.values())
)
_DOCUMENT = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*\{\s*\n\s*"format"\s*:\s*"loadgate\.(\w+)",'
    rb'\s*\n\s*"version"\s*:\s*[0-9]+,\s*\n\s*"(\w+)"\s*:'
)
_FIRST_KEYS = {
    b"result": b"outcome",
    b"report": b"period",
    b"comparison": b"base",
    b"lint": b"file",
}
"""What follows on the version in each kind of document."""
_FINDINGS = re.compile(rb'\[(?:\]\s*\Z|\n  \{\n    "engine_name": "loadgate",\n)')
"""A code quality report; one of nothing has nothing to lose."""
_START = 1024 * 1024
_END = 200


def marked(format_: str, text: str) -> bytes:
    """Return the text of a file in a format, with the line by which it is known again."""
    return (text + _MARKS.get(format_, "")).encode()


class Writer:
    """Writes the outputs of one command."""

    def __init__(self, inputs: Sequence[str], folders: Sequence[str] = ()) -> None:
        """Take the paths of what is read, and folders whose result documents may be."""
        self._inputs = [*inputs]
        self._folders = [f"{place(path)}{os.sep}" for path in folders if path]
        self._written: set[str] = set()
        self._modes: dict[str, int] = {}

    def protect(self, inputs: Iterable[str]) -> None:
        """Add paths of what is read, once they are known."""
        self._inputs += inputs

    def clear(self, targets: Iterable[str]) -> None:
        """Remove what loadgate wrote there before.

        Whatever ends the command, an older verdict must not look like its own. What is read stays,
        and what cannot be removed is emptied.
        """
        for target in targets:
            with contextlib.suppress(OSError, ValueError):
                found = Path(target).stat()
                if not stat.S_ISREG(found.st_mode) or _own_stream(found):
                    continue
                kind, path = _own_kind(target), os.path.realpath(target)
                inside = kind == "result" and path.startswith(tuple(self._folders))
                if kind is not None and not inside and not self._is_read(target):
                    _remove(Path(path))
                    self._modes[path] = stat.S_IMODE(found.st_mode)

    def write(self, files: Sequence[File]) -> None:
        """Write files that belong together, none of them if one must not be written.

        Raises OutputError.
        """
        refused = [problem for target, _ in files if (problem := self._refusal(target))]
        if refused:
            raise OutputError("\n".join(refused))
        for target, pieces in files:
            try:
                self._write(target, pieces)
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                raise OutputError(f"{target}: cannot be written: {reason}") from error
        self._written.update(place(target) for target, _ in files)

    def _refusal(self, target: str) -> str | None:
        """Return why nothing is written there; None: nothing is in the way."""
        found = None
        with contextlib.suppress(OSError, ValueError):
            found = Path(target).stat()
        if found and stat.S_ISDIR(found.st_mode):
            return f"{target}: is a folder; name a file"
        if place(target) in self._written:
            return f"{target}: is the path of another output too; choose another path"
        if self._is_read(target):
            return f"{target}: is one of the files being read; choose another path"
        if found and stat.S_ISREG(found.st_mode) and found.st_size and not _own_stream(found):
            foreign = "exists, and loadgate did not write it; delete it or choose another path"
            return None if _own_kind(target) else f"{target}: {foreign}"
        return None

    def _is_read(self, target: str) -> bool:
        return any(_same_file(target, path) for path in self._inputs)

    def _write(self, target: str, pieces: Iterable[bytes]) -> None:
        """Write a file beside the target, then put it in the target's place."""
        path = Path(os.path.realpath(target))  # what a link points to, not the link, is replaced
        mode = self._modes.get(str(path), 0o666 & ~_umask())
        with contextlib.suppress(FileNotFoundError):
            found = Path(target).stat()
            stream = _own_stream(found)
            if stream:  # what follows on it must come behind, not into another file
                with os.fdopen(os.dup(stream), "wb") as file:
                    file.writelines(pieces)
                return
            if not stat.S_ISREG(found.st_mode):  # a pipe, a device: there is nothing to replace
                with Path(target).open("wb") as file:
                    file.writelines(pieces)
                return
            mode = stat.S_IMODE(found.st_mode)
        path.parent.mkdir(parents=True, exist_ok=True)
        with unwinding():
            _replace(path, pieces, mode)


def replace_file(path: str, text: bytes) -> None:
    """Put a text in the place of a file that the user wrote, keeping its mode."""
    target = Path(os.path.realpath(path))
    try:
        with unwinding():
            _replace(target, [text], stat.S_IMODE(target.stat().st_mode))
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def place(target: str) -> str:
    """Return what two ways to name a file have in common."""
    return target if "\0" in target else os.path.realpath(target)


def _own_kind(path: str) -> str | None:
    """Return what kind of file loadgate wrote there; None: it wrote none, or none to read."""
    try:
        with Path(path).open("rb") as file:
            start = file.read(_START)
            file.seek(max(0, file.seek(0, os.SEEK_END) - _END))
            end = file.read()
    except OSError:
        return None
    document = _DOCUMENT.match(start)
    if document and _FIRST_KEYS.get(document[1]) == document[2] and end.rstrip().endswith(b"\n}"):
        return document[1].decode()
    if _last_column(start).startswith(FILTERED):
        return "csv"
    return "text" if _LAST_LINE.search(end) or _FINDINGS.match(start) else None


def _last_column(start: bytes) -> str:
    """Return the name of the last column of a file, were it CSV."""
    lines = io.StringIO(start.decode(errors="replace"), newline="")
    with contextlib.suppress(csv.Error):
        return (next(csv.reader(lines), None) or [""])[-1]
    return ""


def _same_file(target: str, path: str) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return Path(target).samefile(path)
    return False


def _own_stream(found: os.stat_result) -> int | None:
    """Return the number of the standard stream, if it is one, that goes to a file: /dev/stdout."""
    for number in (1, 2):
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(number), found):
                return number
    return None


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:  # in a folder that is read-only, or of a file that is mounted by itself
        path.write_bytes(b"")


def _replace(path: Path, pieces: Iterable[bytes], mode: int) -> None:
    # Its name is known before it is there, so that a signal at any moment can put it away.
    temporary = path.with_name(f".loadgate-{os.urandom(8).hex()}")
    try:
        temporary.touch(0o600, exist_ok=False)
        with temporary.open("wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _umask() -> int:
    """Return the process's mask for new files; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
