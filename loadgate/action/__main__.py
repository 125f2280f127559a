"""The process of the action's main step, which never ends with 1, the code of a failed gate."""

from __future__ import annotations

import sys

from loadgate.published import address

_ERROR = 2
"""As in loadgate.cli.exit_codes, which may be what cannot be imported."""

try:
    from loadgate.action.step import main
except (ImportError, OSError, MemoryError) as error:
    reason = f"{type(error).__name__}: {error}".replace("\n", " ")
    text = f"cannot start: {reason}; check the installation%0ASee {address('ci#github-actions')}"
    sys.stdout.write(f"::error title=loadgate::{text}\n")
    sys.exit(_ERROR)
main()
