"""Error texts as client libraries write them, with the status in a known place.

Every exact form is listed with who writes it. Sources: Locust 0.14 to 2.47 (stats.py, clients.py,
contrib/fasthttp.py, user/users.py), requests 2.x (Response.raise_for_status), urllib3 (Retry),
urllib.request, httpx, aiohttp, websocket-client.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from loadgate.status.reading import CUT_OFF, DATA, Reading

LONGEST = 4000
"""Characters of a text that the forms and the grammar look at; a form that is told by its end is
looked for in as many characters at the end."""


@dataclass(frozen=True, slots=True)
class Message:
    """Words of a person (or of a library that this project does not know)."""

    text: str
    """What is read of it, each run of white space as one blank or line break."""
    plain: bool
    """The test itself said it (`response.failure("...")`), so that a number may stand with little
    around it; False: the text of some other exception, in which only clear labels count."""
    beyond: str = ""
    """What follows where the message is too long: not read, but it may say otherwise."""


# Exceptions that are raised when there is no response, or none was looked at.
_SILENT = re.compile(
    r"(?:[\w.]*\.)?(?:Key|Index|Attribute|Type|Name|Lookup|ZeroDivision|Recursion|Memory|StopIteration"
    r"|JSONDecode|Unicode\w*|OS|IO|EOF|Blocking\w*|BrokenPipe|Interrupted|gai|socket|Connect|Connection"
    r"|Connection(?:Aborted|Refused|Reset)|MaxRetry|NewConnection|NameResolution|Protocol|Proxy|SSL\w*"
    r"|ReadTimeout|ConnectTimeout|Timeout|ChunkedEncoding|ContentDecoding|IncompleteRead|HTTPParse"
    r"|RemoteProtocol|LocalProtocol|Read|Write|Close|Pool|Decode)Error\Z"
    r"|(?:[\w.]*\.)?(?:timeout|gaierror|error|socket_error|ReadTimeout|ConnectTimeout|PoolTimeout"
    r"|WriteTimeout|Timeout|RetriesExceeded|RemoteDisconnected|BadStatusLine|IncompleteRead"
    r"|HTTPConnectionClosed|HTTPParseError|TooManyRedirects|MissingSchema|InvalidURL|InvalidSchema"
    r"|InvalidHeader|LocationParseError|InterruptTaskSet|StopUser|RescheduleTask\w*|CancelledError"
    r"|GreenletExit|MilvusException|KafkaError|_InactiveRpcError|_MultiThreadedRendezvous"
    r"|RpcError|AioRpcError|Fault)\Z"
)
_CALL = re.compile(r"([A-Za-z_][\w.]*)\((.*)\)\Z", re.DOTALL)
_OPEN_CALL = re.compile(r"[A-Za-z_][\w.]*\([uUbB]?['\"]")
_STRING = re.compile(
    r"[uU]?(?:'([^'\\]*(?:\\.[^'\\]*)*)'|\"([^\"\\]*(?:\\.[^\"\\]*)*)\"),?\Z", re.DOTALL
)
_ELASTIC = re.compile(
    r"(?:NotFound|Conflict|Request|Transport)Error\Z|Authenti?cationException\Z|AuthorizationException\Z"
)
_ANGULAR = r"(?:: '[^']*'>\Z| when requesting | [\w ]+>\Z)"
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_RENAMED = {
    413: ("request entity too large", "payload too large", "content too large"),
    414: ("request-uri too long", "uri too long"),
    416: ("requested range not satisfiable", "range not satisfiable"),
    422: ("unprocessable entity", "unprocessable content"),
    503: ("service temporarily unavailable",),  # as nginx puts it
    504: ("gateway time-out",),
}
_BLANKS = {"n": "\n", "r": "\r", "t": "\t"}
_ESCAPED_BLANK = r"(?<!\\)\\++[nrt]"
_WHITE_SPACE = re.compile(r"\s\s+|[^\S \n]")


def _unescape(text: str) -> str:
    """Undo the escapes of a Python string literal that matter for reading."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda escape: _BLANKS.get(escape.group(1), escape.group(1)), text)


def _literal(text: str) -> str | None:
    """Return what the Python string literal `text` stands for; None: it is no such literal."""
    found = _STRING.match(text)
    if found is None:
        return None
    return _unescape(found.group(1) if found.group(1) is not None else found.group(2))


def _unquote(text: str) -> str:
    """Undo the repr of a repr that Locust 2.10 to 2.27 wrote in distributed runs."""
    if text[:1] not in {"'", '"'}:
        return text
    inner = _literal(text)
    return text if inner is None else inner


def messages(text: str) -> Iterator[str]:
    """Yield the text as Locust wrote it, and without the wrappings that Locust put around it."""
    yield text
    unquoted = _unquote(text)
    if unquoted != text:
        yield unquoted
    call = _CALL.match(unquoted)
    inner = _literal(call.group(2)) if call else None
    if inner is not None:
        yield inner


def silent(template: str) -> Reading | None:
    """Return that the text is of an exception without a response; None: it may be of any other."""
    call = _CALL.match(_unquote(template.strip()))
    if call is None:
        return None
    name = call.group(1).rpartition(".")[2]
    return Reading(None, "silent", name) if _SILENT.match(name) else None


def read_form(template: str) -> Reading | Message:
    """Read what client libraries write, by class and exact form; else return the message."""
    if len(template) > 2 * LONGEST:
        template = _collapsed(template)
    if len(template) <= 2 * LONGEST:
        return _read(template)
    form = _read(f"{template[:LONGEST]} … {template[-LONGEST:]}")
    if isinstance(form, Message):
        return replace(form, beyond=template[LONGEST:])
    return form


def _read(template: str) -> Reading | Message:
    text = _unquote(template.strip())
    call = _CALL.match(text)
    if call is None:
        if _OPEN_CALL.match(text):
            return CUT_OFF  # the rest could say anything
        return _read_own_words(text, plain=True)
    name, arguments = call.group(1).rpartition(".")[2], call.group(2)
    if name in {"LocustBadStatusCode", "BadStatusCode"}:
        return _exact("bad-status-code", r"(?:|.*, )code=([1-5][0-9]{2})\Z", arguments)
    if name in {"RetryError", "MaxRetryError"}:
        return _exact(
            "too-many-retries", r".*'too many ([1-5][0-9]{2}) error responses'", arguments
        )
    if _ELASTIC.match(name) and arguments[3:6] == ", '":
        # elasticsearch 7, opensearch-py: ConflictError(409, 'version_conflict_engine_exception', …)
        return _exact("elasticsearch", r"([1-5][0-9]{2}), '", arguments)
    if name in {"ClientResponseError", "WSServerHandshakeError", "ContentTypeError"}:
        return _exact("aiohttp", r".*\), status=([1-5][0-9]{2}), message=", arguments)
    if _SILENT.match(name):
        return Reading(None, "silent", name)
    message = _literal(arguments)
    if message is None:
        return _read_arguments(name, arguments)
    return _read_own_words(message, plain=name == "CatchResponseError")


def _read_arguments(name: str, arguments: str) -> Reading | Message:
    """Read the arguments of an exception that are not one string."""
    caught = name == "CatchResponseError"
    if caught and re.fullmatch(r"[1-5][0-9]{2}", arguments):
        return Reading(int(arguments), "bare", arguments)  # response.failure(409)
    if caught and arguments.startswith("("):  # response.failure((409, "..."))
        return _exact("pair", r"\(([1-5][0-9]{2}), ['\"]", arguments)
    if arguments.startswith("<Response ["):
        return _exact("response-object", r"<Response \[([1-5][0-9]{2})\]>\Z", arguments)
    pair = re.fullmatch(r"([1-5][0-9]{2}), (['\"])([\w ']+)\2", arguments)
    if pair:  # Exception(409, 'Conflict'): the words are the status's own, else they are data
        status = int(pair.group(1))
        if pair.group(3).lower() in reasons(status):
            return Reading(status, "reason", arguments)
        return DATA
    if re.match(r"[A-Za-z_]\w*=", arguments):  # HTTPException(status_code=409, detail='...')
        return _message(arguments, plain=False)
    return DATA


_OPENINGS = (
    # FastHttpUser before 2.10: "URL <url>: code=409", "URL <url>: 0, original=timed out"
    ("fasthttp", "URL ", r"URL .*: code=([1-5][0-9]{2})\Z"),
    # rest(): the body in the middle can say anything, so the last place counts
    ("rest", "Could not parse response as JSON. ", r".*, response code ([1-5][0-9]{2}), error "),
    # botocore: "An error occurred (404) when calling the HeadObject operation: Not Found"
    ("botocore", "An error occurred (", r"An error occurred \(([1-5][0-9]{2})\) when calling "),
    # openai, which Locust's OpenAIUser wraps: "Error code: 429 - {'error': ...}"
    ("openai", "Error code: ", r"Error code: ([1-5][0-9]{2}) - "),
)
"""Sentences of one library only, by how they begin: name, opening, where the status stands."""


def _read_own_words(message: str, *, plain: bool) -> Reading | Message:
    """Read the sentences that clients put into an exception; else hand the message on."""
    first = message[:40]
    if message[:1].isdigit() and re.match(r"[1-5][0-9]{2} (?:Client|Server) Error: ", first):
        # requests: "409 Client Error: Conflict for url: ..."
        return _exact("requests", r"([1-5][0-9]{2}) (?:Client|Server) Error: .* for url: ", message)
    if message.startswith("(") and message[5:14] == "\nReason: ":
        # kubernetes: "(409)\nReason: Conflict\n..."
        return _exact("kubernetes", r"\(([1-5][0-9]{2})\)\nReason: ", message)
    if re.match(r"<(?:HTTP|Http|Protocol)Error ", first):
        # urllib.request: "<HTTPError 404: 'Not Found'>"; googleapiclient: "<HttpError 403 when
        # requesting URL returned ..."; xmlrpc.client: "<ProtocolError for URL: 502 Bad Gateway>"
        return _exact("python", rf"<\w+ (?:for \S*: )?([1-5][0-9]{{2}}){_ANGULAR}", message)
    if ". Response was " in message and re.match(r"[A-Z]\w*(?:Error|Exception): ", message):
        # rest(), an exception in the block: the status is nowhere but in the body
        return Reading(None, "raised-in-block", message.partition(":")[0])
    if re.match(r"(?:(?:Client|Server) error|Redirect response) '", first):
        # httpx: "Client error '409 Conflict' for url '...'"
        return _exact("httpx", r"\w+ \w+ '([1-5][0-9]{2}) [^']*' for url ", message)
    for name, opening, pattern in _OPENINGS:
        if message.startswith(opening):
            return _exact(name, pattern, message)
    return _message(message, plain=plain)


def _message(text: str, *, plain: bool) -> Message:
    """Return a person's message, as much of it as is read."""
    text = _collapsed(text)
    if len(text) <= LONGEST:
        return Message(text, plain)
    # The dots keep a number at the cut from standing at the end of the message.
    return Message(f"{text[:LONGEST]}…", plain, text[LONGEST:])


def _collapsed(text: str) -> str:
    """Collapse white space, so that no expression can try the ways to share it out.

    Escapes such as of a repr in the text are white space, too.
    """
    if "\\" in text:
        text = _compiled(_ESCAPED_BLANK).sub("\n", text)
    return _WHITE_SPACE.sub(_one_blank, text)


def _one_blank(run: re.Match[str]) -> str:
    return "\n" if "\n" in run.group() or "\r" in run.group() else " "


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def _exact(form: str, pattern: str, text: str) -> Reading:
    """Read the status where the pattern says it stands; a text of another shape is unknown."""
    found = _compiled(pattern).match(text)
    if found is None:
        return Reading(None, "another-shape", form)
    return Reading(int(found.group(1)), form, found.group())


@cache
def reasons(status: int) -> tuple[str, ...]:
    """Return the reason phrases of a registered status, lower case; none: it is not registered.

    Some were renamed by RFC 9110, and in Python 3.13 with it; servers go on writing both.
    """
    from http import HTTPStatus

    try:
        registered = HTTPStatus(status).phrase.lower()
    except ValueError:
        return ()
    return tuple(dict.fromkeys((registered, *_RENAMED.get(status, ()))))
