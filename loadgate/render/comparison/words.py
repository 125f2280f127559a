"""Words and numbers of a comparison, the same as text and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from loadgate.difference import Change, Difference
from loadgate.metrics import Row, value
from loadgate.model import Metric
from loadgate.render import words as wording
from loadgate.runs.compared import Compared, EndpointPair, Group, KindDiff
from loadgate.since import ChangePoint
from loadgate.text import NAMELESS, endpoint_label, first_of

ALLOWED = "allowed by the locustfile"
NONE = "-"
NO_INTERVAL = "no interval"
SINGLE = (
    "One run each: intervals assume that requests are independent, but failures come in bursts."
    " Compare several runs to tell a burst from a change (--base, --head)"
)

TRUE_RATE = Metric(name="true_failure_rate", kind="rate")
EXPECTED_RATE = Metric(name="expected_failure_rate", kind="rate")
AVG = Metric(name="avg", kind="latency")
P50 = Metric(name="p50", kind="latency", percentile="50")
P95 = Metric(name="p95", kind="latency", percentile="95")
P99 = Metric(name="p99", kind="latency", percentile="99")
RPS = Metric(name="rps", kind="throughput")
METRICS = {
    "true failures": TRUE_RATE,
    "expected failures": EXPECTED_RATE,
    "average": AVG,
    "p50": P50,
    "p95": P95,
    "p99": P99,
    "requests/s": RPS,
}

_COMMON: dict[Change, str] = {
    "small": "small change",
    "few": "few failures",
    "chance": "within normal variation",
    "unclear": "too few runs to tell",
}
_CHANGES: dict[str, dict[Change, str]] = {
    "burst": _COMMON
    | {
        "more": "more, or a burst",
        "less": "fewer, or a burst",
        "chance": "within chance",
    },
    "rate": _COMMON | {"more": "more", "less": "fewer"},
    "latency": _COMMON | {"more": "slower", "less": "faster"},
    "throughput": _COMMON | {"more": "more", "less": "fewer"},
}
"""What a change is called, by the kind of the metric; "burst": a rate of one run each."""
_ORDER = ("true failures", "expected failures", "p95", "p99", "p50", "average", "requests/s")
"""Of what is said of an endpoint; of response times the first has its interval."""
_COMMIT = 12
_TIMES = 100
"""As many times as before: an interval that reaches further says nothing more."""

# --- sentences ------------------------------------------------------------------------------------


def headline(compared: Compared) -> str:
    """Return in a sentence how the head differs from the base."""
    true = [kind for kind in compared.kinds if kind.decision == "true"]
    new = [kind for kind in true if kind.state == "new"]
    gone = sum(kind.state == "gone" for kind in true)
    doubtful = sum(kind.doubt == "few-requests" for kind in new)
    kinds = wording.counted(len(new), "new true failure kind")
    if doubtful:
        kinds += f" ({doubtful:,} may be chance)" if len(new) > 1 else " (may be chance)"
    if gone:
        kinds += f", {gone:,} gone"
    return "; ".join([kinds, *_of_all(compared.total)])


def _of_all(pair: EndpointPair) -> Iterator[str]:
    """Yield how the true failures and the p95 of all requests differ."""
    rows = pair.base, pair.head
    if any(row is not None and row.true for row in rows):
        base, head = (_of_requests(row) for row in rows)
        yield f"true failures {base} → {head}{_verdict(pair, TRUE_RATE)}"
    elif all(row is not None and row.requests for row in rows):
        yield "no true failures"
    base, head = (number(row, P95) for row in rows)
    if base != head:
        yield f"p95 {base} → {head}{_verdict(pair, P95)}"
    elif head != NONE:
        yield f"p95 unchanged at {head}"


def _of_requests(row: Row | None) -> str:
    if row is None or not row.requests:
        return wording.NO_REQUESTS
    return f"{row.true:,} of {row.requests:,} ({number(row, TRUE_RATE)})"


def _verdict(pair: EndpointPair, metric: Metric) -> str:
    said = change(pair, metric)
    return f": {said}".replace(" (", " (difference ", 1) if said else ""


def runs(side: Group, number: int) -> str:
    """Return the runs of a group, so many of them by name, each with how it ended."""
    named = [f"{run.label} ({wording.VERDICTS[run.outcome].lower()})" for run in side.runs]
    return first_of(named, number)


def since(point: ChangePoint) -> tuple[str, str, str]:
    """Return what changed, where, and from what to what."""
    known = {metric.name: name for name, metric in METRICS.items()}[point.metric]
    metric = METRICS[known]
    before, after = (wording.about(metric, Fraction(of)) for of in (point.before, point.after))
    where = wording.WHOLE_RUN
    if point.endpoint is not None:
        where = endpoint_label(*point.endpoint) or NAMELESS
    return known, where, f"{before} → {after}"


def commit(name: str) -> str:
    """Return as much of a commit's name as tells it from others."""
    return name[:_COMMIT]


# --- numbers --------------------------------------------------------------------------------------


def number(row: Row | None, metric: Metric) -> str:
    """Return a number of a group."""
    known = None if row is None else value(row, metric)
    return NONE if known is None else wording.about(metric, known)


def counted(row: Row | None, metric: Metric) -> str:
    """Return a number of a group; a share with the count in front of it: "1 (0.0614%)"."""
    share = number(row, metric)
    if row is None or share == NONE or metric.kind != "rate":
        return share
    count = row.true if metric == TRUE_RATE else row.expected
    return f"{wording.narrow(count)} ({share})" if count else "0"


def both(pair: EndpointPair, metric: Metric) -> tuple[str, str]:
    """Return a number of base and head; nothing where neither has failures."""
    base, head = (counted(row, metric) for row in (pair.base, pair.head))
    return ("", "") if {base, head} <= {"0", NONE} else (base, head)


def in_one(base: str, head: str) -> str:
    """Return numbers of base and head in one cell."""
    return head if base == head else f"{base} → {head}"


def change(pair: EndpointPair, metric: Metric) -> str:
    """Return what a difference is: "within chance (-0.35 to +0.18 points)".

    Nothing where nothing failed in either group, or one of them does not have the number.
    """
    if not all(row is not None and row.requests for row in (pair.base, pair.head)):
        return ""
    base, head = (counted(row, metric) for row in (pair.base, pair.head))
    if NONE in {base, head} or base == head == "0":
        return ""
    difference = pair.differences.get(metric.name)
    return NO_INTERVAL if difference is None else said(difference, metric.kind)


def said(difference: Difference, kind: str) -> str:
    """Return what a difference of a kind of metric is."""
    words = _CHANGES["burst" if kind == "rate" and difference.by == "requests" else kind]
    return f"{words[difference.change]} ({interval(difference)})"


def interval(difference: Difference) -> str:
    """Return an interval: "+0.35 to +1.2 points", "-5% to +12%"."""
    if difference.of == "points":
        low, high = (_signed(end).removesuffix("%") for end in (difference.low, difference.high))
        unit = " points"
    else:
        low, high = (
            f"over {_signed(_TIMES - 1)}" if end > _TIMES else _signed(end - 1)
            for end in (difference.low, difference.high)
        )
        unit = ""
    return (low if low == high else f"{low} to {high}") + unit


def _signed(part: float) -> str:
    """Return a share with its sign, in percent and two digits."""
    short = Fraction(f"{abs(part):.1e}")
    sign = "" if not short else "+" if part > 0 else "-"
    return sign + wording.about(TRUE_RATE, short)


def allowed(row: Row | None) -> str:
    """Return how many responses the locustfile allowed."""
    return NONE if row is None or row.allowed is None else wording.narrow(row.allowed)


# --- what changed ---------------------------------------------------------------------------------


def changes(pair: EndpointPair) -> str:
    """Return what clearly changed at an endpoint, and is large enough to matter."""
    if pair.base is None:
        return "new: not in the base"
    if pair.head is None:
        return "gone: not in the head"
    clear = {
        name: (METRICS[name].kind, pair.differences[METRICS[name].name])
        for name in _ORDER
        if pair.changed(METRICS[name].name) in {"more", "less"}
    }
    parts = [f"{name}: {said(of, kind)}" for name, (kind, of) in clear.items() if kind != "latency"]
    for change, word in (("more", "slower"), ("less", "faster")):
        times = [
            (name, of)
            for name, (kind, of) in clear.items()
            if kind == "latency" and of.change == change
        ]
        if times:
            (first, of), *others = times
            names = [f"{first} ({interval(of)})", *(name for name, _ in others)]
            parts.append(f"{word}: {', '.join(names)}")
    if pair.base.allowed != pair.head.allowed:
        parts.append(f"allowed {allowed(pair.base)} → {allowed(pair.head)}")
    return "; ".join(parts)


def note(kind: KindDiff) -> str:
    """Return whether a kind of failures became more or fewer, or may be missing by chance."""
    if kind.doubt:
        new = kind.state == "new"
        side, requests = ("base", kind.base_requests) if new else ("head", kind.head_requests)
        made = wording.counted(requests, "request")
        return {
            "no-requests": f"the {side} made no requests here",
            "few-requests": f"may be chance: {made} in the {side} are too few to tell",
        }[kind.doubt]
    difference = kind.difference
    if kind.state != "both" or difference is None or difference.change not in {"more", "less"}:
        return ""
    return said(difference, "rate")
