"""A real PostgreSQL, the one of this machine, in a folder of its own while the tests need it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HANG = 120  # seconds
SETTINGS = {
    "listen_addresses": "",  # a socket in its folder is enough
    "fsync": "off",
    "deadlock_timeout": "10ms",
    "log_error_verbosity": "verbose",  # with the SQLSTATE
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server."""

    url: str
    """Its URL for SQLAlchemy."""
    socket: str
    """The folder of its socket, what psycopg calls the host."""
    log: Path
    """What it logs."""

    def errors(self, state: str) -> int:
        """Return how often a statement ended with this SQLSTATE."""
        return self.log.read_text(encoding="utf-8").count(f"ERROR:  {state}: ")


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, which Debian keeps out of PATH; None: none."""
    if os.name != "posix":
        return None
    found = [Path(path) for path in (shutil.which("initdb"),) if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    folders = [path.resolve().parent for path in found]
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


@contextmanager
def home() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Make a folder for a server; yield it and who is to run programs there."""
    # Not below pytest's folder: paths of sockets are short, and that folder is the user's alone.
    folder = Path(tempfile.mkdtemp(prefix="loadgate-"))
    try:
        yield folder, _account(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql(programs: Path) -> Iterator[Server]:
    """Run a server of one's own while the block runs."""
    with home() as (folder, account), (folder / "log").open("wb") as output:
        options: dict[str, Any] = {"cwd": folder, "stdout": output, "stderr": output, **account}
        command = [str(programs / "initdb"), "--pgdata=data", "--username=postgres"]
        command += ["--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync"]
        subprocess.run(command, check=True, **options)
        command = [str(programs / "postgres"), "-D", "data", "-k", str(folder)]
        command += [f"--{name}={value}" for name, value in SETTINGS.items()]
        with subprocess.Popen(command, **options) as process:
            try:
                _wait(process, str(folder), folder / "log")
                url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
                yield Server(url=url, socket=str(folder), log=folder / "log")
            finally:
                process.send_signal(signal.SIGINT)  # it lets nobody finish


def _account(folder: Path) -> dict[str, Any]:
    """Return who runs programs in a folder of ours: PostgreSQL refuses to be root's."""
    if os.geteuid():
        return {}
    import pwd

    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _wait(process: subprocess.Popen[bytes], socket: str, log: Path) -> None:
    """Wait until the server takes connections."""
    import psycopg

    for _ in range(HANG * 10):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            psycopg.connect(host=socket, user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text(encoding="utf-8"))
