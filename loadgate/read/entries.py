"""Entries: statistics and errors as the web UI and HTML reports write them."""

from __future__ import annotations

import html
from collections.abc import Mapping

from loadgate.errors import ResultError
from loadgate.model import EndpointStats, FailureRow, Latency
from loadgate.read.cells import percentile
from loadgate.read.times import from_epoch

_LARGEST = 10**18


class Place:
    """A JSON value and where it stands, so that every complaint names its place."""

    __slots__ = ("path", "value", "where")

    def __init__(self, path: str, where: str, value: object) -> None:
        self.path = path
        self.where = where
        self.value = value

    def wrong(self, what: str) -> ResultError:
        """Return the error that says what should stand here."""
        return ResultError(
            self.path,
            f"{self.where or 'the document'} is not {what}",
            "Use the file as Locust wrote it.",
        )

    def items(self) -> list[Place]:
        """Return the places of a list."""
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return [
            Place(self.path, f"{self.where}[{number}]", value)
            for number, value in enumerate(self.value)
        ]

    def mapping(self) -> Mapping[str, object]:
        """Return an object."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return self.value

    def get(self, key: str) -> Place:
        """Return the place of a key; a missing one holds None."""
        return Place(self.path, f"{self.where}.{key}".lstrip("."), self.mapping().get(key))

    def text(self) -> str:
        """Return a text; None is empty."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            raise self.wrong("a text")
        return _writable(self.value)

    def label(self) -> str:
        """Return a name or method: Locust takes any object for one, and writes numbers and null."""
        if isinstance(self.value, (list, dict)):
            raise self.wrong("a name")
        return _writable(str(self.value))

    def count(self) -> int:
        """Return a count."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.wrong("a whole number")
        if not 0 <= self.value < _LARGEST:
            raise self.wrong("a count")
        return self.value

    def number(self) -> float | None:
        """Return a time in milliseconds or a rate; None where there is none."""
        if self.value is None or self.value == "N/A":
            return None
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            raise self.wrong("a number")
        if not 0 <= self.value < _LARGEST:  # neither is NaN, which no comparison holds for
            raise self.wrong("a time or rate")
        return float(self.value)

    def size(self) -> float | None:
        """Return a number of bytes; None for anything else, as nothing is judged by it."""
        try:
            return self.number()
        except ResultError:
            return None


def _writable(text: str) -> str:
    r"""Return a text that any file can hold: JSON may escape half a character (`"\ud800"`)."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


_NAMED_PERCENTILES = {"ninetieth_response_time": "90", "ninety_ninth_response_time": "99"}
_PERCENTILE_PREFIX = "response_time_percentile_"


def share_as_percentile(share: str) -> str | None:
    """Return "0.95" as "95", "1.0" as "100"; None: it is no share."""
    try:
        return percentile(f"{float(share) * 100:.6f}")
    except ValueError:
        return None


def key_of(entry: Place, *, escaped: bool = False) -> tuple[str, str]:
    """Return the method and the name of an entry, whose name may be escaped as in HTML."""
    method, name = entry.get("method"), entry.get("name").label()
    return (
        "" if method.value is None else method.label(),
        html.unescape(name) if escaped else name,
    )


def endpoint(entry: Place, *, escaped_name: bool = False) -> EndpointStats:
    """Read one entry of the statistics."""
    percentiles = {}
    for key in entry.mapping():
        name = _NAMED_PERCENTILES.get(key)
        if key.startswith(_PERCENTILE_PREFIX):
            name = share_as_percentile(key.removeprefix(_PERCENTILE_PREFIX))
        if name is not None:
            percentiles[name] = entry.get(key).number()
    method, name = key_of(entry, escaped=escaped_name)
    return EndpointStats(
        method=method,
        name=name,
        requests=entry.get("num_requests").count(),
        failures=entry.get("num_failures").count(),
        latency=Latency(
            avg=entry.get("avg_response_time").number(),
            min=entry.get("min_response_time").number(),
            max=entry.get("max_response_time").number(),
            median=entry.get("median_response_time").number(),
            percentiles=in_order(percentiles),
        ),
        rps=entry.get("total_rps").number(),
        content_size=entry.get("avg_content_length").size(),
    )


def in_order(percentiles: Mapping[str, float | None]) -> tuple[tuple[str, float | None], ...]:
    """Return percentiles in rising order."""
    return tuple(sorted(percentiles.items(), key=lambda item: float(item[0])))


def failure(entry: Place, *, escaped_error: bool, escaped_name: bool = False) -> FailureRow:
    """Read one entry of the errors."""
    error = entry.get("error").text()
    return (
        *key_of(entry, escaped=escaped_name),
        html.unescape(error) if escaped_error else error,
        entry.get("occurrences").count(),
    )


def seen(entry: Place) -> tuple[str, str]:
    """Return when an error was seen first and last, as CSV files say it; "": not known."""
    first, last = (entry.get(key).value for key in ("first_seen", "last_seen"))
    return _time(first), _time(last)


def _time(seconds: object) -> str:
    time = from_epoch(seconds) if isinstance(seconds, (int, float)) else None
    return "" if time is None else f"{time:%Y-%m-%dT%H:%M:%SZ}"
