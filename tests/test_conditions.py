"""Conditions on what only a recording has: statuses of gRPC, and classes of exceptions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from builders import STATE, failure_row, policy, rule
from builders import run as run_of
from read.test_recording import Request, finished, save
from read.test_requests import row
from read.test_requests import write as write_log
from test_decide import SURE_EXPECTED, SURE_TRUE, UNSURE

from loadgate import read_run
from loadgate.classify import classify
from loadgate.cli import run
from loadgate.explain import explain_run
from loadgate.matching import DocumentMatcher, would_match
from loadgate.model import OTHER_SIGNATURES, UNEXPLAINED, Decision, Rule
from loadgate.name_pattern import Effort
from loadgate.patterns import EndpointPattern
from loadgate.recording.counts import Key
from loadgate.summary import KindCount

ABORTED = "<_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.ABORTED\n>"
TIMEOUT = "ReadTimeout(ReadTimeoutError('Read timed out.'))"
ALL = EndpointPattern.parse("**", wide=True)
ANY = rule("any", statuses=None, error="*")


def failed(
    status: int | str | None, exception: str | None, error: str | None, method: str = "POST"
) -> Request:
    """Return a request as the recorder counts it."""
    return Key(method, STATE, status, exception, True), error, 5_000


def of_class(name: str, *, excuses: bool = True) -> Rule:
    """Return a rule on the class of the exception alone."""
    return rule(f"of-{name}", statuses=None, exception=name, excuses=excuses)


def carve_out(*statuses: int | str) -> Rule:
    """Return a carve-out of statuses."""
    return rule("carve-out", statuses=statuses, excuses=False)


def kind(
    status: int | str | None, exception: str | None, text: str = TIMEOUT, source: str = "recorder"
) -> KindCount:
    """Return failures as a document has them."""
    return KindCount(
        "POST", STATE, status, "true", text, None, 10, status_from=source, exception=exception
    )


@pytest.mark.parametrize(
    ("request_", "rules", "expected"),
    [
        (failed("grpc:ABORTED", "_InactiveRpcError", ABORTED), [rule(statuses=["grpc:ABORTED"])], True),
        (failed("grpc:ABORTED", "_InactiveRpcError", ABORTED), [rule(statuses=[409])], False),
        (failed("grpc:INTERNAL", "RpcError", ABORTED), [rule(statuses=["grpc:ABORTED"])], False),
        (failed(None, None, ABORTED), [rule(statuses=["grpc:ABORTED"])], False),
        (failed(409, None, "x"), [rule(statuses=[409, "grpc:ABORTED"])], True),
        (failed(None, "ReadTimeout", TIMEOUT), [of_class("ReadTimeout")], True),
        (failed(None, "ReadTimeout", TIMEOUT), [of_class("*Timeout")], True),
        (failed(None, "ConnectTimeout", TIMEOUT), [of_class("ReadTimeout")], False),
        (failed(None, None, TIMEOUT), [of_class("ReadTimeout")], False),
        (failed(None, None, TIMEOUT), [of_class("*")], False),
        (failed(None, "ReadTimeout", None), [of_class("ReadTimeout")], True),
        (failed(409, "HTTPError", "x"), [rule(exception="HTTPError")], True),
        (failed(500, "HTTPError", "x"), [rule(exception="HTTPError")], False),
        (failed(None, "ReadTimeout", TIMEOUT), [of_class("Read*", excuses=False), ANY], False),
        # Its text, not its class, says so: the class is known.
        (failed(None, "Odd", TIMEOUT), [of_class("Read*", excuses=False), ANY], True),
    ],
)  # fmt: skip
def test_a_recording(
    tmp_path: Path, request_: Request, rules: list[Rule], *, expected: bool
) -> None:
    """It knows status and class, so nothing is read from the text."""
    found = classify(
        read_run(save(tmp_path / "run.loadgate.json.gz", finished([request_] * 3))), policy(*rules)
    )
    assert (found.total.expected, found.total.true) == ((3, 0) if expected else (0, 3))


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([of_class("ReadTimeout")], False),
        ([of_class("*")], False),
        ([rule(statuses=["grpc:ABORTED"])], False),
        ([ANY], True),
        ([of_class("ReadTimeout", excuses=False), ANY], False),
        ([of_class("*Rpc*", excuses=False), ANY], True),
        ([carve_out("grpc:ABORTED"), ANY], True),
    ],
)
def test_a_run_without_a_recording(rules: list[Rule], *, expected: bool) -> None:
    """Anybody may write what looks like a class: it is enough for a carve-out, and excuses nothing."""
    found = classify(run_of(failures=[failure_row(TIMEOUT, count=3)]), policy(*rules))
    assert found.total.expected == (3 if expected else 0)


@pytest.mark.parametrize(
    "text",
    [
        ABORTED,
        "<AioRpcError of RPC that terminated with: status = StatusCode.ABORTED>",
        "(<StatusCode.ABORTED: (10, 'aborted')>, 'x')",
        "StatusCode.ABORTED",
    ],
)
@pytest.mark.parametrize(
    ("above", "expected"),
    [
        (carve_out("grpc:ABORTED"), False),
        (carve_out(500, "grpc:INTERNAL", "grpc:ABORTED"), False),
        (carve_out("grpc:INTERNAL"), True),
        (carve_out(500), True),
        (rule(statuses=["grpc:ABORTED"]), True),
    ],
)
def test_a_text_that_names_a_status_of_grpc(text: str, above: Rule, *, expected: bool) -> None:
    """That is enough for a carve-out of this status, in a run and in a document of it."""
    rules = policy(above, replace(ANY, globs=rule(error="*Status*").globs))
    found = classify(run_of(failures=[failure_row(text, count=3)]), rules)
    assert found.total.expected == (3 if expected else 0)
    (of,) = (each for each in found.failures if each.signature != UNEXPLAINED)
    decided = DocumentMatcher(rules).decisions(kind(None, None, of.signature, ""))
    assert decided == (SURE_EXPECTED if expected else SURE_TRUE)
    matches = not above.excuses and not expected
    assert would_match(above, replace(of, rule=None), Effort()) == matches
    (explained,) = explain_run(found, rules, kinds=[of], first=1).explanations
    assert (explained.rule == above) == matches


def test_a_request_log(tmp_path: Path) -> None:
    """It has status 0 for whatever is not HTTP, so texts are asked there, too."""
    log = write_log(tmp_path / "run_requests.csv", [row(0, ABORTED, method="grpc", name="/Call")])
    assert classify(read_run(log), policy(replace(ANY, endpoint=ALL))).total.expected == 1
    rules = policy(*(replace(each, endpoint=ALL) for each in (carve_out("grpc:ABORTED"), ANY)))
    assert classify(read_run(log), rules).total.true == 1


@pytest.mark.parametrize(
    ("of", "found"),
    [
        (kind(None, None, OTHER_SIGNATURES, ""), UNSURE),
        (kind(None, None, "long*", ""), UNSURE),
        (kind(409, None, "long*", "client"), SURE_EXPECTED),
        (kind(None, None, "long*"), SURE_EXPECTED),
    ],
)
def test_a_text_that_may_name_one(of: KindCount, found: set[Decision]) -> None:
    """What a document does not keep of the texts may be what a carve-out is about."""
    rules = policy(carve_out("grpc:ABORTED"), rule("any", statuses=None))
    assert DocumentMatcher(rules).decisions(of) == found


def test_statuses_of_both_kinds_have_an_order(tmp_path: Path) -> None:
    """Errors of a server come first, whoever's; unknown ones, numbers and gRPC's can be sorted."""
    statuses = [None, 404, "grpc:ABORTED", "grpc:INTERNAL", 503, "grpc:NOT_FOUND"]
    requests = [failed(status, None, "x") for status in statuses]
    path = save(tmp_path / "run.loadgate.json.gz", finished(requests))
    found = classify(read_run(path), policy())
    assert [kind.status for kind in found.failures] == [
        *(503, "grpc:INTERNAL"),
        *(None, 404, "grpc:ABORTED", "grpc:NOT_FOUND"),
    ]


@pytest.mark.parametrize(
    ("of", "rules", "found"),
    [
        (kind("grpc:ABORTED", None), [rule(statuses=["grpc:ABORTED"])], SURE_EXPECTED),
        (kind("grpc:ABORTED", None), [rule()], SURE_TRUE),
        (kind(None, "ReadTimeout"), [of_class("ReadTimeout")], SURE_EXPECTED),
        (kind(None, "ReadTimeout", OTHER_SIGNATURES), [of_class("ReadTimeout")], SURE_EXPECTED),
        (kind(None, "Odd"), [of_class("ReadTimeout")], SURE_TRUE),
        (kind(None, None, source=""), [of_class("ReadTimeout")], SURE_TRUE),
        (kind(None, None, source=""), [of_class("*", excuses=False), ANY], SURE_TRUE),
        (kind(None, "Odd"), [rule(statuses=None, exception="Odd", error="*a*b*c*")], SURE_TRUE),
        (kind(None, "Odd", "a*"), [rule(statuses=None, exception="Odd", error="*b")], UNSURE),
    ],
)
def test_a_document(of: KindCount, rules: list[Rule], found: set[Decision]) -> None:
    """It keeps what was recorded, so it decides as the run did."""
    assert DocumentMatcher(policy(*rules)).decisions(of) == found


def test_a_recorded_status_is_not_taught_anew() -> None:
    """Wordings are for texts; the response itself says more."""
    rules = policy(rule(), status_texts=["Read{status}*"])
    assert DocumentMatcher(rules).decisions(kind(409, None)) == SURE_EXPECTED


RULES = """version = 1
[[rules]]
id = "lost-the-race"
endpoint = "grpc /shop.Stock/Take"
status = ["grpc:ABORTED", 409]
at_most = "60%"
why = "Optimistic locking: the loser of two changes is told to try again."

[[rules]]
id = "slow-report"
endpoint = "GET /report"
exception = "ReadTimeout"
at_most = "60%"
lint_ignore = ["too-broad"]
why = "The report takes minutes, and its client has given up by then."

[[thresholds]]
require = "true_failures <= 1"

[[examples]]
endpoint = "grpc /shop.Stock/Take"
error = "any text"
status = "grpc:ABORTED"
expect = "expected"

[[examples]]
endpoint = "GET /report"
error = "ReadTimeout('as the text says')"
expect = "failure"

[[examples]]
endpoint = "GET /report"
error = "ReadTimeout('as the text says')"
exception = "ReadTimeout"
expect = "expected"
rule = "slow-report"
"""


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a recording of a service of gRPC and HTTP, in a folder with RULES."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loadgate.toml").write_text(RULES)
    take, report = "/shop.Stock/Take", "/report"
    return save(
        Path("run.loadgate.json.gz"),
        finished(
            [
                *[(Key("grpc", take, "grpc:ABORTED", "_InactiveRpcError", True), ABORTED, 5)] * 5,
                (Key("grpc", take, "grpc:INTERNAL", "_InactiveRpcError", True), ABORTED, 5),
                *[(Key("grpc", take, None, None, False), None, 5)] * 9,
                *[(Key("GET", report, None, "ReadTimeout", True), TIMEOUT, 5)] * 2,
                *[(Key("GET", report, 200, None, False), None, 5)] * 3,
            ]
        ),
    )


def test_the_commands(recording: str, capsys: pytest.CaptureFixture[str]) -> None:
    """They read the conditions, decide by them, show what was recorded, and explain it."""
    assert run(["rules", "test"]) == 0
    assert run(["rules", "lint", "loadgate.toml", "--run", recording]) == 0
    assert run(["check", recording, "--output", "text", "--output", "json:r.json"]) == 0
    out = capsys.readouterr().out
    assert "8 failures = 7 expected + 1 true" in out
    assert "grpc:INTERNAL" in out
    failures = json.loads(Path("r.json").read_text("utf-8"))["failures"]
    assert {(each["status"], each["exception"], each["kind"]) for each in failures} == {
        ("grpc:ABORTED", "_InactiveRpcError", "expected"),
        ("grpc:INTERNAL", "_InactiveRpcError", "true"),
        (None, "ReadTimeout", "expected"),
    }
    assert run(["explain", recording, "--all"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "wants 409 or grpc:ABORTED, the status is grpc:INTERNAL" in out
    assert "Fix the server; grpc:INTERNAL is not an intended refusal." in out
    for command in (["compare", recording, "r.json"], ["report", "."]):
        assert run([*command, "--output", "json:more.json"]) == 0
        assert '"grpc:INTERNAL"' in Path("more.json").read_text("utf-8")


def test_explain_a_class(recording: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The class that a rule wants is named, and the pattern that would find it."""
    rules = Path("loadgate.toml")
    rules.write_text(
        rules.read_text().replace('exception = "ReadTimeout"\nat', 'exception = "Timeout"\nat')
    )
    assert run(["explain", recording, "--all"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "its exception pattern does not match: Timeout; *Timeout* would" in out


def test_suggest(recording: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What gRPC says of contention is drafted like a 409."""
    Path("loadgate.toml").unlink()
    assert run(["rules", "suggest", recording]) == 0
    out = capsys.readouterr().out
    assert 'status = "grpc:ABORTED" # the operation was aborted' in out
    assert "grpc-shop-stock-take-grpc-aborted" in out


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ('status = "grpc:ABORTED"', False),
        ('status = ["grpc:ABORTED", "grpc:ALREADY_EXISTS"]', False),
        ('status = "grpc:INTERNAL"', True),
        ('status = ["grpc:ABORTED", "grpc:UNAVAILABLE"]', True),
        ('status = "grpc:UNAUTHENTICATED"', True),
        ('exception = "ReadTimeout"', True),
        ('exception = "*"', True),
        ('exception = "*Error"', True),
        ('exception = "StaleDataError"', False),
        ('status = 409\nexception = "HTTPError"', False),
    ],
)
def test_what_is_too_broad(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], conditions: str, *, found: bool
) -> None:
    """A broken service, or one that cannot be reached, is nothing to excuse."""
    rules = tmp_path / "rules.toml"
    rules.write_text(
        f'version = 1\n[[rules]]\nid = "a"\nendpoint = "POST /x/state"\n{conditions}\n'
        'at_most = "5%"\nexpires = 2099-01-01\nwhy = "The loser of two changes is refused."\n'
    )
    assert run(["rules", "lint", str(rules)]) == int(found)
    assert ("too-broad" in capsys.readouterr().out) == found


@pytest.mark.parametrize(
    ("endpoint", "status", "found"),
    [
        ("**", '"grpc:NOT_FOUND"', True),
        ("grpc **", '"grpc:INVALID_ARGUMENT"', True),
        ("**", '[429, "grpc:NOT_FOUND"]', True),
        ("grpc /shop.Stock/*", '"grpc:NOT_FOUND"', False),
        ("grpc /shop.Stock/*", '"grpc:OK"', True),
        ("**", '"grpc:RESOURCE_EXHAUSTED"', False),
        ("**", '"grpc:ABORTED"', False),
        ("POST /x", '[409, 412, "grpc:ABORTED", "grpc:NOT_FOUND"]', False),
        (
            "grpc /shop.Stock/*",
            '["grpc:ABORTED", "grpc:NOT_FOUND", "grpc:CANCELLED", "grpc:OUT_OF_RANGE"]',
            True,
        ),
    ],
)
def test_refusals_of_grpc_that_are_too_broad(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], endpoint: str, status: str, *, found: bool
) -> None:
    """Like those of HTTP: a limit or a conflict may be meant anywhere, a missing thing may not."""
    rules = tmp_path / "rules.toml"
    rules.write_text(
        f'version = 1\n[[rules]]\nid = "a"\nendpoint = "{endpoint}"\nstatus = {status}\n'
        'at_most = "5%"\nexpires = 2099-01-01\nwhy = "The loser of two changes is refused."\n'
    )
    assert run(["rules", "lint", str(rules)]) == int(found)
    assert ("too-broad" in capsys.readouterr().out) == found


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ('status = "grpc:GONE"', "one of gRPC's status codes"),
        ('status = "ABORTED"', "one of gRPC's status codes"),
        ('status = [409, "409"]', "must be a number such as 409"),
        ('status = ["grpc:OK", "grpc:OK"]', "lists a status twice"),
        ('exception = ""', "exception: must not be empty"),
        ("exception = 5", "exception: must be text"),
    ],
)
def test_what_is_no_condition(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], condition: str, problem: str
) -> None:
    """One message says what would be."""
    rules = tmp_path / "rules.toml"
    rules.write_text(
        f'version = 1\n[[rules]]\nid = "a"\nendpoint = "/x"\nwhy = "A race."\n{condition}\n'
    )
    assert run(["rules", "lint", str(rules)]) == 2
    assert problem in " ".join(capsys.readouterr().out.split())
