"""Demands: what is read from them, to the last digit, and what is refused in which words."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgate.errors import UsageError
from loadgate.metrics import METRICS
from loadgate.model import Metric, Offset, Window
from loadgate.rules.thresholds import (
    DemandError,
    command_line_thresholds,
    parse_demand,
    parse_share,
)


@pytest.mark.parametrize(
    ("text", "require", "limit"),
    [
        pytest.param(
            "true_failure_rate <= 0.1%", "true_failure_rate <= 0.1%", Fraction(1, 1000), id="rate"
        ),
        pytest.param("p95<800ms", "p95 < 800ms", Fraction(800), id="without-white-space"),
        pytest.param(
            "\t p95\n<=  1.5  s ", "p95 <= 1.5s", Fraction(1500), id="with-much-white-space"
        ),
        pytest.param("requests > 1000", "requests > 1000", Fraction(1000), id="count"),
        pytest.param("rps >= 12.5", "rps >= 12.5", Fraction(25, 2), id="throughput"),
        pytest.param("failure_rate <= 100%", "failure_rate <= 100%", Fraction(1), id="everything"),
        pytest.param("max <= 0.001ms", "max <= 0.001ms", Fraction(1, 1000), id="microsecond"),
    ],
)
def test_demands(text: str, require: str, limit: Fraction) -> None:
    """The limit is exact and in the unit of its metric; only white space changes in the text."""
    demand = parse_demand(text)
    assert (demand.require, demand.limit) == (require, limit)
    assert demand.require.split()[1] == demand.operator


@pytest.mark.parametrize(
    ("text", "require", "limit"),
    [
        pytest.param(
            "true_failure_rate <= baseline+0.05%",
            "true_failure_rate <= baseline + 0.05%",
            Offset(amount=Fraction(1, 2000), relative=False),
            id="percentage-points",
        ),
        pytest.param(
            "p95<=baseline  +\n10 %",
            "p95 <= baseline + 10%",
            Offset(amount=Fraction(1, 10), relative=True),
            id="share-of-a-time",
        ),
        pytest.param(
            "p95 <= baseline + 250%",
            "p95 <= baseline + 250%",
            Offset(amount=Fraction(5, 2), relative=True),
            id="more-than-twice",
        ),
        pytest.param(
            "p95 <= baseline + 1.5s",
            "p95 <= baseline + 1.5s",
            Offset(amount=Fraction(1500), relative=False),
            id="time",
        ),
        pytest.param(
            "rps >= baseline - 12.5%",
            "rps >= baseline - 12.5%",
            Offset(amount=Fraction(-1, 8), relative=True),
            id="share-of-throughput",
        ),
        pytest.param(
            "rps >= baseline - 2.5",
            "rps >= baseline - 2.5",
            Offset(amount=Fraction(-5, 2), relative=False),
            id="throughput",
        ),
        pytest.param(
            "requests > baseline - 2.5%",
            "requests > baseline - 2.5%",
            Offset(amount=Fraction(-1, 40), relative=True),
            id="share-of-a-count",
        ),
        pytest.param(
            "task_exceptions <= baseline",
            "task_exceptions <= baseline",
            Offset(amount=Fraction(0), relative=False),
            id="as-it-is",
        ),
    ],
)
def test_demands_on_the_baseline(text: str, require: str, limit: Offset) -> None:
    """Percent are points of a rate, and a share of what the baseline has of everything else."""
    demand = parse_demand(text)
    assert (demand.require, demand.limit) == (require, limit)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(
            "p95 <= baseline + 10",
            "written with ms or s, such as 800ms, or a share of the baseline's",
            id="unit",
        ),
        pytest.param(
            "failure_rate <= baseline + 5", "written with %, such as 0.5%", id="rate-unit"
        ),
        pytest.param(
            "failures <= baseline + 1.5", "or a share of the baseline's", id="half-a-count"
        ),
        pytest.param("failures <= baseline + 5ms", "does not fit", id="foreign-unit"),
        pytest.param("p95 <= baseline +", "does not fit", id="no-amount"),
        pytest.param("p95 <= baseline + -5ms", "does not fit", id="two-signs"),
        pytest.param(
            "p95 <= baseline * 2", "or write baseline, baseline + 5% or baseline - 5%", id="times"
        ),
        pytest.param("p95 <= Baseline", "or write baseline, baseline + 5%", id="upper-case"),
        pytest.param("p95 <= 2 baseline", "does not fit", id="factor"),
        pytest.param("p95 <= baselines", "does not fit", id="plural"),
        pytest.param(f"p95 <= baseline + {'9' * 31}%", "at most 30 characters", id="long"),
        pytest.param("failure_rate <= baseline + 101%", "more than 100% away", id="points"),
        pytest.param("rps >= baseline - 101%", "more than 100% away", id="less-than-nothing"),
        pytest.param("idle_rules <= baseline", "a baseline has no idle_rules", id="of-rules"),
        pytest.param("new_failure_kinds <= baseline", "use a number, such as 0", id="new-kinds"),
    ],
)
def test_what_is_no_demand_on_the_baseline(text: str, words: str) -> None:
    """Whatever cannot be meant exactly is refused here, too."""
    with pytest.raises(DemandError) as caught:
        parse_demand(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "percentile"),
    [
        pytest.param("p50", "50", id="whole"),
        pytest.param("p99.9", "99.9", id="decimal"),
        pytest.param("p99.90", "99.9", id="zeros-behind"),
        pytest.param("p095.0", "95", id="zeros-around"),
        pytest.param("p100", "100", id="hundred-keeps-its-zeros"),
        pytest.param("p0.5", "0.5", id="below-one"),
    ],
)
def test_percentiles(name: str, percentile: str) -> None:
    """A percentile is named by its shortest decimal number, like a column of Locust's files."""
    metric = parse_demand(f"{name} <= 1s").metric
    assert metric == Metric(name=name, kind="latency", percentile=percentile)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "METRIC OP VALUE", id="empty"),
        pytest.param("p95", "METRIC OP VALUE", id="metric-only"),
        pytest.param("p95 is 1ms", "METRIC OP VALUE", id="no-operator"),
        pytest.param("p95 == 1ms", 'unknown operator "=="; use <=, <, >= or >', id="equal"),
        pytest.param("p95 = 1ms", 'unknown operator "="', id="assignment"),
        pytest.param("p95 != 1ms", 'unknown operator "!="', id="unequal"),
        pytest.param("p95 ≤ 1ms", 'unknown operator "≤"', id="typographic"),
        pytest.param("p95 =< 1ms", 'unknown operator "=<"', id="swapped"),
        pytest.param("true_failures_rate < 1%", 'did you mean "true_failure_rate"?', id="nearest"),
        pytest.param("P95 < 1ms", 'did you mean "p95"?', id="upper-case"),
        pytest.param(
            "zzz < 1ms",
            "percentiles such as p95 or, of successes, p95_ok",
            id="all-metrics-are-named",
        ),
        pytest.param("p0 < 1ms", "above 0 and at most 100", id="p0"),
        pytest.param("p100.1 < 1ms", "above 0 and at most 100", id="p100.1"),
        pytest.param(f"p{'9' * 31} < 1ms", "above 0 and at most 100", id="long-percentile"),
        pytest.param("p95 < 800", "written with ms or s, such as 800ms", id="latency-unit"),
        pytest.param("p95 < 1m", "written with ms or s", id="minutes"),
        pytest.param("duration > 800ms", "written with s, m or h, such as 5m", id="too-short"),
        pytest.param("duration > 1h30m", "does not fit", id="two-units"),
        pytest.param("status_999 < 1", "there is no metric", id="no-status"),
        pytest.param("status_5x < 1", 'did you mean "status_5xx"?', id="half-a-class"),
        pytest.param("p(0) < 1ms", "there is no metric", id="percentile-of-nothing"),
        pytest.param("failure_rate < 0.5", "written with %, such as 0.5%", id="rate-unit"),
        pytest.param("failures < 5%", "a whole number without a unit", id="count-with-percent"),
        pytest.param("failures < 5.0", "a whole number without a unit", id="count-with-point"),
        pytest.param("rps > 5/s", "a number of requests a second without a unit", id="rps-unit"),
        pytest.param("failure_rate < 100.1%", "cannot exceed 100%", id="above-everything"),
        pytest.param("failures < -1", "does not fit", id="sign"),
        pytest.param("failures < +1", "does not fit", id="plus"),
        pytest.param("failures < 1e3", "does not fit", id="exponent"),
        pytest.param("failures < 1_000", "does not fit", id="underscore"),
        pytest.param("failures < 1,000", "does not fit", id="comma"),
        pytest.param("failures < nan", "does not fit", id="nan"),
        pytest.param("failures < ٣", "does not fit", id="digits-of-another-script"),
        pytest.param("failures < .5", "does not fit", id="no-digit-before-the-point"),
        pytest.param("failures <", "does not fit", id="no-value"),
        pytest.param(f"failures < {'1' * 31}", "at most 30 characters", id="long-value"),
        pytest.param("failures < 1 # not many", "does not fit", id="rest"),
    ],
)
def test_what_is_no_demand(text: str, words: str) -> None:
    """Whatever cannot be meant exactly is refused, in words that say how to write it."""
    with pytest.raises(DemandError) as caught:
        parse_demand(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "require", "window"),
    [
        pytest.param(
            "p95<=800ms  during\tsteady", "p95 <= 800ms during steady",
            Window(text="during steady", steady=True), id="steady",
        ),
        pytest.param(
            "p95 <= 1.5 s every 10s until 1.5h after 60s", "p95 <= 1.5s after 60s until 1.5h every 10s",
            Window(
                text="after 60s until 1.5h every 10s", after=Fraction(60), until=Fraction(5400),
                every=Fraction(10),
            ), id="all-in-one-order",
        ),
        pytest.param(
            "rps >= 10 every 1m", "rps >= 10 every 1m",
            Window(text="every 1m", every=Fraction(60)), id="every",
        ),
    ],
)  # fmt: skip
def test_windows(text: str, require: str, window: Window) -> None:
    """A window stands behind the limit, in any order."""
    demand = parse_demand(text)
    assert (demand.require, demand.window) == (require, window)
    assert parse_demand(demand.require) == demand
    (threshold,) = command_line_thresholds([text])
    assert (threshold.require, threshold.window) == (require, window)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        pytest.param("during peak", 'during "peak" must be during steady', id="peak"),
        pytest.param("during", 'during "" must be during steady', id="during-nothing"),
        pytest.param(
            "after", '"after" must be a time with s, m or h, such as after 60s', id="after"
        ),
        pytest.param("after 60", '"after 60" must be a time with s, m or h', id="no-unit"),
        pytest.param("every 10ms", '"every 10ms" must be a time', id="milliseconds"),
        pytest.param("until -5s", '"until -5s" must be a time', id="sign"),
        pytest.param(f"until {'1' * 31}s", "must be a time", id="long"),
        pytest.param("every 10 s", '"s" is not a window', id="blank"),
        pytest.param("every 10s for ever", '"for" is not a window', id="for"),
        pytest.param("every 10s every 20s", '"every" is given twice', id="twice"),
        pytest.param("every 0.5s", "every 0.5s is too short", id="too-short"),
        pytest.param("every 0s", "every 0s is too short", id="nothing"),
        pytest.param("after 60s until 1m", "until 1m is not later than after 60s", id="empty"),
    ],
)
def test_what_is_no_window(window: str, words: str) -> None:
    """It is refused, in words that say how to write it."""
    with pytest.raises(DemandError) as caught:
        parse_demand(f"p95 <= 800ms {window}")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("p95 <= baseline + 10% during steady", "a baseline is about whole runs"),
        ("p95_ok <= baseline + 10%", "a baseline has no p95_ok"),
        ("avg_ok <= baseline", "a baseline has no avg_ok"),
        ("new_failure_kinds <= 0 after 1m", "is known only for the whole run"),
        ("task_exceptions <= 0 during steady", 'leave "during steady" out'),
        ("idle_rules <= 0 every 10s", "is known only for the whole run"),
        ("true_failure_rate >= 1% every 10s", '"true_failure_rate <= 1% every 10s"?'),
        ("p95 <= during steady", "does not fit"),
        ("p0_ok <= 1s", "above 0 and at most 100"),
    ],
)
def test_what_has_no_windows(text: str, words: str) -> None:
    """What is known of whole runs alone, and limits that are none."""
    with pytest.raises(DemandError) as caught:
        parse_demand(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "better"),
    [
        pytest.param("true_failure_rate >= 1%", "true_failure_rate <= 1%", id="rate"),
        pytest.param("failure_rate > 0%", "failure_rate <= 0%", id="above"),
        pytest.param("true_failures > 0", "true_failures <= 0", id="count"),
        pytest.param("failures >= 0", "failures <= 0", id="met-by-all"),
        pytest.param("task_exceptions >= 1", "task_exceptions <= 1", id="exceptions"),
        pytest.param("new_failure_kinds >= 1", "new_failure_kinds <= 1", id="new-kinds"),
        pytest.param("idle_rules > 3", "idle_rules <= 3", id="rules"),
        pytest.param("status_5xx >= 1", "status_5xx <= 1", id="server-errors"),
        pytest.param("status_503_rate >= 1%", "status_503_rate <= 1%", id="a-server-error"),
        pytest.param("status_unknown > 5", "status_unknown <= 5", id="unknown-statuses"),
        pytest.param(
            "true_failure_rate >= baseline", "true_failure_rate <= baseline", id="as-the-baseline"
        ),
        pytest.param("p95 >= baseline + 10%", "p95 <= baseline + 10%", id="slower"),
        pytest.param("rps <= baseline - 10%", "rps >= baseline - 10%", id="less-throughput"),
        pytest.param("requests <= 0", "requests > 0", id="no-requests"),
        pytest.param("p95 >= 1ms", "p95 <= 1ms", id="time"),
        pytest.param("min > 0ms", "min <= 0ms", id="shortest-time"),
        pytest.param("p95 >= baseline - 50%", "p95 <= baseline - 50%", id="not-much-faster"),
    ],
)
def test_limits_that_let_bad_runs_pass(text: str, better: str) -> None:
    """The operator was turned around; the message has it right."""
    with pytest.raises(DemandError) as caught:
        parse_demand(text)
    assert str(caught.value) == (f'"{text}" lets bad runs pass; did you mean "{better}"?')
    assert parse_demand(better).require == better


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("expected_failure_rate >= 1%", id="conflicts-must-occur"),
        pytest.param("status_429 >= 10", id="the-limiter-must-refuse"),
        pytest.param("requests <= 1000", id="no-more-than-was-agreed"),
        pytest.param("rps <= baseline + 10%", id="the-same-load"),
        pytest.param("duration <= 10m", id="not-too-long"),
        pytest.param("users <= baseline + 10%", id="the-same-users"),
    ],
)
def test_limits_that_a_good_run_may_want(text: str) -> None:
    """Either side of these may be wanted."""
    assert parse_demand(text).require == text


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        pytest.param("duration >= 90s", Fraction(90), id="seconds"),
        pytest.param("duration >= 5m", Fraction(300), id="minutes"),
        pytest.param("duration >= 1.5h", Fraction(5400), id="hours"),
        pytest.param("users >= 100", Fraction(100), id="users"),
        pytest.param("status_5xx <= 0", Fraction(0), id="class-of-statuses"),
        pytest.param("status_429_rate <= 0.5%", Fraction(1, 200), id="rate-of-a-status"),
    ],
)
def test_metrics_of_runs_and_statuses(text: str, limit: Fraction) -> None:
    """They are written as any other."""
    assert parse_demand(text).limit == limit


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        pytest.param(name, meant, id=name)
        for meant, names in {
            "avg": "avg_response_time|average_response_time|Average Response Time|avg-rt|mean",
            "median": "median_response_time|Median Response Time",
            "min": "min_response_time",
            "max": "Max Response Time",
            "rps": "requests_per_second|Requests/s|current_rps|total_rps|throughput",
            "failure_rate": "fail_ratio|error_rate|http_req_failed|check_fail_ratio",
            "failures": "failure_count|num_failures|Failure Count",
            "requests": "num_requests|Request Count|http_reqs",
            "p95": "95%|95%ile|p(95)|P95|response_time_percentile_95|http_req_duration|pct95"
            "|get_response_time_percentile(0.95)|http_req_duration{p(95)}|95th percentile",
            "p99.9": "99.9%|percentile_0.999",
            "users": "user_count|vus",
            "duration": "run_time",
            "task_exceptions": "exceptions",
            "status_5xx": "5xx|http_5xx",
            "status_429": "429|status_code_429|http.codes.429",
            "status_5xx_rate": "5xx_rate",
            "true_failure_rate": "true failure rate|true_failures_rate",
        }.items()
        for name in names.split("|")
    ],
)
def test_names_of_other_tools(name: str, meant: str) -> None:
    """Who writes what Locust or another tool calls a metric is told what it is called here."""
    with pytest.raises(DemandError) as caught:
        parse_demand(f"{name} <= 1")
    assert str(caught.value).endswith(f'; did you mean "{meant}"?')


@given(st.text(max_size=60) | st.text(max_size=40).map("p95 <= baseline + ".__add__))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text, however strange, is more than a demand or a DemandError of bounded length."""
    try:
        demand = parse_demand(text)
    except DemandError as error:
        said = str(error)
    else:
        said = demand.require
    assert said.isprintable()
    assert len(said) < 500


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in METRICS])
def test_every_metric_can_be_demanded(name: str) -> None:
    """Each metric takes a value of exactly one kind of unit."""
    accepted = []
    for value in ("10", "10%", "10ms", "10m"):
        try:
            accepted.append(parse_demand(f"{name} <= {value}").limit)
        except DemandError:
            continue
    assert len(accepted) == 1


@pytest.mark.parametrize(
    ("text", "share"),
    [
        pytest.param("0%", Fraction(0), id="nothing"),
        pytest.param("25%", Fraction(1, 4), id="whole"),
        pytest.param("0.5%", Fraction(1, 200), id="decimal"),
        pytest.param("100%", Fraction(1), id="everything"),
        pytest.param(f"{'0' * 29}1%", Fraction(1, 100), id="as-long-as-may-be"),
    ],
)
def test_shares(text: str, share: Fraction) -> None:
    """A share is exact."""
    assert parse_share(text) == share


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("25", id="no-unit"),
        pytest.param("25 %", id="white-space"),
        pytest.param("25%\n", id="line-break"),
        pytest.param("100.01%", id="above-everything"),
        pytest.param("-1%", id="negative"),
        pytest.param(f"{'0' * 31}%", id="long"),
    ],
)
def test_what_is_no_share(text: str) -> None:
    """A share is 0% to 100%, written plainly."""
    with pytest.raises(DemandError, match="share of the requests"):
        parse_share(text)


def test_command_line_thresholds_hold_for_the_whole_run() -> None:
    """Each text becomes a threshold that says where it came from."""
    (threshold,) = command_line_thresholds(["p95 <=800ms"])
    assert (threshold.require, threshold.origin) == ("p95 <= 800ms", "--threshold")
    assert threshold.endpoint is None


def test_all_bad_command_line_thresholds_are_named() -> None:
    """One error names every bad text, as it was written, but without control characters."""
    with pytest.raises(UsageError) as caught:
        command_line_thresholds(["p95 < 1", "rps > 1", "x\x1b[2J < 1"])
    first, second = str(caught.value).splitlines()
    assert first.startswith("--threshold 'p95 < 1': ")
    assert second.startswith("--threshold 'x\\x1b[2J < 1': ")
