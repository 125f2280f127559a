"""Findings that runs give: rules that none of them needs, budgets that run short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from loadgate.model import BudgetUse, Classification, Policy, Rule
from loadgate.name_pattern import Effort
from loadgate.rules.examples import shown_rules
from loadgate.rules.lint.findings import Finding, about, own_rules
from loadgate.rules.lint.shadowing import extended_presets, unused
from loadgate.rules.upkeep import overlooked
from loadgate.share import share

NEARLY = Fraction(4, 5)
"""The share of a budget above which it is nearly spent."""


def idle_rules(policy: Policy, runs: Sequence[Classification]) -> Iterator[Finding]:
    """Yield each rule that matched nothing in any run.

    A carve-out has nothing to excuse, so it is told only where no run has an endpoint of it, or
    where failures there are none of its own, unless an example shows what it is for.
    """
    matched = _matched(runs)
    kinds = [kind for run in runs for kind in run.failures]
    shown = shown_rules(policy)
    effort = Effort()
    for rule in own_rules(policy):
        if matched[rule.id]:
            continue
        sentence = f"matched nothing in {_runs(runs)}"
        found = overlooked(rule, policy, kinds, effort)
        if found:
            glob = f'"{found[0]}"'
            remedy = (
                f"Its error must match the whole text: error = {glob} would match {found[1]:,}"
                " failures."
            )
            yield replace(about(rule, "idle", sentence, remedy, "warning"), pattern=glob)
        elif rule.excuses:
            remedy = (
                "Remove it, or correct it if it was to match; `loadgate explain` says why it did"
                " not."
            )
            yield about(rule, "idle", sentence, remedy, "warning")
        else:
            yield from _idle_carve_out(rule, runs, effort, shown=(rule.id, "true") in shown)


def _idle_carve_out(
    rule: Rule, runs: Sequence[Classification], effort: Effort, *, shown: bool
) -> Iterator[Finding]:
    """Yield what is wrong with a carve-out that matched nothing, if anything seems to be."""
    rows = [row for run in runs for row in run.endpoints]
    called = [
        row for row in rows if rule.endpoint.matches(row.stats.method, row.stats.name, effort)
    ]
    failures = sum(row.failures - row.unexplained for row in called)
    if not called:
        sentence = f"is a carve-out for endpoints that never occur in {_runs(runs)}"
        remedy = "Correct its endpoint, or remove it; `loadgate explain --all` shows the names."
        yield about(rule, "idle", sentence, remedy, "warning")
    elif failures and not shown:
        sentence = (
            f"is a carve-out that matches none of the {failures:,} failures at its endpoints in"
            f" {_runs(runs)}"
        )
        remedy = (
            "Correct its status or error; or, if it waits for another failure, add [[examples]]"
            f' with its text, expect = "failure" and rule = "{rule.id}".'
        )
        yield about(rule, "idle", sentence, remedy, "warning")


def idle_presets(policy: Policy, runs: Sequence[Classification]) -> Iterator[Finding]:
    """Yield each extended preset of which no rule matched anything in any run."""
    matched = _matched(runs)
    for preset in extended_presets(policy):
        if not any(matched[rule.id] for rule in policy.rules if rule.origin == preset):
            yield unused(policy, preset, f"matched nothing in {_runs(runs)}")


def budgets_nearly_spent(policy: Policy, runs: Sequence[Classification]) -> Iterator[Finding]:
    """Yield each rule of which more than NEARLY of the budget was used, at its worst endpoint.

    Rules of extended presets, too: whoever extends them can replace them.
    """
    worst: dict[str, tuple[Fraction, BudgetUse, str]] = {}
    for run in runs:
        for use in run.budgets:
            used = _used(use)
            if use.rule.id not in worst or used > worst[use.rule.id][0]:
                worst[use.rule.id] = (used, use, run.run.label)
    for rule in policy.rules:
        if rule.id not in worst or worst[rule.id][0] <= NEARLY:
            continue
        used, use, label = worst[rule.id]
        where = use.stats.endpoint
        requests = use.stats.requests
        spent = f"used {_percent(used)} of its budget of" if used <= 1 else "exceeded its budget of"
        yield about(
            rule,
            "budget-nearly-spent",
            f"{spent} {rule.at_most_text}: {use.expected:,} of {requests:,} requests of {where} in"
            f' "{label}"',
            "Find out why so many requests are refused; raise at_most only if that is intended.",
            "warning",
        )


def _used(use: BudgetUse) -> Fraction:
    """Return the used share of a budget; of a budget of nothing, any use is all of it."""
    excused = share(use.expected, use.stats.requests) or Fraction(0)
    return excused / use.rule.at_most if use.rule.at_most else Fraction(1)


def _percent(used: Fraction) -> str:
    """Return a share as a whole percentage, rounded up: 80.1 % is above 80 %."""
    return f"{-(-used * 100 // 1)}%"


def _matched(runs: Sequence[Classification]) -> Counter[str]:
    matched: Counter[str] = Counter()
    for run in runs:
        for result in run.rules:
            matched[result.rule.id] += result.matched
    return matched


def _runs(runs: Sequence[Classification]) -> str:
    return f'"{runs[0].run.label}"' if len(runs) == 1 else f"any of {len(runs):,} runs"
