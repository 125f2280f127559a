"""The page of one run, as a program reads it: well-formed, safe, and the numbers of the verdict."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from builders import (
    check,
    classification,
    endpoint_result,
    failure_kind,
    run,
    verdict,
)

from loadgate.errors import UsageError
from loadgate.model import Provenance, TimeSpan, Verdict
from loadgate.render import page as base
from loadgate.render import render
from loadgate.render.verdict.chart_data import elapsed
from loadgate.time_series import Interval, KindTimes, Phase, TimeSeries

from .cases import CASES

VOID = {"meta", "link", "br", "img", "input", "hr"}
START = datetime(2026, 11, 23, 6, 8, 7, tzinfo=UTC)


def interval(begin: float, requests: float = 100, **fields: Any) -> Interval:
    """Return ten seconds with 100 requests, of which 1 % fail."""
    told: dict[str, Any] = {"failures": 1, "true": 1, "expected": 0, "users": 5}
    return Interval(
        begin=begin,
        end=begin + 10,
        requests=requests,
        **{"times": (5.0, 20.0, 30.0), **told, **fields},
    )


def series(*intervals: Interval, **fields: Any) -> TimeSeries:
    """Return a run over time, of a minute and a recording unless told otherwise."""
    told: dict[str, Any] = {"source": "recording", "times_of": "interval", "started": START}
    found = intervals or tuple(interval(10.0 * at) for at in range(6))
    return TimeSeries(**told | {"intervals": found} | fields)


def judged(over_time: TimeSeries | None, *checks: Any, **fields: Any) -> Verdict:
    """Return a verdict on 600 requests with 6 true failures, which has that over time."""
    row = endpoint_result("/a", requests=600, expected=0, true=6)
    kind = failure_kind("boom", name="/a", status=500, decision="true", count=6, rule=None)
    of = classification(endpoints=[row], failures=[kind], **fields)
    return replace(verdict(*checks, of=of), series=over_time)


class Page(HTMLParser):
    """What a page has: its elements, and the text in each kind of them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and begin its text."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.handle_data(" ")
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without a text."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """See that the element that ends is the one that began last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text for every element around it."""
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of all elements of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]

    def said(self, tag: str = "body") -> str:
        """Return the text of the first element of a kind, white space folded."""
        return " ".join(self.texts[tag][0].split())

    @property
    def data(self) -> dict[str, Any]:
        """What the charts draw."""
        found: dict[str, Any] = json.loads(self.texts["script"][0])
        return found

    @property
    def charts(self) -> list[str]:
        """The ids of the charts."""
        return [str(one["id"]) for one in self.of("div") if one.get("class") == "chart"]


def page(of: Verdict) -> Page:
    """Return the page of a verdict."""
    return Page(render(of, "html"))


# --- what it says ---------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_a_page_is_well_formed_and_safe(case: str) -> None:
    """Every element ends; nothing but the page's own script and style may run or be loaded."""
    found = page(replace(CASES[case], series=series()))
    csp = found.of("meta")[1]
    assert csp["http-equiv"] == "Content-Security-Policy"
    assert str(csp["content"]).startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in str(csp["content"])
    for _, attributes in found.tags:
        assert not {"style", "src", "srcset", "action"} & attributes.keys()
        assert not any(name.startswith("on") for name in attributes)
        assert re.match(r"https?://|#|$", attributes.get("href") or "")
    assert "hunter2" not in found.said()


def test_numbers_are_those_of_the_document() -> None:
    """The page and JSON say the same."""
    for case in CASES.values():
        document = json.loads(render(case, "json"))
        found = page(case)
        totals = document["totals"]
        for count in (totals["requests"], totals["true_failures"], totals["expected_failures"]):
            assert f"{count:,}" in found.texts["dl"][0]
        for kind in document["failures"]:
            assert f"{kind['count']:,}" in found.said("main")
        for row in document["endpoints"]:
            assert f"{row['requests']:,}" in found.said("main")


def test_who_and_where() -> None:
    """When it ran, for how long, of which branch and commit, and the job."""
    time = TimeSpan(started=START, ended=START.replace(minute=10), source="history")
    of = judged(None, of=run(time=time, users=40))
    origin = Provenance(branch="main", commit="0123456789abcdef", link="https://ci.example/1")
    found = page(replace(of, provenance=origin))
    facts = " ".join(found.texts["dl"][1].split())
    for told in ("Started 2026-11-23 06:08:07 UTC", "Duration 2m", "Users 40", "Branch main"):
        assert told in facts
    assert "Commit 0123456789ab CI job" in facts
    assert "0123456789abcdef" not in found.said()
    assert [one["href"] for one in found.of("a")] == ["https://ci.example/1"]
    evil = replace(of, provenance=Provenance(link="javascript:alert(1)"))
    assert page(evil).of("a") == []
    guessed = judged(None, of=run(time=replace(time, source="file", zone_known=False)))
    assert "in an unknown time zone by the time of the file" in page(guessed).said("header")
    assert "Duration" not in page(guessed).said("header")


def test_what_the_locustfile_allowed() -> None:
    """It has a tile and columns where there was any; a run may not know when it was."""
    row = replace(endpoint_result("/a", requests=600, expected=0), allowed=7)
    of = classification(of=replace(run(), time=None), endpoints=[row], total=row)
    found = page(verdict(of=of))
    assert "Allowed 7 by the locustfile" in found.said("header")
    assert found.texts["th"].count("Allowed") == 2
    assert "Started" not in found.said("header")


def test_python_without_docstrings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Altair needs its own."""
    flags = SimpleNamespace(optimize=2)
    monkeypatch.setattr(base, "sys", SimpleNamespace(flags=flags))
    with pytest.raises(UsageError, match="run Python without -OO"):
        render(CASES["passed"], "html")


def test_the_failed_come_first() -> None:
    """Limits that fail are above those that hold; budgets that hold stand with the rules."""
    of = judged(
        None,
        check("p95 <= 1s", actual="20ms"),
        check("expected_failure_rate <= 25%", endpoint="GET /x", rule="fine", actual="1%"),
        check("expected_failure_rate <= 20%", endpoint="GET /y", rule="used-up", actual="30%",
              result="failed"),
        check("p99 <= 1ms", actual="20ms", result="failed", severity="warning"),
    )  # fmt: skip
    rows = page(of).texts["tr"][1:4]
    assert [row.split()[0] for row in rows] == ["expected_failure_rate", "p99", "p95"]
    assert "budget of used-up" in rows[0]


# --- over time ------------------------------------------------------------------------------------


def test_charts_of_a_recording() -> None:
    """True failures with the limit, times with theirs, requests, users; in that order."""
    of = judged(
        series(),
        check("true_failure_rate <= 2%"),
        check("p95 <= 25ms"),
        check("p95 <= 800ms", severity="warning"),
        check("p99 <= 40ms during steady", span=("10", "50")),
        check("p99 <= 40ms during steady", actual=None, result="missing"),
        check("rps >= 5"),
        check("users >= 5"),
        check("p95 <= 9ms", endpoint="GET /a"),
        check("true_failures <= 9"),
    )
    found = page(of)
    assert found.charts == ["chart-true", "chart-times", "chart-rps", "chart-users"]
    limits = found.data["datasets"]["limits"]
    shares = [row for row in limits if row["field"] == "true"]
    assert [row["value"] for row in shares] == [0.2] * 6
    (steady,) = (row for row in limits if row["field"] == "p99")
    assert (steady["begin"], steady["end"], steady["value"]) == (10, 50, 40)
    assert "true_failure_rate <= 2%, of the requests at each time" in found.said("main")
    assert "p95 <= 800ms p99 <= 40ms during steady (above the chart)" in found.said("main")
    point = found.data["datasets"]["points"][0]
    assert (point["true"], point["rps"], point["p95"], point["users"]) == (0.1, 10, 20, 5)
    assert (point["true_text"], point["time"]) == ("1 (0.1/s)", "0:00 to 0:10")


def test_no_failures_need_no_chart() -> None:
    """A chart of nothing is none."""
    calm = series(interval(0, failures=0, true=0), interval(10, failures=0, true=0, users=None,
                  times=(None, None, None)))  # fmt: skip
    assert page(judged(calm)).charts == ["chart-times", "chart-rps", "chart-users"]
    bare = series(interval(0, failures=2, true=0, expected=2, users=None, times=(None,) * 3))
    assert page(judged(bare)).charts == ["chart-expected", "chart-rps"]
    assert page(judged(series())).of("script") != []


def test_what_nobody_knows_is_not_called_true() -> None:
    """Of a history the failures are drawn in another colour, and the page says why."""
    mixed = series(
        interval(0, failures=9, true=None, expected=None), source="history", times_of="recent"
    )
    found = page(judged(mixed, check("true_failure_rate <= 2%"), check("failure_rate <= 2%")))
    assert found.charts[0] == "chart-failures"
    assert "Failures per second, true and expected together" in found.texts["h3"]
    assert "does not tell true failures from expected ones" in found.said("main")
    assert "The history lacks the last 500 requests of the run." in found.said("main")
    assert {row["field"] for row in found.data["datasets"]["limits"]} == {"true", "failures"}
    assert "true_failure_rate" not in str(found.texts["figcaption"])
    assert "var(--true)" not in json.dumps(found.data["charts"])


def test_the_worst_second_of_an_interval() -> None:
    """It is a pale bar behind the mean, and what is told under the pointer."""
    found = page(judged(series(interval(0, peak=4.0), interval(10), started=START)))
    first, second = found.data["datasets"]["points"]
    assert (first["peak"], first["peak_text"], second["peak"]) == (4, "4/s", None)
    assert "Pale bars are the worst second of an interval." in found.said("main")
    assert "Pale bars" not in page(judged(series())).said("main")
    long = series(*(replace(interval(0), begin=at, end=at + 1790.0) for at in (0.0, 1790.0)))
    assert "in intervals of 30m." in page(judged(long)).said("main")


def test_failures_that_only_texts_tell_apart() -> None:
    """They are on top of those that are certainly true, in a colour of their own."""
    doubtful = series(interval(0, failures=9, true=2, expected=3))
    found = page(judged(doubtful))
    assert "true or expected: only their texts tell" in found.said("main")
    (point,) = found.data["datasets"]["points"]
    assert (point["true"], point["top"], point["either_text"]) == (0.2, 0.6, "4 (0.4/s)")


def test_rates_of_a_report_are_no_counts() -> None:
    """Nothing is said of how many there were."""
    found = page(judged(series(interval(0), source="report", times_of="recent")))
    assert found.data["datasets"]["points"][0]["rps_text"] == "10/s"
    assert "rates of the last 10 seconds" in found.said("main")


def test_phases_and_resets() -> None:
    """Grey is where users come and go; a dotted line is where counts began anew."""
    phases = (
        Phase(name="ramp-up", begin=0, end=12),
        Phase(name="steady", begin=12, end=60),
        Phase(name="ramp-down", begin=60, end=60.2),
    )
    found = page(judged(series(phases=phases, resets=(30.0,), source="history")))
    assert found.data["datasets"]["phases"] == [{"begin": 0, "end": 12}]
    assert found.data["datasets"]["resets"] == [{"begin": 30.0}]
    assert "Grey: ramp-up from 0:00 to 0:12." in found.said("main")
    assert "At 0:30 the statistics were reset" in found.said("main")
    sudden = (replace(phases[0], end=0), replace(phases[1], begin=0))
    assert "Grey" not in page(judged(series(phases=sudden))).said("main")


def test_times_far_apart_are_logarithmic() -> None:
    """Else the fast ones would be a flat line; not where a time is 0, which has no logarithm."""
    wide = interval(0, times=(5.0, 20.0, 900.0))
    assert "Response times in ms, logarithmic" in str(page(judged(series(wide))).texts["h3"])
    zero = interval(10, times=(0.0, 20.0, 900.0))
    assert "logarithmic" not in str(page(judged(series(wide, zero))).texts["h3"])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, "Keep Locust's _stats_history.csv", id="no-history"),
        pytest.param({"merged": True}, "Several runs were merged", id="merged"),
        pytest.param({"contradictions": ("x",), "partial": True}, "contradict", id="partial"),
    ],
)
def test_nothing_over_time(fields: dict[str, Any], expected: str) -> None:
    """The page says what to keep; and has no script."""
    row = endpoint_result("/a", requests=600, expected=0, true=6)
    of = replace(run(endpoints=[row.stats], total=row.stats), **fields)
    found = page(judged(None, of=of))
    assert expected in found.said("main")
    assert found.of("script") == []
    assert "script-src 'none'" in str(found.of("meta")[1]["content"])


def test_a_run_without_requests() -> None:
    """There is nothing to draw, and the page says what to look for."""
    nothing = replace(series(), intervals=())
    found = page(replace(CASES["no-evidence"], series=nothing))
    assert "No requests were made." in found.said("main")
    assert "did users start" in found.said("header")


# --- kinds of failures ----------------------------------------------------------------------------


def kinds(*times: KindTimes | None) -> TimeSeries:
    """Return a run over time that knows when each kind happened."""
    return series(kinds=times)


def times(first: float, last: float, counts: Sequence[int], *, shared: bool = False) -> KindTimes:
    """Return when a kind happened."""
    return KindTimes(first=first, last=last, counts=tuple(counts), shared=shared)


def test_since_when() -> None:
    """The header says when true failures began and ended, each kind when it did."""
    found = page(judged(kinds(times(12.2, 41.9, [0, 2, 3, 0, 1, 0]))))
    assert (
        "True failures began at 0:12 (06:08:19 UTC) and were last seen at 0:41 of 1:00."
        in found.said("header")
    )
    assert "0:12 to 0:41 06:08:19 to 06:08:48 UTC" in found.said("ol")
    (path,) = found.of("path")
    assert path["d"] == "M1 24V8h1V24zM2 24V0h1V24zM4 24V16h1V24z"
    once = page(judged(kinds(times(12.2, 12.2, [0, 6, 0, 0, 0, 0], shared=True))))
    assert "True failures happened at 0:12 (06:08:19 UTC)." in once.said("header")
    assert "at 0:12 06:08:19 UTC" in once.said("ol")
    assert "all with this status here: texts have no time" in once.said("ol")


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((0, 2, 0, 0, 1, 0), "happened 0:12 to 0:20 and 0:40 to 0:41 of 1:00, the first at"),
        ((0, 2, 0, 3, 0, 1), "began at 0:12 (06:08:19 UTC) and were last seen at 0:41 of 1:00."),
        ((), "began at 0:12 (06:08:19 UTC) and were last seen at 0:41 of 1:00."),
    ],
    ids=["two", "no gap longer than an interval", "not known"],
)
def test_outages_apart(counts: Sequence[int], expected: str) -> None:
    """Each is told with its own times, unless nobody can tell them apart."""
    found = page(judged(kinds(times(12.2, 41.9, counts))))
    assert f"True failures {expected}" in found.said("header")


def test_many_outages() -> None:
    """Of too many to read only the first and last time are told."""
    parts = tuple(
        replace(series().intervals[0], begin=10 * at, end=10 * at + 10) for at in range(15)
    )
    of = times(0, 129, [at % 3 == 0 for at in range(15)])
    found = page(judged(replace(series(kinds=(of,)), intervals=parts)))
    assert "began at 0:00 (06:08:07 UTC) and were last seen at 2:09 of 2:30" in found.said("header")


def test_times_by_the_clock_alone() -> None:
    """Failures that say when they were seen do not say when the run began."""
    seen = kinds(times(2.0, 5.0, []))
    found = page(judged(replace(seen, source="failures", intervals=())))
    assert "True failures were seen from 06:08:09 to 06:08:12 UTC." in found.said("header")
    assert "06:08:09 to 06:08:12 UTC" in found.said("ol")
    assert found.of("svg") == []
    assert "Keep Locust's _stats_history.csv" in found.said("main")


def test_from_when_to_when() -> None:
    """Where it is not known how many there were at each time, a bar goes from first to last."""
    (path,) = page(judged(kinds(times(12.0, 42.0, [])))).of("path")
    assert path["d"] == "M80 16H280V22H80z"
    (path,) = page(judged(kinds(times(60.0, 61.0, [])))).of("path")
    assert path["d"] == "M400 16H402V22H400z"


def test_kinds_that_are_not_known_in_time() -> None:
    """Nothing is said then, neither above nor beside the kind."""
    found = page(judged(kinds(None)))
    assert "True failures began" not in found.said("header")
    assert found.of("path") == []


def test_many_kinds_are_folded() -> None:
    """Eight are seen at once; of more than 500 the page says how many there are."""
    made = [
        failure_kind(f"boom {number}", decision="true", rule=None, count=1) for number in range(600)
    ]
    of = classification(endpoints=[endpoint_result(true=600)], failures=made)
    found = page(verdict(of=of))
    assert found.texts["ol"][0].count("boom") == 8
    assert found.texts["ol"][1].count("boom") == 492
    assert "592 more" in found.texts["summary"]
    assert "and 100 more" in found.said("main")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (65.9, "1:05"), (3600, "1:00:00"), (90_061, "25:01:01")]
)
def test_a_watch(seconds: float, text: str) -> None:
    """Times of a run are as a watch shows them."""
    assert elapsed(seconds) == text
