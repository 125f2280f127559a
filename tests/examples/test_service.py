"""The example service as a process: its conflicts are real, its own count is true, and it stops."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from example_service import HANG, SERVICE, Service, Start, by_end_of_input

pytest.importorskip("sqlalchemy", reason="the example service needs the dependency group `live`")


def stop(service: Service, how: Callable[[subprocess.Popen[str]], None]) -> int:
    """Stop a service that has a connection open; return its exit code."""
    with closing(service.connect()) as idle:
        idle.request("GET", "/health")
        idle.getresponse().read()
        service.seen["GET /health", "200"] += 1
        how(service.process)
        return service.process.wait(timeout=HANG)


def by_signal(process: subprocess.Popen[str]) -> None:
    """Stop a service as a container or CI does."""
    process.send_signal(signal.SIGTERM)


def toggle_at_once(service: Service, before: dict[str, Any], times: int) -> Counter[int]:
    """Let threads that start together toggle one entity; return a count of the answers."""
    barrier = Barrier(times)

    def toggle(_: int) -> int:
        barrier.wait(timeout=HANG)
        return service.toggle(before["kind"], before["id"])

    with ThreadPoolExecutor(times) as pool:
        return Counter(pool.map(toggle, range(times)))


def test_of_two_concurrent_toggles_one_wins_and_the_other_is_told_409(start: Start) -> None:
    """Both read the same version; one write counts, the other leaves no trace."""
    service = start("--work-ms=500")
    statuses: Counter[int] = Counter()
    for _ in range(50):  # where they are 500 ms apart both win, as they should
        before = service.first("tools")
        statuses = toggle_at_once(service, before, 2)
        after = service.first("tools")
        assert statuses[200] + statuses[409] == 2
        assert after["toggles"] == before["toggles"] + statuses[200]
        assert after["version"] == before["version"] + statuses[200]
        assert after["active"] is True
        if statuses[409]:
            break
    assert statuses == {200: 1, 409: 1}


def test_no_update_is_lost_and_no_other_error_occurs_under_load(
    start: Start, tmp_path: Path
) -> None:
    """The counter that every toggle reads, raises and writes equals the toggles answered 200."""
    database = tmp_path / "entities.db"
    service = start(
        "--work-ms=2", f"--database=sqlite:///{database}", f"--lock-timeout-ms={HANG}000"
    )
    entity = service.first("servers")
    statuses: Counter[int] = Counter()
    for _ in range(15):
        statuses += toggle_at_once(service, entity, 8)
    after = service.first("servers")
    assert set(statuses) == {200, 409}
    assert after["toggles"] == statuses[200]
    assert after["version"] == 1 + statuses[200]


def test_who_saw_an_old_version_is_told_409(start: Start) -> None:
    """However long ago it was; nothing is written."""
    service = start()
    first = service.first("tools")
    seen = first["version"]

    statuses = [service.toggle("tools", first["id"], seen) for _ in range(3)]
    statuses.append(service.toggle("tools", first["id"], seen + 1))
    statuses.append(service.toggle("tools", first["id"], "none"))

    assert statuses == [200, 409, 409, 200, 409]
    assert service.first("tools")["toggles"] == first["toggles"] + 2


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(
            by_signal,
            id="sigterm",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM"),
        ),
        pytest.param(by_end_of_input, id="end-of-input"),
    ],
)
def test_it_stops_when_told_to_and_its_tally_is_what_the_client_saw(
    start: Start, how: Callable[[subprocess.Popen[str]], None]
) -> None:
    """Every answer is in the tally under its endpoint, and an idle connection holds up nothing."""
    service = start()
    id_ = service.first("prompts")["id"]
    statuses = [
        service.toggle("prompts", id_),
        service.toggle("prompts", "none"),
        service.ask("POST", f"/prompts/{id_}/state?activate=maybe", "/prompts/[id]/state")[0],
        service.ask("PUT", f"/prompts/{id_}/state", "/prompts/[id]/state")[0],
        service.ask("POST", "/prompts", body='{"name": "new"}')[0],
        service.ask("POST", "/prompts", body='{"name": "new"}')[0],
        service.ask("POST", "/prompts", body='{"name": 409}')[0],
        service.ask("GET", f"/prompts/{id_}", "/prompts/[id]")[0],
        service.ask("DELETE", f"/prompts/{id_}", "/prompts/[id]")[0],
        service.ask("DELETE", f"/prompts/{id_}", "/prompts/[id]")[0],
    ]
    assert statuses == [200, 404, 422, 405, 201, 409, 422, 200, 204, 404]

    assert stop(service, how) == 0
    assert service.tally() == service.seen


def test_a_name_that_is_taken_is_told_apart_from_a_conflict(start: Start) -> None:
    """Both are 409; the body says which."""
    service = start()
    name = service.first("tools")["name"]

    status, content = service.ask("POST", "/tools", body=json.dumps({"name": name}))

    assert (status, content["error"]) == (409, "name taken")


def test_a_locked_database_is_not_taken_for_a_conflict(start: Start, tmp_path: Path) -> None:
    """Nothing was decided about the versions, so the answer is 503, and nothing is written."""
    database = tmp_path / "entities.db"
    service = start(f"--database=sqlite:///{database}", "--lock-timeout-ms=100")
    entity = service.first("tools")

    with closing(sqlite3.connect(database)) as other:
        other.execute("BEGIN IMMEDIATE")
        status = service.toggle("tools", entity["id"])

    assert status == 503
    assert service.first("tools") == entity


def test_faults_are_off_unless_asked_for(start: Start) -> None:
    """With a rate of 1 everything but the health check fails, before anything is done."""
    sound, faulty = start(), start("--fault-rate=1")

    assert [sound.ask("GET", "/tools")[0] for _ in range(20)] == [200] * 20
    assert faulty.ask("GET", "/tools")[0] == 500
    assert faulty.ask("GET", "/health")[0] == 200


def ended(*options: str, url: str = "", start: tuple[str, ...] = (str(SERVICE),)) -> str:
    """Return the one line with which the service says that it cannot run."""
    done = subprocess.run(
        [sys.executable, *start, *options],
        env={**os.environ, "EXAMPLE_DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("service: cannot run: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_bad_option_ends_it_with_one_clear_line() -> None:
    """A database that cannot be opened is no traceback."""
    url = "sqlite:////no/such/folder/entities.db"

    assert url in ended(f"--database={url}")
    assert url in ended(url=url)  # from the environment
    assert "unable to open" in ended(f"--database={url}", url="sqlite://")  # the option counts


@pytest.mark.parametrize("url", ["nothing", "postgresql+psycopg://me:secret@host:port/db"])
def test_a_url_that_is_none_is_told_how_to_write_it(url: str) -> None:
    """It is not repeated: it may hold a password."""
    told = ended(url=url)

    assert "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE" in told
    assert "secret" not in told


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "postgres", "postgresql+nothing"])
def test_a_driver_that_is_missing_is_told_how_to_install_it(scheme: str) -> None:
    """Be it not installed, or the URL's scheme one that SQLAlchemy does not have."""
    without = (
        f"import sys, runpy; sys.modules['psycopg'] = None; sys.path[0] = {str(SERVICE.parent)!r}"
    )
    run = f"{without}; runpy.run_path({str(SERVICE)!r}, run_name='__main__')"

    told = ended(url=f"{scheme}://me:secret@127.0.0.1/db", start=("-c", run))

    assert "pip install 'psycopg[binary]'" in told
    assert "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE" in told
    assert "secret" not in told


@pytest.mark.parametrize("query", ["", "?password=secret"])
def test_a_server_that_is_missing_is_told_with_its_address(query: str) -> None:
    """What the driver says, on one line, and the URL without its password."""
    pytest.importorskip("psycopg", reason="psycopg is in the dependency group `live`")
    with socket.socket() as bound:  # nobody listens: a connection is refused
        bound.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        told = ended(url=f"postgresql+psycopg://me:secret@{address}/db{query}")

    assert f"me:***@{address}/db" in told
    assert "secret" not in told
    assert "Is the server running" in told


@pytest.mark.prove
def test_a_server_that_is_silent_is_not_waited_for_for_ever() -> None:
    """It takes the connection and says nothing; libpq waits at least two seconds."""
    pytest.importorskip("psycopg", reason="psycopg is in the dependency group `live`")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"

        assert "timeout" in ended(url=f"postgresql+psycopg://me@{address}/db?connect_timeout=2")
        assert "timeout" in ended(url=f"postgresql+psycopg://me@{address}/db")
