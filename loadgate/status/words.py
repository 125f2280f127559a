"""Words: an error message as a line of concepts, by the vocabulary in `vocabulary.txt`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from loadgate.status.clients import reasons

LETTERS = {
    "article": "a",
    "be": "b",
    "but": "c",
    "counted": "K",
    "denied": "D",
    "detail": "y",
    "error": "r",
    "expected": "E",
    "failed": "F",
    "label": "L",
    "object": "Y",
    "operation": "O",
    "or": "|",
    "ornament": "o",
    "preposition": "p",
    "received": "G",
    "response": "Q",
    "said": "Z",
    "status": "S",
    "surprise": "W",
    "tag": "T",
    "to": "t",
    "unit": "U",
    "versus": "V",
    "with": "w",
}
"""The letter of each concept of the vocabulary; the name of a status is R, an unknown word x."""

USED = frozenset(
    (*range(100, 104), *range(200, 209), 226, *range(300, 309), *range(400, 419), 419)
    + (420, 421, 422, 423, 424, 425, 426, 428, 429, 430, 431, 440, 444, 449, 450, 451)
    + (460, 463, 464, *range(494, 500), *range(500, 509), 510, 511, *range(520, 528))
    + (529, 530, 540, 561, 598, 599)
)
"""Statuses that servers send: assigned by IANA, or used by a well-known server."""

_SPACED = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_")
_TOKEN = re.compile(
    r"(?P<cjk>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+)"
    r"|(?P<word>[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+(?:['’][^\W\d_]+)*)"
    r"|(?P<number>(?<![\w*+#$€£¥])(?<![\w*][.,-])[1-5][0-9]{2}(?![\w*%°€$£¥]|[.,][0-9*]|[-–][\w*]))"
    r"|(?P<digits>[0-9*][\w*]*)"
    r"|(?P<mark>-{1,2}>|=>|[!=]==?|<>|–+|—+|-+|\.{2,}|[^\w\s])"
    r"|(?P<line>\n)"
)
_MARKS = {
    **dict.fromkeys((":", "=", "："), ":"),
    **dict.fromkeys((",", "，", "、"), ","),
    **dict.fromkeys((";", "；", "|"), ";"),
    **dict.fromkeys((".", "。", "!", "！"), "."),
    **dict.fromkeys(("(", "[", "（", "［"), "("),
    **dict.fromkeys((")", "]", "）", "］"), ")"),
    **dict.fromkeys(("->", "-->", "=>", "→", "➜", "⇒"), ">"),
    **dict.fromkeys(("!=", "≠", "<>"), "V"),
    "/": "/",
}
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_DATA = re.compile(r"(?:\b[bB])?['\"]?(?:\{(?!\s*[1-5][0-9]{2}\s*[,}])|<(?=[a-zA-Z!?/])|\[(?=[{\['\"]))")
_CLOSING = {"{": "}", "<": ">", "[": "]"}
_RESPONSE = re.compile(r"<(?:Response|ClientResponse\([^)<]*\)) \[([1-5][0-9]{2})(?: [A-Za-z' -]+)?\]>")
_QUOTED_STATUS = re.compile(r"((?:status|code)['\"]?\s*[:=]?\s*)(['\"])([1-5][0-9]{2})\2", re.IGNORECASE)
_QUOTED = re.compile(r"(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"|“[^“”]*”|«[^«»]*»|「[^「」]*」")
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, phrase, number or mark of a message."""

    letter: str
    """What it is: a letter of `LETTERS`; N: a number that servers use as a status; u: any other; m: what
    was masked; X: a class such as 2xx; M: a method; J: data; q: a quotation; else a mark."""
    text: str
    """The words, lower case."""
    statuses: frozenset[int] = frozenset()
    """What a number is, or a name of a status may mean."""


@cache
def vocabulary() -> dict[str, list[tuple[tuple[str, ...], Token]]]:
    """Return the phrases by their first word, longest first."""
    phrases: dict[tuple[str, ...], Token] = {}
    for line in (resources.files("loadgate.status") / "vocabulary.txt").read_text("utf-8").splitlines():
        if line[0] == "#":
            continue
        concept, _, words = line.split("\t")
        for phrase in words.split(", "):
            key = tuple(phrase.split())
            statuses = {int(concept)} if concept.isdigit() else set()
            phrases[key] = Token(LETTERS.get(concept, "R"), phrase, frozenset(statuses))
    for status in USED:
        for phrase in reasons(status):
            key = tuple(re.split("[ -]", phrase))
            known = phrases.get(key)
            if known is None or known.letter == "R":
                also = known.statuses if known else frozenset()
                phrases[key] = Token("R", phrase, also | {status})
    by_first: dict[str, list[tuple[tuple[str, ...], Token]]] = {}
    for key in sorted(phrases, key=len, reverse=True):
        if _is_unspaced(key[0]):
            phrases[key] = phrases.pop(key)
            first, words_ = key[0][0], ("".join(key),)
        else:
            first, words_ = key[0], key
        by_first.setdefault(first, []).append((words_, phrases[key]))
    for entries in by_first.values():
        entries.sort(key=lambda entry: sum(map(len, entry[0])), reverse=True)
    return by_first


def _is_unspaced(word: str) -> bool:
    return "\u3040" <= word[0] <= "\ud7af"


def tokens(message: str) -> list[Token]:
    """Return the tokens of a message."""
    text = _RESPONSE.sub(r"HTTP \1", message.translate(_WIDE))
    text = _QUOTED_STATUS.sub(r"\1\3", text)
    found: list[Token] = []
    while data := _DATA.search(text):
        found += _plain(text[: data.start()])
        found.append(Token("J", ""))
        opening = data.group()[-1]
        end = text.rfind(_CLOSING[opening])
        text = text[end + 1 :].lstrip("'\"") if end > data.start() else ""
    return found + _plain(text)


def _plain(text: str) -> list[Token]:
    found: list[Token] = []
    place = 0
    for quoted in _QUOTED.finditer(text):
        found += _joined(text[place : quoted.start()])
        found.append(Token("q", quoted.group()))
        place = quoted.end()
    return found + _joined(text[place:])


def _joined(text: str) -> list[Token]:
    spaced = _SPACED.sub(" ", text)
    spaced = re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])|(?<=\bnon)-|(?<=\b[ldnjcsm])['’](?=[^\W\d_])", " ", spaced, flags=re.IGNORECASE)
    spaced = re.sub(r"(?<=[\u3040-\ud7af]) +(?=[\u3040-\ud7af])", "", spaced)
    raw = [(match.lastgroup or "", match.group(), match.start()) for match in _TOKEN.finditer(spaced)]
    found: list[Token] = []
    index = 0
    while index < len(raw):
        kind, word, start = raw[index]
        if kind == "cjk":
            found += _unspaced(word)
            index += 1
            continue
        phrase = _phrase(raw, index)
        if phrase is not None:
            length, token = phrase
            if not (word in _METHODS and length == 1):
                found.append(token)
                index += length
                continue
        found += _single(kind, word, found, attached=start > 0 and not spaced[start - 1].isspace())
        index += 1
    return [
        Token("u", token.text) if token.letter == "N" and following == "U" else token
        for token, following in zip(found, [t.letter for t in found[1:]] + [""], strict=True)
    ]


def _phrase(raw: list[tuple[str, str, int]], index: int) -> tuple[int, Token] | None:
    for words, token in vocabulary().get(raw[index][1].lower(), ()):
        if [part[1].lower() for part in raw[index : index + len(words)]] == list(words):
            return len(words), token
    return None


def _unspaced(run: str) -> Iterator[Token]:
    place = 0
    unknown = ""
    while place < len(run):
        for words, token in vocabulary().get(run[place], ()):
            if run.startswith(words[0], place):
                if unknown:
                    yield Token("x", unknown)
                    unknown = ""
                yield token
                place += len(words[0])
                break
        else:
            unknown += run[place]
            place += 1
    if unknown:
        yield Token("x", unknown)


def _single(kind: str, word: str, before: list[Token], *, attached: bool) -> Iterator[Token]:
    if kind == "number":
        status = int(word)
        yield Token("N" if status in USED else "u", word, frozenset({status}))
    elif kind == "digits":
        if re.fullmatch("[1-5][xX]{2}", word):
            yield Token("X", word.lower())
        elif attached and re.fullmatch("[1-5][0-9]{2}", word) and int(word) in USED and before:
            if before[-1].letter == "-" and len(before) > 1:
                before.pop()
            if before[-1].letter == "L":
                yield Token("N", word, frozenset({int(word)}))
            elif before[-1].letter in "SFWrGQ":
                yield Token("j", "")
                yield Token("N", word, frozenset({int(word)}))
            else:
                yield Token("u", word)
        else:
            yield Token("m" if word == "*" else "u", word)
    elif kind == "word":
        if word in _METHODS:
            yield Token("M", word)
        elif word.lower().endswith(("n't", "n’t")):
            yield Token("D", word)
        else:
            yield Token("x", word)
    elif kind == "line":
        yield Token(";", word)
    elif word not in "\ufe0f\u200d":
        yield Token(_MARKS.get(word, "-" if word[0] in "-–—" else "x"), word)
