"""Tests of reading result documents: a record, or one clear problem."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import loadgate
from loadgate.document import read as document
from loadgate.document.sums import COUNTS
from loadgate.errors import ResultError
from loadgate.model import IMPOSSIBLE
from loadgate.summary import RunSummary

from . import made

SCHEMA = json.loads(
    (Path(loadgate.__file__).parent / "schemas" / "result.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
RATES = ("failure_rate", "expected_failure_rate", "true_failure_rate")
WRITTEN = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)

Change = Callable[[made.Document], object]


def read(of: made.Document | str, *, written: datetime | None = None) -> RunSummary:
    """Read a document, which must be one of ours."""
    text = of if isinstance(of, str) else json.dumps(of)
    found = document.read(text, "nightly.json", written=written)
    assert found is not None
    return found.summary


def problem(of: made.Document | str) -> str:
    """Return the problem that reading a document ends with."""
    with pytest.raises(ResultError) as caught:
        read(of)
    assert caught.value.place == "nightly.json"
    return caught.value.problem


def changed(change: Change) -> made.Document:
    """Return a document with one change."""
    of = made.document()
    change(of)
    return of


def test_a_record_has_what_a_report_needs() -> None:
    """Everything that a report needs is taken over from the document."""
    found = read(made.document(2))
    assert (found.source, found.label, found.outcome) == ("nightly.json", "nightly 2", "failed")
    assert found.started == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert found.ended == datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
    assert found.time_from == "history"
    assert (found.branch, found.commit, found.link) == ("main", "abc", "https://ci.example/1")
    assert (found.partial, found.rejudged) == (False, False)
    assert found.rules_from == ("loadgate.toml",)
    assert (found.requests, found.failures, found.expected, found.true) == (1502, 13, 10, 3)
    assert (found.p95, found.task_exceptions) == (40.0, None)
    assert found.endpoints[0] == (*("POST", "/tools/[id]/state"), *(1002, 13, 10, 3, 40.0), None)
    assert [kind.failures for kind in found.kinds] == [3, 10]
    assert found.kinds[0].status == 500
    assert found.kinds[0].rule is None


def test_a_rule_says_how_much_of_its_budget_it_used() -> None:
    """The largest share of any endpoint is the use of a rule's budget."""

    def more(of: made.Document) -> None:
        of["checks"].append({**of["checks"][-1], "actual": 0.2, "endpoint": "POST /a"})
        of["checks"].append(
            {
                **of["checks"][-1],
                "actual": None,
                "result": "missing",
                "severity": "warning",
                "endpoint": "POST /b",
            }
        )
        of["rules"][0]["expires"] = "2027-01-31"

    (rule,) = read(changed(more)).rules
    assert (rule.id, rule.why, rule.matched) == ("toggle-conflict", "409 is an answer", 10)
    assert (rule.state, rule.excuses, rule.budget) == ("used", True, 0.25)
    assert rule.used == 0.2
    assert rule.expires == date(2027, 1, 31)


def test_the_lowest_limit_on_true_failures_is_known() -> None:
    """Of the whole run, as an error, not in windows of it; there may be none."""

    def limits(*more: made.Document) -> float | None:
        of = made.document()
        base = next(one for one in of["checks"] if one["metric"] == "true_failure_rate")
        of["checks"] = [base | one for one in more]
        return document._summary(of, "x.json", None, rejudged=False).true_failure_limit  # noqa: SLF001

    run = {"endpoint": None, "rule": None, "limit": 0.01}
    assert limits(run, run | {"limit": 0, "require": "true_failure_rate <= 0%"}) == 0
    assert limits(run | {"severity": "warning"}, run | {"endpoint": "POST /x"}) is None
    assert limits(run | {"metric": "p95"}, run | {"rule": "r"}, run | {"limit": None}) is None
    assert limits(run | {"require": "true_failure_rate <= 1% every 1m"}) is None


def test_a_failed_check_is_told_with_its_place() -> None:
    """A check that failed is named by demand and place; one that only warns is not."""

    def budget(of: made.Document) -> None:
        of["checks"][-1] |= {"result": "failed", "actual": 0.26}

    assert read(changed(budget)).failed_checks == (
        "true_failure_rate <= 0.1%",
        "p95 <= 800ms: GET /tools",
        "expected_failure_rate <= 25% (rule toggle-conflict): POST /tools/[id]/state",
    )


def test_a_window_has_numbers_of_its_own() -> None:
    """They are not those of the totals."""

    def window(of: made.Document) -> None:
        found = _check("true_failures <= 900 during steady", 899, 900)
        of["checks"].append(found | {"window": {"from": 10.5, "to": 300}})

    assert read(changed(window)).failed_checks == read(made.document()).failed_checks


def _time(started: str | None, ended: str | None, time_from: str | None = "report") -> Change:
    return lambda of: of["run"].update(started=started, ended=ended, time_from=time_from)


def _check(
    require: str,
    actual: float | None,
    limit: float,
    *,
    endpoint: str | None = None,
    result: str = "passed",
) -> made.Document:
    """Return a check as a document has it."""
    of: made.Document = made.document()["checks"][0]
    metric = require.partition(" ")[0]
    return of | {
        "require": require,
        "metric": metric,
        "actual": actual,
        "limit": limit,
        "endpoint": endpoint,
        "result": result,
    }


def moved(of: made.Document) -> None:
    """Count failures at an endpoint where none of them was."""
    first, second = of["endpoints"]
    for key in ("failures", "true_failures"):
        first[key] -= 3
        second[key] += 3


def few_requests(of: made.Document) -> None:
    """Let an endpoint have fewer requests than failures, and all sums be right."""
    of["endpoints"][0]["requests"] = 9
    of["totals"]["requests"] = 509
    for key in COUNTS[1:]:
        of["totals"][f"{key[:-1]}_rate"] = of["totals"][key] / 509
    of["checks"][0]["actual"] = 3 / 509


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            _time("2026-11-23T07:00:00+01:00", "2026-11-23T06:30:00Z"),
            ("06:00", "06:30", "report"),
            id="any-zone-becomes-utc",
        ),
        pytest.param(
            _time("2026-11-23T06:00:00", None), ("06:00", "06:00", "report"), id="no-zone-is-utc"
        ),
        pytest.param(_time(None, "2026-11-23T06:30Z"), ("06:30", "06:30", "report"), id="only-end"),
        pytest.param(_time(None, None, None), ("04:30", "04:30", None), id="the-file-says"),
    ],
)
def test_when_a_run_was(change: Change, expected: tuple[str, str, str | None]) -> None:
    """Times are UTC; one stands in for the other, and the time of the file for both."""
    found = read(changed(change), written=WRITTEN)
    assert (f"{found.started:%H:%M}", f"{found.ended:%H:%M}", found.time_from) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            _time(None, None, None),
            "run.started: does not say when the run was, nor does its file",
            id="no-time",
        ),
        pytest.param(
            _time("2026-11-23T07:00Z", "2026-11-23T06:00Z"),
            "run.ended: is before run.started",
            id="ends-before-it-starts",
        ),
        pytest.param(
            _time("yesterday", None),
            'run.started: must be a time like "2026-11-23T06:00:00Z", not "yesterday"',
            id="no-time-at-all",
        ),
        pytest.param(
            _time("0001-01-01T00:00+23:00", None),
            'run.started: must be a time like "2026-11-23T06:00:00Z", not "0001-01-01T00:00+23:00"',
            id="before-the-first-year",
        ),
        pytest.param(
            _time("9999-01-01", None),
            "run.started: must be from 1970 to 2199, not 9999-01-01",
            id="far-away",
        ),
        pytest.param(
            lambda of: of.update(version=2),
            "version: needs a newer loadgate; this one reads version 1",
            id="newer",
        ),
        pytest.param(
            lambda of: of["run"].update(users="many"),
            'run.users: must be a number, not "many"',
            id="users-in-words",
        ),
        pytest.param(
            lambda of: of["run"].update(duration=-1),
            "run.duration: must be at least 0, not -1",
            id="less-than-no-time",
        ),
        pytest.param(lambda of: of.update(version=0), "version: must be 1, not 0", id="older"),
        pytest.param(lambda of: of.pop("version"), "version: is missing", id="no-version"),
        pytest.param(
            lambda of: of["totals"].update(true_failures=4),
            "totals: 10 expected and 4 true failures do not add up to 13",
            id="totals-do-not-add-up",
        ),
        pytest.param(
            lambda of: of["endpoints"][0].update(true_failures=4),
            "endpoints[0]: 10 expected and 4 true failures do not add up to 13",
            id="an-endpoint-does-not-add-up",
        ),
        pytest.param(
            lambda of: of["endpoints"][0].update(unexplained=4),
            "endpoints[0]: has more unexplained failures than true ones",
            id="more-unexplained-than-true",
        ),
        pytest.param(
            lambda of: of["failures"][0].update(count=2),
            "totals.true_failures: is 3, but the failures listed add up to 2",
            id="kinds-do-not-add-up",
        ),
        pytest.param(
            lambda of: of["endpoints"][0].update(requests=7),
            "totals.requests: is 1,500, but the endpoints add up to 507",
            id="endpoints-do-not-add-up",
        ),
        pytest.param(
            moved,
            "endpoints[0].true_failures: is 0, but the failures listed add up to 3",
            id="failures-of-another-endpoint",
        ),
        pytest.param(
            lambda of: of["totals"].update(expected_failure_rate=0.0001),
            "totals.expected_failure_rate: cannot be 0.0001, as 10 of 1,500 requests failed",
            id="a-rate-of-other-counts",
        ),
        pytest.param(
            lambda of: of.update(outcome="passed"),
            "outcome: must be failed, not passed: 2 checks failed, 1,500 requests were made",
            id="passed-beside-a-failed-check",
        ),
        pytest.param(
            lambda of: of.update(outcome="no-evidence"),
            "outcome: must be failed, not no-evidence: 2 checks failed, 1,500 requests were made",
            id="no-evidence-beside-requests",
        ),
        pytest.param(
            lambda of: of.update(checks=[_check("true_failures <= 3", 3, 3)]),
            "outcome: must be passed, not failed: 0 checks failed, 1,500 requests were made",
            id="failed-without-a-failed-check",
        ),
        pytest.param(
            lambda of: of.update(checks=[]),
            "checks: none limits the failures of the whole run",
            id="no-checks",
        ),
        pytest.param(
            lambda of: of.update(checks=[_check("rps <= 5", 5, 5)]),
            "checks: none limits the failures of the whole run",
            id="a-limit-on-something-else-only",
        ),
        pytest.param(
            lambda of: of.update(checks=[_check("true_failures <= 3", 3, 3, endpoint="GET /")]),
            "checks: none limits the failures of the whole run",
            id="a-limit-elsewhere-only",
        ),
        pytest.param(
            lambda of: of.update(checks=[_check("true_failures <= 3 every 10s", 3, 3)]),
            "checks: none limits the failures of the whole run",
            id="a-limit-on-a-window-only",
        ),
        pytest.param(
            lambda of: of["checks"].append(_check("true_failures <= 2", 3, 2)),
            'checks[4]: "true_failures <= 2" cannot have passed with 3 where the limit is 2',
            id="passed-beyond-its-limit",
        ),
        pytest.param(
            lambda of: of["checks"].append(_check("rps >= 4", 5, 4, result="failed")),
            'checks[4]: "rps >= 4" cannot have failed with 5 where the limit is 4',
            id="failed-within-its-limit",
        ),
        pytest.param(
            lambda of: of["checks"].append(_check("true_failures <= 2", 0, 2)),
            "checks[4].actual: must be that of the totals, not 0",
            id="another-number-than-in-the-totals",
        ),
        pytest.param(
            lambda of: of["checks"].append(_check("p95 <= 2s", 7, 2000)),
            "checks[4].actual: must be that of the totals, not 7",
            id="another-percentile-than-in-the-totals",
        ),
        pytest.param(
            lambda of: of["checks"].append(_check("rps <= 2", None, 2)),
            "checks[4]: passed without a number and a limit",
            id="passed-without-a-number",
        ),
        pytest.param(
            lambda of: of["checks"].append(_check("rps <= 2", 5, 9)),
            'checks[4].limit: is 9, and not as in "rps <= 2"',
            id="another-limit-than-it-says",
        ),
        pytest.param(
            lambda of: of["checks"][0].update(require="fine"),
            'checks[0].require: must be METRIC OP VALUE, such as "true_failure_rate <= 0.5%"',
            id="no-limit-at-all",
        ),
        pytest.param(
            lambda of: of["checks"][0].update(require="p95 <= 5s"),
            'checks[0].require: is no limit on "true_failure_rate"',
            id="a-limit-on-another-metric",
        ),
        pytest.param(
            lambda of: of["totals"].update(true_failure_rate=None),
            "totals.true_failure_rate: cannot be null, as 3 of 1,500 requests failed",
            id="no-rate-of-the-totals",
        ),
        pytest.param(
            lambda of: of["totals"].update(failure_rate=None),
            "totals.failure_rate: cannot be null, as 13 of 1,500 requests failed",
            id="no-rate",
        ),
        pytest.param(
            lambda of: of["rules"].append(of["rules"][0]),
            "rules: one is listed twice",
            id="a-rule-twice",
        ),
        pytest.param(
            lambda of: of["failures"][1].update(rule="other"),
            'failures[1].rule: "other" is not in rules',
            id="excused-by-no-rule",
        ),
        pytest.param(
            lambda of: of["failures"][1].update(rule=None),
            "failures[1].kind: cannot be expected by its rule",
            id="expected-without-a-rule",
        ),
        pytest.param(
            lambda of: of["failures"][0].update(rule="toggle-conflict"),
            "failures[0].kind: cannot be true by its rule",
            id="true-and-excused",
        ),
        pytest.param(
            lambda of: of["rules"][0].update(excuses=False),
            "failures[1].kind: cannot be expected by its rule",
            id="excused-by-a-carve-out",
        ),
        pytest.param(
            lambda of: of["rules"][0].update(state="expired"),
            "failures[1].kind: cannot be expected by its rule",
            id="excused-by-an-expired-rule",
        ),
        pytest.param(
            lambda of: of["rules"][0].update(matched=9),
            "rules[0].matched: is 9, but 10 failures name the rule",
            id="matched-by-nobody",
        ),
        pytest.param(
            lambda of: of["rules"][0].update(state="idle"),
            "rules[0].state: cannot be idle",
            id="idle-and-matched",
        ),
        pytest.param(
            lambda of: of["run"].update(contradictions=["a"]),
            "run.partial: must be true, as there are contradictions",
            id="contradictions-of-a-whole-run",
        ),
        pytest.param(
            lambda of: of["totals"].update(min=251),
            "totals: min is 251, above max, 250",
            id="min-above-max",
        ),
        pytest.param(
            lambda of: of["endpoints"][0]["percentiles"].update({"50": 41}),
            "endpoints[0]: p50 is 41, above p95, 40",
            id="percentiles-in-no-order",
        ),
        pytest.param(
            few_requests,
            "endpoints[0]: 13 failures of 9 requests cannot be",
            id="more-failures-than-requests",
        ),
        pytest.param(
            lambda of: of["endpoints"].append(of["endpoints"][0]),
            "endpoints: one is listed twice",
            id="an-endpoint-twice",
        ),
        pytest.param(
            lambda of: of["endpoints"][1].update(requests=10**15 + 1),
            "endpoints[1].requests: must be at most 1,000,000,000,000,000",
            id="a-count-that-nothing-can-add-up",
        ),
        pytest.param(
            lambda of: of["totals"].update(avg=float("inf")),
            "is not valid JSON: Infinity is not a number in JSON",
            id="infinity",
        ),
        pytest.param(
            lambda of: of["totals"].update(p="1", percentiles={"ninety": 1}),
            'totals.percentiles: must be a text that matches ^[0-9]+(\\.[0-9]+)?$, not "ninety"',
            id="no-percentile",
        ),
        pytest.param(
            lambda of: of["rules"][0].update(expires="2027-02-30"),
            "rules[0].expires: there is no day 2027-02-30",
            id="no-day",
        ),
        pytest.param(
            lambda of: of["run"].update(rules=["a", 1]),
            "run.rules[1]: must be a text, not 1",
            id="a-place-in-a-list",
        ),
        pytest.param(
            lambda of: of.update(outcome="\x1b[31m" + "x" * 99),
            'outcome: must be one of passed, failed, no-evidence, not "\\x1b[31m' + "x" * 34 + '…"',
            id="hostile-values-are-told-short-and-harmless",
        ),
    ],
)
def test_a_bad_document_is_one_clear_problem(change: Change, expected: str) -> None:
    """What is wrong with a document is told with its place, and what it should be."""
    assert problem(changed(change)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"format": "loadgate.result"', "Expecting ',' delimiter", id="cut-off"),
        pytest.param(
            '{"format": "loadgate.result", "a": NaN}', "NaN is not a number in JSON", id="nan"
        ),
        pytest.param('{"a": 1, "a": 2}', 'duplicate key "a"', id="key-twice"),
        pytest.param("[" * 100_000, "nested too deeply", id="nested"),
        pytest.param('{"a": ' + "9" * 5000 + "}", "limit", id="a-number-of-many-digits"),
    ],
)
def test_unsound_json_is_one_clear_problem(text: str, expected: str) -> None:
    """What is no JSON is told, and why."""
    found = problem(text)
    assert found.startswith("is not valid JSON: ")
    assert expected in found


@pytest.mark.parametrize(
    "text", [pytest.param("{}", id="empty"), pytest.param('{"format": "other"}', id="other"), "[]"]
)
def test_other_json_is_none_of_ours(text: str) -> None:
    """JSON of other programs is no result document, and no problem."""
    assert document.read(text, "package.json", written=None) is None


def test_numbers_that_overflow_are_refused() -> None:
    """JSON may say 1e999, which Python takes for infinity."""
    text = json.dumps(made.document()).replace('"rps": 5.0', '"rps": 1e999')
    assert problem(text) == "totals.rps: must be a finite number"


def test_whole_numbers_may_be_written_with_a_point() -> None:
    """3.0 is a whole number, as in the schema."""
    assert read(json.dumps(made.document()).replace("1500,", "1500.0,")).requests == 1500


def test_texts_can_be_written_as_utf_8() -> None:
    """A lone surrogate becomes the replacement character; all other texts stay as they are."""
    of = json.dumps(made.document(label="\u51b2 \ud800"))
    assert read(of.replace("\ufffd", "\ud800")).label == "\u51b2 \ufffd"


def test_more_failures_than_requests_are_read_where_a_warning_says_so() -> None:
    """Something may report failures without requests, which our documents then call impossible."""

    def warned(of: made.Document) -> None:
        few_requests(of)
        of["warnings"].append(f"{IMPOSSIBLE}13 failures of 9 requests at POST /state")

    found = read(changed(warned))
    assert (found.failures, found.requests, found.endpoints[0].requests) == (13, 509, 9)


def test_a_run_without_requests_is_read() -> None:
    """It is no evidence, and has no rates."""

    def idle(of: made.Document) -> None:
        of |= {"outcome": "no-evidence", "endpoints": [], "failures": [], "rules": []}
        of["checks"] = [_check("true_failure_rate <= 1%", None, 0.01, result="missing")]
        of["totals"] |= dict.fromkeys(COUNTS, 0) | dict.fromkeys(RATES)

    assert read(changed(idle)).requests == 0

    def rated(of: made.Document) -> None:
        idle(of)
        of["totals"]["failure_rate"] = 0.5

    assert "totals.failure_rate: cannot be 0.5, as 0 of 0 requests failed" in problem(
        changed(rated)
    )


def test_a_partial_run_need_not_add_up() -> None:
    """Where contradictions were allowed, the endpoints may count less than the totals."""

    def partial(of: made.Document) -> None:
        of["run"]["partial"] = True
        of["totals"]["requests"] = 9000
        for decision, count in (("", 13), ("expected_", 10), ("true_", 3)):
            of["totals"][f"{decision}failure_rate"] = count / 9000
        of["checks"][0] = _check("true_failures <= 2", 3, 2, result="failed")

    found = read(changed(partial))
    assert (found.partial, found.requests) == (True, 9000)


def test_unknown_keys_are_ignored() -> None:
    """Within version 1 keys are only ever added."""
    of = made.document()
    plain = read(of)
    of["new"] = of["run"]["new"] = of["endpoints"][0]["new"] = {"anything": [1]}
    assert read(of) == plain


# --- mutations ------------------------------------------------------------------------------------

_MISSING = object()
_VALUES: tuple[object, ...] = (
    _MISSING,
    None,
    True,
    -1,
    0,
    1.5,
    "",
    "x",
    "2026-11-23",
    [],
    {},
    [1],
    {"x": 1},
    10**30,
)


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of every value in a document; of a list only the first."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _places(inner, (*path, key))
    elif isinstance(value, list) and value:
        yield from _places(value[0], (*path, 0))


def _mutated(of: made.Document, path: tuple[str | int, ...], value: Any) -> made.Document:
    of = copy.deepcopy(of)
    target: Any = of
    for key in path[:-1]:
        target = target[key]
    if value is _MISSING:
        del target[path[-1]]
    else:
        target[path[-1]] = value
    return of


@pytest.mark.parametrize(
    "path", [pytest.param(p, id=".".join(map(str, p))) for p in _places(made.document())]
)
def test_what_the_schema_refuses_is_refused(path: tuple[str | int, ...]) -> None:
    """Of a document with one mutation, whatever the schema refuses is refused here, too.

    What it accepts is refused only where counts do not add up, or a text is no time or day.
    """
    sound = made.document()
    for value in _VALUES:
        if path == ("format",):
            continue  # then it is another program's
        of = _mutated(sound, path, value)
        try:
            read(of, written=WRITTEN)
        except ResultError as error:
            told = error.problem
        else:
            told = ""
        if not VALIDATOR.is_valid(of):
            assert told, (path, value)
        else:
            reasons = (
                *("add up", "unexplained", "a time like", "is before", "outcome: must be "),
                *(" requests failed", "cannot be", "cannot have", "checks: none limits"),
                *("is no limit on", "must be METRIC OP VALUE", "not as in", "name the rule"),
                *("without a number and a limit", "that of the totals", "not in rules"),
                *("as there are contradictions", ", above ", "no day", "must be at most"),
            )
            assert not told or any(reason in told for reason in reasons), (path, value, told)
