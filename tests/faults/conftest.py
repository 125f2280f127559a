"""A folder to work in, with a run that passes and one that fails. What is broken here is Linux."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from conftest import WriteRun

collect_ignore_glob = [] if sys.platform == "linux" else ["test_*.py"]


@pytest.fixture(autouse=True)
def _here(write_run: WriteRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(folder="ok")
    write_run([("GET", "/größe", 1000, 500)], [("GET", "/größe", "boom 冲", 500)], folder="bad")
    monkeypatch.chdir(tmp_path)
