"""Lint of what rules excuse: tried on failures that nobody wants excused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from http import HTTPStatus

from loadgate.matching import fits_text
from loadgate.model import SERVER_ERRORS, Policy, Rule, Status
from loadgate.patterns import EndpointPattern
from loadgate.rules.lint.findings import Check, each_rule
from loadgate.rules.lint.samples import (
    BROKEN,
    FIRST_ERROR,
    FIRST_SERVER_ERROR,
    NAMES,
    NEVER,
    Sample,
    not_statuses,
    sample,
    with_grpc_status,
    with_status,
)

_WIDEST = Fraction(1, 2)
"""The largest budget with which most requests of an endpoint still have to succeed."""

_NAMES_TRIED = 7
_HEAD = re.compile(
    r"(?:\*{2,}|[^/ ]*:)//[^/]*|/?(?:apis?|rest|rpc|services?|v?(?:[0-9]|\*|\{\w+\})+)(?=/)"
    r"|/\*{2,}(?=/.)",
    re.IGNORECASE,
)
"""What a path may begin with that names nothing: a host, `/api`, `/v1`, `/*`, `/{tenant}`."""
_HEADS_TRIED = 4
_WILDCARD = re.compile(r"\*+|\{\w+\}")
_READS = ("GET", "HEAD", "OPTIONS")
_METHODS = (*_READS, "POST", "PUT", "PATCH", "DELETE")
_DENIALS = (404, 403, 401)
"""Refusals with nothing in common, as of a wrong deployment or a broken login: a rule that excuses
two of them is about none."""
_GRPC_DENIALS = {
    *("grpc:OK", "grpc:PERMISSION_DENIED", "grpc:UNAUTHENTICATED"),
    *(status for status in SERVER_ERRORS if isinstance(status, str)),
}
_NAMED = tuple(status.value for status in HTTPStatus if FIRST_ERROR <= status < FIRST_SERVER_ERROR)
_MOST_REFUSALS = 3
"""How many refusals of any kind may have one reason."""
_LIMITS = frozenset[Status | None]((
    *(429, "grpc:RESOURCE_EXHAUSTED"),
    *("grpc:ABORTED", "grpc:ALREADY_EXISTS", "grpc:FAILED_PRECONDITION"),
))  # fmt: skip
"""Refusals that may be meant for any request: a limiter knows no endpoints, and gRPC no methods."""
_CONFLICTS = frozenset((409, 412, 423, 425, 428))
"""Refusals that may be meant for any request that changes something."""

_THREE_DIGITS = re.compile(r"(?<![0-9])[1-5][0-9]{2}(?![0-9])")


def _too_broad(rule: Rule, policy: Policy) -> tuple[str, str] | None:
    """Find a rule that would excuse what nobody wants excused; carve-outs excuse nothing."""
    failure = _excused_failure(rule, policy) if rule.excuses and rule.at_most != 0 else ""
    remedy = (
        "Name the expected status, words of its text, or the methods and endpoints that may refuse."
    )
    return (f"would excuse {failure}", remedy) if failure else None


def _no_budget(rule: Rule, _: Policy) -> tuple[str, str] | None:
    """Find a rule that may excuse most requests of an endpoint."""
    if not rule.excuses or (rule.at_most is not None and rule.at_most <= _WIDEST):
        return None
    sentence = f'lets most requests of an endpoint fail: at_most = "{rule.at_most_text}"'
    if rule.at_most is None:
        sentence = "excuses any number of failures: it has no at_most"
    return sentence, 'Set at_most slightly above what you measure, such as "5%".'


CHECKS = (
    Check(
        code="too-broad",
        about="The rule would excuse failures that nobody wants excused.",
        severity="error",
        find=each_rule(_too_broad),
    ),
    Check(
        code="no-budget",
        about="The rule has no budget, or one above 50%.",
        severity="warning",
        find=each_rule(_no_budget),
    ),
)


def _excused_failure(rule: Rule, policy: Policy) -> str:
    """Return a failure that a rule excuses and nobody wants excused; "": none of those known."""
    before = policy.rules[: policy.rules.index(rule)]
    carve_outs = [other for other in before if not other.excuses]
    above = [other for other in carve_outs if _covers_endpoint(other, rule)]
    for failure in _never_excused(rule):
        if _excused(rule, failure, above):
            return f'"{failure.text}" of {rule.endpoint.text}'
    refusals = [refusal for refusal in _refusals(rule) if _matches(rule, refusal)]
    found = [refusal for refusal in refusals if _excused(rule, refusal, above)]
    statuses = {refusal.status for refusal in found}
    of_grpc = {status for status in statuses if isinstance(status, str)}
    if (
        max(len(of_grpc), len(statuses - of_grpc)) > _MOST_REFUSALS
        or len(statuses.intersection(_DENIALS)) > 1
    ):
        return f'"{found[0].text}" of {rule.endpoint.text}, and other statuses, too'
    for method, names in _unlike(rule.endpoint):
        meant = _LIMITS if method in _READS else _LIMITS | _CONFLICTS
        for name in names[:_NAMES_TRIED]:
            above = [
                other for other in carve_outs if _matches_endpoint(other.endpoint, method, name)
            ]
            for refusal in refusals:
                if refusal.status not in meant and _excused(rule, refusal, above):
                    return f'"{refusal.text}" of {method} {name}'
    return ""


def _unlike(pattern: EndpointPattern) -> Iterator[tuple[str, list[str]]]:
    """Yield endpoints with nothing in common that a pattern is about, by method.

    `/api/**` names as little as `/**`: what a path begins with, and names nothing, is left aside.
    """
    methods = sorted(pattern.methods or _METHODS)
    for head in _heads(pattern.name.text):
        tried = [head + name for name in NAMES if not head or name[0] == "/"]
        # None of them begins with a method, so they are names of all methods or of none.
        names = [name for name in tried if _matches_endpoint(pattern, methods[0], name)]
        if len(names) > 1:
            yield from ((method, names) for method in methods)


def _heads(pattern: str) -> Iterator[str]:
    """Yield each head of a pattern that names nothing, written as a name; "" is one."""
    end = 0
    yield ""
    for _ in range(_HEADS_TRIED):
        found = _HEAD.match(pattern, end)
        if found is None:
            return
        end = found.end()
        yield _WILDCARD.sub("v1", pattern[:end]).replace("v1:", "https:")


def _refusals(rule: Rule) -> Iterator[Sample]:
    """Yield refusals of the statuses that a rule has, or of all that have a name; denials first."""
    numbers = _numbers(rule.statuses or _NAMED)
    for status in sorted(numbers, key=lambda status: status not in _DENIALS):
        if FIRST_ERROR <= status < FIRST_SERVER_ERROR:
            yield from with_status(status)
    for name in sorted({*map(str, rule.statuses or ())} - _GRPC_DENIALS):
        if name.startswith("grpc:"):
            yield with_grpc_status(name)


@lru_cache(maxsize=100_000)  # each rule asks the same of all carve-outs above it
def _matches_endpoint(pattern: EndpointPattern, method: str, name: str) -> bool:
    return pattern.matches(method, name)


def _covers_endpoint(other: Rule, rule: Rule) -> bool:
    """Say whether a rule is asked about all requests that another one is about."""
    methods = other.endpoint.methods
    all_methods = methods is None or methods >= (rule.endpoint.methods or {""})
    return all_methods and other.endpoint.includes_names(rule.endpoint)


def _excused(rule: Rule, failure: Sample, above: Sequence[Rule]) -> bool:
    return _matches(rule, failure) and not any(_matches(other, failure) for other in above)


def _matches(rule: Rule, failure: Sample) -> bool:
    if rule.statuses is not None and failure.status not in rule.statuses:
        return False
    return fits_text(rule, failure.texts)


def _never_excused(rule: Rule) -> Iterator[Sample]:
    """Yield the failures that no rule should excuse, whatever its endpoints."""
    yield from map(sample, NEVER)
    statuses = rule.statuses or {*BROKEN, *map(int, _numbers_of(rule))}
    for name in sorted(_GRPC_DENIALS.intersection(statuses)):
        yield with_grpc_status(name)
    numbers = _numbers(statuses)
    for status in sorted(numbers, key=lambda status: (status < FIRST_SERVER_ERROR, status)):
        if not FIRST_ERROR <= status < FIRST_SERVER_ERROR:
            yield from with_status(status)
    for number in _numbers_of(rule):
        yield from map(sample, not_statuses(number))


def _numbers(statuses: Iterable[Status]) -> list[int]:
    return [status for status in statuses if isinstance(status, int)]


def _numbers_of(rule: Rule) -> list[str]:
    """Return what may be a status in the patterns of a rule, where the rule names none."""
    if rule.statuses is not None:
        return []
    found = {number for _, glob in rule.globs for number in _THREE_DIGITS.findall(glob.text)}
    return sorted(found) if len(found) < 3 else []  # no text that is tried has more
