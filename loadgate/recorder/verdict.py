"""The gate's verdict on a recording that is written, by the command that everybody else uses."""

from __future__ import annotations

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


def judge(path: str, options: Options) -> Judgement:
    """Return the verdict on a recording."""
    words = ["check", path]
    words += [] if options.rules is None else ["--rules", options.rules]
    words += [word for each in options.thresholds for word in ("--threshold", each)]
    # A process of its own: here everything is patched by gevent, and signals are Locust's.
    done = subprocess.run(  # noqa: S603 - the command is our own
        [sys.executable, "-P", "-m", "loadgate", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="backslashreplace",
        check=False,
    )
    code = done.returncode if done.returncode in WORST_FIRST else ERROR
    return Judgement(code=code, text=done.stdout)


def worst(codes: Collection[int]) -> int:
    """Return the code that counts among several."""
    return min(codes, key=WORST_FIRST.index)
