"""The commands that a runner takes from what a step printed or wrote to its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_KNOWN = frozenset(
    "add-mask add-matcher add-path debug echo endgroup error group internal-set-repo-path notice"
    " remove-matcher save-state set-env set-output stop-commands warning".split()
)
_OLD = re.compile(r"##\[(?P<name>[\w-]+)(?P<properties>[^\]]*)\](?P<text>.*)")
_NEW = re.compile(r"::(?P<name>[\w-]+)(?P<properties> .*?)?::(?P<text>.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A workflow command, such as an annotation."""

    name: str
    text: str
    """Decoded, so with the line breaks that a reader sees."""
    title: str = ""


def parse_log(log: str) -> list[Command]:
    """Return every command in a log, in order.

    As the runner reads it: a line ends at a carriage return, too; `::name::` may follow white
    space; `##[name]` may stand anywhere in a line; names do not mind case.
    """
    found = []
    for line in re.split(r"\r\n|\r|\n", log):
        match = _NEW.match(line.strip()) or _OLD.search(line)
        if match is None or match["name"].lower() not in _KNOWN:
            continue
        properties = dict(
            pair.strip().split("=", 1)
            for pair in (match["properties"] or "").split(",")
            if "=" in pair
        )
        found.append(
            Command(
                name=match["name"].lower(),
                text=_decoded(match["text"]),
                title=_decoded(properties.get("title", "")),
            )
        )
    return found


def _decoded(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ",")):
        text = text.replace(code, character)
    return text.replace("%25", "%")


class FileCommandError(Exception):
    """A file of a step that the runner would refuse; the step then fails."""


def parse_pairs(text: str) -> dict[str, str]:
    """Read GITHUB_OUTPUT or GITHUB_ENV: `name=value`, or `name<<MARK` up to a line MARK."""
    pairs = {}
    lines = iter(text.removesuffix("\n").split("\n") if text else [])
    for line in lines:
        if not line:
            continue
        equals, mark = line.find("="), line.find("<<")
        if equals >= 0 and (mark < 0 or equals < mark):
            name, value = line.split("=", 1)
        elif mark >= 0:
            name, end = line.split("<<", 1)
            value = _until(lines, end)
        else:
            raise FileCommandError(f"Invalid format {line!r}")
        if not name:
            raise FileCommandError(f"no name in {line!r}")
        pairs[name] = value
    return pairs


def _until(lines: Iterator[str], end: str) -> str:
    found: list[str] = []
    if not end:
        raise FileCommandError("no delimiter behind <<")
    for line in lines:
        if line == end:
            return "\n".join(found)
        found.append(line)
    raise FileCommandError(f"Matching delimiter not found {end!r}")
