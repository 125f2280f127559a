"""Every request of this process, counted as it ends: the part that runs once per request."""

from __future__ import annotations

import re
import time

from loadgate.masking import mask_secrets
from loadgate.recording.counts import LONGEST_NAME, LONGEST_TEXT, Counts, Key
from loadgate.recording.histogram import LONGEST
from loadgate.recording.journal import Part

_ADDRESS = re.compile(r"(?<=object at )0x[0-9a-fA-F]+")
_GRPC = re.compile(r"[A-Z_]{1,40}")


class Collector:
    """What one process recorded, and what of it is not handed on yet."""

    def __init__(self) -> None:
        """Record what belongs to no run yet."""
        self.begin(None, "")

    def begin(self, run: str | None, worker: str) -> None:
        """Begin a recording of a run by this worker; what was not taken is gone."""
        self.run = run
        self.worker = worker
        self.errors = 0
        """Errors of the recorder itself so far."""
        self.error: str | None = None
        """The first of them."""
        self._parts = 0
        self._taken = 0
        self._told: tuple[int, int, bool] = (0, 0, False)
        self._counts = Counts()
        self._times: dict[tuple[object, ...], tuple[Key, list[object]]] = {}
        """Response times of this second, by what requests have in common: cheap to add to."""
        self._second = 0
        self._until = 0.0
        # A clock that is set during the run moves nothing.
        self._epoch = time.time() - time.monotonic()

    def request(
        self,
        request_type: object = None,
        name: object = None,
        response_time: object = None,
        response: object = None,
        exception: object = None,
        **_: object,
    ) -> None:
        """Count a request, as the event `request` tells it. It never raises and never waits."""
        try:
            now = time.monotonic()
            if now >= self._until:
                self._settle()
                self._second = int(now + self._epoch)
                self._until = self._second + 1 - self._epoch
            status = _status_code(response)
            failed = bool(exception)
            alike = (request_type, name, status, type(exception), failed)
            try:
                key, times = self._times[alike]
            except (KeyError, TypeError):  # what is no text may have no hash
                key, times = self._first(alike, response, exception)
            times.append(response_time)
            if failed:
                self._counts.count_text(key, _error_text(exception))
        except Exception as error:  # noqa: BLE001 - a listener that raises stops those behind it
            self.fail(error)

    def _first(
        self,
        alike: tuple[object, object, int | None, type, bool],
        response: object,
        exception: object,
    ) -> tuple[Key, list[object]]:
        """Return the key of a request whose like is not at hand, and where its time goes."""
        method, name, status, _, failed = alike
        key = Key(
            method if type(method) is str else _text(method),
            name if type(name) is str else _text(name),
            _status(response, status, exception),
            type(exception).__name__[:LONGEST_NAME]
            if isinstance(exception, BaseException)
            else None,
            failed,
        )
        found = self._times.setdefault(key, (self._counts.kept(key), []))
        texts = type(method) is type(name) is str
        if texts and (status is not None or exception is None):  # its like has the same key
            self._times[alike] = found
        return found

    def _settle(self) -> None:
        """Count what is at hand; after a Ctrl-C amid it, what is left."""
        for key, times in self._times.values():
            if times:
                cell = self._counts.cell(self._second, key)
            while times:
                cell.record(_micros(times[-1]))
                del times[-1]  # no call, behind which Python would raise Ctrl-C
        self._times = {}

    @property
    def recorded(self) -> int:
        """Requests so far."""
        self._settle()
        return self._taken + self._counts.requests

    def user_error(self, exception: object = None, **_: object) -> None:
        """Count a task that raised, as the event `user_error` tells it."""
        try:
            self._counts.count_task_error(type(exception).__name__[:LONGEST_TEXT])
        except Exception as error:  # noqa: BLE001 - as above
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Count an error of the recorder itself."""
        self.errors += 1
        if self.error is None:
            self.error = describe(error)

    def take(self, *, final: bool) -> Part | None:
        """Return what is new since the last time; None: nothing is."""
        recorded = self.recorded
        state = (recorded, self.errors, final)
        if state == self._told and not self._counts.task_errors:
            return None
        self._told = state
        self._taken = recorded
        self._parts += 1
        counts, self._counts = self._counts, Counts()
        masked = Counts(width=counts.width, cells=counts.cells, keys=counts.keys)
        masked.task_errors = counts.task_errors
        for (key, text), count in counts.texts.items():
            masked.count_text(key, None if text is None else mask_secrets(text), count)
        return Part(
            run=self.run,
            worker=self.worker,
            number=self._parts,
            final=final,
            recorded=recorded,
            errors=self.errors,
            error=self.error,
            counts=masked,
        )


def describe(error: BaseException) -> str:
    """Return an error of the recorder as the recording has it."""
    return mask_secrets(f"{type(error).__name__}: {error}")[:300]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _status_code(response: object) -> int | None:
    """Return the status of the response itself, whatever the locustfile made of it.

    A client of the user's own may raise whatever it is asked: its status then is not known.
    """
    if response is None:  # not its truth: that of a 409 from requests is False
        return None
    try:
        status = response.status_code  # type: ignore[attr-defined] # it may lack it
    except Exception:  # noqa: BLE001 - as above
        return None
    return int(status) if isinstance(status, int) and 100 <= status <= 999 else None


def _status(response: object, status: int | None, exception: object) -> int | str | None:
    """Return the status of a response; if it has none, what the exception knows of it.

    Clients of the user's own tell the error alone, and HTTP errors have their response.
    """
    if status is not None or exception is None or isinstance(exception, str):
        return status
    try:
        if response is None:
            status = _status_code(getattr(exception, "response", None))
        code = getattr(exception, "code", None)  # as grpc.RpcError has it
        if status is not None or not callable(code):  # an HTTP error has a number
            return status
        name = getattr(code(), "name", None)
    except Exception:  # noqa: BLE001 - as above
        return None
    return f"grpc:{name}" if isinstance(name, str) and _GRPC.fullmatch(name) else None


def _micros(milliseconds: object) -> int | None:
    """Return a response time in microseconds; None: it is none."""
    if not isinstance(milliseconds, int | float):
        return None
    micros = milliseconds * 1000
    # Not "<": nan, which is neither, is no latency.
    return int(micros + 0.5) if 0 <= micros <= LONGEST else None


def _error_text(exception: object) -> str | None:
    """Return the error text as Locust's own files have it; None: it is too long, or has none."""
    try:
        text = exception if isinstance(exception, str) else repr(exception)
    except Exception:  # noqa: BLE001 - of a class of the user's own
        return None
    if len(text) > LONGEST_TEXT:
        return None
    return _ADDRESS.sub("0x....", text) if "object at 0x" in text else text
