"""The path of a rules file or the name of a preset in, the policy with all that it extends out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from loadgate.declarations import Declarations, declarations
from loadgate.errors import RulesError, RulesProblem, UnreadableRulesError
from loadgate.model import Policy, Rule
from loadgate.nearest import hint, quoted
from loadgate.rulesfile import read_document, read_lines
from loadgate.thresholds import STRICT_RULES, command_line_thresholds
from loadgate.violations import (
    SOUGHT,
    Problem,
    bounded,
    in_words,
    line_at,
    violations,
)

DEFAULT_FILE = "loadgate.toml"
DEFAULT_PRESET = "optimistic-locking"

_LONGEST_CHAIN = 10
"""Files of which each extends the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A rules file: where it is, and what outputs call it."""

    path: str
    origin: str

    def identity(self) -> str:
        """Return what two paths to the same file have in common."""
        return os.path.realpath(self.path)


def load_policy(
    path: str | os.PathLike[str] | None = None,
    *,
    thresholds: Sequence[str] = (),
    strict_rules: bool = False,
    today: date | None = None,
) -> Policy:
    """Read a rules file, or the bundled preset of that name, and everything that it extends.

    Without a path: `loadgate.toml` in the working directory, else the preset `optimistic-locking`.
    `thresholds` are demands on the whole run ("p95 <= 800ms") that are added to those of the files;
    `strict_rules` adds that no rule be idle, expired or about to expire.
    Rules expire by `today`, by default the current date in UTC. Raises RulesError with every
    problem of the files, and UsageError with every one of `thresholds`.
    """
    demanded = command_line_thresholds([*thresholds, *(STRICT_RULES if strict_rules else ())])
    source = _source(path)
    problems: list[RulesProblem] = []
    files = _gather(source, (), set(), problems)
    rules = _first_of_each_id(files)
    problems = problems or _unknown_rules(files, rules)
    if problems:
        raise RulesError(source.origin, bounded(problems))
    return Policy(
        origins=tuple(file.origin for file in files),
        rules=rules,
        thresholds=(*(one for file in files for one in file.thresholds), *demanded),
        status_texts=tuple(text for file in files for text in file.status_texts),
        today=today or datetime.now(UTC).date(),
        examples=tuple(example for file in files for example in file.examples),
    )


def presets() -> dict[str, Path]:
    """Return the bundled presets by name: beside the modules in a wheel, else in a checkout."""
    here = Path(__file__).parent
    folder = here / "presets"
    if not folder.is_dir():
        folder = here.parent / "rules"
    return {file.stem: file for file in sorted(folder.glob("*.toml"))}


def other_presets(policy: Policy) -> dict[str, tuple[Rule, ...]]:
    """Return the rules of the bundled presets that a policy does not extend, by name."""
    return {
        name: load_policy(name).rules
        for name in presets()
        if f"preset {name}" not in policy.origins
    }


def _source(path: str | os.PathLike[str] | None) -> _Source:
    """Return where the rules are; raise RulesError where there are none of that name."""
    if path is None:
        # Also a link that leads nowhere: somebody meant it to be the rules.
        if os.path.lexists(DEFAULT_FILE):
            return _Source(path=DEFAULT_FILE, origin=DEFAULT_FILE)
        path = DEFAULT_PRESET
    text = os.fspath(path)
    if not os.path.isfile(text):  # noqa: PTH113 - Path.is_file raises on a name that is too long
        known = presets()
        if text in known:
            return _preset(text, known)
        if not os.path.lexists(text):
            problem = "there is no such file"
            if text == DEFAULT_FILE:
                problem += "; write one with `loadgate init`"
            elif not _is_path(text):
                problem += f", and no preset of that name; {_listed(text, known)}"
            raise UnreadableRulesError(text or '""', problem)
    return _Source(path=text, origin=text)


def _preset(name: str, known: dict[str, Path]) -> _Source:
    return _Source(path=str(known[name]), origin=f"preset {name}")


def _is_path(text: str) -> bool:
    return text.lower().endswith((".toml", ".json")) or "/" in text or "\\" in text


def _listed(name: str, known: dict[str, Path]) -> str:
    return f"the presets are {', '.join(known)}{hint(name, known)}"


def _gather(
    source: _Source, chain: tuple[_Source, ...], seen: set[str], problems: list[RulesProblem]
) -> list[Declarations]:
    """Return what the file and all that it extends declare, own first, then depth first.

    `chain` are the files by which this one was reached. What is wrong is added to `problems`.
    """
    seen.add(source.identity())
    document = read_document(source.path, source.origin)
    found = violations(document)
    if len(found) > SOUGHT:
        raise RulesError(source.origin, bounded(_located(found, document, source)))
    files: list[Declarations] = []
    extended: list[_Source] = []
    if isinstance(document, dict):
        files.append(declarations(document, source.origin, found))
        extended = _extended(document, (*chain, source), found)
    problems += _located(found, document, source)
    for other in extended:
        if other.identity() in seen:
            continue
        try:
            files += _gather(other, (*chain, source), seen, problems)
        except RulesError as error:
            problems += error.located
    return files


def _located(
    found: Sequence[Problem],
    document: Any,  # noqa: ANN401 - what a file holds is anything
    source: _Source,
) -> list[RulesProblem]:
    """Return the problems of a file with their lines, which only a file that has some needs."""
    lines = read_lines(source.path) if found else {}
    return in_words(found, document, source.origin, lines)


def _extended(
    document: dict[str, Any], chain: tuple[_Source, ...], found: list[Problem]
) -> list[_Source]:
    """Return the files that the last one of the chain extends; add what is wrong to `found`."""
    bad = {problem.place for problem in found}
    sources = []
    for number, name in enumerate(document.get("extends", ()) if ("extends",) not in bad else ()):
        place = ("extends", number)
        if place in bad:
            continue
        source = _resolve(name, chain)
        if isinstance(source, _Source):
            sources.append(source)
        else:
            found.append(Problem(place=place, text=source))
    return sources


def _resolve(name: str, chain: tuple[_Source, ...]) -> _Source | str:
    """Return the file that a name in `extends` means, or what is wrong with the name."""
    if not name.isprintable():
        return "must be one line of printable text"
    if "://" in name:
        return f"{quoted(name)} is a URL, and loadgate fetches nothing; extend a copy of the file"
    if not _is_path(name):
        known = presets()
        if name not in known:
            return (
                f"there is no preset {quoted(name)}, and a path ends in .toml or .json or holds a"
                f" slash; {_listed(name, known)}"
            )
        source = _preset(name, known)
    elif Path(name).is_absolute():
        return f"{quoted(name)} must be relative to this file"
    else:
        path = str(Path(chain[-1].path).parent / name)
        source = _Source(path=path, origin=path)
    ways = [step.identity() for step in chain]
    if source.identity() in ways:
        circle = [*chain[ways.index(source.identity()) :], source]
        return f"is circular: {' -> '.join(step.origin for step in circle)}"
    if len(chain) == _LONGEST_CHAIN:
        return f"more than {_LONGEST_CHAIN} files extend one another"
    return source


def _first_of_each_id(files: Sequence[Declarations]) -> tuple[Rule, ...]:
    """Return all rules, of those with the same id the first: own rules replace extended ones."""
    rules: dict[str, Rule] = {}
    for file in files:
        for rule in file.rules:
            rules.setdefault(rule.id, rule)
    return tuple(rules.values())


def _unknown_rules(files: Sequence[Declarations], rules: Sequence[Rule]) -> list[RulesProblem]:
    """Return a problem for each example that names a rule which is in no file."""
    known = {rule.id for rule in rules}
    problems = []
    for file in files:
        bad = [one for one in file.examples if one.rule is not None and one.rule not in known]
        lines = read_lines(file.origin) if bad else {}
        problems += [
            RulesProblem(
                text=f"examples[{example.number}]: rule: there is no rule"
                f" {quoted(str(example.rule))}{hint(str(example.rule), known)}",
                file=file.origin,
                line=line_at(lines, ("examples", example.number - 1, "rule")),
            )
            for example in bad
        ]
    return problems
