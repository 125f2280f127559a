"""The verdict in Locust's web UI: a page at /loadgate, which a tab shows where there are tabs."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from importlib import resources
from typing import Any

import gevent.lock
from flask import Blueprint, Response, request

from loadgate.recorder.collector import describe
from loadgate.recorder.live import Live
from loadgate.recorder.options import Options
from loadgate.recorder.run import Run
from loadgate.recorder.verdict import result_of

_log = logging.getLogger("loadgate")
PATH = "loadgate"
"""Below the address of the web UI."""
_INDEX = ("locust.index", "index")
"""The endpoint of Locust's own page; the second where the web UI has no base path yet."""
_SCRIPT = f'<script src="./{PATH}/tab.js"></script>'.encode()
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        " img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_FILES = {
    "": ("loadgate.render.verdict", "page.html", "text/html"),
    "/page.css": ("loadgate.render.verdict", "page.css", "text/css"),
    "/page.js": ("loadgate.render.verdict", "page.js", "text/javascript"),
    "/tab.js": ("loadgate.recorder", "tab.js", "text/javascript"),
}
"""What is served, by its path below that of the page: package, file, type."""


class Answers:
    """What the page is told: what will judge the run, the verdict as of now, the final one."""

    def __init__(
        self, options: Options, folder: str, live: Live, run: Callable[[], Run | None]
    ) -> None:
        """Say how to judge, and what tells the run; nothing is done before somebody asks."""
        self._options = options
        self._folder = folder
        self._run = run
        self._live = live
        self._lock = gevent.lock.RLock()
        self._of: tuple[str, float | None] | None = None
        self._kept = b""

    def now(self) -> bytes:
        """Return it as JSON: the phase, a result document or null, a problem or ""."""
        run = self._run()
        if run is None:
            return _answer("before", b"", "there is no recording yet")
        document = run.document
        if document.started is None or run.written:
            return self._settled(run)
        look = self._live.look(run)
        if document.errors:
            problem = f"the recording is incomplete: {'; '.join(document.errors)}"
        elif look is None:
            problem = self._live.problem or f"nothing of this run is in {self._options.file}"
        else:
            problem = ""
        return _answer("running", b"" if look is None else look.text, problem)

    def _settled(self, run: Run) -> bytes:
        """Return what does not change any more, found once: it takes a process half a second."""
        of = run.id, run.document.ended
        with self._lock:
            if of != self._of:
                result, problem = result_of(self._options, self._folder, partial=not run.written)
                phase = "ended" if run.written else "before"
                self._kept, self._of = _answer(phase, result.encode(), problem), of
            return self._kept


def _answer(phase: str, result: bytes, problem: str) -> bytes:
    told = json.dumps({"phase": phase, "problem": problem}).encode()
    return told[:-1] + b', "result": ' + (result.strip() or b"null") + b"}"


def offer(web_ui: Any, answers: Answers) -> None:  # noqa: ANN401 - Locust's own
    """Add the page to Locust's web UI, and say where it is; without it the run goes on as well."""
    try:
        address = add_page(web_ui, answers.now)
    except Exception as error:  # noqa: BLE001 - another web UI, a page of the user's own
        _log.warning("The web UI has no page of the verdict: %s", describe(error))
    else:
        _log.info("The verdict as of now: %s", address)


def add_page(web_ui: Any, answer: Callable[[], bytes]) -> str:  # noqa: ANN401 - Locust's own
    """Add the page to a web UI that does not answer yet; return its address.

    Who may see Locust's own page may see this one. `answer` returns what the page asks for while
    somebody looks, and is called for nothing else.
    """
    app = web_ui.app
    base = next(str(rule) for rule in app.url_map.iter_rules() if rule.endpoint in _INDEX)
    pages = Blueprint(PATH, __name__, url_prefix=f"{base}{PATH}")

    def serve(path: str, view: Callable[[], Response]) -> None:
        name = path.strip("/").replace(".", "_") or "page"
        pages.add_url_rule(path, name, web_ui.auth_required_if_enabled(view))

    for path, file in _FILES.items():
        serve(path, _sender(*file))
    serve("/verdict.json", lambda: Response(answer(), mimetype="application/json"))
    pages.after_request(_with_headers)
    app.register_blueprint(pages)
    app.after_request(_with_tab)
    scheme = "https" if getattr(web_ui, "tls_cert", None) else "http"
    host = web_ui.host if web_ui.host not in {"", "0.0.0.0", "::"} else "localhost"  # noqa: S104
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{web_ui.port}{base}{PATH}"


def _sender(package: str, name: str, mimetype: str) -> Callable[[], Response]:
    file = resources.files(package) / name
    return lambda: Response(file.read_bytes(), mimetype=mimetype)


def _with_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


def _with_tab(response: Response) -> Response:
    """Add the script of the tab to Locust's own page, behind its settings."""
    if request.endpoint in _INDEX and response.mimetype == "text/html":
        before, end, behind = response.get_data().rpartition(b"</body>")
        if end:
            response.set_data(before + _SCRIPT + end + behind)
    return response
