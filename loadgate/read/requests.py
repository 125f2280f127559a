"""Request logs: the CSV file of Locust's CsvRequestLogger, a row for each request with its status.

It is read into the counts of a recording, so memory does not grow with the rows, and several logs,
one of each worker, can be judged as one. Response times are as exact as those of a recording.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from functools import partial
from math import inf

from loadgate.errors import ContradictionError, ResultError
from loadgate.patterns import HTTP_METHODS
from loadgate.read.documents import Document
from loadgate.read.encodings import UTF_8
from loadgate.read.raw import open_bytes, read_start
from loadgate.read.recording import document_of
from loadgate.read.statistics import MOST_ROWS, too_many
from loadgate.read.tables import (
    Rows,
    check_no_header,
    check_width,
    ends_open,
    first_line,
    header,
    is_blank,
    may_be_cut,
    rows,
)
from loadgate.recording.counts import LONGEST_TEXT, Counts, Key
from loadgate.recording.document import Document as Recording
from loadgate.recording.document import Totals
from loadgate.recording.form import to_json
from loadgate.recording.histogram import LONGEST
from loadgate.recording.journal import pack

COLUMNS = (
    "timestamp",
    "request_type",
    "name",
    "response_time_ms",
    "response_length",
    "status_code",
    "exception",
)
_STATUS = re.compile(r"-?[0-9]{1,9}")
TEXT_ROOM = 50_000_000
"""Characters of the texts that are kept apart."""
_ENTRY = 200  # characters' worth of what else a text takes
_BLOCK = 1 << 20
_LATEST = 1 << 40
"""Seconds since the epoch; anything later is no time."""


def read_requests(path: str, encoding: str = UTF_8) -> Document:
    """Read a request log; damaged rows are told in `statistics.contradictions`."""
    log = _read(path, encoding)
    document = document_of(path, log.recording(), log.problems, "requests")
    silent = sum(count for _, _, _, count in document.allowed or ())
    unanswered = sum(
        cell.count
        for (_, key), cell in log.counts.cells.items()
        if key.method in HTTP_METHODS and key.status is None and not key.failed
    )
    told = (
        (silent, "responses with a status of 400 or more", "allowed by the locustfile"),
        (unanswered, "HTTP requests without a response", "successes"),
    )
    warnings = tuple(
        f"{path}: {count:,} {what} have no exception and count as {taken}; a failure with an empty"
        " text looks the same"
        for count, what, taken in told
        if count
    )
    return replace(document, task_exceptions=None, warnings=(*document.warnings, *warnings))


def load_requests(path: str, encoding: str = UTF_8) -> Recording:
    """Return what a request log counts, as a recording; a copy has the same id."""
    log = _read(path, encoding)
    recording = log.recording()
    if recording.counts.requests:
        counts = pack(to_json(recording.counts))
        recording.run = hashlib.blake2b(counts, digest_size=16).hexdigest()
    return recording


def _read(path: str, encoding: str) -> _Log:
    log = _Log(path)
    try:
        with rows(path, encoding) as lines:
            columns = [name.strip().lower() for name in header(lines)]
            if columns[: len(COLUMNS)] != [*COLUMNS]:
                raise ResultError(
                    path,
                    f"has other columns than {', '.join(COLUMNS)}",
                    "Use it as Locust wrote it.",
                )
            log.read(lines, len(columns))
    except ContradictionError as error:
        log.damage(error.problem)
    if ends_open(path) or _ends_in_a_text(path):
        log.damage(may_be_cut(COLUMNS[-1]))
    return log


def _ends_in_a_text(path: str) -> bool:
    """Say whether the file was cut in a text: Locust, in UTF-8, writes each quote in pairs."""
    if b"\0" in read_start(path, 64):
        return False
    with open_bytes(path) as file:
        return sum(block.count(b'"') for block in iter(partial(file.read, _BLOCK), b"")) % 2 == 1


class _Log:
    """What the rows of a request log count."""

    def __init__(self, path: str) -> None:
        self.counts = Counts(bounded=False)
        self.problems: list[str] = []
        """What is wrong with damaged rows."""
        self._path = path
        self._damaged = 0
        self._room = TEXT_ROOM
        self._span: tuple[float, float] | None = None

    def damage(self, problem: str) -> None:
        """Put down a row that cannot be read: it may be a failure."""
        self._damaged += 1
        if len(self.problems) < MOST_ROWS:
            self.problems.append(problem)

    def read(self, lines: Rows, width: int) -> None:
        """Count every row."""
        keys: dict[tuple[str, str, str, bool], Key] = {}
        counts, first, last = self.counts, inf, -inf
        for row in lines:
            try:
                check_width(row, width)
                at, method, name, time, _, code, error = row[: len(COLUMNS)]
                sent = _sent(at)
                micros = _micros(time)
                short = method, name, code, not error
                key = keys.get(short)
                if key is None:
                    status = _status(code)
                    key = counts.kept(Key(method, name, status, None, bool(error)))
                    keys[short] = key
                    if len(keys) > MOST_ROWS:
                        raise ResultError(
                            self._path, *too_many("different requests"), page="refusals#limits"
                        )
            except ValueError as flaw:
                if not is_blank(row):
                    line = first_line(lines, row)
                    check_no_header(self._path, line, row)
                    self.damage(f"line {line} {flaw}")
                continue
            counts.cell(int(sent), key).record(micros)
            if error:
                self._count_text(key, error)
            first = min(first, sent)
            last = max(last, sent + (micros or 0) / 1e6)
        if first <= last:
            self._span = first, last

    def _count_text(self, key: Key, text: str) -> None:
        """Count a failure by its text, while there is room for so many."""
        known = (key, text) in self.counts.texts
        if not known:
            self._room -= len(text) + _ENTRY
        kept = known or (self._room > 0 and len(text) <= LONGEST_TEXT)
        self.counts.count_text(key, text if kept else None)

    def recording(self) -> Recording:
        """Return the counts as a recording of a run that is called by its file."""
        counts = self.counts
        made, failed = counts.requests, counts.failures
        started, ended = self._span or (None, None)
        return Recording(
            run=self._path,
            state="finished",
            started=started,
            ended=ended,
            locust_totals=Totals(requests=made, failures=failed + self._damaged, reset=False),
            counts=counts,
        )


def _sent(text: str) -> float:
    """Return when a request was sent; ValueError for what is no time."""
    sent = float(text)
    if not 0 <= sent < _LATEST:  # nan neither
        raise ValueError(f'has an invalid "timestamp": {text[:40]!r}')
    return sent


def _micros(text: str) -> int | None:
    """Return a response time in microseconds; None: it is none; ValueError for other texts."""
    if not text:
        return None
    micros = float(text) * 1000
    return int(micros + 0.5) if 0 <= micros <= LONGEST else None


def _status(text: str) -> int | None:
    """Return the status of a response; None: there was none, which Locust writes as 0."""
    if _STATUS.fullmatch(text) is None:
        raise ValueError(f'has an invalid "status_code": {text[:40]!r}')
    status = int(text)
    return status if 100 <= status <= 999 else None
