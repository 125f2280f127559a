"""Commands that link to their pages, and groups that import a command when it is used."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import click

from loadgate.errors import UnreadableRulesError, UsageError
from loadgate.published import Page, address


class Command(click.Command):
    """A command with a page: its help and errors in its usage link to it."""

    def __init__(self, *args: Any, page: Page, **others: Any) -> None:  # noqa: ANN401 - click's own
        """Take the page besides what click takes."""
        super().__init__(*args, **others)
        self.page = page

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the link last, in a line that is not wrapped."""
        super().format_epilog(ctx, formatter)
        formatter.write(f"\nDocs: {address(self.page)}\n")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line."""
        with self._linked():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """Run the command."""
        try:
            with self._linked():
                return super().invoke(ctx)
        except UnreadableRulesError as error:
            if error.path != ctx.params.get("rules"):
                raise
            raise UnreadableRulesError(f"--rules {error.path}", *error.problems) from error

    @contextmanager
    def _linked(self) -> Iterator[None]:
        try:
            yield
        except UsageError as error:
            if error.page == UsageError.page:
                error.page = self.page
            raise


class NoCommandError(click.UsageError):
    """A group by itself: whoever types it wants to see its commands, but nothing was done."""

    ctx: click.Context

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - as click has it
        """Show the help of the group."""
        click.echo(self.ctx.get_help(), file=file)


class Commands(Command, click.Group):
    """Commands by name, each in a module of its own: start-up time is judged.

    The command `lint` of the group `rules` is the function `lint` in `loadgate.cli.rules_lint`,
    the command `check` of no group the function `check` in `loadgate.cli.check`.
    """

    names: tuple[str, ...] = ()
    prefix = ""
    modules: Mapping[str, str] = {}
    """Of commands whose module has another name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line; without a command, it is wrong."""
        if not args and not ctx.resilient_parsing:
            raise NoCommandError("", ctx)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is named; of one that there is not, name the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from loadgate.text import hint

            message = error.message.removesuffix(".") + (hint(args[0], self.names) or ".")
            raise click.UsageError(message, error.ctx) from None

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        """Return the names in the order in which a newcomer needs them."""
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module of a command and return the command; None: there is none."""
        if cmd_name not in self.names:
            return None
        name = self.modules.get(cmd_name, self.prefix + cmd_name)
        module = importlib.import_module(f"loadgate.cli.{name}")
        return cast("click.Command", getattr(module, cmd_name))
