"""An incident as a card: what, how much, since when, who should look."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from loadgate.render import words as wording
from loadgate.render.tables import Cell
from loadgate.render.weekly import words
from loadgate.summary import RunSummary
from loadgate.weekly.model import Incident, IncidentEndpoint, Report
from loadgate.weekly.words import milliseconds, percent, rate_change, what, where

SEEN = 4
"""Incidents that are seen at once; the others unfold."""

ENDPOINTS = 100
"""Of an incident that are listed."""


def seen(report: Report) -> tuple[list[Incident], list[Incident]]:
    """Return the incidents that are seen at once, and those that unfold.

    What was over before the period unfolds: it is there to say that it is gone.
    """
    of_period = [one for one in report.incidents if one.state != "gone" or one.count or one.runs]
    before = [one for one in report.incidents if not any(one is other for other in of_period)]
    return of_period[:SEEN], [*of_period[SEEN:], *before]


def title(incident: Incident) -> tuple[str, str]:
    """Return what is wrong, and where: "500 at", "12 endpoints"."""
    found = "Slower" if incident.kind == "slower" else what(incident)
    return f"{found} at", where(incident)


def count(incident: Incident, report: Report) -> str:
    """Return how much of it there is in the period."""
    runs = f"{incident.runs:,} of {wording.counted(len(report.runs), 'run')}"
    if incident.kind == "slower":
        return f"{_times(incident.endpoints[0])} at p95, in {runs}"
    if not incident.count:
        return "none in this period"
    asked = sum(endpoint.requests for endpoint in incident.endpoints)
    return (
        f"{wording.counted(incident.count, 'failure')} in {runs},"
        f" {wording.share_text(incident.count, asked)} of requests there"
    )


def facts(incident: Incident, zone: ZoneInfo) -> Iterator[tuple[str, str | Cell]]:
    """Yield since when it is there and who should look, each with its name."""
    if incident.state == "gone":
        if not incident.undated:
            yield "From", _run(incident.first, zone)
        yield "Last in", _run(incident.last, zone)
    elif incident.grew and incident.before_grew:
        more = rate_change(incident.rate_since, incident.rate_before)
        yield f"{more or 'more'} since".capitalize(), _run(incident.grew, zone)
        yield "Run before", _run(incident.before_grew, zone)
        rates = f"{percent(incident.rate_before)} up to then, {percent(incident.rate_since)} since"
        began = "" if incident.undated else f"; first in {incident.first.label}"
        yield "Rate there", f"{rates}{began}"
    elif incident.undated:
        yield "Since", f"before the first run given, {incident.first.label}"
    else:
        yield "Since", _run(incident.first, zone)
        good = "none: its first run had it"
        yield "Good before", good if incident.good is None else _run(incident.good, zone)
    if incident.owners:
        yield "Who should look", ", ".join(incident.owners)


def _run(run: RunSummary, zone: ZoneInfo) -> Cell:
    said = f"{words.local(run.started, zone):%Y-%m-%d}" in run.label
    return Cell(
        text=run.label or run.source,
        link=run.link,
        remark="" if said else words.when(run.started, zone),
        details=(_commit(run),) if run.commit else (),
    )


def _commit(run: RunSummary) -> str:
    return f"commit {words.commit(run.commit)}" + (f" on {run.branch}" if run.branch else "")


def endpoints(incident: Incident) -> list[tuple[str, str]]:
    """Return the endpoints, and how much of it each has."""
    return [
        (
            wording.endpoint(one),
            _times(one)
            if incident.kind == "slower"
            else f"{one.count:,} of {wording.counted(one.requests, 'request')}",
        )
        for one in incident.endpoints[:ENDPOINTS]
    ]


def _times(of: IncidentEndpoint) -> str:
    return f"{milliseconds(of.before)} to {milliseconds(of.after)}"
