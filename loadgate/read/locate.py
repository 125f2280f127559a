"""The path a user gave in, the files of the run that play a role out."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field

from loadgate.errors import ResultError
from loadgate.read.kinds import Kind, kind_of, may_be_document
from loadgate.read.tables import head

RUN_FORMS = (
    "RUN is a _stats.csv, the prefix given to --csv, a folder holding one run,\n"
    "  a saved /stats/requests JSON, a --json-file beside a failures CSV,\n"
    "  or an --html report."
)
_WORD = re.compile(
    r"(.*)(requests_full_history|stats_history|stats|requests|failures|exceptions)(.*)\.csv\Z",
    re.DOTALL,
)
_COPY = r"(?:_[0-9.]+)?(?: ?\([0-9]+\))?"  # the time of a download, and a browser's " (1)"
_SPELLINGS: dict[Kind, tuple[str, ...]] = {
    "statistics": ("stats", "requests"),
    "failures": ("failures",),
    "exceptions": ("exceptions",),
    "history": ("stats_history", "requests_full_history"),
}


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
    broken: list[str] = field(default_factory=list)
    """Why neighbours that look like Locust's cannot be read, a sentence each."""


def find_files(path: str) -> Files:
    """Find the files of a run; raises ResultError where there is none, or more than one."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        for suffix in ("_stats.csv", "_requests.csv", ".html", ".json"):
            if "\0" not in path and os.path.isfile(path + suffix):
                return _from_file(path + suffix)
        reason = getattr(error, "strerror", None) or str(error)
        raise ResultError(path, reason[:1].lower() + reason[1:], RUN_FORMS) from error
    return _from_folder(path) if stat.S_ISDIR(mode) else _from_file(path)


def _from_file(path: str) -> Files:
    """Find what belongs to a file that the user named."""
    kind = kind_of(path)
    if kind is None:
        raise ResultError(path, _what_else(path), RUN_FORMS)
    if kind in {"report", "web"}:
        return Files(main=path, kind=kind)
    if kind == "list":
        return _with_texts(path, _only(path, "failures"))
    main = path if kind == "statistics" else _sibling(path, "statistics")
    if main is None:
        listed = _only(path, "list") if kind == "failures" else None
        if listed is not None:
            return _with_texts(listed, path)
        raise ResultError(
            path, "has no statistics beside it, without which no rate can be judged", RUN_FORMS
        )
    if kind_of(main) != "statistics":
        raise ResultError(main, _what_else(main), f"By its name it belongs to {path}.")
    files = _with_siblings(main)
    if kind in {"failures", "exceptions", "history"}:
        setattr(files, kind, path)
    alone = len(_of_kind(os.path.dirname(main), "statistics")) == 1
    _add_others(files, alone=alone, sure=False)
    return files


def _with_siblings(main: str) -> Files:
    """Find by its name what belongs to a statistics CSV."""
    return Files(
        main=main,
        kind="statistics",
        failures=_sibling(main, "failures"),
        exceptions=_sibling(main, "exceptions"),
        history=_sibling(main, "history"),
    )


def _with_texts(main: str, failures: str | None) -> Files:
    """Pair a JSON list, which holds no texts, with CSV files that do."""
    exceptions = _only(main, "exceptions")
    return Files(main=main, kind="list", failures=failures, exceptions=exceptions)


def _what_else(path: str) -> str:
    """Say what a file is that is none of Locust's."""
    start = head(path)
    if not start:
        return "is empty: a Locust that was killed, or a full disk, leaves such files"
    return f"is no result of Locust; it begins with {start.splitlines()[0][:80]!r}"


def _from_folder(path: str) -> Files:
    """Find the one run that a folder holds."""
    found = _of_kind(path, "statistics")
    if len(found) > 1:
        listed = ", ".join(os.path.basename(name) for name in found[:5])
        raise ResultError(
            path, f"holds {len(found)} runs: {listed}", "Name one of them, or each as a RUN."
        )
    if found:
        files = _with_siblings(found[0])
        files.failures = files.failures or _single(_of_kind(path, "failures"))
        files.exceptions = files.exceptions or _single(_of_kind(path, "exceptions"))
        _add_others(files, alone=True, sure=True)
        return files
    for kind in ("report", "web", "list"):
        found = _of_kind(path, kind)
        if len(found) > 1:
            listed = ", ".join(os.path.basename(name) for name in found[:5])
            raise ResultError(path, f"holds several results: {listed}", "Name one of them.")
        if found:
            return _from_file(found[0])
    raise ResultError(path, "holds no results of Locust", RUN_FORMS)


def _names(folder: str) -> list[str]:
    """Return the files of a folder that may be results, in order."""
    try:
        with os.scandir(folder or ".") as entries:
            names = sorted(
                entry.name
                for entry in entries
                if not entry.name.startswith(".")
                and entry.name.lower().endswith((".csv", ".json", ".html", ".htm"))
                and entry.is_file()
            )
    except OSError as error:
        raise ResultError(folder, f"cannot be read: {error.strerror}") from error
    return [os.path.join(folder, name) for name in names]


def _of_kind(folder: str, kind: Kind) -> list[str]:
    """Return the files of a folder that are of this kind; what cannot be read is of none."""
    ending = ".csv" if kind in _SPELLINGS else ".htm" if kind == "report" else ".json"
    found = []
    for name in _names(folder):
        if ending not in name.lower()[-5:]:
            continue
        try:
            if kind_of(name) == kind:
                found.append(name)
        except ResultError:
            continue
    return found


def _single(found: list[str]) -> str | None:
    return found[0] if len(found) == 1 else None


def _only(path: str, kind: Kind) -> str | None:
    """Return the only file of this kind beside `path`, or the only one with its prefix."""
    found = _of_kind(os.path.dirname(path), kind)
    if len(found) <= 1:
        return _single(found)
    stem = _stem(path)
    same = [name for name in found if _stem(name) == stem]
    return _single(same or [name for name in found if _akin(stem, _stem(name))])


def _akin(one: str, other: str) -> bool:
    """Say whether one prefix goes on where the other ends, as in "run_file" and "run"."""
    short, long = sorted((one, other), key=len)
    return short != "" and long.startswith(tuple(short + mark for mark in "_-. "))


def _stem(path: str) -> str:
    """Return the prefix of a run in a file's name."""
    word = _WORD.match(os.path.basename(path))
    return word.group(1).rstrip("_") if word else os.path.splitext(os.path.basename(path))[0]


def _sibling(path: str, role: Kind) -> str | None:
    """Return the file that plays another role in the run of `path`, by its name.

    Raises ResultError where several files could be meant.
    """
    folder, name = os.path.split(path)
    word = _WORD.match(name)
    if word is None:
        return None
    before, after = word.group(1), word.group(3)
    for spelling in _SPELLINGS[role]:
        exact = os.path.join(folder, f"{before}{spelling}{after}.csv")
        if os.path.isfile(exact):
            return exact
    if not re.fullmatch(_COPY, after):
        return None
    spellings = "|".join(_SPELLINGS[role])
    copy = re.compile(rf"{re.escape(before)}(?:{spellings}){_COPY}\.csv\Z")
    found = [other for other in _names(folder) if copy.match(os.path.basename(other))]
    if len(found) > 1:
        listed = ", ".join(os.path.basename(other) for other in found[:5])
        raise ResultError(
            path, f"may belong to any of {listed}", "Put the files of one run into a folder."
        )
    return _single(found)


def _add_others(files: Files, *, alone: bool, sure: bool) -> None:
    """Collect what else in the folder tells of the same run, or may do so.

    `alone`: the folder holds no statistics of another run. `sure`: it holds one run.
    """
    prefix = _stem(files.main)
    for name in _names(os.path.dirname(files.main)):
        stem = _stem(name)
        same = bool(prefix) and stem == prefix
        akin = len(stem) > len(prefix) and _akin(prefix, stem)
        if name.lower().endswith(".csv") or not (alone or same or akin):
            continue
        try:
            start = head(name)
        except ResultError:
            continue  # nobody can say that it is Locust's
        if not start and name.lower().endswith(".json"):
            files.empty.append(name)
        if not may_be_document(start):
            continue
        try:
            kind = kind_of(name)
        except ResultError as error:
            files.broken.append(f"{error.place} could not be compared: {error.problem}")
            continue
        if kind is not None:
            files.others.append(Neighbour(kind=kind, path=name, sure=sure or same))
