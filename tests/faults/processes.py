"""The command as a process of its own in a broken world, and how it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HEAVY = int(os.environ.get("LOADGATE_FAULTS", "0"))
"""How many times each stress is repeated; 0: a few times. See `make faults`."""
WITHIN = 1200
"""Seconds in which every process must end: none may hang."""
_BAD = ("Traceback", "bug in loadgate", "Exception ignored", "Warning", "Fatal Python error")

prove = pytest.mark.prove


def few(cases: Iterable[str], kept: Collection[str]) -> list[Any]:
    """Return the parameters of a test of which `make test` runs these few, `make prove` the others."""
    return [pytest.param(case, marks=() if case in kept else prove, id=case) for case in cases]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended."""

    code: int
    """Negative: by that signal."""
    out: str
    err: str

    def sound(self) -> Ended:
        """Fail where it shows what no user should see; return it."""
        for word in _BAD:
            assert word not in self.err, self.err
            assert word not in self.out[:2000], self.out[:2000]
        assert self.code not in {70, 120}, self.err
        return self


def environment(changed: Mapping[str, str | None], *, measured: bool) -> dict[str, str]:
    """Return the environment with changes; None takes a name away.

    `measured=False` is without the measuring of coverage, which needs room on disk, memory and
    files of its own, and which an end in the middle can leave waiting for a lock for ever.
    """
    return {
        name: text
        for name, text in {**os.environ, **changed}.items()
        if text is not None and (measured or "COVERAGE" not in name)
    }


def loadgate(
    command: str,
    *more: str | Path,
    redirect: str = "",
    env: Mapping[str, str | None] | None = None,
    python: tuple[str, ...] = (),
    before: Callable[[], None] | None = None,
    stdin: bytes = b"",
    without_rights: bool = False,
    measured: bool = False,
) -> Ended:
    """Run the command to its end; `redirect` is what a shell would do to its streams.

    `without_rights`: as root who may not do more than any other owner of a file.
    """
    words = [sys.executable, *python, "-m", "loadgate", *command.split(), *map(str, more)]
    if redirect:
        words = ["/bin/bash", "-c", f'exec "$0" "$@" {redirect}', *words]
    if without_rights:
        words = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *words]
    done = subprocess.run(
        words, env=environment(env or {}, measured=measured), input=stdin, capture_output=True,
        preexec_fn=before, timeout=WITHIN, check=False,
    )  # fmt: skip
    out, err = (text.decode(errors="replace") for text in (done.stdout, done.stderr))
    return Ended(code=done.returncode, out=out, err=err)


def interrupted(
    command: str,
    number: signal.Signals,
    *,
    after: float = 0,
    wait: Callable[[int], object] = bool,
    group: bool = False,
) -> tuple[Ended, list[int]]:
    """Start the command, send it a signal; return how it ended, and the processes that it left.

    The signal is sent after so many seconds and when `wait`, which is given the process id, returns;
    `group`: to all its processes, as a terminal does.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "loadgate", *command.split()],
        env=environment({}, measured=False),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_heeding,  # noqa: PLW1509 - as above
    ) as process:
        time.sleep(after)
        wait(process.pid)
        if group and process.poll() is None:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        try:
            _, errors = process.communicate(timeout=WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    deadline = time.monotonic() + WITHIN
    while (left := of_session(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return Ended(code=process.returncode, out="", err=errors.decode(errors="replace")), left


def _heeding() -> None:
    """Let a process heed SIGINT although this one, as a shell's background job, may ignore it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def of_session(leader: int) -> list[int]:
    """Return the processes of a session that are alive."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(session) == leader and state not in "ZX":
            found.append(int(entry.name))
    return found
