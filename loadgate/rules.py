"""A rules file and thresholds of the command line in, a Policy out, or all their problems at once."""

from __future__ import annotations

import json
import os
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from loadgate.errors import RulesError, UsageError
from loadgate.model import Policy, Rule, Threshold
from loadgate.patterns import EndpointPattern, PatternError, StatusText, TextGlob
from loadgate.schema_problems import Problem, problem_at, schema_problems
from loadgate.thresholds import ThresholdError, parse_condition, parse_share

DEFAULT_FILE = "loadgate.toml"
DEFAULT_PRESET = "optimistic-locking"
DEFAULT_THRESHOLD = "true_failure_rate <= 1%"

LARGEST_FILE = 1024 * 1024
"""Bytes of a rules file."""

_DEEPEST = 20
_PACKAGE = Path(__file__).parent


def load_policy(
    path: str | os.PathLike[str] | None = None,
    *,
    thresholds: Sequence[str] = (),
    today: date | None = None,
) -> Policy:
    """Load the rules file or bundled preset `path` with all that it extends.

    Without a path `loadgate.toml` of the working directory, else the preset optimistic-locking.
    `thresholds` are added to those of the files; with none anywhere there is one,
    `true_failure_rate <= 1%`. `today` (default: the date in UTC) is the day on which rules expire.

    Raises:
        RulesError: the file, or one that it extends, has problems; all of them are told.
        UsageError: one of `thresholds` cannot be followed.
    """
    own = [_command_line_threshold(text) for text in thresholds]
    problems = [problem for problem in own if isinstance(problem, str)]
    if problems:
        raise UsageError("\n".join(problems))
    loaded = _Loaded()
    loaded.load(_location(path), ())
    if loaded.problems:
        name = os.fspath(path) if path is not None else loaded.origins[0]
        raise RulesError(name, _bounded(loaded.problems))
    held = [*loaded.thresholds, *(one for one in own if isinstance(one, Threshold))]
    return Policy(
        origins=tuple(loaded.origins),
        rules=tuple(loaded.rules.values()),
        thresholds=tuple(held) or (_threshold({"require": DEFAULT_THRESHOLD}, "default"),),
        status_texts=tuple(loaded.status_texts),
        today=today or datetime.now(UTC).date(),
    )


@dataclass(frozen=True, slots=True)
class _Location:
    """Where a rules file is, and what outputs call it."""

    path: Path
    origin: str


def preset_folder() -> Path:
    """Return the folder of the bundled presets: in the package, or beside it in a checkout."""
    inside = _PACKAGE / "presets"
    return inside if inside.is_dir() else _PACKAGE.parent / "rules"


@cache
def presets() -> tuple[str, ...]:
    """Return the names of the bundled presets."""
    return tuple(sorted(file.stem for file in preset_folder().glob("*.toml")))


def _preset(name: str) -> _Location:
    return _Location(preset_folder() / f"{name}.toml", f"preset {name}")


def _location(path: str | os.PathLike[str] | None) -> _Location:
    """Find what `--rules` means."""
    if path is None:
        if os.path.lexists(DEFAULT_FILE):
            return _Location(Path(DEFAULT_FILE), DEFAULT_FILE)
        return _preset(DEFAULT_PRESET)
    name = os.fspath(path)
    if name in presets() and not Path(name).is_file():
        return _preset(name)
    return _Location(Path(name), name)


def _bounded(problems: list[str], most: int = 50) -> tuple[str, ...]:
    if len(problems) <= most:
        return tuple(problems)
    return (*problems[:most], f"and {len(problems) - most:,} more")


def _command_line_threshold(text: str) -> Threshold | str:
    try:
        return _threshold({"require": text}, "--threshold")
    except ThresholdError as error:
        return f"--threshold {text!r}: {error}"


@dataclass(slots=True)
class _Loaded:
    """What was loaded so far from a file and those that it extends."""

    origins: list[str] = field(default_factory=list)
    rules: dict[str, Rule] = field(default_factory=dict)
    thresholds: list[Threshold] = field(default_factory=list)
    status_texts: list[StatusText] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def load(self, location: _Location, chain: tuple[str, ...]) -> None:
        """Add a file, its own rules first, then those of the files that it extends."""
        identity = os.path.realpath(location.path)
        if identity in self._seen:
            return
        self._seen.add(identity)
        self.origins.append(location.origin)
        # Problems of the file that the user named stand for themselves.
        prefix = f"{location.origin}: " if chain else ""
        try:
            document = _parsed(location)
        except _UnreadableError as error:
            self.problems.append(f"{prefix}{error}")
            return
        found = [*schema_problems(document, _schema()), *_further_problems(document)]
        if isinstance(document, dict):
            targets = list(self._extended(document, location, found, (*chain, identity)))
        self.problems += [f"{prefix}{one.place}: {one.sentence}" for one in sorted(found)]
        if not isinstance(document, dict):
            return
        if not found:
            self._add(document, location.origin)
        for target in targets:
            self.load(target, (*chain, identity))

    def _extended(
        self,
        document: Mapping[str, Any],
        location: _Location,
        found: list[Problem],
        chain: tuple[str, ...],
    ) -> Iterator[_Location]:
        """Give the files that a file extends; add to `found` what is wrong with their names."""
        for index, name in enumerate(_list(document, "extends")):
            if not isinstance(name, str) or not name:
                continue
            if name in presets():
                target = _preset(name)
            elif name.endswith((".toml", ".json")) or "/" in name or os.sep in name:
                origin = os.path.join(os.path.dirname(location.origin), name)
                target = _Location(location.path.parent / name, origin)
            else:
                sentence = f"there is no preset {name!r}{_nearest(name, presets())}"
                found.append(problem_at(document, _schema(), ("extends", index), sentence))
                continue
            if os.path.realpath(target.path) in chain or len(chain) > _DEEPEST:
                circle = " -> ".join([*(Path(file).name for file in chain), target.path.name])
                sentence = f"goes in a circle: {circle}"
                found.append(problem_at(document, _schema(), ("extends", index), sentence))
                continue
            yield target

    def _add(self, document: Mapping[str, Any], origin: str) -> None:
        """Add what a sound file says itself."""
        for entry in document.get("rules", ()):
            self.rules.setdefault(entry["id"], _rule(entry, origin))
        self.thresholds += [_threshold(entry, origin) for entry in document.get("thresholds", ())]
        self.status_texts += [
            StatusText(entry["text"]) for entry in document.get("status_texts", ())
        ]


def _list(document: object, key: str) -> list[Any]:
    value = document.get(key) if isinstance(document, dict) else None
    return value if isinstance(value, list) else []


def _further_problems(document: object) -> Iterator[Problem]:
    """Find what a schema cannot say, key by key, so that one problem does not hide another."""
    checks: tuple[tuple[str, Callable[[Mapping[str, Any]], Iterator[str]]], ...] = (
        ("rules", _rule_problems),
        ("thresholds", _threshold_problems),
        ("status_texts", _status_text_problems),
    )
    for key, check in checks:
        for index, entry in enumerate(_list(document, key)):
            for sentence in check(entry) if isinstance(entry, dict) else ():
                yield problem_at(document, _schema(), (key, index), sentence)
    ids: list[object] = []
    for index, entry in enumerate(_list(document, "rules")):
        name = entry.get("id") if isinstance(entry, dict) else None
        if name is not None and name in ids:
            yield problem_at(document, _schema(), ("rules", index), "id: is taken by another rule")
        ids.append(name)


def _complaint(key: str, read: Callable[[str], object], text: object) -> Iterator[str]:
    """Give what is wrong with a text; what is no text the schema has told already."""
    if isinstance(text, str) and text:
        try:
            read(text)
        except (PatternError, ThresholdError) as error:
            yield f"{key}: {error}"


def _rule_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    yield from _endpoint_problems(entry)
    yield from _complaint("at_most", parse_share, entry.get("at_most"))
    yield from _complaint("expires", _day, entry.get("expires"))
    for key in ("at_most", "expires"):
        if key in entry and entry.get("as") == "failure":
            yield f'{key}: says nothing on a rule with as = "failure"'


def _endpoint_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    methods = entry.get("method")
    named = tuple(methods) if isinstance(methods, list) and methods else None
    yield from _complaint(
        "endpoint", lambda text: EndpointPattern.parse(text, named), entry.get("endpoint")
    )


def _threshold_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    yield from _endpoint_problems(entry)
    yield from _complaint("require", parse_condition, entry.get("require"))
    for key in ("optional", "method"):
        if key in entry and "endpoint" not in entry:
            yield f"{key}: is for thresholds with an endpoint"
    try:
        _, metric, _, _ = parse_condition(str(entry.get("require")))
    except ThresholdError:
        return
    if metric.name == "task_exceptions" and "endpoint" in entry:
        yield "endpoint: Locust does not say of which endpoint task_exceptions are"
    if "confidence" in entry and metric.kind != "rate":
        yield f"confidence: is for rates, and {metric.name} is none"


def _status_text_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    yield from _complaint("text", StatusText, entry.get("text"))


def _rule(entry: Mapping[str, Any], origin: str) -> Rule:
    """Return a rule that was found sound."""
    status = entry.get("status")
    statuses = status if isinstance(status, list) or status is None else [status]
    at_most = entry.get("at_most", "")
    return Rule(
        id=entry["id"],
        endpoint=_endpoint(entry),
        statuses=None if statuses is None else frozenset(statuses),
        error=TextGlob(entry["error"]) if "error" in entry else None,
        excuses=entry.get("as", "expected") == "expected",
        why=entry["why"],
        at_most=parse_share(at_most) if at_most else None,
        at_most_text=at_most.strip(),
        owner=entry.get("owner", ""),
        ticket=entry.get("ticket", ""),
        expires=_day(entry["expires"]) if "expires" in entry else None,
        origin=origin,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ThresholdError(f"{text!r} is not a date, such as 2027-06-30") from None


def _endpoint(entry: Mapping[str, Any]) -> EndpointPattern:
    methods = entry.get("method")
    return EndpointPattern.parse(entry["endpoint"], tuple(methods) if methods else None)


def _threshold(entry: Mapping[str, Any], origin: str) -> Threshold:
    """Return a threshold; raises ThresholdError where its condition cannot be read."""
    require, metric, operator, limit = parse_condition(entry["require"])
    return Threshold(
        require=require,
        metric=metric,
        operator=operator,
        limit=limit,
        endpoint=_endpoint(entry) if "endpoint" in entry else None,
        optional=entry.get("optional", False),
        min_requests=int(entry.get("min_requests", 0)),
        confidence=entry.get("confidence"),
        severity=entry.get("severity", "error"),
        origin=origin,
    )


class _UnreadableError(ValueError):
    """A rules file that is no TOML or JSON at all; the text says why."""


def _parsed(location: _Location) -> object:
    """Return the document in a file, dates as text."""
    text = _text(location.path)
    try:
        if location.path.suffix.lower() == ".json":
            return json.loads(text, object_pairs_hook=_object)
        return _plain(tomllib.loads(text), "")
    except RecursionError:
        raise _UnreadableError("is nested too deeply") from None
    except _UnreadableError:
        raise
    except ValueError as error:  # TOMLDecodeError and JSONDecodeError say the line
        raise _UnreadableError(f"is no sound {_language(location.path)}: {error}") from None


def _language(path: Path) -> str:
    return "JSON" if path.suffix.lower() == ".json" else "TOML"


def _text(path: Path) -> str:
    """Return the text of a regular file of bounded size."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _UnreadableError("is not a file")
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise _UnreadableError(f"is larger than {LARGEST_FILE // 1024} KiB")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _UnreadableError(f"is not UTF-8: {error.reason} at byte {error.start}") from None
    except (OSError, ValueError) as error:
        if isinstance(error, _UnreadableError):
            raise
        raise _UnreadableError(getattr(error, "strerror", None) or str(error)) from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Build a JSON object; a key that stands twice would hide one of its values."""
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _UnreadableError(f"has the key {twice!r} twice in one object")
    return found


def _plain(value: object, place: str) -> object:
    """Turn TOML's dates into text, as JSON and the schema know them."""
    if isinstance(value, dict):
        return {key: _plain(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, place) for inner in value]
    if isinstance(value, datetime):
        raise _UnreadableError(f"{place}: write a date without a time, such as 2027-06-30")
    return value.isoformat() if isinstance(value, date) else value


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((_PACKAGE / "schemas" / "rules.json").read_text("utf-8"))
    return schema


def _nearest(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
