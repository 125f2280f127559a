"""What a recording holds: adding it up in any order and split, writing it, reading it back."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from loadgate import read_run
from loadgate.recording import counts as bounds
from loadgate.recording.counts import Counts, Key, Mark
from loadgate.recording.document import (
    Document,
    Totals,
    Worker,
    document_from_json,
    document_to_json,
    problems,
)
from loadgate.recording.form import from_json, to_json
from loadgate.recording.histogram import Cell, bucket_of, percentile, upper_edge
from loadgate.recording.journal import (
    MOST_SIGNS,
    Part,
    assemble,
    lines,
    pack,
    part_from_json,
    part_to_json,
)
from loadgate.schemas import schema, valid

LATENCIES = st.one_of(st.none(), st.integers(0, 2**53), st.integers(0, 1000))
KEYS = st.builds(
    Key,
    method=st.sampled_from(["GET", "POST", "é\ud800"]),
    name=st.sampled_from(["/a", "/b", ""]),
    status=st.sampled_from([None, 200, 409, "grpc:ABORTED"]),
    exception=st.sampled_from([None, "HTTPError"]),
    failed=st.booleans(),
)
Request = tuple[int, Key, int | None]
REQUESTS = st.lists(st.tuples(st.integers(1_800_000_000, 1_800_000_009), KEYS, LATENCIES))


def counted(requests: Iterable[Request]) -> Counts:
    """Return the counts of some requests."""
    counts = Counts()
    for second, key, micros in requests:
        counts.cell(second, counts.kept(key)).record(micros)
        if key.failed:
            counts.count_text(key, f"{key.status} refused")
    return counts


@given(st.integers(0, 2**53))
def test_a_bucket_is_narrow(micros: int) -> None:
    """It holds its latency, and its upper edge is less than 0.8 % above."""
    bucket = bucket_of(micros)
    edge = upper_edge(bucket)
    assert micros <= edge <= micros * 1.008
    assert bucket_of(edge) == bucket
    assert bucket_of(edge + 1) == bucket + 1


@given(st.lists(st.integers(0, 2**40), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_near_the_exact_one(latencies: list[int], share: float) -> None:
    """It is never below, and less than 0.8 % above."""
    cell = Cell()
    for micros in latencies:
        cell.record(micros)
    assert cell.most is not None
    found = percentile(cell.buckets, share, cell.most)
    ordered = sorted(latencies)
    exact = next(m for n, m in enumerate(ordered, 1) if n >= share * len(ordered))
    assert exact <= found <= min(exact * 1.008, ordered[-1])


def test_a_percentile_of_nothing() -> None:
    """It is what the caller says is the longest."""
    assert percentile({}, 0.5, 7) == 7


@given(REQUESTS, st.integers(1, 4), st.randoms(use_true_random=False))
def test_any_order_and_split_gives_the_same(
    requests: list[Request], split: int, random: Random
) -> None:
    """Parts of the requests, added in any order, are the requests as a whole; byte for byte."""
    whole = to_json(counted(requests))
    shuffled = random.sample(requests, len(requests))
    parts = [counted(shuffled[start::split]) for start in range(split)]
    added = Counts()
    for part in parts:
        added.add(part)
    assert pack(to_json(added)) == pack(whole)


@given(REQUESTS, st.sampled_from(bounds.WIDTHS))
def test_counts_read_back(requests: list[Request], width: int) -> None:
    """What is written is read as the same, at any width, and keeps to the schema."""
    counts = counted(requests)
    counts.widen(width)
    document = Document(run="r", counts=counts)
    value = json.loads(json.dumps(document_to_json(document)))
    assert valid(value, "recording")
    again = document_from_json(value)
    assert to_json(again.counts) == to_json(counts)
    assert again.counts.requests == len(requests)
    assert again.counts.failures == sum(key.failed for _, key, _ in requests)


def full() -> dict[str, Any]:
    """Return a document with something of everything."""
    counts = counted(
        [
            (9, Key("GET", "/", 200, None, False), 5),
            (9, Key("GET", "/", None, "X", True), None),
            (10, Key("GET", "/", None, "X", True), 300),
        ]
    )
    counts.count_task_error("KeyError")
    counts.count_users(9, 3)
    counts.mark(Mark(at=9.5, kind="start"))
    totals = Totals(requests=3, failures=2, reset=False)
    worker = Worker(id="w", parts=1, arrived=3, recorded=3, finished=True)
    document = Document(
        run="r", state="finished", workers=[worker], locust_totals=totals, counts=counts
    )
    value: dict[str, Any] = json.loads(json.dumps(document_to_json(document)))
    return value


def test_a_full_document_is_complete() -> None:
    """Nothing makes it no evidence."""
    assert not list(problems(document_from_json(full())))


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterable[tuple[str | int, ...]]:
    """Yield the way to every value in a document."""
    keys = value if isinstance(value, dict) else range(len(value)) if type(value) is list else ()
    for key in keys:
        yield (*at, key)
        yield from places(value[key], (*at, key))


def test_documents_with_anything_wrong() -> None:
    """Both readings of the schema agree; what keeps to it is read or a ValueError; never else."""
    validator = Draft202012Validator(schema("recording"))
    refused = accepted = 0
    for way in places(full()):
        odd: Any
        for odd in (None, True, -1, 0, 1, 3, 0.5, "", "x", [], {}, 10**20, "remove"):
            document: Any = deepcopy(full())
            inside = document
            for step in way[:-1]:
                inside = inside[step]
            if odd == "remove":
                del inside[way[-1]]
            else:
                inside[way[-1]] = odd
            keeps = valid(document, "recording")
            too_large = odd == 10**20 and not keeps  # the one that the schema does not say
            assert keeps == validator.is_valid(document) or too_large, (way, odd)
            if keeps:
                try:
                    document_from_json(document)
                    accepted += 1
                except ValueError:
                    refused += 1
    assert refused > 30
    assert accepted > 10


@pytest.mark.parametrize(
    ("place", "row", "problem"),
    [
        ("width", 3, "width: not one of"),
        ("width", 5, "multiple of width"),
        ("keys", [{"method": "", "name": "", "status": 1, "exception": None, "failed": True}] * 2, "twice"),
        ("cells", [[9, 7, 1, 1, 0, None, None, ""]], "out of range"),
        ("cells", [[9, 0, 1, 1, 0, None, None, ""]] * 2, "occurs twice"),
        ("cells", [[9, 0, 1, 0, 5, 5, 5, "5 1 0 1"]], "a bucket occurs twice"),
        ("cells", [[9, 0, 1, 0, 2**60, 2**60, 2**60, f"{bucket_of(2**60)} 1"]], "the longest latency"),
        ("cells", [[9, 0, 1, 0, 5, 5, 5, "-5 1"]], "the longest latency"),
        ("cells", [[9, 0, 1, 0, 5, 5, 5, "5"]], "argument 2 is shorter"),
        ("cells", [[9, 0, 1, 0, 5, 5, 5, "5 2"]], "do not add up"),
        ("cells", [[9, 0, 1, 0, 5, None, None, "5 1"]], "latencies without requests"),
        ("cells", [[9, 0, 1, 0, 5, 5, 5, "6 1"]], "not in its bucket"),
        ("cells", [[9, 0, 1, 0, 6, 5, 5, "5 1"]], "out of their range"),
        ("cells", [[9, 0, -1, 0, 5, 5, 5, "5 1"]], "missing or negative"),
        ("texts", [[7, "x", 1]], "unknown key"),
    ],
)  # fmt: skip
def test_contradictions(place: str, row: Any, problem: str) -> None:
    """Each is told with its place."""
    with pytest.raises(ValueError, match=problem):
        from_json(full() | {place: row})


def test_very_many_names_are_counted_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts by status stay exact."""
    monkeypatch.setattr(bounds, "MOST_KEYS", 5)
    requests = [(9, Key("GET", f"/{n}", 200 + n % 7, None, False), 1) for n in range(50)]
    requests += [(9, Key("GET", "/x", None, f"E{n}", True), 1) for n in range(50)]
    counts = counted(requests)
    assert len(counts.keys) <= 20
    assert counts.requests == 100
    assert counts.failures == 50
    by_status = dict.fromkeys(range(200, 207), 0)
    for (_, key), cell in counts.cells.items():
        if isinstance(key.status, int):
            by_status[key.status] += cell.count
    assert by_status == {200 + n: len(range(n, 50, 7)) for n in range(7)}


def test_a_very_long_name_is_not_kept() -> None:
    """It is counted like one too many."""
    key = Counts().kept(Key("GET", "x" * 2001, 200, None, False))
    assert key == Key(None, None, 200, None, False)


def test_very_many_cells_widen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost, up to the widest; a cell that is widened away goes on to count."""
    monkeypatch.setattr(bounds, "MOST_CELLS", 10)
    requests: list[Request] = [(n, Key("GET", "/", 200, None, False), 1) for n in range(100)]
    counts = counted(requests)
    assert counts.width == 10
    assert counts.requests == 100
    added = Counts()
    monkeypatch.setattr(bounds, "MOST_CELLS", 10**6)
    monkeypatch.setattr(bounds, "MOST_OF_LATENCIES", 40)
    for n in range(100):
        added.add(counted([(n, Key("GET", "/", 200, None, False), 1)]))
    assert (added.width, added.requests) == (10, 100)
    monkeypatch.setattr(bounds, "MOST_CELLS", 10)
    monkeypatch.setattr(bounds, "WIDTHS", (1, 5, 10))
    counts = counted([(n, Key("GET", "/", 200, None, False), 1) for n in range(1000)])
    assert (counts.width, counts.requests) == (10, 1000)


def test_very_many_characters_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound, which names and texts share, all is counted without them."""
    monkeypatch.setattr(bounds, "MOST_CHARACTERS", 20)
    counts = Counts()
    key = counts.kept(Key("GET", "/long", 409, None, True))
    for text in ("twelve chars", "x", "x"):
        counts.count_text(key, text)
    assert counts.texts == {(key, "twelve chars"): 1, (key, None): 2}
    assert counts.kept(Key("", "", 200, None, False)) == Key("", "", 200, None, False)
    assert counts.kept(Key("PUT", "/", 200, None, False)) == Key(None, None, 200, None, False)


@pytest.mark.prove
def test_the_largest_recording_is_read(tmp_path: Path) -> None:
    """Whatever the recorder writes the reader takes: every bound is reached, with odd characters."""
    counts, odd = Counts(), '\U0001f4a5,[{"\\' * 100
    for number in range(2 * bounds.MOST_KEYS):
        name = f"/{number}{odd}"
        key = counts.kept(Key("GET", name, 100 + number % 900, f"E{number}", True))
        counts.count_text(key, f"{number}{odd * 2}")
        assert counts.kept(key) == key
    keys = sorted(counts.keys, key=repr)
    assert (len(keys), counts._characters > 0.99 * bounds.MOST_CHARACTERS) == (10_000, True)  # noqa: SLF001 - that it is full
    for number in range(bounds.MOST_CELLS):
        key, second = keys[number % len(keys)], number // len(keys)
        cell = counts.cells[1_800_000_000 + second, key] = Cell()
        for micros in (3_000_000_000 + 10_000_000 * step for step in range(50)):
            cell.record(micros)
        cell.pack()
    counts.add(Counts())
    for number in range(bounds.MOST_USER_COUNTS):
        counts.count_users(1_800_000_000 + number, number)
    for number in range(bounds.MOST_MARKS):
        counts.mark(Mark(at=1_800_000_000.123 + number, kind="spawned", users=number))
    for number in range(bounds.MOST_CLASSES):
        counts.count_task_error(f"{number}{odd}"[: bounds.LONGEST_TEXT])
    path = tmp_path / "run.loadgate.json.gz"
    totals = Totals(requests=counts.requests, failures=counts.failures, reset=False)
    document = Document(run="r", state="finished", locust_totals=totals, counts=counts)
    path.write_bytes(pack(document_to_json(document)))
    assert read_run(path).total.requests == counts.requests


def test_very_many_texts_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bounds without the text."""
    monkeypatch.setattr(bounds, "TEXTS_PER_KEY", 2)
    monkeypatch.setattr(bounds, "MOST_CLASSES", 2)
    monkeypatch.setattr(bounds, "MOST_MARKS", 2)
    monkeypatch.setattr(bounds, "MOST_USER_COUNTS", 2)
    counts, key = Counts(), Key("GET", "/", 409, None, True)
    for n in (1, 2, 3, 1):
        counts.count_text(key, f"text {n}")
        counts.count_task_error(f"Error{n}")
        counts.mark(Mark(at=n, kind="start"))
        counts.count_users(n, n)
    assert counts.texts == {(key, "text 1"): 2, (key, "text 2"): 1, (key, None): 1}
    assert counts.task_errors == {"Error1": 2, "Error2": 1, None: 1}
    assert [mark.at for mark in counts.marks] == [1, 2]
    assert counts.users == {1: 1, 2: 2}
    again = Counts()
    again.add(deepcopy(counts))
    again.add(Counts(width=5))
    assert (again.texts, again.task_errors, again.users) == (
        counts.texts, counts.task_errors, counts.users)  # fmt: skip


# --- the journal ----------------------------------------------------------------------------------


def journal(parts: int) -> list[bytes]:
    """Return the members of a journal."""
    key = Key("GET", "/", 200, None, False)
    packed = [pack(document_to_json(Document(run="r")))]
    for number in range(1, parts + 1):
        part = Part(
            run="r", worker="local", number=number, final=False, recorded=number, errors=0,
            error=None, counts=counted([(number, key, number)]),
        )  # fmt: skip
        packed.append(pack(part_to_json(part)))
    return packed


@given(st.integers(0, 5), st.data())
def test_a_journal_is_read_up_to_where_it_ends(parts: int, data: st.DataObject) -> None:
    """Cut anywhere, every part that is there whole counts; it is an unfinished run."""
    members = journal(parts)
    packed = b"".join(members)
    cut = data.draw(st.integers(len(members[0]), len(packed)))
    document = assemble(lines(packed[:cut]))
    whole = sum(len(b"".join(members[: n + 1])) <= cut for n in range(1, len(members)))
    assert document.counts.requests == whole
    assert "did not finish" in next(problems(document))


def test_gzip_reads_it() -> None:
    """The members are plain gzip with a line each, the same bytes each time."""
    packed = b"".join(journal(2))
    assert packed == b"".join(journal(2))
    assert len(gzip.decompress(packed).splitlines()) == 3
    value = list(lines(packed))[1]
    assert part_to_json(part_from_json(value)) == value


@pytest.mark.parametrize(
    ("packed", "problem"),
    [
        (b"", "empty"),
        (b"no gzip", "Expecting value"),
        (pack(full())[:30] + b"no gzip" * 99, "damaged gzip"),
        (gzip.compress(b"[]", mtime=0), "not a JSON object"),
        (gzip.compress(b"{", mtime=0), "Expecting"),
        (pack(full()) + journal(1)[1], "follows the end"),
    ],
)
def test_what_is_no_recording(packed: bytes, problem: str) -> None:
    """It is a ValueError."""
    with pytest.raises(ValueError, match=problem):
        assemble(lines(packed))


def test_a_bomb_does_not_unpack(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than so many bytes are refused."""
    monkeypatch.setattr("loadgate.recording.journal.MOST_BYTES", 1000)
    with pytest.raises(ValueError, match="more than 1,000 bytes"):
        list(lines(gzip.compress(b" " * 100_000)))


# --- what makes it no evidence --------------------------------------------------------------------


def with_worker(**fields: Any) -> dict[str, Any]:
    """Return a full document whose worker is different."""
    document = full()
    document["workers"][0] |= fields
    return document


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (full() | {"state": "running"}, "did not finish"),
        (with_worker(finished=False), "sent no last report"),
        (with_worker(silent=True), "reported to Locust but not"),
        (with_worker(missing=2), "2 of its reports are missing"),
        (with_worker(recorded=4), "recorded 4 requests, 3 arrived"),
        (with_worker(errors=1, error="KeyError: x"), "1 errors of the recorder, first KeyError"),
        (full() | {"errors": ["disk full"]}, "error of the recorder: disk full"),
        (full() | {"locust_totals": None}, "totals are not known"),
        (full() | {"locust_totals": {"requests": 2, "failures": 2, "reset": False}}, "3 requests"),
        (full() | {"locust_totals": {"requests": 3, "failures": 3, "reset": False}}, "2 failures"),
        (
            with_worker(resent=1)
            | {"locust_totals": {"requests": 4, "failures": 2, "reset": False}},
            "3 requests",
        ),
    ],
)
def test_no_evidence(document: dict[str, Any], problem: str) -> None:
    """Each is told."""
    assert problem in "".join(problems(document_from_json(document)))


@pytest.mark.parametrize(
    "document",
    [
        full() | {"locust_totals": {"requests": 1, "failures": 0, "reset": True}},
        with_worker(resent=1) | {"locust_totals": {"requests": 1, "failures": 2, "reset": False}},
        full() | {"cells": [], "keys": [], "texts": [], "workers": [], "locust_totals": None},
    ],
)
def test_what_is_right_all_the_same(document: dict[str, Any]) -> None:
    """Reset statistics, a part that was sent again, no requests at all."""
    assert not list(problems(document_from_json(document)))


def test_the_page_names_the_bounds() -> None:
    """As they are."""
    page = (Path(__file__).parents[2] / "docs/development/recording-format.md").read_text("utf-8")
    for number in (
        bounds.MOST_KEYS,
        bounds.MOST_CELLS,
        bounds.MOST_OF_LATENCIES,
        bounds.MOST_CHARACTERS,
        bounds.MOST_TEXTS,
        bounds.MOST_MARKS,
        MOST_SIGNS,
    ):
        assert f"{number:,}" in page
