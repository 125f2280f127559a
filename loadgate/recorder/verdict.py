"""The gate's verdict on a recording that is written, by the command that everybody else uses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

from loadgate.published import address, see
from loadgate.recorder.options import Options

ERROR = 2
WORSE = frozenset({70, 130})
"""Codes that say more than ERROR: a bug, or that somebody interrupted."""
_CODES = WORSE | {0, 1, ERROR, 3}
"""As in loadgate.cli.exit_codes, which this room does not import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What `loadgate check` says of a recording."""

    code: int
    """Its exit code."""
    text: str
    """What it printed."""


def judge(options: Options, folder: str, *, warned: bool = False) -> Judgement:
    """Return the verdict on the recording, as `loadgate check` in this folder gives it.

    `warned`: there were warnings when the run began, which count as those of the verdict do.
    """
    outputs = dict.fromkeys(("text", *options.outputs)) if options.outputs else ()
    words = [word for each in outputs for word in ("--output", each)]
    if options.warning_exit_code:
        words += ["--warning-exit-code", options.warning_exit_code]
    # Its output is a pipe, so it does not see how wide the terminal is.
    wide = {"COLUMNS": str(shutil.get_terminal_size().columns)} if sys.stdout.isatty() else {}
    try:
        done = _check(options, folder, *words, stderr=subprocess.STDOUT, **wide)
    except OSError as error:  # no memory, no more processes
        text = f"loadgate: cannot judge the run: {error}; run: loadgate check {options.file}"
        return Judgement(code=ERROR, text=f"{text}\n{see(address('recorder'))}\n")
    passed_with_warnings = str(done.returncode) == options.warning_exit_code
    code = done.returncode if passed_with_warnings else _code(done)
    if warned and code == 0 and int(options.warning_exit_code or 0):
        code = int(options.warning_exit_code)
        text = f"{done.stdout}loadgate: passed with warnings: exit code {code}\n"
        return Judgement(code=code, text=f"{text}{see(address('outputs#warnings'))}\n")
    return Judgement(code=code, text=done.stdout)


def result_of(options: Options, folder: str, *, partial: bool) -> tuple[str, str]:
    """Return the result document that `loadgate check` writes of the recording, and no problem.

    Else an empty text and what the problem is. `partial` also judges a run that did not finish.
    """
    words = ("--output", "json", *(("--allow-partial",) if partial else ()))
    try:
        done = _check(options, folder, *words, stderr=subprocess.PIPE)
    except OSError as error:  # as above
        return "", f"cannot judge the run: {error}"
    if _code(done) in {ERROR, *WORSE}:
        return "", done.stderr.strip() or f"loadgate check ended with {done.returncode}"
    return done.stdout, ""


def _check(
    options: Options, folder: str, *words: str, stderr: int, **settings: str
) -> subprocess.CompletedProcess[str]:
    # A process of its own: here everything is patched by gevent, and signals are Locust's.
    return subprocess.run(  # noqa: S603 - the command is our own
        [sys.executable, "-P", "-m", "loadgate", "check", options.file, *options.judged_by, *words],
        cwd=folder,
        env=os.environ | settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        encoding="utf-8",
        errors="backslashreplace",
        check=False,
    )


def _code(done: subprocess.CompletedProcess[str]) -> int:
    return done.returncode if done.returncode in _CODES else ERROR
