"""What CI systems say of the job, and what overrides it."""

from __future__ import annotations

import pytest

from loadgate.errors import UsageError
from loadgate.judging.provenance import provenance
from loadgate.model import Provenance

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_REF_NAME": "main",
    "GITHUB_SHA": "abc",
    "GITHUB_SERVER_URL": "https://github.example",
    "GITHUB_REPOSITORY": "team/shop",
    "GITHUB_RUN_ID": "7",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_COMMIT_REF_NAME": "main",
    "CI_COMMIT_SHA": "abc",
    "CI_JOB_URL": "https://gitlab.example/jobs/7",
    "CI_PROJECT_DIR": "/builds/team/shop",
}
JENKINS = {
    "JENKINS_URL": "https://ci.example/",
    "GIT_BRANCH": "origin/main",
    "GIT_COMMIT": "abc",
    "BUILD_URL": "https://ci.example/job/7/",
}

AZURE = {
    "TF_BUILD": "True",
    "BUILD_SOURCEBRANCH": "refs/heads/main",
    "BUILD_SOURCEVERSION": "abc",
    "SYSTEM_COLLECTIONURI": "https://azure.example/team/",
    "SYSTEM_TEAMPROJECT": "The Shop",
    "BUILD_BUILDID": "7",
}
AZURE_LINK = "https://azure.example/team/The%20Shop/_build/results?buildId=7"


@pytest.mark.parametrize(
    ("environment", "branch", "link"),
    [
        pytest.param(
            GITHUB, "main", "https://github.example/team/shop/actions/runs/7", id="github"
        ),
        pytest.param(
            GITHUB | {"GITHUB_HEAD_REF": "fix"},
            "fix",
            "https://github.example/team/shop/actions/runs/7",
            id="pull-request",
        ),
        pytest.param(GITLAB, "main", "https://gitlab.example/jobs/7", id="gitlab"),
        pytest.param(JENKINS, "main", "https://ci.example/job/7/", id="jenkins"),
        pytest.param(AZURE, "main", AZURE_LINK, id="azure"),
        pytest.param(
            AZURE | {"SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/fix/1"},
            "fix/1",
            AZURE_LINK,
            id="azure-pull-request",
        ),
        pytest.param(
            JENKINS | {"BRANCH_NAME": "fix"}, "fix", "https://ci.example/job/7/", id="multibranch"
        ),
    ],
)
def test_ci_systems_are_known(environment: dict[str, str], branch: str, link: str) -> None:
    """Branch, commit and link are taken from the variables that each system documents."""
    root = environment.get("CI_PROJECT_DIR", "")
    expected = Provenance(branch=branch, commit="abc", link=link, root=root)
    assert provenance(environment) == expected


def test_what_is_given_goes_first() -> None:
    """An option overrides the environment, also to say that there is none."""
    given = provenance(GITHUB, branch="b", commit="", link="http://x")
    assert given == Provenance(branch="b", commit="", link="http://x")


def test_elsewhere_nothing_is_known() -> None:
    """A laptop says nothing; a link that is no web address is refused, or dropped."""
    assert provenance({"GITHUB_SHA": "abc"}) == Provenance()
    assert provenance(GITLAB | {"CI_JOB_URL": "javascript:alert(1)"}).link == ""
    with pytest.raises(UsageError, match="--link ftp://x: must begin with"):
        provenance({}, link="ftp://x")
