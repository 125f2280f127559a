"""What a verdict says of itself in Python: its document, data frame, Markdown and repr."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from render.cases import CASES

import loadgate
from loadgate.judging.verdict import Verdict, completed
from loadgate.model import Check, Provenance
from loadgate.render import render

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "loadgate" / "schemas" / "result.json").read_text("utf-8"))
COUNTS = ["requests", "failures", "expected_failures", "true_failures"]
PUBLIC = {name: completed(one, provenance=Provenance(), series=None) for name, one in CASES.items()}


@pytest.fixture
def seed() -> Verdict:
    """Return the verdict on the run that started the project."""
    return loadgate.judge(ROOT / "examples" / "seed-run" / "run")


@pytest.mark.parametrize("case", PUBLIC)
def test_the_document_is_the_published_one(case: str) -> None:
    """It keeps to its schema, and is what the json format says."""
    verdict = PUBLIC[case]
    document = verdict.to_dict()
    jsonschema.validate(document, SCHEMA)
    assert document == json.loads(render(verdict, "json"))
    assert document["outcome"] == verdict.outcome
    assert verdict.passed == (verdict.outcome == "passed")


@pytest.mark.parametrize("case", PUBLIC)
def test_failed_checks_are_those_of_the_document(case: str) -> None:
    """Errors only, in its order; without one a run passes, or made no requests."""
    verdict = PUBLIC[case]
    failed = [
        check["require"]
        for check in verdict.to_dict()["checks"]
        if check["result"] in {"failed", "missing"} and check["severity"] == "error"
    ]
    assert [check.require for check in verdict.failed_checks] == failed
    assert bool(failed) == (verdict.outcome == "failed") or verdict.outcome == "no-evidence"


@pytest.mark.parametrize("case", PUBLIC)
def test_a_frame_has_the_same_columns_for_every_run(case: str) -> None:
    """Of the same types, be it empty; only the percentiles are the run's own."""
    frame = PUBLIC[case].endpoints_frame()
    rows = PUBLIC[case].to_dict()["endpoints"]
    kinds = {str(name): str(dtype) for name, dtype in frame.dtypes.items()}
    assert [kinds.pop(name) for name in ("method", "name")] == ["string", "string"]
    assert [kinds.pop(name) for name in (*COUNTS, "allowed", "unexplained")] == [
        *["int64"] * 4,
        "Int64",
        "int64",
    ]
    assert {"avg", "min", "max", "median", "rps"} <= kinds.keys()
    assert set(kinds.values()) == {"float64"}
    assert all(name[0] == "p" for name in kinds.keys() - {"avg", "min", "max", "median", "rps"})
    assert frame["requests"].tolist() == [row["requests"] for row in rows]
    assert frame["allowed"].isna().tolist() == [row["allowed"] is None for row in rows]


def test_a_frame_has_the_numbers_of_the_document(seed: Verdict) -> None:
    """Percentiles stand in rising order; what the files do not say is NaN."""
    frame = seed.endpoints_frame()
    row = seed.to_dict()["endpoints"][0]
    first = frame.iloc[0]
    assert (first["method"], first["name"]) == (row["method"], row["name"])
    assert first["p95"] == row["percentiles"]["95"]
    assert first["rps"] == row["rps"]
    names = [name for name in frame.columns if name[0] == "p"]
    assert names == sorted(names, key=lambda name: float(name[1:]))
    assert frame["true_failures"].sum() == seed.to_dict()["totals"]["true_failures"]
    assert frame["true_failures"].is_monotonic_decreasing


def test_an_endpoint_called_na_is_a_name() -> None:
    """Pandas does not take it for a missing value."""
    frame = PUBLIC["hostile"].endpoints_frame()
    assert not frame["name"].isna().any()
    assert isinstance(frame, pd.DataFrame)


def test_pandas_is_not_installed(seed: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is told, and how to install it."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(loadgate.UsageError, match="needs pandas.*pip install pandas"):
        seed.endpoints_frame()


def test_notebooks_show_markdown() -> None:
    """The same as every other place does, with secrets masked."""
    verdict = PUBLIC["hostile"]
    shown = verdict._repr_markdown_()
    assert shown == render(verdict, "markdown")
    texts = (shown, repr(verdict), str(verdict.to_dict()), repr(verdict.failed_checks))
    assert "hunter2" not in "".join((*texts, verdict.endpoints_frame().to_csv()))


@pytest.mark.parametrize("case", PUBLIC)
def test_its_repr_is_one_short_line(case: str) -> None:
    """With the outcome and the counts, whatever the label holds."""
    verdict = PUBLIC[case]
    run = replace(verdict.classification.run, label="x\n\x1b[31m" * 99)
    hostile = replace(verdict, classification=replace(verdict.classification, run=run))
    for text in (repr(verdict), repr(hostile)):
        assert text.startswith(f"<Verdict {verdict.outcome}: ")
        assert text.isprintable()
        assert len(text) < 240


def test_warnings_fail_no_gate() -> None:
    """A check that only warns is no failed one."""
    checks = [check for one in PUBLIC.values() for check in one.checks]
    warned = [check for check in checks if check.severity == "warning" and check.result == "failed"]
    assert warned
    assert not any(map(Check.fails.fget, warned))  # type: ignore[attr-defined] # it is a property
