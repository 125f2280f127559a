"""The example service as a process, and what it was seen to answer."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HANG = 120  # seconds: nothing that works takes so long, be the machine as slow as it may
SERVICE = Path(__file__).parents[1] / "examples" / "optimistic-locking" / "service.py"


class Service:
    """A running example service and what it was seen to answer."""

    def __init__(self, process: subprocess.Popen[str], url: str, tally: Path) -> None:
        self.process = process
        self.url = url
        self.seen: Counter[tuple[str, str]] = Counter()
        self._tally = tally

    def connect(self) -> HTTPConnection:
        """Return a connection that is kept alive."""
        return HTTPConnection(urlsplit(self.url).netloc, timeout=HANG)

    def ask(self, method: str, path: str, template: str = "", body: str = "") -> tuple[int, Any]:
        """Send one request; return status and content, and count it under its template."""
        with closing(self.connect()) as connection:
            connection.request(method, path, body or None)
            response = connection.getresponse()
            text = response.read()
        self.seen[f"{method} {template or path}", str(response.status)] += 1
        return response.status, json.loads(text) if text else None

    def toggle(self, kind: str, id_: str, version: object = None) -> int:
        """Switch an entity on, by the version that was seen if any; return the status."""
        by = "" if version is None else f"&version={version}"
        path = f"/{kind}/{id_}/state?activate=true{by}"
        return self.ask("POST", path, f"/{kind}/[id]/state")[0]

    def first(self, kind: str) -> dict[str, Any]:
        """Return the oldest entity of a kind."""
        entity: dict[str, Any] = self.ask("GET", f"/{kind}")[1][0]
        return entity

    def tally(self) -> Counter[tuple[str, str]]:
        """Return the service's own count, in the form of `seen`."""
        content = json.loads(self._tally.read_text(encoding="utf-8"))
        return Counter(
            {
                (endpoint, status): n
                for endpoint in content
                for status, n in content[endpoint].items()
            }
        )


Start = Callable[..., Service]


def by_end_of_input(process: subprocess.Popen[str]) -> None:
    """Stop a service as the death of its parent does."""
    assert process.stdin
    process.stdin.close()
