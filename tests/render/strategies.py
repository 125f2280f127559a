"""Any verdict at all: texts, numbers and lengths that no real run would have."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import get_args

from builders import (
    budget_use,
    check,
    classification,
    endpoint_result,
    failure_kind,
    latency,
    rule,
    rule_result,
    run,
    source,
    verdict,
)
from hypothesis import settings
from hypothesis import strategies as st

from loadgate.model import CheckResult, Decision, Outcome, RuleState, Severity, Verdict

from .cases import HOSTILE

PROPERTY = settings(max_examples=50)
"""For every property of outputs: enough to find what breaks, and no verdict of a slow machine."""

_PIECES = [
    *(HOSTILE.split(" ")),
    *"|\\`@#=+-\t\r\n :/?&<>*_~$%,;'\"",
    "::",
    "://",
    "冲突" * 30,
    "a" * 90,
    "\u2028",
    "\x9b31m",
    "\x00",
    "\x1b",
    "/close",
    "!12",
    "~bug",
    "%5",
    "&3",
    "SHOP-12",
    "\n/merge",
    "9%",
    "\U00100000",
    "\u0915\u094d\u0937",
]
TEXTS = st.one_of(
    st.text(st.characters(), max_size=40),
    st.lists(st.sampled_from(_PIECES), max_size=8).map("".join),
    st.lists(st.sampled_from(_PIECES), max_size=8).map(" ".join),
)
"""Any characters, lone surrogates included, and those that mean something somewhere."""

COUNTS = st.one_of(st.integers(0, 1000), st.integers(0, 10**18))
TIMES = st.none() | st.floats(0, allow_nan=False, allow_infinity=False)
FRACTIONS = st.one_of(
    st.fractions(0, 2), st.integers(0, 10**18).map(Fraction), st.just(Fraction(1, 10**30))
)
_METRICS = st.sampled_from(["true_failure_rate", "p95", "avg", "rps", "true_failures"])


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    """Return a verdict whose counts add up; nothing else about it need make sense."""
    rows = draw(
        st.lists(
            st.builds(
                endpoint_result,
                TEXTS,
                method=TEXTS,
                requests=COUNTS,
                expected=COUNTS,
                true=COUNTS,
                latency=st.builds(
                    latency,
                    avg=TIMES,
                    percentiles=st.just(()) | TIMES.map(lambda time: (("50", 1.0), ("99.9", time))),
                ),
                rps=TIMES,
            ),
            max_size=8,
            unique_by=lambda row: (row.stats.method, row.stats.name),
        )
    )
    rules = draw(
        st.lists(
            st.builds(
                rule_result,
                st.builds(rule, TEXTS, why=TEXTS, excuses=st.booleans(), at_most=st.just("25%"))
                | st.builds(rule, TEXTS, owner=TEXTS, ticket=TEXTS, expires=st.dates(date.min)),
                matched=COUNTS,
                state=st.sampled_from(get_args(RuleState)),
            ),
            max_size=6,
        )
    )
    names = st.sampled_from(rows) if rows else st.just(endpoint_result("Aggregated", method=""))
    kinds = [
        failure_kind(
            draw(TEXTS),
            method=of.stats.method,
            name=of.stats.name,
            status=draw(st.none() | st.integers(100, 599)),
            decision=draw(st.sampled_from(get_args(Decision))),
            count=draw(st.integers(1, 10**18)),
            rule=draw(st.none() | TEXTS),
        )
        for of in draw(st.lists(names, max_size=8))
    ]
    checks = draw(
        st.lists(
            st.builds(
                check,
                st.tuples(_METRICS, st.integers(0, 10**12)).map(lambda of: f"{of[0]} <= {of[1]}"),
                endpoint=st.none() | TEXTS | names.map(lambda of: of.stats.name),
                actual=st.none() | FRACTIONS,
                result=st.sampled_from(get_args(CheckResult)),
                severity=st.sampled_from(get_args(Severity)),
                rule=st.none() | TEXTS,
                note=TEXTS,
            )
            | st.builds(
                check,
                st.just("p95 <= baseline + 10%"),
                endpoint=st.none() | TEXTS,
                actual=st.none() | FRACTIONS,
                limit=st.none() | st.integers(-5, 10**12).map(lambda of: f"{of}ms"),
                baseline=st.just("7ms"),
                result=st.sampled_from(get_args(CheckResult)),
            )
            | st.builds(check, st.just("p95 <= baseline"), actual=FRACTIONS)
            | st.builds(
                check,
                st.just("p95_ok <= 1s during steady after 1m until 5m every 10s"),
                endpoint=st.none() | TEXTS,
                actual=st.none() | FRACTIONS,
                result=st.sampled_from(get_args(CheckResult)),
                span=st.none() | st.just(("60", "70.125")),
            ),
            min_size=1,
            max_size=8,
        )
    )
    budgets = [budget_use(result.rule, stats_of=row.stats) for result in rules for row in rows[:2]]
    sentences = st.lists(TEXTS, max_size=6).map(tuple)
    whole = draw(
        st.builds(
            endpoint_result,
            st.just("Aggregated"),
            method=st.just(""),
            requests=COUNTS,
            expected=COUNTS,
            true=COUNTS,
        )
    )
    return verdict(
        *checks,
        outcome=draw(st.sampled_from(get_args(Outcome))),
        of=classification(
            of=run(
                label=draw(TEXTS),
                sources=draw(st.lists(st.builds(source, TEXTS), max_size=6).map(tuple)),
                endpoints=[row.stats for row in rows],
                total=whole.stats,
                task_exceptions=draw(st.none() | COUNTS),
                partial=draw(st.booleans()),
                contradictions=draw(sentences),
            ),
            origins=draw(sentences),
            total=whole,
            endpoints=rows,
            failures=kinds,
            rules=rules,
            budgets=budgets,
            warnings=draw(sentences),
        ),
    )
