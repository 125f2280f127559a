"""The verdict in Locust's web UI: a page at /loadgate, which a tab shows where there are tabs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from importlib import resources
from typing import Any

from flask import Blueprint, Response, request
from gevent.lock import RLock

PATH = "loadgate"
"""Below the address of the web UI."""
_INDEX = ("locust.index", "index")
"""The endpoint of Locust's own page; the second before 2.34."""
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
_FRESH = 2.0
"""Seconds for which an answer serves all who ask."""
_REST = 20
"""And times as long as it took to find: finding it takes at most a twentieth of the time."""


class Kept:
    """An answer that is found when somebody asks, and then not again for a while."""

    def __init__(self, find: Callable[[], dict[str, Any]]) -> None:
        """Find nothing yet."""
        self._find = find
        self._lock = RLock()
        self._until = 0.0
        self._text = ""

    def text(self) -> str:
        """Return the answer as JSON."""
        with self._lock:
            began = time.monotonic()
            if began >= self._until:
                self._text = json.dumps(self._find())
                now = time.monotonic()
                self._until = now + max(_FRESH, _REST * (now - began))
            return self._text


def add_page(web_ui: Any, find: Callable[[], dict[str, Any]]) -> str:  # noqa: ANN401 - Locust's own
    """Add the page to a web UI that does not answer yet; return its path.

    Whoever may see Locust's own pages may see it. `find` returns what /loadgate/verdict.json says.
    """
    app = web_ui.app
    base = next(str(rule) for rule in app.url_map.iter_rules() if rule.endpoint in _INDEX)
    pages = Blueprint(PATH, __name__, url_prefix=f"{base}{PATH}")
    kept = Kept(find)

    def route(path: str, view: Callable[[], Response]) -> None:
        name = path.strip("/").replace(".", "_") or "page"
        pages.add_url_rule(path, name, web_ui.auth_required_if_enabled(view))

    for path, file in _FILES.items():
        route(path, _sender(*file))
    route("/verdict.json", lambda: Response(kept.text(), mimetype="application/json"))
    pages.after_request(_with_headers)
    app.register_blueprint(pages)
    app.after_request(_with_tab)
    return f"{base}{PATH}"


def _sender(package: str, name: str, mimetype: str) -> Callable[[], Response]:
    file = resources.files(package) / name
    return lambda: Response(file.read_bytes(), mimetype=mimetype)


def _with_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


def _with_tab(response: Response) -> Response:
    """Add the script of the tab to Locust's own page, behind its settings."""
    if (
        request.endpoint in _INDEX
        and response.mimetype == "text/html"
        and response.status_code == 200
    ):
        before, end, behind = response.get_data().rpartition(b"</body>")
        if end:
            response.set_data(before + _SCRIPT + end + behind)
    return response
