"""A report in, the sections of its page out, the most important first."""

from __future__ import annotations

from collections.abc import Iterator

from loadgate.render.weekly import words
from loadgate.render.weekly.page import tables
from loadgate.render.weekly.page.charts_html import pictures
from loadgate.render.weekly.page.elements import (
    NOTHING,
    SPACE,
    Html,
    code,
    element,
    items,
    join,
    small,
    text,
)
from loadgate.weekly.model import Report
from loadgate.weekly.numbers import milliseconds, percent

_LISTED = 100  # sources, concerns: what is listed, not tabled

Section = tuple[str, str, Html]
"""Its id, its heading and what is in it."""


def sections(report: Report) -> Iterator[Section]:
    """Yield all sections that the report has something for."""
    yield "attention", "Needs attention", _attention(report)
    drawn = pictures(report)
    if drawn:
        yield "pictures", "Pictures", drawn
    yield "runs", "Runs", tables.runs(report)
    if report.endpoints:
        yield "endpoints", "Endpoints", tables.endpoints(report)
    if report.kinds:
        yield "kinds", "Failure kinds", tables.kinds(report)
    if report.rules:
        yield "rules", "Rules", tables.rules(report)
    yield "method", "How this was computed", _method(report)


# --- at the top -----------------------------------------------------------------------------------


def summary(report: Report) -> Html:
    """Return the totals of the period."""
    outcomes = [run.outcome for run in report.runs]
    told = [
        f"{outcomes.count(outcome):,} {name}"
        for outcome, name in words.OUTCOMES.items()
        if outcome in outcomes
    ]
    failures = report.expected + report.true
    tiles = [
        _tile("Runs", f"{len(report.runs):,}", ", ".join(told) or "none in this period"),
        _tile(
            "Requests",
            f"{report.requests:,}",
            f"{sum(run.requests for run in report.runs_before):,} in the period before",
        ),
        _tile(
            "Failures",
            f"{failures:,}",
            f"{report.expected:,} expected + {report.true:,} true",
        ),
        *(
            _tile(name, number, tables.change(evidence), tables.marked(evidence))
            for name, number, evidence in (
                ("True failure rate", percent(report.true_rate.now), report.true_rate),
                ("p95 of whole runs", milliseconds(report.p95.now), report.p95),
            )
        ),
    ]
    return element("dl", *tiles, class_="tiles")


def _tile(name: str, number: str, remark: str, mark: Html = NOTHING) -> Html:
    return element(
        "div",
        element("dt", text(name)),
        element("dd", element("strong", text(number)), mark, small(remark)),
    )


# --- needs attention -----------------------------------------------------------------------------


def _attention(report: Report) -> Html:
    if not report.action_items:
        return element("p", text("Nothing to do."), class_="calm")
    listed = [
        join(
            (
                element("span", text(words.ACTIONS[one.kind]), class_="mark concern"),
                SPACE,
                element("span", text(one.sentence)),
                small(", ".join(words.runs(one))),
            )
        )
        for one in report.action_items[:_LISTED]
    ]
    return join((items(listed, class_="attention"), _more(len(report.action_items))))


def _more(number: int) -> Html:
    if number <= _LISTED:
        return NOTHING
    return element("p", text(f"And {number - _LISTED:,} more like these."), class_="note")


# --- how ------------------------------------------------------------------------------------------


def _method(report: Report) -> Html:
    facts = items([text(fact) for fact in words.method(report)])
    listings = (
        _listing(title, entries, folded=title != words.BROKEN)
        for title, entries in words.listings(report)
    )
    return join((facts, *listings))


def _listing(title: str, entries: list[str], *, folded: bool) -> Html:
    listed = join((items([code(entry) for entry in entries[:_LISTED]]), _more(len(entries))))
    name = text(f"{title} ({len(entries):,})")
    if folded:
        return element("details", element("summary", name), listed)
    return join((element("h3", name), listed))
