"""Secrets in URLs that the user names: on no way out of any command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from collect import made
from conftest import WriteRun

from loadgate.cli import run

fsspec = pytest.importorskip("fsspec", reason="the extra fleet is not installed")

SECRET = "hunter2"  # noqa: S105 - it is one to be found, should it ever be shown
URLS = (
    f"memory://key:{SECRET}@bucket/runs/{{}}.json",
    f"memory://key:{SECRET}/x+{SECRET}@bucket/{{}}.json",
    f"memory://{SECRET}@bucket/{{}}.json",
    f"memory://bucket/{{}}.json#access_token={SECRET}",
)
UNREAD = (f"memory://bucket/{{}}.json?token={SECRET}", f"nowhere://key:{SECRET}@bucket/{{}}")


@pytest.fixture
def urls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Return what a document of each URL holds, stored behind that URL."""
    monkeypatch.chdir(tmp_path)
    system: Any = fsspec.filesystem("memory")
    stored = {}
    for number, url in enumerate(URLS):
        document = made.document()
        stored[url.format(number)] = json.dumps(document)
        system.pipe(url.format(number), stored[url.format(number)].encode())
    yield stored
    system.rm("/", recursive=True)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str, code: int) -> str:
    """Run a command; return all that it said and wrote."""
    assert run(list(arguments)) == code
    printed = capsys.readouterr()
    written = [path.read_text("utf-8") for path in sorted(Path().glob("out.*"))]
    return "\n".join([printed.out, printed.err, *written])


@pytest.mark.parametrize("number", range(len(URLS)))
def test_urls_that_are_read(
    number: int, urls: dict[str, str], write_run: WriteRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a baseline, in a comparison and in a report, in every format."""
    url = URLS[number].format(number)
    now = str(write_run())
    formats = ("text", "markdown", "json", "junit", "github")
    outputs = [f"--output={name}:out.{name}" for name in formats]
    told = shown(capsys, "check", now, "--baseline", url, *outputs, code=0)
    for name in ("text", "markdown", "json"):
        told += shown(capsys, "compare", now, url, f"--output={name}", code=0)
    for name in ("markdown", "json", "html"):
        told += shown(capsys, "report", url, "--week=2026-W47", f"--output={name}", code=0)
    assert "***" in told
    assert SECRET not in told
    assert urls


@pytest.mark.parametrize("command", ["check", "compare", "report"])
@pytest.mark.parametrize("url", [*URLS, *UNREAD])
def test_urls_that_cannot_be_read(
    url: str, command: str, urls: dict[str, str], write_run: WriteRun,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Messages about a URL, those of its library and those of wrong usage included."""
    missing, now = url.format("missing"), str(write_run())
    arguments = {
        "check": ["check", now, "--baseline", missing],
        "compare": ["compare", now, missing],
        "report": ["report", missing, "--output=json"],
    }[command]
    told = shown(capsys, *arguments, code=2)
    told += shown(capsys, "schema", "rules", missing, missing, code=2)
    assert "***" in told
    assert SECRET not in told
    assert urls
