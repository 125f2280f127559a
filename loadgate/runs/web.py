"""The HTTP client of fsspec, with bounds on answers and redirects."""

from __future__ import annotations

import asyncio
import re
from importlib import import_module
from typing import Any

from loadgate.errors import ResultError
from loadgate.read.documents import LARGEST_DOCUMENT

_LINK = re.compile(r"""\bhref=["']([^"'<>\s]++)["']""", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*(?=:)", re.IGNORECASE)


async def http_client(**options: object) -> Any:  # noqa: ANN401 - aiohttp need not be installed
    """Return what fsspec asks a server with."""
    aiohttp = import_module("aiohttp")

    class Page(aiohttp.ClientResponse):  # type: ignore[name-defined,misc] # as above
        """A page that lists a folder: the links in it, of which fsspec looks for no more."""

        async def text(self, *_: object, **__: object) -> str:
            """Return the links alone: fsspec seeks them by an expression that can take for ever."""
            try:
                await self.content.readexactly(LARGEST_DOCUMENT + 1)
            except asyncio.IncompleteReadError as whole:
                links = _LINK.findall(whole.partial.decode(errors="ignore"))
                return "".join(f'<a href="{link}">' for link in links)
            raise ValueError("lists more than can be read")  # so fsspec takes it for a file

    redirects = aiohttp.TraceConfig()
    redirects.on_request_redirect.append(_check_redirect)
    return aiohttp.ClientSession(response_class=Page, trace_configs=[redirects], **options)


async def _check_redirect(_session: object, _context: object, found: Any) -> None:  # noqa: ANN401 - as above
    """Raise ResultError where a server sends us to what is no HTTP, or from HTTPS to HTTP."""
    scheme = _SCHEME.match(found.response.headers.get("Location", ""))
    if scheme and scheme.group().lower() not in {"https", found.url.scheme}:
        raise ResultError(str(found.url), f"is redirected to a {scheme.group().lower()} URL")
