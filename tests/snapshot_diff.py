"""Differences between two snapshots, grouped by field or line: decisions first, then prose.

A decision is an exit code, a field of a document, a line of a CSV file, or a figure in a text.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any
from xml.etree import ElementTree as ET

Files = dict[str, str]
"""The exit code, the standard streams and the files that were written, by name."""

MISSING = "(missing)"
PROSE = {"headline", "note", "problem", "remedy", "sentence", "signature", "why", "words"}
PROSE |= {"contradictions[]", "warnings[]"}
"""Fields of documents that hold prose. That one is there, or not, is a decision all the same."""
IDENTITY: tuple[str, ...] = (
    "source",
    "role",
    "path",
    "day",
    "method",
    "name",
    "status",
    "kind",
    "id",
    "require",
)
IDENTITY += ("endpoint", "rule", "concern", "code", "file", "line")
FIGURE = re.compile(r"\d[\d,.]*%?|PASSED|FAILED|NO EVIDENCE|(?:TRUE|EXPECTED)\s+\d+")


class Changes:
    """What differs, in groups: one field in many documents is one change."""

    def __init__(self) -> None:
        self.decisions: dict[str, dict[str, str]] = defaultdict(dict)
        """By field: the documents in which it differs, and how, as seen first."""
        self.prose: dict[str, dict[str, str]] = defaultdict(dict)

    def add(self, document: str, what: str, how: str, *, decision: bool) -> None:
        """Note a difference."""
        group = self.decisions if decision else self.prose
        group[what].setdefault(document, how)

    def show(self, most: int) -> str:
        """Return all decisions, then the most frequent changes of prose."""
        lines = [f"{len(self.decisions)} decisions changed"]
        lines += self._lines(self.decisions, len(self.decisions))
        lines.append(f"{len(self.prose)} texts changed")
        lines += self._lines(self.prose, most)
        if len(self.prose) > most:
            lines.append(f"  ... and {len(self.prose) - most} more; --most shows more")
        return "\n".join(lines)

    def _lines(self, groups: dict[str, dict[str, str]], most: int) -> Iterator[str]:
        ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
        for what, documents in ordered[:most]:
            yield f"  {what}: in {len(documents)}"
            for document, how in list(documents.items())[:2]:
                yield f"      {document}: {how}"


def compare(old: dict[str, Files], new: dict[str, Files], target: str, changes: Changes) -> None:
    """Note what differs between the cases of one input."""
    for case in sorted(old.keys() | new.keys()):
        document = f"{target} ({case})"
        before, after = old.get(case), new.get(case)
        if before is None or after is None:
            changes.add(document, "case", _change(before, after), decision=True)
            continue
        for name in sorted(before.keys() | after.keys()):
            command = case.split()[0]
            what = f"{command} {PurePath(name).name}"
            if name not in before or name not in after:
                changes.add(
                    document,
                    f"{what} (file)",
                    _change(name in before, name in after),
                    decision=True,
                )
            elif before[name] != after[name]:
                for path, how, decision in differences(name, before[name], after[name]):
                    changes.add(document, f"{what}: {path}", how, decision=decision)


def differences(name: str, old: str, new: str) -> Iterator[tuple[str, str, bool]]:
    """Return what differs in two files of one name: what, how, and whether it is a decision."""
    if name == "exit code":
        yield "exit code", f"{old} -> {new}", True
        return
    documents = _documents(name, old, new)
    if documents is not None:
        for path, where, before, after in walk(*documents):
            decision = path.rpartition(".")[2] not in PROSE or MISSING in {before, after}
            yield path, f"{where} {_change(before, after)}".strip(), decision
        if not name.endswith(".xml"):
            return
    elif not name.endswith((".html", ".svg")) and figures(old) != figures(new):
        gone, come = sorted(figures(old) - figures(new)), sorted(figures(new) - figures(old))
        yield "figures", f"{' '.join(gone[:8]) or 'none'} -> {' '.join(come[:8]) or 'none'}", True
    yield from _lines_changed(name, old, new)


def _documents(name: str, old: str, new: str) -> tuple[Any, Any] | None:
    """Return both as nested dicts and lists, where they are documents."""
    read_document: Callable[[str], Any] = _junit if name.endswith(".xml") else json.loads
    try:
        return read_document(old), read_document(new)
    except (ValueError, ET.ParseError):
        return None


def _junit(text: str) -> Any:
    """Return how many tests there are, and how each ended."""
    suite = ET.fromstring(text)  # noqa: S314 - loadgate wrote it
    ends = [sorted(end.tag for end in test) for test in suite.iter("testcase")]
    return {**suite.attrib, "testcases": ends}


def walk(
    old: Any, new: Any, path: str = "", where: str = ""
) -> Iterator[tuple[str, str, Any, Any]]:
    """Return the fields that differ: path, which item of its lists, value before and after."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            deeper = f"{path}.{key}".lstrip(".")
            before, after = old.get(key, MISSING), new.get(key, MISSING)
            yield from walk(before, after, deeper, where)
    elif isinstance(old, list) and isinstance(new, list):
        before, after = _named(old), _named(new)
        for name in [*before, *(name for name in after if name not in before)]:
            here = f"{where} [{name}]".strip()
            yield from walk(before.get(name, MISSING), after.get(name, MISSING), f"{path}[]", here)
        if before.keys() == after.keys() and list(before) != list(after):
            yield f"{path}[] (order)", where, next(iter(before)), next(iter(after))
    elif old != new or type(old) is not type(new):
        yield path, where, old, new


def _named(items: list[Any]) -> dict[str, Any]:
    """Name each item by what identifies it; a running number tells like ones apart."""
    named, seen = {}, Counter[str]()
    for item in items:
        known = [item[key] for key in IDENTITY if key in item] if isinstance(item, dict) else []
        name = " ".join(str(value) for value in known if not isinstance(value, dict))
        seen[name] += 1
        named[f"{name} {seen[name]}".strip()] = item
    return named


def figures(text: str) -> set[str]:
    """Return the numbers and verdicts in a text, and how many annotations of each kind it has."""
    annotations = Counter(re.findall(r"(?m)^::\w+", text))
    found = {" ".join(figure.rstrip(".,").split()) for figure in FIGURE.findall(text)}
    return found | {f"{kind} x {count}" for kind, count in annotations.items()}


def _lines_changed(name: str, old: str, new: str) -> Iterator[tuple[str, str, bool]]:
    """Return lines that are only in one of two texts; those that differ in numbers alone are one."""
    decision = name.endswith(".csv")
    before, after = Counter(old.splitlines()), Counter(new.splitlines())
    gone, come = before - after, after - before
    for sign, lines in (("-", gone), ("+", come)):
        for line in lines:
            shape = re.sub(r"\d[\d,.]*", "N", line.strip())[:160]
            yield f"{sign} {shape}", "", decision
    if not gone and not come:
        yield "order of lines", "", decision


def _change(old: Any, new: Any) -> str:
    shown = [json.dumps(value, ensure_ascii=False)[:120] for value in (old, new)]
    return " -> ".join(shown)
