"""The recorder, inside real Locusts against a server that counts."""

import pytest

with pytest.MonkeyPatch.context() as _environment:
    # Locust patches the process that imports it: threads of pytest would then wait forever.
    _environment.setenv("LOCUST_SKIP_MONKEY_PATCH", "1")
    pytest.importorskip("locust")
