"""What Locust wrote in, a Run out."""

from __future__ import annotations

import os

from loadgate.errors import ContradictionError
from loadgate.model import FailureLog, Run, Source, TimeSpan
from loadgate.read.documents import Document, read_json
from loadgate.read.encodings import UTF_8, encodings_of
from loadgate.read.exceptions import read_exceptions
from loadgate.read.failures import FailuresCsv, FailuresInMemory
from loadgate.read.freshness import hold_against_others
from loadgate.read.locate import Files, find_files
from loadgate.read.raw import without_gz
from loadgate.read.report import read_report
from loadgate.read.statistics import read_statistics
from loadgate.read.times import failures_span, file_span, history_span

__all__ = ["read_run"]


def read_run(
    path: str | os.PathLike[str],
    *,
    allow_partial: bool = False,
    label: str | None = None,
    encoding: str | None = None,
) -> Run:
    """Read the run at `path`: a file, a prefix or a folder (see docs/inputs.md).

    The error texts of a CSV file are not read yet, but streamed when the run is classified. Files
    that are neither UTF-8 nor UTF-16 have the `encoding`, or one that is guessed, with a warning.

    Raises:
        ResultError: there is no run, more than one, or a file that cannot be read.
        UsageError: there is no such `encoding`.
        ContradictionError: the files contradict each other; with `allow_partial` the run says so
            (`Run.contradictions`) and counts in the strict way.
    """
    files = find_files(os.fspath(path))
    judged = [name for name in (files.main, files.failures, files.exceptions) if name is not None]
    encodings, doubts = encodings_of(judged, encoding)
    document = _document(files, encodings.get(files.main, UTF_8))
    statistics = document.statistics
    remedy = statistics.remedy
    problems = [f"{statistics.path} {problem}" for problem in statistics.contradictions]
    warnings = [*doubts, *document.warnings]
    sources: list[Source] = []
    log: FailureLog | None = None
    if files.failures is not None:
        log = FailuresCsv(
            files.failures,
            partial=allow_partial,
            encoding=encodings.get(files.failures, UTF_8),
        )
        warnings += log.warnings
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
            exceptions = read_exceptions(files.exceptions, encodings.get(files.exceptions, UTF_8))
        except ContradictionError as error:
            problems.append(f"{error.place} {error.problem}")
            remedy = remedy or error.remedy
    own = len(problems)
    statistics = hold_against_others(files, statistics, problems, warnings)
    if problems and not allow_partial:
        listed = "".join(f"\n  {problem}" for problem in problems)
        if len(problems) > own:
            raise ContradictionError(os.fspath(path), f"the results contradict each other:{listed}")
        raise ContradictionError(os.fspath(path), f"the results cannot be right:{listed}", remedy)
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
    )


def _csv_time(files: Files) -> TimeSpan | None:
    """Return when a run was whose statistics do not say it."""
    found = history_span(files.history) if files.history else None
    if found is None and files.failures is not None:
        found = failures_span(files.failures)
    return found


def _document(files: Files, encoding: str) -> Document:
    """Read what is judged."""
    if files.kind == "statistics":
        statistics = read_statistics(files.main, encoding)
        return Document(statistics=statistics, failures=None, warnings=statistics.warnings)
    read = read_report if files.kind == "report" else read_json
    return read(files.main, encoding)


def _label(path: str) -> str:
    """Return what outputs call the run of a file."""
    stem, ending = os.path.splitext(without_gz(os.path.basename(path)))
    if ending.lower() != ".csv":
        return stem
    for word in ("stats", "requests"):
        if stem == word:
            return os.path.basename(os.path.dirname(os.path.abspath(path))) or stem
        stem = stem.removesuffix(f"_{word}")
    return stem
