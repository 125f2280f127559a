"""docs/development/confidence.md: its figures are those that its benchmark computes."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "development" / "confidence.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    """Return the script; without SciPy, skip."""
    pytest.importorskip("scipy")
    spec = importlib.util.spec_from_file_location(
        "confidence_benchmark", ROOT / "benchmarks" / "confidence.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_exact_figures_are_those_of_the_benchmark(
    benchmark: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Row by row. The simulated ones may change with a release of NumPy, so they are not held."""
    benchmark.exact_false_alarms()
    benchmark.exact_misses()
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert len(rows) == 29
    assert [row for row in rows if row not in PAGE.splitlines()] == []


def test_the_simulation_judges_as_loadgate_does(benchmark: ModuleType) -> None:
    """The bound in floating point, for thousands of runs at once, decides as the exact one."""
    import numpy as np

    requests = 3000
    counts = np.arange(requests + 1)
    for level in (None, 0.8, 0.95, 0.99):
        fails = benchmark.judge(counts, requests, level)
        assert int(np.argmax(fails)) == benchmark.first_failing(requests, benchmark.LIMIT, level)
