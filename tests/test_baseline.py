"""Runs to hold a run against: taken together exactly, compared by their masked names."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import builders
import pytest
from builders import STATE, classification, endpoint_result, failure_kind, metric, policy, threshold
from hypothesis import given
from hypothesis import strategies as st

from loadgate import read_run
from loadgate.baseline import (
    ABSENT,
    Baseline,
    Measured,
    Pairing,
    together,
)
from loadgate.classify import classify
from loadgate.errors import ResultError, UsageError
from loadgate.gate import evaluate
from loadgate.identity import Identity, Kind, identity, same_run
from loadgate.metrics import Row, exact, median, value
from loadgate.model import (
    OTHER_SIGNATURES,
    UNEXPLAINED,
    Check,
    Classification,
    FailureKind,
    Latency,
)
from loadgate.rules.thresholds import run_threshold

P95 = Fraction(100)
BEGAN = datetime(2026, 11, 20, 2, tzinfo=UTC)


def row(
    requests: int = 1000,
    *,
    expected: int = 0,
    true: int = 5,
    runs: int = 1,
    task_exceptions: int | None = None,
    numbers: Mapping[str, Fraction] | None = None,
) -> Row:
    """Return what runs measured; by default 5 of 1,000 requests truly failed, the p95 is 100 ms."""
    return Row(
        runs=runs,
        requests=requests,
        failures=expected + true,
        expected=expected,
        true=true,
        task_exceptions=None if task_exceptions is None else Fraction(task_exceptions),
        numbers={"p95": P95, "rps": Fraction(10)} if numbers is None else numbers,
    )


def measured(
    total: Row | None = None,
    endpoints: Mapping[tuple[str, str], Row] | None = None,
    kinds: frozenset[Kind] = frozenset(),
    unsure: frozenset[tuple[str, str]] = frozenset(),
) -> Measured:
    """Return a run that has one endpoint, that of `STATE`, unless others are named."""
    whole = total or row()
    return Measured(
        total=whole,
        endpoints={("POST", STATE): whole} if endpoints is None else endpoints,
        unsure=unsure,
        kinds=kinds,
    )


def minutes(began: float, ended: float) -> tuple[datetime, datetime]:
    """Return the span of a run, in minutes of one night."""
    return BEGAN + timedelta(minutes=began), BEGAN + timedelta(minutes=ended)


def known_run(**changes: Any) -> Identity:
    """Return what tells a run of 1,000 requests, five of them failed, from others."""
    of_run = Identity(
        span=minutes(0, 5),
        counts={("POST", STATE): (1000, 5)},
        failed={("POST", STATE, 500, ""): 5},
        times={"median": Fraction(40), "max": Fraction(200)},
        extremes={("POST", STATE): (Fraction("0.9"), Fraction("200.2"))},
    )
    return replace(of_run, **changes)


def baseline(of: Measured | None = None, *, warnings: tuple[str, ...] = ()) -> Baseline:
    """Return the baseline of one run."""
    return Baseline(
        measured=of or measured(), runs=((known_run(), "base.json"),), warnings=warnings
    )


def check(
    require: str,
    of: Classification | None = None,
    against: Baseline | None = None,
    *,
    endpoint: str | None = None,
    optional: bool = False,
    min_requests: int = 0,
    confidence: float | None = None,
) -> Check:
    """Hold a run against one threshold, beside a baseline."""
    one = threshold(
        require,
        endpoint=endpoint,
        optional=optional,
        min_requests=min_requests,
        confidence=confidence,
    )
    verdict = evaluate(of or classification(), policy(thresholds=[one]), against or baseline())
    return verdict.checks[-1]


def run(true: int = 0, *, requests: int = 1000, name: str = STATE) -> Classification:
    """Return a run of one endpoint; its p95 is 40 ms, its throughput 5 a second."""
    one = endpoint_result(name, requests=requests, expected=0, true=true)
    return classification(endpoints=[one], failures=[])


# --- several runs -----------------------------------------------------------------------------------


def test_counts_are_summed_up_and_times_are_medians() -> None:
    """A rate is that of all requests, a time that of the run in the middle, a count the mean."""
    runs = [
        measured(row(1000, true=10, numbers={"p95": Fraction(10)}, task_exceptions=3)),
        measured(row(3000, true=10, numbers={"p95": Fraction(30)})),
        measured(row(1000, true=0, numbers={"p95": Fraction(500)}, task_exceptions=4)),
        measured(row(1000, true=4, numbers={})),
    ]
    total = together(runs).total
    assert value(total, metric("true_failure_rate")) == Fraction(24, 6000)
    assert value(total, metric("p95")) == 30
    assert value(total, metric("requests")) == 1500
    assert value(total, metric("failures")) == 6
    assert value(total, metric("failure_rate")) == Fraction(24, 6000)
    assert value(total, metric("expected_failures")) == 0
    assert value(total, metric("task_exceptions")) == Fraction(7, 2)
    assert value(total, metric("rps")) is None
    assert total.runs == 4


def test_runs_of_a_baseline_count_the_same() -> None:
    """However many requests one of them made: a rate or count is that of the run in the middle."""
    runs = [
        measured(row(1000, true=10, task_exceptions=3)),
        measured(row(10**14, true=10**14, numbers={})),
        measured(row(2000, true=10)),
    ]
    weighed = together(runs, weighed=True)
    for total in (weighed.total, weighed.endpoints["POST", STATE]):
        assert value(total, metric("true_failure_rate")) == Fraction(1, 100)
        assert value(total, metric("requests")) == 2000
        assert value(total, metric("true_failures")) == 10
        assert value(total, metric("p95")) == P95
        assert value(total, metric("avg")) is None
        assert value(total, metric("task_exceptions")) == 3
        assert total.runs == 3


def test_endpoints_and_kinds_are_those_of_all_runs() -> None:
    """An endpoint of one run only counts by that run, and a failure of any run is known."""
    one: Kind = ("GET", "/a", 500, "one")
    two: Kind = ("GET", "/b", 500, "two")
    both = together(
        [
            measured(endpoints={("GET", "/a"): row(10, true=1)}, kinds=frozenset([one])),
            measured(
                endpoints={("GET", "/a"): row(30, true=0), ("GET", "/b"): row(7)},
                kinds=frozenset([two]),
            ),
        ]
    )
    assert both.kinds == {one, two}
    assert value(both.endpoints["GET", "/a"], metric("true_failure_rate")) == Fraction(1, 40)
    assert value(both.endpoints["GET", "/b"], metric("requests")) == 7


def test_without_task_exceptions_there_are_none_to_compare() -> None:
    """What no run knows is not known of all."""
    assert value(together([measured(), measured()]).total, metric("task_exceptions")) is None


def test_a_percentile_is_found_however_it_is_written() -> None:
    """Whoever demands p95.0 means the column of p95."""
    one = run_threshold("p95.0 <= baseline", "here")
    assert value(row(), one.metric) == P95


@given(st.lists(st.fractions(0, 1000), min_size=1, max_size=9))
def test_a_median_is_exact(values: list[Fraction]) -> None:
    """As many values lie at or below it as at or above it, and order does not matter."""
    middle = median(values)
    assert sum(one <= middle for one in values) * 2 >= len(values)
    assert sum(one >= middle for one in values) * 2 >= len(values)
    assert median(reversed(values)) == middle
    assert median([*values, *values]) == middle
    assert median([Fraction(10), Fraction(21)]) == Fraction(31, 2)


# --- limits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("require", "limit", "base"),
    [
        pytest.param("p95 <= baseline + 10%", Fraction(110), P95, id="share-of-a-time"),
        pytest.param("p95 <= baseline + 50ms", Fraction(150), P95, id="milliseconds"),
        pytest.param("p95 <= baseline - 1s", Fraction(-900), P95, id="below-zero"),
        pytest.param("p95 <= baseline", P95, P95, id="as-it-is"),
        pytest.param("rps >= baseline - 10%", Fraction(9), Fraction(10), id="throughput"),
        pytest.param("requests >= baseline - 10%", Fraction(900), Fraction(1000), id="count"),
    ],
)
def test_limits_follow_from_the_baseline(require: str, limit: Fraction, base: Fraction) -> None:
    """The limit is exact, and the check tells the value that it was put on."""
    found = check(require)
    assert (found.limit, found.baseline, found.note) == (limit, base, "")


@pytest.mark.parametrize(
    ("true", "result"),
    [pytest.param(55, "passed", id="on"), pytest.param(56, "failed", id="above")],
)
def test_rates_compare_exactly(true: int, result: str) -> None:
    """0.5% and 0.05 percentage points are 55 of 10,000, and not one more."""
    one = run_threshold("true_failure_rate <= baseline + 0.05%", "here")
    of = policy(thresholds=[one])
    verdict = evaluate(run(true, requests=10_000), of, baseline())
    assert verdict.checks[0].result == result
    assert verdict.checks[0].limit == Fraction(55, 10_000)
    assert verdict.baseline == ("base.json",)


def test_a_share_of_a_third_is_exact() -> None:
    """A limit that no decimal number can say still is on the limit."""
    of = measured(row(3, true=1))
    one = endpoint_result(requests=3000, expected=0, true=1000)
    beside = classification(endpoints=[one], failures=[])
    assert check("true_failure_rate <= baseline", beside, baseline(of)).result == "passed"


def test_endpoints_are_held_against_their_own() -> None:
    """Each endpoint has the limit that its own baseline gives, whatever the whole run's is."""
    of = measured(
        endpoints={("POST", "/a"): row(numbers={"p95": Fraction(30)}), ("POST", "/b"): row()}
    )
    rows = [endpoint_result("/a"), endpoint_result("/b")]
    one = threshold("p95 <= baseline + 10%", endpoint="POST /*")
    verdict = evaluate(
        classification(endpoints=rows, failures=[]), policy(thresholds=[one]), baseline(of)
    )
    assert [(found.limit, found.result) for found in verdict.checks[1:]] == [
        (Fraction(33), "failed"),
        (Fraction(110), "passed"),
    ]


@pytest.mark.parametrize("optional", [True, False], ids=["optional", "required"])
def test_an_endpoint_that_the_baseline_lacks_fails(*, optional: bool) -> None:
    """What cannot be compared fails the gate, unless the threshold says it need not be there."""
    found = check(
        "p95 <= baseline + 10%", run(name="/new"), endpoint="POST /new", optional=optional
    )
    assert found.result == ("not-enough-data" if optional else "missing")
    assert found.limit is None
    lacking = "the baseline has no such endpoint"
    remedy = "; use a fixed limit, or write optional = true"
    assert found.note == lacking + (" (optional)" if optional else remedy)


def test_a_number_that_the_baseline_lacks_fails() -> None:
    """So does a baseline whose files did not have the percentile."""
    found = check("p99 <= baseline + 10%")
    assert (found.result, found.note) == (
        "missing",
        "the baseline has no p99 here; use a fixed limit",
    )


def test_a_pattern_that_matches_nothing_has_no_limit() -> None:
    """Where no endpoint matches there is nothing to put the limit on."""
    found = check("p95 <= baseline", endpoint="GET /nowhere")
    assert (found.result, found.limit) == ("missing", None)


def test_few_requests_are_not_enough_data_here_too() -> None:
    """The number of requests is asked before the baseline is."""
    found = check("p95 <= baseline", run(name="/new"), endpoint="/new", min_requests=5000)
    assert found.result == "not-enough-data"
    assert "1,000 of the 5,000" in found.note


def test_confidence_holds_for_limits_of_the_baseline() -> None:
    """A rate above the limit by no more than chance passes, far above it fails, also below zero."""
    require = "true_failure_rate <= baseline"
    assert check(require, run(6), confidence=0.95).result == "passed"
    assert check(require, run(60), confidence=0.95).result == "failed"
    one = threshold("true_failure_rate <= baseline", confidence=0.95)
    below = baseline(measured(row(true=0)))
    verdict = evaluate(run(1), policy(thresholds=[one]), below)
    assert verdict.checks[0].result == "failed"


# --- no baseline ------------------------------------------------------------------------------------


def test_without_a_baseline_the_gate_fails() -> None:
    """A caller that forgets the baseline does not get a pass."""
    thresholds = [threshold("p95 <= baseline"), threshold("new_failure_kinds <= 0")]
    verdict = evaluate(classification(), policy(thresholds=thresholds))
    assert verdict.outcome == "failed"
    assert {(one.result, one.note) for one in verdict.checks[1:]} == {
        ("missing", "there is no baseline; name one by --baseline")
    }


def test_where_that_is_allowed_it_is_skipped() -> None:
    """On the first run there is not enough data; what needs no baseline is judged as ever."""
    thresholds = [
        threshold("p95 <= baseline"),
        threshold("new_failure_kinds <= 0"),
        threshold("p95 <= 10ms"),
    ]
    verdict = evaluate(classification(), policy(thresholds=thresholds), ABSENT)
    default, *others = verdict.checks
    assert (default.result, default.note) == ("passed", "default limit")
    assert [one.result for one in others] == ["not-enough-data"] * 2 + ["failed"]
    assert (others[1].actual, others[1].note) == (None, "there is no baseline")
    assert verdict.baseline == ()


@pytest.mark.parametrize(
    ("require", "of_baseline"),
    [
        pytest.param("true_failure_rate <= baseline", 600, id="as-bad-as-a-bad-one"),
        pytest.param("failures <= baseline + 10000%", 6, id="a-hundred-times-as-many"),
        pytest.param("true_failures <= baseline + 1000", 6, id="a-number-on-top"),
        pytest.param("failure_rate <= baseline + 100%", 0, id="all-of-it"),
    ],
)
def test_a_baseline_lets_no_run_of_failures_pass(require: str, of_baseline: int) -> None:
    """A limit on top of it by which most requests may fail leaves the default one in place."""
    against = baseline(measured(row(true=of_baseline)))
    verdict = evaluate(run(true=600), policy(thresholds=[threshold(require)]), against)
    assert [one.result for one in verdict.checks] == ["failed", "passed"]
    assert verdict.checks[0].note == "default limit"
    few = evaluate(run(true=600), policy(thresholds=[threshold(require)]), baseline())
    assert few.outcome == "failed"


def test_the_run_itself_is_no_baseline() -> None:
    """A run is never worse than itself, so this is refused instead of passed."""
    of = classification()
    itself = Baseline(measured=measured(), runs=((identity(of), "run.json"),))
    with pytest.raises(UsageError) as caught:
        evaluate(of, policy(), itself)
    assert str(caught.value) == (
        "--baseline run.json: this is the run being checked\n  Name an earlier run."
    )


def test_a_baseline_that_nobody_asks_for_is_told() -> None:
    """Whoever names a baseline believes that it is looked at."""
    verdict = evaluate(classification(), policy(), baseline(warnings=("one", "two")))
    *others, last = verdict.classification.warnings
    assert others == ["one", "two"]
    assert last == "no threshold uses the baseline; add new_failure_kinds <= 0"
    asking = policy(thresholds=[threshold("p95 <= baseline")])
    assert evaluate(classification(), asking, baseline()).classification.warnings == ()


def test_what_tells_runs_apart() -> None:
    """When they began and ended, what each endpoint did, what failed, how long it took."""
    of = builders.run()
    assert of.time is not None
    judged = classification(
        of=of,
        endpoints=[
            endpoint_result("/a?key=1", method="GET", requests=10, expected=1, true=2),
            endpoint_result("/idle", method="GET", requests=0, expected=0),
        ],
        failures=[
            failure_kind(
                name="/a?key=1", method="GET", decision="true", status=500, rule=None, count=2
            ),
            failure_kind(name="/a?key=1", method="GET", decision="expected", status=500, count=1),
            failure_kind(
                name="Aggregated", method="", decision="true", status=None, count=1, rule=None
            ),
        ],
    )
    found = identity(judged)
    assert found.span == (of.time.started, of.time.ended)
    assert found.counts == {("GET", "/a?***"): (10, 3)}
    assert found.failed == {
        ("GET", "/a?***", 500, ""): 3,
        ("", "Aggregated", None, ""): 1,
    }
    latency = judged.total.stats.latency
    assert found.times == {
        "avg": exact(latency.avg or 0),
        "min": exact(latency.min or 0),
        "max": exact(latency.max or 0),
        "median": exact(latency.median or 0),
    }


@pytest.mark.parametrize("time", [None, "file"])
def test_when_a_file_was_written_tells_no_runs_apart(time: str | None) -> None:
    """A copy is written later, and is the same run."""
    of = builders.run()
    assert of.time is not None
    copied = replace(of, time=replace(of.time, source="file") if time else None)
    known = identity(classification(of=copied))
    assert known.span is None


def test_a_run_without_response_times_has_an_identity() -> None:
    """What is not known is left out."""
    row = builders.stats(latency=Latency())
    total = replace(row, method="", name="Aggregated")
    unknown = identity(classify(builders.run(endpoints=[row], total=total), policy()))
    assert unknown.times == {}


NO_TIME = {"span": None}
SNAPSHOT = NO_TIME | {"counts": {("POST", STATE): (1040, 5)}}


def extremes(shortest: str, longest: str) -> dict[str, Any]:
    """Return the shortest and longest time of the endpoint."""
    return {"extremes": {("POST", STATE): (Fraction(shortest), Fraction(longest))}}


SECOND = 1 / 60


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        pytest.param({}, True, id="a-copy"),
        pytest.param({"span": minutes(SECOND, 5 + SECOND)}, True, id="report-and-history"),
        pytest.param({"span": minutes(0, 4.8)}, True, id="ended-earlier"),
        pytest.param({"span": minutes(0.5, 4)}, True, id="failures-of-the-run"),
        pytest.param({"span": minutes(0.5, 6)}, False, id="began-and-ended-later"),
        pytest.param({"span": minutes(24 * 60, 24 * 60 + 5)}, False, id="the-next-night"),
        pytest.param({"counts": {("POST", STATE): (960, 4)}}, True, id="a-moment-earlier"),
        pytest.param({"counts": {("POST", STATE): (1040, 5)}}, True, id="a-moment-later"),
        pytest.param({"counts": {("POST", STATE): (900, 6)}}, False, id="a-shard"),
        pytest.param({"counts": {("GET", "/"): (900, 0)}}, False, id="other-endpoints"),
        pytest.param(
            {"failed": {("POST", STATE, 409, ""): 5}},
            False,
            id="a-shard-that-fails-otherwise",
        ),
        pytest.param(NO_TIME, True, id="a-form-without-a-time"),
        pytest.param(NO_TIME | {"counts": {("POST", STATE): (990, 6)}}, False, id="other-counts"),
        pytest.param(NO_TIME | {"counts": {("POST", STATE): (1040, 5)}}, True, id="a-snapshot"),
        pytest.param(NO_TIME | {"counts": {("POST", STATE): (1200, 5)}}, False, id="far-ahead"),
        pytest.param(SNAPSHOT | {"extremes": {}}, False, id="a-snapshot-without-times"),
        pytest.param(SNAPSHOT | extremes("0", "201"), True, id="times-that-were-rounded"),
        pytest.param(SNAPSHOT | extremes("0", "200"), True, id="times-that-were-cut"),
        pytest.param(SNAPSHOT | extremes("0.5", "200.2"), False, id="other-times"),
        pytest.param(SNAPSHOT | extremes("1", "202"), False, id="longest-time-of-another-run"),
        pytest.param(SNAPSHOT | extremes("0.7", "200.2"), False, id="shortest-of-another-run"),
        pytest.param(
            NO_TIME | {"failed": {("POST", STATE, 409, ""): 5}}, False, id="other-failures"
        ),
        pytest.param(
            NO_TIME | {"failed": {("POST", STATE, None, UNEXPLAINED): 5}}, True, id="without-texts"
        ),
        pytest.param(NO_TIME | {"times": {"max": Fraction("200.4")}}, True, id="rounded"),
        pytest.param(NO_TIME | {"times": {"max": Fraction(202)}}, False, id="slower"),
    ],
)
def test_the_same_run_in_another_form(changes: dict[str, Any], same: bool) -> None:
    """Times decide where both forms have them; else everything that was counted."""
    assert same_run(known_run(), known_run(**changes)) is same
    assert same_run(known_run(**changes), known_run()) is same


@pytest.mark.parametrize(("endpoints", "same"), [(2, False), (3, True)])
def test_whole_times_tell_runs_of_several_endpoints_apart(endpoints: int, same: bool) -> None:
    """Of few endpoints they are too often the same by accident."""
    names = [("GET", f"/{number}") for number in range(endpoints)]
    early = known_run(
        span=None,
        counts=dict.fromkeys(names, (100, 0)),
        failed={},
        extremes=dict.fromkeys(names, (Fraction(1), Fraction(30))),
    )
    late = replace(early, counts=dict.fromkeys(names, (105, 0)))
    assert same_run(early, late) is same
    assert same_run(late, early) is same


def test_the_forms_of_recorded_runs(shared: Path, tmp_path: Path) -> None:
    """Without their times every form of a run is that run, and none is of another."""
    known = []
    for folder in sorted((shared / "runs").iterdir()):
        alone = tmp_path / folder.name
        alone.mkdir()
        for path in folder.glob("run_*s.csv"):
            shutil.copy(path, alone)
        for path in (alone / "run_stats.csv", folder / "stdout.json", folder / "run.html"):
            try:
                of = identity(classify(read_run(path), policy()))
            except ResultError:  # which is not written, empty or contradictory
                continue
            if of.counts:
                known.append((folder.name, replace(of, span=None)))
    assert len(known) > 100
    wrong = [
        (one, other)
        for (one, own), (other, theirs) in combinations(known, 2)
        if same_run(own, theirs) is not (one == other)
    ]
    assert wrong == []


# --- another load -----------------------------------------------------------------------------------

LOAD = {"users": Fraction(100), "rps": Fraction(5), "duration": Fraction(600)}
ENDPOINTS = (("POST", "/a"), ("POST", "/b"), ("POST", "/c"))


@pytest.mark.parametrize(
    ("numbers", "endpoints", "said"),
    [
        pytest.param({}, ENDPOINTS, "", id="the-same"),
        pytest.param({"users": 50, "rps": 7.5, "duration": 300}, ENDPOINTS, "", id="half"),
        pytest.param({"users": 49}, ENDPOINTS, "users 100, now 49", id="fewer-users"),
        pytest.param({"users": 151}, ENDPOINTS, "users 100, now 151", id="more-users"),
        pytest.param({"users": None}, ENDPOINTS, "", id="users-not-known"),
        pytest.param({"rps": 1204.5}, ENDPOINTS, "rps 5, now 1,204", id="more-requests-a-second"),
        pytest.param({"rps": 0.1234}, ENDPOINTS, "rps 5, now 0.123", id="hardly-any"),
        pytest.param({"duration": 62}, ENDPOINTS, "duration 10m, now 1m 2s", id="shorter"),
        pytest.param({}, ENDPOINTS[:2], "", id="one-endpoint-less"),
        pytest.param(
            {},
            (*ENDPOINTS[:1], ("GET", "/d")),
            "3 of 4 endpoints are in only one of the two",
            id="other-endpoints",
        ),
        pytest.param(
            {"users": 10, "rps": 0.5, "duration": 7325},
            (("GET", "/x?a=1"),),
            "users 100, now 10; rps 5, now 0.5; duration 10m, now 2h 2m 5s; 4 of 4 endpoints are in"
            " only one of the two",
            id="everything",
        ),
    ],
)
def test_a_baseline_of_another_load(
    numbers: dict[str, float | None], endpoints: tuple[tuple[str, str], ...], said: str
) -> None:
    """What differs by more than half is said in one warning, with its figures."""
    now = {"users": 100, "rps": 5.0, "duration": 600} | numbers
    rows = [endpoint_result(name, method=method, expected=0) for method, name in endpoints]
    rows.append(endpoint_result("/never-called", requests=0, expected=0))
    total = endpoint_result("Aggregated", method="", expected=0, rps=now["rps"])
    users, length = now["users"], now["duration"]
    assert length is not None
    time = replace(
        builders.WHEN, ended=builders.WHEN.started + timedelta(seconds=length), source="report"
    )
    of = classification(
        of=builders.run(total=total.stats, time=time, users=None if users is None else int(users)),
        endpoints=rows,
        total=total,
    )
    base = baseline(measured(row(numbers=LOAD), dict.fromkeys(ENDPOINTS, row())))
    asking = policy(thresholds=[threshold("true_failures <= baseline")])
    hard = "the baseline ran under a different load, so comparisons mean little: "
    assert evaluate(of, asking, base).classification.warnings == ((hard + said,) if said else ())


def test_a_baseline_whose_load_nobody_knows() -> None:
    """Older documents have neither users nor a duration: nothing is said of what is not known."""
    of = classification(endpoints=[endpoint_result(expected=0, rps=None)], failures=[])
    asking = policy(thresholds=[threshold("true_failures <= baseline")])
    found = evaluate(of, asking, baseline(measured(row(numbers={}))))
    assert found.classification.warnings == ()


@pytest.mark.parametrize(
    "require", ["users <= baseline + 10%", "duration >= baseline - 10%", "status_5xx <= baseline"]
)
def test_every_metric_has_a_baseline_or_says_why_not(require: str) -> None:
    """A baseline that lacks a number is missing, and one that has it gives the limit."""
    one = run_threshold(require, "here")
    of = classification(of=builders.run(users=100))
    lacking = evaluate(of, policy(thresholds=[one]), baseline(measured(row(numbers={})))).checks[1]
    numbers = {"users": Fraction(100), "duration": Fraction(310)}
    known = replace(row(numbers=numbers), statuses={500: 3, 409: 1})
    found = evaluate(of, policy(thresholds=[one]), baseline(measured(known))).checks[1]
    if one.metric.name == "status_5xx":
        assert lacking.result == "passed"
        assert found.limit == 3
        return
    assert (lacking.result, lacking.note) == (
        "missing",
        f"the baseline has no {one.metric.name} here; use a fixed limit",
    )
    assert (found.result, found.baseline) == ("passed", numbers[one.metric.name])


def test_statuses_of_several_runs() -> None:
    """A count is that of the mean run, a rate that of all requests."""
    runs = [
        replace(row(1000), statuses={500: 4, 503: 2, None: 1}),
        replace(row(3000), statuses={500: 6}),
    ]
    total = together([measured(one) for one in runs]).total
    assert value(total, metric("status_5xx")) == 6
    assert value(total, metric("status_500_rate")) == Fraction(10, 4000)
    assert value(total, metric("status_unknown")) == Fraction(1, 2)


# --- new kinds of failures --------------------------------------------------------------------------

KNOWN = failure_kind("known", status=500, decision="true", rule=None)


def failing(*kinds: FailureKind) -> Classification:
    """Return a run with these kinds of failures at two endpoints."""
    rows = [endpoint_result(STATE), endpoint_result("/x?token=hunter2")]
    return classification(endpoints=rows, failures=kinds)


@pytest.mark.parametrize(
    ("kind", "new"),
    [
        pytest.param(KNOWN, 0, id="known"),
        pytest.param(failure_kind("other", status=500, decision="true"), 1, id="signature"),
        pytest.param(failure_kind("known", status=502, decision="true"), 1, id="status"),
        pytest.param(failure_kind("known", status=None, decision="true"), 1, id="unknown-status"),
        pytest.param(
            failure_kind("known", method="PUT", status=500, decision="true"), 1, id="method"
        ),
        pytest.param(failure_kind("other", status=500, decision="expected"), 0, id="expected"),
        pytest.param(
            failure_kind("t http://h/?b=1", name="/x?token=hunter2", status=500, decision="true"),
            0,
            id="masked-as-in-documents",
        ),
        pytest.param(
            failure_kind(OTHER_SIGNATURES, status=500, decision="true"), 1, id="other-texts"
        ),
        pytest.param(failure_kind(UNEXPLAINED, status=None, decision="true"), 1, id="no-text"),
    ],
)
def test_new_kinds(kind: FailureKind, new: int) -> None:
    """A true failure is known if it was one in the baseline; what nobody can look at is new."""
    known: frozenset[Kind] = frozenset(
        [
            ("POST", STATE, 500, "known"),
            ("POST", STATE, 500, OTHER_SIGNATURES),
            ("POST", STATE, None, UNEXPLAINED),
            ("POST", "/x?***", 500, "t http://h/?***"),
        ]
    )
    found = check("new_failure_kinds <= 0", failing(kind), baseline(measured(kinds=known)))
    assert found.actual == new
    assert found.result == ("failed" if new else "passed")
    assert ("new at" in found.note) is bool(new)


def test_new_kinds_of_one_endpoint() -> None:
    """An endpoint is only asked for its own, and one that the baseline lacks has new ones only."""
    of = failing(KNOWN)
    require = "new_failure_kinds <= 0"
    assert check(require, of, endpoint=f"POST {STATE}").actual == 1
    assert check(require, of, endpoint="/x*").actual == 0


def test_the_first_new_kinds_are_named() -> None:
    """Three of them, and how many more there are; an empty text has a name, too."""
    kinds = [failure_kind(text, status=500, decision="true") for text in ("", "a", "b", "c", "d")]
    note = check("new_failure_kinds <= 0", failing(*kinds)).note
    assert note == (
        f"new at POST {STATE}: no error text; new at POST {STATE}: a; new at POST {STATE}: b"
        " and 2 more"
    )


def test_names_that_masking_made_equal_are_not_compared() -> None:
    """Which of them is which nobody can tell, so each is as if the baseline did not have it."""
    rows = [endpoint_result("/x?a=1", requests=9), endpoint_result("/x?b=1", requests=9)]
    of = classification(
        endpoints=rows,
        failures=[failure_kind("known", name="/x?a=1", status=500, decision="true")],
    )
    same = measured(
        endpoints={("POST", "/x?***"): row()}, kinds=frozenset([("POST", "/x?***", 500, "known")])
    )
    found = Pairing(of, same)
    assert found.row(("POST", "/x?a=1")) is None
    assert len(found.new_kinds(None)) == 1
    assert check("p95 <= baseline", of, baseline(same), endpoint="/x*").result == "missing"


def test_names_that_masking_made_equal_in_the_baseline() -> None:
    """One of them may be this endpoint, or none."""
    of = classification(endpoints=[endpoint_result("/x?a=1")], failures=[])
    endpoint = ("POST", "/x?***")
    twins = measured(endpoints={endpoint: row()}, unsure=frozenset([endpoint]))
    both = together([twins, measured(endpoints={endpoint: row()})])
    assert Pairing(of, both).row(("POST", "/x?a=1")) is None
