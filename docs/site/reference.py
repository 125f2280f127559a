"""The reference pages that are made from the package."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import commands
import schemas
from schemas import linked

from loadgate.cli.schema import DOCUMENTS
from loadgate.metrics import METRICS, definition
from loadgate.rules import load_policy, presets
from loadgate.rules.lint import CODES
from loadgate.rules.thresholds import DemandError, parse_demand
from loadgate.schemas import FOLDER
from loadgate.status.forms import forms

DOCS = Path(__file__).parents[1]


RULES = "Keys of the rules file"


def pages() -> dict[str, str]:
    """Return every page that is made, by its name without .md."""
    return {
        **commands.pages(),
        "metrics": _metrics(),
        "lint-codes": _lint_codes(),
        "presets": _presets(),
        "statuses": _statuses(),
        "schemas": _schemas(),
        **{
            f"{name}-schema": schemas.page(
                FOLDER / f"{name}.json",
                prints=f"loadgate schema {name}",
                title=RULES if name == "rules" else "",
            )
            for name in DOCUMENTS
        },
    }


def below() -> set[str]:
    """Return the names of the pages that stand below another one in the navigation."""
    return commands.below() | {f"{name}-schema" for name in DOCUMENTS}


def _schemas() -> str:
    rows = [f"| `loadgate schema {name}` | [{name}]({name}-schema.md) |" for name in DOCUMENTS]
    listed = [f"{name.capitalize()} <{name}-schema>" for name in DOCUMENTS if name != "rules"]
    return "\n".join(
        (
            "# JSON Schemas",
            "",
            "Every document of loadgate has a schema, which is installed with it.",
            "",
            "| command that prints it | its keys |",
            "|---|---|",
            *rows,
            "",
            "```{toctree}",
            ":hidden:",
            "",
            *listed,
            "```",
            "",
        )
    )


def _metrics() -> str:
    rows = [_metric_row(name) for name in METRICS]
    return (
        "# Metrics\n\nWhat a [threshold](../rules.md#thresholds) can be put on, in a rules file or"
        " by `--threshold`. Any other percentile, such as `p97.5`, is written like those below."
        " The last column is what may stand after `baseline`, or `history`.\n\n"
        "| metric | meaning | a limit | of one endpoint | after `baseline` |\n"
        "|---|---|---|---|---|\n" + "".join(rows)
    )


def _metric_row(name: str) -> str:
    """Return the row of a metric, each cell found out by asking the parser of thresholds."""
    written = [value for value in ("1000", "0.5%", "800ms", "1.5s", "5m") if _parses(name, value)]
    beside = [value for value in ("+ 10%", "+ 50ms", "+ 5") if _parses(name, f"baseline {value}")]
    run_only = definition(name).run_only
    endpoint = f"no: {run_only}" if run_only else "yes"
    earlier = _listed(beside) or ("nothing" if _parses(name, "baseline") else "no baseline")
    cells = (linked(name, name), _meaning(name), _listed(written), endpoint, earlier)
    return f"| {' | '.join(cells)} |\n"


def _meaning(name: str) -> str:
    """Return what a metric means, as it is written beside this file."""
    for row in (DOCS / "site" / "metrics.md").read_text("utf-8").splitlines():
        named = re.findall(r"`([^`]+)`", row.split(" | ")[0])
        if name in named or (re.fullmatch(r"p[\d.]+", name) and "p95" in named):
            meaning = row.strip("| ").rsplit(" | ", 1)[1]
            each = meaning.split("; ")
            if len(each) == len(named) > 1:
                meaning = each[named.index(name)]
            return meaning
    raise KeyError(name)


def _parses(name: str, value: str) -> bool:
    try:
        parse_demand(f"{name} <= {value}")
    except DemandError:
        return False
    return True


def _listed(values: list[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _lint_codes() -> str:
    text = (DOCS / "rules-lint.md").read_text("utf-8")
    rows = []
    for code in CODES:
        _, _, section = text.partition(f"\n## {code}\n\n")
        first = " ".join(section.split("\n\n")[0].split())
        # The links of that page, as they are from here.
        first = re.sub(r"\]\(([\w-]+\.md)", r"](../\1", first.replace("](#", "](rules-lint.md#"))
        rows.append(f"| [`{code}`](../rules-lint.md#{code}) | {first} |\n")
    return (
        "# List of lint codes\n\nEvery code that `loadgate rules lint` knows. Each leads to"
        " what to do about it, with a file that has the finding and one that has not.\n\n"
        "| code | found |\n|---|---|\n" + "".join(rows)
    )


def _presets() -> str:
    parts = [
        '# Bundled presets\n\nThe files as they are installed. `extends = ["NAME"]` takes one over,'
        " `--rules NAME` judges by it alone.\n"
    ]
    for name in presets():
        ids = ", ".join(f"`{rule.id}`" for rule in load_policy(name).rules)
        text = (DOCS.parent / "rules" / f"{name}.toml").read_text("utf-8")
        parts.append(f"## {name}\n\nIts rules: {ids}.\n\n```toml\n{text}```\n")
    return "\n".join(parts)


def _statuses() -> str:
    clients = [f"| {form.about} | {_code(form.examples[:1])} |\n" for form in forms("clients")]
    words = [
        f"| `{form.source}` | {form.about} | {_code(form.examples)} | {_code(form.others)} |\n"
        for form in forms("words")
    ]
    return (
        "# Texts with a status\n\nFrom which error texts a status [is read for"
        " certain](../reading-statuses.md).\n\n## What clients write\n\n"
        "| written by | for example |\n|---|---|\n" + "".join(clients) + "\n"
        "## What people write\n\n"
        "| `status_from` | what the message says | certain | not certain |\n|---|---|---|---|\n"
        + "".join(words)
    )


def _code(texts: Sequence[str]) -> str:
    """Return texts as code in a cell."""
    return ", ".join(f"`{text}`" for text in texts).replace("|", "\\|").replace("\n", "⏎")
