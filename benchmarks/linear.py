"""Adversarial patterns and texts of doubling sizes in, how much longer each doubling takes out.

    python benchmarks/linear.py

A doubling that takes twice as long is linear; four times as long would be quadratic, with which a
text of a megabyte could hold up a build for hours. (docs/fuzzing.md has the table.)
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter

from loadgate.masking import mask_secrets
from loadgate.patterns import EndpointPattern, StatusText, TextGlob
from loadgate.read.documents import strict_decoder
from loadgate.render.display import one_line
from loadgate.render.markdown import escape
from loadgate.signature import settle, signature, skeleton
from loadgate.status import messages, read_status

SIZES = (16_000, 32_000, 64_000, 128_000)
READ = (500, 1000, 2000, 4000)
"""Sizes of a message, of which the grammar reads 4,000 characters."""
ROUNDS = 5
WORST = 3.0  # times as long for twice the size

TEXTS = {
    "one letter": "a",
    "digits": "1",
    "statuses": "409 ",
    "expected": "expected ",
    "expected 200": "expected 200 ",
    "got": "got ",
    "pairs": "expected 200 got 409 ",
    "status code": "status code ",
    "brackets": "[",
    "open lists": "[200, ",
    "braces": "{",
    "parentheses": "((",
    "calls": "A('",
    "single quotes": "'",
    "double quotes": '"',
    "backslashes": "\\",
    "escaped quotes": "\\'",
    "colons": ":",
    "slashes": "/",
    "urls": "http://u:p@h/a?b=c ",
    "at signs": "http://a:b@",
    "questions": "?a=",
    "hexadecimal": "3f2a-",
    "dots": "1.2.3.",
    "spaces": " ",
    "line breaks": "\n",
    "escapes": "\x1b[",
    "osc": "\x1b]0;",
    "osc of one byte": "\x9d",
    "labels": "HTTP 409 (x) ",
    "received, expected": "Balance: got 200, expected 200, ",
    "not but": "it is not 200 but ",
    "backticks": "`a",
    "pipes": "|",
    "tags": "<a ",
    "failed": "failed with ",
    "wide digits": "４０９，",
    "combining": "e\u0301",
}
NAMES = {
    "one letter": "a",
    "slashes": "/a",
    "states": "/a/state",
    "braces": "{a}",
    "methods": "GET ",
}
PATTERNS = ("*a*a*a*a*b", "/**/a/**/a/**/b", "{x}*{y}*{z}b", "**/**/**b", "/**/" * 50 + "b")
GLOBS = ("*a*a*a*a*b", "*" + "got *" * 50 + "b", "**b", "*" + "aa*" * 3000 + "b")
WORDING = StatusText("*refused*with {status} by*you*")


def main() -> int:
    """Print a table; return 1 where something grows faster than WORST."""
    jobs: dict[str, Callable[[str], object]] = {
        "read_status": read_status,
        "signature": lambda text: signature(settle(skeleton(text)), 409),
        "messages": lambda text: list(messages(text)),
        "taught wording": WORDING.statuses,
        "mask_secrets": mask_secrets,
        "one_line": one_line,
        "JSON with a key twice": _keys_twice,
        "Markdown": escape,
        **{f"glob {glob[:12]}": TextGlob(glob).matches for glob in GLOBS},
    }
    rows = [
        (job, name, *growth(run, piece))
        for job, run in jobs.items()
        for name, piece in TEXTS.items()
    ]
    rows += [
        ("read_status, 4,000 characters", name, *growth(read_status, piece, READ))
        for name, piece in TEXTS.items()
    ]
    for pattern in PATTERNS:
        match = partial(EndpointPattern.parse(pattern).matches, "GET")
        rows += [
            (f"pattern {pattern[:12]}", name, *growth(match, piece))
            for name, piece in NAMES.items()
        ]
    print(f"| what | worst text | {SIZES[-1]:,} characters take | a doubling takes |")
    print("| --- | --- | ---: | ---: |")
    for job in dict.fromkeys(row[0] for row in rows):
        worst = max((row for row in rows if row[0] == job), key=lambda row: row[3])
        print(f"| `{job}` | {worst[1]} | {worst[2] * 1000:.1f} ms | {worst[3]:.1f} x |")
    bad = [row for row in rows if row[3] > WORST]
    for row in bad:
        print(f"not linear: {row}")
    return 1 if bad else 0


def _keys_twice(text: str) -> None:
    """Decode an object of many keys, of which the last stands twice."""
    keys = [str(number) for number in range(len(text) // 8)]
    document = "{" + ",".join(f'"{key}":1' for key in [*keys, keys[-1]]) + "}"
    with contextlib.suppress(ValueError):
        strict_decoder().decode(document)


def growth(
    run: Callable[[str], object], piece: str, sizes: tuple[int, ...] = SIZES
) -> tuple[float, float]:
    """Return the seconds that the largest size takes, and the growth per doubling over all sizes.

    What takes less than a millisecond in the end is too short to tell.
    """
    times = []
    for size in sizes:
        text = (piece * (size // len(piece) + 1))[: size - 1] + "b"  # as the patterns end
        best = float("inf")
        for _ in range(ROUNDS):
            begin = perf_counter()
            run(text)
            best = min(best, perf_counter() - begin)
            if best > 1:  # seconds: no need to be sure
                break
        times.append(best)
    if times[-1] < 0.001:
        return times[-1], 1.0
    return times[-1], float((times[-1] / times[0]) ** (1 / (len(sizes) - 1)))


if __name__ == "__main__":
    sys.exit(main())
