"""The file: gzip members with a line of JSON each. A finished recording is a single one.

While the test runs the first member is the document as it was at the start, `running` and
without counts; each further one is a part, the counts since the part before.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from loadgate.recording.counts import Counts
from loadgate.recording.document import Document, document_from_json
from loadgate.recording.form import from_json, to_json

MOST_BYTES = 1 << 30
"""Of all lines, unpacked."""
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a worker recorded since its part before: a line of the journal, and what it sends."""

    run: str | None
    """The run's id; None: the worker was not told."""
    worker: str
    """The worker's id."""
    number: int
    """From 1, in the order of the worker's parts."""
    final: bool
    """Whether the worker's users had stopped."""
    recorded: int
    """Requests that the worker recorded so far, in all its parts."""
    errors: int
    """Errors of the recorder there so far."""
    error: str | None
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


def lines(packed: bytes) -> Iterator[dict[str, Any]]:
    """Yield the JSON of each whole line; what is cut at the end is left out.

    Raises:
        ValueError: The bytes are no gzip, or no JSON, or too many.
    """
    rest, size = packed, 0
    while rest:
        reader = zlib.decompressobj(wbits=31)
        line = bytearray()
        try:
            while rest and not reader.eof:
                line += reader.decompress(rest, _PIECE)
                rest = reader.unconsumed_tail
                if size + len(line) > MOST_BYTES:
                    raise ValueError(f"more than {MOST_BYTES:,} bytes")
        except zlib.error as error:
            raise ValueError(f"not gzip: {error}") from None
        if not reader.eof:  # the process ended while it wrote this
            return
        rest, size = reader.unused_data, size + len(line)
        value = json.loads(line)
        if not isinstance(value, dict):
            raise ValueError("a line is no object")  # noqa: TRY004 - as all that is wrong with a file
        yield value


def assemble(values: Iterator[dict[str, Any]]) -> Document:
    """Return the recording of a file's lines, which keep to the schema.

    Raises:
        ValueError: There is no line, or they contradict one another.
    """
    first = next(values, None)
    if first is None:
        raise ValueError("it is empty")
    document = document_from_json(first)
    for value in values:
        if document.state == "finished":
            raise ValueError("something follows the end")
        document.counts.add(part_from_json(value).counts)
    return document
