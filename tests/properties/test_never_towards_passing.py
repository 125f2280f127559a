"""What can only make a verdict worse: more true failures, fewer excuses, texts that are missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from builders import TODAY, threshold
from hypothesis import assume, event, given
from hypothesis import strategies as st

from loadgate.classify import classify
from loadgate.gate import evaluate
from loadgate.matching import expired
from loadgate.model import Check, Policy, Rule, Threshold, Verdict
from loadgate.rules.thresholds import allows, wants_no_limit

from .worlds import (
    ABOUT_TRUE,
    ENDPOINTS,
    FAILURES,
    PROPERTY,
    RULES,
    WORLDS,
    Endpoint,
    Failure,
    World,
    policy_of,
    thresholds,
)

ANY = st.lists(thresholds(), max_size=3)
# Fewer expected failures meet a limit on expected ones, so these are for excuses that go away.
ON_TRUE = st.lists(thresholds(ABOUT_TRUE), max_size=3)
BROKEN = {"failed", "missing"}


def judged(world: World, policy: Policy) -> Verdict:
    """Return the verdict on a world."""
    return evaluate(classify(world.run(), policy), policy)


def broken(of: Verdict, without: Rule | None = None) -> Counter[tuple[str, str | None, str | None]]:
    """Return the checks that fail, but for the budget of one rule."""
    return Counter(
        (check.require, check.endpoint, check.rule)
        for check in of.checks
        if check.result in BROKEN and (without is None or check.rule != without.id)
    )


def assert_no_better(was: Verdict, now: Verdict) -> None:
    """Whatever failed still fails.

    But for the default limit: it stands in for one that has not enough requests, until it has.
    """
    event(f"{was.outcome} -> {now.outcome}")  # pytest --hypothesis-show-statistics
    failed = broken(was)
    if not any(map(is_default, now.checks)):
        failed = broken(replace(was, checks=tuple(c for c in was.checks if not is_default(c))))
    assert failed <= broken(now)
    if failed and was.outcome == "failed":
        assert now.outcome == "failed"


def is_default(check: Check) -> bool:
    """Say whether a check is the limit that holds where the policy has none."""
    return check.note == "default limit"


def true_by_endpoint(of: Verdict) -> dict[Endpoint, int]:
    """Return the true failures of every endpoint."""
    return {(row.stats.method, row.stats.name): row.true for row in of.classification.endpoints}


@PROPERTY
@given(WORLDS, RULES, ANY, st.lists(FAILURES, min_size=1, max_size=4), st.data())
def test_more_true_failures_never_pass(
    world: World,
    rules: list[Rule],
    demanded: list[Threshold],
    more: list[Failure],
    data: st.DataObject,
) -> None:
    """Requests that succeeded fail instead, for a reason that no rule excuses."""
    assume(world.successes)
    places = st.sampled_from(sorted(world.successes))
    policy = policy_of([rule for rule in rules if not rule.globs], demanded)
    after = world.with_failures(
        *(replace(each, endpoint=data.draw(places), text="refused", status=None) for each in more)
    )
    was, now = judged(world, policy), judged(after, policy)
    added = sum(after.failed().values()) - sum(world.failed().values())
    assert now.classification.total.true == was.classification.total.true + added
    assert now.classification.total.expected == was.classification.total.expected
    assert_no_better(was, now)


@PROPERTY
@given(WORLDS, RULES, ON_TRUE, st.integers(1, 50), st.data())
def test_texts_that_are_missing_never_pass(
    world: World, rules: list[Rule], demanded: list[Threshold], count: int, data: st.DataObject
) -> None:
    """A failures file that lacks rows excuses less, and a failure that it lacks is true.

    Only a budget can be met that was not, as fewer failures are known to use it.
    """
    assume(world.failures)
    lost = data.draw(st.sampled_from(world.failures))
    missing = min(count, lost.count)
    kept = [each for each in world.failures if each is not lost]
    if missing < lost.count:
        kept.append(replace(lost, count=lost.count - missing))
    untold = {**world.untold, lost.endpoint: world.untold.get(lost.endpoint, 0) + missing}
    after = replace(world, failures=tuple(kept), untold=untold)
    policy = policy_of([replace(rule, at_most=None) for rule in rules], demanded)
    was, now = judged(world, policy), judged(after, policy)
    assert now.classification.total.failures == was.classification.total.failures
    assert now.classification.total.true >= was.classification.total.true
    assert_no_better(was, now)


@PROPERTY
@given(WORLDS, RULES, ON_TRUE, st.data())
def test_taking_an_excuse_away_never_passes(
    world: World, rules: list[Rule], demanded: list[Threshold], data: st.DataObject
) -> None:
    """Without a rule that excuses, all that failed still fails but for that rule's own budget.

    Carve-outs are left out, and so are expired rules, which are carve-outs by then: they still
    match, so that no wider rule takes over what they excused.
    """
    excusing = [rule for rule in rules if rule.excuses and not expired(rule, policy_of([]))]
    assume(excusing)
    taken = data.draw(st.sampled_from(excusing))
    was = judged(world, policy_of(rules, demanded))
    now = judged(world, policy_of([rule for rule in rules if rule is not taken], demanded))
    before, after = true_by_endpoint(was), true_by_endpoint(now)
    assert all(after[endpoint] >= count for endpoint, count in before.items())
    assert broken(was, without=taken) <= broken(now)
    if taken.at_most is None:
        assert_no_better(was, now)


@PROPERTY
@given(WORLDS, RULES, ON_TRUE, ENDPOINTS, st.integers(1, 500))
def test_an_endpoint_that_only_fails_never_passes(
    world: World, rules: list[Rule], demanded: list[Threshold], place: Endpoint, count: int
) -> None:
    """A new endpoint that no threshold is about makes no check better, be it broken all through."""
    assume(place not in world.failed() and place not in world.successes)
    assume(not any(each.endpoint and each.endpoint.matches(*place) for each in demanded))
    policy = policy_of([rule for rule in rules if not rule.globs], demanded)
    alone = Failure(endpoint=place, text="refused", status=None, count=count)
    after = replace(world, failures=(*world.failures, alone))
    assume(any(world.successes.values()) or world.failures)  # or there is no evidence at first
    assert_no_better(judged(world, policy), judged(after, policy))


@PROPERTY
@given(WORLDS, RULES, ANY, ENDPOINTS, st.integers(1, 500))
def test_an_unrelated_endpoint_changes_no_other(
    world: World, rules: list[Rule], demanded: list[Threshold], place: Endpoint, count: int
) -> None:
    """Successes elsewhere are more requests of the run, and nothing to any other endpoint."""
    assume(place not in world.failed() and place not in world.successes)
    assume(not any(each.endpoint and each.endpoint.matches(*place) for each in demanded))
    policy = policy_of(rules, demanded)
    was = judged(world, policy)
    now = judged(replace(world, successes={**world.successes, place: count}), policy)
    assert by_endpoint(was) == by_endpoint(now)
    counts = [
        [check for check in of.checks if check.endpoint is None and check.metric.kind == "count"]
        for of in (was, now)
    ]
    assert [check.actual for check in counts[0]] == [check.actual for check in counts[1]]


def by_endpoint(of: Verdict) -> list[Check]:
    """Return the checks of single endpoints, without hints, which a run without requests lacks."""
    return [replace(check, note="") for check in of.checks if check.endpoint is not None]


@PROPERTY
@given(WORLDS, RULES, ON_TRUE, st.integers(0, 800))
def test_time_never_passes(
    world: World, rules: list[Rule], demanded: list[Threshold], days: int
) -> None:
    """The same run by the same rules, later: rules expire, and nothing begins to be excused.

    An expired rule excuses nothing, so that its budget is not used up any more.
    """
    unlimited = [replace(rule, at_most=None) for rule in rules]
    was = judged(world, policy_of(unlimited, demanded))
    now = judged(world, policy_of(unlimited, demanded, TODAY + timedelta(days=days)))
    before, after = true_by_endpoint(was), true_by_endpoint(now)
    assert all(after[endpoint] >= count for endpoint, count in before.items())
    assert_no_better(was, now)


@PROPERTY
@given(WORLDS, RULES, ANY)
def test_no_limit_elsewhere_takes_the_default_one_away(
    world: World, rules: list[Rule], demanded: list[Threshold]
) -> None:
    """A run with more than 1 % true failures passes by an own limit of the whole run alone.

    That is one which a run of the same size does not meet when most of its requests fail.
    """
    of = judged(world, policy_of(rules, demanded))
    total = of.classification.total
    requests = total.stats.requests
    own = [
        each
        for each in demanded
        if each.endpoint is None
        and each.metric.name in ABOUT_TRUE
        and requests >= each.min_requests
        and isinstance(each.limit, Fraction)
        and not (requests and allows(each, each.limit, requests // 2 + 1, requests))
    ]
    wanted = [each for each in demanded if each.endpoint is None and wants_no_limit(each)]
    own += [each for each in wanted if requests >= each.min_requests]
    if not requests:  # nothing was tested, so no limit decides
        assert of.outcome == "no-evidence"
        return
    if total.true * 100 > requests and not own:
        assert of.outcome == "failed"
    assert [check.note == "default limit" for check in of.checks].count(True) == (not own)


@PROPERTY
@given(WORLDS, RULES, ANY, thresholds(), st.data())
def test_stricter_demands_never_pass(
    world: World,
    rules: list[Rule],
    demanded: list[Threshold],
    more: Threshold,
    data: st.DataObject,
) -> None:
    """One more threshold, a lower budget, no leeway for chance or small numbers.

    Beside an own limit on true failures, that is: the first one replaces the default limit.
    """
    demanded = [threshold("true_failure_rate <= 1%"), *demanded]
    was = judged(world, policy_of(rules, demanded))
    assert_no_better(was, judged(world, policy_of(rules, [*demanded, more])))
    certain = [replace(each, confidence=None) for each in demanded]
    assert_no_better(was, judged(world, policy_of(rules, certain)))
    enough = [replace(each, min_requests=0) for each in demanded]
    assert_no_better(was, judged(world, policy_of(rules, enough)))
    required = [replace(each, optional=False) for each in demanded]
    assert_no_better(was, judged(world, policy_of(rules, required)))
    share = data.draw(st.fractions(0, 1))
    tighter = [
        rule if rule.at_most is None else replace(rule, at_most=rule.at_most * share)
        for rule in rules
    ]
    assert_no_better(was, judged(world, policy_of(tighter, demanded)))
    # "< 100%" says that not every request fails, which no chance is left for; "< 99%" leaves some.
    lower = [
        each
        if not isinstance(each.limit, Fraction)
        or (each.limit == 1 and each.operator == "<" and each.confidence is not None)
        else replace(each, limit=each.limit * share)
        for each in demanded
    ]
    assert_no_better(was, judged(world, policy_of(rules, lower)))


@PROPERTY
@given(WORLDS, RULES, ON_TRUE, st.data())
def test_a_carve_out_never_passes(
    world: World, rules: list[Rule], demanded: list[Threshold], data: st.DataObject
) -> None:
    """A rule that says "this is a failure" in front of all others only ever adds true failures."""
    assume(rules)
    carved = replace(data.draw(st.sampled_from(rules)), id="carve-out", excuses=False, at_most=None)
    unlimited = [replace(rule, at_most=None) for rule in rules]
    was = judged(world, policy_of(unlimited, demanded))
    now = judged(world, policy_of([carved, *unlimited], demanded))
    assert now.classification.total.true >= was.classification.total.true
    assert_no_better(was, now)
