"""Secrets in URLs that the user names: on no way out of any command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import WriteRun
from runs import made

from loadgate.cli import run
from loadgate.judging import runs as judged

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


TEXTS = (
    f"Cookie: sid={SECRET}; b={SECRET}",
    f"X-Api-Key: {SECRET}",
    f"got 409 with password={SECRET}",
    f'{{"client_secret": "{SECRET}"}}',
    f"u:{SECRET}@h:/path",
    f"pg://u:my {SECRET}/x@h/db",
)
RULES = f"""
version = 1
[[rules]]
id = "a"
endpoint = "POST /a"
status = 409
why = "see https://u:{SECRET}@h/, Cookie: sid={SECRET}"
owner = "X-Api-Key: {SECRET}"
ticket = "https://t.example/1?id=2&token={SECRET}"
[[examples]]
endpoint = "POST /a"
error = "password={SECRET}"
expect = "expected"
"""


def leaky(write_run: WriteRun) -> str:
    """Write a run with a secret in every text, and the rules for it; return its statistics."""
    Path("loadgate.toml").write_text(RULES, "utf-8")
    names = ["/a", f"/a;jsessionid={SECRET}", f"/b?x={SECRET}"]
    failures = [("POST", names[0], text, 1) for text in TEXTS]
    failures += [("POST", name, f"409 token={SECRET}", 10) for name in names[1:]]
    rows = [("POST", names[0], 100, len(TEXTS)), *(("POST", name, 100, 10) for name in names[1:])]
    return str(write_run(rows, failures))


def test_secrets_of_a_run(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Those in error texts, names, labels and rules: in every output of every command."""
    monkeypatch.chdir(tmp_path)
    now = leaky(write_run)
    named = [f"--label=token={SECRET}", f"--branch=u:{SECRET}@h", f"--link=https://h/?sig={SECRET}"]
    formats = ("text", "markdown", "json", "junit", "github", "csv", "html")
    outputs = [f"--output={name}:out.{{label}}.{name}" for name in formats]
    told = shown(capsys, "check", now, *named, *outputs, code=1)
    told += shown(capsys, "explain", now, "--all", code=0)
    told += shown(capsys, "explain", "--text", TEXTS[0], "--endpoint", "POST /a", code=0)
    told += shown(capsys, "explain", "--text", TEXTS[1], code=0)
    told += shown(capsys, "rules", "suggest", now, code=0)
    told += shown(capsys, "rules", "test", code=1)
    for name in ("text", "json", "github", "sarif"):
        told += shown(capsys, "rules", "lint", f"--run={now}", f"--output={name}", code=1)
    document = next(str(path) for path in Path().glob("out.*.json"))
    for name in ("text", "markdown", "json"):
        told += shown(capsys, "compare", now, document, f"--output={name}", code=0)
        told += shown(capsys, "compare", now, now, f"--output={name}", code=0)
    for name in ("markdown", "json", "html"):
        for source in (now, document):
            told += shown(capsys, "report", source, f"--output={name}", code=0)
    assert "Cookie: sid=***; b=***" in told
    assert "https://h/?sig=***" in told
    assert SECRET not in told
    assert not list(Path().glob(f"*{SECRET}*"))


def test_a_document_is_the_same_run(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """What was masked in a document is compared with what is masked of a run."""
    monkeypatch.chdir(tmp_path)
    now = leaky(write_run)
    shown(capsys, "check", now, "--output=json:out.json", code=1)
    assert run(["compare", now, "out.json", "--output=json"]) == 0
    compared = json.loads(capsys.readouterr().out)
    assert {one["state"] for one in compared["failures"]} == {"both"}


def test_a_secret_in_a_bug(
    write_run: WriteRun, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message and the traceback of an error that nobody foresaw."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError(f"at tcp://u:{SECRET}@h\nX-Api-Key: {SECRET}")

    monkeypatch.setattr(judged, "read_classified", broken)
    monkeypatch.setenv("LOADGATE_DEBUG", "1")
    told = shown(capsys, "check", str(write_run()), code=70)
    assert "Traceback" in told
    assert "X-Api-Key: ***" in told
    assert SECRET not in told
