"""Summaries of runs that were just judged: the same as those of the documents they would have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from loadgate.checks import times_and_rps
from loadgate.masking import Endpoint, distinct, mask_link, mask_secrets, mask_secrets_but
from loadgate.model import AtEndpoint, Check, EndpointResult, RuleResult, Verdict
from loadgate.rules.upkeep import proposed_patterns
from loadgate.runs.fields import LARGEST_COUNT, LARGEST_NUMBER, FieldError
from loadgate.runs.sums import FAILING, check_order, check_span, check_sums, failed_check
from loadgate.summary import EndpointCounts, KindCount, RuleUse, RunSummary
from loadgate.text import encodable, endpoint_label


def summarise(verdict: Verdict, source: str) -> RunSummary:
    """Return what a report needs of a run, with its texts masked as in documents.

    Raises FieldError where a document of the run would be refused.
    """
    classification = verdict.classification
    run, total, time = classification.run, classification.total, classification.run.time
    if time is None:
        raise FieldError("run.started: does not say when the run was, nor does its file")
    kept = proposed_patterns(classification.rules)

    def masked(text: str) -> str:
        return encodable(mask_secrets_but(text, kept))

    endpoints = [(row.stats.method, row.stats.name) for row in classification.endpoints]
    names = distinct(endpoints, mask_secrets)

    def named(at: AtEndpoint) -> Endpoint:
        method, name = names.get((at.method, at.name)) or (masked(at.method), masked(at.name))
        return encodable(method), encodable(name)

    summary = RunSummary(
        source=source,
        label=masked(run.label),
        started=time.started,
        ended=time.ended,
        time_from=time.source,
        branch=masked(verdict.provenance.branch),
        commit=masked(verdict.provenance.commit),
        link=encodable(mask_link(verdict.provenance.link)),
        outcome=verdict.outcome,
        partial=run.partial,
        rejudged=True,
        rules_from=tuple(map(masked, classification.origins)),
        requests=total.stats.requests,
        failures=total.failures,
        expected=total.expected,
        true=total.true,
        p95=_p95(total, "totals"),
        endpoints=tuple(
            EndpointCounts(
                *named(row.stats),
                row.stats.requests,
                row.failures,
                row.expected,
                row.true,
                _p95(row, f"endpoints[{number}]"),
            )
            for number, row in enumerate(classification.endpoints)
        ),
        kinds=tuple(
            KindCount(
                *named(kind),
                kind.status,
                kind.decision,
                masked(kind.signature),
                None if kind.rule is None else masked(kind.rule),
                kind.count,
            )
            for kind in classification.failures
        ),
        rules=tuple(_rule(result, verdict.checks, masked) for result in classification.rules),
        failed_checks=tuple(_failed(verdict.checks, names, masked)),
        task_exceptions=run.task_exceptions,
    )
    check_span(summary.started, summary.ended)
    check_sums(summary, classification.warnings)
    return summary


def _p95(row: EndpointResult, where: str) -> float | None:
    """Return the 95th percentile, of numbers that a document may have."""
    for name, count in (("requests", row.stats.requests), ("failures", row.failures)):
        if count > LARGEST_COUNT:
            raise FieldError(f"{where}.{name}: must be from 0 to {LARGEST_COUNT:,}")
    known = times_and_rps(row.stats)
    times = {name: float(number) for name, number in known.items() if number is not None}
    for name, number in times.items():
        if not 0 <= number <= LARGEST_NUMBER:
            raise FieldError(f"{where}.{name}: must be a number of at least 0, not {number:g}")
    check_order(where, times)
    return times.get("p95")


def _rule(result: RuleResult, checks: Sequence[Check], masked: Callable[[str], str]) -> RuleUse:
    rule = result.rule
    used = [check.actual for check in checks if check.rule == rule.id and check.actual is not None]
    return RuleUse(
        id=masked(rule.id),
        why=masked(rule.why),
        matched=result.matched,
        state=result.state,
        excuses=rule.excuses,
        budget=None if rule.at_most is None else float(rule.at_most),
        used=float(max(used)) if used else None,
        expires=rule.expires,
    )


def _failed(
    checks: Sequence[Check], names: Mapping[Endpoint, Endpoint], masked: Callable[[str], str]
) -> Iterator[str]:
    labels = {endpoint_label(*old): endpoint_label(*new) for old, new in names.items()}
    for check in checks:
        if check.result in FAILING and check.severity == "error":
            endpoint = check.endpoint and masked(labels.get(check.endpoint, check.endpoint))
            yield failed_check(masked(check.require), check.rule and masked(check.rule), endpoint)
