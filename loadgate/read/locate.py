"""The path a user gave in, the files of the run that play a role out."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from typing import Literal

from loadgate.errors import ResultError
from loadgate.read.documents import is_json_list, is_web_json, parse_json
from loadgate.read.exceptions import is_exceptions
from loadgate.read.failures import is_failures
from loadgate.read.history import is_history
from loadgate.read.report import looks_like_report
from loadgate.read.statistics import is_statistics
from loadgate.read.tables import LARGEST_DOCUMENT, head, read_document, rows

Kind = Literal["statistics", "failures", "exceptions", "history", "report", "web", "list"]

RUN_FORMS = (
    "RUN is a _stats.csv, the prefix given to --csv, a folder holding one run, a saved"
    " /stats/requests JSON, a --json-file beside a failures CSV, or an --html report."
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
_NEIGHBOURS = 200


@dataclass(kw_only=True)
class Files:
    """The files of one run."""

    main: str
    """What is judged: a statistics CSV, a report or a JSON document."""
    kind: Kind
    failures: str | None = None
    exceptions: str | None = None
    history: str | None = None
    others: list[tuple[Kind, str]] = field(default_factory=list)
    """Reports and JSON documents that tell of the same run, or may do so."""
    sure: bool = False
    """The others are of the same run: they lie in a folder that holds one run."""
    empty: list[str] = field(default_factory=list)
    """JSON files without content, as a killed Locust leaves its --json."""


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


def kind_of(path: str) -> Kind | None:
    """Say what kind of Locust's files this is, by its content; None: none of them."""
    start = head(path).lstrip()[:1]
    if start in {"{", "["}:
        value = parse_json(path, read_document(path))
        return "web" if is_web_json(value) else "list" if is_json_list(value) else None
    if start == "<":
        return "report" if looks_like_report(read_document(path)) else None
    with rows(path) as lines:
        header = next(lines, [])
    if is_failures(header):
        return "failures"
    if is_exceptions(header):
        return "exceptions"
    if is_history(header):
        return "history"
    return "statistics" if is_statistics(header) else None


def _from_file(path: str) -> Files:
    """Find what belongs to a file that the user named."""
    kind = kind_of(path)
    if kind is None:
        raise ResultError(path, _what_else(path), RUN_FORMS)
    if kind in {"report", "web"}:
        return Files(main=path, kind=kind, sure=True)
    if kind == "list":
        return Files(main=path, kind=kind, failures=_only(path, "failures"), sure=True)
    main = path if kind == "statistics" else _sibling(path, "statistics")
    if main is None or kind_of(main) != "statistics":
        listed = _only(path, "list") if kind == "failures" else None
        if listed is not None:
            return Files(main=listed, kind="list", failures=path, sure=True)
        raise ResultError(
            path, "has no statistics beside it, without which no rate can be judged", RUN_FORMS
        )
    files = Files(main=main, kind="statistics")
    for role in ("failures", "exceptions", "history"):
        setattr(files, role, path if kind == role else _sibling(main, role))
    _add_others(files, alone=len(_of_kind(os.path.dirname(main), "statistics")) == 1)
    return files


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
        files = _from_file(found[0])
        files.failures = files.failures or _single(_of_kind(path, "failures"))
        files.exceptions = files.exceptions or _single(_of_kind(path, "exceptions"))
        files.others, files.empty = [], []
        _add_others(files, alone=True)
        files.sure = True
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
    names = [name for name in _names(folder) if ending in name.lower()[-5:]]
    for name in names[:_NEIGHBOURS]:
        try:
            if kind_of(name) == kind:
                found.append(name)
        except ResultError:
            continue
    return found


def _single(found: list[str]) -> str | None:
    return found[0] if len(found) == 1 else None


def _only(path: str, kind: Kind) -> str | None:
    """Return the only file of this kind beside `path`, or the one with the longest common start."""
    found = _of_kind(os.path.dirname(path), kind)
    if len(found) <= 1:
        return _single(found)
    stem = os.path.basename(path).partition(".")[0]
    same = [name for name in found if _stem(name) and stem.startswith(_stem(name))]
    return _single(same)


def _stem(path: str) -> str:
    word = _WORD.match(os.path.basename(path))
    return word.group(1).rstrip("_") if word else os.path.basename(path).partition(".")[0]


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


def _add_others(files: Files, *, alone: bool) -> None:
    """Collect what else in the folder may tell of the same run."""
    folder = os.path.dirname(files.main)
    stem = _stem(files.main)
    for name in _names(folder)[:_NEIGHBOURS]:
        if name.lower().endswith(".csv"):
            continue
        if not alone and not (stem and os.path.basename(name).startswith(stem)):
            continue
        try:
            size = os.stat(name).st_size
            if size == 0 and name.lower().endswith(".json"):
                files.empty.append(name)
            kind = kind_of(name) if size <= LARGEST_DOCUMENT else None
        except (ResultError, OSError):
            continue
        if kind is not None:
            files.others.append((kind, name))
