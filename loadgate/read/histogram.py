"""Histograms: the statistics of a --json list, computed as Locust would print them."""

from __future__ import annotations

from functools import partial
from math import floor

from loadgate.errors import ResultError
from loadgate.model import EndpointStats, Latency
from loadgate.read.cells import number
from loadgate.read.entries import Place, in_order, key_of
from loadgate.read.statistics import Statistics, add_up, is_total

# What --csv has, so that thresholds need not care where the statistics came from.
PERCENTILES = (
    ("50", 0.5), ("66", 0.66), ("75", 0.75), ("80", 0.8), ("90", 0.9), ("95", 0.95),
    ("98", 0.98), ("99", 0.99), ("99.9", 0.999), ("99.99", 0.9999), ("100", 1.0),
)  # fmt: skip

_Histogram = list[tuple[float, int]]
"""Response times in milliseconds, in rising order, and how many requests took them."""


def list_statistics(path: str, document: Place) -> Statistics:
    """Compute the statistics of a list that has one histogram for each endpoint, and no total."""
    entries = document.items()
    for entry in entries if len(entries) > 1 else []:
        if is_total(*key_of(entry)):
            raise ResultError(
                path,
                f'{entry.where} is a total, "Aggregated", which Locust does not write here: each'
                " request would count twice",
                "Delete that entry, or use the file as Locust wrote it.",
            )
    total = Place(path, "", _merged(entries))
    began, ended = total.get("start_time").number(), total.get("last_request_timestamp").number()
    seconds = ended - began if began is not None and ended is not None else 0.0
    rows = [_endpoint(entry, seconds) for entry in entries]
    return add_up(path, rows, _endpoint(total, seconds) if entries else None, [])


def _merged(entries: list[Place]) -> dict[str, object]:
    """Sum up the entries as Locust does for its total."""
    times: dict[str, int] = {}
    for entry in entries:
        place = entry.get("response_times")
        for key in place.mapping():
            times[key] = times.get(key, 0) + place.get(key).count()

    def numbers(key: str) -> list[float]:
        return [value for entry in entries if (value := entry.get(key).number()) is not None]

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


def _histogram(entry: Place) -> _Histogram:
    place = entry.get("response_times")
    times = []
    for key in place.mapping():
        try:
            time = number(key)
        except ValueError:
            time = None
        if time is None:
            raise place.wrong("an object of times and counts")
        times.append((time, place.get(key).count()))
    return sorted(times)


def _endpoint(entry: Place, seconds: float) -> EndpointStats:
    """Read one entry; Locust divides by the `seconds` of the whole run, not of the endpoint."""
    requests = entry.get("num_requests").count()
    timed = requests - _without_time(entry)
    spent = entry.get("total_response_time").number()
    shortest, longest = (
        entry.get("min_response_time").number(),
        entry.get("max_response_time").number(),
    )
    sent = entry.get("total_content_length").size()
    histogram = _histogram(entry)
    median = _median(histogram, timed)
    if median is not None:  # the histogram is rounded, these two are not
        median = median if longest is None else min(median, longest)
        median = median if shortest is None else max(median, shortest)
    seen = entry.get("last_request_timestamp").value is not None
    method, name = key_of(entry)
    return EndpointStats(
        method=method,
        name=name,
        requests=requests,
        failures=entry.get("num_failures").count(),
        latency=Latency(
            avg=spent / timed if spent is not None and timed > 0 else None,
            min=shortest,
            max=longest,
            median=median,
            percentiles=in_order(
                {name: _quantile(histogram, requests, share) for name, share in PERCENTILES}
            ),
            quantile=partial(_quantile, histogram, requests),
        ),
        rps=requests / seconds if seconds > 0 and seen else None,
        content_size=None if sent is None or not requests else sent / requests,
    )


def _median(histogram: _Histogram, timed: int) -> float | None:
    """Return the median of `timed` requests (Locust, stats.py, median_from_dict)."""
    place = (timed - 1) / 2
    for time, requests in histogram:
        if place < requests:
            return time
        place -= requests
    return None


def _quantile(histogram: _Histogram, requests: int, share: float) -> float | None:
    """Return the time in which this share of the requests was answered.

    Locust, stats.py, calculate_response_time_percentile: from the slowest time down, the first at
    which no more than int(requests * share) requests are left below.
    """
    wanted = floor(requests * share)
    seen = 0
    for time, number_of in reversed(histogram):
        seen += number_of
        if requests - seen <= wanted:
            return time
    return None
