"""How the steps of a job ended, for tests to ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from action.commands import Command, parse_log


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRan:
    """How one step ended. The steps of a nested `./` stand before the step that uses it."""

    id: str
    """Its id, else its name, else what it uses."""
    conclusion: str
    """success, failure or skipped; with continue-on-error a failure is a success here."""
    outcome: str
    """As conclusion, but what really happened."""
    outputs: Mapping[str, str]
    log: str
    """Standard output and standard error as they came, byte for byte but for invalid UTF-8."""
    summary: str
    """What it left in its GITHUB_STEP_SUMMARY."""

    @property
    def commands(self) -> list[Command]:
        """The workflow commands that a runner finds in the log."""
        return parse_log(self.log)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How an action or a job ended."""

    outcome: str
    """success or failure."""
    outputs: Mapping[str, str]
    """The action's outputs, or the job's."""
    steps: tuple[StepRan, ...]

    def step(self, id: str) -> StepRan:  # noqa: A002 - the key is called that
        """Return the only step of this id (or name); the first, where `./` was used twice."""
        return next(step for step in self.steps if step.id == id)

    @property
    def log(self) -> str:
        """The logs of all steps."""
        return "".join(step.log for step in self.steps)

    @property
    def commands(self) -> list[Command]:
        """The commands of all steps."""
        return [command for step in self.steps for command in step.commands]

    @property
    def summary(self) -> str:
        """The job summary."""
        return "".join(step.summary for step in self.steps)
