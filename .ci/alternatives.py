"""The words that statuses are read by, and which of them tests/status would not miss.

Takes each alternative out of each regular expression in the tables of loadgate/status, one at a
time, and runs the tests of tests/status: mutmut changes functions only, and here the meaning is in
the tables beside them. Exits 1 where more is not missed than `--most` allows.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import itertools
import multiprocessing
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MODULES = ("reading", "words", "aside", "context", "forms", "pairs", "grammar")
BUILT_FROM = {"words": ("aside", "context", "pairs", "grammar"), "context": ("grammar",)}
"""Modules whose tables other modules build theirs from."""
TESTS = ("test_vocabulary", "test_forms", "test_grammar", "test_reasons", "test_collections")
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?:<?[=!]|:))?|[|)]", re.DOTALL)

Case = tuple[Callable[..., None], dict[str, Any]]
Mutant = tuple[str, str, str, str]
"""Module, table, what is taken out of it, the tables of the module without that."""
CASES: list[Case] = []


def alternatives(pattern: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each alternative among several, together with one bar beside it."""
    groups: list[list[int]] = [[0]]
    whole: list[list[int]] = []
    for token in _TOKEN.finditer(pattern):
        if token.group()[0] == "(":
            groups.append([token.end()])
        elif token.group() == "|":
            groups[-1].append(token.end())
        elif token.group() == ")" and len(groups) > 1:
            whole.append([*groups.pop(), token.end()])
    whole += [[*starts, len(pattern) + 1] for starts in groups]
    for bounds in whole:
        for start, end in itertools.pairwise(bounds):
            if len(bounds) > 2:
                yield (start, end) if start == bounds[0] else (start - 1, end - 1)


def tables(name: str) -> list[ast.stmt]:
    """Return the statements of a module that give a name to a value."""
    tree = ast.parse((ROOT / f"loadgate/status/{name}.py").read_text("utf-8"))
    return [one for one in tree.body if isinstance(one, ast.Assign | ast.AnnAssign)]


def mutants(name: str) -> Iterator[Mutant]:
    """Yield a mutant for each alternative in the tables of a module."""
    statements = tables(name)
    for statement in statements:
        table = ast.unparse(statement).partition("=")[0].partition(":")[0].strip()
        for node in ast.walk(statement):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            text = node.value
            for start, end in alternatives(text):
                node.value = text[:start] + text[end:]
                shown = (
                    f"{text[max(0, start - 25) : start]}⟦{text[start:end]}⟧{text[end : end + 25]}"
                )
                yield name, table, shown, "\n".join(map(ast.unparse, statements))
            node.value = text


def cases() -> Iterator[Case]:
    """Yield the tests of tests/status with each of their parameters."""
    for name in TESTS:
        for test in vars(importlib.import_module(f"status.{name}")).values():
            if not inspect.isfunction(test) or not test.__name__.startswith("test_"):
                continue
            rows: list[dict[str, Any]] = [{}]
            for mark in getattr(test, "pytestmark", ()):
                names, given = mark.args
                names = names.split(",") if isinstance(names, str) else names
                values = [getattr(one, "values", None) for one in given]
                sets = [
                    one if isinstance(one, tuple) else (raw,) if len(names) == 1 else raw
                    for raw, one in zip(given, values, strict=True)
                ]
                rows = [
                    row | dict(zip(names, one, strict=True))
                    for row, one in itertools.product(rows, sets)
                ]
            yield from ((test, row) for row in rows)


def survives(mutant: Mutant) -> bool:
    """Say whether no test misses what was taken out. Changes the modules: only for a fork."""
    name, _, _, source = mutant
    exec(source, vars(sys.modules[f"loadgate.status.{name}"]))
    for other in BUILT_FROM.get(name, ()):
        built = "\n".join(map(ast.unparse, tables(other)))
        exec(built, vars(sys.modules[f"loadgate.status.{other}"]))
    try:
        for test, row in CASES:
            test(**row)
    except (AssertionError, re.error):  # what is no regular expression is no mutant either
        return False
    return True


def _in_a_fork(mutant: Mutant) -> bool:
    child = os.fork()
    if child == 0:
        code = 2
        try:
            code = int(survives(mutant))
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in {0, 1}:
        raise RuntimeError(f"{mutant[1]} without {mutant[2]}: the tests broke off")
    return bool(code)


def main() -> int:
    """Print a table of the tables, then everything that no test misses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=0, metavar="N")
    most = parser.parse_args().most
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    CASES.extend(cases())
    for test, row in CASES:
        test(**row)
    every = [mutant for name in MODULES for mutant in mutants(name)]
    with multiprocessing.get_context("fork").Pool() as pool:
        alive = pool.map(_in_a_fork, every, chunksize=4)
    places = [f"{name}.{table}" for name, table, _, _ in every]
    total = Counter(places)
    missed = Counter(place for place, lives in zip(places, alive, strict=True) if not lives)
    for place, number in total.items():
        print(f"{place:28} {number:5} {missed[place]:5} missed")
    for place, (_, _, shown, _), lives in zip(places, every, alive, strict=True):
        if lives:
            print(f"{place}: {shown}")
    print(f"{missed.total()} of {len(every)} alternatives would be missed, {sum(alive)} not")
    return int(sum(alive) > most)


if __name__ == "__main__":
    sys.exit(main())
