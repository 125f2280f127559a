"""What is judged and the other sources of the run in, the statistics to count by out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from loadgate.errors import ResultError
from loadgate.read.documents import read_json
from loadgate.read.history import NOT_GENERATED, last_total
from loadgate.read.locate import Files
from loadgate.read.report import read_report
from loadgate.read.statistics import Statistics
from loadgate.read.tables import head

LAG = Fraction(11, 10)
"""Requests of a complete source by those of a CSV snapshot, at most: in 84 runs of Locust 1.2 to
2.47 the CSV files lacked 0.5 to 8.3 %. Beyond, their writer died, or the files are of two runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    """What another source tells of the run."""

    path: str
    requests: int
    failures: int
    statistics: Statistics | None
    """None: it has none that could be counted by."""
    judgeable: bool
    """It could be named as a RUN, and holds the error texts."""


def hold_against_others(
    files: Files, judged: Statistics, problems: list[str], warnings: list[str]
) -> Statistics:
    """Return the statistics to count by where contradictions are allowed.

    A source that counts over 10 % more requests is added to `problems`, one with a few more to
    `warnings`.
    """
    warnings += [
        f"{name} is empty: a Locust that was killed leaves its --json so" for name in files.empty
    ]
    warnings += files.notes
    fresher = judged
    failures = judged.total.failures
    for account in _accounts(files, judged, warnings):
        if account.requests <= judged.total.requests:
            continue
        if account.requests <= judged.total.requests * LAG:
            warnings.append(_a_little_ahead(judged, account))
            continue
        problems.append(_far_ahead(judged, account))
        failures = max(failures, account.failures)
        other = account.statistics
        if other is not None and other.total.requests > fresher.total.requests:
            fresher = other
    return replace(
        fresher,
        total=replace(fresher.total, failures=max(fresher.total.failures, failures)),
    )


def _accounts(files: Files, judged: Statistics, warnings: list[str]) -> Iterator[_Account]:
    """Read the other sources; what cannot be read is a warning."""
    total = last_total(files.history) if files.history else None
    if files.history is not None and total is None:
        start = head(files.history)
        if not start.startswith(NOT_GENERATED):
            what = "holds no total that can be read" if start else "is empty"
            warnings.append(f"{files.history} could not be compared: it {what}")
    if files.history is not None and total is not None:
        yield _Account(
            path=files.history,
            requests=total[0],
            failures=total[1],
            statistics=None,
            judgeable=False,
        )
    for neighbour in files.others:
        read = read_report if neighbour.kind == "report" else read_json
        try:
            other = read(neighbour.path).statistics
        except ResultError as error:
            warnings.append(f"{error.place} could not be compared: {error.problem}")
            continue
        if neighbour.sure or _same_run(judged, other):
            yield _Account(
                path=neighbour.path,
                requests=other.requests_told,
                failures=other.total.failures,
                statistics=None if other.contradictions else other,
                judgeable=neighbour.kind != "list",
            )


def _same_run(judged: Statistics, other: Statistics) -> bool:
    """Say whether a neighbour can be a later view of the run: it knows all that is known."""
    requests = {(row.method, row.name): row.requests for row in other.endpoints}
    return all(row.requests <= requests.get((row.method, row.name), -1) for row in judged.endpoints)


def _a_little_ahead(judged: Statistics, account: _Account) -> str:
    failures = account.failures - judged.total.failures
    return (
        f"{account.path} counts {account.requests - judged.total.requests:,} more requests and"
        f" {abs(failures):,} {'more' if failures >= 0 else 'fewer'} failures than"
        f" {os.path.basename(judged.path)}, which was judged"
        + (f"; to judge it: loadgate check {account.path}" if account.judgeable else "")
    )


def _far_ahead(judged: Statistics, account: _Account) -> str:
    return (
        f"{judged.path} counts {judged.total.requests:,} requests and"
        f" {judged.total.failures:,} failures, but {account.path} {account.requests:,} and"
        f" {account.failures:,}: the writer of the CSV files died, the run was very short, or these"
        " are two runs"
        + (f"; to judge the other: loadgate check {account.path}" if account.judgeable else "")
    )
