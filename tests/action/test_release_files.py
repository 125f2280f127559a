"""What a release tries and publishes: wheel, source distribution, image."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from action.played import Call
from action.release import NOTES, RELEASE, REPOSITORY
from action.runner import BASH, ROOT, Ran, Runner

pytestmark = pytest.mark.skipif(
    BASH is None or sys.platform != "linux", reason="these jobs run on Ubuntu"
)


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
    if not (ROOT / "loadgate" / "__init__.py").is_file():
        pytest.skip("a wheel is tested without the source that says its version")
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


def _sum(content: bytes, file: str) -> str:
    return f"{sha256(content).hexdigest()}  {file}"


BUILT = {
    "build": {"outputs": {"dist": _sum(b"", "dist/x.whl"), "sbom": _sum(b"", "sbom/x.cdx.json")}}
}
"""What the job `build` says of its files."""


def _artifact(tagged: Runner, name: str, file: str, content: bytes = b"") -> None:
    """Have an artifact with this one file."""
    tagged.artifacts[name] = tagged.temp / f"artifact {name}"
    tagged.artifacts[name].mkdir()
    (tagged.artifacts[name] / file).write_bytes(content)


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
  "save --output") echo layers > "$3" ;;
esac
"""


@pytest.fixture
def docker(tagged: Runner, github: Path, loadgate: Path) -> Callable[..., Path]:
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

    _artifact(tagged, "dist", "x.whl")
    shutil.copy(ROOT / "loadgate" / "__init__.py", tagged.workspace / "loadgate")
    return put


def test_the_image_is_tried_without_rights(tagged: Runner, docker: Callable[..., Path]) -> None:
    """As an arbitrary user, read-only, without network; then it is kept for the job that pushes."""
    calls = docker()
    ran = tagged.run_job(RELEASE, "image", needs=BUILT)
    assert ran.outcome == "success", ran.log
    runs = [line for line in calls.read_text("utf-8").splitlines() if line.startswith("run ")]
    assert len(runs) == 4
    for line in runs:
        assert "--network none --read-only --user 12345:54321 --cap-drop ALL" in line
        assert f"{tagged.workspace}/examples:/work:ro" in line
    image = (tagged.artifacts["image"] / "image.tar.gz").read_bytes()
    assert ran.outputs["image"].split() == [sha256(image).hexdigest(), "-"]


@pytest.mark.parametrize(
    "broken", [{"user": ""}, {"user": "root"}, {"run": "true"}, {"run": "false"}]
)
def test_a_broken_image_is_not_kept(
    tagged: Runner, docker: Callable[..., Path], broken: dict[str, str]
) -> None:
    """One that runs as root, or whose verdicts are wrong."""
    docker(**broken)
    assert tagged.run_job(RELEASE, "image", needs=BUILT).outcome == "failure"
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


def _push(tagged: Runner, prerelease: str, image: bytes = b"layers") -> Ran:
    _artifact(tagged, "image", "image.tar.gz", image)
    tagged.github["actor"] = "somebody"
    tried = {"outputs": {"image": _sum(b"layers", "-")}}
    check = {"outputs": {"version": "1.2.3", "prerelease": prerelease}}
    return tagged.run_job(RELEASE, "publish-image", needs={"check": check, "image": tried})


@pytest.mark.parametrize(
    ("prerelease", "tags"), [("false", ["1.2.3", "latest"]), ("true", ["1.2.3"])]
)
def test_the_image_that_was_tried_is_pushed_and_signed(
    tagged: Runner, docker: Callable[..., Path], prerelease: str, tags: list[str]
) -> None:
    """Nothing is built where it is pushed, and what is signed is its digest."""
    calls = docker()
    attested = _attested(tagged)
    ran = _push(tagged, prerelease)
    assert ran.outcome == "success", ran.log
    lines = calls.read_text("utf-8").splitlines()
    pushed = [line for line in lines if line.startswith("push ")]
    assert pushed == [f"push ghcr.io/{REPOSITORY}:{tag}" for tag in tags]
    assert not [line for line in lines if line.startswith(("build", "run"))]
    assert attested[0]["subject-digest"] == DIGEST
    assert attested[0]["subject-name"] == f"ghcr.io/{REPOSITORY}"


def test_an_image_without_a_digest_is_not_signed(
    tagged: Runner, docker: Callable[..., Path]
) -> None:
    """A registry that did not take it has no digest to sign."""
    docker(digest="")
    attested = _attested(tagged)
    assert _push(tagged, "true").outcome == "failure"
    assert attested == []


def test_another_image_is_not_pushed(tagged: Runner, docker: Callable[..., Path]) -> None:
    """What was tried is what is pushed, whoever may have exchanged the artifact."""
    calls = docker()
    assert "not the image that was tried" in _push(tagged, "true", b"another").log
    assert not calls.exists()


# --- what is published --------------------------------------------------------------------------------


def test_a_release_has_its_notes_files_bills_and_provenance(tagged: Runner, github: Path) -> None:
    """All that was checked and built reaches PyPI and GitHub, attested as one."""
    _artifact(tagged, "dist", "x.whl")
    _artifact(tagged, "sbom", "x.cdx.json")
    uploaded: list[str] = []

    def upload(call: Call) -> Mapping[str, str]:
        folder = call.workspace / call.inputs["packages-dir"]
        uploaded.extend(path.name for path in folder.iterdir())
        return {}

    tagged.actions["pypa/gh-action-pypi-publish"] = upload
    attested = _attested(tagged)
    check = tagged.run_job(RELEASE, "check", inputs={"dry-run": ""})
    needs = {**BUILT, "check": {"outputs": check.outputs}}
    ran = tagged.run_job(RELEASE, "publish", needs=needs)
    assert ran.outcome == "success", ran.log
    assert attested[0]["subject-path"].split() == ["dist/*", "sbom/*"]
    assert uploaded == ["x.whl"]
    (github / "calls").unlink()
    assert tagged.run_job(RELEASE, "release", needs=needs).outcome == "success"
    (call,) = [json.loads(line) for line in (github / "calls").read_text("utf-8").splitlines()]
    assert call[:3] == ["release", "create", "v1.2.3"]
    assert "--prerelease=false" in call
    assert call[call.index("--notes") + 1] == NOTES
    assert call[-3:] == [
        "made/dist/x.whl",
        "made/provenance/loadgate-1.2.3.sigstore.json",
        "made/sbom/x.cdx.json",
    ]


@pytest.mark.parametrize(
    ("name", "file", "content"),
    [
        pytest.param("dist", "x.whl", b"another", id="exchanged"),
        pytest.param("dist", "y.whl", b"", id="renamed"),
        pytest.param("sbom", "x.cdx.json", b"another", id="a-bill"),
    ],
)
def test_another_file_is_neither_attested_nor_published(
    tagged: Runner, name: str, file: str, content: bytes
) -> None:
    """A package that runs where the wheel is tried could exchange it."""
    _artifact(tagged, "dist", "x.whl")
    _artifact(tagged, "sbom", "x.cdx.json")
    for old in tagged.artifacts[name].iterdir():
        old.unlink()
    (tagged.artifacts[name] / file).write_bytes(content)
    attested = _attested(tagged)
    ran = tagged.run_job(RELEASE, "publish", needs={**BUILT, "check": {"outputs": {}}})
    assert f"{name} is not what was built" in ran.log
    assert ran.outcome == "failure"
    assert attested == []


def test_a_file_more_is_not_published(tagged: Runner) -> None:
    """Nor does a build that counted nothing vouch for anything."""
    _artifact(tagged, "dist", "x.whl")
    _artifact(tagged, "sbom", "x.cdx.json")
    (tagged.artifacts["dist"] / "y.whl").touch()
    needs = {**BUILT, "check": {"outputs": {}}}
    assert tagged.run_job(RELEASE, "publish", needs=needs).outcome == "failure"
    attested = _attested(tagged)
    nothing = {"build": {"outputs": {"dist": "", "sbom": ""}}, "check": {"outputs": {}}}
    for folder in tagged.artifacts.values():
        for file in folder.iterdir():
            file.unlink()
    shutil.rmtree(tagged.workspace / "dist")
    shutil.rmtree(tagged.workspace / "sbom")
    assert tagged.run_job(RELEASE, "publish", needs=nothing).outcome == "failure"
    assert attested == []
