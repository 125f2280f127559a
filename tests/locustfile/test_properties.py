"""Any message, however it is put together, is read with what its source teaches."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loadgate.globs import StatusText
from loadgate.locustfile import learn
from loadgate.status import read_taught

_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Co", "Cn"), exclude_characters="{}%"), max_size=12
)
_PARTS = st.lists(st.one_of(_TEXT, st.just(None)), max_size=5)
"""Literal texts, and None for something that is known only when the test runs."""


def _f_string(parts: list[str | None]) -> str:
    bits = (
        "{response.status_code}" if part == "S" else "{x}" if part is None else repr(part)[1:-1]
        for part in parts
    )
    return 'f"""' + "".join(bits).replace('"', '\\"') + '"""'


def _percent(parts: list[str | None]) -> str:
    text = "".join("%d" if p == "S" else "%s" if p is None else p for p in parts)
    names = "".join(
        "response.status_code, " if p == "S" else "x, " for p in parts if p in {"S", None}
    )
    return f"{text!r} % ({names})"


def _format(parts: list[str | None]) -> str:
    text = "".join("{r.status_code}" if p == "S" else "{x}" if p is None else p for p in parts)
    return f"{text!r}.format(r=response, x=x)"


def _sum(parts: list[str | None]) -> str:
    bits = (
        "str(response.status_code)" if p == "S" else "str(x)" if p is None else repr(p)
        for p in parts
    )
    return " + ".join(bits)


def _join(parts: list[str | None]) -> str:
    return f"''.join([{_sum(parts).replace(' + ', ', ')}])"


@given(before=_PARTS, after=_PARTS, body=_TEXT, status=st.sampled_from((409, 500, 204)))
def test_all_ways_to_write_a_message_teach_the_same(
    before: list[str | None],
    after: list[str | None],
    body: str,
    status: int,
    tmp_path_factory: Any,
) -> None:
    """And the wording reads the status in the text that the source really gives."""
    before, after = [None if part == "S" else part for part in before], list(after)
    after = [None if part == "S" else part for part in after]
    parts = [*before, "S", *after]
    learned = []
    for write in (_f_string, _percent, _format, _sum, _join):
        source = write(parts)
        path: Path = tmp_path_factory.getbasetemp() / "locustfile.py"
        path.write_text(f"def task(response, x):\n    response.failure({source})\n", "utf-8")
        lesson = learn([str(path)])
        learned.append(
            (
                tuple(wording.text for wording in lesson.taught),
                tuple(one.text for one in lesson.findings),
                lesson.bare,
            )
        )
        text = eval(source, {"response": SimpleNamespace(status_code=status), "x": body})  # noqa: S307
        wordings = [StatusText(wording.text) for wording in lesson.taught]
        for error in (text, f"CatchResponseError({text!r})", repr(f"ValueError({text!r})")):
            reading = read_taught(error, wordings)
            assert reading is None or reading.status in {status, None}
            if not any(character.isdigit() for character in text.replace(str(status), "")):
                assert reading is not None or not wordings
    assert len(set(learned)) == 1
