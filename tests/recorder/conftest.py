"""The recorder in the tests' own process."""

from __future__ import annotations

import pytest

# Locust patches all of Python when it is imported; what is tested here needs none of it.
with pytest.MonkeyPatch.context() as patch:
    patch.setenv("LOCUST_SKIP_MONKEY_PATCH", "1")
    import loadgate.recorder  # noqa: F401 - as said
