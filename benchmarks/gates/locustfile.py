"""The load test of the situations: one user, so many rounds of four requests, then the end.

GATES_TEST is JSON with what differs, each part optional; see `Test` in situations.py.
"""

from __future__ import annotations

import csv
import gc
import json
import os
import signal
import sys

import gevent
from locust import HttpUser, events, stats, task
from locust.runners import MasterRunner, WorkerRunner

PLAN = json.loads(os.environ.get("GATES_TEST", "{}"))
if PLAN.get("broken"):
    raise ImportError("No module named 'shop_client'")

ORDERS = "/purchases" if PLAN.get("renamed") else "/orders"
REPORTS = PLAN.get("reports", "/reports")


@events.init.add_listener
def listen(environment, **_):
    """Let a worker tell the master that all its rounds are done."""
    runner = environment.runner

    def done(msg, **_):
        # The last report of this worker is here, and that of a lost one is missed.
        while environment.stats.total.num_requests < msg.data or not runner.clients.missing:
            gevent.sleep(0.1)
        finish(environment)

    if isinstance(runner, MasterRunner):
        # Concurrently: messages that come later are waited for.
        runner.register_message("done", done, concurrent=True)


def finish(environment):
    """End the test once Locust's CSV files have all of it."""
    if not PLAN.get("dead_writer_at"):
        until_written(environment)
    environment.runner.quit()


def until_written(environment):
    """Wait until the CSV files have what is counted: Locust writes them once a second."""
    prefix = environment.parsed_options.csv_prefix
    while prefix:
        with open(prefix + "_stats.csv", newline="", encoding="utf-8") as file:
            *_, total = [{}, *csv.DictReader(file)]
        if total.get("Request Count") == str(environment.stats.total.num_requests):
            return
        gevent.sleep(0.1)


class Shop(HttpUser):
    """Reads a tool, changes it, orders something and reads a report."""

    rounds = 0

    @task
    def work(self):
        """Do the next round, or end the test."""
        self.rounds += 1
        if self.rounds > PLAN.get("rounds", 100):
            runner = self.environment.runner
            if isinstance(runner, WorkerRunner):
                runner.send_message("done", PLAN["rounds"] * 4)
                gevent.sleep(3600)
            # In a greenlet of its own: `quit` ends this one.
            gevent.spawn(finish, self.environment).join()
        self.faults()
        # A tool for each worker: conflicts are those that the plan has.
        path = f"/tools/{7 + getattr(self.environment.runner, 'worker_index', 0)}"
        tool = self.client.get(path, name="/tools/[id]").json()
        version = tool["version"]
        if self.rounds % PLAN.get("conflict_every", 24) == 0:
            version -= 1  # somebody else was faster
        self.send("POST", f"{path}/state", "/tools/[id]/state", {"If-Match": str(version)})
        if self.rounds % PLAN.get("rooms_every", 1_000_000) == 0:
            self.send("POST", "/rooms/4/state", "/rooms/[id]/state", {"If-Match": "0"})
        self.send("POST", "/orders", ORDERS)
        self.send("GET", "/reports", REPORTS)

    def send(self, method, path, name, headers=None):
        """Send a request; the plan says which answers the test reports in its own words."""
        checks = PLAN.get("texts") or PLAN.get("swallow")
        with self.client.request(
            method, path, name=name, headers=headers, catch_response=True
        ) as response:
            status = response.status_code
            if status in self.fine:
                response.success()
            elif status == 409 and PLAN.get("own_words"):
                response.failure("somebody else was faster")
            elif checks and status >= 500:
                if PLAN.get("swallow"):
                    response.success()
                else:
                    response.failure(f"Expected [200, 409], got {status}")

    fine = ()
    """Statuses that are no failure: see forgiving.py."""

    def faults(self):
        """Do what goes wrong in this round."""
        runner = self.environment.runner
        if self.rounds == PLAN.get("dead_writer_at"):
            until_written(self.environment)
            # What a full disk does: the next write raises, and the writer is gone.
            for writer in gc.get_objects():
                if isinstance(writer, stats.StatsCSVFileWriter):
                    writer.requests_csv_filehandle.close()
        if self.rounds == PLAN.get("kill_at"):
            until_written(self.environment)
            os.kill(os.getpid(), signal.SIGKILL)
        if self.rounds == PLAN.get("lose_worker_at") and getattr(runner, "worker_index", 0) == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.rounds > PLAN.get("rounds", 100) * PLAN.get("raises_after", 1):
            {}["price"]  # a field that the service no longer sends


if PLAN.get("rounds") == 0:
    sys.stderr.write("tools.csv is empty: nothing to do\n")
