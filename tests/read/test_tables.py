"""Opening files that may be anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgate.errors import ResultError
from loadgate.read import raw
from loadgate.read.documents import read_document
from loadgate.read.raw import check_regular
from loadgate.read.tables import rows


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        pytest.param("missing", "No such file", id="missing"),
        pytest.param("folder", "is a folder", id="folder"),
        pytest.param("nul\0", "null", id="nul"),
    ],
)
def test_what_is_no_regular_file(tmp_path: Path, name: str, problem: str) -> None:
    """Only regular files are opened: reading anything else could block."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(ResultError, match=problem):
        check_regular(f"{tmp_path}/{name}")


def test_a_document_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system refuses is an error with its reason."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "x.json").write_text("{}")
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ResultError, match="cannot be read: Permission denied"):
        read_document(str(tmp_path / "x.json"))


def test_a_file_that_vanishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that goes away between two looks at it is an error, too."""
    monkeypatch.setattr(raw, "check_regular", lambda _: None)
    with pytest.raises(ResultError, match="cannot be read: No such file"), rows(f"{tmp_path}/x"):
        pass
