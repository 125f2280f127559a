"""Signals that end the process: at once, when something is put away, or after it is done."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator

import pytest

from loadgate import __main__ as command
from loadgate import signals as ending
from loadgate.signals import Ended, heed_signals, unwinding

Handler = Callable[[int, None], None]
TERM = int(signal.SIGTERM)


class _ExitError(Exception):
    """In the place of the process's end."""


@pytest.fixture
def end(monkeypatch: pytest.MonkeyPatch) -> Iterator[Handler]:
    """Return what is done at a signal; the end of the process is an exception here."""
    found: dict[int, Handler] = {}

    def exits(code: int) -> None:
        raise _ExitError(code)

    monkeypatch.setattr(os, "_exit", exits)
    monkeypatch.setattr(signal, "getsignal", lambda number: number == signal.SIGINT)
    monkeypatch.setattr(signal, "signal", found.__setitem__)
    monkeypatch.setattr(signal, "SIG_IGN", True)
    heed_signals()
    assert signal.SIGINT not in found
    yield found[signal.SIGTERM]
    monkeypatch.undo()


def test_at_once(end: Handler, capfd: pytest.CaptureFixture[str]) -> None:
    """With one line that says why."""
    with pytest.raises(_ExitError, match="143"):
        end(TERM, None)
    assert capfd.readouterr().err == "loadgate: interrupted by SIGTERM\n"


def test_when_it_is_put_away(end: Handler) -> None:
    """The first signal unwinds; a second one does not wait for that."""
    with unwinding():
        with pytest.raises(Ended) as caught:
            end(TERM, None)
        assert caught.value.code == 143
        with pytest.raises(_ExitError, match="143"):
            end(TERM, None)


def test_what_cannot_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is raised where standard error is closed."""

    def closed(*_: object) -> int:
        raise OSError

    monkeypatch.setattr(os, "write", closed)
    ending.say("nothing")


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        pytest.param(None, 1, "", id="verdict"),
        pytest.param(Ended(15), 143, "", id="signal"),
        pytest.param(
            ImportError("no click"), 2, "cannot start: ImportError: no click", id="import"
        ),
        pytest.param(MemoryError(), 2, "cannot start: MemoryError", id="memory"),
    ],
)
def test_the_exit_code(
    raised: BaseException | None,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Python's own exit code for what it cannot import would say that the gate failed."""

    def run() -> int:
        if raised is not None:
            raise raised
        return 1

    monkeypatch.setattr("loadgate.cli.run", run)
    monkeypatch.setattr(ending, "heed_signals", lambda: None)
    with pytest.raises(SystemExit) as caught:
        command.main()
    gc.enable()
    assert caught.value.code == code
    assert said in capfd.readouterr().err


def test_streams_that_are_closed_are_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lest the next file that is opened is standard output."""
    opened = iter((1, 2, 7))
    inheritable: list[int] = []
    closed: list[int] = []
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", lambda *_: next(opened))
        patched.setattr(os, "set_inheritable", lambda number, _: inheritable.append(number))
        patched.setattr(os, "close", closed.append)
        command._fill_gaps()  # noqa: SLF001 - which no test could do to its own streams
    assert (inheritable, closed) == ([1, 2], [7])


def test_the_package_offers_functions_before_modules() -> None:
    """Whatever was imported before, `loadgate.render` is the function."""
    import loadgate
    import loadgate.render

    assert sys.modules["loadgate.render"].render is loadgate.render
    assert all(getattr(loadgate, name) for name in loadgate.__all__)
