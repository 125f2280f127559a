"""Provenance of a run: branch, commit and link of the CI job."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from urllib.parse import quote

from loadgate.errors import UsageError
from loadgate.model import Provenance

_WEB = ("https://", "http://")


def provenance(
    environment: Mapping[str, str],
    *,
    branch: str | None = None,
    commit: str | None = None,
    link: str | None = None,
) -> Provenance:
    """Return what was given; what was not is taken from the CI system.

    An empty text means none. Raises UsageError for a link that is no web address.
    """
    if link and not link.startswith(_WEB):
        raise UsageError(f"--link {link}: must begin with https:// or http://")
    known = _of_ci(environment)
    return Provenance(
        branch=known.branch if branch is None else branch,
        commit=known.commit if commit is None else commit,
        link=known.link if link is None else link,
        root=known.root,
    )


def _of_ci(environment: Mapping[str, str]) -> Provenance:
    """Read the variables that the CI systems document; without one of them nothing is known."""
    variable = defaultdict(str, environment)
    root = ""
    if variable["GITHUB_ACTIONS"] == "true":
        branch = variable["GITHUB_HEAD_REF"] or variable["GITHUB_REF_NAME"]
        commit = variable["GITHUB_SHA"]
        job = "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}"
        link = job.format_map(variable)
    elif variable["GITLAB_CI"] == "true":
        branch, commit = variable["CI_COMMIT_REF_NAME"], variable["CI_COMMIT_SHA"]
        link, root = variable["CI_JOB_URL"], variable["CI_PROJECT_DIR"]
    elif variable["JENKINS_URL"]:
        branch = variable["BRANCH_NAME"] or variable["GIT_BRANCH"].removeprefix("origin/")
        commit, link = variable["GIT_COMMIT"], variable["BUILD_URL"]
    elif variable["TF_BUILD"] == "True":
        branch = variable["SYSTEM_PULLREQUEST_SOURCEBRANCH"] or variable["BUILD_SOURCEBRANCH"]
        branch, commit = branch.removeprefix("refs/heads/"), variable["BUILD_SOURCEVERSION"]
        project = variable["SYSTEM_COLLECTIONURI"] + quote(variable["SYSTEM_TEAMPROJECT"])
        link = f"{project}/_build/results?buildId={variable['BUILD_BUILDID']}"
    else:
        return Provenance()
    link = link if link.startswith(_WEB) else ""
    return Provenance(branch=branch, commit=commit, link=link, root=root)
