"""What Locust wrote in, a Run out."""

from __future__ import annotations

import os

from loadgate.errors import ContradictionError
from loadgate.model import FailureLog, Run, Source, TimeSpan
from loadgate.read.documents import Document, read_json
from loadgate.read.exceptions import read_exceptions
from loadgate.read.failures import FailuresCsv, FailuresInMemory
from loadgate.read.freshness import hold_against_others
from loadgate.read.locate import Files, find_files
from loadgate.read.report import read_report
from loadgate.read.statistics import read_statistics
from loadgate.read.times import failures_span, file_span, history_span

__all__ = ["read_run"]


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
    sources: list[Source] = []
    log: FailureLog | None = None
    if files.failures is not None:
        log = FailuresCsv(files.failures, partial=allow_partial)
        sources.append(Source(role="failures", path=files.failures))
    elif document.failures is not None:
        log = FailuresInMemory(document.failures, document.seen)
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
    statistics = hold_against_others(files, statistics, problems, warnings)
    if problems and not allow_partial:
        listed = "".join(f"\n  {problem}" for problem in problems)
        raise ContradictionError(os.fspath(path), f"the results contradict each other:{listed}")
    return Run(
        label=label or _label(files.main),
        sources=(Source(role="statistics", path=statistics.path), *sources),
        endpoints=statistics.endpoints,
        total=statistics.total,
        failure_log=log,
        task_exceptions=exceptions,
        time=document.time or _csv_time(files) or file_span(files.main),
        warnings=tuple(warnings),
        partial=allow_partial,
        contradictions=tuple(problems),
        columns=statistics.columns,
    )


def _csv_time(files: Files) -> TimeSpan | None:
    """Return when a run was whose statistics do not say it."""
    found = history_span(files.history) if files.history else None
    if found is None and files.failures is not None:
        found = failures_span(files.failures)
    return found


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
