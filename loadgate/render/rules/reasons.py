"""Reasons in words: where a status was read, why rules do not match, what decided, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from loadgate.explain import Attempt, Explanation
from loadgate.matching import TEXT_CONDITIONS
from loadgate.model import SERVER_ERRORS, Rule
from loadgate.patterns import EndpointPattern
from loadgate.published import Page
from loadgate.status import Reading
from loadgate.text import first_of, status_order, toml_string

_NAMED = 4  # rules that share an entry and are named in it
_NEAR = 3  # rules that are named as nearly matching


def status_text(reading: Reading | None) -> str:
    """Return a status, where it comes from and how it was read, or why it is unknown."""
    if reading is None:
        return "unknown: there is no text to read it from"
    if reading.status is not None:
        return f"{reading.status} ({reading.source}): {reading.why}"
    if reading.source:
        return f"none ({reading.source}): {reading.why}"
    known = "unknown" if reading.likely is None else f"{reading.likely}? likely, not certain"
    return f"{known}: {reading.why}"


# --- rules that were tried ------------------------------------------------------------------------


def attempt_entries(
    explanation: Explanation, status: str, origin: str, *, full: bool
) -> Iterator[str]:
    """Yield an entry for each rule, in the order in which they were tried.

    `status` is that of the failures; "": they differ. Unless `full`, neighbours that are for other
    endpoints share an entry.
    """
    for elsewhere, group in groupby(explanation.attempts, lambda of: "endpoint" in of.unmet):
        attempts = list(group)
        if elsewhere and len(attempts) > 1 and not full:
            ids = first_of([attempt.rule.id for attempt in attempts], _NAMED)
            yield f"{attempts[0].place}-{attempts[-1].place}. for other endpoints: {ids}"
            continue
        for attempt in attempts:
            rule = attempt.rule
            file = f" ({rule.origin})" if rule.origin != origin else ""
            outcome = f"matches at {endpoints(rule)}" if explanation.anywhere else "matches"
            if attempt.unmet:
                outcome = unmet(attempt, attempt.unmet[0], status)
            yield f"{attempt.place}. {rule.id}{file}: {outcome}"


def unmet(attempt: Attempt, condition: str, status: str) -> str:
    """Say that failures with some status do not meet a condition of a rule."""
    rule = attempt.rule
    match condition:
        case "method" | "endpoint":
            return f"only for {endpoints(rule)}"
        case "status":
            *others, last = map(str, sorted(rule.statuses or (), key=status_order))
            wanted = f"{', '.join(others)} or {last}" if others else last
            return f"wants {wanted}, {f'the status is {status}' if status else 'these have others'}"
        case key:
            would = f"; {attempt.around} would" if attempt.around else ""
            return f"its {key} pattern does not match: {dict(rule.globs)[key].text}{would}"


def endpoints(rule: Rule) -> str:
    """Return the endpoints that a rule is for, with its methods."""
    pattern = rule.endpoint
    if EndpointPattern.parse(pattern.text).methods == pattern.methods:
        return pattern.text
    return f"{', '.join(sorted(pattern.methods or ()))} {pattern.text}".lstrip()


# --- decisions and remedies -----------------------------------------------------------------------

_RULE_ON_ERROR = "excuse it with a rule on `error`"


def decision(explanation: Explanation) -> str:
    """Return how failures are decided, and by which rule."""
    rule = explanation.rule
    if explanation.anywhere:
        if all(attempt.unmet for attempt in explanation.attempts):
            return "true at every endpoint: no rule matches"
        return (
            "the first matching rule for the endpoint decides; name one with"
            " --endpoint 'METHOD NAME'"
        )
    if explanation.reading is None:
        return "true: no rule can excuse failures without an error text"
    if rule is None:
        return f"true: no rule matches{_near_rules(explanation)}"
    name = f"rule {rule.id} of {rule.origin}"
    if explanation.kind.decision == "expected":
        return f"expected: {name} excuses it"
    if explanation.expired:
        return f"true: {name} matches, but expired on {rule.expires}"
    return f'true: {name} has as = "failure"'


def _near_rules(explanation: Explanation) -> str:
    """Return which rules only one condition keeps from matching; "": none."""
    parts = []
    for condition in ("status", *TEXT_CONDITIONS, "method"):
        if condition == "status" and explanation.kind.status in SERVER_ERRORS:
            continue  # a rule for a refusal is not near a broken server
        near = explanation.near(condition)
        if near:
            name = f"{condition} pattern" if condition in TEXT_CONDITIONS else condition
            parts.append(f"; {_ids(near)} would, but for the {name}")
    return "".join(parts)


def _ids(attempts: Iterable[Attempt]) -> str:
    return first_of(list(dict.fromkeys(attempt.rule.id for attempt in attempts)), _NEAR)


def remedy(explanation: Explanation) -> str:
    """Return what to do about true failures; "": nothing, as they are expected."""
    if explanation.anywhere or explanation.kind.decision == "expected":
        return ""
    if explanation.reading is None:
        return (
            "Keep Locust's _failures.csv beside the statistics, or check the --html report, which"
            " has all error texts."
        )
    if explanation.expired:
        return (
            "If the reason still holds, set a later `expires`; otherwise fix the cause and remove"
            " the rule. Until then no rule below it is tried."
        )
    if explanation.rule is not None:
        return "Fix the cause or, if this is intended, change the rule."
    status = explanation.reading.status
    if status in SERVER_ERRORS:
        what = "a 5xx" if isinstance(status, int) else status
        return f"Fix the server; {what} is not an intended refusal."
    return _rule_to_mend(explanation) or _rule_to_add(explanation.reading)


def remedy_page(explanation: Explanation) -> Page:
    """Return the page that says how to follow a remedy."""
    reading = explanation.reading
    if reading is None:
        return "inputs"
    if reading.status in SERVER_ERRORS:
        return "red-build#exit-code-1"
    if explanation.expired:
        return "keeping-rules"
    if reading.status is None and reading.teachable and not _rule_to_mend(explanation):
        return "rules#status-texts"
    return "rules#rules"


def _rule_to_mend(explanation: Explanation) -> str:
    """Return how a rule that nearly matches would match; "": none does."""
    near = [each for key in TEXT_CONDITIONS for each in explanation.near(key)]
    for attempt in near:
        if attempt.around:
            pattern = f"{attempt.unmet[0]} = {toml_string(attempt.around)}"
            mended = f"write {pattern}: the whole text must match"
            return f"If {attempt.rule.id} is meant to match, {mended}."
    kind = explanation.kind
    for attempt in explanation.near("endpoint"):
        if attempt.rule.endpoint.matches(kind.method, f"/{kind.name}"):
            mended = "start its endpoint with ** instead of / or /**: the name has no leading slash"
            return f"If {attempt.rule.id} is meant to match, {mended}."
    if kind.status is not None and near:
        mended = f"correct its `{near[0].unmet[0]}`: its words are not in the text"
        return f"If {near[0].rule.id} is meant to match, {mended}."
    if kind.status is not None and (near := explanation.near("method")):
        return f"Fix the cause; if {near[0].rule.id} is meant to match, name the method in a rule."
    return ""


def _rule_to_add(reading: Reading) -> str:
    """Return what a new rule would need, or how to make the status known."""
    if reading.status is not None:
        return (
            f"Fix the cause; if a {reading.status} is intended here, add a rule for this endpoint"
            " and status."
        )
    if reading.wording:  # it reads otherwise than another, or than the text
        return "Make the wordings of [[status_texts]] narrower."
    if not reading.teachable:
        return f"Fix the cause; if this is intended, {_RULE_ON_ERROR}."
    return (
        "If the text states the status, run `loadgate rules teach LOCUSTFILE`, or add its wording"
        f" to [[status_texts]]. If the failure is intended, {_RULE_ON_ERROR}."
    )
