"""Locust with the recorder imported first: what `loadgate locust` runs."""

from __future__ import annotations

import sys
import traceback
from typing import NoReturn

from locust.main import main

from loadgate.recorder import recorder
from loadgate.recorder.verdict import ERROR


def run() -> NoReturn:
    """Run Locust; the exit code 1 says that the gate failed, and nothing else."""
    sys.argv[0] = "locust"
    try:
        code: object = main()  # type: ignore[no-untyped-call] # Locust has no types for it
    except SystemExit as end:
        code = end.code
        if isinstance(code, str):
            sys.stderr.write(f"{code}\n")
    except Exception:  # noqa: BLE001 - Python's own exit code would be 1
        traceback.print_exc()
        code = ERROR
    sys.exit(recorder.exit.final(0 if code is None else code, worker=recorder.is_worker))


run()
