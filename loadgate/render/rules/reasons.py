"""Reasons in words: where a status was read, why rules do not match, what decided, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from loadgate.explain import Attempt, Explanation
from loadgate.matching import TEXT_CONDITIONS
from loadgate.model import FailureKind, Rule
from loadgate.patterns import EndpointPattern
from loadgate.render.rules.drafts import toml_string
from loadgate.status import Reading, may_have_status, read_status
from loadgate.text import docs, first_of

SERVER = 500
"""From this status on the server is at fault."""
_NAMED = 4  # rules that share an entry and are named in it
_NEAR = 3  # rules that are named as nearly matching

# --- readings -------------------------------------------------------------------------------------

TEACH_HINT = (
    "loadgate: some messages hold a number that may be the status;"
    " `loadgate rules teach LOCUSTFILE` learns from their source how to read it"
)

_NO_STATUS = frozenset(("no-answer", "no-number", "set-aside"))
"""Why nothing was read where no wording could read anything either."""

CLIENTS = {
    "aiohttp": "aiohttp",
    "bad-status-code": "Locust's FastHttpUser",
    "bare": "response.failure(NUMBER)",
    "botocore": "botocore",
    "elasticsearch": "elasticsearch",
    "fasthttp": "Locust's FastHttpUser before 2.10",
    "httpx": "httpx",
    "kubernetes": "kubernetes",
    "openai": "openai",
    "pair": "response.failure((NUMBER, ...))",
    "python": "Python's urllib or xmlrpc, or Google's client",
    "requests": "requests (HttpUser)",
    "response-object": "response.failure(response)",
    "rest": "Locust's rest()",
    "too-many-retries": "urllib3",
}
"""Who writes a form that is read exactly, by its name."""

PLACES = {
    "expected-got": "the actual value beside an expected one",
    "failed": "a number after words for a failure",
    "got": 'a number after "got"',
    "label": "a number after a label such as HTTP or status",
    "leading": "the message starts with the number",
    "reason": "a number beside words for that status",
    "request": "a number after the request",
    "response": 'a number after "response"',
    "returned": 'a number after "returned", "failed with" or an arrow',
    "taught": "a wording of [[status_texts]]",
}
"""Where in people's own messages a status was found, by the name of the form."""

UNKNOWN = {
    "ambiguous": "two different numbers could each be the status",
    "another-shape": "it starts like the text of a client, but continues differently",
    "cut-off": "the text is cut off; the rest could change its meaning",
    "data": "the exception holds data, not a sentence",
    "doubtful": "the words around the number could mean something else",
    "no-answer": "Locust reports 0 when no response arrived",
    "no-number": "no number from 100 to 599 outside URLs and identifiers",
    "raised-in-block": "raised while the test was checking the response",
    "set-aside": "the only numbers are expected values, quotes of the response, or codes of another"
    " protocol",
    "silent": "raised when there was no response, or nothing checked it",
    "taught-otherwise": "a wording of [[status_texts]] reads a different status",
    "unknown": "no number is where only a status can be",
    "wordings-disagree": "wordings of [[status_texts]] read different statuses",
}
"""Why nothing was read, by the name of the form."""


def status_text(reading: Reading | None) -> str:
    """Return a status with the words that it was read from, or why it is unknown."""
    if reading is None:
        return "unknown: there is no text to read it from"
    if reading.status is None:
        client = CLIENTS.get(reading.words, reading.words)
        return f"unknown: {UNKNOWN[reading.form]}" + (f': "{client}"' if client else "")
    place = PLACES.get(reading.form) or f"as {CLIENTS[reading.form]} writes it"
    return f'{reading.status}, read from "{reading.words}": {place}'


# --- rules that were tried ------------------------------------------------------------------------


def attempt_entries(
    explanation: Explanation, status: str, origin: str, *, full: bool
) -> Iterator[str]:
    """Yield an entry for each rule, in the order in which they were tried.

    `status` is that of the failures; "": they differ. Unless `full`, neighbours that are for other
    endpoints share an entry.
    """
    elsewhere: list[Attempt] = []
    for attempt in explanation.attempts:
        if "endpoint" in attempt.unmet and not full:
            elsewhere.append(attempt)
            continue
        yield from _folded(elsewhere, origin)
        elsewhere = []
        matches = f"matches at {endpoints(attempt.rule)}" if explanation.anywhere else "matches"
        outcome = unmet(attempt, attempt.unmet[0], status) if attempt.unmet else matches
        yield f"{_named(attempt, origin)}: {outcome}"
    yield from _folded(elsewhere, origin)


def _folded(attempts: list[Attempt], origin: str) -> Iterator[str]:
    """Fold neighbours that are for other endpoints into one entry."""
    if len(attempts) == 1:
        yield f"{_named(attempts[0], origin)}: {unmet(attempts[0], 'endpoint')}"
    elif attempts:
        ids = first_of([attempt.rule.id for attempt in attempts], _NAMED)
        yield f"{attempts[0].place}-{attempts[-1].place}. for other endpoints: {ids}"


def _named(attempt: Attempt, origin: str) -> str:
    """Return a rule by its place and id, and where it is from if that is another file."""
    rule = attempt.rule
    elsewhere = f" ({rule.origin})" if rule.origin != origin else ""
    return f"{attempt.place}. {rule.id}{elsewhere}"


def unmet(attempt: Attempt, condition: str, status: str = "") -> str:
    """Say that failures with some status do not meet a condition of a rule."""
    rule = attempt.rule
    match condition:
        case "method" | "endpoint":
            return f"only for {endpoints(rule)}"
        case "status":
            *others, last = map(str, sorted(rule.statuses or ()))
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

_NOTHING_TO_TEACH = {"no-number", "no-answer", "silent", "cut-off", "raised-in-block"}
_RULE_ON_ERROR = f"excuse it with a rule on `error` ({docs('rules', 'rules')})"


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
        if condition == "status" and (explanation.kind.status or 0) >= SERVER:
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
            f" has all error texts ({docs('inputs')})."
        )
    if explanation.expired:
        return (
            "If the reason still holds, set a later `expires`; otherwise fix the cause and remove"
            " the rule. Until then no rule below it is tried."
        )
    if explanation.rule is not None:
        return "Fix the cause or, if this is intended, change the rule."
    status = explanation.reading.status
    if status is not None and status >= SERVER:
        return "Fix the server; a 5xx is not an intended refusal."
    return _rule_to_mend(explanation) or _rule_to_add(explanation.reading)


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
            f" and status ({docs('rules', 'rules')})."
        )
    if reading.form in {"wordings-disagree", "taught-otherwise"}:
        return f"Make the wordings of [[status_texts]] narrower ({docs('rules', 'status-texts')})."
    if reading.form in _NOTHING_TO_TEACH:
        return f"Fix the cause; if this is intended, {_RULE_ON_ERROR}."
    return (
        "If the text states the status, add its wording to [[status_texts]]"
        f" ({docs('rules', 'status-texts')}); if the failure is intended, {_RULE_ON_ERROR}."
    )


def unread_statuses(failures: Iterable[FailureKind]) -> bool:
    """Say whether a failure in a locustfile's words has no status, but a number that may be it."""
    return any(
        kind.status is None
        and kind.decision == "true"
        and "CatchResponseError(" in kind.signature  # the locustfile's own words
        and may_have_status(kind.signature)
        and read_status(kind.signature).form not in _NO_STATUS
        for kind in failures
    )
