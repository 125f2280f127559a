"""Copies that a spreadsheet, a shell or a tool made of what Locust wrote.

What lost nothing is read. Everything else is refused with its own cause, and with what to do:
running the test again is of no use where Locust did nothing wrong.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from conftest import STATS_HEADER, WriteRun

from loadgate import read_run
from loadgate.errors import ContradictionError, ResultError
from loadgate.model import EndpointStats, FailureRow, Run
from loadgate.read import raw, tables

EXAMPLE = Path(__file__).parents[2] / "examples" / "runs"
FILES = ("run_stats.csv", "run_failures.csv", "run_exceptions.csv", "run_stats_history.csv")


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """Return a copy of a run that a real Locust wrote."""
    for name in FILES:
        shutil.copy(EXAMPLE / name, tmp_path)
    return tmp_path / "run_stats.csv"


def read(path: Path) -> tuple[tuple[EndpointStats, ...], EndpointStats, list[FailureRow], int]:
    """Return all that a run says."""
    run = read_run(path)
    return (run.endpoints, run.total, texts(run), run.task_exceptions or 0)


def texts(run: Run) -> list[FailureRow]:
    """Return the failures of a run."""
    assert run.failure_log is not None
    return list(run.failure_log.rows([]))


def rewrite(
    path: Path, change: Callable[[list[list[str]]], Iterable[list[str]]], **form: object
) -> None:
    """Save a CSV file as a tool does that reads its rows, changes them and writes them."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    text = io.StringIO(newline="")
    csv.writer(text, **form).writerows(change(rows))  # type: ignore[arg-type]
    path.write_bytes(text.getvalue().encode())


def all_files(stats: Path) -> list[Path]:
    """Return the CSV files of a run."""
    return [stats.with_name(name) for name in FILES]


def same(rows: list[list[str]]) -> list[list[str]]:
    """Change nothing."""
    return rows


def with_blank_rows(rows: list[list[str]]) -> list[list[str]]:
    """Add rows without content, before, between and after the others."""
    blank = [""] * len(rows[0])
    return [blank, rows[0], blank, *rows[1:], blank, [" ", *blank[1:]], []]


def reordered(rows: list[list[str]]) -> list[list[str]]:
    """Put the columns into another order."""
    order = sorted(range(len(rows[0])), key=lambda place: (place * 7) % 5)
    return [[row[place] for place in order] for row in rows]


def with_an_index(rows: list[list[str]]) -> list[list[str]]:
    """Add the column of row numbers that pandas writes, and one at the end."""
    return [["" if not n else str(n - 1), *row, "x"] for n, row in enumerate(rows)]


def with_floats(rows: list[list[str]]) -> list[list[str]]:
    """Write whole numbers as pandas does in a column where one was missing."""
    return [
        rows[0],
        *([f"{cell}.0" if cell.isdigit() else cell for cell in row] for row in rows[1:]),
    ]


def without_na(rows: list[list[str]]) -> list[list[str]]:
    """Leave cells empty where there is no number."""
    return [["" if cell == "N/A" else cell for cell in row] for row in rows]


@pytest.mark.parametrize(
    ("change", "form"),
    [
        pytest.param(same, {}, id="nothing"),
        pytest.param(same, {"delimiter": ";"}, id="semicolons"),
        pytest.param(same, {"delimiter": "\t"}, id="tabs"),
        pytest.param(same, {"quoting": csv.QUOTE_ALL}, id="quotes-around-everything"),
        pytest.param(same, {"lineterminator": "\r"}, id="cr-only"),
        pytest.param(same, {"lineterminator": "\n"}, id="lf"),
        pytest.param(same, {"lineterminator": "\r\r\n"}, id="cr-cr-lf"),
        pytest.param(with_blank_rows, {}, id="blank-rows"),
        pytest.param(with_blank_rows, {"delimiter": ";"}, id="blank-rows-of-semicolons"),
        pytest.param(reordered, {}, id="other-order"),
        pytest.param(with_an_index, {}, id="more-columns"),
        pytest.param(with_floats, {}, id="floats"),
        pytest.param(without_na, {}, id="no-na"),
    ],
)
def test_what_lost_nothing_is_read(
    example: Path, change: Callable[[list[list[str]]], list[list[str]]], form: dict[str, object]
) -> None:
    """It says what the file said that Locust wrote."""
    expected = read(example)
    for path in all_files(example)[:3]:
        rewrite(path, change, **form)
    assert read(example) == expected
    assert read(example.parent) == expected


@pytest.mark.parametrize("first", ["sep=,", "SEP=;", '"sep=,"', "#TYPE System.Object", ",,"])
def test_a_line_before_the_header(example: Path, first: str) -> None:
    """As Excel asks for one, and PowerShell 5 writes one."""
    expected = read(example)
    for path in all_files(example)[:3]:
        path.write_bytes(f"{first}\r\n".encode() + path.read_bytes())
    assert read(example) == expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_of_all_kinds_is_read(example: Path, encoding: str) -> None:
    """As PowerShell writes it, and a spreadsheet as "Unicode text"; the history, too."""
    expected, time = read(example), read_run(example).time
    for path in all_files(example):
        path.write_bytes(path.read_text("utf-8").encode(encoding))
    assert read(example) == expected
    assert read_run(example).time == time


def zipped(path: Path) -> Path:
    """Gzip a file."""
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    return packed


@pytest.mark.parametrize(
    "names",
    [FILES, FILES[:1], FILES[1:2], FILES[2:]],
    ids=["all", "statistics", "failures", "rest"],
)
def test_gzipped_files_are_read(example: Path, names: tuple[str, ...]) -> None:
    """All or some of them, by the name of any of them, by the prefix, in the folder."""
    expected, time, label = read(example), read_run(example).time, read_run(example).label
    for name in names:
        zipped(example.with_name(name))
    named = [path for name in FILES for path in example.parent.glob(f"{name}*")]
    assert len(named) == len(FILES)
    for path in (*named, example.with_name("run"), example.parent):
        assert read(path) == expected
        assert read_run(path).time == time
        assert read_run(path).label == label


def test_gzipped_documents_are_read(example: Path) -> None:
    """A report or a JSON by its name or prefix; also one that was gzipped and kept its name."""
    listed = [{"name": "/a", "method": "GET", "num_requests": 9, "num_failures": 1}]
    folder = example.parent / "documents"
    folder.mkdir()
    path = folder / "x.json"
    path.write_text(json.dumps([{**entry, "response_times": {}} for entry in listed]))
    expected = read_run(path).total
    packed = zipped(path)
    for named in (packed, folder / "x", folder, path):
        if named == path:
            packed.rename(path)
        assert read_run(named).total == expected
        assert read_run(named).label == "x"


def _cells(row: list[str], width: int) -> str:
    """Return the cells of a row of a report, the last of which are numbers."""
    numbers = ["100000", "0", *["1"] * width]
    return "".join(f"<td>{cell}</td>" for cell in [*row, *numbers][:width])


def test_a_gzipped_report_beside_the_files(example: Path) -> None:
    """It is held against them as any other."""
    names = "Method,Name,# Requests,# Fails,Average (ms),Min (ms),Max (ms),RPS".split(",")
    rows = [names, ["GET", "/a"], ["", "Aggregated"]]
    page = "".join(f"<tr>{_cells(row, len(names))}</tr>" for row in rows)
    report = example.with_name("run.html")
    report.write_text(
        f"<h1>Test Report</h1><h2>Request Statistics</h2><table>{page}</table></html>"
    )
    packed = zipped(report)
    assert read_run(packed).total.requests == 100_000
    with pytest.raises(ContradictionError, match=r"run\.html\.gz 100,000"):
        read_run(example.parent)


def test_a_file_and_the_same_file_gzipped(example: Path) -> None:
    """They are one, as `gzip --keep` leaves them."""
    expected = read(example)
    for path in all_files(example):
        data = path.read_bytes()
        zipped(path)
        path.write_bytes(data)
    assert read(example.parent) == expected


def test_a_gz_that_was_cut_or_damaged(example: Path) -> None:
    """That is its own message, at any place where it is noticed, also with --allow-partial."""
    packed = zipped(example)
    whole = packed.read_bytes()
    for data, problem in (
        (whole[:-30], "run_stats.csv.gz: is a truncated .gz file"),
        (whole[:-8] + b"\0" * 8, "run_stats.csv.gz: is a damaged .gz file: CRC check failed"),
        (whole[:20] + b"\xff" * 20 + whole[40:], "run_stats.csv.gz: is a damaged .gz file"),
    ):
        packed.write_bytes(data)
        for partial in (False, True):
            with pytest.raises(ResultError, match=problem) as caught:
                read_run(packed, allow_partial=partial)
            assert "Copy or download it again" in str(caught.value)


def test_a_gz_of_any_size_is_streamed(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are bounded in it, as nothing says before how long they will be; documents, too."""
    example.write_bytes(gzip.compress(lines(HEADER) + b"x" * 100_000))
    monkeypatch.setattr("loadgate.read.tables.LONGEST_CELL", 1000)
    with pytest.raises(ContradictionError, match="a line is longer than 2,000 characters"):
        read_run(example)
    bomb = example.with_name("bomb.json")
    bomb.write_bytes(gzip.compress(b'[{"num_requests": 1, "response_times": ' + b" " * 2_000_000))
    assert bomb.stat().st_size < 10_000
    monkeypatch.setattr("loadgate.read.documents.LARGEST_DOCUMENT", 1024 * 1024)
    with pytest.raises(ResultError, match="is larger than 1 MiB"):
        read_run(bomb)


def test_a_large_gz(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end, which may be truncated, is found by reading all that precedes it."""
    monkeypatch.setattr(raw, "_BLOCK", 1000)
    monkeypatch.setattr(tables, "HEAD", 1000)
    total = read_run(example).total
    zipped(example)
    assert read_run(example.with_name(f"{example.name}.gz")).total == total


BINARY = [
    pytest.param(b"PK\x03\x04....run_stats.csv", "is a .zip archive: unpack it", id="zip"),
    pytest.param(b"PK\x03\x04..xl/workbook.xml", "is a workbook, not a CSV file", id="xlsx"),
    pytest.param(b"\xd0\xcf\x11\xe0" + b"\0" * 600, "is a workbook, not a CSV file", id="xls"),
    pytest.param(gzip.compress(gzip.compress(b"x")), "is gzipped twice", id="gz-gz"),
    pytest.param(b"\0" * 257 + b"ustar", "is a .tar archive: unpack it", id="tar"),
    pytest.param(gzip.compress(b"\1" * 257 + b"ustar"), "is a .tar archive: unpack it", id="tgz"),
    pytest.param(b"BZh91AY", "is a .bz2 archive", id="bz2"),
    pytest.param(b"\0" * 5000, "contains only zero bytes", id="zeros"),
    pytest.param(b"%PDF-1.7", "is a PDF", id="pdf"),
]


@pytest.mark.parametrize(("data", "problem"), BINARY)
def test_files_that_are_no_text(example: Path, data: bytes, problem: str) -> None:
    """They are called what they are, in the place of any file of a run."""
    for path in all_files(example)[:3]:
        before = path.read_bytes()
        path.write_bytes(data)
        with pytest.raises(ResultError) as caught:
            read_run(example)
        assert problem in str(caught.value)
        assert "RUN is" not in str(caught.value)  # it says itself what to do
        path.write_bytes(before)


def lines(*rows: str, end: str = "\n") -> bytes:
    """Return lines as bytes."""
    return end.join([*rows, ""]).encode()


HEADER = ",".join(STATS_HEADER)
LATENCY = "9,10.5,1,100,42,5.0,0.1,10,11,12,13,14,15,16,17,18,19,20"
ROW = f"POST,/a,1000,2,{LATENCY}"
TOTAL = f",Aggregated,1000,2,{LATENCY}"
FAILED = "Method,Name,Error,Occurrences"

STATISTICS = [
    pytest.param(
        lines(HEADER, ROW.replace("1000", "1E+03"), TOTAL),
        "line 2 has an invalid \"Request Count\": '1E+03' is rounded, its last digits are lost",
        id="rounded-count",
    ),
    pytest.param(
        lines(HEADER, ROW.replace("1000", '"1,000"'), TOTAL),
        "line 2 has an invalid \"Request Count\": '1,000' is ambiguous: a thousands",
        id="thousands",
    ),
    pytest.param(
        lines(HEADER, ROW.replace("1000", "1.000"), TOTAL),
        "'1.000' is ambiguous: a thousands or a decimal separator",
        id="thousands-or-three-decimals",
    ),
    pytest.param(
        lines(HEADER, ROW.replace("1000", "1\u00a0000"), TOTAL),
        "is ambiguous: a thousands",
        id="thousands-by-a-blank",
    ),
    pytest.param(
        lines(HEADER, ROW.replace("1000", ""), TOTAL),
        'line 2 has an invalid "Request Count": it is empty',
        id="no-count",
    ),
    pytest.param(
        lines(*(line.replace(",", ";").replace("10.5", "10,5") for line in (HEADER, ROW, TOTAL))),
        "line 2 has an invalid \"Average Response Time\": '10,5' has a decimal comma",
        id="decimal-comma",
    ),
    pytest.param(
        lines(HEADER, ROW.replace("10.5", "1.1E+02"), TOTAL),
        "'1.1E+02' is rounded",
        id="rounded-time",
    ),
    pytest.param(
        lines(HEADER, ROW.replace("10.5", "10. Mai"), TOTAL),
        "line 2 has an invalid \"Average Response Time\": '10. Mai' is not a number",
        id="date",
    ),
    pytest.param(
        lines(HEADER, f'"{ROW}"', f'"{TOTAL}"'),
        "line 2 is in one cell: a spreadsheet opened the file with the wrong separator",
        id="rows-in-one-cell",
    ),
    pytest.param(
        lines(HEADER, TOTAL, ROW),
        'has its "Aggregated" row in line 2, not at the end',
        id="sorted",
    ),
    pytest.param(
        lines(HEADER, ROW, f"GET,/b,5,0,{LATENCY}", TOTAL),
        "has a total of 1,000 requests and 2 failures, but its rows add up to 1,005 and 2",
        id="filtered",
    ),
    pytest.param(
        lines(HEADER, ROW, ROW, TOTAL.replace("1000,2", "2000,4")),
        "has 'POST /a' twice",
        id="twice",
    ),
    pytest.param(
        lines(HEADER, f'POST,"/a\nb",1000,x,{LATENCY}', TOTAL),
        'line 2 has an invalid "Failure Count"',
        id="line-of-a-name-of-two-lines",
    ),
    pytest.param(
        lines(HEADER, "", f'POST,"/a\r\nb",1000,2,{LATENCY}', f"GET,/,x,0,{LATENCY}", TOTAL),
        'line 5 has an invalid "Request Count"',
        id="line-after-a-name-of-two-lines",
    ),
]
UNTRUE = ("truncated", "Run the test again", "run the test again", "run it again")


@pytest.mark.parametrize(("data", "problem"), STATISTICS)
def test_changed_statistics(tmp_path: Path, data: bytes, problem: str) -> None:
    """The cause and its line are told once, without a word on what did not happen."""
    path = tmp_path / "run_stats.csv"
    path.write_bytes(data)
    with pytest.raises(ContradictionError) as caught:
        read_run(path)
    told = str(caught.value)
    assert problem in told
    assert told.count("\n") <= 3  # both rows may have it
    assert "Use the files as Locust wrote them" in told
    assert not [text for text in UNTRUE if text in told]
    run = read_run(path, allow_partial=True)
    assert run.total.requests <= 1005
    assert run.contradictions


@pytest.mark.parametrize("row", ["x", "POST,/a,1000,2"])
def test_half_a_row(write_run: WriteRun, row: str) -> None:
    """Locust 2.8.6 leaves one where a text holds a NUL, so nobody else is blamed alone."""
    stats = write_run(exceptions=1)
    width = row.count(",") + 1
    for path in all_files(stats)[:3]:
        before = path.read_bytes()
        columns = before.split(b"\r\n")[0].count(b",") + 1
        if columns == width:
            continue
        path.write_bytes(before + f"{row}\r\n".encode())
        with pytest.raises(ContradictionError) as caught:
            texts(read_run(stats))
        assert f"has {width} columns instead of {columns}" in str(caught.value)
        assert "Copy the file again. If Locust left it like that" in str(caught.value)
        path.write_bytes(before)


@pytest.mark.parametrize("lost", ["", "Aggregated"])
def test_statistics_without_their_end(tmp_path: Path, lost: str) -> None:
    """Locust may have died, or the copy may be truncated: both are said, as nobody can know."""
    path = tmp_path / "run_stats.csv"
    data = lines(HEADER, ROW)
    path.write_bytes(data if lost else data.replace(b"\n", b"\r\n"))
    with pytest.raises(ContradictionError) as caught:
        read_run(path)
    assert 'is truncated: the final "Aggregated" row is missing' in str(caught.value)
    assert "Copy the file again. If Locust left it like that" in str(caught.value)


@pytest.mark.parametrize("name", FILES[:3])
@pytest.mark.parametrize("other", FILES[:3])
def test_files_that_were_put_into_one(example: Path, name: str, other: str) -> None:
    """The line of the second header is told; no way is open that would count two runs as one."""
    path, second = example.with_name(name), example.with_name(other)
    first = path.read_bytes()
    path.write_bytes(first + b"\xef\xbb\xbf" + second.read_bytes())
    number = first.count(b"\n") + 1
    for partial in (False, True):
        with pytest.raises(ResultError) as caught:
            texts(read_run(example, allow_partial=partial))
        assert f"{name}: line {number} is a second header: several files" in str(caught.value)
        assert not [text for text in UNTRUE if text in str(caught.value)]


@pytest.mark.parametrize("name", FILES[:3])
def test_files_that_were_glued_together(example: Path, name: str) -> None:
    """Where the first one lacks its last line end, the header is the rest of that line."""
    path = example.with_name(name)
    if name == FILES[2]:
        path.write_bytes(lines("Count,Message,Traceback,Nodes", "1,x,y,z"))
    first = path.read_bytes()
    path.write_bytes(first[:-2] + b"3" + first)
    number = first.count(b"\n")
    with pytest.raises(ResultError, match=f"{name}: line {number} is a second header"):
        texts(read_run(example))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        pytest.param("POST,/a,boom,1E+06", "'1E+06' is rounded", id="rounded"),
        pytest.param('POST,/a,boom,"1,000"', "'1,000' is ambiguous", id="thousands"),
        pytest.param("POST,/a,boom,-1", "'-1' is not a number of failures", id="negative"),
        pytest.param('"POST,/a,boom,2"', "is in one cell", id="one-cell"),
    ],
)
def test_changed_failures(write_run: WriteRun, row: str, problem: str) -> None:
    """The same causes."""
    stats = write_run([("POST", "/a", 1000, 3)], [])
    stats.with_name("run_failures.csv").write_bytes(lines(FAILED, 'POST,/a,"x\ny",1', row))
    with pytest.raises(ContradictionError) as caught:
        texts(read_run(stats))
    assert "run_failures.csv: line 4 " in str(caught.value)
    assert problem in str(caught.value)
    assert not [text for text in UNTRUE if text in str(caught.value)]


@pytest.mark.parametrize("row", ["POST,/a,boom", 'POST,/a,"boom'])
def test_failures_that_end_in_the_middle_of_a_row(write_run: WriteRun, row: str) -> None:
    """That is said, and no tool is blamed for it."""
    stats = write_run([("POST", "/a", 1000, 3)], [])
    failures = stats.with_name("run_failures.csv")
    failures.write_bytes(lines(FAILED, "POST,/a,x,1") + row.encode())
    with pytest.raises(
        ContradictionError, match="line 3 is truncated: the file ends in the middle"
    ):
        texts(read_run(stats))
    damage: list[str] = []
    log = read_run(stats, allow_partial=True).failure_log
    assert log is not None
    assert len([*log.rows(damage)]) == 1
    assert "line 3 has 3 columns instead of 4; left out" in damage[0]


def test_failures_without_the_end_of_their_last_line(write_run: WriteRun) -> None:
    """Of occurrences that may be truncated, what is there is the least; a text may be truncated for another."""
    stats = write_run([("POST", "/a", 1000, 123)], [])
    failures = stats.with_name("run_failures.csv")
    failures.write_bytes(lines(FAILED, "POST,/a,got 409,123")[:-2])
    run = read_run(stats)
    assert texts(run) == [("POST", "/a", "got 409", 12)]
    (warning,) = run.warnings
    assert 'does not end with a line break, so its last "Occurrences" may be truncated' in warning
    for column in ("Method", "Name", "Error"):
        others = [name for name in FAILED.split(",") if name != column]
        failures.write_bytes(lines(",".join([*others, column]), "1,1,1,1")[:-1])
        with pytest.raises(ResultError, match=f'so its last "{column}" may be truncated'):
            read_run(stats)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(
            "Count,Message,Traceback\n3,x\n", "line 2 has 2 columns instead of 3", id="row"
        ),
        pytest.param(
            "Count,Message,Traceback\n3,x", "line 2 is truncated: the file ends in", id="cut"
        ),
        pytest.param(
            "Message,Traceback,Count\nx,y,3", 'its last "Count" may be truncated', id="cut-count"
        ),
        pytest.param("Count,Message,Traceback\n1E+06,x,y\n", "'1E+06' is rounded", id="rounded"),
    ],
)
def test_changed_exceptions(write_run: WriteRun, data: str, problem: str) -> None:
    """The same causes."""
    stats = write_run(exceptions=0)
    stats.with_name("run_exceptions.csv").write_text(data)
    with pytest.raises(ContradictionError) as caught:
        read_run(stats)
    assert problem in str(caught.value)
    assert ("Copy the file again" in str(caught.value)) == ("rounded" not in problem)


def test_a_spreadsheet_that_put_each_row_into_one_cell(tmp_path: Path) -> None:
    """Where that makes a file that is none of Locust's, it is said, too."""
    path = tmp_path / "run_stats.csv"
    failures = tmp_path / "run_failures.csv"
    path.write_bytes(lines(HEADER, ROW, TOTAL))
    failures.write_bytes(lines(f'"{FAILED}"', '"POST,/a,boom,2"'))
    with pytest.raises(ResultError, match=r"failures\.csv: has each row in a single cell"):
        read_run(path)
    path.write_bytes(lines(f'"{HEADER}"', f'"{ROW}"', f'"{TOTAL}"'))
    for named in (path, tmp_path):
        with pytest.raises(ResultError, match="has each row in a single cell"):
            read_run(named)


JSON = [{"name": "/a", "method": "GET", "num_requests": 9, "num_failures": 1, "response_times": {}}]
LOG = "[2026-11-23 06:00:17,123] host/INFO/locust.main: Starting Locust 2.47.0\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(LOG, "", id="log"),
        pytest.param(LOG, LOG, id="log-around"),
        pytest.param("hello\n", "", id="print"),
        pytest.param("[]\n[x]\n{x}\n", "", id="brackets"),
        pytest.param("", LOG, id="behind"),
    ],
)
@pytest.mark.parametrize("indent", [4, None])
def test_json_among_other_lines(
    tmp_path: Path, before: str, after: str, indent: int | None
) -> None:
    """It is told what they are, and how to do without."""
    path = tmp_path / "run.json"
    path.write_text(f"{before}{json.dumps(JSON, indent=indent)}\n{after}")
    with pytest.raises(ResultError) as caught:
        read_run(path)
    assert "has other lines around its JSON" in str(caught.value)
    assert "--json-file" in str(caught.value)


def test_a_web_json_without_its_total(tmp_path: Path) -> None:
    """Locust always writes it, so that somebody took it away."""
    entry = {"name": "/a", "method": "GET", "num_requests": 9, "num_failures": 1}
    path = tmp_path / "requests.json"
    path.write_text(json.dumps({"stats": [entry], "errors": []}))
    with pytest.raises(ContradictionError, match="Use the files as Locust wrote them"):
        read_run(path)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("method", ["", None])
def test_a_json_list_with_a_total(tmp_path: Path, place: int, method: str | None) -> None:
    """Somebody added it; each request would count twice, and every rate be half of what it is."""
    entries = [*JSON, {**JSON[0], "name": "/b"}]
    entries.insert(place, {**JSON[0], "name": "Aggregated", "method": method, "num_requests": 18})
    path = tmp_path / "run.json"
    path.write_text(json.dumps(entries))
    with pytest.raises(ResultError) as caught:
        read_run(path)
    assert f'[{place}] is a total, "Aggregated", which Locust does not write' in str(caught.value)
    assert "Delete that entry" in str(caught.value)


@pytest.mark.parametrize(
    ("form", "encoding"),
    [
        pytest.param({}, "utf-8", id="utf-8"),
        pytest.param({"delimiter": ";"}, "utf-16", id="semicolons"),
        pytest.param({"quoting": csv.QUOTE_ALL}, "cp949", id="quotes-around-everything"),
    ],
)
def test_no_cut_adds_anything(write_run: WriteRun, form: dict[str, object], encoding: str) -> None:
    """Wherever a file is cut: it is refused, or says what it said, or less."""
    stats = write_run(
        [("POST", "/a,b", 123, 45), ("GET", '/"저장"\n', 67, 8)],
        [("POST", "/a,b", 'code=409; "x"', 45), ("GET", '/"저장"\n', "got 409\n\n", 8)],
    )
    failures = stats.with_name("run_failures.csv")
    for path in (stats, failures):
        rewrite(path, same, **form)
        path.write_bytes(path.read_bytes().decode().encode(encoding))
    whole = read_run(stats, encoding=encoding)
    counts = {row[:3]: row[3] for row in texts(whole)}
    for path in (stats, failures):
        data = path.read_bytes()
        for size in range(len(data)):
            path.write_bytes(data[:size])
            try:
                run = read_run(stats, encoding=encoding)
                rows = texts(run)
            except ResultError:
                continue
            assert (run.total.requests, run.total.failures) == (190, 53)
            assert [row.latency for row in run.endpoints] == [
                row.latency for row in whole.endpoints
            ]
            assert dict(run.total.latency.percentiles)["100"] in {20, None}
            assert all(row[3] <= counts[row[:3]] for row in rows)
        path.write_bytes(data)
