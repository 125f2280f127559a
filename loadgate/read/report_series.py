"""A run over time, as the history in a report has it: rates and times of the last ten seconds."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from loadgate.read.report import report_history
from loadgate.read.series import series_of
from loadgate.read.times import from_text
from loadgate.time_series import PERCENTILES, Interval, TimeSeries

_EVERY = 5
"""Seconds from one row to the next."""
_LONG = 60
"""Seconds before the first row in which the run has begun, at most."""
_DAY = 24 * 3600
_LARGEST = 10**12
"""Of a number that anything measured."""
_LISTS = re.compile(r'^\s*"([\w.]+)": (\[[^\n]*\])', re.MULTILINE)
"""In the script of a page before Locust 2.21: a list for each number."""
_CHARTED = re.compile(r"var percentile[12] = (0\.[0-9]+)")
_DEFAULT = ("0.5", "0.95")
_PERCENTILE = "response_time_percentile_"

Row = Mapping[str, object]


def read_report_series(path: str, encoding: str = "utf-8") -> TimeSeries | None:
    """Return the run over time; None: the report has nothing that can be drawn.

    Raises ResultError where it cannot be read.
    """
    history, span = report_history(path, encoding)
    started = None if span is None else span.started.timestamp()
    if isinstance(history, str):
        data = {"history": _of_script(history), "percentiles_to_chart": _CHARTED.findall(history)}
    else:
        data = history if isinstance(history, dict) else {}
    rows, names = data.get("history"), _names(data.get("percentiles_to_chart"))
    return series_of("report", [*_intervals(rows, started, names)], "recent", [])


def _of_script(script: str) -> list[Row]:
    lists: dict[str, list[object]] = {}
    for name, text in _LISTS.findall(script):
        with contextlib.suppress(ValueError):
            lists[name] = json.loads(text)
    lists = {name: values for name, values in lists.items() if values}
    return [dict(zip(lists, row, strict=False)) for row in zip(*lists.values(), strict=False)]


def _names(charted: object) -> dict[str, str]:
    """Return which percentile a name stands for; from 2.15 to 2.30 some are 1 and 2.

    The page may say what these are. Else they are the default, but in a page whose charts somebody
    changed.
    """
    shares = [f"{share}" for share in charted] if isinstance(charted, list) else []
    names = {name: name for name in PERCENTILES}
    if len(shares) == len(_DEFAULT) or {*shares} <= {*_DEFAULT}:
        shares = shares if len(shares) == len(_DEFAULT) else [*_DEFAULT]
        names |= {f"{number}": share for number, share in enumerate(shares, 1)}
    return names


def _intervals(rows: object, started: float | None, names: Mapping[str, str]) -> Iterator[Interval]:
    before: float | None = None
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict):
            continue
        begin = before if before is not None else started or 0.0
        now = _moment(row.get("time"), begin)
        if before is None and now is not None:
            before = begin if 0 < now - begin < _LONG else now - _EVERY
        if now is None or before is None or now <= before:
            continue
        rps, failing = (_number(row.get(key)) for key in ("current_rps", "current_fail_per_sec"))
        users = _number(row.get("user_count"))
        yield Interval(
            begin=before,
            end=now,
            requests=(now - before) * (rps or 0.0),
            failures=(now - before) * (failing or 0.0),
            users=None if users is None else int(users),
            times=_times(row, names),
        )
        before = now


def _moment(text: object, after: float) -> float | None:
    """Return a time in seconds since the epoch; a time of day is the next one after a moment."""
    time = from_text(text)
    if time is not None:
        return time.timestamp()
    of_day = from_text(f"1970-01-01 {text}")
    if of_day is None:
        return None
    return after + (of_day.timestamp() - after) % _DAY


def _times(row: Row, names: Mapping[str, str]) -> tuple[float | None, ...]:
    found: dict[str, float | None] = {}
    for key, value in row.items():
        name = key.removeprefix(_PERCENTILE)
        if name != key:
            share = names.get(name, name)
            percentile = f"{float(share) * 100:g}" if re.fullmatch(r"0\.[0-9]+", share) else share
            if name not in {"1", "2"} or percentile not in found:
                found[percentile] = _number(value) or None
    return tuple(found.get(name) for name in PERCENTILES)


def _number(value: Any) -> float | None:  # noqa: ANN401 - JSON
    """Return a number that may stand in a mapping, or since 2.31 behind its time."""
    if isinstance(value, dict):
        value = value.get("value")
    elif isinstance(value, list) and value:
        value = value[-1]
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if number and 0 <= value <= _LARGEST else None
