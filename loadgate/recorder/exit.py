"""The exit code of Locust: the gate's, whoever else sets one."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import Any

import locust.log

from loadgate.recorder.verdict import ERROR, WORST_FIRST, Judgement


def set_exit_code(environment: Any, judgement: Judgement, other: int | None) -> None:  # noqa: ANN401 - Locust's own
    """Have Locust end with the gate's code; say so if a listener had set another one."""
    code = judgement.code
    if locust.log.unhandled_greenlet_exception:
        code = worst((code, ERROR))
    if other not in {None, code}:
        _say(f"the exit code is the gate's, {code}; a listener had set {other}")
    environment.process_exit_code = code


def tell(judgement: Judgement, exit_code: int) -> None:
    """Print the verdict, and say so if Locust ends with another code."""
    sys.stdout.write(f"\n{judgement.text}")
    sys.stdout.flush()
    if exit_code != judgement.code:
        _say(f"the exit code is {exit_code}, not the gate's, which is {judgement.code}")


def exit_code(code: object, *, judged: bool, tested: bool) -> int:
    """Return the exit code of a Locust that ended with `code`.

    Locust ends with 1 for much that is wrong with its command line or locustfile; of ours it says
    that the gate failed. `tested` says that a load test was about to begin: without a verdict
    even 0 is an error then.
    """
    if judged and isinstance(code, int):
        return code
    return ERROR if tested or code not in {None, 0} else 0


def worst(codes: Collection[int]) -> int:
    """Return the code that counts among several."""
    return min(codes, key=WORST_FIRST.index)


def _say(text: str) -> None:
    sys.stderr.write(f"loadgate: {text}\n")
