"""The verdict while the run is on, held against that of `check` on what was recorded."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gevent.subprocess
import pytest
from click.testing import CliRunner

from loadgate.cli import cli
from loadgate.errors import UsageError
from loadgate.live import Journal
from loadgate.recorder.collector import Collector
from loadgate.recorder.file import RecordingFile
from loadgate.recorder.live import Live
from loadgate.recorder.options import Options
from loadgate.recorder.run import Run
from loadgate.recording.document import LOCAL, Totals
from loadgate.recording.journal import pack, part_to_json

RULES = """
version = 1
[[rules]]
id = "conflict"
endpoint = "GET /a"
status = 409
why = "Of two concurrent changes the later one gets 409."
at_most = "50%"
"""


class Recording:
    """A run on its way, in a file of a folder."""

    def __init__(self, folder: Path) -> None:
        """Start it."""
        (folder / "loadgate.toml").write_text(RULES)
        self.file = RecordingFile(str(folder / "run.loadgate.json.gz"))
        self.begin()

    def begin(self) -> None:
        """Start a run."""
        self.run = Run(self.file, "2.0", started=True)
        self.run.mark("start")
        self.run.users(7)
        self._collector = Collector()
        self._collector.begin(self.run.id, LOCAL)

    def request(self, status: int, count: int = 1, *, failed: bool = True) -> None:
        """Record requests, all of one part."""
        for _ in range(count):
            self._collector.request(
                "GET", "/a", 5, SimpleNamespace(status_code=status), "no" if failed else None
            )
        self.take(final=False)

    def take(self, *, final: bool) -> None:
        """Write what is new to the journal."""
        part = self._collector.take(final=final)
        assert part is not None
        self.run.receive(LOCAL, [pack(part_to_json(part))])

    def finish(self, requests: int, failures: int) -> None:
        """End it."""
        self.take(final=True)
        self.run.finish(Totals(requests=requests, failures=failures, reset=False))


def check(folder: Path) -> dict[str, Any]:
    """Return the document of `check` on the finished recording."""
    words = ["check", "run.loadgate.json.gz", "--output", "json"]
    with contextlib.chdir(folder):
        result = CliRunner().invoke(cli, words)
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def looking(folder: Path, *thresholds: str, abort: bool = False, history: str = "") -> Live:
    """Return what judges the run there."""
    options = Options(
        file="run.loadgate.json.gz",
        thresholds=thresholds,
        abort=abort,
        history=(history,) if history else (),
    )
    return Live(options, str(folder))


def test_it_grows_to_the_verdict_of_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts, the kinds of failures and the checks are those of the whole recording."""
    monkeypatch.setattr("loadgate.recorder.live._OFTENEST", 0)
    monkeypatch.setattr("loadgate.recorder.live._SHARE", 0)
    recording, live = Recording(tmp_path), looking(tmp_path)
    assert live.look(None) is None
    seen = []
    for status, failed in ((200, False), (409, True), (409, False), (503, True)):
        recording.request(status, 10, failed=failed)
        look = live.look(recording.run)
        assert look is not None, live.problem
        assert (look.run, look.finished) == (recording.run.id, False)
        totals = look.result["totals"]
        seen.append((totals["requests"], totals["expected_failures"], totals["true_failures"]))
        assert look.result["run"]["users"] == 7
        assert look.result["run"]["partial"]
    assert seen == [(10, 0, 0), (20, 10, 0), (30, 10, 0), (40, 10, 10)]
    recording.finish(40, 20)
    end = live.look(recording.run)
    assert end is not None
    assert end.finished
    assert live.look(recording.run) is end
    whole = check(tmp_path)
    assert look is not None
    for part in ("totals", "endpoints", "failures", "rules", "checks", "outcome"):
        assert end.result[part] == whole[part]
        if part not in {"totals", "endpoints"}:  # their requests a second are not of the same time
            assert look.result[part] == whole[part]
    live.close()


def test_the_load_of_a_history_is_that_of_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is on a run has fewer users than it will have: all of the history counts."""
    monkeypatch.setattr("loadgate.recorder.live._OFTENEST", 0)
    monkeypatch.setattr("loadgate.recorder.live._SHARE", 0)
    recording = Recording(tmp_path)
    recording.request(200, 10, failed=False)
    recording.finish(10, 0)
    document = check(tmp_path)
    (tmp_path / "history").mkdir()
    for night in range(5):
        document["run"] |= {"started": f"2020-01-0{night + 1}T02:00:00Z", "users": 700}
        document["run"]["ended"] = f"2020-01-0{night + 1}T03:00:00Z"
        document["totals"]["max"] += 1  # else they are copies under other dates
        (tmp_path / "history" / f"{night}.json").write_text(json.dumps(document))
    recording, live = Recording(tmp_path), looking(tmp_path, "p50 <= history", history="history")
    recording.request(200, 10, failed=False)
    look = live.look(recording.run)
    assert look is not None, live.problem
    assert look.result["checks"][-1]["note"] == "median of 5 runs, 2020-01-01 to 2020-01-05"
    recording.finish(10, 0)
    assert live.look(recording.run) is None
    assert "5 under another load" in str(live.problem)
    live.close()


BUDGET = """
[[rules]]
id = "overload"
endpoint = "GET /a"
status = 503
why = "It is an exercise."
at_most = "1%"
"""
ABORTING = """
[[thresholds]]
require = "failures <= 5000"
abort = true
"""


@pytest.mark.parametrize(
    ("thresholds", "rules", "option", "expected"),
    [
        ([], "", False, ""),
        ([], "", True, "true_failure_rate is 33.3%, must be <= 1% (default limit)"),
        ([], ABORTING, False, ""),
        (["true_failures <= 2"], ABORTING, False, ""),
        (
            ["true_failures <= 2", "status_503 <= 9", "p95 <= 1ms", "true_failures < 99"],
            "",
            True,
            "true_failures is 10, must be <= 2; 1 more",
        ),
        (["true_failure_rate <= 50%"], BUDGET, True, "rule overload exceeds its budget"),
    ],
)
def test_what_is_certain_to_fail(
    tmp_path: Path, thresholds: list[str], rules: str, option: bool, expected: str
) -> None:
    """It is told in the words of the verdict; without a wish to abort nothing is."""
    recording, live = Recording(tmp_path), looking(tmp_path, *thresholds, abort=option)
    with (tmp_path / "loadgate.toml").open("a") as file:
        file.write(rules)
    for status in (200, 409, 503):
        recording.request(status, 10, failed=status != 200)
    live.prepare()
    assert live.can_abort == (option or "abort" in rules)
    look = live.look(recording.run)
    assert look is not None
    assert look.abort.startswith(expected)
    assert bool(look.abort) == bool(expected)
    live.close()


def test_the_steady_part_lasts_until_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the run is on it is judged as if it ended now; then until its users began to stop."""
    clock, ahead = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock() + ahead[0])
    recording = Recording(tmp_path)
    live = looking(tmp_path, "true_failure_rate <= 10% during steady")

    def judged(seconds: float) -> tuple[str, int]:
        ahead[0] = seconds
        look = live.look(recording.run)
        assert look is not None, live.problem
        (check,) = (one for one in look.result["checks"] if "steady" in one["require"])
        return check["result"], check["window"]["to"] // 100

    recording.run.mark("spawned", 7)
    ahead[0] = 50.0
    recording.request(200, 10, failed=False)
    assert judged(110) == ("passed", 1)
    assert judged(210) == ("passed", 2)
    recording.run.mark("stopping", 7)
    assert judged(310) == ("passed", 2)
    live.close()


def test_a_look_is_kept_for_a_while(tmp_path: Path) -> None:
    """However often somebody asks, the other process works a twentieth of the time at most."""
    recording, live = Recording(tmp_path), looking(tmp_path)
    recording.request(200, failed=False)
    look = live.look(recording.run)
    recording.request(200, failed=False)
    assert look is not None
    assert live.look(recording.run) is look
    recording.begin()  # of another run
    recording.request(200, failed=False)
    other = live.look(recording.run)
    assert other is not None
    assert other.run == recording.run.id
    live.close()


@pytest.mark.parametrize(
    ("rules", "threshold", "said"),
    [
        ("version = 1\nrules = 3", "p95 <= 1s", "rules"),
        (RULES, "p95 = 800ms", "operator"),
        (RULES, "p95 <= baseline", "baseline"),
        (RULES, "p95 <= history", "history"),
    ],
)
def test_a_policy_that_cannot_be_followed(
    tmp_path: Path, rules: str, threshold: str, said: str
) -> None:
    """What would end `check` with 2 is said before the first request."""
    (tmp_path / "loadgate.toml").write_text(rules)
    with pytest.raises(UsageError, match=said):
        looking(tmp_path, threshold).start()


def test_a_code_that_is_not_free(tmp_path: Path) -> None:
    """As above."""
    (tmp_path / "loadgate.toml").write_text(RULES)
    with pytest.raises(UsageError, match="--warning-exit-code 1: choose"):
        Live(Options(warning_exit_code="1"), str(tmp_path)).start()


def test_there_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is gone, or the file is another run's: said, and the next look tries again."""
    monkeypatch.setattr("loadgate.recorder.live._OFTENEST", 0)
    monkeypatch.setattr("loadgate.recorder.live._SHARE", 0)
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def start(*words: Any, **options: Any) -> Any:
        started.append(real(*words, **options))
        return started[-1]

    monkeypatch.setattr("loadgate.recorder.live.subprocess.Popen", start)
    recording, live = Recording(tmp_path), looking(tmp_path)
    recording.request(200, failed=False)
    live.start()
    live.start()
    (process,) = started
    process.kill()
    process.wait()
    assert live.look(recording.run) is None
    assert "ended" in str(live.problem) or "pipe" in str(live.problem)
    assert live.look(recording.run) is not None
    assert str(live.problem) == "None"
    mine = recording.run
    recording.begin()
    assert live.look(mine) is None
    (tmp_path / "run.loadgate.json.gz").unlink()
    assert live.look(recording.run) is None
    assert "No such file" in (live.problem or "")


def test_a_finished_recording_may_be_no_evidence(tmp_path: Path) -> None:
    """It says why, as `check` does."""
    recording, live = Recording(tmp_path), looking(tmp_path)
    recording.request(200, 10, failed=False)
    recording.finish(11, 0)
    look = live.look(recording.run)
    assert look is not None
    assert look.result["run"]["contradictions"] == ["10 requests were recorded, Locust counted 11"]
    live.close()


def test_half_a_part_waits_for_its_other_half(tmp_path: Path) -> None:
    """The recorder writes while it is read; the file may be written anew at any time."""
    recording = Recording(tmp_path)
    path = tmp_path / "run.loadgate.json.gz"
    start = path.read_bytes()
    recording.request(200, 3, failed=False)
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        document = Journal(str(path)).document(recording.run.id)
        assert (document is None) == (end < len(start))
        assert document is None or document.counts.requests == 0
    journal = Journal(str(path))
    assert journal.document(recording.run.id) is not None
    path.write_bytes(whole)
    for _ in range(2):
        document = journal.document(recording.run.id)
        assert document is not None
        assert document.counts.requests == 3


@pytest.mark.parametrize(
    ("script", "patience"),
    [("import time; print(1, flush=True); time.sleep(60)", 0.5), ("input()", 60)],
    ids=["deaf", "dies"],
)
def test_there_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, patience: float
) -> None:
    """The process is ended, be it that it does not heed the end of its input."""
    real = gevent.subprocess.Popen  # as in Locust, so that the time-out ends the wait
    monkeypatch.setattr("loadgate.recorder.live._FAREWELL", 0.01)
    monkeypatch.setattr("loadgate.recorder.live.PATIENCE", patience)
    monkeypatch.setattr(
        "loadgate.recorder.live.subprocess.Popen",
        lambda _, **options: real([sys.executable, "-c", script], **options),
    )
    live = looking(tmp_path)
    with pytest.raises(OSError, match="takes too long"):
        live.prepare()
    live.close()


def test_a_process_that_does_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for."""
    monkeypatch.setattr("loadgate.recorder.live._FAREWELL", 0.1)
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(999)"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    live = Live(Options(), str(tmp_path))
    live._process = process  # noqa: SLF001 - one that hangs
    live.close()
    assert process.returncode == -9
