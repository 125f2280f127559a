"""Whole outputs, compared with files that people have read."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import cast

import pytest
from builders import classification, verdict

from loadgate.errors import UsageError
from loadgate.render import FORMATS, FormatName, render, render_csv, render_text

from .cases import CASES

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("case", CASES)
def test_outputs_are_as_they_were_read(case: str, format_: FormatName, update_golden: bool) -> None:
    """Every case looks in every format as in its golden file; --update-golden rewrites them."""
    verdict = CASES[case]
    output = {
        "csv": lambda: "".join(chain(*render_csv(verdict))),
        "text": lambda: render_text(verdict, columns=80),
        "html": lambda: _body(render(verdict, "html")),
    }.get(format_, lambda: render(verdict, format_))()
    file = GOLDEN / f"{case}.{format_}"
    if update_golden:
        file.write_bytes(output.encode())
    assert output.encode() == file.read_bytes()


def _body(page: str) -> str:
    """Return what a page says: its styles are the same in all of them."""
    return page[page.index("<body>") :]


@pytest.mark.parametrize("format_", FORMATS)
def test_no_secret_is_in_any_output(format_: FormatName) -> None:
    """Query strings and credentials that stand in every text of a run reach no output."""
    output = render(CASES["hostile"], format_) + "".join(chain(*render_csv(CASES["hostile"])))
    assert "hunter2" not in output
    assert "http://***@h/x?***" in output


@pytest.mark.parametrize("format_", FORMATS)
def test_a_verdict_may_have_nothing_in_it(format_: FormatName) -> None:
    """Every format has something to say where there are no checks, endpoints or rules."""
    of = replace(verdict(of=classification(endpoints=[], rules=[], origins=())), checks=())
    assert render(of, format_)


def test_an_unknown_format_is_refused() -> None:
    """There is no default to fall back to."""
    with pytest.raises(UsageError, match="unknown format 'jsn'.*json.*did you mean \"json\""):
        render(CASES["passed"], cast("FormatName", "jsn"))
