"""`loadgate report`: the report on a week of runs."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import click

from loadgate.cli import console, options
from loadgate.cli import exit_codes as exits
from loadgate.cli.lazy import Command
from loadgate.cli.outputs import PICTURES, STDOUT, Output, begin, deliver, targets
from loadgate.cli.writing import File, marked
from loadgate.errors import LoadgateError, UsageError
from loadgate.model import Policy
from loadgate.weekly.model import Report

FORMATS = ("markdown", "html", "json")
CHARTS = ("mermaid", "svg", "none")


@click.command(
    cls=Command,
    epilog=exits.OF_REPORT,
    short_help="Report on a week of runs, compared with the week before.",
    page="weekly-report",
)
@click.argument("inputs", metavar="INPUT...", type=options.RUN, nargs=-1, required=True)
@click.option(
    "--week",
    metavar="WEEK",
    help="ISO week to report on, e.g. 2026-W47.  [default: the last full week]",
)
@click.option(
    "--months",
    metavar="N",
    type=click.IntRange(min=1),
    help="Report on the last N full calendar months, not on a week.  [default: --week]",
)
@click.option(
    "--since",
    metavar="DATE",
    help="First day of the period (YYYY-MM-DD), instead of a week.  [default: --week]",
)
@click.option(
    "--until",
    metavar="DATE",
    help="Last day of the period; needs --since.  [default: today]",
)
@click.option(
    "--timezone",
    metavar="ZONE",
    default="UTC",
    help="Time zone of the days, e.g. Europe/Berlin.  [default: UTC]",
)
@options.RULES
@options.threshold(
    "Add a limit for raw runs, as in check. Repeatable.  [default: the limits of the rules file]",
)
@options.output(FORMATS, "report")
@click.option(
    "--charts",
    type=click.Choice(CHARTS),
    default="mermaid",
    help="Charts of the Markdown report: mermaid, which GitHub renders, svg files beside it, or"
    " none.  [default: mermaid]",
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Read results with N processes.  [default: one per core if there are many results]",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Read results on the Dask cluster at ADDRESS, e.g. tcp://host:8786."
    "  [default: this machine]",
)
@options.TODAY
@options.ENCODING
@options.ALLOW_PARTIAL
@click.pass_context
def report(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: click.Context,
    inputs: tuple[str, ...],
    week: str | None,
    months: int | None,
    since: str | None,
    until: str | None,
    timezone: str,
    rules: str | None,
    thresholds: tuple[str, ...],
    outputs: tuple[str, ...],
    charts: str,
    jobs: int | None,
    scheduler: str | None,
    today: date | None,
    encoding: str | None,
    allow_partial: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Report on the runs of a week, or of months, and compare them with those before.

    INPUT is a result document (check --output json), a raw run as check takes it, or a folder or
    URL (s3://bucket/runs/) to search for both. Raw runs are judged now, so you can judge a past
    week by other rules.
    """
    pictures = PICTURES if charts == "svg" else 0
    wanted, writer = begin(outputs, FORMATS, inputs, pictures=pictures)
    if charts == "svg" and Output("markdown", STDOUT) in wanted:
        raise UsageError("--charts svg writes files beside the report; add --output markdown:PATH")
    if importlib.util.find_spec("pandas") is None:  # as where the action runs
        raise UsageError("a report needs pandas, which is not installed: pip install pandas")
    from loadgate.runs import Settings, collect, find_candidates
    from loadgate.runs.collect import task_of
    from loadgate.weekly.period import choose_period
    from loadgate.weekly.report import report as make

    if scheduler is not None and jobs is not None:
        raise UsageError(
            "--scheduler and --jobs exclude each other: read on a cluster or on this machine"
        )
    day = today or datetime.now(UTC).date()
    period, previous = choose_period(
        week=week, months=months, since=since, until=until, timezone=timezone, today=day
    )
    settings = Settings(
        rules=rules,
        thresholds=thresholds,
        today=today,
        allow_partial=allow_partial,
        encoding=encoding,
    )
    policy = task_of(settings).policy
    threading.Thread(target=_import_scipy, daemon=True).start()
    collection = collect(
        find_candidates(inputs),
        settings=settings,
        jobs=jobs,
        scheduler=scheduler,
        progress=_progress(),
    )
    owners = policy.owners if isinstance(policy, Policy) else ()
    made = make(collection, period, previous, today=day, owners=owners)
    writer.protect(record.source for record in collection.records)
    writer.protect(broken.source for broken in collection.broken)
    writer.protect(collection.repeated)
    writer.protect(policy.origins if isinstance(policy, Policy) else ())
    written = deliver(
        wanted,
        writer,
        text=lambda output: _text(made, output.format, charts),
        files=lambda output: _files(made, output, charts),
    )
    for item in made.action_items:
        if item.kind == "nothing-ran" and written:  # mostly another week was meant
            text = f"{period.name}: {item.sentence}"
            console.report(LoadgateError(text, page="weekly-report"))
    for broken in collection.broken:
        console.report(LoadgateError(f"{broken.source}: {broken.problem}"))
    context.exit(0 if written and not collection.broken else exits.ERROR)


def _import_scipy() -> None:
    """Import what the report needs later, which takes a second, while other processes read."""
    with suppress(Exception):  # whoever needs it says so
        importlib.import_module("scipy.stats")


def _progress() -> Callable[[int, int], None] | None:
    """Return what shows on a terminal how far the reading is; nothing in a pipe or a file."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None

    def show(done: int, of: int) -> None:
        end = "\r" if done < of else "\r\x1b[K"
        sys.stderr.write(f"\rreading {done:,} of {of:,} results{end}")
        sys.stderr.flush()

    return show


def _text(made: Report, format_: str, charts: str) -> str:
    """Return the report in a format; pictures in files of their own are not in it."""
    match format_:
        case "json":
            from loadgate.render.weekly.report_json import render_json

            return render_json(made)
        case "html":
            from loadgate.render.weekly.html import render_html

            return render_html(made)
        case _:
            from loadgate.render.weekly.markdown import render_markdown

            return render_markdown(made, diagrams=charts == "mermaid")


def _files(made: Report, output: Output, charts: str) -> list[File]:
    """Return what an output consists of: its own file, behind the pictures that it shows."""
    if output.format != "markdown" or charts != "svg":
        return [(output.path, [marked(output.format, _text(made, output.format, charts))])]
    from loadgate.render.weekly.markdown import render_markdown
    from loadgate.render.weekly.svg import render_pictures

    pictures = render_pictures(made)
    *paths, path = targets(output, pictures=len(pictures))
    names = {title: Path(file).name for title, file in zip(pictures, paths, strict=True)}
    text = render_markdown(made, diagrams=False, pictures=names)
    drawn = zip(paths, pictures.values(), strict=True)
    files = [(file, [marked("svg", svg.decode())]) for file, svg in drawn]
    return [*files, (path, [marked("markdown", text)])]
