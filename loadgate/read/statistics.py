"""A statistics CSV of Locust in, its endpoints and total out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from loadgate.errors import ResultError
from loadgate.model import EndpointStats, Latency
from loadgate.read.tables import is_cut, rows

# Column names since Locust 1.0, and those of 0.13 and 0.14.
_COLUMNS = {
    "type": ("type",),
    "name": ("name",),
    "requests": ("request count", "# requests"),
    "failures": ("failure count", "# failures"),
    "median": ("median response time",),
    "avg": ("average response time",),
    "min": ("min response time",),
    "max": ("max response time",),
    "content_size": ("average content size",),
    "rps": ("requests/s",),
    "failures_per_second": ("failures/s", "requests failed/s"),
}
_PERCENTILE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%?")
PROBLEMS_TOLD = 5
_TOTAL_NAMES = {"Aggregated", "Total"}
_TOTAL_TYPES = {"", "None"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What one source says of the endpoints and of the run."""

    path: str
    endpoints: tuple[EndpointStats, ...]
    total: EndpointStats
    requests_told: int
    """The most requests that the source tells of: its total or the sum of its rows."""
    contradictions: tuple[str, ...] = ()
    """Why the source cannot be sound; empty: it agrees with itself."""
    columns: tuple[tuple[str, str], ...] = ()
    """As Run.columns; a percentile stands for itself: ("99.900%", "99.9")."""


def is_statistics(header: list[str]) -> bool:
    """Say whether this is the header of a statistics CSV."""
    names = [name.strip().lower() for name in header]
    if "name" not in names or not any(name in names for name in _COLUMNS["requests"]):
        return False
    # The _distribution.csv of Locust 0.11 and 0.12 counts requests too, but no failures.
    return any(name in names for name in _COLUMNS["failures"]) or not any(map(percentile, names))


def is_total(method: str, name: str) -> bool:
    """Say whether an entry at the end of the statistics is their total, and no endpoint."""
    return method in _TOTAL_TYPES and name in _TOTAL_NAMES


def count(text: str) -> int | None:
    """Return a whole number as Locust writes it; None: it is none."""
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    return None


def percentile(text: str) -> str | None:
    """Return "99.9%" or "99.999" as its shortest decimal number; None: it is no percentile."""
    found = _PERCENTILE.fullmatch(text.strip())
    if found is None or float(found.group(1)) > 100:
        return None
    whole, _, part = found.group(1).partition(".")
    part = part.rstrip("0")
    return f"{int(whole)}.{part}" if part else str(int(whole))


def number(text: str) -> float | None:
    """Return a time or rate; None for "N/A"; ValueError for what is no such number."""
    if text in {"N/A", ""}:
        return None
    if not re.fullmatch(r"[0-9]{1,18}(?:\.[0-9]{0,40})?(?:[eE][+-]?[0-9]{1,2})?", text):
        raise ValueError(f"{text[:40]!r} is no number")
    return float(text)


def content_size(text: str) -> float | None:
    """Return bytes on average; None for what is no such number, as nothing is judged by it."""
    try:
        return number(text)
    except ValueError:
        return None


class _Columns:
    """Where the columns of a statistics file are, by name: their number and order vary."""

    def __init__(self, path: str, header: list[str]) -> None:
        names = [name.strip().lower() for name in header]
        if "method" in names and "type" not in names:
            raise ResultError(
                path,
                "was written by Locust 0.12 or older, which wrote no error texts",
                "Run the test with Locust 0.13.3 or newer.",
            )
        self.width = len(header)
        self.at = {
            key: names.index(name)
            for key, spellings in _COLUMNS.items()
            for name in spellings
            if name in names
        }
        missing = [
            f'"{_COLUMNS[key][0].title()}"'
            for key in ("type", "name", "requests", "failures", "avg")
            if key not in self.at
        ]
        if missing:
            raise ResultError(
                path,
                f"has no column {', '.join(missing)}",
                "It must be a _stats.csv that Locust wrote.",
            )
        twice = [header[place] for place in self.at.values() if names.count(names[place]) > 1]
        if twice:
            raise ResultError(
                path,
                f"has the column {twice[0]!r} twice",
                "It must be a _stats.csv that Locust wrote.",
            )
        percentiles = {  # which, and in which order, is the user's choice in Locust
            found: place
            for place, name in enumerate(header)
            if place > self.at["avg"] and (found := percentile(name)) is not None
        }
        self.percentiles = sorted(percentiles.items(), key=lambda item: float(item[0]))
        held = {place: key for key, place in (self.at | percentiles).items()}
        self.named = tuple((name, held.get(place, "")) for place, name in enumerate(header))

    def read(self, row: list[str]) -> EndpointStats:
        """Return the endpoint in a row; ValueError says what is wrong with it."""
        if len(row) != self.width:
            raise ValueError(
                f"has {len(row)} columns instead of {self.width}: it is cut or damaged"
            )
        requests, failures = count(row[self.at["requests"]]), count(row[self.at["failures"]])
        if requests is None or failures is None:
            raise ValueError("has a count that is no whole number")

        def cell(key: str) -> float | None:
            return number(row[self.at[key]]) if key in self.at else None

        return EndpointStats(
            method=row[self.at["type"]],
            name=row[self.at["name"]],
            requests=requests,
            failures=failures,
            latency=Latency(
                avg=cell("avg"),
                min=cell("min"),
                max=cell("max"),
                median=cell("median"),
                percentiles=tuple((name, number(row[place])) for name, place in self.percentiles),
            ),
            rps=cell("rps"),
            content_size=content_size(row[self.at["content_size"]])
            if "content_size" in self.at
            else None,
        )


def read_statistics(path: str) -> Statistics:
    """Read a statistics CSV; what contradicts itself is told in `contradictions`."""
    found: list[EndpointStats] = []
    problems: list[str] = []
    with rows(path) as lines:
        columns = _Columns(path, next(lines, []))
        for row in lines:
            if not row:
                continue
            try:
                endpoint = columns.read(row)
            except ValueError as error:
                problems.append(f"line {lines.line_num} {error}")
                continue
            found.append(endpoint)
    # A damaged row after the total does not make it an endpoint: that would count requests twice.
    total = take_total(found)
    if total is None:
        problems.append('has no last row "Aggregated": it was cut while Locust wrote it')
        # If the total stands elsewhere, its requests would count twice, and halve every rate.
        found = [replace(r, requests=0) if is_total(r.method, r.name) else r for r in found]
    if is_cut(path):
        problems.append("has a last line without an end: it was cut")
    return replace(add_up(path, found, total, problems), columns=columns.named)


def take_total(found: list[EndpointStats]) -> EndpointStats | None:
    """Take the total off the end of the statistics; None: there is none."""
    return found.pop() if found and is_total(found[-1].method, found[-1].name) else None


def add_up(
    path: str, found: list[EndpointStats], total: EndpointStats | None, problems: list[str]
) -> Statistics:
    """Hold the endpoints against each other and their total; what disagrees counts strictly."""
    endpoints: dict[tuple[str, str], EndpointStats] = {}
    for row in found:
        key = (row.method, row.name)
        twin = endpoints.get(key)
        endpoints[key] = row
        if twin is not None:
            problems.append(f"has {' '.join(key).strip()!r} twice")
            endpoints[key] = replace(
                row,
                requests=max(row.requests, twin.requests),
                failures=row.failures + twin.failures,
            )
    requests = sum(row.requests for row in endpoints.values())
    failures = sum(row.failures for row in endpoints.values())
    told = max(requests, total.requests if total else 0)
    if total is None:
        total = EndpointStats(
            method="",
            name="Aggregated",
            requests=requests,
            failures=failures,
            latency=Latency(),
            rps=None,
        )
    elif (total.requests, total.failures) != (requests, failures):
        problems.append(
            f"has a total of {total.requests:,} requests and {total.failures:,} failures,"
            f" but its rows add up to {requests:,} and {failures:,}"
        )
        total = replace(
            total, requests=min(total.requests, requests), failures=max(total.failures, failures)
        )
    return Statistics(
        path=path,
        endpoints=tuple(endpoints.values()),
        total=total,
        requests_told=told,
        contradictions=tuple(_bounded(problems)),
    )


def _bounded(problems: list[str]) -> list[str]:
    """Say the first problems in full, and how many more there are."""
    if len(problems) <= PROBLEMS_TOLD:
        return problems
    return [*problems[:PROBLEMS_TOLD], f"has {len(problems) - PROBLEMS_TOLD:,} more such problems"]
