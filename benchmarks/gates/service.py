"""A small service for the load test: tools with optimistic locking, orders, reports.

    python service.py '{"fail": {"/orders": [500, 20, 0]}}'

It prints its URL and answers until its standard input ends. The plan is JSON, and each part is
optional: `fail` answers every Nth request to a path with a status, once so many have passed;
`stale` refuses every change below a path, as after a bug in the lock; `slow` waits so many
milliseconds.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PLAN = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
LOCK = threading.Lock()
COUNTS: Counter[str] = Counter()
VERSIONS: Counter[str] = Counter()


def answer(method: str, path: str, version: str | None) -> tuple[int, dict[str, int]]:
    """Return status and body for a request."""
    time.sleep(PLAN.get("slow", {}).get(path, 0) / 1000)
    with LOCK:
        COUNTS[path] += 1
        status, every, after = PLAN.get("fail", {}).get(path, (0, 1, 0))
        if status and COUNTS[path] > after and COUNTS[path] % every == 0:
            return status, {}
        if path.endswith("/state"):
            if path.startswith(PLAN.get("stale", "none")) or version != str(VERSIONS[path]):
                return 409, {"version": VERSIONS[path]}
            VERSIONS[path] += 1
    if method == "POST" and path == "/orders":
        return 201, {"order": COUNTS[path]}
    return 200, {"version": VERSIONS[path + "/state"]}


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer; the version that a change is based on comes as If-Match."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, body = answer(self.command, self.path, self.headers.get("If-Match"))
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_GET  # noqa: N815 - as http.server calls it

    def log_message(self, *_: object) -> None:
        """Print nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()
