"""What a message says besides the status: what the server said, what was expected.

Marks in angular quotation marks stand in their places: `‹response›` (up to the end), `‹quoted›`,
`‹expected›` for statuses that were expected, `‹wanted›` for a word about anything else that was.
"""

from __future__ import annotations

import re

from loadgate.status import vocabulary as words
from loadgate.status.vocabulary import regex

_N = words.NUMBER

_QUOTATION = (
    r"\{(?!\s*[1-5][0-9]{2}\s*[,}])|`|<(?!response \[|clientresponse\()[a-z!?_/*]|\bb['\"]|\[['\"{]"
    r"|-\+-\+-"
    r"|\b(?:body|text|content|payload|headers|params|data|details?|message)\b\"?\s*[:=]"
    r"|\bresponse(?: was(?! not\b| never\b)|[._]text)\b"
    r"(?!\s*:?\s*<?(?:response \[)?[1-5][0-9]{2}\b)"
    r"|\bresponse\s*[:=](?!\s*(?:http\S* ?|<response \[)?[1-5][0-9]{2}\b)"
)
"""Where a message begins to quote the response."""

_QUOTED = r"(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"|“[^“”]*”|«[^«»]*»|「[^「」]*」"
_QUOTED_STATUS = r"\b((?:status|code)(?:_?code)?['\"]?\s*[:=]?\s*)(['\"])([1-5][0-9]{2})\2"

_EXPECTED_SET = (
    rf"(?:{words.STATUS_CODE}|{words.STATUS}|[\s\[\](){{}}<>,|/:='-]|\*"
    r"|\b(?:status(?:es|_codes?)?|codes?|https?|responses?"
    r"|one|of|any|in|either|or|and|to|be|get|a|an|the|success(?:ful)?|ok|created"
    r"|код|kodu?|kode|código|codice"
    r"|accepted|no content|found|not modified|[1-5]xx)\b"
    r"|(?<![0-9A-Za-z_])[1-5][0-9]{2}(?![0-9A-Za-z_]))*+"
)
_EXPECTED_END = (
    rf"(?=\s*(?:$|[.,;:!?)\]，、。‹→]|(?<![0-9])(?<![0-9]\s)[^\x00-\x7f]"
    rf"|{words.RECEIVED}|{words.EXPECTED}"
    r"|\b(?:but|however|while|for|from|on|at|with|without|when|during|by|after|via|status|http"
    r"|response|code|instead|y|et|und|e|i|och|en|pero|aber|mais|mas|ma|но|maar|men|ama|ale|after"
    r"|we|it|they|server|api|service|backend|reply|answer|ended)\b))"
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

_AIM = r"[1-5][0-9]{2}|[1-5]xx|\b(?:success|ok)\b"
"""What makes that which was expected a status."""
_NEAR = 160
"""Characters before what was expected that are looked at."""
_NO_LABEL = " :,(-"
_RECEIVED_BEFORE = rf"(?:{words.RECEIVED}[^,.;]*?[1-5][0-9]{{2}}[\s,;(-]*)?$"


def without_quotations(text: str) -> str:
    """Cut the text where it begins to quote the response; blank what is in quotation marks."""
    text = regex(_QUOTED_STATUS).sub(r"\1\3", text)
    quotation = regex(_QUOTATION).search(text)
    if quotation:
        text = text[: quotation.start()] + "‹response›"
    return regex(_QUOTED).sub("‹quoted›", text)


def _of_statuses(expected: re.Match[str]) -> bool:
    """Say whether what was expected are statuses, by what they are and what stands before.

    "Expected 500, got 404" compares statuses, "Balance: expected 500, got 404" does not, and of
    "Login: expected 200, got 404" one may take it.
    """
    near = expected.string[max(0, expected.start() - _NEAR) : expected.start()]
    sentence = re.split(r"[.;!?]\s", near)[-1]
    if not sentence.strip(_NO_LABEL):
        sentence = near  # "Wrong price! Expected 500, got 404"
    label = regex(_RECEIVED_BEFORE).sub("", sentence)
    if regex(words.MEASURED).search(label):
        return False
    if not label.strip(_NO_LABEL) or regex(words.NUMBER).search(label):
        return True
    if regex(words.ABOUT_HTTP).search(label + expected.group(1)):
        return True
    numbers = regex(r"[1-5](?:xx|[0-9]{2})").findall(expected.group(1))
    return all(regex(words.SUCCESS).fullmatch(number) for number in numbers)


def without_expected(text: str) -> tuple[str, bool]:
    """Mark what was expected; say whether it, or some of it, was something else than a status."""
    word = regex(words.EXPECTED)
    if not word.search(text):
        return text, False

    def mark(found: re.Match[str]) -> str:
        if regex(_AIM).search(found.group(1)) and _of_statuses(found):
            return " ‹expected› "
        return found.group()

    number = regex(_N).search(text)
    behind = number is not None and word.search(text, number.end()) is not None
    if behind:
        text = regex(_TURNED).sub(mark, text)
    text = regex(rf"{words.EXPECTED}({_EXPECTED_SET}){_EXPECTED_END}").sub(mark, text)
    if behind:
        text = regex(_EXPECTED_BEHIND).sub(mark, text)
    parts = text.split("‹expected›")
    other = any(word.search(part) for part in parts)
    # "Not allowed" and "token required" are how servers put it.
    wanted = regex(rf"(?!required|allowed){words.EXPECTED}")
    return "‹expected›".join(wanted.sub("‹wanted›", part) for part in parts), other
