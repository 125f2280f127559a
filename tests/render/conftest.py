"""The one way to rewrite golden files: `pytest tests/render --update-golden`."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option; it is known only where tests/render is named on the command line."""
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite tests/render/golden/ instead"
    )


@pytest.fixture
def update_golden(pytestconfig: pytest.Config) -> bool:
    """Say whether golden files are to be rewritten."""
    return bool(pytestconfig.getoption("--update-golden", default=False))
