"""A folder of result documents in, a Markdown table of their verdicts out."""

from __future__ import annotations

import html
import json
import re
import sys
from pathlib import Path


def main() -> None:
    """Print the table, oldest run first; or that there is nothing to report."""
    documents = [json.loads(path.read_bytes()) for path in Path(sys.argv[1]).rglob("*.json")]
    print("# Load tests of the last two weeks\n")
    if not documents:
        print("No load test left a result.")
        return
    print("| started | run | verdict | requests | failures = expected + true |")
    print("|---|---|---|--:|--:|")
    for document in sorted(documents, key=lambda one: (str(one["run"]["started"]), str(one))):
        run, totals = document["run"], document["totals"]
        failures = "{failures:,} = {expected_failures:,} + {true_failures:,}".format(**totals)
        cells = (run["started"], run["label"], document["outcome"], f"{totals['requests']:,}")
        print(f"| {' | '.join(map(_cell, cells))} | {failures} |")


def _cell(text: object) -> str:
    """Return a text in which nothing means anything to Markdown or HTML."""
    line = " ".join(str(text).split())
    return re.sub(r"([\\`*_{}\[\]()#+!|~@-])", r"\\\1", html.escape(line))


main()
