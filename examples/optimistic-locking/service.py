"""The example service: it prints its URL, then serves until it is stopped."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from app import Service
from entities import hold_all, open_database
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

DATABASE = "EXAMPLE_DATABASE_URL"
POSTGRESQL = "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
HELD, PAUSE = 1.0, 1.0  # seconds: how long the batch job locks the table, and how long not


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    options = parse_options()
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    if options.stop_at_eof:
        threading.Thread(target=wait_for_eof, args=(stop,), daemon=True).start()
    try:
        with opened(options) as engine:
            tally = serve(engine, options, stop)
    except (ArgumentError, DBAPIError, ImportError, OSError, OverflowError, ValueError) as error:
        sys.exit(f"service: cannot run: {' '.join(reason(error, options.database).split())}")
    if options.tally:
        Path(options.tally).write_text(json.dumps(tally, indent=2) + "\n", encoding="utf-8")


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="An example service with optimistic locking.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on")
    add("--port", type=int, default=8000, help="port to listen on; 0: any that is free")
    # Its default is not shown: the variable may hold a password.
    add(
        "--database",
        metavar="URL",
        default=argparse.SUPPRESS,
        help=f"default: {DATABASE}, else a SQLite file for this run",
    )
    add("--lock-timeout-ms", type=float, default=5000.0, help="how long a writer waits for another")
    add("--entities", type=int, default=2, help="entities that each kind has at first")
    add("--work-ms", type=float, default=4.0, help="time between reading and writing a state")
    add("--fault-rate", type=float, default=0.0, help="share of requests that fail with 500")
    add("--batch-job", action="store_true", help="lock the table for 1 s, again and again")
    add("--tally", metavar="FILE", help="write answers per endpoint and status to FILE, at the end")
    add("--stop-at-eof", action="store_true", help="stop when standard input ends, too")
    options = parser.parse_args()
    options.database = getattr(options, "database", None) or os.environ.get(DATABASE)
    return options


def reason(error: Exception, url: str | None) -> str:
    """Say what keeps the service from running, and what to do; without the password of the URL."""
    if not url:
        return str(error)
    if isinstance(error, ImportError | NoSuchModuleError):
        return (
            f"the database's driver is missing: {error}. For PostgreSQL run"
            f" `pip install 'psycopg[binary]'` and use a URL like {POSTGRESQL}"
        )
    try:
        shown = make_url(url).set(query={}).render_as_string()  # without passwords
    except (ArgumentError, ValueError):
        return f"the database's URL is not one; write it like {POSTGRESQL}"
    if isinstance(error, DBAPIError):
        return f"the database {shown} cannot be used: {error.orig}"
    return str(error)


@contextmanager
def opened(options: argparse.Namespace) -> Iterator[Engine]:
    """Open the database, or one of our own for as long as it is needed."""
    with TemporaryDirectory(prefix="loadgate-example-", ignore_cleanup_errors=True) as folder:
        engine = open_database(
            options.database or f"sqlite:///{folder}/entities.db",
            seeds=options.entities,
            lock_timeout=options.lock_timeout_ms / 1000,
        )
        try:
            yield engine
        finally:
            engine.dispose()


def serve(
    engine: Engine, options: argparse.Namespace, stop: threading.Event
) -> dict[str, dict[str, int]]:
    """Answer requests until `stop` is set; return the count of what was answered."""
    address = (options.host, options.port)
    work, fault_rate = options.work_ms / 1000, options.fault_rate
    with Service(address, engine, work=work, fault_rate=fault_rate) as service:
        host, port = service.server_address[:2]
        sys.stdout.write(f"http://{host!s}:{port}\n")
        sys.stdout.flush()
        threading.Thread(target=service.serve_forever, args=(0.1,), daemon=True).start()
        if options.batch_job:
            threading.Thread(target=lock_often, args=(engine, stop), daemon=True).start()
        while not stop.wait(0.5):  # not for ever at a time: on Windows no signal would get through
            pass
        service.shutdown()
        return service.finish()


def lock_often(engine: Engine, stop: threading.Event) -> None:
    """Lock the table again and again, as a batch job does that writes all in one transaction."""
    while not stop.is_set():
        with suppress(OperationalError):  # it waits for others, too, no longer than they do
            hold_all(engine, HELD, stop)
        stop.wait(PAUSE)


def wait_for_eof(stop: threading.Event) -> None:
    """Set `stop` when standard input ends."""
    # Unbuffered: a thread that holds the lock of sys.stdin breaks the end of the interpreter.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.set()


if __name__ == "__main__":
    main()
