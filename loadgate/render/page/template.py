"""Templates of pages, and the policy by which a page runs and loads nothing but its own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from loadgate.render.tables import Code
from loadgate.text import cut, one_line

if TYPE_CHECKING:
    from jinja2 import Environment

_COLUMNS = 320  # of a sentence; no reader needs more of it
_NAME = 160  # of a name or an error text


def page(name: str, styles: Sequence[str], scripts: Sequence[str], values: dict[str, Any]) -> str:
    """Return the page of a template, which extends base.html, filled with values.

    Its Content-Security-Policy lets it use no style and run no script but these.
    """
    style = "".join(styles)
    allowed = " ".join(f"'{_digest(script)}'" for script in scripts) or "'none'"
    return (
        environment()
        .get_template(name)
        .render(
            # vega-embed interprets expressions (`ast`), so that there is no need for 'unsafe-eval'.
            policy=f"default-src 'none'; script-src {allowed}; style-src '{_digest(style)}';"
            " base-uri 'none'; form-action 'none'",
            style=style,
            scripts=scripts,
            **values,
        )
    )


@cache
def environment() -> Environment:
    """Return what fills templates: every text is on one line, not endless, and escaped."""
    import jinja2
    from markupsafe import Markup

    def cleaned(value: Any) -> Any:  # noqa: ANN401 - whatever a template shows
        return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(text_of),
        autoescape=True,
        keep_trailing_newline=True,
        finalize=cleaned,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"name": lambda text: cut(shown(text), _NAME), "address": web_address}
    made.tests["code"] = lambda value: isinstance(value, Code)
    return made


def shown(raw: str) -> str:
    """Return a text on one line and not endless, not yet escaped."""
    return cut(one_line(raw), _COLUMNS)


def text_of(name: str) -> str:
    """Return a file of a package below render: "page/base.html"."""
    package, _, file = name.partition("/")
    return (resources.files(f"loadgate.render.{package}") / file).read_text("utf-8")


def web_address(link: str) -> str:
    """Return where a link leads; nothing where that is no web address."""
    address = one_line(link)
    leads = address.lower().startswith(("https://", "http://")) and " " not in address
    return address if leads else ""


def _digest(text: str) -> str:
    """Return the hash of a script or style as a Content-Security-Policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
