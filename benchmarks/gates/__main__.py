"""`make gates`: who is fooled by what.

    cd benchmarks && python -m gates [--only NAME ...] [--situations NAME ...] [--record]

It lets each contestant judge each situation, keeps the answers in results.json and writes the
tables of docs/development/who-is-fooled.md. README.md says how to add a situation or a contestant.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gates.contestants import CONTESTANTS, Contestant
from gates.cost import costs
from gates.environments import install
from gates.page import RESULTS, UNUSABLE, cell, load, write
from gates.play import RECORDED, UnusableError, ask, keep
from gates.situations import SITUATIONS, Situation

NAMES = [contestant.name for contestant in CONTESTANTS]
WHATS = [situation.name for situation in SITUATIONS]


def main() -> None:
    """Record what is missing, ask everybody, write the page."""
    options = parse_options()
    wanted = [situation for situation in SITUATIONS if situation.name in options.situations]
    for situation in wanted:
        if options.record or not (RECORDED / situation.name).is_dir():
            print(f"recording {situation.name}", flush=True)
            folder = Path(tempfile.mkdtemp(prefix="gates-"))
            keep(situation, folder)
            shutil.rmtree(folder)
    results = load() if RESULTS.exists() else {"answers": {}, "installed": {}, "costs": {}}
    ready = []
    for contestant in CONTESTANTS:
        if contestant.name in options.only:
            if question(contestant, wanted, results):
                ready.append(contestant)
            write(results)
    if options.costs:
        results["costs"] |= costs(ready)
    write(results)


def question(
    contestant: Contestant, wanted: Sequence[Situation], results: dict[str, dict[str, Any]]
) -> bool:
    """Install a contestant and keep its answers; return whether it can be used here."""
    try:
        versions = install(contestant)
        for situation in wanted:
            answer = judge(contestant, situation)
            results["answers"].setdefault(situation.name, {})[contestant.name] = answer
            shown = f"{answer or '-':12} {cell(situation, answer)}"
            print(f"{contestant.name:18} {situation.name:22} {shown}", flush=True)
    except UnusableError as error:
        print(f"{contestant.name} cannot be used here:\n{error}", flush=True)
        results["installed"][contestant.name] = UNUSABLE
        for answers in (*results["answers"].values(), results["costs"]):
            answers.pop(contestant.name, None)
        return False
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    results["installed"][contestant.name] = told
    return True


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Which gate is fooled by what?")
    parser.add_argument(
        "--only", nargs="+", choices=NAMES, default=NAMES, help="ask these and keep other answers"
    )
    parser.add_argument(
        "--situations", nargs="+", choices=WHATS, default=WHATS, help="the same for situations"
    )
    parser.add_argument("--record", action="store_true", help="let Locust run them anew")
    parser.add_argument(
        "--no-costs", dest="costs", action="store_false", help="measure no time and memory"
    )
    return parser.parse_args()


def judge(contestant: Contestant, situation: Situation) -> str | None:
    """Return a contestant's answer; None if it cannot express what the situation is about."""
    if situation.needs in contestant.cannot:
        return None
    folder = Path(tempfile.mkdtemp(prefix="gates-"))
    done = ask(contestant, situation, folder)
    shutil.rmtree(folder)
    return contestant.answer(done.code, done.output)


if __name__ == "__main__":
    main()
