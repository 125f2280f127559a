"""The step that comments on the pull request: one comment, changed by every later push.

Whatever becomes of it, it says so in a notice and ends well: a comment decides nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadgate.action.github_api import Api, ApiError
from loadgate.action.inputs import explain
from loadgate.errors import UsageError
from loadgate.published import Page, address, see
from loadgate.render.github import Annotation, commands
from loadgate.render.markdown import code, link

_PAGE: Page = "ci#comment-on-the-pull-request"
_BOT = "github-actions[bot]"
"""Who comments with the token that GitHub makes for a job."""
_READ_ONLY = "Resource not accessible"
_END = re.compile(r"<!-- loadgate:([0-9a-f]{16}) run:([0-9]{1,18}) -->\s*\Z")
"""How a comment of this step ends; people do not see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """Where to comment, and on what."""

    number: int
    commit: str
    """The commit that was tested, by its hash."""
    fork: bool
    """Its branch is in another repository, so that GitHub makes the token of its runs read-only."""


def main() -> None:
    """Write the comment; whatever goes wrong becomes a notice."""
    try:
        _comment(os.environ)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        told = f"GitHub told something unexpected ({reason})"
        _say(f"no comment on the pull request: {told}\n{see(address(_PAGE))}")
    except Exception as error:  # noqa: BLE001 - a comment decides nothing
        _, message = explain(error, page=_PAGE)
        _say(f"no comment on the pull request: {message}")


def _say(text: str) -> None:
    sys.stdout.write(commands([Annotation("notice", "loadgate", text)]))
    sys.stdout.flush()


def _comment(environment: Mapping[str, str]) -> None:
    variable = {name: environment.get(name, "") for name in _NEEDED}
    if missing := [name for name, text in variable.items() if not text]:
        raise UsageError(f"{', '.join(missing)}: not set; run this as a step of GitHub Actions")
    api = Api(environment)
    repository = variable["GITHUB_REPOSITORY"]
    event = json.loads(Path(variable["GITHUB_EVENT_PATH"]).read_text("utf-8"))
    pull = find_pull_request(event, repository, api)
    if pull is None:
        name = variable["GITHUB_EVENT_NAME"]
        problem = f"this run (event {name}) is of no pull request; use it with pull_request"
        _say(f"no comment: {problem}\n{see(address(_PAGE))}")
        return
    key, run = _key(environment), int(variable["GITHUB_RUN_ID"])
    text = Path(variable["LOADGATE_COMMENT_FILE"]).read_text("utf-8")
    body = f"{text.rstrip()}\n\n{_foot(environment, pull)}\n\n<!-- loadgate:{key} run:{run} -->\n"
    try:
        _Comments(api, f"repos/{repository}/issues", pull.number, key, environment).put(body, run)
    except ApiError as error:
        if error.status == 404 or (error.status == 403 and _READ_ONLY in str(error)):
            raise UsageError(f"{error}\n  {_of_fork() if pull.fork else _PERMIT}") from error
        raise


_NEEDED = (
    *("LOADGATE_COMMENT_FILE", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH"),
    *("GITHUB_REPOSITORY", "GITHUB_RUN_ID"),
)
_PERMIT = "Give the job `permissions: pull-requests: write`."


def _of_fork() -> str:
    return "The token of a run from a fork may not write. The verdict is in the job summary."


def find_pull_request(event: Mapping[str, Any], repository: str, api: Api) -> PullRequest | None:
    """Return the pull request that a run is of, by the event that started it; None: of none."""
    if (pull := event.get("pull_request")) is not None:
        head = pull["head"]
        name = (head.get("repo") or {}).get("full_name")  # none: the fork was deleted
        return PullRequest(number=pull["number"], commit=head["sha"], fork=name != repository)
    issue, run = event.get("issue") or {}, event.get("workflow_run") or {}
    if "pull_request" in issue:
        return PullRequest(number=issue["number"], commit="", fork=False)
    if not str(run.get("event", "")).startswith("pull_request"):
        return None
    pulls = run.get("pull_requests")
    if not pulls:  # which GitHub leaves empty for forks
        head = f"{run['head_repository']['owner']['login']}:{run['head_branch']}"
        found = api.get(f"repos/{repository}/pulls", head=head, state="open")
        pulls = [one for one in found if one["head"]["sha"] == run["head_sha"]]
    if not pulls:
        return None
    return PullRequest(number=pulls[0]["number"], commit=run["head_sha"], fork=False)


def _key(environment: Mapping[str, str]) -> str:
    """Return what tells the comments of a pull request apart: workflow, job, label and artifact."""
    run, commit = environment["GITHUB_RUN_ID"], environment.get("GITHUB_SHA") or "no commit"
    # A name with one of these, or the attempt behind it, would be another one each time.
    changing = re.compile(rf"({re.escape(run)}|{re.escape(commit)})(-\d+)?")
    names = (
        environment.get("GITHUB_WORKFLOW_REF", "").partition("@")[0],
        environment.get("GITHUB_JOB", ""),
        *(
            changing.sub("", environment.get(name, "").strip())
            for name in ("LOADGATE_LABEL", "LOADGATE_ARTIFACT_NAME")
        ),
    )
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:16]


def _foot(environment: Mapping[str, str], pull: PullRequest) -> str:
    """Return where the rest is."""
    run = "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}"
    address = link(run.format_map(environment)) if environment.get("GITHUB_SERVER_URL") else ""
    parts = [f"[Details]({address})" if address else "Details in the job summary"]
    if name := environment.get("LOADGATE_ARTIFACT_NAME", "").strip():
        target = link(environment.get("LOADGATE_ARTIFACT_URL", ""))
        parts.append(f"artifact [{code(name)}]({target})" if target else f"artifact {code(name)}")
    if re.fullmatch("[0-9a-f]{40,64}", pull.commit):
        parts.append(f"commit {code(pull.commit[:10])}")
    return " · ".join(parts)


class _Comments:
    """The comments of a pull request, of which one is ours."""

    def __init__(
        self, api: Api, issues: str, number: int, key: str, environment: Mapping[str, str]
    ) -> None:
        self._api = api
        self._issues = issues
        self._number = number
        self._key = key
        self._environment = environment

    def put(self, body: str, run: int) -> None:
        """Write the comment, or change the one that is there, unless that is of a newer run."""
        tried = 0
        while True:
            tried += 1
            own = self._own()
            if own is not None and own[1] > run:
                _say("the comment on the pull request is of a newer run, and stays as it is")
                return
            try:
                self._write(own and own[0], body)
            except ApiError as error:
                if own is not None and error.status == 404 and tried == 1:
                    continue  # it was deleted meanwhile
                if own is not None or not error.may_be_done:
                    raise
                self._api.pause(error, tried)  # then look whether it is there
            else:
                return

    def _write(self, comment: int | None, body: str) -> None:
        if comment is None:
            self._api.send("POST", f"{self._issues}/{self._number}/comments", {"body": body})
        else:
            self._api.send("PATCH", f"{self._issues}/comments/{comment}", {"body": body})

    def _own(self) -> tuple[int, int] | None:
        """Return the id of our comment, and the run that it is of; None: there is none yet."""
        for page in self._api.pages(f"{self._issues}/{self._number}/comments"):
            for comment in page:
                end = _END.search(comment.get("body") or "")
                if end and end[1] == self._key and self._is_ours(comment.get("user") or {}):
                    return comment["id"], int(end[2])
        return None

    def _is_ours(self, author: Mapping[str, Any]) -> bool:
        """Say whether who wrote a comment is who the token is of: others may quote ours."""
        login = author.get("login")
        if self._environment.get("LOADGATE_TOKEN") == self._environment.get("LOADGATE_JOB_TOKEN"):
            return login == _BOT
        try:
            return bool(login == self._api.get("user")["login"])
        except ApiError as error:
            if error.status not in {401, 403, 404}:
                raise
            return author.get("type") == "Bot"  # a GitHub App, which cannot ask who it is


if __name__ == "__main__":
    main()
