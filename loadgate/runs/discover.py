"""Sources: every file that may hold a run, below what the user named."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from loadgate.errors import FilteredError, ResultError
from loadgate.read.ambiguity import refuse_ambiguous
from loadgate.read.formats import CSV_SUFFIX, LOCUST_SUFFIXES, REPORT_SUFFIXES
from loadgate.read.kinds import kind_of
from loadgate.read.naming import OTHER_CSV, STATISTICS, once
from loadgate.read.raw import has_ending, without_gz

Form = Literal["json", "run", "broken"]

MOST = 100_000
"""Sources that are searched for below one input."""
NOTHING = "holds no result documents (check --output json) and no results of Locust"
VANISHED = "vanished before it could be read; run the report again"
_DEEPEST = 50
"""Folders in folders; links may lead in circles that have no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file, folder, prefix or URL that may hold a run."""

    path: str
    """As the user would name it."""
    form: Form
    """json: a result document, or JSON of Locust; run: what Locust wrote; broken: neither."""
    below: str = ""
    """The input that it was found below; "": it was named itself."""
    documents_only: bool = False
    """JSON of Locust is no run of its own here: it lies beside the CSV files or report of one."""
    problem: str = ""
    """Why it is broken."""


def find_sources(inputs: Iterable[str]) -> list[Source]:
    """Return the sources that the inputs name or hold, each once, in their order.

    An input is a result document, a folder that is searched, a RUN as `check` takes it, or a URL
    that fsspec knows. Of a folder these are sources: JSON files, statistics CSV files, and HTML
    reports where no CSV statistics lie beside them. What cannot be found is a source, too, with
    what is wrong. Raises UsageError for a URL that nothing installed can read.
    """
    found: dict[str, Source] = {}
    for text in inputs:
        for source in _found(text):
            key = _identity(source)
            known = found.setdefault(key, source)
            if known.below and not source.below:
                found[key] = source
    return list(found.values())


def _identity(source: Source) -> str:
    """Return what two ways to name the same source have in common."""
    if is_url(source.path) or source.form == "broken":
        return source.path
    return os.path.realpath(source.path)


def is_url(text: str) -> bool:
    """Say whether an input is for fsspec to read."""
    return "://" in text


def broken(path: str, problem: str) -> Source:
    """Return a source that says what is wrong with an input."""
    return Source(path=path, form="broken", problem=problem)


def told_apart(names: Sequence[str], statistics: Sequence[str]) -> Iterator[tuple[str, Form, bool]]:
    """Yield name, form and `documents_only` of sources, given which names are CSV statistics."""
    runs = set(statistics)
    reports = {name for name in names if has_ending(name, *REPORT_SUFFIXES)}
    stems = {os.path.splitext(without_gz(name))[0] for name in reports}
    for name in names:
        if name in runs or (name in reports and not runs):
            yield name, "run", False
        elif has_ending(name, ".json"):
            stem = os.path.splitext(without_gz(name))[0]
            yield name, "json", bool(runs) or stem in stems


def _found(text: str) -> Iterator[Source]:
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
        yield Source(path=text, form=form)


def _in_folder(folder: str) -> Iterator[Source]:
    """Yield the sources in a folder and all below it; what cannot be listed is broken."""
    number = 0
    for number, source in enumerate(_below(folder, folder, set(), 0), start=1):
        if number > MOST:
            yield broken(folder, f"holds more than {MOST:,} results; name the folders in it")
            return
        yield source
    if not number:
        yield broken(folder, NOTHING)


def _below(folder: str, top: str, seen: set[tuple[int, int]], depth: int) -> Iterator[Source]:
    """Yield the sources of a folder, then those of its folders, by name; each folder once."""
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
    for name, form, documents_only in told_apart(names, statistics):
        path = os.path.join(folder, name)
        if form == "run" and len(statistics) == 1 and not re.search("stats|requests", name):
            path = folder  # what belongs to a file of any name can only be found by its content
        yield Source(path=path, form=form, below=top, documents_only=documents_only)
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
