"""Verdicts that show what users see, and one that attacks every format."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from builders import (
    CONFLICT,
    SERVER_ERROR,
    STATE,
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
    stats,
    verdict,
)

from loadgate.model import UNEXPLAINED, Provenance, Verdict

SERVERS = "/servers/[id]/state"

HOSTILE = (
    "\x1b[31mred\x1b[0m\x1b]0;title\x07 line\nbreak ::error::no ##[error]no ##vso[x]no @octocat"
    " @org/team #1 GH-1 :tada: $x$ http://a.example/x?token=hunter2 www.a.example a@b.example |"
    " \\| ``` <img src=x onerror=y> <!-- ]]> &amp; **bold** [a](b) \u202egnirts\u2066 \u200b\ud800"
    " \ufffe 冲突 e\u0301\u0301\u0301\u0301 %0A%25"
)
"""What every output must defuse; the word hunter2 may be in none of them."""

PATH = HOSTILE.replace("?token=hunter2", "")
"""The same as a path, which is shown as the user passed it."""


_OPERATIONS = ["Toggle", "Edit", *(f"Move {letter}" for letter in "abcdefghijklmnop")]


def passed() -> Verdict:
    """Return a run whose conflicts are all expected."""
    conflict = rule(at_most="25%", owner="gateway-team", expires=date(2027, 6, 30))
    toggles = endpoint_result(STATE, requests=41_284, expected=74)
    servers = endpoint_result(SERVERS, requests=39_871, expected=45)
    return verdict(
        check("true_failure_rate <= 0.1%", actual="0%"),
        check("p95 <= 800ms", endpoint="GET /tools", actual="41ms"),
        check(
            "true_failure_rate <= 0.5%",
            endpoint="POST /rpc**",
            actual=None,
            result="not-enough-data",
            note="no endpoint of the run matches (optional)",
        ),
        *(
            check(
                "expected_failure_rate <= 25%",
                endpoint=f"POST {row.stats.name}",
                actual=Fraction(row.expected, row.stats.requests),
                rule=conflict.id,
                note=f"{row.expected} of {row.stats.requests:,} requests",
            )
            for row in (toggles, servers)
        ),
        of=classification(
            origins=("loadgate.toml", "preset optimistic-locking"),
            endpoints=[toggles, servers, endpoint_result("/tools", method="GET", expected=0)],
            failures=[failure_kind(count=74), failure_kind(name=SERVERS, count=45)],
            rules=[
                rule_result(conflict, matched=119),
                rule_result(rule("idle"), matched=0, state="idle"),
            ],
            budgets=[
                budget_use(conflict, stats_of=row.stats, expected=row.expected)
                for row in (toggles, servers)
            ],
        ),
    )


def failed_threshold() -> Verdict:
    """Return the run that started the project: its true failures are just over the limit."""
    toggles = endpoint_result(STATE, requests=41_284, expected=119, true=412)
    rpc = endpoint_result("/rpc", requests=784_590, expected=0, true=469, unexplained=12)
    old = rule("old-conflict", expires=date(2026, 1, 31))
    return verdict(
        check(
            "true_failure_rate <= 0.1%",
            actual=Fraction(881, 825_874),
            result="failed",
        ),
        check(
            "p97 <= 1s",
            actual=None,
            result="missing",
            note="the files have p95; choose one of them",
        ),
        check(
            "task_exceptions <= 0",
            actual=None,
            result="missing",
            note="there is no exceptions file; keep Locust's _exceptions.csv beside the statistics",
        ),
        check(
            "true_failure_rate <= 0.5%",
            endpoint="GET /nowhere/**",
            actual=None,
            result="missing",
            note="no endpoint of the run matches; correct the pattern, or write optional = true",
        ),
        check("p95 <= 0.8s", endpoint="POST /rpc", actual="812.5ms", result="failed"),
        check("rps >= 500", actual="412.125", result="failed", severity="warning"),
        check("requests >= 1000", actual="825874"),
        outcome="failed",
        of=classification(
            endpoints=[rpc, toggles],
            failures=[
                failure_kind(SERVER_ERROR, status=500, decision="true", count=412, rule=None),
                failure_kind(
                    "ConnectionRefusedError(*, 'Connection refused')",
                    name="/rpc",
                    status=None,
                    decision="true",
                    count=400,
                    rule=None,
                ),
                failure_kind(name="/rpc", decision="true", count=57, rule="old-conflict"),
                failure_kind(
                    UNEXPLAINED, name="/rpc", status=None, decision="true", count=12, rule=None
                ),
                failure_kind(CONFLICT, count=119),
            ],
            rules=[
                rule_result(old, matched=57, state="expired"),
                rule_result(matched=119),
                rule_result(rule("carve-out", excuses=False), matched=0, state="idle"),
            ],
            warnings=(
                "rule old-conflict expired on 2026-01-31: the 57 failures it matches count as true",
                "12 of 1,000 failures have no error text; they count as true. Locust's writer may"
                " have died, or the test was still running",
            ),
        ),
    )


def budget_exceeded() -> Verdict:
    """Return a day on which too many state changes conflict."""
    conflict = rule(at_most="25%")
    row = endpoint_result(requests=1000, expected=251)
    return verdict(
        check(),
        check(
            "expected_failure_rate <= 25%",
            endpoint=f"POST {STATE}",
            actual=Fraction(251, 1000),
            result="failed",
            rule=conflict.id,
            note="251 of 1,000 requests",
        ),
        outcome="failed",
        of=classification(
            endpoints=[row],
            failures=[failure_kind(count=251)],
            rules=[rule_result(conflict, matched=251)],
            budgets=[budget_use(conflict, stats_of=row.stats, expected=251)],
        ),
    )


def likely() -> Verdict:
    """Return a run whose locustfile says statuses in its own words."""
    kinds = [
        failure_kind(text, likely=status, decision="true", rule=None, count=count)
        for text, status, count in [
            ("CatchResponseError('Toggle failed: 503')", 503, 3),
            *((f"CatchResponseError('{word} failed: 409')", 409, 20) for word in _OPERATIONS),
            ("CatchResponseError('409 or so')", 409, 1),
        ]
    ]
    true = sum(kind.count for kind in kinds)
    return verdict(
        check(actual=Fraction(true, 1000), result="failed", note="default limit"),
        check("status_5xx <= 0", actual="3", result="failed"),
        outcome="failed",
        of=classification(
            endpoints=[endpoint_result(requests=1000, expected=0, true=true)],
            failures=kinds,
            rules=[rule_result(rule(), matched=0, state="idle")],
        ),
    )


def likely_without_wordings() -> Verdict:
    """Return a run of which one failure is likely to be a conflict, in words that are too few."""
    kind = failure_kind("* 409 *", likely=409, decision="true", rule=None, count=1)
    return verdict(
        check(),
        of=classification(
            endpoints=[endpoint_result(requests=1000, expected=0, true=1)],
            failures=[kind],
            rules=[],
        ),
    )


def strict_rules() -> Verdict:
    """Return a run with nothing wrong but its rules, which `--strict-rules` looks at."""
    old = rule("old-conflict", expires=date(2026, 1, 31))
    soon = rule("edit-conflict", at_most="10%", expires=date(2026, 12, 1))
    row = endpoint_result(requests=1000, expected=10)
    return verdict(
        check(),
        check("idle_rules <= 0", actual="2", result="failed", note="never, hardly-ever"),
        check("expired_rules <= 0", actual="1", result="failed", note="old-conflict"),
        check("expiring_rules <= 0", actual="1", result="failed", note="edit-conflict"),
        outcome="failed",
        of=classification(
            endpoints=[row],
            failures=[failure_kind(rule="edit-conflict")],
            rules=[
                rule_result(soon, expiring=True),
                rule_result(old, matched=0, state="expired"),
                rule_result(rule("never"), matched=0, state="idle"),
                rule_result(rule("hardly-ever"), matched=0, state="idle"),
                rule_result(rule("carve-out", excuses=False), matched=0, state="idle"),
            ],
            budgets=[budget_use(soon, stats_of=row.stats)],
        ),
    )


def baseline() -> Verdict:
    """Return a run that is worse than the runs before it."""
    rpc = endpoint_result("/rpc", requests=40_000, expected=0, true=60)
    new = endpoint_result("/batch", requests=1000, expected=0)
    return verdict(
        check(
            "new_failure_kinds <= 0",
            actual="1",
            result="failed",
            note="new at POST /rpc: CatchResponseError('Expected [200], got 502')",
        ),
        check(
            "true_failure_rate <= baseline + 0.05%",
            actual=Fraction(60, 41_000),
            limit="0.1%",
            baseline="0.05%",
            result="failed",
        ),
        check("p95 <= baseline + 10%", actual="40ms", limit="41.8ms", baseline="38ms"),
        check("rps >= baseline - 5", actual="5", limit="0.25", baseline="5.25"),
        check(
            "p99 <= history + 10%",
            actual="90ms",
            limit="88ms",
            baseline="80ms",
            result="failed",
            note="median of 20 runs, 2026-10-02 to 2026-10-21",
        ),
        check(
            "p95 <= baseline + 50ms",
            endpoint="POST /batch",
            actual="40ms",
            result="missing",
            note="the baseline has no such endpoint; use a fixed limit, or write optional = true",
        ),
        check(
            "p50 <= baseline + 50ms",
            endpoint="POST /batch",
            actual="9ms",
            result="not-enough-data",
            note="the baseline has no such endpoint (optional)",
        ),
        outcome="failed",
        baseline=("main/monday.json", "main/tuesday.json"),
        history=tuple(f"nights/{day:02}.json" for day in range(2, 22)),
        of=classification(
            endpoints=[rpc, new],
            failures=[
                failure_kind(
                    "CatchResponseError('Expected [200], got 502')",
                    name="/rpc",
                    status=502,
                    decision="true",
                    count=60,
                    rule=None,
                )
            ],
            rules=[],
            warnings=("these runs of the baseline failed their own gate: main/monday.json",),
        ),
    )


def no_evidence() -> Verdict:
    """Return a run in which nothing happened."""
    return verdict(
        check(actual=None, result="missing", note="no requests"),
        outcome="no-evidence",
        of=classification(endpoints=[], rules=[rule_result(matched=0, state="idle")], failures=[]),
    )


def partial() -> Verdict:
    """Return files of a writer that died, judged with --allow-partial."""
    row = endpoint_result("/failures-only", requests=0, expected=0, true=139)
    contradiction = "run_stats.csv: there is no total row; the rows were added up"
    return verdict(
        check(
            "true_failure_rate <= 1%",
            endpoint="POST /failures-only",
            actual="100%",
            result="failed",
        ),
        check("p95 <= 1s", endpoint="POST /failures-only", actual=None, result="missing"),
        outcome="failed",
        of=classification(
            of=run(
                endpoints=[row.stats],
                partial=True,
                contradictions=(contradiction,),
                task_exceptions=3,
            ),
            total=endpoint_result("Aggregated", method="", requests=50, expected=0, true=139),
            endpoints=[row],
            failures=[
                failure_kind(
                    "", name="/failures-only", status=None, decision="true", count=139, rule=None
                )
            ],
            rules=[],
            warnings=(contradiction, "run.html counts 72 more requests"),
        ),
    )


def hostile() -> Verdict:
    """Return a run in which every text is an attack."""
    row = endpoint_result(
        f"=cmd {HOSTILE}",
        method="",
        requests=10**15,
        true=10**14,
        latency=latency(avg=None, percentiles=(("50", 1e9), ("99.9", None))),
        rps=None,
    )
    twin = endpoint_result("http://u:hunter2@h/x?a=hunter2", expected=0, true=1, rps=0.0)
    other = endpoint_result("http://u:hunter2@h/x?b=hunter2", expected=0, true=2)
    attack = rule("r" * 100, why=HOSTILE, at_most="0.00000001%", origin=PATH)
    return verdict(
        check(
            f"true_failure_rate <= {'0' * 40}1%",
            endpoint=row.stats.name,
            actual="0.1%",
            result="failed",
            note=HOSTILE,
        ),
        check(
            "expected_failure_rate <= 0.00000001%",
            endpoint="POST http://u:hunter2@h/x?b=hunter2",
            actual="10%",
            result="failed",
            rule=attack.id,
        ),
        outcome="failed",
        of=classification(
            of=run(
                label=HOSTILE,
                sources=(source(PATH),),
                partial=True,
                contradictions=(HOSTILE,),
                endpoints=[row.stats],
                total=stats("Aggregated", method=""),
            ),
            origins=(PATH,),
            endpoints=[row, twin, other],
            failures=[
                failure_kind(HOSTILE, name=row.stats.name, method="", decision="true"),
                failure_kind(
                    "HTTPError('for url: /x?a=hunter2')", name=other.stats.name, decision="true"
                ),
                failure_kind("`" * 200 + "|" * 200),
            ],
            rules=[rule_result(attack)],
            budgets=[budget_use(attack, stats_of=other.stats)],
            warnings=(HOSTILE, f"::error::{HOSTILE}"),
        ),
        baseline=(PATH,),
        provenance=Provenance(
            branch=HOSTILE, commit=HOSTILE, link="https://u:hunter2@ci.example/job/7?pipeline=1"
        ),
    )


def windows() -> Verdict:
    """Return a recorded run that passes as a whole, but not in its worst ten seconds."""
    row = endpoint_result("/orders", requests=24_000, expected=0, true=40)
    return verdict(
        check("true_failure_rate <= 1%", actual=Fraction(40, 24_000)),
        check(
            "true_failure_rate <= 1% every 10s",
            actual=Fraction(40, 400),
            result="failed",
            note="worst window: 2m 31s to 2m 41s",
            span=("151", "161"),
        ),
        check(
            "p95_ok <= 800ms during steady",
            endpoint="POST /orders",
            actual="310ms",
            note="from 31.2s to 9m 59s",
            span=("31.25", "599.125"),
        ),
        check(
            "users >= 50 after 1m until 5m",
            actual=None,
            result="missing",
            severity="warning",
            note="only a recording has a timeline; record the run: loadgate locust ...",
        ),
        outcome="failed",
        of=classification(
            endpoints=[row],
            failures=[
                failure_kind(
                    SERVER_ERROR, name="/orders", status=500, decision="true", count=40, rule=None
                )
            ],
            rules=[],
        ),
    )


CASES = {
    "passed": passed(),
    "failed-threshold": failed_threshold(),
    "budget-exceeded": budget_exceeded(),
    "likely": likely(),
    "likely-without-wordings": likely_without_wordings(),
    "strict-rules": strict_rules(),
    "baseline": baseline(),
    "windows": windows(),
    "no-evidence": no_evidence(),
    "partial": partial(),
    "hostile": hostile(),
}
