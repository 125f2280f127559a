"""Tests of explanations as text of 80 columns."""

from __future__ import annotations

import csv
import json
import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest
from builders import CONFLICT, SERVER_ERROR, STATE, failure_row, policy, rule, run, stats
from hypothesis import given
from hypothesis import strategies as st

from loadgate.classify import classify
from loadgate.explain import explain_run, explain_text
from loadgate.matching import decide_text
from loadgate.model import FailureRow, Policy, Rule, Run
from loadgate.patterns import EndpointPattern, TextGlob
from loadgate.render.rules.explanation import LINES, render_explained
from loadgate.render.rules.reasons import CLIENTS, PLACES, UNKNOWN, status_text
from loadgate.render.terminal import COLUMNS
from loadgate.status import read_status

from .cases import HOSTILE
from .strategies import PROPERTY, TEXTS

DATA = Path(__file__).parents[1] / "data"
GOLDEN = Path(__file__).parent / "golden"
EXAMPLES = Path(__file__).parents[2] / "examples"
_GET = "GET /**/state"


def rendered(
    of: Run,
    rules: Policy,
    *,
    first: int | None = None,
    endpoint: str | None = None,
    full: bool = False,
    color: bool = False,
) -> str:
    """Return the explanation of the first so many kinds of a run; None: all of them."""
    classification = classify(of, rules)
    kinds = classification.failures
    explained = explain_run(
        classification,
        rules,
        endpoint=endpoint,
        kinds=kinds,
        first=len(kinds) if first is None else first,
    )
    return render_explained(explained, full=full, color=color)


def failing(*rows: FailureRow, more: int = 0) -> Run:
    """Return a run of one endpoint with these failures, and some more without a text."""
    count = sum(row[3] for row in rows) + more
    return run(endpoints=[stats(failures=count)] if count else [stats(failures=0)], failures=rows)


def one(text: str, rules: Policy, *, full: bool = False) -> str:
    """Return the explanation of a text at the state endpoint, its white space folded."""
    explained = explain_text(rules, text, ("POST", STATE))
    return " ".join(render_explained(explained, full=full).split())


def anywhere(text: str, rules: Policy, *, full: bool = False) -> str:
    """Return the explanation of a text without an endpoint."""
    return render_explained(explain_text(rules, text), full=full)


def _assert_fits_a_terminal(text: str) -> None:
    """Fail where a line is too long, controls anything, or is a command of a CI system."""
    assert text.endswith("\n")
    assert text.count("\n") == len(text.splitlines())
    assert "?token=hunter2" not in text
    for line in text.splitlines():
        wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line)
        assert len(line) + wide <= COLUMNS or line.startswith("  paste     error = ")
        assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in line)
        assert not line.lstrip().startswith("::")
        assert not re.search(r"##\w*\[", line)


# Patterns are shown as written, secrets and all; ids cannot hold any.
_IDS = TEXTS.filter(lambda text: "hunter2" not in text)
_PATTERNS = _IDS.filter(str.strip)
_HOSTILE_RULES = st.lists(
    st.builds(
        rule,
        _IDS,
        endpoint=_PATTERNS,
        statuses=st.none() | st.just([409, 412]),
        error=st.none() | _PATTERNS,
        why=TEXTS,
        origin=TEXTS,
        excuses=st.booleans(),
    ),
    max_size=5,
    unique_by=lambda of: of.id,
)


@PROPERTY
@given(
    st.lists(st.builds(failure_row, TEXTS, method=TEXTS, name=TEXTS), max_size=40),
    _HOSTILE_RULES,
    TEXTS,
    st.booleans(),
)
def test_any_run_fits_a_terminal(
    rows: list[FailureRow], rules: list[Rule], label: str, full: bool
) -> None:
    """Lines and columns are bounded, and no character but the line feed controls anything."""
    names = dict.fromkeys((row[0], row[1]) for row in rows)
    endpoints = [stats(name, method=method, requests=0, failures=0) for method, name in names]
    of = run(
        label=label,
        endpoints=endpoints,
        failures=rows,
        partial=True,
        contradictions=(HOSTILE, label),
    )
    text = rendered(of, policy(*rules, origins=(label, HOSTILE)), endpoint=label, full=full)
    _assert_fits_a_terminal(text)
    assert full or text.count("\n") <= LINES


@PROPERTY
@given(TEXTS, _HOSTILE_RULES, TEXTS, st.booleans())
def test_any_text_fits_a_terminal(text: str, rules: list[Rule], name: str, full: bool) -> None:
    """A text of the command line is as hostile as one of a file: it was copied from there."""
    of = policy(*rules, origins=(name,))
    for endpoint in ((name, name), None):
        _assert_fits_a_terminal(render_explained(explain_text(of, text, endpoint), full=full))


def test_full_explanations_do_not_fold() -> None:
    """With all asked for, every rule has its own entry with what it is about."""
    rules = policy(rule("get", endpoint=_GET), *(rule(f"r{n}", endpoint="/x") for n in range(9)))
    text = rendered(failing(failure_row()), rules, full=True)
    assert f"1. get: only for {_GET}\n" in text
    assert text.count("only for /x\n") == 9
    folded = rendered(failing(failure_row()), rules)
    single = rendered(failing(failure_row()), policy(rule("other", endpoint="/x")))
    assert "1. other: only for /x\n" in single
    assert f"1. get: only for {_GET}\n" in folded
    assert "2-10. for other endpoints: r0, r1, r2, r3 and 5 more\n" in folded


def test_many_rules_about_the_same_endpoint_are_bounded() -> None:
    """Those in the middle are counted; the last one, which decides, is always there."""
    rules = policy(*(rule(f"r{n}", statuses=[412]) for n in range(30)), rule("last"))
    text = one(CONFLICT, rules)
    assert "6. r5: wants 412, the status is 409 ... 24 more with --all 31. last: m" in text
    assert "more with" not in one(CONFLICT, rules, full=True)


TEXTS_AND_RULES = {
    "expected": (CONFLICT, rule(origin="preset p")),
    "carve-out": (CONFLICT, rule(excuses=False)),
    "expired": (CONFLICT, rule(expires=date(2026, 1, 31))),
    "unknown-and-near": ("CatchResponseError('score 409')", rule()),
    "unknown": ("CatchResponseError('score 409')", rule(endpoint=_GET)),
    "no-response": ("ReadTimeout('slow')", rule()),
    "other-status": (CONFLICT, rule(statuses=[412, 423])),
    "other-text": (CONFLICT, rule(error="shop")),
    "text-that-is-not-whole": (CONFLICT, rule(error="got 409")),
    "pattern-as-written": (
        "see http://a/b?token=c",
        rule(statuses=None, error="*?token=*&key=d"),
    ),
    "other-method": (CONFLICT, rule(endpoint=_GET)),
    "server-error": (SERVER_ERROR, rule()),
    "empty": ("", rule()),
    "paste": ("HTTPError('409 Client Error: Conflict for url: /x')", rule()),
}
"""One text at one endpoint, and the only rule: a decision or remedy each."""


def _texts() -> Iterator[tuple[str, str]]:
    """Yield explanations of one text."""
    for case, (text, of) in TEXTS_AND_RULES.items():
        yield case, render_explained(explain_text(policy(of), text, ("POST", STATE)))
    slashless = explain_text(policy(rule()), CONFLICT, ("POST", "tools/7/state"))
    yield "no leading slash", render_explained(slashless)
    wordings = policy(rule(), status_texts=["*shop {status}*", "*order {status}*"])
    disagreeing = "CatchResponseError('order 409 by shop 500')"
    yield "wordings that disagree", anywhere(disagreeing, wordings)
    yield (
        "the same at an endpoint",
        render_explained(explain_text(wordings, disagreeing, ("POST", STATE))),
    )
    yield "no rules", render_explained(explain_text(policy(), CONFLICT, ("POST", STATE)))
    yield "anywhere", anywhere(CONFLICT, policy(rule("wide"), rule("other", statuses=[500])))
    yield "nowhere", anywhere(CONFLICT, policy(rule(error="*shop*")))
    yield "anywhere without rules", anywhere("", policy())


def _runs() -> Iterator[tuple[str, str]]:
    """Yield explanations of runs."""
    rules = policy(
        rule("get", endpoint="GET /tools"),
        rule("lists", endpoint="/lists"),
        rule("conflict", origin="preset optimistic-locking"),
        rule("words", statuses=None, error="*shop*"),
        origins=("loadgate.toml", "preset optimistic-locking"),
    )
    yield "a run", rendered(failing(failure_row(SERVER_ERROR, count=3)), rules)
    yield "failures without a text", rendered(failing(more=3), policy(rule()))
    yield "no texts at all", rendered(run(failures=None), policy(rule()))
    yield "no failures", rendered(failing(), policy(rule()))
    yield "no failures there", rendered(failing(), policy(rule()), endpoint="/x")
    yield "no requests", rendered(run(endpoints=()), policy(rule()))
    conflicts = failing(failure_row(count=2))
    yield "expected failures only", rendered(conflicts, policy(rule()), first=0)
    both = failing(failure_row(), failure_row(SERVER_ERROR), failure_row("x", count=3))
    yield "more than is shown", rendered(both, policy(rule()), first=1)
    of = run(failures=[failure_row()], partial=True, contradictions=("a row is cut",))
    yield "partial results", rendered(of, policy(rule()))
    rows = [
        failure_row("HTTP 500", name="/a/state", count=4),
        failure_row("HTTP 500", name="/b/state", count=3),
        failure_row("HTTP 502", name="/b/state", count=2),
        failure_row("HTTP 500", name="/elsewhere", count=9),
        failure_row("HTTP 404", name="/a/state", count=8),
        failure_row("HTTP 409", name="/a/state", count=5),
        failure_row("HTTP 409", name="/b/state", count=6),
    ]
    ends = [stats(name, failures=99) for name in ("/a/state", "/b/state", "/elsewhere")]
    yield "decided the same way", rendered(run(endpoints=ends, failures=rows), policy(rule()))


@pytest.mark.parametrize(
    ("name", "cases"), [("explained-texts", _texts), ("explained-runs", _runs)]
)
def test_explanations_are_as_they_were_read(
    name: str, cases: Callable[[], Iterator[tuple[str, str]]], update_golden: bool
) -> None:
    """Every decision, remedy and kind of run has its sentences."""
    text = "\n".join(f"=== {case}\n{explanation}" for case, explanation in cases())
    file = GOLDEN / f"{name}.text"
    if update_golden:
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")


def test_a_wording_is_shown_as_written() -> None:
    """What the user wrote is not masked: in a wording, a rule and the endpoint asked for."""
    rules = policy(
        rule(endpoint="POST /login?token=*"),
        rule("b", statuses=None, error="x ?token=*"),
        status_texts=["no ?token=* but {status}"],
    )
    text = " ".join(anywhere("no ?token=a but 409", rules).split())
    assert '409, read from "no ?token=* but {status}"' in text
    assert "matches at POST /login?token=*" in text
    assert "does not match: x ?token=*" in text
    assert "No failures at /x?token=*, so" in rendered(failing(), rules, endpoint="/x?token=*")


def test_rules_that_come_near_are_bounded() -> None:
    """Three of them are named."""
    rules = policy(*(rule(f"r{n}", statuses=[412]) for n in range(5)))
    assert "no rule matches; r0, r1, r2 and 2 more would, but for the status" in one(
        CONFLICT, rules
    )


def test_methods_that_are_no_upper_case_words_are_told() -> None:
    """A rule with the key `method` is about its methods, too."""
    database = rule(statuses=None, error="*x*")
    object.__setattr__(database, "endpoint", EndpointPattern.parse("stock", ("DB query", "A b")))
    assert "only for A b, DB query stock" in one(CONFLICT, policy(database), full=True)


def test_other_texts() -> None:
    """The kind that many texts were rolled into says so."""
    letters = "abcdefghijkl"
    rows = [failure_row(f"X('HTTP 500 for {a}{b}')") for a in letters for b in letters]
    text = " ".join(rendered(failing(*rows), policy(rule()), full=True).split())
    assert "(other texts): everything beyond the first 100 kinds of one endpoint, sta" in text


def test_the_length_is_bounded() -> None:
    """Where twenty explanations are too long, fewer are shown, unless all are wanted."""
    names = [f"/{letter}" for letter in "abcdefghijklmnopqrst"]
    rules = policy(*(rule(name[1:], endpoint=name, statuses=[412]) for name in names))
    rows = [failure_row("CatchResponseError('HTTP 409')", name=name) for name in names]
    of = run(endpoints=[stats(name, failures=1) for name in names], failures=rows)
    text = rendered(of, rules)
    assert LINES - 20 <= text.count("\n") <= LINES
    assert re.search(r"Not shown: \d true failures? of \d kinds?; use --all", text)
    assert rendered(of, rules, full=True).count("TRUE ") == 20


def test_endpoints_that_masking_made_equal_are_told_apart() -> None:
    """Endpoints are called as in the outputs of a check."""
    names = ["/x?token=hunter2", "/x?token=hunter3"]
    rows = [failure_row(SERVER_ERROR, name=name) for name in names]
    of = run(endpoints=[stats(name, failures=1) for name in names], failures=rows)
    text = rendered(of, policy(rule()))
    assert "  1         POST /x?***\n" in text
    assert "  1         POST /x?*** (2)\n" in text


def test_colour_is_for_words_of_ours() -> None:
    """The word that says the decision is coloured, and nothing of the run."""
    rules = policy(rule())
    text = rendered(failing(failure_row(), failure_row("x")), rules, color=True)
    assert "\x1b[1;31mTRUE\x1b[0m    " in text
    assert "\x1b[1;32mEXPECTED\x1b[0m    " in text
    assert text.count("\x1b") == 6
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert plain == rendered(failing(failure_row(), failure_row("x")), rules)


def test_all_rules_are_shown_of_a_text_at_any_endpoint() -> None:
    """Some of them, unless all are asked for."""
    of = policy(*(rule(f"r{n}") for n in range(30)))
    assert "... 11 more with --all 30. r29" in " ".join(anywhere(CONFLICT, of).split())
    assert anywhere(CONFLICT, of, full=True).count("matches at ") == 30


def test_a_number_that_may_be_taught_is_shown() -> None:
    """Below the text that the kind has in common, where that masks it."""
    text = rendered(failing(failure_row("late 409 by 1234")), policy())
    assert "  text      late * by *\n  such as   late 409 by 1234\n" in text
    assert "such as" not in rendered(failing(failure_row("late")), policy())
    assert "such as" not in rendered(failing(failure_row(CONFLICT)), policy())


def test_every_reading_has_its_words() -> None:
    """Each form that the grammar can give is worded, and each wording is of a form that it gives."""
    texts = [
        json.loads(line)["error"]
        for name in ("error-texts.jsonl", "more-error-texts.jsonl", "blind-error-texts.jsonl")
        for line in (DATA / name).read_text("utf-8").splitlines()
    ]
    texts += [
        "CatchResponseError(409)",
        "CatchResponseError(\"KeyError: 'a'. Response was 409\")",
        "CatchResponseError('HTTP 409, HTTP 500')",
        "CatchResponseError('Could not parse response as JSON. , response code 502, error E')",
        "HTTPStatusError(\"Client error '409 Conflict' for url '/x'\")",
        "ClientResponseError(RequestInfo(), (), status=409, message='Conflict')",
    ]
    readings = [read_status(text) for text in texts]
    wordings = policy(status_texts=["*order {status}*", "*shop {status}*"])
    taught = ("order 409", "order 409, shop 500", "HTTP 409: order 500")
    readings += [decide_text(wordings, "", "", f"X('{text}')")[0].reading for text in taught]
    assert all(status_text(reading) for reading in readings)
    assert {reading.form for reading in readings} == CLIENTS.keys() | PLACES.keys() | UNKNOWN.keys()


def _pasted(text: str) -> TextGlob | None:
    """Return the `error` that the explanation of a text offers; None: it offers none."""
    lines = anywhere(text, policy()).splitlines()
    offered = [line.removeprefix("  paste") for line in lines if line.startswith("  paste")]
    return TextGlob(tomllib.loads(offered[0])["error"]) if offered else None


@pytest.mark.parametrize(
    ("text", "pasted"),
    [
        pytest.param("order 17 is stale", "order * is stale", id="number"),
        pytest.param("it's \"no\" \\ 'yes'", "it's \"no\" \\ 'yes'", id="quotes"),
        pytest.param("a\n\tb\x1b[m\u202e", "a\n\tb\x1b[m\u202e", id="controls"),
        pytest.param("##[error]x ##vso[y]", "##[error]x ##vso[y]", id="log-commands"),
        pytest.param("a \ud800 b", "a * b", id="surrogate"),
        pytest.param("see http://u:p@h/x?token=a now", "see * now", id="url"),
        pytest.param("no ?token=abc here", "no ?*** here", id="query"),
        pytest.param("\u51b2\u7a81 " * 200, "\u51b2\u7a81 " * 99 + "\u51b2\u7a81*", id="long"),
        pytest.param("", None, id="empty"),
        pytest.param("17", None, id="nothing-but-a-mask"),
        pytest.param("(other texts)", None, id="many-texts"),
    ],
)
def test_what_can_be_pasted(text: str, pasted: str | None) -> None:
    """A signature is offered whole, as TOML has it, and matches the text that it is of."""
    glob = _pasted(text)
    assert (glob and glob.text) == pasted
    assert glob is None or glob.matches(text)


def _assert_signatures_match(files: Iterable[Path]) -> None:
    texts: set[str] = set()
    for file in files:
        with file.open(newline="", encoding="utf-8", errors="replace") as rows:
            texts.update(row["Error"] or "" for row in csv.DictReader(map(_without_nul, rows)))
    kinds: dict[str, list[str]] = defaultdict(list)
    for text in filter(str.strip, texts):
        kinds[explain_text(policy(), text).kinds[0].signature].append(text)
    assert kinds
    for alike in kinds.values():
        glob = _pasted(alike[0])
        assert glob is not None, alike[0]
        for text in alike:
            assert glob.matches(text), (glob.text, text)


def _without_nul(line: str) -> str:
    return line.replace("\0", "")


def test_signatures_of_the_examples_can_be_pasted() -> None:
    """What explain offers for the runs that ship matches every text that it stands for."""
    _assert_signatures_match(EXAMPLES.rglob("*_failures.csv"))


def test_signatures_of_recorded_runs_can_be_pasted(shared: Path) -> None:
    """So does what it offers for whatever real Locust releases wrote."""
    csv.field_size_limit(10**9)
    _assert_signatures_match((shared / "runs").rglob("*_failures.csv"))
