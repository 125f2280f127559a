"""The input `results`: what its paths and globs name."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from loadgate.errors import UsageError
from loadgate.read import find_runs
from loadgate.read.folders import documents_in, statistics_in


def find_results(patterns: Sequence[str]) -> list[str]:
    """Return the paths, and what each glob matches, in order; `each_once` makes runs of them.

    Raises UsageError for no pattern, and for a glob that matches nothing.
    """
    if not patterns:
        raise UsageError(
            "input results: names no run; write the path or the glob of what Locust wrote, such as"
            " run_stats.csv"
        )
    return [path for pattern in patterns for path in _matches(pattern)]


def _matches(pattern: str) -> list[str]:
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
    matched = {os.path.realpath(match) for match in matches}
    return [path for match in matches for path in _results(match, matched)]


def _results(match: str, matched: AbstractSet[str]) -> list[str]:
    """Return a match, with the documents that lie beside several runs in a folder.

    Nothing for a folder on the way to other matches, which has no result that is not matched, too.
    """
    if not os.path.isdir(match):
        return [match]
    statistics, documents = statistics_in(match), [*documents_in(match)]
    if len(find_runs(match)) > 1:
        return [match, *documents] if statistics else [match]
    inside = os.path.join(os.path.realpath(match), "")
    on_the_way = any(path.startswith(inside) for path in matched)
    if on_the_way and matched >= {*map(os.path.realpath, (*statistics, *documents))}:
        return []
    return [match]
