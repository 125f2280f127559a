"""Findings about rules that excuse too much: tried on failures that nobody wants excused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from http import HTTPStatus

from loadgate.lint.findings import Finding, about
from loadgate.model import Policy, Rule
from loadgate.patterns import EndpointPattern
from loadgate.signature import settle, skeleton
from loadgate.status import messages, read_skeleton

WIDEST = Fraction(1, 2)
"""The largest budget with which most requests of an endpoint still have to succeed."""

_NEVER = (
    "HTTPError('500 Server Error: Internal Server Error for url: http://host/')",
    "ConnectionRefusedError(111, 'Connection refused')",
    "ConnectionError(ProtocolError('Connection aborted.', ConnectionResetError(104, 'Connection"
    " reset by peer')))",
    "RemoteDisconnected('Remote end closed connection without response')",
    "gaierror(-2, 'Name or service not known')",
    "SSLError(SSLCertVerificationError(1, 'certificate verify failed'))",
    "ConnectTimeout(ConnectTimeoutError('Connection to host timed out. (connect timeout=5)'))",
    "ReadTimeout(ReadTimeoutError('Read timed out. (read timeout=5)'))",
    "timeout('timed out')",
    "AssertionError('the total is 3, expected 4')",
    "AssertionError()",
    "KeyError('id')",
    "JSONDecodeError('Expecting value: line 1 column 1 (char 0)')",
    "CatchResponseError('unexpected body')",
    "",
)
"""Errors that are no refusal, whatever the endpoint."""

_FIRST_ERROR = 400
_FIRST_SERVER_ERROR = 500
_HTTP_ERROR = "HTTPError('{status} {side} Error: {phrase} for url: http://host/')"
_FORMS = (
    "CatchResponseError('Expected [202], got {status}')",
    "LocustBadStatusCode(code={status})",
)

_NAMES = ("/login", "/health", "/cart/items", "/orders/[id]", "/api/v1/search", "/", "Home page")
"""Endpoints that have nothing in common: a pattern that matches two of them names neither."""

_READS = ("GET", "HEAD", "OPTIONS")
_METHODS = (*_READS, "POST", "PUT", "PATCH", "DELETE")
_DENIALS = (404, 403, 401)
"""Refusals with nothing in common: an `error` that matches two of them is about none."""
_LIMITS = frozenset((429,))
"""Refusals that may be meant for any request."""
_CONFLICTS = frozenset((409, 412, 423, 425, 428))
"""Refusals that may be meant for any request that changes something."""

_NUMBER = "409"
_NUMBERS = (
    "[{status}]",
    "({status})",
    "#{status}",
    '"{status}"',
    "{status}",
    "expected [{status}] rows, found none",
    "order {status} is missing",
    "items: {status}, expected 3",
    "took {status} ms",
    "id={status}",
    "host:{status} refused",
)
"""Texts with a number that is no status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """A failure that is tried."""

    text: str
    status: int | None
    messages: tuple[str, ...]
    """The texts that a rule's `error` may match."""


@cache
def _sample(text: str) -> _Sample:
    status = read_skeleton(settle(skeleton(text))).status
    return _Sample(text=text, status=status, messages=tuple(messages(text)))


@cache
def _with_status(status: int) -> tuple[_Sample, ...]:
    """Return failures with a status, as Locust and locustfiles write them."""
    phrases = {one.value: one.phrase for one in HTTPStatus}
    forms = _FORMS if status < _FIRST_ERROR else (_HTTP_ERROR, *_FORMS)
    side = "Client" if status < _FIRST_SERVER_ERROR else "Server"
    phrase = phrases.get(status, "Unknown")
    return tuple(_sample(form.format(status=status, side=side, phrase=phrase)) for form in forms)


@cache
def _anywhere() -> tuple[_Sample, ...]:
    """Return the failures that no rule should excuse, whatever its endpoints."""
    no_refusal = (*range(_FIRST_SERVER_ERROR, 600), *range(100, _FIRST_ERROR))
    return (
        *map(_sample, _NEVER),
        *(sample for status in no_refusal for sample in _with_status(status)),
    )


def breadth(rule: Rule, policy: Policy) -> Iterator[Finding]:
    """Yield what makes a rule over-broad; a carve-out excuses nothing, so it never is."""
    if not rule.excuses:
        return
    example = "" if rule.at_most == 0 else _example(rule, policy)
    if example:
        yield about(
            rule,
            "too-broad",
            f"would excuse {example}",
            "Name the status that is expected, words of its text, or the methods and endpoints that"
            " may refuse.",
        )
    if rule.at_most is None or rule.at_most > WIDEST:
        yield about(
            rule,
            "no-budget",
            "excuses any number of failures: it has no at_most"
            if rule.at_most is None
            else f'passes an endpoint at which most requests fail: at_most = "{rule.at_most_text}"',
            'Set at_most slightly above what you measure, such as "5%".',
            "warning",
        )


def broad_status_texts(policy: Policy) -> Iterator[Finding]:
    """Yield each wording that takes a number for a status which is none."""
    for wording in policy.status_texts:
        text = next((text for text in _numbers() if wording.statuses(text)), None)
        if text is not None:
            yield Finding(
                code="broad-status-text",
                severity="error",
                file=wording.origin,
                sentence=f'status text "{wording.text}" would read status {_NUMBER} from "{text}"',
                remedy="Write the words of the message around {status}.",
                pattern=wording.text,
            )


@cache
def _numbers() -> tuple[str, ...]:
    return tuple(text.format(status=_NUMBER) for text in _NUMBERS)


def _example(rule: Rule, policy: Policy) -> str:
    """Return a failure that a rule excuses and nobody wants excused; "": none of those known."""
    before = policy.rules[: policy.rules.index(rule)]
    carve_outs = [other for other in before if not other.excuses]
    above = [other for other in carve_outs if _takes_endpoint(other, rule)]
    for sample in _anywhere():
        if _excused(rule, sample, above):
            return f'"{sample.text}" of {rule.endpoint.text}'
    denials = [_with_status(status) for status in _DENIALS if rule.statuses is None]
    found = [one for forms in denials for one in forms if _excused(rule, one, above)]
    if len({one.status for one in found}) > 1:
        return f'"{found[0].text}" of {rule.endpoint.text}, and other statuses, too'
    for method in _METHODS:
        names = [name for name in _NAMES if _is_about(rule.endpoint, method, name)]
        if len(names) == 1:
            continue
        for name in names:
            above = [other for other in carve_outs if _is_about(other.endpoint, method, name)]
            for sample in _refusals(method in _READS, rule.statuses is None):
                if _excused(rule, sample, above):
                    return f'"{sample.text}" of {method} {name}'
    return ""


@cache
def _refusals(reads: bool, denials: bool) -> tuple[_Sample, ...]:  # noqa: FBT001 - cached by both
    """Return refusals that are no design where all endpoints give them.

    For a rule without a status, `denials` are enough: its `error` knows nothing of the others.
    """
    meant = _LIMITS if reads else _LIMITS | _CONFLICTS
    statuses = [*_DENIALS, *(() if denials else range(_FIRST_ERROR, _FIRST_SERVER_ERROR))]
    return tuple(
        sample for status in statuses if status not in meant for sample in _with_status(status)
    )


@lru_cache(maxsize=100_000)  # each rule asks the same of all carve-outs above it
def _is_about(pattern: EndpointPattern, method: str, name: str) -> bool:
    return pattern.matches(method, name)


def _takes_endpoint(other: Rule, rule: Rule) -> bool:
    """Say whether a rule is asked about all requests that another one is about."""
    methods = other.endpoint.methods
    all_methods = methods is None or methods >= (rule.endpoint.methods or {""})
    return all_methods and other.endpoint.includes_names(rule.endpoint)


def _excused(rule: Rule, sample: _Sample, above: Sequence[Rule]) -> bool:
    return _matches(rule, sample) and not any(_matches(other, sample) for other in above)


def _matches(rule: Rule, sample: _Sample) -> bool:
    if rule.statuses is not None and sample.status not in rule.statuses:
        return False
    return rule.error is None or any(map(rule.error.matches, sample.messages))
