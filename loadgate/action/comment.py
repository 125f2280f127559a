"""The text of the comment on a pull request: the verdicts in short, for people who review code."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from loadgate.action.step_outputs import as_markdown, by_harm, fitting
from loadgate.baseline import Baseline, Pairing
from loadgate.masked import mask_verdict
from loadgate.metrics import NEW_KINDS
from loadgate.model import Verdict
from loadgate.render import words as wording
from loadgate.render.markdown import BADGES, BYTES, code, escape, sentence, table_section
from loadgate.render.tables import Column
from loadgate.render.verdict import tables
from loadgate.render.verdict.markdown import names_in
from loadgate.text import and_more, counted, first_of

_ROWS = 5  # of a list; the job summary has all
_BASELINES = 2
Compared = tuple[Verdict, Baseline | None]
"""A verdict, and the baseline that its failures are compared with, if there is any."""


def comment(judged: Sequence[Compared], messages: Sequence[str], name: str = "") -> str:
    """Return what could not be judged, then the verdicts, the worst first, the passed in short.

    `name` is what the reader knows the step by.
    """
    parts = [as_markdown(message, name) for message in messages]
    passed = [verdict for verdict, _ in judged if verdict.outcome == "passed"]
    sections = [
        _section(verdict, baseline)
        for verdict, baseline in sorted(judged, key=lambda one: by_harm(one[0]))
        if len(passed) == 1 or verdict.outcome != "passed"
    ]
    if len(passed) > 1:
        sections.append(_in_short(passed))
    parts += ["".join(f"{line}\n" for line in section) for section in sections]
    return fitting(parts, BYTES).decode()


def _section(verdict: Verdict, baseline: Baseline | None) -> Iterator[str]:
    new = _new(verdict, baseline)
    shown = mask_verdict(verdict)
    found, names = shown.classification, names_in(shown)
    yield _heading(shown)
    yield ""
    yield f"**{wording.summary(found)}**"
    if verdict.outcome != "failed":
        yield ""
        passed = verdict.outcome == "passed"
        yield f"{sentence(wording.decision(shown), names)}." if passed else wording.NO_EVIDENCE
    if new is not None:
        runs = first_of([escape(source) for source in shown.baseline], _BASELINES)
        yield ""
        yield f"{counted(len(new), 'new kind')} of true failures compared with {runs}."
    for alarm in (*([wording.PARTIAL] if found.run.partial else []), *wording.alarms(found)):
        yield ""
        yield f"⚠️ {sentence(alarm, names)}"
    yield from _broken_checks(shown)
    yield from _true_failures(shown, new)


def _broken_checks(verdict: Verdict) -> Iterator[str]:
    """Yield the checks that failed, and those that would but are only warnings."""
    lines = [line for line in wording.check_lines(verdict) if line.mark in {"FAILED", "warning"}]
    if lines:
        yield ""
    for line in lines[:_ROWS]:
        check, note = line.check, line.note
        where = "" if check.endpoint is None else f", at {code(line.endpoint)}"
        rule = "" if check.rule is None else f", by rule {code(check.rule)}"
        if check.metric.name == NEW_KINDS:
            note = ""  # the table has them
        why = f" ({escape(note)})" if note else ""
        yield f"- {BADGES[line.mark]}{code(line.limit)}: {line.actual}{where}{rule}{why}"
    if len(lines) > _ROWS:
        yield f"- {and_more(len(lines) - _ROWS, 'checks')}"


def _heading(verdict: Verdict) -> str:
    outcome, label = verdict.outcome, verdict.classification.run.label
    return f"### {BADGES[outcome]}{wording.VERDICTS[outcome]}: {code(label)}"


def _new(verdict: Verdict, baseline: Baseline | None) -> Collection[int] | None:
    """Return which kinds of failures, by their places, the baseline lacks; None: there is none."""
    if baseline is None or baseline.measured is None:
        return None
    pairing = Pairing(verdict.classification, baseline.measured)
    new = {*pairing.new_kinds(None)}
    return {place for place, kind in enumerate(verdict.classification.failures) if kind in new}


def _true_failures(verdict: Verdict, new: Collection[int] | None) -> Iterator[str]:
    """Yield the table of true failures, those first that the baseline lacks."""
    table = tables.true_failures(verdict)
    if new:
        fresh = {verdict.classification.failures[place] for place in new}
        table = replace(
            table,
            columns=(Column("New", lambda kind: "yes" if kind in fresh else ""), *table.columns),
            rows=sorted(table.rows, key=lambda kind: kind not in fresh),
        )
    yield from table_section(table, _ROWS)


def _in_short(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield a line for each of several runs that passed."""
    yield f"### {BADGES['passed']}{wording.VERDICTS['passed']}: {counted(len(verdicts), 'run')}"
    yield ""
    for verdict in map(mask_verdict, verdicts):
        found = verdict.classification
        yield f"- {code(found.run.label)}: {wording.summary(found)}"
