"""Paths and globs in, the runs that they name out."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Sequence

from loadgate.errors import ResultError, UsageError
from loadgate.read import find_runs, read_run
from loadgate.read.locate import Files, find_files


def find_results(patterns: Sequence[str]) -> list[str]:
    """Return the run of each path, and the runs of each glob in order, none of them twice.

    Raises UsageError for no pattern, and for a glob that matches nothing.
    """
    if not patterns:
        raise UsageError(
            "input results: names no run; write the path or the glob of what Locust wrote, such as"
            " run_stats.csv"
        )
    found: dict[str, str] = {}
    for pattern in patterns:
        for run in _runs(pattern):
            found.setdefault(os.path.normcase(os.path.abspath(run)), run)
    return list(found.values())


def _runs(pattern: str) -> list[str]:
    # Brackets in names are more common than in globs: what is there is taken at its word.
    if not glob.has_magic(pattern) or glob.glob(glob.escape(pattern) + "*"):
        return [pattern]
    matches = sorted(glob.glob(pattern, recursive=True))
    if not matches:
        raise UsageError(
            f"input results: {pattern}: matches nothing in {os.getcwd()}; look whether Locust wrote"
            " its results there (--csv)"
        )
    return _without_companions(matches)


def _without_companions(matches: Sequence[str]) -> list[str]:
    """Drop files that belong to the run of another match, and folders whose files are matches.

    What cannot be read stays: the check says what is wrong with it.
    """
    matches = [run for match in matches for run in find_runs(match)]
    matched = {_key(match) for match in matches}
    runs: dict[str, str] = {}
    companions: set[str] = set()
    unclear = []
    for match in matches:
        try:
            files = find_files(match)
        except ResultError:
            unclear.append(match)
            continue
        main = _key(files.main)
        runs.setdefault(main, files.main if main in matched or os.path.isfile(match) else match)
        companions.update(_key(path) for path in _others(files))
    kept = [run for main, run in runs.items() if main not in companions]
    kept += [match for match in unclear if not _holds_another(match, matches)]
    return sorted(kept)


def _others(files: Files) -> Iterable[str]:
    """Yield what belongs to the run of some files, also what is only held against it."""
    yield from (path for path in (files.failures, files.exceptions, files.history) if path)
    yield from (other.path for other in files.others if other.named)
    try:
        run = read_run(files.main)
    except ResultError:
        return
    yield from (source.path for source in run.sources if source.path != files.main)


def _holds_another(folder: str, matches: Sequence[str]) -> bool:
    inside = os.path.join(folder, "")
    return any(match.startswith(inside) and match != inside for match in matches)


def _key(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))
