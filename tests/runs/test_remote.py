"""Tests of URLs: the sources below them, and the records of these."""

from __future__ import annotations

import gzip
import json
import socket
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from conftest import WriteRun

from loadgate.errors import UsageError
from loadgate.runs import Settings, candidate, collect, find_candidates, remote
from loadgate.runs import load as judge
from loadgate.runs.candidate import NOTHING, VANISHED
from loadgate.summary import Collection

from . import made

fsspec = pytest.importorskip("fsspec", reason="the extra fleet is not installed")


MOST_SENT = 2**29
"""Bytes that a server of these tests sends, where nobody stops it."""


@pytest.fixture(autouse=True)
def _no_server_was_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ports are used again."""
    monkeypatch.setattr(remote, "_too_slow", set())


@pytest.fixture
def memory() -> Iterator[Any]:
    """Return an empty file system in memory."""
    system = fsspec.filesystem("memory")
    yield system
    system.rm("/", recursive=True)


def collected(*urls: str) -> Collection:
    """Return what URLs hold, judged by the preset."""
    settings = Settings(rules="optimistic-locking")
    return collect(find_candidates(urls), settings=settings, jobs=1)


@contextmanager
def server_of(answer: Callable[[BaseHTTPRequestHandler], object]) -> Iterator[str]:
    """Serve what `answer` sends, whatever is asked for; give the URL."""
    pytest.importorskip("aiohttp", reason="the extra fleet is not installed")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(ConnectionError):
                answer(self)

        do_HEAD = do_GET  # noqa: N815 - as http.server has it

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True  # some never come to an end
        Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def text(of: made.Document | None = None) -> bytes:
    """Return a document as it is stored."""
    return json.dumps(of or made.document()).encode()


def put(memory: Any, write_run: WriteRun, folder: str, *names: str) -> None:
    """Store a raw run under names for its statistics and failures, and what else is named."""
    run = write_run()
    for name, source in zip(names, (run, run.with_name("run_failures.csv")), strict=False):
        memory.pipe(f"/{folder}/{name}", source.read_bytes())
    for name in names[2:]:
        memory.pipe(f"/{folder}/{name}", b"Count,Message,Traceback,Nodes\n")


def test_documents_and_runs_are_found_by_name(memory: Any, write_run: WriteRun) -> None:
    """What lies in folders is found by name, sorted, without hidden ones."""
    for name in ("b/x.json", "a/y.json", "a/.z.json", ".git/z.json", "a/notes.txt"):
        memory.pipe(f"/week/{name}", text())
    put(memory, write_run, "week/c", "stats.csv", "failures.csv")
    memory.pipe("/week/c/other.json", text())
    memory.pipe("/week/c/report.html", b"<title>Locust</title>")
    found = find_candidates(["memory://week"])
    assert [(source.path, source.form, source.documents_only) for source in found] == [
        ("memory:///week/a/y.json", "json", False),
        ("memory:///week/b/x.json", "json", False),
        ("memory:///week/c/other.json", "json", True),
        ("memory:///week/c/stats.csv", "run", False),
    ]
    assert {source.below for source in found} == {"memory://week"}


def test_a_raw_run_is_fetched_with_what_belongs_to_it(memory: Any, write_run: WriteRun) -> None:
    """A run is judged by all of its files; without a prefix it is called by its folder."""
    begin = datetime.now(UTC)
    put(memory, write_run, "monday", "stats.csv", "failures.csv", "exceptions.csv")
    end = datetime.now(UTC)
    (record,) = collected("memory://monday").records
    assert (record.source, record.label) == ("memory:///monday/stats.csv", "monday")
    assert (record.expected, record.true) == (10, 0)
    assert record.time_from == "file"
    assert begin - timedelta(seconds=1) <= record.started <= end + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("names", "others"),
    [
        pytest.param(["run_stats.csv", "run_failures.csv"], "other{}_stats.csv", id="prefix"),
        pytest.param(["stats.csv", "failures.csv"], "zzz{}.csv", id="no-prefix"),
    ],
)
def test_of_many_runs_only_one_is_fetched(
    memory: Any,
    write_run: WriteRun,
    monkeypatch: pytest.MonkeyPatch,
    names: list[str],
    others: str,
) -> None:
    """Where a folder holds many files, those of a run are told by their names."""
    put(memory, write_run, "flat", *names, *(others.format(number) for number in range(9)))
    fetched = []
    get_file = type(memory).get_file

    def note(self: Any, rpath: str, lpath: str, **more: object) -> None:
        fetched.append(Path(lpath).name)
        get_file(self, rpath, lpath, **more)

    monkeypatch.setattr(type(memory), "get_file", note)
    (record,) = collected(f"memory://flat/{names[0]}").records
    assert record.expected == 10
    assert fetched == names


def test_the_json_of_locust_is_fetched_with_its_texts(memory: Any, write_run: WriteRun) -> None:
    """What --json-file writes has no error texts; the failures CSV beside it has."""
    entry = {
        "method": "POST",
        "name": "/tools/[id]/state",
        "num_requests": 1000,
        "num_failures": 10,
        "response_times": {"5": 1000},
        "start_time": 1_763_900_000,
        "last_request_timestamp": 1_763_900_300,
    }
    put(memory, write_run, "run", "unused.txt", "run_failures.csv")
    memory.pipe("/run/run.json", json.dumps([entry]).encode())
    (record,) = collected("memory://run/").records
    assert (record.requests, record.expected, record.time_from) == (1000, 10, "json")


def test_problems_name_urls(memory: Any, write_run: WriteRun) -> None:
    """What is wrong with a fetched run is told of its URL, not of the copy."""
    put(memory, write_run, "run", "run_stats.csv", "run_failures.csv")
    memory.pipe("/run/run_failures.csv", b"Method,Name,Error,Occurrences\nPOST,/new,boom,3\n")
    memory.pipe("/run/run.txt", b"hello")
    (broken,) = collected("memory://run/run_stats.csv").broken
    assert broken.source == "memory://run/run_stats.csv"
    assert broken.problem.startswith("memory://run/run_failures.csv: the failures contradict")
    (broken,) = collected("memory://run/run.txt").broken
    assert broken.problem == judge.NO_RUN


def test_what_is_too_large_is_not_fetched(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Size is asked before anything is fetched."""
    memory.pipe("/week/a.json", text())
    monkeypatch.setattr(remote, "LARGEST_DOCUMENT", 1024)
    (broken,) = collected("memory://week/").broken
    assert broken.problem == "is larger than 0 MiB"


@pytest.mark.parametrize("packed", [False, True], ids=["unknown-length", "gzip"])
def test_a_download_ends_at_its_limit(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    """Where the server does not tell the size, or that of what it packed: as soon as it is over."""
    pytest.importorskip("aiohttp", reason="the extra fleet is not installed")
    sent = 0

    def answer(asked: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        asked.send_response(200)
        if packed:
            asked.send_header("Content-Encoding", "gzip")
        asked.end_headers()
        pack = zlib.compressobj(wbits=31)
        for sent in range(0, MOST_SENT if asked.command == "GET" else 0, 2**20):  # noqa: B007 - read by the test
            block = b" " * 2**20
            if packed:
                block = pack.compress(block) + pack.flush(zlib.Z_FULL_FLUSH)
            asked.wfile.write(block)

    monkeypatch.setattr(remote, "LARGEST_DOCUMENT", 2**20)
    with server_of(answer) as url:
        (broken,) = collected(f"{url}/a.json").broken
    assert broken.problem == "is larger than 1 MiB"
    assert sent < MOST_SENT - 2**20


def head(asked: BaseHTTPRequestHandler, kind: str = "application/json") -> None:
    """Send all that comes before the content."""
    asked.send_response(200)
    asked.send_header("Content-Type", kind)
    asked.end_headers()


def drip(asked: BaseHTTPRequestHandler) -> None:
    """Send a byte now and then, without end."""
    while True:
        asked.wfile.write(b" ")
        time.sleep(0.05)


def drip_head(asked: BaseHTTPRequestHandler) -> None:
    """Drip the answer's head."""
    asked.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
    drip(asked)


def drip_content(asked: BaseHTTPRequestHandler) -> None:
    """Drip what is fetched; answer at once how large it is."""
    head(asked)
    if asked.command == "GET":
        drip(asked)


def never(_asked: BaseHTTPRequestHandler) -> None:
    """Accept a request, and say nothing."""
    time.sleep(600)


def drip_page(asked: BaseHTTPRequestHandler) -> None:
    """Drip a page that lists a folder."""
    head(asked, "text/html")
    drip(asked)


@pytest.mark.parametrize("answer", [drip_head, drip_content, drip_page, never])
@pytest.mark.parametrize("name", ["a.json", "a_stats.csv"])
def test_a_download_has_one_deadline(
    name: str, answer: Callable[[BaseHTTPRequestHandler], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte keeps alive whatever only waits for the next one."""
    monkeypatch.setattr(remote, "PATIENCE", 0.5)
    with server_of(answer) as url:
        (broken,) = collected(f"{url}/{name}").broken
    assert broken.problem == (
        "takes longer than 0.5 seconds; try again, or download it and name the file"
    )


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_does_not_even_greet(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handshake has no limit of its own."""
    pytest.importorskip("aiohttp", reason="the extra fleet is not installed")
    monkeypatch.setattr(remote, "PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        (broken,) = collected(f"{scheme}://127.0.0.1:{server.getsockname()[1]}/a.json").broken
    assert broken.problem.startswith("takes longer than 0.5 seconds")


def test_a_slow_server_is_asked_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many slow results take no longer than one."""

    def answer(asked: BaseHTTPRequestHandler) -> None:
        listed = asked.path == "/week/"
        head(asked, "text/html" if listed else "application/json")
        if listed:
            asked.wfile.write(b"".join(b'<a href="%d.json">' % number for number in range(9)))
        elif asked.path.endswith("/0.json"):
            asked.wfile.write(text())
        elif asked.command == "GET":
            drip(asked)

    settings = Settings(rules="optimistic-locking")
    with server_of(answer) as url:
        sources = find_candidates([f"{url}/week/"])
        assert len(collect(sources[:1], settings=settings, jobs=1).records) == 1
        monkeypatch.setattr(remote, "PATIENCE", 0.5)
        found = collect(sources[1:], settings=settings, jobs=1)
    assert [each.problem.partition(";")[0] for each in found.broken] == [
        "takes longer than 0.5 seconds",
        *["skipped: its server took too long for another result"] * 7,
    ]


@pytest.mark.parametrize(
    ("to", "problem"),
    [
        ("/again", "cannot be listed: it is redirected again and again"),
        ("file:///etc/passwd", "is redirected to a file URL"),
        ("GOPHER://127.0.0.1/", "is redirected to a gopher URL"),
    ],
)
def test_redirects(to: str, problem: str) -> None:
    """Never without end, nor to what is not HTTP."""

    def answer(asked: BaseHTTPRequestHandler) -> None:
        asked.send_response(302)
        asked.send_header("Location", to)
        asked.end_headers()

    with server_of(answer) as url:
        (broken,) = collected(f"{url}/a.json").broken
    assert broken.problem == problem


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(b"<a" + b" " * 20_000 + b"<a " * 20_000, id="intricate"),
        pytest.param(b'<a href="x.json"> ' * 200_000, id="long"),
    ],
)
def test_a_page_that_lists_a_folder_is_bounded(
    page: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its size, and what it costs to find the links in it."""

    def answer(asked: BaseHTTPRequestHandler) -> None:
        head(asked, "text/html")
        asked.wfile.write(page)

    monkeypatch.setattr(remote, "LARGEST_DOCUMENT", 2**20)
    with server_of(answer) as url:
        (broken,) = collected(f"{url}/week/").broken
    assert broken.problem == NOTHING


def test_what_is_too_large_unpacked_is_not_kept(
    memory: Any, monkeypatch: pytest.MonkeyPatch, write_run: WriteRun
) -> None:
    """A small file may hold much; one that is damaged is told by whoever reads it."""
    put(memory, write_run, "run", "run_stats.csv", "run_failures.csv")
    statistics = memory.cat("/run/run_stats.csv")
    memory.rm("/run/run_stats.csv")
    memory.pipe("/run/run_stats.csv.gz", gzip.compress(statistics)[:-9])
    (broken,) = collected("memory://run/run_stats.csv.gz").broken
    assert "truncated .gz" in broken.problem
    memory.pipe("/run/run_stats.csv.gz", gzip.compress(statistics + b"\n" * 5_000_000))
    monkeypatch.setattr(remote, "_LARGEST_CSV", 2**21)
    (broken,) = collected("memory://run/run_stats.csv.gz").broken
    assert broken.problem == "is larger than 2 MiB"


def test_libraries_do_not_tell_secrets(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """They take a URL apart, and quote what was a user and a password."""

    def fail(_self: object, _path: str, *_more: object, **_named: object) -> None:
        raise RuntimeError('bad bucket "KEY:p%40ss@b", p@ss')

    monkeypatch.setattr(type(memory), "isdir", fail)
    (broken,) = collected("memory://KEY:p%40ss@b/week/").broken
    assert broken.problem == 'cannot be listed: bad bucket "***@b", p@ss'.replace("p@ss", "***")


def test_errors_of_a_file_system_are_told(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a file system raises breaks one source only."""

    def fail(_self: object, _path: str, *_more: object, **_named: object) -> None:
        raise RuntimeError("the network\nis down")

    memory.pipe("/week/a.json", text())
    monkeypatch.setattr(type(memory), "get_file", fail)
    (broken,) = collected("memory://week/").broken
    assert broken.problem == "cannot be fetched: the network is down"
    monkeypatch.setattr(type(memory), "isdir", fail)
    (broken,) = collected("memory://week/").broken
    assert (broken.source, broken.problem) == (
        "memory://week/",
        "cannot be listed: the network is down",
    )


def test_what_vanished_is_named(memory: Any) -> None:
    """An object that is deleted after it was found is named."""
    memory.pipe("/week/a.json", text())
    sources = find_candidates(["memory://week/"])
    memory.rm("/week/a.json")
    (broken,) = collect(sources, settings=Settings(), jobs=1).broken
    assert (broken.source, broken.problem) == ("memory:///week/a.json", VANISHED)


def test_the_search_is_bounded(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many results the first are taken, and it is said."""
    monkeypatch.setattr(candidate, "MOST", 1)
    memory.pipe("/week/a.json", text())
    memory.pipe("/week/b.json", text(made.document(1)))
    found = collected("memory://week/")
    assert len(found.records) == 1
    assert found.broken[0].problem == "holds more than 1 results; name the folders in it"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("memory://empty/", id="nothing-that-counts"),
        pytest.param("memory://nothing/*.json", id="a-glob-without-matches"),
    ],
)
def test_a_url_below_which_nothing_is_a_run_is_told(memory: Any, url: str) -> None:
    """Where there is nothing below a URL, it is broken."""
    memory.pipe("/empty/readme.txt", b"")
    (broken,) = collected(url).broken
    assert (broken.source, broken.problem[:30]) == (url, "holds no result documents (che")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("carrier://pigeon", "cannot be read as a URL: Protocol not", id="unknown"),
        pytest.param("asynclocal://x", "; then it can be read", id="not-installed"),
    ],
)
def test_urls_that_nothing_reads_are_errors(
    url: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A URL that nothing installed can read is an error, with what to install."""
    registry = pytest.importorskip("fsspec.registry").known_implementations
    spec = {"class": "no_such_module.System", "err": "Install no_such_module"}
    monkeypatch.setitem(registry, "asynclocal", spec)
    with pytest.raises(UsageError) as caught:
        find_candidates([url])
    assert problem in str(caught.value)


def test_archives_are_read_by_chained_urls(tmp_path: Path) -> None:
    """Chained URLs reach into archives, also from other processes."""
    archive = tmp_path / "runs.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("week/a.json", text())
        file.writestr("b.json", text(made.document(1)))
    found = collected(f"zip://::{archive}")
    assert found.broken == ()
    assert [record.source for record in found.records] == [
        f"zip://week/a.json::{archive}",
        f"zip://b.json::{archive}",
    ]


def test_a_time_that_nothing_tells_is_not_made_up(
    memory: Any, monkeypatch: pytest.MonkeyPatch, write_run: WriteRun
) -> None:
    """Where neither the run nor the file system says when it was, it is in no week."""
    put(memory, write_run, "run", "run_stats.csv", "run_failures.csv")
    info = type(memory).info

    def silent(self: Any, path: str, **more: object) -> dict[str, object]:
        return {**info(self, path, **more), "created": None}

    monkeypatch.setattr(type(memory), "info", silent)
    (broken,) = collected("memory://run/run_stats.csv").broken
    assert broken.problem == "run.started: does not say when the run was, nor does its file"
