"""Pairs in a message: what was expected, and what came back instead."""

from __future__ import annotations

import re

from loadgate.status import context
from loadgate.status import vocabulary as words
from loadgate.status.found import certain, reading_of
from loadgate.status.reading import Reading
from loadgate.status.vocabulary import regex

_N = words.NUMBER

_GLUE = (
    r"(?:[\s:=,;.<(\[，、-]|->|→|=>"
    r"|\b(?:but|and|instead|however|y|et|und|e|i|a|en|но|и|an?|the|se|has|have"
    r"|pero|aber|mais|mas|ma|maar|men|ama|ale|we|it|they|server|api|service|backend"
    r"|response(?! code)|reply|answer)\b|为|是)*+"
)
_LABELS = (
    rf"(?:(?:{words.STATUS_CODE}|{words.STATUS}"
    r"|\b(?:http(?:\*|/\S+)?|codes?|response|a|an|the|as|error|wrong"
    r"|код|kodu?|kode|código|codice)\b)"
    r"[\s:=_-]*)*+"
)
_UNLIKE = r"(?:\bno[nt]\b|!=|≠|非|不是|不等于)"
_NOT = r"(?:n't|\bnot)"
_WAS_NOT = rf"(?:\b(?:(?:is|was)(?:n't| not)|it['’]s not)|{words.STATUS_CODE}\s+not)"
_STATUS = r"(?:ok|[1-5]xx|[1-5][0-9]{2})"
_CAME = rf"(?:{words.RECEIVED}|\b(?:sent|answered|replied)\b)"
_BUT = rf"[,;]?\s*(?:but|it (?:is|was)|{words.RECEIVED})"
"""Between a status that it was not and the one that it was."""
_TOLD = rf"{words.STATUS_CODE}|{words.STATUS}"


def received(text: str) -> list[Reading]:
    """Read the actual side of a pair: "‹expected›, got 409"."""
    forms = []  # only those that can match: compiling one takes longer than all the rest
    if "‹expected›" in text:
        forms.append(rf"‹expected›{_GLUE}(?:{_CAME}{_GLUE}){{1,2}}{_LABELS}[\s:=<(\[]*{_N}")
        forms.append(rf"‹expected›[\s,;]*{_LABELS}{_N}\s+{words.CAME_LAST}")
    if regex(_UNLIKE).search(text):
        forms.append(rf"{_UNLIKE}[ -]?{_STATUS}\s*[:,(–-]+\s*{_N}")
    if regex(rf"{_NOT} {_STATUS}").search(text):
        forms.append(rf"{_WAS_NOT} {_STATUS}\s*{_BUT}{_GLUE}{_N}")
    found: list[re.Match[str]] = []
    alone = len(set(regex(_N).findall(text))) == 1
    for form in forms:
        found += regex(form).finditer(text)
        if found and alone:
            break  # no other form can find another number
    measured = [reading_of("refused", one) for one in found if _measure(text, one)]
    return measured or certain("expected-got", text, found)


def _measure(text: str, pair: re.Match[str]) -> bool:
    """Say whether what was compared was something else: a count, a header, a number of any kind."""
    if regex(words.UNUSUAL).fullmatch(pair.group(1)) and not regex(_TOLD).search(pair.group()):
        return True
    before = text[max(0, pair.start() - context.NEAR) : pair.start()]
    behind = regex(words.NAMED_THING).match(text, pair.end())
    return behind is not None or regex(words.MEASURED).search(before) is not None
