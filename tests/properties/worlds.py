"""Any run, any rules and any thresholds: few enough names that rules match, hostile enough texts."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from builders import TODAY, policy, run, stats, threshold
from builders import rule as build_rule
from hypothesis import settings
from hypothesis import strategies as st

from loadgate.model import EndpointStats, FailureRow, Policy, Rule, Run, Threshold

PROPERTY = settings(max_examples=int(os.environ.get("LOADGATE_EXAMPLES", "100")))
"""For every property here. LOADGATE_EXAMPLES=20000 tries so many cases of each."""

Endpoint = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Failures of one text, with the status that an expert would read in it."""

    endpoint: Endpoint
    text: str
    status: int | None
    count: int

    @property
    def row(self) -> FailureRow:
        """Return it as a row of a failures file."""
        return (*self.endpoint, self.text, self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a load test saw: successes and failures of every endpoint."""

    successes: dict[Endpoint, int]
    failures: tuple[Failure, ...]
    untold: dict[Endpoint, int]
    """Failures that the statistics count and that no text explains."""

    def failed(self) -> Counter[Endpoint]:
        """Return all failures by endpoint."""
        failed = Counter(self.untold)
        for each in self.failures:
            failed[each.endpoint] += each.count
        return failed

    def endpoints(self) -> list[EndpointStats]:
        """Return the statistics as Locust would write them."""
        failed = self.failed()
        return [
            stats(
                name,
                method=method,
                requests=self.successes.get((method, name), 0) + failed[method, name],
                failures=failed[method, name],
            )
            for method, name in sorted(self.successes.keys() | failed.keys())
        ]

    def run(self) -> Run:
        """Return the run that Locust would write."""
        return run(endpoints=self.endpoints(), failures=[each.row for each in self.failures])

    def with_failures(self, *more: Failure) -> World:
        """Return this world with some successes turned to failures, as far as there are any."""
        successes = dict(self.successes)
        added = []
        for each in more:
            count = min(each.count, successes.get(each.endpoint, 0))
            if count:
                successes[each.endpoint] -= count
                added.append(replace(each, count=count))
        return replace(self, successes=successes, failures=(*self.failures, *added))


# What comes first is drawn most: rules must meet failures, and one another, to show anything.
METHODS = ("POST", "POST", "POST", "GET", "DELETE", "")
SEGMENTS = ("tools", "servers", "[id]", "state", "admin", "ä,\n", "Aggregated")
NAMES = st.sampled_from(("/tools/[id]/state", "/servers/state", "/tools")) | st.lists(
    st.sampled_from(SEGMENTS), min_size=1, max_size=3
).map(lambda segments: "/" + "/".join(segments))
ENDPOINTS = st.tuples(st.sampled_from(METHODS), NAMES)
"""Mostly the same ones."""
STATUSES = (404, 409, 412, 429, 500, 503)
_FORMS = (
    "HTTPError('{} Client Error: Some reason for url: http://h/items/409/state?x=500')",
    "{} Server Error: Some reason for url: /tools/[id]/state",
    "LocustBadStatusCode(code={})",
    "BadStatusCode('http://127.0.0.1:409/servers/404/state', code={})",
    "CatchResponseError('Expected [200, 409, 500], got {}')",
    "\"CatchResponseError('Expected [200, 403, 404], got {}')\"",
    "expected 200 or 409 but got {}",
)
_UNREADABLE = (
    "",
    "RemoteDisconnected('Remote end closed connection without response')",
    "CatchResponseError('took 409 ms')",
    "ConnectionRefusedError(111, 'Connection refused')",
    "CatchResponseError('Expected [200, 409], got 0')",
    "order refused, code word 409409",
)
TEXTS: st.SearchStrategy[tuple[str, int | None]] = st.one_of(
    st.tuples(st.sampled_from(_FORMS), st.sampled_from((409, 409, *STATUSES))).map(
        lambda of: (of[0].format(of[1]), of[1])
    ),
    st.sampled_from(_UNREADABLE).map(lambda text: (text, None)),
)
FAILURES = st.builds(
    lambda endpoint, text, count: Failure(
        endpoint=endpoint, text=text[0], status=text[1], count=count
    ),
    ENDPOINTS,
    TEXTS,
    st.integers(1, 50),
)
WORLDS = st.builds(
    World,
    successes=st.dictionaries(ENDPOINTS, st.integers(0, 2000), max_size=6),
    failures=st.lists(FAILURES, max_size=10).map(tuple),
    untold=st.dictionaries(ENDPOINTS, st.integers(1, 20), max_size=1),
)

_PIECES = (*SEGMENTS[:5], "*", "**", "{x}")
PATTERNS = st.one_of(
    st.sampled_from(("/**/state", "**", "/tools**")),
    st.lists(st.sampled_from(_PIECES), min_size=1, max_size=3).map(
        lambda pieces: "/" + "/".join(pieces)
    ),
)
ENDPOINT_PATTERNS = st.tuples(
    st.sampled_from(("", "", "POST ", "GET,POST ", "DELETE ")), PATTERNS
).map("".join)
ERRORS = ("*refused*", "*got 409*", "**", "HTTPError*")
PERCENTAGES = st.sampled_from(("0%", "0.1%", "1%", "5%", "25%", "50%", "100%"))


@st.composite
def written_rules(draw: st.DrawFn) -> dict[str, Any]:
    """Return a rule as a rules file writes it, but for its id."""
    found: dict[str, Any] = {"endpoint": draw(ENDPOINT_PATTERNS), "why": "Because."}
    kind = draw(st.sampled_from(("status", "status", "error", "both")))
    if kind != "error":
        found["status"] = draw(
            st.lists(st.sampled_from((409, *STATUSES)), min_size=1, max_size=3, unique=True)
        )
    if kind != "status":
        found["error"] = draw(st.sampled_from(ERRORS))
    if draw(st.integers(0, 4)) == 0:
        found["as"] = "failure"
        return found
    if draw(st.booleans()):
        found["at_most"] = draw(PERCENTAGES.filter(lambda budget: budget != "0%"))
    if draw(st.integers(0, 2)) == 0:
        found["expires"] = TODAY + timedelta(days=draw(st.sampled_from((-1, 0, 400))))
    return found


def built(written: dict[str, Any], id: str) -> Rule:  # noqa: A002 - the field is called that
    """Return a rule as a policy has it."""
    return build_rule(
        id,
        endpoint=written["endpoint"],
        statuses=written.get("status"),
        error=written.get("error"),
        excuses=written.get("as") != "failure",
        at_most=written.get("at_most", ""),
        expires=written.get("expires"),
    )


RULES = st.lists(written_rules(), max_size=5).map(
    lambda found: [built(each, f"rule-{number}") for number, each in enumerate(found)]
)

RATES = ("true_failure_rate", "failure_rate", "expected_failure_rate")
COUNTS = ("true_failures", "failures", "expected_failures")
ABOUT_TRUE = ("true_failure_rate", "failure_rate", "true_failures", "failures")
"""Metrics that true failures raise and that expected ones never lower."""


@st.composite
def thresholds(draw: st.DrawFn, metrics: tuple[str, ...] = RATES + COUNTS) -> Threshold:
    """Return an upper limit on failures."""
    name = draw(st.sampled_from(metrics))
    limit = draw(PERCENTAGES) if name in RATES else str(draw(st.integers(0, 60)))
    confidence = draw(st.sampled_from((None, None, 0.5, 0.9, 0.99)))
    return threshold(
        f"{name} {draw(st.sampled_from(('<=', '<')))} {limit}",
        endpoint=draw(st.none() | ENDPOINT_PATTERNS),
        optional=draw(st.booleans()),
        min_requests=draw(st.sampled_from((0, 0, 10, 500))),
        confidence=confidence if name in RATES else None,
    )


def policy_of(
    rules: list[Rule], demanded: list[Threshold] | None = None, today: date = TODAY
) -> Policy:
    """Return a policy; without thresholds the one that loadgate has by default."""
    default = [threshold("true_failure_rate <= 1%", origin="default")]
    return policy(*rules, thresholds=demanded or default, today=today)
