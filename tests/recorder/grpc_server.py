"""A gRPC server that ends each call with the status it is asked for, and counts them.

It says its port first, and its counts when its standard input ends. A process of its own: gevent,
which Locust brings, is not for servers.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

METHODS = ("Take", "Put")
counts: Counter[str] = Counter()
lock = threading.Lock()


def answer(method: str, wanted: bytes, context: Any) -> bytes:
    """Answer one call; a handler that raises ends it with UNKNOWN."""
    name = wanted.decode()
    with lock:
        counts[f"/shop.Stock/{method} {name}"] += 1
    if name == "UNKNOWN":
        raise ValueError(name)
    if name != "OK":
        context.abort(grpc.StatusCode[name], "version is stale\nread it again")
    return b"taken"


def say(what: object) -> None:
    """Tell it to who started this."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until nobody listens any more."""
    handlers = {
        method: grpc.unary_unary_rpc_method_handler(
            lambda wanted, context, method=method: answer(method, wanted, context)
        )
        for method in METHODS
    }
    server = grpc.server(ThreadPoolExecutor(8))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("shop.Stock", handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    say(port)
    sys.stdin.read()
    server.stop(None).wait()
    say(json.dumps(counts))


if __name__ == "__main__":
    main()
