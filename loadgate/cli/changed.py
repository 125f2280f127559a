"""Changed files, as pre-commit names them: which locustfiles they belong to."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from loadgate.errors import LoadgateError, UsageError
from loadgate.locustfile import learn
from loadgate.locustfile.source import LARGEST
from loadgate.rules import DEFAULT_FILE, nearest

_IMPORT = re.compile(rb"^\s*(?:from|import)\s+locust\b", re.MULTILINE)
_USER = re.compile(rb"^\s*class\s+\w+\s*\([^)]*User\b", re.MULTILINE)
_FAILURE = re.compile(rb"\.failure\s*\(")
_NO_SOURCE = {"node_modules", "__pycache__", "site-packages"}


@dataclass(slots=True)
class LocustfileFinder:
    """Finds the locustfiles that changed files belong to, and looks at each folder once."""

    _known: dict[Path, list[str]] = field(default_factory=dict)
    _read: list[tuple[str, Collection[str]]] | None = None

    def belonging(self, changed: str) -> list[str]:
        """Return the locustfiles of a changed file; of Python code for anything else there is none.

        A locustfile is called so, or defines users. Any other module belongs to the locustfiles in
        its folder, or else in the nearest one above, up to that of its rules file. Where there are
        none, and it speaks to Locust, it belongs to those that import it, wherever they are, or is
        read by itself. A rules file belongs to the locustfiles in its folder and below that have no
        nearer one; raises UsageError where there are none.
        """
        if not changed.endswith(".py"):
            return self._of_rules_file(changed)
        source = _source(changed)
        if source is None or _is_locustfile(changed):
            return [changed]
        rules = nearest(changed)
        folders = [*Path(os.path.relpath(changed)).parents]
        top = folders.index(Path(rules).parent) if rules else len(folders)
        for folder in folders[: top + 1]:
            if found := self._inside(folder):
                return found
        if not (_IMPORT.search(source) or _FAILURE.search(source)):
            return []
        path = os.path.realpath(changed)
        return [file for file, sources in self._sources() if path in sources] or [changed]

    def with_rules(self, path: str) -> list[tuple[str | None, str]]:
        """Return the locustfiles at a path, each with its rules file; None: it has none.

        A folder stays one where all Python files in it go with one rules file.
        """
        if not Path(path).is_dir():
            return [(nearest(path), path)]
        files = [
            str(file)
            for folder in _below(Path(path))
            for file in sorted(folder.glob("[!_]*.py"))
            if file.is_file()
        ]
        found = {nearest(file) for file in files} or {nearest(path)}
        if len(found) == 1:
            return [(found.pop(), path)]
        names = dict.fromkeys(name for file in files for name in self.belonging(file))
        return [(nearest(name), name) for name in names]

    def _of_rules_file(self, changed: str) -> list[str]:
        path = os.path.relpath(changed)
        found = [file for folder in _below(Path(path).parent) for file in self._inside(folder)]
        if Path(path).name == DEFAULT_FILE:  # another one may be what any of them extends
            found = [file for file in found if nearest(file) == path]
        if not found:
            raise UsageError(
                f"{changed}: no locustfile in its folder or below belongs to it\n"
                "  Name its locustfile, too: in the `args` of a hook. Or leave it out by `exclude`."
            )
        return found

    def _inside(self, folder: Path) -> list[str]:
        if folder not in self._known:
            files = sorted(str(file) for file in folder.glob("*.py"))
            self._known[folder] = [file for file in files if _is_locustfile(file)]
        return self._known[folder]

    def _sources(self) -> list[tuple[str, Collection[str]]]:
        """Return every locustfile here and below with the modules that are read for it."""
        if self._read is None:
            self._read = []
            for file in (file for folder in _below(Path()) for file in self._inside(folder)):
                with contextlib.suppress(LoadgateError):  # nobody changed it
                    self._read.append((file, learn([file]).sources))
        return self._read


def _below(top: Path) -> Iterator[Path]:
    """Yield a folder and those below it, but none with the code of other projects."""
    for folder, inner, _ in os.walk(top):
        yield Path(folder)
        inner[:] = sorted(
            name
            for name in inner
            if not name.startswith(".")
            and name not in _NO_SOURCE
            and not os.path.lexists(Path(folder, name, "pyvenv.cfg"))
        )


def _is_locustfile(path: str) -> bool:
    if Path(path).name.startswith("locustfile"):
        return True
    source = _source(path) or b""
    return bool(_IMPORT.search(source) and _USER.search(source))


def _source(path: str) -> bytes | None:
    """Return the source of a module; None: whoever reads it says why it cannot be read."""
    try:
        if Path(path).is_file():  # a pipe would wait for ever
            with Path(path).open("rb") as file:
                return file.read(LARGEST)
    except OSError:
        pass
    return None
