"""Words: an error message as a line of concepts, by the vocabulary in `vocabulary.txt`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from loadgate.status.forms import reasons, statuses_of, tables

_CJK = "\u3040-\ud7af"  # languages without blanks between words: Chinese, Japanese, Korean
_SPLIT = re.compile(
    # statusCode, HTTP_409, wrong-status, non-200, d'accueil, HTTP409, unexpected-504
    r"(?<=[a-z])(?=[A-Z])|_|(?<=[^\W\d_])-(?=[^\W\d_])|(?<=\b[Nn]on)-|(?<=\b[LlDdNn])['’](?=\w)"
    r"|(?<=http)(?=[1-5][0-9]{2}\b)|(?<=HTTP)(?=[1-5][0-9]{2}\b)"
    r"|(?<=[A-Za-z]{3})-(?=[1-5][0-9]{2}(?![\w-]))|(?<=\b[1-5][0-9]{2})-(?=[A-Za-z]{3})"
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_DATA = re.compile(
    r"(?:\b[bB])?['\"]?(?:\{(?=\s*(?:['\"}]|$))|\[(?=[{\['\"])"
    r"|<(?=[!?]|/?(?:html|head|body|title|center|h1|p|div|pre|error)\b))",
    re.IGNORECASE,
)
_CLOSING = {"{": "}", "<": ">", "[": "]"}
_RESPONSE = re.compile(
    r"<(?:Response|ClientResponse\([^)<]*\)) \[([1-5][0-9]{2})(?: [A-Za-z' -]+)?\]>"
)
_QUOTED_STATUS = re.compile(
    r"((?:status|code)['\"]?\s*[:=]?\s*)(['\"])([1-5][0-9]{2})\2", re.IGNORECASE
)
_QUOTED = re.compile(r"(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"|“[^“”]*”|«[^«»]*»|「[^「」]*」")
_URL = re.compile(r"\b(?:https?|wss?):\*")
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789", "\ufe0f\u200d")


class Token(NamedTuple):
    """A word, phrase, number or mark of a message."""

    letter: str
    """The letter of its concept in forms.toml."""
    text: str
    """The words, lower case."""
    statuses: frozenset[int] = frozenset()
    """What a number is, or the name of a status may mean."""


Phrases = dict[str, list[tuple[tuple[str, ...], Token]]]


@cache
def vocabulary() -> Phrases:
    """Return the phrases by their first word, or the first character of an unspaced one."""
    letters, phrases = tables()["letters"], dict[tuple[str, ...], Token]()
    used = statuses_of("used")
    for status in used:
        for phrase in reasons(status):
            words = tuple(phrase.replace("-", " ").split())
            also = phrases[words].statuses if words in phrases else frozenset()
            phrases[words] = Token("R", phrase, also | {status})
    for line in Path(__file__).with_name("vocabulary.txt").read_text("utf-8").splitlines():
        concept, _, listed = line.split("\t")
        letter, statuses = letters.get(concept, "R"), frozenset[int]()
        if letter == "R":  # 409, or 4xx
            statuses = frozenset(
                s for s in used if concept in {str(s), f"{s // 100}xx", f"{s // 10}x"}
            )
        for phrase in listed.split(", "):
            key = (phrase.replace(" ", ""),) if _is_unspaced(phrase) else tuple(phrase.split())
            phrases[key] = Token(letter, phrase, statuses)
    by_first: Phrases = {}
    for key, token in phrases.items():
        first = key[0][0] if _is_unspaced(key[0]) else key[0]
        by_first.setdefault(first, []).append((key, token))
    for entries in by_first.values():
        entries.sort(key=lambda entry: -sum(map(len, entry[0])))
    return by_first


@cache
def _token(is_ascii: bool) -> re.Pattern[str]:  # noqa: FBT001 - the one thing that it is about
    """Compile what a token is; the range of characters takes its time, and is rarely needed."""
    cjk, unspaced = ("", "") if is_ascii else (_CJK, rf"(?P<unspaced>[{_CJK}]+(?: +[{_CJK}]+)*)|")
    return re.compile(
        rf"{unspaced}(?P<word>[^\W\d_{cjk}]+(?:['’][^\W\d_]+)*)"
        rf"|(?P<number>(?<![^\W{cjk}])(?<![*+#$€£¥])(?<![\w*][.,-])[1-5][0-9]{{2}}"
        r"(?![A-Za-z0-9_*%°€$£¥]|[.,][0-9*]|[-–][\w*]))"
        r"|(?P<digits>[0-9*][\w*]*)|(?P<line>\n)|(?P<end>[!！]+(?=[\s!！)]|$))"
        r"|(?P<mark>-{1,2}>|=>|[!=]==?|<>|–+|—+|-+|\.{2,}|[^\w\s])"
    )


@cache
def _marks() -> dict[str, str]:
    found = tables()["marks"].items()
    return {
        mark: tables()["letters"][concept] for concept, marks in found for mark in marks.split()
    }


def _is_unspaced(word: str) -> bool:
    return "\u3040" <= word[0] <= "\ud7af"


def tokens(message: str) -> list[Token]:
    """Return the tokens of a message."""
    text = _URL.sub("*", _RESPONSE.sub(r"HTTP \1", message.translate(_WIDE)))
    text = _QUOTED_STATUS.sub(r"\1\3", text)
    found: list[Token] = []
    while data := _DATA.search(text):
        found += _sentence(text[: data.start()])
        found.append(Token("J", ""))
        text = _behind(text[data.end() - 1 :])
    found += _sentence(text)
    return [
        Token("u", token.text) if token.letter == "N" and after.letter == "U" else token
        for token, after in zip(found, [*found[1:], Token("", "")], strict=False)
    ]


def _behind(data: str) -> str:
    """Return what follows data; what was cut off in the middle of it goes on to the end."""
    opening, closing = data[0], _CLOSING[data[0]]
    if data.count(opening) > data.count(closing):
        return ""
    return data[data.rindex(closing) + 1 :].lstrip("'\"")


def _sentence(text: str) -> Iterator[Token]:
    """Yield the tokens of what is no data."""
    place = 0
    for quoted in _QUOTED.finditer(text):
        yield from _spoken(text[place : quoted.start()])
        yield Token("q", quoted.group())
        place = quoted.end()
    yield from _spoken(text[place:])


def _spoken(text: str) -> Iterator[Token]:
    raw = [
        (found.lastgroup or "", found.group())
        for found in _token(text.isascii()).finditer(_SPLIT.sub(" ", text))
    ]
    words = [word.lower() for _, word in raw]
    index = 0
    while index < len(raw):
        kind, word = raw[index]
        length = 1
        if kind == "unspaced":
            yield from _unspaced(word.replace(" ", ""))
        elif kind == "word":
            for entry in vocabulary().get(words[index], ()):
                if words[index : index + len(entry[0])] == list(entry[0]):
                    break
            else:
                letter = "D" if word.endswith(("n't", "n’t")) else "x"
                entry = (word,), Token(letter, word)
            length = len(entry[0])
            yield Token("M", word) if word in _METHODS and length == 1 else entry[1]
        else:
            yield _sign(kind, word)
        index += length


def _unspaced(run: str) -> Iterator[Token]:
    """Yield the phrases of a language that has no blanks between words."""
    place = start = 0
    while place < len(run):
        for (phrase,), token in vocabulary().get(run[place], ()):
            if run.startswith(phrase, place):
                if start < place:
                    yield Token("x", run[start:place])
                yield token
                place = start = place + len(phrase)
                break
        else:
            place += 1
    if start < place:
        yield Token("x", run[start:place])


def _sign(kind: str, word: str) -> Token:
    if kind == "number":
        status = int(word)
        return (
            Token("N", word, frozenset({status}))
            if status in statuses_of("used")
            else Token("u", word)
        )
    if kind == "digits":
        if re.fullmatch("[1-5][xX]{2}", word):
            return Token("X", word)
        return Token("m" if word == "*" else "u", word)
    return Token({"line": ";", "end": "."}.get(kind) or _marks().get(word, "x"), word)
