"""Reading: from the files that Locust wrote to a Run."""

from __future__ import annotations

import os
from dataclasses import replace

from loadgate.errors import ContradictionError
from loadgate.model import FailureLog, Run, Source, TimeSpan
from loadgate.read.documents import Document
from loadgate.read.exceptions import read_exceptions
from loadgate.read.failures import FailuresCsv, FailuresInMemory
from loadgate.read.history import NOT_GENERATED, History, read_history
from loadgate.read.locate import Files, find_files
from loadgate.read.pairing import find_runs, pair_texts, read_document
from loadgate.read.sources import Choice, choose
from loadgate.read.statistics import read_statistics
from loadgate.read.tables import head
from loadgate.read.times import failures_span, file_span

__all__ = ["find_runs", "read_run"]


def read_run(
    path: str | os.PathLike[str], *, allow_partial: bool = False, label: str | None = None
) -> Run:
    """Read the run at `path`: a file, a prefix or a folder (see docs/inputs.md).

    Where a report or JSON of the same run knows more, it is judged in place of the CSV files. The
    error texts of a CSV file are not read yet, but streamed when the run is classified.

    Raises:
        ResultError: there is no run, more than one, or a file that cannot be read.
        ContradictionError: the files contradict each other; with `allow_partial` the run says so
            (`Run.contradictions`) and counts in the strict way.
    """
    files = find_files(os.fspath(path))
    warnings: list[str] = []
    named = _document(files)
    if files.kind == "list":
        files = pair_texts(files, named, warnings)
    history = _history(files, warnings)
    seen = failures_span(files.failures) if files.failures else None
    choice = choose(files, named, history, seen)
    warnings += choice.warnings
    sources = [Source(role="statistics", path=choice.judged.path)]
    log = _texts(files, choice, sources, partial=allow_partial)
    if log is None and choice.statistics.total.failures:
        warnings.append(
            f"{files.main} has no failures file beside it: all"
            f" {choice.statistics.total.failures:,} failures count as true"
        )
    exceptions = choice.judged.document.task_exceptions
    if files.exceptions is not None:
        sources.append(Source(role="exceptions", path=files.exceptions))
        try:
            exceptions = max(read_exceptions(files.exceptions), exceptions or 0)
        except ContradictionError as error:
            choice.problems.append(f"{error.place} {error.problem}")
    if choice.lacked:
        sources.append(Source(role="supplement", path=files.main, numbers=choice.lacked))
    sources += [Source(role="compared", path=path) for path in choice.compared]
    if choice.problems and not allow_partial:
        listed = "".join(f"\n  {problem}" for problem in choice.problems)
        raise ContradictionError(os.fspath(path), f"the results contradict each other:{listed}")
    return Run(
        label=label or _label(files.main),
        sources=tuple(sources),
        endpoints=choice.statistics.endpoints,
        total=choice.statistics.total,
        failure_log=log,
        task_exceptions=exceptions,
        time=_time(choice, history, seen) or file_span(files.main),
        users=history.users if history else choice.judged.document.users,
        warnings=(*choice.judged.document.warnings, *warnings),
        partial=allow_partial,
        contradictions=tuple(choice.problems),
    )


def _history(files: Files, warnings: list[str]) -> History | None:
    """Read the history; say where there is one that tells nothing."""
    if files.history is None:
        return None
    found = read_history(files.history)
    start = head(files.history)
    if found is None and not start.startswith(NOT_GENERATED):
        what = "holds no total that can be read" if start else "is empty"
        warnings.append(f"{files.history} could not be compared: it {what}")
    return found


def _document(files: Files) -> Document:
    """Read what was named."""
    if files.kind == "statistics":
        return Document(statistics=read_statistics(files.main), failures=None)
    return read_document(files.kind, files.main)


def _texts(
    files: Files, choice: Choice, sources: list[Source], *, partial: bool
) -> FailureLog | None:
    """Return the error texts: those of what is judged, else those of the CSV file."""
    document = choice.judged.document
    if document.failures is not None and (choice.judged.texts is not None or not files.failures):
        sources.append(Source(role="failures", path=choice.judged.path))
        return FailuresInMemory(document.failures)
    if files.failures is None:
        return None
    sources.append(Source(role="failures", path=files.failures))
    return FailuresCsv(files.failures, partial=partial)


def _time(choice: Choice, history: History | None, seen: TimeSpan | None) -> TimeSpan | None:
    """Return when the run was, from all that tells; a report knows it best."""
    told = choice.judged.document.time
    if told is not None and told.source == "report":
        return told if told.zone_known or history is None else history.active
    spans = [span for span in (history.active if history else None, told) if span is not None]
    if not spans:
        return seen
    return replace(
        spans[0],
        started=min(span.started for span in spans),
        ended=max(span.ended for span in spans),
    )


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
