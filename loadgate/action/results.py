"""The input `results`: the runs that paths and globs name."""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Collection, Iterable, Sequence

from loadgate.cli.console import warn
from loadgate.errors import ResultError, UsageError
from loadgate.read import find_runs, read_run
from loadgate.read.folders import documents_in, statistics_in
from loadgate.read.leftovers import left_out
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
    """Return what a line names and what it matches: neither hides the other.

    Brackets in names are more common than in globs, and a pull request may add a folder `*`.
    """
    if not glob.has_magic(pattern):
        return [pattern]
    prefixed = glob.glob(glob.escape(pattern) + "[_.]*")
    named = [pattern] if os.path.lexists(pattern) or prefixed else []
    matches = sorted({*named, *glob.glob(pattern, recursive=True)})
    if not matches:
        raise UsageError(
            f"input results: {pattern}: matches nothing in {os.getcwd()}; look whether Locust wrote"
            " its results there (--csv)"
        )
    return named if matches == named else _without_companions(matches)


def _without_companions(matches: Sequence[str]) -> list[str]:
    """Drop files that belong to the run of another match, and folders whose files are matches.

    What cannot be read stays: the check says what is wrong with it.
    """
    folders = [match for match in matches if len(find_runs(match)) > 1]
    matches = [run for match in matches for run in _reached(match)]
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
        companions.update(_others(files))
    others = set(map(_key, companions))
    kept = [run for main, run in runs.items() if main not in others]
    kept += [match for match in unclear if not _judged_by_its_files(match, matched)]
    for folder in folders:
        for text in left_out(folder, [*kept, *companions]):
            warn(text)
    return sorted(kept)


def _reached(match: str) -> list[str]:
    """Return the runs of a folder, and what in it may be of none of them, or the match itself."""
    runs = find_runs(match)
    if len(runs) > 1 and statistics_in(match):
        return [*runs, *documents_in(match)]
    return runs


def _others(files: Files) -> Iterable[str]:
    """Yield what belongs to the run of some files, also what is only held against it."""
    yield from (path for path in (files.failures, files.exceptions, files.history) if path)
    try:
        run = read_run(files.main)
    except ResultError:  # of which its own check tells
        yield from (other.path for other in files.others if other.named)
    else:
        yield from (source.path for source in run.sources if source.path != files.main)
        yield from (o.path for o in files.others if o.named and not _can_be_read(o.path))


def _can_be_read(path: str) -> bool:
    with contextlib.suppress(ResultError):
        return bool(read_run(path).sources)
    return False  # which the check of the run beside it tells


def _judged_by_its_files(folder: str, matched: Collection[str]) -> bool:
    """Say whether a folder that is no run holds matches, and no result that is none."""
    if not os.path.isdir(folder):
        return False
    own = [*statistics_in(folder), *documents_in(folder)]
    inside = any(path.startswith(_key(folder) + os.sep) for path in matched)
    return inside and all(_key(path) in matched for path in own)


def _key(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))
