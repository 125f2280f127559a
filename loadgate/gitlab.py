"""The note of a GitLab merge request that shows its verdicts, written once and then updated.

    python -m loadgate.gitlab loadgate.md

It is for people: what keeps it from being written is a warning, and never changes how the job ends.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Never
from urllib.parse import quote

from loadgate.cli import console
from loadgate.cli import exit_codes as exits
from loadgate.published import Page
from loadgate.render.markdown import code, link
from loadgate.text import counted

_USAGE = """\
Usage: python -m loadgate.gitlab FILE...

  Show verdicts in a note of the merge request: FILEs that `--output markdown:FILE` wrote. The next
  pipeline of the job updates the note. A FILE that is not there is a run that was not judged.

  GITLAB_TOKEN must hold a token with the scope api. All else is known to the jobs of a merge
  request. The exit code is 0 whether the note is written or not.
"""
_TOKEN = "GITLAB_TOKEN"  # noqa: S105 - the name of the variable
_CHARACTERS = 1_000_000
"""Of a note; GitLab refuses a longer one."""
_PAGES = 100
"""Of 100 notes each; GitLab lets a merge request have 5,000."""
_SECONDS = 30.0
_PAGE: Page = "ci-others#merge-request-note"
_WHY = {
    401: f"{_TOKEN} is not valid, or has expired",
    403: f"{_TOKEN} may not do that; it needs the scope api and the role Reporter",
    404: f"there is no such merge request, or {_TOKEN} may not see it",
    429: "GitLab has had too many requests",
}


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Write the note and say so, or why not; return the exit code."""
    if not arguments or arguments[0].startswith("-"):
        console.tell(_USAGE)
        return 0 if arguments[:1] == ["--help"] else exits.ERROR
    request = environment.get("CI_MERGE_REQUEST_IID")
    if not request:
        console.tell("loadgate: no note: this is no pipeline of a merge request")
        return 0
    # What a merge request from a fork runs has the fork's project.
    project = environment.get("CI_MERGE_REQUEST_PROJECT_ID") or environment.get("CI_PROJECT_ID", "")
    api = environment.get("CI_API_V4_URL", "")
    token = "".join(environment.get(_TOKEN, "").split())  # an error of a header would tell it
    missing = [
        name
        for name, value in {_TOKEN: token, "CI_API_V4_URL": api, "CI_PROJECT_ID": project}.items()
        if not value
    ]
    if missing:
        console.warn(f"no note: {', '.join(missing)}: not set in this job", _PAGE)
        return 0
    place = f"projects/{quote(project, safe='')}/merge_requests/{quote(request, safe='')}/notes"
    try:
        notes = _Notes(api, token, place, environment.get("CI_SERVER_TLS_CA_FILE"))
        notes.write(*_note(arguments, environment))
    except urllib.error.HTTPError as error:
        why = _WHY.get(error.code, "GitLab cannot do that now")
        console.warn(f"no note: {why} ({error.code} {error.reason} from {error.url})", _PAGE)
    except (OSError, http.client.HTTPException) as error:
        console.warn(f"no note: {api}: {error}", _PAGE)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        console.warn(f"no note: {api}: does not answer as GitLab does: {error}", _PAGE)
    else:
        console.tell(f"loadgate: the note of merge request !{request} is up to date")
    return 0


def _note(files: Sequence[str], environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the line by which the note of this job is known again, and the note."""
    job = environment.get("CI_JOB_NAME", "")
    marker = f"<!-- loadgate {sha256(job.encode()).hexdigest()[:16]} -->"
    address = link(environment.get("CI_JOB_URL", ""))
    name = code(job) or "the job"
    end = f"From [{name}]({address})\n" if address else f"From {name}\n"
    texts = [_verdict(file) for file in files]
    room = _CHARACTERS - len(marker) - len(end) - 100
    while sum(map(len, texts)) > room:
        texts.pop()
    if left := len(files) - len(texts):
        end = f"{counted(left, 'more verdict')}: see the log.\n\n{end}"
    return marker, "\n".join([marker, *texts, end])


def _verdict(file: str) -> str:
    try:
        return Path(file).read_text("utf-8", errors="replace")
    except OSError:
        # The job removes an older verdict when it begins; nor must one stay in the note.
        return f"### ❌ NOT JUDGED: {code(file)}\n\nThe log of the job says why.\n"


class _Notes:
    """The notes of a merge request, by GitLab's API."""

    def __init__(self, api: str, token: str, place: str, authority: str | None) -> None:
        """Take a certificate authority that is trusted, too, as a runner may be told one."""
        if not api.startswith(("https://", "http://")):
            raise OSError("not a web address")
        self._api = api.rstrip("/")
        self._place = place
        self._token = token
        trusted = ssl.create_default_context()
        if authority:
            trusted.load_verify_locations(authority)
        secure = urllib.request.HTTPSHandler(context=trusted)
        self._opener = urllib.request.build_opener(_NoRedirect, secure)

    def write(self, marker: str, text: str) -> None:
        """Update the note that begins with the marker, or write the first one."""
        own = self._own(marker)
        if own is None:
            self._ask("POST", self._place, body=text)
        else:
            self._ask("PUT", f"{self._place}/{int(own['id'])}", body=text)

    def _own(self, marker: str) -> dict[str, Any] | None:
        user = self._user()  # anybody could write a note that begins like ours
        for note in self._all():
            if user in {None, note["author"]["id"]} and note["body"].startswith(marker):
                return note
        return None

    def _user(self) -> int | None:
        """Return the id of the token's own user; None: the token may not see it."""
        try:
            return int(self._ask("GET", "user")[0]["id"])
        except urllib.error.HTTPError as error:
            if error.code in {403, 404}:
                return None
            raise

    def _all(self) -> Iterator[dict[str, Any]]:
        page = "1"
        for _ in range(_PAGES):
            query = f"?per_page=100&order_by=created_at&sort=asc&page={quote(page)}"
            notes, headers = self._ask("GET", self._place + query)
            yield from notes
            page = headers.get("X-Next-Page", "")
            if not page:
                return

    def _ask(self, method: str, path: str, **fields: str) -> tuple[Any, http.client.HTTPMessage]:
        request = urllib.request.Request(  # noqa: S310 - its scheme is that of a web address
            f"{self._api}/{path}",
            method=method,
            data=json.dumps(fields).encode() if fields else None,
            headers={"PRIVATE-TOKEN": self._token, "Content-Type": "application/json"},
        )
        with self._opener.open(request, timeout=_SECONDS) as answer:
            return json.load(answer), answer.headers


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the token would go there, too."""

    def redirect_request(self, *_: object) -> None:
        return None


def _run() -> Never:
    try:
        code_ = main(sys.argv[1:], os.environ)
    except Exception as error:  # noqa: BLE001 - so that no bug can look like a failed gate
        code_ = console.report(error)
    sys.exit(code_)


if __name__ == "__main__":
    _run()
