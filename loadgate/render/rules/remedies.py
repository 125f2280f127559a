"""The explanation of true failures in, what can be done about them out."""

from __future__ import annotations

from collections.abc import Iterable

from loadgate.explain import Attempt, Explanation
from loadgate.matching import Condition
from loadgate.model import Rule
from loadgate.patterns import EndpointPattern
from loadgate.render.rules.drafts import toml_string
from loadgate.text import first_of

_SHOWN = 3
SERVER = 500  # from this status on the server is at fault
_CONDITIONS: dict[Condition, str] = {
    "status": "status",
    "error": "text pattern",
    "method": "method",
}
_NO_TEXTS = (
    "The run has no file with error texts: keep Locust's _failures.csv beside the statistics, or"
    " judge its --html report (docs/inputs.md)."
)
_FEW_TEXTS = (
    "The statistics count more failures than the error texts do: `loadgate check` warns where"
    " another source of the run is fresher, and the --html report is complete (docs/inputs.md)."
)
_CARVE_OUT = "Fix what fails; or, if it is right after all, change the rule."
_EXPIRED = (
    "Set a later `expires` if its reason still holds; else fix what fails, and remove the rule."
    " Until then no rule below it is asked."
)
_SERVER_ERROR = "Fix the server; a 5xx is not an intended refusal."
_ERROR_RULE = "a rule on `error` can excuse it (docs/rules.md#rules)"
_NOTHING_TO_TEACH = ("no-number", "no-answer", "silent", "cut-off", "raised-in-block")


def about(rule: Rule) -> str:
    """Return the endpoints that a rule is about, with its methods."""
    pattern = rule.endpoint
    if EndpointPattern.parse(pattern.text).methods == pattern.methods:
        return pattern.text
    return f"{', '.join(sorted(pattern.methods or ()))} {pattern.text}".lstrip()


def either(rule: Rule) -> str:
    """Return the statuses that a rule wants: "409 or 412"."""
    *others, last = (str(status) for status in sorted(rule.statuses or ()))
    return f"{', '.join(others)} or {last}" if others else last


def near_text(of: Explanation) -> str:
    """Return which rules only one condition keeps from matching; "": none."""
    parts = []
    for missed, condition in _CONDITIONS.items():
        if missed == "status" and (of.kind.status or 0) >= SERVER:
            continue  # a rule for a refusal is not near a broken server
        ids = _some([attempt.rule.id for attempt in _near(of, missed)])
        if ids:
            parts.append(f"; {ids} would, but for the {condition}")
    return "".join(parts)


def _near(of: Explanation, missed: Condition) -> list[Attempt]:
    return [attempt for attempt in of.attempts if attempt.missed == (missed,)]


def _some(texts: Iterable[str]) -> str:
    return first_of(list(dict.fromkeys(texts)), _SHOWN)


def remedy(of: Explanation, *, no_log: bool) -> str:
    """Return what to do about true failures; `no_log`: their run has no error texts at all."""
    if of.reading is None:
        return _NO_TEXTS if no_log else _FEW_TEXTS
    if of.rule is not None:
        return _EXPIRED if of.expired else _CARVE_OUT
    if of.reading.status is not None and of.reading.status >= SERVER:
        return _SERVER_ERROR
    for attempt in _near(of, "error"):
        if attempt.around:
            glob = toml_string(attempt.around)
            return (
                f"If {attempt.rule.id} is meant to match, write error = {glob}: the whole text must"
                " match."
            )
    for attempt in _near(of, "endpoint"):
        if attempt.rule.endpoint.matches(of.kind.method, f"/{of.kind.name}"):
            return (
                f"If {attempt.rule.id} is meant to match, write its endpoint for a name that has no"
                " first slash: ** in place of the / or /** that it begins with."
            )
    if of.reading.status is None:
        return _of_unknown(of)
    return _of_known(of, of.reading.status)


def _of_unknown(of: Explanation) -> str:
    """Return how to make a status known, where that helps."""
    form = of.reading.form if of.reading else ""
    if form in {"wordings-disagree", "taught-otherwise"}:
        return "Make the wordings of [[status_texts]] narrower (docs/rules.md#status-texts)."
    if form in _NOTHING_TO_TEACH:
        return f"Fix what fails; or, if it is the design, {_ERROR_RULE}."
    near = _near(of, "status")
    then = f", and {_some(attempt.rule.id for attempt in near)} can match" if near else ""
    return (
        f"If the text does tell the status, teach its wording in [[status_texts]]{then}"
        f" (docs/rules.md#status-texts); or, if it is the design, {_ERROR_RULE}."
    )


def _of_known(of: Explanation, status: int) -> str:
    """Return what a rule would have to say."""
    patterns = [attempt.rule for attempt in _near(of, "error")]
    if patterns:
        return (
            f"If {patterns[0].id} is meant to match, correct its `error`: the text does not have"
            " its words."
        )
    methods = [attempt.rule for attempt in _near(of, "method")]
    if methods:
        return (
            f"Fix what fails; or, if {methods[0].id} is meant to decide this, too, name the method"
            " in a rule."
        )
    return (
        f"Fix what fails; or, if a {status} is the design here, say so in a rule for this"
        " endpoint and status, with the reason (docs/rules.md#rules)."
    )
