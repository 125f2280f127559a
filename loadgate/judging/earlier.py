"""Earlier runs that runs are held against: what --baseline and --history name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from loadgate.baseline import Baseline
from loadgate.errors import UsageError
from loadgate.history import History
from loadgate.model import Policy, Reference
from loadgate.rules.thresholds import COMMAND_LINE, references

if TYPE_CHECKING:
    from loadgate.runs.measured import Given

Read = TypeVar("Read")


class Earlier(NamedTuple):
    """What a run is held against."""

    baseline: Baseline | None = None
    history: History | None = None


def earlier_for(
    policy: Policy,
    paths: Mapping[Reference, Sequence[Given]],
    *,
    optional: Mapping[Reference, bool],
    encoding: str | None,
    baseline: Baseline | None = None,
) -> Earlier:
    """Read what runs are held against, if anything; raises UsageError if what is needed is not.

    `baseline` is there already, or known to be absent.
    """
    given = {name for name, of in paths.items() if of} | ({"baseline"} if baseline else set())
    for name, allowed in optional.items():
        if allowed and name not in given:
            raise UsageError(
                f"--{name}-optional needs --{name} PATH, where to look for one", page="baseline"
            )
    needing = [
        (one, needed[0])
        for one in policy.thresholds
        if (needed := references(one)) and given.isdisjoint(needed)
    ]
    if needing:
        (first, name), more = needing[0], len(needing) - 1
        where = COMMAND_LINE if first.origin == COMMAND_LINE else f"{first.origin}:"
        raise UsageError(
            f"{where} {first.require!r}{f' and {more:,} more need' if more else ' needs'}"
            f" a {name}\n"
            f"  Name the runs to compare with: --{name} PATH. If there may be none yet, add"
            f" --{name}-optional.",
            page="baseline",
        )
    if not given:
        return Earlier()
    from loadgate.runs.baseline import read_baseline, read_history

    def read(name: Reference, of: Callable[..., Read]) -> Read | None:
        if not paths[name]:
            return None
        return of(paths[name], policy, optional=optional[name], encoding=encoding)

    return Earlier(baseline or read("baseline", read_baseline), read("history", read_history))
