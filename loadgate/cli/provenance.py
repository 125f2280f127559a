"""Provenance of a run: branch, commit and link of the CI job."""

from __future__ import annotations

from collections.abc import Mapping

from loadgate.errors import UsageError
from loadgate.model import Provenance


def provenance(
    environment: Mapping[str, str],
    *,
    branch: str | None = None,
    commit: str | None = None,
    link: str | None = None,
) -> Provenance:
    """Return what was given; what was not is taken from GitHub Actions, GitLab CI or Jenkins.

    An empty text means none. Raises UsageError for a link that is no web address.
    """
    if link and not link.startswith(("https://", "http://")):
        raise UsageError(f"--link {link}: must begin with https:// or http://")
    known = _of_ci(environment)
    return Provenance(
        branch=known.branch if branch is None else branch,
        commit=known.commit if commit is None else commit,
        link=known.link if link is None else link,
    )


def _of_ci(environment: Mapping[str, str]) -> Provenance:
    """Read the variables that the CI systems document; without one of them nothing is known."""

    def value(name: str) -> str:
        return environment.get(name, "")

    if value("GITHUB_ACTIONS") == "true":
        job = f"{value('GITHUB_SERVER_URL')}/{value('GITHUB_REPOSITORY')}/actions/runs"
        return Provenance(
            branch=value("GITHUB_HEAD_REF") or value("GITHUB_REF_NAME"),
            commit=value("GITHUB_SHA"),
            link=_web(f"{job}/{value('GITHUB_RUN_ID')}"),
        )
    if value("GITLAB_CI") == "true":
        return Provenance(
            branch=value("CI_COMMIT_REF_NAME"),
            commit=value("CI_COMMIT_SHA"),
            link=_web(value("CI_JOB_URL")),
        )
    if value("JENKINS_URL"):
        return Provenance(
            branch=value("BRANCH_NAME") or value("GIT_BRANCH").removeprefix("origin/"),
            commit=value("GIT_COMMIT"),
            link=_web(value("BUILD_URL")),
        )
    return Provenance()


def _web(link: str) -> str:
    return link if link.startswith(("https://", "http://")) else ""
