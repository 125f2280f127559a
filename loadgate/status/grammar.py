"""A person's message in, the status it says the response had out, or that it says none for sure.

In this order: cut off what quotes the response, take out what was expected, then look for a number
on the actual side of a pair, for one right behind a label that can only mean the status, and last,
in messages of the test itself, for one in the few places where people put a bare status. Two
numbers that this order does not rank: unknown.
"""

from __future__ import annotations

import re

from loadgate.status import aside, context, words
from loadgate.status.forms import Message, reason
from loadgate.status.reading import SET_ASIDE, UNKNOWN, Reading, no_number
from loadgate.status.words import regex

_WIDE = str.maketrans("０１２３４５６７８９：（）［］＝，；　", "0123456789:()[]=,; ")

_N = words.NUMBER

_PLAIN_PAIR = re.compile(r"Expected \[[0-9, *]*\], got ([1-5][0-9]{2})")
"""The most common message of all, read without the grammar, which would say the same: compiling
the grammar takes a tenth of the time of a whole check."""

_MARK = r" ?‹[a-z]+› ?"
"""What stands for a part that was taken out."""

_BY_NAME = r"\bhttp[_-]?([1-5][0-9]{2})(?:_[a-z_]+)?(?![\w.*-])"
_ITSELF = r"<response \[([1-5][0-9]{2})\]>"
_UNLIKE = r"\bno[nt]\b|!=|≠"
_OPENED = r"\s*[\])]?\s*(?:$|[:,;|]\s|[–—-]\s|‹response›|‹expected›)|[\])]?\n"
"""Behind a number that the message opens with: it is the status."""
_KIND = r"(?:client|server) error"

_GLUE = (
    r"(?:[\s:=,;.<(\[，、-]|->|→|=>"
    r"|\b(?:but|and|instead|however|y|et|und|e|i|a|en|но|и|an?|the|se|has|have)\b)*+"
)
_LABELS = (
    rf"(?:(?:{words.STATUS_CODE}|{words.STATUS}"
    r"|\b(?:http(?:\*|/\S+)?|codes?|response|a|an|the|as|error|wrong)\b)[\s:=_-]*)*+"
)
_JOINT = (
    r"(?:\s|[:=#(\[]|->|→|が|は|为|是|이|가|은|는|-(?=\s)"
    r"|\b(?:was|is|of|error|code|er|es|è|est)\b)*+"
)
_EXPECTED_SIDE = (
    r"(?:‹wanted›|\b(?:required|allowed)\b)(?:(?![.;。]\s|\b(?:but|got|however|received|actual(?:ly)?|yet)\b"
    r"|‹expected›)(?s:.))*$"
)
"""Before a number: it is what was wanted, as nothing has turned to what came back yet."""
_TALLY = r"\b(?:pass(?:ed)?|succe\w+|ok|total|done)\s*[:=]\s*[*0-9]"

_TAIL = (
    r"(?=\s*(?:$|[.,;:!?)\]，。](?:\s|$)|[)\]:|‹\n]|[-–—] |[,;]|\(\s*‹"
    r"|\b(?:for|on|from|during|after|while|when|but|instead|because|due|not|status|response|error)"
    r"\b))"
)
"""What may follow a bare status: an end, punctuation, the start of another thought; no noun."""

_PLACES = (
    (
        "returned",
        r"(?:\b(?:returned|returns|responded|answered|replied|came back"
        r"|(?:fail(?:ed|s|ing)?|rejected|refused|denied|ended) (?:with|as))"
        r"(?: with| as)?(?: an?| the)?(?: http)?(?: error)?(?: code)?"
        r"|\b(?:error[ea]?|erro|erreur|fehler|ошибка|hata|błąd)|->|→|=>)\s*$",
    ),
    ("request", r"\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S*\*\s*:?\s*$"),
    (
        "response",
        rf"(?:{words.RESPONSE})(?: (?:on|from|for|to|during)(?: \w+){{1,2}}:|\s*[:=(]|)\s*$"
        r"|\bunexpected\s*$",
    ),
    ("failed", rf"(?:{words.FAILED})\s*[:=]?\s*[(\[]\s*$|(?:{words.FAILED}).*\(\s*code\s*[:=]\s*$"),
    ("failed", rf"(?:{words.FAILED}|{words.SUCCEEDED})\s*[:=]\s*$"),
    ("failed", r"error occurred \(\s*$"),
)
"""Name of a place, and what stands right before a bare status there."""

_GOT = (
    r"(?:^|[\s,;:(])(?!(?:found|saw|gave|was|is|were|had|has)\b)"
    rf"(?:{words.RECEIVED})(?: an?)?\s*:?\s*$"
)
_SENTENCE = rf"(?:{words.FAILED})[^:‹›*\d]*:\s+$"
_NUMBERED_LAST = rf"(?:{words.NUMBERED})\s*:\s+$"

_BESIDE = frozenset({"refused", "sequence"})
"""Forms of readings that say no status of their own, but keep another one from being read."""


def read_message(message: Message) -> Reading:
    """Read the status out of a message."""
    plain_pair = _PLAIN_PAIR.fullmatch(message.text)
    if plain_pair and not message.beyond:
        return _reading("expected-got", plain_pair)
    text = aside.without_quotations(message.text.translate(_WIDE))
    foreign = regex(words.FOREIGN).search(text)
    if foreign:
        text = text[: foreign.start()]
    text, else_expected = aside.without_expected(text)
    certain = _received(text) + _labelled(text)
    readings = [one for one in certain if one.form not in _BESIDE]
    doubtful = [one for one in certain if one.form in _BESIDE]
    if message.plain:
        readings += _leading(text)
        if not readings and not doubtful:
            readings = _bare(text, got=not else_expected)
    if not readings:
        return _nothing_read(text, doubtful)
    readings += doubtful
    if not foreign and "‹response›" not in text:
        # Nothing says that what follows is the server's, so that another number there counts.
        readings += _far_behind(message)
    first = readings[0]
    for other in readings[1:]:
        if other.status != first.status:
            return Reading(None, "ambiguous", f"{first.words} / {other.words}")
    return first


def _nothing_read(text: str, doubtful: list[Reading]) -> Reading:
    """Return why a message has no status."""
    if doubtful:
        return Reading(None, "doubtful", doubtful[0].words)
    return UNKNOWN if regex(_N).search(text) else no_number(text, SET_ASIDE)


def _far_behind(message: Message) -> list[Reading]:
    """Take every number of the part that is too long to be read for a status."""
    found = regex(_N).findall(message.beyond.translate(_WIDE))
    return [Reading(int(number), "far-behind", f"… {number}") for number in found]


def _received(text: str) -> list[Reading]:
    """Read the actual side of a pair: "‹expected›, got 409"."""
    if "‹expected›" not in text and not regex(_UNLIKE).search(text):
        return []  # without the cost of the expressions
    pair = regex(rf"‹expected›{_GLUE}{words.RECEIVED}{_GLUE}{_LABELS}[\s:=<(\[]*{_N}")
    unlike = regex(rf"(?:{_UNLIKE})[ -]?(?:ok|[1-5]xx|[1-5][0-9]{{2}})\s*[:,(–-]+\s*{_N}")
    turned = regex(rf"‹expected›[\s,;]*{_LABELS}{_N}\s+{words.CAME_LAST}")
    found = [*pair.finditer(text), *unlike.finditer(text), *turned.finditer(text)]
    return _certain("expected-got", text, found)


def _labelled(text: str) -> list[Reading]:
    """Read numbers right behind a label that can only mean the status."""
    certain = regex(rf"{words.STATUS_CODE}(?:\*|/[0-9*.]+)?{_JOINT}{_N}").finditer(text)
    bare = regex(rf"{words.STATUS}(?:\s+{words.SURPRISE})?{_JOINT}{_N}").finditer(text)
    may_stand_before = regex(rf"(?:{words.BEFORE_STATUS}|{words.RECEIVED}\s*$)")
    somebody_elses = regex(f"{words.NOT_HTTP}|{_EXPECTED_SIDE}")
    bare = (one for one in bare if may_stand_before.search(context.before(text, one)))
    name = regex(_BY_NAME).finditer(text)
    itself = regex(_ITSELF).finditer(text)
    found = [
        match
        for match in (*certain, *bare, *name, *itself)
        if not somebody_elses.search(context.before(text, match))
    ]
    found.sort(key=lambda match: match.start())
    if found and context.quotes(text, found[0].end()):
        del found[1:]
    return _certain("label", text, found)


def _certain(form: str, text: str, found: list[re.Match[str]]) -> list[Reading]:
    """Make readings of matches, and of the numbers beside the first.

    What may not be the status because of the words around it is no reading of its own, but still
    no other number can be read beside it.
    """
    readings = [_reading(form if _may_be_it(text, match) else "refused", match) for match in found]
    return readings + _in_sequence(context.beside(text, found[0]) if found else [])


def _may_be_it(text: str, match: re.Match[str]) -> bool:
    if match.group()[0] == "<":  # <Response [409]> is one, also behind pytest's "assert"
        return True
    return context.goes_on(text, match) and not context.denied(context.before(text, match))


def _in_sequence(numbers: list[re.Match[str]]) -> list[Reading]:
    return [_reading("sequence", number) for number in numbers]


def _leading(text: str) -> list[Reading]:
    """Read a status that the message opens with: "409", "409: ...", "409 Conflict"."""
    found = regex(rf"\s*[\[(]?{_N}").match(text)
    if found is None:
        return []
    rest = text[found.end() :]
    if context.denied_behind(text, found):
        return []
    beside = _in_sequence(context.beside(text, found))
    if regex(_OPENED).match(rest):
        return [_reading("leading", found), *beside]
    meaning = f"{context.meaning(int(found.group(1)))}|{_KIND}"
    if regex(rf"[\])]?\s*[–—:(-]?\s*(?:{meaning})\b{context.NOT_COUNTED}").match(rest):
        return [_reading("reason", found), *beside]
    return []


def _bare(text: str, *, got: bool) -> list[Reading]:
    """Read the few places where people put a status without a label."""
    readings = []
    for number in regex(_N).finditer(text):
        status = int(number.group())
        meaning = context.meaning(status)
        before = context.before(text, number)
        after = text[number.end() :]
        said = regex(rf"\s*(?:{meaning})\b").match(after)
        end = said.end() if said else 0
        if not regex(_TAIL).match(after, end) or context.denied_behind(text, number):
            continue
        phrase = reason(status)
        named = phrase is not None and bool(regex(rf"\s*{re.escape(phrase)}\b").match(after))
        place = _place(before, meaning, got=got, named=named)
        if place:
            readings.append(Reading(status, place, _words(before + number.group())))
            readings += _in_sequence(context.beside(text, number))
    return readings


def _place(before: str, meaning: str, *, got: bool, named: bool) -> str:
    """Name the place of a bare number by what stands before it; "": it may be anything.

    Args:
        before: What stands near before it.
        meaning: What failures with this status are called, as a regular expression.
        got: Whether "got 409" may be read here.
        named: Whether its reason phrase stands right behind it.
    """
    not_it = regex(f"{words.NO_HTTP_FAILURE}|{_TALLY}|{_EXPECTED_SIDE}")
    if not_it.search(before) or context.denied(before):
        return ""
    for name, pattern in _PLACES:
        found = regex(pattern).search(before)
        if found:
            return "" if context.no_failure(before[: found.start()]) else name
    if named and regex(rf"\($|{_SENTENCE}").search(before):
        outside = before.rstrip("(")
        return "" if context.no_failure(outside) or context.denied(outside) else "reason"
    if got and regex(_GOT).search(before):
        return "got"
    called = regex(rf"(?<!\w)(?:{meaning})\*?\s*[:=(\[–—-]?\s*$").search(before)
    if called:
        return "" if context.no_failure(before[: called.start()]) else "reason"
    if regex(_SENTENCE).search(before) and not regex(_NUMBERED_LAST).search(before):
        return "failed"
    return ""


def _reading(form: str, found: re.Match[str]) -> Reading:
    return Reading(int(found.group(1)), form, _words(found.group()))


def _words(text: str) -> str:
    """Return words of a text on one line, with the marks for what was taken out as dots."""
    return regex(_MARK).sub("…", " ".join(text.split()))
