"""Since when a number is what it is: change points over all runs there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from loadgate.masking import Endpoint
from loadgate.summary import RunSummary

Series = Literal["true_failure_rate", "p95"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """Where a number changed and stayed changed, more than its runs differ by chance."""

    metric: Series
    endpoint: Endpoint | None
    """None: the whole run."""
    before: float
    """The usual value of the runs before: a share (0 to 1) or milliseconds."""
    after: float
    """That of the runs since."""
    runs_before: int
    """Runs since the change before this one, or all."""
    runs_after: int
    """Runs up to the next change, or all."""
    last_before: RunSummary
    """The last run before the change."""
    first: RunSummary
    """The first run after it."""

    @property
    def worse(self) -> bool:
        """Say whether it is a change for the worse: both numbers are bad if high."""
        return self.after > self.before


def change_points(runs: Sequence[RunSummary]) -> tuple[ChangePoint, ...]:
    """Return all changes of the runs, which come by start, the earliest first.

    Each is of the whole run or of one endpoint; runs without requests there have no say.
    """
    return ()
