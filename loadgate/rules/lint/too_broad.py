"""Findings about rules that excuse too much: tried on failures that nobody wants excused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from http import HTTPStatus

from loadgate.model import Policy, Rule
from loadgate.patterns import STATUS_PLACE, EndpointPattern, StatusText
from loadgate.rules.lint.findings import Finding, about
from loadgate.status import messages, read_template
from loadgate.status.signature import normalise, template

WIDEST = Fraction(1, 2)
"""The largest budget with which most requests of an endpoint still have to succeed."""

_NEVER = (
    "ConnectionRefusedError(111, 'Connection refused')",
    "ConnectionError(ProtocolError('Connection aborted.', ConnectionResetError(104, 'Connection"
    " reset by peer')))",
    "RemoteDisconnected('Remote end closed connection without response')",
    "BrokenPipeError(32, 'Broken pipe')",
    "ChunkedEncodingError(ProtocolError('Response ended prematurely'))",
    "gaierror(-2, 'Name or service not known')",
    "SSLError(SSLCertVerificationError(1, 'certificate verify failed'))",
    "ConnectTimeout(ConnectTimeoutError('Connection to host timed out. (connect timeout=5)'))",
    "ReadTimeout(ReadTimeoutError('Read timed out. (read timeout=5)'))",
    "timeout('timed out')",
    "LocustBadStatusCode(code=0)",
    "RetriesExceeded('/', 1, original=timed out)",
    "OSError(24, 'Too many open files')",
    "TooManyRedirects('Exceeded 30 redirects.')",
    "<AioRpcError of RPC that terminated with: status = StatusCode.UNAVAILABLE>",
    "WebSocketConnectionClosedException('Connection to remote host was lost.')",
    "OperationalError('could not connect to server')",
    "OperationalError('FATAL: sorry, too many clients already')",
    "MaxRetryError('HTTPConnectionPool(host=shop, port=80): Max retries exceeded with url: /"
    " (Caused by NewConnectionError)')",
    "ClientConnectorError('Cannot connect to host shop:443 ssl:default')",
    "ServerDisconnectedError('Server disconnected')",
    "CatchResponseError('upstream connect error or disconnect/reset before headers')",
    "CatchResponseError('no healthy upstream')",
    "<_InactiveRpcError of RPC that terminated with: status = StatusCode.DEADLINE_EXCEEDED details"
    ' = "Deadline Exceeded">',
    "<_InactiveRpcError of RPC that terminated with: status = StatusCode.INTERNAL>",
    "CatchResponseError('java.lang.OutOfMemoryError: Java heap space')",
    "CatchResponseError('java.lang.NullPointerException: null')",
    "CatchResponseError('panic: runtime error: invalid memory address or nil pointer dereference')",
    "CatchResponseError('Internal error, out of memory')",
    "CatchResponseError('Request was slower than 2 s')",
    "AssertionError('the total is 3, expected 4')",
    "AssertionError()",
    "KeyError('id')",
    "IndexError('list index out of range')",
    "TypeError(\"'NoneType' object is not subscriptable\")",
    "AttributeError(\"'NoneType' object has no attribute 'get'\")",
    "ValueError('not enough values to unpack')",
    "JSONDecodeError('Expecting value: line 1 column 1 (char 0)')",
    "CatchResponseError('unexpected body')",
    "CatchResponseError('Response took too long!')",
    "CatchResponseError('Login failed: invalid token')",
    "CatchResponseError('<html><title>Bad Gateway</title><center>nginx</center></html>')",
    'CatchResponseError(\'{"error": "internal", "request-id": "a-1"}\')',
    "The service is temporarily unavailable. Please try again later.",
    "",
)
"""Errors that are no refusal, whatever the endpoint."""

_BROKEN = (500, 501, 502, 503, 504, 520, 100, 200, 204, 301, 302)
"""Statuses that are no refusal, and stand for the others where a rule names no status."""

_FIRST_ERROR = 400
_FIRST_SERVER_ERROR = 500
_HTTP_ERROR = "HTTPError('{status} {side} Error: {phrase} for url: http://host/')"
_FORMS = (
    "CatchResponseError('Expected [202], got {status}')",
    "LocustBadStatusCode(code={status})",
    "CatchResponseError('Request failed with status code {status}')",
    "CatchResponseError('Unexpected response: {status} {phrase}')",
)

_RESOURCES = (
    "account admin/roles auth/token basket billing checkout contact dashboard documents events"
    " export feedback files games graphql history ideas images jobs journeys keys kpis languages"
    " maps messages news notifications offers payments products questions quotes register rooms"
    " shop status tags tickets upload users version videos webhooks wishlist"
)
_NAMES = (
    *("/login", "/health", "/cart/items", "/orders/[id]", "/api/v1/search", "/", "Home page"),
    *("Log in", "Search products"),
    *(f"/{name}" for name in _RESOURCES.split()),
)
"""Endpoints that have nothing in common: a pattern that matches two of them names neither."""
_NAMES_TRIED = 7
_HEAD = re.compile(
    r"(?:\*{2,}|[^/ ]*:)//[^/]*|/?(?:apis?|rest|rpc|services?|v?(?:[0-9]|\*|\{\w+\})+)(?=/)"
    r"|/\*{2,}(?=/.)",
    re.IGNORECASE,
)
"""What a path may begin with that names nothing: a host, `/api`, `/v1`, `/*`, `/{tenant}`."""
_HEADS_TRIED = 4
_WILDCARD = re.compile(r"\*+|\{\w+\}")

_READS = ("GET", "HEAD", "OPTIONS")
_METHODS = (*_READS, "POST", "PUT", "PATCH", "DELETE")
_DENIALS = (404, 403, 401)
"""Refusals with nothing in common, as of a wrong deployment or a broken login: a rule that excuses
two of them is about none."""
_NAMED = tuple(one.value for one in HTTPStatus if _FIRST_ERROR <= one < _FIRST_SERVER_ERROR)
_MOST_REFUSALS = 3
"""How many refusals of any kind may have one reason."""
_LIMITS = frozenset((429,))
"""Refusals that may be meant for any request: a limiter knows no endpoints."""
_CONFLICTS = frozenset((409, 412, 423, 425, 428))
"""Refusals that may be meant for any request that changes something."""

_THREE_DIGITS = re.compile(r"(?<![0-9])[1-5][0-9]{2}(?![0-9])")
_NUMBER = "409"
_NUMBERS = (
    "[{status}]",
    "({status})",
    "#{status}",
    '"{status}"',
    "{status}",
    '{"id": {status}, "total": 3}',
    "KeyError('{status}')",
    "AssertionError('{status} != 3')",
    "CatchResponseError('Expected 3 rows, got {status}')",
    "expected 3 rows but was {status}",
    "expected [{status}] rows, found none",
    "the search found {status} of 3 rows",
    "the search returned {status}",
    "the client received {status} rows",
    "got {status} bytes instead of 10",
    "wanted {status}, but the server said otherwise",
    "expected {status}, found nothing",
    "should be {status}, but was not",
    "answered after {status} ms",
    "took {status}ms",
    "failed after {status} retries",
    "attempt {status} failed",
    "the cart has {status} items",
    "trace id {status}: internal error",
    "port {status} is closed",
    "order total {status} is wrong",
    "the size is {status} bytes",
    "import failed: {status} rows are invalid",
    "import failed with {status}",
    "order {status} is missing",
    "no such order: {status}",
    "items: {status}, expected 3",
    "the total is {status}",
    "database error {status}",
    "database error: {status} (deadlock)",
    "line {status}, column 3",
    "took {status} ms",
    "id={status}",
    "version 1.{status}",
    "GET /orders/{status} has no answer",
    "host:{status} refused",
)
"""Texts with a number that is no status."""
_BODIES = (
    ' {"id": {status}} ',
    "order {status} ",
    "[{status}]",
    "({status})",
    "'{status}'",
    ": {status},",
)
"""What may stand in a message, with a number that is no status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """A failure that is tried."""

    text: str
    status: int | None
    messages: tuple[str, ...]
    """The texts that a rule's `error` may match."""


@cache
def _sample(text: str) -> _Sample:
    status = read_template(normalise(template(text))).status
    return _Sample(text=text, status=status, messages=tuple(messages(text)))


@cache
def _with_status(status: int) -> tuple[_Sample, ...]:
    """Return failures with a status, as Locust and locustfiles write them."""
    phrases = {one.value: one.phrase for one in HTTPStatus}
    forms = _FORMS if status < _FIRST_ERROR else (_HTTP_ERROR, *_FORMS)
    side = "Client" if status < _FIRST_SERVER_ERROR else "Server"
    phrase = phrases.get(status, "Unknown")
    return tuple(_sample(form.format(status=status, side=side, phrase=phrase)) for form in forms)


def _anywhere(rule: Rule) -> Iterator[_Sample]:
    """Yield the failures that no rule should excuse, whatever its endpoints."""
    yield from map(_sample, _NEVER)
    statuses = rule.statuses or {*_BROKEN, *map(int, _numbers_of(rule))}
    for status in sorted(statuses, key=lambda status: (status < _FIRST_SERVER_ERROR, status)):
        if not _FIRST_ERROR <= status < _FIRST_SERVER_ERROR:
            yield from _with_status(status)
    for number in _numbers_of(rule):
        yield from map(_sample, _numbers(number))


def _numbers_of(rule: Rule) -> list[str]:
    """Return what may be a status in a rule's `error`, where the rule names none."""
    if rule.error is None or rule.statuses is not None:
        return []
    found = {*_THREE_DIGITS.findall(rule.error.text)}
    return sorted(found) if len(found) < 3 else []  # no text that is tried has more


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
        text = next((text for text in _texts_for(wording.text) if _read(wording, text)), None)
        if text is not None:
            yield Finding(
                code="broad-status-text",
                severity="error",
                file=wording.origin,
                sentence=f'status text "{wording.text}" would read status {_NUMBER} from "{text}"',
                remedy="Write the words of the message around {status}.",
                pattern=wording.text,
            )


def _read(wording: StatusText, text: str) -> bool:
    return any(map(wording.statuses, messages(text)))


@cache
def _numbers(number: str) -> tuple[str, ...]:
    return tuple(text.replace(STATUS_PLACE, number) for text in _NUMBERS)


def _texts_for(wording: str) -> Iterator[str]:
    """Yield texts with a number that is no status: any, and those in which a star stands for it."""
    yield from _numbers(_NUMBER)
    head, _, tail = wording.partition(STATUS_PLACE)
    if head.startswith("*") and not any(map(str.isalpha, head + tail)):
        yield f"order {head}{_NUMBER}{tail}".replace("*", "")
    for body in _BODIES:
        number = body.replace(STATUS_PLACE, _NUMBER)
        for side, place in ((head, head.rfind("*")), (tail, tail.find("*"))):
            if place >= 0:
                filled = side[:place] + number + side[place:]
                text = filled + tail if side is head else head + filled
                yield text.replace("*", "")


def _example(rule: Rule, policy: Policy) -> str:
    """Return a failure that a rule excuses and nobody wants excused; "": none of those known."""
    before = policy.rules[: policy.rules.index(rule)]
    carve_outs = [other for other in before if not other.excuses]
    above = [other for other in carve_outs if _takes_endpoint(other, rule)]
    for sample in _anywhere(rule):
        if _excused(rule, sample, above):
            return f'"{sample.text}" of {rule.endpoint.text}'
    refusals = [one for one in _refusals(rule) if _matches(rule, one)]
    found = [one for one in refusals if not any(_matches(other, one) for other in above)]
    statuses = {one.status for one in found}
    if len(statuses) > _MOST_REFUSALS or len(statuses.intersection(_DENIALS)) > 1:
        return f'"{found[0].text}" of {rule.endpoint.text}, and other statuses, too'
    for method, names in _unlike(rule.endpoint):
        meant = _LIMITS if method in _READS else _LIMITS | _CONFLICTS
        for name in names[:_NAMES_TRIED]:
            above = [other for other in carve_outs if _is_about(other.endpoint, method, name)]
            for sample in refusals:
                if sample.status not in meant and _excused(rule, sample, above):
                    return f'"{sample.text}" of {method} {name}'
    return ""


def _unlike(pattern: EndpointPattern) -> Iterator[tuple[str, list[str]]]:
    """Yield endpoints with nothing in common that a pattern is about, by method.

    `/api/**` names as little as `/**`: what a path begins with, and names nothing, is left aside.
    """
    methods = sorted(pattern.methods or _METHODS)
    for head in _heads(pattern.name.text):
        tried = [head + name for name in _NAMES if not head or name[0] == "/"]
        # None of them begins with a method, so they are names of all methods or of none.
        names = [name for name in tried if _is_about(pattern, methods[0], name)]
        if len(names) > 1:
            yield from ((method, names) for method in methods)


def _heads(pattern: str) -> Iterator[str]:
    """Yield each head of a pattern that names nothing, written as a name; "" is one."""
    end = 0
    yield ""
    for _ in range(_HEADS_TRIED):
        found = _HEAD.match(pattern, end)
        if found is None:
            return
        end = found.end()
        yield _WILDCARD.sub("v1", pattern[:end]).replace("v1:", "https:")


def _refusals(rule: Rule) -> Iterator[_Sample]:
    """Yield refusals of the statuses that a rule has, or of all that have a name; denials first."""
    for status in sorted(rule.statuses or _NAMED, key=lambda status: status not in _DENIALS):
        if _FIRST_ERROR <= status < _FIRST_SERVER_ERROR:
            yield from _with_status(status)


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
