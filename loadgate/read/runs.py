"""Runs that are named several times: a shell's `run*` names every file of a run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from loadgate.errors import LoadgateError, ResultError
from loadgate.read import read_run
from loadgate.read.locate import Files, find_files
from loadgate.read.naming import STATISTICS


def each_once(runs: Sequence[str]) -> list[str]:
    """Return the runs, in order, without those that another one is or takes account of.

    What cannot be read stays: whoever reads it says what is wrong.
    """
    if all(STATISTICS.fullmatch(os.path.basename(run)) for run in runs):  # as of a folder
        first: dict[str, str] = {}
        for run in runs:
            first.setdefault(_key(run), run)
        return list(first.values())
    runs_of: dict[tuple[str, ...], tuple[str, Files | None]] = {}
    for run in runs:
        try:
            files = find_files(run)
        except ResultError:
            runs_of.setdefault((_key(run),), (run, None))
            continue
        key = tuple(map(_key, files.own))
        if key not in runs_of or _key(run) == key[0]:
            runs_of[key] = run, files
    read = {key for run, files in runs_of.values() for key in _held_against(run, files, runs_of)}
    return [run for key, (run, _) in runs_of.items() if key[0] not in read]


def _held_against(run: str, files: Files | None, named: Iterable[tuple[str, ...]]) -> set[str]:
    """Return the documents that were named, too, and are read when the run is judged."""
    if files is None:
        return set()
    documents = {_key(other.path) for other in files.others} & {key[0] for key in named}
    if not documents:
        return documents
    try:
        return documents & {_key(source.path) for source in read_run(run).sources}
    except LoadgateError:
        return set()


def _key(path: str) -> str:
    if "\0" in path:  # which no file system knows
        return path
    return os.path.normcase(os.path.realpath(path))
