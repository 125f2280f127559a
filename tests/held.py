"""Beside a locustfile: conflicts that happen for certain, on a PostgreSQL.

`locust -f locustfile.py,held.py` ends after HELD_CONFLICTS of them. For each, two transactions are
open at once: one here, which has changed a tool, and that of the service, which waits for it.
"""

from __future__ import annotations

import os
import time
from uuid import uuid4

import gevent
import psycopg
from locust import HttpUser, task
from locust.exception import StopUser

SOCKET = os.environ["HELD_SOCKET"]
CONFLICTS = int(os.environ["HELD_CONFLICTS"])
CHANGE = "UPDATE loadgate_example SET version = version + 1 WHERE id = %s"
WAITING = "SELECT 1 FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"


class Holder(HttpUser):
    """Changes a tool of its own in the database while the service is about to."""

    fixed_count = 1

    def on_start(self) -> None:
        """Create the tool."""
        created = self.client.post("/tools", json={"name": uuid4().hex})
        self.path = f"/tools/{created.json()['id']}/state?activate=true"

    @task
    def cause(self) -> None:
        """Cause the conflicts, then end the run."""
        for _ in range(CONFLICTS):
            self.conflict()
        gevent.spawn(self.environment.runner.quit)  # it waits for this user, too
        raise StopUser

    def conflict(self) -> None:
        """Have the service lose against a transaction of ours."""
        with (
            psycopg.connect(host=SOCKET, user="postgres", dbname="postgres") as ours,
            psycopg.connect(
                host=SOCKET, user="postgres", dbname="postgres", autocommit=True
            ) as watching,
        ):
            ours.execute(CHANGE, [self.path.split("/")[2]])
            request = gevent.spawn(self.client.post, self.path, name="/tools/[id]/state")
            while not watching.execute(WAITING, [ours.info.backend_pid]).fetchone():
                time.sleep(0.01)
            ours.commit()
            request.join()
