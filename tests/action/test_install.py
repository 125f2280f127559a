"""What the action installs, and from where."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

import loadgate
from action.conftest import RunAction, asked
from action.runner import ROOT, Ran, Runner

LOCK = ROOT / ".github" / "requirements" / "action.txt"
LOCKED = [
    Requirement(line.removesuffix(" \\"))
    for line in LOCK.read_text("utf-8").splitlines()
    if "==" in line and line[0].isalpha()
]


# --- what is installed ------------------------------------------------------------------------------


def test_exactly_what_is_locked_is_installed(installed: Mapping[str, str]) -> None:
    """Neither another version, nor pip, nor what builds."""
    program = (
        "from importlib.metadata import distributions as d;"
        "print(*(f'{x.name}=={x.version}' for x in d()))"
    )
    wanted = {
        f"{one.name}{one.specifier}" for one in LOCKED if not one.marker or one.marker.evaluate()
    }
    found = set(asked(installed, program).replace("_", "-").lower().split())
    if find_spec("pip") is None:  # the action needs one, and brings that of the Python itself
        found = {one for one in found if not one.startswith(("pip==", "setuptools=="))}
    assert found == wanted


def test_loadgate_is_that_of_the_checkout(installed: Mapping[str, str]) -> None:
    """Each file is the one that the action's ref names, and where a wheel has it."""
    package = Path(asked(installed, "import loadgate; print(loadgate.__path__[0])").strip())
    found = {path.relative_to(package): path for path in package.rglob("*") if path.is_file()}
    wanted = {
        to / path.relative_to(folder): path
        for folder, to in ((ROOT / "loadgate", Path()), (ROOT / "rules", Path("presets")))
        for path in folder.rglob("*")
        if path.is_file()
    }
    source = [path for path in wanted if "__pycache__" not in path.parts]
    assert [path for path in source if found[path].read_bytes() != wanted[path].read_bytes()] == []
    assert {path for path in found if "__pycache__" not in path.parts} == set(source)
    command = [installed["python"], "-I", "-m", "loadgate", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == loadgate.__version__


def test_the_lock_is_of_the_dependencies_but_pandas() -> None:
    """A dependency that changes in pyproject.toml changes in action.in, and action.txt follows."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = LOCK.with_suffix(".in").read_text("utf-8").splitlines()
    wanted = {str(Requirement(line)) for line in asked if not line.startswith("#")}
    assert wanted == {
        str(one) for one in map(Requirement, declared["dependencies"]) if one.name != "pandas"
    }
    versions = {one.name: next(iter(one.specifier)).version for one in LOCKED}
    for one in map(Requirement, wanted):
        assert one.specifier.contains(versions[one.name]), f"{one}: renew the lock"


@pytest.mark.prove
def test_the_lock_is_what_the_resolver_makes_of_it(tmp_path: Path) -> None:
    """For each system and Python, with the versions that it has: nothing is missing or left over."""
    for file in (LOCK, LOCK.with_suffix(".in")):
        shutil.copy(file, tmp_path)
    command = "uv pip compile --quiet --universal --python-version 3.11 --generate-hashes"
    subprocess.run(
        [sys.executable, "-m", *command.split(), "action.in", "--output-file", LOCK.name],
        cwd=tmp_path, check=True,
    )  # fmt: skip
    locked, now = (_hashes(file.read_text("utf-8")) for file in (LOCK, tmp_path / LOCK.name))
    assert locked.keys() == now.keys()
    # A release may get further wheels later, of a new Python for one.
    assert [name for name, hashes in locked.items() if not hashes <= now[name]] == []


def _hashes(lock: str) -> dict[str, set[str]]:
    pattern = r"(?m)^([a-z].*?) \\\n((?: +--hash=.*\n?)+)"
    return {name: set(re.findall(r"sha256:\w+", text)) for name, text in re.findall(pattern, lock)}


# --- where it comes from ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what is locked."""
    pytest.importorskip("pip")
    folder = tmp_path_factory.mktemp("wheels")
    command = "pip download --quiet --no-deps --only-binary :all: --require-hashes --requirement"
    subprocess.run([sys.executable, "-m", *command.split(), LOCK, "--dest", folder], check=True)
    return folder


@dataclass(slots=True)
class Index:
    """A package index on this machine."""

    url: str
    asked: set[str] = field(default_factory=set)
    """Projects that it was asked for."""
    tampered: str = ""
    """The project of which it hands out something else."""


@pytest.fixture
def index(wheels: Path) -> Iterator[Index]:
    """Serve what is locked, as PyPI would."""
    files = {_project(file): file for file in wheels.iterdir()}
    it = Index("")

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, name = urlsplit(self.path).path.strip("/").split("/", 1)
            if kind == "simple":
                it.asked.add(name)
                body = f'<a href="/files/{files[name].name}">{files[name].name}</a>'.encode()
            else:
                body = (wheels / name).read_bytes() + b"x" * (_project(Path(name)) == it.tampered)
            self.send_response(200)
            self.send_header("Content-Type", "text/html" if kind == "simple" else "application/zip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        it.url = f"http://127.0.0.1:{server.server_port}/simple"
        yield it
        server.shutdown()


def _project(wheel: Path) -> str:
    return wheel.name.split("-")[0].replace("_", "-").lower()


@pytest.fixture
def fresh(runner: Runner) -> Runner:
    """Return a machine on which nothing is installed, and whose pip knows no index but ours."""
    runner.reuse = {}
    runner.env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0", "PIP_FIND_LINKS": ""}
    return runner


def _last_error(ran: Ran) -> str:
    return [command.text for command in ran.commands if command.name == "error"][-1]


@pytest.mark.parametrize("by", ["variable", "file", pytest.param("proxy", marks=pytest.mark.prove)])
def test_the_index_is_the_jobs(by: str, fresh: Runner, index: Index, act: RunAction) -> None:
    """A mirror or a proxy of the job's pip is used, and what it sends has the hashes of PyPI."""
    if by == "variable":
        fresh.env["PIP_INDEX_URL"] = index.url
    elif by == "proxy":
        fresh.env |= {
            "PIP_PROXY": index.url.removesuffix("/simple"),
            "PIP_TRUSTED_HOST": "a.invalid",
        }
        fresh.env["PIP_INDEX_URL"] = "http://a.invalid/simple"
    else:
        file = fresh.temp / "pip.conf"
        file.write_text(f"[global]\nindex-url = {index.url}\nextra-index-url = {index.url}\n")
        fresh.env["PIP_CONFIG_FILE"] = str(file)
    ran = act()
    assert ran.outputs["outcome"] == "passed", ran.log
    assert index.asked == {one.name for one in LOCKED if not one.marker or one.marker.evaluate()}


@pytest.mark.parametrize("project", [pytest.param("attrs", marks=pytest.mark.prove), "tabulate"])
def test_another_file_is_not_installed(
    project: str, fresh: Runner, index: Index, act: RunAction
) -> None:
    """Whoever serves it: its hash is not that of the lock."""
    index.tampered = project
    fresh.env["PIP_INDEX_URL"] = index.url
    ran = act(fail_on_gate="false")
    assert (ran.outcome, ran.step("judge").outcome) == ("failure", "skipped")
    assert "DO NOT MATCH THE HASHES" in ran.log
    assert _last_error(ran).startswith("loadgate could not be installed")


@pytest.mark.prove
def test_a_cache_is_not_used(fresh: Runner, index: Index, wheels: Path, act: RunAction) -> None:
    """Of a wheel in its cache pip asks no hash: it believes what the cache says of its origin."""
    (wheel,) = wheels.glob("tabulate-*")
    link = index.url.replace("/simple", f"/files/{wheel.name}")
    program = (
        "import sys; from pip._internal.cache import SimpleWheelCache as Cache;"
        "from pip._internal.models.link import Link;"
        "print(Cache(sys.argv[1]).get_path_for_link(Link(sys.argv[2])))"
    )
    command = [sys.executable, "-c", program, str(fresh.temp / "cache" / "pip"), link]
    place = Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
    place.mkdir(parents=True)
    with ZipFile(wheel) as good, ZipFile(place / wheel.name, "w") as bad:
        for name in good.namelist():
            evil = b"raise SystemExit(0)" if name == "tabulate/__init__.py" else good.read(name)
            bad.writestr(name, evil)
    about = {"hashes": {"sha256": sha256(wheel.read_bytes()).hexdigest()}}
    (place / "origin.json").write_text(json.dumps({"url": link, "archive_info": about}))
    fresh.env |= {"PIP_INDEX_URL": index.url, "XDG_CACHE_HOME": str(fresh.temp / "cache")}
    assert act().outputs["outcome"] == "passed"


@pytest.mark.parametrize(
    ("pattern", "instead", "told"),
    [
        pytest.param(r"sha256:(\w{63})\w", r"sha256:\g<1>!", "HASHES", id="hash"),
        pytest.param(r"sha256:\w{60}", f"sha256:{60 * '0'}", "DO NOT MATCH", id="another"),
        pytest.param(r" \\\n +--hash=\S+", "", "Hashes are required", id="no-hash"),
        pytest.param(r"(?s).*", "", "loadgate cannot be imported", id="empty"),
    ],
)
def test_a_lock_that_was_tampered_with(
    pattern: str, instead: str, told: str, fresh: Runner, wheels: Path, act: RunAction
) -> None:
    """What has no hash, or a wrong one, is not installed; nor does anything run."""
    fresh.action = fresh.temp / "action"
    for name in ("loadgate", "rules"):
        shutil.copytree(ROOT / name, fresh.action / name)
    lock = fresh.action / LOCK.relative_to(ROOT)
    lock.parent.mkdir(parents=True)
    text = LOCK.read_text("utf-8")
    lock.write_text(re.sub(pattern, instead, text), "utf-8")
    fresh.env |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels.as_uri()}
    ran = act(fail_on_gate="false")
    assert (ran.outcome, ran.step("judge").outcome) == ("failure", "skipped")
    assert told in ran.log, ran.log


def test_no_network(fresh: Runner, act: RunAction) -> None:
    """The job fails, and no other index is asked."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        fresh.env["PIP_INDEX_URL"] = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
    ran = act(fail_on_gate="false")
    assert ran.outcome == "failure"
    assert _last_error(ran).startswith("loadgate could not be installed; see the output of pip")


@pytest.mark.parametrize("option", ["target", pytest.param("prefix", marks=pytest.mark.prove)])
def test_a_pip_that_installs_elsewhere(
    option: str, fresh: Runner, wheels: Path, act: RunAction
) -> None:
    """The configuration of the job's pip cannot be overruled in this; what to change is told."""
    file = fresh.temp / "pip.conf"
    file.write_text(f"[install]\n{option} = {fresh.temp}/elsewhere\n")
    fresh.env |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels.as_uri()}
    fresh.env["PIP_CONFIG_FILE"] = str(file)
    ran = act()
    assert ran.outcome == "failure"
    assert "pip.conf sets target, prefix or root" in _last_error(ran)


@pytest.mark.prove
def test_a_python_without_pip(fresh: Runner, wheels: Path, act: RunAction, tmp_path: Path) -> None:
    """As Debian's and uv's may be: then the environment gets a pip of its own."""
    base = tmp_path / "base"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", base], check=True)
    fresh.env |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels.as_uri()}
    fresh.env["PATH"] = f"{base / 'bin'}:{os.environ['PATH']}"
    assert act(python_version="").outputs["outcome"] == "passed"
