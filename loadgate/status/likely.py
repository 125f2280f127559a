"""Likely readings: the number that a person would take for the status. They excuse nothing."""

from __future__ import annotations

from collections.abc import Sequence

from loadgate.status.certain import EXPECTABLE, pattern
from loadgate.status.words import Token

_ANY = "[^denied not expected counted versus instead_of to after retries number]"
"""Words that do not say that a status did not come, should come, or was counted."""
_FRONT = f"(?:{_ANY}|counted[digits masked]|retries(?=[comma colon failed]))*"
_BEHIND = f"""(?P<n>number) close? name? close?(?:
    |[colon comma line stop dash open](?!masked unit?$){_ANY}*+
    |(?:preposition(?!masked counted)|received|response(?!.)|instead|copula|link|method|but|error|quoted|detail){_ANY}*+
    )(?:(?:data|body|after masked|to masked).*)?"""
_ALONE = f"""(?:
    (?:{_FRONT}[colon comma line stop dash close tag ornament]|[open tag error close ornament action]*)?
        [article surprise]*(?:response|(?:surprise|received)+ with?|received with?(?:article|error|response)+|failed with)[response code]*
    |{_FRONT}(?:failed|surprise|name|class|response|action)(?:(?!unknown colon|detail)[^stop line counted detail digits])*(?<!unknown)[colon dash arrow open]+
    |{_FRONT}(?:failed with|surprise|method masked[arrow colon]*|received with|(?:action|response|method masked)received with?)[article error response code surprise]*
    |[open tag error close action ornament]*[surprise error response code]*[error surprise name][colon dash open]*
    |[open tag close ornament action object line]*(?:action|operation)[arrow colon]
    |[open ornament line]*)"""
_SHAPES = tuple(
    (needs_plain, shape)
    for needs_plain, shape in (
        (False, f"{_FRONT}(?<!unknown)(?<!failed operation)[label status]masked?+[error surprise response label status received]*+[be colon open arrow dash]*+{_BEHIND}"),
        (True, f"{_ALONE}{_BEHIND}"),
    )
)


def guess(tokens: Sequence[Token], letters: str, *, plain: bool) -> int | None:
    """Return the one number that may be the status; None: there is none, or more than one."""
    letters = pattern("(?<=[object counted unknown detail link code said operation action])number").sub("u", letters)
    for needs_plain, shape in _SHAPES:
        if plain or not needs_plain:
            found = pattern(shape).fullmatch(letters)
            if found:
                (status,) = tokens[found.start("n0")].statuses
                return status
    return None
