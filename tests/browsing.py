"""A real Chromium for pages, the one of this machine, quiet and without a sandbox."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
PATIENCE = 300_000  # milliseconds after which what has not happened never will

_ARGUMENTS = [
    "--no-sandbox",  # it may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run it while the block runs."""
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM, args=_ARGUMENTS, timeout=PATIENCE
        )
        yield browser
        browser.close()
