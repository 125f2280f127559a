"""The HTTP server: it answers with JSON and counts its answers."""

from __future__ import annotations

import json
import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import entities
from entities import KINDS, ConflictError, NameTakenError, NotFoundError
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

LARGEST_BODY = 65_536  # bytes
STOP_GRACE = 30.0  # seconds that requests under way have to be answered when the service stops
UNKNOWN = "(unknown)"  # the endpoint of requests that fit no template

# GET    /health
# GET    /{kind}                               the oldest gateways, prompts, ...
# POST   /{kind}              {"name": "..."}  201, or 409 if the name is taken
# GET    /{kind}/{id}                          200 or 404
# DELETE /{kind}/{id}                          204, 404, or 409 if it was changed meanwhile
# POST   /{kind}/{id}/state?activate=true      200, 404, or 409 if it was changed meanwhile;
#                          &version=3          or if it is not at this version any more

Answer = tuple[HTTPStatus, object]

NOT_FOUND = {"error": "not found", "detail": "There is no such thing here."}
NOT_ALLOWED = {"error": "not allowed", "detail": "This cannot be done with it."}
NAME_TAKEN = {"error": "name taken", "detail": "Another entity of this kind has that name."}
CONFLICT = {
    "error": "conflict",
    "detail": "The entity was changed since it was read. Nothing was written; try again.",
}
FAULT = {"error": "fault", "detail": "Injected by --fault-rate."}
BUSY = {"error": "database", "detail": "The database did not answer in time."}


class Service(ThreadingHTTPServer):
    """The server, with its own count of what it answered."""

    daemon_threads = True  # an idle keep-alive connection must not hold up the end
    request_queue_size = 256  # all users of a load test connect at once

    def __init__(
        self, address: tuple[str, int], engine: Engine, *, work: float, fault_rate: float
    ) -> None:
        """Listen on `address`; `work` in seconds, `fault_rate` from 0 to 1."""
        super().__init__(address, Handler)
        self.engine = engine
        self.work = work
        self.fault_rate = fault_rate
        self._changed = threading.Condition()
        self._under_way = 0
        self._stopping = False
        self._tally: Counter[tuple[str, int]] = Counter()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Hold up the end of the service until a request is answered; after it, hang up."""
        with self._changed:
            if self._stopping:
                raise ConnectionAbortedError
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def count(self, endpoint: str, status: int) -> None:
        """Count an answer."""
        with self._changed:
            self._tally[endpoint, status] += 1

    def finish(self) -> dict[str, dict[str, int]]:
        """Wait for requests under way; return the answers per "METHOD /template" and status."""
        with self._changed:
            self._stopping = True  # connections are kept alive: clients could go on for ever
            self._changed.wait_for(lambda: not self._under_way, timeout=STOP_GRACE)
            tally: dict[str, dict[str, int]] = {}
            for (endpoint, status), count in sorted(self._tally.items()):
                tally.setdefault(endpoint, {})[str(status)] = count
        return tally

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as inherited
        """Say nothing of clients that hang up; print everything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection and the requests that come over it."""

    server: Service
    protocol_version = "HTTP/1.1"  # connections are kept alive
    timeout = 300.0  # seconds that a client may be silent
    wbufsize = -1  # an answer leaves in one packet ...
    disable_nagle_algorithm = True  # ... and at once
    endpoint = UNKNOWN

    def do_GET(self) -> None:
        """Answer a request of any method."""
        with self.server.answering():
            status, content = self._answer()
            self.send_response(status)
            if content is None:
                self.end_headers()
            else:
                data = json.dumps(content).encode()
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            self.endpoint = UNKNOWN
            self.wfile.flush()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - names that http.server looks for

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002 - as inherited
        """Count the answer: http.server calls this for every one, its own error pages included."""
        self.server.count(self.endpoint, int(code))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
        """Print no line about a connection that went silent."""

    def _answer(self) -> Answer:
        url = urlsplit(self.path)
        path = url.path.strip("/").split("/")
        template = template_of(path)
        if template is not None:
            self.endpoint = f"{self.command} {template}"
        body = self._body()
        if body is None:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, NOT_ALLOWED
        if template is None:
            return HTTPStatus.NOT_FOUND, NOT_FOUND
        if template != "/health" and random.random() < self.server.fault_rate:
            return HTTPStatus.INTERNAL_SERVER_ERROR, FAULT
        try:
            return self._act(path, parse_qs(url.query), body)
        except NotFoundError:
            return HTTPStatus.NOT_FOUND, NOT_FOUND
        except NameTakenError:
            return HTTPStatus.CONFLICT, NAME_TAKEN
        except ConflictError:
            return HTTPStatus.CONFLICT, CONFLICT
        except (OperationalError, NoConnectionError):
            return HTTPStatus.SERVICE_UNAVAILABLE, BUSY

    def _act(self, path: list[str], query: dict[str, list[str]], body: bytes) -> Answer:
        engine = self.server.engine
        match self.command, *path:
            case "GET", "health":
                return HTTPStatus.OK, {"status": "ok"}
            case "GET", kind:
                return HTTPStatus.OK, [each.as_json() for each in entities.listing(engine, kind)]
            case "POST", kind if kind in KINDS:
                name = name_in(body)
                if name is None:
                    return unusable('The body must be like {"name": "printer"}.')
                return HTTPStatus.CREATED, entities.create(engine, kind, name).as_json()
            case "GET", kind, id_:
                return HTTPStatus.OK, entities.find(engine, kind, id_).as_json()
            case "DELETE", kind, id_:
                entities.delete(engine, kind, id_)
                return HTTPStatus.NO_CONTENT, None
            case "POST", kind, id_, "state":
                wanted = query.get("activate")
                if wanted not in (["true"], ["false"]):
                    return unusable("The query must be ?activate=true or ?activate=false.")
                entity = entities.set_active(
                    *(engine, kind, id_),
                    active=wanted == ["true"],
                    work=self.server.work,
                    seen=query.get("version", [None])[0],
                )
                return HTTPStatus.OK, entity.as_json()
        return HTTPStatus.METHOD_NOT_ALLOWED, NOT_ALLOWED

    def _body(self) -> bytes | None:
        """Read the body, so that the next request starts where it should; None: it is too large."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal() or len(length) > 9:
            length = str(LARGEST_BODY + 1)
        if int(length) > LARGEST_BODY:
            self.close_connection = True
            return None
        return self.rfile.read(int(length))


def template_of(path: list[str]) -> str | None:
    """Return the path as the load test names it, or None: there is nothing there."""
    match path:
        case ["health"]:
            return "/health"
        case [kind] if kind in KINDS:
            return f"/{kind}"
        case [kind, _] if kind in KINDS:
            return f"/{kind}/[id]"
        case [kind, _, "state"] if kind in KINDS:
            return f"/{kind}/[id]/state"
    return None


def name_in(body: bytes) -> str | None:
    """Return the name that a JSON body gives, or None."""
    try:
        content = json.loads(body)
    except ValueError:
        return None
    name = content.get("name") if isinstance(content, dict) else None
    return name if isinstance(name, str) and name else None


def unusable(detail: str) -> Answer:
    """Return the answer to a request that lacks something."""
    return HTTPStatus.UNPROCESSABLE_ENTITY, {"error": "unusable", "detail": detail}
