"""Every fenced block of every page: run, loaded or validated, or listed here with the reason."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from docs.console import PAGES, ROOT, Block, agrees, blocks, commands, play, saved
from docs.scenes import SCENES, kept_port, recorded_run

from loadgate.rules import load_policy

UNRELEASED = "loadgate is not on PyPI before its first release; what is installed here is run"
NOT_RUN = {
    ("README.md", "pip install loadgate"): UNRELEASED,
    ("README.md", "pip install loadgate locust"): UNRELEASED,
    (
        "README.md",
        "loadgate locust -f locustfile.py --headless --users 40 --run-time 5m --host https://staging.example.com",
    ): "takes minutes; the tutorial runs Locust",
    ("index.md", "pip install loadgate"): UNRELEASED,
    ("index.md", "uv tool install loadgate"): UNRELEASED,
    ("index.md", "pipx install loadgate"): UNRELEASED,
    ("api.md", "pip install 'loadgate[pytest]'"): UNRELEASED,
    ("CONTRIBUTING.md", "make setup"): "the first step of every other target",
    ("CONTRIBUTING.md", "make test"): "this very test",
    ("CONTRIBUTING.md", "make contracts"): "a step of .ci/run",
    ("CONTRIBUTING.md", "make prove"): "a step of .ci/run",
    (
        "CONTRIBUTING.md",
        "make gates",
    ): "takes a quarter of an hour; tests/docs/test_who_is_fooled_page.py holds its page",
    ("CONTRIBUTING.md", "make docs"): "tests/docs/test_site.py runs the command of that target",
    ("CONTRIBUTING.md", ".ci/run"): "runs this very test",
    ("fleets.md", "pip install 'loadgate[fleet]'"): UNRELEASED,
    ("fleets.md", "dask scheduler"): "never ends; tests/runs/test_fleet.py starts a cluster",
    ("fleets.md", "dask worker tcp://host:8786 --nworkers 8"): "never ends; as above",
    (
        "fleets.md",
        "loadgate report s3://bucket/runs/ --scheduler tcp://host:8786",
    ): "there is no such bucket; tests/runs/test_fleet.py reads one on a cluster",
    (
        "supply-chain.md",
        "git clone https://github.com/loadgate-ci/loadgate && cd loadgate",
    ): UNRELEASED,
    ("supply-chain.md", "git checkout v0.1.0"): UNRELEASED,
    (
        "supply-chain.md",
        "python -m pip install --requirement .github/requirements/release.txt --require-hashes",
    ): UNRELEASED,
    ("supply-chain.md", "python .ci/build.py dist"): "tests/test_distribution.py runs it",
    (
        "supply-chain.md",
        "python -m pip download --no-deps loadgate==0.1.0",
    ): UNRELEASED,
    ("supply-chain.md", "sha256sum dist/*.whl *.whl"): UNRELEASED,
    (
        "supply-chain.md",
        "gh attestation verify loadgate-0.1.0-py3-none-any.whl --repo loadgate-ci/loadgate",
    ): UNRELEASED,
    (
        "supply-chain.md",
        "gh attestation verify loadgate-0.1.0.cdx.json --repo loadgate-ci/loadgate",
    ): UNRELEASED,
    (
        "supply-chain.md",
        "gh attestation verify oci://ghcr.io/loadgate-ci/loadgate:0.1.0 --repo loadgate-ci/loadgate",
    ): UNRELEASED,
    (
        "recorder.md",
        "loadgate locust -f locustfile.py --headless --users 40 --run-time 5m --host https://staging.example.com",
    ): "takes minutes; tests/recorder/test_verdict.py runs such a command",
    (
        "several-runs.md",
        "loadgate check --merge eu.loadgate.json.gz us.loadgate.json.gz --threshold 'p95 <= 800ms'",
    ): "tests/cli/test_merge.py runs such commands",
    ("tutorial.md", "python3 -m venv .venv"): UNRELEASED,
}
"""Commands, and blocks of sh, that nobody runs here: page and first line, and why."""

RUN_BY = {
    "ci.md": "tests/docs/test_ci_page.py::test_every_block_is_tested",
    "ci-others.md": "tests/docs/test_ci_others_page.py::test_every_block_is_tested",
    "rules-lint.md toml": "tests/docs/test_rules_lint_page.py::test_the_finding_is_there_before_and_gone_after",
    "rules-lint.md python": "tests/docs/test_rules_lint_page.py::test_the_finding_is_there_before_and_gone_after",
    "schemas.md json": "tests/test_schemas.py::test_the_entry_for_schemastore",
    "rules-lint.md yaml": "tests/docs/test_rules_lint_page.py::test_the_workflow_uploads_what_lint_finds",
    "teach.md py": "tests/docs/test_teach_page.py::test_the_block_of_a_section_has_its_finding",
    "CONTRIBUTING.md python": "tests/test_contributing.py::test_a_metric_takes_one_row",
    "README.md python": "tests/docs/test_readme.py::test_the_python_example_runs",
}
"""What a test of its own runs or loads: a page, or its blocks of a language, and the test."""

EXITS = {
    # A real run without rules of its own, which fails.
    ("README.md", "loadgate check run_stats.csv"): 1,
    ("index.md", "loadgate check run_stats.csv"): 1,
    ("api.md", "pytest --loadgate run_stats.csv --loadgate-rules strict.toml"): 1,
    ("keeping-rules.md", "loadgate rules test examples.toml"): 1,
}
"""Commands that end with another code than 0, where the page says so in words, not by `echo $?`."""

FRAGMENTS = {
    ("first-rules.md", "[[rules]]"): "a draft, to be appended to a rules file",
}
"""Blocks of TOML that are no whole rules file, and what they are."""

VARYING = {"tutorial.md": "a real Locust, whose numbers differ from run to run"}
"""Pages whose numbers are of another run than that of the test, and why."""

PRELUDE = """\
kill() {{ builtin kill "$@"; wait "$@" 2> /dev/null; true; }}
loadgate() {{
  if [ "$1" = locust ]; then
    until (: > /dev/tcp/127.0.0.1/{port}) 2> /dev/null; do sleep 0.1; done
    set -- "$@" --run-time 1h -f locustfile.py,{counted}
  fi
  COUNTED_REQUESTS=800 COUNTED_CONFLICTS=5 command loadgate "$@"
}}"""
"""What a reader does by being slow: a service has started, or ended, before the next command.

And Locust ends when it has done enough, not after seconds in which a slow machine does nothing.
"""

SHELL = {"console", "sh", "bash"}
EVERY = [block for page in PAGES for block in blocks(page)]


def _key(page: str, script: str) -> tuple[str, str]:
    """Return what the tables above know a command or a block by: its first line, less a comment."""
    return page, script.split("\n", 1)[0].split(" #", 1)[0].rstrip()


def _elsewhere(block: Block) -> str | None:
    return RUN_BY.get(block.page) or RUN_BY.get(f"{block.page} {block.language}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that the reader of a page does."""

    script: str
    shown: str = ""
    """What the page shows of its output; empty: nothing."""


def steps(page: Path) -> Iterator[Step]:
    """Yield what the reader of a page does, in order: files to save, commands to run."""
    for block in blocks(page):
        if _elsewhere(block):
            continue
        if block.language == "console":
            for command, shown in commands(block):
                if _key(block.page, command) in NOT_RUN:
                    continue
                if command.startswith("cat ") and shown and "|" not in command:
                    # The page shows a file; its reader has it.
                    yield Step(script=saved(command.removeprefix("cat "), shown))
                    continue
                yield Step(script=command, shown=shown)
        elif block.language in SHELL and _key(block.page, block.text) not in NOT_RUN:
            yield Step(script=block.text.rstrip("\n"))
        elif block.file and block.language in {"python", "toml", "json", "yaml"}:
            yield Step(script=saved(block.file, block.text))
        elif block.language == "python":
            name = f"block-{block.number}.py"
            yield Step(script=f"{saved(name, block.text)}\npython {name}")


WITH_COMMANDS = [page for page in PAGES if any(True for _ in steps(page))]


@pytest.mark.skipif(sys.platform == "win32", reason="the blocks are for a POSIX shell")
@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in WITH_COMMANDS])
def test_commands_do_what_is_shown(page: Path, tmp_path: Path) -> None:
    """One after another in one shell, each ends as the page says and prints what it shows."""
    done = list(steps(page))
    if any("loadgate locust" in step.script for step in done) and find_spec("locust") is None:
        pytest.skip("Locust is not installed")
    folder = tmp_path / "reader"
    folder.mkdir()
    SCENES.get(page.name, recorded_run)(folder)
    with kept_port() as port:
        counted = ROOT / "tests" / "counted.py"
        scripts = [PRELUDE.format(port=port, counted=counted), *(step.script for step in done)]
        _, *results = play([script.replace("8642", port) for script in scripts], folder)
    for number, (step, (code, printed)) in enumerate(zip(done, results, strict=True)):
        asked = number + 1 < len(done) and done[number + 1].script == "echo $?"
        if not asked:
            assert code == EXITS.get((page.name, step.script), 0), f"{step.script}\n{printed}"
        if step.shown:
            assert agrees(step.shown, printed, varying=page.name in VARYING), (
                f"{step.script}\n{printed}"
            )


def test_exceptions_are_of_blocks_that_are_there() -> None:
    """Each entry of the tables above is still needed."""
    firsts = {_key(block.page, block.text) for block in EVERY}
    for block in EVERY:
        if block.language == "console":
            firsts |= {_key(block.page, command) for command, _ in commands(block)}
    assert set(NOT_RUN) | set(EXITS) | set(FRAGMENTS) <= firsts
    places = {block.page for block in EVERY} | {f"{one.page} {one.language}" for one in EVERY}
    assert set(RUN_BY) | set(VARYING) <= places
    assert set(SCENES) <= {page.name for page in PAGES}
    for test in RUN_BY.values():
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text("utf-8")


def test_every_block_is_of_a_kind_that_is_looked_at() -> None:
    """A language that is new here needs a test first; none at all is a mistake."""
    looked_at = {*SHELL, "toml", "json", "yaml", "python", "text"}
    assert [
        (block.page, block.number)
        for block in EVERY
        if block.language not in looked_at and not _elsewhere(block)
    ] == []


TOML = [block for block in EVERY if block.language == "toml" and block.info == "toml"]


@pytest.mark.parametrize(
    "block", [pytest.param(block, id=f"{block.page}-{block.number}") for block in TOML]
)
def test_every_rules_file_loads(block: Block, tmp_path: Path) -> None:
    """Each block of TOML is a whole rules file; those of a page that have a name may be extended."""
    for other in TOML:
        if other.page == block.page and other.file:
            (tmp_path / other.file).write_text(other.text, "utf-8")
    text = f"version = 1\n{block.text}" if _key(block.page, block.text) in FRAGMENTS else block.text
    path = tmp_path / "block.toml"
    path.write_text(text, "utf-8")
    policy = load_policy(path)
    assert policy.origins[0] == str(path)


def test_json_is_json() -> None:
    """And a document of loadgate says which one it is."""
    for block in EVERY:
        if block.language == "json" and not _elsewhere(block):
            assert str(json.loads(block.text)["format"]).startswith("loadgate."), (
                block.page,
                block.number,
            )


def test_yaml_names_what_there_is() -> None:
    """A step that uses the action has inputs that it knows; a hook is one that we have."""
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    needed = {name for name, one in action["inputs"].items() if one.get("required")}
    seen = 0
    for block in EVERY:
        if block.language != "yaml" or _elsewhere(block):
            continue
        document: Any = yaml.safe_load(block.text)
        if isinstance(document, list):
            (step,) = document
            assert step["uses"] == "loadgate-ci/loadgate@COMMIT"
            assert needed <= set(step["with"]) <= set(action["inputs"])
        else:
            (repository,) = document["repos"]
            assert {one["id"] for one in repository["hooks"]} <= {one["id"] for one in hooks}
        seen += 1
    assert seen == sum(one.language == "yaml" and not _elsewhere(one) for one in EVERY) > 1


@pytest.mark.parametrize(
    ("shown", "printed", "varying", "expected"),
    [
        pytest.param("a\nb\n", "a\nb\n", False, True, id="the-same"),
        pytest.param("a\nb\n", "a\nc\n", False, False, id="another-line"),
        pytest.param("a\n", "a\nb\n", False, False, id="more-than-is-shown"),
        pytest.param("b\n", "a\nb\n", False, False, id="more-before-it"),
        pytest.param("a\n...\n", "a\nb\n", False, True, id="the-end-is-left-out"),
        pytest.param("a\n...\nc\n", "a\nb\nb\nc\n", False, True, id="the-middle-is-left-out"),
        pytest.param("a\n...\nc\n", "a\nb\n", False, False, id="what-follows-is-missing"),
        pytest.param("...\nc\n", "a\nc\nd\n", False, False, id="more-behind-it"),
        pytest.param("5 of 1,000\n", "17 of 12\n", False, False, id="another-number"),
        pytest.param("5 of 1,000\n", "17 of 12\n", True, True, id="another-number-may-be"),
        pytest.param("5 failed\n", "5 passed\n", True, False, id="another-word-may-not"),
        pytest.param("-- ---\n a   b\n", "---- --\na b\n", True, True, id="a-wider-table"),
    ],
)
def test_what_is_shown_is_compared(shown: str, printed: str, varying: bool, expected: bool) -> None:
    """The comparison that the pages are held to can fail."""
    assert agrees(shown, printed, varying=varying) is expected


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
def test_a_session_is_one_shell(tmp_path: Path) -> None:
    """Variables, folders and `$?` last from step to step; what runs on is ended."""
    played = play(
        ["mkdir a; cd a; x=1", "pwd; echo $x >&2", "(exit 3)", "echo $?", "sleep 99 &"], tmp_path
    )
    assert played == [(0, ""), (0, f"{tmp_path}/a\n1\n"), (3, ""), (0, "3\n"), (0, "")]
