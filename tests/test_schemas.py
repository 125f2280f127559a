"""The quick check by the schema of rules files: it says what jsonschema says, of any document."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from jsonschema.validators import validator_for

from loadgate.cli.schema import DOCUMENTS
from loadgate.published import DOCS
from loadgate.schemas import FOLDER, check_of, schema, valid

ROOT = Path(__file__).parents[1]
SCHEMA = schema("rules")
FULL = {
    "$schema": "loadgate.schema.json",
    "version": 1,
    "extends": ["rate-limiting"],
    "rules": [
        {
            "id": "a",
            "endpoint": "POST /a",
            "status": [409],
            "error": "*x*",
            "as": "expected",
            "why": "w",
            "at_most": "5%",
            "owner": "o",
            "ticket": "t",
            "expires": "2027-01-31",
            "lint_ignore": ["idle"],
        },
        {"id": "b", "endpoint": "/b", "method": ["GET"], "status": 409, "why": "w"},
    ],
    "thresholds": [
        {
            "require": "p95 <= 1s",
            "endpoint": "/a",
            "optional": True,
            "min_requests": 10,
            "confidence": 0.9,
            "severity": "warning",
        }
    ],
    "status_texts": [{"text": "refused {status}"}],
    "examples": [{"endpoint": "GET /a", "error": "x", "expect": "failure", "rule": "a"}],
}
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, 1.0, 2, -1, 99, 100, 599, 600, 0.5, 1.5, float("nan"), 10**30),
    *("", " ", "x", "a b", "x" * 101, "x" * 10_001, "5", "5%", "101%", "2027-1-1"),
    *([], [409], [409, 409], ["x"], ["x"] * 101, {}, {"x": 1}, "expected", "failure", "error"),
)


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to every value in a document."""
    keys = value if isinstance(value, dict) else range(len(value)) if type(value) is list else ()
    for key in keys:
        yield (*at, key)
        yield from places(value[key], (*at, key))


def changed() -> Iterator[Any]:
    """Yield the document with one thing replaced, removed or added, everywhere."""
    yield from ODD
    for way in places(FULL):
        for odd in (*ODD, "remove", "add"):
            document: Any = copy.deepcopy(FULL)
            inside = document
            for step in way[:-1]:
                inside = inside[step]
            if odd == "remove":
                del inside[way[-1]]
            elif odd == "add" and isinstance(inside, dict):
                inside["unknown"] = 1
            else:
                inside[way[-1]] = odd
            yield document


def test_both_say_the_same_of_any_document() -> None:
    """One that passes here is read without asking jsonschema."""
    validator = Draft7Validator(SCHEMA)
    answers = []
    for document in changed():
        answers.append(valid(document, "rules"))
        too_large = any(huge in str(document) for huge in ("nan", str(10**30)))
        assert answers[-1] == (validator.is_valid(document) and not too_large), document
    assert {True, False} == set(answers)


@pytest.mark.parametrize("file", sorted(ROOT.glob("rules/*.toml")), ids=lambda file: file.stem)
def test_presets_are_valid(file: Path) -> None:
    """As TOML reads them."""
    document = tomllib.loads(file.read_text("utf-8"))
    assert valid(json.loads(json.dumps(document, default=str)), "rules")


def test_unknown_keywords_are_no_secret() -> None:
    """A keyword that the quick check does not know is never taken for one that is kept."""
    with pytest.raises(KeyError, match="uniqueItems"):
        check_of({"uniqueItems": True}, {})


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_schema_says_where_it_is_published(document: str) -> None:
    """By the version of its documents; it is one, and needs no other to be understood."""
    text = (FOLDER / f"{document}.json").read_text("utf-8")
    of_it = json.loads(text)
    version = of_it["properties"]["version"]["const"]
    assert of_it["$id"] == f"{DOCS}schemas/{document}-{version}.json"
    validator_for(of_it).check_schema(of_it)
    references = re.findall(r'"\$ref": "([^"]*)"', text)
    assert [one for one in references if not one.startswith("#/$defs/")] == []
    assert {file.stem for file in FOLDER.glob("*.json")} == set(DOCUMENTS)


def test_editors_know_the_draft_of_the_rules() -> None:
    """Later ones have keywords that editors pass over, and would call a bad file good."""
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    later = {"$defs", "$anchor", "prefixItems", "dependentRequired", "dependentSchemas"}
    assert not later & {key for way in places(SCHEMA) for key in way}


def test_the_entry_for_schemastore() -> None:
    """It names the published schema, and the file that loadgate looks for."""
    page = (ROOT / "docs" / "development" / "schemas.md").read_text("utf-8")
    (entry,) = map(json.loads, re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    assert set(entry) == {"name", "description", "fileMatch", "url"}
    assert entry["url"] == SCHEMA["$id"]
    assert entry["fileMatch"] == ["loadgate.toml"]
