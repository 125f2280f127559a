"""The fuzz targets: each reads bytes as one kind of input and checks what must hold.

A target raises AssertionError, or whatever else escapes; only LoadgateError may be raised by the
package, and is caught. Each is run by `run.py` on bytes that a fuzzer makes up, and by the tests on
the corpus.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import jsonschema

import loadgate
from loadgate import Policy, load_policy, read_run, render
from loadgate.classify import classify
from loadgate.document import read as document
from loadgate.errors import LoadgateError, RulesError
from loadgate.gate import evaluate
from loadgate.globs import PatternError, StatusText, TextGlob
from loadgate.model import Classification
from loadgate.patterns import EndpointPattern
from loadgate.read.recording import load_recording
from loadgate.recording.document import problems
from loadgate.recording.form import to_json
from loadgate.recording.merge import merged
from loadgate.render import render_csv
from loadgate.rules.examples import run_examples
from loadgate.rules.lint import lint
from loadgate.status import read_status, read_taught
from loadgate.status.signature import normalise, signature, template

FILES = ("stats", "failures", "exceptions", "stats_history")
TODAY = date(2026, 11, 23)
_SEPARATOR = re.compile(rb"^=== (\w+)\r?\n", re.MULTILINE)


@cache
def _folder() -> Path:
    """Return a folder for the files of this process, in memory where there is such a place."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of its own there
    return Path(mkdtemp(prefix="loadgate-fuzz-", dir=memory if memory.is_dir() else None))


@cache
def _policy() -> Policy:
    return load_policy("optimistic-locking", today=TODAY)


@cache
def _validator() -> Any:  # noqa: ANN401 - jsonschema's validators share no type
    schema = Path(loadgate.__file__).parent / "schemas" / "result.json"
    return jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))


# --- runs -----------------------------------------------------------------------------------------


_PROVES_ANOTHER = (b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")
"""How what is gzipped or UTF-16 begins: it is not read a second time here."""


def csv_files(data: bytes) -> None:
    """Read the CSV files of a run, each behind a line "=== stats" and so on."""
    parts = _SEPARATOR.split(data)
    files = dict(zip(parts[1::2], parts[2::2], strict=True))
    for name in FILES:
        path = _folder() / f"run_{name}.csv"
        path.unlink(missing_ok=True)
        if name.encode() in files:
            path.write_bytes(files[name.encode()])
    found = _judge(_folder() / "run_stats.csv")
    if found is None or found.run.partial:
        return
    if files[b"stats"].startswith(_PROVES_ANOTHER):
        return
    # Whatever the parser made of it: no number of the total row may have become smaller.
    last = _last_row(files[b"stats"])
    assert found.total.stats.requests == _number(last, "request count", "# requests")
    assert found.total.failures >= _number(last, "failure count", "# failures")


def json_document(data: bytes) -> None:
    """Read a saved /stats/requests or --json-file document."""
    path = _folder() / "alone" / "run.json"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    _judge(path)


def html_report(data: bytes) -> None:
    """Read an --html report."""
    path = _folder() / "page" / "run.html"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    _judge(path)


def recording(data: bytes) -> None:
    """Read a recording, packed or not, and add it to itself as another run."""
    path = _folder() / "recorded" / "run.json"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    found = _judge(path)
    if found is None:
        return
    one, other = load_recording(str(path)), load_recording(str(path))
    other.run += "-other"
    whole = merged([one, other])
    assert to_json(whole.counts) == to_json(merged([other, one]).counts)
    assert whole.counts.requests == 2 * one.counts.requests
    assert whole.counts.failures == 2 * found.run.total.failures
    assert [*problems(whole)] == []


def requests(data: bytes) -> None:
    """Read a request log: no row may be lost, nor one with an exception be a success."""
    path = _folder() / "log" / "requests.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    found = _judge(path)
    if found is None or data.startswith(_PROVES_ANOTHER) or b"\0" in data:
        return
    text = data.decode("utf-8-sig", "surrogateescape")
    delimiter = text[text.index("timestamp") + len("timestamp") :].lstrip('"')[0]
    csv.field_size_limit(1 << 30)
    rows = [*csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    rows = [row for row in rows if any(map(str.strip, row))]
    begin = next(number for number, row in enumerate(rows) if "name" in map(_title, row)) + 1
    assert found.run.total.requests == len(rows) - begin
    assert found.run.total.failures == sum(bool(row[6]) for row in rows[begin:])


def _title(cell: str) -> str:
    return cell.strip().lower()


def _judge(path: Path) -> Classification | None:
    """Read and judge a run in both ways; return what was found without leave to contradict."""
    strict = _classified(path, allow_partial=False)
    partial = _classified(path, allow_partial=True)
    if strict is not None:
        assert partial is not None, "allowed less with --allow-partial"
        assert partial.total.true >= strict.total.true
        assert partial.total.expected == strict.total.expected
        again = _classified(path, allow_partial=False)
        assert again is not None
        assert _document(again) == _document(strict)
    for found in (strict, partial):
        if found is not None:
            _check(found)
    return strict


def _classified(path: Path, *, allow_partial: bool) -> Classification | None:
    try:
        return classify(read_run(path, allow_partial=allow_partial), _policy())
    except LoadgateError:
        return None


def _check(found: Classification) -> None:
    """Check what holds for every classification."""
    for row in (found.total, *found.endpoints):
        assert row.failures == row.expected + row.true
        assert min(row.expected, row.true, row.unexplained) >= 0
        assert row.true >= row.stats.failures - row.expected
    assert sum(kind.count for kind in found.failures) == found.total.failures
    excused = sum(kind.count for kind in found.failures if kind.decision == "expected")
    assert excused == found.total.expected
    for kind in found.failures:
        if kind.decision == "expected":
            assert kind.status == 409
    _document(found)


def _document(found: Classification) -> str:
    """Return the result document, checked by its schema; write all other outputs, too."""
    verdict = evaluate(found, _policy())
    assert verdict.outcome != "passed" or found.total.stats.requests > 0
    text = render(verdict, "json")
    value = json.loads(text)
    _validator().validate(value)
    for name in ("text", "markdown", "junit", "github"):
        render(verdict, name).encode("utf-8", "strict")
    for pieces in render_csv(verdict):
        "".join(pieces).encode("utf-8", "strict")
    return text


def _last_row(data: bytes) -> dict[str, str]:
    """Return the cells of the last row that has any, by the names of their columns."""
    text = data.decode("utf-8-sig", "surrogateescape").replace("\0", "")
    csv.field_size_limit(1 << 30)
    for delimiter in ",;\t":
        rows = [*csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
        rows = [[cell.strip() for cell in row] for row in rows if any(map(str.strip, row))]
        named = [n for n, row in enumerate(rows[:3]) if "name" in map(str.lower, row)]
        if named:
            break
    return dict(zip(map(str.lower, rows[named[0]]), rows[-1], strict=True))


def _number(row: dict[str, str], *columns: str) -> int:
    (text,) = (row[column] for column in columns if column in row)
    return int(float(text))


# --- rules ----------------------------------------------------------------------------------------


def toml_rules(data: bytes) -> None:
    """Read a rules file in TOML."""
    _rules(_folder() / "rules.toml", data)


def json_rules(data: bytes) -> None:
    """Read a rules file in JSON."""
    _rules(_folder() / "rules.json", data)


def _rules(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        policy = load_policy(path, today=TODAY)
    except RulesError:
        return
    assert len({rule.id for rule in policy.rules}) == len(policy.rules)
    assert all(rule.why.strip() for rule in policy.rules)
    assert all(rule.statuses is not None or rule.globs for rule in policy.rules)
    for result in run_examples(policy):
        match = result.match
        if match.decision == "expected":
            assert match.rule is not None
            assert match.rule.excuses
    lint(policy)


# --- documents of our own -------------------------------------------------------------------------


def result_document(data: bytes) -> None:
    """Read a result document, as the weekly report does."""
    try:
        found = document.read(data.decode("utf-8", "replace"), "result.json", written=None)
    except LoadgateError:
        return
    if found is not None:
        for row in found.summary.endpoints:
            assert row.failures == row.expected + row.true


# --- texts and patterns ---------------------------------------------------------------------------


def error_text(data: bytes) -> None:
    """Read the status of an error text; a first line that has `{status}` is a taught wording."""
    text = data.decode("utf-8", "replace")
    first, _, rest = text.partition("\n")
    if "{status}" in first:
        text = rest
        try:
            wording = StatusText(first)
        except PatternError:
            return
        taught = read_taught(text, [wording])
        if taught is not None and taught.status is not None:
            assert taught.status in range(100, 600)
            assert str(taught.status) in _plain(text)
    reading = read_status(text)
    assert (reading.status is not None) == bool(reading.source)
    assert reading.status is None or reading.likely is None
    if reading.shown is not None:
        assert reading.shown in range(100, 600)
        assert str(reading.shown) in _plain(text)
    settled = normalise(template(text))
    shown = signature(settled, reading.shown)
    if text:
        assert TextGlob(shown).matches(text), "a signature that does not match its text"
    if reading.shown is not None and len(settled) <= 300:
        assert str(reading.shown) in _plain(shown)


def _plain(text: str) -> str:
    """Return a text with the digits of East Asian type as ASCII."""
    return text.translate({0xFF10 + digit: str(digit) for digit in range(10)})


def patterns(data: bytes) -> None:
    """Match by endpoint patterns and globs: lines are a pattern, another one, and a name."""
    lines = data.decode("utf-8", "replace")[:200].split("\n", 2)
    pattern, other, name = (*lines, "", "")[:3]
    if pattern:
        _globs(pattern, other, name)
    try:
        one = EndpointPattern.parse(f"POST {pattern}", wide=True)
        narrow = EndpointPattern.parse(f"POST {pattern}")
    except PatternError:
        return
    if one.methods is None:  # nothing behind the method, or another one: it is part of the name
        return
    pieces = _NAME_PIECES.findall(" ".join(pattern.split()))
    query = "?" in pattern or "#" in pattern
    expected = any(_fits(pieces, form) for form in _forms("POST", name, query=query))
    assert one.matches("POST", name) == expected
    assert expected or not narrow.matches("POST", name), "read narrowly it matches more"
    assert not one.matches("PUT", name)
    try:
        two = EndpointPattern.parse(f"POST {other}")
    except PatternError:
        return
    if narrow.includes_names(two) and two.matches("POST", name):
        assert narrow.matches("POST", name), "includes a pattern that matches more"


def _globs(pattern: str, other: str, name: str) -> None:
    glob = TextGlob(pattern)
    pieces = ["**" if piece == "*" else piece for piece in re.sub(r"\s+", " ", pattern)]
    assert glob.matches(name) == _fits(pieces, re.sub(r"\s+", " ", name))
    if other and glob.includes(TextGlob(other)) and TextGlob(other).matches(name):
        assert glob.matches(name), "includes a glob that matches more"


_NAME_PIECES = re.compile(r"(?:(?<=/)\*{2,}/)+|\*+|\{[A-Za-z_][A-Za-z0-9_]*\}|.", re.DOTALL)


def _forms(method: str, name: str, *, query: bool) -> Iterator[str]:
    """Yield a name as it is shown, without its own method, and without scheme and host."""
    shown = " ".join(name.split())
    signs = ":|>=\u2013\u2014-"
    behind = rf"(?:{method}(?: ?[{signs}]* |:(?=/[\w\[]))|[\[(]{method}[\])] ?[{signs}]* ?)"
    own = re.match(rf"(?:{behind}(?=[^\s{signs}]))+", shown, re.IGNORECASE)
    url = r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*"
    plain = shown[own.end() :] if own and not re.match(url, shown) else shown
    origin = re.match(url, plain)
    path = plain[origin.end() :] if origin else plain
    for form in (shown, plain, f"/{path}" if origin and path[:1] != "/" else path):
        yield form if query else re.split("[?#]", form)[0]


def _fits(pieces: list[str], text: str) -> bool:
    """Match piece by piece, keeping every place that can be reached: slow, and plain to read."""
    reached = {0}
    for piece in pieces:
        reached = {end for start in reached for end in _ends(piece, text, start)}
    return len(text) in reached


def _ends(piece: str, text: str, start: int) -> set[int]:
    """Return where a piece that starts at `start` may end."""
    rest = range(start, len(text) + 1)
    if piece[0] == "*" and piece[-1] == "/":  # "**/" behind a slash, also several of them
        return {start, *(end for end in rest if end > start and text[end - 1] == "/")}
    if set(piece) == {"*"} and len(piece) > 1:
        return set(rest)
    if piece == "*":
        return {end for end in rest if "/" not in text[start:end]}
    if len(piece) > 1:  # {word}
        return {end for end in rest if end > start and "/" not in text[start:end]}
    return {start + 1} if text[start : start + 1] == piece else set()


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        csv_files,
        json_document,
        html_report,
        recording,
        requests,
        toml_rules,
        json_rules,
        result_document,
        error_text,
        patterns,
    )
}
