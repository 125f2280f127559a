"""Summaries of runs that were just judged: the same as those of their result documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import WHEN, latency, policy, rule, run, stats, threshold
from hypothesis import given, settings
from hypothesis import strategies as st

from loadgate.baseline import ABSENT
from loadgate.classify import classify
from loadgate.document.read import Summarised, read, summarise
from loadgate.errors import ResultError
from loadgate.gate import evaluate
from loadgate.model import EndpointStats, FailureRow, Provenance, Verdict
from loadgate.read import read_run
from loadgate.render import render
from loadgate.rules import load_policy
from loadgate.schemas.keywords import LARGEST_COUNT

RUNS = sorted((Path(__file__).parents[2] / "examples").glob("**/*_stats.csv"))

_TEXTS = st.sampled_from(
    [
        "/tools/[id]/state",
        "/a?token=one",
        "/a?token=two",
        "/a?*** (2)",
        "http://user:password@host/a",
        "Bearer abc.def",
        "password=hunter2 is wrong",
        'refused "*password=hunter2*" again',
        "\ud800 broken",
        "\u202e\x1b[31m",
        "",
        "CatchResponseError('Expected [200], got 409')",
        "HTTPError('500 Server Error: /a?key=value')",
    ]
)
_NAMES = st.tuples(st.sampled_from(["GET", "POST", "", "token=a"]), _TEXTS)
_TIMES = st.none() | st.floats(0, 1e6) | st.integers(0, 1000)
_LATENCIES = st.builds(
    latency,
    avg=_TIMES,
    min=_TIMES,
    max=_TIMES,
    median=_TIMES,
    percentiles=st.tuples(_TIMES, _TIMES).map(lambda two: (("50", two[0]), ("95", two[1]))),
)
_COUNTS = st.integers(0, 50)
_SOUND = latency()


@st.composite
def verdicts(draw: st.DrawFn, *, sound: bool) -> Verdict:
    """Draw the verdict on a run with hostile texts; if not `sound`, numbers that no run has, too."""
    counts = _COUNTS if sound else _COUNTS | st.just(LARGEST_COUNT + 1)
    latencies = st.just(_SOUND) | st.just(latency(percentiles=())) if sound else _LATENCIES
    names = draw(st.lists(_NAMES, min_size=1, max_size=4, unique=True))
    endpoints: list[EndpointStats] = []
    rows: list[FailureRow] = []
    for method, name in names:
        errors = draw(st.lists(st.tuples(_TEXTS, st.integers(1, 5)), max_size=3))
        rows += [(method, name, text, count) for text, count in errors]
        failures = sum(count for _, count in errors) + draw(st.integers(0, 1))
        requests = max(failures, draw(counts)) + draw(st.integers(-1, 20))
        endpoints.append(
            stats(
                name,
                method=method,
                requests=max(requests, 0),
                failures=failures,
                latency=draw(latencies),
                rps=draw(_TIMES),
            )
        )
    text = draw(_TEXTS)
    rules = [
        rule("conflict", endpoint="/**", at_most=draw(st.sampled_from(["", "25%"])), why=text),
        rule("token=secret", endpoint="/**", statuses=None, error="password=hunter2"),
        rule("kept", endpoint="/**", excuses=False, statuses=(500,)),
    ]
    limits = st.sampled_from(["true_failures <= 2", "p95 <= 800ms", "idle_rules <= 0"])
    place = st.sampled_from([None, "/**", "/nowhere"])
    thresholds = [
        threshold(limit, endpoint=None if limit.startswith("idle") else draw(place))
        for limit in draw(st.lists(limits, max_size=3))
    ]
    began = datetime(2026 if sound else draw(st.sampled_from([1969, 2026, 2300])), 5, 1, tzinfo=UTC)
    time = replace(
        WHEN,
        started=began,
        ended=began + timedelta(seconds=draw(st.integers(0 if sound else -1, 100))),
    )
    judged = run(
        label=text,
        endpoints=endpoints,
        failures=draw(st.just(rows) | st.none()),
        time=draw(
            st.sampled_from([time, replace(time, source="file"), *([] if sound else [None])])
        ),
        users=draw(st.none() | st.integers(0, 9)),
        task_exceptions=draw(st.none() | st.integers(0, 9)),
        total=replace(run(endpoints=endpoints).total, latency=draw(latencies), rps=draw(_TIMES)),
    )
    rules_of = policy(*rules, thresholds=thresholds, origins=("loadgate.toml", text))
    provenance = Provenance(branch=text, commit="abc", link=f"https://ci.example/?token=a&b={text}")
    verdict = evaluate(classify(judged, rules_of), rules_of, ABSENT)
    return replace(verdict, provenance=provenance)


def _as_a_document(verdict: Verdict) -> Summarised | None:
    """Return what its document says of a run; None: it would be refused."""
    try:
        return read(render(verdict, "json"), "run_stats.csv", written=None)
    except ResultError:
        return None


def _as_judged(verdict: Verdict) -> Summarised | None:
    try:
        judged = summarise(verdict, "run_stats.csv")
    except ResultError:
        return None
    assert judged.summary.rejudged
    return judged._replace(summary=replace(judged.summary, rejudged=False))


@settings(max_examples=200)
@given(st.booleans().flatmap(lambda sound: verdicts(sound=sound)))
def test_a_run_is_summarised_as_its_document_is(verdict: Verdict) -> None:
    """Whether a run is judged now, or its document is read, the same is known of it, or refused."""
    assert _as_judged(verdict) == _as_a_document(verdict)


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.parent.name)
def test_recorded_runs(path: Path) -> None:
    """The recorded runs are known in the same way, too."""
    rules = load_policy("optimistic-locking")
    verdict = evaluate(classify(read_run(str(path), allow_partial=True), rules), rules, ABSENT)
    judged = _as_judged(verdict)
    assert judged is not None
    assert judged == _as_a_document(verdict)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param({"time": None}, "run.started: ", id="no-time"),
        pytest.param(
            {"endpoints": [stats(requests=LARGEST_COUNT + 1)]}, "totals.requests: ", id="count"
        ),
        pytest.param(
            {"endpoints": [stats(latency=latency(avg=-1))]}, "endpoints[0].avg: ", id="negative"
        ),
        pytest.param(
            {"endpoints": [stats(latency=latency(min=300))]}, "endpoints[0]: min", id="order"
        ),
    ],
)
def test_numbers_that_no_run_has(change: dict[str, Any], problem: str) -> None:
    """They are refused with their place."""
    rules = policy()
    with pytest.raises(ResultError) as caught:
        summarise(evaluate(classify(run(**change), rules), rules, ABSENT), "run_stats.csv")
    assert caught.value.problem.startswith(problem)
