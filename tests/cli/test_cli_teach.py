"""`loadgate rules teach`, and the commands that use what it learns."""

from __future__ import annotations

import json
import os
import shlex
import tomllib
from pathlib import Path

import pytest
from conftest import WriteRun

from loadgate.cli import run
from loadgate.locustfile import CODES
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
    assert capsys.readouterr() == ("", "loadgate: 0 wordings from 0 messages in locustfile.py\n")


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


@pytest.mark.parametrize(
    ("folder", "file", "command"),
    [
        ("", "loadgate.toml", "--write locustfile.py"),
        ("a b/", "a b/loadgate.toml", "--write 'a b/locustfile.py'"),
        ("a/", "a/team.toml", "--write --rules a/team.toml a/locustfile.py"),
    ],
)
def test_init_names_the_locustfile_that_it_did_not_read(
    folder: str, file: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command that it gives makes the hook pass."""
    Path("locustfile.py").unlink()
    written(**{f"{folder}locustfile_py": LOCUSTFILE})
    assert run(["init", "--file", file]) == 0
    err = capsys.readouterr().err
    assert f"`loadgate rules teach {command}`" in err
    assert "--locustfile" in err
    assert run(shlex.split(f"rules teach {command}")) == 0
    assert run(["rules", "teach", "--check", "--rules", file, f"{folder}locustfile.py"]) == 0


def test_init_includes_the_wordings(capsys: pytest.CaptureFixture[str]) -> None:
    """So the new file lacks none, and lint has nothing to say."""
    assert run(["init", "--locustfile", "locustfile.py"]) == 0
    err = capsys.readouterr().err
    assert "1 wording from 6 messages" in err
    assert "was not read" not in err
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
    Path("locustfile.py").unlink()
    for error, count in ((UNREAD, 1), ("ConnectionRefusedError(111, 'refused')", 0)):
        path = write_run([("POST", "/orders", 10, 5)], [("POST", "/orders", error, 5)])
        for arguments, code in ((["check"], 1), (["rules", "suggest"], 0), (["init"], 0)):
            Path("loadgate.toml").unlink(missing_ok=True)
            assert run([*arguments, str(path)]) == code
            assert capsys.readouterr().err.count("loadgate rules teach") == count


# --- several rules files, and files that a commit changed -----------------------------------------

SHOP = 'def buy(r):\n    r.failure(f"{} lost: HTTP {{r.status_code}}")\n'
USER = "from locust import HttpUser\nfrom {} import buy\n\nclass Shop(HttpUser):\n    pass\n"


def written(**files: str) -> None:
    """Write files by their paths, with `__` for a slash and `_py` or `_toml` for the ending."""
    for name, text in files.items():
        stem, _, ending = name.replace("__", "/").rpartition("_")
        path = Path(f"{stem}.{ending}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def teach(
    capsys: pytest.CaptureFixture[str], *words: str, code: int, changed: bool = True
) -> tuple[str, str]:
    """Check, and return what is said."""
    command = ["rules", "teach", "--check", *(["--changed"] if changed else [])]
    assert run([*command, *words]) == code
    out, err = capsys.readouterr()
    return out, err


def rules_with(*words: str) -> str:
    """Return a rules file with wordings."""
    texts = "".join(f'[[status_texts]]\ntext = "{word} lost: HTTP {{status}}"\n' for word in words)
    return f"version = 1\n{texts}"


def test_each_locustfile_goes_with_the_nearest_rules_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In its folder or above; those of one rules file are read together."""
    written(
        locustfile_py=SHOP.format("Root"),
        loadgate_toml=rules_with("Root", "Deep"),
        a__locustfile_py=SHOP.format("A"),
        a__loadgate_toml=rules_with("A"),
        b__load__test__locustfile_py=SHOP.format("B"),
        b__loadgate_toml=rules_with("A"),
        c__locustfile_py=SHOP.format("Deep"),
    )
    names = [f"{folder}locustfile.py" for folder in ("", "a/", "b/load/test/", "c/")]
    out, err = teach(capsys, *names, code=1, changed=False)
    assert out.count("[[status_texts]]") == 1
    assert "b/loadgate.toml lacks 1 wording; add it with" in err
    assert "`loadgate rules teach --write b/load/test/locustfile.py`" in err
    teach(capsys, *names, "--rules", "b/loadgate.toml", code=1, changed=False)
    assert run(["rules", "teach", "--write", *names]) == 0
    assert "b/loadgate.toml: 1 wording added" in capsys.readouterr().out
    teach(capsys, *(str(Path(name).resolve()) for name in names), code=0, changed=False)
    teach(capsys, "a", "b", code=0, changed=False)
    teach(capsys, ".", code=0, changed=False)


@pytest.mark.parametrize("changed", [False, True])
def test_a_folder_holds_several_rules_files(
    changed: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each locustfile in it goes with its own; where there is none, that is said, and helps."""
    Path("locustfile.py").unlink()
    two = SHOP.format("B") + SHOP.format("Two")
    written(
        services__a__locustfile_py=SHOP.format("A"),
        services__a__loadgate_toml=rules_with("A"),
        services__b__locustfile_py=f"from lib.fails import buy\n{two}",
        services__b__lib__fails_py="",
        services__b__loadgate_toml=rules_with("B"),
        services__c__locustfile_py=two,
        services__d__locustfile_py=SHOP.format("D"),
        services__common__tools_py="print(1)\n",
        services__node_modules__x_py=SHOP.format("Other"),
    )
    names = [*map(str, sorted(Path("services").glob("?/*.py")))] if changed else ["services"]
    _, err = teach(capsys, *names, code=1, changed=changed)
    said = [line for line in err.splitlines() if " lacks " in line]
    write = "there is no rules file: write one with `loadgate init --file"
    assert said == [
        "loadgate: services/b/loadgate.toml lacks 1 wording; add it with `loadgate rules teach"
        " --write services/b/locustfile.py`",
        f"loadgate: preset optimistic-locking lacks 2 wordings; {write} services/c/loadgate.toml"
        " --locustfile services/c/locustfile.py`",
        f"loadgate: preset optimistic-locking lacks 1 wording; {write} services/d/loadgate.toml"
        " --locustfile services/d/locustfile.py`",
    ]
    assert run(["rules", "teach", "--write", "services"]) == 2
    err = capsys.readouterr().err
    for line in said[1:]:
        command = line.partition("`loadgate ")[2].rstrip("`")
        assert command in err
        assert run(shlex.split(command)) == 0
    teach(capsys, *names, code=0, changed=changed)
    teach(capsys, ".", code=0, changed=False)


def test_one_rules_file_deep_in_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """It is that of all locustfiles there, and the folder can be named."""
    written(
        services__a__locustfile_py=SHOP.format("A"),
        services__a__loadgate_toml=rules_with(),
    )
    _, err = teach(capsys, "services", code=1, changed=False)
    assert "services/a/loadgate.toml lacks 1 wording; add it with" in err
    assert run(["rules", "teach", "--write", "services"]) == 0
    teach(capsys, "services", code=0, changed=False)


@pytest.mark.parametrize(
    ("rules", "remedy"),
    [
        ("optimistic-locking", "a preset cannot be changed: name a rules file with --rules"),
        ("rules.json", "add it by hand, as --write can only append to TOML"),
    ],
)
def test_what_cannot_be_appended_to_is_not_advised(
    rules: str, remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No command that would fail."""
    Path("rules.json").write_text('{"version": 1}', "utf-8")
    _, err = teach(capsys, "--rules", rules, code=1, changed=False)
    assert f"lacks 1 wording; {remedy}\n" in err


def test_no_locustfile_is_left_out_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Also not the one that would be read without a name."""
    written(loadgate_toml=rules_with(), other_py=SHOP.format("A"))
    _, err = teach(capsys, "locustfile.py", "other.py", code=1, changed=False)
    assert "add them with `loadgate rules teach --write locustfile.py other.py`" in err
    _, err = teach(capsys, code=1, changed=False)
    assert "add it with `loadgate rules teach --write`" in err


def test_the_command_to_write_can_be_copied(capsys: pytest.CaptureFixture[str]) -> None:
    """With the rules file that was named, and names as a shell reads them."""
    written(**{"a b__locustfile_py": SHOP.format("A"), "x_toml": rules_with()})
    _, err = teach(capsys, "a b", "--rules", "x.toml", code=1, changed=False)
    assert "`loadgate rules teach --write --rules x.toml 'a b'`" in err


def test_a_locustfile_without_any_rules_file_is_compared_with_the_preset(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Which lacks every wording: nothing passes unread."""
    written(a__locustfile_py=SHOP.format("A"))
    assert "preset optimistic-locking lacks 1" in teach(capsys, "a/locustfile.py", code=1)[1]


def test_one_that_cannot_be_read_hides_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    """The others are compared, and the worst exit code counts."""
    written(
        a__locustfile_py="def (:",
        a__loadgate_toml=rules_with(),
        b__locustfile_py=SHOP.format("B"),
        b__loadgate_toml=rules_with(),
        c__loadgate_toml=rules_with(),
    )
    names = ["a/locustfile.py", "b/locustfile.py", "c/loadgate.toml", "d/locustfile.py"]
    _, err = teach(capsys, *names, code=2)
    assert "a/locustfile.py:1: is not valid Python" in err
    assert "b/loadgate.toml lacks 1 wording" in err
    assert "c/loadgate.toml: no locustfile in its folder or below" in err
    assert "d/locustfile.py: there is no such file" in err


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param("a/locustfile.py", 1, id="locustfile"),
        pytest.param("a/loadgate.toml", 1, id="rules-file"),
        pytest.param("a/checks.py", 1, id="module-beside"),
        pytest.param("a/lib/deep/checks.py", 1, id="module-below"),
        pytest.param("a/load/shop.py", 1, id="named-otherwise"),
        pytest.param("a/load/words.py", 1, id="module-of-one-named-otherwise"),
        pytest.param("team.toml", 1, id="what-rules-files-extend"),
        pytest.param("tools/build.py", 0, id="other-code"),
        pytest.param("tools/odd.py", 0, id="other-code-that-is-no-python-3"),
        pytest.param("common/fails.py", 1, id="speaks-to-locust"),
        pytest.param("common/events.py", 0, id="imports-locust"),
        pytest.param("shared/fails.py", 1, id="module-imported-from-elsewhere"),
        pytest.param("gone.py", 2, id="gone"),
        pytest.param("b/locustfile.py", 0, id="sound"),
    ],
)
def test_what_a_changed_file_belongs_to_is_checked(
    changed: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing else: other Python code is passed over, and so is what did not change."""
    Path("locustfile.py").unlink()
    written(
        team_toml="version = 1",
        a__loadgate_toml='version = 1\nextends = ["../team.toml"]\n',
        a__locustfile_py=USER.format("checks"),
        a__checks_py=SHOP.format("A"),
        a__lib__deep__checks_py="",
        a__load__shop_py=USER.format("words"),
        a__load__words_py=SHOP.format("Shop"),
        b__loadgate_toml=rules_with("B"),
        b__locustfile_py=SHOP.format("B"),
        c__locustfile_py="from shared.fails import buy\n",
        c__loadgate_toml=rules_with("C"),
        shared____init___py="",
        shared__fails_py=SHOP.format("D"),
        tools__build_py="class User: ...\nprint(1)\n",
        tools__odd_py="print 1\n",
        common__fails_py=SHOP.format("Common"),
        common__events_py="from locust import events\n",
    )
    teach(capsys, changed, code=code)
    teach(capsys, "b/loadgate.toml", "tools/build.py", changed, code=code)


def test_a_module_that_several_share(capsys: pytest.CaptureFixture[str]) -> None:
    """Each locustfile that imports it is compared with its own rules file; no other is read."""
    Path("locustfile.py").unlink()
    written(
        shared__fails_py=SHOP.format("A"),
        a__locustfile_py="from shared.fails import buy\n",
        a__loadgate_toml=rules_with("A"),
        b__locustfile_py="from shared.fails import buy\n",
        b__loadgate_toml=rules_with("A"),
        other__locustfile_py=SHOP.format("Other"),
        broken__locustfile_py="def (:",
    )
    teach(capsys, "shared/fails.py", "shared/fails.py", code=0)
    written(shared__fails_py=SHOP.format("New"), more__fails_py=SHOP.format("A"))
    _, err = teach(capsys, "shared/fails.py", "more/fails.py", code=1)
    for rules in ("a/loadgate.toml", "b/loadgate.toml", "preset optimistic-locking"):
        assert f"{rules} lacks 1 wording" in err


def test_other_code_is_passed_over_and_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever named the wrong files by hand sees it."""
    written(tools__build_py="print(1)\n")
    Path("locustfile.py").unlink()
    assert "belong to no locustfile" in teach(capsys, "tools/build.py", code=0)[1]


def test_a_changed_rules_file_is_for_its_own_locustfiles(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not for those with a nearer one, nor for the code of other projects."""
    missing = SHOP.format("Missing")
    written(
        loadgate_toml=rules_with("A"),
        load__locustfile_py=SHOP.format("A"),
        service__loadgate_toml=rules_with(),
        service__locustfile_py=missing,
        env__lib__locustfile_py=missing,
        node_modules__x__locustfile_py=missing,
    )
    written(**{".tox__locustfile_py": missing})
    Path("env/pyvenv.cfg").touch()
    Path("locustfile.py").unlink()
    teach(capsys, "loadgate.toml", code=0)
    Path("env/pyvenv.cfg").unlink()
    teach(capsys, "loadgate.toml", code=1)


def test_a_pipe_is_not_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Where one lies among the modules, or was named."""
    written(a__checks_py="", a__loadgate_toml=rules_with())
    os.mkfifo("a/pipe.py")
    teach(capsys, "a/checks.py", code=0)
    assert "is not a regular file" in teach(capsys, "a/pipe.py", code=2)[1]


def test_a_module_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said, as nobody knows what it is."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    written(a__checks_py="")
    monkeypatch.setattr(Path, "open", refuse)
    _, err = teach(capsys, "a/checks.py", code=2)
    assert "a/checks.py: cannot be read: Permission denied" in err


def test_annotations_of_several_rules_files_are_ten(capsys: pytest.CaptureFixture[str]) -> None:
    """GitHub drops further ones of a step without a word."""
    for number in range(12):
        written(
            **{f"s{number}__locustfile_py": SHOP.format("A"), f"s{number}__loadgate_toml": RULES}
        )
    names = [f"s{number}" for number in range(12)]
    out, _ = teach(capsys, *names, "--format", "github", code=1, changed=False)
    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == ["::error"] * 10 + ["::notice"]
    assert "and 3 more" in lines[9]
    assert "12 wordings from 12 messages" in lines[10]


def test_code_scanning_gets_warnings_and_missing_wordings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each with its rule and place, from the root of the repository; and nothing else is printed."""
    Path(".git").mkdir()
    written(a__locustfile_py=LOCUSTFILE, a__loadgate_toml=RULES)
    os.chdir("a")
    out, _ = teach(capsys, "--format", "sarif", code=1, changed=False)
    (found,) = json.loads(out)["runs"]
    rules = {rule["id"]: rule for rule in found["tool"]["driver"]["rules"]}
    assert list(rules) == ["missing-wording", *CODES]
    page = (Path(__file__).parents[2] / "docs" / "teach.md").read_text("utf-8")
    for code, rule in rules.items():
        assert rule["helpUri"].endswith(f"/teach.html#{code}")
        assert f"### {code}\n" in page
    results = found["results"]
    assert [one["ruleId"] for one in results][:2] == ["missing-wording", "message-without-status"]
    for one in results:
        assert one["level"] == rules[one["ruleId"]]["defaultConfiguration"]["level"]
        place = one["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "a/locustfile.py"
        assert place["region"]["startLine"] > 1
    assert run(["rules", "teach", "--write", "--format", "sarif"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)
    assert "1 wording added" in err
