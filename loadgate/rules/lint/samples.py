"""Failures that nobody wants excused, for trying rules and status texts on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from loadgate.globs import STATUS_PLACE
from loadgate.matching import LIKELY_CONDITIONS, Texts
from loadgate.model import Answer, Status
from loadgate.status import read_template, recorded
from loadgate.status.signature import normalise, template

FIRST_ERROR = 400
FIRST_SERVER_ERROR = 500

NEVER = (
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

BROKEN = (500, 501, 502, 503, 504, 520, 100, 200, 204, 301, 302)
"""Statuses that are no refusal, and stand for the others where a rule names no status."""

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
NAMES = (
    *("/login", "/health", "/cart/items", "/orders/[id]", "/api/v1/search", "/", "Home page"),
    *("Log in", "Search products"),
    *(f"/{name}" for name in _RESOURCES.split()),
)
"""Endpoints that have nothing in common: a pattern that matches two of them names neither."""

_NOT_STATUSES = (
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A failure that is tried."""

    text: str
    status: Status | None
    texts: Texts
    """What each text condition is about; the class of the exception is that which the text has."""


@cache
def sample(text: str) -> Sample:
    """Return a failure with this error text."""
    return _recorded(text, read_template(normalise(template(text))).status)


def _recorded(text: str, status: Status | None) -> Sample:
    exception = next(iter(LIKELY_CONDITIONS["exception"](text)), None)
    texts = Texts(text, recorded(Answer(status, exception)))
    return Sample(text=text, status=status, texts=texts)


@cache
def with_grpc_status(status: str) -> Sample:
    """Return a failure with a status of gRPC, as its client in Python writes it."""
    name = status.removeprefix("grpc:")
    return _recorded(
        f"<_InactiveRpcError of RPC that terminated with: status = StatusCode.{name}>", status
    )


@cache
def with_status(status: int) -> tuple[Sample, ...]:
    """Return failures with a status, as Locust and locustfiles write them."""
    phrases = {known.value: known.phrase for known in HTTPStatus}
    forms = _FORMS if status < FIRST_ERROR else (_HTTP_ERROR, *_FORMS)
    side = "Client" if status < FIRST_SERVER_ERROR else "Server"
    phrase = phrases.get(status, "Unknown")
    return tuple(sample(form.format(status=status, side=side, phrase=phrase)) for form in forms)


@cache
def not_statuses(number: str) -> tuple[str, ...]:
    """Return texts in which a number is no status."""
    return tuple(text.replace(STATUS_PLACE, number) for text in _NOT_STATUSES)
