"""Messages that people wrote: the status they say, if they say one for sure.

In this order: cut off what quotes the response, take out what was expected, then look for a number
on the actual side of a pair, for one right behind a label that can only mean the status, and last,
in messages of the test itself, for one in the few places where people put a bare status. Two
numbers that this order does not rank: unknown.
"""

from __future__ import annotations

import re

from loadgate.status import aside, context
from loadgate.status import vocabulary as words
from loadgate.status.clients import Message, reasons
from loadgate.status.found import BESIDE, certain, in_sequence, reading_of, words_of
from loadgate.status.pairs import received
from loadgate.status.reading import SET_ASIDE, UNKNOWN, Reading, no_number
from loadgate.status.vocabulary import regex

_WIDE = str.maketrans("０１２３４５６７８９：（）［］＝，；　", "0123456789:()[]=,; ")

_N = words.NUMBER

_PLAIN_PAIR = re.compile(r"Expected \[[0-9, *]*\], got ([1-5][0-9]{2})")
"""The most common message of all, read without the grammar, which would say the same: compiling
the grammar takes a tenth of the time of a whole check."""

_MOST, _MOST_EXPECTED = 12, 60
"""Numbers in a message that is read, without and with those expected: with more it is data.
Nor is one read that says "expected" more often."""
_CLIENT_ERROR = rf"{_N}(?= (?:client|server) error: [^:]* for url: )"
_BY_NAME = r"\bhttp[_-]?([1-5][0-9]{2})(?:_[a-z_]+)?(?![\w.*-])"
_ITSELF = r"<(?:response|clientresponse\([^)<]*\)) \[([1-5][0-9]{2})(?: [a-z' -]+)?\]>"
_OPENED = (
    r"\s+(?:(?:GET|HEAD|POST|PUT|PATCH|DELETE) \S*|on )\*"
    r"|\s*[\])]?\s*(?:$|[:,;|]\s|[–—-]\s|‹response›|‹expected›)|[\])]?\n"
)
"""Behind a number that the message opens with: it is the status."""
_TAG = r"\s*(?:\[[a-z]+\]\s*|[^\w\s'\"()\[\]{}<>‹›*.,:;=!?/|&+~$#@%^`\\–—…-]+\s*)?"
"""What may stand before it, as "[ERROR]", or a picture."""
_KIND = r"(?:client|server) error"

_JOINT = (
    r"(?:\s|[:=#(\[]|->|→|が|は|为|是|이|가|은|는|-(?=\s)"
    r"|\b(?:was|is|of|error|code|er|es|è|est)\b)*+"
)
_EXPECTED_SIDE = (
    r"(?:‹wanted›|\b(?:required|allowed)\b)(?:(?![.;!。]\s|\b(?:but|got|however|received|actual(?:ly)?|yet)\b"
    r"|‹expected›)(?s:.))*$"
)
"""Before a number: it is what was wanted, as nothing has turned to what came back yet."""
_OVER_HTTP = (
    r"graph ?ql (?:request|query|mutation|endpoint|call|server|api) (?:(?!with\b)\w+ )?"
    rf"(?:(?:{words.FAILED}|{words.RECEIVED}|gives)(?: with)?:? )?"
    rf"(?:http(?: status)?|status)(?: code)?:? {_N}"
)
"""Words of a protocol that goes over HTTP, and tells the status of that by its name."""
_NAMED_BEHIND = (
    r"(?:^|[:;(\[–—|>!-]|[^\w\s'\"‹›()*.,…]|\b(?:was|is|with|got|returned|received|an?|error|status|code"
    r"|response|reply|answer(?:ed)?|replied|responded|as|gave|gives)(?: an?)?)\s*$"
)
"""Before a status that its own name follows, as in "403 Forbidden"."""
_TALLY = r"\b(?:pass(?:ed)?|succe\w+|ok|total|done)\s*[:=]\s*[*0-9]"

_FROM = (
    r"from(?= (?:the |our )?(?:server|api|service|backend|end-?point|host|gateway|proxy|app"
    r"|application|[A-Z]+ \*|\S*\*))"
)
"""Not from anybody else: "error 409 from bank" is no HTTP status."""
_TAIL = (
    r"(?=\s*(?:$|[.,;:!?)\]，。](?:\s|$)|[)\]:|‹\n]|[-–—] |[,;]|\(\s*‹"
    rf"|\((?!\s*(?:of|out|in|{words.NUMBERED}|[*\d]))|to(?= \*)"
    rf"|\b(?:for|on|{_FROM}|during|after|while|when|but|instead|because|due|not|status|response"
    r"|error|après|nach|após|tras|después|dopo|после|через|за)\b))"
)
"""What may follow a bare status: an end, punctuation, the start of another thought; no noun."""

_PLACES = (
    (
        "returned",
        r"(?:\b(?:returned|returns|responded|answered|replied|came back"
        r"|antwortete|a répondu|respondió|devolvió|retornou|respondeu|ha risposto|вернул[аои]?"
        r"|ответил[аои]?|返回了?"
        r"|(?:fail(?:ed|s|ing)?|rejected|refused|denied|ended) (?:with|as))"
        r"(?: with| as| mit| avec| con| com)?(?: an?| the)?(?: http)?(?: error)?(?: code)?"
        r"|\b(?:error[ea]?|erro|erreur|fehler|ошибка|hata|błąd)|->|→|=>)\s*$",
    ),
    ("request", r"\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S*\*\s*:?\s*$"),
    (
        "response",
        rf"(?:{words.RESPONSE})(?: (?:on|from|for|to|during)(?: \w+){{1,2}}:|\s*[:=(]| was| is|)"
        r"\s*$"
        r"|\bunexpected\s*$",
    ),
    ("failed", rf"(?:{words.FAILED})\s*[:=]?\s*[(\[]\s*$|(?:{words.FAILED}).*\(\s*code\s*[:=]\s*$"),
    ("failed", rf"(?:{words.FAILED}|{words.SUCCEEDED})\s*[:=]\s*$"),
    ("failed", r"error occurred \(\s*$"),
)
"""Name of a place, and what stands right before a bare status there."""

_GOT = (
    r"(?:^|[\s,;:(])(?!(?:found|saw|gave|was|is|were|had|has|have|it['’]s)\b)"
    rf"(?:{words.RECEIVED})(?: an?)?\s*:?\s*$"
)
_SENTENCE = (
    rf"(?:{words.FAILED}|\b(?:unable to|(?:can|could) ?n[o'’]t)\b)[^:‹›*\d]*"
    r"(?::\s+|\s[(\[]|\s[–—-]\s)$"
)
_NUMBERED_LAST = rf"(?:{words.NUMBERED})\s*[:(\[–—-]\s*$"


def read_message(message: Message) -> Reading:
    """Read the status out of a message."""
    plain_pair = _PLAIN_PAIR.fullmatch(message.text)
    if plain_pair and not message.beyond:
        return reading_of("expected-got", plain_pair)
    text = aside.without_quotations(_spaced(message.text))
    foreign = regex(words.FOREIGN).search(text)
    if foreign:
        text = text[: foreign.start()] + _by_http(text[foreign.start() :])
    sentence = _without_expected(text)
    if sentence is None:
        return UNKNOWN
    text, else_expected = sentence
    alone = len(set(regex(_N).findall(text))) == 1  # then nothing else can contradict it
    sure = received(text)
    sure += [] if sure and alone else _labelled(text)
    readings = [one for one in sure if one.form not in BESIDE]
    doubtful = [one for one in sure if one.form in BESIDE]
    if message.plain and not (readings and alone):
        readings += _leading(text)
        readings += _unlabelled(text, readings, doubtful, got=not else_expected)
    if not readings and not doubtful:
        readings = [one for one in _named(text) if one.form not in BESIDE]
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


def _spaced(text: str) -> str:
    """Return the text with digits, punctuation and spaces as European languages have them."""
    if text.isascii():
        return text
    return regex(words.UNSPACED).sub(" ", text.translate(_WIDE))


def _without_expected(text: str) -> tuple[str, bool] | None:
    """Mark what was expected, as aside does; None: it is too much for a sentence."""
    number = regex(_N)
    counts = [len(each.findall(text)) for each in (number, regex(words.EXPECTED))]
    if max(counts) > _MOST_EXPECTED:
        return None
    sentence = aside.without_expected(text)
    return None if len(number.findall(sentence[0])) > _MOST else sentence


def _by_http(text: str) -> str:
    """Return the status by which another protocol failed, if its words name HTTP: else nothing."""
    found = regex(_OVER_HTTP).match(text)
    return f"HTTP {found.group(1)}{text[found.end() :]}" if found else ""


def _nothing_read(text: str, doubtful: list[Reading]) -> Reading:
    """Return why a message has no status."""
    if doubtful:
        return Reading(None, "doubtful", doubtful[0].words)
    return UNKNOWN if regex(_N).search(text) else no_number(text, SET_ASIDE)


def _far_behind(message: Message) -> list[Reading]:
    """Take every number of the part that is too long to be read for a status."""
    found = regex(_N).findall(_spaced(message.beyond))
    return [Reading(int(number), "far-behind", f"… {number}") for number in found]


def _labelled(text: str) -> list[Reading]:
    """Read numbers right behind a label that can only mean the status."""
    surprise = rf"(?:\s*{words.SURPRISE})?"
    sure = regex(rf"{words.STATUS_CODE}(?:\*|/[0-9*.]+)?{surprise}{_JOINT}{_N}").finditer(text)
    bare = regex(rf"{words.STATUS}(?:\s+{words.SURPRISE})?{_JOINT}{_N}").finditer(text)
    may_stand_before = regex(rf"(?:{words.BEFORE_STATUS}|{words.RECEIVED}\s*$)")
    somebody_elses = regex(f"{words.NOT_HTTP}|{_EXPECTED_SIDE}")
    bare = (one for one in bare if may_stand_before.search(context.before(text, one)))
    name = regex(_BY_NAME).finditer(text)
    itself = regex(_ITSELF).finditer(text)
    requests = regex(_CLIENT_ERROR).finditer(text)
    found = [*sure, *bare, *name, *itself, *requests]
    if len(found) > _MOST:
        return [reading_of("refused", match) for match in found]
    found = [match for match in found if not somebody_elses.search(context.before(text, match))]
    found.sort(key=lambda match: match.start())
    if found and context.quotes(text, found[0].end()):
        del found[1:]
    return certain("label", text, found)


def _named(text: str) -> list[Reading]:
    """Read numbers that are followed by the whole name of the status: "403 Forbidden"."""
    found = []
    for number in regex(_N).finditer(text):
        name = _name(int(number.group()))
        if not regex(rf"\s+(?:{name})\b{context.NOT_COUNTED}").match(text, number.end()):
            continue
        before = context.before(text, number)
        outside = before.rstrip("([ ") + " "
        wanted = regex(_EXPECTED_SIDE).search(before)
        if regex(_NAMED_BEHIND).search(before) and not wanted and not context.denied(outside):
            found.append(number)
    return certain("reason", text, found)


def _leading(text: str) -> list[Reading]:
    """Read a status that the message opens with: "409", "409: ...", "409 Conflict"."""
    found = regex(rf"{_TAG}[\[(]?{_N}").match(text)
    if found is None:
        return []
    rest = text[found.end() :]
    if context.denied_behind(text, found):
        return []
    beside = in_sequence(context.beside(text, found))
    if regex(_OPENED).match(rest):
        return [reading_of("leading", found), *beside]
    meaning = f"{context.meaning(int(found.group(1)))}|{_KIND}"
    if regex(rf"[\])]?\s*[–—:(-]?\s*(?:{meaning})\b{context.NOT_COUNTED}").match(rest):
        return [reading_of("reason", found), *beside]
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
        named = regex(rf"\s*(?:{_name(status)})\b").match(after) is not None
        quoted = regex(r"\s*[:,–—-]?\s*‹response›").match(after) is not None
        place = _place(before, context.called(status), got=got, named=named, quoted=quoted)
        if place:
            readings.append(Reading(status, place, words_of(before + number.group())))
            readings += in_sequence(context.beside(text, number))
    return readings


def _unlabelled(
    text: str, readings: list[Reading], doubtful: list[Reading], *, got: bool
) -> list[Reading]:
    """Read bare statuses, given what else was read.

    They also count against one that stands in a better place: "HTTP 409, retry returned 500".
    """
    if readings:
        return _bare(context.without_response(text), got=got)
    return [] if doubtful else _bare(text, got=got)


def _place(before: str, name: str, *, got: bool, named: bool, quoted: bool) -> str:
    """Name the place of a bare number by what stands before it; "": it may be anything.

    Args:
        before: What stands near before it.
        name: What calls it a status, as a regular expression.
        got: Whether "got 409" may be read here.
        named: Whether its reason phrase stands right behind it.
        quoted: Whether what the server said is quoted right behind it.
    """
    not_it = regex(f"{words.NO_HTTP_FAILURE}|{_TALLY}|{_EXPECTED_SIDE}")
    if not_it.search(before) or context.denied(before):
        return ""
    for place, pattern in _PLACES:
        found = regex(pattern).search(before)
        if found:
            return "" if context.no_failure(before[: found.start()]) else place
    if named and regex(rf"\($|{_SENTENCE}").search(before):
        outside = before.removesuffix("(")
        return "" if context.no_failure(outside) or context.denied(outside) else "reason"
    if got and regex(_GOT).search(before):
        return "got"
    called = regex(rf"(?<!\w)(?:{name})\*?[!.]?\s*[:=(\[–—-]?\s*$").search(before)
    if called:
        outside = before[: called.start()]
        counted = regex(words.PLURAL).search(outside)
        return "" if counted or context.no_failure(outside) else "reason"
    numbered = regex(_NUMBERED_LAST).search(before) and not quoted
    if regex(_SENTENCE).search(before) and not numbered:
        return "failed"
    if quoted and regex(rf"{words.FAILED}\s+$").search(before):
        return "failed"
    return ""


def _name(status: int) -> str:
    """Return the whole name of a status, as a regular expression."""
    return "|".join(map(re.escape, reasons(status))) or context.NOTHING
