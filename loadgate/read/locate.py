"""Locating: the files of the run at a path."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field

from loadgate.errors import ResultError
from loadgate.read.folders import (
    PREFIXED,
    check_texts,
    documents_in,
    of_kind,
    only,
    refuse_ambiguous,
    refuse_other_copy,
    start_of,
    statistics_in,
    with_endings,
)
from loadgate.read.formats import CSV_SUFFIX, DOCUMENTS, Kind
from loadgate.read.kinds import document_kind, kind_of, may_be_document, what_else
from loadgate.read.naming import (
    WORD,
    akin,
    alike,
    listed,
    names_in,
    nearness,
    sibling,
    single,
    stem_of,
)
from loadgate.read.raw import has_ending, without_ending, without_gz
from loadgate.read.tables import head, other_form

RUN_FORMS = (
    "RUN is a _stats.csv, the prefix given to --csv, a folder with results, a recording,"
    " an --html report, a saved /stats/requests JSON, or a --json-file beside a failures CSV."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A report or JSON document that lies beside what is judged."""

    kind: Kind
    path: str
    named: bool
    """Its name says that it is of the same run: it begins with the same prefix."""
    alone: bool
    """The folder holds no CSV files of another run that it could belong to."""
    sure: bool
    """The folder that holds both is what the user named."""
    rival: str | None
    """Statistics of another run in the folder whose name is nearer to that of the neighbour."""


@dataclass(slots=True, kw_only=True)
class Files:
    """The files of one run."""

    main: str
    """What is judged: a statistics CSV, a report or a JSON document."""
    kind: Kind
    failures: str | None = None
    by_company: bool = False
    """The failures are the only ones in the folder; their name does not say that they are these."""
    exceptions: str | None = None
    history: str | None = None
    others: list[Neighbour] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    """JSON files without content, as a killed Locust leaves its --json."""
    notes: list[str] = field(default_factory=list)
    """What must be said of how the files were found, as of neighbours that cannot be read."""

    @property
    def own(self) -> list[str]:
        """The files that make up the run, `main` first."""
        paths = (self.main, self.failures, self.exceptions, self.history)
        return [path for path in paths if path is not None]


def find_files(path: str) -> Files:
    """Find the files of a run; raises ResultError where there is none, or more than one."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        prefixed = _prefixed(path)
        if not prefixed:
            reason = getattr(error, "strerror", None) or str(error)
            raise ResultError(
                path, reason[:1].lower() + reason[1:], RUN_FORMS, page="inputs"
            ) from error
        files = _from_file(prefixed[0])
    else:
        refuse_ambiguous(path)
        files = _from_folder(path) if stat.S_ISDIR(mode) else _from_file(path)
    for name in files.own:
        refuse_other_copy(name)
    return files


def _prefixed(path: str) -> list[str]:
    """Return the files of which the path may be the prefix, that of a run first.

    Raises ResultError where Locust could not write statistics, or nothing stays of them.
    """
    if not os.path.basename(path) or "\0" in path:
        return []
    files = with_endings(path, PREFIXED)
    statistics = path + PREFIXED[0]
    if os.path.lexists(statistics) and statistics not in files:
        raise ResultError(statistics, "is not a regular file", "Delete it, and run the test again.")
    return files


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
    stem = stem_of(files.main)
    of_stem = (name for name in beside if has_ending(name, CSV_SUFFIX) and stem_of(name) == stem)
    return [*files.own, *(other.path for other in files.others), *of_stem]


def _from_file(path: str) -> Files:
    """Find what belongs to a file that the user named."""
    kind = kind_of(path)
    if kind is None:
        # What is told of an archive is all that there is to do.
        raise ResultError(
            path, what_else(path), "" if other_form(path) else RUN_FORMS, page="inputs"
        )
    if kind in DOCUMENTS and DOCUMENTS[kind].has_texts:
        files = Files(main=path, kind=kind)
        if kind == "report":  # not the other way round, too: each would be left to the other
            beside = with_endings(without_ending(path), DOCUMENTS["recording"].suffixes)
            _add_others(files, [path], beside, sure=False)
        return files
    if kind in DOCUMENTS:
        check_texts(path)
        return with_texts(path, only(path, "failures"))
    main = path if kind == "statistics" else sibling(path, "statistics")
    if main is None:
        document = only(path, "list") if kind == "failures" else None
        if document is not None:
            return with_texts(document, path)
        raise ResultError(
            path,
            "has no statistics file beside it, so there are no rates",
            RUN_FORMS,
            page="inputs",
        )
    if kind_of(main) != "statistics":
        raise ResultError(
            main, what_else(main), f"By its name it belongs to {path}.", page="inputs"
        )
    files = _with_siblings(main)
    if kind in {"failures", "exceptions", "history"}:
        setattr(files, kind, path)
    folder = os.path.dirname(main)
    _add_others(files, [*of_kind(folder, "statistics")], names_in(folder), sure=False)
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


def _add_company(files: Files) -> None:
    """Add the only failures in the folder, unless by their name they are another run's."""
    failures = single([*of_kind(os.path.dirname(files.main), "failures")])
    renamed = WORD.match(without_gz(os.path.basename(files.main))) is None
    # The name of one's own that a file was given says nothing; the prefixes of two runs differ.
    if files.failures is None and failures is not None and (renamed or alike(files.main, failures)):
        files.failures, files.by_company = failures, True
        files.exceptions = files.exceptions or sibling(failures, "exceptions")


def with_texts(main: str, failures: str | None) -> Files:
    """Pair a JSON list, which holds no texts, with CSV files that do."""
    files = Files(main=main, kind="list", failures=failures)
    if failures is not None:
        files.exceptions = sibling(failures, "exceptions")
        files.history = sibling(failures, "history")
    return files


def _from_folder(path: str) -> Files:
    """Find the one run that a folder holds."""
    names = statistics_in(path)
    if len(names) > 1:
        raise ResultError(
            path,
            f"holds {len(names)} runs: {listed(names)}",
            "Name one of them, or pass each as a RUN.",
            page="inputs#folders",
        )
    if names:
        if kind_of(names[0]) != "statistics":
            remedy = f"By its name it is the run in {path}; name the file to judge."
            raise ResultError(names[0], what_else(names[0]), remedy)
        files = _with_siblings(names[0])
        _add_company(files)
        _add_others(files, names, names_in(path), sure=True)
        return files
    documents = documents_in(path)
    for kind, document in DOCUMENTS.items():
        names = [name for name in documents if documents[name] == kind]
        if len(names) > 1:
            raise ResultError(
                path,
                f"holds several results: {listed(names)}",
                "Name one of them.",
                page="inputs#folders",
            )
        if names:
            if not document.has_texts:
                return _from_file(names[0])
            files = Files(main=names[0], kind=kind)
            _add_others(files, names, names_in(path), sure=False)
            return files
    for name in names_in(path):
        kind_of(name)  # raises for what cannot be read: it may be what was looked for
    raise ResultError(path, "contains no Locust results", RUN_FORMS, page="inputs")


def _add_others(files: Files, runs: list[str], names: list[str], *, sure: bool) -> None:
    """Collect those files of the folder that tell of the same run, or may do so.

    `runs`: what the folder holds that may be judged. `sure`: the folder is what was named.
    """
    prefix = stem_of(files.main)
    alone = len(runs) == 1
    for name in names:
        if name == files.main or (has_ending(name, CSV_SUFFIX) and not _is_log(name)):
            continue
        same = bool(prefix) and stem_of(name) == prefix
        named = same or (len(stem_of(name)) > len(prefix) and akin(prefix, stem_of(name)))
        near = alone or named
        try:
            kind = _neighbour_kind(files if near else None, name, whole=same or sure)
        except ResultError as error:
            if same or sure or (near and may_be_document(start_of(name))):
                files.notes.append(f"{error.place} could not be compared: {error.problem}")
            continue
        if kind is not None:
            near_by_name = nearness(files.main, name)
            rivals = (run for run in runs if nearness(run, name) > near_by_name)
            files.others.append(
                Neighbour(
                    kind=kind,
                    path=name,
                    named=named,
                    alone=alone,
                    sure=sure,
                    rival=next(rivals, None),
                )
            )


def _is_log(name: str) -> bool:
    """Say whether a CSV file is a request log, which may be of the run of other CSV files."""
    return DOCUMENTS["requests"].marks.match(start_of(name)) is not None


def _neighbour_kind(files: Files | None, name: str, *, whole: bool) -> Kind | None:
    """Return what a report or document beside the run is; raises ResultError for a damaged one.

    An empty JSON file is put down in `files`, if it may be of their run. `whole`: a JSON file must
    be sound, whatever it holds, as what is cut may have been of the run.
    """
    start = head(name)
    if not start:
        if not has_ending(name, *DOCUMENTS["list"].suffixes):
            raise ResultError(name, "is empty")
        if files is not None:
            files.empty.append(name)
        return None
    if not whole and not may_be_document(start):
        return None
    return document_kind(name, start)
