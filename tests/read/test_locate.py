"""Which files belong to a run, by what the user named."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate import read_run
from loadgate.errors import ResultError
from loadgate.model import FILTERED, Run
from loadgate.read import find_runs

EMPTY_HISTORY = "Timestamp,User Count,Type,Name,Total Request Count,Total Failure Count\r\n"


def roles(run: Run) -> dict[str, str]:
    """Return the names of the files by their role."""
    return {source.role: Path(source.path).name for source in run.sources}


def listed(requests: int = 1000, failures: int = 10, name: str = "/tools/[id]/state") -> str:
    """Return what --json prints of one endpoint."""
    return json.dumps(
        [
            {
                "name": name,
                "method": "POST",
                "num_requests": requests,
                "num_failures": failures,
                "response_times": {},
            }
        ]
    )


PAIR = {"statistics": "run_stats.csv", "failures": "run_failures.csv"}


def test_any_of_its_files_names_a_run(write_run: WriteRun) -> None:
    """The statistics, the failures, the exceptions, the history, the prefix, the folder."""
    stats = write_run(exceptions=0)
    stats.with_name("run_stats_history.csv").write_text(EMPTY_HISTORY)
    everything = {**PAIR, "exceptions": "run_exceptions.csv"}
    for name in ("stats", "failures", "exceptions", "stats_history"):
        assert roles(read_run(stats.with_name(f"run_{name}.csv"))) == everything
    assert roles(read_run(stats.with_name("run"))) == everything
    assert roles(read_run(stats.parent)) == everything
    assert read_run(stats.with_name("run")).label == "run"


def test_plain_names(write_run: WriteRun) -> None:
    """stats.csv and failures.csv belong together; the label is the folder's name."""
    stats = write_run(folder="nightly")
    stats = stats.rename(stats.with_name("stats.csv"))
    stats.with_name("run_failures.csv").rename(stats.with_name("failures.csv"))
    run = read_run(stats)
    assert roles(run) == {"statistics": "stats.csv", "failures": "failures.csv"}
    assert run.label == "nightly"


@pytest.mark.parametrize(
    ("stats_name", "failures_name"),
    [
        pytest.param("requests_1795415325.9.csv", "failures_1795415327.1.csv", id="epoch"),
        pytest.param("requests_1795415325.9 (1).csv", "failures_1795415327.1.csv", id="copy"),
        pytest.param(
            "Locust_2026-11-23-06h29_locust_stats.py_http___x_requests.csv",
            "Locust_2026-11-23-06h29_locust_stats.py_http___x_failures.csv",
            id="2.32.2",
        ),
        pytest.param("stats_requests.csv", "stats_failures.csv", id="both-words"),
    ],
)
def test_downloads_of_the_web_ui(write_run: WriteRun, stats_name: str, failures_name: str) -> None:
    """The names that the web UI gives its downloads are paired."""
    stats = write_run()
    failures = stats.with_name("run_failures.csv").rename(stats.with_name(failures_name))
    stats = stats.rename(stats.with_name(stats_name))
    for path in (stats, failures):
        assert roles(read_run(path)) == {"statistics": stats_name, "failures": failures_name}


def test_downloads_that_cannot_be_paired(write_run: WriteRun) -> None:
    """Which of two failures downloads belongs to the statistics is not guessed."""
    stats = write_run()
    for number in (1, 2):
        shutil.copy(
            stats.with_name("run_failures.csv"), stats.with_name(f"failures_179541532{number}.csv")
        )
    stats = stats.rename(stats.with_name("requests_1795415320.csv"))
    with pytest.raises(ResultError, match="may belong to any of failures_1795415321.csv"):
        read_run(stats)


def test_a_name_of_ones_own(write_run: WriteRun) -> None:
    """A renamed statistics file is read; without a failures file all failures are unexplained."""
    stats = write_run()
    monday = stats.rename(stats.with_name("stats-of-monday.csv"))
    assert roles(read_run(monday)) == {"statistics": "stats-of-monday.csv"}
    own = monday.rename(stats.with_name("own.csv"))
    assert roles(read_run(own)) == {"statistics": "own.csv"}
    assert roles(read_run(own.parent)) == {"statistics": "own.csv", "failures": "run_failures.csv"}
    with pytest.raises(ResultError, match="no statistics file beside it"):
        read_run(own.with_name("run_failures.csv"))


def test_folders_that_hold_no_run_or_several(write_run: WriteRun, tmp_path: Path) -> None:
    """A folder must hold exactly one run; what is not Locust's is ignored."""
    (tmp_path / "other").mkdir()
    for name, text in (
        ("meta.json", '{"a": 1}'),
        ("list.json", '[{"b": 2}]'),
        ("page.html", "<html>"),
        ("data.csv", "a,b\n"),
        (".hidden.csv", "x"),
        ("notes.txt", "x"),
        ("none.csv", ""),
    ):
        (tmp_path / "other" / name).write_text(text)
    with pytest.raises(ResultError, match="no Locust results"):
        read_run(tmp_path / "other")
    stats = write_run(folder="other")
    assert roles(read_run(stats.parent)) == PAIR
    write_run(folder="other", prefix="again")
    with pytest.raises(ResultError, match="holds 2 runs: again_stats.csv, run_stats.csv"):
        read_run(stats.parent)
    assert roles(read_run(stats)) == PAIR
    (tmp_path / "lists").mkdir()
    for name in ("a.json", "b.json"):
        (tmp_path / "lists" / name).write_text(listed())
    with pytest.raises(ResultError, match="several results: a.json, b.json"):
        read_run(tmp_path / "lists")


def test_files_of_another_run_are_not_paired(write_run: WriteRun) -> None:
    """What its texts excuse, and that it raised nothing, is not true of this run."""
    new = write_run(prefix="new", exceptions=3)
    for role in ("failures", "exceptions"):
        old = new.with_name(f"new_{role}.csv").rename(new.with_name(f"old_{role}.csv"))
        assert roles(read_run(new.parent)).get(role) is None
        assert roles(read_run(new)).get(role) is None
        old.rename(new.with_name(f"new_{role} (1).csv"))  # whose name is no download's
        assert roles(read_run(new)).get(role) is None
    assert roles(read_run(new.rename(new.with_name("mine.csv")).parent)) == {
        "statistics": "mine.csv",
        "failures": "new_failures (1).csv",
        "exceptions": "new_exceptions (1).csv",
    }


def test_texts_that_only_lie_beside_the_statistics(write_run: WriteRun) -> None:
    """Those of another run would excuse what they never saw: its counts are others."""
    stats = write_run(exceptions=2)
    mine = stats.rename(stats.with_name("mine.csv"))
    paired = roles(read_run(mine.parent))
    assert [*paired] == ["statistics", "failures", "exceptions"]
    for counts in ((9,), (11,), (10, 1), ()):
        rows = [f"POST,/tools/[id]/state,got 40{n},{count}" for n, count in enumerate(counts)]
        text = "\n".join(["Method,Name,Error,Occurrences", *rows, ""])
        stats.with_name("run_failures.csv").write_text(text)
        run = read_run(mine.parent)
        assert roles(run) == {"statistics": "mine.csv"}
        assert run.failure_log is None
        assert "run_failures.csv was left out, so failures have no error text" in run.warnings[0]
        assert "run_exceptions.csv was left out: the statistics" in run.warnings[-1]
    named = mine.rename(stats.with_name("a_stats.csv"))
    stats.with_name("run_failures.csv").rename(stats.with_name("a_old_failures.csv"))
    assert roles(read_run(named.parent)) == {"statistics": "a_stats.csv"}


def test_texts_of_any_name_beside_a_json(write_run: WriteRun) -> None:
    """They may be of an earlier run, and must not excuse this one's; exceptions go with them."""
    stats = write_run(exceptions=2)
    stats.unlink()
    paired = stats.with_name("run_file.json")
    paired.write_text(listed())
    assert read_run(paired).warnings == ()
    assert [*roles(read_run(paired))] == ["statistics", "failures", "exceptions"]
    out = paired.rename(stats.with_name("out.json"))
    run = read_run(out)
    assert [*roles(run)] == ["statistics"]
    assert "run_failures.csv was left out, so failures have no error text" in run.warnings[0]
    stats.with_name("run_failures.csv").unlink()
    assert [*roles(read_run(out))] == ["statistics"]


def test_texts_of_a_json_that_cannot_be_read(
    write_run: WriteRun, refuse: Callable[..., None]
) -> None:
    """What loadgate wrote without the expected failures, or nobody may read, is not passed over."""
    failures = write_run().with_name("run_failures.csv")
    failures.with_name("run_stats.csv").unlink()
    paired = failures.with_name("run_file.json")
    paired.write_text(listed())
    text = failures.read_text()
    failures.write_text(text.replace("Occurrences", f"Occurrences,{FILTERED}x_stats.csv"))
    for path in (paired, paired.parent, failures):
        with pytest.raises(ResultError, match="was written by loadgate and lacks"):
            read_run(path)
    out = paired.rename(paired.with_name("out.json"))
    assert [*roles(read_run(out))] == ["statistics"]
    paired.write_text(listed())
    failures.write_text(text)
    refuse(failures)
    with pytest.raises(ResultError, match="cannot be read: Permission denied"):
        read_run(paired)


DAMAGED = [
    pytest.param("", "is empty", id="empty"),
    pytest.param("Type,Na", "is not a file that Locust wrote", id="cut-header"),
    pytest.param("\0\1\2", "is not a file that Locust wrote", id="binary"),
]


@pytest.mark.parametrize(("text", "said"), DAMAGED)
def test_a_damaged_run_in_a_folder(write_run: WriteRun, text: str, said: str) -> None:
    """It is never passed over for another run that lies there and is well."""
    good = write_run(prefix="good")
    good.with_name("new_stats.csv").write_text(text)
    runs = find_runs(str(good.parent))
    assert [Path(run).name for run in runs] == ["good_stats.csv", "new_stats.csv"]
    with pytest.raises(ResultError, match=rf"new_stats.csv: {said}"):
        read_run(runs[1])
    assert read_run(good).label == "good"
    good.unlink()
    with pytest.raises(
        ResultError, match=rf"new_stats.csv: {said}.*\n  By its name it is the run in"
    ):
        read_run(good.parent)


def test_a_run_in_a_folder_that_may_not_be_opened(
    write_run: WriteRun, refuse: Callable[..., None]
) -> None:
    """The same, and the reason is told."""
    new = write_run(prefix="new")
    refuse(new)
    with pytest.raises(ResultError, match="new_stats.csv: cannot be read: Permission denied"):
        read_run(new.parent)
    good = write_run(prefix="good")
    assert find_runs(str(new.parent)) == [str(good), str(new)]
    with pytest.raises(ResultError, match="new_stats.csv: cannot be read: Permission denied"):
        read_run(new)


@pytest.mark.parametrize("name", ["run_stats.csv", "run_requests.csv", "run.html", "run.json"])
def test_a_path_that_may_mean_two_things(write_run: WriteRun, name: str) -> None:
    """A folder must not hide the results of which it has the prefix, nor they it."""
    inside = write_run(folder="run")
    beside = inside.parents[1] / name
    text = {"html": "<title>Locust</title>window.templateArgs = {", "json": listed()}
    beside.write_text(text.get(name[-4:], inside.read_text()))
    for read in (read_run, lambda path: [read_run(run) for run in find_runs(str(path))]):
        with pytest.raises(
            ResultError, match=rf"run: is ambiguous: the folder run/ or the file {name}"
        ):
            read(inside.parent)
    assert read_run(f"{inside.parent}/").label == "run"
    write_run(folder="run", prefix="second")  # nor several runs in the folder
    assert find_runs(str(inside.parent)) == [str(inside.parent)]
    assert len(find_runs(f"{inside.parent}/")) == 2
    beside.write_text("a,b\n1,2\n" if name.endswith(".csv") else "{}")  # of anybody
    assert len(find_runs(str(inside.parent))) == 2


def test_a_file_with_the_name_of_a_prefix(write_run: WriteRun) -> None:
    """It hides no run either."""
    stats = write_run()
    prefix = stats.with_name("run")
    prefix.write_text(stats.read_text())
    with pytest.raises(ResultError, match=r"the file run or the file run_stats.csv\n  Rename"):
        read_run(prefix)
    assert read_run(stats).label == "run"


@pytest.mark.parametrize("name", ["run_stats.csv", "run_failures.csv"])
def test_a_file_and_another_packed(write_run: WriteRun, name: str) -> None:
    """Of two that are not the same nobody knows which is of this run."""
    stats = write_run()
    path = stats.with_name(name)
    packed = path.with_name(f"{name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    prefix = stats.with_name("run")
    assert read_run(stats).total.requests == read_run(prefix).total.requests == 1000
    for text in (path.read_bytes()[:-9], path.read_bytes() + b"x", b"x" + path.read_bytes()):
        packed.write_bytes(gzip.compress(text))
        for named in (stats, prefix, stats.parent):
            with pytest.raises(ResultError, match=rf"{name}: is ambiguous: {name}.gz is beside"):
                read_run(named)
    if name == "run_stats.csv":
        with pytest.raises(ResultError, match="is ambiguous: run_stats.csv is beside it"):
            read_run(packed)


def test_statistics_of_other_programs(write_run: WriteRun) -> None:
    """A table of anybody else may have such a name."""
    stats = write_run()
    stats.with_name("docker_stats.csv").write_text("container,cpu\nweb,3\n")
    assert roles(read_run(stats.parent)) == PAIR


def test_what_looks_like_results_and_is_cut(tmp_path: Path) -> None:
    """Where a folder holds nothing that can be judged, what is wrong with a file is said."""
    (tmp_path / "cut.json").write_text('{"stats": [')
    with pytest.raises(ResultError, match="cut.json: is not valid JSON"):
        read_run(tmp_path)


def test_prefix_of_a_report_or_json(tmp_path: Path) -> None:
    """A prefix finds what --json-file wrote, too."""
    (tmp_path / "run.json").write_text(listed())
    assert read_run(tmp_path / "run").total.requests == 1000
    with pytest.raises(ResultError, match=r"no such file or directory\n  RUN is"):
        read_run(tmp_path / "ruin")


def test_neighbours_that_cannot_be_compared(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken neighbour is told, an empty JSON hints at a Locust that was killed."""
    stats = write_run()
    stats.with_name("stdout.json").touch()
    bad = json.loads(listed())
    bad[0]["num_failures"] = "x"
    stats.with_name("bad.json").write_text(json.dumps(bad))
    stats.with_name("cut.json").write_text("[{")
    monkeypatch.setattr("loadgate.read.documents.LARGEST_DOCUMENT", 10_000)
    stats.with_name("large.json").write_text(" " * 20_000 + listed(9000))
    told = ("stdout.json is empty", "large.json could not be", "bad.json could not be")
    for path, also in ((stats, ()), (stats.parent, ("cut.json could not be",))):
        warnings = read_run(path).warnings
        assert len(warnings) == len((*told, *also))
        for text in (*told, *also):
            assert any(text in warning for warning in warnings)


def test_a_folder_that_cannot_be_read(write_run: WriteRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system refuses is an error with its reason."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    stats = write_run()
    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(ResultError, match="cannot be read: Permission denied"):
        read_run(stats)
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ResultError, match="cannot be read: Permission denied"):
        read_run(stats)


def test_a_label_of_ones_own(write_run: WriteRun) -> None:
    """The caller may name a run."""
    assert read_run(write_run(), label="nightly").label == "nightly"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("run_stats.csv", "", id="empty"),
        pytest.param("run_stats.csv", "\0" * 3000, id="zeros"),
        pytest.param("run_stats.csv", "Type,Na", id="cut"),
        pytest.param("run_failures.csv", "Method,Name,Error,Occurrences\n", id="failures"),
        pytest.param("run.html", "", id="empty-report"),
        pytest.param("run.html", "<title>Locust</ti", id="cut-report"),
    ],
)
def test_a_folder_beside_what_is_left_of_a_run(write_run: WriteRun, name: str, text: str) -> None:
    """It hides no damage: where Locust died, an old folder must not be judged in its place."""
    folder = write_run(folder="run").parent
    folder.with_name(name).write_text(text)
    with pytest.raises(ResultError, match=rf"ambiguous: the folder run/ or the file {name}"):
        read_run(folder)


def test_a_path_without_a_name_is_no_prefix(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable of a script that is not set names no run, whatever lies there."""
    monkeypatch.chdir(write_run(prefix="").parent)
    assert Path("_stats.csv").exists()
    with pytest.raises(ResultError, match="no such file"):
        read_run("")


@pytest.mark.parametrize("role", ["failures", "exceptions", "stats_history"])
def test_a_file_of_the_run_that_can_hold_no_data(write_run: WriteRun, role: str) -> None:
    """Locust wrote through the link, and what it wrote is gone."""
    stats = write_run()
    path = stats.with_name(f"run_{role}.csv")
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/null")
    with pytest.raises(ResultError, match=rf"run_{role}.csv: is not a regular file"):
        read_run(stats)


def test_statistics_that_can_hold_no_data(write_run: WriteRun) -> None:
    """What else has the prefix is not judged in their place."""
    stats = write_run()
    stats.rename(stats.with_name("run_requests.csv"))
    assert read_run(stats.with_name("run")).label == "run"
    stats.symlink_to("/dev/null")
    with pytest.raises(ResultError, match=r"run_stats.csv: is not a regular file"):
        read_run(stats.with_name("run"))
