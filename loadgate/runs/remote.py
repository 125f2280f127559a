"""URLs that fsspec knows: the candidates below one, and the files of such a candidate."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from importlib import import_module
from time import monotonic
from typing import Any
from urllib.parse import unquote

from loadgate.errors import ResultError, UsageError
from loadgate.read.documents import LARGEST_DOCUMENT
from loadgate.read.formats import CSV_SUFFIX, LOCUST_SUFFIXES, SUFFIXES
from loadgate.read.naming import OTHER_CSV, STATISTICS, once
from loadgate.read.raw import has_ending, open_bytes
from loadgate.read.tables import head
from loadgate.runs.candidate import (
    NOTHING,
    VANISHED,
    Candidate,
    broken,
    limited,
    results_among,
)
from loadgate.runs.deadline import Found, OutOfTimeError, within
from loadgate.signals import unwinding

_MAGIC = re.compile(r"[*?[]")
_STEM = re.compile(r"(.*?)_?(?:stats|requests)?\.[a-z]+(?:\.gz)?\Z", re.DOTALL | re.IGNORECASE)
_FEW = 8
"""Results in a folder that are fetched together; of more, only those with the run's prefix."""
_LARGEST_CSV = 4 * 1024**3
"""Bytes of a CSV file that is fetched, also unpacked."""
PATIENCE = 300
"""Seconds in which a URL must be listed, and a run of it fetched with all of its files."""
_BLOCK = 1024**2
_SERVER = re.compile(r"[^:/]+://[^/]*")
_LINK = re.compile(r"""\bhref=["']([^"'<>\s]++)["']""", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*(?=:)", re.IGNORECASE)

FileSystem = Any
"""A file system of fsspec, which has no types."""

_too_slow: set[str] = set()
"""Servers that used up the time of a result once: not each of many results may do so."""


class _UrlError(UsageError):
    """A URL that cannot be read."""

    page = "fleets"


def find_remote(url: str) -> Iterator[Candidate]:
    """Yield the candidates that a URL, a folder's URL or a glob names, by folder and name.

    Goes by names alone, as a look into each file would take long. What cannot be listed is broken;
    UsageError where nothing that is installed reads such URLs.
    """
    try:
        system, path, globbed, files = _in_time(url, lambda: _listed(url))
    except ResultError as error:
        yield broken(url, error.problem)
        return
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001 - file systems raise what their libraries do
        yield broken(url, f"cannot be listed: {_without_secrets(reason(error), url)}")
        return
    if not globbed and files == [path]:
        yield Candidate(path=url, form="run" if has_ending(path, *LOCUST_SUFFIXES) else "json")
        return
    yield from limited(url, _candidates(url, system, sorted(set(files))))


def _listed(url: str) -> tuple[FileSystem, str, bool, list[str]]:
    """Return the file system of a URL, the path in it, if that is a glob, and its files."""
    system, path = _system(url)
    system.invalidate_cache()
    globbed = _MAGIC.search(path) is not None and not url.startswith("http")
    files: list[str] = []
    for top in sorted(system.glob(path)) if globbed else [path]:
        folder = system.isdir(top)
        if not folder and not system.exists(top):
            raise ResultError(url, "there is no such file or folder; check the URL")
        files += system.find(top) if folder else [top]
    return system, path, globbed, files


def _in_time(url: str, work: Callable[[], Found]) -> Found:
    """Return what the work on a URL returns; raise ResultError where it takes too long."""
    server = _SERVER.findall(url)[-1]
    if server in _too_slow:
        raise ResultError(url, "skipped: its server took too long for another result")
    try:
        return within(PATIENCE, work)
    except OutOfTimeError as error:
        _too_slow.add(server)
        raise ResultError(
            url,
            f"takes longer than {PATIENCE:g} seconds; try again, or download it and name the file",
        ) from error


def _candidates(url: str, system: FileSystem, files: list[str]) -> Iterator[Candidate]:
    """Yield the candidates among the files of all folders below a URL."""
    folders: dict[str, list[str]] = {}
    for file in files:
        if not any(part.startswith(".") for part in file.split("/")):
            folder, _, name = file.rpartition("/")
            folders.setdefault(folder, []).append(name)
    _, mark, chain = url.partition("::")
    for folder, names in sorted(folders.items()):
        statistics = [name for name in once(names) if STATISTICS.fullmatch(name)]
        for name, form, documents_only in results_among(once(names), statistics):
            place = system.unstrip_protocol(f"{folder}/{name}" if folder else name)
            yield Candidate(
                path=f"{place}{mark}{chain}", form=form, below=url, documents_only=documents_only
            )


@contextmanager
def fetched(named: str) -> Iterator[str]:
    """Fetch the file that a URL names, and those beside it of the same run; give its path.

    Raises LoadgateError. What is raised while they are there calls them by their URLs, too.
    """
    # What still comes when it is too late may not be in the way.
    temporary = tempfile.TemporaryDirectory(prefix="loadgate-", ignore_cleanup_errors=True)
    with unwinding(), temporary as parent:
        main = _in_time(named, lambda: _fetch_run(named, parent))
        try:
            yield main
        except ResultError as error:
            texts = (error.place, error.problem, error.remedy)
            url = named.partition("::")[0].rpartition("/")[0]
            place = os.path.dirname(main)
            there = [text.replace(main, named).replace(place, url) for text in texts]
            raise ResultError(*there) from error


def _fetch_run(url: str, parent: str) -> str:
    """Fetch a file and those beside it of the same run into a folder; return the file's path."""
    ends = monotonic() + PATIENCE
    system, path = _system(url)
    folder, _, name = path.rpartition("/")
    if not name:
        raise ResultError(url, NOTHING)
    # The name of a folder may be the only one that a run has.
    called = folder.rpartition("/")[2]
    place = os.path.join(parent, "run" if called in {"", ".", ".."} else called)
    os.mkdir(place)
    main = os.path.join(place, name)
    try:
        _fetch(system, path, main, ends)
        if _has_texts_beside(main):
            for other in _beside(system, folder, name):
                _fetch(system, f"{folder}/{other}", os.path.join(place, other), ends)
    except FileNotFoundError as error:
        raise ResultError(url, VANISHED) from error
    except ResultError as error:
        raise ResultError(url, error.problem, error.remedy) from error
    except OutOfTimeError:
        raise
    except Exception as error:
        said = _without_secrets(reason(error), url).replace(place, folder)
        raise ResultError(url, f"cannot be fetched: {said}") from error
    return main


def _has_texts_beside(path: str) -> bool:
    """Say whether this is a CSV file, or the JSON of Locust that holds no error texts."""
    return has_ending(path, CSV_SUFFIX) or head(path).lstrip("\ufeff \t\r\n").startswith("[")


def _beside(system: FileSystem, folder: str, name: str) -> list[str]:
    """Return the names of the other files that may be of the same run."""
    paths = system.ls(folder, detail=False)
    names = [other for path in paths if (other := path.rpartition("/")[2]) != name]
    results = sorted(other for other in names if has_ending(other, *SUFFIXES))
    if len(results) <= _FEW:
        return results
    match = _STEM.fullmatch(name)
    stem = match.group(1) if match else ""
    if stem:
        return [other for other in results if other.startswith(stem)]
    return [other for other in results if OTHER_CSV.fullmatch(other)]


def _fetch(system: FileSystem, path: str, target: str, ends: float) -> None:
    """Copy a file here, with the time at which it was written; 1970 stands for an unknown one."""
    details = system.info(path)
    most = _LARGEST_CSV if has_ending(path, CSV_SUFFIX) else LARGEST_DOCUMENT
    too_large = ResultError(path, f"is larger than {most // 1024**2:,} MiB")
    if (details.get("size") or 0) > most:
        raise too_large

    def check(_size: int | None, received: int) -> None:
        if received > most:
            raise too_large
        if monotonic() > ends:
            raise OutOfTimeError  # nobody waits for the rest

    # A server need not tell the size, or not the true one; what it packed is counted unpacked.
    callback = import_module("fsspec.callbacks").Callback(hooks={"check": check})
    system.get_file(path, target, callback=callback)
    if _holds_more(target, most):
        raise too_large
    written = details.get("LastModified") or details.get("mtime") or details.get("created")
    if isinstance(written, datetime):
        written = written.timestamp()
    known = written if isinstance(written, (int, float)) else 0
    os.utime(target, (known, known))  # when it was fetched says nothing


def _holds_more(path: str, most: int) -> bool:
    """Say whether a file, unpacked if it is gzipped, has more bytes; nothing of it is kept."""
    size = 0
    with suppress(ResultError), open_bytes(path) as file:  # whoever reads it says what is damaged
        while size <= most and (block := file.read(_BLOCK)):
            size += len(block)
    return size > most


def _system(url: str) -> tuple[FileSystem, str]:
    """Return the file system of a URL and the path in it; raise UsageError without one."""
    try:
        core = import_module("fsspec.core")
    except ImportError as error:
        raise _UrlError(
            f"{url}: reading URLs needs fsspec; install it: pip install 'loadgate[fleet]'"
        ) from error
    # Of a chain, each link takes its own options.
    schemes = {link.partition("://")[0] for link in url.split("::")}
    options = {scheme: {"get_client": _http_client} for scheme in schemes & {"http", "https"}}
    try:
        system, path = core.url_to_fs(url, **options)
    except ImportError as error:
        raise _UrlError(
            f"{url}: {_without_secrets(reason(error), url)}; then it can be read"
        ) from error
    except Exception as error:
        raise _UrlError(
            f"{url}: cannot be read as a URL: {_without_secrets(reason(error), url)}"
        ) from error
    return system, path


async def _http_client(**options: object) -> Any:  # noqa: ANN401 - aiohttp need not be installed
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


def _without_secrets(text: str, url: str) -> str:
    """Return what a library says, which takes URLs apart, without the user and password of one."""
    place = url.partition("://")[2].rpartition("@")[0]
    password = place.partition(":")[2]
    for secret in (place, unquote(place), password, unquote(password)):
        text = text.replace(secret, "***") if secret else text
    return text


def reason(error: BaseException) -> str:
    """Return what an exception says, in one short line."""
    if type(error).__name__ == "TooManyRedirects":
        return "it is redirected again and again"
    return " ".join(str(error).split())[:300] or type(error).__name__
