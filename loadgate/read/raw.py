"""The bytes of a result file: of regular files only, unpacked where they are gzipped."""

from __future__ import annotations

import io
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from loadgate.errors import ResultError

_GZIP = b"\x1f\x8b"
_AGAIN = "Copy or download it again."
_BLOCK = 1024 * 1024
_MOSTLY = 64 * 1024
"""Bytes that most documents do not have."""
_BOMS = (
    (b"\xef\xbb\xbf", ""),  # of UTF-8, which tools also put before what is none
    (b"\xff\xfe\0\0", "utf-32-le"),  # before UTF-16, whose mark it begins with
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

_SETTLED = 2 * 10**9
"""Nanoseconds after which no clock of a file system takes two changes for one."""
_WORKBOOKS = (b"xl/", b"opendocument.spreadsheet")
"""Names in the archives that .xlsx and .ods files are."""
_FOREIGN = (
    # What a file begins with, and what it is.
    (b"PK\x03\x04", "is a .zip archive: unpack it"),
    (_GZIP, "is gzipped twice: unpack it"),
    (b"BZh", "is a .bz2 archive: unpack it"),
    (b"\xfd7zXZ\0", "is an .xz archive: unpack it"),
    (b"\x28\xb5\x2f\xfd", "is a .zst archive: unpack it"),
    (b"Rar!", "is a .rar archive: unpack it"),
    (b"\x04\x22\x4d\x18", "is an .lz4 archive: unpack it"),
    (b"\x1f\x9d", "is a .Z archive: unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "is a .7z archive: unpack it"),
    (b"\xd0\xcf\x11\xe0", "is a workbook, not a CSV file: use the file as Locust wrote it"),
    (b"%PDF", "is a PDF: use the files that Locust wrote"),
)


def without_gz(name: str) -> str:
    """Return the name that a file has when it is unpacked."""
    return name[:-3] if name.lower().endswith(".gz") else name


def without_ending(name: str) -> str:
    """Return the name without the ending that says what the file is: "run" of "run.html.gz"."""
    return os.path.splitext(without_gz(name))[0].removesuffix(".loadgate")


def has_ending(name: str, *endings: str) -> bool:
    """Say whether a file has one of the endings, plain or gzipped."""
    return without_gz(name).lower().endswith(endings)


def check_regular(path: str) -> None:
    """Raise ResultError unless `path` is a regular file: reading a pipe or device could block."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        raise ResultError(path, _reason(error), "Check the path.") from error
    if stat.S_ISDIR(mode):
        raise ResultError(path, "is a folder, not a file", "Name a file in it.")
    if not stat.S_ISREG(mode):
        raise ResultError(path, "is not a regular file", "Copy its content into a file first.")


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def version(path: str) -> object:
    """Return what stays equal while a file is the same, so that it need not be read again.

    Of a file that was just written nothing is: its next change could have the same time.
    """
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return object()
    changed = status.st_mtime_ns, status.st_ctime_ns
    if time.time_ns() - max(changed) < _SETTLED:
        return object()
    return changed, status.st_size, status.st_ino, status.st_dev


@contextmanager
def open_bytes(path: str) -> Iterator[BinaryIO]:
    """Open a file, unpacked if its content is gzipped; what cannot be read raises ResultError."""
    check_regular(path)
    try:
        with open(path, "rb") as file:
            if file.peek(2)[:2] == _GZIP:
                with _unpacked(path, file) as unpacked:
                    yield unpacked
            else:
                yield file
    except OSError as error:
        raise ResultError(path, f"cannot be read: {_reason(error)}") from error


@contextmanager
def _unpacked(path: str, file: BinaryIO) -> Iterator[BinaryIO]:
    import gzip
    import zlib

    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield cast("BinaryIO", unpacked)
    except EOFError as error:
        raise ResultError(path, "is a truncated .gz file", _AGAIN) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ResultError(path, f"is a damaged .gz file: {error}", _AGAIN) from error


def read_start(path: str, most: int) -> bytes:
    """Return the first bytes of a file; raises ResultError.

    A recording may end anywhere: what its end is, its reader says.
    """
    try:
        with open_bytes(path) as file:
            start = file.read(min(most, _MOSTLY))  # memory for `most` takes time to get
            return start if len(start) < _MOSTLY else start + file.read(most - _MOSTLY)
    except ResultError:
        from loadgate.recording.journal import beginning, is_recording  # only for what is cut

        start = read_packed(path, _BLOCK)
        if not is_recording(start):
            raise
        return beginning(start)


def read_packed(path: str, most: int) -> bytes:
    """Return the first bytes of a file as they are on the disk; raises ResultError."""
    check_regular(path)
    try:
        with open(path, "rb") as file:
            return file.read(most)
    except OSError as error:
        raise ResultError(path, f"cannot be read: {_reason(error)}") from error


def read_end(path: str, most: int) -> tuple[bytes, int]:
    """Return the last bytes of a file, and how many precede them; raises ResultError."""
    with open_bytes(path) as file:
        if not _is_packed(file):
            skipped = max(0, size_of(file, 0) - most)
            file.seek(skipped)
            return file.read(most), skipped
        end, length = b"", 0
        while block := file.read(_BLOCK):
            length += len(block)
            end = (end + block)[-most:]
        return end, length - len(end)


def size_of(file: BinaryIO, unknown: int) -> int:
    """Return the size of a file; `unknown` where that shows only when it is unpacked."""
    return unknown if _is_packed(file) else os.fstat(file.fileno()).st_size


def _is_packed(file: BinaryIO) -> bool:
    return not isinstance(file, io.BufferedReader)


def decoding(start: bytes, encoding: str) -> tuple[str, int]:
    """Return the encoding of a file by its first bytes, and the length of the mark there.

    It is the given one unless it is proved to be UTF-16 or UTF-32, by a mark or, as nothing else
    has, by a zero beside each of the first characters.
    """
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name or encoding, len(mark)
    sample = start[:64]
    half = len(sample) // 2
    zeros = sample[0::2].count(0), sample[1::2].count(0)
    if half >= 4 and zeros in {(0, half), (half, 0)}:
        return ("utf-16-be" if zeros[0] else "utf-16-le"), 0
    return encoding, 0


def foreign(start: bytes) -> str | None:
    """Say by its first bytes what a file is that is no text, and what to do; None: it is one."""
    if start.startswith(b"PK\x03\x04") and any(name in start for name in _WORKBOOKS):
        return "is a workbook, not a CSV file: use the file as Locust wrote it"
    for mark, what in _FOREIGN:
        if start.startswith(mark):
            return what
    if start[257:262] == b"ustar":
        return "is a .tar archive: unpack it"
    if start and not start.strip(b"\0"):
        return "contains only zero bytes, as after a full or damaged disk: copy it again"
    return None
