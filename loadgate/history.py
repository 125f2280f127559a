"""Histories: of all runs there are, the last comparable ones before a run, to hold it against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from loadgate.baseline import Baseline, Measured, other_load, together
from loadgate.errors import UsageError
from loadgate.identity import Identity, identity, same_run
from loadgate.masking import Endpoint, mask_secrets
from loadgate.metrics import Row, seconds
from loadgate.model import Classification
from loadgate.summary import RunSummary, main_branch
from loadgate.text import counted

LAST_RUNS = 20
"""Comparable runs that a run is held against."""

FEWEST_RUNS = 5
"""Comparable runs without which there is no history: the median of fewer is chance."""

_ITSELF = "of this run"
_COPY = "there already"
_FAILED = "with a failed gate"
_BRANCH = "of another branch"
_LATER = "not before this run"
_LOAD = "under another load"
_OF_THIS_RUN = (_LATER, _LOAD)
"""Reasons that may be the fault of this run: --history-optional does not excuse them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A run that was read, and may be part of a history."""

    summary: RunSummary
    measured: Measured
    identity: Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All runs there are."""

    runs: tuple[PastRun, ...]
    """Those with sound numbers, by start."""
    optional: bool
    """There may be too few of them yet."""
    files: tuple[str, ...] = ()
    """As Baseline.files."""
    warnings: tuple[str, ...] = ()
    """As Baseline.warnings."""
    ongoing: bool = False
    """The runs that are held against it are still on: their load is that of the end not yet."""

    def before(self, classification: Classification) -> Baseline:
        """Return the last comparable runs before a run, as what it is held against.

        Raises UsageError where there are too few; where that is allowed nothing is measured.
        """
        chosen, left = self._chosen(classification)
        warnings = [*self.warnings, *_about_time(classification)]
        if len(chosen) < FEWEST_RUNS:
            few = self._too_few(len(chosen), left)
            warnings.append(f"no history yet, so thresholds that need one are skipped: {few}")
            return Baseline(measured=None, runs=(), files=self.files, warnings=tuple(warnings))
        del left[_ITSELF]
        if left:
            warnings.append(f"left out of the history: {_counts(left)}")
        raw = sum(one.summary.rejudged for one in chosen)
        if raw:
            warnings.append(
                f"{raw} of {len(chosen)} runs of the history are no result documents: whether they"
                " failed against their own history is not known. Keep what check --output json"
                " writes"
            )
        first, last = (f"{one.summary.started:%Y-%m-%d}" for one in (chosen[0], chosen[-1]))
        return Baseline(
            measured=together([one.measured for one in chosen], weighed=True),
            runs=tuple((one.identity, one.summary.source) for one in chosen),
            files=self.files,
            warnings=tuple(warnings),
            told=f"median of {len(chosen)} runs, {first} to {last}",
            fewest=FEWEST_RUNS,
        )

    def _chosen(self, classification: Classification) -> tuple[list[PastRun], Counter[str]]:
        """Return the runs that count, the earliest first, and why how many others do not."""
        run = classification.run
        started = run.time.started if run.time else None
        own, load = identity(classification), _load(classification)
        comparable = not self.ongoing and not run.aborted
        branch = main_branch([one.summary for one in self.runs])
        chosen: list[PastRun] = []
        left: Counter[str] = Counter()
        differs = ""
        for past in reversed(self.runs):
            if len(chosen) == LAST_RUNS:
                break
            summary = past.summary
            if _copied(own, past.identity):
                left[_ITSELF] += 1
            elif started is not None and summary.started >= started:
                left[_LATER] += 1
            elif summary.outcome != "passed":
                left[_FAILED] += 1
            elif summary.branch not in {"", branch}:
                left[_BRANCH] += 1
            elif comparable and (other := _differs(past.measured, load)):
                differs = differs or other
                left[_LOAD] += 1
            elif any(_copied(past.identity, one.identity) for one in chosen):
                left[_COPY] += 1
            else:
                chosen.append(past)
        if differs:
            left[f"{_LOAD} ({differs})"] = left.pop(_LOAD)
        return chosen[::-1], left

    def _too_few(self, chosen: int, left: Counter[str]) -> str:
        """Say what there is; raise UsageError unless there may be too few runs yet."""
        few = f"{chosen} of {counted(len(self.runs), 'run')} can be compared with this one"
        few += f", {FEWEST_RUNS} are needed" + (f": {_counts(left)}" if left else "")
        remedy = "Name a folder with more runs before this one, under the same load."
        if not self.optional:
            remedy += " Where there may be too few yet, add --history-optional."
        elif chosen + sum(left[why] for why in left if why.startswith(_OF_THIS_RUN)) < FEWEST_RUNS:
            return few
        raise UsageError(f"--history: {few}\n  {remedy}", page="baseline")


def _copied(one: Identity, other: Identity) -> bool:
    """Say whether two runs are one, even under another date: no two share all their numbers."""
    alike = one.counts == other.counts and one.times == other.times
    return same_run(one, other) or (alike and bool(one.times) and one.extremes == other.extremes)


def _counts(left: Counter[str]) -> str:
    return ", ".join(f"{count:,} {why}" for why, count in sorted(left.items()))


_Load = tuple[Row, frozenset[Endpoint]]


def _load(classification: Classification) -> _Load:
    """Return what tells the load of a run: its numbers, and the endpoints that occurred."""
    run, total = classification.run, classification.total
    numbers = {"users": run.users, "duration": seconds(run.time), "rps": total.stats.rps}
    row = Row(
        runs=1,
        requests=total.stats.requests,
        failures=total.failures,
        expected=total.expected,
        true=total.true,
        task_exceptions=None,
        numbers={name: number for name, number in numbers.items() if number is not None},
    )
    occurred = (
        one.stats.key for one in classification.endpoints if one.stats.requests or one.failures
    )
    return row, frozenset((mask_secrets(method), mask_secrets(name)) for method, name in occurred)


def _differs(past: Measured, load: _Load) -> str:
    """Say how a past run had another load than this one; "": it had not.

    Requests a second are what came of it where the number of users is known: a slow server answers
    fewer, and must not be excused by that.
    """
    row, endpoints = load
    if "users" in row.numbers and "users" in past.total.numbers:
        numbers = {name: number for name, number in row.numbers.items() if name != "rps"}
        row = replace(row, numbers=numbers)
    return other_load(past, row, endpoints)


def _about_time(classification: Classification) -> Iterator[str]:
    time = classification.run.time
    if time is None:
        yield "no file says when this run was, so all runs of the history count as earlier"
    elif time.source == "file":
        yield (
            "no file says when this run was; those of the history count as earlier that started"
            " before its file was written"
        )
