"""What README shows works as shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import WriteRun
from docs.test_links import FILES
from gfm import GITHUB

from loadgate.cli import exit_codes as exits

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """Return the code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_python_example_runs(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example of the API prints the verdict."""
    stats = write_run()
    monkeypatch.chdir(stats.parent)
    Path("loadgate.toml").write_text(blocks("toml")[0], "utf-8")
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - our own text
    out = capsys.readouterr().out
    assert out.startswith(("passed 0\n", "failed 0\n"))
    assert "10 expected + 0 true" in out


def test_the_package_index_can_show_it() -> None:
    """It has no files of ours beside the page, drops most HTML, and people look for one command."""
    blocks = GITHUB.parse(README)
    tokens = [*blocks, *(token for block in blocks for token in block.children or ())]
    assert [token.content for token in tokens if token.type in {"html_block", "html_inline"}] == []
    targets = [str(token.attrs["href"]) for token in tokens if "href" in token.attrs]
    pictures = [str(token.attrs["src"]) for token in tokens if "src" in token.attrs]
    assert len(targets) > 25
    assert [one for one in targets if not one.startswith("https://")] == []
    assert len(pictures) > 0
    assert [one for one in pictures if not one.startswith(FILES)] == []
    # What looks like a link, and leads nowhere, is text.
    assert [
        token.content for token in tokens if token.type == "text" and "[" in token.content
    ] == []
    assert next(token for token in tokens if token.type == "fence").content.startswith(
        "$ pip install loadgate "
    )


def test_exit_codes_are_told() -> None:
    """Every exit code of the command is in the table, and no other."""
    told = {int(code) for code in re.findall(r"^\| (\d+) \| ", README, re.MULTILINE)}
    assert told == {*exits.WORST_FIRST, exits.INTERRUPTED}
