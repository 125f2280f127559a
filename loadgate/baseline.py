"""Baselines and histories: what earlier runs measured, and how a run differs from it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction

from loadgate.errors import UsageError
from loadgate.identity import Identity, Kind, identity, same_run
from loadgate.masking import Endpoint, mask_secrets
from loadgate.metrics import Row, clock, exact, median, plain
from loadgate.model import OTHER_SIGNATURES, UNEXPLAINED, Classification, FailureKind, Status
from loadgate.summary import known_sum

NUMBERS = ("avg", "min", "max", "median", "rps")
"""Times in milliseconds and the throughput of a run or endpoint, as documents name them."""

_UNCOMPARABLE = {OTHER_SIGNATURES, UNEXPLAINED}
"""Signatures that stand for texts which nobody can look at: what is in them may be new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one run measured, or several taken together; texts are masked, as in documents."""

    total: Row
    endpoints: Mapping[Endpoint, Row]
    """Those that had requests or failures."""
    unsure: frozenset[Endpoint]
    """Those with names that masking made equal, which then were numbered as they came."""
    kinds: frozenset[Kind]
    """Of the true failures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The runs to hold a run against."""

    measured: Measured | None
    """None: there are none, which was allowed."""
    runs: tuple[tuple[Identity, str], ...]
    """Each with what the user calls it."""
    files: tuple[str, ...] = ()
    """All that was read for it, and what belongs to that."""
    warnings: tuple[str, ...] = ()
    """What a reader of the verdict must know of it, a sentence each."""
    told: str = ""
    """How its values came about; "": as any reader expects."""
    fewest: int = 1
    """Runs that must have a number, so that a limit can be put on it."""

    def before(self, classification: Classification) -> Baseline:
        """Return it for a run; raise UsageError where that is part of it."""
        own = identity(classification) if self.runs else None
        for other, source in self.runs:
            if own is not None and same_run(own, other):
                raise UsageError(
                    f"--baseline {source}: this is the run being checked\n  Name an earlier run.",
                    page="baseline",
                )
        return self


ABSENT = Baseline(measured=None, runs=())
"""For runs that are judged for other ends than their verdict: what needs a baseline is skipped."""


def together(runs: Sequence[Measured], *, weighed: bool = False) -> Measured:
    """Take runs (one at least) together: counts are summed up, times and throughput are medians.

    `weighed`: each run counts the same, so that no run with many requests decides alone.
    """
    rows: defaultdict[Endpoint, list[Row]] = defaultdict(list)
    for run in runs:
        for endpoint, row in run.endpoints.items():
            rows[endpoint].append(row)
    return Measured(
        total=one_row([run.total for run in runs], weighed=weighed),
        endpoints={
            endpoint: one_row(of_runs, weighed=weighed) for endpoint, of_runs in rows.items()
        },
        unsure=frozenset(endpoint for run in runs for endpoint in run.unsure),
        kinds=frozenset(kind for run in runs for kind in run.kinds),
    )


def one_row(rows: Sequence[Row], *, weighed: bool = False) -> Row:
    """Take what runs measured at one place together, as `together` does."""
    values: defaultdict[str, list[Fraction]] = defaultdict(list)
    statuses: Counter[Status | None] = Counter()
    likely: Counter[Status | None] = Counter()
    for row in rows:
        statuses.update(row.statuses)
        likely.update(row.likely)
        for name, value in row.numbers.items():
            values[name].append(exact(value))
    exceptions = [row.task_exceptions for row in rows if row.task_exceptions is not None]
    return Row(
        runs=sum(row.runs for row in rows),
        requests=sum(row.requests for row in rows),
        failures=sum(row.failures for row in rows),
        expected=sum(row.expected for row in rows),
        true=sum(row.true for row in rows),
        task_exceptions=Fraction(sum(exceptions), len(exceptions)) if exceptions else None,
        numbers={name: median(found) for name, found in values.items()},
        statuses=statuses,
        likely=likely,
        allowed=known_sum(row.allowed for row in rows),
        each=tuple(rows) if weighed else (),
    )


LOAD: Mapping[str, Callable[[Fraction], str]] = {"users": plain, "rps": plain, "duration": clock}
"""The figures by which loads are compared, and how each is shown."""


def other_load(base: Measured, total: Row, endpoints: AbstractSet[Endpoint]) -> str:
    """Say in which figures of its load a run differs by more than half from `base`; "": in none.

    `endpoints` are those of the run, masked. What only one of the two knows is no difference.
    """
    if not base.total.requests or not total.requests:
        return ""
    parts = []
    for name, shown in LOAD.items():
        known = [exact(row.numbers[name]) for row in (base.total, total) if name in row.numbers]
        if len(known) == 2 and abs(known[1] - known[0]) * 2 > known[0]:
            before, now = map(shown, known)
            parts.append(f"{name} {before}, now {now}")
    alone, every = base.endpoints.keys() ^ endpoints, base.endpoints.keys() | endpoints
    if len(alone) * 2 > len(every):
        parts.append(f"{len(alone):,} of {len(every):,} endpoints are in only one of the two")
    return "; ".join(parts)


class Pairing:
    """A run and its baseline, side by side: what the one has where the other has it, too."""

    def __init__(self, classification: Classification, measured: Measured) -> None:
        """Pair the endpoints by their masked names; of names that masking made equal, none."""
        masked: defaultdict[Endpoint, list[Endpoint]] = defaultdict(list)
        self._occurred: set[Endpoint] = set()
        for row in classification.endpoints:
            endpoint = row.stats.key
            mask = (mask_secrets(endpoint[0]), mask_secrets(endpoint[1]))
            masked[mask].append(endpoint)
            if row.stats.requests or row.failures:
                self._occurred.add(mask)
        self._masked = {
            same[0]: mask
            for mask, same in masked.items()
            if len(same) == 1 and mask not in measured.unsure
        }
        self._measured = measured
        self._new: defaultdict[Endpoint | None, list[FailureKind]] = defaultdict(list)
        for kind in classification.failures:
            if kind.decision == "true" and self._is_new(kind):
                self._new[None].append(kind)
                self._new[kind.key].append(kind)

    def row(self, endpoint: Endpoint | None) -> Row | None:
        """Return what the baseline has of an endpoint, or of the whole; None: nothing."""
        if endpoint is None:
            return self._measured.total
        masked = self._masked.get(endpoint)
        return None if masked is None else self._measured.endpoints.get(masked)

    def other_load(self, total: Row) -> str:
        """Say in which figures of its load the run differs from the baseline; "": in none."""
        return other_load(self._measured, total, self._occurred)

    def new_kinds(self, endpoint: Endpoint | None) -> list[FailureKind]:
        """Return the kinds of true failures of an endpoint, or all, that the baseline has not."""
        return self._new.get(endpoint, [])

    def _is_new(self, kind: FailureKind) -> bool:
        masked = self._masked.get(kind.key)
        if masked is None or kind.signature in _UNCOMPARABLE:
            return True
        key = (*masked, kind.status, mask_secrets(kind.signature))
        return key not in self._measured.kinds
