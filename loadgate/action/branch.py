"""The results of a branch: those that its last good run of this workflow uploaded.

A run counts that succeeded, was started by the repository itself and passed its own gate. Anybody
can open a pull request from a fork's branch called main.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from loadgate.action.github_api import Api, ApiError
from loadgate.errors import UsageError
from loadgate.summary import FORMAT
from loadgate.text import counted, quoted

_EVENTS = frozenset({"push", "schedule", "workflow_dispatch"})
"""What starts a run of the repository's own code."""
MOST_RUNS = 50
"""Successful runs that are looked at; the artifacts of older ones are mostly gone."""
LARGEST = 100 << 20
"""Bytes of an artifact, packed and unpacked; documents have some ten thousand."""
_MOST_FILES = 1000
_PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENDING = ".json"
_NEEDED = ("GITHUB_REPOSITORY", "GITHUB_RUN_ID")


class NoResultsError(UsageError):
    """A branch that has no results yet, which may be allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What the last good run of a branch uploaded."""

    branch: str
    run: int
    documents: Mapping[str, Path]
    """Name of a document, without its ending -> where it is now."""

    def shown(self, name: str) -> str:
        """Return what outputs call a document."""
        return f"{name}{_ENDING} of {self.branch} (run {self.run})"


@dataclass(slots=True, kw_only=True)
class _Search:
    """Looking for a run whose artifact can be used."""

    api: Api
    repository: str
    """owner/name"""
    own: int
    """The run that looks."""
    branch: str
    artifact: str
    refused: Counter[str] = field(default_factory=Counter)
    """Why runs were passed over -> how many."""

    def results(self) -> tuple[int, dict[str, bytes]]:
        """Return the id of the last good run, and its documents."""
        for run in self._runs():
            number = run["id"]
            packed = self._packed(number)
            documents = packed and _unpacked(packed, f"run {number} of {self.branch}")
            if documents and all(map(_is_good, documents.values())):
                return number, documents
            if documents:
                self.refused["whose result failed or is partial"] += 1
        unchecked = self._unchecked()
        told = "; ".join(f"{counted(number, 'run')} {why}" for why, number in self.refused.items())
        raise NoResultsError(
            f"the branch {self.branch} has no successful run of this workflow with an artifact"
            f" {quoted(self.artifact)}" + (f" ({told})" if told else "") + unchecked
        )

    def _unchecked(self) -> str:
        """Return why nobody knows whether the branch exists, "" if it does.

        Raises UsageError if it does not: a misspelt branch would never have a result.
        """
        try:
            path = f"repos/{self.repository}/branches/{quote(self.branch, safe='')}"
            now = self.api.get(path)["name"]
        except ApiError as error:
            if error.status == 404:
                raise UsageError(
                    f"there is no branch {self.branch} in {self.repository}; nor is"
                    f" {self.branch} a path in {Path.cwd()}"
                ) from error
            remedy = "; give the job `permissions: contents: read`" * (error.status == 403)
            return f"; whether the branch exists could not be checked: {error}{remedy}"
        except (LookupError, TypeError) as error:
            reason = f"{type(error).__name__}: {error}"
            return f"; whether the branch exists could not be checked: unexpected answer ({reason})"
        if now != self.branch:  # GitHub redirects from the name that a branch had
            raise UsageError(f"the branch {self.branch} of {self.repository} is now called {now}")
        return ""

    def _runs(self) -> Iterator[dict[str, Any]]:
        """Yield successful runs of this workflow on the branch, the newest first."""
        workflow = self.api.get(self._at(f"runs/{self.own}"))["workflow_id"]
        path, seen = self._at(f"workflows/{workflow}/runs"), 0
        for page in self.api.pages(path, branch=self.branch, status="success", per_page=20):
            for run in page["workflow_runs"]:
                if self._is_good(run, workflow):
                    seen += 1
                    if seen > MOST_RUNS:
                        return
                    yield run

    def _is_good(self, run: Mapping[str, Any], workflow: int) -> bool:
        if (run["head_branch"], run["conclusion"]) != (self.branch, "success"):
            return False
        if run.get("workflow_id", workflow) != workflow or run["id"] == self.own:
            return False
        head = (run.get("head_repository") or {}).get("full_name")  # none: a fork was deleted
        if str(head).lower() != self.repository.lower():
            self.refused["of a fork"] += 1
            return False
        if run["event"] not in _EVENTS:
            self.refused["started by other events"] += 1
            return False
        return True

    def _packed(self, run: int) -> bytes | None:
        """Return the artifact of a run; None: it has none, or that has expired."""
        pages = self.api.pages(self._at(f"runs/{run}/artifacts"), name=self.artifact)
        named = [one for page in pages for one in page["artifacts"] if one["name"] == self.artifact]
        alive = [one for one in named if not one.get("expired")]
        if not alive:
            self.refused["whose artifact expired" if named else "without it"] += 1
            return None
        newest = max(one["id"] for one in alive)  # of several attempts the last
        try:
            return self.api.download(self._at(f"artifacts/{newest}/zip"), LARGEST)
        except ApiError as error:
            if error.status not in {404, 410}:
                raise
            self.refused["whose artifact expired"] += 1
            return None

    def _at(self, path: str) -> str:
        return f"repos/{self.repository}/actions/{path}"


def find_results(
    branch: str, artifact: str, folder: Path, environment: Mapping[str, str]
) -> Results:
    """Get the documents of the last good run of a branch, and put them into a new folder.

    Raises NoResultsError if there is no such run, UsageError if it cannot be found out.
    """
    missing = [name for name in _NEEDED if not environment.get(name)]
    if missing:
        raise UsageError(f"the results of the branch {branch}: {', '.join(missing)} is not set")
    try:
        search = _Search(
            api=Api(environment),
            repository=environment["GITHUB_REPOSITORY"],
            own=int(environment["GITHUB_RUN_ID"]),
            branch=branch,
            artifact=artifact,
        )
        run, documents = search.results()
    except ApiError as error:
        remedy = "\n  Give the job `permissions: actions: read`." * (error.status in {403, 404})
        problem = f"the results of the branch {branch} cannot be had: {error}{remedy}"
        raise UsageError(problem) from error
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise UsageError(
            f"the results of the branch {branch}: GitHub told something unexpected ({reason})"
        ) from error
    folder.mkdir()
    paths = {name: folder / f"{name}{_ENDING}" for name in documents}
    for name, text in documents.items():
        paths[name].write_bytes(text)
    return Results(branch=branch, run=run, documents=paths)


def _unpacked(packed: bytes, place: str) -> dict[str, bytes]:
    """Return the documents in an artifact by their names; nothing is written."""
    documents: dict[str, bytes] = {}
    room = LARGEST
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_FILES:
                raise UsageError(f"the artifact of {place} has more than {_MOST_FILES:,} files")
            for member in members:
                name = _name(member.filename, place)
                if name is None:
                    continue
                if name in documents:
                    raise UsageError(f"the artifact of {place} has several {name}{_ENDING}")
                if member.compress_type not in _PACKED:
                    raise zipfile.BadZipFile("it is packed in another way")  # noqa: TRY301
                with archive.open(member) as file:
                    documents[name] = file.read(room + 1)
                room -= len(documents[name])
                if room < 0:
                    raise UsageError(
                        f"the artifact of {place} is larger than {LARGEST >> 20} MiB, unpacked"
                    )
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"the artifact of {place} cannot be unpacked: {error}") from error
    documents = {name: text for name, text in documents.items() if _is_ours(text)}
    if not documents:
        raise UsageError(f"the artifact of {place} has no result document")
    return documents


def _name(path: str, place: str) -> str | None:
    """Return the name of a document; None: it is none. Nothing is written where a path leads."""
    *folders, name = re.split(r"[/\\]", path)
    if ".." in folders or folders[:1] == [""] or ":" in path:
        raise UsageError(f"the artifact of {place} has a file outside of it: {quoted(path)}")
    if not name.lower().endswith(_ENDING):
        return None
    return re.sub(r"[^\w.-]+", "_", name[: -len(_ENDING)], flags=re.ASCII)[:100] or "run"


def _is_ours(text: bytes) -> bool:
    return re.search(rb'"format"\s*:\s*"%b"' % re.escape(FORMAT).encode(), text) is not None


def _is_good(text: bytes) -> bool:
    """Say whether a document can be a baseline; a broken one is read, and refused, later."""
    try:
        document = json.loads(text)
        return document["outcome"] == "passed" and not document["run"]["partial"]
    except (ValueError, RecursionError, LookupError, TypeError):
        return True
