"""`loadgate compare`: two runs, or two groups of runs, side by side."""

from __future__ import annotations

from datetime import date

import click

from loadgate.cli import console, options
from loadgate.cli import exit_codes as exits
from loadgate.cli.lazy import Command
from loadgate.cli.outputs import STDOUT, Output, begin, deliver
from loadgate.cli.writing import marked
from loadgate.errors import LoadgateError, UsageError
from loadgate.model import Policy
from loadgate.render import words as wording
from loadgate.render.comparison import FORMATS, render_comparison
from loadgate.render.terminal import UNWRAPPED


@click.command(cls=Command, epilog=exits.OF_ALL_ELSE, page="compare")
@click.argument("runs", metavar="[BASE HEAD]", type=options.RUN, nargs=-1)
@click.option(
    "--base",
    metavar="PATH",
    type=options.RUN,
    multiple=True,
    help="Add the runs at PATH to the base. Repeatable.  [default: only BASE]",
)
@click.option(
    "--head",
    metavar="PATH",
    type=options.RUN,
    multiple=True,
    help="Add the runs at PATH to the head. Repeatable.  [default: only HEAD]",
)
@options.RULES
@options.output(tuple(FORMATS), "comparison")
@options.TODAY
@options.ENCODING
@options.ALLOW_PARTIAL
@click.pass_context
def compare(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: click.Context,
    runs: tuple[str, ...],
    base: tuple[str, ...],
    head: tuple[str, ...],
    rules: str | None,
    outputs: tuple[str, ...],
    today: date | None,
    encoding: str | None,
    allow_partial: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Show two runs, or two groups of runs, side by side.

    BASE and HEAD are runs as for check, result documents (check --output json), or folders with
    either. For several runs, counts are added up and times are medians. Differences have 95%
    intervals, and what may be chance is called so. Raw runs are judged by the rules; documents keep
    their verdicts. The comparison decides nothing: exit code 0 means that
    everything could be read.
    """
    wanted, writer = begin(outputs, tuple(FORMATS), [*runs, *base, *head])
    if runs and len(runs) != 2:
        raise UsageError(
            f"{wording.counted(len(runs), 'path')}: name two, BASE and HEAD; for several runs on a"
            " side use --base PATH and --head PATH"
        )
    groups = {"base": (*runs[:1], *base), "head": (*runs[1:], *head)}
    for name, paths in groups.items():
        if not paths:
            raise UsageError(f"no {name}; write loadgate compare BASE HEAD, or add --{name} PATH")
    from loadgate.runs import Settings
    from loadgate.runs.collect import task_of
    from loadgate.runs.compare import compare as put_side_by_side
    from loadgate.runs.measured import measure
    from loadgate.runs.merge import with_unique_labels

    settings = Settings(
        rules=rules,
        today=today,
        allow_partial=allow_partial,
        encoding=encoding,
    )
    # Mistakes in the rules are reported before anything is read.
    task = task_of(settings)
    measured = [measure(paths, task) for paths in groups.values()]
    unreadable = sorted(
        {result for group in measured for result in group.broken}, key=lambda result: result.source
    )
    for result in unreadable:
        console.report(LoadgateError(f"{result.source}: {result.problem}"))
    if not all(group.runs for group in measured):
        context.exit(exits.ERROR)
    both = [*measured[0].runs, *measured[1].runs]
    named = with_unique_labels([summary for summary, _ in both])
    pairs = [(summary, numbers) for summary, (_, numbers) in zip(named, both, strict=True)]
    first = len(measured[0].runs)
    compared = put_side_by_side(pairs[:first], pairs[first:])
    writer.protect(path for group in measured for path in group.sources)
    writer.protect(task.policy.origins if isinstance(task.policy, Policy) else ())

    def text(output: Output) -> str:
        columns = console.columns() if output.path == STDOUT else UNWRAPPED
        return render_comparison(compared, output.format, columns)

    written = deliver(
        wanted,
        writer,
        text=text,
        files=lambda output: [(output.path, [marked(output.format, text(output))])],
    )
    context.exit(0 if written and not unreadable else exits.ERROR)
