"""A policy and what a document has left of failures: how they are decided, where that is sure."""

from __future__ import annotations

from datetime import date

import pytest
from builders import STATE, policy, rule

from loadgate.matching import DocumentMatcher
from loadgate.model import OTHER_SIGNATURES, UNEXPLAINED, Decision, Policy
from loadgate.summary import KindCount

SURE_EXPECTED: set[Decision] = {"expected"}
SURE_TRUE: set[Decision] = {"true"}
UNSURE: set[Decision] = {"expected", "true"}
CONFLICT = "CatchResponseError('Expected [200], got 409')"


def kind(
    signature: str = CONFLICT, status: int | None = 409, *, name: str = STATE, method: str = "POST"
) -> KindCount:
    """Return failures as a document has them; how they were decided says nothing."""
    return KindCount(method, name, status, "true", signature, None, 10)


@pytest.mark.parametrize(
    ("of", "rules", "found"),
    [
        pytest.param(kind(), policy(rule()), SURE_EXPECTED, id="excused"),
        pytest.param(kind(), policy(), SURE_TRUE, id="no-rules"),
        pytest.param(kind(status=500), policy(rule()), SURE_TRUE, id="another-status"),
        pytest.param(kind(status=None), policy(rule()), SURE_TRUE, id="an-unknown-status"),
        pytest.param(kind(name="/login"), policy(rule()), SURE_TRUE, id="another-endpoint"),
        pytest.param(
            kind(), policy(rule(expires=date(2020, 1, 1))), SURE_TRUE, id="an-expired-rule"
        ),
        pytest.param(kind(), policy(rule(excuses=False), rule("b")), SURE_TRUE, id="a-carve-out"),
        pytest.param(kind(UNEXPLAINED), policy(rule(statuses=None)), SURE_TRUE, id="no-text"),
        pytest.param(kind(), policy(rule(error="*got 409*")), SURE_EXPECTED, id="the-text"),
        pytest.param(
            kind(), policy(rule(error="Expected [200], got 409")), SURE_EXPECTED, id="raw"
        ),
        pytest.param(kind(), policy(rule(error="*deadlock*")), SURE_TRUE, id="another-text"),
        pytest.param(
            kind("409 for url: *, sorry"), policy(rule(error="*deadlock*")), UNSURE, id="in-a-mask"
        ),
        pytest.param(
            kind("409 for url: *, sorry"),
            policy(rule(error="*dead lock*")),
            SURE_TRUE,
            id="two-words",
        ),
        pytest.param(kind("gone *"), policy(rule(error="*dead lock*")), UNSURE, id="maybe-cut"),
        pytest.param(
            kind("409 for url: *, sorry"),
            policy(rule(error="*deadlock*"), rule("b")),
            SURE_EXPECTED,
            id="either-way",
        ),
        pytest.param(
            kind("409 for url: *, sorry"),
            policy(rule(error="*deadlock*", excuses=False), rule("b")),
            UNSURE,
            id="maybe-a-carve-out",
        ),
        pytest.param(kind(OTHER_SIGNATURES), policy(rule(error="*")), UNSURE, id="many-texts"),
        pytest.param(
            kind("deadlock", None),
            policy(rule(statuses=None, error="*deadlock*")),
            SURE_EXPECTED,
            id="of-any-status",
        ),
        pytest.param(kind(OTHER_SIGNATURES), policy(rule()), SURE_EXPECTED, id="of-one-status"),
        pytest.param(
            kind(name="/a?***"), policy(rule(endpoint="/a?x=1")), UNSURE, id="a-masked-query"
        ),
        pytest.param(
            kind(name="/a?***"), policy(rule(endpoint="/a")), SURE_EXPECTED, id="its-path"
        ),
        pytest.param(
            kind(name="/a;sid=***"), policy(rule(endpoint="/a;sid=1")), UNSURE, id="a-session"
        ),
        pytest.param(
            kind(name="http://***@h/a"), policy(rule(endpoint="http://h/a")), UNSURE, id="a-host"
        ),
        pytest.param(
            kind("lost 409"),
            policy(rule(), status_texts=["lost {status}"]),
            SURE_EXPECTED,
            id="taught",
        ),
        pytest.param(
            kind("lost 409", None),
            policy(rule(), status_texts=["lost {status}"]),
            UNSURE,
            id="now-taught",
        ),
        pytest.param(
            kind("lost *, sorry", None),
            policy(rule(), status_texts=["lost {status}, sorry"]),
            UNSURE,
            id="maybe-taught",
        ),
        pytest.param(
            kind(status=500),
            policy(rule(), status_texts=["lost {status}"]),
            SURE_TRUE,
            id="not-taught",
        ),
    ],
)
def test_what_is_left_of_failures_is_decided(
    of: KindCount, rules: Policy, found: set[Decision]
) -> None:
    """By all that documents keep; where what they mask could matter, both ways are possible."""
    assert DocumentMatcher(rules).decisions(of) == found
