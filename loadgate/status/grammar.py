"""A person's message in, the status it says the response had out, or that it says none for sure.

In this order: cut off what quotes the response, take out what was expected, then look for a number
on the actual side of a pair, for one right behind a label that can only mean the status, and last,
in messages of the test itself, for one in the few places where people put a bare status. Two
numbers that this order does not rank: unknown.
"""

from __future__ import annotations

import re

from loadgate.status import context, words
from loadgate.status.forms import Message, reason
from loadgate.status.reading import SET_ASIDE, UNKNOWN, Reading, no_number
from loadgate.status.words import regex

_WIDE = str.maketrans("０１２３４５６７８９：（）［］＝，；　", "0123456789:()[]=,; ")

_N = words.NUMBER

_PLAIN_PAIR = re.compile(r"Expected \[[0-9, *]*\], got ([1-5][0-9]{2})")
"""The most common message of all, read without the grammar, which would say the same: compiling
the grammar takes a tenth of the time of a whole check."""

_QUOTATION = (
    r"\{(?!\s*[1-5][0-9]{2}\s*[,}])|`|<(?!response \[)[a-z!?_/*]|\bb['\"]|\[['\"{]|-\+-\+-"
    r"|\b(?:body|text|content|payload|headers|params|data|details?|message)\b\"?\s*[:=]"
    r"|\bresponse(?: was(?! not\b| never\b)|[._]text)\b(?!\s*:?\s*<?[1-5][0-9]{2}\b)"
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

_TURNED = (
    rf"{_N}(?:\s*(?:ok|was|were|is))*\s+(?:{words.EXPECTED})"
    rf"(?=\s*[,;]\s*(?:{words.STATUS_CODE}|{words.STATUS})?\s*[1-5][0-9]{{2}}"
    rf"|\s+[1-5][0-9]{{2}}\s+{words.CAME_LAST})"
)
"""Where the number before the word is what was expected, although one follows, too."""

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
    text = message.text.translate(_WIDE)
    if "\\" in text:  # the message itself holds an escape, as of a repr in it
        text = regex(r"\\+[nrt]").sub("\n", text)
    text = _without_quotations(text)
    foreign = regex(words.FOREIGN).search(text)
    if foreign:
        text = text[: foreign.start()]
    text, else_expected = _without_expected(text)
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


def _without_quotations(text: str) -> str:
    """Cut the text where it begins to quote the response; blank what is in quotation marks."""
    text = regex(_QUOTED_STATUS).sub(r"\1\3", text)
    quotation = regex(_QUOTATION).search(text)
    if quotation:
        text = text[: quotation.start()] + "‹response›"
    return regex(_QUOTED).sub("‹quoted›", text)


def _without_expected(text: str) -> tuple[str, bool]:
    """Mark what was expected; say whether it, or some of it, was something else than a status."""
    word = regex(words.EXPECTED)
    if not word.search(text):
        return text, False

    def mark(found: re.Match[str]) -> str:
        if regex(r"[1-5][0-9]{2}|[1-5]xx|\b(?:success|ok)\b").search(found.group(1)):
            return " ‹expected› "
        return found.group()

    text = regex(_TURNED).sub(" ‹expected› ", text)
    text = regex(rf"{words.EXPECTED}({_EXPECTED_SET}){_EXPECTED_END}").sub(mark, text)
    text = regex(_EXPECTED_BEHIND).sub(" ‹expected› ", text)
    parts = text.split("‹expected›")
    other = any(word.search(part) for part in parts)
    # "Not allowed" and "token required" are how servers put it.
    wanted = regex(rf"(?!required|allowed){words.EXPECTED}")
    return "‹expected›".join(wanted.sub("‹wanted›", part) for part in parts), other


def _received(text: str) -> list[Reading]:
    """Read the actual side of a pair: "‹expected›, got 409"."""
    if "‹expected›" not in text and not regex(r"\bno[nt]\b|!=|≠").search(text):
        return []  # without the cost of the expressions
    pair = regex(rf"‹expected›{_GLUE}{words.RECEIVED}{_GLUE}{_LABELS}[\s:=<(\[]*{_N}")
    unlike = regex(rf"(?:\bnot|\bnon|!=|≠)[ -]?(?:ok|[1-5]xx|[1-5][0-9]{{2}})\s*[:,(–-]+\s*{_N}")
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
    name = regex(r"\bhttp[_-]?([1-5][0-9]{2})(?:_[a-z_]+)?(?![\w.*-])").finditer(text)
    itself = regex(r"<response \[([1-5][0-9]{2})\]>").finditer(text)
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
    if regex(r"\s*[\])]?\s*(?:$|[:,;|]\s|[–—-]\s|‹response›|‹expected›)|[\])]?\n").match(rest):
        return [_reading("leading", found), *beside]
    meaning = context.meaning(int(found.group(1))) + "|(?:client|server) error"
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
        phrase = re.escape(reason(status) or "")
        named = bool(phrase) and regex(rf"\s*{phrase}\b").match(after) is not None
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
    return regex(" ?‹[a-z]+› ?").sub("…", " ".join(text.split()))
