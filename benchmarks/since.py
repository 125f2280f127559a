"""How often change points are false, and how soon a true one is found, on simulated series.

Each way to find them gets the same runs. `loadgate` is change_points(), which is given whole
reports; the rank test is that of the weekly report, of the last seven runs against the seven
before, every seven runs. `ruptures` and `apache-otava` are tried where they are installed; loadgate
needs neither. (`python benchmarks/since.py`; docs/development/since.md has the tables.)
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import numpy as np
from weekly_evidence import cells, drifting, states

from loadgate.since import FEWEST_RUNS, change_points
from loadgate.summary import EndpointCounts, RunSummary
from loadgate.weekly.significance import compare_rates, compare_times, judge

REQUESTS = 5000  # of an endpoint in a run
SPREAD = 0.1  # of the share of failures, as in weekly_evidence.py
ENDPOINTS = 10
LENGTHS = (10, 30, 90, 360)
BEFORE, AFTER = 30, 30  # runs before and after a true change
NEAR = 3  # a change point so many runs from the true change is that change
WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What runs are like."""

    name: str
    rate: float = 0.002
    """The share of requests that fail."""
    lasting: float = 1.0
    """How many runs a night with 8 times as many failures lasts on average; 15% are."""
    jitter: float = 0.06
    """Standard deviation of a p95, relative."""
    keeps: float = 0.5
    """How much of that the next run keeps."""
    weekend: int = 0
    """Runs a day where the p95 of weekends is 30% lower; 0: every day is alike."""
    wild: bool = False
    """In one run everything takes ten times as long, and a fifth of the requests fail."""
    drift: float = 0.0
    """By which part the p95 grows from run to run."""
    times: float = 1.0
    """From run BEFORE on the p95 of the first endpoint is so many times as long,"""
    failing: float | None = None
    """and this share of its requests fails."""


NOTHING = (
    World(name="independent bad nights, p95 ±6%"),
    World(name="no failures", rate=0),
    World(name="one wild run", rate=0, wild=True),
    World(name="p95 drifts slowly (0.9)", keeps=0.9),
    World(name="p95 ±15%", jitter=0.15),
    World(name="p95 ±15%, drifts slowly", jitter=0.15, keeps=0.9),
    World(name="bad states last 4 runs", lasting=4),
    World(name="bad states last 10 runs", lasting=10),
    World(name="weekends, one run a day", weekend=1),
    World(name="weekends, three runs a day", weekend=3),
)
CHANGES = (
    World(name="p95 +20%", times=1.2),
    World(name="p95 +50%", times=1.5),
    World(name="p95 +50%, ±15%", times=1.5, jitter=0.15),
    World(name="p95 -33%", times=0.67),
    World(name="failures x2", failing=0.004),
    World(name="failures x3", failing=0.006),
    World(name="failures x5", failing=0.01),
    World(name="failures x10", failing=0.02),
    World(name="failures 0 to 0.1%", rate=0, failing=0.001),
    World(name="failures 0 to 1%", rate=0, failing=0.01),
)
DRIFTS = (
    World(name="p95 +0.2% a run", drift=0.002),
    World(name="p95 +1% a run", drift=0.01),
)

Shares = tuple[np.ndarray, np.ndarray]
"""Failures and p95 of each run at an endpoint."""
Found = list[list[int]]
"""The runs from which on a number is another one: of each series, rates then times of endpoints."""
Finder = Callable[[Sequence[Shares]], Found]


def simulated(world: World, runs: int, dealt: np.random.Generator) -> list[Shares]:
    """Return what runs of several endpoints that follow one another measured."""
    bad = states(runs, world.lasting, dealt)
    common = drifting(runs, world.keeps, dealt)
    wild = dealt.integers(runs) if world.wild else -1
    found = []
    for place in range(ENDPOINTS):
        mean = np.full(runs, float(world.rate))
        p95 = 100 * (1 + world.drift) ** np.arange(runs)
        if place == 0:
            p95[BEFORE:] *= world.times
            if world.failing is not None:
                mean[BEFORE:] = world.failing
        mean = np.clip(mean * np.where(bad, 8.0, 1.0), 1e-12, 0.5)
        size = SPREAD * REQUESTS
        share = np.where(mean > 1e-9, dealt.beta(mean * size, (1 - mean) * size), 0)
        failed = dealt.binomial(REQUESTS, share)
        noise = np.sqrt(0.5) * common + np.sqrt(0.5) * drifting(runs, world.keeps, dealt)
        p95 *= np.exp(world.jitter * noise)
        if world.weekend:
            days = np.arange(runs) // world.weekend % 7
            p95 *= np.where(days < 5, 1.0, 0.7)
        if wild >= 0:
            failed[wild], p95[wild] = REQUESTS // 5, p95[wild] * 10
        found.append((failed, np.round(p95)))
    return found


def by_loadgate(series: Sequence[Shares]) -> Found:
    """Find them as a report does, which looks at all endpoints and the whole runs together."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    runs = [
        summary(start + timedelta(days=number), [(int(f[number]), t[number]) for f, t in series])
        for number in range(len(series[0][0]))
    ]
    places = {run.started: number for number, run in enumerate(runs)}
    found: Found = [[] for _ in range(2 * len(series))]
    for point in change_points(runs):
        if point.endpoint is not None:
            at = int(point.endpoint[1]) + (len(series) if point.metric == "p95" else 0)
            found[at].append(places[point.first.started])
    return found


def summary(started: datetime, rows: Sequence[tuple[int, float]]) -> RunSummary:
    """Return one run."""
    failures = sum(failed for failed, _ in rows)
    return RunSummary(
        source=f"{started}",
        label="run",
        started=started,
        ended=started,
        time_from="report",
        branch="main",
        commit="",
        link="",
        outcome="passed",
        partial=False,
        rejudged=False,
        rules_from=(),
        requests=REQUESTS * len(rows),
        failures=failures,
        expected=0,
        true=failures,
        p95=float(np.median([time for _, time in rows])),
        endpoints=tuple(
            EndpointCounts("GET", str(place), REQUESTS, failed, 0, failed, float(time))
            for place, (failed, time) in enumerate(rows)
        ),
        kinds=(),
        rules=(),
        failed_checks=(),
    )


def each(find: Callable[[np.ndarray], list[int]]) -> Finder:
    """Return what looks at each series by itself."""
    return lambda series: [
        find(values.astype(float))
        for values in (*(failed / REQUESTS for failed, _ in series), *(p95 for _, p95 in series))
    ]


def by_weeks(series: Sequence[Shares]) -> Found:
    """Find a change where the last seven runs differ from the seven before, every seven runs."""
    found: Found = [[] for _ in range(2 * len(series))]
    for end in range(2 * WEEK, len(series[0][0]) + 1, WEEK):
        parts = slice(end - WEEK, end), slice(end - 2 * WEEK, end - WEEK)
        rates = [
            compare_rates(*([(int(one), REQUESTS) for one in failed[part]] for part in parts))
            for failed, _ in series
        ]
        times = [compare_times(*([*p95[part]] for part in parts)) for _, p95 in series]
        for places, change in zip(found, [*judge(rates), *judge(times)], strict=True):
            if change.direction in {"worse", "better"}:
                places.append(end - WEEK)
    return found


FINDERS: dict[str, Finder] = {"loadgate": by_loadgate, "rank test": by_weeks}
if importlib.util.find_spec("ruptures"):
    import ruptures
    from scipy.stats import rankdata

    def by_ruptures(values: np.ndarray, penalty: float) -> list[int]:
        """Find them by ranks."""
        ranks = rankdata(values)
        if len(values) < 2 * FEWEST_RUNS or not ranks.std():
            return []
        signal = ((ranks - ranks.mean()) / ranks.std()).reshape(-1, 1)
        kernel = ruptures.KernelCPD(kernel="linear", min_size=FEWEST_RUNS).fit(signal)
        return kernel.predict(pen=penalty)[:-1]

    def tested(series: Sequence[Shares]) -> Found:
        """Split by ruptures, generously, and test that as loadgate does."""
        with patch("loadgate.since._candidates", lambda values: by_ruptures(values, 3)):
            return by_loadgate(series)

    FINDERS["ruptures"] = each(lambda values: by_ruptures(values, 3 * np.log(len(values))))
    FINDERS["ruptures, then our test"] = tested
if importlib.util.find_spec("otava"):
    from otava.analysis import compute_change_points

    def otava(p_value: float, magnitude: float) -> Finder:
        """Find them as Otava does."""

        def find(values: np.ndarray) -> list[int]:
            found, _ = compute_change_points(
                values.tolist(), max_pvalue=p_value, min_magnitude=magnitude
            )
            return [one.index for one in found]

        return each(find)

    FINDERS["otava"] = otava(0.001, 0.0)
    FINDERS["otava, p 0.00001, 20%"] = otava(0.00001, 0.2)


def main() -> int:
    """Print three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=20, help="simulated reports for each figure")
    reports = parser.parse_args().reports
    lengths = ", ".join(map(str, LENGTHS))
    print(f"Change points per 100 series in which nothing changed, of {lengths} runs:\n")
    head("what runs are like", FINDERS)
    for world in (*NOTHING, *DRIFTS):
        row(world, (false_alarms(find, world, reports) for find in FINDERS.values()))
    print("\nChanges found within 30 runs; after how many runs (median, 90%); how far off:\n")
    head("change", FINDERS)
    for world in CHANGES:
        row(world, (found_after(find, world, reports) for find in FINDERS.values()))
    print("\nWeeks in which a report has a new change point although nothing changed:\n")
    head("what runs are like", ["loadgate"])
    for world in NOTHING:
        row(world, [f"{new_in_a_week(world, 5 * reports):.1%}"])
    return 0


def row(world: World, texts: Iterable[str]) -> None:
    """Print a row."""
    print(f"| {world.name} |" + cells(texts), flush=True)


def head(what: str, columns: Sequence[str]) -> None:
    """Print the head of a table."""
    print(f"| {what} |" + cells(columns))
    print("|---|" + "--:|" * len(columns))


def false_alarms(find: Finder, world: World, reports: int) -> str:
    """Return the change points per 100 series, for each length."""
    told = []
    for runs in LENGTHS:
        dealt = np.random.default_rng(2026)
        several = max(1, reports * 30 // max(runs, 30))
        found = [find(simulated(world, runs, dealt)) for _ in range(several)]
        number = sum(len(places) for one in found for places in one)
        told.append(f"{100 * number / (several * 2 * ENDPOINTS):.3g}")
    return ", ".join(told)


def found_after(find: Finder, world: World, reports: int) -> str:
    """Return how often a change is found, how many runs later, and how far away."""
    place = ENDPOINTS if world.failing is None else 0
    seen = range(WEEK - BEFORE % WEEK, AFTER + 1, WEEK) if find is by_weeks else range(1, AFTER + 1)
    off = WEEK if find is by_weeks else NEAR
    delays, errors = [], []
    for seed in range(reports):
        series = simulated(world, BEFORE + AFTER, np.random.default_rng(seed))
        for after in seen:
            so_far = [(failed[: BEFORE + after], p95[: BEFORE + after]) for failed, p95 in series]
            near = [abs(one - BEFORE) for one in find(so_far)[place] if abs(one - BEFORE) <= off]
            if near:
                delays.append(after)
                errors.append(min(near))
                break
    if not delays:
        return "0%"
    late = sorted(delays)[min(len(delays) - 1, int(0.9 * len(delays)))]
    share = len(delays) / reports
    return f"{share:.0%}; {np.median(delays):.0f}, {late}; {np.mean(errors):.1f}"


def new_in_a_week(world: World, reports: int) -> float:
    """Return in which share of weeks a report has a change point that the week before had not."""
    dealt = np.random.default_rng(2026)
    weeks = 0
    for _ in range(reports):
        series = simulated(world, 90 + WEEK, dealt)
        before = by_loadgate([(failed[:90], p95[:90]) for failed, p95 in series])
        now = by_loadgate(series)
        weeks += any(
            all(abs(one - other) > NEAR for other in old)
            for old, new in zip(before, now, strict=True)
            for one in new
        )
    return weeks / reports


if __name__ == "__main__":
    sys.exit(main())
