"""Error texts as Locust and its clients write them, with the status in a known place.

The forms are in `forms.toml`. Sources: Locust 0.14 to 2.47 (stats.py, clients.py,
contrib/fasthttp.py, user/users.py), requests 2.x, urllib3, httpx, aiohttp, websocket-client.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from loadgate.status.forms import Form, forms, reasons, tables
from loadgate.status.reading import Reading

LONGEST = 4000
"""Characters of a text that are looked at; a form that is told by its end is looked for in as many
characters at the end."""

CUT_OFF = Reading(why="the text is cut off, and the rest could say anything", teachable=False)
DATA = Reading(why="the exception holds data, and no sentence")


@dataclass(frozen=True, slots=True)
class Message:
    """Words of a person (or of a library that this project does not know)."""

    text: str
    """What is read of it, each run of white space as one blank or line break."""
    plain: bool
    """The test itself said it (`response.failure("...")`), so that a number may stand with little
    around it; False: the text of some other exception, in which only clear labels count."""


_CALL = re.compile(r"([A-Za-z_][\w.]*)\((.*)\)\Z", re.DOTALL)
_OPEN_CALL = re.compile(r"[A-Za-z_][\w.]*\([uUbB]?['\"]")
_STRING = re.compile(
    r"[uU]?(?:'([^'\\]*(?:\\.[^'\\]*)*)'|\"([^\"\\]*(?:\\.[^\"\\]*)*)\"),?\Z", re.DOTALL
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_BLANKS = {"n": "\n", "r": "\r", "t": "\t"}
_ESCAPED_BLANK = re.compile(r"(?<!\\)\\++[nrt]")
_WHITE_SPACE = re.compile(r"\s\s+|[^\S \n]")
_NO_ANSWER = re.compile(r"\b(?:got |code[=:] ?|status:? )0(?![\w.*%-])")


def _literal(text: str) -> str | None:
    """Return what the Python string literal `text` stands for; None: it is no such literal."""
    found = _STRING.match(text)
    if found is None:
        return None
    inner = found.group(1) if found.group(1) is not None else found.group(2)
    if "\\" not in inner:
        return inner
    return _ESCAPE.sub(lambda escape: _BLANKS.get(escape.group(1), escape.group(1)), inner)


def _unquote(text: str) -> str:
    """Undo the repr of a repr that Locust 2.10 to 2.27 wrote in distributed runs."""
    inner = _literal(text) if text[:1] in {"'", '"'} else None
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
    """Return that the text tells of no response; None: it may tell of one."""
    call = _CALL.match(_unquote(template.strip()))
    name = call.group(1).rpartition(".")[2] if call else ""
    if _silent().match(name):
        return _of_no_response(name)
    if _NO_ANSWER.search(template):
        why = "0 is what Locust reports of a request without an answer"
        return Reading(why=why, answered=False, teachable=False)
    return None


def _of_no_response(name: str) -> Reading:
    why = f"{name} is raised where no response came, or where nobody looked at it"
    return Reading(why=why, answered=False, teachable=False)


def read_form(template: str) -> Reading | Message:
    """Read what client libraries write, by class and exact form; else return the message."""
    if len(template) > 2 * LONGEST:
        template = _collapsed(template)
    if len(template) <= 2 * LONGEST:
        return _read(template)
    return _read(f"{template[:LONGEST]} … {template[-LONGEST:]}")


def _read(template: str) -> Reading | Message:
    text = _unquote(template.strip())
    call = _CALL.match(text)
    if call is None:
        return CUT_OFF if _OPEN_CALL.match(text) else _read_sentence(text, plain=True)
    name, arguments = call.group(1).rpartition(".")[2], call.group(2)
    message = _literal(arguments)
    for form in _of_class(name):
        if (message is None or name.endswith("RetryError")) and (read := _exact(form, arguments)):
            return read
    if name in {"LocustBadStatusCode", "BadStatusCode", "RetryError"} or _silent().match(name):
        return _of_no_response(name)
    if message is not None:
        return _read_sentence(message, plain=name == "CatchResponseError")
    if re.match(r"[A-Za-z_]\w*=", arguments):  # HTTPException(status_code=409, detail='...')
        return _message(arguments, plain=False)
    return DATA


@cache
def _silent() -> re.Pattern[str]:
    return re.compile(rf"(?:{tables()['silent']})\Z", re.VERBOSE)


@lru_cache(maxsize=256)
def _of_class(name: str) -> tuple[Form, ...]:
    """Return the forms of an exception."""
    return tuple(f for f in forms("clients") if f.classes and re.fullmatch(f.classes, name))


def _read_sentence(message: str, *, plain: bool) -> Reading | Message:
    """Read the sentences that clients put into an exception; else hand the message on."""
    if ". Response was " in message and re.match(r"[A-Z]\w*(?:Error|Exception): ", message):
        # rest(), an exception in the block: the status is nowhere but in the body
        return Reading(why="raised while the test looked at the response", teachable=False)
    pattern, opened = _openings()
    opening = pattern.match(message)
    if opening is None:
        return _message(message, plain=plain)
    form = opened[(opening.lastindex or 0) - 1]
    why = f"it begins as {form.about} writes it, and goes on in another way"
    return _exact(form, message) or Reading(why=why)


@cache
def _openings() -> tuple[re.Pattern[str], tuple[Form, ...]]:
    opened = tuple(form for form in forms("clients") if form.opening)
    return re.compile("|".join(f"({form.opening})" for form in opened)), opened


def _message(text: str, *, plain: bool) -> Message:
    """Return a person's message, as much of it as is read."""
    text = _collapsed(text)
    if len(text) <= LONGEST:
        return Message(text, plain)
    # The dots are no word on any list: what follows may say otherwise, if it is not the body.
    return Message(f"{text[:LONGEST]}…", plain)


def _collapsed(text: str) -> str:
    """Collapse white space, so that no expression can try the ways to share it out.

    Escapes such as of a repr in the text are white space, too.
    """
    if "\\" in text:
        text = _ESCAPED_BLANK.sub("\n", text)
    return _WHITE_SPACE.sub(_one_blank, text)


def _one_blank(run: re.Match[str]) -> str:
    return "\n" if "\n" in run.group() or "\r" in run.group() else " "


@cache
def _shape(shape: str) -> re.Pattern[str]:
    return re.compile(shape, re.DOTALL)


def _exact(form: Form, text: str) -> Reading | None:
    """Read the status where the form has it; None: the text is of another shape."""
    found = _shape(form.shape).match(text)
    if found is None:
        return None
    status = int(found.group(1))
    reason = found.groupdict().get("r")
    if reason is not None and reason.lower() not in reasons(status):
        return None
    return Reading(status=status, source="client", why=f"as {form.about} writes it")
