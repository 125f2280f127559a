"""The verdict while the run is on, asked of a process beside Locust that reads the journal.

    live = Live(options, folder)
    live.prepare()          # raises UsageError where the policy cannot be followed
    look = live.look(run)   # of the newest recording; None: it is not to be had
    live.close()

Here only a line is written and one read. What a look costs, another core pays, and at most a
twentieth of its time: a look is kept until then.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gevent
import gevent.lock

from loadgate.errors import UsageError
from loadgate.recorder.options import Options
from loadgate.recorder.run import Run
from loadgate.recording.counts import Counts
from loadgate.recording.form import to_json

PATIENCE = 60.0
"""Seconds for an answer."""
_FAREWELL = 5.0
"""Seconds to end in, which takes longer only amid a look."""
_OFTENEST = 1.0
_SHARE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The verdict as of now."""

    run: str
    """The id of the run."""
    at: float
    """When it was taken, in seconds since the epoch."""
    text: bytes
    """The result document, as JSON in a line (see `loadgate schema result`). While the run is on
    its `run.partial` is true; its `run.contradictions` say why a finished one is no evidence."""
    finished: bool
    """Whether it is of the finished recording."""
    abort: str
    """What the run is certain to fail, and is to be stopped for; "": it goes on."""

    @property
    def result(self) -> dict[str, Any]:
        """The result document. With thousands of endpoints it takes its time to read."""
        document: dict[str, Any] = json.loads(self.text)
        return document


class Live:
    """A process that judges a run while it is on. Safe to be asked by several greenlets."""

    def __init__(self, options: Options, folder: str) -> None:
        """Say how to judge; nothing is started yet."""
        self._options = options
        self._folder = folder
        self._lock = gevent.lock.RLock()
        self._process: Any = None
        self._last: Look | None = None
        self._of: tuple[str, bool] = ("", False)
        self._next = 0.0
        self.can_abort = False
        """Whether the policy lets a run be stopped."""
        self.warnings: list[str] = []
        """Of the rules files that lie beside a locustfile and are not used."""
        self.problem: str | None = None
        """Why there is no verdict while the run is on; None: there is one."""

    def prepare(self) -> None:
        """Read the policy, before the first request; the process stays where it may stop a run.

        Raises:
            UsageError: The policy cannot be followed.
            OSError: There is no process to read it.
        """
        self.start()
        if not self.can_abort:
            self.close()

    def start(self) -> None:
        """Read the policy.

        Raises:
            UsageError: It cannot be followed; `loadgate check` would end with 2.
        """
        with self._lock:
            if self._process is not None:
                return
            # A process of its own: here everything is patched by gevent, and a look takes its time.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "loadgate.live"],
                cwd=self._folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for Locust; this ends with it
            )
            try:
                answer, _ = self._ask(
                    file=self._options.file,
                    outputs=self._options.outputs,
                    warning_exit_code=self._options.warning_exit_code or "0",
                    rules=self._options.rules,
                    locustfiles=self._options.locustfiles,
                    thresholds=self._options.thresholds,
                    earlier=self._options.earlier,
                    optional=self._options.optional,
                    abort=self._options.abort,
                )
            except Exception:
                self.close()
                raise
            self.can_abort = bool(answer["can_abort"])
            self.warnings = answer["warnings"]

    def look(self, run: Run | None) -> Look | None:
        """Return the verdict as of now, or a few seconds ago; None: there is nothing to judge.

        It waits for the other process, as gevent waits, and raises nothing.
        """
        if run is None or run.document.started is None:
            return None
        with self._lock:
            finished = run.written
            if (run.id, finished) == self._of and (finished or time.monotonic() < self._next):
                return self._last
            self._of, self._last = (run.id, finished), None
            self._next = time.monotonic() + _OFTENEST
            try:
                self.start()
                self._last = self._look(run, finished=finished)
                self.problem = None
            except (UsageError, OSError) as error:
                self.close()
                self.problem = str(error)
            return self._last

    def _look(self, run: Run, *, finished: bool) -> Look | None:
        counts = run.document.counts
        answer, text = self._ask(
            run=run.id,
            now=run.now,
            label=self._options.file,
            counts=to_json(Counts(marks=[*counts.marks], users={**counts.users})),
        )
        self._next = time.monotonic() + max(_OFTENEST, _SHARE * answer["seconds"])
        if text == b"null\n":  # the file is of another run
            return None
        return Look(run=run.id, at=run.now, text=text, finished=finished, abort=answer["abort"])

    def _ask(self, **request: Any) -> tuple[dict[str, Any], bytes]:  # noqa: ANN401 - any value that JSON has
        """Return the answer, and its result.

        Raises:
            UsageError: The policy cannot be followed.
            OSError: There is no answer.
        """
        text = b""
        with gevent.Timeout(PATIENCE, False):  # noqa: FBT003 - it has no name
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            first = self._process.stdout.readline()
            text = self._process.stdout.readline()
        if not text:
            raise OSError("the process that judges the run ended, or takes too long")
        answer: dict[str, Any] = json.loads(first)
        if answer["error"] is not None:
            raise UsageError(answer["error"], page=answer["page"])
        return answer, text

    def close(self) -> None:
        """End the process; the next look starts it again."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(timeout=_FAREWELL)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
