"""Rules: loading a policy from a rules file, or a preset, and all that it extends."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from loadgate.errors import RulesError, RulesProblem
from loadgate.model import Policy, Rule
from loadgate.rules.document import read_document, read_lines
from loadgate.rules.files import (
    DEFAULT_FILE,
    DEFAULT_PRESET,
    RulesFile,
    each_file,
    extended,
    find,
    nearest,
    presets,
    rules_beside,
)
from loadgate.rules.parse import Declarations, parse
from loadgate.rules.schema_errors import (
    SOUGHT,
    Problem,
    bounded,
    described,
    line_at,
    schema_problems,
)
from loadgate.rules.thresholds import STRICT_RULES, command_line_thresholds, why_no_abort
from loadgate.text import hint, quoted

__all__ = [
    "DEFAULT_FILE",
    "DEFAULT_PRESET",
    "MOST_ENTRIES",
    "MOST_FILES",
    "each_file",
    "load_policy",
    "nearest",
    "other_presets",
    "presets",
    "rules_beside",
]

MOST_FILES = 50
"""Files that one extends, be it through others, itself included."""
MOST_ENTRIES = 2000
"""Entries of one kind, such as rules, of a file and all that it extends together."""
_HINTED = 10
"""Unknown words for which a known one is sought: of a thousand that takes a tenth of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tree:
    """A rules file and all that it extends, by the identity of each file."""

    files: dict[str, Declarations] = field(default_factory=dict)
    """What the files declare, own first, then depth first."""
    extends: dict[str, list[str]] = field(default_factory=dict)
    """The files that each one names in `extends`."""

    def reaches(self, start: str, end: str) -> bool:
        """Say whether the first file extends the second one, be it through others."""
        left, seen = [start], {start}
        while left:
            following = set(self.extends[left.pop()]) - seen
            seen |= following
            left += following
        return end in seen


def load_policy(
    path: str | os.PathLike[str] | None = None,
    *,
    thresholds: Sequence[str] = (),
    strict_rules: bool = False,
    abort: bool = False,
    today: date | None = None,
) -> Policy:
    """Read a rules file, or the bundled preset of that name, and everything that it extends.

    Args:
        path: Default: `loadgate.toml` in the working directory, else the preset
            `optimistic-locking`.
        thresholds: Limits on the whole run, such as "p95 <= 800ms", besides those of the files.
        strict_rules: Add that no rule be idle, expired or about to expire.
        abort: Let every limit that can stop a run that is on do so.
        today: The day in UTC by which rules expire. Default: today.

    Raises:
        RulesError: A file is not there or wrong; `problems` has every problem of all files.
        UsageError: A threshold cannot be read; the message has all such.

    Example:
        >>> policy = loadgate.load_policy("loadgate.toml", thresholds=["p95 <= 800ms"])
        >>> policy.rules[0].id, policy.thresholds[-1].require
        ('state-toggle-conflict', 'p95 <= 800ms')
    """
    demanded = command_line_thresholds([*thresholds, *(STRICT_RULES if strict_rules else ())])
    source = find(path)
    problems: list[RulesProblem] = []
    tree = _Tree()
    _gather(source, (), tree, problems)
    files = tuple(tree.files.values())
    rules = _first_of_each_id(files)
    problems = problems or _too_many(files, source)
    problems = problems or [*_shared_ids(tree), *_unknown_rules(files, rules)]
    if problems:
        raise RulesError(source.origin, bounded(problems))
    every = (*(one for file in files for one in file.thresholds), *demanded)
    if abort:
        every = tuple(replace(one, abort=one.abort or not why_no_abort(one)) for one in every)
    return Policy(
        origins=tuple(file.origin for file in files),
        rules=tuple(rules.values()),
        thresholds=every,
        status_texts=tuple(text for file in files for text in file.status_texts),
        today=today or datetime.now(UTC).date(),
        examples=tuple(example for file in files for example in file.examples),
        owners=tuple(owner for file in files for owner in file.owners),
        replaced=tuple(rule for file in files for rule in file.rules if rules[rule.id] is not rule),
        abort=abort,
    )


def other_presets(policy: Policy) -> dict[str, tuple[Rule, ...]]:
    """Return the rules of the bundled presets that a policy does not extend, by name."""
    return {
        name: load_policy(name).rules
        for name in presets()
        if f"preset {name}" not in policy.origins
    }


def _gather(
    source: RulesFile, chain: tuple[RulesFile, ...], tree: _Tree, problems: list[RulesProblem]
) -> None:
    """Add to the tree what the file and all that it extends declare.

    `chain` are the files by which this one was reached. What is wrong is added to `problems`.
    """
    tree.extends[source.identity()] = []
    document = read_document(source.path, source.origin)
    found = schema_problems(document)
    if len(found) > SOUGHT:
        raise RulesError(source.origin, bounded(_located(found, document, source)))
    others: list[RulesFile] = []
    if isinstance(document, dict):
        tree.files[source.identity()] = parse(document, source.origin, found)
        others = _extended(document, (*chain, source), found)
    problems += _located(found, document, source)
    for other in others:
        tree.extends[source.identity()].append(other.identity())
        if other.identity() in tree.extends:
            continue
        if len(tree.extends) == MOST_FILES:
            problem = f"extends more than {MOST_FILES - 1} files, directly or through others"
            problems.append(RulesProblem(text=problem, file=source.origin))
            break
        try:
            _gather(other, (*chain, source), tree, problems)
        except RulesError as error:
            problems += error.located


def _located(
    found: Sequence[Problem],
    document: Any,  # noqa: ANN401 - what a file holds is anything
    source: RulesFile,
) -> list[RulesProblem]:
    """Return the problems of a file with their lines, which only a file that has some needs."""
    lines = read_lines(source.path) if found else {}
    return described(found, document, source.origin, lines)


def _extended(
    document: dict[str, Any], chain: tuple[RulesFile, ...], found: list[Problem]
) -> list[RulesFile]:
    """Return the files that the last one of the chain extends; add what is wrong to `found`."""
    bad = {problem.place for problem in found}
    files = []
    for number, name in enumerate(document.get("extends", ()) if ("extends",) not in bad else ()):
        place = ("extends", number)
        if place in bad:
            continue
        file = extended(name, chain)
        if isinstance(file, RulesFile):
            files.append(file)
        else:
            found.append(Problem(place=place, text=file))
    return files


def _first_of_each_id(files: Sequence[Declarations]) -> dict[str, Rule]:
    """Return all rules, of those with the same id the first: own rules replace extended ones."""
    rules: dict[str, Rule] = {}
    for file in files:
        for rule in file.rules:
            rules.setdefault(rule.id, rule)
    return rules


def _too_many(files: Sequence[Declarations], source: RulesFile) -> list[RulesProblem]:
    """Return a problem for each section that has too many entries in all files together."""
    sections = {
        "rules": sum(len(file.rules) for file in files),
        "thresholds": sum(len(file.thresholds) for file in files),
        "status_texts": sum(len(file.status_texts) for file in files),
        "examples": sum(len(file.examples) for file in files),
        "owners": sum(len(file.owners) for file in files),
    }
    return [
        RulesProblem(
            text=f"{name}: {number:,} with those of extended files; at most {MOST_ENTRIES:,}",
            file=source.origin,
        )
        for name, number in sections.items()
        if number > MOST_ENTRIES
    ]


def _shared_ids(tree: _Tree) -> Iterator[RulesProblem]:
    """Yield each rule that would be dropped for one of a file that does not extend its own."""
    first: dict[str, str] = {}
    own = next(iter(tree.files.values())).origin
    for identity, file in tree.files.items():
        lines = None
        for number, rule in enumerate(file.rules):
            winner = first.setdefault(rule.id, identity)
            if winner == identity or tree.reaches(winner, identity):
                continue
            lines = read_lines(file.origin) if lines is None else lines
            yield RulesProblem(
                text=f"rules[{number + 1}] {quoted(rule.id)}: id: {tree.files[winner].origin} has a"
                " rule of that id, too, and one of them would be dropped; rename one, or write a"
                f" rule of that id in {own} to replace both",
                file=file.origin,
                line=line_at(lines, ("rules", number, "id")),
            )


def _unknown_rules(files: Sequence[Declarations], known: Iterable[str]) -> list[RulesProblem]:
    """Return a problem for each example that names a rule which is in no file."""
    problems: list[RulesProblem] = []
    for file in files:
        bad = [one for one in file.examples if one.rule is not None and one.rule not in known]
        lines = read_lines(file.origin) if bad else {}
        problems += [
            RulesProblem(
                text=f"examples[{example.number}]: rule: there is no rule"
                f" {quoted(str(example.rule))}"
                + (hint(str(example.rule), known) if number < _HINTED else ""),
                file=file.origin,
                line=line_at(lines, ("examples", example.number - 1, "rule")),
            )
            for number, example in enumerate(bad, len(problems))
        ]
    return problems
