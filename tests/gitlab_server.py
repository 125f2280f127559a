"""The part of GitLab's API that notes of a merge request need, on this machine."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TOKEN = "glpat-hunter2"  # noqa: S105 - of no server
BOT, PERSON = 7, 8
NOTES = "/api/v4/projects/42/merge_requests/12/notes"


@dataclass(slots=True, kw_only=True)
class GitLab:
    """A server with one merge request, of which the tests see and change everything."""

    url: str = ""
    notes: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Every request: method and path."""
    fails: dict[str, int] = field(default_factory=dict)
    """The status that a request which begins so gets instead, such as "PUT"."""
    says: dict[str, object] = field(default_factory=dict)
    """What a request which begins so gets instead, as JSON or, if it is bytes, as it is."""
    elsewhere: str = ""
    """Where a redirect leads."""

    def write(self, body: str, author: int = PERSON) -> dict[str, Any]:
        """Add a note."""
        note = {"id": 100 + len(self.notes), "body": body, "author": {"id": author}}
        self.notes.append(note)
        return note

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a job of the merge request."""
        return {
            "GITLAB_TOKEN": TOKEN,
            "CI_API_V4_URL": f"{self.url}/api/v4",
            "CI_PROJECT_ID": "42",
            "CI_MERGE_REQUEST_IID": "12",
            "CI_JOB_NAME": "load-test",
            "CI_JOB_URL": "https://gitlab.example/shop/-/jobs/9",
        }

    def answer(
        self, method: str, address: str, token: str | None, sent: dict[str, str]
    ) -> tuple[int, object, str]:
        """Return the status of an answer, its JSON, and the number of the next page."""
        place = urlsplit(address)
        if token != TOKEN:
            return 401, {"message": "401 Unauthorized"}, ""
        if len(sent.get("body", "")) > 1_000_000:
            return 400, {"message": "400 Bad request"}, ""
        if (method, place.path) == ("GET", "/api/v4/user"):
            return 200, {"id": BOT}, ""
        if (method, place.path) == ("GET", NOTES):
            asked = {name: values[0] for name, values in parse_qs(place.query).items()}
            size, page = min(int(asked["per_page"]), 100), int(asked["page"])
            more = str(page + 1) if page * size < len(self.notes) else ""
            return 200, self.notes[(page - 1) * size : page * size], more
        if (method, place.path) == ("POST", NOTES):
            return 201, self.write(sent["body"], BOT), ""
        known = {f"{NOTES}/{note['id']}": note for note in self.notes}
        if method != "PUT" or place.path not in known:
            return 404, {"message": "404 Not found"}, ""
        note = known[place.path]
        if note["author"]["id"] != BOT:
            return 403, {"message": "403 Forbidden"}, ""
        note["body"] = sent["body"]
        return 200, note, ""


def certificate(folder: Path) -> str:
    """Return the file with the key of this machine and a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gitlab.test")])
    now = datetime.now(UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file = folder / "certificate.pem"
    private = key.private_bytes(*form, serialization.NoEncryption())
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return str(file)


@contextmanager
def gitlab(certificate: str | None = None) -> Iterator[GitLab]:
    """Yield a server that is on, by HTTPS where it has a certificate."""
    state = GitLab()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            sent = json.loads(self.rfile.read(size) or b"{}")
            asked = f"{self.command} {self.path}"
            state.asked.append(asked)
            status, answer, next_page = state.answer(
                self.command, self.path, self.headers.get("PRIVATE-TOKEN"), sent
            )
            for start, code in state.fails.items():
                if asked.startswith(start):
                    status, answer = code, {"message": f"{code} of the test"}
            for start, said in state.says.items():
                if asked.startswith(start):
                    status, answer = 200, said
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", state.elsewhere)
            self.send_header("X-Next-Page", next_page)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 - as http.server calls them

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        state.url = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
        yield state
        server.shutdown()
