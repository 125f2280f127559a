"""Sources: which of the files of a run is judged, and what the others say against it.

Locust writes its CSV files once a second and not at its end, so a report or JSON of the same run
knows more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loadgate.errors import ResultError
from loadgate.model import LAG, TimeSpan
from loadgate.read.documents import Document
from loadgate.read.encodings import UTF_8
from loadgate.read.failures import FailuresCsv
from loadgate.read.formats import load
from loadgate.read.history import History
from loadgate.read.locate import Files, Neighbour
from loadgate.read.numbers import completed, most, strict
from loadgate.read.pairing import (
    inside,
    other_texts,
    same_run,
    times_of,
    written_before,
)
from loadgate.read.statistics import Statistics
from loadgate.read.views import View, another_run, behind, beside_history, disagreement, far_ahead


@dataclass(slots=True, kw_only=True)
class Choice:
    """What is judged, and what must be said of it."""

    judged: View
    statistics: Statistics
    """Of `judged`, with what it lacks from others; after a problem, counted in the strict way."""
    lacked: tuple[str, ...] = ()
    """Numbers that `judged` lacks and the file that was named has: "p66", "rps"."""
    compared: tuple[str, ...] = ()
    """Files of the same run that were only held against it."""
    task_exceptions: int | None = None
    """The most that any of them counts; None: none does."""
    users: int | None = None
    """The most at one time that what is judged, or the history, tells of."""
    aborted: tuple[str, ...] = ()
    """As Run.aborted: what any recording of the run says, be it no evidence itself."""
    problems: list[str]
    """Why the files cannot all be true."""
    warnings: list[str]


def choose(
    files: Files,
    named: Document,
    history: History | None,
    failures: TimeSpan | None,
    encoding: str = UTF_8,
) -> Choice:
    """Choose among what was named and what is of the same run.

    `history` and the times of the `failures` say when the CSV files of the run are of. `encoding`
    is that of the failures.
    """
    main = View(path=files.main, document=named, proven=True)
    warnings = [
        f"{name} is empty: was Locust killed before it wrote its --json?" for name in files.empty
    ]
    warnings += files.notes
    views = [main]
    for neighbour in files.others:
        try:
            document = load(neighbour.kind, neighbour.path)
        except ResultError as error:
            if neighbour.named and neighbour.kind == "recording":
                raise  # it may say that the other files are no evidence
            if neighbour.named or neighbour.alone:
                warnings.append(f"{error.place} could not be compared: {error.problem}")
            continue
        views += _view(neighbour, document, main, (history, failures), warnings)
    judged = _best(views)
    problems = [*_problems(views, judged)]
    problems += [] if problems else _other_texts(files, encoding, views)
    of_history: list[str] = []
    if history is not None and files.history is not None:
        of_history += beside_history(files.history, history, judged, problems)
    lacked: tuple[str, ...] = ()
    statistics = judged.statistics
    if problems:
        judged = main
        sound = [view.statistics for view in views if view.whole or view is main]
        counted = [view.statistics.total.failures for view in views]
        statistics = strict(sound, [*counted, *([history.failures] if history else [])])
    else:
        warnings += behind(views, judged)
        if judged is not main and main.whole:
            statistics, lacked = completed(
                judged.statistics, main.statistics, exact=judged.recorded
            )
    warnings += of_history
    return Choice(
        judged=judged,
        statistics=statistics,
        lacked=lacked,
        compared=tuple(
            view.path for view in views if view is not judged and not (view is main and lacked)
        ),
        task_exceptions=most(view.document.task_exceptions for view in views),
        aborted=tuple(reason for view in views for reason in view.document.aborted),
        users=most((judged.document.users, history.users if history else None)),
        problems=problems,
        warnings=warnings,
    )


def _view(
    neighbour: Neighbour,
    document: Document,
    main: View,
    times: tuple[History | None, TimeSpan | None],
    warnings: list[str],
) -> list[View]:
    """Return a neighbour as a view of the run that `main` is of; none: it is of another run."""
    if neighbour.kind == "report" and document.statistics.contradictions:
        problem = document.statistics.contradictions[0]
        warnings.append(f"{neighbour.path} could not be compared: {problem}")
    if written_before(neighbour.path, main.path, *times):
        warnings.append(
            f"{neighbour.path} was left out: it is older than the run"
            f"; to judge it: loadgate check {neighbour.path}"
        )
        return []
    same = same_run(neighbour.kind, document.time, *times)
    if main.document.time and document.time:  # a report was named, or the folder it is in
        spans = document.time, main.document.time
        # A recording begins before and ends behind all others.
        same = inside(*(reversed(spans) if neighbour.kind == "recording" else spans))
    if same is not False and neighbour.rival:
        of_rival = same_run(neighbour.kind, document.time, *times_of(neighbour.rival))
        # What has no times must not take away what times prove.
        if of_rival or (of_rival is None and same is None):
            return []
    if same is None and not _by_name(neighbour, main, document):
        if neighbour.alone:
            warnings.append(
                f"{neighbour.path} was left out: neither times nor names show that it is from the"
                f" same run; to judge it: loadgate check {neighbour.path}"
            )
        return []
    if same is False:
        if neighbour.named or neighbour.alone:
            warnings.append(another_run(neighbour.path, document.time))
        return []
    return [View(path=neighbour.path, document=document, proven=same is not None)]


def _by_name(neighbour: Neighbour, main: View, document: Document) -> bool:
    """Say whether a source without times is taken for one of the run.

    By its name, or as the only other thing in the folder that was named. Any other must at least
    be able to be a later look at the run.
    """
    if neighbour.named or neighbour.sure:
        return True
    later = document.statistics.requests_told >= main.statistics.total.requests
    known = {row.key for row in document.statistics.endpoints}
    return (
        neighbour.alone
        and later
        and all(row.key in known for row in main.statistics.endpoints)
        and not disagreement(main.statistics, document.statistics)
    )


# --- which one ------------------------------------------------------------------------------------


def _best(views: Sequence[View]) -> View:
    """Return the view that is judged: the one with the most requests that can be.

    Of several with as many, a recording; else what was named, as CSV files have the most
    percentiles; else the one with texts.
    """
    main = views[0]
    able = [view for view in views if view is main or (view.whole and _may_replace(view, main))]
    return max(
        able,
        key=lambda view: (
            view.statistics.requests_told,
            view.recorded,
            view is main and view.whole,
            view.texts is not None,
        ),
    )


def _may_replace(view: View, main: View) -> bool:
    """Say whether a view may be judged in place of what was named.

    One with all texts that is proven to be of the same run may always; else the texts come from
    the CSV files, and those must not be far behind.
    """
    if view.proven and view.texts is not None:
        return True
    return main.whole and view.statistics.requests_told <= main.statistics.total.requests * LAG


def _problems(views: Sequence[View], judged: View) -> Iterator[str]:
    """Yield why the views cannot all be true."""
    main = views[0]
    if not judged.whole:  # then its figures say nothing of other views
        yield from (f"{main.path} {problem}" for problem in main.statistics.contradictions)
        return
    for view in views[1:]:
        if view.recorded and not view.whole:
            yield from (f"{view.path}: {problem}" for problem in view.statistics.contradictions)
            continue
        if view.whole and main.whole:
            problem = disagreement(main.statistics, view.statistics)
            if problem:
                yield problem
                continue
        if view.statistics.requests_told > judged.statistics.total.requests * LAG:
            yield far_ahead(judged, view)


def _other_texts(files: Files, encoding: str, views: Sequence[View]) -> Iterator[str]:
    """Yield which views have other error texts than the CSV files, where only names pair them."""
    main, path = views[0], files.failures
    doubtful = [view for view in views[1:] if not view.proven and view.texts is not None]
    if path is None or not main.whole or not doubtful:
        return
    log = FailuresCsv(path, partial=True, encoding=encoding)
    for view in doubtful:
        early = main.statistics.total.requests <= view.statistics.total.requests
        where = other_texts(log.rows([]), view.texts or (), csv_is_early=early)
        if where:
            yield (
                f"{view.path} has other error texts of {where!r} than {path}: these cannot be from"
                " one run"
            )
