"""Words and numbers of a comparison, the same as text and as Markdown."""

from __future__ import annotations

from fractions import Fraction

from loadgate.metrics import Row, value
from loadgate.model import Metric
from loadgate.render import words as wording
from loadgate.runs.compare import Compared, EndpointPair, Group
from loadgate.text import first_of

ALLOWED = "allowed by the locustfile"
NONE = "-"
SAME = "same"

TRUE_RATE = Metric(name="true_failure_rate", kind="rate")
EXPECTED_RATE = Metric(name="expected_failure_rate", kind="rate")
AVG = Metric(name="avg", kind="latency")
P50 = Metric(name="p50", kind="latency", percentile="50")
P95 = Metric(name="p95", kind="latency", percentile="95")
P99 = Metric(name="p99", kind="latency", percentile="99")
RPS = Metric(name="rps", kind="throughput")


def headline(compared: Compared) -> str:
    """Return in a sentence how the head differs from the base."""
    totals = compared.base.measured.total, compared.head.measured.total
    states = [kind.state for kind in compared.kinds if kind.decision == "true"]
    gone = f", {states.count('gone'):,} gone" if "gone" in states else ""
    parts = [wording.counted(states.count("new"), "new true failure kind") + gone]
    for name, metric in (("true failure rate", TRUE_RATE), ("p95", P95)):
        base, head, _ = both(*totals, metric)
        if base != head:
            parts.append(f"{name} was {base}, now {head}")
        elif head != NONE:
            parts.append(f"{name} unchanged at {head}")
    return "; ".join(parts)


def runs(side: Group, number: int) -> str:
    """Return the runs of a group, so many of them by name, each with how it ended."""
    named = [f"{run.label} ({wording.VERDICTS[run.outcome].lower()})" for run in side.runs]
    return first_of(named, number)


def both(base: Row | None, head: Row | None, metric: Metric) -> tuple[str, str, str]:
    """Return a number in the base and the head, and the change."""
    return _shown(base, metric), _shown(head, metric), change(base, head, metric)


def change(base: Row | None, head: Row | None, metric: Metric) -> str:
    """Return by how much a number differs; nothing where one of the two is not known.

    That is points of a rate, percent of anything else.
    """
    before = None if base is None else value(base, metric)
    now = None if head is None else value(head, metric)
    if before is None or now is None:
        return ""
    if before == now:
        return SAME
    if metric.kind == "rate":
        return _signed(now - before).removesuffix("%") + " points"
    return _signed((now - before) / before) if before else ""


def allowed(row: Row | None) -> str:
    """Return how many responses the locustfile allowed."""
    return NONE if row is None or row.allowed is None else wording.narrow(row.allowed)


def both_allowed(pair: EndpointPair) -> str:
    """Return that of base and head in one."""
    base, head = allowed(pair.base), allowed(pair.head)
    return head if base == head else f"{base} → {head}"


def _shown(row: Row | None, metric: Metric) -> str:
    number = None if row is None else value(row, metric)
    return NONE if number is None else wording.about(metric, number)


def _signed(part: Fraction) -> str:
    return ("+" if part > 0 else "-") + wording.about(TRUE_RATE, abs(part))


def other_changes(pair: EndpointPair) -> str:
    """Return what else changed at an endpoint, as far as there is something to compare."""
    if pair.base is None:
        return "new: not in the base"
    if pair.head is None:
        return "gone: not in the head"
    parts = []
    for name, metric in (("expected", EXPECTED_RATE), ("avg", AVG), ("p50", P50)):
        base, head, changed = both(pair.base, pair.head, metric)
        if changed not in {"", SAME}:
            parts.append(f"{name} {base}, now {head}")
    if pair.base.allowed != pair.head.allowed:
        parts.append(f"allowed {allowed(pair.base)}, now {allowed(pair.head)}")
    return "; ".join(parts)
