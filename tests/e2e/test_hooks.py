"""The hooks, by a real pre-commit, in a repository with a rules file for each service."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from docs.test_rules_lint_page import PRE_COMMIT

from e2e.releases import ROOT, call, tool

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("pre-commit")]

RULES = """\
version = 1

[[rules]]
id = "order-conflict"
endpoint = "POST /orders"
status = 409
why = "Of two orders for the last item the second gets 409."
at_most = "5%"

[[examples]]
endpoint = "POST /orders"
error = "Order lost: 409"
expect = "expected"

[[status_texts]]
text = "Order lost: {status}"
"""
LOCUSTFILE = """\
from checks import fail
from locust import HttpUser


class Shopper(HttpUser):
    def buy(self):
        with self.client.post("/orders", catch_response=True) as response:
            fail(response, "Order")
"""
CHECKS = 'def fail(response, what):\n    response.failure(f"{what} lost: {response.status_code}")\n'
SERVICES = ("services/a", "services/b", "-c d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository whose commits pre-commit checks."""

    folder: Path
    environment: dict[str, str]

    def git(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run git in it."""
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words]
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def commit(self, texts: Mapping[str, str]) -> tuple[int, str]:
        """Write files, try to commit them, and put everything back that was not committed."""
        for place, text in texts.items():
            (self.folder / place).write_text(text, "utf-8")
        assert self.git("add", "--all").returncode == 0
        done = self.git("commit", "--message", "x")
        self.git("reset", "--hard", "--quiet")
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Make a repository that uses the hooks of this checkout as the docs say."""
    pre_commit = tool("pre-commit")
    folder = tmp_path_factory.mktemp("hooks")
    ours = folder / "ours"
    ours.mkdir()
    for name in ("loadgate", "rules", "pyproject.toml", "README.md", "LICENSE"):
        source = ROOT / name
        copy: Callable[[Path, Path], object] = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, ours / name)
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", ours)
    kept = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    environment = {
        **kept,
        "PRE_COMMIT_HOME": str(folder / "environments"),
        "PRE_COMMIT_COLOR": "never",
    }
    hooks = Repository(folder=ours, environment=environment)
    hooks.git("init", "--quiet")
    assert hooks.commit({})[0] == 0
    rev = hooks.git("rev-parse", "HEAD").stdout.strip()

    team = Repository(folder=folder / "team", environment=environment)
    team.folder.mkdir()
    team.git("init", "--quiet")
    for service in SERVICES:
        (team.folder / service).mkdir(parents=True)
        for name, text in (
            ("loadgate.toml", RULES),
            ("locustfile.py", LOCUSTFILE),
            ("checks.py", CHECKS),
        ):
            (team.folder / service / name).write_text(text, "utf-8")
    config = PRE_COMMIT.replace("https://github.com/loadgate-ci/loadgate", str(ours))
    config = config.replace("v0.1.0", rev)
    assert {str(ours), rev} <= set(config.split())
    (team.folder / ".pre-commit-config.yaml").write_text(config, "utf-8")
    installed = subprocess.run(
        [pre_commit, "install"], cwd=team.folder, env=environment, capture_output=True, check=False
    )
    assert installed.returncode == 0, installed.stderr
    code, said = team.commit({})
    assert code == 0, said
    assert said.count("Passed") == 3
    return team


@pytest.mark.parametrize(
    ("changed", "text", "hook"),
    [
        ("loadgate.toml", RULES.replace("version = 1", "version = 9"), "lint"),
        ("loadgate.toml", RULES.replace("Of two", "TODO of two"), "lint"),
        ("loadgate.toml", RULES.replace('"expected"', '"failure"'), "test"),
        ("loadgate.toml", RULES.split("[[status_texts]]", maxsplit=1)[0], "teach"),
        ("locustfile.py", LOCUSTFILE.replace('"Order"', '"Cart"'), "teach"),
        ("checks.py", CHECKS.replace("lost", "gone"), "teach"),
    ],
)
@pytest.mark.parametrize("service", ["services/b", "-c d"])
def test_a_broken_file_turns_the_commit_red(
    repository: Repository, service: str, changed: str, text: str, hook: str
) -> None:
    """Of whatever service; the message names the file."""
    code, said = repository.commit({f"{service}/{changed}": text})
    assert code == 1, said
    assert f"hook id: loadgate-rules-{hook}" in said
    assert f"{service}/" in said


def test_what_a_commit_does_not_change_is_not_read(repository: Repository) -> None:
    """A service that was broken by force keeps nobody else from committing."""
    broken = repository.folder / "services/b/loadgate.toml"
    broken.write_text("version = 9\n", "utf-8")
    assert repository.git("commit", "--all", "--no-verify", "--message", "x").returncode == 0
    code, said = repository.commit({"services/a/loadgate.toml": f"# Reviewed.\n{RULES}"})
    assert code == 0, said
    assert said.count("Passed") == 3
    code, said = repository.commit({"README.md": "x\n", "services/a/app.py": "print 1\n"})
    assert code == 0, said
    assert said.count("Skipped") == 2
    code, said = repository.commit({"services/b/checks.py": f"{CHECKS}\n"})
    assert code == 1, said


def test_a_link_to_a_rules_file_is_checked(repository: Repository) -> None:
    """By default pre-commit leaves links out."""
    folder = repository.folder / "services/link"
    folder.mkdir(exist_ok=True)
    (folder / "loadgate.toml").symlink_to("../../broken.toml")
    code, said = repository.commit({"broken.toml": "version = 9\n"})
    assert code == 1, said
    assert "services/link/loadgate.toml" in said


def test_try_repo_does_the_same(repository: Repository) -> None:
    """As somebody tries the hooks before they write a configuration."""
    ours = repository.folder.parent / "ours"
    words = ("try-repo", str(ours), "loadgate-rules-lint", "--files", "services/a/loadgate.toml")
    done = subprocess.run(
        [tool("pre-commit"), *words],
        cwd=repository.folder,
        env=repository.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert call("git", "-C", str(ours), "status", "--porcelain").stdout == ""
