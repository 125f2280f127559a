"""Likely readings: the number that a person would take for the status. They excuse nothing."""

from __future__ import annotations

from collections.abc import Sequence

from loadgate.status.certain import EXPECTABLE, expected, pattern, place
from loadgate.status.words import Token

_FRONT = """(?:(?<=[action operation])plural|detail colon?[masked digits]unit?|counted[masked digits]
    |retries(?=[comma colon failed])|detail(?=received)
    |[^denied not expected counted versus instead_of to after retries number detail plural])*"""
"""What says neither that a status did not come or should come, nor that something was counted."""
_REST = "(?:detail unit?colon?[number digits masked]unit?|[^denied not expected counted versus number])*+"
_BEHIND = f"""(?P<n>number) close? (?:name [colon dash] masked$|name? close? (?:$
    |[colon comma line stop dash open](?![masked digits]unit?$|quoted){_REST}
    |(?:preposition(?!masked[counted plural])|received|surprise|response(?!.)|instead|copula|link|method|error
        |object colon|after [masked digits]|detail unit?colon [number digits masked]){_REST}
    )?+ (?:(?:data|[comma stop dash colon]*and?body[colon be data]|to masked|but[^number]+$).*)?)"""
_LABEL = """(?<![preposition but operation plural digits after ornament])
    (?:(?<=method masked)|(?<=surprise masked)|(?<!masked))(?:(?<!unknown)label|(?<=unknown with)label
    |(?<![object name unit body said unknown])(?<!object colon)(?<!unknown with)status)
    masked?+[error surprise response label status received]*+ [be colon open arrow dash]*+"""
_BREAK = "[colon comma dash stop open]"
_WORDS = "(?:[article surprise response]|error(?!code)|(?<!error)code)*"
_SIDE = "[article label status response code colon with be surprise or]*"
_NOUNS = "[open tag close action response surprise failed error article colon method masked]*"

_SHAPES = (
    # what was expected, and what came, with words between
    f"""(?:.*(?=[label status])|{_NOUNS})(?:expected|[label status response be]not)[^number counted detail plural digits]*?
        (?P<s>{{set}})(?!counted|object|plural|unit|unknown)[^number counted]*?(?<!denied)(?<!not)
        (?:received|owned|(?<!to)be|but|[colon comma][label status]){_SIDE}{_BEHIND}""",
    f"""(?:.*(?=[label status])|{_NOUNS})(?:received with?|failed with|label|status){_SIDE}
        (?P<n>number)name?(?!unknown|counted|object|plural)[^number denied]*?
        (?:expected|instead_of|versus){_SIDE}(?P<s>{{set}})$""",
    f"""{_NOUNS}expected[^number counted detail plural digits]*(?<!denied)(?<!not)received{_SIDE}
        {_BEHIND}""",
    f"(?!.*failed(?:[^colon comma stop open]*failed|name)|unknown++{_BREAK}++[label status]){_FRONT}{_LABEL}{_BEHIND}",
    f"{_FRONT}(?<!unknown)failed with{_WORDS}{_BEHIND}",
)
_PLAIN = tuple(
    shape + _BEHIND
    for shape in (
        "[open ornament tag error close action line]*(?:response[colon be]+)?",
        f"""{_FRONT}(?:name|error(?=colon)|(?<!unknown)(?:failed|surprise|class|method masked
            |[action operation response]error)){_WORDS}[colon dash arrow open]*""",
        f"""(?:{_FRONT}[colon comma stop dash close open line])?
            [article surprise response object action operation tag masked]*
            (?:(?<!object)error|failed|received|surprise){_WORDS}with?{_WORDS}[colon be open]*""",
        f"""{_FRONT}(?:failed|surprise|response error|error(?=[action operation preposition]))(?:(?<=[action operation])plural
            |[^stop line counted detail digits unknown body said plural number expected denied not])*
            (?<!unknown)(?<!surprise object)(?<!preposition object)[colon dash arrow open]+""",
        """[open tag close ornament action operation object line masked colon]*
            (?:action|operation|object object|method)plural?masked?[arrow colon]+""",
        f"{_FRONT}(?:failed|surprise)[^unknown counted error number]*code[be colon]*",
    )
) + (
    f"open(?P<n>number)close{_REST}",
    f"[^number]*(?<![counted detail object plural])[colon dash arrow]+(?P<n>number)[colon dash comma]*data",
)
_NUMBERED = "(?<=[object counted unknown detail link said operation action])number"


def guess(tokens: Sequence[Token], letters: str, *, plain: bool) -> int | None:
    """Return the one number that may be the status; None: there is none, or more than one."""
    letters = pattern(_NUMBERED).sub("u", letters)
    for shape in (*_SHAPES, *(_PLAIN if plain else ())):
        found = pattern(shape).fullmatch(letters)
        if found is None:
            continue
        at = place(found)
        (status,) = tokens[at].statuses
        named = [token for token in tokens[max(at - 3, 0) : at + 3] if token.letter == "R"]
        if all(tokens[i].statuses <= EXPECTABLE for i in expected(found)) and all(
            status in token.statuses for token in named
        ):
            return status
    return None
