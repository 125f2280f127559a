"""The gate: every threshold and budget of a policy, held against a classified run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from loadgate.baseline import Baseline, Pairing
from loadgate.checks import Judged, abort_check, budget_check, checks_of, measured_row
from loadgate.errors import UsageError
from loadgate.history import History
from loadgate.metrics import by_status
from loadgate.model import (
    Check,
    Classification,
    EndpointResult,
    Outcome,
    Policy,
    Reference,
    Threshold,
    Verdict,
)
from loadgate.name_pattern import Effort
from loadgate.rules.thresholds import (
    DEFAULT,
    allows,
    limits_true_failures,
    run_threshold,
    wants_no_limit,
)
from loadgate.share import hopeless, told_hopeless
from loadgate.text import classes, first_of

MOST_CHECKS = 100_000
"""Checks of a run: a threshold with an endpoint makes one for each that matches."""
_ENDPOINTS_NAMED = 5
_DEFAULT = run_threshold(DEFAULT, "default")

_Held = tuple[Threshold, Check]


def evaluate(
    classification: Classification,
    policy: Policy,
    baseline: Baseline | None = None,
    history: Baseline | History | None = None,
) -> Verdict:
    """Hold the classification against every threshold and budget of the policy.

    The default threshold holds unless one of the policy, decided here, limits the true failures of
    the whole run as an error, and not so loosely that most of its requests may fail. Without a
    baseline, thresholds that need one are missing, which fails; where the baseline says that there
    is none, which was allowed, there is not enough data for them. The same holds for a history.
    Raises UsageError where the run itself is part of the baseline, or its history is too short.

    All arithmetic that decides is exact: a rate is a fraction of two whole numbers, a limit the
    decimal number that was written, so 1 of 1,000 meets `<= 0.1%`.
    """
    given: dict[Reference, Baseline | History | None] = {"baseline": baseline, "history": history}
    earlier = {name: one.before(classification) for name, one in given.items() if one is not None}
    effort, timeline = Effort(), None
    if classification.run.recorded is not None:
        from loadgate.windows import Timeline  # with all that reads recordings

        timeline = Timeline(classification.run.recorded, policy, effort)
    judged = Judged(
        classification=classification,
        earlier=earlier,
        pairings={
            name: Pairing(classification, one.measured)
            for name, one in earlier.items()
            if one.measured is not None
        },
        statuses=by_status(
            ((kind.method, kind.name), kind.status, kind.count) for kind in classification.failures
        ),
        likely=by_status(
            ((kind.method, kind.name), kind.status or kind.likely_status, kind.count)
            for kind in classification.failures
        ),
        timeline=timeline,
        effort=effort,
    )
    every = ((one, check) for one in policy.thresholds for check in checks_of(one, judged))
    held = list(islice(every, MOST_CHECKS + 1))
    if len(held) > MOST_CHECKS:
        raise UsageError(
            f"{len(policy.thresholds):,} thresholds make more than {MOST_CHECKS:,} checks of"
            f" {len(classification.endpoints):,} endpoints\n"
            "  Let them match fewer endpoints, or give the requests fewer names in the locustfile.",
            page="refusals#limits",
        )
    own = [
        (one, check)
        for one, check in held
        if limits_true_failures(one) and check.result != "not-enough-data"
    ]
    loose = all(_lets_most_fail(one, check, classification.total) for one, check in own)
    default = loose and not any(wants_no_limit(one) for one, _ in own)
    # Where the policy has such a limit, the default one may hold now and not at the end.
    lone = policy.abort and not any(map(limits_true_failures, policy.thresholds))
    of_default = checks_of(replace(_DEFAULT, abort=lone), judged) if default else ()
    checks = (
        *([abort_check(classification.run)] if classification.run.aborted else []),
        *(replace(check, note="default limit") for check in of_default),
        *(check for _, check in held),
        *(budget_check(use, abort=policy.abort) for use in classification.budgets),
    )
    outcome = _outcome(classification, checks)
    warnings = (
        *classification.warnings,
        *(text for name in earlier for text in _about_earlier(name, policy, judged)),
        *(_about_loose(own, classification.total, default=default) if own and loose else ()),
        *_about_failures(policy, classification, outcome),
    )
    return Verdict(
        classification=replace(
            classification, warnings=warnings, run=replace(classification.run, recorded=None)
        ),
        outcome=outcome,
        checks=checks,
        baseline=_sources(earlier.get("baseline")),
        history=_sources(earlier.get("history")),
    )


def _sources(earlier: Baseline | None) -> tuple[str, ...]:
    return () if earlier is None else tuple(source for _, source in earlier.runs)


_EXAMPLES: dict[Reference, str] = {
    "baseline": "new_failure_kinds <= 0",
    "history": "p95 <= history + 10%",
}


def _about_earlier(name: Reference, policy: Policy, judged: Judged) -> Iterator[str]:
    """Yield what must be said of earlier runs, and why they are hard to compare with."""
    yield from judged.earlier[name].warnings
    pairing = judged.pairings.get(name)
    if pairing is None:
        return
    if name not in map(judged.reference, policy.thresholds):
        yield f"no threshold uses the {name}; add {_EXAMPLES[name]}"
    other = pairing.other_load(measured_row(judged.classification.total, None, judged))
    if other and name == "baseline":  # of a history those were left out
        yield f"the baseline ran under a different load, so comparisons mean little: {other}"


def _about_loose(own: Sequence[_Held], total: EndpointResult, *, default: bool) -> Iterator[str]:
    """Say which limit holds where most requests may fail by each of the policy's own."""
    if default:
        requires = " and ".join(dict.fromkeys(check.require for _, check in own))
        yield (
            f"{requires} would pass a run of {total.stats.requests:,} requests in which most fail,"
            f" so the default limit {DEFAULT} holds, too; set a lower limit"
        )
    else:
        require = next(check.require for one, check in own if wants_no_limit(one))
        yield f"no limit on true failures: {require} replaces the default {DEFAULT}"


def _lets_most_fail(threshold: Threshold, check: Check, total: EndpointResult) -> bool:
    """Say whether a run of that size meets an upper limit when more than half of it fails."""
    requests = total.stats.requests
    if check.limit is None or not requests:
        return False
    return allows(threshold, check.limit, requests // 2 + 1, requests)


def _about_failures(
    policy: Policy, classification: Classification, outcome: Outcome
) -> Iterator[str]:
    """Yield the failures that the checks may not show."""
    exceptions = classification.run.task_exceptions
    if exceptions and not any(one.metric.name == "task_exceptions" for one in policy.thresholds):
        raised = classes(classification.run.task_errors)
        yield (
            f"{exceptions:,} exceptions were raised in tasks{raised}, outside requests, and no"
            " limit covers them; add task_exceptions <= 0"
        )
    failing = hopeless(classification.endpoints)
    if failing:
        named = [f"{one.endpoint} ({one.requests:,})" for one in failing]
        remedy = '; to fail the gate on that, add true_failure_rate <= 50% with endpoint = "**"'
        yield (
            told_hopeless(first_of(named, _ENDPOINTS_NAMED))
            + (remedy if outcome == "passed" else "")
        )


def _outcome(classification: Classification, checks: tuple[Check, ...]) -> Outcome:
    if classification.total.stats.requests == 0:
        return "no-evidence"
    return "failed" if any(check.fails for check in checks) else "passed"
