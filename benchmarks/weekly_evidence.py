"""How often the weekly report raises a false alarm or finds a change, on simulated weeks.

Failures come in bursts: of the requests of a run, a share fails that differs from run to run
(beta-binomial), and some nights are bad for all endpoints at once. Response times drift from run to
run. First nothing changes, and any mark is a false alarm; then one endpoint truly does, and a mark
on it is a detection. A second table has false alarms where runs that follow one another are alike.
(`python benchmarks/weekly_evidence.py`; docs/development/weekly-evidence.md has both tables.)
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from loadgate.difference import Counts
from loadgate.weekly.model import Change
from loadgate.weekly.significance import Pair, compare_rates, compare_times, judge

REQUESTS = 5000  # of an endpoint in a run
BURSTS = 0.15  # of the nights are bad for all endpoints,
BURST = 8  # times as many failures then
SPREAD = 0.1  # of the share of failures: a + b of its beta distribution, as a part of the requests
JITTER = 0.06  # standard deviation of a run's p95, relative
DRIFT = 0.5  # how much of that the next run keeps


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A kind of service, and how often it is tested."""

    runs: int
    endpoints: int
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What happens to the first endpoint in the second week."""

    name: str
    failures: float = 1.0
    slower: float = 1.0


NOTHING = Scenario(name="nothing")
CHANGES = (
    Scenario(name="failures x2", failures=2),
    Scenario(name="failures x3", failures=3),
    Scenario(name="failures x5", failures=5),
    Scenario(name="failures x10", failures=10),
    Scenario(name="p95 +20%", slower=1.2),
    Scenario(name="p95 +50%", slower=1.5),
)
SETTINGS = (
    Setting(runs=5, endpoints=10, rate=0.002),
    Setting(runs=7, endpoints=10, rate=0.0),
    Setting(runs=7, endpoints=10, rate=0.002),
    Setting(runs=7, endpoints=30, rate=0.002),
    Setting(runs=7, endpoints=30, rate=0.01),
    Setting(runs=14, endpoints=30, rate=0.002),
    Setting(runs=30, endpoints=30, rate=0.002),
    Setting(runs=30, endpoints=100, rate=0.002),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How much the runs of two weeks, one after another, hang together."""

    name: str
    lasting: float = 1.0
    """How many runs a bad state of all endpoints lasts, on average."""
    jitter: float = JITTER
    drift: float = DRIFT


WORLDS = (
    World(name="independent nights"),
    World(name="bad states last 4 runs", lasting=4),
    World(name="bad states last 10 runs", lasting=10),
    World(name="response times drift slowly (0.9)", drift=0.9),
    World(name="response times vary by 15%", jitter=0.15),
    World(name="response times vary by 15% and drift slowly", jitter=0.15, drift=0.9),
)
TOGETHER = 0.5  # share of the variation of response times that all endpoints have in common


def main() -> int:
    """Print a row for each setting, then one for each world."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=200, help="simulated weeks for each figure")
    weeks = parser.parse_args().weeks
    print("| runs a week | endpoints | rate | false alarms |" + cells(c.name for c in CHANGES))
    print("|--:|--:|--:|--:|" + cells("--:" for _ in CHANGES).replace(" ", ""))
    for setting in SETTINGS:
        dealt = np.random.default_rng(2026)
        alarms = sum(alarm(setting, dealt) for _ in range(weeks))
        found = [detected(setting, change, weeks, dealt) for change in CHANGES]
        print(
            f"| {setting.runs} | {setting.endpoints} | {setting.rate:.1%} | {alarms / weeks:.1%} |"
            + cells(f"{share:.0%}" for share in found),
            flush=True,
        )
    print()
    print("| runs a week | endpoints | " + " | ".join(FAMILIES) + " | simulated |")
    print("|--:|--:|" + "--:|" * len(FAMILIES) + "---|")
    for setting in (SETTINGS[2], SETTINGS[5]):
        for world in WORLDS:
            dealt = np.random.default_rng(2026)
            marked = [alarms_of(setting, world, dealt) for _ in range(weeks)]
            print(
                f"| {setting.runs} | {setting.endpoints} |"
                + cells(f"{share:.1%}" for share in np.mean(marked, axis=0))
                + f" {world.name} |",
                flush=True,
            )
    return 0


FAMILIES = ("rates", "response times", "rate of all", "p95 of all")


def alarms_of(setting: Setting, world: World, dealt: np.random.Generator) -> list[bool]:
    """Simulate two weeks of runs that follow one another; say which families have a false alarm."""
    runs = setting.runs
    bad = states(2 * runs, world.lasting, dealt)
    common = drifting(2 * runs, world.drift, dealt)
    rates, times, failures, p95 = [], [], [], []
    for _ in range(setting.endpoints):
        mean = np.clip(setting.rate * np.where(bad, BURST, 1.0), 1e-12, 0.5)
        size = SPREAD * REQUESTS
        failed = dealt.binomial(REQUESTS, dealt.beta(mean * size, (1 - mean) * size))
        own = drifting(2 * runs, world.drift, dealt)
        noise = np.sqrt(TOGETHER) * common + np.sqrt(1 - TOGETHER) * own
        took = np.round(100.0 * np.exp(world.jitter * noise))
        rates.append(compare_rates(counts(failed[runs:]), counts(failed[:runs])))
        times.append(compare_times([*took[runs:]], [*took[:runs]]))
        failures.append(failed)
        p95.append(took)
    all_took = np.median(p95, axis=0)
    all_failed = np.sum(failures, axis=0)
    whole_rate = compare_rates(
        counts(all_failed[runs:], setting.endpoints), counts(all_failed[:runs], setting.endpoints)
    )
    whole_p95 = compare_times([*all_took[runs:]], [*all_took[:runs]])
    return [
        any(one.direction in {"worse", "better"} for one in judge(family))
        for family in (rates, times, [whole_rate], [whole_p95])
    ]


def states(runs: int, lasting: float, dealt: np.random.Generator) -> np.ndarray:
    """Return which runs are bad for all endpoints: BURSTS of them, in rows of that mean length."""
    leave = 1 / lasting
    enter = leave * BURSTS / (1 - BURSTS)
    bad = [bool(dealt.random() < BURSTS)]
    for _ in range(runs - 1):
        if lasting <= 1:
            bad.append(bool(dealt.random() < BURSTS))
        else:
            bad.append(bool(dealt.random() >= leave if bad[-1] else dealt.random() < enter))
    return np.array(bad)


def drifting(runs: int, drift: float, dealt: np.random.Generator) -> np.ndarray:
    """Return numbers of standard deviation 1, of which the next keeps a part of the one before."""
    noise = np.empty(runs)
    last = dealt.normal()
    for place in range(runs):
        last = drift * last + np.sqrt(1 - drift**2) * dealt.normal()
        noise[place] = last
    return noise


def cells(texts: Iterable[str]) -> str:
    """Return the cells of a row of a Markdown table."""
    return "".join(f" {text} |" for text in texts)


def alarm(setting: Setting, dealt: np.random.Generator) -> bool:
    """Say whether a week in which nothing changed has a mark, on an endpoint or on all of them."""
    return any(one.direction in {"worse", "better"} for one in week(setting, NOTHING, dealt))


def detected(setting: Setting, change: Scenario, weeks: int, dealt: np.random.Generator) -> float:
    """Return the share of weeks in which the endpoint that changed is marked."""
    place = 0 if change.failures != 1 else setting.endpoints
    if change.failures != 1 and not setting.rate:
        return float("nan")
    marks = (week(setting, change, dealt)[place].direction == "worse" for _ in range(weeks))
    return sum(marks) / weeks


def week(setting: Setting, change: Scenario, dealt: np.random.Generator) -> list[Change]:
    """Simulate two weeks; return what is said of rates, of response times, and of whole runs."""
    now = [simulate(setting, change if place == 0 else NOTHING, dealt, burst)
           for burst in [bursts(setting, dealt)] for place in range(setting.endpoints)]  # fmt: skip
    before = [simulate(setting, NOTHING, dealt, burst)
              for burst in [bursts(setting, dealt)] for _ in range(setting.endpoints)]  # fmt: skip
    rates = [
        compare_rates(counts(a), counts(b)) for (a, _), (b, _) in zip(now, before, strict=True)
    ]
    times = [compare_times([*a], [*b]) for (_, a), (_, b) in zip(now, before, strict=True)]
    return [*judge(rates), *judge(times), *judge([whole(now, before)])]


def bursts(setting: Setting, dealt: np.random.Generator) -> np.ndarray:
    """Return by how much each night's failures are multiplied."""
    return np.where(dealt.random(setting.runs) < BURSTS, BURST, 1.0)


def simulate(
    setting: Setting, change: Scenario, dealt: np.random.Generator, burst: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the failures and the p95 of an endpoint in each run of a week."""
    mean = np.clip(setting.rate * change.failures * burst, 1e-12, 0.5)
    size = SPREAD * REQUESTS
    share = dealt.beta(mean * size, (1 - mean) * size) if setting.rate else np.zeros(setting.runs)
    failures = dealt.binomial(REQUESTS, share)
    noise = drifting(setting.runs, DRIFT, dealt)
    return failures, np.round(100.0 * change.slower * np.exp(JITTER * noise))


def counts(failures: np.ndarray, endpoints: int = 1) -> Counts:
    """Return the failures of the runs with their requests."""
    return [(failed, REQUESTS * endpoints) for failed in failures.tolist()]


def whole(
    now: list[tuple[np.ndarray, np.ndarray]], before: list[tuple[np.ndarray, np.ndarray]]
) -> Pair:
    """Compare the failures of all endpoints together."""
    sums = [np.sum([failures for failures, _ in side], axis=0) for side in (now, before)]
    return compare_rates(*(counts(failed, len(now)) for failed in sums))


if __name__ == "__main__":
    sys.exit(main())
