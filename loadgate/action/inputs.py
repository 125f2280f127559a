"""The action's inputs: the variables LOADGATE_RESULTS and so on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from loadgate.cli import console
from loadgate.errors import LoadgateError, RulesError, UsageError
from loadgate.published import Page
from loadgate.render.github import SHOWN

_NAMING = ("LABEL", "ARTIFACT_NAME", "RESULTS")
_OF_INPUT = {"threshold": "thresholds"}
"""Options of the command line whose inputs have other names; the rest are called alike."""
_SWITCHES = "baseline-optional|history-optional|strict-rules|allow-partial|merge"
_VALUES = "threshold|baseline|history|label|encoding|rules"
_OPTION = re.compile(rf"(?<![^\s(])--({_SWITCHES}|{_VALUES})(?=[.:,;)]*(?:\s|$))(:| PATH\b)?")
_QUOTED = re.compile(r"(?m)^(input thresholds: )'(.*?)'(?=: | needs | and [0-9,]+ more need )")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What is judged, how, and what is shown; by default as `loadgate check` does it."""

    results: tuple[str, ...] = ()
    """Paths and globs."""
    working_directory: str | None = None
    """The folder that paths start from; None: that of the step."""
    rules: str | None = None
    """A file or a preset."""
    thresholds: tuple[str, ...] = ()
    baseline: tuple[str, ...] = ()
    """Paths of the runs to compare with, or names of branches."""
    baseline_optional: bool = False
    history: tuple[str, ...] = ()
    """Paths of runs of which the last ones before the run are compared with."""
    history_optional: bool = False
    strict_rules: bool = False
    merge: bool = False
    allow_partial: bool = False
    label: str | None = None
    encoding: str | None = None
    """Of the result files."""
    summary: bool = True
    annotations: bool = True
    max_annotations: int = SHOWN
    """Of each level."""
    artifact_name: str = ""
    """Under which the documents of each run are uploaded."""
    comment: bool = False
    """On the pull request."""
    fail_on_gate: bool = True


def name_of(environment: Mapping[str, str]) -> str:
    """Return what a reader knows the step by: its label, else its artifact, else its one result."""
    names = (environment.get(f"LOADGATE_{name}", "").strip() for name in _NAMING)
    name = next(filter(None, names), "")
    return name if "\n" not in name else ""


def explain(
    error: Exception, rules: str | None = None, page: Page = "ci#github-actions"
) -> tuple[int, str]:
    """Return the exit code and the message of an error, in which inputs are no options.

    `rules` is that input; `page` is linked to where the error has none of its own.
    """
    if isinstance(error, LoadgateError) and error.page == UsageError.page:
        error.page = page
    code, message = console.explain(error)
    if isinstance(error, RulesError):  # which quotes what must stay exact
        return code, f"input rules: {message}" if error.path == rules else message
    lines = message.split("\n")
    return code, "\n".join([*map(_with_inputs, lines[:-1]), lines[-1]])


def _with_inputs(line: str) -> str:
    """Return a line of a message with the name of an input where it has that of an option."""

    def named(match: re.Match[str]) -> str:
        option, more = match[1], match[2] or ""
        name = _OF_INPUT.get(option, option)
        if not match.start():
            return f"input {name}:"
        if re.fullmatch(_SWITCHES, option):
            return f"{name}: true{more}"
        return f"the input {name}" + more.removesuffix(" PATH")

    return _QUOTED.sub(r"\1\2", _OPTION.sub(named, line))


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """Read the inputs; raises UsageError for a value that an input cannot have."""

    def value(name: str) -> str:
        return environment.get(f"LOADGATE_{name.upper().replace('-', '_')}", "").strip()

    def lines(name: str) -> tuple[str, ...]:
        # Not splitlines(): a name may hold characters that only Unicode takes for a line end.
        return tuple(filter(None, map(str.strip, value(name).split("\n"))))

    def switch(name: str, *, default: bool) -> bool:
        text = value(name).lower()
        if text not in {"", "true", "false"}:
            raise UsageError(f"input {name}: is {value(name)!r}; write true or false")
        return text == "true" if text else default

    def number(name: str, most: int) -> int:
        text = value(name)
        if not text:
            return most
        if not (text.isascii() and text.isdecimal() and int(text[:9]) <= most):
            raise UsageError(
                f"input {name}: is {text!r}; write a whole number from 0 to {most}, as GitHub shows"
                " no more of a step"
            )
        return int(text)

    return Inputs(
        results=lines("results"),
        working_directory=value("working-directory") or None,
        rules=value("rules") or None,
        thresholds=lines("thresholds"),
        baseline=lines("baseline"),
        baseline_optional=switch("baseline-optional", default=False),
        history=lines("history"),
        history_optional=switch("history-optional", default=False),
        strict_rules=switch("strict-rules", default=False),
        merge=switch("merge", default=False),
        allow_partial=switch("allow-partial", default=False),
        label=value("label") or None,
        encoding=value("encoding") or None,
        summary=switch("summary", default=True),
        annotations=switch("annotations", default=True),
        max_annotations=number("max-annotations", SHOWN),
        artifact_name=value("artifact-name"),
        comment=switch("comment", default=False),
        fail_on_gate=switch("fail-on-gate", default=True),
    )
