"""The note of a GitLab merge request, against a server that speaks GitLab's API."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gfm import Page, page
from gitlab_server import BOT, NOTES, PERSON, TOKEN, GitLab, certificate, gitlab
from render.cases import CASES

from loadgate.gitlab import main
from loadgate.published import address, see
from loadgate.render import render

Said = pytest.CaptureFixture[str]


@pytest.fixture
def server() -> Iterator[GitLab]:
    """Yield GitLab with an empty merge request."""
    with gitlab() as state:
        yield state


@pytest.fixture(autouse=True)
def _in_a_folder_with_a_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have verdicts as `check --output markdown:FILE` writes them."""
    monkeypatch.chdir(tmp_path)
    for name in ("passed", "budget-exceeded", "hostile"):
        Path(f"{name}.md").write_text(render(CASES[name], "markdown"), "utf-8")


def written(server: GitLab, *files: str, **env: str) -> int:
    """Write the note of a job; return the exit code."""
    return main(files or ("passed.md",), server.environment | env)


def bodies(server: GitLab, author: int = BOT) -> list[str]:
    """Return the notes of the token's own user, or of somebody."""
    return [note["body"] for note in server.notes if note["author"]["id"] == author]


def shown(body: str) -> Page:
    """Return what a note shows: GitLab hides comments."""
    return page(re.sub(r"^<!-- [\w ,.]+ -->\n", "", body, flags=re.MULTILINE))


def test_there_is_one_note_which_is_updated(server: GitLab, capsys: Said) -> None:
    """However often the pipeline runs; it has the verdict and a link to the job."""
    server.write("Looks good to me")
    assert written(server) == 0
    assert written(server, "budget-exceeded.md", CI_JOB_URL="https://gitlab.example/jobs/10") == 0
    (body,) = bodies(server)
    assert "### ❌ FAILED: `run`" in body
    assert "PASSED" not in body
    assert body.endswith("From [`load-test`](https://gitlab.example/jobs/10)\n")
    assert bodies(server, PERSON) == ["Looks good to me"]
    assert [asked.partition("?")[0] for asked in server.asked] == [
        "GET /api/v4/user", f"GET {NOTES}", f"POST {NOTES}",
        "GET /api/v4/user", f"GET {NOTES}", f"PUT {NOTES}/101",
    ]  # fmt: skip
    assert capsys.readouterr().err.count("the note of merge request !12 is up to date") == 2


def test_each_job_has_a_note_of_its_own(server: GitLab) -> None:
    """As jobs of a matrix have names of their own, whatever is in them."""
    for job in ("load: [eu]", "load: [us]", "load --> 1", "", "load: [eu]"):
        assert written(server, CI_JOB_NAME=job) == 0
    assert len(bodies(server)) == 4
    assert [shown(body).paragraphs[-1] for body in bodies(server)] == [
        "From load: [eu]", "From load: [us]", "From load --> 1", "From the job",
    ]  # fmt: skip


def test_its_note_is_found_on_any_page(server: GitLab) -> None:
    """GitLab gives 100 notes at a time."""
    for number in range(230):
        server.write(f"note {number}")
    written(server)
    for number in range(30):
        server.write(f"more {number}")
    written(server, "budget-exceeded.md")
    assert ["FAILED" in body for body in bodies(server)] == [True]
    assert server.asked[-2].endswith("page=3")


def test_pages_that_never_end_are_left(server: GitLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that always names a next page does not keep the job."""
    monkeypatch.setattr("loadgate.gitlab._PAGES", 2)
    for number in range(230):
        server.write(f"note {number}")
    assert written(server) == 0
    assert [asked.rpartition("=")[2] for asked in server.asked[1:3]] == ["1", "2"]
    assert len(bodies(server)) == 1


def test_a_note_of_somebody_else_is_left_alone(server: GitLab) -> None:
    """Who copies the note, or begins one like it, does not get the next verdict."""
    written(server)
    copied = bodies(server)[0]
    server.notes.clear()
    server.write(copied)
    server.write(f"> {copied}", BOT)
    written(server, "budget-exceeded.md")
    assert bodies(server, PERSON) == [copied]
    assert len(bodies(server)) == 2


@pytest.mark.parametrize("status", [403, 404])
def test_a_token_that_does_not_know_its_user(server: GitLab, status: int) -> None:
    """The note is found by how it begins."""
    server.fails["GET /api/v4/user"] = status
    written(server)
    written(server, "budget-exceeded.md")
    assert ["FAILED" in body for body in bodies(server)] == [True]


def test_an_authority_of_ones_own(tmp_path: Path, capsys: Said) -> None:
    """Of a GitLab that no public one has certified, a runner names it in a variable."""
    file = certificate(tmp_path)
    with gitlab(file) as server:
        assert written(server) == 0
        assert written(server, CI_SERVER_TLS_CA_FILE="no-such.pem") == 0
        assert bodies(server) == []
        assert written(server, CI_SERVER_TLS_CA_FILE=file) == 0
        assert len(bodies(server)) == 1
    first, link, second, _ = capsys.readouterr().err.splitlines()
    assert "CERTIFICATE_VERIFY_FAILED" in first
    assert link == see(address("ci-others#merge-request-note"))
    assert "No such file" in second


def test_a_run_that_was_not_judged_leaves_no_older_verdict(server: GitLab) -> None:
    """The file is missing, as the job removed that of an earlier run."""
    written(server)
    assert written(server, "no*such.md") == 0
    (body,) = bodies(server)
    assert shown(body).headings == [(3, "❌ NOT JUDGED: no*such.md")]


def test_several_verdicts_are_one_note(server: GitLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as there is room for; what is left out is counted."""
    written(server, "passed.md", "budget-exceeded.md")
    (body,) = bodies(server)
    assert [level for level, title in shown(body).headings if "run" in title] == [3, 3]
    many = ["hostile.md"] * 300
    size = len(Path("hostile.md").read_text("utf-8"))
    written(server, *many)
    (body,) = bodies(server)
    count = body.count("### ❌ FAILED")
    assert 1_000_000 - size - 500 < len(body) <= 1_000_000
    assert f"{300 - count} more verdicts: see the log." in shown(body).paragraphs
    monkeypatch.setattr("loadgate.gitlab._CHARACTERS", 300)
    written(server)
    assert shown(bodies(server)[0]).paragraphs[0] == "1 more verdict: see the log."


def test_texts_of_a_run_mean_nothing_to_gitlab(server: GitLab) -> None:
    """They mention nobody, refer to nothing, and are no commands."""
    written(server, "hostile.md", CI_JOB_NAME="/close @all ~bug !1")
    (body,) = bodies(server)
    found = shown(body)
    assert found.links == ["https://gitlab.example/shop/-/jobs/9"]
    assert found.images == []
    assert found.paragraphs[-1] == "From /close @all ~bug !1"
    assert "hunter2" not in body


def test_a_merge_request_from_a_fork(server: GitLab) -> None:
    """It is of the project that it is to be merged into; the job runs in the fork's."""
    written(server, CI_PROJECT_ID="13", CI_MERGE_REQUEST_PROJECT_ID="42")
    assert len(bodies(server)) == 1


@pytest.mark.parametrize(
    ("request_", "status", "said"),
    [
        ("GET /api/v4/user", 401, "GITLAB_TOKEN is not valid, or has expired (401"),
        ("POST", 403, "it needs the scope api and the role Reporter (403"),
        ("GET /api/v4/projects", 404, "there is no such merge request"),
        ("PUT", 429, "GitLab has had too many requests (429"),
        ("GET", 500, "GitLab cannot do that now (500"),
        ("POST", 502, "GitLab cannot do that now (502"),
        ("PUT", 503, "GitLab cannot do that now (503"),
    ],
)
def test_what_keeps_a_note_from_being_written_is_a_warning(
    server: GitLab, capsys: Said, request_: str, status: int, said: str
) -> None:
    """The job ends as the verdict says."""
    if request_ == "PUT":
        written(server)
    server.fails[request_] = status
    assert written(server) == 0
    told = capsys.readouterr().err
    assert said in told
    assert "loadgate: no note: " in told
    assert TOKEN not in told
    assert told.count("\n") == 1 + (request_ == "PUT")


@pytest.mark.parametrize(
    "said",
    [
        b"<html>Sign in</html>", b"", b"\xff", {}, [], [1], "text", None, [{"author": None}],
        [{"author": {"id": BOT}, "body": None}],
    ],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("asked", ["GET /api/v4/user", f"GET {NOTES}"])
def test_what_is_no_answer_of_gitlab(
    server: GitLab, capsys: Said, asked: str, said: object
) -> None:
    """A proxy, a sign-in page: a warning, or a new note where it could be an empty list."""
    server.says[asked] = said
    assert written(server) == 0
    told = capsys.readouterr().err
    empty = asked.endswith("notes") and said in ([], {})
    assert ("does not answer as GitLab does" in told) is not empty
    assert len(bodies(server)) == empty


def test_the_token_follows_no_redirect(server: GitLab, capsys: Said) -> None:
    """It would go to another server."""
    with gitlab() as other:
        server.fails["GET"], server.elsewhere = 302, f"{other.url}/api/v4/user"
        assert written(server) == 0
        assert other.asked == []
    assert "(302 Found from" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("api", "said"),
    [
        ("http://127.0.0.1:1/api/v4", "refused"),
        ("file:///etc", "not a web address"),
        ("http://[", "no note"),
    ],
)
def test_gitlab_cannot_be_reached(server: GitLab, capsys: Said, api: str, said: str) -> None:
    """No server, or no address of one."""
    assert written(server, CI_API_V4_URL=api) == 0
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"CI_MERGE_REQUEST_IID": ""}, "this is no pipeline of a merge request"),
        ({"GITLAB_TOKEN": " "}, "GITLAB_TOKEN: not set in this job"),
        ({"CI_API_V4_URL": "", "CI_PROJECT_ID": ""}, "CI_API_V4_URL, CI_PROJECT_ID: not set"),
    ],
)
def test_a_job_without_what_is_needed(
    server: GitLab, capsys: Said, env: dict[str, str], said: str
) -> None:
    """A pipeline of a branch, a fork that has no token: said, and nothing is asked."""
    assert written(server, **env) == 0
    assert said in capsys.readouterr().err
    assert server.asked == []


def test_a_token_with_a_line_break(server: GitLab) -> None:
    """As it is pasted; an error about a header would show the token."""
    written(server, GITLAB_TOKEN="glpat-\nhunter2\n")  # noqa: S106 - as above
    assert len(bodies(server)) == 1


@pytest.mark.parametrize(("words", "code"), [([], 2), (["--help"], 0), (["--token=x"], 2)])
def test_usage(server: GitLab, capsys: Said, words: list[str], code: int) -> None:
    """It says which files and which variable are needed."""
    assert main(words, server.environment) == code
    assert "GITLAB_TOKEN" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "code"), [(["passed.md"], 0), ([], 2)])
def test_the_command(server: GitLab, words: list[str], code: int) -> None:
    """As a job runs it."""
    env = {name: text for name, text in os.environ.items() if not name.startswith("CI_")}
    done = subprocess.run(
        [sys.executable, "-m", "loadgate.gitlab", *words],
        env=env | server.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert len(bodies(server)) == (code == 0)


def test_a_bug_is_no_failed_gate(server: GitLab) -> None:
    """Whatever happens, the exit code is not 1."""
    done = subprocess.run(
        [
            sys.executable, "-c",
            "import loadgate.gitlab as it; it.main = None; it._run()",
        ],
        env=os.environ | server.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 70
    assert "this is a bug in loadgate" in done.stderr
