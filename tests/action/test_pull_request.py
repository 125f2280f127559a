"""The comment on the pull request, by HTTP against a server that speaks GitHub's API."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gfm import page

from action.commands import parse_log
from action.github_server import BOT, TOKEN, Answer, GitHub, serve
from loadgate.action import github_api, pull_request
from loadgate.action.pull_request import main
from loadgate.published import address

Comment = Callable[..., str]
HEAD = "6b8c1f0e5d3a49727c61b0a94e8f2d5c3b7a1e09"
PULL = {
    "pull_request": {"number": 7, "head": {"sha": HEAD, "repo": {"full_name": "octo/shop"}}},
}
FORK = {"pull_request": {"number": 7, "head": {"sha": HEAD, "repo": {"full_name": "you/shop"}}}}
GONE = {"pull_request": {"number": 7, "head": {"sha": HEAD, "repo": None}}}
REFUSED = Answer(status=403, message="Resource not accessible by integration")
PASSED, FAILED = "### ✅ PASSED: `shop`\n\nAll well.\n\n", "### ❌ FAILED: `shop`\n\nNot well.\n\n"


@pytest.fixture(name="github")
def _github() -> Iterator[GitHub]:
    with serve() as github:
        yield github


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the list of what was waited, as nothing really waits."""
    waited: list[float] = []
    monkeypatch.setattr(github_api, "sleep", waited.append)
    return waited


@pytest.fixture
def comment(
    github: GitHub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Comment:
    """Return a function that comments as a job would, and returns its only notice, or nothing."""
    job = {
        "GITHUB_API_URL": github.url,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_JOB": "load-test",
        "GITHUB_REPOSITORY": "octo/shop",
        "GITHUB_RUN_ID": "30",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_SHA": HEAD,
        "GITHUB_WORKFLOW_REF": "octo/shop/.github/workflows/load-test.yml@refs/pull/7/merge",
        "LOADGATE_ARTIFACT_NAME": "",
        "LOADGATE_ARTIFACT_URL": "",
        "LOADGATE_COMMENT_FILE": str(tmp_path / "comment.body"),
        "LOADGATE_JOB_TOKEN": TOKEN,
        "LOADGATE_LABEL": "",
        "LOADGATE_TOKEN": TOKEN,
        "no_proxy": "*",
    }

    def run(text: str = PASSED, event: Any = PULL, **variables: str) -> str:
        for name, value in {**job, **variables}.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "comment.body").write_text(text, "utf-8")
        (tmp_path / "event.json").write_text(json.dumps(event), "utf-8")
        main()
        log = capsys.readouterr().out
        assert TOKEN not in log
        notices = parse_log(log)
        assert {(one.name, one.title) for one in notices} <= {("notice", "loadgate")}
        assert len(notices) <= 1
        return notices[0].text if notices else ""

    return run


def test_there_is_one_comment(comment: Comment, github: GitHub) -> None:
    """A later push changes it; its first line is the verdict, and its last one nobody sees."""
    assert comment(FAILED) == ""
    assert comment(PASSED, GITHUB_RUN_ID="31") == ""
    (only,) = github.comments
    assert only["body"].startswith(PASSED)
    assert (len(github.sent("POST")), len(github.sent("PATCH"))) == (1, 1)
    *_, foot, marker = page(only["body"].replace("<!--", "`<!--").replace("-->", "-->`")).paragraphs
    assert foot == "Details · commit 6b8c1f0e5d"
    assert marker.startswith("<!-- loadgate:")
    assert marker.endswith(" run:31 -->")


@pytest.mark.parametrize(
    ("variables", "foot", "links"),
    [
        (
            {"LOADGATE_ARTIFACT_NAME": " result ", "LOADGATE_ARTIFACT_URL": "https://github.com/x"},
            "Details · artifact result · commit 6b8c1f0e5d",
            ["https://github.com/octo/shop/actions/runs/30", "https://github.com/x"],
        ),
        (
            {"LOADGATE_ARTIFACT_NAME": "@octocat `x`", "LOADGATE_ARTIFACT_URL": "javascript:x"},
            "Details · artifact @octocat `x` · commit 6b8c1f0e5d",
            ["https://github.com/octo/shop/actions/runs/30"],
        ),
        ({"GITHUB_SERVER_URL": ""}, "Details in the job summary · commit 6b8c1f0e5d", []),
    ],
)
def test_it_says_where_the_rest_is(
    variables: dict[str, str], foot: str, links: list[str], comment: Comment, github: GitHub
) -> None:
    """In the run and in its artifact; names are only shown."""
    comment(**variables)
    found = page(github.comments[0]["body"].rpartition("\n<!--")[0])
    assert (found.paragraphs[-1], found.links) == (foot, links)


def test_each_job_has_its_own(comment: Comment, github: GitHub) -> None:
    """So have labels, artifacts and workflows; an artifact named by its run is the same one."""
    others = [
        {},
        {"GITHUB_JOB": "other"},
        {"LOADGATE_LABEL": "checkout"},
        {"LOADGATE_ARTIFACT_NAME": "result"},
        {"GITHUB_WORKFLOW_REF": "octo/shop/.github/workflows/other.yml@refs/pull/7/merge"},
        {"LOADGATE_ARTIFACT_NAME": "result-30-1", "LOADGATE_LABEL": f"shop {HEAD}"},
    ]
    for variables in others:
        comment(**variables)
    assert len(github.comments) == len(others)
    for variables in others[:-1]:
        comment(**variables)
    again = {"LOADGATE_ARTIFACT_NAME": "result-31-2", "LOADGATE_LABEL": f"shop {HEAD[::-1]}"}
    again |= {"GITHUB_RUN_ID": "31", "GITHUB_SHA": HEAD[::-1]}
    comment(**again, GITHUB_WORKFLOW_REF="octo/shop/.github/workflows/load-test.yml@refs/heads/x")
    assert len(github.comments) == len(others)


@pytest.mark.parametrize(
    ("user", "author", "kind", "job_token", "own"),
    [
        pytest.param(BOT, BOT, "Bot", TOKEN, True, id="ours"),
        pytest.param(BOT, "octocat", "User", TOKEN, False, id="somebody-who-quotes-ours"),
        pytest.param(BOT, "other[bot]", "Bot", TOKEN, False, id="another-bot"),
        pytest.param("mona", "mona", "User", "job", True, id="the-user-of-another-token"),
        pytest.param("mona", "octocat", "User", "job", False, id="another-user"),
        pytest.param("app[bot]", "app[bot]", "Bot", "job", True, id="an-app"),
        pytest.param("app[bot]", "octocat", "User", "job", False, id="a-user-and-an-app"),
    ],
)
def test_no_comment_of_others_is_changed(
    user: str, author: str, kind: str, job_token: str, own: bool, comment: Comment, github: GitHub
) -> None:
    """Even if it ends as ours does, and although the token may change it."""
    github.user = user
    comment(LOADGATE_JOB_TOKEN=job_token)
    body = github.comments.pop()["body"]
    github.comment(body, author, kind)
    comment(FAILED, LOADGATE_JOB_TOKEN=job_token)
    assert len(github.comments) == (1 if own else 2)
    assert (github.comments[0]["body"] == body) is not own


def test_a_comment_that_only_quotes_ours_is_another(comment: Comment, github: GitHub) -> None:
    """The same bot comments for other actions, and a comment may have no text or author."""
    comment()
    body = github.comments.pop()["body"]
    github.comment(f"{body}\nand more")
    github.comment(body)["user"] = None
    github.comment("")["body"] = None
    comment()
    assert len(github.comments) == 4


def test_it_is_found_on_any_page(comment: Comment, github: GitHub) -> None:
    """A list has pages."""
    for number in range(5):
        github.comment(f"comment {number}", "octocat", "User")
    comment(FAILED)
    for number in range(5):
        github.comment(f"comment {number}", "octocat", "User")
    comment(PASSED)
    assert [one["body"][:5] for one in github.comments].count("### ✅") == 1
    assert len(github.comments) == 11


@pytest.mark.parametrize(
    ("event", "answer", "told"),
    [
        pytest.param(FORK, REFUSED, "a run from a fork may not write", id="fork"),
        pytest.param(GONE, REFUSED, "a run from a fork may not write", id="fork-deleted"),
        pytest.param(PULL, REFUSED, "`permissions: pull-requests: write`", id="no-permission"),
        pytest.param(
            PULL, Answer(status=404, message="Not Found"), "pull-requests: write", id="private"
        ),
        pytest.param(
            PULL,
            Answer(status=403, message="Unable to create comment because issue is locked"),
            "because issue is locked",
            id="locked",
        ),
        pytest.param(
            PULL, Answer(status=429, headers={"Retry-After": "900"}), "900 s", id="too-many"
        ),
        pytest.param(PULL, Answer(status=422, message="Validation Failed"), "422", id="refused"),
        pytest.param(PULL, Answer(status=401, message="Bad credentials"), "401", id="token"),
    ],
)
def test_a_refusal_is_a_notice(
    event: Any, answer: Answer, told: str, comment: Comment, github: GitHub, waits: list[float]
) -> None:
    """With what to do; it fails nothing."""
    github.instead["POST /comments"] = [answer]
    notice = comment(event=event)
    assert notice.startswith("no comment on the pull request: ")
    assert told in notice
    assert notice.count("See http") == 1
    assert notice.endswith(f"See {address('ci#comment-on-the-pull-request')}")
    assert (github.comments, waits) == ([], [])


def test_a_fork_that_may_write_writes(comment: Comment, github: GitHub) -> None:
    """Some private repositories let forks."""
    assert comment(event=FORK) == ""
    assert len(github.comments) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_comment_that_was_made_is_not_made_again(
    status: int, comment: Comment, github: GitHub, waits: list[float]
) -> None:
    """GitHub may do what was asked and fail to say so."""
    github.instead["POST /comments"] = [Answer(status=status), Answer(status=status, done=True)]
    assert comment() == ""
    assert (len(github.comments), waits) == (1, [1, 2])


def test_it_ends_where_github_is_down(
    comment: Comment, github: GitHub, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a few tries, and the notice says why."""
    github.instead["POST /comments"] = [Answer(status=503, message="down")] * 9
    assert "answered 503: down" in comment()
    assert waits == [1, 2, 4]
    github.instead["GET /comments"] = [Answer(status=503, message="down")] * 9
    assert "answered 503: down" in comment()
    github.instead = {}
    comment()
    github.instead["GET /user"] = [Answer(status=503, message="down")] * 9
    assert "answered 503: down" in comment(LOADGATE_JOB_TOKEN=BOT)
    monkeypatch.setattr(github_api, "_TIMEOUT", 0.05)
    assert "does not answer" in comment(GITHUB_API_URL="http://127.0.0.1:9")


def test_a_limit_is_waited_for(comment: Comment, github: GitHub, waits: list[float]) -> None:
    """Before it writes, as before it reads."""
    limited = Answer(status=403, headers={"Retry-After": "2"}, message="secondary rate limit")
    github.instead = {"GET /comments": [limited], "POST /comments": [limited]}
    assert comment() == ""
    assert (len(github.comments), waits) == (1, [2, 2])


def test_a_comment_that_was_deleted_is_made_anew(comment: Comment, github: GitHub) -> None:
    """Even in the moment before it would be changed; but what stays away is told."""
    comment()
    gone = Answer(status=404, message="Not Found")
    github.instead["PATCH /comments/100"] = [gone]
    assert comment(FAILED) == ""
    assert github.comments[0]["body"].startswith(FAILED)
    github.instead["PATCH /comments/100"] = [gone, gone]
    assert "answered 404" in comment()


def test_an_older_run_leaves_it(comment: Comment, github: GitHub) -> None:
    """The run of an earlier push may end last."""
    comment(FAILED, GITHUB_RUN_ID="31")
    assert "of a newer run" in comment(PASSED)
    assert github.comments[0]["body"].startswith(FAILED)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"ref": "refs/heads/main"}, id="push"),
        pytest.param({"issue": {"number": 7}}, id="issue"),
        pytest.param({"workflow_run": {"event": "push", "pull_requests": []}}, id="run-of-a-push"),
    ],
)
def test_without_a_pull_request_there_is_none(event: Any, comment: Comment, github: GitHub) -> None:
    """Nothing is asked, and the notice names the event."""
    notice = comment(event=event, GITHUB_EVENT_NAME="nightly")
    assert "(event nightly)" in notice
    assert notice.endswith(f"See {address('ci#comment-on-the-pull-request')}")
    assert github.asked == []


def _workflow_run(*pulls: int) -> dict[str, Any]:
    run = {
        "event": "pull_request",
        "pull_requests": [{"number": number} for number in pulls],
        "head_branch": "feature",
        "head_sha": HEAD,
        "head_repository": {"owner": {"login": "you"}},
    }
    return {"workflow_run": run}


@pytest.mark.parametrize(
    ("event", "commit"),
    [
        pytest.param({"issue": {"number": 7, "pull_request": {}}}, False, id="issue_comment"),
        pytest.param(_workflow_run(7), True, id="workflow_run"),
        pytest.param(_workflow_run(), True, id="workflow_run-of-a-fork"),
        pytest.param(FORK, True, id="pull_request_target"),
    ],
)
def test_other_events_of_a_pull_request(
    event: Any, commit: bool, comment: Comment, github: GitHub
) -> None:
    """That of a fork is found by its branch and commit."""
    github.pulls = [
        {"number": 6, "head": {"sha": "0" * 40}},
        {"number": 7, "head": {"sha": HEAD}},
    ]
    assert comment(event=event) == ""
    assert ("commit `6b8c1f0e5d`" in github.comments[0]["body"]) is commit
    for asked in github.asked:
        if asked.path.endswith("/pulls"):
            assert asked.query == {"head": "you:feature", "state": "open"}


def test_a_fork_without_a_pull_request(comment: Comment, github: GitHub) -> None:
    """It may have been closed meanwhile."""
    assert "is of no pull request" in comment(event=_workflow_run())
    assert github.comments == []


@pytest.mark.parametrize(
    ("variables", "event", "told"),
    [
        ({"GITHUB_EVENT_PATH": ""}, PULL, "GITHUB_EVENT_PATH: not set"),
        ({"GITHUB_EVENT_PATH": "gone.json"}, PULL, "gone.json: No such file"),
        (
            {"GITHUB_RUN_ID": "", "LOADGATE_COMMENT_FILE": ""},
            PULL,
            "LOADGATE_COMMENT_FILE, GITHUB_RUN_ID",
        ),
        ({"LOADGATE_TOKEN": ""}, PULL, "input token: is empty"),
        ({}, [], "something unexpected (AttributeError"),
        ({}, {"pull_request": {}}, "something unexpected (KeyError: 'head')"),
        ({"GITHUB_RUN_ID": "x"}, PULL, "something unexpected (ValueError"),
    ],
)
def test_whatever_goes_wrong_is_a_notice(
    variables: dict[str, str], event: Any, told: str, comment: Comment
) -> None:
    """As a comment decides nothing."""
    assert told in comment(event=event, **variables)


def test_an_answer_of_another_kind_is_a_notice(comment: Comment, github: GitHub) -> None:
    """As a proxy may give."""
    github.instead["GET /comments"] = [Answer(status=200, data=b'["x"]')]
    assert "something unexpected" in comment()


def test_it_is_a_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the action starts it."""
    monkeypatch.delenv("LOADGATE_COMMENT_FILE", raising=False)
    runpy.run_path(pull_request.__file__, run_name="__main__")
    assert "not set" in capsys.readouterr().out
