"""The reference pages of the command line: a page for each command, an anchor for each option."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
from schemas import escaped

from loadgate.cli import cli
from loadgate.cli import exit_codes as exits

_OPTION = re.compile(r"(?<![\w`-])--?[a-z][a-z-]*\b|(?<=\s)'[^']+'|[A-Z]{2,}_[A-Z]+")
"""What the prose of a help text shows as code: options, quoted texts."""
_CODES = re.compile(r"^  (\d+) +(.*(?:\n {7}.*)*)", re.MULTILINE)

Words = tuple[str, ...]


def pages() -> dict[str, str]:
    """Return a page for each command, the overview of all, and the exit codes."""
    found = [(names, command) for names, command in _below((), cli) if names]
    return {
        "commands": _overview(found),
        "exit-codes": _exit_codes(found),
        **{"-".join(names): _page(names, command) for names, command in found},
    }


def below() -> set[str]:
    """Return the names of the pages that stand below the overview."""
    return {"-".join(names) for names, _ in _below((), cli) if names}


def _below(names: Words, command: click.Command) -> Iterator[tuple[Words, click.Command]]:
    """Yield a command and every command below it, each with the words that lead to it."""
    yield names, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _below((*names, name), inner)


def _overview(found: list[tuple[Words, click.Command]]) -> str:
    # The heading of each command is an anchor that pages and messages lead to.
    parts = [
        "# Commands",
        _prose(cli.help),
        "Every command has `--help`; `loadgate --version` prints the version.",
    ]
    for names, command in found:
        path = " ".join(("loadgate", *names))
        first = _prose(command.help).partition("\n\n")[0]
        parts += [f"## [{path}]({'-'.join(names)}.md)", first]
    listed = "\n".join("-".join(names) for names, _ in found)
    parts.append(f"```{{toctree}}\n:hidden:\n\n{listed}\n```")
    return "\n\n".join(parts) + "\n"


def _page(names: Words, command: click.Command) -> str:
    path = " ".join(("loadgate", *names))
    # Not by --help: `loadgate locust` hands that to Locust.
    context = click.Context(command, info_name=path)
    usage = " ".join((path, *command.collect_usage_pieces(context)))
    parts = [f"# {path}", _prose(command.help), f"```text\n{usage}\n```"]
    if isinstance(command, click.Group):
        parts += [
            f"- [`loadgate {' '.join(inner)}`]({'-'.join(inner)}.md): {one.get_short_help_str(200)}"
            for inner, one in _below(names, command)
            if inner != names
        ]
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    if options:
        parts.append("## Options")
    for option in options:
        parts += _option(option, context)
    shown, _, _ = (command.epilog or "").replace("\b\n", "").partition("Exit codes:")
    if shown.strip() and not isinstance(command, click.Group):
        parts.append(f"```text\n{shown.strip()}\n```")
    if rows := _rows(command):
        parts += ["## Exit codes", rows]
    return "\n\n".join(parts) + "\n"


def _option(option: click.Option, context: click.Context) -> Iterator[str]:
    written, told = option.get_help_record(context) or ("", "")
    text, _, rest = told.partition("  [")
    yield f"### `{max(option.opts, key=len)}`"
    yield f"`{written}`: {_prose(text)}" if " " in written else _prose(text)
    for one in rest.removesuffix("]").split("]  [") if rest else ():
        yield f"{_prose(one[0].upper() + one[1:])}."


def _exit_codes(found: list[tuple[Words, click.Command]]) -> str:
    """Return the codes of each command, as its own help tells them, and which of several counts."""
    whose: dict[str, list[str]] = {}
    for names, command in found:
        if rows := _rows(command):
            whose.setdefault(rows, []).append(f"`{' '.join(('loadgate', *names))}`")
    parts = ["# Exit codes"]
    for rows, commands in sorted(whose.items(), key=lambda one: len(one[1])):
        alone = len(commands) == 1
        parts += (
            [f"## {commands[0]}"] if alone else ["## Other commands", ", ".join(commands) + ":"]
        )
        parts.append(rows)
    order = ", ".join(str(code) for code in exits.WORST_FIRST)
    parts += ["## Several runs", f"The worst of them counts, in the order {order}."]
    return "\n\n".join(parts) + "\n"


def _rows(command: click.Command) -> str:
    """Return the lines "  CODE  MEANING" of a command's help as a table; nothing if it has none."""
    if isinstance(command, click.Group) or not command.epilog:
        return ""
    rows = [f"| {code} | {_prose(told)} |" for code, told in _CODES.findall(command.epilog)]
    return "\n".join(("| exit | meaning |", "|---|---|", *rows))


def _prose(text: str | None) -> str:
    """Return a help text as Markdown: its paragraphs, with options and quoted texts as code."""
    paragraphs = re.split(r"\n\s*\n", (text or "").replace("\b", "").strip())
    return "\n\n".join(
        escaped(_OPTION.sub(lambda found: f"`{found[0].strip(chr(39))}`", " ".join(one.split())))
        for one in paragraphs
    )
