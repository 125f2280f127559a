"""A server on loopback that speaks the part of GitHub's API that the action uses."""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

BOT = "github-actions[bot]"
TOKEN = "no-token"  # noqa: S105 - what the tests' runner gives to a job
PAGE = 2
"""Entries of a page, few so that lists have several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By names in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered instead of what GitHub would."""

    status: int
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    done: bool = False
    """What was asked is done before it is answered so."""
    data: bytes | None = None


@dataclass(slots=True, kw_only=True)
class GitHub:
    """The repository octo/shop, and what is asked of it."""

    url: str
    comments: list[dict[str, Any]] = field(default_factory=list)
    """Of its one pull request, with the number 7."""
    user: str = BOT
    """Who the token is of."""
    pulls: list[dict[str, Any]] = field(default_factory=list)
    branches: list[str] = field(default_factory=lambda: ["main"])
    runs: list[dict[str, Any]] = field(default_factory=list)
    """Of all workflows, the newest first."""
    artifacts: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """By the id of their run."""
    archives: dict[int, bytes] = field(default_factory=dict)
    """By the id of the artifact."""
    storage: str = ""
    """Where archives are kept: another server."""
    asked: list[Asked] = field(default_factory=list)
    instead: dict[str, list[Answer]] = field(default_factory=dict)
    """Method and the end of a path -> what is answered to the next such requests."""

    def comment(self, body: str, author: str = BOT, kind: str = "Bot") -> dict[str, Any]:
        """Add a comment, as its author would."""
        number = 100 + len(self.comments)
        made = {"id": number, "body": body, "user": {"login": author, "type": kind}}
        self.comments.append(made)
        return made

    def sent(self, method: str) -> list[str]:
        """Return the paths of the requests that were made by a method."""
        return [one.path for one in self.asked if one.method == method]


def run_of(number: int, **fields: Any) -> dict[str, Any]:
    """Return a run as GitHub's API describes it; by default a good one of the main branch."""
    return {
        "id": number,
        "workflow_id": 42,
        "head_branch": "main",
        "event": "push",
        "status": "completed",
        "conclusion": "success",
        "repository": {"id": 1, "full_name": "octo/shop"},
        "head_repository": {"id": 1, "full_name": "octo/shop"},
        **fields,
    }


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """Return the zip of an artifact."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return memory.getvalue()


class _Handler(BaseHTTPRequestHandler):
    github: GitHub
    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        parts = urlsplit(self.path)
        query = {name: texts[-1] for name, texts in parse_qs(parts.query).items()}
        headers = {name.lower(): text for name, text in self.headers.items()}
        length = int(headers.get("content-length", "0"))
        body = json.loads(self.rfile.read(length)) if length else None
        asked = Asked(method=self.command, path=parts.path, query=query, headers=headers)
        self.github.asked.append(asked)
        answer = self._instead(asked)
        if answer is None or answer.done:
            status, content, more = self._answer(asked, body)
        if answer is not None:
            status, more = answer.status, dict(answer.headers)
            content = answer.data if answer.data is not None else {"message": answer.message}
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, text in {"Content-Length": str(len(data)), **more}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = _any  # noqa: N815 - as http.server calls them

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""

    def _instead(self, asked: Asked) -> Answer | None:
        for key, answers in self.github.instead.items():
            method, end = key.split()
            if answers and asked.method == method and asked.path.endswith(end):
                return answers.pop(0)
        return None

    def _answer(self, asked: Asked, body: Any) -> tuple[int, Any, dict[str, str]]:
        """Return status, content and headers."""
        for pattern, reply in _ROUTES.items():
            method, path = pattern.split()
            found = re.fullmatch(path, asked.path)
            if found and asked.method == method:
                if asked.headers.get("authorization") != f"Bearer {TOKEN}":
                    return 401, {"message": "Bad credentials"}, {}
                return reply(self.github, asked, body, *map(int, found.groups()))
        return 404, {"message": "Not Found"}, {}


Reply = tuple[int, Any, dict[str, str]]


def _paged(github: GitHub, asked: Asked, every: list[Any], key: str = "") -> Reply:
    page = int(asked.query.get("page", "1"))
    shown = every[(page - 1) * PAGE : page * PAGE]
    links = {}
    if page * PAGE < len(every):
        rest = "&".join(f"{n}={t}" for n, t in asked.query.items() if n != "page")
        links["Link"] = (
            f'<{github.url}{asked.path}?{rest}&page=1>; rel="first", '
            f'<{github.url}{asked.path}?{rest}&page={page + 1}>; rel="next"'
        )
    return 200, {key: shown, "total_count": len(every)} if key else shown, links


def _post(github: GitHub, _asked: Asked, body: Any, number: int) -> Reply:
    assert number == 7
    assert len(body["body"]) <= 65_536
    return 201, github.comment(body["body"], github.user), {}


def _patch(github: GitHub, _asked: Asked, body: Any, number: int) -> Reply:
    for comment in github.comments:
        if comment["id"] == number:
            comment["body"] = body["body"]
            return 200, comment, {}
    return 404, {"message": "Not Found"}, {}


def _user(github: GitHub, _asked: Asked, _body: Any) -> Reply:
    if github.user.endswith("[bot]"):
        return 403, {"message": "Resource not accessible by integration"}, {}
    return 200, {"login": github.user}, {}


def _branch(github: GitHub, asked: Asked, _body: Any) -> Reply:
    name = unquote(asked.path.rpartition("/")[2])
    if name not in github.branches:
        return 404, {"message": "Branch not found"}, {}
    return 200, {"name": name, "protected": False}, {}


def _run(github: GitHub, _asked: Asked, _body: Any, number: int) -> Reply:
    found = [run for run in github.runs if run["id"] == number]
    return (200, found[0], {}) if found else (404, {"message": "Not Found"}, {})


def _runs(github: GitHub, asked: Asked, _body: Any, _workflow: int) -> Reply:
    """List all runs, not only those that are asked for: nobody is to rely on that."""
    return _paged(github, asked, github.runs, "workflow_runs")


def _artifacts(github: GitHub, asked: Asked, _body: Any, run: int) -> Reply:
    return _paged(github, asked, github.artifacts.get(run, []), "artifacts")


def _zip(github: GitHub, _asked: Asked, _body: Any, number: int) -> Reply:
    return 302, b"", {"Location": f"{github.storage}/{number}.zip?sig=secret"}


_HERE = "/repos/octo/shop"
_ROUTES: dict[str, Callable[..., Reply]] = {
    rf"GET {_HERE}/issues/(7)/comments": lambda github, asked, _body, _number: _paged(
        github, asked, github.comments
    ),
    rf"POST {_HERE}/issues/(\d+)/comments": _post,
    rf"PATCH {_HERE}/issues/comments/(\d+)": _patch,
    rf"GET {_HERE}/pulls": lambda github, asked, _body: _paged(github, asked, github.pulls),
    rf"GET {_HERE}/branches/[^/]+": _branch,
    "GET /user": _user,
    rf"GET {_HERE}/actions/runs/(\d+)": _run,
    rf"GET {_HERE}/actions/workflows/(\d+)/runs": _runs,
    rf"GET {_HERE}/actions/runs/(\d+)/artifacts": _artifacts,
    rf"GET {_HERE}/actions/artifacts/(\d+)/zip": _zip,
}


class _Storage(_Handler):
    """Keeps archives, and refuses whoever shows a token, as Azure does."""

    def _answer(self, asked: Asked, _body: Any) -> Reply:
        number = int(asked.path.strip("/").removesuffix(".zip"))
        if "authorization" in asked.headers or asked.query != {"sig": "secret"}:
            return 400, {"message": "InvalidAuthenticationInfo"}, {}
        return 200, self.github.archives[number], {}


@contextmanager
def serve() -> Iterator[GitHub]:
    """Yield the repository while its servers run."""
    servers = []
    github = GitHub(url="")
    for handler in (_Handler, _Storage):
        bound = type("Bound", (handler,), {"github": github})
        server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
    github.url, github.storage = (f"http://127.0.0.1:{one.server_port}" for one in servers)
    yield github
    for server in servers:
        server.shutdown()
        server.server_close()
