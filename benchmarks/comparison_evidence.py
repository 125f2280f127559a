"""How often intervals of `loadgate compare` miss the truth, on simulated runs in which it is known.

Failures come in bursts, as in weekly_evidence.py: of the requests of a run, a share fails that
differs from run to run (beta-binomial), and some nights are bad. Nothing changes, so an interval
that leaves out no change is wrong, and "more" or "fewer" is a false alarm; then failures are five
times as many, or response times half longer, and to say so is a detection.
(`python benchmarks/comparison_evidence.py`; docs/development/comparison-evidence.md has them.)
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from weekly_evidence import BURST, BURSTS, JITTER, REQUESTS, SPREAD, drifting

from loadgate.difference import (
    CONFIDENCE,
    Bounds,
    Counts,
    Difference,
    quantile_difference,
    quantile_shares,
    rate_difference,
    time_difference,
)

Dealt = np.random.Generator
GROUPS = ((1, 1), (1, 3), (1, 7), (2, 2), (3, 3), (4, 4), (7, 7), (14, 14))
RATES = (0.002, 0.02)
WORLDS = ("independent", "bursts", "bursts and bad nights")
SLOW = 50.0  # milliseconds: the median response time
WIDE = 0.8  # standard deviation of the logarithm of response times in a run
KNOWN = (0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999)  # of a CSV


def main() -> int:
    """Print a table of failures, and one of response times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1000, help="simulated pairs for each figure")
    pairs = parser.parse_args().pairs
    print("| failures | rate | " + " | ".join(f"{base} and {head}" for base, head in GROUPS) + " |")
    print("|---|--:|" + "--:|" * len(GROUPS))
    for world in WORLDS:
        for rate in RATES:
            print(f"| {world} | {rate:.1%} |" + cells(Rates(world=world, rate=rate), pairs, 5))
    print()
    print("| p95 | " + " | ".join(f"{base} and {head}" for base, head in GROUPS[1:]) + " |")
    print("|---|" + "--:|" * (len(GROUPS) - 1))
    for name, jitter, drift in (
        ("vary by 6%", JITTER, 0.0),
        ("vary by 6%, keep half", JITTER, 0.5),
        ("vary by 15%", 0.15, 0.0),
        ("vary by 15%, keep half", 0.15, 0.5),
    ):
        print(f"| {name} |" + cells(Times(jitter=jitter, drift=drift), pairs, 1.5, GROUPS[1:]))
    print()
    print("| one run each | p50 | p95 | p99 |")
    print("|---|--:|--:|--:|")
    for name, jitter, known in (
        ("histogram, runs alike", 0.0, False),
        ("CSV, runs alike", 0.0, True),
        ("histogram, runs vary by 6%", JITTER, False),
        ("CSV, runs vary by 6%", JITTER, True),
    ):
        kinds = [
            Percentiles(share=share, jitter=jitter, known=known) for share in (0.5, 0.95, 0.99)
        ]
        print(f"| {name} |" + "".join(cells(kind, pairs, 1.5, ((1, 1),)) for kind in kinds))
    return 0


Simulated = Callable[[tuple[int, int], float, Dealt], Difference | None]


def cells(
    simulate: Simulated,
    pairs: int,
    change: float,
    groups: tuple[tuple[int, int], ...] = GROUPS,
) -> str:
    """Return how many intervals are wrong, how many alarms are false, how many changes found."""
    row = ""
    for group in groups:
        dealt = np.random.default_rng(2026)
        same = [simulate(group, 1.0, dealt) for _ in range(pairs)]
        changed = [simulate(group, change, dealt) for _ in range(pairs)]
        missed = (
            sum(each is not None and each.change not in {"chance", "unclear"} for each in same)
            / pairs
        )
        alarms = sum(each is not None and each.change in {"more", "less"} for each in same) / pairs
        found = sum(each is not None and each.change == "more" for each in changed) / pairs
        row += f" {missed:.1%}, {alarms:.1%}, {found:.0%} |"
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Groups of which only the failures count."""

    world: str
    rate: float

    def __call__(self, group: tuple[int, int], change: float, dealt: Dealt) -> Difference | None:
        """Compare two groups."""
        base, head = group
        return rate_difference(
            self._runs(self.rate, base, dealt), self._runs(self.rate * change, head, dealt)
        )

    def _runs(self, rate: float, runs: int, dealt: Dealt) -> Counts:
        bad = np.ones(runs)
        if "bad" in self.world:
            bad = np.where(dealt.random(runs) < BURSTS, BURST, 1.0)
        share = np.clip(rate * bad, 1e-12, 0.5)
        if self.world != "independent":
            size = SPREAD * REQUESTS
            share = dealt.beta(share * size, (1 - share) * size)
        return [(int(failed), REQUESTS) for failed in dealt.binomial(REQUESTS, share)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Groups of which only the p95 counts; their runs follow one another."""

    jitter: float
    drift: float

    def __call__(self, group: tuple[int, int], change: float, dealt: Dealt) -> Difference | None:
        """Compare two groups."""
        base, head = group
        took = np.round(100 * np.exp(self.jitter * drifting(base + head, self.drift, dealt)))
        return time_difference([*took[:base]], [*np.round(took[base:] * change)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """One run each, of which a percentile counts."""

    share: float
    jitter: float
    known: bool
    """Only some percentiles are known, not the histogram."""

    def __call__(self, _: tuple[int, int], change: float, dealt: Dealt) -> Difference | None:
        """Compare two runs."""
        base, head = self._bounds(1.0, dealt), self._bounds(change, dealt)
        return base and head and quantile_difference(base, head, CONFIDENCE)

    def _bounds(self, factor: float, dealt: Dealt) -> Bounds | None:
        """Return between what the percentile of a run is."""
        shares = quantile_shares(self.share, REQUESTS, CONFIDENCE)
        if shares is not None and self.known:
            below = [at for at in KNOWN if at <= shares[0]]
            above = [at for at in KNOWN if at >= shares[1]]
            shares = (max(below), min(above)) if below and above else None
        if shares is None:
            return None
        slow = SLOW * factor * np.exp(self.jitter * dealt.normal())
        sample = np.sort(np.round(np.exp(np.log(slow) + WIDE * dealt.normal(size=REQUESTS))))
        low, middle, high = (
            float(sample[min(int(REQUESTS * at), REQUESTS - 1)])
            for at in (shares[0], self.share, shares[1])
        )
        return low, middle, high


if __name__ == "__main__":
    sys.exit(main())
