"""Reading the runs behind `--baseline`, taken together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadgate.baseline import Baseline, Measured, together
from loadgate.errors import UsageError
from loadgate.identity import identity_of
from loadgate.model import Policy
from loadgate.read.locate import belonging
from loadgate.runs.load import Task
from loadgate.runs.measured import measure
from loadgate.summary import RunSummary
from loadgate.text import and_more

_TOLD = 5
_REMEDY = (
    "Name an earlier run that can be read and made requests. Where there may be none yet, add"
    " --baseline-optional."
)


def read_baseline(
    paths: Sequence[str], policy: Policy, *, optional: bool, encoding: str | None = None
) -> Baseline:
    """Read the runs to hold others against; their failures are judged by the same policy.

    Raises UsageError where one is of no use, unless `optional`: then the others are the baseline,
    if there are any, and a warning tells what was left out.
    """
    task = Task(policy=policy, allow_partial=False, rejudged=False, encoding=encoding)
    group = measure(paths, task, today=policy)
    problems = [f"{one.source}: {one.problem}" for one in group.broken]
    usable = []
    for record, measured in group.runs:
        problem = _problem(record)
        if problem:
            problems.append(f"{record.source}: {problem}")
        else:
            usable.append((record, measured))
    if problems and not optional:
        told = "".join(f"\n  {problem}" for problem in _some(problems))
        raise UsageError(f"--baseline: cannot be used:{told}\n  {_REMEDY}")
    return Baseline(
        measured=together([one for _, one in usable], weighed=True) if usable else None,
        runs=tuple(
            (identity_of(record, one.total, one.endpoints), record.source) for record, one in usable
        ),
        files=tuple(file for source in group.sources for file in belonging(source)),
        warnings=(
            *_warnings([record for record, _ in usable], problems),
            *_judged_otherwise(usable),
        ),
    )


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


def _judged_otherwise(runs: Sequence[tuple[RunSummary, Measured]]) -> Iterator[str]:
    """Say where the rules of today decide otherwise than those of the day on which a run ran."""
    changed, hidden = [], []
    for record, measured in runs:
        now = measured.total
        unknown = record.failures - now.true - now.expected
        if unknown:
            hidden.append(f"{unknown:,} of {record.failures:,} in {record.source}")
        if (now.true, now.expected) != (record.true, record.expected):
            changed.append(f"{now.true:,} instead of {record.true:,} in {record.source}")
    if changed:
        yield (
            "the baseline was judged by other rules; by the rules of this run its true failures are"
            f" {', '.join(_some(changed))}"
        )
    if hidden:
        yield (
            "some failures of the baseline count neither as true nor as expected, as the rules of"
            f" this run need what its documents mask: {', '.join(_some(hidden))}. Give --baseline"
            " the files of Locust instead"
        )


def _some(texts: Sequence[str]) -> list[str]:
    more = [and_more(len(texts) - _TOLD)] if len(texts) > _TOLD else []
    return [*texts[:_TOLD], *more]
