"""Clients whose errors have no status of HTTP, held against what real servers counted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from loadgate.cli import run as loadgate
from loadgate.recording.document import problems

from .runs import PATIENCE, Recorded, counting_server, free_port

pytest.importorskip("grpc", reason="gRPC needs the dependency group `live`")

HERE = Path(__file__).parent
RULES = """
version = 1

[[rules]]
id = "stale"
endpoint = "grpc /shop.Stock/*"
status = "grpc:ABORTED"
why = "Of two concurrent changes the later one is aborted."

[[rules]]
id = "mute"
endpoint = "GET /mute"
exception = "ReadTimeout"
why = "It never answers."

[[rules]]
id = "query"
method = "DB query"
endpoint = "read stock"
exception = "OperationalError"
why = "There is no such table."
"""
ROUNDS = 5


def test_statuses_and_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a server of gRPC counted is what the recording has; rules name statuses and classes."""
    (tmp_path / "loadgate.toml").write_text(RULES)
    server_of_grpc = subprocess.Popen(
        [sys.executable, HERE / "grpc_server.py"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with server_of_grpc, counting_server() as server:
        assert server_of_grpc.stdout is not None
        port = server_of_grpc.stdout.readline().strip()
        test = Recorded(tmp_path, server.url, locustfile=HERE / "clients.py")
        addresses = {"GRPC": f"127.0.0.1:{port}", "CLOSED": f"127.0.0.1:{free_port()}"}
        test.start("--headless", "-u5", "-r5", **addresses)
        assert test.wait() == 1
        counted, _ = server_of_grpc.communicate(timeout=PATIENCE)
    document = test.document()
    assert list(problems(document)) == []
    calls: Counter[str] = Counter()
    classes: Counter[tuple[str | None, str | None]] = Counter()
    for (_, key), cell in document.counts.cells.items():
        if key.method != "grpc":
            assert key.status is None
            classes[key.name, key.exception] += cell.count
        elif key.failed:
            calls[f"{key.name} {str(key.status).removeprefix('grpc:')}"] += cell.count
        else:
            assert key.status is None
            calls[f"{key.name} OK"] += cell.count
    assert calls.pop("/shop.Stock/Take UNAVAILABLE") == ROUNDS  # that no server saw
    assert calls == json.loads(counted)
    assert calls["/shop.Stock/Take ABORTED"] == calls["/shop.Stock/Put ABORTED"] == ROUNDS
    # Locust tells what lies below an error of requests; docs/rules.md says so.
    assert classes == {
        ("read stock", "OperationalError"): ROUNDS,
        ("/mute", "ReadTimeout"): ROUNDS,
        ("/mute", "RetriesExceeded"): ROUNDS,
        ("/drop", "RemoteDisconnected"): ROUNDS,
        ("/drop", "HTTPConnectionClosed"): ROUNDS,
        ("/closed", "ConnectionRefusedError"): 2 * ROUNDS,
    }
    monkeypatch.chdir(tmp_path)
    assert loadgate(["check", "loadgate-run.loadgate.json.gz", "--output", "json:result.json"]) == 1
    result = json.loads(Path("result.json").read_text("utf-8"))
    assert {rule["id"]: rule["matched"] for rule in result["rules"]} == {
        "stale": 2 * ROUNDS,
        "mute": ROUNDS,
        "query": ROUNDS,
    }
    assert result["totals"]["expected_failures"] == 4 * ROUNDS
    true = {row["status"] for row in result["failures"] if row["kind"] == "true"}
    assert true == {None, "grpc:RESOURCE_EXHAUSTED", "grpc:UNKNOWN", "grpc:UNAVAILABLE"}
