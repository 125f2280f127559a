"""What the schema has against a rules file: every keyword has its sentence, places are findable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from conftest import Pinned
from jsonschema import Draft7Validator

from loadgate.rules.schema_errors import (
    ID_FORM,
    SOUGHT,
    Place,
    bounded,
    described,
    schema_problems,
    sound_entries,
)
from loadgate.schemas import schema

SOUND_RULE = {"id": "a", "endpoint": "/x", "status": 409, "why": "w"}


def _words(document: object) -> list[str]:
    return [one.text for one in described(schema_problems(document), document, "x", {})]


def _rule(**keys: object) -> list[str]:
    return _words({"version": 1, "rules": [SOUND_RULE | keys]})


def _threshold(**keys: object) -> list[str]:
    return _words({"version": 1, "thresholds": [{"require": "rps > 1"} | keys]})


def _schemas(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield whole
    for part in (*whole.get("properties", {}).values(), whole.get("items")):
        if part is not None:
            yield from _schemas(part)


def test_the_schema_is_one() -> None:
    """The schema follows its own schema; at run time nobody checks that."""
    Draft7Validator.check_schema(schema("rules"))


def test_the_schema_tells_editors_everything() -> None:
    """Every part has a title and a description, and every example is valid."""
    for part in _schemas(schema("rules")):
        assert part["title"]
        assert part["description"].endswith(".")
        for example in part.get("examples", ()):
            assert Draft7Validator(part).is_valid(example), example


def test_the_schema_lets_no_key_slip() -> None:
    """Every table refuses keys that it does not know."""
    tables = [part for part in _schemas(schema("rules")) if "properties" in part]
    assert len(tables) == 6
    assert all(table["additionalProperties"] is False for table in tables)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param([], "file: ", id="no-table"),
        pytest.param({}, "file: ", id="no-version"),
        pytest.param({"version": 2}, "version: ", id="version"),
        pytest.param(
            {"version": "1"},
            "version: ",
            id="version-as-text",
        ),
        pytest.param(
            {"version": True},
            "version: ",
            id="version-as-boolean",
        ),
        pytest.param(
            {"version": False},
            "version: ",
            id="version-as-another-boolean",
        ),
        pytest.param(
            {"version": []},
            "version: ",
            id="version-as-list",
        ),
        pytest.param(
            {"version": 1, "rule": []},
            "file: ",
            id="unknown-key",
        ),
        pytest.param({"version": 1, "zzz": []}, "file: ", id="unlike-any-key"),
        pytest.param(
            {"version": 1, "rules": {}},
            "rules: ",
            id="one-bracket",
        ),
        pytest.param({"version": 1, "rules": 1.5}, "rules: ", id="list"),
        pytest.param({"version": 1, "rules": [None]}, "rules[1]: ", id="table"),
        pytest.param({"version": 1, "extends": "a"}, "extends: ", id="extends"),
        pytest.param(
            {"version": 1, "extends": ["a", 3]},
            "extends[2]: ",
            id="extends-number",
        ),
        pytest.param(
            {"version": 1, "extends": ["a"] * 51},
            "extends: ",
            id="extends-many",
        ),
    ],
)
def test_files(document: object, expected: str, pinned: Pinned) -> None:
    """What is wrong with a file as a whole is one sentence."""
    (sentence,) = _words(document)
    assert sentence.startswith(expected)
    pinned(sentence)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param({"statuss": 1}, 'unknown key "statuss"', id="unknown-key"),
        pytest.param({"id": "a b"}, f'id: {ID_FORM}, not "a b"', id="id"),
        pytest.param({"id": 7}, "id: ", id="id-is-no-text"),
        pytest.param({"endpoint": ""}, "endpoint: ", id="endpoint"),
        pytest.param(
            {"endpoint": "x" * 1001},
            "endpoint: ",
            id="long",
        ),
        pytest.param({"method": []}, "method: ", id="method"),
        pytest.param({"method": ["GET", 1]}, "method[2]: ", id="methods"),
        pytest.param(
            {"status": "409"},
            "status: ",
            id="status-text",
        ),
        pytest.param(
            {"status": True},
            "status: ",
            id="status-boolean",
        ),
        pytest.param({"status": 99}, "status: ", id="status-below"),
        pytest.param({"status": 600.0}, "status: ", id="status-above"),
        pytest.param({"status": []}, "status: ", id="statuses-none"),
        pytest.param({"status": [409, 4090]}, "status[2]: ", id="statuses"),
        pytest.param(
            {"status": [True]},
            "status[1]: ",
            id="statuses-boolean",
        ),
        pytest.param({"as": "ok"}, "as: ", id="as"),
        pytest.param({"as": {}}, "as: ", id="as-table"),
        pytest.param(
            {"why": " \n"},
            "why: ",
            id="why",
        ),
        pytest.param(
            {"at_most": "25"},
            "at_most: ",
            id="at-most",
        ),
        pytest.param(
            {"at_most": 25},
            "at_most: ",
            id="at-most-number",
        ),
        pytest.param(
            {"expires": "soon"},
            "expires: ",
            id="expires",
        ),
        pytest.param(
            {"expires": datetime(2027, 6, 30, tzinfo=UTC)},
            "expires: ",
            id="expires-at",
        ),
        pytest.param({"expires": time(10)}, "expires: ", id="expires-time"),
        pytest.param({"owner": date(2027, 6, 30)}, "owner: ", id="owner"),
    ],
)
def test_rules(keys: dict[str, object], expected: str, pinned: Pinned) -> None:
    """What is wrong with a key of a rule is one sentence."""
    (sentence,) = _rule(**keys)
    assert sentence.partition(": ")[2].startswith(expected)
    pinned(sentence)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param({"optional": True}, '"optional" needs "endpoint"', id="optional"),
        pytest.param({"method": ["x"]}, '"method" needs "endpoint"', id="method"),
        pytest.param({"min_requests": -1}, "min_requests: ", id="min"),
        pytest.param({"abort": "yes"}, "abort: ", id="abort"),
        pytest.param({"abort_after": "30s"}, '"abort_after" needs "abort"', id="abort-after"),
        pytest.param(
            {"min_requests": 1.5},
            "min_requests: ",
            id="whole",
        ),
        pytest.param({"confidence": 0.4}, "confidence: ", id="low"),
        pytest.param({"confidence": 1}, "confidence: ", id="high"),
        pytest.param({"confidence": "95%"}, "confidence: ", id="text"),
        pytest.param(
            {"severity": "info"},
            "severity: ",
            id="severity",
        ),
    ],
)
def test_thresholds(keys: dict[str, object], expected: str, pinned: Pinned) -> None:
    """What is wrong with a key of a threshold is one sentence."""
    (sentence,) = _threshold(**keys)
    assert sentence.startswith(f"thresholds[1]: {expected}")
    pinned(sentence)


def test_the_id_is_part_of_the_place() -> None:
    """A rule is found by its number and, where that is a text, its id."""
    assert _rule(status=1)[0].startswith('rules[1] "a": status: ')
    assert _rule(id="a b")[0].startswith('rules[1] "a b": id: ')
    assert _rule(id=7)[0].startswith("rules[1]: id: ")


def test_every_missing_key_is_named_once() -> None:
    """A rule that has nothing lacks three keys and what says which failures are meant."""
    found = _words({"version": 1, "rules": [{}]})
    for sentence, key in zip(found, ("status", "endpoint", "id", "why"), strict=True):
        assert sentence.startswith("rules[1]: needs ")
        assert f'"{key}"' in sentence


def test_examples_are_checked() -> None:
    """The form of examples is checked like everything else."""
    example = {"endpoint": "GET /", "error": "x", "expect": "true", "rule": "a b"}
    first, second = _words({"version": 1, "examples": [example]})
    assert first.startswith("examples[1]: expect: ")
    assert second.startswith("examples[1]: rule: ")


def test_places_are_in_their_order() -> None:
    """Problems stand in the order of their places, the tenth rule behind the second."""
    rules = [SOUND_RULE | {"id": f"r{number}"} for number in range(1, 12)]
    for number in (9, 1):
        rules[number] = rules[number] | {"status": 1}
    places = [text.split(":")[0] for text in _words({"version": 1, "rules": rules})]
    assert places == ['rules[2] "r2"', 'rules[10] "r10"']
    found = _words({"version": 1, "extends": [1, 2], "b": 1, "rules": 1})
    assert [text.split(":")[0] for text in found] == ["file", "extends[1]", "extends[2]", "rules"]


def test_what_has_lines_is_in_their_order() -> None:
    """As a reader goes through the file; what is about all of it comes first."""
    document: Mapping[str, object] = {"thresholds": [{}], "rules": [{}]}
    lines: Mapping[Place, int] = {("thresholds",): 3, ("rules",): 7}
    found = described(schema_problems(document), document, "x", lines)
    assert [problem.line for problem in found] == [None, 3, *[7] * (len(found) - 2)]
    assert len(found) > 3


def test_what_is_shown_is_short_and_harmless() -> None:
    """A long or hostile key or value is shown in part, escaped."""
    (sentence,) = _rule(**{"as": "\x1b[2J\u202e" + "x" * 1000})
    assert sentence.isprintable()
    assert len(sentence) < 150
    (sentence,) = _rule(**{"\x1b" * 1000: 1})
    assert sentence.isprintable()
    assert len(sentence) < 220


def test_sound_entries_lack_what_has_problems() -> None:
    """Sound keys of tables can still be read, but nothing of a section that is none."""
    document = {
        "version": 1,
        "rules": [SOUND_RULE | {"status": [1]}, "no table", SOUND_RULE],
        "thresholds": {},
    }
    found = schema_problems(document)
    assert list(sound_entries(document, "rules", found)) == [
        (("rules", 0), {key: SOUND_RULE[key] for key in ("id", "endpoint", "why")}),
        (("rules", 2), SOUND_RULE),
    ]
    assert list(sound_entries(document, "thresholds", found)) == []
    assert list(sound_entries(document, "status_texts", found)) == []


def test_a_file_that_holds_only_problems_costs_no_minutes() -> None:
    """Beyond a thousand problems nobody looks for more."""
    found = schema_problems({"version": 1, "extends": [1] * 100_000})
    assert len(found) == SOUGHT + 1
    assert found[0].text.startswith("must have at most 50")


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        pytest.param(50, (50, "49"), id="all"),
        pytest.param(51, (51, "and 1 more"), id="one-more"),
        pytest.param(999, (51, "and 949 more"), id="many-more"),
        pytest.param(1000, (51, "and at least 950 more"), id="uncounted"),
    ],
)
def test_the_first_fifty_problems_are_shown(count: int, expected: tuple[int, str]) -> None:
    """The rest are a number."""
    shown = bounded([str(number) for number in range(count)])
    assert (len(shown), shown[-1]) == expected


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the schema's own addresses nor one in the file are looked up."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    assert _words({"version": 1, "$schema": "https://example.com/rules.json"}) == []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        pytest.param("statuss", "status", id="status"),
        pytest.param("errors", "error", id="error"),
        pytest.param("endpont", "endpoint", id="endpoint"),
        pytest.param("whhy", "why", id="why"),
    ],
)
def test_a_misspelt_key_is_one_problem(wrong: str, right: str) -> None:
    """A key that is there under a wrong name is not told as missing, too."""
    keys = {"id": "a", "endpoint": "/x", "status": 409, "why": "w"}
    if right == "error":
        del keys["status"]
    keys.pop(right, None)
    document = {"version": 1, "rules": [{**keys, wrong: "*"}]}
    assert _words(document) == [f'rules[1] "a": unknown key "{wrong}"; did you mean "{right}"?']
