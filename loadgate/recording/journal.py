"""The file: gzip members with a line of JSON each. A finished recording is a single one.

While the test runs the first member is the document as it was at the start, `running` and
without counts; each further one is a part, the counts since the part before.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from loadgate.recording.counts import Counts
from loadgate.recording.document import FORMAT, Document, document_from_json
from loadgate.recording.form import from_json, to_json

Decoder = Callable[[str, int], tuple[Any, int]]
"""Returns the JSON value at a place of a text, and where it ends."""

MOST_BYTES = 1 << 30
"""Of all lines, unpacked."""
MOST_OF_A_LINE = 1 << 28
MOST_SIGNS = 4_000_000
"""Commas and opening brackets outside of texts in a line, so as many values at most."""
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
_PIECE = 1 << 20
_GZIP = b"\x1f\x8b"
_DECODE = json.JSONDecoder().raw_decode
_HEAD = 200
"""Bytes in which a recording says what it is."""
_FORMAT = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*\{\s*"format"\s*:\s*"' + re.escape(FORMAT.encode()) + b'"'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a worker recorded since its part before: a line of the journal, and what it sends."""

    run: str | None
    """The run's id; None: the worker was not told."""
    worker: str
    """The worker's id."""
    number: int
    """From 1, in the order of the worker's parts."""
    final: bool = False
    """Whether the worker's users had stopped."""
    recorded: int = 0
    """Requests that the worker recorded so far, in all its parts."""
    errors: int = 0
    """Errors of the recorder there so far."""
    error: str | None = None
    """The first of them."""
    counts: Counts
    """What is new."""


def pack(value: dict[str, Any]) -> bytes:
    """Return a document or part as it stands in the file. Equal values give equal bytes."""
    text = json.dumps(value, separators=(",", ":"))
    return gzip.compress(text.encode("ascii") + b"\n", compresslevel=6, mtime=0)


def part_to_json(part: Part) -> dict[str, Any]:
    """Return the document of a part."""
    return {
        "part": part.number,
        "run": part.run,
        "worker": part.worker,
        "final": part.final,
        "recorded": part.recorded,
        "errors": part.errors,
        "error": part.error,
        **to_json(part.counts),
    }


def part_from_json(value: dict[str, Any]) -> Part:
    """Return the part that a document holds.

    Raises:
        ValueError: It contradicts itself; the text says where.
    """
    return Part(
        run=value["run"],
        worker=value["worker"],
        number=value["part"],
        final=value["final"],
        recorded=value["recorded"],
        errors=value["errors"],
        error=value["error"],
        counts=from_json(value),
    )


def is_recording(start: bytes) -> bool:
    """Say by its first bytes, packed or not, whether a file is a recording, be it cut."""
    return _FORMAT.match(beginning(start)) is not None


def beginning(start: bytes) -> bytes:
    """Return the first bytes of what a file holds, given its own."""
    if not start.startswith(_GZIP):
        return start[:_HEAD]
    with suppress(zlib.error):
        return zlib.decompressobj(wbits=31).decompress(start, _HEAD)
    return b""


def lines(packed: bytes, decode: Decoder = _DECODE) -> Iterator[dict[str, Any]]:
    """Yield the JSON of each line of a file that is gzipped, or was; what is cut off is left out.

    Raises:
        ValueError: There is no JSON, or too much.
    """
    for text in _members(packed) if packed.startswith(_GZIP) else [packed]:
        if sum(map(_TEXT.sub(b"", text).count, b",[{")) > MOST_SIGNS:
            raise ValueError(f"more than {MOST_SIGNS:,} commas and opening brackets")
        yield from _values(text.decode("utf-8-sig").strip(), decode)


def _members(packed: bytes) -> Iterator[bytes]:
    """Yield what is in each whole gzip member."""
    rest, size = packed, 0
    while rest:
        reader = zlib.decompressobj(wbits=31)
        member = bytearray()
        try:
            while rest and not reader.eof:
                member += reader.decompress(rest, _PIECE)
                rest = reader.unconsumed_tail
                if len(member) > MOST_OF_A_LINE or size + len(member) > MOST_BYTES:
                    most = min(MOST_OF_A_LINE, MOST_BYTES)
                    raise ValueError(f"more than {most:,} bytes unpacked")
        except zlib.error as error:
            raise ValueError(f"damaged gzip: {error}") from None
        if not reader.eof:  # the process ended while it wrote this
            return
        rest, size = reader.unused_data, size + len(member)
        yield bytes(member)


def _values(text: str, decode: Decoder) -> Iterator[dict[str, Any]]:
    at = 0
    while at < len(text):
        value, at = decode(text, at)
        if not isinstance(value, dict):
            raise ValueError("a line is not a JSON object")  # noqa: TRY004 - as all that is wrong with a file
        yield value
        while at < len(text) and text[at].isspace():
            at += 1


def assemble(values: Iterator[dict[str, Any]]) -> Document:
    """Return the recording of a file's lines, each of which keeps to its schema.

    Raises:
        ValueError: There is no line, or they contradict one another.
    """
    first = next(values, None)
    if first is None:
        raise ValueError("it is empty, or cut in its first line")
    document = document_from_json(first)
    for value in values:
        if document.state == "finished":
            raise ValueError("something follows the end")
        part = part_from_json(value)
        if part.run not in {None, document.run}:
            raise ValueError("a part is of another run")
        document.counts.add(part.counts)
    return document
