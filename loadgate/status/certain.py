from __future__ import annotations
import re
from loadgate.status.words import Token
from loadgate.status.clients import reasons

EXPECTABLE = frozenset({200,201,202,203,204,205,206,207,208,300,301,302,303,304,307,308,400,401,402,403,404,405,406,409,412,413,415,418,422,423,424,428,429,451,500,501,502,503,504})

PREFIX = re.compile(r"(?:Mm|pm|[FWaQrTobwLS():;./>,\-])*")
PREFIX_LABEL = re.compile(r"(?:Mm|[pt]m|[FWaQOYrTobwtpRLS():;./>,\-])*")
_LAST = r"(?:(?<=[:;./>,()\-om])|^)[WaQGbwFr]*"
_LABEL = re.compile(_LAST + r"(?:L[FrQSL]*|S)(?:/?m)?[rW]?[ab:(>\-]*N")
_REASON = re.compile(_LAST + r"[:(\->]*N[:(\-]?R")
TAIL = re.compile(r"(?:Mm|p[mu]U?|[,;(:\-]?[y][:]?[mu]U?|J|[RQOYapbGwrWZ():;,.\-/])*c?")
_SET = r"\(*(?:N|X)R?(?:(?:[,/;\-]|or|\|)*\(?(?:N|X)R?)*\)*"
_SET = r"\(*[NX]R?(?:[,/|\-]+\(?[NX]R?)*\)*"
_EXP = rf"E[abLSQ:(|]*({_SET})"
PAIRS = [re.compile(p) for p in (
  _EXP + r"[,;:.)\-]*(?:c?[Qac]*(?:G[bG]?)|cb?|[,;.\-]+b)[wabLSQr:(]*(N)",
  r"[abLSQ:]*" + rf"({_SET})b?E(?=[,;.\-cGLS])[,;.\-]*c?[aQ]*(?:G[bG]?[wabLSQr:(]*(N)|[LSb]*(N)b?G)",
)]
REVERSED = re.compile(rf"[GbaLSQw:]*(N)R?[,(;:\-]*{_EXP}\)?\.?$")
VERSUS = re.compile(rf"[aQGb]*[LS][ab:]*(N)V({_SET})\)?\.?$")
LABEL_PREFIX = PREFIX

def numbers(tokens, start, end):
    return {s for t in tokens[start:end] if t.letter == 'N' for s in t.statuses}

def named_right(tokens, status):
    return all(status in t.statuses for t in tokens if t.letter == 'R')

def read(tokens: list[Token]):
    letters = "".join(t.letter for t in tokens)
    if letters.find('N')<0: return None
    for pattern in PAIRS:
        for m in pattern.finditer(letters):
            if not PREFIX.fullmatch(letters[:m.start()]) or not TAIL.fullmatch(letters[m.end():]): continue
            got=[i for i in range(2,(m.lastindex or 0)+1) if m.group(i)]
            i=m.start(got[0])
            return pair(tokens,letters,m.span(1),i)
    for pattern in (REVERSED,VERSUS):
        m = None
        for m in pattern.finditer(letters):
            if PREFIX.fullmatch(letters[:m.start()]):
                return pair(tokens,letters,m.span(2),m.start(1))
    for form,pattern in (("label",_LABEL),("reason",_REASON)):
        for m in pattern.finditer(letters):
            end=m.end()
            if form=='label': i=end-1
            else: i=m.group().index('N')+m.start(); end=i+1
            if not PREFIX_LABEL.fullmatch(letters[:m.start()]) or not TAIL.fullmatch(letters[end:]): continue
            (status,)=tokens[i].statuses
            if numbers(tokens,0,len(tokens))!={status}: continue
            if not named_right(tokens,status): continue
            if form=='reason' and not any(t.letter=='R' and t.text in reasons(status) for t in tokens[i:i+3]): continue
            return form,status
    return None

def pair(tokens,letters,span,i):
    (status,)=tokens[i].statuses
    exp=numbers(tokens,*span)
    if not exp<=EXPECTABLE: return None
    rest=numbers(tokens,0,span[0])|numbers(tokens,span[1],len(tokens))
    if rest!={status}: return None
    return "pair",status
