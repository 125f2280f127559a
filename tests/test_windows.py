"""Windows: a threshold on a part of a recorded run, held against what brute force says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from builders import policy, rule, run, stats
from hypothesis import given
from hypothesis import strategies as st

from loadgate import read_run
from loadgate.classify import classify
from loadgate.gate import evaluate
from loadgate.model import Check, Policy, Run, Threshold, Verdict
from loadgate.patterns import EndpointPattern
from loadgate.recording.counts import Counts, Key, Mark
from loadgate.recording.document import LOCAL, Document, Totals, Worker, document_to_json
from loadgate.recording.journal import pack
from loadgate.rules.thresholds import run_threshold

BEGAN = 1_795_000_000
STARTED, STOPPING, STOPPED = BEGAN + 0.4, BEGAN + 59.2, BEGAN + 59.7
RULES = (
    rule("lost", endpoint="/**", statuses=None, error="*lost*", excuses=False),
    rule("conflict", endpoint="/**", statuses=(409,)),
)
NO_LIMIT = run_threshold("true_failure_rate <= 100%", "test")


class Request(NamedTuple):
    """A request of a test, by when it ended."""

    second: int
    status: int | None = 200
    error: str | None = None
    micros: int | None = 5_000
    name: str | None = "/a"

    @property
    def key(self) -> Key:
        """Return the key under which the recorder counts it."""
        method = None if self.name is None else "GET"
        return Key(method, self.name, self.status, None, self.error is not None)


def steady(seconds: Iterable[int] = range(60), number: int = 10, **fields: Any) -> list[Request]:
    """Return so many requests in each second."""
    return [Request(second=second, **fields) for second in seconds for _ in range(number)]


FAILED: dict[str, Any] = {"status": 500, "error": "boom"}


def recording(
    requests: Sequence[Request],
    *,
    spawned: Sequence[tuple[float, int | None]] = ((10.3, 5),),
    users: Sequence[tuple[int, int]] = ((0, 0), (5, 3), (11, 5)),
    width: int = 1,
    **fields: Any,
) -> Document:
    """Return the recording of a minute in which all users were there after 10 seconds."""
    counts = Counts()
    for each in requests:
        key = counts.kept(each.key)
        counts.cell(BEGAN + each.second, key).record(each.micros)
        if key.failed:
            counts.count_text(key, each.error)
    counts.widen(width)
    for second, number in users:
        counts.count_users(BEGAN + second, number)
    for at, known in spawned:
        counts.mark(Mark(at=BEGAN + at, kind="spawned", users=known))
    counts.mark(Mark(at=STOPPING, kind="stopping", users=5))
    counts.mark(Mark(at=STOPPED, kind="stop"))
    made, failures = counts.requests, counts.failures
    worker = Worker(id=LOCAL, parts=1, arrived=made, recorded=made, finished=True)
    whole: dict[str, Any] = {
        "run": "r", "state": "finished", "started": STARTED, "ended": BEGAN + 61.0,
        "workers": [worker], "counts": counts,
        "locust_totals": Totals(requests=made, failures=failures, reset=False),
    }  # fmt: skip
    return Document(**whole | fields)


Read = Callable[..., Run]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Return what writes a recording and reads the run."""
    path = tmp_path_factory.mktemp("run") / "run.loadgate.json.gz"

    def written(document: Document, **options: Any) -> Run:
        path.write_bytes(pack(document_to_json(document)))
        return read_run(path, **options)

    return written


def judged(of: Run, *thresholds: str | Threshold, by: Policy | None = None) -> Verdict:
    """Hold a run against thresholds, and no default one."""
    demanded = [run_threshold(one, "test") if isinstance(one, str) else one for one in thresholds]
    policy_ = by or policy(*RULES, thresholds=(*demanded, NO_LIMIT))
    return evaluate(classify(of, policy_), policy_)


def held(of: Run, threshold: str, **fields: Any) -> Check:
    """Return the check of a threshold."""
    verdict = judged(of, replace(run_threshold(threshold, "test"), **fields))
    return verdict.checks[0]


# --- brute force ----------------------------------------------------------------------------------


def percentile(times: list[int], share: Fraction) -> Fraction | None:
    """Return the smallest time that this share does not exceed."""
    ordered = sorted(times)
    found = (m for n, m in enumerate(ordered, 1) if n >= share * len(ordered))
    return Fraction(next(found), 1000) if ordered else None


def true_by_key(requests: Iterable[Request]) -> Counter[Key]:
    """Return all true failures by key: no rule excuses them."""
    failed = (each for each in requests if each.error is not None)
    return Counter(
        each.key
        for each in failed
        if each.status != 409 or "lost" in (each.error or "") or each.name is None
    )


METRICS: dict[str, Callable[[list[Request], list[Request], int, bool], Fraction | None]]
"""From requests in the window, all requests, seconds, and whether it is an upper limit."""


def _failed(requests: Iterable[Request]) -> Counter[Key]:
    return Counter(each.key for each in requests if each.error is not None)


def _true(inside: list[Request], whole: list[Request], _: int, upper: bool) -> Fraction:  # noqa: FBT001
    del upper
    true = true_by_key(whole)
    return Fraction(sum(min(count, true[key]) for key, count in _failed(inside).items()))


def _expected(inside: list[Request], whole: list[Request], length: int, upper: bool) -> Fraction:  # noqa: FBT001
    failed, true = _failed(whole), true_by_key(whole)
    if upper:
        most = (min(n, failed[key] - true[key]) for key, n in _failed(inside).items())
        return Fraction(sum(most))
    return sum(_failed(inside).values()) - _true(inside, whole, length, upper)


def _times(share: str, *, ok: bool) -> Callable[..., Fraction | None]:
    def value(inside: list[Request], *_: object) -> Fraction | None:
        times = [r.micros for r in inside if r.micros is not None and not (ok and r.error)]
        return percentile(times, Fraction(share) / 100)

    return value


METRICS = {
    "true_failures": _true,
    "true_failure_rate": lambda i, w, s, u: _true(i, w, s, u) / len(i) if i else None,
    "expected_failures": _expected,
    "failure_rate": lambda i, *_: Fraction(sum(_failed(i).values()), len(i)) if i else None,
    "status_409": lambda i, *_: Fraction(sum(r.status == 409 and bool(r.error) for r in i)),
    "requests": lambda i, *_: Fraction(len(i)),
    "rps": lambda i, _, s, __: Fraction(len(i), s),
    "p42": _times("42", ok=False),
    "p97.5_ok": _times("97.5", ok=True),
    "max": _times("100", ok=False),
}


def worst(
    metric: str, operator: str, every: int, requests: list[Request], span: tuple[float, float]
) -> Fraction | None:
    """Return the worst value of a metric in all windows of a length; None: no window has any."""
    upper = operator in {"<=", "<"}
    began, ended = span
    inner = math.ceil(began), math.floor(ended)
    outer = math.floor(began), math.ceil(ended)
    if ended == 59.7:  # what the users still do
        outer = outer[0], max([outer[1], *(each.second + 1 for each in requests)])
    windows = []
    for first, end in {outer, inner} if upper else {inner}:
        if end - first <= every:
            windows.append((first, end))
        windows += [(at, at + every) for at in range(first, end - every + 1)]
    values = [
        METRICS[metric]([r for r in requests if low <= r.second < high], requests, high - low, upper)
        for low, high in windows
    ]
    known = [value for value in values if value is not None]
    return (max if upper else min)(known) if known else None


REQUESTS = st.lists(
    st.builds(
        Request,
        st.integers(0, 59) | st.integers(20, 24),
        st.sampled_from([200, 200, 409, 500]),
        st.sampled_from([None, None, "lost update", "boom"]),
        st.none() | st.integers(0, 255),
        st.sampled_from(["/a", "/a", "/b", None]),
    ),
    min_size=1,
    max_size=60,
)
UPPER = {name: ("<=", "<") for name in METRICS if name not in {"requests", "rps"}}
DEMANDS = st.sampled_from(
    [
        *((name, sign) for name, signs in UPPER.items() for sign in signs),
        *((name, sign) for name in ("requests", "rps", "expected_failures") for sign in (">=", ">")),
    ]
)
LIMITS = {"rate": "%", "latency": "ms", "count": "", "throughput": ""}


@given(
    REQUESTS,
    DEMANDS,
    st.integers(0, 30),
    st.sampled_from([1, 2, 3, 10, 58, 60, 90]),
    st.sampled_from([("", (0.4, 59.7)), ("during steady", (10.3, 59.2)), ("after 7s", (7.4, 59.7))]),
    st.booleans(),
)
def test_the_worst_window_is_that_of_brute_force(  # noqa: PLR0913 - what a threshold is made of
    read: Read,
    requests: list[Request],
    demand: tuple[str, str],
    limit: int,
    every: int,
    part: tuple[str, tuple[float, float]],
    endpoint: bool,  # noqa: FBT001
) -> None:
    """Its value is the same, and the gate passes only if that meets the limit."""
    metric, sign = demand
    kind = run_threshold(f"{metric} {sign} {'1%' if 'rate' in metric else '1ms' if metric[0] in 'pm' else '1'}".replace("max <= 1 ", "max <= 1ms"), "x").metric.kind if sign in {"<=", "<"} or metric in {"requests", "rps", "expected_failures"} else "count"
    text = f"{metric} {sign} {limit}{LIMITS[kind]} {part[0]} every {every}s"
    threshold = run_threshold(text, "test")
    mine = requests
    if endpoint:
        threshold = replace(threshold, endpoint=EndpointPattern.parse("GET /a", wide=True))
        mine = [each for each in requests if each.name == "/a"]
    (check, *_) = judged(read(recording(requests)), threshold).checks
    if not mine:
        assert check.result == "missing"
        return
    value = worst(metric, sign, every, mine, part[1])
    assert check.actual == value
    if value is None:
        assert check.result == "missing"
    else:
        bound = Fraction(limit, 100 if kind == "rate" else 1)
        meets = {"<=": value <= bound, "<": value < bound, ">=": value >= bound, ">": value > bound}
        assert check.result == ("passed" if meets[sign] else "failed")
