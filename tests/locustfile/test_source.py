"""Files that cannot be read, or are meant to take for ever: one clear message, and soon."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgate.errors import LoadgateError
from loadgate.locustfile import expressions, learn, messages, source

MESSAGE = 'r.failure(f"Got {r.status_code}")\n'


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"def f(:\n", "locustfile.py:1: is not valid Python", id="syntax"),
        pytest.param(b"# coding: none\n", "is not valid Python", id="encoding"),
        pytest.param(b"'\xff'\n", "is not valid Python", id="bytes"),
        pytest.param(b"a\0b", "is not valid Python", id="nul"),
        pytest.param(b"#" * ((1 << 20) + 1), "is larger than 1,048,576 bytes", id="large"),
        pytest.param(b"if a: pass\n" + b"elif b: pass\n" * 3000, "nested", id="nested-syntax"),
        pytest.param(b"if a: pass\n" + b"elif b: pass\n" * 600, "nested", id="nested"),
        pytest.param(
            b"".join(b" " * n + b"for a in b:\n" for n in range(18)) + b" " * 18 + b"c\n",
            "deeply nested to follow",
            id="loops",
        ),
    ],
)
def test_what_cannot_be_read(data: bytes, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is named with the reason."""
    monkeypatch.setattr(expressions, "MOST_STEPS", 50_000)
    Path("locustfile.py").write_bytes(data)
    with pytest.raises(LoadgateError, match=words):
        learn(["locustfile.py"])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(MESSAGE.encode("utf-8-sig"), id="byte-order-mark"),
        pytest.param(f"# coding: latin-1\n# \xe4\n{MESSAGE}".encode("latin-1"), id="coding"),
        pytest.param(MESSAGE.replace("\n", "\r\n").encode(), id="windows"),
        pytest.param(b"print('\\d')\n" + MESSAGE.encode(), id="bad-escape"),
    ],
)
def test_encodings(data: bytes) -> None:
    """A file is read as Python reads it."""
    Path("locustfile.py").write_bytes(data)
    assert [one.text for one in learn(["locustfile.py"]).taught] == ["Got {status}"]


def test_folders() -> None:
    """As Locust takes them: all modules whose names do not begin with `_`."""
    for name in ("a.py", "_b.py", "c/d.py", "e.txt", "c/__init__.py"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(MESSAGE.replace("Got", f"Got {name}"), "utf-8")
    found = [one.text for one in learn(["."]).taught]
    assert found == ["Got a.py {status}", "Got c/d.py {status}"]
    Path("empty").mkdir()
    for path, words in (("empty", "contains no locustfile"), ("/dev/null", "not a regular file")):
        with pytest.raises(LoadgateError, match=words):
            learn([path])


def test_modules_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are found beside the file, in the working directory, and in packages."""
    Path("tests").mkdir()
    Path("common/inner").mkdir(parents=True)
    Path("common/__init__.py").write_text("from .words import WORD\n", "utf-8")
    Path("common/words.py").write_text("WORD = 'Package'\n", "utf-8")
    Path("common/inner/__init__.py").write_text("from ..words import WORD as INNER\n", "utf-8")
    Path("tests/locustfile.py").write_text(
        "import common.words as words\nimport common.words\nfrom common import WORD, words as w\n"
        "from common.inner import INNER\nimport locustfile\n"
        'def f(r):\n    r.failure(f"{WORD} {words.WORD} {w.WORD} {INNER} {r.status_code}")\n',
        "utf-8",
    )
    found = [one.text for one in learn(["tests/locustfile.py"]).taught]
    assert found == ["Package Package Package Package {status}"]
    monkeypatch.setattr(source, "MOST_FILES", 1)
    found = [one.text for one in learn(["tests/locustfile.py"]).findings]
    assert found == ["* Package Package * {status}"]
    with pytest.raises(LoadgateError, match="more than 1 files"):
        learn(["common", "tests"])


def test_functions_beside_that_nobody_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are gone through as well, unless there is too much of them."""
    Path("checks.py").write_text(
        f"def called(r):\n    {MESSAGE}def other(r):\n    {MESSAGE}", "utf-8"
    )
    Path("locustfile.py").write_text("import checks\ndef f(r):\n    checks.called(r)\n", "utf-8")
    (wording,) = learn(["locustfile.py"]).taught
    assert [place.line for place in wording.places] == [2, 4]
    monkeypatch.setattr(messages, "MOST_BESIDE", 0)
    (wording,) = learn(["locustfile.py"]).taught
    assert [place.line for place in wording.places] == [2]


def test_a_file_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what the system says; and a path that no file can have."""
    Path("locustfile.py").write_text(MESSAGE, "utf-8")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(LoadgateError, match="cannot be read: Permission denied"):
        learn(["locustfile.py"])
    with pytest.raises(LoadgateError, match="its path holds a NUL"):
        learn(["a\0b"])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("s = 'a'\n" + "s = s + s\n" * 60, id="texts"),
        pytest.param("s = [1]\n" + "s = s + s\n" * 60, id="lists"),
        pytest.param("s = []\n" + "s = [s, s]\n" * 60, id="nested-lists"),
        pytest.param("s = a\n" + "s = s.a\n" * 5000, id="attributes"),
        pytest.param("s = " + "-" * 90 + "1\n", id="signs"),
        pytest.param("s = '%999999999d' % 5 + f\"{'a':>999999999}\"\n", id="widths"),
        pytest.param("s = list(range(10 ** 30)) + list(range(9, 0, 0))\n", id="ranges"),
        pytest.param(
            "".join(
                f"def f{n}(x):\n    f{n + 1}(x + 'a')\n    f{n + 1}(x + 'b')\n" for n in range(30)
            )
            + "s = f0('')\n",
            id="calls",
        ),
        pytest.param("class A(A): pass\ns = A().x\ndef f(): f()\nif s: raise\n", id="circles"),
    ],
)
def test_what_would_grow_without_end_is_cut(text: str) -> None:
    """And the messages beside it are read."""
    Path("locustfile.py").write_text(f"{text}r.failure(s)\n{MESSAGE}", "utf-8")
    assert [one.text for one in learn(["locustfile.py"]).taught] == ["Got {status}"]
