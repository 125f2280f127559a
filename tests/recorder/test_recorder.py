"""What a run recorded, held against what the server counted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from e2e.releases import OLDER, Release, environment

from loadgate.recording.document import Document, problems
from loadgate.recording.journal import assemble, lines

from .runs import (
    LOCUSTFILE,
    USERS,
    Answers,
    Recorded,
    counting_server,
    free_port,
    recorded,
    surroundings,
)

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX signals and fork")
ROUNDS = 10
MADE = USERS * ROUNDS


def assert_whole(document: Document, answers: Answers, users: int = USERS) -> None:
    """Every request of the test is there, with its status and whether it failed."""
    made = users * ROUNDS
    assert list(problems(document)) == []
    answered = Counter({key: n for key, n in answers.items() if key[2] not in {418, None}})
    told = recorded(document)
    assert Counter({key: n for key, n in told.items() if key[2] is not None}) == answered
    # A dropped connection may be tried again by the client: the wire carries more.
    assert told["GET", "/drop", None] == made <= answers["GET", "/drop", None]
    outcomes: Counter[tuple[str | None, int | str | None, bool]] = Counter()
    untimed = 0
    for (_, key), cell in document.counts.cells.items():
        outcomes[key.method, key.status, key.failed] += cell.count
        untimed += cell.untimed
    assert outcomes == {
        ("GET", 200, False): made,
        ("GET", 404, True): made,
        ("POST", 409, False): made,  # allowed by the locustfile, and told
        ("PUT", 409, True): made,  # whose text says nothing
        ("GET", 503, True): made,
        ("GET", None, True): made,
        ("custom", None, False): users,
        ("GRPC", "grpc:ABORTED", True): users,
    }
    assert untimed == users
    assert answers["GET", "/s/418", 418] == 2 * users
    assert document.counts.task_errors == {"KeyError": users, "RescheduleTask": users}
    marks = {mark.kind for mark in document.counts.marks}
    assert marks == {"start", "spawned", "stopping", "stop"}


def test_standalone(tmp_path: Path) -> None:
    """One process."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url)
        run.headless("--csv=run")
        run.wait()
    document = run.document("run.loadgate.json.gz")
    assert_whole(document, server.answers)
    assert [worker.id for worker in document.workers] == ["local"]


def test_distributed(tmp_path: Path) -> None:
    """A master, two workers."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url)
        run.distributed(2)
        run.wait()
    document = run.document()
    assert_whole(document, server.answers)
    assert len(document.workers) == 2


@posix
def test_processes(tmp_path: Path) -> None:
    """Workers that Locust forks."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url)
        port = free_port()
        run.headless("--processes=2", f"--master-bind-port={port}", f"--master-port={port}")
        run.wait()
    assert_whole(run.document(), server.answers)


OLDEST, *LATER = OLDER[3:]
"""The oldest that runs on a Python of ours: with workers it is in each run of the tests."""


@pytest.mark.parametrize(
    ("release", "workers"),
    [
        pytest.param(OLDEST, 2),
        pytest.param(OLDEST, 0, marks=pytest.mark.prove),
        *(pytest.param(each, n, marks=pytest.mark.prove) for each in LATER for n in (0, 2)),
    ],
    ids=lambda value: getattr(value, "version", value),
)
def test_older_locusts(tmp_path: Path, release: Release, workers: int) -> None:
    """They are recorded as the newest is."""
    python = environment(release)
    with counting_server() as server:
        run = Recorded(tmp_path, server.url, python)
        if workers:
            run.distributed(workers)
        else:
            run.headless()
        run.wait()
    assert_whole(run.document(), server.answers)


# --- ends of all kinds ----------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", [0, 2])
def test_a_signal_to_all(tmp_path: Path, number: signal.Signals, workers: int) -> None:
    """As Ctrl-C, or a runner that cancels a job: nothing is lost."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url)
        if workers:
            run.distributed(workers, QUIT="0")
        else:
            run.headless(QUIT="0")
        run.all_done()
        run.send(number, *run.processes)
        run.wait()
    assert_whole(run.document(), server.answers)


@posix
def test_a_worker_that_leaves(tmp_path: Path) -> None:
    """One that is told to end sends its last part first."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url)
        master, *workers = run.distributed(2, QUIT="0")
        run.all_done()
        run.send(signal.SIGTERM, workers[0])
        workers[0].wait()
        run.all_done(USERS + USERS // 2)  # the other worker begins its users anew
        run.send(signal.SIGINT, master)
        run.wait()
    assert_whole(run.document(), server.answers, USERS + USERS // 2)


@posix
def test_a_worker_that_is_killed(tmp_path: Path) -> None:
    """The recording says that its last report is missing."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url)
        master, *workers = run.distributed(2, QUIT="0", LIVENESS="3")
        run.all_done()
        run.send(signal.SIGKILL, workers[0])
        run.send(signal.SIGINT, master)
        code = run.wait()
    assert code == 2
    assert "sent no last report" in " ".join(problems(run.document()))


@posix
@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_that_is_killed(tmp_path: Path, workers: int) -> None:
    """What was written so far is there, and that the run did not finish."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url)
        first = run.distributed(2, QUIT="0")[0] if workers else run.headless(QUIT="0")
        run.all_done()
        run.until(lambda: run.document().counts.requests >= MADE, "no part is written")
        run.send(signal.SIGKILL, *run.processes)
        first.wait()
        run.wait()
    document = run.document()
    assert "did not finish" in next(problems(document))
    assert document.counts.requests >= MADE


def test_the_file_of_another_run_is_left(tmp_path: Path) -> None:
    """Of two runs with one file name, the older one ends with 2 and leaves the newer one's."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url)
        run.headless(QUIT="0")
        run.all_done()
        file = tmp_path / "loadgate-run.loadgate.json.gz"
        file.unlink()
        file.write_bytes(b"of another run")
        run.processes[0].terminate()
        assert run.wait() == 2
    assert file.read_bytes() == b"of another run"
    assert "another run writes this file" in run.log.read_text("utf-8")


def test_what_is_no_recording_is_not_replaced(tmp_path: Path) -> None:
    """The run ends before it begins."""
    (tmp_path / "mine").write_text("mine")
    run = Recorded(tmp_path, "http://127.0.0.1:1")
    run.headless("--loadgate-file=mine")
    assert run.wait() == 2
    assert (tmp_path / "mine").read_text() == "mine"
    assert "mine: not a recording" in run.log.read_text("utf-8")


@posix
@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("end", ["run time", "Ctrl-C", "SIGTERM", "master alone"])
def test_an_end_amid_requests(tmp_path: Path, workers: int, end: str) -> None:
    """Users finish what they do, and all of it is recorded; a worker that joins late has its part."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url, locustfile=Path(__file__).with_name("busy.py"))
        words = ["--stop-timeout=20", *(["-t3"] if end == "run time" else [])]
        if workers:
            run.distributed(workers, *words)
        else:
            run.headless(*words)
        if workers and end != "run time":  # which may be over before another one is there
            run.until(lambda: sum(server.answers.values()) > 50, "no requests")
            run.start("--worker", f"--master-port={run.port}")
            run.until(lambda: len(list((tmp_path / "workers").iterdir())) > workers, "none joins")
        if end != "run time":
            run.until(lambda: sum(server.answers.values()) > 500, "too few requests")
            number = signal.SIGINT if end == "Ctrl-C" else signal.SIGTERM
            run.send(number, *(run.processes[:1] if end == "master alone" else run.processes))
        run.wait()
    document = run.document()
    assert list(problems(document)) == []
    # Python raises Ctrl-C wherever a process is; a request that ends by it fires no event.
    cut = (server.answers - recorded(document)).total()
    assert cut <= (len(run.processes) if end == "Ctrl-C" else 0)
    assert not recorded(document) - server.answers


HOOKS = """
import os, time
from locust import events
from locust.runners import LocalRunner, MasterRunner

def ask(environment, name):
    environment.events.request.fire(
        request_type="hook", name=name, response_time=1, response_length=0, exception=None
    )

@events.test_start.add_listener
def before(environment, **_):
    ask(environment, "start")
    os.chdir("/")

@events.test_stop.add_listener
def after(environment, **_):
    if not isinstance(environment.runner, MasterRunner):
        time.sleep(1)
    ask(environment, "stop")

@events.quitting.add_listener
def last(environment, **_):
    if isinstance(environment.runner, LocalRunner):
        ask(environment, "quitting")
"""


@posix
@pytest.mark.parametrize("workers", [0, 2])
def test_requests_of_other_listeners(tmp_path: Path, workers: int) -> None:
    """Those that set up and clean up count as all others do, on a master, too."""
    with counting_server() as server:
        (tmp_path / "hooks.py").write_text(HOOKS)
        both = f"{Path(__file__).with_name('busy.py')},{tmp_path / 'hooks.py'}"
        run = Recorded(tmp_path, server.url, locustfile=Path(both))
        if workers:
            run.distributed(workers, "--stop-timeout=60")
        else:
            run.headless("--stop-timeout=60")
        run.until(lambda: sum(server.answers.values()) > 100, "too few requests")
        run.processes[0].terminate()
        run.wait()
    document = run.document()
    assert list(problems(document)) == []
    hooks: Counter[str | None] = Counter()
    for (_, key), cell in document.counts.cells.items():
        hooks[key.name] += cell.count if key.method == "hook" else 0
    assert +hooks == (
        {"start": workers + 1, "stop": workers + 1}
        if workers
        else {"start": 1, "stop": 1, "quitting": 1}
    )
    ids = {worker.id for worker in document.workers}
    assert len(ids) == (workers + 1 if workers else 1)
    assert "local" in ids


@posix
@pytest.mark.parametrize("workers", [0, 2])
def test_told_to_end_again_and_again(tmp_path: Path, workers: int) -> None:
    """As by a runner that loses patience: the recording is whole, or says that it is not."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url)
        if workers:
            run.distributed(workers, QUIT="0")
        else:
            run.headless(QUIT="0")
        run.all_done()
        while run.processes[0].poll() is None:
            run.processes[0].terminate()
            time.sleep(0.2)
        assert run.wait() == 1  # the gate's: no signal makes it another
    assert_whole(run.document(), server.answers)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["--help"], 0, id="help"),
        pytest.param(["--list"], 0, id="list"),
        pytest.param(["--no-such-option"], 2, id="unknown option"),
        pytest.param(["NoSuchUser"], 2, id="unknown user"),
        pytest.param(["--headless", "--master", "--worker"], 2, id="both"),
        pytest.param(["-f", "broken.py"], 2, id="locustfile that raises"),
        pytest.param(["-f", "empty.py"], 2, id="no users"),
        pytest.param(["-f", "init.py", "--headless"], 2, id="init raises"),
        pytest.param(["-f", "exits.py", "--headless"], 2, id="exits with 0"),
        pytest.param(["-f", "says.py", "--headless"], 2, id="exits with a text"),
    ],
)
def test_an_end_before_the_run(tmp_path: Path, words: list[str], code: int) -> None:
    """1, with which Locust ends in many such cases, says that the gate failed: it is never used."""
    user = "from locust import *\nclass A(User):\n    @task\n    def a(self): pass\n"
    init = "@events.init.add_listener\ndef f(**_):\n    "
    for name, text in {
        "broken": "1 / 0",
        "empty": "",
        "init": f"{user}{init}1 / 0",
        "exits": f"{user}{init}raise SystemExit(0)",
        "says": f"{user}{init}raise SystemExit('no such shop')",
    }.items():
        (tmp_path / f"{name}.py").write_text(text)
    run = Recorded(tmp_path, "http://127.0.0.1:1")
    run.start(*words)
    assert run.wait() == code, run.log.read_text("utf-8")
    assert ("no such shop" in run.log.read_text("utf-8")) == ("says.py" in words)


# --- ways to start it -----------------------------------------------------------------------------


def asked(url: str, path: str, **form: str) -> bytes:
    """Ask Locust's web UI something."""
    data = urlencode(form).encode() if form else None
    with urlopen(f"{url}{path}", data, timeout=60) as answer:  # noqa: S310 - our own
        content: bytes = answer.read()
        return content


def test_web_ui(tmp_path: Path) -> None:
    """Each start is a recording of its own, finished when the test is stopped; also after a reset."""
    with counting_server() as server:
        run, port = Recorded(tmp_path, server.url), free_port()
        run.start("--web-host=127.0.0.1", f"--web-port={port}", QUIT="0")
        url = f"http://127.0.0.1:{port}"
        ids: set[str] = set()
        for _ in range(2):
            run.until(lambda: answers(url), "no web UI")
            server.answers.clear()
            asked(url, "/swarm", user_count=str(USERS), spawn_rate=str(USERS))
            run.all_done()
            if ids:
                asked(url, "/stats/reset", now="1")
            asked(url, "/stop", now="1")
            run.until(lambda: run.document().state == "finished", "it is not finished")
            document = run.document()
            ids.add(document.run)
            assert (
                recorded(document)["GET", "/s/200", 200]
                == server.answers["GET", "/s/200", 200]
                == MADE
            )
            assert list(problems(document)) == []
            for done in (tmp_path / "done").iterdir():
                done.unlink()
        assert any(mark.kind == "reset" for mark in document.counts.marks)
        run.processes[0].terminate()
        run.wait()
    assert len(ids) == 2


def answers(url: str) -> bool:
    """Say whether something answers there."""
    try:
        return bool(asked(url, "/"))
    except OSError:
        return False


OTHER = """
from locust import LoadTestShape, events

class Shape(LoadTestShape):
    def tick(self):
        return (3, 3) if self.get_run_time() < 2 else (6, 6)

@events.request.add_listener
def first(name, **_):
    if name == "own":
        raise ValueError("a bad listener")

@events.quitting.add_listener
def other(environment, **_):
    environment.process_exit_code = 0
"""


def test_shapes_and_other_listeners(tmp_path: Path) -> None:
    """A shape, a second file, statistics that are reset, a listener that raises, one with a code."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url)
        (tmp_path / "other.py").write_text(OTHER)
        run.start("--headless", "-f", f"{LOCUSTFILE},other.py", "--reset-stats", "--stop-timeout=5")
        code = run.wait()
    document = run.document()
    assert code == 2, "an exception that nobody handled"
    assert document.locust_totals is not None
    assert document.locust_totals.reset
    kinds = [mark.kind for mark in document.counts.marks]
    assert kinds.count("spawned") == 2
    assert recorded(document)["GET", "/s/200", 200] == server.answers["GET", "/s/200", 200] == MADE
    assert list(problems(document)) == []
    log = run.log.read_text("utf-8")
    assert "a listener had set 0" in log
    assert log.index("Response time percentiles") < log.index("loadgate-run.loadgate.json.gz")


LIBRARY = """
import loadgate.recorder  # the first line
import gevent
from locust import HttpUser, task
from locust.env import Environment

class User(HttpUser):
    host = "{url}"
    def on_start(self):
        self.client.get("/s/200")
    @task
    def rest(self):
        gevent.sleep(9)

environment = Environment(user_classes=[User])
environment.create_local_runner()
recorder = loadgate.recorder.attach(environment)
assert loadgate.recorder.attach(environment) is not None
environment.runner.start(3, spawn_rate=3)
while environment.stats.total.num_requests < 3:
    gevent.sleep(0.1)
environment.runner.quit()
"""


def test_as_a_library(tmp_path: Path) -> None:
    """An environment that a script makes."""
    with counting_server() as server:
        script = tmp_path / "script.py"
        script.write_text(LIBRARY.format(url=server.url))
        command = [sys.executable, "-W", "ignore", "script.py"]
        subprocess.run(command, cwd=tmp_path, env=surroundings(), check=True)
    document = assemble(lines((tmp_path / "loadgate-run.loadgate.json.gz").read_bytes()))
    assert (document.state, document.counts.requests) == ("finished", 3)
    assert list(problems(document)) == []


def test_a_worker_without_the_recorder(tmp_path: Path) -> None:
    """The recording says that it is not whole."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url)
        run.distributed(1, module="locust")
        run.wait()
    assert "reported to Locust but not to the recorder" in " ".join(problems(run.document()))


def test_options_of_a_config_file(tmp_path: Path) -> None:
    """As Locust reads its own, beside an empty variable, which is none."""
    with counting_server() as server:
        run = Recorded(tmp_path, server.url)
        (tmp_path / "locust.conf").write_text(
            'loadgate-file = own.gz\nloadgate-threshold = ["true_failure_rate <= 100%"]\n'
        )
        run.headless(LOADGATE_RULES="")
        assert run.wait() == 0
    assert run.document("own.gz").state == "finished"


LIMIT = """
[[thresholds]]
require = "status_503 <= 0"
"""


def test_options_are_locusts(tmp_path: Path) -> None:
    """They are shown in a group of their own, and read from the environment."""
    run = Recorded(tmp_path, "http://127.0.0.1:1")
    run.start("--help")
    run.wait()
    help_text = run.log.read_text("utf-8")
    assert "loadgate options:" in help_text
    assert "[LOADGATE_THRESHOLD]" in help_text
    with counting_server() as server:
        run = Recorded(tmp_path / "x", server.url)
        (run.folder / "own.toml").write_text(f"version = 1\n{LIMIT}")
        own = {"LOADGATE_FILE": "other.gz", "LOADGATE_RULES": "own.toml", "LOADGATE_ABORT": "true"}
        run.headless(QUIT="0", **own)
        assert run.wait() == 1
    document = run.document("other.gz")
    assert document.state == "finished"
    assert any(mark.kind == "abort" for mark in document.counts.marks)
