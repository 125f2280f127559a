"""What in a folder may be a result and is not judged: it is named; all else is nobody's business."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from conftest import WriteRun

from loadgate import read_run
from loadgate.read import leftovers
from loadgate.read.leftovers import left_out

LIST = (
    '[{"name": "/a", "method": "GET", "num_requests": 5, "num_failures": 5, "response_times": {}}]'
)
STATS = (
    "Type,Name,Request Count,Failure Count,Average Response Time\nGET,/a,9,9,1\n,Aggregated,9,9,1\n"
)
REPORT = '<title>Locust</title>window.templateArgs = {"a": 1}</html>'


def zipped(**files: str) -> bytes:
    """Return a .zip archive."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return data.getvalue()


def tarred(name: str, text: str) -> bytes:
    """Return a .tar archive."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text.encode()))
    return data.getvalue()


RESULTS = [
    pytest.param(".b_stats.csv", STATS, "hidden files are not read", id="hidden"),
    pytest.param(".b.json", LIST, "hidden files are not read", id="hidden-list"),
    pytest.param("b.txt", STATS, "its name does not end in .csv", id="csv-as-txt"),
    pytest.param("b", "\n\nsep=,\n" + STATS, "its name does not end in .csv", id="no-ending"),
    pytest.param("b.csv.bak", STATS, "its name does not end in .csv", id="backup"),
    pytest.param("b.tsv", STATS.replace(",", "\t"), "its name does not", id="tabs"),
    pytest.param("b.txt", "\ufeff" + STATS, "its name does not", id="mark"),
    pytest.param("b.txt", STATS.encode("utf-16"), "its name does not", id="utf-16"),
    pytest.param("b.txt.gz", gzip.compress(STATS.encode()), "its name does not", id="gz"),
    pytest.param("b.log", LIST, "its name does not end in", id="list-as-log"),
    pytest.param("b.log", " " * 5000 + LIST, "its name does not end in", id="blanks-first"),
    pytest.param("b.xhtml", REPORT, "its name does not end in", id="report-as-xhtml"),
    pytest.param("b.txt", "[08:00] INFO: x\n" + LIST, "other lines around its JSON", id="log"),
    pytest.param("b_failures.csv", "Method,Name,Error,Occurrences\n", "the statistics", id="texts"),
    pytest.param("b_exceptions.csv", "Count,Message,Traceback\n", "the statistics", id="raised"),
    pytest.param(
        "b_stats_history.csv", "Timestamp,User Count,Type,Name\n", "the statis", id="hist"
    ),
    pytest.param("b_failures.csv", "", "it is empty", id="empty"),
    pytest.param("b.zip", zipped(b_stats__csv="x"), "it is a .zip archive", id="zip"),
    pytest.param("b.zip", zipped(b__zip="x"), "it is a .zip archive", id="zip-in-zip"),
    pytest.param("b.zip", zipped(b_stats__csv="x")[:50], "it is a .zip archive", id="cut-zip"),
    pytest.param("b.tar", tarred("b_stats.csv", STATS), "it is a .tar archive", id="tar"),
    pytest.param("b.tgz", gzip.compress(tarred("b", STATS)), "it is a .tar archive", id="tgz"),
    pytest.param("b.7z", b"7z\xbc\xaf\x27\x1c", "it is a .7z archive", id="7z"),
    pytest.param("b.rar", b"Rar!\x1a\x07", "it is a .rar archive", id="rar"),
    pytest.param("b_stats.csv.bz2", bz2.compress(b"x"), "it is a .bz2 archive", id="bz2"),
    pytest.param("b_stats.xlsx", zipped(xl__x="x", xl="x"), "", id="zip-of-a-workbook"),
    pytest.param("b_stats.xls", b"\xd0\xcf\x11\xe0", "it is a workbook", id="workbook"),
    pytest.param("b.csv.gz", gzip.compress(STATS.encode() * 99)[:20], "truncated", id="cut-gz"),
]


@pytest.mark.parametrize(("name", "content", "reason"), RESULTS)
@pytest.mark.parametrize("several", [False, True], ids=["one-run", "several"])
def test_a_result_that_is_not_judged(
    write_run: WriteRun, name: str, content: str | bytes, reason: str, *, several: bool
) -> None:
    """It is named with the reason, whatever it is called."""
    folder = write_run(prefix="a").parent
    runs = [str(folder / "a_stats.csv")]
    if several:
        runs.append(str(write_run(prefix="c")))
    data = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(data)
    told = left_out(str(folder), runs)
    if not several:
        assert told == [text for text in read_run(folder).warnings if "left out" in text]
    if not reason:
        assert told == []
        return
    (sentence,) = told
    assert sentence.startswith(f"{folder / name} was left out: ")
    assert reason in sentence


OTHERS: dict[str, str | bytes] = {
    "README.md": "# Type of run\n\nName, Request Count\n",
    ".gitignore": "*.csv\n",
    "picture.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 99,
    "locust.log": "[2026-11-23 06:00:00,000] vm/INFO/locust.main: Starting Locust 2.47.0\n",
    "errors.log": '{"level": "error", "errors": [1]}\n{"level": "error", "errors": [2]}\n',
    "settings.json": '{"a": [1, 2]}',
    "tsconfig.json": '{"a": [1, 2], // why\n}\n',
    "lines.json": '{"a": 1}\n{"a": 2}\n',
    "eslint.json": '{"errors": 0}',
    "coverage.html": "<html><title>Coverage</title></html>",
    "playwright.html": "<html><title>Playwright Test Report</title></html>",
    "data.csv": "a,b\n1,2\n",
    "users.csv": "name,password\nx,y\n",
    "empty": "",
    "empty.csv": "",
    "source.zip": zipped(main__py="x"),
    "budget.xlsx": b"\xd0\xcf\x11\xe0",
    "paper.pdf": b"%PDF-1.7",
    "latin": "caf\xe9 ".encode("latin-1") * 99,
    "verdict.json": '{"format": "loadgate.result", "version": 1}',
    "junit.xml": "<testsuites/>",
    "large.json": '{"a": [' + "1, " * 40_000 + "1]",
}


def test_what_is_no_result(write_run: WriteRun) -> None:
    """It is passed over in silence; of a large file only the start is read."""
    folder = write_run().parent
    for name, content in OTHERS.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "docs").mkdir()
    (folder / "docs" / "data.csv").write_text("a,b\n")
    assert read_run(folder).warnings == ()
    assert left_out(str(folder), [str(folder / "run_stats.csv")]) == []


def test_what_cannot_be_looked_at(write_run: WriteRun, refuse: Callable[..., None]) -> None:
    """It may be anything, so it is named; a pipe is not opened, as that would wait for a writer."""
    folder = write_run().parent
    (folder / "b.txt").write_text(STATS)
    refuse(folder / "b.txt")
    (folder / "link").symlink_to("nowhere")
    (folder / "deep").symlink_to("deep")
    os.mkfifo(folder / "b_stats.csv.gz")
    os.mkfifo(folder / "socket")
    told = left_out(str(folder), [str(folder / "run_stats.csv")])
    assert [text.removeprefix(f"{folder}/").split(" was left out: ")[0] for text in told] == [
        *("b.txt", "b_stats.csv.gz", "deep", "link"),
    ]
    for text, why in zip(told, ("Permission", "regular file", "link", "link"), strict=True):
        assert why in text
    assert left_out(str(folder / "nowhere"), []) == []


def test_a_file_that_vanishes(write_run: WriteRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the listing and the look at it; the system says what happened."""
    folder = write_run().parent

    class Vanished:
        name, path = "b.csv", str(folder / "b.csv")

        def stat(self) -> None:
            raise FileNotFoundError(2, "No such file or directory")

        is_dir = is_symlink = lambda _: False

    monkeypatch.setattr("os.scandir", lambda _: contextlib.nullcontext([Vanished()]))
    monkeypatch.setattr("os.walk", lambda *_, **__: ())
    (told,) = left_out(str(folder), [])
    assert told.endswith(": No such file or directory")


def test_what_is_known_already(write_run: WriteRun) -> None:
    """What is judged, what belongs to it, a packed copy of it, and what another text names."""
    folder = write_run(exceptions=1).parent
    (folder / "run_failures.csv.gz").write_bytes(b"")
    broken = folder / "broken_stats.csv"
    broken.write_text("Type,Na")
    (folder / "broken_failures.csv").write_text("Method,Name,Error,Occurrences\n")
    for name in ("b.txt", "b.txt.old"):
        (folder / name).write_text(STATS)
    runs = [str(folder / "run_stats.csv"), str(broken)]
    told = left_out(str(folder), runs, [f"{folder}/b.txt is from another run"])
    assert [text.split()[0] for text in told] == [f"{folder}/b.txt.old"]


def test_a_packed_document_that_is_no_copy(write_run: WriteRun) -> None:
    """Only one of the two is held against the run."""
    folder = write_run().parent
    (folder / "run.html").write_text(REPORT)
    packed = folder / "run.html.gz"
    packed.write_bytes(gzip.compress(REPORT.encode()))
    runs = [str(folder / name) for name in ("run_stats.csv", "run.html")]
    assert left_out(str(folder), runs) == []
    packed.write_bytes(gzip.compress(REPORT.encode() + b" "))
    (told,) = left_out(str(folder), runs)
    assert "run.html.gz was left out: it is ambiguous" in told


def test_downloads_whose_failures_are_not_clear(write_run: WriteRun) -> None:
    """The run is refused for it, which is told elsewhere."""
    folder = write_run().parent
    stats = (folder / "run_stats.csv").rename(folder / "requests_1795415320.csv")
    for number in (1, 2):
        shutil.copy(folder / "run_failures.csv", folder / f"failures_179541532{number}.csv")
    told = left_out(str(folder), [str(stats)])
    assert len(told) == 3


def test_folders_inside(write_run: WriteRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those with a result are named, at any depth and whatever it is; each folder once."""
    folder = write_run().parent
    write_run(folder="b")
    write_run(folder="b/deep/er")
    write_run(folder=".hidden")
    write_run(folder="named")
    write_run(folder="judged")
    for place, name, text in (
        ("pages", "x.html", REPORT),
        ("lists", "x.json", LIST),
        ("own", "x.csv", STATS),
        ("other", "x.csv", "a,b\n"),
        (".cache", "x.json", LIST),
        ("cut", "x.json", "[{"),
    ):
        (folder / place).mkdir()
        (folder / place / name).write_text(text)
    (folder / "b" / "circle").symlink_to(folder)
    runs = [folder / "run_stats.csv", folder / "named", folder / "judged" / "run_stats.csv"]
    told = left_out(str(folder), list(map(str, runs)))
    assert [text.split()[0].removeprefix(f"{folder}/") for text in told] == [
        *(".hidden", "b", "b/deep/er", "lists", "own", "pages"),
    ]
    monkeypatch.setattr(leftovers, "_MOST_OPENED", 1)
    assert "too many files in folders" in left_out(str(folder), list(map(str, runs)))[-1]


def test_a_folder_inside_that_cannot_be_read(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows what it holds."""
    folder = write_run().parent
    (folder / "closed").mkdir()
    scan = os.scandir

    def refused(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr("os.scandir", refused)
    (told,) = left_out(str(folder), [str(folder / "run_stats.csv")])
    assert told == f"{folder}/closed was left out: it cannot be read: Permission denied"


def test_many_of_them(write_run: WriteRun) -> None:
    """They are counted."""
    folder = write_run().parent
    for number in range(30):
        (folder / f"{number:02}.txt").write_text(STATS)
    told = left_out(str(folder), [str(folder / "run_stats.csv")])
    assert len(told) == 21
    assert told[-1] == f"{folder} holds 10 more results that were left out"
