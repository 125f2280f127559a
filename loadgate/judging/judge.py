"""`loadgate.judge`: from a run and rules to a verdict, as `loadgate check` does it."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from loadgate import model
from loadgate.classify import classify
from loadgate.document.read import Summarised, read
from loadgate.errors import LoadgateError, ResultError, UsageError
from loadgate.judging.earlier import earlier_for
from loadgate.judging.provenance import provenance
from loadgate.judging.runs import decided, find_all, judge_all, passed_over, rules_passed_over
from loadgate.judging.verdict import Verdict
from loadgate.model import Policy, Run
from loadgate.read.encodings import known_encoding
from loadgate.render import render
from loadgate.rules import load_policy
from loadgate.rules.thresholds import STRICT_RULES, command_line_thresholds
from loadgate.runs.load import NO_RUN, in_a_line
from loadgate.summary import Unreadable
from loadgate.text import first_of, numbered

Path = str | os.PathLike[str]
EarlierRun = Path | model.Verdict | Mapping[str, Any]
"""A path, a verdict, or a result document."""

_NAMED = 5
_NAMELESS = "the document"


def judge(  # noqa: PLR0913 - one parameter for each option of the command
    run: Path | Iterable[Path] | Run,
    *,
    rules: Path | Policy | None = None,
    thresholds: str | Iterable[str] = (),
    baseline: EarlierRun | Iterable[EarlierRun] | None = None,
    baseline_optional: bool = False,
    history: EarlierRun | Iterable[EarlierRun] | None = None,
    history_optional: bool = False,
    label: str | None = None,
    branch: str | None = None,
    commit: str | None = None,
    link: str | None = None,
    strict_rules: bool = False,
    merge: bool = False,
    today: date | None = None,
    encoding: str | None = None,
    allow_partial: bool = False,
) -> Verdict:
    """Judge a run, exactly as `loadgate check` does: the same input gives the same document.

    Each argument is the option of that name, and messages call it so (`--baseline`).

    Args:
        run: A file, folder or `--csv` prefix that Locust wrote, a recording, or a Run that
            `read_run` returned. Several paths need `merge=True`.
        rules: A rules file, the name of a preset, or a Policy. Default: `loadgate.toml` in the
            working directory, else the preset `optimistic-locking`.
        thresholds: Limits on the whole run, such as "p95 <= 800ms", besides those of the rules.
        baseline: An earlier run or several to compare with: paths as `run` takes them, folders of
            them, verdicts, or result documents (`verdict.to_dict()`).
        baseline_optional: If there is no baseline yet, skip the thresholds that need one.
        history: The earlier runs of which the last 20 comparable ones count, as `baseline`.
        history_optional: If there are fewer than 5 such runs yet, skip thresholds that need them.
        label: The name shown for the run. Default: the file name.
        branch: Branch to record in the document. Default: from the CI system, else none.
        commit: Commit to record, likewise.
        link: URL of the CI job to record, likewise.
        strict_rules: Also fail if a rule is idle, expired, or expires within 30 days.
        merge: Judge several paths as one run, such as the shards of a test.
        today: The day in UTC on which rules expire or not. Default: today.
        encoding: Encoding of the result files. Default: UTF-8, else a guess with a warning.
        allow_partial: Continue although the files disagree, and count conservatively.

    Returns:
        The verdict, also for a run that failed or made no requests.

    Raises:
        RulesError: The rules file is not there or wrong; `problems` has every problem.
        ResultError: There is no run at the path, or its files cannot be read.
        ContradictionError: The files disagree; see `allow_partial`. It is a ResultError.
        UsageError: An argument cannot be followed: a bad threshold, a baseline that is missing or
            of no use, several runs without `merge`.

    Warns:
        UserWarning: Of merged folders, a result in them that was left out. Without `rules`, a
            `loadgate.toml` beside the run that is not used.

    Example:
        >>> before = loadgate.judge("main", rules="loadgate.toml")
        >>> verdict = loadgate.judge("pull", thresholds="new_failure_kinds <= 0", baseline=before)
        >>> before.passed, verdict.passed
        (True, False)
    """
    wanted = _policy(rules, _each(thresholds, str), strict_rules=strict_rules, today=today)
    encoding = encoding and known_encoding(encoding)
    earlier = earlier_for(
        wanted,
        {"baseline": _earlier(baseline), "history": _earlier(history)},
        optional={"baseline": baseline_optional, "history": history_optional},
        encoding=encoding,
    )
    origin = provenance(os.environ, branch=branch, commit=commit, link=link)
    if isinstance(run, Run):
        if merge or allow_partial or encoding:
            raise UsageError(
                "this run is already read: give encoding and allow_partial to read_run, and paths"
                " to merge"
            )
        own = run if label is None else replace(run, label=label)
        return decided(classify(own, wanted), wanted, earlier, origin, over_time=True)
    paths = [os.fsdecode(path) for path in _each(run, str, bytes, os.PathLike)]
    if not paths:
        raise UsageError("no run: name a file, folder or prefix that Locust wrote")
    named = find_all(paths, label, merge=merge)
    if len(named.judged) != 1:
        raise UsageError(
            f"{len(named.runs)} runs: {first_of(named.runs, _NAMED)}\n"
            "  Judge each by itself, or all as one with merge=True."
        )
    (result,) = judge_all(
        named,
        wanted,
        [earlier],
        origin,
        encoding=encoding,
        allow_partial=allow_partial,
        over_time=True,
    )
    if isinstance(result, LoadgateError):
        raise result
    for text in [*passed_over(named, [result]), *rules_passed_over(rules, named.runs, wanted)]:
        warnings.warn(text, stacklevel=2)
    return result


def _policy(
    rules: Path | Policy | None,
    thresholds: Sequence[str],
    *,
    strict_rules: bool,
    today: date | None,
) -> Policy:
    if not _is_day(today):
        raise TypeError(f"today: must be a datetime.date, not {today!r}")
    if not isinstance(rules, Policy):
        path = rules if rules is None or isinstance(rules, os.PathLike) else os.fsdecode(rules)
        return load_policy(path, thresholds=thresholds, strict_rules=strict_rules, today=today)
    demanded = command_line_thresholds([*thresholds, *(STRICT_RULES if strict_rules else ())])
    return replace(rules, thresholds=(*rules.thresholds, *demanded), today=today or rules.today)


def _is_day(value: object) -> bool:
    """Say whether a value is a date or None, and no datetime, whose day depends on its zone."""
    return value is None or type(value) is date


def _each(given: Any, *single: type) -> list[Any]:  # noqa: ANN401 - as judge takes it
    """Return the values of an argument that may be one alone, or none."""
    if given is None:
        return []
    if isinstance(given, single):
        return [given]
    if not isinstance(given, Iterable):
        raise TypeError(f"must be a path or several, not {type(given).__name__}: {given!r}")
    return [*given]


def _earlier(given: Any) -> list[str | Summarised | Unreadable]:  # noqa: ANN401 - as above
    """Return what earlier runs are read from: paths, and documents by the label of their run."""
    every = [
        one if isinstance(one, (model.Verdict, Mapping)) else os.fsdecode(one)
        for one in _each(given, str, bytes, os.PathLike, model.Verdict, Mapping)
    ]
    taken = {one for one in every if isinstance(one, str)}
    found: list[str | Summarised | Unreadable] = []
    for one in every:
        if isinstance(one, str):
            found.append(one)
            continue
        document = json.loads(render(one, "json")) if isinstance(one, model.Verdict) else one
        run = document.get("run")
        label = run.get("label") if isinstance(run, Mapping) else None
        taken.add(source := numbered(str(label or _NAMELESS), taken))
        found.append(_read(json.dumps(document), source))
    return found


def _read(text: str, source: str) -> Summarised | Unreadable:
    try:
        return read(text, source, written=None) or Unreadable(source=source, problem=NO_RUN)
    except ResultError as error:
        return Unreadable(source=source, problem=in_a_line(error, source))
