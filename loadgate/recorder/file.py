"""The file of a recording: a journal while the run is on, written anew when it ends."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from loadgate.errors import OutputError
from loadgate.recording.journal import is_recording, pack

_HEAD = 1 << 16


class RecordingFile:
    """A file that one run writes; another run that takes its name is noticed."""

    def __init__(self, path: str) -> None:
        """Name it; nothing is written yet."""
        self.path = path
        # A locustfile may change the folder; a link stays, and what it names is written.
        self._place = os.path.realpath(path)
        self._journal = -1

    def start(self, document: dict[str, Any]) -> None:
        """Replace an older recording by one that is running.

        Raises:
            OutputError: It cannot be written, or is there and no recording.
        """
        self.close()
        try:
            if os.path.lexists(self._place) and not os.path.isfile(self._place):
                # Of a device, too: /dev/null would become a file for all of the machine.
                raise OutputError(f"{self.path}: not a file; name another --loadgate-file")
            if not _replaceable(self._place):
                raise OutputError(
                    f"{self.path}: not a recording; remove it, or name another --loadgate-file"
                )
            os.makedirs(os.path.dirname(self._place), exist_ok=True)
            self._journal = self._replace(pack(document))
        except OSError as error:
            raise OutputError(f"{self.path}: {error.strerror}") from None

    def append(self, packed: bytes) -> None:
        """Add a part to the journal."""
        if self._journal >= 0:
            _write(self._journal, packed)

    def finish(self, document: dict[str, Any]) -> None:
        """Write the whole recording.

        Raises:
            OSError: It cannot be written, or another run has taken the name.
        """
        if self._journal >= 0 and not self._is_ours():
            raise FileExistsError(f"{self.path}: another run writes this file")
        journal = self._replace(pack(document))
        self.close()
        self._journal = journal

    def close(self) -> None:
        """Write no more."""
        if self._journal >= 0:
            os.close(self._journal)
            self._journal = -1

    def _is_ours(self) -> bool:
        own = os.fstat(self._journal)
        with suppress(OSError):
            there = os.stat(self._place)
            return (own.st_dev, own.st_ino) == (there.st_dev, there.st_ino)
        return False

    def _replace(self, packed: bytes) -> int:
        """Write the file whole or not at all; return it, open for more."""
        temporary = f"{self._place}.{os.getpid()}.tmp"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        file = os.open(temporary, flags | getattr(os, "O_BINARY", 0), 0o666)
        try:
            _write(file, packed)
            os.fsync(file)
            os.replace(temporary, self._place)
        except BaseException:
            os.close(file)
            with suppress(OSError):
                os.unlink(temporary)
            raise
        return file


def _write(file: int, packed: bytes) -> None:
    rest = memoryview(packed)
    while rest:
        rest = rest[os.write(file, rest) :]


def _replaceable(path: str) -> bool:
    """Say whether there is no file, an empty one, or a recording, be it cut."""
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError:
        return True
    return not head or is_recording(head)
