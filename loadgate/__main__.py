"""`python -m loadgate` in, what the `loadgate` command does out."""

from __future__ import annotations

from loadgate.cli import main

main()
