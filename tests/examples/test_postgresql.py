"""The example on a real PostgreSQL: what it answers, and what a real Locust and loadgate say of it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from example_service import HANG, Service, Start
from postgresql import Server, home, postgresql, programs

from loadgate import load_policy, read_run
from loadgate.classify import classify

psycopg = pytest.importorskip("psycopg", reason="psycopg is in the dependency group `live`")
pytest.importorskip("sqlalchemy", reason="the example service needs the dependency group `live`")
PROGRAMS = programs()
pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(PROGRAMS is None, reason="no PostgreSQL here: apt-get install postgresql"),
    pytest.mark.xdist_group("postgresql"),
]

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
LOCUSTFILE = EXAMPLES / "optimistic-locking" / "locustfile.py"
RULES = EXAMPLES / "optimistic-locking" / "loadgate.toml"
LEVELS = ("read committed", "repeatable read", "serializable")
CONFLICTS = 10
CHANGE = "UPDATE loadgate_example SET version = version + 1 WHERE id = %s"
BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
# An update takes three locks, one after the other.
LOCKS = """
CREATE OR REPLACE FUNCTION three_locks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_advisory_xact_lock(1), pg_advisory_xact_lock(2), pg_advisory_xact_lock(3);
  RETURN NEW;
END $$;
CREATE TRIGGER three_locks BEFORE UPDATE ON loadgate_example
  FOR EACH ROW EXECUTE FUNCTION three_locks();
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL for all tests of this module; each service makes its table anew."""
    assert PROGRAMS is not None
    with postgresql(PROGRAMS) as running:
        yield running


def at(level: str, server: Server) -> str:
    """Return the URL of a database whose transactions have this isolation."""
    return (
        f"{server.url}&options=-c%20default_transaction_isolation%3D{level.replace(' ', '%5C%20')}"
    )


def connect(server: Server, *, autocommit: bool = False) -> Any:
    """Return a connection of the test's own."""
    return psycopg.connect(
        host=server.socket, user="postgres", dbname="postgres", autocommit=autocommit
    )


def wait_for_blocked(server: Server, count: int = 1) -> None:
    """Wait until so many transactions wait for others."""
    with connect(server, autocommit=True) as watching:
        for _ in range(HANG * 100):
            if watching.execute(BLOCKED).fetchone() == (count,):
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits")


def toggled_beside(service: Service, server: Server, id_: str, *, commit: bool) -> int:
    """Toggle a tool that an open transaction has changed, and end that; return the status."""
    with ThreadPoolExecutor(1) as pool, connect(server) as ours:
        ours.execute(CHANGE, [id_])
        status = pool.submit(service.toggle, "tools", id_)
        wait_for_blocked(server)
        if commit:
            ours.commit()
        else:
            ours.rollback()
        return status.result(timeout=HANG)


@pytest.mark.parametrize("level", LEVELS)
def test_of_two_open_transactions_the_second_is_told_409(
    start: Start, server: Server, level: str
) -> None:
    """Whether PostgreSQL finds no row to update, or refuses to serialize: 40001."""
    service = start(f"--database={at(level, server)}", f"--lock-timeout-ms={HANG}000")
    before = service.first("tools")
    refused = server.errors("40001")

    lost = toggled_beside(service, server, before["id"], commit=True)
    after = service.first("tools")
    won = toggled_beside(service, server, before["id"], commit=False)

    assert (lost, won) == (409, 200)
    assert after == {**before, "version": before["version"] + 1}  # the winner's, nothing else
    assert service.first("tools")["toggles"] == before["toggles"] + 1
    assert server.errors("40001") - refused == (level != "read committed")


def test_a_delete_that_lost_is_told_409(start: Start, server: Server) -> None:
    """As a change is; the entity is still there."""
    service = start(f"--database={at('serializable', server)}", f"--lock-timeout-ms={HANG}000")
    id_ = service.first("tools")["id"]

    with ThreadPoolExecutor(1) as pool, connect(server) as ours:
        ours.execute(CHANGE, [id_])
        answer = pool.submit(service.ask, "DELETE", f"/tools/{id_}")
        wait_for_blocked(server)
        ours.commit()
        status, content = answer.result(timeout=HANG)

    assert (status, content["error"]) == (409, "conflict")
    assert service.first("tools")["id"] == id_


def test_a_lock_that_is_not_released_is_503(start: Start, server: Server) -> None:
    """Nothing was decided about the versions: no conflict, but an error of the service."""
    service = start(f"--database={server.url}", "--lock-timeout-ms=100")
    before = service.first("tools")
    timeouts = server.errors("55P03")

    with connect(server) as ours:
        ours.execute(CHANGE, [before["id"]])
        status = service.toggle("tools", before["id"])
        ours.rollback()

    assert status == 503
    assert service.first("tools") == before
    assert server.errors("55P03") == timeouts + 1


def test_a_deadlock_is_503(start: Start, server: Server) -> None:
    """It is no conflict of versions: the service has to take its locks in one order."""
    service = start(f"--database={server.url}", f"--lock-timeout-ms={HANG}000")
    before = service.first("tools")
    deadlocks = server.errors("40P01")

    with (
        ThreadPoolExecutor(2) as pool,
        connect(server, autocommit=True) as gate,
        connect(server) as ours,
    ):
        gate.execute(LOCKS)
        gate.execute("SELECT pg_advisory_lock(2)")
        ours.execute("SET deadlock_timeout = '1h'")  # the other one is to notice
        ours.execute("SELECT pg_advisory_xact_lock(3)")
        status = pool.submit(service.toggle, "tools", before["id"])
        wait_for_blocked(server)  # it has 1 and waits for 2
        ours_too = pool.submit(ours.execute, "SELECT pg_advisory_xact_lock(1)")
        wait_for_blocked(server, 2)
        gate.execute("SELECT pg_advisory_unlock(2)")
        assert status.result(timeout=HANG) == 503
        ours_too.result(timeout=HANG)

    assert service.first("tools") == before
    assert server.errors("40P01") == deadlocks + 1


def test_connections_that_the_server_ends_are_503_and_made_anew(
    start: Start, server: Server
) -> None:
    """As when it is restarted during a run."""
    service = start(f"--database={server.url}")
    id_ = service.first("tools")["id"]

    with connect(server, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    statuses = [service.toggle("tools", id_) for _ in range(2)]

    assert statuses == [503, 200]


def test_it_answers_as_on_sqlite(start: Start, server: Server) -> None:
    """Names that are taken, things that are not there, versions that are old."""
    service = start(f"--database={server.url}")
    tool = service.first("tools")
    path = f"/tools/{tool['id']}"
    statuses = [
        service.toggle("tools", tool["id"], tool["version"]),
        service.toggle("tools", tool["id"], tool["version"]),
        service.toggle("tools", "none"),
        service.ask("POST", "/tools", body='{"name": "new"}')[0],
        service.ask("POST", "/tools", body='{"name": "new"}')[0],
        service.ask("DELETE", path)[0],
        service.ask("DELETE", path)[0],
    ]
    assert statuses == [200, 409, 404, 201, 409, 204, 404]


def test_a_database_that_is_not_there_is_one_clear_line(server: Server) -> None:
    """The server's own words, and the URL."""
    url = server.url.replace("/postgres?", "/nowhere?")
    command = [sys.executable, str(LOCUSTFILE.parent / "service.py"), "--port=0"]
    ended = subprocess.run(
        command,
        env={**os.environ, "EXAMPLE_DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert 'database "nowhere" does not exist' in ended.stderr


def test_the_readme_starts_a_server(start: Start) -> None:
    """Its commands, as somebody who is not root, and its URL; only the port is a free one."""
    assert PROGRAMS is not None
    text = (LOCUSTFILE.parent / "README.md").read_text(encoding="utf-8")
    (commands,) = re.findall(r"^ +(initdb .*\n +pg_ctl .*)\n", text, re.MULTILINE)
    (url,) = re.findall(r"export EXAMPLE_DATABASE_URL=(\S+)", text)
    (stop,) = re.findall(r"`(pg_ctl .* stop)`", text)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with home() as (folder, account):
        options: dict[str, Any] = {
            **account,
            "cwd": folder,
            "env": {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"},
            "stdout": subprocess.DEVNULL,  # pg_ctl's server keeps it open
        }
        subprocess.run(["sh", "-ec", commands.replace("5433", port)], check=True, **options)
        try:
            service = start(f"--database={url.replace('5433', port)}")
            assert service.toggle("tools", service.first("tools")["id"]) == 200
        finally:
            subprocess.run(["sh", "-ec", f"{stop} --mode=immediate"], check=True, **options)


@pytest.mark.parametrize("level", LEVELS)
def test_loadgate_excuses_what_the_service_refused(
    server: Server, tmp_path: Path, level: str
) -> None:
    """A real Locust, with conflicts that are forced; both count the same, by endpoint and status."""
    refused = server.errors("40001")
    run_load_test(
        "load_test.py",
        *("--fault-rate=0", f"--folder={tmp_path}"),
        locustfiles=f"{LOCUSTFILE},{ROOT / 'tests' / 'held.py'}",
        env={
            "EXAMPLE_DATABASE_URL": at(level, server),
            "HELD_SOCKET": server.socket,
            "HELD_CONFLICTS": str(CONFLICTS),
        },
    )

    tally = json.loads((tmp_path / "tally.json").read_text())
    counted = {
        (endpoint, int(status)): count
        for endpoint, statuses in tally.items()
        for status, count in statuses.items()
        if int(status) >= 400
    }
    result = classify(read_run(tmp_path / "run.html"), load_policy(RULES))
    judged: Counter[tuple[str, int | str | None]] = Counter()
    for failure in result.failures:
        judged[f"{failure.method} {failure.name}", failure.status] += failure.count
    assert judged == counted
    conflicts = {key: n for key, n in counted.items() if key[0].endswith("/state")}
    assert {status for _, status in conflicts} == {409}
    assert sum(conflicts.values()) == result.total.expected >= CONFLICTS
    assert (server.errors("40001") - refused >= CONFLICTS) == (level != "read committed")


def test_the_demonstration_runs_on_it(server: Server, tmp_path: Path) -> None:
    """The batch job locks the rows there, too."""
    rules = tmp_path / "rules.toml"
    text = RULES.read_text(encoding="utf-8")
    first, *thresholds = text.split("[[thresholds]]")
    kept = [each for each in thresholds if "p95" not in each]  # this machine may be busy
    rules.write_text("[[thresholds]]".join([first, *kept]), encoding="utf-8")
    told = run_load_test(
        "live.py",
        *(f"--folder={tmp_path}", f"--rules={rules}"),
        locustfiles=f"{LOCUSTFILE},{ROOT / 'tests' / 'counted.py'}",
        env={"EXAMPLE_DATABASE_URL": server.url},
    )
    assert told.count("\nyes  ") == 3


def run_load_test(script: str, *options: str, locustfiles: str, env: dict[str, str]) -> str:
    """Run one of the scripts, which has to work; return what it prints."""
    done = subprocess.run(
        [
            *(sys.executable, str(EXAMPLES / script), "--seconds=600"),
            *(f"--locustfile={locustfiles}", *options),
        ],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=10 * HANG,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout
