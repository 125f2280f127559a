"""`loadgate check --baseline` as a user runs it: what is a baseline, and what is none."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun

from loadgate.cli import run

STATE = "/tools/[id]/state"
ERROR = "CatchResponseError('Expected [200], got 500')"
OTHER = "CatchResponseError('Expected [200], got 502')"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder without a rules file."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def base(write_run: WriteRun) -> str:
    """Return a run of 1,000 requests with five true failures."""
    return str(write_run([("POST", STATE, 1000, 5)], [("POST", STATE, ERROR, 5)], folder="base"))


def now(write_run: WriteRun, true: int = 5, text: str = ERROR, requests: int = 2000) -> str:
    """Return the run to judge."""
    failures = [("POST", STATE, text, true)] if true else []
    return str(write_run([("POST", STATE, requests, true)], failures, folder="now"))


def document(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Run a check; return its exit code and its result document."""
    code = run(["check", *arguments, "--output", "json:result.json"])
    loaded: dict[str, Any] = json.loads(Path("result.json").read_text("utf-8"))
    return code, loaded


@pytest.mark.parametrize(
    ("true", "threshold", "code"),
    [
        pytest.param(11, "true_failure_rate <= baseline + 0.05%", 0, id="rate-on-the-limit"),
        pytest.param(12, "true_failure_rate <= baseline + 0.05%", 1, id="rate-above"),
        pytest.param(5, "new_failure_kinds <= 0", 0, id="known-kind"),
        pytest.param(5, "p95 <= baseline", 0, id="as-fast"),
        pytest.param(5, "p95 < baseline", 1, id="no-faster"),
        pytest.param(5, "requests >= baseline + 100%", 0, id="twice-the-requests"),
        pytest.param(5, "p90 <= baseline - 1ms", 1, id="below"),
    ],
)
def test_runs_are_held_against_the_baseline(
    write_run: WriteRun, base: str, true: int, threshold: str, code: int
) -> None:
    """A raw run is judged by the same rules, and its result document says the same of it."""
    path = now(write_run, true)
    assert run(["check", path, "--threshold", threshold, "--baseline", base]) == code
    assert run(["check", base, "--output", "json:base.json"]) == 0
    found, loaded = document(path, "--threshold", threshold, "--baseline", "base.json")
    assert found == code
    assert loaded["run"]["baseline"] == ["base.json"]
    check = next(one for one in loaded["checks"] if one["require"] == threshold)
    assert (check["baseline"] is None) is ("new" in threshold)


def test_a_new_kind_of_failure_fails(
    write_run: WriteRun, base: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another status at the same endpoint is new, however rare it is."""
    path = now(write_run, 1, OTHER)
    assert run(["check", path, "--threshold", "new_failure_kinds <= 0", "--baseline", base]) == 1
    out = capsys.readouterr().out
    assert f"new_failure_kinds is 1, must be <= 0 (new at POST {STATE}" in " ".join(out.split())
    assert f"baseline  {base[:20]}" in out


def test_a_document_is_judged_by_the_rules_of_today(write_run: WriteRun) -> None:
    """A conflict that was excused when the document was written is known as true without rules."""
    conflicts = [("POST", STATE, "CatchResponseError('Expected [200], got 409')", 3)]
    before = write_run([("POST", STATE, 1000, 3)], conflicts, folder="base")
    assert run(["check", str(before), "--output", "json:base.json"]) == 0
    Path("loadgate.toml").write_text("version = 1\n", "utf-8")
    path = str(write_run([("POST", STATE, 1001, 3)], conflicts, folder="now"))
    demand = ["--threshold", "new_failure_kinds <= 0"]
    assert run(["check", path, *demand, "--baseline", str(before)]) == 0
    code, loaded = document(path, *demand, "--baseline", "base.json")
    assert code == 0
    assert loaded["warnings"][0].endswith(" 3 instead of 0 in base.json")


CONFLICT = "CatchResponseError('Expected [200], got 409')"
LOST = "CatchResponseError('Expected [200], got 500 for /trace/7')"
EXCUSED = """\
version = 1
[[rules]]
id = "conflict"
endpoint = "POST /**"
status = 409
why = "The loser of two concurrent toggles gets 409."
"""


@pytest.mark.parametrize("known_by", ["files", "document"])
def test_what_is_excused_today_is_no_allowance(write_run: WriteRun, known_by: str) -> None:
    """To excuse the conflicts of the main branch makes no room for as many server errors."""
    conflicts = [("POST", STATE, CONFLICT, 100)]
    path = str(write_run([("POST", STATE, 1000, 100)], conflicts, folder="base"))
    Path("loadgate.toml").write_text("version = 1\n", "utf-8")
    assert run(["check", path, "--output", "json:base.json"]) == 1
    Path("loadgate.toml").write_text(EXCUSED, "utf-8")
    demand = ["--threshold", "true_failure_rate <= baseline"]
    demand += ["--baseline", path if known_by == "files" else "base.json"]
    lost = write_run([("POST", STATE, 1000, 100)], [("POST", STATE, LOST, 100)], folder="now")
    code, loaded = document(str(lost), *demand)
    assert (code, loaded["checks"][0]["limit"]) == (1, 0)
    told = [text for text in loaded["warnings"] if "judged by other rules" in text]
    assert len(told) == (known_by == "document")


def test_what_a_document_masks_makes_no_room(write_run: WriteRun) -> None:
    """Where a rule of today may have excused a failure, it is neither true nor expected."""
    failures = [("POST", STATE, LOST, 100)]
    path = str(write_run([("POST", STATE, 1000, 100)], failures, folder="base"))
    assert run(["check", path, "--output", "json:base.json"]) == 1
    excused = EXCUSED.replace("status = 409", 'status = 500\nerror = "*/trace/7*"')
    Path("loadgate.toml").write_text(excused, "utf-8")
    true, expected = "true_failure_rate <= baseline", "expected_failure_rate <= baseline"
    code, loaded = document(
        *(now(write_run, 1), "--threshold", true, "--threshold", expected),
        *("--baseline", "base.json"),
    )
    limits = {one["require"]: one["limit"] for one in loaded["checks"]}
    assert (code, limits[true], limits[expected]) == (1, 0, 0)
    assert any("100 of 100 in base.json" in text for text in loaded["warnings"])


def test_several_runs_are_taken_together(write_run: WriteRun, base: str) -> None:
    """Each counts the same, however large; a run that is reached twice, by a document, once."""
    clean = write_run([("POST", STATE, 9000, 0)], [], folder="more/b")
    assert run(["check", base, "--output", "json:base.json"]) == 0
    code, loaded = document(
        *(now(write_run), "--threshold", "true_failure_rate <= baseline"),
        *("--baseline", str(clean.parent.parent), "--baseline", base, "--baseline", "base.json"),
        *("--baseline", str(clean)),
    )
    (check, *_) = loaded["checks"]
    assert (code, check["limit"]) == (0, 0.0025)
    assert sorted(loaded["run"]["baseline"]) == sorted([str(clean), "base.json"])


def test_several_runs_are_held_against_the_same_baseline(
    write_run: WriteRun, base: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each by itself; one that is part of the baseline does not hide what the others are."""
    path = now(write_run, 100)
    demand = ["--threshold", "true_failure_rate <= baseline", "--baseline", base]
    assert run(["check", path, base, *demand]) == 2
    captured = capsys.readouterr()
    assert "2 runs: 1 failed, 1 could not be judged" in captured.out
    assert f"--baseline {base}: this is the run" in captured.err


@pytest.mark.parametrize("where", ["command-line", "file"])
def test_without_a_baseline_its_thresholds_are_an_error(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    """The message names the threshold, where it stands, and what to do."""
    if where == "file":
        Path("loadgate.toml").write_text(
            'version = 1\n[[thresholds]]\nrequire = "p95 <= baseline"\n'
            '[[thresholds]]\nrequire = "new_failure_kinds <= 0"\n',
            "utf-8",
        )
        told = "loadgate.toml: 'p95 <= baseline' and 1 more need a baseline"
        arguments = []
    else:
        told = "--threshold 'p95 <= baseline' needs a baseline"
        arguments = ["--threshold", "p95 <= baseline"]
    assert run(["check", now(write_run), *arguments]) == 2
    captured = capsys.readouterr()
    assert told in captured.err
    assert "--baseline PATH" in captured.err
    assert captured.out == ""


def partial(write_run: WriteRun) -> str:
    """Return the document of a run whose files contradict each other."""
    path = write_run([("POST", STATE, 10, 1)], [("POST", STATE, ERROR, 3)], folder="partial")
    run(["check", str(path), "--allow-partial", "--output", "json:partial.json"])
    return "partial.json"


def nothing(write_run: WriteRun) -> str:
    """Return a run that made no requests."""
    return str(write_run([("GET", "/", 0, 0)], [], folder="nothing"))


def impossible(write_run: WriteRun) -> str:
    """Return the document of a run in which more requests failed than were made."""
    path = write_run([("POST", STATE, 2, 3)], [("POST", STATE, ERROR, 3)], folder="impossible")
    run(["check", str(path), "--output", "json:impossible.json"])
    return "impossible.json"


def folder(_: WriteRun) -> str:
    """Return a folder with nothing in it."""
    Path("empty").mkdir()
    return "empty"


def broken(_: WriteRun) -> str:
    """Return what says that it is a result document, and is none."""
    Path("broken.json").write_text('{"format": "loadgate.result", "version": 1}', "utf-8")
    return "broken.json"


def cut(_: WriteRun) -> str:
    """Return a folder with the first bytes of a result document."""
    Path("cut").mkdir()
    Path("cut/a.json").write_text('{"format": "loadgate.resu', "utf-8")
    return "cut"


UNUSABLE = [
    pytest.param(lambda _: "nowhere.json", "nowhere.json: ", id="missing"),
    pytest.param(folder, "empty: holds no result documents", id="empty-folder"),
    pytest.param(broken, "broken.json: outcome: is missing", id="broken"),
    pytest.param(cut, "cut/a.json: is not valid JSON", id="24-bytes-in-a-folder"),
    pytest.param(partial, "partial.json: is partial", id="partial"),
    pytest.param(nothing, "made no requests", id="no-requests"),
    pytest.param(impossible, "more failures than requests", id="impossible"),
]


@pytest.mark.parametrize(("make", "words"), UNUSABLE)
def test_what_is_no_baseline_is_an_error(
    write_run: WriteRun, base: str, make: Any, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where another one would do: somebody meant it to count."""
    path, bad = now(write_run), make(write_run)
    capsys.readouterr()
    demand = ["--threshold", "p95 <= baseline"]
    assert run(["check", path, *demand, "--baseline", base, "--baseline", bad]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert "--baseline-optional" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(("make", "words"), UNUSABLE)
def test_where_it_is_optional_the_check_goes_on(
    write_run: WriteRun, base: str, make: Any, words: str
) -> None:
    """What needs a baseline is skipped or held against the others; every output says so."""
    path, bad = now(write_run), make(write_run)
    arguments = [path, "--threshold", "p95 < baseline", "--baseline-optional", "--baseline", bad]
    code, loaded = document(*arguments)
    assert code == 0
    by_require = {one["require"]: one["result"] for one in loaded["checks"]}
    assert by_require["p95 < baseline"] == "not-enough-data"
    assert by_require["true_failure_rate <= 1%"] == "passed"
    (warning,) = [text for text in loaded["warnings"] if "(--baseline-optional)" in text]
    assert words in warning
    code, loaded = document(*arguments, "--baseline", base)
    assert code == 1
    assert any("left out of the baseline" in one and words in one for one in loaded["warnings"])
    assert loaded["run"]["baseline"] == [base]


def test_without_a_baseline_something_is_demanded_still(write_run: WriteRun) -> None:
    """The first run is not passed for want of anything to hold it against."""
    path = now(write_run, 30)
    first = ["--threshold", "new_failure_kinds <= 0", "--baseline", "no", "--baseline-optional"]
    assert run(["check", path, *first]) == 1
    assert run(["check", path, *first, "--threshold", "requests > 0"]) == 1
    assert run(["check", path, *first, "--threshold", "true_failure_rate <= 5%"]) == 0


def test_many_problems_are_told_in_part(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """Five of them, and how many more there are."""
    missing = [part for number in range(7) for part in ("--baseline", f"no{number}")]
    assert run(["check", now(write_run), "--threshold", "p95 <= baseline", *missing]) == 2
    err = capsys.readouterr().err
    assert "no4" in err
    assert "no5" not in err
    assert "and 2 more" in err


def test_a_baseline_that_failed_is_told(write_run: WriteRun, base: str) -> None:
    """A bad night makes a low bar; who reads the verdict is to know."""
    bad = write_run([("POST", STATE, 100, 50)], [("POST", STATE, ERROR, 50)], folder="bad")
    demand = ["--threshold", "true_failure_rate <= baseline"]
    run(["check", str(bad), "--output", "json:bad.json"])
    _, loaded = document(now(write_run), *demand, "--baseline", "bad.json", "--baseline", base)
    (warning,) = (text for text in loaded["warnings"] if "bad.json" in text)
    assert "failed" in warning


def test_the_run_itself_is_refused(write_run: WriteRun, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is worse than itself; by its document or its files it is the same run."""
    path = now(write_run)
    assert run(["check", path, "--output", "json:now.json"]) == 0
    for itself in (path, "now.json"):
        capsys.readouterr()
        assert run(["check", path, "--threshold", "p95 <= baseline", "--baseline", itself]) == 2
        assert "this is the run" in capsys.readouterr().err


def test_a_copy_of_the_run_is_refused(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Though its files were written at another time."""
    path = now(write_run)
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in Path(path).parent.glob("*.csv"):
        os.utime(shutil.copy(file, copy), (1e9, 1e9))
    demand = ["--threshold", "new_failure_kinds <= 0"]
    assert run(["check", path, *demand, "--baseline", str(copy)]) == 2
    assert "this is the run" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["copy", "gz", "document"])
def test_another_form_of_the_run_is_refused(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str
) -> None:
    """The same counts, failures and times make the run, not its files; other failures another."""
    path = Path(now(write_run))
    other = tmp_path / "other"
    other.mkdir()
    for file in path.parent.glob("*.csv"):
        if form == "gz":
            (other / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        else:
            shutil.copy(file, other)
    named = str(next(other.glob("*_stats.csv*")))
    if form == "document":
        assert run(["check", named, "--label", "x", "--output", "json:other.json"]) == 0
        named = "other.json"
    demand = ["--threshold", "new_failure_kinds <= 0", "--baseline", named]
    assert run(["check", str(path), *demand]) == 2
    assert "this is the run" in capsys.readouterr().err
    assert run(["check", now(write_run, 5, OTHER), *demand]) == 1


@pytest.mark.parametrize("how", ["prefix", "statistics", "folder"])
def test_no_file_of_a_baseline_is_written_over(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str], base: str, how: str
) -> None:
    """However it is named: neither its statistics nor its failures."""
    folder = Path(base).parent
    before = {file: file.read_bytes() for file in folder.iterdir()}
    prefix = base.removesuffix("_stats.csv")
    named = {"prefix": prefix, "statistics": base, "folder": str(folder)}[how]
    demand = ["--threshold", "new_failure_kinds <= 9", "--baseline", named]
    assert run(["check", now(write_run), *demand, "--output", f"csv:{prefix}"]) == 2
    assert capsys.readouterr().err.count("is one of the files") == 2
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


def test_no_document_of_a_baseline_is_written_over(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str], base: str
) -> None:
    """Not the second of one run either, which is not counted."""
    for name in ("one", "two"):
        assert run(["check", base, "--output", f"json:documents/{name}.json"]) == 0
    two = Path("documents/two.json")
    before = two.read_bytes()
    demand = ["--threshold", "new_failure_kinds <= 9", "--baseline", "documents"]
    assert run(["check", now(write_run), *demand, "--output", f"json:{two}"]) == 2
    assert "two.json: is one of" in capsys.readouterr().err
    assert two.read_bytes() == before


@pytest.mark.parametrize("wanted", [True, False], ids=["with", "without"])
def test_only_a_baseline_needs_what_reads_it(
    write_run: WriteRun, base: str, *, wanted: bool
) -> None:
    """A check without one imports nothing of it, as start-up time is judged; pandas never."""
    code = (
        "import sys; from loadgate.cli import run; code = run(sys.argv[1:]);"
        " found = [name for name in ('loadgate.runs', 'pandas') if name in sys.modules];"
        " print(code, found, file=sys.stderr)"
    )
    more = ["--threshold", "p95 <= baseline", "--baseline", base] if wanted else []
    arguments = [sys.executable, "-c", code, "check", now(write_run), *more]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ("0 ['loadgate.runs']" if wanted else "0 []")


def test_optional_needs_a_place(write_run: WriteRun, capsys: pytest.CaptureFixture[str]) -> None:
    """`--baseline-optional` alone means nothing."""
    assert run(["check", now(write_run), "--baseline-optional"]) == 2
    assert "--baseline-optional" in capsys.readouterr().err


def test_names_that_masking_made_equal(write_run: WriteRun) -> None:
    """Endpoints that a document numbers are not taken for one another."""
    rows = [("GET", f"/x?a={number}", 10, 0) for number in range(2)]
    run(["check", str(write_run(rows, [], folder="twins")), "--output", "json:twins.json"])
    one = write_run([("GET", "/x?a=0", 10, 0)], [], folder="one")
    Path("loadgate.toml").write_text(
        'version = 1\n[[thresholds]]\nrequire = "p95 <= baseline"\nendpoint = "GET /x**"\n', "utf-8"
    )
    code, loaded = document(str(one), "--baseline", "twins.json")
    assert code == 1
    assert "no such endpoint" in loaded["checks"][1]["note"]
    run(["check", str(one), "--baseline", "twins.json", "--output", "json:result.json"])


def test_task_exceptions_have_a_baseline(write_run: WriteRun) -> None:
    """As far as the files of both runs count them."""
    before = write_run(folder="base", exceptions=3)
    path = str(write_run([("POST", STATE, 10, 0)], [], folder="now", exceptions=4))
    demand = ["--threshold", "task_exceptions <= baseline + 1"]
    assert run(["check", path, *demand, "--baseline", str(before)]) == 0
    without = write_run(folder="without")
    assert run(["check", path, *demand, "--baseline", str(without)]) == 1


def test_rules_that_need_a_baseline_serve_other_commands(write_run: WriteRun) -> None:
    """Lint, explain and report have nothing to hold a run against, and do without."""
    Path("loadgate.toml").write_text(
        'version = 1\n[[thresholds]]\nrequire = "p95 <= baseline"\n', "utf-8"
    )
    path = now(write_run)
    assert run(["rules", "lint", "loadgate.toml", "--run", path]) == 0
    assert run(["explain", path]) == 0
    assert run(["report", path, "--week", "2026-W47"]) == 0
