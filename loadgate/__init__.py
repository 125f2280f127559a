"""Loadgate: tell expected failures of a Locust run from true ones, and judge the run.

The whole program is one line:

    verdict = evaluate(classify(read_run(path), policy), policy)

and every output format is `render(verdict, format)`.
"""

from __future__ import annotations

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
