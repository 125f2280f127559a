"""A saved /stats/requests JSON or a list of --json in, its statistics and errors out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from math import floor

from loadgate.errors import ResultError
from loadgate.model import EndpointStats, FailureRow, Latency
from loadgate.read.entries import Place, endpoint, failure, in_order
from loadgate.read.statistics import Statistics, add_up
from loadgate.read.tables import read_document

WEB_UI_SHOWS = 500
"""Entries and errors that /stats/requests holds at most (Locust 1.0 to 2.47, web.py)."""

# What --csv has, so that thresholds need not care where the statistics came from.
_PERCENTILES = (
    ("50", 0.5), ("66", 0.66), ("75", 0.75), ("80", 0.8), ("90", 0.9), ("95", 0.95),
    ("98", 0.98), ("99", 0.99), ("99.9", 0.999), ("99.99", 0.9999), ("100", 1.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A source that holds statistics, and perhaps errors, in one file."""

    statistics: Statistics
    failures: list[FailureRow] | None
    """None: this kind of file has no error texts."""
    task_exceptions: int | None = None
    warnings: tuple[str, ...] = ()


def parse_json(path: str, text: str) -> object:
    """Return the JSON value; --json of several processes prints one list after another.

    Raises ResultError where it is no JSON.
    """
    decoder = json.JSONDecoder(parse_constant=_refuse)
    values = []
    at = 0
    try:
        text = text.removeprefix("\ufeff").strip()
        while at < len(text):
            value, at = decoder.raw_decode(text, at)
            values.append(value)
            while at < len(text) and text[at].isspace():
                at += 1
    except (ValueError, RecursionError) as error:
        problem = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        raise ResultError(
            path, f"is no sound JSON: {problem}", "It was cut, or is no file of Locust."
        ) from error
    lists = [value for value in values if isinstance(value, list)]
    full = [value for value in lists if value]
    if len(values) > 1 and len(lists) == len(values) and len(full) <= 1:
        return full[0] if full else []
    if len(values) != 1:
        raise ResultError(path, "holds several JSON documents", "Save one run in it.")
    return values[0]


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


def is_web_json(value: object) -> bool:
    """Say whether this is what /stats/requests answers."""
    return isinstance(value, dict) and "stats" in value and "errors" in value


def is_json_list(value: object) -> bool:
    """Say whether this is what --json prints; an empty list is a run without requests."""
    return isinstance(value, list) and all(
        isinstance(entry, dict) and "num_requests" in entry and "response_times" in entry
        for entry in value
    )


def read_json(path: str) -> Document:
    """Read either kind of JSON document."""
    value = parse_json(path, read_document(path))
    if is_web_json(value):
        return web_document(path, Place(path, "", value))
    return list_document(path, Place(path, "", value))


def web_document(path: str, document: Place) -> Document:
    """Read what /stats/requests answers."""
    entries = document.get("stats").items()
    escaped = any("ninetieth_response_time" in entry.mapping() for entry in entries)
    found = [endpoint(entry, escaped_name=False) for entry in entries]
    problems: list[str] = []
    total = None
    if found and found[-1].name == "Aggregated" and not found[-1].method.strip("None"):
        total = found.pop()
    elif found:
        problems.append('has no last entry "Aggregated"')
    statistics = add_up(path, found, total, problems)
    if len(found) >= WEB_UI_SHOWS and statistics.contradictions:
        shown = (
            f"the web UI tells of its first {WEB_UI_SHOWS} endpoints only; download its CSV files"
        )
        statistics = add_up(path, found, total, [shown])
    # Some releases escape the names of errors and not those of the statistics.
    names = {(row.method, row.name) for row in statistics.endpoints}
    errors = [
        _named(failure(entry, escaped_name=False, escaped_error=escaped), names)
        for entry in document.get("errors").items()
    ]
    warnings: tuple[str, ...] = ()
    if len(errors) >= WEB_UI_SHOWS:
        warnings = (
            f"{path}: the web UI tells of its first {WEB_UI_SHOWS} errors only; what is missing"
            " counts as true. Its CSV files have all",
        )
    return Document(statistics=statistics, failures=errors, warnings=warnings)


def _named(row: FailureRow, names: set[tuple[str, str]]) -> FailureRow:
    """Undo the escaping of a name, which some releases do here and not in the statistics."""
    import html

    plain = html.unescape(row[1])
    if (row[0], row[1]) not in names and (row[0], plain) in names:
        return row[0], plain, row[2], row[3]
    return row


def list_document(path: str, document: Place) -> Document:
    """Read what --json prints and --json-file writes: no total, no error texts."""
    entries = document.items()
    found = [_list_entry(entry) for entry in entries]
    total = _list_entry(Place(path, "", _merged(entries))) if entries else None
    return Document(statistics=add_up(path, found, total, []), failures=None)


def _merged(entries: list[Place]) -> dict[str, object]:
    """Sum up the entries as Locust does for its total."""
    times: dict[str, int] = {}
    for entry in entries:
        for key in entry.get("response_times").mapping():
            number = entry.get("response_times").get(key).count()
            times[key] = times.get(key, 0) + number

    def numbers(key: str) -> list[float]:
        return [number for entry in entries if (number := entry.get(key).number()) is not None]

    return {
        "method": "",
        "name": "Aggregated",
        "num_requests": sum(entry.get("num_requests").count() for entry in entries),
        "num_none_requests": sum(_without_time(entry) for entry in entries),
        "num_failures": sum(entry.get("num_failures").count() for entry in entries),
        "total_response_time": sum(numbers("total_response_time")),
        "min_response_time": min(numbers("min_response_time"), default=None),
        "max_response_time": max(numbers("max_response_time"), default=None),
        "start_time": min(numbers("start_time"), default=None),
        "last_request_timestamp": max(numbers("last_request_timestamp"), default=None),
        "response_times": times,
    }


def _without_time(entry: Place) -> int:
    """Return how many requests had no response time; the key is missing in old releases."""
    place = entry.get("num_none_requests")
    return 0 if place.value is None else place.count()


def _histogram(entry: Place) -> list[tuple[float, int]]:
    """Return response times in rising order with how many requests took them."""
    place = entry.get("response_times")
    found = []
    for key in place.mapping():
        try:
            time = float(key)
        except ValueError:
            raise place.wrong("an object of times and counts") from None
        found.append((time, place.get(key).count()))
    return sorted(found)


def _list_entry(entry: Place) -> EndpointStats:
    requests = entry.get("num_requests").count()
    timed = requests - _without_time(entry)
    spent = entry.get("total_response_time").number()
    quantile = _quantiles(_histogram(entry), requests)
    began, ended = entry.get("start_time").number(), entry.get("last_request_timestamp").number()
    seconds = ended - began if began is not None and ended is not None else 0
    return EndpointStats(
        method="" if entry.get("method").value is None else entry.get("method").label(),
        name=entry.get("name").label(),
        requests=requests,
        failures=entry.get("num_failures").count(),
        latency=Latency(
            avg=spent / timed if spent is not None and timed > 0 else None,
            min=entry.get("min_response_time").number(),
            max=entry.get("max_response_time").number(),
            median=quantile(0.5),
            percentiles=in_order({name: quantile(share) for name, share in _PERCENTILES}),
        ),
        rps=requests / seconds if seconds > 0 else None,
    )


def _quantiles(
    histogram: list[tuple[float, int]], requests: int
) -> Callable[[float], float | None]:
    """Return the function from a share to the response time that Locust calls its percentile.

    Locust, stats.py, calculate_response_time_percentile: from the slowest time down, the first at
    which no more than int(requests * share) requests are left below.
    """

    def quantile(share: float) -> float | None:
        wanted = floor(requests * share)
        seen = 0
        for time, number in reversed(histogram):
            seen += number
            if requests - seen <= wanted:
                return time
        return None

    return quantile
