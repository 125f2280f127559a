"""Rules files as bytes: both languages, and everything that makes a file unreadable."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgate.errors import RulesError
from loadgate.rules.document import SIZE_LIMIT, read_document, read_lines
from loadgate.rules.schema_errors import Place


def _write(folder: Path, content: bytes, *, name: str = "loadgate.toml") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_both_languages_say_the_same(tmp_path: Path) -> None:
    """TOML and JSON give equal documents, a date of TOML being the text that JSON has."""
    toml = _write(tmp_path, b"version = 1\n[[rules]]\nexpires = 2027-06-30\n")
    text = b'{"version": 1, "rules": [{"expires": "2027-06-30"}]}'
    same = _write(tmp_path, text, name="loadgate.JSON")
    assert read_document(toml, "t") == read_document(same, "j")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(b"\xef\xbb\xbfversion = 1\r\n", "loadgate.toml", id="toml"),
        pytest.param(b'\xef\xbb\xbf{"version": 1}', "loadgate.json", id="json"),
    ],
)
def test_a_byte_order_mark_is_no_content(tmp_path: Path, content: bytes, name: str) -> None:
    """What editors of Windows put at the beginning of a file is tolerated."""
    assert read_document(_write(tmp_path, content, name=name), "x") == {"version": 1}


def test_only_expires_turns_into_text(tmp_path: Path) -> None:
    """A date with a time, or a date at another key, stays what it is, for the schema to refuse."""
    text = b"rules = [1, {expires = 2027-06-30T10:00:00, why = 2027-06-30}]\n"
    number, rule = read_document(_write(tmp_path, text), "x")["rules"]
    assert number == 1
    assert rule["expires"] == datetime(2027, 6, 30, 10)  # noqa: DTZ001 - it has no zone in the file
    assert not isinstance(rule["why"], str)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        pytest.param(
            b"version = \n", "r.toml", "not valid TOML: Invalid value (at line 1", id="toml"
        ),
        pytest.param(b"a = 1\na = 2\n", "r.toml", "not valid TOML", id="key-of-toml-twice"),
        pytest.param(b'{"version": 1', "r.json", "not valid JSON: Expecting ',' d", id="json"),
        pytest.param(b'{"a": 1, "a": 2}', "r.json", 'duplicate key "a"', id="key-of-json-twice"),
        pytest.param(b'{"a": NaN}', "r.json", "NaN is not a number", id="constant"),
        pytest.param(b'{"a": "\\ud800"}', "r.json", "half a character", id="lone-surrogate"),
        pytest.param(
            b"a = " + b"9" * 5000, "r.toml", "not valid TOML: Exceeds", id="digits-of-toml"
        ),
        pytest.param(b"[" + b"9" * 5000, "r.json", "not valid JSON: Exceeds", id="digits-of-json"),
        pytest.param(b"a = 0x" + b"f" * 5000, "r.toml", "not valid TOML: Exceeds", id="hex-digits"),
        pytest.param(b"[" * 21 + b"]" * 21, "r.json", "nested too deeply", id="depth"),
        pytest.param(b"a=" + b"[" * 9999, "r.toml", "nested too deeply", id="depth-of-toml"),
        pytest.param(b"[" * 200_000, "r.json", "nested too deeply", id="depth-of-json"),
        pytest.param(b"version = 1 # \xe9", "r.toml", "not UTF-8 text (byte 15)", id="latin-1"),
        pytest.param(b" " * (SIZE_LIMIT + 1), "r.toml", "larger than 1,048,576 bytes", id="size"),
    ],
)
def test_unreadable_files(tmp_path: Path, content: bytes, name: str, words: str) -> None:
    """What cannot be read is one problem of the file, under the name that it was given."""
    with pytest.raises(RulesError) as caught:
        read_document(_write(tmp_path, content, name=name), "the rules")
    (problem,) = caught.value.problems
    assert caught.value.path == "the rules"
    assert words in problem


# --- lines ----------------------------------------------------------------------------------------

ODD_TOML = """\
# rules = 1
version = 1
extends = [
  "a", # ] = "
  'b',
]
[[rules]] # one
id = "x"
why = \"\"\"
[[rules]]
id = 3 \\\"\"\"\"
status = [409,
  410]
at.b . "c d".'e' = {x = 1, y = [1, {z = 2}]}
[[ rules ]]
expires = 2027-06-30 10:00:00
"a\\u00e9#" = '''a
'b'''''
[x.y]
z = -1.5e3
[[x.w]]
[[x.w]]
k = "a\\"b"
"""
ODD_JSON = """\ufeff
{
 "a\\/b"
: [1,
 "x:y\\"{", {"q": {}}, []],
 "rules": [{"id": "x",
"status":
409}, true]}
"""


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        pytest.param(
            "odd.toml",
            ODD_TOML,
            {
                ("version",): 2,
                ("extends",): 3,
                ("extends", 0): 4,
                ("extends", 1): 5,
                ("rules",): 7,
                ("rules", 0): 7,
                ("rules", 0, "id"): 8,
                ("rules", 0, "why"): 9,
                ("rules", 0, "status"): 12,
                ("rules", 0, "status", 0): 12,
                ("rules", 0, "status", 1): 13,
                ("rules", 0, "at"): 14,
                ("rules", 0, "at", "b"): 14,
                ("rules", 0, "at", "b", "c d"): 14,
                ("rules", 0, "at", "b", "c d", "e"): 14,
                ("rules", 0, "at", "b", "c d", "e", "x"): 14,
                ("rules", 0, "at", "b", "c d", "e", "y"): 14,
                ("rules", 0, "at", "b", "c d", "e", "y", 0): 14,
                ("rules", 0, "at", "b", "c d", "e", "y", 1): 14,
                ("rules", 0, "at", "b", "c d", "e", "y", 1, "z"): 14,
                ("rules", 1): 15,
                ("rules", 1, "expires"): 16,
                ("rules", 1, "a\xe9#"): 17,
                ("x",): 19,
                ("x", "y"): 19,
                ("x", "y", "z"): 20,
                ("x", "w"): 21,
                ("x", "w", 0): 21,
                ("x", "w", 1): 22,
                ("x", "w", 1, "k"): 23,
            },
            id="toml",
        ),
        pytest.param(
            "odd.json",
            ODD_JSON,
            {
                ("a/b",): 3,
                ("a/b", 0): 4,
                ("a/b", 1): 5,
                ("a/b", 2): 5,
                ("a/b", 2, "q"): 5,
                ("a/b", 3): 5,
                ("rules",): 6,
                ("rules", 0): 6,
                ("rules", 0, "id"): 6,
                ("rules", 0, "status"): 7,
                ("rules", 1): 8,
            },
            id="json",
        ),
        pytest.param("none.toml", "", {}, id="empty"),
        pytest.param("number.json", "1", {}, id="a-number"),
    ],
)
def test_lines(tmp_path: Path, name: str, text: str, lines: dict[Place, int]) -> None:
    """Every key, table and entry has the line on which it begins, however it is written."""
    path = _write(tmp_path, text.encode(), name=name)
    read_document(path, "x")
    assert read_lines(path) == lines


_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
)


@pytest.fixture(scope="module")
def any_json(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one path for all examples of a test: a folder for each took most of its time."""
    return tmp_path_factory.mktemp("lines") / "any.json"


@given(st.dictionaries(st.text(min_size=1), _VALUES))
def test_the_lines_of_any_json(any_json: Path, document: object) -> None:
    """Each line that begins with a key is that of the key, whatever is in its texts."""
    path = any_json
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    text = path.read_text(encoding="utf-8").split("\n")
    for place, line in read_lines(str(path)).items():
        value: Any = document
        for step in place:
            value = value[step]
        key = f"{json.dumps(place[-1])}: " if isinstance(place[-1], str) else ""
        start = json.dumps(value) if not isinstance(value, (dict, list)) or not value else ""
        assert text[line - 1].strip().startswith(key + start)


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    """A file of exactly the largest size is no problem."""
    content = b"version = 1\n#"
    path = _write(tmp_path, content + b"x" * (SIZE_LIMIT - len(content)))
    assert read_document(path, "x") == {"version": 1}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("nothing.toml", "there is no such file", id="absent"),
        pytest.param("folder", "is not a regular file", id="folder"),
        pytest.param("loop", "cannot be read: Too many levels of symbolic links", id="loop"),
        pytest.param("pipe", "is not a regular file", id="pipe"),
        pytest.param("nul\0", "cannot be read: its path holds a NUL", id="nul"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="needs pipes and symbolic links")
def test_paths_that_lead_to_no_file(tmp_path: Path, name: str, words: str) -> None:
    """Nothing but a regular file is opened: a pipe would wait for ever."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RulesError) as caught:
        read_document(str(tmp_path / name), "x")
    assert words in caught.value.problems[0]


def test_a_key_of_many_parts(tmp_path: Path) -> None:
    """A dotted key of thousands of parts is refused before it is parsed, which would take minutes."""
    path = tmp_path / "deep.toml"
    path.write_text("a." * 30_000 + "b = 1\n", "utf-8")
    with pytest.raises(RulesError, match="is nested too deeply"):
        read_document(str(path), "x")
