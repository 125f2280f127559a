"""A person's message in, the status it says the response had out, or that it says none for sure.

In this order: cut off what quotes the response, take out what was expected, then look for a number
on the actual side of a pair, for one right behind a label that can only mean the status, and last,
in messages of the test itself, for one in the few places where people put a bare status. Two
numbers that this order does not rank: unknown.
"""

from __future__ import annotations

import re
from functools import cache

from loadgate.status import words
from loadgate.status.forms import Message, reason
from loadgate.status.reading import SET_ASIDE, UNKNOWN, Reading, no_number

_WIDE = str.maketrans("０１２３４５６７８９：（）［］＝，；　", "0123456789:()[]=,; ")

_N = words.NUMBER

_PLAIN_PAIR = re.compile(r"Expected \[[0-9, *]*\], got ([1-5][0-9]{2})")
"""The most common message of all, read without the grammar, which would say the same: compiling
the grammar takes a tenth of the time of a whole check."""

_QUOTATION = (
    r"\{(?!\s*[1-5][0-9]{2}\s*[,}])|`|<(?!response \[)[a-z!?_/*]|\bb['\"]|\[['\"{]|-\+-\+-"
    r"|\b(?:body|text|content|payload|headers|params|data|details?|message)\b\"?\s*[:=]"
    r"|\bresponse(?: was|[._]text)\b(?!\s*:?\s*<?[1-5][0-9]{2}\b)"
    r"|\bresponse\s*[:=](?!\s*(?:http\S* ?|<response \[)?[1-5][0-9]{2}\b)"
)
"""Where a message begins to quote the response."""

_QUOTED = r"(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"|“[^”]*”|«[^»]*»|「[^」]*」"
_QUOTED_STATUS = r"\b((?:status|code)(?:_?code)?['\"]?\s*[:=]?\s*)(['\"])([1-5][0-9]{2})\2"

_EXPECTED_SET = (
    rf"(?:{words.STATUS_CODE}|{words.STATUS}|[\s\[\](){{}}<>,|:='-]|\*"
    r"|\b(?:status(?:es|_codes?)?|codes?|https?|responses?"
    r"|one|of|any|in|either|or|and|to|be|get|a|an|the|success(?:ful)?|ok|created"
    r"|accepted|no content|found|not modified|[1-5]xx|[1-5][0-9]{2})\b)*+"
)
_EXPECTED_END = (
    rf"(?=\s*(?:$|[.,;:!?)\]，、。‹]|[^\x00-\x7f]|{words.RECEIVED}|{words.EXPECTED}"
    r"|\b(?:but|however|while|for|from|on|at|with|when|during|by|after|via|status|http|response|code"
    r"|instead|y|et|und|e|i|och|en)\b))"
)
_EXPECTED_BEHIND = (
    rf"{_N}(?:\s*(?:ok|was|were|is))*\s*,?\s*(?:{words.EXPECTED})(?!\s*[:=]?\s*[\[(]?[1-5][0-9])"
)

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
_NOT_COUNTED = r"(?!\s+(?:errors|failures|responses|requests|times|conflicts|found)\b)"
"""Behind "HTTP 409" and "404 not found": what would make them kinds of things that are counted."""
_EXPECTED_SIDE = (
    rf"(?<!‹){words.EXPECTED}(?:(?![.;。]\s|\b(?:but|got|however|received|actual(?:ly)?|yet)\b"
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

_NEAR = 160
"""Characters before a number that are looked at."""


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def read_message(message: Message) -> Reading:
    """Read the status out of a message."""
    plain_pair = _PLAIN_PAIR.fullmatch(message.text)
    if plain_pair and not message.beyond:
        return _reading("expected-got", plain_pair)
    text = _without_quotations(message.text.translate(_WIDE))
    foreign = _regex(words.FOREIGN).search(text)
    if foreign:
        text = text[: foreign.start()]
    text, else_expected = _without_expected(text)
    readings = _received(text) + _labelled(text)
    if message.plain:
        readings += _leading(text)
        if not readings:
            readings = _bare(text, got=not else_expected)
    if not readings:
        return UNKNOWN if _regex(_N).search(text) else no_number(text, SET_ASIDE)
    if not foreign and "‹response›" not in text:
        # Nothing says that what follows is the server's, so that another number there counts.
        readings += _far_behind(message)
    first = readings[0]
    for other in readings[1:]:
        if other.status != first.status:
            return Reading(None, "ambiguous", f"{first.words} / {other.words}")
    return first


def _far_behind(message: Message) -> list[Reading]:
    """Take every number of the part that is too long to be read for a status."""
    found = _regex(_N).findall(message.beyond.translate(_WIDE))
    return [Reading(int(number), "far-behind", f"… {number}") for number in found]


def _without_quotations(text: str) -> str:
    """Cut the text where it begins to quote the response; blank what is in quotation marks."""
    text = _regex(_QUOTED_STATUS).sub(r"\1\3", text)
    quotation = _regex(_QUOTATION).search(text)
    if quotation:
        text = text[: quotation.start()] + "‹response›"
    return _regex(_QUOTED).sub("‹quoted›", text)


def _without_expected(text: str) -> tuple[str, bool]:
    """Mark what was expected; say whether it, or some of it, was something else than a status."""

    def mark(found: re.Match[str]) -> str:
        if _regex(r"[1-5][0-9]{2}|[1-5]xx|\b(?:success|ok)\b").search(found.group(1)):
            return " ‹expected› "
        return found.group()

    text = _regex(rf"{words.EXPECTED}({_EXPECTED_SET}){_EXPECTED_END}").sub(mark, text)
    text = _regex(_EXPECTED_BEHIND).sub(" ‹expected› ", text)
    return text, _regex(words.EXPECTED).search(text.replace("‹expected›", "")) is not None


def _received(text: str) -> list[Reading]:
    """Read the actual side of a pair: "‹expected›, got 409"."""
    pair = _regex(rf"‹expected›{_GLUE}{words.RECEIVED}{_GLUE}{_LABELS}[\s:=<(\[]*{_N}")
    unlike = _regex(rf"(?:\bnot|\bnon|!=|≠)[ -]?(?:ok|[1-5]xx|[1-5][0-9]{{2}})\s*[:,(–-]+\s*{_N}")
    found = [*pair.finditer(text), *unlike.finditer(text)]
    return [_reading("expected-got", match) for match in found]


def _labelled(text: str) -> list[Reading]:
    """Read numbers right behind a label that can only mean the status."""
    certain = _regex(rf"{words.STATUS_CODE}(?:\*|/[0-9*.]+)?{_JOINT}{_N}").finditer(text)
    bare = _regex(rf"{words.STATUS}(?:\s+{words.SURPRISE})?{_JOINT}{_N}").finditer(text)
    may_stand_before = _regex(rf"(?:{words.BEFORE_STATUS}|{words.RECEIVED}\s*$)")
    somebody_elses = _regex(f"{words.NOT_HTTP}|{_EXPECTED_SIDE}")
    found = [*certain, *(one for one in bare if may_stand_before.search(_before(text, one)))]
    found = [
        match
        for match in found
        if not somebody_elses.search(_before(text, match))
        and _regex(_NOT_COUNTED).match(text, match.end())
    ]
    found += _regex(r"\bhttp[_-]?([1-5][0-9]{2})(?:_[a-z_]+)?(?![\w.*-])").finditer(text)
    found += _regex(r"<response \[([1-5][0-9]{2})\]>").finditer(text)
    found.sort(key=lambda match: match.start())
    if found and (
        _regex(r"\s*(?:[:–—-]|->)").match(text, found[0].end())
        or _regex(words.RESPONSE).search(text, found[0].end())
    ):
        del found[1:]  # behind "HTTP 502: ", "status 502 - " and "response" the server is quoted
    return [_reading("label", match) for match in found]


def _before(text: str, match: re.Match[str]) -> str:
    """Return what stands near before a match."""
    return text[max(0, match.start() - _NEAR) : match.start()]


def _leading(text: str) -> list[Reading]:
    """Read a status that the message opens with: "409", "409: ...", "409 Conflict"."""
    found = _regex(rf"\s*[\[(]?{_N}").match(text)
    if found is None:
        return []
    rest = text[found.end() :]
    if _regex(r"\s*[\])]?\s*(?:$|[:,;|]\s|[–—-]\s|‹response›|‹expected›)|[\])]?\n").match(rest):
        return [_reading("leading", found)]
    meaning = _meaning(int(found.group(1))) + "|(?:client|server) error"
    if _regex(rf"[\])]?\s*[–—:(-]?\s*(?:{meaning})\b{_NOT_COUNTED}").match(rest):
        return [_reading("reason", found)]
    return []


def _bare(text: str, *, got: bool) -> list[Reading]:
    """Read the few places where people put a status without a label."""
    readings = []
    for number in _regex(_N).finditer(text):
        status = int(number.group())
        meaning = _meaning(status) or r"(?!)"
        before = text[: number.start()][-_NEAR:]
        after = text[number.end() :]
        said = _regex(rf"\s*(?:{meaning})\b").match(after)
        if not _regex(_TAIL).match(after, said.end() if said else 0):
            continue
        place = _place(before, meaning, got=got) or (
            "reason" if said and before.endswith("(") else ""
        )
        if place:
            readings.append(Reading(status, place, _words(before + number.group())))
    return readings


def _place(before: str, meaning: str, *, got: bool) -> str:
    """Name the place of a bare number by what stands before it; "": it may be anything."""
    if _regex(f"{words.NO_HTTP_FAILURE}|{_TALLY}|{_EXPECTED_SIDE}").search(before):
        return ""
    for name, pattern in _PLACES:
        if _regex(pattern).search(before):
            return name
    if got and _regex(_GOT).search(before):
        return "got"
    if _regex(rf"(?:^|\W)(?:{meaning})\*?\s*[:=(\[–—-]?\s*$").search(before):
        return "reason"
    if _regex(_SENTENCE).search(before) and not _regex(_NUMBERED_LAST).search(before):
        return "failed"
    return ""


def _meaning(status: int) -> str:
    """Return what failures with this status are called, as a regular expression; "": nothing."""
    phrase = reason(status)
    names = [re.escape(phrase)] if phrase else []
    if status in words.MEANS:
        names.append(words.MEANS[status])
    return "|".join(names)


def _reading(form: str, found: re.Match[str]) -> Reading:
    return Reading(int(found.group(1)), form, _words(found.group()))


def _words(text: str) -> str:
    """Return words of a text on one line, with the marks for what was taken out as dots."""
    return _regex(" ?‹[a-z]+› ?").sub("…", " ".join(text.split()))
