"""`loadgate rules teach`: wordings of statuses, learned from locustfiles."""

from __future__ import annotations

import os
import shlex
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from loadgate import __version__
from loadgate.cli import console, options
from loadgate.cli import exit_codes as exits
from loadgate.cli.changed import LocustfileFinder
from loadgate.cli.repository import from_root
from loadgate.cli.writing import replace_file
from loadgate.errors import LoadgateError, OutputError, UsageError
from loadgate.locustfile import Lesson, Wording, learn
from loadgate.render.rules.teaching import (
    FORMATS,
    all_findings,
    render_annotations,
    render_lesson,
    render_wordings,
)
from loadgate.rules import DEFAULT_FILE, load_policy
from loadgate.rules.document import SIZE_LIMIT
from loadgate.rules.files import find
from loadgate.rules.lint.findings import PRESET
from loadgate.text import counted, first_of

DEFAULT = "locustfile.py"
_NAMED = 3
MOST_WORDINGS = 1000
"""Status texts that the schema of rules files allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taught:
    """What the locustfiles of one rules file teach."""

    locustfiles: Sequence[str]
    lesson: Lesson
    rules: str
    """What the rules file is called."""
    missing: Sequence[Wording]
    """The wordings that the rules file lacks."""


@click.command(
    cls=options.TakesFiles,
    epilog=exits.OF_TEACH,
    short_help="Learn from locustfiles how messages state the status.",
    page="teach",
)
@options.LOCUSTFILES
@options.rules("the loadgate.toml nearest to the locustfile, in its folder or above")
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
    "--changed",
    is_flag=True,
    help="Each LOCUSTFILE is any file that has changed, such as a rules file or an imported module:"
    " read the locustfiles that it belongs to.  [default: read each LOCUSTFILE]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    help="Write warnings as text to standard error, or to standard output instead of the wordings:"
    " as annotations for github, or as sarif for code scanning.  [default: text]",
)
@click.pass_context
def teach(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: click.Context,
    files: tuple[str, ...],
    rules: str | None,
    write: bool,  # noqa: FBT001 - click passes it by name
    check: bool,  # noqa: FBT001 - as write
    changed: bool,  # noqa: FBT001 - as write
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
    files = files or _default()
    problems: list[LoadgateError] = []
    taught = []
    meant = _meant(files, problems) if changed else files
    for file, locustfiles in _by_rules(meant, rules, apart=check or write):
        try:
            taught.append(_learn(file, locustfiles, write=write, check=check, form=form))
        except LoadgateError as error:
            problems.append(error)
    for problem in problems:
        console.report(problem)
    if form != "text":
        console.write(_rendered(taught, rules, form, check=check))
    elif not taught and not problems:
        console.tell("loadgate: these files belong to no locustfile, so there is nothing to read")
    lacking = [one for one in taught if check and one.missing]
    for one in lacking:
        console.warn(
            f"{one.rules} lacks {counted(len(one.missing), 'wording')};"
            f" {_remedy(one, rules, 'it' if len(one.missing) == 1 else 'them')}",
            "teach",
        )
    if problems:
        context.exit(exits.ERROR)
    context.exit(exits.FAILED if lacking else 0)


def _default() -> tuple[str, ...]:
    if not Path(DEFAULT).exists():
        raise UsageError(f"name a LOCUSTFILE: there is no {DEFAULT} in this folder")
    return (DEFAULT,)


def _meant(changed: Sequence[str], problems: list[LoadgateError]) -> list[str]:
    """Return the locustfiles that changed files belong to, none twice; add what is wrong."""
    finder = LocustfileFinder()
    found: dict[str, None] = {}
    for file in changed:
        try:
            found.update(dict.fromkeys(map(os.path.normpath, finder.belonging(file))))
        except UsageError as error:
            problems.append(error)
    return list(found)


def _by_rules(
    files: Sequence[str], rules: str | None, *, apart: bool
) -> list[tuple[str | None, list[str]]]:
    """Return the locustfiles of each rules file; None: there is none, so that it is the preset.

    `apart`: those that have none stand by their folders, as each folder may get one.
    """
    if rules is not None:
        return [(rules, [*files])]
    finder = LocustfileFinder()
    groups: dict[tuple[str | None, str], list[str]] = {}
    for found, name in (pair for file in files for pair in finder.with_rules(file)):
        folder = _folder(name) if apart and found is None else ""
        groups.setdefault((found, folder), []).append(name)
    return [(found, names) for (found, _), names in groups.items()]


def _folder(locustfile: str) -> str:
    path = Path(locustfile)
    return str(path if path.is_dir() else path.parent)


def _learn(
    rules: str | None, locustfiles: Sequence[str], *, write: bool, check: bool, form: str
) -> _Taught:
    """Learn from the locustfiles of a rules file, and show or write it."""
    lesson = learn(locustfiles)
    missing, origin = _missing(rules, lesson.taught) if check else (lesson.taught, "")
    if write:
        # Behind the last brace of a SARIF log nothing may stand, and nothing before the first.
        written = _append(rules, locustfiles, lesson.taught)
        (console.tell if form == "sarif" else console.write)(written)
    elif form == "text":
        console.write(render_wordings(missing))
    if form == "text":
        console.tell(render_lesson(lesson, where=first_of(locustfiles, _NAMED)))
    return _Taught(locustfiles=locustfiles, lesson=lesson, rules=origin, missing=missing)


def _rendered(taught: Sequence[_Taught], rules: str | None, form: str, *, check: bool) -> str:
    findings = [
        replace(finding, file=from_root(finding.file))
        for one in taught
        for finding in all_findings(
            one.lesson,
            one.missing if check else (),
            one.rules,
            remedy=_sentence(_remedy(one, rules, "it")),
        )
    ]
    lessons = [one.lesson for one in taught]
    return render_annotations(lessons, findings, form, version=__version__)


def _remedy(taught: _Taught, rules: str | None, what: str) -> str:
    """Return how to add what a rules file lacks; `rules` is the one that was named."""
    if taught.rules.lower().endswith(".json"):
        return f"add {what} by hand, as --write can only append to TOML"
    if taught.rules.startswith(PRESET):
        return _to_begin(taught.locustfiles, rules)
    words = ["loadgate", "rules", "teach", "--write"]
    words += ["--rules", rules] if rules is not None else []
    words += taught.locustfiles if [*taught.locustfiles] != [DEFAULT] else []
    return f"add {what} with `{shlex.join(words)}`"


def _to_begin(locustfiles: Sequence[str], rules: str | None) -> str:
    """Return how to get a rules file where wordings would go into a preset."""
    if rules is not None:
        return "a preset cannot be changed: name a rules file with --rules"
    file = str(Path(_folder(locustfiles[0]), DEFAULT_FILE))
    words = ["loadgate", "init"]
    words += ["--file", file] if file != DEFAULT_FILE else []
    words += [word for name in locustfiles for word in ("--locustfile", name)]
    return f"there is no rules file: write one with `{shlex.join(words)}`"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _missing(rules: str | None, wordings: Sequence[Wording]) -> tuple[Sequence[Wording], str]:
    """Return the wordings that the rules lack, and what the rules file is called."""
    policy = load_policy(rules)
    known = {wording.text for wording in policy.status_texts}
    return [wording for wording in wordings if wording.text not in known], policy.origins[0]


def _append(rules: str | None, locustfiles: Sequence[str], wordings: Sequence[Wording]) -> str:
    file = find(rules)
    if file.origin.startswith(PRESET):
        raise UsageError(
            f"{', '.join(locustfiles)}: no wording was written\n"
            f"  {_sentence(_to_begin(locustfiles, rules))}."
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
