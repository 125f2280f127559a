"""Paths as GitHub names them: from the root of the repository."""

from __future__ import annotations

import os
from pathlib import Path


def from_root(path: str) -> str:
    """Return a path from the folder with `.git` in or above the working directory.

    Without such a folder, or outside of it, that is from the working directory.
    """
    here = Path.cwd()
    root = next((up for up in (here, *here.parents) if os.path.lexists(up / ".git")), here)
    found = os.path.relpath(path, root)
    return os.path.relpath(path) if found.startswith(os.pardir) else found
