"""`loadgate rules teach`: wordings of statuses, learned from locustfiles."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

import click

from loadgate.cli import console, options
from loadgate.cli import exit_codes as exits
from loadgate.cli.lazy import Command
from loadgate.cli.writing import replace_file
from loadgate.errors import OutputError, UsageError
from loadgate.locustfile import Wording, learn
from loadgate.render.rules.teaching import (
    FORMATS,
    render_annotations,
    render_lesson,
    render_wordings,
)
from loadgate.rules import load_policy
from loadgate.rules.document import SIZE_LIMIT
from loadgate.rules.files import find
from loadgate.rules.lint.findings import PRESET
from loadgate.text import counted

DEFAULT = "locustfile.py"
MOST_WORDINGS = 1000
"""Status texts that the schema of rules files allows."""


@click.command(
    cls=Command,
    epilog=exits.OF_TEACH,
    short_help="Learn from locustfiles how messages state the status.",
    page="teach",
)
@options.LOCUSTFILES
@options.RULES
@click.option(
    "--write",
    is_flag=True,
    help="Append the wordings that the rules file lacks to it.  [default: print all wordings]",
)
@click.option(
    "--check",
    is_flag=True,
    help="Print the wordings that the rules file lacks, and exit with 1 if there are any. Warnings"
    " never change the exit code.  [default: print all wordings]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    help="Write warnings as text to standard error, or as annotations for github to standard output"
    " instead of the wordings.  [default: text]",
)
@click.pass_context
def teach(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: click.Context,
    files: tuple[str, ...],
    rules: str | None,
    write: bool,  # noqa: FBT001 - click passes it by name
    check: bool,  # noqa: FBT001 - as write
    form: str,
) -> None:
    """Read each LOCUSTFILE and print a [[status_texts]] entry for every message with its status.

    The source is only read, never run. LOCUSTFILE may be a folder, as for Locust; modules beside a
    locustfile that it imports are read, too. By default it is locustfile.py.

    The entries go to standard output, as TOML to append to a rules file, each with its file and
    line. Warnings go to standard error: messages for which no wording is safe or that do not state
    their status, and where the locustfile lets failures pass as successes.
    """
    if write and check:
        raise UsageError("--write and --check exclude each other: one changes the rules file")
    lesson = learn(files or _default())
    missing, origin = _missing(rules, lesson.taught) if check else (lesson.taught, "")
    if write:
        console.write(_append(rules, lesson.taught))
    elif form == "text":
        console.write(render_wordings(missing))
    if form == "github":
        console.write(render_annotations(lesson, missing if check else (), origin))
    else:
        console.tell(render_lesson(lesson))
    if check and missing:
        console.warn(
            f"{origin} lacks {counted(len(missing), 'wording')};"
            " add them with `loadgate rules teach --write`",
            "teach",
        )
        context.exit(exits.FAILED)


def _default() -> tuple[str, ...]:
    if not Path(DEFAULT).exists():
        raise UsageError(f"name a LOCUSTFILE: there is no {DEFAULT} in this folder")
    return (DEFAULT,)


def _missing(rules: str | None, wordings: Sequence[Wording]) -> tuple[Sequence[Wording], str]:
    """Return the wordings that the rules lack, and what the rules file is called."""
    policy = load_policy(rules)
    known = {wording.text for wording in policy.status_texts}
    return [wording for wording in wordings if wording.text not in known], policy.origins[0]


def _append(rules: str | None, wordings: Sequence[Wording]) -> str:
    file = find(rules)
    if file.origin.startswith(PRESET):
        raise UsageError(
            f"{file.origin} cannot be changed, and there is no rules file\n"
            "  Write one with `loadgate init`, or name it with --rules."
        )
    if file.path.lower().endswith(".json"):
        raise UsageError(f"{file.origin}: --write can only append to TOML; add the entries by hand")
    missing, origin = _missing(rules, wordings)
    if missing:
        old = Path(file.path).read_bytes()
        text = render_wordings(missing)
        if b"\r\n" in old:
            text = text.replace("\n", "\r\n")
        end = b"" if not old or old.endswith(b"\n") else b"\r\n" if b"\r\n" in old else b"\n"
        new = old + end + text.encode()
        _refuse_what_is_invalid(new, origin)
        replace_file(file.path, new)
    return f"{origin}: {counted(len(missing), 'wording')} added"


def _refuse_what_is_invalid(new: bytes, origin: str) -> None:
    """Raise OutputError where the file would not be valid any more."""
    try:
        if len(new) > SIZE_LIMIT:
            raise OutputError(f"{origin}: would be larger than {SIZE_LIMIT:,} bytes; not changed")
        document = tomllib.loads(new.decode("utf-8-sig"))
        if len(document["status_texts"]) > MOST_WORDINGS:
            raise OutputError(
                f"{origin}: would have more than {MOST_WORDINGS:,} status texts; not changed"
            )
    except tomllib.TOMLDecodeError as error:
        raise OutputError(
            f"{origin}: not changed: nothing can be appended, as status_texts is a list in one"
            " piece\n  Write each of its entries as a table of its own: [[status_texts]]."
        ) from error
