"""Targets that cannot be written, or must not be: whole or not there, nothing left beside."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import WriteRun

from faults.processes import WITHIN, as_root, few, linux, loadgate
from loadgate.cli import run

pytestmark = linux

OLD = b'{\n  "format": "loadgate.result",\n  "version": 1,\n  "outcome": "passed"\n}'
RULES = 'version = 1\n[[thresholds]]\nrequire = "true_failure_rate <= 1%"\n'
LARGE = [("GET", f"/endpoint/{number:05}", 10, 0) for number in range(400)]
WRITERS = {
    "check": ["check", "big", "--output", "json:{0}", "--output", "junit:ok.xml"],
    "compare": ["compare", "big", "big", "--output", "json:{0}", "--output", "text:ok.xml"],
    "report": ["report", "big", "--output", "html:{0}", "--output", "json:ok.xml"],
    "init": ["init", "big", "--file", "{0}"],
}


@pytest.fixture(autouse=True)
def _here(write_run: WriteRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run()
    write_run(LARGE, [], folder="big")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Return a function that mounts a small file system of its own in memory."""
    folder = tmp_path / "mounted"
    folder.mkdir()

    def mount(options: str) -> Path:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder],
            capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            pytest.skip("no file system can be mounted here")
        return folder

    yield mount
    while os.path.ismount(folder):
        subprocess.run(["umount", folder], check=True)


def asked(command: str, target: Path | str) -> list[str]:
    """Return the command line that writes there."""
    return [argument.replace("{0}", str(target)) for argument in WRITERS[command]]


@as_root
@pytest.mark.parametrize("command", few(WRITERS, {"check"}))
def test_a_full_disk(command: str, mounted: Callable[[str], Path]) -> None:
    """No half is left, nor an older verdict, and what goes elsewhere is written."""
    disk = mounted("size=64k")
    target = disk / ("v.toml" if command == "init" else "v.json")
    if command != "init":
        target.write_bytes(OLD)
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while filler.write(b"x" * 4096):
            pass
    before = {path.name: path.read_bytes() for path in disk.iterdir()}
    ended = loadgate(*asked(command, target)).sound()
    assert ended.code == 2
    assert ended.err.count("loadgate: ") == 1
    assert f"{target}: cannot be written: No space left on device" in ended.err
    before.pop("v.json", None)
    assert {path.name: path.read_bytes() for path in disk.iterdir()} == before
    assert Path("ok.xml").exists() == (command != "init")


@pytest.mark.parametrize("command", few(WRITERS, {"check"}))
def test_a_file_that_may_not_grow(command: str) -> None:
    """The stand-in for a full disk where nothing can be mounted: a limit of the process."""
    target = Path("v.toml" if command == "init" else "v.json")
    if command != "init":
        target.write_bytes(OLD)
    before = {*Path().iterdir()} - {target}

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    ended = loadgate(*asked(command, target), before=limit).sound()
    assert ended.code == 2
    assert f"{target}: cannot be written: File too large" in ended.err
    assert {*Path().iterdir()} - {Path("ok.xml")} == before


@as_root
@pytest.mark.parametrize("command", few(WRITERS, {"check"}))
def test_a_read_only_disk(command: str, mounted: Callable[[str], Path]) -> None:
    """Also for root."""
    disk = mounted("size=64k")
    (disk / "v.json").write_bytes(OLD)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    target = disk / ("v.toml" if command == "init" else "v.json")
    ended = loadgate(*asked(command, target)).sound()
    assert ended.code == 2
    assert f"{target}: cannot be written: Read-only file system" in ended.err
    assert [path.name for path in disk.iterdir()] == ["v.json"]
    assert (disk / "v.json").read_bytes() == OLD


@as_root
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv, of util-linux")
def test_what_belongs_to_another() -> None:
    """A user without rights gets a message for what cannot be read or written."""
    Path("closed").mkdir(mode=0o555)
    Path("secret_stats.csv").write_text("x")
    Path("secret_stats.csv").chmod(0)
    Path("unlisted").mkdir(mode=0o300)
    Path("rules.toml").write_text(RULES)
    Path("rules.toml").chmod(0)

    for arguments, message in (
        (["check", "big", "--output", "json:closed/v.json"], "closed/v.json: cannot be written"),
        (["check", "secret_stats.csv"], "secret_stats.csv: cannot be read"),
        (["check", "unlisted"], "unlisted: cannot be read"),
        (["report", "unlisted"], "unlisted: cannot be searched"),
        (["compare", "unlisted", "big"], "unlisted: cannot be searched"),
        (["check", "big", "--rules", "rules.toml"], "rules.toml: cannot be read"),
        (["rules", "test", "rules.toml"], "rules.toml: cannot be read"),
        (["init", "--file", "closed/x.toml"], "closed/x.toml: cannot be written"),
    ):
        ended = loadgate(*arguments, without_rights=True).sound()
        assert ended.code == 2, arguments
        assert message in ended.err
        assert "ermission denied" in ended.err
    assert list(Path("closed").iterdir()) == []


@pytest.mark.parametrize(
    ("target", "message"),
    [
        pytest.param("big", "is a folder", id="folder"),
        pytest.param("run_stats.csv/v.json", "Not a directory", id="below-a-file"),
        pytest.param("run_stats.csv", "loadgate did not write it", id="statistics"),
        pytest.param("big/run_failures.csv", "choose another path", id="failures"),
        pytest.param("link.csv", "choose another path", id="link-to-an-input"),
        pytest.param("loop", "Too many levels of symbolic links", id="loop"),
        pytest.param("socket", "No such device or address", id="socket"),
        pytest.param("n" * 300, "File name too long", id="long-name"),
    ],
)
@pytest.mark.parametrize("command", few(["check", "compare"], {"check"}))
def test_what_must_not_be_written(command: str, target: str, message: str) -> None:
    """One message names it, it stays as it was, and what goes elsewhere is written."""
    Path("loop").symlink_to("loop")
    Path("link.csv").symlink_to("big/run_stats.csv")
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("socket")
    before = {str(path): path.read_bytes() for path in Path().rglob("*.csv") if path.is_file()}
    ended = loadgate(*asked(command, target)).sound()
    assert ended.code == 2
    assert ended.err.count("loadgate: ") == 1
    assert message in ended.err
    assert Path("ok.xml").is_file()
    assert {
        str(path): path.read_bytes() for path in Path().rglob("*.csv") if path.is_file()
    } == before
    assert not list(Path().rglob(".loadgate-*"))


def test_what_was_read_is_not_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    """Rules, baselines, and runs that are one run twice are inputs, too."""
    Path("rules.toml").write_text(RULES)
    assert run(["check", "big", "--output", "json:base.json"]) == 0
    Path("twin.json").write_bytes(Path("base.json").read_bytes())
    demand = ["--threshold", "p95 <= baseline + 10%"]
    for arguments in (
        ["check", "big", "--rules", "rules.toml", "--output", "json:rules.toml"],
        ["report", "big", "--rules", "rules.toml", "--output", "json:rules.toml"],
        ["compare", "big", "big", "--rules", "rules.toml", "--output", "json:rules.toml"],
        ["check", "run", "--baseline", "base.json", *demand, "--output", "json:base.json"],
        ["compare", "base.json", "twin.json", "--output", "json:twin.json"],
        ["report", "base.json", "twin.json", "--output", "json:twin.json"],
        ["report", "twin.json", "base.json", "--output", "json:twin.json"],
    ):
        target = Path(arguments[-1].partition(":")[2])
        before = target.read_bytes()
        assert run(arguments) == 2
        assert f"{target}: is one of the files being read" in capsys.readouterr().err
        assert target.read_bytes() == before


@pytest.mark.parametrize(
    ("one", "other"),
    [("v.json", "./v.json"), ("v.json", "big/../v.json"), ("v.json", "link"), ("run.json", "{label}.json")],
)  # fmt: skip
def test_two_outputs_to_one_file(one: str, other: str, capsys: pytest.CaptureFixture[str]) -> None:
    """However it is written: the second would replace the first."""
    Path("link").symlink_to("v.json")
    command = ["check", "run", "--output", f"json:{one}", "--output", f"junit:{other}"]
    assert run(command) == 2
    assert "choose another path" in capsys.readouterr().err
    assert not Path(one).exists() or json.loads(Path(one).read_text())


def test_a_link_that_leads_nowhere_and_a_pipe() -> None:
    """What a link points to is made; a pipe gets all, its reader not being kept waiting."""
    Path("link").symlink_to("new/v.json")
    os.mkfifo("pipe")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(Path("pipe").read_bytes()))
    reader.start()
    command = ["check", "big", "--output", "json:link", "--output", "json:pipe"]
    assert loadgate(*command).sound().code == 0
    reader.join(WITHIN)
    assert Path("new/v.json").read_bytes() == got[0]
    assert Path("pipe").is_fifo()
