"""Shares, times and changes in the words of the weekly report."""

from __future__ import annotations

from loadgate.model import AtEndpoint
from loadgate.summary import RunSummary
from loadgate.text import EMPTY, NAMELESS, counted, cut, one_line
from loadgate.weekly.model import FEWEST_RUNS, Incident, Report

UNKNOWN = "–"  # noqa: RUF001 - a dash where there is no number

_TEXT = 60  # columns of an error text in a sentence

_PLAIN_FROM, _PLAIN_TO = 100, 10_000_000


def percent(share: float | None) -> str:
    """Return a share in percent, in three digits: "0.0123%"."""
    return UNKNOWN if share is None else f"{three_digits(100 * share)}%"


def milliseconds(time: float | None) -> str:
    """Return a time in milliseconds, in three digits or whole ones: "41.5 ms", "1,234 ms"."""
    return UNKNOWN if time is None else f"{three_digits(time)} ms"


def three_digits(number: float, digits: int = 3) -> str:
    """Return a number in so many significant digits, and in more where it is large."""
    if _PLAIN_FROM <= number < _PLAIN_TO:
        return f"{number:,.0f}"
    text = f"{number:.{digits}g}"
    return f"{number:.10f}".rstrip("0") if "e-" in text else text


def rate_change(now: float | None, before: float | None) -> str:
    """Return by how much a share changed: "3 times as many"; "": it did not."""
    if now is None or before is None or now == before:
        return ""
    if not before:
        return "none before"
    if not now:
        return "none now"
    ratio = now / before
    if ratio >= 9.5:
        return f"{ratio:,.0f} times as many"
    if ratio >= 1.95:
        times = f"{ratio:.1f}".removesuffix(".0")
        return "twice as many" if times == "2" else f"{times} times as many"
    if ratio > 0.55:
        points = round((ratio - 1) * 100)
        return f"{abs(points)}% {'more' if points > 0 else 'fewer'}" if points else ""
    return "half as many" if ratio >= 0.45 else f"{1 / ratio:,.0f} times fewer"


def time_change(now: float | None, before: float | None) -> str:
    """Return by how much a response time changed: "120 ms (15%) slower"; "": hardly."""
    if now is None or before is None or abs(now - before) < 1:
        return ""
    difference = abs(now - before)
    share = f" ({difference / before:.0%})" if before else ""
    return f"{difference:,.0f} ms{share} {'slower' if now > before else 'faster'}"


def too_few_runs(report: Report) -> str:
    """Return that there are too few runs to tell changes from chance; "": there are enough."""
    now, before = report.true_rate.runs_now, report.true_rate.runs_before
    if min(now, before) >= FEWEST_RUNS:
        return ""
    return (
        f"Too few runs to tell a change from chance: {counted(now, 'run')}, {before:,} in the"
        f" period before; {FEWEST_RUNS} each are needed."
    )


# --- incidents ------------------------------------------------------------------------------------


def incident_text(incident: Incident) -> str:
    """Return what is wrong where since when: "500 at 3 endpoints since nightly 7 (commit 4af31)".

    Names are as in the runs, neither escaped nor all of them.
    """
    return f"{what(incident)} at {where(incident)}{since(incident)}".replace(
        "slower at ", "slower: "
    )


def what(incident: Incident) -> str:
    """Return what is wrong: a status, an error text, or that it is slower."""
    if incident.kind == "slower":
        return "slower"
    status = incident.likely_status if incident.status is None else incident.status
    if status is None:
        return cut(one_line(next(iter(incident.signatures), "")), _TEXT) or EMPTY
    return f"{status}?" if incident.status is None else str(status)


def where(incident: Incident) -> str:
    """Return the endpoint of an incident, or at how many it is."""
    if len(incident.endpoints) == 1:
        return _name(incident.endpoints[0])
    return counted(len(incident.endpoints), "endpoint")


def since(incident: Incident) -> str:
    """Return since which run it is there, or since when it is more, with the commit."""
    run = incident.since
    named = run_name(run)
    if incident.state == "gone":
        many = incident.first.label != incident.last.label
        span = f"from {run.label} to {incident.last.label}" if many else f"in {run.label}"
        begin = "up to " + incident.last.label if incident.undated and not incident.grew else span
        return f" {begin}, over"
    if incident.grew:
        more = rate_change(incident.rate_since, incident.rate_before)
        return f", {more or 'more'} since {named}"
    if incident.undated:
        return " since before the first run given"
    if incident.good is None:
        return f" since {named}, its first run"
    return f" since {named}"


def _name(endpoint: AtEndpoint) -> str:
    return endpoint.endpoint or NAMELESS


def run_name(run: RunSummary) -> str:
    """Return a run with its commit: "nightly 7 (commit 4af31)"."""
    return run.label + (f" (commit {run.commit[:12]})" if run.commit else "")
