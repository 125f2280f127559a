"""The snapshot script notices what changed, and tells decisions from prose."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import snapshot
from snapshot_diff import differences

RESULT: dict[str, Any] = {
    "outcome": "failed",
    "totals": {"true_failures": 2},
    "failures": [
        {"method": "GET", "name": "/a", "status": 500, "signature": "boom", "count": 1},
        {"method": "GET", "name": "/b", "status": None, "signature": "bang", "count": 1},
    ],
    "warnings": ["the run was short"],
}


def changed(name: str, old: str, new: str) -> list[tuple[str, bool]]:
    """Return which fields or lines differ, and whether that is a decision."""
    return [(what, decision) for what, _, decision in differences(name, old, new)]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"outcome": "passed"}, [("outcome", True)]),
        ({"totals": {"true_failures": 3}}, [("totals.true_failures", True)]),
        ({"totals": {"true_failures": 2.0}}, [("totals.true_failures", True)]),
        ({"totals": {}}, [("totals.true_failures", True)]),
        ({"partial": False}, [("partial", True)]),
        ({"warnings": ["it was a short run"]}, [("warnings[]", False)]),
        ({"warnings": []}, [("warnings[]", True)]),
        ({"failures": RESULT["failures"][:1]}, [("failures[]", True)]),
        ({"failures": RESULT["failures"][::-1]}, [("failures[] (order)", True)]),
    ],
)
def test_fields(change: dict[str, Any], found: list[tuple[str, bool]]) -> None:
    """Each field that differs is found, one that is there or gone, too; most are decisions."""
    old, new = json.dumps(RESULT), json.dumps({**RESULT, **change})
    assert changed("out/result.json", old, new) == found
    assert changed("out/result.json", old, old) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "decides"),
    [
        ("exit code", "0", "1", True),
        ("stdout", "FAILED  run: 2 true failures", "FAILED  run: true failures are 2", False),
        ("stdout", "FAILED  run: 2 true failures", "PASSED  run: 2 true failures", True),
        ("stdout", "12 requests", "13 requests", True),
        ("stdout", "one\ntwo", "two\none", False),
        ("out/github.txt", "::error::no", "::warning::no", True),
        ("out/locust_stats.csv", "GET,/a,1", "GET,/b,1", True),
        ("out/result.xml", '<t tests="1"><testcase/></t>', '<t tests="2"><testcase/></t>', True),
        ("out/result.xml", "<t><testcase/></t>", "<t><testcase><failure/></testcase></t>", True),
        ("out/result.xml", "<t><testcase/></t>", '<t><testcase name="x"/></t>', False),
        ("out/report.html", "<b>1</b>", "<b>2</b>", False),
    ],
)
def test_texts(name: str, old: str, new: str, decides: bool) -> None:
    """An exit code, a figure, an annotation, a row or a test decides; words and their order do not."""
    assert changed(name, old, new)
    assert any(decision for _, decision in changed(name, old, new)) == decides


@pytest.mark.prove
def test_the_command(tmp_path: Path) -> None:
    """It finds nothing where nothing changed, and ends with 1 for a decision, unless it is meant."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, snapshot.__file__, *arguments, "--only=examples/seed-run"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    kept = tmp_path / "kept"
    assert call("write", str(kept)).returncode == 0
    assert call("write", str(kept)).returncode == 2, "a snapshot is never written over"
    same = call("compare", str(kept))
    assert (same.stdout, same.returncode) == ("0 decisions changed\n0 texts changed\n", 0)
    path = kept / "examples+seed-run.json.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        cases = json.load(file)
    document = json.loads(cases["check default"]["out/result.json"])
    document["totals"]["true_failures"] += 1
    cases["check default"]["out/result.json"] = json.dumps(document)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        json.dump(cases, file)
    other = call("compare", str(kept))
    assert "check result.json: totals.true_failures: in 1\n" in other.stdout
    assert other.returncode == 1
    assert call("compare", str(kept), "--meant=totals.true_failures").returncode == 0
    assert call("compare", str(tmp_path / "none")).returncode == 2
    assert call("write", str(snapshot.ROOT / "here")).returncode == 2
