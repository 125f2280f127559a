"""`baseline: main`: the results of a branch, by HTTP from a server that speaks GitHub's API."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun

from action.commands import parse_pairs
from action.github_server import TOKEN, Answer, GitHub, archive, run_of, serve
from loadgate.action import branch as branches
from loadgate.action import github_api
from loadgate.action.earlier import branch_of
from loadgate.action.step import main
from loadgate.errors import UsageError
from loadgate.published import address

Judge = Callable[..., dict[str, str]]
ROWS = [("GET", "/x", 1000, 4)]
NEW = "new_failure_kinds <= 0"


@pytest.fixture(name="github")
def _github() -> Iterator[GitHub]:
    with serve() as github:
        github.runs = [run_of(30, head_branch="feature", event="pull_request", conclusion=None)]
        yield github


@pytest.fixture
def judge(
    github: GitHub, tmp_path: Path, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> Judge:
    """Return a function that judges with these inputs, as a job of run 30, and its outputs."""
    write_run(ROWS, [("GET", "/x", "boom", 3), ("GET", "/x", "bang", 1)])
    (tmp_path / "event.json").write_text('{"repository": {"default_branch": "main"}}')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(github_api, "sleep", lambda _: None)
    monkeypatch.delenv("GITHUB_BASE_REF", raising=False)
    job = {
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_API_URL": github.url,
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_REPOSITORY": "octo/shop",
        "GITHUB_RUN_ID": "30",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "LOADGATE_ARTIFACT_NAME": "result",
        "LOADGATE_BASELINE": "main",
        "LOADGATE_RESULTS": "run",
        "LOADGATE_THRESHOLDS": f"{NEW}\nfailures <= 100",
        "LOADGATE_TOKEN": TOKEN,
        "no_proxy": "*",
    }

    def run(**inputs: str) -> dict[str, str]:
        names = {f"LOADGATE_{name.upper()}": text for name, text in inputs.items()}
        for name in [name for name in os.environ if name.startswith("LOADGATE_")]:
            monkeypatch.delenv(name)
        for name, text in {**job, **names}.items():
            monkeypatch.setenv(name, text)
        (tmp_path / "summary").unlink(missing_ok=True)
        main()
        text = (tmp_path / "output").read_text("utf-8")
        (tmp_path / "output").unlink()
        assert TOKEN not in text + _summary()
        return parse_pairs(text)

    return run


def _summary() -> str:
    return Path("summary").read_text("utf-8")


@pytest.fixture
def document(judge: Judge, write_run: WriteRun) -> Callable[..., str]:
    """Return a function that makes the result document of another run, by default one that passed."""

    def make(*failures: tuple[str, int], requests: int = 900, limit: int = 100) -> str:
        rows = [("GET", "/x", requests, sum(count for _, count in failures))]
        write_run(rows, [("GET", "/x", text, count) for text, count in failures], folder="other")
        outputs = judge(
            results="other", baseline="", thresholds=f"failures <= {limit}", artifact_name=""
        )
        return Path(outputs["result-json"]).read_text("utf-8")

    return make


def _uploaded(
    github: GitHub, number: int, files: Mapping[str, str | bytes] | bytes, **fields: Any
) -> None:
    """Let there be one more run, older than those that are there, with an artifact."""
    github.runs.append(run_of(number, **fields))
    artifact = {"id": number * 10, "name": "result", "expired": False}
    github.artifacts[number] = [artifact]
    github.archives[number * 10] = files if isinstance(files, bytes) else archive(files)


def _baseline(outputs: Mapping[str, str]) -> list[str]:
    found: list[str] = json.loads(Path(outputs["result-json"]).read_text("utf-8"))["run"][
        "baseline"
    ]
    return found


def _told(outputs: Mapping[str, str]) -> str:
    """Return why nothing was judged."""
    assert (outputs["outcome"], outputs["exit-code"], outputs["result-json"]) == ("error", "2", "")
    block = re.split(r"### ❌ NOT JUDGED(?:: `.*`)?\n\n    ", _summary())[1]
    return " ".join(block.split())


def test_the_last_good_run_is_the_baseline(
    judge: Judge, document: Callable[..., str], github: GitHub
) -> None:
    """And is called by its branch; the token does not go to where the archive is kept."""
    _uploaded(github, 29, {"run.json": document(("boom", 3))})
    _uploaded(github, 28, {"run.json": document(("bang", 3))})
    outputs = judge()
    assert (outputs["outcome"], _baseline(outputs)) == ("failed", ["run.json of main (run 29)"])
    assert "new at GET /x: bang" in _summary()
    assert "Baseline: run.json of main (run 29)" in _summary()
    runs = next(one for one in github.asked if one.path.endswith("/workflows/42/runs"))
    assert (runs.query["branch"], runs.query["status"]) == ("main", "success")
    assert (
        next(one for one in github.asked if one.path.endswith("/artifacts")).query["name"]
        == "result"
    )
    assert "authorization" not in github.asked[-1].headers
    assert judge(thresholds="failures <= 100")["outcome"] == "passed"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"conclusion": "failure"}, ""),
        ({"conclusion": None}, ""),
        ({"head_branch": "feature"}, ""),
        ({"workflow_id": 43}, ""),
        ({"head_repository": {"full_name": "you/shop"}}, "1 run of a fork"),
        ({"head_repository": None}, "1 run of a fork"),
        ({"event": "pull_request"}, "1 run started by other events"),
        ({"event": "pull_request_target"}, "1 run started by other events"),
        ({"event": "workflow_run"}, "1 run started by other events"),
        ({"artifact": {"name": "result-2"}}, "1 run without it"),
        ({"artifact": {"expired": True}}, "1 run whose artifact expired"),
    ],
)
def test_other_runs_are_passed_over(
    fields: dict[str, Any], why: str, judge: Judge, document: Callable[..., str], github: GitHub
) -> None:
    """Whatever the server lists: without a good one there is no baseline, with one it is taken."""
    fields = fields.copy()
    artifact = fields.pop("artifact", {})
    _uploaded(github, 29, {"run.json": document(("bang", 3))}, **fields)
    github.artifacts[29][0] |= artifact
    told = _told(judge())
    assert "main is no path in" in told
    assert 'has no successful run of this workflow with an artifact "result"' in told
    assert (f"({why})" in told) if why else ("(" not in told)
    assert "baseline-optional: true" in told
    _uploaded(github, 28, {"run.json": document(("boom", 3), ("bang", 1))})
    outputs = judge()
    assert (outputs["outcome"], _baseline(outputs)) == ("passed", ["run.json of main (run 28)"])


def test_a_run_that_failed_its_gate_is_passed_over(
    judge: Judge, document: Callable[..., str], github: GitHub
) -> None:
    """With fail-on-gate: false, the workflow succeeds all the same."""
    _uploaded(github, 29, {"run.json": document(("boom", 3), ("bang", 90), limit=9)})
    partial = document(("boom", 4)).replace('"partial": false', '"partial": true')
    _uploaded(github, 28, {"run.json": partial})
    assert "2 runs whose result failed or is partial" in _told(judge())


def test_the_last_attempt_counts(
    judge: Judge, document: Callable[..., str], github: GitHub
) -> None:
    """Each attempt uploads an artifact of the same name; lists have pages."""
    _uploaded(github, 29, {"run.json": document(("bang", 3))})
    (old,) = github.artifacts[29]
    new = old | {"id": 299}
    github.artifacts[29] = [old | {"name": "x"}, old, new, old | {"id": 1}]
    github.archives[299] = archive({"run.json": document(("boom", 3), ("bang", 1))})
    assert judge()["outcome"] == "passed"


def test_an_artifact_may_vanish(judge: Judge, document: Callable[..., str], github: GitHub) -> None:
    """Between the list and the download: then it has expired, and the run before counts."""
    for number in (29, 28):
        _uploaded(github, number, {"run.json": document(("boom", 3), ("bang", 1))})
    for status in (404, 410):
        github.instead["GET /290/zip"] = [Answer(status=status)]
        assert _baseline(judge()) == ["run.json of main (run 28)"]


def test_no_more_than_some_runs_are_looked_at(
    judge: Judge, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A branch may have thousands."""
    monkeypatch.setattr(branches, "MOST_RUNS", 3)
    github.runs += [run_of(number) for number in range(29, 20, -1)]
    assert "3 runs without it" in _told(judge())
    assert len([one for one in github.asked if one.path.endswith("/artifacts")]) == 3


def test_there_may_be_none_yet(judge: Judge, document: Callable[..., str], tmp_path: Path) -> None:
    """Where the input says so: thresholds that need one are skipped, and a warning says why."""
    outputs = judge(baseline_optional="true")
    assert (outputs["outcome"], _baseline(outputs)) == ("passed", [])
    assert "no baseline yet" in _summary()
    assert "has no successful run" in _summary()
    (tmp_path / "kept.json").write_text(document(("boom", 3)), "utf-8")
    outputs = judge(baseline="main\nkept.json", baseline_optional="true")
    assert (outputs["outcome"], _baseline(outputs)) == ("failed", ["kept.json"])
    assert "left out of the baseline" in _summary()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            Answer(status=403, message="Resource not accessible by integration"),
            "answered 403: Resource not accessible by integration Give the job `permissions: actions:"
            " read`.",
        ),
        (Answer(status=404, message="Not Found"), "`permissions: actions: read`"),
        (Answer(status=401, message="Bad credentials"), "answered 401: Bad credentials"),
        (Answer(status=429, headers={"Retry-After": "999"}), "the limit ends in 999 s"),
        (Answer(status=502, message="down"), "answered 502: down"),
        (Answer(status=200, data=b"[]"), "GitHub told something unexpected (TypeError"),
        (Answer(status=200, data=b"{}"), "GitHub told something unexpected (KeyError"),
    ],
)
def test_what_cannot_be_found_out_stops_the_judging(
    answer: Answer, told: str, judge: Judge, github: GitHub
) -> None:
    """Even where there may be no baseline yet: that is not known."""
    for path in ("/runs/30", "/workflows/42/runs"):
        github.instead = {f"GET {path}": [answer] * 4}
        text = _told(judge(baseline_optional="true"))
        assert text.startswith("input baseline: the results of the branch main")
        assert told in text


def _encrypted(text: str) -> bytes:
    data = bytearray(archive({"run.json": text}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _packed_otherwise(text: str) -> bytes:
    path = Path("packed.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as packed:
        packed.writestr("run.json", text)
    return path.read_bytes()


def _flipped(text: str) -> bytes:
    data = bytearray(archive({"run.json": text}))
    data[60] ^= 0xFF
    return bytes(data)


@pytest.mark.parametrize(
    ("pack", "told"),
    [
        (lambda _: b"<html>", "cannot be unpacked"),
        (lambda text: archive({"run.json": text})[:-40], "cannot be unpacked"),
        (_flipped, "cannot be unpacked"),
        (_encrypted, "cannot be unpacked"),
        (_packed_otherwise, "cannot be unpacked"),
        (lambda text: archive({"../run.json": text}), 'a file outside of it: "../run.json"'),
        (lambda text: archive({"a\\..\\run.json": text}), "a file outside of it"),
        (lambda text: archive({"/etc/run.json": text}), "a file outside of it"),
        (lambda text: archive({"C:run.json": text}), "a file outside of it"),
        (lambda text: archive({"a/run.json": text, "b/run.JSON": text}), "has several run.json"),
        (lambda _: archive({}), "has no result document"),
        (lambda text: archive({"run.csv": text, "run.json": '{"stats": []}'}), "has no result doc"),
        (lambda _: archive({"run.json": b" " * (2 << 20)}), "larger than 1 MiB, unpacked"),
        (
            lambda _: archive({f"{n}.json": b" " * (3 << 18) for n in "ab"}),
            "larger than 1 MiB, unpacked",
        ),
        (lambda _: archive({str(n): "" for n in range(9)}), "has more than 8 files"),
        (lambda _: b" " * ((1 << 20) + 1), "is larger than 1 MiB"),
        (
            lambda text: archive({"run.json": text[:-9]}),
            "run.json of main (run 29): is not valid JSON",
        ),
        (
            lambda text: archive({"run.json": text.replace('"version": 1', '"version": 2', 1)}),
            "run.json of main (run 29): version: needs a newer loadgate",
        ),
        (lambda text: archive({"run.json": f"[{text}]"}), "run.json of main (run 29): is neither"),
    ],
)
def test_a_bad_artifact_stops_the_judging(
    pack: Callable[[str], bytes], told: str, judge: Judge, document: Callable[..., str],
    github: GitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    """With one message; nothing of it is written anywhere."""
    text = document(("boom", 3), ("bang", 1))
    before = {*tmp_path.iterdir(), *tmp_path.parent.iterdir()}
    monkeypatch.setattr(branches, "LARGEST", 1 << 20)
    monkeypatch.setattr(branches, "_MOST_FILES", 8)
    _uploaded(github, 29, pack(text))
    assert told in _told(judge())
    made = {*tmp_path.iterdir(), *tmp_path.parent.iterdir()} - before
    assert all(path.name.startswith(("loadgate-", "packed", "summary")) for path in made)


def test_each_run_has_the_result_of_its_name(
    judge: Judge, document: Callable[..., str], github: GitHub, write_run: WriteRun
) -> None:
    """Several documents are of several runs; only a lone one may have been called otherwise."""
    both, boom = document(("boom", 3), ("bang", 1)), document(("boom", 3))
    for name in "ab":
        write_run(ROWS, [("GET", "/x", "boom", 3), ("GET", "/x", "bang", 1)], prefix=name)
    _uploaded(github, 29, {"a.json": both, "b.json": boom, "README.md": "x"})
    outputs = judge(results="?_stats.csv")
    verdicts = [
        json.loads(Path(path).read_text("utf-8")) for path in outputs["result-json"].split("\n")
    ]
    assert [(one["outcome"], one["run"]["baseline"]) for one in verdicts] == [
        ("passed", ["a.json of main (run 29)"]), ("failed", ["b.json of main (run 29)"]),
    ]  # fmt: skip
    assert judge(results="a")["outcome"] == "passed"
    assert "its run 29 has no result run.json (it has a, b)" in _told(judge())
    outputs = judge(results="a\nrun", baseline_optional="true")
    assert outputs["outcome"] == "passed"
    assert "no baseline yet" in _summary()


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"artifact_name": ""}, "artifact-name must be the same in each run; it is empty"),
        ({"artifact_name": "result-30-1"}, "is 'result-30-1', which is new in each run"),
        ({"token": ""}, "input token: is empty"),
        ({"baseline": "mian"}, "there is no branch mian in octo/shop; nor is mian a path in"),
        ({"baseline": "release/1.2"}, "the branch release/1.2 has no successful run"),
        ({"baseline": "release/1.3"}, "there is no branch release/1.3 in octo/shop"),
        ({"baseline": "refs/heads/main"}, "the branch main has no successful run"),
        ({"baseline": "main.json"}, "main.json: no such file"),
        ({"baseline": "./main"}, "./main: no such file"),
        ({"baseline": "/nowhere"}, "/nowhere: no such file"),
    ],
)
def test_what_a_line_means_is_said(
    inputs: dict[str, str], told: str, judge: Judge, github: GitHub
) -> None:
    """A misspelt path or branch is never no baseline."""
    github.branches.append("release/1.2")
    assert told in _told(judge(**inputs))


@pytest.mark.parametrize("name", ["mian", "Main", "release/1.2", "größe", "a#1", "100%", "a&b=c"])
def test_a_branch_that_is_not_there_is_never_allowed(
    name: str, judge: Judge, github: GitHub
) -> None:
    """It would be skipped for ever; one that is there may have no result yet."""
    told = _told(judge(baseline=name, baseline_optional="true"))
    assert told.startswith(f"input baseline: there is no branch {name} in octo/shop")
    assert address("ci#compare-with-main") in told
    github.branches.append(name)
    assert judge(baseline=name, baseline_optional="true")["outcome"] == "passed"
    assert "could not be checked" not in _summary()


def test_a_branch_that_was_renamed(judge: Judge, github: GitHub) -> None:
    """GitHub redirects to what it is called now; its runs keep the name that it had."""
    at = f"{github.url}/repos/octo/shop/branches/main"
    github.instead["GET /branches/master"] = [Answer(status=301, headers={"Location": at})]
    told = _told(judge(baseline="master", baseline_optional="true"))
    assert "the branch master of octo/shop is now called main" in told


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(status=403, message="Resource not accessible"), "permissions: contents: read"),
        (Answer(status=502, message="down"), "answered 502: down"),
        (Answer(status=200, data=b"<html>"), "is no JSON"),
        (Answer(status=200, data=b"{}"), "unexpected answer (KeyError: 'name')"),
        (Answer(status=200, data=b"[]"), "unexpected answer (TypeError"),
    ],
)
def test_a_branch_that_cannot_be_checked(
    answer: Answer, why: str, judge: Judge, github: GitHub
) -> None:
    """Is as if it were there, and the message says that nobody knows."""
    github.instead = {"GET /branches/main": [answer] * 8}
    told = _told(judge())
    assert "whether the branch exists could not be checked" in told
    assert why in told
    outputs = judge(baseline_optional="true")
    assert outputs["outcome"] == "passed"
    warnings = json.loads(Path(outputs["result-json"]).read_text("utf-8"))["warnings"]
    assert any("could not be checked" in text and why in text for text in warnings)


def test_outside_of_a_job(tmp_path: Path) -> None:
    """There is nobody to ask."""
    with pytest.raises(UsageError, match="GITHUB_REPOSITORY, GITHUB_RUN_ID is not set"):
        branches.find_results("main", "result", tmp_path, {})


@pytest.mark.parametrize(
    ("line", "branch"),
    [
        ("main", "main"), ("release/1.2", "release/1.2"), ("refs/heads/there", "there"),
        ("feature_1", "feature_1"), ("there", None), ("run", None), ("main.json", None),
        ("old_stats.csv.gz", None), ("report.html", None), ("./main", None), ("../main", None),
        ("/main", None), ("~/main", None), ("main/", None), ("a//b", None), ("a b", None), ("*", None),
        ("C:\\main", None), ("s3://bucket/main", None), ("-x", None), ("a..b", None), ("a.lock", None),
        ("a/.b", None), ("a@{1}", None),
    ],
)  # fmt: skip
def test_branches_and_paths(
    line: str,
    branch: str | None,
    write_run: WriteRun,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """What is there is a path, also as the prefix of a run; what no branch is called is one, too."""
    monkeypatch.chdir(tmp_path)
    write_run()
    Path("there").mkdir()
    Path("main.py").touch()
    assert branch_of(line, {}) == branch


@pytest.mark.parametrize(
    ("event", "environment"),
    [
        ('{"repository": {"default_branch": "main"}}', {}),
        ("{", {"GITHUB_BASE_REF": "main"}),
        ('{"repository": null}', {"GITHUB_BASE_REF": "main"}),
    ],
)
def test_a_folder_with_the_name_of_the_main_branch(
    event: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A pull request may add it: neither is taken for the other."""
    monkeypatch.chdir(tmp_path)
    for name in ("main", "other"):
        Path(name).mkdir()
    Path("event.json").write_text(event, "utf-8")
    environment = {**environment, "GITHUB_EVENT_PATH": "event.json"}
    with pytest.raises(UsageError, match="write ./main for the path, or refs/heads/main for the"):
        branch_of("main", environment)
    assert branch_of("other", environment) is None
    assert branch_of("./main", environment) is None
    assert branch_of("refs/heads/main", environment) == "main"
