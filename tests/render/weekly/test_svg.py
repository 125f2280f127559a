"""The charts as SVG files: whole, quiet, readable in light and dark."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from loadgate.errors import UsageError
from loadgate.render.weekly import svg
from loadgate.render.weekly.svg import TITLE, render_pictures

from . import weeks

SVG = "{http://www.w3.org/2000/svg}"


def trees(pictures: dict[str, bytes]) -> dict[str, ET.Element]:
    """Return the pictures, parsed."""
    return {title: ET.fromstring(data) for title, data in pictures.items()}  # noqa: S314 - our own


def test_each_picture_is_a_whole_file() -> None:
    """With its title, its marks, and colours for the dark."""
    found = trees(render_pictures(weeks.bad_week()))
    assert list(found) == [TITLE]
    for title, tree in found.items():
        assert tree.findtext(f"{SVG}title") == title
        assert "prefers-color-scheme: dark" in (tree.findtext(f"{SVG}style") or "")
        assert tree.findall(f".//{SVG}path")
        assert int(tree.attrib["width"]) <= 1000


def test_every_colour_has_its_dark_one() -> None:
    """What is drawn in a colour of the page is drawn in another one in the dark."""
    for data in render_pictures(weeks.bad_week()).values():
        text = data.decode()
        style, drawn = re.search(r"<style>(.*?)</style>(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
        used = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', drawn))
        assert used
        assert all(f'"{color}"' in style for color in used), used
        assert "var(" not in text


def test_a_week_without_runs_has_no_pictures() -> None:
    """There is nothing to draw."""
    assert render_pictures(weeks.report()) == {}


def test_no_text_of_a_run_becomes_markup() -> None:
    """Names of endpoints are text; nothing is run, linked or fetched, and no secret is shown."""
    for tree in trees(render_pictures(weeks.hostile_week())).values():
        tags = {element.tag.removeprefix(SVG) for element in tree.iter()}
        assert tags <= {"svg", "title", "style", "g", "path", "line", "text", "rect", "defs",
                        "clipPath", "pattern"}  # fmt: skip
        for element in tree.iter():
            assert not [key for key in element.attrib if key.startswith("on") or "href" in key]
    text = b"".join(render_pictures(weeks.hostile_week()).values()).decode()
    assert "hunter2" not in text


def test_the_same_report_is_the_same_bytes(tmp_path: Path) -> None:
    """Again in this process, and in another one that hashes otherwise."""
    code = (
        "import sys; from render.weekly import weeks;"
        "from loadgate.render.weekly.svg import render_pictures;"
        "sys.stdout.buffer.write(b''.join(render_pictures(weeks.bad_week()).values()))"
    )
    expected = b"".join(render_pictures(weeks.bad_week()).values())
    assert b"".join(render_pictures(weeks.bad_week()).values()) == expected
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert done.stdout == expected, done.stderr.decode()


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what does without it."""

    def missing() -> None:
        raise UsageError("not installed")

    monkeypatch.setattr(svg, "require_extra", missing)
    with pytest.raises(UsageError, match=r"pip install 'loadgate\[report\]', or ask for --charts"):
        render_pictures(weeks.bad_week())
