"""The gate's verdict on a recording that is written, by the command that everybody else uses."""

from __future__ import annotations

import subprocess
import sys
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
    words = ["check", options.file]
    words += [] if options.rules is None else ["--rules", options.rules]
    words += [word for each in options.thresholds for word in ("--threshold", each)]
    # A process of its own: here everything is patched by gevent, and signals are Locust's.
    try:
        done = subprocess.run(  # noqa: S603 - the command is our own
            [sys.executable, "-P", "-m", "loadgate", *words],
            cwd=folder,
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
