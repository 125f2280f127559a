"""Runs of a command line: found, named and classified."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from loadgate.classify import classify
from loadgate.errors import LoadgateError
from loadgate.model import Classification, Policy
from loadgate.read import find_runs, read_run
from loadgate.read.raw import without_gz
from loadgate.read.runs import each_once


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRuns:
    """The runs that a command line names."""

    given: Sequence[str]
    """The paths as they were given."""
    folders: Sequence[str]
    """Those of them that hold several runs."""
    runs: Sequence[str]
    """The path of each run, none of them twice."""
    labels: Sequence[str | None]
    """The name shown for each run; None: the name of its files."""


def find_all(paths: Sequence[str], label: str | None = None) -> NamedRuns:
    """Find the runs that some paths name; a folder may name several."""
    found = {path: find_runs(path) for path in paths}
    runs = each_once([run for of_path in found.values() for run in of_path])
    return NamedRuns(
        given=paths,
        folders=[path for path, of_path in found.items() if len(of_path) > 1],
        runs=runs,
        labels=labels_of(runs, label),
    )


def labels_of(runs: Sequence[str], label: str | None) -> list[str | None]:
    """Return the name shown for each run; several are called by their paths, behind the label."""
    if len(runs) == 1:
        return [label]
    names = [_without_ending(path) for path in runs]
    labels: list[str | None] = []
    for number, name in enumerate(names):
        twins = names[:number].count(name)
        words = (label, name, f"({twins + 1})" if twins else "")
        labels.append(" ".join(filter(None, words)))
    return labels


def _without_ending(path: str) -> str:
    path = without_gz(path)
    for ending in ("_stats.csv", "/stats.csv", ".csv", ".html", ".loadgate.json", ".json", os.sep):
        path = path.removesuffix(ending)
    return path


def classify_runs(
    paths: Sequence[str],
    policy: Policy,
    *,
    allow_partial: bool,
    encoding: str | None = None,
    refused: list[LoadgateError] | None = None,
) -> list[Classification]:
    """Read and classify the runs that some paths name.

    What cannot be read is raised, or where there is a list for it added to `refused`.
    """
    classifications = []
    named = find_all(paths)
    for path, label in zip(named.runs, named.labels, strict=True):
        try:
            run = read_run(path, allow_partial=allow_partial, label=label, encoding=encoding)
            classifications.append(classify(run, policy))
        except LoadgateError as error:
            if refused is None:
                raise
            refused.append(error)
    return classifications
