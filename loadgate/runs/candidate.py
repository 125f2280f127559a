"""Candidates: what may hold a run, named by the user or found in a folder or at a URL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from loadgate.read.formats import REPORT_SUFFIXES
from loadgate.read.raw import has_ending, without_ending

Form = Literal["json", "run", "broken"]

MOST = 100_000
"""Candidates below one input."""
NOTHING = "holds no result documents (check --output json) and no results of Locust"
VANISHED = "vanished before it could be read; run the report again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file, folder, prefix or URL that may hold a run."""

    path: str
    """As the user would name it."""
    form: Form
    """json: a result document, or JSON of Locust; run: what Locust wrote; broken: neither."""
    below: str = ""
    """The input that it was found below; "": it was named itself."""
    documents_only: bool = False
    """JSON of Locust is no run of its own here: it lies beside the CSV files or report of one."""
    problem: str = ""
    """Why it is broken."""


def broken(path: str, problem: str) -> Candidate:
    """Return a candidate that says what is wrong with an input."""
    return Candidate(path=path, form="broken", problem=problem)


def limited(place: str, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Yield the candidates below an input, and what is wrong where there is none, or too many."""
    number = 0
    for number, candidate in enumerate(candidates, start=1):
        if number > MOST:
            yield broken(place, f"holds more than {MOST:,} results; name the folders in it")
            return
        yield candidate
    if not number:
        yield broken(place, NOTHING)


def is_url(text: str) -> bool:
    """Say whether an input is for fsspec to read."""
    return "://" in text


def results_among(
    names: Sequence[str], statistics: Sequence[str]
) -> Iterator[tuple[str, Form, bool]]:
    """Yield name, form and `documents_only` of the candidates in a folder.

    `statistics` are the names of statistics CSV files.
    """
    runs = set(statistics)
    reports = {name for name in names if has_ending(name, *REPORT_SUFFIXES)}
    stems = set(map(without_ending, reports))
    for name in names:
        if name in runs or (name in reports and not runs):
            yield name, "run", False
        elif has_ending(name, ".json"):
            yield name, "json", bool(runs) or without_ending(name) in stems
