"""CSV files of all releases, whole and damaged."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import STATS_HEADER, WriteRun

from loadgate import read_run
from loadgate.errors import ContradictionError, ResultError
from loadgate.model import Run
from loadgate.read import tables
from loadgate.read.failures import COUNTS_KNOWN, DAMAGE_TOLD
from loadgate.read.statistics import PROBLEMS_TOLD

OLD_HEADER = (
    '"Type","Name","# requests","# failures","Median response time","Average response time",'
    '"Min response time","Max response time","Average Content Size","Requests/s",'
    '"Requests Failed/s","50%","66%","99.9%","99.99%","99.999","100%"'
)
NEW_HEADER = ",".join(STATS_HEADER)
LATENCY = "9,10.5,1,100,42,5.0,0.1,10,11,12,13,14,15,16,17,18,N/A,20"
ROW = f"POST,/a,10,2,{LATENCY}"
_FIELDS = {"Average": "avg", "Min": "min", "Max": "max", "Median": "median"}
TOTAL = f",Aggregated,10,2,{LATENCY}"


def write(path: Path, *lines: str, end: str = "\r\n") -> Path:
    """Write lines as Locust does."""
    path.write_bytes(end.join([*lines, ""]).encode())
    return path


def failures_of(run: Run) -> list[tuple[str, str, str, int]]:
    """Return the failure rows of a run."""
    assert run.failure_log is not None
    return list(run.failure_log.rows([]))


def test_statistics_of_new_releases(tmp_path: Path) -> None:
    """Columns are found by their names; N/A is no number."""
    run = read_run(write(tmp_path / "run_stats.csv", NEW_HEADER, ROW, TOTAL))
    (endpoint,) = run.endpoints
    assert (endpoint.method, endpoint.name) == ("POST", "/a")
    assert (endpoint.requests, endpoint.failures, endpoint.rps) == (10, 2, 5.0)
    assert (endpoint.latency.avg, endpoint.latency.min, endpoint.latency.max) == (10.5, 1, 100)
    assert (endpoint.latency.median, endpoint.content_size) == (9, 42)
    assert dict(endpoint.latency.percentiles)["95"] == 15
    assert dict(endpoint.latency.percentiles)["99.99"] is None
    assert run.label == "run"
    assert "all 2 failures" in run.warnings[0]


def test_statistics_of_old_releases(tmp_path: Path) -> None:
    """Locust 0.13 and 0.14 quote by hand, name columns otherwise and write None for no type."""
    numbers = "9,9,0,47,157,223.42,34.88,9,12,14,15,16,17"
    stats = write(
        tmp_path / "stats.csv",
        OLD_HEADER,
        f'"POST","/say "hi"",5,1,{numbers}',
        f'"None","Aggregated",5,1,{numbers}',
        end="\n",
    )
    write(
        tmp_path / "failures.csv",
        '"Method","Name","Error","Occurrences"',
        '"POST","/say "hi"","Expected [200], got 409",1',
        end="\n",
    )
    run = read_run(stats)
    assert [name for name, _ in run.total.latency.percentiles][-2:] == ["99.999", "100"]
    assert failures_of(run) == [
        ("POST", run.endpoints[0].name, "Expected [200], got 409", 1),
    ]
    assert run.label == tmp_path.name


def test_endpoints_called_like_the_total(tmp_path: Path) -> None:
    """Only the last row without a type is the total."""
    stats = write(
        tmp_path / "run_stats.csv",
        NEW_HEADER,
        f",Aggregated too,1,0,{LATENCY}",
        f"GET,Aggregated,2,0,{LATENCY}",
        f",Aggregated,3,0,{LATENCY}",
    )
    assert [row.name for row in read_run(stats).endpoints] == ["Aggregated too", "Aggregated"]


def test_windows_line_ends_marks_and_code_pages(tmp_path: Path) -> None:
    """CR CR LF, a byte order mark and bytes that are not UTF-8 do not stop the reading."""
    stats = tmp_path / "run_stats.csv"
    name = "/gr\xf6\xdfe".encode("cp1252")
    body = f"{NEW_HEADER}\r\r\nPOST,@,10,2,{LATENCY}\r\r\n{TOTAL}\r\r\n".encode()
    stats.write_bytes(b"\xef\xbb\xbf" + body.replace(b"@", name))
    (tmp_path / "run_failures.csv").write_bytes(
        b"Method,Name,Error,Occurrences\r\r\nPOST,@,x,2\r\r\n".replace(b"@", name)
    )
    run = read_run(stats)
    assert failures_of(run) == [("POST", run.endpoints[0].name, "x", 2)]


def test_utf_16_with_a_mark(tmp_path: Path) -> None:
    """A file that a shell of Windows redirected is read by its byte order mark."""
    stats = tmp_path / "run_stats.csv"
    stats.write_bytes(f"{NEW_HEADER}\r\n{ROW}\r\n{TOTAL}\r\n".encode("utf-16"))
    assert read_run(stats).total.requests == 10
    stats.write_bytes(stats.read_bytes()[:-1])
    with pytest.raises(ResultError):
        read_run(stats)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        pytest.param([ROW], "is truncated: the final", id="no-total"),
        pytest.param([ROW, f",Aggregated,11,2,{LATENCY}"], "add up to 10", id="requests"),
        pytest.param([ROW, f",Aggregated,10,3,{LATENCY}"], "add up to 10", id="failures"),
        pytest.param([ROW, ROW, f",Aggregated,20,4,{LATENCY}"], "twice", id="twice"),
        pytest.param(["POST,/a,10,2", TOTAL], "4 columns", id="cut-row"),
        pytest.param([ROW, ",Aggregated,10"], "3 columns", id="cut-total"),
        pytest.param([ROW.replace("10,2", "10.5,2"), TOTAL], "whole number", id="fraction"),
        pytest.param([ROW.replace("10,2", "-1,2"), TOTAL], "whole number", id="negative"),
        pytest.param([ROW.replace("10,2", "1_0,2"), TOTAL], "whole number", id="underscore"),
        pytest.param([ROW.replace("10,2", "\u0661,2"), TOTAL], "whole number", id="other-digits"),
        pytest.param([ROW.replace("10,2", "1" * 30 + ",2"), TOTAL], "whole number", id="huge"),
        pytest.param([ROW.replace("10.5", "nan"), TOTAL], "'nan' is not a number", id="nan"),
        pytest.param([ROW.replace("10.5", "-1"), TOTAL], "is not a number", id="negative-time"),
    ],
)
def test_statistics_that_contradict_themselves(
    tmp_path: Path, lines: list[str], problem: str
) -> None:
    """Damage stops the check; where it is allowed it counts in the strict way."""
    stats = write(tmp_path / "run_stats.csv", NEW_HEADER, *lines)
    with pytest.raises(ContradictionError, match=problem):
        read_run(stats)
    run = read_run(stats, allow_partial=True)
    assert any(problem in text for text in run.contradictions)
    assert run.total.requests <= 20
    assert run.partial


def test_strict_counts_of_a_total_that_does_not_add_up(tmp_path: Path) -> None:
    """The lower number of requests and the higher number of failures count."""
    stats = write(tmp_path / "run_stats.csv", NEW_HEADER, ROW, f",Aggregated,9,5,{LATENCY}")
    total = read_run(stats, allow_partial=True).total
    assert (total.requests, total.failures) == (9, 5)
    twice = write(tmp_path / "b_stats.csv", NEW_HEADER, ROW, ROW, f",Aggregated,20,4,{LATENCY}")
    (row,) = read_run(twice, allow_partial=True).endpoints
    assert (row.requests, row.failures) == (10, 4)


@pytest.mark.parametrize("header", [NEW_HEADER, NEW_HEADER.replace("Name,", "", 1) + ",Name"])
def test_a_last_line_without_an_end(tmp_path: Path, header: str) -> None:
    """Its last value could have had more digits: a percentile is unknown, a name cannot be."""
    name_last = header != NEW_HEADER
    lines = [line.replace(",/a,", ",") + ",/a" if name_last else line for line in (ROW,)]
    total = TOTAL.replace(",Aggregated,", ",") + ",Aggregated" if name_last else TOTAL
    stats = write(tmp_path / "run_stats.csv", header, *lines, total)
    whole = stats.read_bytes()
    assert read_run(stats).warnings == (read_run(stats).warnings[0],)  # it has no failures file
    for end in (b"", b"\r", b"\n", b"\r\n,,,\r\n,,,"):
        stats.write_bytes(whole.removesuffix(b"\r\n") + end)
        if name_last and not end:
            with pytest.raises(
                ContradictionError, match='break, so its last "Name" may be truncated'
            ):
                read_run(stats)
            continue
        run = read_run(stats)
        assert run.total.requests == 10
        assert dict(run.total.latency.percentiles)["100"] == (20 if end else None)
        assert any('its last "100%" may be truncated' in text for text in run.warnings) == (not end)
    for text in (b"\xef\xbb\xbf" + whole, whole.decode().encode("utf-16")):
        stats.write_bytes(text)
        assert dict(read_run(stats).total.latency.percentiles)["100"] == 20


@pytest.mark.parametrize("column", ["Average", "Min", "Max", "Median"])
def test_any_last_value_may_be_cut(tmp_path: Path, column: str) -> None:
    """Whatever the order of the columns is."""
    name = f"{column} Response Time"
    place = STATS_HEADER.index(name)

    def moved(line: str) -> str:
        cells = line.split(",")
        return ",".join([*cells[:place], *cells[place + 1 :], cells[place]])

    stats = write(tmp_path / "run_stats.csv", *map(moved, (NEW_HEADER, ROW, TOTAL)))
    latency = read_run(stats).total.latency
    stats.write_bytes(stats.read_bytes().rstrip())
    unknown: dict[str, Any] = {_FIELDS[column]: None}
    assert read_run(stats).total.latency == replace(latency, **unknown)


def test_a_last_count_may_be_cut(tmp_path: Path) -> None:
    """Without it there is no rate, so that the file is refused."""
    place = STATS_HEADER.index("Failure Count")

    def moved(line: str) -> str:
        cells = line.split(",")
        return ",".join([*cells[:place], *cells[place + 1 :], cells[place]])

    stats = write(tmp_path / "run_stats.csv", *map(moved, (NEW_HEADER, ROW, TOTAL)))
    assert read_run(stats).total.failures == 2
    stats.write_bytes(stats.read_bytes().rstrip())
    with pytest.raises(
        ContradictionError, match='break, so its last "Failure Count" may be truncated'
    ):
        read_run(stats)
    assert read_run(stats, allow_partial=True).total.failures == 2


def test_statistics_that_end_in_the_middle_of_a_row(tmp_path: Path) -> None:
    """That is said once, with its line, and no tool is blamed."""
    stats = tmp_path / "run_stats.csv"
    stats.write_bytes(f"{NEW_HEADER}\n{ROW}\n,Aggregated,10".encode())
    with pytest.raises(ContradictionError) as caught:
        read_run(stats)
    assert "line 3 is truncated" in str(caught.value)
    assert "Aggregated" not in str(caught.value)
    assert "Copy the file again" in str(caught.value)


def test_a_total_that_is_not_the_last_row_is_not_counted_twice(tmp_path: Path) -> None:
    """Twice the requests would halve every rate."""
    stats = write(tmp_path / "run_stats.csv", NEW_HEADER, TOTAL, ROW)
    with pytest.raises(ContradictionError, match='"Aggregated" row in line'):
        read_run(stats)
    total = read_run(stats, allow_partial=True).total
    assert total.requests == 10
    assert total.failures >= 2


def test_many_problems_are_bounded(tmp_path: Path) -> None:
    """A file of rubbish is told in a few lines."""
    stats = write(tmp_path / "run_stats.csv", NEW_HEADER, *["x"] * 50, TOTAL)
    with pytest.raises(ContradictionError) as caught:
        read_run(stats)
    assert str(caught.value).count("\n") <= PROBLEMS_TOLD + 3
    assert "more such problems" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        pytest.param("run_stats.csv", "", "is empty", id="empty"),
        pytest.param("run_stats.csv", "a,b\n1,2\n", "begins with 'a,b'", id="other-csv"),
        pytest.param("run_stats.csv", "Name,# requests\n", "no column", id="columns-missing"),
        pytest.param(
            "history.csv", "Error: Server was not started with option", "Error: Server", id="404"
        ),
        pytest.param("run_failures.csv", "Method,Name,Error,Occurrences\n", "rate", id="alone"),
        pytest.param("run_exceptions.csv", "Count,Message,Traceback,Nodes\n", "rate", id="exc"),
    ],
)
def test_files_that_are_no_run(tmp_path: Path, name: str, content: str, problem: str) -> None:
    """What cannot be judged is said with what the file is."""
    (tmp_path / name).write_text(content)
    with pytest.raises(ResultError, match=problem):
        read_run(tmp_path / name)


def test_failures_files_that_are_none(write_run: WriteRun) -> None:
    """A failures file that is empty or something else stops the check at once."""
    stats = write_run()
    failures = stats.with_name("run_failures.csv")
    for content, problem in (("", "is empty"), ("a,b\n", "not a Locust failures CSV")):
        failures.write_text(content)
        with pytest.raises(ResultError, match=problem):
            read_run(stats)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("POST,/a", id="cut"),
        pytest.param("POST,/a,x,1.5", id="fraction"),
        pytest.param("POST,/a,x,", id="no-count"),
        pytest.param("POST,/a,x,0", id="none-at-all"),
        pytest.param("POST,/a,x,1,2", id="too-many"),
    ],
)
def test_malformed_failures(write_run: WriteRun, row: str) -> None:
    """A malformed row stops the check, or is left out and told."""
    stats = write_run()
    with stats.with_name("run_failures.csv").open("a") as file:
        file.write(f"\n{row}\n")
    with pytest.raises(ContradictionError, match="line 4"):
        failures_of(read_run(stats))
    run = read_run(stats, allow_partial=True)
    damage: list[str] = []
    assert run.failure_log is not None
    assert len(list(run.failure_log.rows(damage))) == 1
    assert "left out" in damage[0]


def test_much_damage_is_bounded(write_run: WriteRun) -> None:
    """A million damaged rows are told in a few sentences."""
    stats = write_run()
    with stats.with_name("run_failures.csv").open("a") as file:
        file.write("x\n" * 100)
    run = read_run(stats, allow_partial=True)
    damage: list[str] = []
    assert run.failure_log is not None
    list(run.failure_log.rows(damage))
    assert len(damage) == DAMAGE_TOLD + 1
    assert "80 more" in damage[-1]


def test_more_different_counts_than_are_remembered(write_run: WriteRun) -> None:
    """Remembering counts is only for speed."""
    rows = [("POST", "/a", "x", number) for number in range(1, COUNTS_KNOWN + 10)]
    total = sum(range(COUNTS_KNOWN + 10))
    assert failures_of(read_run(write_run([("POST", "/a", total, total)], rows))) == rows


def test_a_failures_file_that_changes(write_run: WriteRun) -> None:
    """A file that is replaced after the run was read is noticed."""
    run = read_run(stats := write_run())
    stats.with_name("run_failures.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ResultError, match="replaced"):
        failures_of(run)


def test_cells_of_any_size(write_run: WriteRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message of 200 kB is read; one above the bound is an error and no crash."""
    run = read_run(write_run(failures=[("POST", "/tools/[id]/state", "x" * 200_000, 10)]))
    assert len(failures_of(run)[0][2]) == 200_000
    monkeypatch.setattr(tables, "LONGEST_CELL", 1000)
    with pytest.raises(ContradictionError, match="not valid CSV"):
        failures_of(run)
    monkeypatch.undo()
    partial = read_run(write_run(failures=[("POST", "/a", "x" * 2000, 10)]), allow_partial=True)
    monkeypatch.setattr(tables, "LONGEST_CELL", 1000)
    damage: list[str] = []
    assert partial.failure_log is not None
    assert list(partial.failure_log.rows(damage)) == []
    assert "what follows is left out" in damage[0]


def test_exceptions_are_counted(write_run: WriteRun) -> None:
    """The exceptions file is summed up; a damaged row is a contradiction."""
    stats = write_run(exceptions=3)
    assert read_run(stats).task_exceptions == 3
    exceptions = stats.with_name("run_exceptions.csv")
    with exceptions.open("a") as file:
        file.write("\nx,y\n")
    with pytest.raises(ContradictionError, match="run_exceptions.csv"):
        read_run(stats)
    assert read_run(stats, allow_partial=True).task_exceptions is None
    exceptions.write_text("a,b\n")
    with pytest.raises(ResultError, match="not a Locust exceptions CSV"):
        read_run(stats)


def test_odd_files(tmp_path: Path) -> None:
    """Pipes, folders and dangling links are refused, and nothing blocks."""
    os.mkfifo(tmp_path / "pipe_stats.csv")
    (tmp_path / "x_stats.csv").mkdir()
    (tmp_path / "link_stats.csv").symlink_to("nowhere")
    for name in ("pipe_stats.csv", "x_stats.csv", "link_stats.csv", "nul\0"):
        with pytest.raises(ResultError):
            read_run(f"{tmp_path}/{name}")


def test_a_size_that_is_none_is_not_known(tmp_path: Path) -> None:
    """Nothing is judged by it, so it keeps no run from being judged."""
    odd = ROW.replace(",42,", ",-1.5,")
    run = read_run(write(tmp_path / "run_stats.csv", NEW_HEADER, odd, TOTAL))
    assert (run.endpoints[0].content_size, run.total.content_size) == (None, 42)


def test_columns_are_known_by_what_they_hold(tmp_path: Path) -> None:
    """Names differ from release to release; what loadgate does not read is told, too."""
    header = NEW_HEADER.replace("Failures/s", "Requests Failed/s").replace("66%", "Host")
    run = read_run(write(tmp_path / "run_stats.csv", header, ROW, TOTAL))
    columns = dict(run.columns)
    assert list(columns) == header.split(",")
    assert (columns["Requests Failed/s"], columns["99.9%"]) == ("failures_per_second", "99.9")
    assert columns["Host"] == ""


def test_failures_have_further_cells(tmp_path: Path) -> None:
    """Since 2.44 the times at which an error was seen first and last."""
    write(tmp_path / "run_stats.csv", NEW_HEADER, ROW, TOTAL)
    write(
        tmp_path / "run_failures.csv",
        "Method,Name,Error,Occurrences,First Seen,Last Seen",
        "POST,/a,boom,2,2026-11-23T06:08:24Z,",
    )
    log = read_run(tmp_path / "run").failure_log
    assert log is not None
    assert log.more == ("First Seen", "Last Seen")
    row = ("POST", "/a", "boom", 2)
    assert list(log.full_rows([])) == [(row, ("2026-11-23T06:08:24Z", ""))]
    assert list(log.rows([])) == [row]
