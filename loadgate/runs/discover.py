"""Discovery: every file that may hold a run, below what the user named."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator

from loadgate.errors import FilteredError, ResultError
from loadgate.read.folders import refuse_ambiguous
from loadgate.read.formats import CSV_SUFFIX, LOCUST_SUFFIXES
from loadgate.read.kinds import kind_of
from loadgate.read.naming import OTHER_CSV, STATISTICS, once
from loadgate.read.raw import has_ending
from loadgate.runs.candidate import (
    MOST,
    NOTHING,
    Candidate,
    Form,
    broken,
    is_url,
    results_among,
)

_DEEPEST = 50
"""Folders in folders; links may lead in circles that have no end."""


def find_candidates(inputs: Iterable[str]) -> list[Candidate]:
    """Return the candidates that the inputs name or hold, each once, in their order.

    An input is a result document, a folder that is searched, a RUN as `check` takes it, or a URL
    that fsspec knows. Of a folder these are candidates: JSON files, statistics CSV files, and HTML
    reports where no CSV statistics lie beside them. What cannot be found is a candidate, too, with
    what is wrong. Raises UsageError for a URL that nothing installed can read.
    """
    found: dict[str, Candidate] = {}
    for text in inputs:
        for candidate in _found(text):
            key = _place(candidate)
            known = found.setdefault(key, candidate)
            if known.below and not candidate.below:
                found[key] = candidate
    return list(found.values())


def _place(candidate: Candidate) -> str:
    """Return what two ways to name the same candidate have in common."""
    if is_url(candidate.path) or candidate.form == "broken":
        return candidate.path
    return os.path.realpath(candidate.path)


def _found(text: str) -> Iterator[Candidate]:
    if is_url(text):
        from loadgate.runs.remote import find_remote

        yield from find_remote(text)
    elif "\0" not in text and os.path.isdir(text):
        try:
            refuse_ambiguous(text)
        except ResultError as error:
            yield broken(text, f"{error.problem}. {error.remedy}")
            return
        yield from _in_folder(text)
    else:
        form: Form = "run" if has_ending(text, *LOCUST_SUFFIXES) else "json"
        try:
            os.stat(text)
        except (OSError, ValueError) as error:
            if form == "json" and not has_ending(text, ".json"):
                form = "run"  # a prefix, or nothing, of which the reader of runs tells best
            else:
                reason = getattr(error, "strerror", None) or "its path holds a NUL"
                yield broken(text, f"{reason[:1].lower()}{reason[1:]}; check the path")
                return
        yield Candidate(path=text, form=form)


def _in_folder(folder: str) -> Iterator[Candidate]:
    """Yield the candidates in a folder and all below it; what cannot be listed is broken."""
    number = 0
    for number, candidate in enumerate(_below(folder, folder, set(), 0), start=1):
        if number > MOST:
            yield broken(folder, f"holds more than {MOST:,} results; name the folders in it")
            return
        yield candidate
    if not number:
        yield broken(folder, NOTHING)


def _below(folder: str, top: str, seen: set[tuple[int, int]], depth: int) -> Iterator[Candidate]:
    """Yield the candidates of a folder, then those of its folders, by name; each folder once."""
    try:
        status = os.stat(folder)
        if (status.st_dev, status.st_ino) in seen or depth > _DEEPEST:
            return
        seen.add((status.st_dev, status.st_ino))
        names, folders = _listed(folder)
    except OSError as error:
        yield broken(folder, f"cannot be searched: {error.strerror}")
        return
    statistics = [name for name in names if _holds_statistics(os.path.join(folder, name))]
    for name, form, documents_only in results_among(names, statistics):
        path = os.path.join(folder, name)
        if form == "run" and len(statistics) == 1 and not re.search("stats|requests", name):
            path = folder  # what belongs to a file of any name can only be found by its content
        yield Candidate(path=path, form=form, below=top, documents_only=documents_only)
    for name in folders:
        yield from _below(os.path.join(folder, name), top, seen, depth + 1)


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Return the names of regular files and of folders, sorted, without hidden ones."""
    names, folders = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                folders.append(entry.name)
            elif _is_file(entry):
                names.append(entry.name)
    return once(names), sorted(folders)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Say whether an entry could be opened without waiting for a writer, as a pipe would."""
    try:
        return stat.S_ISREG(entry.stat().st_mode)
    except OSError:  # a link that leads nowhere, or a file that was just deleted
        return False


def _holds_statistics(path: str) -> bool:
    """Say whether a file is a statistics CSV, be it by a name that Locust gives or by content."""
    name = os.path.basename(path)
    if STATISTICS.fullmatch(name):
        return True  # also an empty one, which is then told to be broken
    if not has_ending(name, CSV_SUFFIX) or OTHER_CSV.fullmatch(name):
        return False
    try:
        return kind_of(path) == "statistics"
    except FilteredError:
        return True  # which is then told to be none that can be judged
    except ResultError:
        return False
