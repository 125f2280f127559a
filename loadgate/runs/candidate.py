"""Candidates: what may hold a run, named by the user or found in a folder or at a URL."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from loadgate.read.formats import REPORT_SUFFIXES
from loadgate.read.raw import has_ending, without_gz

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
    stems = {os.path.splitext(without_gz(name))[0] for name in reports}
    for name in names:
        if name in runs or (name in reports and not runs):
            yield name, "run", False
        elif has_ending(name, ".json"):
            stem = os.path.splitext(without_gz(name))[0]
            yield name, "json", bool(runs) or stem in stems
