"""Workflows and actions as the documents that GitHub reads in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """YAML 1.2 as GitHub reads it: `on` is a text, no boolean; so are `yes`, `no` and `off`."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as PyYAML has it
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:bool"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$", re.IGNORECASE), list("tfTF")
)


def load(file: Path) -> dict[str, Any]:
    """Read a workflow or an action; its `on:` is under the key "on"."""
    document = yaml.load(file.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - it is a SafeLoader
    assert isinstance(document, dict)
    return document
