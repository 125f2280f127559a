"""`loadgate check`: runs in, verdicts in every output that was asked for out."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import replace

import click

from loadgate.baseline import Baseline
from loadgate.classify import classify
from loadgate.cli import console as streams
from loadgate.cli import exit_codes as exits
from loadgate.cli import options
from loadgate.cli.outputs import (
    LABEL,
    STDOUT,
    Output,
    file_names,
    labels_of,
    parse_outputs,
    refuse_shared,
    targets,
    write_files,
)
from loadgate.cli.provenance import provenance
from loadgate.cli.writing import Writer
from loadgate.errors import LoadgateError, OutputError, UsageError
from loadgate.gate import evaluate
from loadgate.model import Policy, Verdict
from loadgate.read import find_runs, read_run
from loadgate.read.leftovers import left_out
from loadgate.read.locate import belonging
from loadgate.read.runs import each_once
from loadgate.render import FORMATS, render, render_text
from loadgate.rules import load_policy
from loadgate.rules.thresholds import COMMAND_LINE, needs_baseline


@click.command(epilog=exits.OF_CHECK)
@click.argument("runs", metavar="RUN...", type=options.RUN, nargs=-1, required=True)
@options.RULES
@options.threshold(
    "Add a limit for the whole run, such as 'true_failure_rate <= 0.1%' or 'p95 <= 800ms'."
    " Repeatable.  [default: true_failure_rate <= 1%, unless you limit true failures, or"
    " failures, of the whole run here or in the rules file]",
)
@click.option(
    "--baseline",
    metavar="PATH",
    type=options.RUN,
    multiple=True,
    help="Compare each RUN with the run at PATH, for thresholds such as 'new_failure_kinds <= 0' or"
    " 'p95 <= baseline + 10%': a result document (--output json), what Locust wrote, or a folder"
    " with any of them. Repeatable: several runs are combined.  [default: none]",
)
@click.option(
    "--baseline-optional",
    is_flag=True,
    help="If there is no baseline yet, skip the thresholds that need one, and say so."
    "  [default: stop with exit code 2]",
)
@options.output(
    tuple(FORMATS),
    f"Write the verdict as {', '.join(FORMATS)}, to PATH or to standard output. Repeatable. With"
    " several RUNs a PATH must hold {label}; csv writes PATH_stats.csv and PATH_failures.csv."
    "  [default: text; ask for it too if you ask for another]",
)
@click.option(
    "--label",
    metavar="TEXT",
    help="Name shown for the run; with several RUNs, TEXT is put before the name of each."
    "  [default: the common name of the run's files; with several RUNs their paths]",
)
@click.option(
    "--branch",
    metavar="NAME",
    help="Branch to record in the json output.  [default: from the environment of GitHub Actions,"
    " GitLab CI or Jenkins, else none]",
)
@click.option(
    "--commit",
    metavar="HASH",
    help="Commit to record in the json output.  [default: as --branch]",
)
@click.option(
    "--link",
    metavar="URL",
    help="URL of the job that ran the test, to record in the json output.  [default: as --branch]",
)
@click.option(
    "--strict-rules",
    is_flag=True,
    help="Also fail if a rule that excuses failures is idle, expired, or expires within 30 days, as"
    " --threshold 'idle_rules <= 0' and the like do.  [default: report them]",
)
@options.TODAY
@options.ENCODING
@options.ALLOW_PARTIAL
@click.pass_context
def check(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: click.Context,
    runs: tuple[str, ...],
    rules: str | None,
    thresholds: tuple[str, ...],
    baseline: tuple[str, ...],
    baseline_optional: bool,  # noqa: FBT001 - click passes it by name
    outputs: tuple[str, ...],
    label: str | None,
    branch: str | None,
    commit: str | None,
    link: str | None,
    strict_rules: bool,  # noqa: FBT001 - click passes it by name
    today: str | None,
    encoding: str | None,
    allow_partial: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Judge each RUN and exit with 0 only if all of them pass.

    RUN is what Locust wrote: a _stats.csv (or stats.csv, or a CSV file downloaded from the web UI),
    the prefix that was given to --csv, a folder with one run or several, a saved /stats/requests
    JSON, a --json-file beside a failures CSV, or an --html report.
    """
    wanted = parse_outputs(outputs)
    writer = Writer([*runs, *baseline], folders=baseline)
    writer.clear(t for output in wanted if LABEL not in output.path for t in targets(output))
    found = [(path, find_runs(path)) for path in runs]
    folders = [path for path, of_path in found if len(of_path) > 1]
    named = runs
    runs = tuple(each_once([run for _, of_path in found for run in of_path]))
    labels = labels_of(runs, label)
    names = file_names(runs, labels, wanted)
    writer.clear(t for output in wanted for name in names for t in targets(output, name))
    refuse_shared(wanted, runs=len(runs))
    policy = load_policy(
        rules, thresholds=thresholds, strict_rules=strict_rules, today=options.read_date(today)
    )
    beside = _baseline(baseline, policy, optional=baseline_optional, encoding=encoding)
    origin = provenance(os.environ, branch=branch, commit=commit, link=link)
    # All are judged before anything is written: an output of one could be an input of another.
    verdicts: list[Verdict | LoadgateError] = []
    for path, called in zip(runs, labels, strict=True):
        try:
            verdict = judge(
                path,
                policy,
                beside,
                allow_partial=allow_partial,
                label=called,
                encoding=encoding,
                besides=[*named, *runs],
            )
            verdicts.append(replace(verdict, provenance=origin))
        except LoadgateError as error:
            verdicts.append(error)
    passed_over = [
        text for path in folders for text in left_out(path, *_told([*named, *runs], verdicts))
    ]
    writer.protect([] if beside is None else beside.files)
    if any(output.path != STDOUT for output in wanted):
        writer.protect(file for path in runs for file in belonging(path))
    codes = [
        streams.report(verdict)
        if isinstance(verdict, LoadgateError)
        else _deliver(verdict, wanted, name, writer)
        for verdict, name in zip(verdicts, names, strict=True)
    ]
    for text in passed_over:
        streams.warn(text)
    if len(runs) > 1 and Output("text", STDOUT) in wanted:
        streams.write(_tally(codes))
    context.exit(next(code for code in exits.WORST_FIRST if code in codes))


def _told(
    runs: Sequence[str], verdicts: Sequence[Verdict | LoadgateError]
) -> tuple[list[str], list[str]]:
    """Return all that was judged or read for that, and what was said of it."""
    known = [each.classification.run for each in verdicts if isinstance(each, Verdict)]
    texts = [text for run in known for text in run.warnings]
    texts += [str(each) for each in verdicts if isinstance(each, LoadgateError)]
    return [*runs, *(source.path for run in known for source in run.sources)], texts


def judge(  # noqa: PLR0913 - how one run is read and named, as the options say
    path: str,
    policy: Policy,
    baseline: Baseline | None = None,
    *,
    allow_partial: bool = False,
    label: str | None = None,
    encoding: str | None = None,
    besides: Collection[str] = (),
) -> Verdict:
    """Read, classify and evaluate one run; `besides` are all paths that are judged."""
    run = read_run(
        path, allow_partial=allow_partial, label=label, encoding=encoding, judged=besides
    )
    return evaluate(classify(run, policy), policy, baseline)


def _baseline(
    paths: Sequence[str], policy: Policy, *, optional: bool, encoding: str | None
) -> Baseline | None:
    """Read the baseline, where there is to be one; raises UsageError where it is missing."""
    if paths:
        from loadgate.runs.baseline import read_baseline

        return read_baseline(paths, policy, optional=optional, encoding=encoding)
    if optional:
        raise UsageError("--baseline-optional: say where the baseline would be: --baseline PATH")
    needing = [one for one in policy.thresholds if needs_baseline(one)]
    if needing:
        first, more = needing[0], len(needing) - 1
        where = COMMAND_LINE if first.origin == COMMAND_LINE else f"{first.origin}:"
        raise UsageError(
            f"{where} {first.require!r}{f' and {more:,} more need' if more else ' needs'}"
            " a baseline\n"
            "  Name the runs to compare with: --baseline PATH. Where there may be none yet, add"
            " --baseline-optional."
        )
    return None


def _tally(codes: Sequence[int]) -> str:
    """Return how many of several runs ended how."""
    ends = {
        0: "passed",
        1: "failed",
        3: "without evidence",
        exits.ERROR: "could not be judged",
    }
    told = ", ".join(f"{codes.count(code)} {end}" for code, end in ends.items() if code in codes)
    return f"\n{len(codes)} runs: {told}\n"


def _deliver(verdict: Verdict, outputs: Sequence[Output], name: str, writer: Writer) -> int:
    """Write every output; return the exit code of the verdict, or that of a failed write."""
    code = exits.OUTCOMES[verdict.outcome]
    writer.protect(source.path for source in verdict.classification.run.sources)
    writer.protect(verdict.classification.origins)
    for error in write_files(verdict, outputs, name, writer):
        code = streams.report(error)
    for output in outputs:
        if output.path != STDOUT:
            continue
        if output.format == "text":
            text = render_text(verdict, color=streams.color_wanted(), columns=streams.columns())
        else:
            text = render(verdict, output.format)
        try:
            streams.write(text)
        except OutputError as error:
            code = streams.report(error)
    return code
