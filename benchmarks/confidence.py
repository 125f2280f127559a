"""How often `confidence` errs each way on runs whose true rate is known, as Markdown tables.

    python benchmarks/confidence.py

First by exact binomial arithmetic, for failures that are independent. Then by simulation, for such
that come in bursts; there every figure has a standard error of at most 0.8 points. The last table
but one tries what a correction by the variance over time blocks would do; the last says how often
the recorder stops a run.
docs/development/confidence.md has them.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from statistics import NormalDist

import numpy as np
from scipy.stats import binom

from loadgate.wilson import CERTAIN, beyond_for_good, holds, wilson_beyond

SEED = 20261123
RUNS = 4000
SECONDS = 300
BLOCKS = 30
LIMIT = 0.01
LEVELS = (0.8, 0.9, 0.95, 0.99)
SIZES = (100, 300, 1_000, 3_000, 10_000, 100_000, 1_000_000)

Counts = np.ndarray[tuple[int, int], np.dtype[np.int64]]
"""Failures in each second of each run, runs first."""
Model = Callable[[np.random.Generator, int, float], Counts]
"""Random numbers, requests in a second, mean rate -> failures."""


def main() -> None:
    """Print all tables."""
    exact_false_alarms()
    exact_misses()
    simulated()
    corrected()
    while_on()


# --- independent failures: exact ------------------------------------------------------------------


def first_failing(requests: int, limit: float, level: float | None) -> int:
    """Return the smallest number of failures at which loadgate fails the check."""
    bound = Fraction(str(limit))

    def fails(actual: Fraction, requests: int) -> bool:
        if holds(actual, "<=", bound):
            return False
        return level is None or wilson_beyond(actual, requests, "<=", bound, level)

    return least(requests, fails)


def least(requests: int, beyond: Callable[[Fraction, int], bool]) -> int:
    """Return the smallest number of failures that is beyond a limit; by bisection."""
    low, high = 0, requests + 1  # low passes; beyond all requests nothing is left to fail
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (
            (low, middle) if beyond(Fraction(middle, requests), requests) else (middle, high)
        )
    return high


def failing(requests: int, limit: float, level: float | None, rate: float) -> float:
    """Return how probable it is that a run of independent requests fails."""
    return float(binom.sf(first_failing(requests, limit, level) - 1, requests, rate))


def exact_false_alarms() -> None:
    """Print how often a run at its limit fails: it is as bad as it may be, and no worse."""
    print(f"\nRuns whose true rate is the limit of {LIMIT:.0%} itself: share that fails\n")
    row("requests", "without", *LEVELS)
    row(*["---:"] * (len(LEVELS) + 2))
    for size in SIZES:
        levels = (None, *LEVELS)
        row(f"{size:,}", *(percent(failing(size, LIMIT, level, LIMIT)) for level in levels))


def exact_misses() -> None:
    """Print how often a run that is too bad passes."""
    print(f"\nRuns whose true rate is beyond the limit of {LIMIT:.0%}: share that passes\n")
    row("requests", "rate", "without", *LEVELS)
    row(*["---:"] * (len(LEVELS) + 3))
    for size in SIZES[:-1]:
        for factor in (1.5, 2, 5):
            rate = factor * LIMIT
            levels = (None, *LEVELS)
            passing = (1 - failing(size, LIMIT, level, rate) for level in levels)
            row(f"{size:,}", f"{rate:.1%}", *(percent(share) for share in passing))


# --- failures in bursts: simulated ----------------------------------------------------------------


def independent(dice: np.random.Generator, each: int, rate: float) -> Counts:
    """Every request fails by itself."""
    return dice.binomial(each, rate, (RUNS, SECONDS))


def retries(dice: np.random.Generator, each: int, rate: float) -> Counts:
    """A failure is tried again at once and fails again: five in a row."""
    return np.minimum(each, 5 * dice.poisson(each * rate / 5, (RUNS, SECONDS)))


def outages(dice: np.random.Generator, each: int, rate: float) -> Counts:
    """Four of five failures happen in outages of five seconds on average, 2 % of the time."""
    share, length = 0.02, 5
    down = np.zeros((RUNS, SECONDS), dtype=bool)
    state = dice.random(RUNS) < share
    for second in range(SECONDS):
        down[:, second] = state
        ends, begins = 1 / length, share / (1 - share) / length
        change = dice.random(RUNS) < np.where(state, ends, begins)
        state = state ^ change
    inside = min(1.0, 0.8 * rate / share)
    outside = (rate - inside * share) / (1 - share)
    return dice.binomial(each, np.where(down, inside, outside))


def drift(dice: np.random.Generator, each: int, rate: float) -> Counts:
    """The rate rises and falls within minutes: log-normal, correlated over a minute."""
    spread, keep = 0.8, np.exp(-1 / 60)
    level = dice.normal(0, spread, RUNS)
    rates = np.empty((RUNS, SECONDS))
    for second in range(SECONDS):
        rates[:, second] = np.exp(level - spread**2 / 2)
        level = keep * level + np.sqrt(1 - keep**2) * dice.normal(0, spread, RUNS)
    return dice.binomial(each, np.minimum(1, rate * rates))


def nights(dice: np.random.Generator, each: int, rate: float) -> Counts:
    """Runs differ: each has a rate of its own, half as large again or half as small as others."""
    own = rate * dice.gamma(4, 1 / 4, (RUNS, 1))
    return dice.binomial(each, np.minimum(1, own), (RUNS, SECONDS))


def one_outage(dice: np.random.Generator, each: int, rate: float) -> Counts:
    """A service that is well but for one time at which nothing works, as long as the rate says."""
    counts = np.zeros((RUNS, SECONDS), dtype=np.int64)
    length = round(rate * SECONDS)
    starts = dice.integers(0, SECONDS - length, RUNS)
    for run, start in enumerate(starts):
        counts[run, start : start + length] = each
    return counts


MODELS: dict[str, Model] = {
    "independent": independent,
    "retries, five in a row": retries,
    "outages of 5 s": outages,
    "drift within minutes": drift,
    "nights that differ": nights,
}


def simulated() -> None:
    """Print how often runs at the limit fail, and runs at twice the limit pass, in bursts."""
    each = 100
    print(f"\n{SECONDS * each:,} requests in {SECONDS} s, limit {LIMIT:.0%}, {RUNS:,} runs each\n")
    row("failures are", "design effect", "at the limit, fails", "confidence 0.95", "0.99",
        "twice the limit, passes", "confidence 0.95", "0.99")  # fmt: skip
    row("---", *["---:"] * 7)
    for name, model in MODELS.items():
        at, beyond = (model(dice(), each, factor * LIMIT) for factor in (1, 2))
        total = SECONDS * each
        effect = np.var(at.sum(axis=1)) / (total * LIMIT * (1 - LIMIT))
        fails = [judge(at.sum(axis=1), total, level).mean() for level in (None, 0.95, 0.99)]
        passes = [
            1 - judge(beyond.sum(axis=1), total, level).mean() for level in (None, 0.95, 0.99)
        ]
        row(name, f"{effect:.1f}", *map(percent, fails), *map(percent, passes))


def corrected() -> None:
    """Print what dividing the requests by the design effect of time blocks would do."""
    each = 100
    total = SECONDS * each
    print(f"\nThe same at confidence 0.95, with requests / design effect of {BLOCKS} blocks\n")
    row("failures are", "at the limit, fails", "corrected", "twice the limit, passes", "corrected")
    row("---", *["---:"] * 4)
    for name, model in {**MODELS, "one outage": one_outage}.items():
        figures = []
        for factor, passing in ((1, False), (2, True)):
            counts = model(dice(), each, factor * LIMIT)
            sums = counts.sum(axis=1)
            for worth in (total, total / design_effect(counts, each)):
                share = judge(sums, worth, 0.95, total).mean()
                figures.append(percent(1 - share if passing else share))
        row(name, *figures)
    print(f"\nOne outage, in which everything fails; limit {LIMIT:.0%}, confidence 0.95\n")
    row("outage", "rate of the run", "passes", "corrected")
    row(*["---:"] * 4)
    for seconds in (6, 10, 15, 30, 60):
        rate = seconds / SECONDS
        counts = one_outage(dice(), each, rate)
        sums = counts.sum(axis=1)
        plain, less = (
            1 - judge(sums, worth, 0.95, total).mean()
            for worth in (total, total / design_effect(counts, each))
        )
        row(f"{seconds} s of {SECONDS}", f"{rate:.0%}", percent(plain), percent(less))


def while_on() -> None:
    """Print how often a run is stopped that is looked at each second."""
    each, bound = 100, Fraction(str(LIMIT))

    def by_wilson(actual: Fraction, requests: int) -> bool:
        return actual > bound and wilson_beyond(actual, requests, "<=", bound, CERTAIN)

    def for_good(actual: Fraction, requests: int) -> bool:
        return beyond_for_good(actual, requests, "<=", bound)

    sizes = range(each, SECONDS * each + 1, each)
    stops = [np.array([least(size, beyond) for size in sizes]) for beyond in (for_good, by_wilson)]
    print("\nThe same runs, looked at each second: share that is stopped\n")
    row("failures are", "at the limit", "by the Wilson bound at 0.999", "twice the limit",
        "half of these within")  # fmt: skip
    row("---", *["---:"] * 4)
    for name, model in MODELS.items():
        at, beyond = (np.cumsum(model(dice(), each, f * LIMIT), axis=1) for f in (1, 2))
        shares = [(at >= stop).any(axis=1).mean() for stop in stops]
        stopped = beyond >= stops[0]
        within = np.median(stopped.argmax(axis=1)[stopped.any(axis=1)] + 1)
        row(name, *map(percent, shares), percent(stopped.any(axis=1).mean()), f"{within:.0f} s")


def design_effect(counts: Counts, each: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return how many times as much as independent requests the blocks of each run vary; 1 or more.

    The index of dispersion of block counts around the run's own rate (Cochran's test of homogeneity
    divided by its degrees of freedom).
    """
    blocks = counts.reshape(len(counts), BLOCKS, -1).sum(axis=2)
    size = each * SECONDS // BLOCKS
    rate = np.clip(blocks.mean(axis=1, keepdims=True) / size, 1e-12, 1 - 1e-12)
    squares = ((blocks - size * rate) ** 2 / (size * rate * (1 - rate))).sum(axis=1)
    effect: np.ndarray[tuple[int], np.dtype[np.float64]] = np.maximum(1, squares / (BLOCKS - 1))
    return effect


def judge(
    sums: np.ndarray[tuple[int], np.dtype[np.int64]],
    worth: float | np.ndarray[tuple[int], np.dtype[np.float64]],
    level: float | None,
    total: int | None = None,
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say of each run whether it fails, counting `worth` requests; as loadgate.wilson does."""
    share = sums / (worth if total is None else total)
    beyond: np.ndarray[tuple[int], np.dtype[np.bool_]] = share > LIMIT
    if level is None:
        return beyond
    z = NormalDist().inv_cdf(level)
    return beyond & ((share - LIMIT) ** 2 * worth > z**2 * LIMIT * (1 - LIMIT))


def dice() -> np.random.Generator:
    """Return the same random numbers for every figure."""
    return np.random.default_rng(SEED)


# --- tables ---------------------------------------------------------------------------------------


def row(*cells: object) -> None:
    """Print a row of a table."""
    print("| " + " | ".join(map(str, cells)) + " |")


def percent(share: float) -> str:
    """Return a share as people read it; what is no certainty never reads as one."""
    for certain, bound in ((0.0, "<0.1%"), (1.0, ">99.9%")):
        if share != certain and abs(share - certain) < 0.0005:
            return bound
    return f"{share:.1%}"


if __name__ == "__main__":
    main()
