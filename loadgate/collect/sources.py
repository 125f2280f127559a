"""Paths that a user gave in, the result documents and the raw runs behind them out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from loadgate.errors import ResultError
from loadgate.read.kinds import Kind, kind_of

_HEAD = 4096
_MARK = b'"loadgate.result"'
_ENDINGS = (".csv", ".json", ".html", ".htm")
_DEEPEST = 40


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Source:
    """Something to read a run from."""

    path: str
    """As the user would name it: below the path that the user passed."""
    kind: Literal["document", "run"]


def find_sources(inputs: Sequence[str]) -> tuple[Source, ...]:
    """Return what is to be read, in order of the paths, nothing twice.

    A folder is searched with all folders in it, hidden ones excepted: every result document in it,
    every statistics CSV, and where a folder has none of these, its HTML and JSON reports.
    A path that does not exist is a source too, so that reading it says so.
    """
    found: dict[str, Source] = {}
    for path in inputs:
        for source in _of_folder(path) if os.path.isdir(path) else (_of_file(path),):
            found.setdefault(_identity(source.path), source)
    return tuple(sorted(found.values()))


def _identity(path: str) -> str:
    """Return what two paths to the same file have in common."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return path


def _of_file(path: str) -> Source:
    return Source(path=path, kind="document" if _is_document(path) else "run")


def _is_document(path: str) -> bool:
    """Say whether a file says of itself that it is a result document."""
    if not path.lower().endswith(".json"):
        return False
    try:
        with open(path, "rb") as file:
            return _MARK in file.read(_HEAD)
    except (OSError, ValueError):
        return False


def _of_folder(top: str) -> Iterator[Source]:
    seen: set[str] = set()
    for folder, below, names in os.walk(top, followlinks=True):
        real = os.path.realpath(folder)
        depth = os.path.relpath(folder, top).count(os.sep)
        if real in seen or depth >= _DEEPEST:  # a link that leads back
            below.clear()
            continue
        seen.add(real)
        below[:] = sorted(name for name in below if not name.startswith("."))
        yield from _in_folder(folder, sorted(names))


def _in_folder(folder: str, names: Sequence[str]) -> Iterator[Source]:
    reports: list[Source] = []
    statistics = False
    for name in names:
        path = os.path.join(folder, name)
        if name.startswith(".") or not name.lower().endswith(_ENDINGS) or not os.path.isfile(path):
            continue
        if _is_document(path):
            yield Source(path=path, kind="document")
            continue
        kind = _kind(path)
        if kind == "statistics":
            statistics = True
            yield Source(path=path, kind="run")
        elif kind in {"report", "web", "list"}:
            reports.append(Source(path=path, kind="run"))
    if not statistics:
        yield from reports


def _kind(path: str) -> Kind | None:
    try:
        return kind_of(path)
    except ResultError:
        return None
