"""`loadgate rules teach`, and the commands that use what it learns."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate.cli import run
from loadgate.rules import load_policy

LOCUSTFILE = """\
def fail(response):
    response.failure(f"Refused: HTTP {response.status_code}")
    response.failure("sold out")
    response.failure(f"{response.url} {response.status_code}")
    response.failure(response.status_code)
    if response.status_code == 404:
        response.failure("not there")


def again(response):
    response.failure(f"Refused: HTTP {response.status_code}")
"""
TAUGHT = """
[[status_texts]]
# locustfile.py:2 and 1 other place
text = "Refused: HTTP {status}"
"""
RULES = 'version = 1\nextends = ["optimistic-locking"]'


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("locustfile.py").write_text(LOCUSTFILE, "utf-8")


def test_the_wordings_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """As TOML to append; what else was found goes to standard error."""
    assert run(["rules", "teach"]) == 0
    out, err = capsys.readouterr()
    assert out == TAUGHT
    assert "1 wording from 6 messages, 1 only the status, which needs no wording, 3 warnings" in err
    for place, code in ((3, "message-without-status"), (4, "no-safe-wording")):
        assert f"locustfile.py:{place}: warning[{code}]" in err
    assert '"not there" does not say the status, which is always 404 here' in err
    assert run(["rules", "teach", "locustfile.py", "."]) == 0
    assert capsys.readouterr().out == TAUGHT


def test_annotations_for_github(capsys: pytest.CaptureFixture[str]) -> None:
    """Instead of the wordings; with --check, those that are missing are errors."""
    Path("a,b").mkdir()
    Path("a,b/100%.py").write_text(LOCUSTFILE, "utf-8")
    assert run(["rules", "teach", "--format", "github", "a,b/100%.py"]) == 0
    out, err = capsys.readouterr()
    title = "title=loadgate rules teach"
    lines = out.splitlines()
    assert err == ""
    assert len(lines) == 4
    assert lines[0].startswith(
        f"::warning {title} message-without-status,file=a%2Cb/100%25.py,line=3::"
    )
    assert lines[1].startswith(f"::warning {title} no-safe-wording,file=a%2Cb/100%25.py,line=4::")
    assert lines[-1].startswith(f"::notice {title}::1 wording from 6 messages")
    Path("loadgate.toml").write_text(RULES, "utf-8")
    assert run(["rules", "teach", "--format", "github", "--check"]) == 1
    out = capsys.readouterr().out
    assert f"::error {title} missing-wording,file=locustfile.py,line=2::loadgate.toml lacks" in out
    assert "[[status_texts]]" not in out
    assert run(["rules", "teach", "--format", "github", "--write"]) == 0
    assert capsys.readouterr().out.startswith("loadgate.toml: 1 wording added\n::warning")
    assert run(["rules", "teach", "--format", "github", "--check"]) == 0
    assert "::error" not in capsys.readouterr().out


def test_lint_passes_what_teach_writes(capsys: pytest.CaptureFixture[str]) -> None:
    """Also without the locustfile: both ask for the same words around a status."""
    messages = (
        *(
            'f"{r.status_code}: {r.text}"',
            'f"[{r.status_code}] {r.text}"',
            'f"{u}=> {r.status_code}"',
        ),
        *('f"{u} failed: {r.status_code} {r.text}"', 'f"{u} returned {r.status_code}"'),
        *('f"after {r.status_code} {u}"', 'f"{u}, expected 200, got {r.status_code} {r.text}"'),
        *('f"Got {r.status_code}{r.text}"', 'f"{u} {u}: order {r.status_code} of {u}"'),
        *('f"{u}ed {r.status_code}"', 'f"{u} {r.status_code}"', 'f"{u}: {r.status_code}"'),
    )
    for message in messages:
        Path("loadgate.toml").write_text(RULES, "utf-8")
        source = f"def f(r, u):\n    r.failure({message})\n"
        Path("locustfile.py").write_text(source, "utf-8")
        assert run(["rules", "teach", "--write"]) == 0
        assert run(["rules", "lint"]) == 0, message
        assert run(["rules", "lint", "--strict", "--locustfile", "locustfile.py"]) == 0, message
    capsys.readouterr()


def test_nothing_is_to_say_of_a_locustfile_without_messages(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The summary is one line."""
    Path("locustfile.py").write_text("", "utf-8")
    assert run(["rules", "teach"]) == 0
    assert capsys.readouterr() == ("", "loadgate: 0 wordings from 0 messages\n")


@pytest.mark.parametrize("end", ["\n", "", "\r\n"], ids=["line", "no-line", "windows"])
def test_the_wordings_are_appended_once(end: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is there stays as it is, and the mode of the file, too."""
    old = RULES.replace("\n", end or "\n") + end
    Path("loadgate.toml").write_bytes(old.encode())
    Path("loadgate.toml").chmod(0o640)
    for _ in range(2):
        assert run(["rules", "teach", "--write"]) == 0
        new = Path("loadgate.toml").read_bytes().decode()
        assert new.replace("\r\n", "\n") == f"{RULES}\n{TAUGHT}"
        assert new.startswith(old)
        assert ("\n" in new.replace("\r\n", "")) == (end != "\r\n")
    assert Path("loadgate.toml").stat().st_mode & 0o777 == 0o640
    assert [text.text for text in load_policy().status_texts] == ["Refused: HTTP {status}"]
    assert run(["rules", "teach", "--check"]) == 0
    assert "1 wording added" in capsys.readouterr().out


def test_check_names_what_the_rules_file_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    """And exits with 1; the file stays as it is."""
    Path("team.toml").write_text(RULES, "utf-8")
    assert run(["rules", "teach", "--check", "--rules", "team.toml"]) == 1
    out, err = capsys.readouterr()
    assert out == TAUGHT
    assert "team.toml lacks 1 wording" in err
    assert Path("team.toml").read_text("utf-8") == RULES


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--write"], "loadgate init", id="no-rules-file"),
        pytest.param(["--write", "--check"], "exclude each other", id="both"),
        pytest.param(["nothing.py"], "nothing.py: there is no such file", id="no-locustfile"),
        pytest.param(["--write", "--rules", "rules.json"], "only append to TOML", id="json"),
        pytest.param(["--write", "--rules", "list.toml"], "[[status_texts]]", id="a-list"),
        pytest.param(["--write", "--rules", "large.toml"], "larger than", id="large"),
        pytest.param(["--write", "--rules", "many.toml"], "more than 1,000 status", id="many"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2, and no file changed."""
    Path("rules.json").write_text('{"version": 1}', "utf-8")
    Path("list.toml").write_text('version = 1\nstatus_texts = [{text = "a {status}"}]', "utf-8")
    Path("large.toml").write_text("version = 1\n" + "#" * ((1 << 20) - 20), "utf-8")
    entries = "".join(f'[[status_texts]]\ntext = "word {n} {{status}}"\n' for n in range(1000))
    Path("many.toml").write_text(f"version = 1\n{entries}", "utf-8")
    before = {path: path.read_bytes() for path in Path().iterdir()}
    assert run(["rules", "teach", *arguments]) == 2
    assert words in capsys.readouterr().err
    assert {path: path.read_bytes() for path in Path().iterdir()} == before


def test_a_locustfile_must_be_named_where_there_is_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The default is locustfile.py."""
    Path("locustfile.py").unlink()
    assert run(["rules", "teach"]) == 2
    assert "there is no locustfile.py in this folder" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the reason."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    Path("loadgate.toml").write_text(RULES, "utf-8")
    assert run(["rules", "teach", "--write"]) == 2
    assert "loadgate.toml: cannot be written: Permission denied" in capsys.readouterr().err
    assert Path("loadgate.toml").read_text("utf-8") == RULES


def test_init_includes_the_wordings(capsys: pytest.CaptureFixture[str]) -> None:
    """So the new file lacks none, and lint has nothing to say."""
    assert run(["init", "--locustfile", "locustfile.py"]) == 0
    assert "1 wording from 6 messages" in capsys.readouterr().err
    assert tomllib.loads(Path("loadgate.toml").read_text("utf-8"))["status_texts"]
    assert run(["rules", "teach", "--check"]) == 0
    assert run(["rules", "lint", "--strict", "--locustfile", "."]) == 0
    assert run(["rules", "test"]) == 0


def test_lint_finds_wordings_that_are_gone(capsys: pytest.CaptureFixture[str]) -> None:
    """And does not call those broad that a locustfile writes."""
    source = 'def f(r):\n    r.failure(f"{r.url} returned {r.status_code}")\n'
    Path("locustfile.py").write_text(source, "utf-8")
    texts = ("* returned {status}", "old words {status} there")
    tables = "".join(f'[[status_texts]]\ntext = "{text}"\n' for text in texts)
    Path("loadgate.toml").write_text(f"{RULES}\n{tables}", "utf-8")
    assert run(["rules", "lint"]) == 0
    assert "ambiguous-status-text" in capsys.readouterr().out
    assert run(["rules", "lint", "--locustfile", "locustfile.py"]) == 0
    out = capsys.readouterr().out
    assert "gone-status-text" in out
    assert "old words" in out
    assert "returned" not in out


UNREAD = "CatchResponseError('order lost (409) at the till')"
"""A text that may hold its status, and not certainly."""


def test_commands_point_to_teach(write_run: WriteRun, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a true failure has a number that may be its status."""
    for error, count in ((UNREAD, 1), ("ConnectionRefusedError(111, 'refused')", 0)):
        path = write_run([("POST", "/orders", 10, 5)], [("POST", "/orders", error, 5)])
        for arguments, code in ((["check"], 1), (["rules", "suggest"], 0), (["init"], 0)):
            Path("loadgate.toml").unlink(missing_ok=True)
            assert run([*arguments, str(path)]) == code
            assert capsys.readouterr().err.count("loadgate rules teach") == count
