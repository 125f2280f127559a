"""What is published: nothing but the package, and the same bytes whoever builds it."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
NEEDED = ("build", "hatchling", "pip_audit", "readme_renderer")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.skipif(
        not (ROOT / ".git").exists() or not (ROOT / "loadgate" / "__init__.py").exists(),
        reason="no checkout to build from",
    ),
]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of what was built; the script itself compares two builds."""
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "build.py"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_wheel_holds_the_package_and_nothing_else(dist: Path) -> None:
    """Modules, presets, schemas, what says that it is typed, the licence; no tests, no scripts."""
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        found = set(archive.namelist())
        times = {info.date_time for info in archive.infolist()}
    package = ROOT / "loadgate"
    expected = {
        f"loadgate/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    expected |= {f"loadgate/presets/{path.name}" for path in (ROOT / "rules").glob("*.toml")}
    assert {name for name in found if name.startswith("loadgate/")} == expected
    (about,) = {name.split("/")[0] for name in found} - {"loadgate"}
    assert {name.partition("/")[2] for name in found if name.startswith(about)} == {
        "METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE",
    }  # fmt: skip
    assert "loadgate/py.typed" in found
    assert len(times) == 1  # that of the commit


def test_the_source_distribution_can_be_tested(dist: Path) -> None:
    """It has all that is under version control: the tests, and whatever they read."""
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    ours = {name for name in listed if (ROOT / name).is_file()}
    assert "tests/test_distribution.py" in ours
    assert ours - names == set()


def test_the_source_distribution_passes_its_tests(dist: Path, tmp_path: Path) -> None:
    """Without git, and in a folder so deep that no socket and no first line of a script fits.

    These tests are those that read most of what is not code, and that once failed there.
    """
    folder = tmp_path.joinpath(*["a-folder-with-a-rather-long-name"] * 5)
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    assert len(str(unpacked)) > 150
    tests = """
        action/test_release_files.py cli/test_cli.py docs test_benchmarks.py test_fuzz_corpus.py
        test_locks.py test_pre_commit_hooks.py test_published.py test_pytest_plugin.py
    """
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "--basetemp", str(folder / "made")),
            *(f"tests/{name}" for name in tests.split()),
        ],
        cwd=unpacked,
        env=os.environ | {"PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_index_shows_the_description(dist: Path) -> None:
    """By the library that renders it there: it loses no link and no picture."""
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        described = message_from_bytes(archive.read(name))
    assert described["Description-Content-Type"] == "text/markdown"
    payload = described.get_payload(decode=True)
    assert isinstance(payload, bytes)
    text = payload.decode()
    shown = import_module("readme_renderer.markdown").render(text)
    assert shown is not None
    written = MarkdownIt("gfm-like").render(text)
    for mark in ("<a href=", "<img ", "<pre", "<td", "<h2"):
        assert shown.count(mark) >= written.count(mark) > 0


def test_a_build_that_depends_on_its_place_is_found_out(
    dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The comparison is one: builds that differ by a byte fail, and leave nothing."""
    spec = importlib.util.spec_from_file_location("build_twice", ROOT / ".ci" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)

    def build(folder: Path, place: tuple[str, int, object], epoch: str) -> Path:
        del epoch
        made = folder / f"{place[0]} made"
        shutil.copytree(dist, made)
        with next(made.glob("*.whl")).open("ab") as file:
            file.write(place[0].encode())
        return made

    monkeypatch.setattr(script, "build", build)
    monkeypatch.setattr(sys, "argv", ["build.py", str(tmp_path / "target")])
    assert script.main() == 1
    assert "not reproducible" in capsys.readouterr().out
    assert not (tmp_path / "target").exists()


@pytest.fixture
def advisories() -> Iterator[str]:
    """Yield the URL of a service like osv.dev that knows of one advisory, on click 8.1.0."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bad = (asked["package"]["name"], asked["version"]) == ("click", "8.1.0")
            found = [{"id": "PYSEC-0000-1", "summary": "made up", "affected": []}] if bad else []
            data = json.dumps({"vulns": found} if found else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


@pytest.mark.parametrize(("version", "code"), [("8.1.0", 1), ("8.3.0", 0)])
def test_an_advisory_on_a_dependency_fails_the_audit(
    version: str, code: int, advisories: str, tmp_path: Path
) -> None:
    """By the options of `make audit`; the advisories are made up, as a test cannot ask for news."""
    line = next(
        line
        for line in (ROOT / "Makefile").read_text("utf-8").splitlines()
        if "/pip-audit " in line
    )
    options = line.split("pip-audit ")[1].replace(" $(AUDIT)", "").split()
    wanted = tmp_path / "audit.txt"
    wanted.write_text(f"click=={version}\n", encoding="utf-8")
    options[options.index(".venv/audit.txt")] = str(wanted)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip_audit", *options),
            *("--vulnerability-service", "osv", "--osv-url", advisories),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert ("PYSEC-0000-1" in done.stdout) == bool(code)
