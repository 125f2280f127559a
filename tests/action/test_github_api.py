"""Requests to GitHub's API, over HTTP: tried again, redirected, limited, broken."""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Iterator
from http.client import HTTPMessage
from urllib.request import Request

import pytest

from action.github_server import TOKEN, Answer, GitHub, serve
from loadgate.action import github_api
from loadgate.action.github_api import Api, ApiError

USER = "GET /user"


@pytest.fixture(name="github")
def _github() -> Iterator[GitHub]:
    with serve() as github:
        github.user = "octocat"
        yield github


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the list of what was waited, as nothing really waits."""
    waited: list[float] = []
    monkeypatch.setattr(github_api, "sleep", waited.append)
    return waited


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def _at(url: str, token: str = TOKEN) -> Api:
    return Api({"GITHUB_API_URL": url, "LOADGATE_TOKEN": token})


def _api(github: GitHub) -> Api:
    return _at(f"{github.url}/")


def _problem(api: Api) -> str:
    with pytest.raises(ApiError) as error:
        api.get("user")
    assert TOKEN not in str(error.value)
    return str(error.value)


def test_a_request_says_who_asks_and_what_for(github: GitHub) -> None:
    """As GitHub's documentation wants it."""
    assert _api(github).get("user") == {"login": "octocat"}
    headers = github.asked[0].headers
    assert headers["accept"] == "application/vnd.github+json"
    assert headers["x-github-api-version"] == "2022-11-28"
    assert headers["user-agent"].startswith("loadgate/")


@pytest.mark.parametrize(
    ("answers", "waited"),
    [
        pytest.param([Answer(status=500), Answer(status=502), Answer(status=503)], [1, 2, 4], id="broken"),
        pytest.param([Answer(status=503, headers={"Retry-After": "9"})], [9], id="maintenance"),
        pytest.param([Answer(status=429, headers={"Retry-After": "0"})], [0], id="too-many"),
        pytest.param([Answer(status=403, headers={"Retry-After": "3"})], [3], id="secondary-limit"),
        pytest.param([Answer(status=200, data=b"{", headers={"Content-Length": "9", "Connection": "close"})], [1], id="cut-off"),
    ],
)  # fmt: skip
def test_what_may_go_by_is_tried_again(
    answers: list[Answer], waited: list[float], github: GitHub, waits: list[float]
) -> None:
    """After as long as GitHub asks for, or a little longer each time."""
    github.instead[USER] = answers
    assert _api(github).get("user")["login"] == "octocat"
    assert waits == waited


def test_a_limit_that_ends_soon_is_waited_for(github: GitHub, waits: list[float]) -> None:
    """The end is told as a time."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 5)}
    github.instead[USER] = [Answer(status=403, headers=headers)]
    assert _api(github).get("user")["login"] == "octocat"
    assert 3 < waits[0] <= 5


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(status=403, message="no"), "GitHub's API answered 403: no"),
        (Answer(status=401, data=b"<html>"), "GitHub's API answered 401: Unauthorized"),
        (Answer(status=422, data=b"[]"), "GitHub's API answered 422: Unproc"),
        (Answer(status=429, headers={"Retry-After": "3600"}), "the limit ends in 3,600 s"),
        (Answer(status=403, message="You have exceeded a secondary rate limit"), "in 60 s"),
        (
            Answer(
                status=403,
                headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"},
            ),
            "too many requests",
        ),
        (Answer(status=200, data=b"<html>"), "is no JSON"),
        (Answer(status=200, data=b"[" * 99_999), "is no JSON"),
        (Answer(status=302, headers={"Location": "ftp://127.0.0.1/x"}), "answered 302"),
        (Answer(status=302, headers={"Location": "file:///etc/passwd"}), "answered 302"),
    ],
)
def test_what_will_not_go_by_is_told_at_once(
    answer: Answer, told: str, github: GitHub, waits: list[float]
) -> None:
    """Once, in GitHub's words, without a wait that would only keep the job."""
    github.instead[USER] = [answer]
    assert told in _problem(_api(github))
    assert (len(github.asked), waits) == (1, [])


def test_it_ends(github: GitHub, waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """After a few tries, and where all of them together take too long."""
    github.instead[USER] = [Answer(status=500)] * 9
    assert "answered 500" in _problem(_api(github))
    assert (len(github.asked), waits) == (4, [1, 2, 4])
    monkeypatch.setattr(github_api, "PATIENCE", 0.5)
    _problem(_api(github))
    assert len(github.asked) == 5


def test_a_server_that_does_not_answer(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """There is none; or it takes the request and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setattr(github_api, "_TIMEOUT", 0.05)
        assert _problem(_at(url)) == "GitHub's API does not answer: timed out"
    assert "does not answer: " in _problem(_at(url))
    assert waits == [1, 2, 4] * 2
    with pytest.raises(ApiError, match="no web address"):
        _at("file:///etc")


@pytest.mark.usefixtures("waits")
def test_no_error_shows_a_secret(github: GitHub) -> None:
    """Neither the token nor the address of a file, which is one for an hour."""
    with pytest.raises(ApiError) as error:
        _at(github.url, "secret\nX-Other: y")
    assert "secret" not in str(error.value)
    with pytest.raises(ApiError, match="input token: is empty"):
        _at(github.url, " ")
    bad = {"Location": "http://127.0.0.1:secret/x"}
    github.instead[USER] = [Answer(status=302, headers=bad)] * 4
    assert _problem(_api(github)) == "GitHub's API does not answer: InvalidURL"


def test_a_server_that_does_not_end(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer has its limits in size and time."""
    monkeypatch.setattr(github_api, "_LARGEST_ANSWER", 1 << 20)
    github.instead[USER] = [Answer(status=200, data=b" " * ((1 << 20) + 1))]
    with pytest.raises(ApiError, match="is larger than 1 MiB"):
        _api(github).download("user", 1 << 20)
    monkeypatch.setattr(github_api, "_LONGEST", -1)
    assert "takes more than" in _problem(_api(github))


def test_the_token_goes_to_the_api_alone(github: GitHub) -> None:
    """A redirect to another server is followed without it, one to the same with it."""
    github.archives[5] = b"zip"
    assert _api(github).download("repos/octo/shop/actions/artifacts/5/zip", 9) == b"zip"
    assert "authorization" not in github.asked[-1].headers
    moved = {"Location": f"{github.url}/user"}
    github.instead["GET /moved"] = [Answer(status=301, headers=moved)]
    assert _api(github).get("moved") == {"login": "octocat"}


def test_only_reading_is_redirected(github: GitHub) -> None:
    """What writes would turn into a GET, which does nothing, and would look as if it was done."""
    github.instead["POST /user"] = [Answer(status=302, headers={"Location": f"{github.url}/user"})]
    with pytest.raises(ApiError, match="answered 302"):
        _api(github).send("POST", "user", {})


def test_encryption_is_not_given_up() -> None:
    """A redirect from https to http is not followed."""
    redirects = github_api._Redirects(lambda request: request)  # noqa: SLF001 - needs a certificate
    request, none = Request("https://api.github.com/x"), HTTPMessage()

    def following(url: str) -> Request | None:
        return redirects.redirect_request(request, io.BytesIO(), 302, "Found", none, url)

    assert following("http://api.github.com/x") is None
    assert following("https://other.example/x") is not None


def test_a_list_is_read_to_its_end(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """But not at another server, and not for ever."""
    for number in range(5):
        github.comment(str(number))
    path = "repos/octo/shop/issues/7/comments"
    pages = [*_api(github).pages(path)]
    assert [one["body"] for page in pages for one in page] == list("01234")
    assert github.asked[0].query == {"per_page": "100"}
    for other in (github.storage, "http://127.0.0.1:port"):
        link = {"Link": f'<{other}/x>; rel="next"'}
        github.instead[f"GET {path}"] = [Answer(status=200, data=b"[]", headers=link)]
        with pytest.raises(ApiError, match="at another server"):
            [*_api(github).pages(path)]
    monkeypatch.setattr(github_api, "_MOST_PAGES", 2)
    with pytest.raises(ApiError, match="more than 2 pages"):
        [*_api(github).pages(path)]


def test_a_proxy_is_that_of_the_environment(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    """As the runner has it, with its exceptions."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert "does not answer" in _problem(_api(github))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert _api(github).get("user") == {"login": "octocat"}
    assert len(waits) == 3
