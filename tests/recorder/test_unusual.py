"""Events at unusual times, messages of any kind, a Locust that lacks what the recorder uses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gevent
import locust.clients
import locust.contrib.fasthttp
import pytest
from locust.env import Environment
from locust.event import Events
from locust.exception import InterruptTaskSet, RescheduleTask, StopUser
from locust.runners import MasterRunner, WorkerRunner

from loadgate.recorder import attach
from loadgate.recorder.collector import Collector
from loadgate.recorder.drain import drain
from loadgate.recorder.listeners import Recorder
from loadgate.recorder.workers import ACKNOWLEDGE, FIELD, Ledger, Outbox
from loadgate.recording.document import problems
from loadgate.recording.journal import assemble, lines


def events() -> Any:
    """Return Locust's events, of an environment of one's own."""
    return Events()  # type: ignore[no-untyped-call] # Locust has no types for it


# --- listeners ------------------------------------------------------------------------------------


def test_events_before_there_is_a_run() -> None:
    """They change nothing, and what goes wrong is an error of the recorder."""
    own = events()
    recorder = Recorder(own)
    own.spawning_complete.fire(user_count=1)
    own.reset_stats.fire()
    own.test_stopping.fire(environment=None)
    own.worker_connect.fire(client_id="w")
    own.worker_report.fire(client_id="w", data={})
    own.test_stop.fire(environment=None)
    own.quitting.fire(environment=None)
    own.quit.fire(exit_code=0)
    assert (recorder.run, recorder.exit.judgement, recorder.collector.errors) == (None, None, 0)
    for _ in range(2):
        own.report_to_master.fire(client_id="w", data=None)
    assert recorder.collector.errors == 2
    assert str(recorder.collector.error).startswith("TypeError: ")


def test_a_locust_that_lacks_an_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recording names it; all else is recorded."""
    monkeypatch.chdir(tmp_path)
    own = events()
    del own.reset_stats
    environment = Environment(events=own)
    environment.create_local_runner()
    attach(environment)
    own.test_start.fire(environment=environment)
    own.test_stop.fire(environment=environment)
    document = assemble(lines((tmp_path / "loadgate-run.loadgate.json.gz").read_bytes()))
    assert document.lacking == ["events.reset_stats"]
    assert list(problems(document)) == []


class Worker(WorkerRunner):
    """A worker that has no master."""

    client_id = "w"
    greenlet = ()

    def __init__(self) -> None:
        self.listeners: dict[str, Any] = {}

    def register_message(self, msg_type: str, listener: Any, *_: Any, **__: Any) -> None:
        """Note who listens to what the master would say."""
        self.listeners[msg_type] = listener


def test_an_acknowledgement_of_an_earlier_run() -> None:
    """It acknowledges nothing of this one."""
    own, runner, options = events(), Worker(), SimpleNamespace(loadgate_run="now")
    environment = SimpleNamespace(events=own, runner=runner, parsed_options=options)
    recorder = attach(environment)
    own.test_start.fire(environment=environment)
    for run, waiting in (("before", 1), ("now", 0)):
        recorder.collector.request(request_type="GET", name="/")
        report: dict[str, Any] = {}
        own.report_to_master.fire(client_id="w", data=report)
        told = SimpleNamespace(data={"run": run, "number": 2})
        runner.listeners[ACKNOWLEDGE](msg=told, environment=environment)
        own.report_to_master.fire(client_id="w", data=report)
        assert len(report[FIELD]) == waiting
    assert recorder.collector.errors == 0


class Master(MasterRunner):
    """A master that has no workers."""

    greenlet = ()

    def __init__(self, environment: Any) -> None:
        self.environment = environment
        self.clients: Any = {}


def test_a_run_that_begins_before_the_last_one_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is the new one's."""
    monkeypatch.chdir(tmp_path)
    own = events()
    stats = SimpleNamespace(total=SimpleNamespace(num_requests=0, num_failures=0))
    environment = SimpleNamespace(
        events=own, parsed_options=None, stats=stats, stop_timeout=None, runner=None
    )
    environment.runner = Master(environment)
    recorder = attach(environment)
    own.test_start.fire(environment=environment)
    before = recorder.run
    own.test_stop.fire(environment=environment)
    own.test_start.fire(environment=environment)
    now = recorder.run
    assert before is not None
    assert now is not None
    gevent.sleep(0)  # lets the first one end
    path = tmp_path / "loadgate-run.loadgate.json.gz"
    document = assemble(lines(path.read_bytes()))
    assert (document.run, document.state) == (now.id, "running")
    assert not before.written
    own.test_stop.fire(environment=environment)
    gevent.sleep(0)
    assert assemble(lines(path.read_bytes())).state == "finished"
    assert before.document.errors == [
        "this Locust has no runner.server.recv_from_client: last reports may be lost"
    ]


# --- the last messages of workers -----------------------------------------------------------------


def drained(messages: Iterator[Any]) -> tuple[Ledger, list[str], list[str]]:
    """Drain a runner of these messages; return the ledger, the errors, the logged exceptions."""
    ledger, errors, logged = Ledger("run"), list[str](), list[str]()
    own = events()

    def report(client_id: str, data: dict[str, Any]) -> None:
        ledger.receive(client_id, data[FIELD])

    def receive() -> tuple[bytes, Any]:
        message = next(messages)
        if isinstance(message, Exception):
            raise message
        if message is None:  # nothing comes
            gevent.sleep(60)
        return b"", message

    own.worker_report.add_listener(report)
    runner = SimpleNamespace(
        environment=SimpleNamespace(events=own, stop_timeout=None),
        greenlet=[],
        server=SimpleNamespace(recv_from_client=receive),
        log_exception=lambda worker, text, _: logged.append(f"{worker}: {text}"),
    )
    ledger.expect("w")
    drain(runner, ledger, errors.append)
    return ledger, errors, logged


def message(kind: str, data: Any, worker: str = "w") -> Any:
    """Return a message of a worker as Locust has it."""
    return SimpleNamespace(type=kind, data=data, node_id=worker)


def last_part() -> list[bytes]:
    """Return what a worker sends when its users have stopped."""
    collector = Collector()
    collector.begin("run", "w")
    collector.request(request_type="GET", name="/")
    return Outbox().put(collector.take(final=True))


def test_messages_of_any_kind() -> None:
    """Each is taken until the last part is there; one that cannot be read is told."""
    ledger, errors, logged = drained(
        iter(
            [
                ValueError("garbled"),
                None,
                message("exception", {"msg": "boom", "traceback": ""}),
                message("heartbeat", {}, "a stranger"),
                message("stats", {FIELD: last_part()}),
                ValueError("too much"),
            ]
        )
    )
    assert errors == ["a message of a worker could not be read: garbled"]
    assert logged == ["w: boom"]
    assert (ledger.workers["w"].arrived, ledger.awaited()) == (1, [])


def test_workers_that_send_other_things_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not waited for without end."""
    now = iter(range(10_000))
    monkeypatch.setattr("time.monotonic", lambda: next(now) / 10)
    ledger, _, _ = drained(message("heartbeat", {}) for _ in iter(int, 1))
    assert ledger.awaited() == ["w"]


def test_a_locust_that_lacks_the_server() -> None:
    """It is told: last reports may be lost."""
    errors: list[str] = []
    environment = SimpleNamespace(stop_timeout=3)
    drain(SimpleNamespace(environment=environment), Ledger("run"), errors.append)
    assert errors == ["this Locust has no runner.server.recv_from_client: last reports may be lost"]


# --- blocks that a task leaves by an exception ----------------------------------------------------


@pytest.mark.parametrize("module", [locust.clients, locust.contrib.fasthttp])
@pytest.mark.parametrize(
    ("status", "judged", "raised", "counted"),
    [
        (500, None, RescheduleTask, 1),
        (409, None, InterruptTaskSet, 1),
        (400, None, StopUser, 1),
        (399, None, RescheduleTask, 0),
        (0, None, RescheduleTask, 0),
        (None, None, RescheduleTask, 0),
        (500, True, RescheduleTask, 0),  # told as a success
        (500, None, KeyError, 0),  # told as a task's exception
        (500, None, gevent.GreenletExit, 0),  # the end of the run
    ],
)
def test_a_block_that_is_left(
    module: Any, status: int | None, judged: bool | None, raised: type[BaseException], counted: int
) -> None:
    """The exception passes on as it is, and is counted if nothing else tells of the response."""
    own = events()
    recorder = Recorder(own)
    response = module.ResponseContextManager.__new__(module.ResponseContextManager)
    response.__dict__ |= {
        "_response": SimpleNamespace(get_code=lambda: status or 0), "_manual_result": judged, "_request_event": own.request,
        "_catch_response": True, "_entered": False, "request_meta": {"name": "a"},
    }  # fmt: skip
    if module is locust.clients:
        response.status_code = status
    with pytest.raises(raised), response:
        raise raised
    part = recorder.collector.take(final=True)
    found = part.counts.task_errors if part is not None else {}
    assert found == ({raised.__name__: 1} if counted else {})
    response.__dict__["_manual_result"] = None
    del response.__dict__["_request_event"]
    response.__dict__["_environment"] = SimpleNamespace(events=events())  # without a recorder
    with pytest.raises(raised), response:
        raise raised
    assert recorder.collector.take(final=True) is None
