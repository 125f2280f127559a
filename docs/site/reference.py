"""The reference pages that are made from the package."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import schemas

from loadgate.cli import cli
from loadgate.cli import exit_codes as exits
from loadgate.cli.schema import DOCUMENTS
from loadgate.metrics import METRICS, definition
from loadgate.render import FORMATS
from loadgate.rules import load_policy, presets
from loadgate.rules.lint import CODES
from loadgate.rules.thresholds import DemandError, parse_demand
from loadgate.schemas import FOLDER
from loadgate.status.forms import forms

DOCS = Path(__file__).parents[1]
WIDTH = 80


def pages() -> dict[str, str]:
    """Return every page that is made, by its name without .md."""
    return {
        "commands": _commands(),
        "exit-codes": _exit_codes(),
        "metrics": _metrics(),
        "lint-codes": _lint_codes(),
        "presets": _presets(),
        "statuses": _statuses(),
        **{
            f"{name}-schema": schemas.page(
                FOLDER / f"{name}.json", prints=f"loadgate schema {name}"
            )
            for name in DOCUMENTS
        },
    }


def _commands() -> str:
    parts = [
        "# Commands\n\nWhat `--help` says. The formats of `check --output` are "
        + ", ".join(f"`{name}`" for name in FORMATS)
        + ".\n"
    ]
    for names, command in _below((), cli):
        path = " ".join(("loadgate", *names))
        # Not by --help: `loadgate locust` hands that to Locust.
        context = click.Context(
            command, info_name=path, terminal_width=WIDTH, max_content_width=WIDTH
        )
        parts.append(f"## {path}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def _below(
    names: tuple[str, ...], command: click.Command
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield a command and every command below it, each with the words that lead to it."""
    yield names, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _below((*names, name), inner)


def _exit_codes() -> str:
    """Return the codes of each command, as its own help tells them, and which of several counts."""
    whose: dict[str, list[str]] = {}
    for names, command in _below((), cli):
        if command.epilog and not isinstance(command, click.Group):
            whose.setdefault(command.epilog, []).append(f"`{' '.join(('loadgate', *names))}`")
    parts = ["# Exit codes\n"]
    for told, commands in whose.items():
        parts.append(f"## {', '.join(commands)}\n")
        parts.append("| exit | meaning |\n|---|---|\n" + _rows(told))
    order = ", ".join(str(code) for code in exits.WORST_FIRST)
    parts.append(f"## Several runs\n\nThe worst of them counts, in the order {order}.\n")
    return "\n".join(parts)


def _rows(epilog: str) -> str:
    """Return the lines "  CODE  MEANING" of a help text as rows of a table."""
    rows = re.findall(r"^  (\d+) +(.*(?:\n {7}.*)*)", epilog, re.MULTILINE)
    return "".join(f"| {code} | {' '.join(told.split())} |\n" for code, told in rows)


def _metrics() -> str:
    rows = [_metric_row(name) for name in METRICS]
    return (
        "# Metrics\n\nWhat a [threshold](../rules.md#thresholds) can be put on, in a rules file or"
        " by `--threshold`; any other percentile, such as `p97.5`, is written like those below."
        " How thresholds are written stands in [the rules file](../rules.md#thresholds).\n\n"
        "| metric | meaning | kind | a value is written | of one endpoint | against a baseline |\n"
        "|---|---|---|---|---|---|\n" + "".join(rows)
    )


def _metric_row(name: str) -> str:
    """Return the row of a metric, each cell found out by asking the parser of thresholds."""
    written = [value for value in ("1000", "0.5%", "800ms", "1.5s", "5m") if _parses(name, value)]
    kind = definition(name).kind
    beside = [
        value
        for value in ("baseline", "baseline + 10%", "baseline + 50ms", "baseline + 5")
        if _parses(name, value)
    ]
    run_only = definition(name).run_only
    endpoint = f"no: {run_only}" if run_only else "yes"
    cells = (f"`{name}`", _meaning(name), kind, _listed(written), endpoint, _listed(beside) or "no")
    return f"| {' | '.join(cells)} |\n"


def _meaning(name: str) -> str:
    """Return what the page of the rules file says that a metric means."""
    text = (DOCS / "rules.md").read_text("utf-8")
    table = text.partition("| metric | unit | meaning |")[2].split("\n\n")[0]
    for row in table.splitlines():
        names = row.split(" | ")[0]
        if f"`{name}`" in names or (re.fullmatch(r"p[\d.]+", name) and "`p95`" in names):
            meaning = row.strip("| ").rsplit(" | ", 1)[1].replace("](#", "](rules.md#")
            return re.sub(r"\]\((?=[\w-]+\.md)", "](../", meaning)
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
        "# Findings of `rules lint`\n\nEvery code that `loadgate rules lint` knows. Each leads to"
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
