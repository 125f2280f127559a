"""Judging one source: the pure function that is mapped over all of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loadgate.baseline import ABSENT
from loadgate.classify import classify
from loadgate.errors import LoadgateError, ResultError
from loadgate.gate import evaluate
from loadgate.model import Policy
from loadgate.read import read_run
from loadgate.read.documents import parse_json
from loadgate.read.kinds import kind_of, may_be_document
from loadgate.read.raw import check_regular, has_ending
from loadgate.read.tables import LARGEST_DOCUMENT, head, read_document
from loadgate.read.times import file_span
from loadgate.render import render
from loadgate.runs import result_json as document
from loadgate.runs.candidate import VANISHED, Candidate, is_url
from loadgate.runs.merge import merge, one
from loadgate.summary import Collection, RunSummary, Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """How candidates are judged: everything that the mapped function needs besides them."""

    policy: Policy | str
    """A text: what is wrong with the rules, so that no raw run can be judged."""
    allow_partial: bool
    anew: bool
    """Raw runs win over result documents of the same run."""
    encoding: str | None = None
    """Of files that are not Unicode by their marks; None: it is found out."""
    read: Callable[..., RunSummary | None] = document.read
    """What makes records of documents."""


def judge_all(candidates: Sequence[Candidate], task: Task) -> Collection:
    """Judge some candidates and merge what came of them. Never raises for bad input."""
    found = (judge(source, task) for source in candidates)
    return merge((one(outcome) for outcome in found if outcome is not None), anew=task.anew)


def judge(source: Candidate, task: Task) -> RunSummary | Unreadable | None:
    """Judge one source; None: it was found in a folder, and is no run.

    Depends on nothing but the source, the files that it names and the task.
    """
    try:
        if source.form == "broken":
            raise ResultError(source.path, source.problem)
        if not is_url(source.path):
            return judge_file(source, source.path, task)
        from loadgate.runs.remote import fetched

        with fetched(source.path) as path:
            return judge_file(source, path, task)
    except LoadgateError as error:
        return Unreadable(source=source.path, problem=in_a_line(error, source.path))
    except (OSError, RecursionError, MemoryError) as error:
        return Unreadable(
            source=source.path, problem=f"cannot be read: {str(error) or type(error).__name__}"
        )


def judge_file(source: Candidate, path: str, task: Task) -> RunSummary | None:
    """Judge the file, folder or prefix at `path`, which holds the source. Raises LoadgateError."""
    if (source.below or source.form == "json") and not os.path.lexists(path):
        raise ResultError(source.path, VANISHED)
    if source.form == "json":
        if _is_too_large(source, path):
            return None
        text = read_document(path)
        if document.OURS.search(text):
            time = file_span(path)
            found = task.read(text, source.path, written=time.ended if time else None)
            if found is not None:
                return found
        if source.below:
            _check_sound(path, text)
        if source.documents_only:
            return None
        if not source.below and text.strip() and kind_of(path) is None:
            raise ResultError(source.path, NO_RUN)
    if source.below and not has_ending(path, ".csv") and not _is_of_locust(path):
        return None
    return _judged(source, path, task)


NO_RUN = "is neither a result document (check --output json) nor a result of Locust"


def _is_too_large(source: Candidate, path: str) -> bool:
    """Say whether what was found in a folder is too large for a result, and begins like none."""
    check_regular(path)
    if not source.below or os.stat(path).st_size <= LARGEST_DOCUMENT:
        return False
    start = head(path)
    return not document.OURS.search(start) and not may_be_document(start)


def _check_sound(path: str, text: str) -> None:
    """Raise ResultError unless the text is JSON: what was cut may have been any result."""
    if not text.strip("\ufeff \t\r\n"):
        raise ResultError(path, "is empty")
    parse_json(path, text)


def _is_of_locust(path: str) -> bool:
    """Say whether what was found in a folder is a result of Locust. Raises ResultError."""
    if os.path.isdir(path):
        return True  # it was looked into when it was found
    start = head(path)
    nothing_but_lists = not start.strip("\ufeff[] \t\r\n")
    return not nothing_but_lists and may_be_document(start) and kind_of(path) is not None


def _judged(source: Candidate, path: str, task: Task) -> RunSummary | None:
    """Judge a raw run, and read its record from the document that it would have."""
    if isinstance(task.policy, str):
        raise ResultError(source.path, task.policy)
    run = read_run(path, allow_partial=task.allow_partial, encoding=task.encoding)
    text = render(evaluate(classify(run, task.policy), task.policy, ABSENT), "json")
    return task.read(text, source.path, written=None, rejudged=True)


def in_a_line(error: LoadgateError, source: str) -> str:
    """Return what is wrong in one line, without the source's own name before it."""
    text = str(error)
    if isinstance(error, ResultError):
        place = "" if error.place == source else f"{error.place}: "
        text = f"{place}{error.problem}"
        if error.remedy and not error.remedy.startswith("RUN is"):
            text += f". {error.remedy}"
    return " ".join(text.split())
