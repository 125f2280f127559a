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
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import WriteRun

from faults.processes import WITHIN, few, loadgate
from loadgate.cli import run

OLD = b'{\n  "format": "loadgate.result",\n  "version": 1,\n  "outcome": "passed"\n}'
RULES = 'version = 1\n[[thresholds]]\nrequire = "true_failure_rate <= 1%"\n'
WRITERS = {
    "check": "check big --output json:{} --output junit:ok.xml",
    "compare": "compare big big --output json:{} --output text:ok.xml",
    "report": "report big --output html:{} --output json:ok.xml",
    "init": "init big --file {}",
}
DISKS = {
    "full": "No space left on device",
    "read-only": "Read-only file system",
    "limited": "File too large",  # the stand-in for a full disk where nothing can be mounted
}


@pytest.fixture(autouse=True)
def _big(write_run: WriteRun, _here: None) -> None:
    write_run()
    write_run([("GET", f"/endpoint/{number:05}", 10, 0) for number in range(400)], [], folder="big")


@pytest.fixture
def disk(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Return a folder, which is a small file system of its own but for the limited one."""
    folder = Path("disk")
    folder.mkdir()
    if request.getfixturevalue("how") == "limited":
        yield folder
        return
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("how", DISKS)
@pytest.mark.parametrize("command", few(WRITERS, {"check"}))
def test_a_disk_that_takes_nothing(command: str, how: str, disk: Path) -> None:
    """No half is left, nor an older verdict where it can go; what goes elsewhere is written."""
    target = disk / ("v.toml" if command == "init" else "v.json")
    (disk / "v.json").write_bytes(OLD)
    if how == "full":
        with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
            while filler.write(b"x" * 4096):
                pass
    elif how == "read-only":
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    kept = {path.name: path.read_bytes() for path in disk.iterdir()}

    def limit() -> None:
        if how == "limited":
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    ended = loadgate(WRITERS[command].format(target), before=limit).sound()
    assert ended.code == 2
    assert f"{target}: cannot be written: {DISKS[how]}" in ended.err
    if how != "read-only":
        kept.pop(target.name, None)
    assert {path.name: path.read_bytes() for path in disk.iterdir()} == kept
    if how != "limited":  # to whom nothing goes elsewhere
        assert ended.err.count("loadgate: ") == 1
        assert Path("ok.xml").exists() == (command != "init")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv, of util-linux")
def test_what_belongs_to_another() -> None:
    """A user without rights gets a message for what cannot be read or written."""
    Path("closed").mkdir(mode=0o555)
    Path("unlisted").mkdir(mode=0o300)
    for name in ("secret_stats.csv", "rules.toml"):
        Path(name).write_text(RULES)
        Path(name).chmod(0)
    for command, message in {
        "check big --output json:closed/v.json": "closed/v.json: cannot be written",
        "check secret_stats.csv": "secret_stats.csv: cannot be read",
        "check unlisted": "unlisted: cannot be read",
        "report unlisted": "unlisted: cannot be searched",
        "compare unlisted big": "unlisted: cannot be searched",
        "check big --rules rules.toml": "rules.toml: cannot be read",
        "rules test rules.toml": "rules.toml: cannot be read",
        "init --file closed/x.toml": "closed/x.toml: cannot be written",
    }.items():
        ended = loadgate(command, without_rights=True).sound()
        assert ended.code == 2, command
        assert message in ended.err
        assert "ermission denied" in ended.err
    assert list(Path("closed").iterdir()) == []


MUST_NOT = {
    "big": "is a folder",
    "run_stats.csv/v.json": "Not a directory",
    "run_stats.csv": "loadgate did not write it",
    "big/run_failures.csv": "choose another path",
    "link.csv": "choose another path",
    "loop": "Too many levels of symbolic links",
    "socket": "No such device or address",
    "n" * 300: "File name too long",
}


def _files() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in Path().rglob("*.csv") if path.is_file()}


@pytest.mark.parametrize(("target", "message"), MUST_NOT.items())
@pytest.mark.parametrize("command", few(["check", "compare"], {"check"}))
def test_what_must_not_be_written(command: str, target: str, message: str) -> None:
    """One message names it, it stays as it was, and what goes elsewhere is written."""
    Path("loop").symlink_to("loop")
    Path("link.csv").symlink_to("big/run_stats.csv")
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("socket")
    before = _files()
    ended = loadgate(WRITERS[command].format(target)).sound()
    assert (ended.code, ended.err.count("loadgate: ")) == (2, 1)
    assert message in ended.err
    assert Path("ok.xml").is_file()
    assert _files() == before
    assert not list(Path().rglob(".loadgate-*"))


READ = [
    "check big --rules rules.toml --output json:rules.toml",
    "report big --rules rules.toml --output json:rules.toml",
    "compare big big --rules rules.toml --output json:rules.toml",
    "check run --baseline base.json --threshold p95<=baseline --output json:base.json",
    "compare base.json twin.json --output json:twin.json",
    "report base.json twin.json --output json:twin.json",
    "report twin.json base.json --output json:twin.json",
]


def test_what_was_read_is_not_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    """Rules, baselines, and runs that are one run twice are inputs, too."""
    Path("rules.toml").write_text(RULES)
    assert run("check big --output json:base.json".split()) == 0
    shutil.copy("base.json", "twin.json")
    for command in READ:
        target = Path(command.rpartition(":")[2])
        before = target.read_bytes()
        assert run(command.split()) == 2
        assert f"{target}: is one of the files being read" in capsys.readouterr().err
        assert target.read_bytes() == before


@pytest.mark.parametrize(
    ("one", "other"),
    [("v.json", "./v.json"), ("v.json", "big/../v.json"), ("v.json", "link"), ("run.json", "{label}.json")],
)  # fmt: skip
def test_two_outputs_to_one_file(one: str, other: str, capsys: pytest.CaptureFixture[str]) -> None:
    """However it is written: the second would replace the first."""
    Path("link").symlink_to("v.json")
    assert run(["check", "run", f"--output=json:{one}", f"--output=junit:{other}"]) == 2
    assert "choose another path" in capsys.readouterr().err
    assert not Path(one).exists() or json.loads(Path(one).read_text())


def test_a_link_that_leads_nowhere_and_a_pipe() -> None:
    """What a link points to is made; a pipe gets all, its reader not being kept waiting."""
    Path("link").symlink_to("new/v.json")
    os.mkfifo("pipe")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(Path("pipe").read_bytes()))
    reader.start()
    assert loadgate("check big --output json:link --output json:pipe").sound().code == 0
    reader.join(WITHIN)
    assert Path("new/v.json").read_bytes() == got[0]
    assert Path("pipe").is_fifo()
