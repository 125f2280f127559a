"""Words: an error message as a line of concepts, by the vocabulary in `vocabulary.txt`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from loadgate.status.forms import LETTERS
from loadgate.status.reading import reasons

USED = frozenset(
    (*range(100, 104), *range(200, 209), 226, *range(300, 309), *range(400, 427), 428, 429, 430)
    + (431, 440, 444, 449, 450, 451, 460, 463, 464, *range(494, 512), *range(520, 531))
    + (540, 561, 598, 599)
)
"""Statuses that servers send: assigned by IANA, or used by a well-known server."""

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_SPLIT = re.compile(
    # statusCode, HTTP_409, wrong-status, non-200, d'accueil, HTTP409, unexpected-504
    r"(?<=[a-z])(?=[A-Z])|_|(?<=[^\W\d_])-(?=[^\W\d_])|(?<=\b[Nn]on)-|(?<=\b[LlDdNn])['’](?=\w)"
    r"|(?<=http)(?=[1-5][0-9]{2}\b)|(?<=HTTP)(?=[1-5][0-9]{2}\b)"
    r"|(?<=[A-Za-z]{3})-(?=[1-5][0-9]{2}(?![\w-]))|(?<=\b[1-5][0-9]{2})-(?=[A-Za-z]{3})"
)
_TOKEN = re.compile(
    rf"(?P<unspaced>[{_CJK}]+(?: +[{_CJK}]+)*)"
    rf"|(?P<word>[^\W\d_{_CJK}]+(?:['’][^\W\d_]+)*)"
    rf"|(?P<number>(?<![^\W{_CJK}])(?<![*+#$€£¥])(?<![\w*][.,-])[1-5][0-9]{{2}}(?![A-Za-z0-9_*%°€$£¥]|[.,][0-9*]|[-–][\w*]))"
    r"|(?P<digits>[0-9*][\w*]*)"
    r"|(?P<end>[!！]+(?=[\s!！)]|$))"
    r"|(?P<mark>-{1,2}>|=>|[!=]==?|<>|–+|—+|-+|\.{2,}|[^\w\s])"
    r"|(?P<line>\n)"
)
_MARKS = {
    mark: letter
    for letter, marks in {
        ":": ": = ：",
        ",": ", ， 、",
        ";": "; ； |",
        ".": ". 。 ！ ...",
        "(": "( [ { （ ［",
        ")": ") ] } ） ］",
        ">": "-> --> => → ➜ ⇒",
        "V": "!= !== ≠ <>",
        "-": "- -- – —",
        "/": "/",
        "o": "⚠ ‼ ❗ 💥 🔥 🔴 🚨 🔒 ❌",
    }.items()
    for mark in marks.split()
}
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
    """What it is: a letter of `LETTERS`."""
    text: str
    """The words, lower case."""
    statuses: frozenset[int] = frozenset()
    """What a number is, or the name of a status may mean."""


Phrases = dict[str, list[tuple[tuple[str, ...], Token]]]


@cache
def vocabulary() -> Phrases:
    """Return the phrases by their first word, or the first character of an unspaced one."""
    phrases: dict[tuple[str, ...], Token] = {}
    for status in USED:
        for phrase in reasons(status):
            words = tuple(phrase.replace("-", " ").split())
            also = phrases[words].statuses if words in phrases else frozenset()
            phrases[words] = Token("R", phrase, also | {status})
    for line in Path(__file__).with_name("vocabulary.txt").read_text("utf-8").splitlines():
        concept, _, listed = line.split("\t")
        letter, statuses = LETTERS.get(concept, "R"), frozenset[int]()
        if letter == "R":  # 409, or 4xx
            statuses = frozenset(
                s for s in USED if concept in {str(s), f"{s // 100}xx", f"{s // 10}x"}
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
        (match.lastgroup or "", match.group()) for match in _TOKEN.finditer(_SPLIT.sub(" ", text))
    ]
    words = [word.lower() for _, word in raw]
    known = vocabulary()
    index = 0
    while index < len(raw):
        kind, word = raw[index]
        if kind == "unspaced":
            yield from _unspaced(word.replace(" ", ""))
        elif kind == "word":
            for phrase, token in known.get(words[index], ()):
                if words[index : index + len(phrase)] == list(phrase):
                    break
            else:
                phrase, token = (word,), Token("D" if word.endswith(("n't", "n’t")) else "x", word)
            if word in _METHODS and len(phrase) == 1:
                token = Token("M", word)
            yield token
            index += len(phrase) - 1
        else:
            yield _sign(kind, word)
        index += 1


def _unspaced(run: str) -> Iterator[Token]:
    """Yield the phrases of a language that has no blanks between words."""
    place = start = 0
    while place < len(run):
        for phrase, token in vocabulary().get(run[place], ()):
            if run.startswith(phrase[0], place):
                break
        else:
            place += 1
            continue
        if start < place:
            yield Token("x", run[start:place])
        yield token
        place = start = place + len(phrase[0])
    if start < place:
        yield Token("x", run[start:place])


def _sign(kind: str, word: str) -> Token:
    if kind == "number":
        status = int(word)
        return Token("N", word, frozenset({status})) if status in USED else Token("u", word)
    if kind == "digits":
        if re.fullmatch("[1-5][xX]{2}", word):
            return Token("X", word)
        return Token("m" if word == "*" else "u", word)
    return Token({"line": ";", "end": "."}.get(kind) or _MARKS.get(word, "x"), word)
