"""Reading: from the files that Locust wrote to a Run."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import replace

from loadgate.errors import ContradictionError, ResultError
from loadgate.model import FailureLog, Run, Source, TimeSpan
from loadgate.read.documents import Document
from loadgate.read.encodings import UTF_8, encodings_of
from loadgate.read.exceptions import read_exceptions
from loadgate.read.failures import FailuresCsv, FailuresInMemory
from loadgate.read.formats import load
from loadgate.read.history import NOT_GENERATED, History, read_history
from loadgate.read.kinds import kind_of
from loadgate.read.leftovers import left_out
from loadgate.read.locate import Files, find_files
from loadgate.read.pairing import (
    check_company,
    find_runs,
    other_run_beside,
    pair_texts,
)
from loadgate.read.raw import without_ending, without_gz
from loadgate.read.report_series import read_report_series
from loadgate.read.sources import Choice, choose
from loadgate.read.statistics import Statistics, read_statistics
from loadgate.read.tables import head
from loadgate.read.times import failures_span, file_span
from loadgate.time_series import TimeSeries

__all__ = ["find_runs", "label_of", "read_run"]


def read_run(  # noqa: PLR0913 - how a run is read, as the options say
    path: str | os.PathLike[str],
    *,
    allow_partial: bool = False,
    label: str | None = None,
    encoding: str | None = None,
    judged: Collection[str] = (),
    over_time: bool = False,
) -> Run:
    """Read the run at `path`: a file, a prefix or a folder (see docs/inputs.md).

    Where a report or JSON of the same run knows more, it is judged in place of the CSV files. The
    error texts of a CSV file are not read yet, but streamed when the run is classified. Files that
    are neither UTF-8 nor UTF-16 have the `encoding`, or one that is guessed, with a warning. Of a
    folder, warnings name the results that are neither of the run nor `judged` by themselves. With
    `over_time` the run has what its history says (`Run.series`), which only pages show.

    Raises:
        ResultError: There is no run, more than one, or a file that cannot be read.
        UsageError: There is no such `encoding`.
        ContradictionError: The files contradict each other; with `allow_partial` the run says so
            (`Run.contradictions`) and counts in the strict way.

    Example:
        >>> run = loadgate.read_run("run_stats.csv")
        >>> run.total.requests, run.total.latency.median  # milliseconds
        (4916, 8.0)
    """
    files = find_files(os.fspath(path))
    warnings: list[str] = []
    if files.kind == "list":
        files = pair_texts(files, warnings)
    named_files = (files.main, files.failures, files.exceptions)
    by_content = [path for path in named_files if path and files.kind != "recording"]
    encodings, doubts = encodings_of(by_content, encoding)
    warnings += doubts
    named = _document(files, encodings.get(files.main, UTF_8))
    check_company(files, named.statistics, encodings, warnings)
    other = other_run_beside(files, named.time)
    if other is not None and other not in judged:
        warnings.append(
            f"{other} is from another run and is not judged; to judge it: loadgate check {other}"
        )
    history = _history(files, warnings, over_time=over_time)
    # Asked only where there is no history, as it takes a pass through the file.
    seen = failures_span(files.failures) if files.failures and history is None else None
    of_texts = encodings.get(files.failures or "", UTF_8)
    choice = choose(files, named, history, seen, of_texts)
    warnings += choice.warnings
    sources = [Source(role="statistics", path=choice.judged.path)]
    log = _texts(files, choice, sources, encodings, partial=allow_partial)
    warnings += log.warnings if isinstance(log, FailuresCsv) else ()
    if log is None and choice.statistics.total.failures:
        warnings.append(
            f"{files.main} has no failures file beside it: all"
            f" {choice.statistics.total.failures:,} failures count as true"
        )
    exceptions = choice.task_exceptions
    damage: list[str] = []
    remedy = named.statistics.remedy
    if files.exceptions is not None:
        sources.append(Source(role="exceptions", path=files.exceptions))
        try:
            counted = read_exceptions(files.exceptions, encodings.get(files.exceptions, UTF_8))
            exceptions = max(counted, exceptions or 0)
        except ContradictionError as error:
            damage.append(f"{error.place} {error.problem}")
            remedy = remedy or error.remedy
    if choice.lacked:
        sources.append(Source(role="supplement", path=files.main, numbers=choice.lacked))
    sources += [Source(role="compared", path=path) for path in choice.compared]
    problems = [*choice.problems, *damage]
    if problems and not allow_partial:
        if files.kind == "recording":
            own = "".join(f"\n  {problem}" for problem in named.statistics.contradictions)
            raise ContradictionError(files.main, f"the recording is no evidence:{own}")
        raise _contradiction(os.fspath(path), problems, named.statistics, damage, remedy)
    if os.path.isdir(path):
        read = [*files.own, *(source.path for source in sources), *judged]
        warnings += left_out(os.fspath(path), read, warnings)
    return Run(
        label=label or _label(files.main),
        sources=tuple(sources),
        endpoints=choice.statistics.endpoints,
        total=choice.statistics.total,
        failure_log=log,
        task_exceptions=exceptions,
        task_errors=choice.judged.document.task_errors,
        time=_time(choice, history, seen) or file_span(files.main),
        users=choice.users,
        warnings=(*choice.judged.document.warnings, *warnings),
        allowed=choice.judged.document.allowed,
        aborted=choice.aborted,
        series=_series(choice, files, history) if over_time else None,
        recorded=None if problems else choice.judged.document.recorded,
        partial=allow_partial,
        contradictions=tuple(problems),
        columns=named.statistics.columns,
    )


def _history(files: Files, warnings: list[str], *, over_time: bool) -> History | None:
    """Read the history; say where there is one that tells nothing."""
    if files.history is None:
        return None
    history = read_history(files.history, over_time=over_time)
    start = head(files.history)
    if history is None and not start.startswith(NOT_GENERATED):
        what = "has no readable total" if start else "is empty"
        warnings.append(f"{files.history} could not be compared: it {what}")
    return history


def _series(choice: Choice, files: Files, history: History | None) -> TimeSeries | None:
    """Return the run over time; a history CSV tells each second, a report one in five."""
    if history is not None and history.series is not None:
        return history.series
    paths = (choice.judged.path, files.main, *choice.compared)
    reports = (path for path in paths if kind_of(path) == "report")
    return next((read_report_series(path) for path in reports), None)


def _contradiction(
    path: str, problems: list[str], named: Statistics, damage: list[str], remedy: str
) -> ContradictionError:
    """Return the error that lists all problems; damage of one file has a remedy of its own."""
    own = {f"{named.path} {problem}" for problem in named.contradictions} | {*damage}
    listed = "".join(f"\n  {problem}" for problem in problems)
    if own.issuperset(problems):
        return ContradictionError(path, f"the results cannot be right:{listed}", remedy)
    return ContradictionError(path, f"the results contradict each other:{listed}")


def _document(files: Files, encoding: str) -> Document:
    """Read what was named."""
    if files.kind == "statistics":
        statistics = read_statistics(files.main, encoding)
        return Document(statistics=statistics, failures=None, warnings=statistics.warnings)
    return load(files.kind, files.main, encoding)


def _texts(
    files: Files,
    choice: Choice,
    sources: list[Source],
    encodings: Mapping[str, str],
    *,
    partial: bool,
) -> FailureLog | None:
    """Return the error texts: those of what is judged, else those of the CSV file."""
    document = choice.judged.document
    if document.failures is not None and (choice.judged.texts is not None or not files.failures):
        sources.append(Source(role="failures", path=choice.judged.path))
        if document.recorded is not None:
            return document.recorded.log
        return FailuresInMemory(document.failures, document.seen, document.answers)
    if files.failures is None:
        return None
    sources.append(Source(role="failures", path=files.failures))
    encoding = encodings.get(files.failures, UTF_8)
    return FailuresCsv(files.failures, partial=partial, encoding=encoding)


def _time(choice: Choice, history: History | None, seen: TimeSpan | None) -> TimeSpan | None:
    """Return when the run was, from all that tells; a report knows it best."""
    own = choice.judged.document.time
    if own is not None and own.source in {"report", "recording", "requests"}:
        return own if own.zone_known or history is None else history.active
    spans = [span for span in (history.active if history else None, own) if span is not None]
    if not spans:
        return seen
    return replace(
        spans[0],
        started=min(span.started for span in spans),
        ended=max(span.ended for span in spans),
    )


def label_of(path: str) -> str:
    """Return what outputs call the run at a path, also one that cannot be read."""
    try:
        return _label(find_files(path).main)
    except ResultError:
        return _label(path.rstrip(os.sep))


def _label(path: str) -> str:
    """Return what outputs call the run of a file."""
    stem, ending = os.path.splitext(without_gz(os.path.basename(path)))
    if ending.lower() != ".csv":
        return without_ending(os.path.basename(path))
    for word in ("stats", "requests"):
        if stem == word:
            return os.path.basename(os.path.dirname(os.path.abspath(path))) or stem
        stem = stem.removesuffix(f"_{word}")
    return stem
