"""The files of a run and its rules, with an evil string in one field."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import STATS_HEADER

LATENCY = (9, 10.5, 1, 100, 42, 5.0, 0.1, *range(10, 21))
NUMBERS = {
    "avg_response_time": 5, "min_response_time": 1, "max_response_time": 9,
    "median_response_time": 4, "avg_content_length": 1, "current_rps": 1.0,
}  # fmt: skip


class Input:
    """A run in a folder: of each endpoint 100 requests, 10 conflicts, 5 errors; and rules for it."""

    def __init__(self, folder: Path) -> None:
        """Take what each field has if nothing evil is in it."""
        self.folder = folder
        self.endpoints = [("POST", "/tools/[id]/state", "boom")]
        """Method, name and error."""
        self.exception = "ValueError('x')"
        self.prefix = "run"
        self.rule: dict[str, object] = {
            "id": "conflict", "endpoint": "POST /**/state", "status": 409, "why": "One loses.",
        }  # fmt: skip
        self.other_rule: dict[str, object] = {**self.rule, "id": "other", "endpoint": "GET /other"}
        self.example = {"endpoint": "POST /a", "error": "boom", "expect": "failure"}
        self.rules: dict[str, Any] = {
            "version": 1,
            "rules": [self.rule, self.other_rule],
            "thresholds": [{"require": "true_failure_rate <= 1%"}],
            "status_texts": [{"text": "refused with {status}"}],
            "examples": [self.example],
        }

    def _failures(self) -> list[tuple[str, str, str, int]]:
        conflict = "CatchResponseError('Expected [200], got 409')"
        return [
            (method, name, text, count)
            for method, name, error in self.endpoints
            for text, count in ((conflict, 10), (error, 5))
        ]

    def write(self) -> list[str]:
        """Write everything; return the arguments of `check`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = [(method, name, 100, 15, *LATENCY) for method, name, _ in self.endpoints]
        total = ("", "Aggregated", 100 + 100 * len(rows), 15 * len(rows), *LATENCY)
        self._csv("stats", STATS_HEADER, *rows, ("GET", "/well", 100, 0, *LATENCY), total)
        self._csv("failures", ("Method", "Name", "Error", "Occurrences"), *self._failures())
        exception = (2, self.exception, f"Traceback\n  {self.exception}", "local")
        self._csv("exceptions", ("Count", "Message", "Traceback", "Nodes"), exception)
        rules = self.folder / "rules.json"
        rules.write_text(json.dumps(self.rules))
        return [str(self.folder / f"{self.prefix}_stats.csv"), "--rules", str(rules)]

    def _csv(self, kind: str, *rows: tuple[object, ...] | list[str]) -> None:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows(rows)
        data = buffer.getvalue().encode("utf-8", "surrogatepass")
        (self.folder / f"{self.prefix}_{kind}.csv").write_bytes(data)

    def _alone(self, name: str, text: str) -> list[str]:
        _, *rules = self.write()
        path = self.folder / "alone" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return [str(path), *rules]

    def _web(self) -> dict[str, Any]:
        ends = [*((method, name, 1) for method, name, _ in self.endpoints)]
        rows = [
            {"method": method, "name": name, "num_requests": 100 * n, "num_failures": 15 * n, **NUMBERS}
            for method, name, n in [*ends, ("", "Aggregated", len(ends))]
        ]  # fmt: skip
        keys = ("method", "name", "error", "occurrences")
        errors = [dict(zip(keys, failure, strict=True)) for failure in self._failures()]
        return {"stats": rows, "errors": errors, "state": "stopped"}

    def document(self) -> list[str]:
        """Write the run as a saved /stats/requests document; return the arguments of `check`."""
        return self._alone("web.json", json.dumps(self._web()))

    def page(self) -> list[str]:
        """Write the run as a report of Locust 2.21 or newer; return the arguments of `check`."""
        web = self._web()
        exception = {"count": 2, "msg": self.exception, "nodes": "local", "traceback": "x"}
        data = {
            "requests_statistics": web["stats"],
            "failures_statistics": web["errors"],
            "exceptions_statistics": [exception],
            "response_time_statistics": [],
            "history": [],
            "host": self.endpoints[-1][1],
            "is_report": True,
        }
        text = json.dumps(data).replace("<", "\\u003c").replace("\u2028", "\\u2028")
        script = f'window.templateArgs = {text}\nwindow.theme = "";\n'
        page = f"<html><title>Locust</title><script>\n{script}</script></html>"
        return self._alone("page.html", page)


def _prefix(of: Input, evil: str) -> None:
    of.prefix = evil.replace("/", "_").replace("\0", "_").encode("utf-8", "replace").decode()[:40]


def _quoted(evil: str) -> str:
    return f"CatchResponseError({f'Expected 200, got 500: {evil}'!r})"


Field = Callable[[Input, str], None]
OF_RUNS: dict[str, Field] = {
    "name": lambda of, evil: of.endpoints.append(("POST", evil, "boom")),
    "state": lambda of, evil: of.endpoints.append(("POST", f"{evil}/state", "boom")),
    "method": lambda of, evil: of.endpoints.append((evil, "/method", "boom")),
    "error": lambda of, evil: of.endpoints.append(("POST", "/error", evil)),
    "said": lambda of, evil: of.endpoints.append(("POST", "/said", _quoted(evil))),
    "exception": lambda of, evil: setattr(of, "exception", evil),
    "prefix": _prefix,
}
OF_RULES: dict[str, Field] = {
    "why": lambda of, evil: of.rule.update(why=evil),
    "owner": lambda of, evil: of.rule.update(owner=evil),
    "ticket": lambda of, evil: of.rule.update(ticket=evil),
    "endpoint": lambda of, evil: of.other_rule.update(endpoint=evil),
    "glob": lambda of, evil: of.other_rule.update(error=evil),
    "threshold": lambda of, evil: of.rules["thresholds"].append(
        {**of.rules["thresholds"][0], "endpoint": evil}
    ),
    "status-text": lambda of, evil: of.rules.update(status_texts=[{"text": f"{evil} {{status}}"}]),
    "example": lambda of, evil: of.example.update(error=evil, endpoint=f"POST {evil}"),
}
MOSTLY_REFUSED: dict[str, Field] = {
    "id": lambda of, evil: of.rule.update(id=evil),
    "unknown-key": lambda of, evil: of.rule.update({evil: "x"}),
    "require": lambda of, evil: of.rules["thresholds"].append({"require": evil}),
}
