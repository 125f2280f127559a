"""The release: what it refuses, what it tries, and that a dry run publishes nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from action.documents import load
from action.expressions import evaluate
from action.played import Call
from action.runner import BASH, ROOT, Ran, Runner
from loadgate import published

RELEASE = ROOT / ".github" / "workflows" / "release.yml"
JOBS = load(RELEASE)["jobs"]
SHA = "6b8c1f0e5d3a49727c61b0a94e8f2d5c3b7a1e09"
REPOSITORY = published.REPOSITORY.removeprefix("https://github.com/")
CHANGES = """\
# Changelog

## [1.2.3] - 2026-11-27

### Added

- A gate.

## [1.2.2] - 2026-10-01

- An older one.
"""
NOTES = "### Added\n\n- A gate.\n"
PUSHED: Mapping[str, Any] = {"dry-run": ""}
DRY: Mapping[str, Any] = {"dry-run": True}
BRANCH = {"ref": "refs/heads/main", "ref_name": "main", "ref_type": "branch"}

pytestmark = pytest.mark.skipif(BASH is None, reason="no bash")


def _ci(number: int = 7, **fields: Any) -> dict[str, Any]:
    """Return a run of ci.yml as GitHub's API describes it; one that passed on main."""
    run = {"run_number": number, "head_sha": SHA, "head_branch": "main", "event": "push"}
    run |= {
        "status": "completed",
        "conclusion": "success",
        "html_url": f"https://x.example/{number}",
    }
    return run | fields


@pytest.fixture
def tagged(checkout: Runner, github: Path) -> Runner:
    """Return a machine on which everything about the tag v1.2.3 is as it should be."""
    checkout.github = {"repository": REPOSITORY, "sha": SHA, "ref": "refs/tags/v1.2.3"}
    checkout.github |= {"ref_name": "v1.2.3", "ref_type": "tag"}
    _version(checkout, "1.2.3")
    (checkout.workspace / "CHANGELOG.md").write_text(CHANGES, "utf-8")
    _answer(github, f"compare/main...{SHA}", {"status": "behind"})
    _answer(github, "actions/workflows/ci.yml/runs", {"workflow_runs": [_ci()]})
    return checkout


def _version(machine: Runner, version: str) -> None:
    (machine.workspace / "loadgate" / "__init__.py").write_text(f'__version__ = "{version}"\n')


def _answer(github: Path, path: str, answer: object, repository: str = REPOSITORY) -> None:
    file = github / f"repos/{repository}/{path}".replace("/", "_")
    file.write_text(json.dumps(answer), "utf-8")


def _check(machine: Runner, inputs: Mapping[str, Any] = PUSHED) -> Ran:
    return machine.run_job(RELEASE, "check", inputs=inputs)


# --- what is released ---------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["behind", "identical"])
def test_a_tag_on_main_that_passed_ci_is_released(
    tagged: Runner, github: Path, status: str
) -> None:
    """With the section of the changelog as its notes, and nothing of the section below."""
    _answer(github, f"compare/main...{SHA}", {"status": status})
    ran = _check(tagged)
    assert ran.outcome == "success", ran.log
    assert ran.outputs == {"version": "1.2.3", "publish": "true", "prerelease": "false"}
    assert (tagged.artifacts["notes"] / "notes.md").read_text("utf-8") == NOTES
    asked = (github / "calls").read_text("utf-8")
    assert f"head_sha={SHA}&branch=main&event=push" in asked


def test_a_release_candidate_is_no_latest_release(tagged: Runner) -> None:
    """Neither on GitHub nor as the image that people get without a tag."""
    _version(tagged, "1.2.3rc1")
    tagged.github["ref_name"] = "v1.2.3rc1"
    changes = CHANGES.replace("## [1.2.3]", "## [1.2.3rc1]")
    (tagged.workspace / "CHANGELOG.md").write_text(changes, "utf-8")
    assert _check(tagged).outputs["prerelease"] == "true"


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        pytest.param([], "CI has not run", id="none"),
        pytest.param([_ci(conclusion="failure")], "ended with failure", id="failed"),
        pytest.param([_ci(conclusion="cancelled")], "ended with cancelled", id="cancelled"),
        pytest.param([_ci(conclusion="skipped")], "ended with skipped", id="skipped"),
        pytest.param(
            [_ci(status="in_progress", conclusion=None)], "has not finished", id="pending"
        ),
        pytest.param([_ci(status="queued", conclusion=None)], "has not finished", id="queued"),
        pytest.param([_ci(7), _ci(8, conclusion="failure")], "example/8", id="a-later-one-failed"),
        pytest.param([_ci(10, conclusion="failure"), _ci(9)], "example/10", id="ten-is-after-nine"),
        pytest.param([_ci(event="pull_request")], "CI has not run", id="of-a-pull-request"),
        pytest.param([_ci(head_branch="x")], "CI has not run", id="of-a-branch"),
        pytest.param([_ci(head_sha="0" * 40)], "CI has not run", id="of-another-commit"),
    ],
)
def test_without_a_passed_ci_there_is_no_release(
    tagged: Runner, github: Path, runs: list[dict[str, Any]], said: str
) -> None:
    """Only the last run of this commit on main counts, and only when it has finished."""
    _answer(github, "actions/workflows/ci.yml/runs", {"workflow_runs": runs})
    _refused(_check(tagged), said)


def _refused(ran: Ran, *said: str) -> None:
    assert ran.outcome == "failure"
    assert set(ran.outputs.values()) == {""}
    errors = [command.text for command in ran.commands if command.name == "error"]
    assert len(errors) == len(said)
    for error, words in zip(errors, said, strict=True):
        assert words in error


@pytest.mark.parametrize("status", ["ahead", "diverged"])
def test_a_commit_that_is_not_on_main_is_not_released(
    tagged: Runner, github: Path, status: str
) -> None:
    """Whoever may push a tag has not had it reviewed."""
    _answer(github, f"compare/main...{SHA}", {"status": status})
    _refused(_check(tagged), "is not on main")


@pytest.mark.parametrize(
    ("version", "changes", "said"),
    [
        pytest.param("1.2.4", CHANGES.replace("1.2.3", "1.2.4"), ["the tag is v1.2.3"], id="tag"),
        pytest.param("1.2.3", CHANGES.replace("[1.2.3]", "[1.2.4]"), ["says nothing"], id="none"),
        pytest.param(
            "1.2.3", CHANGES.replace("2026-11-27", "soon"), ["says nothing"], id="undated"
        ),
        pytest.param("1.2.3", CHANGES.replace("- A gate.", ""), ["says nothing"], id="empty"),
        pytest.param(
            "1.2.3", CHANGES.replace("1.2.3", "1x2.3"), ["says nothing"], id="literal-dots"
        ),
        pytest.param(
            "1.2.3",
            "## [1.2.3] - 2026-11-27\n\n[1.2.3]: https://x.example\n",
            ["says nothing"],
            id="a-link-alone",
        ),
        pytest.param(
            "$(id)", CHANGES, ["the version '$(id)'", "says nothing", "$(id)"], id="shell"
        ),
    ],
)
def test_tag_version_and_changelog_agree(
    tagged: Runner, version: str, changes: str, said: list[str]
) -> None:
    """The notes of a release are written by people, before its tag."""
    _version(tagged, version)
    (tagged.workspace / "CHANGELOG.md").write_text(changes, "utf-8")
    _refused(_check(tagged), *said)


def test_a_fork_releases_nothing(tagged: Runner, github: Path) -> None:
    """Releases come from the repository that the messages and pages link to."""
    tagged.github["repository"] = "octo/loadgate"
    _answer(github, f"compare/main...{SHA}", {"status": "behind"}, "octo/loadgate")
    runs = {"workflow_runs": [_ci()]}
    _answer(github, "actions/workflows/ci.yml/runs", runs, "octo/loadgate")
    _refused(_check(tagged), f"releases are made in {published.REPOSITORY}")


def test_everything_that_is_wrong_is_said_at_once(tagged: Runner, github: Path) -> None:
    """Each attempt costs a tag."""
    tagged.github["ref_name"] = "v9.9.9"
    _answer(github, f"compare/main...{SHA}", {"status": "diverged"})
    _answer(github, "actions/workflows/ci.yml/runs", {"workflow_runs": []})
    _refused(_check(tagged), "the tag is v9.9.9", "is not on main", "CI has not run")


def test_without_an_answer_there_is_no_release(tagged: Runner, github: Path) -> None:
    """GitHub may be down, or may not know the commit."""
    next(github.glob("*compare*")).unlink()
    _refused(_check(tagged), "GitHub did not answer")


# --- the dry run --------------------------------------------------------------------------------------


def test_a_dry_run_checks_the_same(tagged: Runner, github: Path) -> None:
    """It is of a branch, and finds before the tag what the release would refuse."""
    tagged.github |= BRANCH
    ran = _check(tagged, DRY)
    assert (ran.outcome, ran.outputs["publish"]) == ("success", "false")
    _answer(github, "actions/workflows/ci.yml/runs", {"workflow_runs": []})
    _refused(_check(tagged, DRY), "CI has not run")


def test_only_a_tag_is_published(tagged: Runner) -> None:
    """Also where somebody starts the workflow on a branch and asks for it."""
    tagged.github |= BRANCH
    _refused(_check(tagged, {"dry-run": False}), "main is not a tag")


def _needed(job: str) -> set[str]:
    """Return the jobs that must have succeeded before this one starts."""
    needs = JOBS[job].get("needs", [])
    direct = {needs} if isinstance(needs, str) else set(needs)
    return direct.union(*(_needed(name) for name in direct))


def test_by_hand_is_dry_unless_told_otherwise() -> None:
    """One click too many must not publish."""
    inputs = load(RELEASE)["on"]["workflow_dispatch"]["inputs"]
    assert inputs["dry-run"]["default"] is True


def test_what_may_write_waits_for_every_check() -> None:
    """Nothing is published that was not checked, built and tried, or in a dry run."""
    assert JOBS["publish"]["if"] == "needs.check.outputs.publish == 'true'"
    for publish in ("true", "false", ""):
        needs = {"check": {"outputs": {"publish": publish}}}
        assert evaluate(JOBS["publish"]["if"], {"needs": needs}) is (publish == "true")
    for name, job in JOBS.items():
        if "write" in job["permissions"].values():
            assert _needed(name) | {"publish"} == {"check", "build", "try", "image", "publish"}
            assert name == "publish" or "if" not in job
        else:
            assert "if" not in job


# --- what is tried ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("exit 0", id="always-passes"),
        pytest.param("exit 1", id="always-fails"),
        pytest.param("exit 125", id="does-not-start"),
        pytest.param("REAL; [ $? -ne 1 ]", id="a-failed-gate-passes"),
        pytest.param("REAL || exit 1", id="no-evidence-is-a-failed-gate"),
        pytest.param("REAL | sed s/FAILED/PASSED/; exit ${PIPESTATUS[0]}", id="says-passed"),
        pytest.param('[ "$1" = --version ] && echo loadgate 9.9 || REAL', id="another-version"),
    ],
)
def test_a_broken_build_is_noticed(tmp_path: Path, loadgate: Path, script: str) -> None:
    """By its exit code, and by the verdict that it prints."""
    broken = tmp_path / "broken"
    broken.write_text(f"#!{BASH}\n" + script.replace("REAL", f'"{loadgate}" "$@"') + "\n", "utf-8")
    broken.chmod(0o755)
    assert _smoke(broken).returncode == 1


def test_a_sound_build_passes(loadgate: Path) -> None:
    """The one of this environment."""
    done = _smoke(loadgate)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def loadgate() -> Path:
    """Return the command of this environment."""
    return Path(sys.executable).parent / "loadgate"


def _smoke(command: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / ".ci" / "smoke", command], capture_output=True, text=True, check=False
    )


@pytest.mark.prove
@pytest.mark.parametrize("file", ["whl", "tar.gz"])
def test_what_is_built_is_installed_and_tried(checkout: Runner, tmp_path: Path, file: str) -> None:
    """The wheel and the source distribution, each alone in an environment of its own."""
    built = tmp_path / "built"
    subprocess.run([sys.executable, ROOT / ".ci" / "build.py", built], check=True)
    checkout.artifacts["dist"] = built
    checkout.reuse = {"Run the tests of the command line": {}}
    ran = checkout.run_job(RELEASE, "try", matrix={"file": file, "python": "3.11"})
    assert ran.outcome == "success", ran.log
    assert "FAILED  run" in ran.log


# --- the image ----------------------------------------------------------------------------------------

DIGEST = "sha256:" + "ab" * 32
DOCKER = """\
#!{bash}
# Stands in for Docker: an image is the loadgate of this environment.
echo "$*" >> {folder}/docker
case "$1 $2" in
  "image inspect")
    case $4 in *User*) echo {user} ;; *) echo "{digest}" ;; esac ;;
  "run --rm") shift $#; set -- {run} ;;
  "login ghcr.io") read -r token; [ "$token" = no-token ] ;;
  "save loadgate:candidate") echo layers ;;
esac
"""


@pytest.fixture
def docker(tagged: Runner, github: Path, loadgate: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return what puts a Docker on the machine; it returns the file of its calls."""

    def put(user: str = "65532:65532", digest: str = f"x@{DIGEST}", run: str = "") -> Path:
        # As `docker run`, with all up to the image's name left out.
        text = DOCKER.format(bash=BASH, folder=github, user=user, digest=digest, run="")
        real = (
            f'while [ "$1" != loadgate:candidate ]; do shift; done; shift; {run or loadgate} "$@"'
        )
        text = text.replace("shift $#; set -- ", real)
        folder = Path(tagged.env["PATH"].split(":")[0])
        (folder / "docker").write_text(text, "utf-8")
        (folder / "docker").chmod(0o755)
        return github / "docker"

    tagged.artifacts["dist"] = tmp_path / "any files"
    tagged.artifacts["dist"].mkdir()
    shutil.copy(ROOT / "loadgate" / "__init__.py", tagged.workspace / "loadgate")
    return put


def test_the_image_is_tried_without_rights(tagged: Runner, docker: Callable[..., Path]) -> None:
    """As an arbitrary user, read-only, without network; then it is kept for the job that pushes."""
    calls = docker()
    ran = tagged.run_job(RELEASE, "image")
    assert ran.outcome == "success", ran.log
    runs = [line for line in calls.read_text("utf-8").splitlines() if line.startswith("run ")]
    assert len(runs) == 4
    for line in runs:
        assert "--network none --read-only --user 12345:54321 --cap-drop ALL" in line
        assert f"{tagged.workspace}/examples:/work:ro" in line
    assert (tagged.artifacts["image"] / "image.tar.gz").is_file()


@pytest.mark.parametrize(
    "broken", [{"user": ""}, {"user": "root"}, {"run": "true"}, {"run": "false"}]
)
def test_a_broken_image_is_not_kept(
    tagged: Runner, docker: Callable[..., Path], broken: dict[str, str]
) -> None:
    """One that runs as root, or whose verdicts are wrong."""
    docker(**broken)
    assert tagged.run_job(RELEASE, "image").outcome == "failure"
    assert "image" not in tagged.artifacts


def _attested(tagged: Runner) -> list[Mapping[str, str]]:
    """Return a list that the action that attests will add its inputs to."""
    given: list[Mapping[str, str]] = []

    def attest(call: Call) -> Mapping[str, str]:
        given.append(call.inputs)
        bundle = call.temp / "bundle.json"
        bundle.write_text("{}")
        return {"bundle-path": str(bundle)}

    tagged.actions["actions/attest"] = attest
    return given


@pytest.mark.parametrize(
    ("prerelease", "tags"), [("false", ["1.2.3", "latest"]), ("true", ["1.2.3"])]
)
def test_the_image_that_was_tried_is_pushed_and_signed(
    tagged: Runner, docker: Callable[..., Path], prerelease: str, tags: list[str], tmp_path: Path
) -> None:
    """Nothing is built where it is pushed, and what is signed is its digest."""
    calls = docker()
    tagged.artifacts["image"] = tmp_path / "image"
    tagged.artifacts["image"].mkdir()
    attested = _attested(tagged)
    check = {"outputs": {"version": "1.2.3", "prerelease": prerelease}}
    tagged.github["actor"] = "somebody"
    ran = tagged.run_job(RELEASE, "publish-image", needs={"check": check})
    assert ran.outcome == "success", ran.log
    lines = calls.read_text("utf-8").splitlines()
    pushed = [line for line in lines if line.startswith("push ")]
    assert pushed == [f"push ghcr.io/{REPOSITORY}:{tag}" for tag in tags]
    assert not [line for line in lines if line.startswith(("build", "run"))]
    assert attested[0]["subject-digest"] == DIGEST
    assert attested[0]["subject-name"] == f"ghcr.io/{REPOSITORY}"


def test_an_image_without_a_digest_is_not_signed(
    tagged: Runner, docker: Callable[..., Path], tmp_path: Path
) -> None:
    """A registry that did not take it has no digest to sign."""
    docker(digest="")
    tagged.artifacts["image"] = tmp_path / "image"
    tagged.artifacts["image"].mkdir()
    tagged.github["actor"] = "somebody"
    attested = _attested(tagged)
    check = {"outputs": {"version": "1.2.3", "prerelease": "true"}}
    assert tagged.run_job(RELEASE, "publish-image", needs={"check": check}).outcome == "failure"
    assert attested == []


# --- what is published --------------------------------------------------------------------------------


def test_a_release_has_its_notes_files_bills_and_provenance(
    tagged: Runner, github: Path, tmp_path: Path
) -> None:
    """All that was checked and built reaches PyPI and GitHub, attested as one."""
    made = {"dist": "x.whl", "sbom": "x.cdx.json"}
    for name, file in made.items():
        tagged.artifacts[name] = tmp_path / f"made {name}"
        tagged.artifacts[name].mkdir()
        (tagged.artifacts[name] / file).touch()
    uploaded: list[str] = []
    tagged.actions["pypa/gh-action-pypi-publish"] = lambda call: (
        uploaded.extend(p.name for p in (call.workspace / call.inputs["packages-dir"]).iterdir())
        or {}
    )
    attested = _attested(tagged)
    needs = {"check": {"outputs": _check(tagged).outputs}}
    ran = tagged.run_job(RELEASE, "publish", needs=needs)
    assert ran.outcome == "success", ran.log
    assert attested[0]["subject-path"].split() == ["dist/*", "sbom/*"]
    assert uploaded == ["x.whl"]
    (github / "calls").unlink()
    assert tagged.run_job(RELEASE, "release", needs=needs).outcome == "success"
    (call,) = [json.loads(line) for line in (github / "calls").read_text("utf-8").splitlines()]
    assert call[:3] == ["release", "create", "v1.2.3"]
    assert "--prerelease=false" in call
    notes = tagged.workspace / call[call.index("--notes-file") + 1]
    assert notes.read_text("utf-8") == NOTES
    assert call[-3:] == [
        "made/dist/x.whl",
        "made/provenance/loadgate-1.2.3.sigstore.json",
        "made/sbom/x.cdx.json",
    ]
