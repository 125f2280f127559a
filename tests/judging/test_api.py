"""The public names: what there is, what is documented, and how type checkers see it."""

from __future__ import annotations

import doctest
import inspect
import pydoc
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import pytest
from docs.scenes import two_branches

import loadgate
from loadgate.render import FORMATS, FormatName

ROOT = Path(__file__).parents[2]
NAMES = (
    "Check ContradictionError LoadgateError Policy ResultError RulesError Run UsageError Verdict"
    " judge load_policy read_run render"
).split()
MEMBERS = ("passed", "failed_checks", "to_dict", "endpoints_frame")
DOCUMENTED = [*NAMES, *(f"Verdict.{name}" for name in MEMBERS)]


def test_there_is_the_api_and_nothing_else() -> None:
    """What `dir`, completion and a star import have."""
    assert dir(loadgate) == sorted([*NAMES, "__version__"])
    names: dict[str, object] = {}
    exec("from loadgate import *", names)  # noqa: S102 - what users write
    assert names.keys() - {"__builtins__"} == set(NAMES)
    assert all(not inspect.ismodule(value) for value in names.values())
    for name in NAMES:
        assert names[name] is getattr(loadgate, name)
    with pytest.raises(AttributeError):
        _ = loadgate.nothing  # type: ignore[attr-defined]


def test_importing_it_costs_nothing() -> None:
    """What is heavy is imported when it is used; pandas not by judging."""
    script = (
        "import sys, loadgate; assert len([n for n in sys.modules if 'loadgate' in n]) == 1\n"
        "loadgate.judge('run')\n"
        "assert not {'pandas', 'numpy', 'altair', 'jinja2', 'click'} & sys.modules.keys()"
    )
    folder = ROOT / "examples" / "runs"
    subprocess.run([sys.executable, "-c", script], cwd=folder, check=True)


def test_every_format_has_its_literal() -> None:
    """A new one is typed, too."""
    assert get_args(FormatName) == tuple(FORMATS)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be where the examples are: the recorded run, two others, one that is wrong, wrong rules."""
    runs = ROOT / "examples" / "runs"
    shutil.copytree(runs, tmp_path, dirs_exist_ok=True)
    two_branches(tmp_path)
    (tmp_path / "torn").mkdir()
    shutil.copy(runs / "run_stats.csv", tmp_path / "torn")
    text = (runs / "run_failures.csv").read_text("utf-8")
    more = text.splitlines(keepends=True)[-1]
    (tmp_path / "torn" / "run_failures.csv").write_text(text + more, "utf-8")
    (tmp_path / "misspelt.toml").write_text(
        'version = 1\n[[rules]]\nid = "toggle"\nendpoint = "/a"\nerror = "*"\nstatuss = 409\n'
        'why = "Optimistic locking."\n',
        "utf-8",
    )
    monkeypatch.chdir(tmp_path)


def documented(name: str) -> str:
    """Return the docstring of a public name."""
    of: object = loadgate
    for part in name.split("."):
        of = inspect.getattr_static(of, part) if inspect.isclass(of) else getattr(of, part)
    return inspect.getdoc(of) or ""


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize("name", ["loadgate", *DOCUMENTED])
def test_its_examples_are_right(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every public name has one, and each prints what it shows."""
    text = documented(name) if name != "loadgate" else loadgate.__doc__ or ""
    found = doctest.DocTestParser().get_doctest(text, {"loadgate": loadgate}, name, None, 0)
    assert found.examples
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    failed, _ = doctest.DocTestRunner(optionflags=flags).run(found)
    assert not failed, capsys.readouterr().out


@pytest.mark.parametrize("name", ["judge", "load_policy", "read_run", "render"])
def test_its_errors_are_documented(name: str) -> None:
    """Each function says what it raises."""
    assert "\nRaises:\n" in documented(name)


def test_help_can_be_read() -> None:
    """It has every public name, and no more classes and functions than these."""
    text = pydoc.plain(pydoc.render_doc(loadgate))
    for name in NAMES:
        assert name in text.partition("CLASSES")[2]
    assert "\nFUNCTIONS\n    judge(" in text


USE = Path(__file__).with_name("typed.py").read_text("utf-8")


@pytest.mark.prove
@pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(USE, "Success", id="as-it-should-be"),
        pytest.param(f'{USE}\nloadgate.render(verdict, "pdf")\n', "[arg-type]", id="format"),
        pytest.param(f"{USE}\nloadgate.judge(7)\n", "[arg-type]", id="run"),
        pytest.param(f"{USE}\nverdict.pased\n", "[attr-defined]", id="misspelt"),
    ],
)
def test_a_user_has_types(text: str, told: str, tmp_path: Path) -> None:
    """The installed package says that it is typed, and mypy finds what is wrong."""
    (tmp_path / "use.py").write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", "cache", "use.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told in done.stdout, done.stdout + done.stderr
    assert done.stdout.count("error:") == (told != "Success")
