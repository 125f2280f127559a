"""Recorded runs in, two verdicts and a weekly report out: what `make demo` shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
RUN = "examples/runs"
OUTPUTS = "demo"


def judge(rules: str, report: str) -> int:
    """Judge the run by these rules; return the exit code."""
    return show(
        *("loadgate", "check", RUN, "--rules", f"{RUN}/{rules}"),
        *("--output", "text", "--output", f"markdown:{OUTPUTS}/{report}.md"),
        *("--output", f"json:{OUTPUTS}/{report}.json"),
    )


def report() -> int:
    """Report on a recorded week of nightly runs; return the exit code."""
    return show(
        *("loadgate", "report", "examples/weeks", "--week", "2026-W47", "--today", "2026-11-23"),
        *("--output", f"markdown:{OUTPUTS}/weekly.md", "--output", f"html:{OUTPUTS}/weekly.html"),
    )


def show(*command: str) -> int:
    """Run a command in the words that a user would type; return its exit code."""
    print("$ " + " ".join(command).replace(" --output", " \\\n    --output", 1), flush=True)
    code = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode
    print(f"(exit code {code})\n", flush=True)
    return code


def main() -> int:
    """Show a check that passes, one that fails, and a report; all else is an error of the demo."""
    codes = judge("loadgate.toml", "passed"), judge("strict.toml", "failed"), report()
    print(
        f"The verdicts are also in {OUTPUTS}/, as Markdown and JSON, and so is the report on a week"
    )
    print(
        f"of nightly runs: {OUTPUTS}/weekly.md, and {OUTPUTS}/weekly.html to look at in a browser."
    )
    return 0 if codes == (0, 1, 0) else 2


if __name__ == "__main__":
    sys.exit(main())
