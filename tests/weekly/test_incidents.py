"""Incidents: which failures belong together, since when, and who should look."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import SERVER_ERROR
from hypothesis import given, settings
from hypothesis import strategies as st
from week_builders import (
    MONDAY,
    THIS_WEEK,
    TODAY,
    WEEK_BEFORE,
    collection,
    endpoint_counts,
    kind_count,
    record,
)

from loadgate.model import OTHER_SIGNATURES, UNEXPLAINED, Owner
from loadgate.patterns import EndpointPattern
from loadgate.since import ChangePoint
from loadgate.summary import KindCount, RunSummary
from loadgate.weekly import incidents as module
from loadgate.weekly.model import Report
from loadgate.weekly.report import report

ENDPOINTS = [f"/e{number}" for number in range(12)]


def night(
    day: float, failures: Mapping[str, int] | None = None, *, branch: str = "main"
) -> RunSummary:
    """Return the run of a night, 0 being this Monday: 500s by endpoint, of 1,000 requests each."""
    kinds = [kind_count(name=name, failures=number) for name, number in (failures or {}).items()]
    return run(day, kinds, branch=branch)


def run(
    day: float,
    kinds: Iterable[KindCount] = (),
    *,
    requests: Mapping[str, int] | None = None,
    branch: str = "main",
    p95: float = 40.0,
) -> RunSummary:
    """Return a run with these failures, each counted at its endpoint."""
    kinds = [*kinds]
    true = Counter[str]()
    for kind in kinds:
        true[kind.name] += kind.failures * (kind.decision == "true")
    asked = dict.fromkeys(ENDPOINTS, 1000) | dict(requests or {})
    rows = [
        endpoint_counts(name, requests=n, true=true[name], p95=p95) for name, n in asked.items()
    ]
    start = MONDAY + timedelta(days=day, hours=2)
    return record(start, label=f"{branch} {day}", endpoints=rows, kinds=kinds, branch=branch)


def made(*runs: RunSummary, owners: Iterable[Owner] = ()) -> Report:
    """Return the report on the week of the builders."""
    return report(collection(*runs), THIS_WEEK, WEEK_BEFORE, today=TODAY, owners=tuple(owners))


def told(of: Report) -> list[tuple[object, ...]]:
    """Return state, since, the run before that was good, the last run, endpoints of incidents."""
    return [
        (
            one.state,
            one.since.label,
            one.good and one.good.label,
            one.last.label,
            len(one.endpoints),
        )
        for one in of.incidents
    ]


def weeks(failures: Mapping[int, Mapping[str, int]], first: int = -14) -> list[RunSummary]:
    """Return nightly runs up to this Sunday, with 500s by night and endpoint."""
    return [night(day, failures.get(day)) for day in range(first, 7)]


def at(names: Iterable[str], *days: int, failures: int = 50) -> dict[int, dict[str, int]]:
    """Return as many failures at each endpoint in each of the nights."""
    return {day: dict.fromkeys(names, failures) for day in days}


# --- weeks with known answers ---------------------------------------------------------------------


def test_one_outage_over_all_endpoints_is_one_incident() -> None:
    """With the first bad run, the good one before it, and the worst endpoint first."""
    failures = at(ENDPOINTS, 2, 3, 4, 5, 6)
    failures[3]["/e7"] = 90
    of = made(*weeks(failures))
    assert told(of) == [("new", "main 2", "main 1", "main 6", 12)]
    (incident,) = of.incidents
    assert (incident.count, incident.runs, incident.status) == (12 * 250 + 40, 5, 500)
    assert incident.endpoints[0].name == "/e7"
    assert incident.endpoints[0].requests == 7000


def test_two_outages_of_one_status_at_different_times_are_two() -> None:
    """The one of long ago is not told, that of this week says nothing of it."""
    old = at(["/e0", "/e1"], -14, -13)
    assert told(made(*weeks(old | at(["/e0"], 3, 4, 5, 6)))) == [
        ("new", "main 3", "main 2", "main 6", 1)
    ]
    week = at(["/e0"], -6, -5) | at(["/e1"], 4, 5, 6)
    assert told(made(*weeks(week))) == [
        ("new", "main 4", "main 3", "main 6", 1),
        ("gone", "main -6", "main -7", "main -5", 1),
    ]


def test_a_new_error_beside_a_known_one_of_the_same_status() -> None:
    """They began at different times at different endpoints."""
    failures = at(["/e0"], *range(-14, 7))
    for day in (4, 5, 6):
        failures[day] |= dict.fromkeys(["/e5", "/e6", "/e7"], 80)
    of = made(*weeks(failures))
    assert told(of) == [
        ("new", "main 4", "main 3", "main 6", 3),
        ("known", "main -14", None, "main 6", 1),
    ]
    assert [one.undated for one in of.incidents] == [False, True]


def test_an_old_error_that_grows_is_one_incident() -> None:
    """It is told since when it grew, at the endpoints that it spread to, too."""
    failures = at(["/e0", "/e1", "/e2"], *range(-14, 7), failures=2)
    for day in (3, 4, 5, 6):
        failures[day] = dict.fromkeys(ENDPOINTS, 30)
    of = made(*weeks(failures))
    assert told(of) == [("growing", "main 3", None, "main 6", 12)]
    (incident,) = of.incidents
    assert incident.undated
    assert incident.before_grew is not None
    assert incident.before_grew.label == "main 2"
    assert incident.rate_since is not None
    assert incident.rate_since == pytest.approx(0.03)


def test_what_grew_earlier_is_known() -> None:
    """And still told since when."""
    failures = at(["/e0"], *range(-21, 7), failures=2) | at(["/e0"], *range(-10, 7), failures=60)
    assert told(made(*weeks(failures, first=-21))) == [("known", "main -10", None, "main 6", 1)]


def test_a_flaky_endpoint_is_one_incident() -> None:
    """Good runs in between are what is to be expected of it."""
    of = made(*weeks(at(["/e3"], *range(-13, 7, 3))))
    assert told(of) == [("known", "main -13", "main -14", "main 5", 1)]


def test_a_weak_background_is_one_incident() -> None:
    """Whichever endpoints it hits this week."""
    failures = {
        day: {ENDPOINTS[day * day * 7 % 11]: 1, ENDPOINTS[day % 12]: 1} for day in range(-14, 7)
    }
    (incident,) = made(*weeks(failures)).incidents
    assert (incident.state, incident.undated) == ("known", True)


def test_an_outage_that_ended_is_over() -> None:
    """It comes last, whatever it was; of the period before it has no failures in this one."""
    ended = made(
        *weeks(at(ENDPOINTS, 1, 2)), run(6.1, [kind_count("x", status=404, name="/e0", failures=1)])
    )
    assert told(ended) == [
        ("new", "main 6.1", "main 6", "main 6.1", 1),
        ("gone", "main 1", "main 0", "main 2", 12),
    ]
    before = made(*weeks(at(ENDPOINTS, -3, -2)))
    assert told(before) == [("gone", "main -3", "main -4", "main -2", 12)]
    assert (before.incidents[0].count, before.incidents[0].runs) == (0, 0)
    assert made(*weeks(at(ENDPOINTS, -14, -13))).incidents == ()


def test_what_most_failures_were_is_said_also_if_it_is_over() -> None:
    """What is new comes first in the headline of a week that is not fine."""
    runs = weeks(at(ENDPOINTS[:2], 1, failures=200))
    unknown = [kind_count(name=ENDPOINTS[2], status=None, signature="oops", failures=40)]
    runs[-2:] = [run(day, unknown) for day in (5, 6)]
    runs[-6] = replace(runs[-6], outcome="failed")
    of = made(*runs)
    assert [one.state for one in of.incidents] == ["new", "gone"]
    assert of.headline.startswith(f"Not fine: oops at POST {ENDPOINTS[2]} since main 5")
    assert "; 500 at 2 endpoints in main 1, over; 1 of 7 runs failed" in of.headline


def test_where_the_first_run_is_bad_nobody_knows_since_when() -> None:
    """Also where it is of this week: it is not new."""
    of = made(*(night(day, {"/e0": 20}) for day in range(4)))
    assert told(of) == [("known", "main 0", None, "main 3", 1)]
    assert of.incidents[0].undated


def test_an_endpoint_that_is_called_for_the_first_time() -> None:
    """Runs that made no request to it are neither good nor bad; what was not called is new."""
    runs = [run(day, requests={"/new": 0}) for day in range(-7, 3)]
    failing = kind_count(name="/new", failures=9)
    of = made(*runs, *(run(day, [failing], requests={"/new": 100}) for day in (3, 4)))
    assert told(of) == [("new", "main 3", None, "main 4", 1)]
    assert not of.incidents[0].undated


def test_a_rarely_called_endpoint_shows_it_later() -> None:
    """One with 8 requests a night, none of which failed at first, and one without requests."""
    failures = at(["/e0", "/e1"], 1, 2, 3, 4, 5, 6, failures=200)
    for day in (3, 4, 6):
        failures[day]["/rare"] = 2
    runs = [
        run(
            day,
            [kind_count(name=name, failures=n) for name, n in failures.get(day, {}).items()],
            requests={"/rare": 0 if day == 2 else 8},
        )
        for day in range(-14, 7)
    ]
    assert told(made(*runs)) == [("new", "main 1", "main 0", "main 6", 3)]


def test_a_run_that_cannot_tell_is_neither_good_nor_bad() -> None:
    """Failures without a text may be of any status; without requests there is nothing to see."""
    unknown = kind_count(UNEXPLAINED, status=None, name="/e0", failures=50)
    runs = [night(day) for day in range(-7, 0)]
    runs += [
        run(0, [unknown]),
        record(MONDAY + timedelta(days=1), endpoints=[], outcome="no-evidence"),
    ]
    runs += [night(day, {"/e0": 50}) for day in (2, 3)]
    by_status = {one.status: one for one in made(*runs).incidents}
    good = by_status[500].good
    assert good is not None
    assert (by_status[500].first.label, good.label) == ("main 2", "main -1")
    assert by_status[None].signatures == (UNEXPLAINED,)


def test_texts_that_were_rolled_up_began_where_nothing_else_failed() -> None:
    """A run with other failures may have had the same, and listed them."""
    listed, rolled_up = (
        kind_count(text, status=None, name="/e0", failures=9) for text in ("Boom", OTHER_SIGNATURES)
    )
    runs = [night(-2), run(-1, [listed]), run(0, [rolled_up]), run(1, [rolled_up])]
    of = {one.signatures[0]: one for one in made(*runs).incidents}
    good = of[OTHER_SIGNATURES].good
    assert good is not None
    assert good.label == "main -2"


def test_unknown_statuses_are_told_apart_by_their_texts() -> None:
    """Over endpoints; a likely status is one with a certain one."""
    timeout = [kind_count("ReadTimeout(*)", status=None, name=name) for name in ("/e0", "/e1")]
    likely = kind_count("got 500?", status=None, name="/e2")._replace(likely_status=500)
    runs = [night(-1), run(0, [*timeout, kind_count("Boom", status=None, name="/e0")])]
    of = made(*runs, run(1, [likely, kind_count(name="/e3"), *timeout]))
    assert [(one.status, one.signatures[0], len(one.endpoints)) for one in of.incidents] == [
        (500, SERVER_ERROR, 2),
        (None, "ReadTimeout(*)", 2),
        (None, "Boom", 1),
    ]
    only = made(night(-1), run(0, [likely]))
    assert (only.incidents[0].status, only.incidents[0].likely_status) == (None, 500)


# --- branches -------------------------------------------------------------------------------------


def test_a_feature_branch_does_not_say_since_when_main_is_bad() -> None:
    """Its failures of before are an incident of their own; those of later are one with main's."""
    main = weeks(at(["/e0"], 4, 5, 6))
    feature = [night(day + 0.5, {"/e0": 70}, branch="feature") for day in (0, 1, 2, 3)]
    late = [night(day + 0.5, {"/e0": 70} if day > 3 else {}, branch="late") for day in range(6)]
    of = made(*main, *feature, *late)
    assert sorted(told(of)) == [
        ("known", "feature 0.5", None, "feature 3.5", 1),
        ("new", "main 4", "main 3", "main 6", 1),
    ]
    assert sum(one.count for one in of.incidents) == of.true


def test_pull_requests_of_a_run_each_are_looked_at_together() -> None:
    """One outage is one incident there, too, and is part of that of main once that has it."""
    main = weeks(at(["/e0"], 3, 4, 5, 6))
    pulls = [night(day + 0.6, {"/e0": 9}, branch=f"pr-{day}") for day in (3, 4, 5)]
    other = [night(day + 0.6, {"/e5": 9}, branch=f"pr-{day}") for day in (1, 2)]
    of = made(*main, *pulls, *other)
    assert sorted(one.first.label for one in of.incidents) == ["main 3", "pr-1 1.6"]
    assert sum(one.count for one in of.incidents) == of.true


def test_what_is_over_on_main_takes_no_later_failures() -> None:
    """They are another incident."""
    pulls = [night(day + 0.6, {"/e0": 9}, branch="pr") for day in (5, 6)]
    of = made(*weeks(at(["/e0"], -4, -3, -2)), *pulls)
    assert sorted(one.first.label for one in of.incidents) == ["main -4", "pr 5.6"]


# --- slower ---------------------------------------------------------------------------------------


def changes(
    *points: tuple[str | None, RunSummary, RunSummary, float, float],
) -> tuple[ChangePoint, ...]:
    """Return change points of the p95: endpoint, last run before, first run, before, after."""
    found = (
        ChangePoint(
            metric="p95", endpoint=None if name is None else ("POST", name), before=before,
            after=after, runs_before=7, runs_after=4, last_before=last, first=first,
        )
        for name, last, first, before, after in points
    )  # fmt: skip
    return tuple(sorted(found, key=lambda point: point.first.started))


def test_endpoints_that_became_slower_in_one_run_are_one_incident(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That of the next run, too; the worst first; faster ones and whole runs are none."""
    runs = weeks({})
    day = {int(one.label.split()[1]): one for one in runs}
    found = changes(
        (None, day[1], day[2], 40, 90), ("/e0", day[1], day[2], 40, 60), ("/e1", day[1], day[2], 40, 90),
        ("/e3", day[1], day[2], 90, 40), ("/e2", day[2], day[3], 40, 70), ("/e4", day[-3], day[-2], 40, 80),
        ("/e0", day[3], day[4], 60, 200),
    )  # fmt: skip
    monkeypatch.setattr(module, "change_points", lambda _: found)
    of = made(*runs)
    assert [
        (one.kind, *told_one, [at.name for at in one.endpoints])
        for one, told_one in zip(of.incidents, told(of), strict=True)
    ] == [
        ("slower", "new", "main 2", "main 1", "main 6", 3, ["/e1", "/e2", "/e0"]),
        ("slower", "new", "main 4", "main 3", "main 6", 1, ["/e0"]),
        ("slower", "known", "main -2", "main -3", "main 6", 1, ["/e4"]),
    ]
    assert (of.incidents[0].endpoints[0].before, of.incidents[0].endpoints[0].after) == (40, 90)
    assert (of.incidents[0].runs, of.incidents[0].count) == (5, 0)


def test_what_became_faster_again_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this period; in the one before nobody needs to know any more."""
    runs = weeks({})
    day = {int(one.label.split()[1]): one for one in runs}
    found = changes(
        ("/e1", day[-7], day[-6], 40, 90), ("/e0", day[-3], day[-2], 40, 60),
        ("/e1", day[-3], day[-2], 90, 40), ("/e0", day[3], day[4], 60, 40),
    )  # fmt: skip
    monkeypatch.setattr(module, "change_points", lambda _: found)
    assert told(made(*runs)) == [("gone", "main -2", "main -3", "main 3", 1)]


def test_a_slower_service_is_found_in_real_series() -> None:
    """All endpoints took twice as long from Wednesday on."""
    runs = [run(day, p95=(80 if day >= 2 else 40) + day % 3) for day in range(-21, 7)]
    of = made(*runs)
    assert [(one.kind, one.since.label, len(one.endpoints)) for one in of.incidents] == [
        ("slower", "main 2", 12)
    ]


# --- owners ---------------------------------------------------------------------------------------


def owner(pattern: str, who: str) -> Owner:
    """Return an entry of [[owners]]."""
    return Owner(endpoint=EndpointPattern.parse(pattern), owner=who, origin="loadgate.toml")


def test_the_first_owner_that_matches_an_endpoint_is_asked() -> None:
    """Each once, that of the worst endpoint first; endpoints of nobody have none."""
    failures = at(["/e0", "/e1", "/e2"], 5, 6)
    failures[6]["/e1"] = 99
    owners = [
        owner("/e0", "@a"),
        owner("GET /**", "@reader"),
        owner("POST /e1", "@b"),
        owner("/e*", "@a"),
    ]
    (incident,) = made(*weeks(failures), owners=owners).incidents
    assert incident.owners == ("@b", "@a")
    assert made(*weeks(failures), owners=owners[:2]).incidents[0].owners == ("@a",)
    assert made(*weeks(failures)).incidents[0].owners == ()


# --- whatever the runs ----------------------------------------------------------------------------

STATUSES = st.sampled_from([500, 503, 409, None])
KINDS = st.lists(
    st.builds(
        lambda name, status, text, failures, decision: kind_count(
            text, name=name, status=status, failures=failures, decision=decision
        ),
        st.sampled_from(["/e0", "/e1", "/e2"]), STATUSES,
        st.sampled_from(["Boom", OTHER_SIGNATURES, UNEXPLAINED, ""]), st.integers(0, 2000),
        st.sampled_from(["true", "true", "expected"]),
    ),
    max_size=4, unique_by=lambda kind: kind[:5],
)  # fmt: skip
RUNS = st.lists(
    st.builds(
        lambda day, kinds, branch, few: (day, kinds, branch, few),
        st.integers(-20, 9), KINDS, st.sampled_from(["main", "main", "", "x", "pr-1"]), st.booleans(),
    ),
    max_size=14, unique_by=lambda of: of[0],
)  # fmt: skip


@settings(max_examples=150)
@given(RUNS, st.randoms(use_true_random=False))
def test_each_true_failure_is_in_one_incident(
    drawn: list[tuple[int, list[KindCount], str, bool]], order: random.Random
) -> None:
    """And the order in which runs are given changes nothing."""
    runs = [
        run(day, kinds, branch=branch, requests={"/e0": 0, "/e1": 7} if few else {})
        for day, kinds, branch, few in drawn
    ]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "change_points", lambda _: ())
        of = made(*runs)
        order.shuffle(runs)
        assert made(*runs) == of
    failures = Counter[tuple[str, str]]()
    for one in of.runs:
        for kind in one.kinds:
            if kind.decision == "true":
                failures[kind.key] += kind.failures
    found = Counter[tuple[str, str]]()
    for incident in of.incidents:
        assert incident.count == sum(endpoint.count for endpoint in incident.endpoints)
        assert incident.first.started <= incident.since.started <= incident.last.started
        assert incident.good is None or incident.good.started < incident.first.started
        assert incident.state == "gone" or incident.count
        for endpoint in incident.endpoints:
            found[endpoint.key] += endpoint.count
    assert +found == +failures
    assert sum(found.values()) == of.true


def test_later_runs_change_nothing() -> None:
    """The report on a week is the same whenever it is made."""
    runs = weeks(at(["/e0"], 3, 4, 5, 6))
    later = [night(day, {"/e0": 5, "/e9": 5}) for day in (7, 8)]
    of = made(*runs)
    assert made(*runs, *later).incidents == of.incidents


def test_without_scipy_incidents_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is slower is not tested then, and what grew is."""
    runs = weeks(at(["/e0"], *range(-14, 3), failures=1) | at(["/e0"], 3, 4, 5, 6))
    of = made(*runs)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    without = made(*runs)
    assert (without.tested, without.incidents) == (False, of.incidents)
    assert without.incidents[0].state == "growing"
