"""Pages: self-contained HTML that loads nothing, with charts where there is something to draw."""

from __future__ import annotations

import sys
from importlib import import_module

from loadgate.errors import UsageError

__all__ = ["require_extra"]

_LIBRARIES = ("altair", "jinja2", "vl_convert")


def require_extra() -> None:
    """Raise UsageError where what pages are made with is not installed, or cannot work."""
    if sys.flags.optimize > 1:
        raise UsageError(
            "HTML is drawn with Altair, which needs its docstrings: run Python without -OO, or ask"
            " for --output markdown",
            page="outputs",
        )
    for name in _LIBRARIES:
        try:
            import_module(name)
        except ImportError as error:
            raise UsageError(
                f"HTML needs {name}, which is not installed: pip install 'loadgate[report]', or ask"
                " for --output markdown",
                page="outputs",
            ) from error
