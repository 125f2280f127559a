"""The statistics CSV: its endpoints and their total."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from loadgate.errors import ResultError
from loadgate.model import EndpointStats, Latency
from loadgate.name_pattern import LONGEST_NAME
from loadgate.read.cells import Value, content_size, count, number, percentile, value
from loadgate.read.tables import (
    COPY_AGAIN,
    ORIGINAL,
    RowError,
    check_no_header,
    check_width,
    ends_open,
    header,
    lacks_end,
    may_be_cut,
    numbered,
    places,
    rows,
)

MOST_ROWS = 250_000
"""Rows of a statistics file, which are all held in memory: some 2 GB with their checks."""

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
    remedy: str = ""
    """What to do about that; "": what there is to do about sources that disagree."""
    warnings: tuple[str, ...] = ()


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
        self.header = header
        self.width = len(header)
        self.at = places(header, _COLUMNS)
        missing = [
            f'"{_COLUMNS[key][0].title()}"'
            for key in ("type", "name", "requests", "failures", "avg")
            if key not in self.at
        ]
        twice = [header[place] for place in self.at.values() if names.count(names[place]) > 1]
        if missing or twice:
            problem = f"has no column {', '.join(missing)}"
            if not missing:
                problem = f"has the column {twice[0]!r} twice"
            raise ResultError(path, problem, "It must be a _stats.csv that Locust wrote.")
        percentiles = {  # which, and in which order, is the user's choice in Locust
            found: place
            for place, name in enumerate(header)
            if (place > self.at["avg"] or "%" in name) and (found := percentile(name)) is not None
        }
        self.percentiles = sorted(percentiles.items(), key=lambda item: float(item[0]))
        held = {place: key for key, place in (self.at | percentiles).items()}
        self.named = tuple((name, held.get(place, "")) for place, name in enumerate(header))

    def read(self, row: list[str], *, cut: bool) -> EndpointStats:
        """Return the endpoint in a row, which may be `cut`; ValueError says what is wrong."""
        check_width(row, self.width, cut=cut)

        def cell(place: int, read: Callable[[str], Value]) -> Value:
            return value(self.header[place], row[place], read)

        def optional(column: str) -> float | None:
            return cell(self.at[column], number) if column in self.at else None

        size = self.at.get("content_size")
        return EndpointStats(
            method=row[self.at["type"]],
            name=row[self.at["name"]],
            requests=cell(self.at["requests"], count),
            failures=cell(self.at["failures"], count),
            latency=Latency(
                avg=optional("avg"),
                min=optional("min"),
                max=optional("max"),
                median=optional("median"),
                percentiles=tuple((name, cell(place, number)) for name, place in self.percentiles),
            ),
            rps=optional("rps"),
            content_size=None if size is None else content_size(row[size]),
        )

    def read_without_last(self, row: list[str]) -> EndpointStats | None:
        """Return the total in a row, its last cell unknown; None: it is none without that."""
        try:
            total = self.read([*row[:-1], ""], cut=False)
        except ValueError:
            return None
        return total if is_total(total.method, total.name) else None


def read_statistics(path: str, encoding: str = "utf-8") -> Statistics:
    """Read a statistics CSV; what contradicts itself is told in `contradictions`."""
    endpoints: list[EndpointStats] = []
    changed: list[str] = []  # what Locust does not write
    cut: list[str] = []  # what is missing, and what Locust may have left so
    total_line = 0
    ends_well = True
    row: list[str] = []
    open_end = ends_open(path)
    with rows(path, encoding) as lines:
        columns = _Columns(path, header(lines))
        for number, (line, row, last) in enumerate(numbered(lines)):
            if number == MOST_ROWS:
                raise ResultError(path, *too_many("rows"), page="refusals#limits")
            try:
                endpoint = columns.read(row, cut=last and open_end)
            except ValueError as error:
                check_no_header(path, line, row)
                (cut if isinstance(error, RowError) else changed).append(f"line {line} {error}")
                ends_well = False
                continue
            ends_well = True
            endpoints.append(endpoint)
            if is_total(endpoint.method, endpoint.name):
                total_line = line
    # A damaged row after the total does not make it an endpoint: that would count requests twice.
    total, missing = take_total(endpoints)
    warnings: list[str] = []
    if total is None:
        if ends_well and total_line:
            changed.append(f'has its "Aggregated" row in line {total_line}, not at the end')
        elif ends_well:
            cut += missing
        # If the total stands elsewhere, its requests would count twice, and halve every rate.
        endpoints = [replace(r, requests=0) if is_total(r.method, r.name) else r for r in endpoints]
    elif ends_well and lacks_end(path):
        what = may_be_cut(columns.header[-1])
        shorter = columns.read_without_last(row)
        if shorter is None:
            cut.append(what)
        else:
            total = shorter
            warnings.append(f"{path} {what} and counts as unknown")
    statistics = add_up(path, endpoints, total, [*changed, *cut])
    only_cut = cut and len(cut) == len(statistics.contradictions)
    return replace(
        statistics,
        columns=columns.named,
        remedy=COPY_AGAIN if only_cut else statistics.remedy,
        warnings=tuple(warnings),
    )


def take_total(entries: list[EndpointStats]) -> tuple[EndpointStats | None, list[str]]:
    """Take the total off the end of the statistics; None and a problem: there is none."""
    if entries and is_total(entries[-1].method, entries[-1].name):
        return entries.pop(), []
    return None, ['is truncated: the final "Aggregated" row is missing']


def too_many(what: str) -> tuple[str, str]:
    """Return what is wrong with a file of more than MOST_ROWS, and what to do."""
    return (
        f"has more than {MOST_ROWS:,} {what}",
        "Give requests that differ in an id one name in the locustfile: name=...",
    )


def too_long(name: int) -> tuple[str, str]:
    """Return what is wrong with a name of so many characters, and what to do."""
    return (
        f"has a name of {name:,} characters, more than {LONGEST_NAME:,}",
        "Give the requests short names in the locustfile: name=...",
    )


def add_up(
    path: str, entries: list[EndpointStats], total: EndpointStats | None, problems: list[str]
) -> Statistics:
    """Hold the endpoints against each other and their total; what disagrees counts strictly."""
    longest = max((len(row.name) for row in entries), default=0)
    if longest > LONGEST_NAME:
        raise ResultError(path, *too_long(longest), page="refusals#limits")
    endpoints: dict[tuple[str, str], EndpointStats] = {}
    summed = sum(row.requests for row in entries), sum(row.failures for row in entries)
    if total is not None and not problems and (total.requests, total.failures) != summed:
        problems = [
            f"has a total of {total.requests:,} requests and {total.failures:,} failures,"
            f" but its rows add up to {summed[0]:,} and {summed[1]:,}"
        ]
    problems = [*problems]
    for row in entries:
        twin = endpoints.get(row.key)
        endpoints[row.key] = row
        if twin is not None:
            problems.append(f"has {row.endpoint!r} twice")
            endpoints[row.key] = replace(
                row,
                requests=max(row.requests, twin.requests),
                failures=row.failures + twin.failures,
            )
    requests = sum(row.requests for row in endpoints.values())
    failures = sum(row.failures for row in endpoints.values())
    most = max(summed[0], total.requests if total else 0)
    if total is None:
        total = EndpointStats(
            method="",
            name="Aggregated",
            requests=requests,
            failures=failures,
            latency=Latency(),
            rps=None,
        )
    else:
        total = replace(
            total, requests=min(total.requests, requests), failures=max(total.failures, failures)
        )
    return Statistics(
        path=path,
        endpoints=tuple(endpoints.values()),
        total=total,
        requests_told=most,
        contradictions=tuple(_bounded(problems)),
        remedy=ORIGINAL if problems else "",
    )


def _bounded(problems: list[str]) -> list[str]:
    """Say the first problems in full, and how many more there are."""
    if len(problems) <= PROBLEMS_TOLD:
        return problems
    return [*problems[:PROBLEMS_TOLD], f"has {len(problems) - PROBLEMS_TOLD:,} more such problems"]
