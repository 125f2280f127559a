"""Tests of explanations as text of 80 columns."""

from __future__ import annotations

import csv
import json
import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from builders import CONFLICT, SERVER_ERROR, STATE, failure_row, policy, rule, run, stats
from hypothesis import given
from hypothesis import strategies as st

from loadgate.classify import classify
from loadgate.explain import explain_run, explain_text, fit_text
from loadgate.matching import decide_text
from loadgate.model import FailureRow, Policy, Rule, Run
from loadgate.patterns import EndpointPattern, TextGlob
from loadgate.render.rules.explanation import LINES, render_fit, render_one, render_run
from loadgate.render.rules.readings import CLIENTS, PLACES, UNKNOWN, status_text
from loadgate.render.terminal import COLUMNS
from loadgate.status import read_status

from .cases import HOSTILE
from .strategies import PROPERTY, TEXTS

DATA = Path(__file__).parents[1] / "data"
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
    return render_run(explained, full=full, color=color)


def failing(*rows: FailureRow, more: int = 0) -> Run:
    """Return a run of one endpoint with these failures, and some more without a text."""
    count = sum(row[3] for row in rows) + more
    return run(endpoints=[stats(failures=count)] if count else [stats(failures=0)], failures=rows)


def one(text: str, rules: Policy, *, full: bool = False) -> str:
    """Return the explanation of a text at the state endpoint, its white space folded."""
    explanation = explain_text(rules, "POST", STATE, text)
    return " ".join(render_one(explanation, rules.origins, full=full).split())


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
    explanation = explain_text(of, name, name, text)
    _assert_fits_a_terminal(render_one(explanation, of.origins, full=full))
    _assert_fits_a_terminal(render_fit(fit_text(of, text), of.origins, full=full))


def test_an_explanation() -> None:
    """Status and words, rules in their order, decision and remedy: one below the other."""
    rules = policy(
        rule("get", endpoint="GET /tools"),
        rule("lists", endpoint="/lists"),
        rule("conflict", origin="preset optimistic-locking"),
        rule("words", statuses=None, error="*shop*"),
        origins=("loadgate.toml", "preset optimistic-locking"),
    )
    assert rendered(failing(failure_row(SERVER_ERROR, count=3)), rules) == (
        "FAILURES    run: 1,000 requests, 3 failures = 0 expected + 3 true (0.3%)\n"
        "\n"
        "TRUE        3 failures of POST /tools/[id]/state\n"
        "  text      CatchResponseError('Expected [200, 403, 404, 409], got 500')\n"
        '  status    500, read from "Expected [200, 403, 404, 409], got 500": the actual\n'
        "            side of expected and got\n"
        "  rules     1-2. about other endpoints: get, lists\n"
        "            3. conflict (preset optimistic-locking): wants 409, the status\n"
        "               is 500\n"
        "            4. words: its error pattern does not match: *shop*\n"
        "  decision  true: no rule matches; words would, but for the error pattern\n"
        "  remedy    Fix the server; a 5xx is not an intended refusal.\n"
        "\n"
        "rules       loadgate.toml, preset optimistic-locking\n"
        "statuses    docs/reading-statuses.md says how a status is read\n"
        "files       run_stats.csv, run_failures.csv\n"
    )


def test_full_explanations_do_not_fold() -> None:
    """With all asked for, every rule has its own entry with what it is about."""
    rules = policy(rule("get", endpoint=_GET), *(rule(f"r{n}", endpoint="/x") for n in range(9)))
    text = rendered(failing(failure_row()), rules, full=True)
    assert f"1. get: is about {_GET}\n" in text
    assert text.count("is about /x\n") == 9
    folded = rendered(failing(failure_row()), rules)
    single = rendered(failing(failure_row()), policy(rule("other", endpoint="/x")))
    assert "1. other: is about /x\n" in single
    assert f"1. get: is about {_GET}\n" in folded
    assert "2-10. about other endpoints: r0, r1, r2, r3 and 5 more\n" in folded


def test_many_rules_about_the_same_endpoint_are_bounded() -> None:
    """Those in the middle are counted; the last one, which decides, is always there."""
    rules = policy(*(rule(f"r{n}", statuses=[412]) for n in range(30)), rule("last"))
    text = one(CONFLICT, rules)
    assert "6. r5: wants 412, the status is 409 ... 24 more that --all shows 31. last: m" in text
    assert "more that" not in one(CONFLICT, rules, full=True)


@pytest.mark.parametrize(
    ("text", "of", "words"),
    [
        pytest.param(
            CONFLICT,
            rule(origin="preset p"),
            "expected: rule state-conflict of preset p excuses it why Of two",
            id="expected",
        ),
        pytest.param(
            CONFLICT,
            rule(excuses=False),
            'true: rule state-conflict of loadgate.toml says as = "failure" why Of two concurrent'
            " toggles the loser gets 409; no update is lost. remedy Fix what fails; or, if it is"
            " right after all, change the rule.",
            id="carve-out",
        ),
        pytest.param(
            CONFLICT,
            rule(expires=date(2026, 1, 31)),
            "true: rule state-conflict of loadgate.toml matches, but expired on 2026-01-31 why Of"
            " two concurrent toggles the loser gets 409; no update is lost. remedy If the"
            " reason still holds",
            id="expired",
        ),
        pytest.param(
            "CatchResponseError('score 409')",
            rule(),
            "wants 409, the status is unknown decision true: no rule matches; state-conflict would,"
            " but for the status remedy If the text does state the status, add its wording to"
            " [[status_texts]], and state-conflict can match (docs/rules.md#status-texts); or",
            id="unknown-and-near",
        ),
        pytest.param(
            "CatchResponseError('score 409')",
            rule(endpoint=_GET),
            "add its wording to [[status_texts]] (docs/rules.md#status-texts); or, if it is"
            " intended, a rule on `error` can excuse it",
            id="unknown",
        ),
        pytest.param(
            "ReadTimeout('slow')",
            rule(),
            'status unknown: raised where no response came, or where nobody looked at it: "Read'
            'Timeout" rules 1. state-conflict: wants 409, the status is unknown decision true: no'
            " rule matches; state-conflict would, but for the status remedy Fix what fails; or, if"
            " it is intended, a rule on `error` can excuse it",
            id="no-response",
        ),
        pytest.param(
            CONFLICT,
            rule(statuses=[412, 423]),
            "wants 412 or 423, the status is 409 decision true: no rule matches; state-conflict"
            " would, but for the status remedy Fix what fails; or, if a 409 is intended here,"
            " add a rule",
            id="other-status",
        ),
        pytest.param(
            CONFLICT,
            rule(error="shop"),
            "its error pattern does not match: shop decision true: no rule matches; state-conflict"
            " would, but for the error pattern remedy If state-conflict is meant to match, correct",
            id="other-text",
        ),
        pytest.param(
            CONFLICT,
            rule(error="got 409"),
            "its error pattern does not match: got 409; *got 409* would decision true: no rule"
            " matches; state-conflict would, but for the error pattern remedy If state-conflict is"
            ' meant to match, write error = "*got 409*": the whole text must match.',
            id="text-that-is-not-whole",
        ),
        pytest.param(
            "see http://a/b?token=c",
            rule(statuses=None, error="*?token=*&key=d"),
            "its error pattern does not match: *?token=*&key=d decision",
            id="pattern-as-written",
        ),
        pytest.param(
            CONFLICT,
            rule(endpoint=_GET),
            f"is about {_GET} decision true: no rule matches; state-conflict would, but for the"
            " method remedy Fix what fails; or, if state-conflict is meant to decide this, too,",
            id="other-method",
        ),
        pytest.param(
            SERVER_ERROR,
            rule(),
            "decision true: no rule matches remedy Fix the server; a 5xx is not an intended refusal.",
            id="server-error",
        ),
        pytest.param("", rule(), "text (empty error text) status unknown: no number", id="empty"),
        pytest.param(
            "HTTPError('409 Client Error: Conflict for url: /x')",
            rule(),
            "paste error = \"HTTPError('409 Client Error: Conflict for url: *')\" status",
            id="paste",
        ),
    ],
)
def test_decisions_and_remedies(text: str, of: Rule, words: str) -> None:
    """Whatever decided, the explanation says it, and what can be done about a true failure."""
    assert words in one(text, policy(of))


def test_names_without_a_first_slash() -> None:
    """A rule on paths says how its endpoint is written for names that have no first slash."""
    explanation = explain_text(policy(rule()), "POST", "tools/7/state", CONFLICT)
    text = " ".join(render_one(explanation, ("",)).split())
    assert "remedy If state-conflict is meant to match, let its endpoint begin with **" in text


def test_a_wording_is_shown_as_written() -> None:
    """What the user wrote is not masked: in a wording, a rule and the endpoint asked for."""
    rules = policy(
        rule(endpoint="POST /login?token=*"),
        rule("b", statuses=None, error="x ?token=*"),
        status_texts=["no ?token=* but {status}"],
    )
    text = " ".join(render_fit(fit_text(rules, "no ?token=a but 409"), ("",)).split())
    assert '409, read from "no ?token=* but {status}"' in text
    assert "fits at POST /login?token=*" in text
    assert "does not match: x ?token=*" in text
    assert "No failures at /x?token=*: there" in rendered(failing(), rules, endpoint="/x?token=*")


def test_wordings_that_disagree() -> None:
    """What two wordings of the team read differently is theirs to mend."""
    rules = policy(rule(), status_texts=["*shop {status}*", "*order {status}*"])
    text = one("CatchResponseError('order 409 by shop 500')", rules)
    assert "unknown: wordings of [[status_texts]] read different statuses" in text
    assert "Make the wordings of [[status_texts]] narrower" in text


def test_no_rules_at_all() -> None:
    """A policy without rules has nothing to ask."""
    assert "rules there are none decision true: no rule matches remedy" in one(CONFLICT, policy())


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
    assert "is about A b, DB query stock" in one(CONFLICT, policy(database), full=True)


def test_failures_without_a_text() -> None:
    """What no text explains says what it is, and where texts come from."""
    text = " ".join(rendered(failing(more=3), policy(rule())).split())
    assert "(no error text): the statistics count them, but no error text explains them" in text
    assert "status unknown: there is no text to read it from decision true: no rule" in text
    assert "remedy The statistics count more failures than the error texts do" in text
    without = " ".join(rendered(run(failures=None), policy(rule())).split())
    assert "remedy The run has no file with error texts" in without


def test_other_texts() -> None:
    """The kind that many texts were rolled into says so."""
    letters = "abcdefghijkl"
    rows = [failure_row(f"X('HTTP 500 for {a}{b}')") for a in letters for b in letters]
    text = " ".join(rendered(failing(*rows), policy(rule()), full=True).split())
    assert "(other texts): those beyond the 100 that are told apart of one endpoint, sta" in text


@pytest.mark.parametrize(
    ("of", "first", "endpoint", "sentence"),
    [
        pytest.param(failing(), 0, None, "No failures: there is nothing to explain.", id="none"),
        pytest.param(failing(), 0, "/x", "No failures at /x: there is nothing", id="none-there"),
        pytest.param(
            run(endpoints=()), 0, None, "No requests were made. Nothing to judge.", id="empty"
        ),
        pytest.param(
            failing(failure_row(count=2)),
            0,
            None,
            "No true failures. Left out: 2 expected failures of 1 kind; --all shows them.",
            id="expected-only",
        ),
        pytest.param(
            failing(failure_row(), failure_row(SERVER_ERROR), failure_row("x", count=3)),
            1,
            None,
            "Left out: 3 true failures of 1 kind and 1 expected failure of 1 kind; --all",
            id="both",
        ),
    ],
)
def test_what_is_left_out_is_told(of: Run, first: int, endpoint: str | None, sentence: str) -> None:
    """Nothing disappears: what is not explained is counted."""
    assert sentence in rendered(of, policy(rule()), first=first, endpoint=endpoint)


def test_the_length_is_bounded() -> None:
    """Where twenty explanations are too long, fewer are shown, unless all are wanted."""
    names = [f"/{letter}" for letter in "abcdefghijklmnopqrst"]
    rules = policy(*(rule(name[1:], endpoint=name, statuses=[412]) for name in names))
    rows = [failure_row("CatchResponseError('HTTP 409')", name=name) for name in names]
    of = run(endpoints=[stats(name, failures=1) for name in names], failures=rows)
    text = rendered(of, rules)
    assert LINES - 20 <= text.count("\n") <= LINES
    assert re.search(r"Left out: \d true failures? of \d kinds?; --all shows them", text)
    assert rendered(of, rules, full=True).count("TRUE ") == 20


def test_kinds_that_are_decided_alike_are_told_together() -> None:
    """Each kind with its count, a text of several endpoints once, the rules and the remedy once."""
    rows = [
        failure_row("HTTP 500", name="/a/state", count=4),
        failure_row("HTTP 500", name="/b/state", count=3),
        failure_row("HTTP 502", name="/b/state", count=2),
        failure_row("HTTP 500", name="/elsewhere", count=9),
        failure_row("HTTP 404", name="/a/state", count=8),
    ]
    ends = [stats(name, failures=99) for name in ("/a/state", "/b/state", "/elsewhere")]
    text = rendered(run(endpoints=ends, failures=rows), policy(rule()))
    assert text.count("TRUE ") == 4
    block = text.split("\n\n")[2]
    assert block.splitlines()[:5] == [
        "TRUE        9 failures of 3 kinds, decided alike",
        "  4         POST /a/state",
        "  3         POST /b/state",
        "  text      HTTP 500",
        '  status    500, read from "HTTP 500": a number right at its label',
    ]
    assert block.splitlines()[5:] == [
        "  2         POST /b/state",
        "  text      HTTP 502",
        '  status    502, read from "HTTP 502": a number right at its label',
        "  rules     1. state-conflict: wants 409, the status is another",
        "  decision  true: no rule matches",
        "  remedy    Fix the server; a 5xx is not an intended refusal.",
    ]
    assert text.count("wants 409, the status is 404") == 1


def test_expected_kinds_are_told_together_too() -> None:
    """Where the same rule excuses them."""
    rows = [failure_row(name=f"/{name}/state", count=2) for name in "ab"]
    ends = [stats(f"/{name}/state", failures=2) for name in "ab"]
    text = rendered(run(endpoints=ends, failures=rows), policy(rule()), full=True)
    assert "EXPECTED    4 failures of 2 kinds, decided alike\n" in text
    assert text.count("  why ") == 1


def test_partial_results_say_so() -> None:
    """Contradictions that are allowed are named."""
    of = run(failures=[failure_row()], partial=True, contradictions=("a row is cut",))
    lines = rendered(of, policy(rule())).splitlines()
    assert lines[2].startswith("PARTIAL RESULTS: ")
    assert "- a row is cut" in lines


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


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        pytest.param(
            [rule("wide"), rule("other", statuses=[500])],
            "rules 1. wide: fits at POST /**/state 2. other: wants 500, the status is 409 decision"
            " the first rule that fits and covers the endpoint decides; to name one:"
            " --endpoint 'METHOD NAME'",
            id="one-fits",
        ),
        pytest.param(
            [rule(error="*shop*")], "decision true, at any endpoint: no rule fits", id="none-fits"
        ),
        pytest.param([], "rules there are none decision true, at any", id="no-rules"),
        pytest.param(
            [rule(f"r{n}") for n in range(30)], "... 11 more that --all shows 30. r29", id="many"
        ),
    ],
)
def test_a_text_at_any_endpoint(rules: list[Rule], words: str) -> None:
    """Without an endpoint each rule says whether it would fit, and where."""
    of = policy(*rules)
    assert words in " ".join(render_fit(fit_text(of, CONFLICT), of.origins).split())
    full = render_fit(fit_text(of, CONFLICT), of.origins, full=True)
    assert full.count("fits at ") == sum(
        not one.globs and 409 in (one.statuses or ()) for one in rules
    )


def test_an_empty_text_at_any_endpoint() -> None:
    """Locust reports empty texts, too."""
    of = policy(rule())
    assert render_fit(fit_text(of, ""), of.origins).startswith("TEXT        (empty error text)\n")


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
    lines = render_fit(fit_text(policy(), text), ("",)).splitlines()
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
        kinds[fit_text(policy(), text).signature].append(text)
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
