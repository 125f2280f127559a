"""What every tool of this project asks for, from pyproject.toml: the contents of dev.in.

    python .ci/dev_in.py > .github/requirements/dev.in

uv could compile the groups themselves, but Dependabot compiles only .in files anew.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def main() -> None:
    """Print loadgate's own dependencies, those of its extras, and the group `dev`."""
    document = tomllib.loads(PYPROJECT.read_text("utf-8"))
    project = document["project"]
    extras = project["optional-dependencies"].values()
    wanted = {*project["dependencies"], *(text for extra in extras for text in extra)}
    wanted |= {*document["build-system"]["requires"], *group("dev", document["dependency-groups"])}
    print("# Made from pyproject.toml by `make lock`.")
    print(*sorted(wanted, key=str.lower), sep="\n")


def group(name: str, groups: dict[str, list[Any]]) -> Iterator[str]:
    """Yield the requirements of a group and of those that it includes."""
    for entry in groups[name]:
        if isinstance(entry, str):
            yield entry
        else:
            yield from group(entry["include-group"], groups)


if __name__ == "__main__":
    main()
