"""Change points: where a number changed and stayed changed, and what is none."""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import STATE
from hypothesis import given
from hypothesis import strategies as st
from week_builders import MONDAY, endpoint_counts, record

from loadgate.since import FEWEST_RUNS, LAST_RUNS, ChangePoint, change_points
from loadgate.summary import EndpointCounts, RunSummary

LIST = "/list"


def nightly(rows: Sequence[Sequence[EndpointCounts]], branch: str = "main") -> list[RunSummary]:
    """Return a run for each night, with what its endpoints counted."""
    return [
        record(MONDAY + timedelta(days=night), label=f"night {night}", endpoints=row, branch=branch)
        for night, row in enumerate(rows)
    ]


def times(*p95: float | None) -> list[RunSummary]:
    """Return a run for each p95 of its only endpoint."""
    return nightly([[endpoint_counts(p95=time)] for time in p95])


def failures(*true: int, requests: int = 1000) -> list[RunSummary]:
    """Return a run for each number of true failures."""
    return nightly([[endpoint_counts(true=count, requests=requests)] for count in true])


def noise(middle: float, runs: int, seed: int = 1) -> list[float]:
    """Return times that vary by 3 %."""
    dealt = random.Random(seed)  # noqa: S311 - nothing is encrypted
    return [round(middle * dealt.gauss(1, 0.03)) for _ in range(runs)]


def at(points: Sequence[ChangePoint]) -> list[tuple[str, str, str, bool]]:
    """Return metric, place, first run and direction of each change."""
    return [
        (one.metric, " ".join(one.endpoint or ("all",)), one.first.label, one.worse)
        for one in points
    ]


def test_step() -> None:
    """The run before and the first run after are named, with what was usual and is."""
    runs = times(*noise(100, 20), *noise(150, 8, seed=2))
    found = change_points(runs)
    assert at(found) == [("p95", f"POST {STATE}", "night 20", True)]
    (point,) = found
    assert point.last_before is runs[19]
    assert (point.runs_before, point.runs_after) == (20, 8)
    assert 97 <= point.before <= 103
    assert 145 <= point.after <= 155


def test_failures() -> None:
    """Failures count by request: the whole run and its endpoint fail more often from one run on."""
    found = change_points(failures(*[0, 1] * 10, *[20] * 8))
    assert at(found) == [
        ("true_failure_rate", "all", "night 20", True),
        ("true_failure_rate", f"POST {STATE}", "night 20", True),
    ]
    assert found[0].before == pytest.approx(9 / 18 / 1000, rel=0.2)
    assert found[0].after == pytest.approx(0.02)


def test_there_and_back() -> None:
    """Two changes, the second for the better; numbers are of the runs between changes."""
    found = change_points(failures(*[0] * 15, *[30] * 10, *[0] * 15))
    whole = [one for one in found if one.endpoint is None]
    assert [(one.first.label, one.worse) for one in whole] == [
        ("night 15", True),
        ("night 25", False),
    ]
    assert [(one.runs_before, one.runs_after) for one in whole] == [(15, 10), (10, 15)]
    assert [one.first.label for one in found] == ["night 15"] * 2 + ["night 25"] * 2


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param([], id="no-runs"),
        pytest.param(times(*[100] * 40), id="all-alike"),
        pytest.param(times(*noise(100, 60)), id="noise"),
        pytest.param(times(*noise(100, 30), *noise(110, 30)), id="too-small-a-part"),
        pytest.param(times(*[100] * 9, *[110] * 9, *[100] * 9, *[110] * 9), id="too-small-steps"),
        pytest.param(times(*[8] * 30, *[12] * 30), id="too-few-milliseconds"),
        pytest.param(times(*noise(100, 30), 5000), id="last-run-is-wild"),
        pytest.param(times(*noise(100, 20), 5000, *noise(100, 20)), id="wild-run"),
        pytest.param(times(*noise(100, 20), 900, 1000, 950), id="too-new"),
        pytest.param(times(*[50, 200] * 15, *[100, 250] * 15), id="within-its-scatter"),
        pytest.param(failures(*[0] * 20, *[1] * 4), id="too-few-failures"),
        pytest.param(failures(*[10] * 20, *[15] * 20), id="not-twice"),
        pytest.param(failures(*[0] * 20, 900, *[0] * 20), id="wild-failures"),
        pytest.param(failures(*[0, 1, 0, 2] * 10, requests=1000), id="counts-are-noise"),
        pytest.param(times(*[None] * 40), id="no-times"),
        pytest.param(times(*noise(100, 3), *noise(200, 3)), id="few-runs"),
    ],
)
def test_none(runs: list[RunSummary]) -> None:
    """What is no change, too small to matter, or too new to be known."""
    assert change_points(runs) == ()


@given(st.randoms(use_true_random=False), st.integers(min_value=0, max_value=40))
def test_one_wild_run(dealt: random.Random, place: int) -> None:
    """However wild one run is: it is no change point."""
    runs = noise(100, 40)
    runs.insert(place, dealt.choice([0, 1, 1e3, 1e7]))
    assert change_points(times(*runs)) == ()


def test_endpoint_by_itself() -> None:
    """One endpoint of several; one that comes later is counted from its own first run."""
    slow = [*noise(100, 20), *noise(300, 10)]
    rows = [
        [endpoint_counts(p95=time), *([endpoint_counts(LIST, method="GET")] if night > 25 else [])]
        for night, time in enumerate(slow)
    ]
    assert at(change_points(nightly(rows))) == [("p95", f"POST {STATE}", "night 20", True)]


def test_order_of_changes() -> None:
    """The earliest change comes first, whatever it is of."""
    rows = [
        [
            endpoint_counts(p95=100 if night < 30 else 200),
            endpoint_counts(LIST, p95=100 if night < 15 else 200),
        ]
        for night in range(45)
    ]
    assert [one.first.label for one in change_points(nightly(rows))] == ["night 15", "night 30"]


def test_other_branches_have_no_say() -> None:
    """Pull requests are slower, each once or twice: that is no change of the main branch."""
    main = times(*noise(100, 24))
    pull = [
        replace(run, branch="pull", label="pull", endpoints=(endpoint_counts(p95=500),))
        for run in main[12:20]
    ]
    assert change_points(sorted([*main, *pull], key=lambda run: run.started)) == ()


def test_latest_of_branches_as_large() -> None:
    """Of two branches with as many runs the one that ran last is looked at."""
    old = nightly([[endpoint_counts(p95=time)] for time in [100] * 10 + [200] * 10], "old")
    new = [replace(run, started=run.started + timedelta(days=99), branch="new") for run in old]
    assert [one.first.branch for one in change_points([*old, *new])] == ["new"]


def test_runs_without_say() -> None:
    """Partial runs and runs without requests are left out, as are endpoints without requests."""
    runs = times(*[100] * 20)
    partial = [replace(run, partial=True) for run in times(*[900] * 20)]
    idle = [replace(run, requests=0) for run in times(*[900] * 20)]
    silent = nightly([[endpoint_counts(p95=900, requests=0)] for _ in range(20)])
    assert change_points([*runs, *partial, *idle, *silent]) == ()
    rows = [
        [endpoint_counts(), endpoint_counts(LIST, requests=0, p95=n)] for n in [9] * 9 + [99] * 9
    ]
    assert change_points(nightly(rows)) == ()


def test_more_failures_than_requests() -> None:
    """A share is 100 % at most."""
    found = change_points(failures(*[0] * 20, *[3000] * 8))
    assert {one.after for one in found} == {1.0}


def test_last_runs() -> None:
    """What is older than the last runs is not looked at."""
    runs = times(*[100] * 50, *[200] * LAST_RUNS)
    assert change_points(runs) == ()
    assert change_points(runs[: -FEWEST_RUNS + 1]) == ()
    assert [one.first.label for one in change_points(runs[:-FEWEST_RUNS])] == ["night 50"]


def test_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra nothing is found; the report says that nothing was tested."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert change_points(times(*[100] * 20, *[200] * 20)) == ()


def test_fewest_runs() -> None:
    """A change is found FEWEST_RUNS runs after it happened, if it is plain and series are few."""
    runs = times(*noise(100, 30), *noise(200, FEWEST_RUNS, seed=3))
    assert [one.first.label for one in change_points(runs)] == ["night 30"]
    assert change_points(runs[:-1]) == ()


def test_many_series_need_more() -> None:
    """What one series of one shows is chance among a hundred: the limit is for the report."""
    counts = [1, 2, 0, 3, 2, 1, 3, 0, 2, 1, 4, 9, 6, 7, 5]

    def rows(endpoints: int) -> list[RunSummary]:
        still = [endpoint_counts(f"/{number}", p95=None, true=1) for number in range(endpoints)]
        return nightly([[endpoint_counts(p95=None, true=count), *still] for count in counts])

    assert {one.endpoint for one in change_points(rows(0))} == {None, ("POST", STATE)}
    assert change_points(rows(100)) == ()
