"""Judging one candidate: the pure function that is mapped over all of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from loadgate.baseline import ABSENT
from loadgate.classify import classify
from loadgate.document.read import OURS, Summarised, read, summarise
from loadgate.errors import LoadgateError, ResultError
from loadgate.gate import evaluate
from loadgate.model import Policy
from loadgate.read import read_run
from loadgate.read.documents import LARGEST_DOCUMENT, parse_json, read_document
from loadgate.read.formats import CSV_SUFFIX
from loadgate.read.kinds import kind_of, may_be_document
from loadgate.read.raw import check_regular, has_ending
from loadgate.read.tables import head
from loadgate.read.times import file_span
from loadgate.runs.candidate import VANISHED, Candidate, is_url
from loadgate.runs.merge import merge, single
from loadgate.summary import Collection, RunSummary, Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """How candidates are judged: everything that the mapped function needs besides them."""

    policy: Policy | str
    """A text: what is wrong with the rules, so that no raw run can be judged."""
    allow_partial: bool
    rejudged: bool
    """Raw runs win over result documents of the same run."""
    encoding: str | None = None
    """Of files that are not Unicode by their marks; None: it is found out."""


def judge_all(candidates: Sequence[Candidate], task: Task) -> Collection:
    """Judge some candidates and merge what came of them. Never raises for bad input."""
    outcomes = (judge(candidate, task) for candidate in candidates)
    return merge(
        (single(outcome) for outcome in outcomes if outcome is not None), rejudged=task.rejudged
    )


def judge(candidate: Candidate, task: Task) -> RunSummary | Unreadable | None:
    """Judge one candidate; None: it was found in a folder, and is no run."""
    loaded = load(candidate, task)
    return loaded.summary if isinstance(loaded, Summarised) else loaded


def load(candidate: Candidate, task: Task) -> Summarised | Unreadable | None:
    """Judge one candidate as `judge` does, and return all that is known of it.

    Depends on nothing but the candidate, the files that it names and the task.
    """
    try:
        if candidate.form == "broken":
            raise ResultError(candidate.path, candidate.problem)
        if not is_url(candidate.path):
            return _load(candidate, candidate.path, task)
        from loadgate.runs.remote import fetched

        with fetched(candidate.path) as path:
            return _load(candidate, path, task)
    except LoadgateError as error:
        return Unreadable(source=candidate.path, problem=in_a_line(error, candidate.path))
    except (OSError, RecursionError, MemoryError) as error:
        problem = f"cannot be read: {str(error) or type(error).__name__}"
        return Unreadable(source=candidate.path, problem=problem)


def _load(candidate: Candidate, path: str, task: Task) -> Summarised | None:
    """Judge the file, folder or prefix at `path`, which holds the candidate."""
    if (candidate.below or candidate.form == "json") and not os.path.lexists(path):
        raise ResultError(candidate.path, VANISHED)
    if candidate.form == "json":
        if _is_too_large(candidate, path):
            return None
        text = read_document(path)
        if OURS.search(text):
            time = file_span(path)
            summarised = read(text, candidate.path, written=time.ended if time else None)
            if summarised is not None:
                return summarised
        if candidate.below:
            _check_sound(path, text)
        if candidate.documents_only:
            return None
        if not candidate.below and text.strip() and kind_of(path) is None:
            raise ResultError(candidate.path, NO_RUN)
    if candidate.below and not has_ending(path, CSV_SUFFIX) and not _is_of_locust(path):
        return None
    return _judged(candidate, path, task)


NO_RUN = "is neither a result document (check --output json) nor a result of Locust"


def _is_too_large(candidate: Candidate, path: str) -> bool:
    """Say whether what was found in a folder is too large for a result, and begins like none."""
    check_regular(path)
    if not candidate.below or os.stat(path).st_size <= LARGEST_DOCUMENT:
        return False
    start = head(path)
    return not OURS.search(start) and not may_be_document(start)


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


def _judged(candidate: Candidate, path: str, task: Task) -> Summarised | None:
    """Judge a raw run."""
    if isinstance(task.policy, str):
        raise ResultError(candidate.path, task.policy)
    run = read_run(path, allow_partial=task.allow_partial, encoding=task.encoding)
    verdict = evaluate(classify(run, task.policy), task.policy, ABSENT, ABSENT)
    return summarise(verdict, candidate.path)


def in_a_line(error: LoadgateError, source: str) -> str:
    """Return what is wrong in one line, without the source's own name before it."""
    text = str(error)
    if isinstance(error, ResultError):
        place = "" if error.place == source else f"{error.place}: "
        text = f"{place}{error.problem}"
        if error.remedy and not error.remedy.startswith("RUN is"):
            text += f". {error.remedy}"
    return " ".join(text.split())
