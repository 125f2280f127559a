"""A stand-in for GitHub's command line: answers as recorded, and refuses what it does not know.

    gh.py ANSWERS ARGUMENT...

ANSWERS is the folder of the answers; `calls` in it lists what was asked.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main(answers: Path, arguments: list[str]) -> None:
    """Answer one call."""
    with (answers / "calls").open("a", encoding="utf-8") as calls:
        calls.write(json.dumps(arguments) + "\n")
    match arguments:
        case ["api", *_, path]:
            answer = answers / path.partition("?")[0].replace("/", "_")
            if not answer.exists():
                sys.exit(f"HTTP 404: {path}")
            sys.stdout.buffer.write(answer.read_bytes())
        case ["issue", "list", *options]:
            assert "app/github-actions" in options, options
            assert "all" in options, options
            issues = json.loads((answers / "issues").read_text())
            found = [one["number"] for one in issues if one["title"] == os.environ["TITLE"]]
            sys.stdout.write("".join(f"{number}\n" for number in found[:1]))
        case ["issue", "edit" | "create" as verb, *options]:
            body = Path(options[options.index("--body-file") + 1]).read_text("utf-8")
            (answers / "written").write_text(json.dumps([verb, options, body]))
        case ["release", "create", *_]:
            pass
        case other:
            sys.exit(f"unknown: {other}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
