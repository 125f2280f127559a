"""Numbers that Locust computes from its histograms, and histograms that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loadgate import read_run
from loadgate.errors import ResultError
from loadgate.model import EndpointStats


def entry(name: str = "/a", **more: object) -> dict[str, Any]:
    """Return an entry of --json: ten requests within ten seconds."""
    return {
        "name": name,
        "method": "GET",
        "num_requests": 10,
        "num_none_requests": 0,
        "num_failures": 0,
        "total_response_time": 100.0,
        "min_response_time": 1.0,
        "max_response_time": 50.0,
        "start_time": 100.0,
        "last_request_timestamp": 110.0,
        "response_times": {"5": 6, "10": 4},
        **more,
    }


def read(folder: Path, *entries: dict[str, Any]) -> list[EndpointStats]:
    """Write the list and return its endpoints and, last, its total."""
    path = folder / "run.json"
    path.write_text(json.dumps(entries))
    run = read_run(path)
    return [*run.endpoints, run.total]


def test_rates_are_those_of_the_whole_run(tmp_path: Path) -> None:
    """Locust divides the requests of an endpoint by the time of the run, not by its own."""
    late = entry("/b", start_time=105.0, last_request_timestamp=120.0)
    assert [row.rps for row in read(tmp_path, entry(), late)] == [0.5, 0.5, 1.0]


@pytest.mark.parametrize(
    ("more", "median"),
    [
        pytest.param({}, 5.0, id="lower-half"),
        pytest.param({"response_times": {"5": 5, "10": 5}}, 5.0, id="lower-of-two"),
        pytest.param({"response_times": {"5": 4, "10": 6}}, 10.0, id="upper-half"),
        pytest.param({"min_response_time": 5.4}, 5.4, id="not-below-the-shortest"),
        pytest.param({"max_response_time": 4.8}, 4.8, id="not-above-the-longest"),
        pytest.param({"min_response_time": None, "max_response_time": None}, 5.0, id="no-bounds"),
        pytest.param({"num_none_requests": 10, "response_times": {}}, None, id="no-times"),
    ],
)
def test_medians(tmp_path: Path, more: dict[str, Any], median: float | None) -> None:
    """The median is that of Locust's own tables: rounded as the histogram, within the extremes."""
    assert read(tmp_path, entry(**more))[0].latency.median == median


@pytest.mark.parametrize(
    "time",
    [
        pytest.param("nan", id="nan"),
        pytest.param("1e999", id="infinite-at-last"),
        pytest.param("inf", id="infinite"),
        pytest.param("-1", id="negative"),
        pytest.param("1_0", id="underscore"),
        pytest.param("N/A", id="none"),
        pytest.param("", id="empty"),
    ],
)
def test_times_that_are_none(tmp_path: Path, time: str) -> None:
    """A histogram may hold times only: no threshold can be put on anything else."""
    with pytest.raises(ResultError, match="response_times is not an object of times"):
        read(tmp_path, entry(response_times={time: 10}))


def test_a_damaged_entry_is_told_with_its_place(tmp_path: Path) -> None:
    """One good entry makes the list Locust's; what is wrong with another is said."""
    with pytest.raises(ResultError, match=r"\[1\].response_times is not an object"):
        read(tmp_path, entry(), {"name": "/b"})
