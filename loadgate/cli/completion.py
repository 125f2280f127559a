"""`loadgate completion`: the script for completion in a shell."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from loadgate.cli import console
from loadgate.cli import exit_codes as exits
from loadgate.cli.lazy import Command

_SHELLS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
}
_RECIPES = """\b
How to use it:
  bash  add to ~/.bashrc:
        eval "$(loadgate completion bash)"
  zsh   add to ~/.zshrc, below compinit:
        eval "$(loadgate completion zsh)"
  fish  run once:
        loadgate completion fish > ~/.config/fish/completions/loadgate.fish

"""


@click.command(
    cls=Command,
    epilog=_RECIPES + exits.OF_ALL_ELSE,
    short_help="Print a script for completion in a shell.",
    page="keeping-rules",
)
@click.argument("shell", type=click.Choice(tuple(_SHELLS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that lets a shell complete commands, options, files and presets."""
    group = context.find_root().command
    completer = _SHELLS[shell](group, {}, "loadgate", "_LOADGATE_COMPLETE")
    # Not its own `source`, which for bash runs a bash to ask for its version.
    console.write(ShellComplete.source(completer))
