"""Findings of `rules lint`, the checks that make them, and the rules that are checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loadgate.locustfile import Lesson
from loadgate.model import Classification, Policy, Rule, Severity
from loadgate.rules.schema_errors import Place, line_at

INVALID = "invalid"
"""The code of what keeps a rules file from being read; the command makes such findings."""

PRESET = "preset "
"""What the origin of a bundled preset's rules begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong with a rules file that its schema does not see."""

    code: str = ""
    """That of the check; `lint` fills it in, and the severity."""
    severity: Severity = "error"
    file: str
    """The rules file or preset that has to be changed."""
    sentence: str
    """What is wrong."""
    remedy: str
    """What to do, one sentence or two."""
    pattern: str = ""
    """What in these two is a pattern of the user, and so never masked; "": nothing is."""
    rule: str | None = None
    """The id of the rule that it is about; None: it is about something else."""
    preset: str | None = None
    """The name of the extended preset that it is about."""
    example: int | None = None
    """The number of the example that it is about, from 1."""
    line: int | None = None
    """Where it is in the file, from 1; None: not known."""
    ignored: bool = False
    """The rule says by `lint_ignore` that this is meant; such a finding does not count."""

    @property
    def full_sentence(self) -> str:
        """What is wrong, with what it is about at its beginning."""
        subject = ""
        if self.rule is not None:
            subject = f"Rule {self.rule} "
        elif self.preset is not None:
            subject = f"Preset {self.preset} "
        elif self.example is not None:
            subject = f"examples[{self.example}]: "
        return subject + self.sentence + ("" if self.sentence.endswith(("?", ".")) else ".")


@dataclass(frozen=True, slots=True, kw_only=True)
class LintedFile:
    """A rules file that was looked at."""

    file: str
    """Its path, or "preset NAME"."""
    findings: tuple[Finding, ...]
    """What is wrong with it, or with what it extends."""
    rules: int | None
    """How many rules were checked; None: the file is invalid."""


Find = Callable[[Policy, Sequence[Classification]], Iterable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that `rules lint` looks for."""

    code: str
    """The name of its findings; docs/rules-lint.md has a section of that name."""
    about: str
    """What its findings have in common, a sentence."""
    severity: Severity
    find: Find
    """Return the findings on a policy, and on runs that it classified."""
    learned: Callable[[Policy, Lesson], Iterable[Finding]] | None = None
    """Return the findings instead where locustfiles are given; None: they make no difference."""
    needs_runs: bool = False
    """Made only where runs are given."""
    strict: bool = False
    """Made only with `--strict`."""


def own_rules(policy: Policy) -> Iterator[Rule]:
    """Yield the rules that are checked: all but those of presets that are only extended."""
    for rule in policy.rules:
        if rule.origin == policy.origins[0] or not rule.origin.startswith(PRESET):
            yield rule


def about(rule: Rule, sentence: str, remedy: str, *, pattern: str = "") -> Finding:
    """Return a finding about a rule, in the file that holds it."""
    return Finding(
        file=rule.origin, sentence=sentence, remedy=remedy, rule=rule.id, pattern=pattern
    )


def each_rule(problem: Callable[[Rule, Policy], tuple[str, str] | None]) -> Find:
    """Return what looks at each rule by itself: `problem` says what is wrong, and the remedy."""

    def find(policy: Policy, _: Sequence[Classification]) -> Iterator[Finding]:
        for rule in own_rules(policy):
            found = problem(rule, policy)
            if found is not None:
                yield about(rule, *found)

    return find


def line_of(
    finding: Finding,
    document: Mapping[str, Any],
    lines: Mapping[Place, int],
) -> int | None:
    """Return the line, from 1, that a finding is about; None where its file does not hold it."""
    if finding.example is not None:
        return lines.get(("examples", finding.example - 1))
    if finding.rule is not None:
        for number, rule in enumerate(document.get("rules", ())):
            if rule["id"] == finding.rule:
                return line_at(lines, ("rules", number, "id"))
    elif finding.preset in document.get("extends", ()):
        return line_at(lines, ("extends", document["extends"].index(finding.preset)))
    return None
