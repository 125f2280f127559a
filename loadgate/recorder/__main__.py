"""Locust with the recorder imported first: what `loadgate locust` runs."""

from __future__ import annotations

import sys

from locust.main import main

import loadgate.recorder  # noqa: F401 - to import it is to record

if __name__ == "__main__":
    sys.argv[0] = "locust"
    sys.exit(main())  # type: ignore[no-untyped-call] # Locust has no types for it
