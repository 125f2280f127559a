"""How rules were tried on failures, in words: which were asked, what they lacked, which decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loadgate.explain import Attempt, Explanation, TextFit
from loadgate.model import Rule
from loadgate.patterns import EndpointPattern
from loadgate.render.rules.remedies import near_text
from loadgate.text import first_of

_NAMED = 4  # rules that are told by name where they share an entry


def attempt_entries(
    explanation: Explanation, status: str, origin: str, *, full: bool
) -> Iterator[str]:
    """Yield an entry for each rule, in the order in which they were asked.

    Unless all is told, neighbours that are about other endpoints share an entry.
    """
    waiting: list[Attempt] = []
    for attempt in explanation.attempts:
        if "endpoint" in attempt.unmet and not full:
            waiting.append(attempt)
            continue
        yield from _elsewhere(waiting, origin)
        waiting = []
        yield f"{_named(attempt, origin)}: {_outcome(attempt, status)}"
    yield from _elsewhere(waiting, origin)


def fit_entries(fit: TextFit, origin: str) -> Iterator[str]:
    """Yield an entry for each rule, of a text without an endpoint."""
    for attempt in fit.attempts:
        outcome = f"fits at {_about(attempt.rule)}"
        if attempt.unmet:
            outcome = _outcome(attempt, str(fit.reading.status or "unknown"))
        yield f"{_named(attempt, origin)}: {outcome}"


def decision(explanation: Explanation) -> str:
    """Return how failures are decided, and by which rule."""
    rule = explanation.rule
    if explanation.reading is None:
        return "true: no rule can excuse failures without an error text"
    if rule is None:
        return f"true: no rule matches{near_text(explanation)}"
    name = f"rule {rule.id} of {rule.origin}"
    if explanation.kind.decision == "expected":
        return f"expected: {name} excuses it"
    if explanation.expired:
        return f"true: {name} matches, but expired on {rule.expires}"
    return f'true: {name} says as = "failure"'


def _named(attempt: Attempt, origin: str) -> str:
    """Return a rule by its place and id, and where it is from if that is another file."""
    rule = attempt.rule
    elsewhere = f" ({rule.origin})" if rule.origin != origin else ""
    return f"{attempt.place}. {rule.id}{elsewhere}"


def _elsewhere(attempts: Sequence[Attempt], origin: str) -> Iterator[str]:
    """Fold neighbours that are about other endpoints into one entry."""
    if len(attempts) == 1:
        yield f"{_named(attempts[0], origin)}: is about {_about(attempts[0].rule)}"
    elif attempts:
        ids = first_of([attempt.rule.id for attempt in attempts], _NAMED)
        yield f"{attempts[0].place}-{attempts[-1].place}. about other endpoints: {ids}"


def _outcome(attempt: Attempt, status: str) -> str:
    """Return the first condition of a rule that the failures do not meet, or that it matches."""
    rule = attempt.rule
    if not attempt.unmet:
        return "matches"
    match attempt.unmet[0]:
        case "endpoint" | "method":
            return f"is about {_about(rule)}"
        case "status":
            return f"wants {_either(rule)}, the status is {status}"
        case key:
            would = f"; {attempt.around} would" if attempt.around else ""
            return f"its {key} pattern does not match: {dict(rule.globs)[key].text}{would}"


def _about(rule: Rule) -> str:
    """Return the endpoints that a rule is about, with its methods."""
    pattern = rule.endpoint
    if EndpointPattern.parse(pattern.text).methods == pattern.methods:
        return pattern.text
    return f"{', '.join(sorted(pattern.methods or ()))} {pattern.text}".lstrip()


def _either(rule: Rule) -> str:
    """Return the statuses that a rule wants: "409 or 412"."""
    *others, last = (str(status) for status in sorted(rule.statuses or ()))
    return f"{', '.join(others)} or {last}" if others else last
