"""Lazy commands: each module is imported only when its command is used."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import cast

import click


class Commands(click.Group):
    """Commands by name, each in a module of its own: start-up time is judged.

    The command `lint` of the group `rules` is the function `lint` in `loadgate.cli.rules_lint`,
    the command `check` of no group the function `check` in `loadgate.cli.check`.
    """

    names: tuple[str, ...] = ()
    prefix = ""
    modules: Mapping[str, str] = {}
    """Of commands whose module has another name."""

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
