"""Windows: a threshold on a part of a recorded run, held against what brute force says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from builders import policy, rule, run, stats
from hypothesis import given
from hypothesis import strategies as st

from loadgate import read_run
from loadgate.classify import classify
from loadgate.errors import LoadgateError
from loadgate.gate import evaluate
from loadgate.metrics import definition
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


def between(began: float, ended: float) -> tuple[Fraction, Fraction]:
    """Return a window in seconds from the start of the run."""
    return Fraction(str(began)), Fraction(str(ended))


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


def _true(inside: list[Request], whole: list[Request], _: int, upper: bool) -> Fraction:
    del upper
    true = true_by_key(whole)
    return Fraction(sum(min(count, true[key]) for key, count in _failed(inside).items()))


def _expected(inside: list[Request], whole: list[Request], length: int, upper: bool) -> Fraction:
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
    demand: tuple[str, str],
    every: int,
    requests: list[Request],
    span: tuple[float, float],
    width: int,
) -> Fraction | None:
    """Return the worst value of a metric in all windows of a length; None: no window has any."""
    metric, sign = demand
    upper = sign in {"<=", "<"}
    began, ended = span[0] / width, span[1] / width
    inner = math.ceil(began), math.floor(ended)
    outer = math.floor(began), math.ceil(ended)
    if span[1] == 59.7:  # what is there behind the end counts, too
        outer = outer[0], max([outer[1], *(each.second // width + 1 for each in requests)])
    windows = set()
    for first, end in {outer, inner} if upper else {inner}:
        for length in {every // width, -(-every // width)}:
            if end - first <= length:
                windows |= {inner, (first, end)}
            windows |= {(at, at + length) for at in range(first, end - length + 1)}
    values = []
    for low, high in windows:
        inside = [each for each in requests if low <= each.second // width < high]
        values.append(METRICS[metric](inside, requests, (high - low) * width, upper))
    known = [value for value in values if value is not None]
    return (max if upper else min)(known) if known else None


REQUESTS = st.lists(
    st.builds(
        Request,
        st.integers(0, 61) | st.integers(20, 24),
        st.sampled_from([200, 200, 409, 500]),
        st.sampled_from([None, None, "lost update", "boom"]),
        st.none() | st.integers(0, 255),
        st.sampled_from(["/a", "/a", "/b", None]),
    ),
    min_size=1,
    max_size=60,
)
DEMANDS = st.sampled_from(
    [
        *((name, sign) for name in METRICS for sign in ("<=", "<")),
        *(
            (name, sign)
            for name in ("requests", "rps", "expected_failures")
            for sign in (">=", ">")
        ),
    ]
)
LIMITS = {"rate": "%", "latency": "ms", "count": "", "throughput": ""}


@given(
    REQUESTS,
    DEMANDS,
    st.integers(1, 30),
    st.sampled_from([1, 2, 3, 10, 12, 58, 59, 60, 90]),
    st.sampled_from(
        [("", (0.4, 59.7)), ("during steady", (10.3, 59.2)), ("after 7s", (7.4, 59.7))]
    ),
    st.booleans(),
    st.sampled_from([1, 1, 5]),
)
def test_the_worst_window_is_that_of_brute_force(
    read: Read,
    requests: list[Request],
    demand: tuple[str, str],
    limit: int,
    every: int,
    part: tuple[str, tuple[float, float]],
    endpoint: bool,
    width: int,
) -> None:
    """Its value is the same, and the gate passes only if that meets the limit."""
    metric, sign = demand
    kind = definition(metric).kind
    text = f"{metric} {sign} {limit}{LIMITS[kind]} {part[0]} every {every}s"
    threshold = run_threshold(text, "test")
    mine = requests
    if endpoint:
        threshold = replace(threshold, endpoint=EndpointPattern.parse("GET /a", wide=True))
        mine = [each for each in requests if each.name == "/a"]
    (check, *_) = judged(read(recording(requests, width=width)), threshold).checks
    if not mine:
        assert check.result == "missing"
        return
    if every < width:
        assert (check.result, check.actual) == ("missing", None)
        return
    value = worst(demand, every, mine, part[1], width)
    assert check.actual == value
    if value is None:
        assert check.result == "missing"
    else:
        bound = Fraction(limit, 100 if kind == "rate" else 1)
        meets = {"<=": value <= bound, "<": value < bound, ">=": value >= bound, ">": value > bound}
        assert check.result == ("passed" if meets[sign] else "failed")


@given(REQUESTS, st.sampled_from([1, 10]))
def test_a_window_of_everything_is_the_whole_run(
    read: Read, requests: list[Request], width: int
) -> None:
    """What it counts is what the classification counts."""
    document = recording(requests, width=width, started=BEGAN + 0.0, ended=BEGAN + 70.0)
    document.counts.marks = [Mark(at=BEGAN + 70.0, kind="stop")]  # all edges are those of cells
    of = read(document)
    for metric in ("requests", "true_failures", "failures", "expected_failures", "status_409"):
        whole, part = judged(of, f"{metric} <= 9", f"{metric} <= 9 until 1h").checks[:2]
        if "other endpoints" not in str(of.endpoints) or metric != "status_409":
            assert whole.actual == part.actual, metric
    for metric in ("p42", "median", "avg", "max", "min", "p97.5_ok", "avg_ok"):
        whole, part = judged(of, f"{metric} <= 9ms", f"{metric} <= 9ms until 1h").checks[:2]
        assert (whole.actual is None) == (part.actual is None)
        assert float(whole.actual or 0) == pytest.approx(float(part.actual or 0))


# --- what a bad time cannot hide behind -----------------------------------------------------------

BAD = range(30, 40)
HIDDEN = [*steady(), *steady(BAD, 2, **FAILED)]
"""3.2 % of all requests fail, but 16.7 % of those of ten seconds."""


def test_ten_bad_seconds(read: Read) -> None:
    """The whole run passes, the worst window fails, and says when it was."""
    of = read(recording(HIDDEN))
    assert held(of, "true_failure_rate <= 5%").result == "passed"
    check = held(of, "true_failure_rate <= 5% every 10s")
    assert (check.result, check.actual) == ("failed", Fraction(1, 6))
    assert check.span == between(30, 40)
    assert check.note == "worst window: 30s to 40s"
    assert held(of, "true_failures <= 19 every 10s").result == "failed"
    assert held(of, "true_failures <= 20 every 10s").result == "passed"
    assert held(of, "status_500_rate <= 5% every 10s").result == "failed"
    assert held(of, "status_5xx <= 0 until 29s").result == "passed"
    assert held(of, "status_5xx <= 0 until 29s after 10s").note == "from 10s to 29s"


def test_a_dead_server(read: Read) -> None:
    """Windows without requests have no rates and times, but a throughput of nothing."""
    of = read(recording(steady([*range(25), *range(36, 60)])))
    check = held(of, "rps >= 1 every 10s")
    assert (check.result, check.actual) == ("failed", Fraction(0))
    assert check.span == between(25, 35)
    assert held(of, "requests >= 1 every 10s").result == "failed"
    assert held(of, "rps >= 1 every 15s").result == "passed"
    assert held(of, "rps >= 1 after 26s until 34s").actual == 0
    assert held(of, "p95 <= 6ms every 10s").result == "passed"
    for metric in ("p95 <= 6ms", "true_failure_rate <= 1%"):
        check = held(of, f"{metric} after 26s until 34s")
        assert (check.result, check.note) == ("missing", "from 26s to 34s; no requests")


def test_slow_seconds_of_successes_alone(read: Read) -> None:
    """Fast failures do not make a percentile of successes better."""
    slow = steady(BAD, 3, micros=900_000)
    fast = steady(BAD, 60, micros=100, **FAILED)
    of = read(recording([*steady(set(range(60)) - {*BAD}), *slow, *fast]))
    assert held(of, "p95 <= 6ms").result == "passed"
    assert held(of, "p95_ok <= 6ms").result == "failed"
    assert held(of, "p95 <= 6ms every 10s").result == "passed"
    assert held(of, "median <= 6ms every 10s").result == "passed"
    assert held(of, "median_ok <= 6ms every 10s").result == "failed"
    assert held(of, "avg_ok <= 899ms every 5s").actual == 900
    assert held(of, "min_ok <= 899ms every 5s").actual == 900
    assert held(of, "max_ok <= 900ms every 5s").result == "passed"
    check = held(read(recording(fast)), "p95_ok <= 6ms")
    assert (check.result, check.note) == ("missing", "no request here has a response time")
    assert held(read(recording([])), "p95_ok <= 6ms").note == "no requests"


def test_any_percentile(read: Read) -> None:
    """Of the whole run, too; files of Locust have only theirs."""
    of = read(recording([Request(20, micros=n) for n in range(1, 101)]))
    assert held(of, "p42 <= 1s").actual == Fraction(42, 1000)
    assert held(of, "p97.50 <= 1s").actual == Fraction(98, 1000)
    assert held(of, "p42_ok <= 1s", endpoint=EndpointPattern.parse("/a", wide=True)).actual == (
        Fraction(42, 1000)
    )
    assert "choose one of them, or record the run: loadgate locust" in held(run(), "p42 <= 1s").note
    assert "record the run: loadgate locust" in held(run(), "p95_ok <= 1s").note


def test_keys_of_which_some_texts_are_expected(read: Read) -> None:
    """Texts have no time: any failure of such a key may be a true one, or an expected one."""
    mixed = [
        *steady(range(20, 22), 4, status=409, error="conflict"),
        *steady(range(50, 51), 4, status=409, error="lost update"),
    ]
    of = read(recording([*steady(), *mixed]))
    assert held(of, "true_failures <= 4").actual == 4
    assert held(of, "true_failures <= 3 until 30s").actual == 4  # of 8, though none is
    assert held(of, "expected_failures <= 4 after 40s").actual == 4  # though none is
    assert held(of, "expected_failures >= 1 after 40s").actual == 0
    assert held(of, "expected_failures >= 1 until 30s").actual == 4
    assert held(of, "failures <= 4 after 40s").actual == 4
    nameless = read(recording([*steady(), *steady([30], 3, status=409, error="x", name=None)]))
    assert held(nameless, "true_failures <= 0 every 10s").actual == 3
    each = replace(
        run_threshold("true_failures <= 2 every 10s", "test"),
        endpoint=EndpointPattern.parse("**", wide=True),
    )
    other, named = judged(nameless, each).checks[:2]
    assert (other.endpoint, other.result) == ("(other endpoints)", "failed")
    assert (named.endpoint, named.actual) == ("GET /a", Fraction(0))
    assert held(nameless, "status_409 <= 0 every 10s").actual == 3


# --- where a window is ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spawned", "span"),
    [
        ([(10.3, 5)], (9.9, 58.8)),
        ([(3, 2), (10.3, 5), (20.4, 3)], (9.9, 58.8)),
        ([(3, 2), (10.3, 4), (20.4, 5), (30, 5)], (20, 58.8)),
        ([(10.3, None)], (9.9, 58.8)),
        ([(10.3, 5), (59.5, 9)], (9.9, 58.8)),
    ],
)
def test_steady(
    read: Read, spawned: list[tuple[float, int | None]], span: tuple[float, float]
) -> None:
    """It begins when the most users are there for the first time, and ends when they stop."""
    of = read(recording(steady(), spawned=spawned))
    check = held(of, "failures <= 0 during steady")
    assert check.span == between(*span)


def test_the_ramp_up_does_not_count(read: Read) -> None:
    """But the second in which it ends does, against an upper limit."""
    of = read(recording([*steady(), *steady(range(10), 5, **FAILED)]))
    assert held(of, "true_failure_rate <= 1%").result == "failed"
    for window in ("during steady", "after 10s", "during steady every 5s"):
        assert held(of, f"true_failure_rate <= 1% {window}").result == "passed"
    of = read(recording([*steady(), *steady([10], 1, **FAILED)]))
    assert held(of, "true_failures <= 0 during steady").result == "failed"
    assert held(of, "requests >= 480 during steady").actual == 480
    assert held(of, "requests <= 1000 during steady").actual == 501


def test_users_and_duration(read: Read) -> None:
    """The fewest users must be enough, and the most not too many."""
    of = read(recording(steady(), users=[(0, 0), (5, 3), (12, 5), (30, 2), (31, 5), (59, 0)]))
    assert held(of, "users >= 5 during steady").actual == 2
    assert held(of, "users >= 5 after 31s until 50s").actual == 5
    assert held(of, "users <= 5 every 10s").actual == 5
    check = held(of, "users >= 5 during steady every 10s")
    assert (check.actual, check.span) == (Fraction(2), between(21, 31))
    assert held(of, "duration >= 48.9s during steady").result == "passed"
    assert held(of, "duration >= 49s during steady").result == "failed"
    assert held(of, "duration >= 2m until 2m").actual == Fraction("59.3")
    assert held(of, "duration <= 10s every 10s").result == "passed"
    of = read(recording(steady(), users=[], spawned=[(10.3, None)]))
    assert held(of, "users >= 5 during steady").result == "missing"


@pytest.mark.parametrize(
    ("window", "fields", "why"),
    [
        ("during steady", {"spawned": []}, "the users were never all there"),
        ("during steady", {"spawned": [(59.5, 5)]}, "the users were never all there"),
        ("after 2m", {}, "nothing of the run, which took 59.3s, is in the window"),
        ("during steady after 59s", {}, "nothing of the run"),
        ("after 59s", {}, "the window is 0.3s long, and the recording counts by 1s"),
        ("every 9s", {"width": 10}, "the recording counts by 10s"),
        ("until 10s", {"started": None}, "does not say when the test began"),
        ("every 9s", {"started": BEGAN + 3.5}, "the clocks of master and workers differ"),
        ("every 9s", {"ended": BEGAN + 55.0}, "the clocks of master and workers differ"),
    ],
)
def test_no_such_window(read: Read, window: str, fields: dict[str, Any], why: str) -> None:
    """It cannot be told, so the gate fails; `optional` does not help."""
    of = read(recording(steady(), **fields))
    check = held(of, f"failures <= 5 {window}", optional=True)
    assert (check.result, check.actual, check.span) == ("missing", None, None)
    assert check.limit == 5
    assert why in check.note
    assert judged(of, f"failures <= 5 {window}").outcome == "failed"


def test_the_end_of_steady_is_not_known(read: Read) -> None:
    """There are too many marks, or the event is new."""
    document = recording(steady())
    document.counts.marks = [mark for mark in document.counts.marks if mark.kind != "stopping"]
    assert (
        "does not say when the users began to stop"
        in held(read(document), "failures <= 0 during steady").note
    )


def test_several_runs(read: Read) -> None:
    """Where they were merged only windows of a length are known, and no users."""
    document = recording(HIDDEN)
    document.counts.marks += [Mark(at=STARTED + at, kind="start") for at in (0, 20)]
    of = read(document)
    for window in ("during steady", "after 1s", "until 9s"):
        check = held(of, f"failures <= 99 {window} every 5s")
        assert (check.result, check.note) == (
            "missing", "several runs were merged, and each has a start of its own")  # fmt: skip
    assert held(of, "true_failure_rate <= 5% every 10s").actual == Fraction(1, 6)
    assert held(of, "users <= 9 every 10s").result == "missing"


def test_without_a_recording(read: Read) -> None:
    """It fails, and says how to get one; so do partial results."""
    check = held(run(endpoints=[stats(failures=0)]), "p95 <= 1s during steady")
    assert (check.result, check.actual, check.limit) == ("missing", None, Fraction(1000))
    assert check.note == ("only a recording has a timeline; record the run: loadgate locust ...")
    partial = read(recording(steady(), state="running"), allow_partial=True)
    check = held(partial, "p95 <= 1s during steady")
    assert (check.result, check.note) == (
        "missing", "partial results have no timeline")  # fmt: skip


# --- with the other keys of a threshold -----------------------------------------------------------


def test_min_requests_and_confidence(read: Read) -> None:
    """Each is about each window."""
    few = [*steady(range(40), 10), *steady([50], 1), *steady([50], 1, **FAILED)]
    of = read(recording(few))
    assert held(of, "true_failure_rate <= 5% every 10s").actual == Fraction(1, 2)
    check = held(of, "true_failure_rate <= 5% every 10s", min_requests=50)
    assert check.result == "passed"
    assert check.note.endswith("; windows with fewer than 50 requests were skipped")
    check = held(of, "true_failure_rate <= 5% every 10s", min_requests=500)
    assert check.result == "not-enough-data"
    assert check.note == "worst window: 41s to 51s; 2 of the 500 requests it needs"
    assert held(of, "true_failure_rate <= 20% every 10s", confidence=0.99).result == "passed"
    bad = read(recording([*few, *steady(range(20, 25), 18, **FAILED)]))
    check = held(bad, "true_failure_rate <= 20% every 10s", confidence=0.99)
    assert (check.result, check.actual) == ("failed", Fraction(90, 190))
    assert "Wilson bound of 190 requests" in check.note


def test_an_optional_endpoint(read: Read) -> None:
    """It may also be away from the window."""
    of = read(recording([*steady(range(5), name="/login"), *steady()]))
    login = EndpointPattern.parse("/login", wide=True)
    for optional, result in ((True, "not-enough-data"), (False, "missing")):
        check = held(of, "p95 <= 1s during steady", endpoint=login, optional=optional)
        assert (check.result, check.endpoint) == (result, "GET /login")
    other = EndpointPattern.parse("/other", wide=True)
    check = held(of, "p95 <= 1s during steady", endpoint=other)
    assert (check.result, check.window is None) == ("missing", False)


def test_the_default_limit_stays(read: Read) -> None:
    """Whatever a window demands: the rest of the run would have no limit."""
    of = read(recording([*steady(), *steady(range(10), 5, **FAILED)]))
    for window in ("during steady", "until 1m", "every 10s"):
        threshold = run_threshold(f"true_failure_rate <= 5% {window}", "test")
        verdict = judged(of, by=policy(thresholds=[threshold]))
        assert verdict.checks[0].note == "default limit"
        assert verdict.outcome == "failed"


def test_a_verdict_holds_no_cells(read: Read) -> None:
    """Of many runs they would fill the memory."""
    of = read(recording(steady()))
    assert of.recorded is not None
    assert judged(of).classification.run.recorded is None


def test_very_many_windows_are_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """They cost time, of which a run has so much."""
    of = read(recording([Request(second, micros=2**n) for second in range(60) for n in range(20)]))
    for metric, most in (("failures <= 0", 55), ("p95 <= 9m", 60)):
        text = f"{metric.replace('9m', '900s')} every 10s"
        with monkeypatch.context() as patch:
            patch.setattr("loadgate.name_pattern.MOST_STEPS", most - 10)
            with pytest.raises(LoadgateError, match="too many names and error texts"):
                held(of, text)
        assert held(of, text).result == "passed"
