"""The path a user gave in, the files of the run that play a role out."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import NoReturn

from loadgate.errors import ResultError
from loadgate.read.documents import parse_json
from loadgate.read.kinds import Kind, kind_of, may_be_document, what_else
from loadgate.read.naming import (
    STATISTICS,
    akin,
    alike,
    names_in,
    of_kind,
    only,
    related,
    sibling,
    single,
    stem_of,
)
from loadgate.read.raw import has_ending
from loadgate.read.tables import head, read_document

RUN_FORMS = (
    "RUN is a _stats.csv, the prefix given to --csv, a folder holding one run,\n"
    "  a saved /stats/requests JSON, a --json-file beside a failures CSV,\n"
    "  or an --html report."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A report or JSON document that lies beside what is judged."""

    kind: Kind
    path: str
    sure: bool
    """It is of the same run: it has the same prefix, or the folder holds one run."""


@dataclass(slots=True, kw_only=True)
class Files:
    """The files of one run."""

    main: str
    """What is judged: a statistics CSV, a report or a JSON document."""
    kind: Kind
    failures: str | None = None
    exceptions: str | None = None
    history: str | None = None
    others: list[Neighbour] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    """JSON files without content, as a killed Locust leaves its --json."""
    notes: list[str] = field(default_factory=list)
    """What must be said of how the files were found, as of neighbours that cannot be read."""


def find_files(path: str) -> Files:
    """Find the files of a run; raises ResultError where there is none, or more than one."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        for suffix in ("_stats.csv", "_requests.csv", ".html", ".json"):
            for name in (path + suffix, f"{path}{suffix}.gz"):
                if "\0" not in path and os.path.isfile(name):
                    return _from_file(name)
        reason = getattr(error, "strerror", None) or str(error)
        raise ResultError(path, reason[:1].lower() + reason[1:], RUN_FORMS) from error
    return _from_folder(path) if stat.S_ISDIR(mode) else _from_file(path)


def belonging(path: str) -> list[str]:
    """Return all files of what may be a run, also those that are not read to judge it.

    Nothing may be written over any of them. What is no run, as a result document or a URL, is all
    there is of itself.
    """
    try:
        files = find_files(path)
        beside = names_in(os.path.dirname(files.main))
    except ResultError:
        return [path]
    named = [files.main, files.failures, files.exceptions, files.history]
    stem = stem_of(files.main)
    found = [name for name in named if name is not None]
    found += [other.path for other in files.others]
    return [
        *found,
        *(n for n in beside if has_ending(n, ".csv") and stem_of(n) == stem),
    ]


def _from_file(path: str) -> Files:
    """Find what belongs to a file that the user named."""
    kind = kind_of(path)
    if kind is None:
        raise ResultError(path, what_else(path), RUN_FORMS)
    if kind in {"report", "web"}:
        return Files(main=path, kind=kind)
    if kind == "list":
        return _with_texts(path, only(path, "failures"))
    main = path if kind == "statistics" else sibling(path, "statistics")
    if main is None:
        listed = only(path, "list") if kind == "failures" else None
        if listed is not None:
            return _with_texts(listed, path)
        raise ResultError(
            path, "has no statistics beside it, without which no rate can be judged", RUN_FORMS
        )
    if kind_of(main) != "statistics":
        raise ResultError(main, what_else(main), f"By its name it belongs to {path}.")
    files = _with_siblings(main)
    if kind in {"failures", "exceptions", "history"}:
        setattr(files, kind, path)
    alone = len(of_kind(os.path.dirname(main), "statistics")) == 1
    _add_others(files, alone=alone, sure=False)
    return files


def _with_siblings(main: str) -> Files:
    """Find by its name what belongs to a statistics CSV."""
    return Files(
        main=main,
        kind="statistics",
        failures=sibling(main, "failures"),
        exceptions=sibling(main, "exceptions"),
        history=sibling(main, "history"),
    )


def _company(main: str, kind: Kind) -> str | None:
    """Return the only file of this kind in the folder, unless its name says it is another run's."""
    found = single(of_kind(os.path.dirname(main), kind))
    return found if found and related(main, found) else None


def _with_texts(main: str, failures: str | None) -> Files:
    """Pair a JSON list, which holds no texts, with CSV files that do."""
    files = Files(main=main, kind="list", failures=failures)
    if failures is None:
        return files
    files.exceptions = sibling(failures, "exceptions")
    if not alike(main, failures):
        # As of `locust --json > out.json`: any name, and the failures of --csv beside it.
        files.notes.append(
            f"{failures} is taken for the failures of {main}, beside which it lies: their names do"
            " not tell"
        )
    return files


def _from_folder(path: str) -> Files:
    """Find the one run that a folder holds."""
    found = of_kind(path, "statistics")
    damaged = [name for name in names_in(path) if name not in found and _named_statistics(name)]
    if damaged:
        _refuse_damaged(path, damaged[0], others=len(found))
    if len(found) > 1:
        listed = ", ".join(os.path.basename(name) for name in found[:5])
        raise ResultError(
            path, f"holds {len(found)} runs: {listed}", "Name one of them, or each as a RUN."
        )
    if found:
        files = _with_siblings(found[0])
        files.failures = files.failures or _company(found[0], "failures")
        files.exceptions = files.exceptions or _company(found[0], "exceptions")
        _add_others(files, alone=True, sure=True)
        return files
    for kind in ("report", "web", "list"):
        found = of_kind(path, kind)
        if len(found) > 1:
            listed = ", ".join(os.path.basename(name) for name in found[:5])
            raise ResultError(path, f"holds several results: {listed}", "Name one of them.")
        if found:
            return _from_file(found[0])
    for name in names_in(path):
        kind_of(name)  # raises for what cannot be read: it may be what was looked for
    raise ResultError(path, "holds no results of Locust", RUN_FORMS)


def _named_statistics(path: str) -> bool:
    """Say whether a file that is no statistics CSV has the name of one, and is nobody else's.

    Of two runs in a folder one is not judged because the other is damaged.
    """
    if not STATISTICS.fullmatch(os.path.basename(path)):
        return False
    start = _start(path)
    first = start.partition("\n")[0].strip()
    return not ("," in first and first.isprintable()) or first.startswith(("Type", '"Type'))


def _refuse_damaged(folder: str, path: str, *, others: int) -> NoReturn:
    """Say that of the runs in a folder one cannot be read."""
    try:
        problem = what_else(path)
    except ResultError as error:
        problem = error.problem
    beside = f"; {others} more could be judged" if others else ""
    raise ResultError(
        path, problem + beside, f"It is a run in {folder} by its name. Name the RUN to judge."
    )


def _add_others(files: Files, *, alone: bool, sure: bool) -> None:
    """Collect what else in the folder tells of the same run, or may do so.

    `alone`: the folder holds no statistics of another run. `sure`: it holds one run.
    """
    prefix = stem_of(files.main)
    for name in names_in(os.path.dirname(files.main)):
        stem = stem_of(name)
        same = bool(prefix) and stem == prefix
        longer = len(stem) > len(prefix) and akin(prefix, stem)
        if has_ending(name, ".csv") or not (alone or same or longer):
            continue
        try:
            kind = _neighbour_kind(files, name, same=same)
        except ResultError as error:
            if same or sure or may_be_document(_start(name)):
                files.notes.append(f"{error.place} could not be compared: {error.problem}")
            continue
        if kind is not None:
            files.others.append(Neighbour(kind=kind, path=name, sure=sure or same))


def _neighbour_kind(files: Files, name: str, *, same: bool) -> Kind | None:
    """Return what a report or document beside the run is; raises ResultError for a damaged one."""
    start = head(name)
    html = not has_ending(name, ".json")
    if not start:
        if html:
            raise ResultError(name, "is empty")
        files.empty.append(name)
        return None
    if not may_be_document(start):
        if same and not html:
            parse_json(name, read_document(name))  # of anybody, so it must be whole
        return None
    kind = kind_of(name)
    if kind is None and html:
        raise ResultError(name, "looks like a report of Locust, and is cut or damaged")
    return kind


def _start(path: str) -> str:
    """Return how a file begins; nothing where that cannot be read."""
    try:
        return head(path)
    except ResultError:
        return ""
