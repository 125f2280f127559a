"""A recorded run in, its verdict by two rules files out: what `make demo` shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
RUN = "examples/runs"
OUTPUTS = "demo"


def judge(rules: str, report: str) -> int:
    """Judge the run by these rules, in the words that a user would type; return the exit code."""
    command = [
        *("loadgate", "check", RUN, "--rules", f"{RUN}/{rules}"),
        *("--output", "text", "--output", f"markdown:{OUTPUTS}/{report}.md"),
        *("--output", f"json:{OUTPUTS}/{report}.json"),
    ]
    print("$ " + " ".join(command).replace(" --output", " \\\n    --output", 1), flush=True)
    code = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode
    print(f"(exit code {code})\n", flush=True)
    return code


def main() -> int:
    """Show a check that passes and one that fails; anything else is an error of the demo."""
    codes = judge("loadgate.toml", "passed"), judge("strict.toml", "failed")
    print(f"The verdicts are also in {OUTPUTS}/, as Markdown and JSON.")
    return 0 if codes == (0, 1) else 2


if __name__ == "__main__":
    sys.exit(main())
