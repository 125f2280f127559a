"""Source of locustfiles, and of the modules beside them that they import: read, never run."""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loadgate.errors import LoadgateError
from loadgate.published import Page

LARGEST = 1 << 20
"""Bytes of a file."""
MOST_FILES = 200
"""Files that may be named, and modules beside them that are read."""


class SourceError(LoadgateError):
    """A locustfile that cannot be read."""

    page = "teach"

    def __init__(self, path: str, problem: str, *, page: Page | None = None) -> None:
        """Say what is wrong with the file at `path`."""
        super().__init__(f"{path}: {problem}", page=page)


@dataclass(frozen=True, slots=True)
class Source:
    """The syntax of one file."""

    path: str
    """Where it is, without links."""
    shown: str
    """What messages call it."""
    tree: ast.Module


@dataclass(slots=True)
class Sources:
    """The files of a load test: those that were named, and modules beside them when asked for."""

    roots: tuple[Source, ...]
    folder: str = ""
    """Where modules are looked for besides: the working directory, as Locust does."""
    _known: dict[str, Source] = field(default_factory=dict)

    def beside(self, shown: str, module: str, level: int) -> Source | None:
        """Return a module that the file `shown` imports; None: it is none of these files."""
        here = Path(shown).parent
        folders = [here.joinpath(*[".."] * (level - 1))] if level else [here, *self._folders()]
        for folder in folders:
            stem = folder.joinpath(*module.split(".")) if module else folder
            for path in (
                stem.with_name(f"{stem.name}.py") if module else stem,
                stem / "__init__.py",
            ):
                if path.is_file():
                    return self._load(os.path.normpath(path))
        return None

    def read(self) -> list[Source]:
        """Return all files that were read, each once."""
        return [*{source.path: source for source in (*self.roots, *self._known.values())}.values()]

    def _folders(self) -> list[Path]:
        roots = [Path(source.shown).parent for source in self.roots]
        return [*dict.fromkeys([*roots, Path(self.folder)])]

    def _load(self, shown: str) -> Source | None:
        path = os.path.realpath(shown)
        if path not in self._known:
            known = {source.path: source for source in self.roots}
            if path not in known and len(self._known) >= MOST_FILES:
                return None
            self._known[path] = known.get(path) or parse(shown)
        return self._known[path]


def load(paths: Sequence[str]) -> Sources:
    """Read locustfiles; of a folder all its modules but those that begin with `_`, as Locust does.

    Raises SourceError.
    """
    files: dict[str, str] = {}
    if any("\0" in path for path in paths):
        raise SourceError(paths[0].replace("\0", ""), "its path holds a NUL")
    for path in paths:
        for file in _files(path):
            files.setdefault(os.path.realpath(file), file)
    if len(files) > MOST_FILES:
        raise SourceError(paths[0], f"more than {MOST_FILES} files", page="refusals#limits")
    return Sources(tuple(parse(file) for file in files.values()))


def _files(path: str) -> list[str]:
    if not Path(path).is_dir():
        return [path]
    found = sorted(
        str(file)
        for file in Path(path).rglob("*.py")
        if file.is_file() and not file.name.startswith("_")
    )
    if not found:
        raise SourceError(path, "contains no locustfile; .py files that begin with _ do not count")
    return found


def parse(path: str) -> Source:
    """Read one file; raises SourceError."""
    try:
        if not Path(path).is_file():
            problem = "is not a regular file" if os.path.lexists(path) else "there is no such file"
            raise SourceError(path, problem)
        with Path(path).open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise SourceError(path, f"cannot be read: {error.strerror}") from error
    if len(data) > LARGEST:
        raise SourceError(path, f"is larger than {LARGEST:,} bytes", page="refusals#limits")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that Python dislikes
            tree = ast.parse(data)
    except (SyntaxError, ValueError) as error:  # of a NUL it depends on the release of Python
        line = getattr(error, "lineno", None)
        place = f"{path}:{line}" if line else path
        raise SourceError(place, f"is not valid Python: {error.args[0]}") from error
    except (RecursionError, MemoryError) as error:
        raise SourceError(path, "is nested too deeply") from error
    return Source(os.path.realpath(path), path, tree)
