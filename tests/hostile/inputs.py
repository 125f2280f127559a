"""The files of a run and its rules, with an evil string in one field."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

from conftest import STATS_HEADER

NAME = "/tools/[id]/state"
CONFLICT = "CatchResponseError('Expected [200], got 409')"
LATENCY = (9, 10.5, 1, 100, 42, 5.0, 0.1, *range(10, 21))


class Input:
    """A run in a folder: of each endpoint 100 requests, 10 conflicts, 5 errors; and rules for it."""

    def __init__(self, folder: Path) -> None:
        """Take what each field has if nothing evil is in it."""
        self.folder = folder
        self.endpoints = [("POST", NAME, "boom")]
        """Method, name and error."""
        self.exception = "ValueError('x')"
        self.prefix = "run"
        self.rule: dict[str, object] = {
            "id": "conflict",
            "endpoint": "POST /**/state",
            "status": 409,
            "why": "Of two that toggle at once one loses.",
        }
        self.other_rule: dict[str, object] = {**self.rule, "id": "other", "endpoint": "GET /other"}
        self.thresholds: list[dict[str, object]] = [{"require": "true_failure_rate <= 1%"}]
        self.status_text = "refused with {status}"
        self.example: dict[str, object] = {
            "endpoint": "POST /a", "error": "boom", "expect": "failure",
        }  # fmt: skip

    def write(self) -> list[str]:
        """Write everything; return the arguments of `check`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        number = len(self.endpoints)
        self._csv(
            "stats",
            STATS_HEADER,
            *((method, name, 100, 15, *LATENCY) for method, name, _ in self.endpoints),
            ("GET", "/well", 100, 0, *LATENCY),
            ("", "Aggregated", 100 + 100 * number, 15 * number, *LATENCY),
        )
        self._csv("failures", ("Method", "Name", "Error", "Occurrences"), *self._failures())
        self._csv(
            "exceptions",
            ("Count", "Message", "Traceback", "Nodes"),
            (2, self.exception, f"Traceback\n  {self.exception}", "local"),
        )
        rules = self.folder / "rules.json"
        rules.write_text(
            json.dumps(
                {
                    "version": 1,
                    "rules": [self.rule, self.other_rule],
                    "thresholds": self.thresholds,
                    "status_texts": [{"text": self.status_text}],
                    "examples": [self.example],
                }
            )
        )
        return [str(self.folder / f"{self.prefix}_stats.csv"), "--rules", str(rules)]

    def _failures(self) -> list[tuple[str, str, str, int]]:
        return [
            (method, name, text, count)
            for method, name, error in self.endpoints
            for text, count in ((CONFLICT, 10), (error, 5))
        ]

    def _csv(self, kind: str, *rows: tuple[object, ...] | list[str]) -> None:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows(rows)
        data = buffer.getvalue().encode("utf-8", "surrogatepass")
        (self.folder / f"{self.prefix}_{kind}.csv").write_bytes(data)

    def document(self) -> list[str]:
        """Write the run as a saved /stats/requests document; return the arguments of `check`."""
        arguments = self.write()
        numbers = {
            "avg_response_time": 5, "min_response_time": 1, "max_response_time": 9,
            "median_response_time": 4, "avg_content_length": 1, "current_rps": 1.0,
        }  # fmt: skip
        rows = [
            {"method": method, "name": name, "num_requests": 100, "num_failures": 15, **numbers}
            for method, name, _ in self.endpoints
        ]
        total = {
            "method": "", "name": "Aggregated", **numbers,
            "num_requests": 100 * len(rows), "num_failures": 15 * len(rows),
        }  # fmt: skip
        keys = ("method", "name", "error", "occurrences")
        errors = [dict(zip(keys, failure, strict=True)) for failure in self._failures()]
        path = self.folder / "alone" / "web.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"stats": [*rows, total], "errors": errors, "state": "stopped"}))
        return [str(path), *arguments[1:]]

    def page(self) -> list[str]:
        """Write the run as a report of Locust 2.21 or newer; return the arguments of `check`."""
        arguments = self.document()
        web = json.loads(Path(arguments[0]).read_text())
        data = {
            "requests_statistics": web["stats"],
            "failures_statistics": web["errors"],
            "exceptions_statistics": [
                {"count": 2, "msg": self.exception, "nodes": "local", "traceback": "x"}
            ],
            "response_time_statistics": [],
            "history": [],
            "host": self.endpoints[-1][1],
            "is_report": True,
        }
        text = json.dumps(data).replace("<", "\\u003c").replace("\u2028", "\\u2028")
        path = self.folder / "alone" / "page.html"
        path.write_text(
            f"<html><title>Locust</title><script>\nwindow.templateArgs = {text}\n"
            'window.theme = "";\n</script></html>'
        )
        return [str(path), *arguments[1:]]


def _in_rule(key: str) -> Callable[[Input, str], None]:
    return lambda of, evil: of.rule.update({key: evil})


def _in_other_rule(key: str) -> Callable[[Input, str], None]:
    return lambda of, evil: of.other_rule.update({key: evil})


def _said(of: Input, evil: str) -> None:
    said = f"CatchResponseError({f'Expected 200, got 500: {evil}'!r})"
    of.endpoints.append(("POST", "/said", said))


def _exception(of: Input, evil: str) -> None:
    of.exception = evil


def _prefix(of: Input, evil: str) -> None:
    of.prefix = evil.replace("/", "_").replace("\0", "_").encode("utf-8", "replace").decode()[:40]


def _threshold(of: Input, evil: str) -> None:
    of.thresholds.append({**of.thresholds[0], "endpoint": evil})


def _status_text(of: Input, evil: str) -> None:
    of.status_text = f"{evil} {{status}}"


def _example(of: Input, evil: str) -> None:
    of.example.update({"error": evil, "endpoint": f"POST {evil}"})


OF_RUNS: dict[str, Callable[[Input, str], None]] = {
    "name": lambda of, evil: of.endpoints.append(("POST", evil, "boom")),
    "state": lambda of, evil: of.endpoints.append(("POST", f"{evil}/state", "boom")),
    "method": lambda of, evil: of.endpoints.append((evil, "/method", "boom")),
    "error": lambda of, evil: of.endpoints.append(("POST", "/error", evil)),
    "said": _said,
    "exception": _exception,
    "prefix": _prefix,
}
OF_RULES: dict[str, Callable[[Input, str], None]] = {
    "why": _in_rule("why"),
    "owner": _in_rule("owner"),
    "ticket": _in_rule("ticket"),
    "endpoint": _in_other_rule("endpoint"),
    "glob": _in_other_rule("error"),
    "threshold": _threshold,
    "status-text": _status_text,
    "example": _example,
}
MOSTLY_REFUSED: dict[str, Callable[[Input, str], None]] = {
    "id": _in_rule("id"),
    "unknown-key": lambda of, evil: of.rule.update({evil: "x"}),
    "require": lambda of, evil: of.thresholds.append({"require": evil}),
}
