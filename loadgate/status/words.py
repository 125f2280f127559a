"""Words: an error message as a line of concepts, by the vocabulary in `vocabulary.txt`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from loadgate.status.reading import reasons

LETTERS = {
    **dict(action="A", after="z", article="a", be="b", body="Z", but="c", code="k", copula="j"),
    **dict(counted="K", denied="D", detail="y", error="r", expected="E", failed="F", instead="i"),
    **dict(label="L", link="l", mismatch="v", object="Y", operation="O", ornament="o", owned="H"),
    **dict(preposition="p", received="G", response="Q", retries="e", said="d", status="S", tag="T"),
    **dict(surprise="W", to="t", unit="U", versus="V", with_="w", and_="&", or_="|"),
    **dict(instead_of="I", not_="n", plural="P"),
    **dict(name="R", number="N", digits="u", masked="m", class_="X", method="M", data="J"),
    **dict(quoted="q", unknown="x", colon=":", comma=",", line=";", stop=".", open="(", close=")"),
    **dict(arrow=">", dash="-", slash="/"),
}
"""The letter of each concept; a number is one that servers use as a status, digits are any other,
masked is what a skeleton hides, a name is that of a status, and a class one such as 2xx."""

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
    r"|(?<=[A-Za-z]{3})-(?=[1-5][0-9]{2}(?![\w-]))"
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
        ".": ". 。 ！ ... …",
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
        letter = LETTERS.get(concept) or LETTERS.get(f"{concept}_") or "R"
        statuses = frozenset(s for s in USED if re.fullmatch(concept.replace("x", "."), str(s)))
        for phrase in listed.split(", "):
            unspaced = re.match(f"[{_CJK}]", phrase)
            key = (phrase.replace(" ", ""),) if unspaced else tuple(phrase.split())
            phrases[key] = Token(letter, phrase, statuses)
    by_first: Phrases = {}
    for key in sorted(phrases, key=lambda key: -sum(map(len, key))):
        first = key[0][0] if re.match(f"[{_CJK}]", key[0]) else key[0]
        by_first.setdefault(first, []).append((key, phrases[key]))
    return by_first


def tokens(message: str) -> list[Token]:
    """Return the tokens of a message."""
    text = _URL.sub("*", _RESPONSE.sub(r"HTTP \1", message.translate(_WIDE)))
    text = _QUOTED_STATUS.sub(r"\1\3", text)
    found: list[Token] = []
    while data := _DATA.search(text):
        found += _sentence(text[: data.start()])
        found.append(Token("J", ""))
        end = text.rfind(_CLOSING[data.group()[-1]])
        text = text[end + 1 :].lstrip("'\"") if end > data.start() else ""
    found += _sentence(text)
    return [
        Token("u", token.text) if token.letter == "N" and after.letter == "U" else token
        for token, after in zip(found, [*found[1:], Token("", "")], strict=False)
    ]


def _sentence(text: str) -> Iterator[Token]:
    """Yield the tokens of what is no data."""
    place = 0
    for quoted in _QUOTED.finditer(text):
        yield from _spoken(text[place : quoted.start()])
        yield Token("q", quoted.group())
        place = quoted.end()
    yield from _spoken(text[place:])


def _spoken(text: str) -> Iterator[Token]:
    raw = [(match.lastgroup or "", match.group()) for match in _TOKEN.finditer(_SPLIT.sub(" ", text))]
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
