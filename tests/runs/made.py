"""Result documents made to order, and collections as bytes to compare."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from builders import (
    STATE,
    WHEN,
    check,
    classification,
    endpoint_result,
    failure_kind,
    rule,
    rule_result,
    run,
    source,
    stats,
    verdict,
)

from loadgate.model import Provenance
from loadgate.render import render
from loadgate.rules import load_policy
from loadgate.runs.candidate import Candidate
from loadgate.runs.load import Task
from loadgate.summary import Collection

TASK = Task(policy=load_policy("optimistic-locking"), allow_partial=False, rejudged=False)

Document = dict[str, Any]


def document(number: int = 0, *, label: str | None = None) -> Document:
    """Return the result document of the run of a certain hour; no two of them are the same run."""
    begin = WHEN.started + timedelta(hours=number)
    rows = (
        endpoint_result(requests=1000 + number, expected=10, true=3),
        endpoint_result("/tools", method="GET", requests=500, expected=0),
    )
    judged = run(
        label=label or f"nightly {number}",
        sources=(source(), source("run_failures.csv", role="failures")),
        endpoints=[row.stats for row in rows],
        total=stats("Aggregated", method="", requests=1500 + number, failures=13),
        time=replace(WHEN, started=begin, ended=begin + timedelta(minutes=5)),
    )
    text = render(
        verdict(
            check(
                "true_failure_rate <= 0.1%",
                actual=Fraction(3, 1500 + number),
                result="failed",
            ),
            check("p95 <= 800ms", endpoint="GET /tools", actual="900ms", result="failed"),
            check("p99 <= 100ms", actual="120ms", result="failed", severity="warning"),
            check(
                "expected_failure_rate <= 25%",
                endpoint=f"POST {STATE}",
                actual="1%",
                rule="toggle-conflict",
            ),
            outcome="failed",
            of=classification(
                of=judged,
                endpoints=rows,
                failures=[
                    failure_kind(decision="true", status=500, rule=None, count=3),
                    failure_kind(decision="expected", rule="toggle-conflict", count=10),
                ],
                rules=[rule_result(rule("toggle-conflict", at_most="25%", why="409 is an answer"))],
                warnings=("a warning",),
            ),
            provenance=Provenance(branch="main", commit="abc", link="https://ci.example/1"),
        ),
        "json",
    )
    loaded: Document = json.loads(text)
    return loaded


def write(path: Path, of: Document | str | None = None) -> str:
    """Write a document, by default a sound one, and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = of if isinstance(of, str) else json.dumps(document() if of is None else of)
    path.write_text(text, encoding="utf-8")
    return str(path)


def week(folder: Path, number: int, *, change: Callable[[Document], None] | None = None) -> Path:
    """Write so many documents of different runs into a folder."""
    text = json.dumps(document())
    for hour in range(number):
        of = json.loads(text)
        begin = WHEN.started + timedelta(hours=hour)
        of["run"] |= {
            "label": f"nightly {hour}",
            "started": begin.isoformat(),
            "ended": (begin + timedelta(minutes=5)).isoformat(),
        }
        if change is not None:
            change(of)
        write(folder / f"{hour:05}.json", of)
    return folder


def named(path: str | Path) -> Candidate:
    """Return a result document that the user named."""
    return Candidate(path=os.fspath(path), form="json")


def as_bytes(collection: Collection) -> bytes:
    """Return everything that a collection says."""
    return json.dumps(dataclasses.asdict(collection), default=str).encode()
