"""The action's inputs: the variables LOADGATE_RESULTS and so on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from loadgate.action.results import find_results
from loadgate.errors import UsageError
from loadgate.read.encodings import known_encoding


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What is judged, and how; None: as `loadgate check` does without that option."""

    runs: tuple[str, ...]
    """Paths; globs are resolved."""
    rules: str | None
    """A file or a preset."""
    thresholds: tuple[str, ...]
    baseline: tuple[str, ...]
    """Paths of the runs to compare with."""
    baseline_optional: bool
    strict_rules: bool
    label: str | None
    encoding: str | None
    """Of the result files."""


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """Read the inputs; raises UsageError for one that is not valid."""

    def text(name: str) -> str | None:
        return environment.get(f"LOADGATE_{name}", "").strip() or None

    def lines(name: str) -> tuple[str, ...]:
        # Not splitlines(): a name may hold characters that only Unicode takes for a line end.
        texts = environment.get(f"LOADGATE_{name}", "").split("\n")
        return tuple(line.strip() for line in texts if line.strip())

    encoding = text("ENCODING")
    return Inputs(
        runs=tuple(find_results(lines("RESULTS"))),
        rules=text("RULES"),
        thresholds=lines("THRESHOLDS"),
        baseline=lines("BASELINE"),
        baseline_optional=read_switch(environment, "baseline-optional", default=False),
        strict_rules=read_switch(environment, "strict-rules", default=False),
        label=text("LABEL"),
        encoding=known_encoding(encoding) if encoding else None,
    )


def read_switch(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Read an input that is true or false, `default` if it is empty; raises UsageError."""
    variable = f"LOADGATE_{name.upper().replace('-', '_')}"
    text = environment.get(variable, "").strip()
    if text.lower() not in {"", "true", "false"}:
        raise UsageError(f"input {name}: is {text!r}; write true or false")
    return text.lower() == "true" if text else default
