"""Paths in, what the runs behind them measured out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from builders import policy

from loadgate.collect.judge import Task
from loadgate.collect.measured import measure

NIGHT = Path(__file__).parents[2] / "examples" / "weeks" / "2026-11-18.json"


def test_a_document_within_another_is_none(tmp_path: Path) -> None:
    """Some other program's JSON that quotes a result document is no run, and no problem."""
    shutil.copy(NIGHT, tmp_path)
    quoted = {"kept": json.loads(NIGHT.read_text("utf-8"))}
    (tmp_path / "other.json").write_text(json.dumps(quoted), "utf-8")
    group = measure([str(tmp_path)], Task(policy=policy(), allow_partial=False, anew=False))
    ((record, measured),) = group.runs
    assert record.label == "nightly 2026-11-18"
    assert (measured.total.requests, measured.total.true) == (record.requests, record.true)
    assert group.broken == ()
