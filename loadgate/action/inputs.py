"""The environment of a step in, what the action was asked for out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from loadgate.action.results import find_results
from loadgate.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The inputs of the action, checked."""

    runs: tuple[str, ...]
    """Paths of what is judged; globs are resolved."""
    rules: str
    """A file or a preset; empty: as `loadgate check` finds it."""
    thresholds: tuple[str, ...]
    baseline: tuple[str, ...]
    """Paths of the runs that others are held against."""
    baseline_optional: bool
    strict_rules: bool
    label: str
    """Empty: as `loadgate check` calls the runs."""
    encoding: str
    """Of the result files; empty: as `loadgate check` finds it."""


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """Read LOADGATE_RESULTS and so on; raises UsageError."""
    return Inputs(
        runs=tuple(find_results(lines(environment.get("LOADGATE_RESULTS", "")))),
        rules=environment.get("LOADGATE_RULES", "").strip(),
        thresholds=tuple(lines(environment.get("LOADGATE_THRESHOLDS", ""))),
        baseline=tuple(lines(environment.get("LOADGATE_BASELINE", ""))),
        baseline_optional=read_switch(environment, "baseline-optional", default=False),
        strict_rules=read_switch(environment, "strict-rules", default=False),
        label=environment.get("LOADGATE_LABEL", "").strip(),
        encoding=environment.get("LOADGATE_ENCODING", "").strip(),
    )


def read_switch(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Read an input that is true or false, `default` where it is empty; raises UsageError."""
    variable = f"LOADGATE_{name.upper().replace('-', '_')}"
    text = environment.get(variable, "").strip()
    if text.lower() not in {"", "true", "false"}:
        raise UsageError(f"input {name}: is {text!r}; write true or false")
    return text.lower() == "true" if text else default


def lines(text: str) -> list[str]:
    """Return the lines that say something, without the white space around them."""
    # Not splitlines(): a name may hold what only Unicode takes for the end of a line.
    return [line.strip() for line in text.split("\n") if line.strip()]
