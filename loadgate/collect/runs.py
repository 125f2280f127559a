"""One source in, the record of its run out, or what is wrong with it: a pure function of files."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from loadgate.classify import classify
from loadgate.collect.documents import SIZE_LIMIT, read_record
from loadgate.collect.sources import Source
from loadgate.errors import LoadgateError, ResultError
from loadgate.gate import evaluate
from loadgate.model import Policy
from loadgate.outputs import run_label
from loadgate.read import read_run
from loadgate.render import render
from loadgate.rules import load_policy
from loadgate.week import Broken, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How raw runs are judged."""

    rules: str | None = None
    """A rules file or preset; None: as `check` finds it."""
    thresholds: tuple[str, ...] = ()
    today: date | None = None
    """The day by which rules expire; None: the day on which each run ended."""
    allow_partial: bool = False


def read_source(source: Source, settings: Settings) -> Record | Broken:
    """Read a result document, or judge a raw run; whatever is wrong with it is in the answer."""
    try:
        if source.kind == "document":
            return read_record(_bytes(source.path), source.path)
        return _judge(source.path, settings)
    except LoadgateError as error:
        return Broken(source=source.path, problem=_problem(error, source.path))


def read_sources(sources: Sequence[Source], settings: Settings) -> list[Record | Broken]:
    """Read several sources, one after another."""
    return [read_source(source, settings) for source in sources]


def _judge(path: str, settings: Settings) -> Record:
    """Judge a raw run, and read its result document: there is one way only to become a record."""
    run = read_run(path, allow_partial=settings.allow_partial, label=run_label(path, ()))
    day = settings.today or (run.time.ended.date() if run.time else None)
    policy = _policy(settings.rules, settings.thresholds, day)
    verdict = evaluate(classify(run, policy), policy)
    return read_record(render(verdict, "json").encode(), path, judged_anew=True)


@lru_cache(maxsize=64)
def _policy(rules: str | None, thresholds: tuple[str, ...], today: date | None) -> Policy:
    return load_policy(rules, thresholds=thresholds, today=today)


def _bytes(path: str) -> bytes:
    """Read a document; raises ResultError."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise ResultError(path, "is not a regular file")
        with Path(path).open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise ResultError(path, f"cannot be read: {error.strerror}") from error
    if len(data) > SIZE_LIMIT:
        raise ResultError(path, f"is larger than {SIZE_LIMIT:,} bytes")
    return data


def _problem(error: LoadgateError, path: str) -> str:
    """Return what is wrong in one line, without the path, which the reader knows, and remedies."""
    first, *more = str(error).removeprefix(f"{path}: ").splitlines()
    return " ".join((first, more[0] if first.endswith(":") and more else "")).strip()
