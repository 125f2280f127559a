"""Reading a rules file: what it holds as TOML or JSON, and on which lines."""

from __future__ import annotations

import json
import re
import stat
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from loadgate.errors import RulesError, RulesProblem, UnreadableRulesError
from loadgate.read.documents import strict_decoder
from loadgate.rules.schema_errors import Place

SIZE_LIMIT = 1 << 20
"""Bytes that a rules file may have at most."""

_LINE = re.compile(r"\bline ([0-9]+)\b")
_TOKEN = re.compile(
    r'''
    """ (?: \\. | [^\\] )*? """ "{0,2} | \'\'\' .*? \'\'\' \'{0,2}
    | " (?: \\. | [^"\\] )* " | \' [^\']* \' | \#[^\n]* | [][{},:=\n] | [^][{},:=\s"\'\#]+
    ''',
    re.VERBOSE | re.DOTALL,
)
_BETWEEN_KEYS = {*"[]{},=\n"}
_ENDS = {",", "]", "}", "\n", ""}
DEEPEST = 20
"""Levels of tables and lists, and parts of a dotted key; the format has four."""


def read_document(path: str, origin: str) -> Any:  # noqa: ANN401 - what a file holds is anything
    """Return what the file holds; the name `origin` is what errors call it.

    A name that ends in `.json` says JSON, any other TOML. Dates of TOML are given as ISO texts
    where the format has a date, as JSON has them. Raises RulesError with the one problem for which
    nothing can be read.
    """
    data = _read(path, origin)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _at_line(origin, f"is not UTF-8 text (byte {error.start + 1})", line) from error
    language = "JSON" if _is_json(path) else "TOML"
    try:
        if not _is_json(path):
            _refuse_long_keys(text)
        document = (
            strict_decoder().decode(text)
            if _is_json(path)
            else _with_iso_dates(tomllib.loads(text))
        )
        _refuse_monsters(document)
    except RecursionError as error:
        raise RulesError(
            origin, (f"is nested too deeply: more than {DEEPEST} levels or parts of a key",)
        ) from error
    except ValueError as error:  # both decoders' errors are, and so is that of a huge number
        told = _LINE.search(str(error))
        last = text.count("\n") + 1 if "(at end of document)" in str(error) else None
        problem = f"is not valid {language}: {error}"
        raise _at_line(origin, problem, int(told[1]) if told else last) from error
    return document


def _is_json(path: str) -> bool:
    return path.lower().endswith(".json")


def _at_line(origin: str, text: str, line: int | None) -> RulesError:
    return RulesError(origin, (RulesProblem(text=text, file=origin, line=line),))


def read_lines(path: str) -> dict[Place, int]:
    """Return the line of every key, table and list entry of a file that `read_document` took.

    Decoders forget where things were, and those that do not are slow: so this is only for files of
    which something has to be said.
    """
    text = _read(path, path).decode("utf-8-sig")
    if _is_json(path):
        scanner = _Scanner(text, json.loads)
        scanner.value(())
    else:
        scanner = _Scanner(text, lambda quoted: tomllib.loads(f"key = {quoted}")["key"])
        scanner.tables()
    return scanner.lines


def _read(path: str, origin: str) -> bytes:
    try:
        # A pipe would wait for ever, a device never end.
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise UnreadableRulesError(origin, "is not a regular file")
        with Path(path).open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError as error:
        raise UnreadableRulesError(origin, "there is no such file") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else "its path holds a NUL"
        raise UnreadableRulesError(origin, f"cannot be read: {reason}") from error
    if len(data) > SIZE_LIMIT:
        raise RulesError(origin, (f"is larger than {SIZE_LIMIT:,} bytes",))
    return data


class _Scanner:
    """Reads TOML or JSON that is known to be valid, for the lines of its keys and entries only."""

    def __init__(self, text: str, unquote: Callable[[str], str]) -> None:
        self.lines: dict[Place, int] = {}
        self._unquote = unquote
        self._signs = iter(self._all_signs(text))
        self._line, self._sign = next(self._signs)
        self._entries: Counter[Place] = Counter()  # of the arrays that headers add to

    @staticmethod
    def _all_signs(text: str) -> Iterator[tuple[int, str]]:
        """Yield what is no blank or comment, with its line; a line that ends is a token, too."""
        line, at = 1, 0
        for match in _TOKEN.finditer(text):
            line, at = line + text.count("\n", at, match.start()), match.start()
            if not match[0].startswith("#"):
                yield line, match[0]
        yield line, ""

    def _next(self) -> str:
        """Return the token and go on to the next; behind the last one there are only empty ones."""
        sign = self._sign
        self._line, self._sign = next(self._signs, (self._line, ""))
        return sign

    def _key(self, ends: str) -> tuple[str, ...]:
        """Read a key, which may have several parts, and the sign behind it."""
        parts: list[str] = []
        while (sign := self._next()) not in ends:
            if sign[0] in "\"'":
                parts.append(self._unquote(sign))
            else:
                parts += [part for part in sign.split(".") if part.strip()]
        return tuple(parts)

    def tables(self) -> None:
        """Read a TOML file."""
        table: Place = ()
        while self._sign:
            line = self._line
            if self._sign == "\n":
                self._next()
            elif self._sign == "[":
                self._next()
                several = self._sign == "["
                if several:
                    self._next()
                table = self._table(self._key("]"), several=several)
                if several:
                    self._next()
                self.lines[table] = line
            else:
                self._entry(table, line)

    def _table(self, parts: tuple[str, ...], *, several: bool) -> Place:
        """Return the place of the table under a header."""
        place: Place = ()
        for number, part in enumerate(parts, 1):
            place = (*place, part)
            self.lines.setdefault(place, self._line)
            if several and number == len(parts):
                self._entries[place] += 1
            if self._entries[place]:
                place = (*place, self._entries[place] - 1)
        return place

    def _entry(self, table: Place, line: int) -> None:
        """Read a key and its value."""
        place = (*table, *self._key("=:"))
        for end in range(len(table) + 1, len(place) + 1):
            self.lines.setdefault(place[:end], line)
        self.value(place)

    def value(self, place: Place) -> None:
        """Read a value; what is a table or list has places of its own."""
        self._blank()
        opened = self._sign
        if opened not in {"[", "{"}:
            while self._sign not in _ENDS:
                self._next()
            return
        self._next()
        number = 0
        while self._blank() not in {"]", "}"}:
            if self._sign == ",":
                self._next()
            elif opened == "{":
                self._entry(place, self._line)
            else:
                self.lines[*place, number] = self._line
                self.value((*place, number))
                number += 1
        self._next()

    def _blank(self) -> str:
        """Go on to the next token that is no end of a line, and return it."""
        while self._sign == "\n":
            self._next()
        return self._sign


def _with_iso_dates(document: dict[str, Any]) -> dict[str, Any]:
    """Turn the dates of `expires` into texts; dates elsewhere stay, for the schema to refuse."""
    rules = document.get("rules")
    for rule in rules if isinstance(rules, list) else ():
        expires = rule.get("expires") if isinstance(rule, dict) else None
        if isinstance(expires, date) and not isinstance(expires, datetime):
            rule["expires"] = expires.isoformat()
    return document


def _refuse_monsters(document: object) -> None:
    """Raise for what decoders let through and what nobody could print afterwards."""
    _refuse_depth(document, DEEPEST)
    try:
        # Raises ValueError, too, for a hexadecimal number of more than 4,300 digits.
        json.dumps(document, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise ValueError("a \\u escape stands for half a character only") from None


def _refuse_long_keys(text: str) -> None:
    """Raise for a dotted key of many parts, on which tomllib spends the square of their number.

    A key is what stands between two other signs, wherever that may be; no value has as many dots.
    """
    dots = 0
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if sign[0] in "\"'#":
            continue
        dots = dots + sign.count(".") if sign not in _BETWEEN_KEYS else 0
        if dots >= DEEPEST:
            raise RecursionError


def _refuse_depth(value: object, room: int) -> None:
    if not room:
        raise RecursionError
    match value:
        case dict():
            children: Iterable[object] = value.values()
        case list():
            children = value
        case _:
            return
    for child in children:
        _refuse_depth(child, room - 1)
