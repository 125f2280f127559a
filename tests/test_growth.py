"""Tests of growth: twice the adversarial text takes no more than about twice the time.

A text of a megabyte could hold up a build for hours if that were not so. What is compared is the
time of one size with that of another, so that it does not matter how fast the machine is.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from functools import partial
from time import process_time

import pytest

from loadgate.globs import StatusText, TextGlob
from loadgate.masking import mask_secrets
from loadgate.patterns import EndpointPattern
from loadgate.read.documents import strict_decoder
from loadgate.render.markdown import escape
from loadgate.rules.thresholds import DemandError, parse_demand
from loadgate.status import messages, read_status
from loadgate.status.signature import normalise, signature, template
from loadgate.text import one_line

MARGIN = 3
"""Times in proportion that a text may take: what is slow in itself differs from size to size."""
FLOOR = 0.0003
"""Seconds below which the time of the small text is not told apart from nothing."""

FORMS = (
    "HTTP 409{}",
    "HTTP{}409",
    "HTTP 409,{}500",
    "HTTP 409 ({}) 500",
    "HTTP 409 was{}not returned",
    "HTTP_409{}",
    "status 500{}",
    "status{}500",
    "status code:{}500{}",
    "<Response [409{}]>",
    "Expected 200, got 500{}",
    "Expected{}200, got 500",
    "Expected [200, {}],{}got 500",
    "was not 200{}but 409",
    "409 expected{}received 500",
    "409{}",
    "{}409 Conflict{}",
    "returned{}409",
    "Toggle failed{}: 409",
    "Conflict{}: 409{}",
    "graphql{} HTTP 409",
    "'{}409{}",
    "409 Client Error: {} for url: ",
    "Could not parse response as JSON. {}, response code 502, error ",
)
"""Messages of every form and label, with places for what is repeated."""

FILLERS = (
    *(" ", "\t", "\r\n", " \n\t", "\xa0", "\\n", "\\\\n", "\\ ", " \u200b"),  # blanks
    *(*".,:;-=*/|#?@_~", "- ", "->", "!=", "\\", "\\'", "`a", "e\u0301", "😀"),  # signs
    *(*"([{<'\"“«", "(x) ", "[200, ", "A('", "{'a': 1}, ", "<td>\n  ", "\x1b[", "\x1b]0;", "\x9d"),
    *(
        "1",
        "409",
        "409 ",
        "409, ",
        "4xx ",
        "0 ",
        "1.2.3.",
        "3f2a-",
        "４０９，",
        "x-409-",
    ),  # numbers
    *("a", "got ", "and ", "not ", "was ", "code ", "error ", "status ", "failed with ", "错误"),
    *("status code ", "should get ", "expected ", "allowed ok ", "conflict ", "не ", "http_409_"),
    *("expected 200 got 409 ", "Balance: got 200, expected 200, ", "it is not 200 but "),
    *("http://u:p@h/a?b=c ", "http://a:b@", "://1:", "?a=", "#", "//[", "//a:[]", "\\/\\/u@"),
    *("authorization: ", "token=", "token   ", "bearer ", '"secret": "', 'a:a@"', "a:a@", "-u "),
    *(
        "token=\\'",
        "token='",
        "cookie: a=b;",
        "cookies={",
        "authorization: digest a=b, ",
        "//u:b c",
        "eyJ",
    ),
)
"""What is repeated."""


def _no_demand(text: str) -> None:
    with contextlib.suppress(DemandError):
        parse_demand(f"p95 <= {text}ms")


def _keys_twice(text: str) -> None:
    """Decode an object of many keys, of which the last stands twice."""
    keys = [str(number) for number in range(len(text) // 8)]
    document = "{" + ",".join(f'"{key}":1' for key in [*keys, keys[-1]]) + "}"
    with contextlib.suppress(ValueError):
        strict_decoder().decode(document)


OTHERS: dict[str, Callable[[str], object]] = {
    "signature": lambda text: signature(normalise(template(text)), None),
    "signature with a status": lambda text: signature(normalise(template(text)), 409),
    "messages": lambda text: list(messages(text)),
    "mask_secrets": lambda text: mask_secrets("://" + text),
    "one_line": one_line,
    "Markdown": escape,
    "threshold": _no_demand,
    "JSON with a key twice": _keys_twice,
    "status text": StatusText("*refused*with {status} by*you*").statuses,
    "status text of many parts": StatusText("*a" * 300 + "{status}*b").statuses,
    "glob": TextGlob("*a*a*a*a*b").matches,
    "glob of many parts": TextGlob("*" + "got *" * 200 + "b").matches,
    "glob and a masked text": TextGlob("*" + "got *" * 100 + "ab" * 200).could_match,
    "glob of a long part": TextGlob("*" + "a" * 900 + "b*").matches,
    **{
        f"pattern {pattern[:12]}": partial(EndpointPattern.parse(pattern).matches, "GET")
        for pattern in (
            "*a*a*a*a*b",
            "/**/a/**/a/**/b",
            "{x}*{y}*{z}b",
            "**/**/**b",
            "/**/" * 50 + "b",
        )
    },
}


def seconds(run: Callable[[str], object], text: str, rounds: int = 1) -> float:
    """Return the least processor time that a text takes."""
    times = []
    for _ in range(rounds):
        begin = process_time()
        run(text)
        times.append(process_time() - begin)
    return min(times)


def grows_too_fast(
    run: Callable[[str], object], form: str, sizes: tuple[int, ...] = (200, 800, 3200)
) -> Iterator[tuple[str, list[float]]]:
    """Yield what is repeated, and how long each size takes, where it is out of proportion."""
    for filler in FILLERS:
        texts = [form.format(*[(filler * size)[:size]] * 2) for size in sizes]
        run(texts[0])  # compiles what it needs
        times = [seconds(run, texts[0])]
        for text, size in zip(texts[1:], sizes[1:], strict=True):
            times.append(seconds(run, text))
            bound = MARGIN * size / sizes[0]
            if times[-1] <= bound * max(times[0], FLOOR):
                continue
            # Perhaps the machine was busy: only what is so again and again is out of proportion.
            for _ in range(5):
                times[0], times[-1] = seconds(run, texts[0], 9), seconds(run, text, 3)
                if times[-1] <= bound * max(times[0], FLOOR):
                    break
            else:
                yield filler, times
                break


@pytest.mark.prove
@pytest.mark.parametrize("form", FORMS)
def test_reading_takes_linear_time(form: str) -> None:
    """Whatever stands between the words of a message, and however often."""
    caught = "CatchResponseError({!r})".format
    assert next(grows_too_fast(lambda text: read_status(caught(text)), form), None) is None


@pytest.mark.prove
@pytest.mark.parametrize("run", OTHERS.values(), ids=OTHERS)
def test_everything_else_takes_linear_time(run: Callable[[str], object]) -> None:
    """Signatures, masking, patterns, and what makes texts safe to show."""
    assert next(grows_too_fast(run, "{}b", (500, 2000, 16_000)), None) is None


def test_what_grows_too_fast_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes sixteen times as long for four times the text, but not what takes four times."""
    now = 0.0
    monkeypatch.setattr(sys.modules[__name__], "process_time", lambda: now)

    def runs_for(times: float) -> None:
        nonlocal now
        now += times

    quadratic = grows_too_fast(lambda text: runs_for(len(text) ** 2 / 1e6), "{}")
    assert [filler for filler, _ in quadratic] == list(FILLERS)
    assert list(grows_too_fast(lambda text: runs_for(len(text) / 1e3), "{}")) == []


@pytest.mark.parametrize(
    "blanks", [" " * 500, "\t" * 500, "\r\n" * 250, "\xa0" * 500, "\\n  " * 100]
)
def test_a_run_of_blanks_is_one_blank(blanks: str) -> None:
    """How a message is laid out does not change its reading."""
    text = f"Update failed,{blanks}HTTP 409"
    assert read_status(text).status == 409
    assert read_status(f"CatchResponseError('{text}')").status == 409
    assert read_status(f"CatchResponseError('HTTP 409{blanks * 40}')").status == 409
