"""The mutants of each module that the tests killed, counted from `mutmut run`.

Names every survivor that .ci/equivalent-mutants.toml does not list with its reason. Exits 1 where
fewer than 95 % were killed in a module of the promise, or where that list names one that is dead.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections import Counter
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant

ROOT = Path(__file__).parents[1]
PROMISE = ("status/", "rules.py", "classify.py", "gate.py")
LEAST = 0.95
KILLED = {1, 3}
"""Exit codes of pytest: a test failed, an error stopped the run."""
TIMEOUTS = {-24, 24, 36, 152, 255}
"""How mutmut marks a mutant whose tests found no end: a test noticed it, too."""


def change(mutant: str) -> tuple[str, str]:
    """Return the lines that the mutant took out and put in, on one line each."""
    lines = get_diff_for_mutant(mutant).splitlines()[2:]
    taken = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    put = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
    return taken, put


def main() -> int:
    """Print a table of the modules, then every mutant that should not live."""
    listed = tomllib.loads((ROOT / ".ci/equivalent-mutants.toml").read_text("utf-8"))["mutant"]
    reasons = {(one["in"], one["was"], one["becomes"]): one["why"] for one in listed}
    unused = dict(reasons)
    wrong: list[str] = []
    survivors: list[str] = []
    print(f"{'module':28} {'mutants':>7} {'killed':>7} {'equivalent':>10} {'survived':>8}")
    for file in sorted(ROOT.glob("mutants/loadgate/**/*.meta")):
        codes: dict[str, int | None] = json.loads(file.read_text("utf-8"))["exit_code_by_key"]
        if not codes:
            continue
        module = str(file.relative_to(ROOT / "mutants")).removesuffix(".meta")
        counts: Counter[str] = Counter()
        for mutant, code in codes.items():
            if code in KILLED | TIMEOUTS:
                counts["killed"] += 1
                continue
            key = (module, *change(mutant))
            unused.pop(key, None)
            counts["equivalent" if key in reasons else "survived"] += 1
            if key not in reasons:
                survivors.append(f"{mutant} (exit code {code})\n  - {key[1]}\n  + {key[2]}")
        numbers = counts["killed"], counts["equivalent"], counts["survived"]
        if module.startswith(tuple(f"loadgate/{one}" for one in PROMISE)) and (
            counts["killed"] < LEAST * len(codes)
        ):
            wrong.append(f"{module}: fewer than {LEAST:.0%} of its mutants were killed")
        print(f"{module:28} {len(codes):7} {numbers[0]:7} {numbers[1]:10} {numbers[2]:8}")
    wrong += [f"{key[0]}: listed as equivalent, but none survived: {key[2]}" for key in unused]
    print(*survivors, *wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
