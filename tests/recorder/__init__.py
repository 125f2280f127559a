"""The recorder, inside real Locusts against a server that counts."""

import signal

import pytest

# What a shell runs in the background ignores Ctrl-C, and so would all that it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

with pytest.MonkeyPatch.context() as _environment:
    # Locust patches the process that imports it: threads of pytest would then wait forever.
    _environment.setenv("LOCUST_SKIP_MONKEY_PATCH", "1")
    pytest.importorskip("locust")
