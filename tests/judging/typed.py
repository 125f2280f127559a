"""What a user writes: mypy checks the types, here with our tests and in test_api.py as a user has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import pandas as pd

import loadgate

policy = loadgate.load_policy("loadgate.toml", thresholds=["p95 <= 800ms"])
assert_type(policy, loadgate.Policy)
run = loadgate.read_run(Path("run_stats.csv"))
assert_type(run, loadgate.Run)
verdict = loadgate.judge(run, rules=policy)
assert_type(verdict, loadgate.Verdict)
assert_type(loadgate.judge([Path("a"), "b"], merge=True, baseline=[verdict, {}]), loadgate.Verdict)
assert_type(verdict.passed, bool)
assert_type(verdict.failed_checks, tuple[loadgate.Check, ...])
assert_type(verdict.to_dict(), dict[str, Any])
assert_type(verdict.endpoints_frame(), pd.DataFrame)
assert_type(loadgate.render(verdict, "junit"), str)
assert_type(loadgate.render(verdict, "csv"), str)
assert_type(loadgate.__version__, str)
try:
    loadgate.judge("run")
except loadgate.RulesError as error:
    assert_type(error.problems, tuple[str, ...])
except loadgate.ResultError as error:
    assert_type(error.place, str)
