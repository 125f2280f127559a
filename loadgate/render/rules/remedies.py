"""Remedies: what to do about true failures."""

from __future__ import annotations

from collections.abc import Iterable

from loadgate.explain import Attempt, Explanation
from loadgate.matching import TEXT_CONDITIONS
from loadgate.render.rules.drafts import toml_string
from loadgate.text import docs, first_of

_SHOWN = 3
SERVER = 500  # from this status on the server is at fault
_NO_TEXTS = (
    "The run has no file with error texts: keep Locust's _failures.csv beside the statistics, or"
    f" judge its --html report ({docs('inputs')})."
)
_FEW_TEXTS = (
    "The statistics count more failures than the error texts do: `loadgate check` warns where"
    " another source of the run is fresher, and the --html report is complete"
    f" ({docs('inputs')})."
)
_CARVE_OUT = "Fix what fails; or, if it is right after all, change the rule."
_EXPIRED = (
    "If the reason still holds, set a later `expires`; otherwise fix what fails and remove the"
    " rule. Until then no rule below it is asked."
)
_SERVER_ERROR = "Fix the server; a 5xx is not an intended refusal."
_ERROR_RULE = f"a rule on `error` can excuse it ({docs('rules', 'rules')})"
_NOTHING_TO_TEACH = ("no-number", "no-answer", "silent", "cut-off", "raised-in-block")


def near_text(explanation: Explanation) -> str:
    """Return which rules only one condition keeps from matching; "": none."""
    parts = []
    for missed in ("status", *TEXT_CONDITIONS, "method"):
        if missed == "status" and (explanation.kind.status or 0) >= SERVER:
            continue  # a rule for a refusal is not near a broken server
        ids = _some([attempt.rule.id for attempt in _near(explanation, missed)])
        if ids:
            name = f"{missed} pattern" if missed in TEXT_CONDITIONS else missed
            parts.append(f"; {ids} would, but for the {name}")
    return "".join(parts)


def _near(explanation: Explanation, *missed: str) -> list[Attempt]:
    """Return the rules that only one of these conditions keeps from matching."""
    return [
        attempt for attempt in explanation.attempts if attempt.unmet in {(each,) for each in missed}
    ]


def _some(texts: Iterable[str]) -> str:
    return first_of(list(dict.fromkeys(texts)), _SHOWN)


def remedy(explanation: Explanation, *, no_log: bool) -> str:
    """Return what to do about true failures; `no_log`: their run has no error texts at all."""
    if explanation.reading is None:
        return _NO_TEXTS if no_log else _FEW_TEXTS
    if explanation.rule is not None:
        return _EXPIRED if explanation.expired else _CARVE_OUT
    if explanation.reading.status is not None and explanation.reading.status >= SERVER:
        return _SERVER_ERROR
    for attempt in _near(explanation, *TEXT_CONDITIONS):
        if attempt.around:
            pattern = f"{attempt.unmet[0]} = {toml_string(attempt.around)}"
            return (
                f"If {attempt.rule.id} is meant to match, write {pattern}: the whole text must"
                " match."
            )
    for attempt in _near(explanation, "endpoint"):
        if attempt.rule.endpoint.matches(explanation.kind.method, f"/{explanation.kind.name}"):
            return (
                f"If {attempt.rule.id} is meant to match, let its endpoint begin with ** instead of"
                " / or /**: the name has no first slash."
            )
    if explanation.reading.status is None:
        return _for_unknown_status(explanation)
    return _for_known_status(explanation, explanation.reading.status)


def _for_unknown_status(explanation: Explanation) -> str:
    """Return how to make a status known, where that helps."""
    form = explanation.reading.form if explanation.reading else ""
    if form in {"wordings-disagree", "taught-otherwise"}:
        return f"Make the wordings of [[status_texts]] narrower ({docs('rules', 'status-texts')})."
    if form in _NOTHING_TO_TEACH:
        return f"Fix what fails; or, if it is intended, {_ERROR_RULE}."
    near = _near(explanation, "status")
    then = f", and {_some(attempt.rule.id for attempt in near)} can match" if near else ""
    return (
        f"If the text does state the status, add its wording to [[status_texts]]{then}"
        f" ({docs('rules', 'status-texts')}); or, if it is intended, {_ERROR_RULE}."
    )


def _for_known_status(explanation: Explanation, status: int) -> str:
    """Return what a rule would have to say."""
    patterns = _near(explanation, *TEXT_CONDITIONS)
    if patterns:
        return (
            f"If {patterns[0].rule.id} is meant to match, correct its `{patterns[0].unmet[0]}`: the"
            " text does not have its words."
        )
    methods = [attempt.rule for attempt in _near(explanation, "method")]
    if methods:
        return (
            f"Fix what fails; or, if {methods[0].id} is meant to decide this, too, name the method"
            " in a rule."
        )
    return (
        f"Fix what fails; or, if a {status} is intended here, add a rule for this endpoint and"
        f" status, with the reason ({docs('rules', 'rules')})."
    )
