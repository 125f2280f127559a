"""Leftovers: results in a folder that are not judged, each with the reason."""

from __future__ import annotations

import os
import re
import stat
from collections import deque
from collections.abc import Collection, Iterable, Iterator

from loadgate.errors import ResultError
from loadgate.read.folders import refuse_other_copy
from loadgate.read.formats import CSV, DOCUMENT_SUFFIXES, SUFFIXES, Kind
from loadgate.read.kinds import begins_like_document, document_kind, kind_of
from loadgate.read.naming import STATISTICS, WORD, sibling
from loadgate.read.raw import decoding, foreign, has_ending, read_start, without_gz
from loadgate.read.tables import HEAD, decoded

_SIGNATURE = 64
"""Bytes in which pictures, programs and the like have a zero, and texts have none."""
_MOST_INSIDE = 20_000
"""Files and folders that are looked at in the folders inside a folder."""
_MOST_OPENED = 2_000
"""Of these, files that are opened; the others are known by their names only."""
_NAMED = re.compile("stats|requests|failures", re.IGNORECASE)
_PACKED = (".zip", ".tar", ".tgz", ".bz2", ".xz", ".zst", ".7z")
_TOLD = 20
_ROLES: tuple[Kind, ...] = tuple(kind for kind in CSV if kind != "statistics")


def left_out(folder: str, runs: Collection[str], texts: Iterable[str] = ()) -> list[str]:
    """Return a sentence on each result in a folder that is not of the `runs`.

    `runs` are the paths that are judged, and all files that were read for them. What is named in
    one of the `texts`, which the user sees anyway, is not said twice. What is no result of Locust
    is passed over in silence, and hardly read.
    """
    seen = "\n".join(texts)
    known = {_key(path) for run in runs for path in (run, *_siblings(run))}
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:  # whose reader says what is wrong
        return []
    told = [
        f"{path} was left out: {reason}"
        for entry in found
        if (reason := _reason(entry, path := os.path.join(folder, entry.name), known)) is not None
        and not re.search(rf"(?<!\S){re.escape(path)}(?=[\s:,]|\Z)", seen)
    ]
    told += _inside(folder, known)
    if len(told) > _TOLD:
        told[_TOLD:] = [f"{folder} holds {len(told) - _TOLD:,} more results that were left out"]
    return told


def _key(path: str) -> str:
    return os.path.normcase(os.path.abspath(without_gz(path)))


def _siblings(run: str) -> Iterator[str]:
    """Yield what belongs to a run by its name, also where the run cannot be read."""
    for role in _ROLES:
        try:
            found = sibling(run, role)
        except ResultError:  # the run is refused for it
            continue
        if found is not None:
            yield found


def _reason(entry: os.DirEntry[str], path: str, known: Collection[str]) -> str | None:
    """Return why an entry is left out; None: it is known, no result, or a folder."""
    if _key(path) in known:
        return _other_copy(path)
    try:
        mode = entry.stat().st_mode
    except OSError as error:
        if entry.is_symlink():
            return "it is a broken link"
        return f"it cannot be read: {error.strerror}"
    if stat.S_ISDIR(mode):
        return None
    if not stat.S_ISREG(mode):
        return "it is not a regular file" if has_ending(path, *SUFFIXES) else None
    try:
        kind = _kind(path)
    except ResultError as error:
        return f"it {error.problem}"
    if kind is None:
        return None
    why = _why(entry.name, kind)
    return why if kind in _ROLES else f"{why}; to judge it: loadgate check {path}"


def _other_copy(path: str) -> str | None:
    """Say where a packed document is not what lies beside it; of CSV files the run is refused."""
    try:
        if path != without_gz(path) and has_ending(path, *DOCUMENT_SUFFIXES):
            refuse_other_copy(path)
    except ResultError as error:
        return f"it {error.problem}"
    return None


def _why(name: str, kind: Kind) -> str:
    if name.startswith("."):
        return "hidden files are not read"
    if not has_ending(name, *SUFFIXES):
        return f"it is a Locust file, but its name does not end in {', '.join(SUFFIXES)}"
    if kind in _ROLES:
        return "the statistics of its run are not in the folder"
    return "it belongs to none of the runs in the folder"


def _kind(path: str) -> Kind | None:
    """Return what file of Locust this is; None: none, or one that a run cannot be read from.

    Raises ResultError for what may be a result and cannot be read.
    """
    start = read_start(path, HEAD)
    if not start:
        if has_ending(path, *DOCUMENT_SUFFIXES) or WORD.match(os.path.basename(path)):
            raise ResultError(path, "is empty")
        return None
    what = foreign(start)
    if what is not None and _may_hold_results(path, what):
        raise ResultError(path, what)
    if what is not None or (b"\0" in start[:_SIGNATURE] and not decoding(start, "")[0]):
        return None
    text = decoded(start)
    if not begins_like_document(text):
        return kind_of(path)
    try:
        return document_kind(path, text)
    except ResultError:
        if has_ending(path, *SUFFIXES) or ('"num_requests"' in text and '"num_failures"' in text):
            raise
        return None  # such as a log


def _may_hold_results(path: str, what: str) -> bool:
    """Say whether a file that is no text may hold results, by what it is."""
    name = os.path.basename(path)
    if "archive" not in what:
        return _NAMED.search(name) is not None
    if ".zip" not in what:
        return True
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return True
    return any(has_ending(name, *SUFFIXES, *_PACKED) for name in names)


# --- folders inside -------------------------------------------------------------------------------


def _inside(folder: str, known: Collection[str]) -> Iterator[str]:
    """Yield a sentence on each folder below a folder that holds results and is no run itself."""
    waiting = deque([folder])
    seen = {os.path.realpath(folder)}
    looked = opened = 0
    while waiting:
        path = waiting.popleft()
        try:
            with os.scandir(path) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield f"{path} was left out: it cannot be read: {error.strerror}"
            continue
        hidden = f"{os.sep}." in path.removeprefix(folder)
        holds = False
        for entry in found:
            looked += 1
            if _is_folder(entry):
                real = os.path.realpath(entry.path)
                if real not in seen and _key(entry.path) not in known:
                    seen.add(real)
                    waiting.append(entry.path)
            elif path != folder and not holds and _key(entry.path) not in known:
                holds = STATISTICS.fullmatch(entry.name) is not None
                if not holds and not hidden and has_ending(entry.name, *SUFFIXES):
                    opened += 1
                    holds = _is_result(entry)
            if looked > _MOST_INSIDE or opened > _MOST_OPENED:
                yield f"{folder} holds too many files in folders to look at them all"
                return
        if holds:
            yield (
                f"{path} was left out: folders inside a folder are not searched; to judge what it"
                f" holds: loadgate check {path}"
            )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_result(entry: os.DirEntry[str]) -> bool:
    """Say whether a file is a result of Locust; what cannot be read is none."""
    try:
        return entry.is_file() and _kind(entry.path) is not None
    except (OSError, ResultError):
        return False
