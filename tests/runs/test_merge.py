"""Tests of merging: no run is counted twice, whatever the order they came in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadgate.document import read as document
from loadgate.model import UNEXPLAINED
from loadgate.runs.merge import joined, merge, run_digest, single, with_unique_labels
from loadgate.summary import Collection, KindCount, RunSummary, Unreadable

from . import made


def record(number: int = 0, **changes: object) -> RunSummary:
    """Return a record, changed as said."""
    found = document.read(json.dumps(made.document(number)), f"{number}.json", written=None)
    assert found is not None
    return replace(found.summary, **changes)  # type: ignore[arg-type] # fields of any type


def excused_by_none(kind: KindCount) -> KindCount:
    """Return what failed as it is without rules."""
    return kind._replace(decision="true", rule=None)


_RECORDS = [record(number) for number in range(3)]
_OUTCOMES: list[RunSummary | Unreadable] = [
    *_RECORDS,
    *(replace(each, source="a copy.json", label="copy") for each in _RECORDS),
    *(replace(each, source="raw_stats.csv", rejudged=True) for each in _RECORDS),
    Unreadable(source="x.json", problem="is not valid JSON"),
    Unreadable(source="y.json", problem="is not valid JSON"),
]

_PARTS = st.lists(st.sampled_from(_OUTCOMES), max_size=8)


@settings(max_examples=60)
@given(_PARTS, _PARTS, _PARTS, st.booleans())
def test_merging_is_associative_and_commutative(
    one_: list[RunSummary | Unreadable],
    two: list[RunSummary | Unreadable],
    three: list[RunSummary | Unreadable],
    rejudged: bool,
) -> None:
    """However collections are merged, the same bytes come out."""

    def merged(*parts: Collection) -> Collection:
        return merge(parts, rejudged=rejudged)

    a, b, c = (merged(*map(single, part)) for part in (one_, two, three))
    whole = made.as_bytes(merged(a, b, c))
    assert made.as_bytes(merged(merged(a, b), c)) == whole
    assert made.as_bytes(merged(a, merged(b, c))) == whole
    assert made.as_bytes(merged(c, b, a)) == whole
    assert made.as_bytes(merged(merged(a, b, c))) == whole


@pytest.mark.parametrize(
    ("rejudged", "kept"),
    [pytest.param(False, "0.json", id="then"), pytest.param(True, "r", id="now")],
)
def test_which_record_of_a_run_is_kept(rejudged: bool, kept: str) -> None:
    """A document wins over a raw run, and the other way round with rules; then the first path."""
    same = [record(), record(source="1.json"), record(source="r", rejudged=True)]
    found = merge(map(single, same), rejudged=rejudged)
    assert [each.source for each in found.records] == [kept]
    assert set(found.repeated) == {"0.json", "1.json", "r"} - {kept}


def test_records_are_in_order() -> None:
    """Records are sorted by start, then label, then source."""
    begin = record().started
    late = record(1, started=begin + timedelta(hours=9))
    b = record(2, started=begin, label="b")
    a2, a1 = record(3, started=begin, label="a"), record(4, started=begin, label="a")
    a1 = replace(a1, source="0.json")
    found = merge(map(single, [late, b, a2, a1]), rejudged=False)
    assert list(found.records) == [a1, a2, b, late]


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        pytest.param({"label": "x", "source": "y", "outcome": "passed"}, True, id="how-it-is-told"),
        pytest.param(
            {"expected": 0, "true": 13, "kinds": tuple(map(excused_by_none, record().kinds))},
            True,
            id="how-it-was-judged",
        ),
        pytest.param({"kinds": record().kinds[1:]}, False, id="what-failed"),
        pytest.param(
            {"kinds": tuple(kind._replace(status=502) for kind in record().kinds)},
            False,
            id="its-statuses",
        ),
        pytest.param(
            {"started": record().started + timedelta(milliseconds=9)}, True, id="its-milliseconds"
        ),
        pytest.param({"ended": record().ended + timedelta(seconds=1)}, False, id="its-end"),
        pytest.param({"endpoints": ()}, False, id="its-endpoints"),
        pytest.param({"p95": 1.0}, True, id="its-response-times"),
    ],
)
def test_what_makes_two_records_the_same_run(changes: dict[str, object], same: bool) -> None:
    """Times, counts and what failed make a run; label, source and judgement do not."""
    assert (run_digest(record(**changes)) == run_digest(record())) is same  # type: ignore[arg-type] # as record


def test_a_guessed_time_makes_no_run() -> None:
    """Where the time is that of a file, the response times tell runs apart."""
    guess = record(time_from="file")
    later = replace(guess, started=guess.started + timedelta(days=1), ended=guess.ended)
    assert run_digest(guess) == run_digest(later)
    assert run_digest(guess) != run_digest(replace(guess, p95=41.5))
    others = tuple(kind._replace(status=409, signature="conflict") for kind in guess.kinds)
    assert run_digest(guess) != run_digest(replace(guess, kinds=others))
    idle = replace(guess, requests=0, endpoints=())
    assert run_digest(idle) != run_digest(replace(idle, started=later.started))


def without_texts(of: RunSummary, **changes: object) -> RunSummary:
    """Return a run as a list of --json tells of it."""
    kinds = [
        KindCount(row.method, row.name, None, "true", UNEXPLAINED, None, row.failures)
        for row in of.endpoints
        if row.failures
    ]
    changed = {"source": "list.json", "kinds": tuple(kinds), "time_from": "json", **changes}
    return replace(of, **changed)  # type: ignore[arg-type] # as record


def test_a_list_of_the_run_of_csv_files_that_tell_no_time() -> None:
    """It is no second run; the texts are those of the CSV files, the time that of the list."""
    files = record(time_from="file", source="run_stats.csv")
    began = files.started - timedelta(hours=3)
    listed = without_texts(files, started=began)
    found = joined(merge(map(single, [listed, files]), rejudged=False))
    assert found.records == (replace(files, started=began, time_from="json"),)
    assert found.repeated == ("list.json",)
    found = joined(merge(map(single, [replace(listed, time_from="file"), files]), rejudged=False))
    assert found.records == (files,)


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([{"time_from": "history"}], id="both-tell-a-time"),
        pytest.param([{"p95": 41.5}], id="slower"),
        pytest.param([{"endpoints": record().endpoints[:1]}], id="other-endpoints"),
        pytest.param([{}, {"kinds": record().kinds[:1], "source": "shard_stats.csv"}], id="shards"),
    ],
)
def test_a_list_that_may_be_of_another_run(others: list[dict[str, object]]) -> None:
    """It counts: a run that counts twice hides nothing."""
    files = record(time_from="file", source="run_stats.csv")
    listed = without_texts(files)
    runs = [listed, *(replace(files, **changes) for changes in others)]  # type: ignore[arg-type] # as record
    found = joined(merge(map(single, runs), rejudged=False))
    assert len(found.records) == len(runs)
    assert found.repeated == ()


def test_texts_are_kept_once() -> None:
    """Names and signatures that records have in common are one object in memory."""
    first, second = merge(map(single, [record(0), record(1)]), rejudged=False).records
    assert first.endpoints[0].name is second.endpoints[0].name
    assert first.kinds[0].signature is second.kinds[0].signature
    assert first.rules[0].why is second.rules[0].why


def test_runs_of_one_name_are_told_apart() -> None:
    """By where they come from; a name that one run has alone stays."""
    records = [
        record(label="run", source="a/run.json"),
        record(label="night", source="b/run.json"),
        record(label="run", source="c/run.json"),
    ]
    labels = [one.label for one in with_unique_labels(records)]
    assert labels == ["run (a/run.json)", "night", "run (c/run.json)"]
