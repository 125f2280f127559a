"""`loadgate report`: what the runs of a week say."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from loadgate.cli import console as streams
from loadgate.cli import exit_codes as exits
from loadgate.cli import options
from loadgate.cli.outputs import PICTURES, STDOUT, Output, begin, targets
from loadgate.cli.writing import File, Writer, marked
from loadgate.errors import LoadgateError, OutputError, UsageError
from loadgate.model import Policy
from loadgate.summary import Report

FORMATS = ("markdown", "html", "json")
CHARTS = ("mermaid", "svg", "none")


@click.command(
    epilog=exits.OF_REPORT, short_help="Report on a week of runs, compared with the week before."
)
@click.argument("inputs", metavar="INPUT...", type=options.RUN, nargs=-1, required=True)
@click.option(
    "--week",
    metavar="WEEK",
    help="Report on the ISO week WEEK, such as 2026-W47.  [default: the last full one]",
)
@click.option(
    "--since",
    metavar="DATE",
    help="Report on the days from DATE (YYYY-MM-DD) on instead of a week.  [default: --week]",
)
@click.option(
    "--until",
    metavar="DATE",
    help="Report on the days up to and including DATE; only with --since.  [default: today]",
)
@click.option(
    "--timezone",
    metavar="ZONE",
    default="UTC",
    help="Time zone of the days, such as Europe/Berlin.  [default: UTC]",
)
@options.RULES
@options.threshold(
    "Add a limit for raw runs, which the report judges itself, as in check. Repeatable."
    "  [default: the limits of the rules file]",
)
@options.output(
    FORMATS,
    "report",
)
@click.option(
    "--charts",
    type=click.Choice(CHARTS),
    default="mermaid",
    help="Draw the pictures of the Markdown as mermaid, which GitHub renders, or as svg files"
    " beside it, or none.  [default: mermaid]",
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Read with N processes.  [default: one for each core, where there is much to read]",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Read on the Dask cluster whose scheduler is at ADDRESS, such as tcp://host:8786."
    "  [default: on this machine]",
)
@options.TODAY
@options.ENCODING
@options.ALLOW_PARTIAL
@click.pass_context
def report(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: click.Context,
    inputs: tuple[str, ...],
    week: str | None,
    since: str | None,
    until: str | None,
    timezone: str,
    rules: str | None,
    thresholds: tuple[str, ...],
    outputs: tuple[str, ...],
    charts: str,
    jobs: int | None,
    scheduler: str | None,
    today: str | None,
    encoding: str | None,
    allow_partial: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Say what the runs of a week say, compared with the week before.

    INPUT is a result document (check --output json), a raw run as check takes it, or a folder that
    is searched for both, here or at a URL such as s3://bucket/runs/. Raw runs are judged by the
    rules on the fly, so that a week can be judged again by other rules.
    """
    pictures = PICTURES if charts == "svg" else 0
    wanted, writer = begin(outputs, FORMATS, inputs, pictures=pictures)
    svg_beside = [output for output in wanted if output.format == "markdown"]
    if charts == "svg" and any(output.path == STDOUT for output in svg_beside):
        raise UsageError("--charts svg: writes files beside the report: --output markdown:PATH")
    from loadgate.runs import Settings, collect, find_sources
    from loadgate.runs.collect import task_of
    from loadgate.weekly import choose_period
    from loadgate.weekly import report as make

    if scheduler is not None and jobs is not None:
        raise UsageError("--scheduler and --jobs: name one of them, a cluster or processes here")
    day = options.read_date(today) or datetime.now(UTC).date()
    try:
        period, previous = choose_period(
            week=week, since=since, until=until, timezone=timezone, today=day
        )
    except OverflowError:
        raise UsageError(
            "the period, or the one before it, is not within the years 1 to 9999; choose another"
            " --today, --week or --since"
        ) from None
    settings = Settings(
        rules=rules,
        thresholds=thresholds,
        today=options.read_date(today),
        allow_partial=allow_partial,
        encoding=encoding,
    )
    policy = task_of(settings).policy
    collection = collect(
        find_sources(inputs),
        settings=settings,
        jobs=jobs,
        scheduler=scheduler,
        progress=_progress(),
    )
    made = make(collection, period, previous, today=day)
    writer.protect(record.source for record in collection.records)
    writer.protect(broken.source for broken in collection.broken)
    writer.protect(collection.repeated)
    writer.protect(policy.origins if isinstance(policy, Policy) else ())
    failed = _deliver(made, wanted, charts, writer)
    for one in made.action_items:
        if one.concern == "nothing-ran" and not failed:  # mostly another week was meant
            streams.report(LoadgateError(f"{period.name}: {one.sentence}"))
    for broken in collection.broken:
        streams.report(LoadgateError(f"{broken.source}: {broken.problem}"))
    context.exit(exits.ERROR if failed or collection.broken else 0)


def _progress() -> Callable[[int, int], None] | None:
    """Return what shows on a terminal how far the reading is; nothing in a pipe or a file."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None

    def show(done: int, of: int) -> None:
        end = "\r" if done < of else "\r\x1b[K"
        sys.stderr.write(f"\rreading {done:,} of {of:,} results{end}")
        sys.stderr.flush()

    return show


def _deliver(made: Report, wanted: Sequence[Output], charts: str, writer: Writer) -> bool:
    """Write every output, also after one that failed; return whether one did."""
    failed = False
    for output in wanted:
        try:
            if output.path == STDOUT:
                streams.write(_text(made, output.format, charts))
            else:
                writer.write(_files(made, output, charts))
        except (OutputError, UsageError) as error:
            streams.report(error)
            failed = True
    return failed


def _text(made: Report, format_: str, charts: str) -> str:
    """Return the report without pictures that are files of their own."""
    match format_:
        case "json":
            from loadgate.render.weekly.report_json import render_json

            return render_json(made)
        case "html":
            from loadgate.render.weekly.html import render_html

            return render_html(made)
        case _:
            from loadgate.render.weekly.markdown import render_markdown

            return render_markdown(made, charts="mermaid" if charts == "mermaid" else "none")


def _files(made: Report, output: Output, charts: str) -> list[File]:
    """Return what an output consists of: its own file, behind the pictures that it shows."""
    if output.format != "markdown" or charts != "svg":
        return [(output.path, [marked(output.format, _text(made, output.format, charts))])]
    from loadgate.render.weekly.markdown import render_markdown
    from loadgate.render.weekly.svg import render_pictures

    pictures = render_pictures(made)
    *paths, path = targets(output, pictures=len(pictures))
    names = {title: Path(file).name for title, file in zip(pictures, paths, strict=True)}
    text = render_markdown(made, charts="svg", pictures=names)
    drawn = [marked("svg", svg.decode()) for svg in pictures.values()]
    datas = [*drawn, marked("markdown", text)]
    return [(file, [data]) for file, data in zip((*paths, path), datas, strict=True)]
