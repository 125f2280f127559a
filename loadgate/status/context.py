"""The words around a number, and whether they let it be the status of this response.

"HTTP 409" is a status, and "did not get HTTP 409", "HTTP 409 was not returned", "until HTTP 409",
"HTTP 409 handler" and "HTTP 409, then 500" are none for sure. The tables say so; what they do not
know behind a number makes it no status.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from loadgate.status import vocabulary as words
from loadgate.status.clients import reasons
from loadgate.status.vocabulary import regex

NEAR = 160
"""Characters before a number, and behind it, that are looked at."""

NOT = (
    r"(?:\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|kein(?:e[nrsm]?)?|nicht|nie"
    r"|ohne|pas(?: de)?|jamais|sans|aucune?|sin|ning[uú]na?|nunca|sem|nenhuma?|não|senza|nessuna?"
    r"|mai|non|не|нет|без|bez|geen|niet|zonder|inte|ingen|utan|ikke|uden|uten|ei|ilman|tidak|tanpa"
    r"|değil)\b|n't\b|没有|沒有|未|不是|无|無)"
)
"""Words that say that something did not happen."""

CAME = (
    r"(?:get|got|gotten|see|saw|seen|have|had|be|been|hit|gave|give[ns]?|return(?:ed|s)?|receive[ds]?"
    r"|respond(?:ed|s)?|reply|replied|answer(?:ed|s)?|send|sent|raise[ds]?|trigger(?:ed|s)?"
    r"|produce[ds]?|cause[ds]?|observe[ds]?|fail(?:ed|s)?|end(?:ed|s)?|reject(?:ed|s)?|refuse[ds]?"
    r"|deny|denied|erhalten|bekommen|reçue?|obtenue?|recibid[oa]|recibió|obtenid[oa]|ricevut[oa]"
    r"|ottenut[oa]|получен[оа]?|получил[иа]?)"
)
"""Verbs that say that a response came, in all their forms."""

_ARTICLE = r"(?:\s+(?:an?|the|any))?\s*$"
_BETWEEN = r"(?:(?!\b(?:and|but|because|since|so|yet)\b)[^,.;:()–‹])*"

DENIED = (
    rf"{NOT}(?:{_BETWEEN}\b(?:{CAME}(?: (?:by|as))?|with))?{_ARTICLE}",
    # Maybe, or not even that: "should get", "failed to return", "waiting for", "assert x ==".
    r"\b(?:should|would|could|might|may|can|must|shall|will|to)"
    r"(?: (?:always|then|\w+ly))*"
    rf" (?:(?:have |be |have been )(?:\w+ly )?{CAME}|get|see|have|be|hit|give|return|receive"
    r"|respond|reply|answer|send|trigger|produce|cause|observe|fail|end|reject|refuse|deny)"
    rf"(?: (?:with|by|as|in))?{_ARTICLE}",
    r"\b(?:supposed|meant|ought|unable|fail(?:ed|s|ing)?|needs?|ha[ds]|have) to\s*$",
    r"(?:\b(?:sollten?|müssten?|muss|devrait|doit|debería|debe|dovrebbe|deve|deveria|powin\w+|musi|zou"
    r"|moet|burde|borde|skulle|skal|ska|должен|должно)\b|应(?:[该当为是]|返回)|必须)"
    rf"{_BETWEEN}$",
    r"\b(?:if|whether|unless|until|in case|(?:that|sure|ensure)(?= [^,.;:]*\breturn))\b[^,.;:]*$",
    r"^\s*(?:after|although|though|even|since|despite|in spite|following|once)\b[^,.;:]*$",
    r"\bassert\b[^,;:]*$",
    r"\b(?:wait(?:ed|ing|s)?(?: for)?|before|maybe|possibly|perhaps|probably|assertions?"
    r"|verif(?:y|ies|ying)|validat(?:e|es|ing)|either|simulat(?:ed?|ing)"
    r"|mock(?:ed|s)?|fake[ds]?|provok(?:e[sd]?|ing)|like|unlike|equals?(?: to)?|other than"
    r"|except|(?:all|anything|everything) but"
    rf"|different (?:than|from)){_ARTICLE}",
    r"(?:[!=<>]=|(?<![-=])[<>≠])\s*$",
    # What somebody wants, takes for granted, or does about it: "acceptable", "retry on".
    r"\b(?:accepts?|tolerates?|only|treat(?:ed|s)? as|mapped to|ignor(?:es?|ing|ed)|skip(?:s|ping)?"
    r"|handl(?:e[sd]?|ing)|suppressed|miss(?:es|ing)|lacks?|acceptable|valid|possible|permitted|legal"
    r"|known|default|sample|configured|excluded|retryable|target|reference|examples?|such as|for"
    rf"|says?|promises?|contract|spec|e\.g\.|i\.e\.)(?:\s*[:,])?{_ARTICLE}",
    r"\b(?:retr(?:y|ies|ying)|raises?|stops?|aborts?|breaks?)(?: (?:on|at))?"
    rf"{_ARTICLE}",
    rf"(?:^|[,;.:])\s*on{_ARTICLE}",
    # Somebody else's, or an older one.
    r"(?:\b(?:upstream|downstream|sub-?request|web-?hook|call-?back|on_start|mock|stub|fixture"
    r"|not our|external|third[ -]party|provider|partner|vendor|supplier|bank|payment gateway"
    r"|proveedor|extern[aoe]|fournisseur|anbieter|внешн\w+|поставщик)s?\b|外部|第三方|외부)[^,.;]*$",
    r"\b(?:previous|former|earlier|first|initial|original|prior)"
    r" (?:attempt|try|call|request|run|response|time|one|answer|reply|step|page|phase|stage|job"
    r"|task)\b[^,.;]*$",
    r"\bbulk\b[^.;]*\bitem\b[^.;]*$",
    r"\bbefore (?:this|that)\b[^,.;]*$",
    # Somebody tells of it.
    r"\b(?:report|log|dashboard|metric|page|doc|documentation|manual|readme|comment|ticket|changelog)s?"
    r" (?:says?|shows?|claims?|lists?|reported|mentions?|states?)\b[^;]*$",
    r"\bhistory\s*[:=][^;]*$",
    r"\b(?:previous(?:ly)?|former(?:ly)?|earlier|original(?:ly)?|initial(?:ly)?|old|cached|inner|nested"
    r"|(?:last|first|second) time|first|item(?: [*\d]+)?)\s*:?\s*$",
    # A count of them.
    r"\b(?:too (?:many|few)|more|fewer|less|(?:number|count|share|amount|limit|total) of)\s*$",
    r"(?:^|[,;.:]\s)\s*[*\d]+\s*x?\s*$",
)
"""Before a status: it did not come, nobody knows whether it did, or it came to somebody else."""

NO_FAILURE = rf"(?:{NOT}|\b(?:missing|lacking)\b|‹wanted›)(?:\s+(?:an?|the|any))?\s*$"
"""Before the name of a failure: there was none."""

AMOUNT = (
    r"(?:ms|мс|s|sec(?:onds?)?|min(?:utes?)?|[kmg]?b|bytes|char(?:acter)?s?|users?|rows?|items?"
    r"|chunks?|events?|messages|records?|products|orders|tokens|lines?|files?|pages|workers)\b"
)
"""Behind a number: a unit or noun that makes it no status."""

NAME = r"(?:errors?|response|status|code|reply|answer|body|message)"
"""Behind a status: a word that means the response itself, so that what counts is behind it."""

_OTHER = rf"[1-5][0-9]{{2}}\b(?!\s*{AMOUNT})"
_BEHIND = r"(?:\s*[(:,–—-]\s*|\s+)"
DENIED_BEHIND = (
    r"\s*\?",
    rf"\s*(?:[*/|&+×]|->|=>|→|\band\b(?:\s+a)?)\s*{_OTHER}",
    rf"\s*[(\[]\s*(?:(?:now|later|then|or|and|finally|next) {_OTHER}"
    r"|[1-5][0-9]{2} (?:on|at|later|after|then)\b)",
    r"(?:\s*,)?(?:\s+and)?(?:\s+not)?\s*‹expected›\s*,?\s*(?:(?:is|was)\s+)?‹wanted›",
    r"(?:\s*,)?(?:\s+and)?\s+not\s*(?:‹expected›|[1-5][0-9]{2}\s*,?\s*(?:(?:is|was)\s+)?‹wanted›)",
    rf"{_BEHIND}(?:(?:was|were|is|has|had|did|does|do|could|can|came|kam)\s*)?{NOT}"
    rf"(?:\s*(?:been\s+)?(?:{CAME}|thrown|come|came|happen(?:ed)?|occur(?:red)?|arrived?"
    r"|appear(?:ed)?|there|present|lleg[óo])\b|\s*(?:$|[.,;)!]))",
    rf"{_BEHIND}(?:(?:was|is|is what we|as)\s+)?(?:‹wanted›|missing|absent|fehlte?|yok|false|null)"
    r"(?!\s*[:=]?\s*[\[(]?[1-5*])(?:$|(?<!: missing)\W|[.,;)])",
    r"\s*\b(?:handl(?:er|ing)|tests?|checks?|cases?|scenarios?|assertions?|only|mandatory|ratio"
    r"|rate(?! ?limit)|share|budget|count|limit|threshold|percent\w*|templates?|path|never)\b",
    r"\s*(?:for|in|on) [*\d]+%? of\b",
    rf"{_BEHIND}(?:should|must|ought|would)\b",
    r"\s*(?:--?|[–—…]|\.{2,3})\s*[1-5][0-9]{2}\s*(?:$|[.,;)])",
    r"\s*[:=]\s*[*\d]+\s*(?:$|[,;]|(?:times|x|errors|failures|responses|requests)\b)",
)
"""Behind a status: it did not come, is one of several, is counted, or names something else."""

NOT_COUNTED = r"(?!\s+(?:errors|failures|responses|requests|times|conflicts|found)\b)"
"""Behind "HTTP 409" and "404 not found": what would make them kinds of things that are counted."""

_ENDS = r"\s*(?:$|[)\],;:.!‹'\"*])"
_LIKE_IT = (
    r"(?:in|ok|[1-5][0-9x]{2}|‹|success\w*|allowed|accepted|acceptable|permitted|good|fine|equal"
    r"|one of|valid|right|correct|what|authori[sz]ed)"
)
_SERVER = r" (?:the|an?|its) (?:\w+ )?(?:server|service|agent|worker|bot)\b"
"""What is answered by somebody else, where it stands behind "HTTP 500 to"."""
FOLLOWS = (
    r"(?:\s*(?:が(?:返|戻)|です|でした)|\s*(?:[}>–—|’”\\(\[]|≠|-[->\s]|=>|→)|\s+(?:(?-i:[A-Z])|[\w.-]+="
    r"|(?:for|from|on|at(?! (?:least|most)\b)|during|after|while|when|where|but|instead|because"
    rf"|since|due|as|via|to(?! be\b|{_SERVER})|with|without|in|into|inside|within|over|through"
    r"|using|against"
    r"|and|text|reason|url|too|took|even|still|again|already|retrying"
    r"|giving|aborting|unknown|internal|service|server|client|mismatch|differs"
    r"|no (?:body|content|such|json|response|retry|more)"
    r"|(?:version|etag|revision|state) (?:mismatch|conflict)"
    r"|(?:does not|doesn't|did not|didn't) (?:equal|match)"
    rf"|(?:is not|isn't|was not|wasn't|not) {_LIKE_IT}"
    r"|(?:is|was|were) (?:unexpected|wrong|bad|invalid|incorrect|raised|thrown|reported|back)"
    r"|thrown|raised|reported"
    r"|après|após|tras|depois|después|dopo|sonra|за|через"
    r"|para|al|en|de|del|la|el|por|con|durante|desde|pour|sur|à|au|dans|lors|avec|für|bei|beim|von"
    r"|vom|mit|nach|auf|während|im|da|dal|per|su|di|na|em|ao|do|voor|van|bij|met|op|dla|przy|od|för"
    r"|från|vid|ved|fra|til|için|sırasında|при|на|для|от|с|в|после|из|и|y|et|und|e)\b"
    rf"|{words.FAILED}|{words.CAME_LAST}|{words.SURPRISE})|\s*-\s)"
)
"""Behind a status: punctuation, a capital letter, or a word that goes on about this response."""

NEXT = (
    r"(?:[,;:|*/&+]|->|=>|→|\b(?:then|and|or|later|next|finally|afterwards|once|twice|now|again"
    r"|versus|vs|second|last|others?|rest)\b)"
)
"""Between two statuses: what makes them a sequence or a choice."""

_IN_BRACKETS = r"\[[^\]]*\]|\((?![1-5][0-9]{2}\))[^)]*\)"
NOTHING = r"(?!)"
"""Matches no text."""

_RESPONSE = rf"(?<!<){words.RESPONSE}(?![ _-]?(?:code|status))"

AFTER = (
    r"\b(?:(?<!retry[ -])after|with|to|through|plus|says|code|error|g[ai]ve[ns]?|got|returned"
    r"|returns|answered|replied|said|was|became)(?: an?)?"
)
"""Before a number that ends a thought: it is a status, too."""


def before(text: str, number: re.Match[str]) -> str:
    """Return what stands near before a number."""
    return text[max(0, number.start() - NEAR) : number.start()]


def denied(words_before: str) -> bool:
    """Say whether what stands before a status says that it did not come."""
    return regex("|".join(DENIED)).search(words_before) is not None


def no_failure(words_before: str) -> bool:
    """Say whether what stands before the name of a failure says that there was none."""
    return regex(NO_FAILURE).search(words_before) is not None


def denied_behind(text: str, number: re.Match[str]) -> bool:
    """Say whether what stands behind a status, or behind its name, says that it did not come."""
    denying = rf"(?:\s*[)\]])?(?:{'|'.join(DENIED_BEHIND)})"
    return regex(denying).match(text, _end_of_name(text, number)) is not None


def goes_on(text: str, number: re.Match[str]) -> bool:
    """Say whether what stands behind a number lets it be the status of this response."""
    if denied_behind(text, number) or not regex(NOT_COUNTED).match(text, number.end()):
        return False
    end = _end_of_name(text, number)
    return bool(
        regex(_ENDS).match(text, end)
        or regex(rf"\s*(?:{meaning(int(number.group(1)))})\b").match(text, number.end())
        or regex(FOLLOWS).match(text, end)
    )


def quotes(text: str, end: int) -> bool:
    """Say whether the server is quoted behind "HTTP 502: ", "status 502 - " and "response"."""
    directly = regex(r"\s*(?:[:–—-]|->)").match(text, end)
    return bool(directly or regex(_RESPONSE).search(text, end))


def without_response(text: str) -> str:
    """Return a message up to the response that it quotes behind its status: "Response: ..."."""
    response = regex(rf"{_RESPONSE}\s*[:=]").search(text)
    return text[: response.start()] if response else text


def beside(text: str, number: re.Match[str]) -> list[re.Match[str]]:
    """Return the numbers that a status is in a sequence with: "409, then 500"."""
    behind = rf"(?!\s*{AMOUNT})[\w\s]{{0,20}}{NEXT}[\w\s]{{0,20}}$"
    near = before(text, number)
    found = [
        other
        for other in regex(words.NUMBER + behind).finditer(near)
        if not regex(rf"(?:{words.NUMBERED}|[=#])\W*$").search(near[: other.start()])
    ]
    end = _end_of_name(text, number)
    rest = regex(_IN_BRACKETS).sub("", text[end : end + NEAR])
    if not regex(words.NUMBER).search(rest):  # saves the cost of the expressions
        return found
    quoted = quotes(text, number.end()) or quotes(text, end)
    counted = regex(rf"(?:{words.NUMBERED}|retry-after)(?<!errors)(?<!failures)\s*[:=]\s*$")
    label = rf"(?:{words.STATUS_CODE}|{words.STATUS}|{words.RECEIVED})?[\s:=(]*"
    other = rf"{NEXT}\s*{label}{words.NUMBER}(?!\s*{AMOUNT})"
    last = rf"{AFTER}\s+{words.NUMBER}(?=\s*(?:$|[.,;)]))"
    forms = (last,) if quoted else (other, last)
    behind_it = (one for form in forms for one in regex(form).finditer(without_response(rest)))
    found += [one for one in behind_it if not counted.search(rest[: one.start(1)])]
    return found


def meaning(status: int) -> str:
    """Return what failures with this status are called, as a regular expression."""
    return _names(status, reasons(status))


def called(status: int) -> str:
    """Return what calls a number a status that follows it, as a regular expression.

    "Conflict: 409" does; "orders found: 302" and "records created: 201" count something.
    """
    return _names(status, [name for name in reasons(status) if name not in words.COUNTING])


def _names(status: int, phrases: Iterable[str]) -> str:
    names = [re.escape(phrase) for phrase in phrases]
    if status in words.MEANS:
        names.append(words.MEANS[status])
    return "|".join(names) or NOTHING


def _end_of_name(text: str, number: re.Match[str]) -> int:
    """Return where the name of a status ends: behind the bracket of "409 (Conflict)"."""
    name = rf"(?:\s*[–—:-]?\s*[(\[]?\s*(?:{meaning(int(number.group(1)))})|\s*[(\[]?\s*{NAME})"
    found = regex(rf"(?:{name}\b(?:\s*[)\]])?)+").match(text, number.end())
    return found.end() if found else number.end()
