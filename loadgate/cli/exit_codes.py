"""Exit codes: what each one means, for the process and for help texts."""

from __future__ import annotations

from collections.abc import Collection

from loadgate.errors import UsageError

FAILED = 1
ERROR = 2
NO_EVIDENCE = 3
BUG = 70
INTERRUPTED = 130

OUTCOMES = {"passed": 0, "failed": FAILED, "no-evidence": NO_EVIDENCE}
"""Of a verdict."""

WORST_FIRST = (BUG, ERROR, FAILED, NO_EVIDENCE, 0)
"""Of several runs the first in this order counts."""


_FREE: dict[str, int] = {str(code): code for code in (0, *range(4, BUG), *range(BUG + 1, 120))}
"""Codes for a run that passed with warnings. From 120 on they are those of Python, timeout, xargs,
shells and signals: a run that never was would seem to have passed."""


def warning_code(text: str) -> int:
    """Return the code that `--warning-exit-code` asks for; 0: none. Raises UsageError."""
    if text not in _FREE:
        raise UsageError(
            f"--warning-exit-code {text}: choose a number from 4 to 119, but not {BUG}; the others"
            " have a meaning of their own, in loadgate or in the shell"
        )
    return _FREE[text]


def worst(codes: Collection[int]) -> int:
    """Return the exit code of a command whose runs have these."""
    return min(codes, key=WORST_FIRST.index)


_OTHERS = """  70   a bug in loadgate
  130  interrupted; 143 by SIGTERM, 129 by SIGHUP
"""

OF_CHECK = f"""\b
Exit codes:
  0    passed, unless there are warnings and --warning-exit-code is given
  1    the gate failed: a threshold or a budget is exceeded
  2    wrong usage, bad rules file, or a run that cannot be judged
  3    no evidence: no requests were made
{_OTHERS}"""

OF_LINT = f"""\b
Exit codes:
  0    no errors; with --strict no warnings either
  1    errors were found; with --strict, errors or warnings
  2    wrong usage, invalid rules file, unreadable or contradictory results
{_OTHERS}"""

OF_TEST = f"""\b
Exit codes:
  0    all examples pass
  1    an example fails
  2    wrong usage, invalid rules file
  3    no evidence: the file has no examples
{_OTHERS}"""

OF_TEACH = f"""\b
Exit codes:
  0    done; with --check, the rules file has every wording
  1    with --check, the rules file lacks a wording
  2    wrong usage, bad rules file, or a locustfile that cannot be read
{_OTHERS}"""

OF_ALL_ELSE = f"""\b
Exit codes:
  0    done
  2    wrong usage, bad rules file, unreadable or contradictory results
{_OTHERS}"""

OF_REPORT = f"""\b
Exit codes:
  0    the report is written, whatever it says
  2    wrong usage, bad rules file, or results that could not be read; these
       are listed, and the report is written all the same
{_OTHERS}"""
