"""Loadgate: tell expected failures of a Locust run from true ones, and judge the run.

The whole program is one line:

    verdict = evaluate(classify(read_run(path), policy), policy)

and every output format is `render(verdict, format)`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loadgate.classify import classify
    from loadgate.errors import LoadgateError
    from loadgate.gate import evaluate
    from loadgate.model import Classification, Policy, Run, Verdict
    from loadgate.read import read_run
    from loadgate.render import render
    from loadgate.rules import load_policy

__all__ = [
    "Classification",
    "LoadgateError",
    "Policy",
    "Run",
    "Verdict",
    "classify",
    "evaluate",
    "load_policy",
    "read_run",
    "render",
]
__version__ = "0.1.0"

_HOMES = {
    "Classification": "model",
    "LoadgateError": "errors",
    "Policy": "model",
    "Run": "model",
    "Verdict": "model",
    "classify": "classify",
    "evaluate": "gate",
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


sys.modules[__name__].__class__ = _Package
