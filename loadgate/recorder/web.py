"""The verdict in Locust's web UI: a page at /loadgate, which a tab shows where there are tabs."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import Any

from flask import Blueprint, Response, request

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
