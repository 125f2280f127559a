"""Lint of what runs use: rules and presets that none of them needs, budgets that run short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from loadgate.model import BudgetUse, Classification, Policy, Rule
from loadgate.name_pattern import Effort
from loadgate.rules.examples import shown_rules
from loadgate.rules.lint.findings import PRESET, Check, Finding, about, own_rules
from loadgate.rules.lint.shadowing import covering_rules
from loadgate.rules.upkeep import overlooked
from loadgate.share import share

_NEARLY = Fraction(4, 5)
"""The share of a budget above which it is nearly spent."""


def _idle(policy: Policy, runs: Sequence[Classification]) -> Iterator[Finding]:
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
            patterns, count = found
            remedy = (
                f"A pattern must match the whole text: {patterns} would match {count:,} failures."
            )
            yield about(rule, sentence, remedy, pattern=patterns)
        elif rule.excuses:
            remedy = (
                "Remove it, or fix it if it should have matched; `loadgate explain` says why it did"
                " not."
            )
            yield about(rule, sentence, remedy)
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
        remedy = "Correct its endpoint, or remove it; `loadgate explain --all` lists the names."
        yield about(rule, sentence, remedy)
    elif failures and not shown:
        sentence = (
            f"is a carve-out that matches none of the {failures:,} failures at its endpoints in"
            f" {_runs(runs)}"
        )
        remedy = (
            "Correct its status or error; or, if it waits for another failure, add [[examples]]"
            f' with its text, expect = "failure" and rule = "{rule.id}".'
        )
        yield about(rule, sentence, remedy)


def _unused_presets(policy: Policy, runs: Sequence[Classification]) -> Iterator[Finding]:
    """Yield each extended preset whose rules never decide, or matched nothing in the runs."""
    effort = Effort()
    matched = _matched(runs)
    for preset in policy.origins[1:]:
        if not preset.startswith(PRESET):
            continue
        sentence = ""
        rules = [pair for pair in enumerate(policy.rules) if pair[1].origin == preset]
        if all(covering_rules(rule, policy.rules[:place], effort) for place, rule in rules):
            sentence = "has no effect: rules above it replace or cover all of its own"
        elif runs and not any(matched[rule.id] for _, rule in rules):
            sentence = f"matched nothing in {_runs(runs)}"
        if sentence:
            name = preset.removeprefix(PRESET)
            yield Finding(
                file=policy.origins[0],
                sentence=sentence,
                remedy=f'Remove "{name}" from extends.',
                preset=name,
            )


def _budgets_nearly_spent(policy: Policy, runs: Sequence[Classification]) -> Iterator[Finding]:
    """Yield each rule of which more than _NEARLY of the budget was used, at its worst endpoint.

    Rules of extended presets, too: whoever extends them can replace them.
    """
    worst: dict[str, tuple[Fraction, BudgetUse, str]] = {}
    for run in runs:
        for use in run.budgets:
            used = _used(use)
            if use.rule.id not in worst or used > worst[use.rule.id][0]:
                worst[use.rule.id] = (used, use, run.run.label)
    for rule in policy.rules:
        if rule.id not in worst or worst[rule.id][0] <= _NEARLY:
            continue
        used, use, label = worst[rule.id]
        where = use.stats.endpoint
        requests = use.stats.requests
        spent = f"used {_percent(used)} of its budget of" if used <= 1 else "exceeded its budget of"
        yield about(
            rule,
            f"{spent} {rule.at_most_text}: {use.counted:,} of {requests:,} requests of {where} in"
            f' "{label}"',
            "Find out why so many requests are refused; raise at_most only if that is intended.",
        )


def _used(use: BudgetUse) -> Fraction:
    """Return the used share of a budget; of a budget of nothing, any use is all of it."""
    excused = share(use.counted, use.stats.requests) or Fraction(0)
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


CHECKS = (
    Check(
        code="unused-preset",
        about="An extended preset decides nothing.",
        severity="warning",
        find=_unused_presets,
    ),
    Check(
        code="idle",
        about="The rule matched nothing in any of the runs.",
        severity="warning",
        find=_idle,
        needs_runs=True,
    ),
    Check(
        code="budget-nearly-spent",
        about="The rule used more than 80% of its budget in a run.",
        severity="warning",
        find=_budgets_nearly_spent,
        needs_runs=True,
    ),
)
