"""Runs of a command line, read and classified."""

from __future__ import annotations

from collections.abc import Sequence

from loadgate.classify import classify
from loadgate.cli.outputs import run_label
from loadgate.errors import LoadgateError
from loadgate.model import Classification, Policy
from loadgate.read import find_runs, read_run
from loadgate.read.runs import each_once


def classify_runs(
    runs: Sequence[str],
    policy: Policy,
    *,
    allow_partial: bool,
    encoding: str | None = None,
    refused: list[LoadgateError] | None = None,
) -> list[Classification]:
    """Read and classify each run; one alone is called by its files, several by their paths.

    A folder with several runs means each of them. What cannot be read is raised, or where there is
    a list for it added to `refused`.
    """
    classifications = []
    runs = each_once([run for path in runs for run in find_runs(path)])
    for number, path in enumerate(runs):
        label = run_label(path, runs[:number]) if len(runs) > 1 else None
        try:
            run = read_run(path, allow_partial=allow_partial, label=label, encoding=encoding)
            classifications.append(classify(run, policy))
        except LoadgateError as error:
            if refused is None:
                raise
            refused.append(error)
    return classifications
