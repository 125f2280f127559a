"""Compile the schema of rules files to Python: `.venv/bin/python .ci/compile_schema.py`.

fastjsonschema writes the code, here and not at every start of the command: importing jsonschema
takes longer than all else that `check` does for a small run. A test holds both to the same answers.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import fastjsonschema

SCHEMAS = Path(__file__).parents[1] / "loadgate" / "schemas"

HEAD = '''\
"""Whether a document keeps to rules.json. Written by .ci/compile_schema.py: do not edit."""

import re
from typing import Any


class _Invalid(Exception):
    pass


def valid(document: Any) -> bool:
    """Say whether the schema has nothing against a document."""
    try:
        validate(document)
    except _Invalid:
        return False
    return True
'''

_TEXTS = {"$id", "$schema", "title", "description", "default", "examples"}


def compiled(schema: dict[str, Any]) -> str:
    """Return the module that checks documents by a schema."""
    draft = {"$schema": "http://json-schema.org/draft-07/schema#", **_for_draft_7(schema)}
    code = fastjsonschema.compile_to_code(draft, use_default=False, use_formats=False)
    code = code[code.index("REGEX_PATTERNS") :].replace(", Decimal)", ")")
    code = re.sub(
        r"raise JsonSchemaValueExceptions?\(.*\)$", "raise _Invalid", code, flags=re.MULTILINE
    )
    code = code.replace("(JsonSchemaValueException, JsonSchemaValuesException)", "_Invalid")
    code = re.sub(r"def validate\(data, .*\):", "def validate(data: Any) -> Any:", code)
    return f"{HEAD}\n\n{code.rstrip()}\n"


def _for_draft_7(
    schema: Any,  # noqa: ANN401 - any JSON
    *,
    names: bool = False,
) -> Any:  # noqa: ANN401
    """Return a schema without its texts, and with what fastjsonschema calls otherwise."""
    if isinstance(schema, list):
        return [_for_draft_7(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if names:
        return {name: _for_draft_7(each) for name, each in schema.items()}
    found = {
        "dependencies" if key == "dependentRequired" else key: _for_draft_7(
            value, names=key == "properties"
        )
        for key, value in schema.items()
        if key not in _TEXTS
    }
    if isinstance(found.get("const"), int):  # to Python, True is 1
        found["type"] = "integer"
    return found


if __name__ == "__main__":
    schema = json.loads((SCHEMAS / "rules.json").read_text("utf-8"))
    (SCHEMAS / "rules_check.py").write_text(compiled(schema), "utf-8")
