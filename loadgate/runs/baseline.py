"""Reading the runs behind `--baseline` and `--history`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadgate.baseline import Baseline, together
from loadgate.errors import UsageError
from loadgate.history import History, PastRun
from loadgate.identity import identity_of
from loadgate.model import Policy, Reference
from loadgate.read.locate import belonging
from loadgate.runs.load import Task
from loadgate.runs.measured import Given, MeasuredRuns, measure
from loadgate.summary import RunSummary
from loadgate.text import and_more

_TOLD = 5
_REMEDY = "Name an earlier run that can be read and made requests. Where there may be none yet, add"


def read_baseline(
    paths: Sequence[Given], policy: Policy, *, optional: bool, encoding: str | None = None
) -> Baseline:
    """Read the runs to hold others against; their failures are judged by the same policy.

    Raises UsageError where one is of no use, unless `optional`: then the others are the baseline,
    if there are any, and a warning tells what was left out.
    """
    group, usable, problems = _read(paths, policy, encoding)
    if problems and not optional:
        raise _unusable("baseline", problems)
    return Baseline(
        measured=together([one.measured for one in usable], weighed=True) if usable else None,
        runs=tuple((one.identity, one.summary.source) for one in usable),
        files=_files(group),
        warnings=(
            *_warnings([one.summary for one in usable], problems),
            *_judged_otherwise("baseline", usable),
        ),
    )


def read_history(
    paths: Sequence[Given], policy: Policy, *, optional: bool, encoding: str | None = None
) -> History:
    """Read all runs there are, of which the last ones before a run are what it is held against.

    What is of no use is left out, and a warning tells it. Raises UsageError where that is one of
    the paths themselves, unless `optional`.
    """
    group, usable, problems = _read(paths, policy, encoding)
    named = [
        f"{one.source}: {one.problem}"
        for one in group.broken
        if one.source in paths or one in paths
    ]
    if named and not optional:
        raise _unusable("history", named)
    left = f"left out of the history: {'; '.join(_some(problems))}"
    return History(
        runs=tuple(usable),
        optional=optional,
        files=_files(group),
        warnings=(*([left] if problems else []), *_judged_otherwise("history", usable)),
    )


def _read(
    paths: Sequence[Given], policy: Policy, encoding: str | None
) -> tuple[MeasuredRuns, list[PastRun], list[str]]:
    """Return all that was read, of it the runs with sound numbers, and why others are of no use."""
    task = Task(policy=policy, allow_partial=False, rejudged=False, encoding=encoding)
    group = measure(paths, task, today=policy)
    problems = [f"{one.source}: {one.problem}" for one in group.broken]
    usable = []
    for record, measured in group.runs:
        problem = _problem(record)
        if problem:
            problems.append(f"{record.source}: {problem}")
        else:
            own = identity_of(record, measured.total, measured.endpoints)
            usable.append(PastRun(summary=record, measured=measured, identity=own))
    return group, usable, problems


def _files(group: MeasuredRuns) -> tuple[str, ...]:
    return tuple(file for source in group.sources for file in belonging(source))


def _unusable(name: Reference, problems: Sequence[str]) -> UsageError:
    told = "".join(f"\n  {problem}" for problem in _some(problems))
    text = f"--{name}: cannot be used:{told}\n  {_REMEDY} --{name}-optional."
    return UsageError(text, page="baseline")


def _problem(record: RunSummary) -> str:
    """Return why a run is no measure for others; "": it is one."""
    if record.partial:
        return "is partial: its files contradict each other, so its numbers are too high or low"
    if not record.requests:
        return "made no requests"
    if any(row.failures > row.requests for row in record.endpoints):
        return "has more failures than requests, so it has no rates"
    return ""


def _warnings(usable: Sequence[RunSummary], problems: Sequence[str]) -> Iterator[str]:
    if not usable:
        yield (
            "no baseline yet (--baseline-optional): thresholds that need one are skipped"
            f" ({'; '.join(_some(problems))})"
        )
    elif problems:
        yield f"left out of the baseline: {'; '.join(_some(problems))}"
    failed = [record.source for record in usable if record.outcome == "failed"]
    if failed:
        yield f"these runs of the baseline failed their own gate: {', '.join(_some(failed))}"


def _judged_otherwise(name: Reference, runs: Sequence[PastRun]) -> Iterator[str]:
    """Say where the rules of today decide otherwise than those of the day on which a run ran."""
    changed, hidden = [], []
    for run in runs:
        record, now = run.summary, run.measured.total
        unknown = record.failures - now.true - now.expected
        if unknown:
            hidden.append(f"{unknown:,} of {record.failures:,} in {record.source}")
        if (now.true, now.expected) != (record.true, record.expected):
            changed.append(f"{now.true:,} instead of {record.true:,} in {record.source}")
    if changed:
        yield (
            f"the {name} was judged by other rules; by the rules of this run its true failures are"
            f" {', '.join(_some(changed))}"
        )
    if hidden:
        yield (
            f"some failures of the {name} count neither as true nor as expected, as the rules of"
            f" this run need what its documents mask: {', '.join(_some(hidden))}. Give"
            f" --{name} the files of Locust instead"
        )


def _some(texts: Sequence[str]) -> list[str]:
    more = [and_more(len(texts) - _TOLD)] if len(texts) > _TOLD else []
    return [*texts[:_TOLD], *more]
