"""A weekly report in, GitHub-flavoured Markdown for an issue, a wiki or a mail out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from zoneinfo import ZoneInfo

from loadgate.model import SERVER_ERRORS
from loadgate.render import words as wording
from loadgate.render.markdown import BYTES, code, escape, left_out, sentence
from loadgate.render.markdown import section as table_section
from loadgate.render.masking import distinct, mask_report
from loadgate.render.weekly import chart_data as points
from loadgate.render.weekly import mermaid, words
from loadgate.render.weekly.page.elements import shown
from loadgate.summary import RunSummary
from loadgate.text import first_of
from loadgate.weekly.model import ActionItem, Change, EndpointTrend, KindTrend, Report, RuleTrend
from loadgate.weekly.numbers import milliseconds, percent

Charts = Literal["mermaid", "svg", "none"]

_ROWS = 200  # of a table; fewer where the document would be too large
_MOST = 1000  # server errors, and things that need a person: what gives way last
_LISTED = 20
_DAYS = 14  # columns of the table by day; wider than that is wider than a page
_ADDRESS = re.compile(r"https?://[A-Za-z0-9:/?#@!$+,;=&._~%-]{1,1000}")
"""What addresses are made of as long as they are harmless in Markdown and HTML."""
_BADGES = {"passed": "✅ passed", "failed": "❌ failed", "no-evidence": "⚠️ no evidence"}


def render_markdown(
    report: Report,
    *,
    charts: Charts = "mermaid",
    pictures: Mapping[str, str] | None = None,
) -> str:
    """Return the report, the most important first, in less than BYTES bytes of UTF-8.

    `pictures` are what stands for each picture where `charts` is "svg": its title, its address.
    What is left out for its size is counted where it is missing.
    """
    report = mask_report(report)
    room = _Room(rows=_ROWS, most=_MOST)
    text = _document(report, charts, pictures or {}, room)
    while len(text.encode()) >= BYTES and room.most > 1:
        room = room.less()
        text = _document(report, charts, pictures or {}, room)
    return text


@dataclass(frozen=True, slots=True)
class _Room:
    """How much of a report the document holds."""

    rows: int
    """Of each table."""
    most: int
    """Server errors, and things that need a person."""

    def less(self) -> _Room:
        """Return half of the rows; once there is one row left, half of what matters most."""
        if self.rows > 1:
            return replace(self, rows=self.rows // 2)
        return replace(self, most=self.most // 2)


def _document(report: Report, charts: Charts, pictures: Mapping[str, str], room: _Room) -> str:
    return "".join(f"{line}\n" for line in _lines(report, charts, pictures, room))


def _lines(
    report: Report, charts: Charts, pictures: Mapping[str, str], room: _Room
) -> Iterator[str]:
    period, previous, rows = report.period, report.previous, room.rows
    yield f"# Load tests, {escape(period.name)}"
    yield ""
    yield _headline(report)
    yield ""
    yield f"**{_totals(report)}**"
    yield ""
    yield (
        f"{period.first} to {period.last} ({escape(period.zone)}), compared with"
        f" {escape(previous.name)}:"
        f" {wording.counted(len(report.runs_before), 'run')}."
    )
    yield from _attention(report, room.most)
    if charts == "mermaid":
        yield from mermaid.diagrams(report)
    for title, address in pictures.items():
        yield ""
        yield f"![{title}]({address})"
    yield from _runs(report, rows)
    yield from _endpoints(report, rows)
    yield from _days(report)
    yield from _kinds(report, room)
    yield from _rules(report, rows)
    yield from _method(report, rows)


def _section(
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    more: str = "",
    *,
    right: Sequence[int] = (),
) -> Iterator[str]:
    yield from table_section(title, header, rows, more, right=right, level=2)


def _headline(report: Report) -> str:
    """Return the sentence with the names in it set apart."""
    names = [one.endpoint for one in report.endpoints]
    return _set_apart(report.headline, [name for name in names if name in report.headline])


def _set_apart(text: str, names: Iterable[str]) -> str:
    """Return a sentence with what comes from runs and rules as code."""
    return sentence(text, names)


def _totals(report: Report) -> str:
    failures = report.expected + report.true
    return (
        f"{wording.counted(report.requests, 'request')}, {wording.counted(failures, 'failure')}"
        f" = {report.expected:,} expected + {report.true:,} true"
    )


def _attention(report: Report, most: int) -> Iterator[str]:
    yield ""
    yield "## Needs attention"
    yield ""
    if not report.action_items:
        yield "Nothing to do."
    for one in report.action_items[:most]:
        yield f"- **{words.ACTIONS[one.kind]}**: {_sentence(one)}"
    if len(report.action_items) > most:
        yield f"- and {len(report.action_items) - most:,} more like these"


def _sentence(one: ActionItem) -> str:
    runs = ", ".join(escape(shown(run)) for run in words.runs(one))
    return _set_apart(one.sentence, one.names) + (f" ({runs})" if runs else "")


# --- tables ---------------------------------------------------------------------------------------


def _runs(report: Report, rows: int) -> Iterator[str]:
    if not report.runs:
        return
    zone = ZoneInfo(report.period.zone)
    yield from _section(
        "Runs",
        ("Run", "Verdict", "Started", "Branch", "Commit", "Requests", *_FAILURES, "p95"),
        [_run(record, zone) for record in points.runs_shown(report, rows)],
        left_out(len(report.runs) - rows, "runs"),
        right=(5, 6, 7, 8),
    )


_FAILURES = ("Failures = expected + true", "True rate")


def _run(record: RunSummary, zone: ZoneInfo) -> tuple[str, ...]:
    name = escape(shown(record.label or record.source))
    anew = ", judged anew" if record.rejudged else ""
    partial = ", partial results" if record.partial else ""
    return (
        f"[{name}]({address})" if (address := link(record.link)) else name,
        f"{_BADGES[record.outcome]}{partial}{anew}",
        words.when(record.started, zone) + ("?" if record.time_from == "file" else ""),
        escape(shown(record.branch)),
        escape(words.commit(shown(record.commit))),
        f"{record.requests:,}",
        f"{record.failures:,} = {record.expected:,} + {record.true:,}",
        wording.share_text(record.true, record.requests),
        milliseconds(record.p95 if record.requests else None),
    )


def link(address: str) -> str:
    """Return an address as Markdown may hold it; nothing where it is no plain web address.

    Where it is not certain to end where it should, or something in it is masked, only the name
    is shown.
    """
    return address if _ADDRESS.fullmatch(address) else ""


def _endpoints(report: Report, rows: int) -> Iterator[str]:
    if not report.endpoints:
        return
    names = distinct([(one.method, one.name) for one in report.endpoints], shown)
    yield from _section(
        "Endpoints",
        ("Endpoint", "Requests", "True", "True rate", "Change", "p95", "Change"),
        [_endpoint(one, names[one.method, one.name]) for one in report.endpoints[:rows]],
        left_out(len(report.endpoints) - rows, "endpoints"),
        right=(1, 2, 3, 5),
    )


def _endpoint(one: EndpointTrend, name: tuple[str, str]) -> tuple[str, ...]:
    rate, p95 = one.true_rate, one.p95
    return (
        code(" ".join(name).strip() or wording.NAMELESS),
        f"{one.requests:,}",
        f"{one.true:,}",
        f"{percent(rate.now)} ({percent(rate.before)} before)",
        change(rate),
        f"{milliseconds(p95.now)} ({milliseconds(p95.before)} before)",
        change(p95),
    )


def change(of: Change) -> str:
    """Return direction, effect and evidence of a change: "▲ worse, 3 times as many (p = 0.01)"."""
    if of.direction == "unclear" and of.now is None:
        return ""
    told = [words.DIRECTIONS[of.direction]]
    if of.words and of.direction != "same":
        told.append(escape(of.words))
    evidence = "" if of.p_value is None else f" (p = {of.p_value:.2g})"
    return ", ".join(told) + evidence


def _days(report: Report) -> Iterator[str]:
    """Yield true failures by endpoint and day, as numbers for who cannot see a picture."""
    days = points.days_of(report)
    rows = points.day_rows(report)
    if rows and len(days) <= _DAYS:
        yield from _section(
            "True failures by day",
            ("Endpoint", *(f"{words.DAYS[day.weekday()]} {day.day}" for day in days)),
            [
                (
                    code(name),
                    *(f"{counts[day][1]:,}" if day in counts else "" for day in days),
                )
                for name, counts in rows
            ],
            right=range(1, len(days) + 1),
        )


def _kinds(report: Report, room: _Room) -> Iterator[str]:
    if not report.kinds:
        return
    kept, rest = points.kinds_shown(report, room.rows, room.most)
    more = left_out(len(rest), "kinds", sum(one.count for one in rest))
    errors = sum(one.status in SERVER_ERRORS and one.count > 0 for one in rest)
    if errors:
        more += f" {errors:,} of them have a 5xx status."
    yield from _section(
        "Kinds of failures",
        ("Kind", "Failures", "Before", "Status", "Endpoint", "Error", "First run", "Last run"),
        [_kind(one) for one in kept],
        more,
        right=(1, 2, 3),
    )


def _kind(one: KindTrend) -> tuple[str, ...]:
    by = f" by {escape(one.rule)}" if one.rule and one.decision == "expected" else ""
    return (
        f"{one.state}, {one.decision}{by}",
        f"{one.count:,} in {wording.counted(one.runs, 'run')}",
        f"{one.before:,}",
        str(one.status or "unknown"),
        code(shown(one.endpoint) or wording.NAMELESS),
        code(one.signature or wording.EMPTY),
        escape(shown(one.first_run)),
        escape(shown(one.last_run)),
    )


def _rules(report: Report, rows: int) -> Iterator[str]:
    if not report.rules:
        return
    yield from _section(
        "Rules",
        ("Rule", "Failures", "Runs", "Budget used", "Expires", "Why"),
        [_rule(one) for one in report.rules[:rows]],
        left_out(len(report.rules) - rows, "rules"),
        right=(1,),
    )


def _rule(one: RuleTrend) -> tuple[str, ...]:
    kind = one.state if one.excuses else "counts as failure"
    budget = "no limit"
    if one.budget is not None:
        budget = f"{percent(one.used or 0)} of at most {percent(one.budget)}"
    expires = "never"
    if one.expires is not None and one.days_left is not None:
        days = wording.counted(abs(one.days_left), "day")
        expires = f"{one.expires} ({days} {'left' if one.days_left >= 0 else 'ago'})"
    return (
        f"{escape(one.id)} ({kind})",
        f"{one.matched:,}",
        f"{one.runs_matched:,} of {one.runs:,}",
        budget if one.excuses else "",
        expires if one.excuses else "",
        escape(one.why),
    )


# --- how ------------------------------------------------------------------------------------------


def _method(report: Report, rows: int) -> Iterator[str]:
    yield ""
    yield "<details><summary>How this was computed</summary>"
    yield ""
    for fact in words.method(report, escape):
        yield f"- {fact}"
    for title, texts in words.listings(report):
        listed = first_of([_named(text) for text in texts], min(rows, _LISTED))
        yield f"- {title} ({len(texts):,}): {listed}"
    yield ""
    yield "</details>"


def _named(text: str) -> str:
    return escape(shown(text))
