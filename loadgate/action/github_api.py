"""GitHub's REST API: the few requests that the action makes, tried again where that may help.

With urllib: a client library would be one more package for each job to install. Left to itself,
urllib hands the token on to any host that an answer redirects to; `_Redirects` does not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.client import HTTPException, HTTPMessage
from time import monotonic, sleep, time
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    ProxyHandler,
    Request,
    build_opener,
    getproxies_environment,
)

import loadgate
from loadgate.errors import LoadgateError, UsageError

PATIENCE = 60
"""Seconds in which requests are tried again, all together."""
_TRIES = 4  # of one request
_MINUTE = 60  # which GitHub asks to wait for where it does not say how long
_TIMEOUT = 15  # seconds without a byte
_LONGEST = 120  # seconds of one answer
_LARGEST_ANSWER = 16 << 20
_MOST_PAGES = 100
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next\b')


class ApiError(LoadgateError):
    """A request that GitHub did not fulfil."""

    page = UsageError.page  # the step that asks has its own

    def __init__(self, problem: str, status: int = 0, wait: float | None = None) -> None:
        """Say what is wrong; `wait`: seconds after which the request may succeed; None: never."""
        super().__init__(problem)
        self.status = status
        """0: there was no answer."""
        self.wait = wait

    @property
    def may_be_done(self) -> bool:
        """Say whether GitHub may have done what was asked, though it did not say so."""
        return self.wait is not None and (self.status >= 500 or not self.status)


class Api:
    """The API of the server that a workflow runs on."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Take its address, and the token that requests are made with; raises ApiError."""
        self._url = environment.get("GITHUB_API_URL", "").rstrip("/")
        if urlsplit(self._url).scheme not in {"https", "http"}:
            raise ApiError(f"GITHUB_API_URL is {self._url!r}, which is no web address")
        self._token = environment.get("LOADGATE_TOKEN", "").strip()
        if not self._token:
            raise ApiError("input token: is empty; leave it out to use the token of the job")
        if not re.fullmatch("[!-~]+", self._token):  # an error of urllib would show it
            raise ApiError("input token: holds characters that no token has")
        # Only those of the environment, as the runner has it: not those of the desktop.
        proxies = ProxyHandler(getproxies_environment())
        self._opener = build_opener(proxies, _Redirects(self._authorize))
        self._end = monotonic() + PATIENCE

    def get(self, path: str, **query: str | int) -> Any:  # noqa: ANN401 - any JSON
        """Return what is at a path."""
        return _json(self._request("GET", self._at(path, query))[0])

    def pages(self, path: str, **query: str | int) -> Iterator[Any]:
        """Yield each page of a list."""
        url = self._at(path, {"per_page": 100, **query})
        for _ in range(_MOST_PAGES):
            data, headers = self._request("GET", url)
            yield _json(data)
            following = _NEXT.search(headers.get("Link", ""))
            if following is None:
                return
            url = urljoin(url, following[1])
            if _origin(url) != _origin(self._url):
                raise ApiError("a list of GitHub's API goes on at another server")
        raise ApiError(f"a list of GitHub's API has more than {_MOST_PAGES} pages")

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> None:
        """Make (POST) or change (PATCH) something."""
        self._request(method, self._at(path, {}), json.dumps(body).encode())

    def download(self, path: str, most: int) -> bytes:
        """Return the file at a path, which may be kept at another host; at most so many bytes."""
        return self._request("GET", self._at(path, {}), most=most)[0]

    def pause(self, error: ApiError, tried: int) -> None:
        """Wait until a request may succeed; raise its error where that is not worth the wait."""
        wait = (error.wait or 0) * (2 ** (tried - 1) if error.may_be_done else 1)
        if error.wait is None or tried >= _TRIES or monotonic() + wait > self._end:
            raise error
        sleep(wait)

    def _at(self, path: str, query: Mapping[str, str | int]) -> str:
        return f"{self._url}/{path}" + (f"?{urlencode(query)}" if query else "")

    def _authorize(self, request: Request) -> Request:
        """Add the token, for this one server."""
        if _origin(request.full_url) == _origin(self._url):
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        return request

    def _request(
        self, method: str, url: str, data: bytes | None = None, most: int = _LARGEST_ANSWER
    ) -> tuple[bytes, HTTPMessage]:
        tried = 0
        while True:
            tried += 1
            try:
                return self._try(method, url, data, most)
            except ApiError as error:
                if method == "POST" and error.may_be_done:
                    raise
                self.pause(error, tried)

    def _try(
        self, method: str, url: str, data: bytes | None, most: int
    ) -> tuple[bytes, HTTPMessage]:
        headers = {
            "Accept": "application/vnd.github+json",
            "User-Agent": f"loadgate/{loadgate.__version__}",
            "X-GitHub-Api-Version": "2022-11-28",
        } | ({"Content-Type": "application/json"} if data else {})
        request = Request(url, data, headers, method=method)  # noqa: S310 - http or https, see above
        try:
            with self._opener.open(self._authorize(request), timeout=_TIMEOUT) as response:
                return _read(response, most), response.headers
        except HTTPError as error:
            with error:
                raise _refusal(error) from None
        except (OSError, HTTPException, ValueError) as error:
            # Others may show an address, which lets anybody get a file.
            reason = getattr(error, "reason", error) if isinstance(error, OSError) else ""
            told = f"{reason}" or type(error).__name__
            raise ApiError(f"GitHub's API does not answer: {told}", wait=1) from None


class _Redirects(HTTPRedirectHandler):
    """Follows where GitHub keeps files, and hands the token on to no other server.

    Only a GET is followed: urllib would make one of any other request.
    """

    def __init__(self, authorize: Callable[[Request], Request]) -> None:
        self._authorize = authorize

    def redirect_request(  # noqa: PLR0913, PLR0917 - as urllib has it
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> Request | None:
        """Return the next request; None: this answer is the last."""
        schemes = {"https"} if req.type == "https" else {"https", "http"}
        if req.get_method() != "GET" or urlsplit(newurl).scheme not in schemes:
            return None
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        return following and self._authorize(following)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower().removesuffix(":443")


def _read(response: Any, most: int) -> bytes:  # noqa: ANN401 - HTTPResponse, by the types any
    """Return an answer; a server must not keep the job waiting byte by byte."""
    end = monotonic() + _LONGEST
    data = bytearray()
    while part := response.read1(1 << 16):
        data += part
        if len(data) > most:
            raise ApiError(f"the answer of GitHub's API is larger than {most >> 20} MiB")
        if monotonic() > end:
            raise ApiError(f"the answer of GitHub's API takes more than {_LONGEST} s")
    if response.length:
        raise ApiError("the answer of GitHub's API was cut off", wait=1)
    return bytes(data)


def _json(data: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise ApiError("the answer of GitHub's API is no JSON") from None


def _refusal(error: HTTPError) -> ApiError:
    """Return what is wrong by an answer, and when to try again."""
    told = ""
    with suppress(OSError, HTTPException, ApiError, AttributeError):
        told = str(_json(error.read(1 << 16)).get("message") or "")
    problem = f"GitHub's API answered {error.code}: {told or error.reason}"
    after = error.headers.get("Retry-After", "")
    wait = float(after) if re.fullmatch("[0-9]{1,6}", after) else None
    none_left = error.headers.get("X-RateLimit-Remaining") == "0"
    limited = wait is not None or none_left or "rate limit" in told.lower()
    if error.code == 429 or (error.code == 403 and limited):
        reset = error.headers.get("X-RateLimit-Reset", "")
        if wait is None and none_left and re.fullmatch("[0-9]{1,12}", reset):
            wait = max(int(reset) - time(), 0)
        wait = _MINUTE if wait is None else wait
        problem += f" (too many requests; the limit ends in {wait:,.0f} s)"
    elif error.code >= 500:
        wait = 1 if wait is None else wait
    else:
        wait = None
    return ApiError(problem, error.code, wait)
