"""Options that several commands have."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import click
from click.shell_completion import CompletionItem

from loadgate.cli.lazy import Command
from loadgate.errors import UsageError

_WRITING = ("check", "report", "compare")
"""The commands with `--output FORMAT:PATH`; a line with none of them is a mistyped first one."""
_FILE = re.compile(r"/|\.(?:toml|json|py)$", re.IGNORECASE)
_Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def _complete_rules(
    context: click.Context,  # noqa: ARG001 - as click calls it
    parameter: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem[str]]:
    """Offer the presets of which something is typed, else files."""
    from loadgate.rules import presets

    known = [name for name in presets() if incomplete and name.startswith(incomplete)]
    return [CompletionItem(name) for name in known] or [CompletionItem(incomplete, type="file")]


def _encoding(name: str) -> str:
    from loadgate.read.encodings import known_encoding

    return known_encoding(name)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--today {text}: not a date like 2026-11-23") from None


class TakesFiles(Command):
    """A command whose files pre-commit names, also those whose name begins with -."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take a word for a file that has a slash or the ending of one: no option has."""
        names = [word.partition("=")[0] for word in args]
        return super().parse_args(
            ctx,
            [
                f"./{word}" if name.startswith("-") and _FILE.search(name) else word
                for word, name in zip(args, names, strict=True)
            ],
        )


RUN = click.Path(readable=False)
"""The type of an argument that is a RUN, so that shells complete it as a path.

Whether it can be read is seen when it is: one that cannot be does not keep others from it.
"""

LOCUSTFILES = click.argument(
    "files", metavar="[LOCUSTFILE...]", type=click.Path(readable=False), nargs=-1
)
LOCUSTFILE = click.Path(readable=False)
"""The type of an option that is a locustfile, so that shells complete it as a path."""

RULES_FILES = click.argument("files", metavar="[FILE...]", nargs=-1, shell_complete=_complete_rules)
TODAY = click.option(
    "--today",
    metavar="DATE",
    type=_date,
    help="Use DATE (YYYY-MM-DD) instead of today for rule expiry.  [default: today in UTC]",
)
MERGE = click.option(
    "--merge",
    is_flag=True,
    help="Judge all RUNs as one, e.g. the shards or regions of a test.  [default: one by one]",
)
ALLOW_PARTIAL = click.option(
    "--allow-partial",
    is_flag=True,
    help="Continue although the files disagree; count conservatively and mark the result as"
    " partial.  [default: exit with 2]",
)
ENCODING = click.option(
    "--encoding",
    metavar="NAME",
    type=_encoding,
    help="Encoding of the result files, e.g. cp1252, gb18030 or cp949; ignored for files with a"
    " byte order mark.  [default: UTF-8; if that fails, a guess with a warning]",
)


def rules(default: str) -> _Option:
    """Return the option `--rules`; `default` says what holds without it."""
    return click.option(
        "--rules",
        metavar="FILE",
        shell_complete=_complete_rules,
        help="Rules file (TOML or JSON), or the name of a bundled preset."
        f"  [default: {default}, else the preset optimistic-locking]",
    )


RULES = rules("./loadgate.toml")


def output(formats: Sequence[str], what: str, more: str = "") -> _Option:
    """Return the option `--output` for writing `what`; `more` is added to its help."""
    default = f"{formats[0]} on standard output"
    return click.option(
        "--output",
        "outputs",
        metavar="FORMAT[:PATH]",
        shell_complete=lambda _context, _parameter, typed: [
            name for name in formats if name.startswith(typed)
        ],
        multiple=True,
        help=f"Write the {what} as {', '.join(formats[:-1])} or {formats[-1]}, to PATH or to"
        f" standard output. Repeatable.{more}  [default: {default}]",
    )


def threshold(help_text: str) -> _Option:
    """Return the option `--threshold` with its help."""
    return click.option("--threshold", "thresholds", metavar="EXPR", multiple=True, help=help_text)


def withdraw(group: click.Group, words: Sequence[str]) -> None:
    """Remove what loadgate wrote where a wrong command line asks for outputs.

    An older verdict must not stay because of a mistake in another option, or in `--output` itself.
    """
    name = next((word for word in words if word in _WRITING), _WRITING[0])
    command = group.get_command(click.Context(group), name)
    values = _values(command.params if command else (), words)
    if not values["outputs"]:
        return
    from loadgate.cli.outputs import PICTURES, file_names, meant_by, targets
    from loadgate.cli.writing import Writer
    from loadgate.judging.runs import find_all, labels_of
    from loadgate.read import find_runs

    outputs = [output for text in values["outputs"] for output in meant_by(text)]
    named = [word for word in values["runs"] if word != name]
    read = [*named, *values["base"], *values["head"]]
    earlier = [*values["baseline"], *values["history"]]
    writer = Writer([*read, *earlier], folders=earlier if name == "check" else read)
    runs = [run for path in named or [""] for run in find_runs(path)]
    label = next(iter(values["label"]), None)
    pictures = PICTURES if name == "report" else 0
    # One by one, too: what follows on an unknown option is no run.
    groups = [runs, *([run] for run in runs)]
    names = [file for some in groups for file in file_names(some, labels_of(some, label), outputs)]
    if "--merge" in words:
        merged = find_all(named or [""], label, merge=True)
        names += file_names(merged.runs[:1], [merged.together], outputs)
    for file in names:
        writer.clear(t for output in outputs for t in targets(output, file, pictures=pictures))


def _values(parameters: Sequence[click.Parameter], words: Sequence[str]) -> dict[str, list[str]]:
    """Return the values of each option in words that click refuses, and all else as `runs`."""
    options = {
        name: parameter
        for parameter in parameters
        for name in parameter.opts
        if isinstance(parameter, click.Option)
    }
    values: defaultdict[str, list[str]] = defaultdict(list)
    left = iter(words)
    for word in left:
        name, equals, value = word.partition("=")
        option = options.get(name)
        text = value if equals and word.startswith("-") else word
        if option is not None and option.name is not None:
            if not option.is_flag:
                values[option.name].append(value if equals else next(left, ""))
        elif _names_output(text):  # as it follows on a mistyped --output
            values["outputs"].append(text)
        elif text and not text.startswith("-"):
            values["runs"].append(text)
    return values


def _names_output(text: str) -> bool:
    """Say whether a word is FORMAT:PATH, of a verdict or of the weekly report."""
    from loadgate.render import FORMATS

    format_, _, path = text.partition(":")
    return bool(path) and format_ in FORMATS
