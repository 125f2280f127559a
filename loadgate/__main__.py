"""The process of the `loadgate` command: its signals and its exit code."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from loadgate import signals
from loadgate.published import address, see

_ERROR = 2
"""As in loadgate.cli.exit_codes, which may be what cannot be imported."""


def main() -> NoReturn:
    """Run `loadgate`, and end the process with its exit code."""
    signals.heed_signals()
    _fill_gaps()
    # A check leaves no cycles that grow; looking for them takes 4 % of the time of a million rows.
    gc.disable()
    try:
        from loadgate.cli import run

        code = run()
    except signals.Ended as error:
        code = error.code
    except (ImportError, OSError, MemoryError) as error:
        # Python's own exit code would be 1, which says that the gate failed.
        reason = f"{type(error).__name__}: {error}"
        page = address("tutorial#install")
        signals.say(f"cannot start: {reason}; check the installation\n{see(page)}")
        code = _ERROR
    sys.exit(code)


def _fill_gaps() -> None:
    """Open what was closed of the standard streams, lest a file that is written takes its place."""
    while (opened := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(opened, True)  # noqa: FBT003 - it has no name
    os.close(opened)


if __name__ == "__main__":
    main()
