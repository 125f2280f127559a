"""The reference page of a JSON Schema: every key, explained in Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]


def page(path: Path, *, prints: str, title: str = "") -> str:
    """Return the page about the schema at `path`, which the command `prints` prints."""
    schema = json.loads(path.read_text("utf-8"))
    lines = [
        f"# {title or schema['title']}",
        "",
        escaped(schema["description"]),
        "",
        f"Made from the JSON Schema that `{prints}` prints. It is at <{schema['$id']}>.",
        "",
    ]
    for heading, part in _objects(schema, "The document"):
        lines += [f"## {heading}", ""]
        told = schema.get("$defs", {}).get(heading, {}).get("description")  # it may be a list
        told = told or part.get("description")
        if part is not schema and told:
            lines += [escaped(told), ""]
        lines += _table(heading, part)
    plain = {
        name: part
        for name, part in schema.get("$defs", {}).items()
        if not any(True for _ in _objects(part, ""))
    }
    for name, part in plain.items():
        told = escaped(part.get("description", ""))
        lines += [f"## {name}", "", f"{told} It is: {_values(part)}.".strip(), ""]
    return "\n".join(lines)


def _objects(schema: Schema, heading: str) -> Iterator[tuple[str, Schema]]:
    """Yield each object that the schema describes with its keys, outer ones first."""
    if "properties" in schema:
        yield heading, schema
    for name, part in schema.get("properties", {}).items():
        yield from _objects(part, _inner(heading, name))
    if "items" in schema:
        yield from _objects(schema["items"], heading)
    for one in schema.get("oneOf", ()):
        yield from _objects(one, heading)
    for name, part in schema.get("$defs", {}).items():
        yield from _objects(part, name)


def _inner(heading: str, name: str) -> str:
    return name if heading == "The document" else f"{heading}: {name}"


def _table(heading: str, schema: Schema) -> list[str]:
    lines = ["| key | value | meaning |", "|---|---|---|"]
    required = schema.get("required", ())
    for name, part in schema["properties"].items():
        told = escaped(part.get("description", ""))
        entry = part.get("items", {})
        if entry.get("description") and "properties" not in entry:
            told += f" Each: {escaped(entry['description'])}"
        if name not in required:
            told += " *May be left out.*"
        inner = _inner(heading, name)
        below = [title for title, _ in _objects(part, inner)]
        value = f"{_values(part)}: [{inner}](#{_anchor(inner)})" if below else _values(part)
        # As the path in a file, which no heading is like.
        place = f"{heading.replace('The document', 'document').replace(': ', '.')}.{name}"
        lines.append(f"| {linked(name, place)} | {value} | {told.strip()} |")
    return [*lines, ""]


def linked(name: str, place: str) -> str:
    """Return a name as code that is an anchor and leads to itself, so that one can copy it."""
    return f'<a id="{place}" href="#{place}"><code class="literal">{name}</code></a>'


def _values(schema: Schema) -> str:
    """Return in words which values a schema takes."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return f"[{name}](#{_anchor(name)})"
    if "const" in schema:
        return _code(schema["const"])
    if "enum" in schema:
        return " or ".join(_code(value) for value in schema["enum"])
    if "oneOf" in schema:
        return " or ".join(_values(one) for one in schema["oneOf"])
    types = schema.get("type", [])
    words = [_type(one, schema) for one in ([types] if isinstance(types, str) else types)]
    told = " or ".join(words)
    if "default" in schema:
        told += f"; by default {_code(schema['default'])}"
    if "examples" in schema:
        told += "; such as " + ", ".join(_code(one) for one in schema["examples"])
    return told


BOUNDS = {
    "string": {"minLength": "{} or more characters", "maxLength": "up to {} characters"},
    "array": {"minItems": "{} or more", "maxItems": "up to {}"},
    "number": {"minimum": "from {}", "maximum": "to {}", "exclusiveMaximum": "below {}"},
}
BOUNDS["integer"] = BOUNDS["number"]


def _type(name: str, schema: Schema) -> str:
    """Return a type in words, with its bounds and pattern."""
    told = [
        words.format(schema[key]) for key, words in BOUNDS.get(name, {}).items() if key in schema
    ]
    if name == "string" and "pattern" in schema:
        told.append(f"as {_code(schema['pattern'])}")
    bounds = f" ({', '.join(told)})" if told else ""
    plain = {"array": "list", "string": "text", "integer": "whole number", "object": "table"}
    if name == "array" and "items" in schema and "properties" not in schema["items"]:
        return f"list{bounds} of {_values(schema['items'])}"
    return {"boolean": "true or false", **plain}.get(name, name) + bounds


def escaped(text: str) -> str:
    """Return a sentence of a schema so that Markdown shows it as it stands, code spans excepted."""
    parts = re.split(r"(`[^`]*`)", text.replace("\n", " "))
    return "".join(
        part if part.startswith("`") else re.sub(r"([\\*_\[\]<>|])", r"\\\1", part)
        for part in parts
    )


def _code(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"`` {_cell(text)} ``" if "`" in text else f"`{_cell(text)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _anchor(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it."""
    return "".join(c for c in heading.lower() if c.isalnum() or c in " -_").replace(" ", "-")
