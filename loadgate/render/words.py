"""Words for numbers, counts and checks, the same in every format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from loadgate.metrics import ABORTS, UNITS, clock
from loadgate.model import (
    AtEndpoint,
    Check,
    Classification,
    FailureKind,
    Metric,
    Verdict,
)
from loadgate.rules.wordings import LikelyStatuses
from loadgate.share import hopeless, share, told_hopeless
from loadgate.text import EMPTY as EMPTY  # noqa: PLC0414 - part of this vocabulary, too
from loadgate.text import NAMELESS as NAMELESS  # noqa: PLC0414 - as above
from loadgate.text import and_more, classes, toml_string
from loadgate.text import counted as counted  # noqa: PLC0414 - as above

VERDICTS = {"passed": "PASSED", "failed": "FAILED", "no-evidence": "NO EVIDENCE"}
WHOLE_RUN = "the whole run"
ALL_ENDPOINTS = "all endpoints"
NO_REQUESTS = "no requests"
PARTIAL = "PARTIAL RESULTS: the files disagree; counted conservatively (--allow-partial)"
NO_EVIDENCE = "Nothing to judge. Check Locust's log: did users start, and is the host right?"

_DIGITS = 3
_DIGITS_AT_MOST = 12
_OVERLONG = 11

# --- numbers --------------------------------------------------------------------------------------


def narrow(number: int) -> str:
    """Return a count for a narrow column: 1,000,000 in full, 10**12 as 1.00e+12."""
    full = f"{number:,}"
    return full if len(full) <= _OVERLONG else f"{Decimal(number):.2e}"


def share_text(part: int, requests: int) -> str:
    """Return part as a percentage of requests; without requests there is none."""
    found = share(part, requests)
    return NO_REQUESTS if found is None else _beside(found * 100, Fraction(100)) + "%"


def value_text(metric: Metric, value: Fraction, limit: Fraction) -> str:
    """Return a value with its unit, in as many digits as show on which side of the limit it is."""
    if value.denominator == 1 and metric.kind in {"count", "duration"}:
        return clock(value) if metric.kind == "duration" else narrow(int(value))
    unit = UNITS[metric.kind]
    return _beside(value * unit.shown_factor, limit * unit.shown_factor) + unit.shown


def about(metric: Metric, value: Fraction) -> str:
    """Return a value with its unit in a few digits."""
    if metric.kind == "duration":
        return clock(value)
    unit = UNITS[metric.kind]
    return _rounded(value * unit.shown_factor, _DIGITS)[0] + unit.shown


def pair_text(metric: Metric, value: Fraction, other: Fraction) -> tuple[str, str]:
    """Return two values with their unit, in as many digits as show which one is greater."""
    unit = UNITS[metric.kind]
    if metric.kind == "duration" and value.denominator == other.denominator == 1:
        return clock(value), clock(other)
    for digits in range(_DIGITS, _DIGITS_AT_MOST + 1):
        (text, one), (other_text, two) = (
            _rounded(each * unit.shown_factor, digits) for each in (value, other)
        )
        if (one < two, one > two) == (value < other, value > other):
            return text + unit.shown, other_text + unit.shown
    return value_text(metric, value, other), other_text + unit.shown


def _beside(value: Fraction, limit: Fraction) -> str:
    """Return a number rounded so that it compares with the limit as the exact value does."""
    for digits in range(_DIGITS, _DIGITS_AT_MOST + 1):
        text, rounded = _rounded(value, digits)
        if (rounded < limit, rounded > limit) == (value < limit, value > limit):
            return text
    if value == limit:
        return text
    side = "just over" if value > limit else "just under"
    return f"{side} {_rounded(limit, _DIGITS_AT_MOST)[0]}"


def _rounded(value: Fraction, digits: int) -> tuple[str, Fraction]:
    """Return a number in so many significant digits, whole ones always in full, as text too."""
    whole = len(str(abs(int(value))))
    context = Context(prec=max(digits, min(whole, _DIGITS_AT_MOST)))
    number = context.divide(Decimal(value.numerator), Decimal(value.denominator))
    if -8 <= number.adjusted() < _DIGITS_AT_MOST:
        text = f"{number:,f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{number:.{digits - 1}e}" if number else "0"
    return text, Fraction(text.replace(",", ""))


# --- what is counted ------------------------------------------------------------------------------


def endpoint(of: AtEndpoint) -> str:
    """Return "POST /tools/[id]/state"."""
    return of.endpoint or NAMELESS


def error(kind: FailureKind) -> str:
    """Return the error text that failures have in common."""
    return kind.signature or EMPTY


def summary(classification: Classification) -> str:
    """Return the sum that every output shows: failures = expected + true."""
    total = classification.total
    requests = total.stats.requests
    rate = f" ({share_text(total.true, requests)})" if requests and total.true else ""
    return sums(requests, total.expected, total.true) + rate + by_locustfile(total.allowed)


def by_locustfile(allowed: int | None) -> str:
    """Return what the locustfile allowed, as behind a sum; "": nothing, as far as is known."""
    return f"; {allowed:,} allowed by the locustfile" if allowed else ""


def sums(requests: int, expected: int, true: int) -> str:
    """Return "1,000 requests, 5 failures = 3 expected + 2 true"."""
    failures = counted(expected + true, "failure")
    return f"{counted(requests, 'request')}, {failures} = {expected:,} expected + {true:,} true"


def files(classification: Classification) -> list[str]:
    """Return the files that the run was read from, each once, and what came from the last."""
    found: dict[str, str] = {}
    for source in classification.run.sources:
        if source.role != "compared":
            numbers = f" (only {', '.join(source.numbers)})" if source.numbers else ""
            found.setdefault(source.path, f"{source.path}{numbers}")
    return list(found.values())


def other_warnings(classification: Classification) -> tuple[str, ...]:
    """Return the warnings that are not contradictions, which every format says apart."""
    contradictions = classification.run.contradictions
    return tuple(text for text in classification.warnings if text not in contradictions)


def warnings(verdict: Verdict) -> list[str]:
    """Return every warning: first of limits that only warn, then all others."""
    limits = [line.sentence for line in check_lines(verdict) if line.mark == "warning"]
    return [*limits, *general_warnings(verdict)]


def general_warnings(verdict: Verdict) -> list[str]:
    """Return the warnings that are of no limit."""
    classification = verdict.classification
    return [*([PARTIAL] if classification.run.partial else []), *classification.warnings]


def idle_rules(verdict: Verdict) -> str:
    """Return which rules matched nothing and are named by no check; "": none."""
    checked = any(check.metric.name == "idle_rules" for check in verdict.checks)
    idle = [
        result.rule.id
        for result in verdict.classification.rules
        if result.state == "idle" and not (checked and (result.rule.excuses or result.no_effect))
    ]
    return f"rules that matched nothing: {', '.join(idle)}" if idle else ""


def likely(statuses: LikelyStatuses) -> str:
    """Return how many failures are likely to have a status, and what makes it certain."""
    (status, count), *others = statuses.counts
    look = f"{counted(count, 'true failure')} {'looks' if count == 1 else 'look'} like {status}"
    counts = ", ".join([look, *(f"{count:,} like {status}" for status, count in others)])
    add = ", or add to the rules file" if statuses.wordings else ""
    return (
        f"{counts}. That is not certain, so no rule on status matches. If the number is the"
        f" status, run `loadgate rules teach LOCUSTFILE`{add}"
    )


def wording_lines(statuses: LikelyStatuses, most: int) -> Iterator[str]:
    """Yield the wordings as TOML, to copy into a rules file."""
    for text in statuses.wordings[:most]:
        yield "[[status_texts]]"
        yield f"text = {toml_string(text)}"
    if len(statuses.wordings) > most:
        yield f"# {and_more(len(statuses.wordings) - most, 'wordings')}"


# --- checks ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """A check in words."""

    check: Check
    mark: str
    """FAILED, warning (it failed, but is only a warning), skipped or passed."""
    limit: str
    """The demand with its limit: "p95 <= 110 ms" where the baseline has 100 ms."""
    actual: str
    endpoint: str
    """Or the whole run."""
    note: str
    """What the numbers do not say: how a limit came about, and Check.note."""
    sentence: str
    """All of it."""


_MARKS = ("FAILED", "warning", "skipped", "passed")


def check_lines(verdict: Verdict) -> tuple[CheckLine, ...]:
    """Return all checks in words, those that fail first, else in their own order."""
    return tuple(sorted(map(check_line, verdict.checks), key=lambda line: _MARKS.index(line.mark)))


def check_line(check: Check) -> CheckLine:
    """Return a check in words."""
    actual, demand, basis = _numbers(check)
    note = "; ".join(part for part in (basis, check.note) if part)
    if check.rule is not None and check.result == "failed":
        at_most = demand.removeprefix("<=").strip()
        sentence = f"rule {check.rule} exceeds its budget: it excuses {actual} of requests,"
        sentence += f" at most {at_most} allowed"
    elif check.result == "missing":
        sentence = f"{check.require} cannot be checked"
    elif check.result == "not-enough-data":
        sentence = f"{check.require} was skipped"
    else:
        sentence = f"{check.metric.name} is {actual}, must be {demand}"
    run = WHOLE_RUN if check.window is None else ALL_ENDPOINTS
    where = run if check.endpoint is None else check.endpoint or NAMELESS
    if check.endpoint is not None:
        sentence += f", for {where}"  # last, as what is cut for its length is the middle
    if check.metric.name == ABORTS and check.result == "failed":
        sentence = check.note
    elif note:
        sentence += f" ({note})"
    return CheckLine(
        check=check,
        mark=_mark(check),
        limit=f"{check.metric.name} {demand}" if basis else check.require,
        actual=actual,
        endpoint=where,
        note=note,
        sentence=sentence,
    )


def _numbers(check: Check) -> tuple[str, str, str]:
    """Return the actual value, what is demanded of it, and how a limit came about, as texts."""
    metric, base = check.metric, check.baseline
    demand = check.require.removeprefix(metric.name).strip()
    actual, limit = "none", ""
    if check.limit is None:
        actual = actual if check.actual is None else about(metric, check.actual)
    elif check.actual is None:
        limit = about(metric, check.limit)
    elif base is None:
        actual = value_text(metric, check.actual, check.limit)
    else:
        actual, limit = pair_text(metric, check.actual, check.limit)
    if base is None:
        return actual, demand, ""
    sign, offset = demand.split(maxsplit=1)
    of, *apart = offset.split(maxsplit=1)
    return actual, f"{sign} {limit}", " ".join([of, about(metric, base), *apart])


def _mark(check: Check) -> str:
    if check.result in {"failed", "missing"}:
        return "FAILED" if check.severity == "error" else "warning"
    return "skipped" if check.result == "not-enough-data" else "passed"


def headline(verdict: Verdict) -> str:
    """Return why the verdict is what it is, and what it must not hide."""
    return "; ".join([decision(verdict), *alarms(verdict.classification)])


def alarms(classification: Classification) -> Iterator[str]:
    """Yield what no verdict may hide: endpoints where everything failed, exceptions in tasks."""
    failing = hopeless(classification.endpoints)
    if failing:
        more = f" and {counted(len(failing) - 1, 'more endpoint')}" if len(failing) > 1 else ""
        yield told_hopeless(f"{endpoint(failing[0])}{more}")
    exceptions = classification.run.task_exceptions
    if exceptions:
        yield counted(exceptions, "task exception") + classes(classification.run.task_errors)


def decision(verdict: Verdict) -> str:
    """Return why the verdict is what it is."""
    if verdict.outcome == "no-evidence":
        return "no requests were made"
    lines = check_lines(verdict)
    marks = [line.mark for line in lines]
    failed = marks.count("FAILED")
    if failed:
        more = f"; {failed - 1:,} more {'check' if failed == 2 else 'checks'} failed"
        return lines[0].sentence + (more if failed > 1 else "")
    parts = [f"{counted(marks.count('passed'), 'check')} passed"]
    if "skipped" in marks:
        parts.append(f"{marks.count('skipped'):,} skipped (not enough data)")
    if "warning" in marks:
        parts.append(counted(marks.count("warning"), "warning"))
    return ", ".join(parts)
