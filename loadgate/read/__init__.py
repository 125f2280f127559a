"""What Locust wrote in, a Run out."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction

from loadgate.errors import ContradictionError, ResultError
from loadgate.model import FailureLog, Run, Source
from loadgate.read.documents import Document, read_json
from loadgate.read.exceptions import read_exceptions
from loadgate.read.failures import FailuresCsv, FailuresInMemory
from loadgate.read.history import last_total
from loadgate.read.locate import Files, find_files
from loadgate.read.report import read_report
from loadgate.read.statistics import Statistics, read_statistics

__all__ = ["read_run"]

LAG = Fraction(11, 10)
"""Requests of a complete source by those of a CSV snapshot, at most: in 84 runs of Locust 1.2 to
2.47 the CSV files lacked 0.5 to 8.3 %. Beyond, their writer died, or the files are of two runs."""


def read_run(
    path: str | os.PathLike[str], *, allow_partial: bool = False, label: str | None = None
) -> Run:
    """Read the run at `path`: a file, a prefix or a folder (see docs/inputs.md).

    The error texts of a CSV file are not read yet, but streamed when the run is classified.

    Raises:
        ResultError: there is no run, more than one, or a file that cannot be read.
        ContradictionError: the files contradict each other; with `allow_partial` the run says so
            (`Run.contradictions`) and counts in the strict way.
    """
    files = find_files(os.fspath(path))
    document = _document(files)
    statistics = document.statistics
    problems = [f"{statistics.path} {problem}" for problem in statistics.contradictions]
    warnings = list(document.warnings)
    sources = [Source(role="statistics", path=files.main)]
    log: FailureLog | None = None
    if files.failures is not None:
        log = FailuresCsv(files.failures, partial=allow_partial)
        sources.append(Source(role="failures", path=files.failures))
    elif document.failures is not None:
        log = FailuresInMemory(document.failures)
        sources.append(Source(role="failures", path=files.main))
    elif statistics.total.failures:
        warnings.append(
            f"{files.main} has no failures file beside it: all"
            f" {statistics.total.failures:,} failures count as true"
        )
    exceptions = document.task_exceptions
    if files.exceptions is not None:
        sources.append(Source(role="exceptions", path=files.exceptions))
        try:
            exceptions = read_exceptions(files.exceptions)
        except ContradictionError as error:
            problems.append(f"{error.place} {error.problem}")
    statistics = _held_against_others(files, statistics, problems, warnings)
    if problems and not allow_partial:
        listed = "".join(f"\n  {problem}" for problem in problems)
        raise ContradictionError(os.fspath(path), f"the results contradict each other:{listed}")
    return Run(
        label=label or _label(files.main),
        sources=tuple(sources),
        endpoints=statistics.endpoints,
        total=statistics.total,
        failure_log=log,
        task_exceptions=exceptions,
        warnings=tuple(warnings),
        partial=allow_partial,
        contradictions=tuple(problems),
    )


def _document(files: Files) -> Document:
    """Read what is judged."""
    if files.kind == "statistics":
        return Document(statistics=read_statistics(files.main), failures=None)
    return read_report(files.main) if files.kind == "report" else read_json(files.main)


def _label(path: str) -> str:
    """Return what outputs call the run of a file."""
    stem, ending = os.path.splitext(os.path.basename(path))
    if ending.lower() != ".csv":
        return stem
    for word in ("stats", "requests"):
        if stem == word:
            return os.path.basename(os.path.dirname(os.path.abspath(path))) or stem
        stem = stem.removesuffix(f"_{word}")
    return stem


def _held_against_others(
    files: Files, judged: Statistics, problems: list[str], warnings: list[str]
) -> Statistics:
    """Hold the statistics against other sources of the same run; return those to count by."""
    warnings += [
        f"{name} is empty: a Locust that was killed leaves its --json so" for name in files.empty
    ]
    total = last_total(files.history) if files.history else None
    if total is not None and files.history is not None and _far_behind(judged, total[0]):
        problems.append(_behind(judged, files.history, *total))
        judged = replace(
            judged, total=replace(judged.total, failures=max(judged.total.failures, total[1]))
        )
    fresher = judged
    for kind, name in files.others:
        try:
            other = (read_report(name) if kind == "report" else read_json(name)).statistics
        except ResultError as error:
            warnings.append(f"{error.place} could not be compared: {error.problem}")
            continue
        if other.total.requests <= judged.total.requests:
            continue
        if not files.sure and not _same_run(judged, other):
            continue
        if _far_behind(judged, other.total.requests):
            problems.append(_behind(judged, name, other.total.requests, other.total.failures))
            if other.total.requests > fresher.total.requests:
                fresher = other
        else:
            more = other.total.requests - judged.total.requests
            failures = other.total.failures - judged.total.failures
            warnings.append(
                f"{name} counts {more:,} more requests and {failures:,} more failures than"
                f" {os.path.basename(judged.path)}, which was judged"
                + (f"; to judge it: loadgate check {name}" if kind != "list" else "")
            )
    return fresher


def _far_behind(judged: Statistics, requests: int) -> bool:
    return requests > judged.total.requests * LAG


def _behind(judged: Statistics, name: str, requests: int, failures: int) -> str:
    return (
        f"{judged.path} counts {judged.total.requests:,} requests and"
        f" {judged.total.failures:,} failures, but {name} {requests:,} and {failures:,}: the writer"
        " of the CSV files died, or these are two runs"
    )


def _same_run(judged: Statistics, other: Statistics) -> bool:
    """Say whether a neighbour can be a later view of the run: it knows all that is known."""
    requests = {(row.method, row.name): row.requests for row in other.endpoints}
    return all(row.requests <= requests.get((row.method, row.name), -1) for row in judged.endpoints)
