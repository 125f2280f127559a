"""Tests of what the runs behind some paths measured."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from builders import STATE, policy

from loadgate.runs.load import Task
from loadgate.runs.measured import measure

from . import made

TASK = Task(policy=policy(), allow_partial=False, rejudged=False)
NIGHT = Path(__file__).parents[2] / "examples" / "weeks" / "2026-11-18.json"


def test_a_document_within_another_is_none(tmp_path: Path) -> None:
    """Some other program's JSON that quotes a result document is no run, and no problem."""
    shutil.copy(NIGHT, tmp_path)
    quoted = {"kept": json.loads(NIGHT.read_text("utf-8"))}
    (tmp_path / "other.json").write_text(json.dumps(quoted), "utf-8")
    group = measure([str(tmp_path)], TASK)
    ((record, measured),) = group.runs
    assert record.label == "nightly 2026-11-18"
    assert (measured.total.requests, measured.total.true) == (record.requests, record.true)
    assert group.broken == ()


def test_what_is_compared_is_read_back(tmp_path: Path) -> None:
    """Load, statuses and exceptions of a document are those of the run that it is about."""
    path = tmp_path / "now.json"
    path.write_text(json.dumps(made.document()), "utf-8")
    ((_, measured),) = measure([str(path)], TASK).runs
    assert measured.total.numbers["duration"] == 300
    assert "users" not in measured.total.numbers
    assert measured.total.statuses == {409: 10, 500: 3}
    assert measured.endpoints["POST", STATE].statuses == {409: 10, 500: 3}
    assert measured.endpoints["GET", "/tools"].statuses == {}


def test_documents_of_an_older_loadgate(tmp_path: Path) -> None:
    """They have neither users nor a duration, so that nothing is known of them."""
    of = made.document()
    del of["run"]["users"], of["run"]["duration"]
    path = tmp_path / "old.json"
    path.write_text(json.dumps(of), "utf-8")
    ((_, measured),) = measure([str(path)], TASK).runs
    assert not {"users", "duration"} & measured.total.numbers.keys()
