"""The gate's verdict on a recording that is written, by the command that everybody else uses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass

from loadgate.recorder.options import Options

ERROR = 2
WORST_FIRST = (130, 70, ERROR, 1, 3, 0)
"""As in loadgate.cli.exit_codes, which this room does not import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What `loadgate check` says of a recording."""

    code: int
    """Its exit code."""
    text: str
    """What it printed."""


def judge(options: Options, folder: str) -> Judgement:
    """Return the verdict on the recording, as `loadgate check` in this folder gives it."""
    words = ["check", options.file, *options.judged_by]
    if options.outputs:
        outputs = dict.fromkeys(("text", *options.outputs))
        words += [word for each in outputs for word in ("--output", each)]
    # Its output is a pipe, so it does not see how wide the terminal is.
    wide = {"COLUMNS": str(shutil.get_terminal_size().columns)} if sys.stdout.isatty() else {}
    # A process of its own: here everything is patched by gevent, and signals are Locust's.
    try:
        done = subprocess.run(  # noqa: S603 - the command is our own
            [sys.executable, "-P", "-m", "loadgate", *words],
            cwd=folder,
            env=os.environ | wide,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="backslashreplace",
            check=False,
        )
    except OSError as error:  # no memory, no more processes
        text = f"loadgate: cannot judge the run: {error}; run: loadgate check {options.file}\n"
        return Judgement(code=ERROR, text=text)
    code = done.returncode if done.returncode in WORST_FIRST else ERROR
    return Judgement(code=code, text=done.stdout)


def exit_code(code: object, *, judged: bool, tested: bool) -> int:
    """Return the exit code of a Locust that ended with `code`.

    Locust ends with 1 for much that is wrong with its command line or locustfile; of ours it says
    that the gate failed. `tested` says that a load test was about to begin: without a verdict
    even 0 is an error then.
    """
    if judged and isinstance(code, int):
        return code
    return ERROR if tested or code not in {None, 0} else 0


def worst(codes: Collection[int]) -> int:
    """Return the code that counts among several."""
    return min(codes, key=WORST_FIRST.index)
