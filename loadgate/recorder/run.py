"""One run in the process that writes its recording: the master, or the only one."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable

from loadgate import __version__
from loadgate.recorder.collector import describe
from loadgate.recorder.file import RecordingFile
from loadgate.recorder.workers import Ledger
from loadgate.recording.counts import ABORT, Counts, Mark
from loadgate.recording.document import LOCAL, Document, Totals, document_to_json
from loadgate.recording.journal import Part, pack, part_to_json

MOST_ERRORS = 20
_LONGEST_REASON = 1_000


class Run:
    """A recording on its way."""

    def __init__(self, file: RecordingFile, locust: str, *, started: bool) -> None:
        """Replace the file by one that says that the run is on.

        Raises:
            OutputError: It cannot be written.
        """
        self.id = uuid.uuid4().hex
        self.ledger = Ledger(self.id)
        self.written = False
        """Whether the whole recording is in the file."""
        self._file = file
        now = time.time()
        # A clock that is set during the run moves nothing.
        self._epoch = now - time.monotonic()
        self._users: int | None = None
        self.document = Document(
            run=self.id, locust=locust, recorder=__version__, started=now if started else None
        )
        file.start(document_to_json(self.document))

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return time.monotonic() + self._epoch

    def mark(self, kind: str, users: int | None = None) -> None:
        """Note something that happened."""
        self.document.counts.mark(Mark(at=round(self.now, 3), kind=kind, users=users))

    def abort(self, reason: str) -> str:
        """Note that the run is stopped because it failed; return when, and why.

        It stands in the journal at once: such a run passes in no way, be this process killed.
        """
        seconds = int(self.now - (self.document.started or self.now))
        text = f"after {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}: {reason}"
        mark = Mark(at=round(self.now, 3), kind=ABORT, reason=text[:_LONGEST_REASON])
        self.document.counts.mark(mark)
        part = Part(run=self.id, worker=LOCAL, number=1, counts=Counts(marks=[mark]))
        self._append(pack(part_to_json(part)))
        return mark.reason

    def users(self, users: int) -> None:
        """Note how many users there are, if it changed."""
        if users != self._users:
            self._users = users
            self.document.counts.count_users(int(self.now), users)

    def receive(self, worker: str, packed: Iterable[bytes]) -> None:
        """Take the parts of a worker, each once."""
        for part, one in self.ledger.receive(worker, packed):
            self.document.counts.add(part.counts)
            self._append(one)

    def _append(self, packed: bytes) -> None:
        try:
            self._file.append(packed)
        except OSError as error:
            self.fail(error)

    def fail(self, error: BaseException | str) -> None:
        """Note an error of the recorder itself: the recording is no evidence."""
        errors = self.document.errors
        text = error if isinstance(error, str) else describe(error)
        if text not in errors and len(errors) < MOST_ERRORS:
            errors.append(text)

    def finish(self, totals: Totals | None) -> None:
        """Write the whole recording; more may be recorded, and this be called again.

        Raises:
            OSError: It cannot be written; the file then says that the run is on.
        """
        self.document.workers = list(self.ledger.workers.values())
        self.document.locust_totals = totals
        self.document.ended = self.now
        self.document.state, self.written = "finished", False
        self._file.finish(document_to_json(self.document))
        self.written = True
