"""Loadgate: tell expected failures of a Locust run from true ones, and judge the run.

>>> verdict = loadgate.judge("run_stats.csv", rules="loadgate.toml")
>>> verdict.passed
True

`judge` does what `loadgate check` does, and its verdict is the same document. What a user can put
right is a LoadgateError, whose text says what is wrong, where, and what to do.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loadgate.errors import (
        ContradictionError,
        LoadgateError,
        ResultError,
        RulesError,
        UsageError,
    )
    from loadgate.judging.judge import judge
    from loadgate.judging.verdict import Verdict
    from loadgate.model import Check, Policy, Run
    from loadgate.read import read_run
    from loadgate.render import render
    from loadgate.rules import load_policy

__all__ = [
    "Check",
    "ContradictionError",
    "LoadgateError",
    "Policy",
    "ResultError",
    "RulesError",
    "Run",
    "UsageError",
    "Verdict",
    "judge",
    "load_policy",
    "read_run",
    "render",
]
__version__ = "0.1.0"

_HOMES = {
    "Check": "model",
    "ContradictionError": "errors",
    "LoadgateError": "errors",
    "Policy": "model",
    "ResultError": "errors",
    "RulesError": "errors",
    "Run": "model",
    "UsageError": "errors",
    "Verdict": "judging.verdict",
    "judge": "judging.judge",
    "load_policy": "rules",
    "read_run": "read",
    "render": "render",
}
"""The module of each name: it is imported when the name is used."""


class _Package(ModuleType):
    """The package, in which a function comes before the module of the same name.

    The command must heed signals, and tell of what cannot be imported, before most is imported.
    """

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 - as any module has it
        home = _HOMES.get(name)
        if home is None:
            return super().__getattribute__(name)
        return getattr(import_module(f"loadgate.{home}"), name)

    def __dir__(self) -> list[str]:
        return [*__all__, "__version__"]


sys.modules[__name__].__class__ = _Package
