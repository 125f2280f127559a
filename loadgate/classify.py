"""Classification: every failure of a run sorted into expected and true, by a policy."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

from loadgate.errors import ContradictionError
from loadgate.matching import Matcher, TextFacts, expired
from loadgate.model import (
    IMPOSSIBLE,
    OTHER_SIGNATURES,
    SERVER_ERRORS,
    UNEXPLAINED,
    BudgetUse,
    Classification,
    Decision,
    EndpointResult,
    EndpointStats,
    FailureKind,
    Latency,
    Policy,
    Rule,
    RuleResult,
    RuleState,
    Run,
    Status,
)
from loadgate.name_pattern import Effort
from loadgate.rules.upkeep import (
    days_left,
    lost_carve_outs,
    odd_characters,
    overlooked,
    unfinished,
    when,
)
from loadgate.tally import Signatures, TrueLog, tally
from loadgate.text import endpoint_label, first_of, status_order

_CONTRADICTIONS_SHOWN = 5
_DRAFTS_SHOWN = 5
_IMPOSSIBLE_SHOWN = 5

_Endpoint = tuple[str, str]
_Kind = tuple[_Endpoint, tuple[Status | None, str, int | None, str | None], Decision, str | None]
"""Endpoint, status with its source, the likely one and the exception, decision, id of the rule."""


def classify(run: Run, policy: Policy) -> Classification:
    """Sort every failure of `run` by the rules of `policy`.

    Raises ContradictionError where the failures contradict the statistics, unless `run.partial`;
    then they are counted in the strict way, and the contradiction becomes a warning. Raises
    LoadgateError where the rules and the failures are too many to be held against each other.
    Memory does not grow with the number of failure rows.
    """
    ledger = _Ledger(policy)
    damage: list[str] = []
    if run.failure_log is not None:
        for (method, name, text, facts), count in tally(
            run.failure_log, policy, damage, ledger.effort
        ):
            ledger.enter((method, name), text, facts, count)
    for method, name, status, count in run.allowed or ():
        ledger.allow((method, name), status, count)
    ledger.damaged = bool(damage)
    contradictions = [*run.contradictions, *damage, *_contradictions(run, ledger.occurrences)]
    return ledger.close(run, contradictions)


class _Ledger:
    """The counts of one run while its failures are sorted."""

    def __init__(self, policy: Policy) -> None:
        self.damaged = False  # rows of the failure log could not be read
        self.occurrences: Counter[_Endpoint] = Counter()
        self._policy = policy
        self.effort = Effort()
        self._decider = Matcher(policy, why=False, effort=self.effort)
        self._matched: Counter[str] = Counter()
        self._excused: Counter[tuple[str, _Endpoint]] = Counter()
        self._expected: Counter[_Endpoint] = Counter()
        self._allowed: Counter[_Endpoint] = Counter()
        self._allowed_by: Counter[tuple[str, _Endpoint]] = Counter()
        self._kinds: defaultdict[_Kind, Signatures] = defaultdict(Signatures)
        self._counts_idle = any(one.metric.name == "idle_rules" for one in policy.thresholds)

    def enter(self, endpoint: _Endpoint, text: str, facts: TextFacts | None, count: int) -> None:
        """Decide on `count` failures of one endpoint with the settled skeleton `text`."""
        reading, kind, rule, decision = self._decider.decide(*endpoint, text, facts)
        self.occurrences[endpoint] += count
        if rule is not None:
            self._matched[rule.id] += count
            if decision == "expected":
                self._expected[endpoint] += count
                self._excused[rule.id, endpoint] += count
        status = (reading.status, reading.source, reading.likely, reading.exception)
        self._kinds[endpoint, status, decision, rule.id if rule else None].add(kind, count)

    def allow(self, endpoint: _Endpoint, status: int, count: int) -> None:
        """Count responses that are no failures, where a rule names their status."""
        rule = self._decider.naming(*endpoint, status)
        if rule is not None:
            self._allowed[endpoint] += count
            self._allowed_by[rule.id, endpoint] += count

    def close(self, run: Run, contradictions: list[str]) -> Classification:
        """Return the classification of `run` from what was entered."""
        stats = {(row.method, row.name): row for row in run.endpoints}
        for endpoint in self.occurrences.keys() - stats.keys():
            stats[endpoint] = _without_statistics(endpoint)
        endpoints = sorted(
            (self._endpoint_result(row) for row in stats.values()),
            key=lambda row: (-row.true, -row.expected, row.stats.name, row.stats.method),
        )
        total = _total(run.total, endpoints)
        kinds = tuple(self._failure_kinds(endpoints, total))
        no_effect = self._unmet(stats.keys(), kinds)
        allowed: Counter[str] = Counter()
        for (rule_id, _), count in self._allowed_by.items():
            allowed[rule_id] += count
        rules = tuple(
            RuleResult(
                rule=rule,
                matched=self._matched[rule.id],
                state=self._state(rule, allowed[rule.id]),
                allowed=allowed[rule.id],
                expiring=days_left(rule, self._policy) is not None,
                no_effect=no_effect.get(rule.id, ""),
            )
            for rule in self._policy.rules
        )
        return Classification(
            run=run,
            origins=self._policy.origins,
            total=total,
            endpoints=tuple(endpoints),
            failures=kinds,
            rules=rules,
            budgets=tuple(self._budgets(endpoints)),
            warnings=(
                *run.warnings,
                *contradictions,
                *self._warnings(run, endpoints, total, rules),
                *self._overlooked(rules, kinds),
                *_unreviewable(self._policy, kinds, self.effort),
            ),
            contradictions=tuple(contradictions),
            true_log=run.failure_log and TrueLog(run.failure_log, self._policy),
        )

    def _endpoint_result(self, row: EndpointStats) -> EndpointResult:
        endpoint = (row.method, row.name)
        expected = self._expected[endpoint]
        explained = self.occurrences[endpoint] - expected
        true = max(row.failures - expected, explained)
        return EndpointResult(
            stats=row,
            failures=expected + true,
            expected=expected,
            true=true,
            unexplained=true - explained,
            allowed=self._allowed[endpoint],
        )

    def _failure_kinds(
        self, endpoints: list[EndpointResult], total: EndpointResult
    ) -> list[FailureKind]:
        kinds = [
            FailureKind(
                method=method,
                name=name,
                status=status,
                status_from=status_from,
                likely_status=likely,
                exception=exception,
                decision=decision,
                signature=text,
                count=count,
                rule=rule,
            )
            for (at, known, decision, rule), texts in self._kinds.items()
            for status, status_from, likely, exception in [known]
            for method, name in [at]
            for text, count in [*texts.counts.items(), (OTHER_SIGNATURES, texts.other)]
            if count
        ]
        nowhere = total.unexplained - sum(row.unexplained for row in endpoints)
        unexplained = [(row.stats.method, row.stats.name, row.unexplained) for row in endpoints]
        kinds += [
            FailureKind(
                method=method,
                name=name,
                status=None,
                decision="true",
                signature=UNEXPLAINED,
                count=count,
                rule=None,
            )
            for method, name, count in [
                *unexplained,
                (total.stats.method, total.stats.name, nowhere),
            ]
            if count
        ]
        return sorted(
            kinds,
            key=lambda kind: (
                kind.decision == "expected",
                (kind.status or kind.likely_status) not in SERVER_ERRORS,
                -kind.count,
                kind.name,
                kind.method,
                status_order(kind.status),
                kind.likely_status or 0,
                kind.signature,
                kind.status_from,
                kind.exception or "",
                kind.rule or "",
            ),
        )

    def _budgets(self, endpoints: list[EndpointResult]) -> Iterator[BudgetUse]:
        for rule in self._policy.rules:
            if rule.at_most is None:
                continue
            for row in endpoints:
                place = rule.id, (row.stats.method, row.stats.name)
                excused, allowed = self._excused[place], self._allowed_by[place]
                if excused or (allowed and not expired(rule, self._policy)):
                    yield BudgetUse(rule=rule, stats=row.stats, expected=excused, allowed=allowed)

    def _state(self, rule: Rule, allowed: int) -> RuleState:
        if expired(rule, self._policy):
            return "expired"
        return "used" if self._matched[rule.id] or allowed else "idle"

    def _unmet(
        self, endpoints: Collection[_Endpoint], kinds: Sequence[FailureKind]
    ) -> dict[str, str]:
        """Return why carve-outs protect nothing, where a check counts them."""
        if not self._counts_idle:
            return {}
        from loadgate.rules.lint.carve_outs import no_effect  # with all of lint; rarely needed

        idle = [rule for rule in self._policy.rules if not (rule.excuses or self._matched[rule.id])]
        return dict(no_effect(self._policy, idle, endpoints, kinds))

    def _warnings(
        self,
        run: Run,
        endpoints: list[EndpointResult],
        total: EndpointResult,
        rules: tuple[RuleResult, ...],
    ) -> Iterator[str]:
        if total.unexplained and run.failure_log is not None:
            why = "rows of their file were left out" if self.damaged else _why_unexplained(run)
            yield (
                f"{total.unexplained:,} of {total.failures:,} failures have no error text and count"
                f" as true: {why}"
            )
        yield from _without_reason(rules)
        for result in rules:
            if result.no_effect:
                yield f"carve-out {result.rule.id} protects nothing: {result.no_effect}"
            if result.allowed and not result.rule.excuses:
                yield (
                    f"the locustfile counts {result.allowed:,} responses as successes that"
                    f" carve-out {result.rule.id} is about"
                )
        # A check that is about them names them.
        checked = {threshold.metric.name for threshold in self._policy.thresholds}
        for result in rules:
            if result.state == "expired" and "expired_rules" not in checked:
                matched = f"the {result.matched:,} failures it matches count as true"
                yield (
                    f"rule {result.rule.id} expired on {result.rule.expires}:"
                    f" {matched if result.matched else 'it excuses nothing'}"
                )
            left = days_left(result.rule, self._policy)
            if left is not None and "expiring_rules" not in checked:
                yield (
                    f"rule {result.rule.id} expires {when(left)} (last day"
                    f" {result.rule.expires}); renew it, or what it excuses will count as true"
                )
        yield from _impossible(endpoints, total)

    def _overlooked(
        self, rules: tuple[RuleResult, ...], kinds: tuple[FailureKind, ...]
    ) -> Iterator[str]:
        """Say which idle rules miss failures only because an error must match the whole text."""
        for result in rules:
            found = None
            if result.state == "idle":
                found = overlooked(result.rule, self._policy, kinds, self.effort)
            if found:
                yield (
                    f"rule {result.rule.id} matched nothing: a pattern must match the whole text;"
                    f" {found[0]} would match {found[1]:,} failures"
                )


def _unreviewable(policy: Policy, kinds: Sequence[FailureKind], effort: Effort) -> Iterator[str]:
    """Say what of a policy its reviewers did not see: hidden characters, lost carve-outs."""
    odd = [
        f"{origin}: {f'rule {rule.id} ' if rule else ''}{sentence}"
        for origin, rule, sentence in odd_characters(policy)
    ]
    for found in (odd, list(lost_carve_outs(policy, kinds, effort))):
        yield from found[:_DRAFTS_SHOWN]
        if len(found) > _DRAFTS_SHOWN:
            more = len(found) - _DRAFTS_SHOWN
            yield f"{more:,} more of this kind; `loadgate rules lint` lists them"


def _impossible(endpoints: Sequence[EndpointResult], total: EndpointResult) -> Iterator[str]:
    """Say where more requests failed than were made."""
    found = [row.stats for row in (*endpoints, total) if row.stats.failures > row.stats.requests]
    for row in found[:_IMPOSSIBLE_SHOWN]:
        where = "the whole run" if row is total.stats else row.endpoint
        yield (
            f"{IMPOSSIBLE}{row.failures:,} failures but only {row.requests:,} requests at {where};"
            " rates there count as 100%. Find out what reports failures without requests"
        )
    if len(found) > _IMPOSSIBLE_SHOWN:
        yield f"the same at {len(found) - _IMPOSSIBLE_SHOWN:,} more endpoints"


def _why_unexplained(run: Run) -> str:
    """Say why some failures have no text."""
    paths = {source.role: source.path for source in run.sources}
    if paths["failures"] == paths["statistics"]:
        return f"{paths['failures']} does not hold all of them"
    if paths["statistics"].lower().endswith(".json"):
        return (
            f"{paths['failures']} is up to a second older than {paths['statistics']}, which has no"
            " texts; locust --html writes counts and texts into one file"
        )
    return f"{paths['failures']} is older than the statistics, or Locust's writer died"


def _without_reason(rules: tuple[RuleResult, ...]) -> Iterator[str]:
    """Say how many failures are excused by drafts, whose reason nobody has written yet."""
    drafts = [
        each
        for each in rules
        if each.matched and each.state == "used" and each.rule.excuses and unfinished(each.rule)
    ]
    if drafts:
        ids = first_of([each.rule.id for each in drafts], _DRAFTS_SHOWN)
        yield (
            f"{sum(each.matched for each in drafts):,} failures are excused by rules without a"
            f" reason: {ids}; write their why, or remove them"
        )


def _without_statistics(endpoint: _Endpoint) -> EndpointStats:
    """Stand in for the statistics of an endpoint that has only failures."""
    return EndpointStats(
        method=endpoint[0], name=endpoint[1], requests=0, failures=0, latency=Latency(), rps=None
    )


def _total(stats: EndpointStats, endpoints: list[EndpointResult]) -> EndpointResult:
    """Sum up the endpoints; what only the total knows of is unexplained."""
    expected = sum(row.expected for row in endpoints)
    explained = sum(row.true - row.unexplained for row in endpoints)
    true = max(stats.failures - expected, sum(row.true for row in endpoints))
    return EndpointResult(
        stats=stats,
        failures=expected + true,
        expected=expected,
        true=true,
        unexplained=true - explained,
        allowed=sum(row.allowed for row in endpoints),
    )


def _contradictions(run: Run, occurrences: Counter[_Endpoint]) -> list[str]:
    """Find what the failures say against the statistics; raise unless that is allowed."""
    failures = {(row.method, row.name): row.failures for row in run.endpoints}
    found = []
    for (method, name), count in sorted(occurrences.items()):
        endpoint = endpoint_label(method, name)
        known = failures.get((method, name))
        if known is None:
            found.append(f"{endpoint!r} failed {count:,} times, but the statistics do not have it")
        elif count > known:
            found.append(
                f"{endpoint!r} has {count:,} failures with a text, but only {known:,}"
                " in the statistics"
            )
    if len(found) > _CONTRADICTIONS_SHOWN:
        more = len(found) - _CONTRADICTIONS_SHOWN
        found[_CONTRADICTIONS_SHOWN:] = [f"the same at {more:,} more endpoints"]
    if found and not run.partial:
        place = next((s.path for s in run.sources if s.role == "failures"), run.label)
        listed = "".join(f"\n  {problem}" for problem in found)
        raise ContradictionError(place, f"the failures contradict the statistics:{listed}")
    return found
