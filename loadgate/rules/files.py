"""Rules files: which one a path, the name of a preset, or an entry of `extends` means."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadgate.errors import UnreadableRulesError
from loadgate.text import first_of, hint, quoted, shown

DEFAULT_FILE = "loadgate.toml"
DEFAULT_PRESET = "optimistic-locking"

_NAMED = 3
LONGEST_CHAIN = 10
"""Files of which each extends the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesFile:
    """A rules file: where it is, and what outputs call it."""

    path: str
    origin: str

    def identity(self) -> str:
        """Return what two paths to the same file have in common."""
        return os.path.realpath(self.path)


def presets() -> dict[str, Path]:
    """Return the bundled presets by name: beside the modules in a wheel, else in a checkout."""
    here = Path(__file__).parents[1]
    folder = here / "presets"
    if not folder.is_dir():
        folder = here.parent / "rules"
    return {file.stem: file for file in sorted(folder.glob("*.toml"))}


def find(path: str | os.PathLike[str] | None) -> RulesFile:
    """Return where the rules are; raise RulesError where there are none of that name."""
    if path is None:
        # Also a link that leads nowhere: somebody meant it to be the rules.
        if os.path.lexists(DEFAULT_FILE):
            return _file(DEFAULT_FILE)
        path = DEFAULT_PRESET
    text = os.fspath(path)
    if isinstance(path, os.PathLike) and text not in presets() and not _is_path(text):
        text = f"./{text}"  # which pathlib leaves out
    if text not in presets() and _is_folder(text):
        raise UnreadableRulesError(text, f"is a folder; {_in_folder(text)}")
    if not _is_path(text):
        found = _preset(text, text)
        if isinstance(found, str):
            raise UnreadableRulesError(text or '""', found)
        return found
    if not os.path.lexists(text):
        raise UnreadableRulesError(text, f"there is no such file{_begin(text)}")
    return _file(text)


def _in_folder(folder: str) -> str:
    """Return which rules files to name instead of a folder."""
    if os.path.lexists(inside := Path(folder, DEFAULT_FILE)):
        return f"name the file in it: {inside}"
    inner = sorted(str(file) for file in Path(folder).glob(f"*/{DEFAULT_FILE}"))
    return (
        f"name the rules files in it: {first_of(inner, _NAMED)}" if inner else "name a file in it"
    )


def _begin(path: str) -> str:
    """Return how to write a rules file that is not there, if `loadgate init` can."""
    if not (path.endswith(".toml") and path.isprintable() and Path(path).parent.is_dir()):
        return ""
    command = ["loadgate", "init", *(["--file", path] if path != DEFAULT_FILE else [])]
    return f"; write a rules file with `{shlex.join(command)}`"


def each_file(names: Sequence[str]) -> list[str]:
    """Return the rules files that a command line names, none twice; of none, the default one.

    What cannot be found stays: whoever reads it says what is wrong.
    """
    once: dict[str, str] = {}
    for name in names or (DEFAULT_FILE,):
        try:
            once.setdefault(find(name).identity(), name)
        except UnreadableRulesError:
            once.setdefault(name, name)
    return list(once.values())


def nearest(path: str) -> str | None:
    """Return the default rules file in a folder, or in that of a file, or nearest above it.

    Above the working directory it is looked for only on the way from there. None: there is none.
    """
    return _first(_from(path))


def rules_beside(path: str) -> str | None:
    """Return the default rules file in the folder of a run or locustfile, or nearest above it.

    It is looked for below the working directory; elsewhere in the folder alone. None: there is
    none.
    """
    try:
        folders = _from(path)
    except (OSError, ValueError):  # the working directory was removed, or is on another drive
        return None
    outside = ".." in folders[0].parts
    return _first(folders[:1] if outside else [one for one in folders if one != Path()])


def _from(path: str) -> list[Path]:
    """Return a folder, or that of a file, and those above it, the nearest first."""
    start = Path(os.path.relpath(path))
    return [*([start] if _is_folder(str(start)) else []), *start.parents]


def _first(folders: Iterable[Path]) -> str | None:
    """Return the default rules file in the first of some folders that has one."""
    files = (folder / DEFAULT_FILE for folder in folders)
    return next((str(file) for file in files if os.path.lexists(file)), None)


def extended(name: str, chain: tuple[RulesFile, ...]) -> RulesFile | str:
    """Return the file that a name in `extends` means, or what is wrong with the name.

    `chain` are the files that lead to the name, the one that holds it last.
    """
    beside = str(Path(chain[-1].path).parent / name)
    if not name.isprintable():
        return "must be one line of printable text"
    if "://" in name:
        return f"{quoted(name)} is a URL, and loadgate fetches nothing; extend a copy of the file"
    if _is_path(name) and Path(name).is_absolute():
        return f"{quoted(name)} must be relative to this file"
    file = _file(beside) if _is_path(name) else _preset(name, beside)
    if isinstance(file, str):
        return file
    identities = [step.identity() for step in chain]
    if file.identity() in identities:
        circle = [*chain[identities.index(file.identity()) :], file]
        return f"is circular: {' -> '.join(step.origin for step in circle)}"
    if len(chain) == LONGEST_CHAIN:
        return f"more than {LONGEST_CHAIN} files extend one another"
    return file


def _preset(name: str, path: str) -> RulesFile | str:
    """Return the preset of that name, or how to name it, or the file at the path if that is meant.

    A bare word is never a file, so that no file can pass for a preset.
    """
    known = presets()
    if name in known:
        return RulesFile(path=str(known[name]), origin=f"preset {name}")
    advice = ", and no such file"
    if name and os.path.lexists(path):
        advice = f"; if the file is meant, write {shown(f'./{name}')}"
    names = f"the presets are {', '.join(known)}{hint(name, known)}"
    return f"there is no preset {quoted(name)}{advice}; {names}"


def _file(path: str) -> RulesFile:
    # No file may pass for a preset by its name: lint trusts what presets say.
    return RulesFile(path=path, origin=f"./{path}" if path.startswith("preset ") else path)


def _is_folder(path: str) -> bool:
    """Say whether a path is a folder, also where its name is too long to be one."""
    return os.path.isdir(path)  # noqa: PTH112 - Path raises OSError for some that are none


def _is_path(text: str) -> bool:
    """Say whether a text names a file: by a slash or an ending, which no preset's name has."""
    return not {".", "/", "\\"}.isdisjoint(text)
