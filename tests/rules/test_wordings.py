"""Wordings that would make likely statuses certain."""

from __future__ import annotations

import pytest
from builders import failure_kind, failure_row, policy, rule, run, stats

from loadgate.classify import classify
from loadgate.model import OTHER_SIGNATURES
from loadgate.rules.wordings import likely_statuses, wording


@pytest.mark.parametrize(
    ("signature", "text"),
    [
        ("CatchResponseError('Toggle failed: 409')", "Toggle failed: {status}"),
        ("CatchResponseError('Toggle * failed: 409 (*)')", "Toggle * failed: {status} (*)"),
        ("Toggle failed: 409", "Toggle failed: {status}"),
        pytest.param("409 or 409", "", id="twice"),
        pytest.param("Toggle failed: 4091", "", id="no-such-number"),
        pytest.param("* 409 *", "", id="too-open"),
        pytest.param("409", "", id="no-words"),
        pytest.param("Toggle {status} failed: 409", "", id="a-place-in-the-text"),
        pytest.param(OTHER_SIGNATURES, "", id="many-texts"),
    ],
)
def test_wordings(signature: str, text: str) -> None:
    """The number becomes the place of the status, unless others could be taken for it."""
    assert wording(signature, 409) == text


def test_only_true_failures_are_summed_up() -> None:
    """What a rule on the text excuses needs no status."""
    kinds = [
        failure_kind("Toggle failed: 409", likely=409, decision="true", count=2),
        failure_kind("Edit failed: 409", likely=409, decision="true", count=3),
        failure_kind("Edit failed: 404", likely=404, decision="true", count=1),
        failure_kind("Move failed: 409", likely=409, decision="expected", count=99),
        failure_kind("HTTP 409", decision="true", count=99),
    ]
    found = likely_statuses(kinds)
    assert found.counts == ((409, 5), (404, 1))
    assert found.wordings == ("Edit failed: {status}", "Toggle failed: {status}")


def test_a_wording_that_is_taken_makes_the_status_certain() -> None:
    """What the output shows is what the rules file needs."""
    rows = [failure_row("CatchResponseError('Toggle failed: 409')", count=5)]
    of = run(endpoints=[stats(failures=5)], failures=rows)
    before = classify(of, policy(rule()))
    assert (before.total.expected, before.total.true) == (0, 5)
    (text,) = likely_statuses(before.failures).wordings
    after = classify(of, policy(rule(), status_texts=[text]))
    assert (after.total.expected, after.total.true) == (5, 0)
    assert [kind.status_from for kind in after.failures] == ["taught"]
