"""`loadgate init`: a commented rules file to start from."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from loadgate import schemas
from loadgate.cli import console, options
from loadgate.cli import exit_codes as exits
from loadgate.cli.lazy import Command
from loadgate.errors import OutputError, UsageError
from loadgate.globs import StatusText
from loadgate.judging.runs import classify_runs
from loadgate.locustfile import learn
from loadgate.model import Classification
from loadgate.render.rules.starter import SCHEMA_FILE, render_starter
from loadgate.render.rules.teaching import render_lesson, render_wordings
from loadgate.rules import DEFAULT_FILE, DEFAULT_PRESET, load_policy, other_presets
from loadgate.rules.suggest import suggest
from loadgate.rules.wordings import TEACH_HINT, may_be_taught
from loadgate.signals import unwinding
from loadgate.text import first_of

LOCUSTFILE = "locustfile.py"
_NAMED = 3


@click.command(
    cls=Command,
    epilog=exits.OF_ALL_ELSE,
    short_help="Write a rules file to start from.",
    page="first-rules",
)
@click.argument("runs", metavar="[RUN...]", type=options.RUN, nargs=-1)
@click.option(
    "--file",
    metavar="FILE",
    type=click.Path(),
    default=DEFAULT_FILE,
    help=f"Write to FILE.  [default: {DEFAULT_FILE}]",
)
@click.option(
    "--schema",
    is_flag=True,
    help=f"Also write {SCHEMA_FILE} beside it and name it in its first line, for editors without a"
    " network.  [default: name the published schema]",
)
@click.option(
    "--locustfile",
    "locustfiles",
    metavar="FILE",
    type=options.LOCUSTFILE,
    multiple=True,
    help="Also write the wordings that `loadgate rules teach` learns from this locustfile or"
    " folder. Repeatable.  [default: none]",
)
@options.ENCODING
@options.ALLOW_PARTIAL
def init(  # noqa: PLR0913, PLR0917 - one parameter an option
    runs: tuple[str, ...],
    file: str,
    schema: bool,  # noqa: FBT001 - click passes it by name
    locustfiles: tuple[str, ...],
    encoding: str | None,
    allow_partial: bool,  # noqa: FBT001 - as schema
) -> None:
    """Write a commented rules file to start from. Existing files are never overwritten.

    The new file changes no decision, except that exceptions in tasks fail the gate, and that with
    --locustfile the status is read in more messages. With a RUN it lists the endpoints of the run
    and contains, as comments, what `rules suggest` says about it.
    """
    if not file.lower().endswith(".toml"):
        raise UsageError(f"--file {file}: the file is TOML, so its name must end in .toml")
    lesson = learn(locustfiles) if locustfiles else None
    policy = load_policy(DEFAULT_PRESET)
    if lesson is not None:  # what is told of the runs is what the new file decides
        policy = replace(policy, status_texts=tuple(StatusText(one.text) for one in lesson.taught))
    classifications = classify_runs(runs, policy, allow_partial=allow_partial, encoding=encoding)
    starter = render_starter(
        classifications,
        suggest(classifications, policy, other_presets(policy)),
        file=file,
        run=(*runs, "run_stats.csv")[0],
        schema=schema,
    )
    if lesson is not None:
        starter += render_wordings(lesson.taught)
    texts = {Path(file): starter}
    if schema:
        texts[Path(file).parent / SCHEMA_FILE] = (schemas.FOLDER / "rules.json").read_text("utf-8")
    for target in texts:
        if os.path.lexists(target):
            raise OutputError(f"{target}: already exists, not changed; choose another --file")
    for target, text in texts.items():
        _create(target, text)
    console.write(
        "".join(f"{target}: written\n" for target in texts)
        + f"Read it, then: loadgate rules lint {file}"
    )
    if lesson is not None:
        where = first_of(locustfiles, _NAMED)
        console.tell(render_lesson(lesson, where=where, columns=console.columns(of_errors=True)))
    else:
        _point_to_teach(file, classifications)


def _point_to_teach(file: str, classifications: Sequence[Classification]) -> None:
    """Say how to add the wordings of messages to the new file, which has none yet."""
    beside = Path(file).with_name(LOCUSTFILE)
    if beside.is_file():
        words = ["loadgate", "rules", "teach", "--write"]
        words += ["--rules", file] if Path(file).name != DEFAULT_FILE else []
        command = shlex.join([*words, str(beside)])
        text = (
            f"{beside} was not read; add the wordings of its messages with `{command}`,"
            f" or write a new file with `--locustfile {shlex.quote(str(beside))}`"
        )
        console.warn(text, "teach")
    elif may_be_taught(kind for run in classifications for kind in run.failures):
        console.warn(TEACH_HINT, "teach")


def _create(path: Path, text: str) -> None:
    """Write a file that is not there yet, wholly or not at all."""
    try:
        with unwinding(), path.open("x", encoding="utf-8", newline="\n") as target:
            try:
                target.write(text)
                target.flush()  # a full disk is told only here
            except BaseException:
                with contextlib.suppress(OSError):
                    path.unlink()
                raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"{path}: cannot be written: {reason}") from error
