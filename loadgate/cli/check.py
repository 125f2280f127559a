"""`loadgate check`: judging runs and writing their verdicts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from typing import cast

import click

from loadgate.cli import console, options
from loadgate.cli import exit_codes as exits
from loadgate.cli.lazy import Command
from loadgate.cli.outputs import (
    LABEL,
    STDOUT,
    Output,
    deliver,
    file_names,
    files_of,
    parse_outputs,
    refuse_shared,
    targets,
)
from loadgate.cli.writing import Writer
from loadgate.errors import LoadgateError
from loadgate.judging.earlier import earlier_for
from loadgate.judging.provenance import provenance
from loadgate.judging.runs import find_all, judge_all, passed_over, rules_passed_over
from loadgate.model import Verdict
from loadgate.read.locate import belonging
from loadgate.render import FORMATS, FormatName, render, render_text
from loadgate.rules import load_policy


@click.command(cls=Command, epilog=exits.OF_CHECK, page="inputs")
@click.argument("runs", metavar="RUN...", type=options.RUN, nargs=-1, required=True)
@options.RULES
@options.threshold(
    "Add a limit for the whole run, e.g. 'true_failure_rate <= 0.1%' or 'p95 <= 800ms', or for a"
    " part of a recorded one: 'p95 <= 800ms during steady'. Repeatable.  [default:"
    " true_failure_rate <= 1%, unless this option or the rules file limits failures or true"
    " failures of the whole run]",
)
@click.option(
    "--baseline",
    metavar="PATH",
    type=options.RUN,
    multiple=True,
    help="Compare each RUN with an earlier one, for thresholds such as 'new_failure_kinds <= 0' or"
    " 'p95 <= baseline + 10%'. PATH is a result document (--output json), anything that RUN can be,"
    " or a folder of these. Repeatable: several runs are combined.  [default: none]",
)
@click.option(
    "--baseline-optional",
    is_flag=True,
    help="If there is no baseline yet, skip the thresholds that need one, with a warning."
    "  [default: exit with 2]",
)
@click.option(
    "--history",
    metavar="PATH",
    type=options.RUN,
    multiple=True,
    help="Compare each RUN with the last 20 runs before it that passed under the same load, for"
    " thresholds such as 'p95 <= history + 10%'. PATH as for --baseline; repeatable."
    "  [default: none]",
)
@click.option(
    "--history-optional",
    is_flag=True,
    help="If there are fewer than 5 such runs yet, skip the thresholds that need a history, with a"
    " warning.  [default: exit with 2]",
)
@options.output(
    tuple(FORMATS),
    "verdict",
    " With several RUNs, PATH must contain {label}. csv writes PATH_stats.csv and"
    " PATH_failures.csv.",
)
@click.option(
    "--label",
    metavar="TEXT",
    help="Name shown for the run; with several RUNs, a prefix of their names."
    "  [default: the file name; with several RUNs, their paths]",
)
@click.option(
    "--branch",
    metavar="NAME",
    help="Branch to record in the json output.  [default: from GitHub Actions, GitLab CI,"
    " Jenkins or Azure Pipelines, else none]",
)
@click.option(
    "--commit",
    metavar="HASH",
    help="Commit to record in the json output.  [default: as for --branch]",
)
@click.option(
    "--link",
    metavar="URL",
    help="URL of the CI job to record in the json output.  [default: as for --branch]",
)
@click.option(
    "--strict-rules",
    is_flag=True,
    help="Also fail if a rule that excuses failures is idle, expired, or expires within 30 days."
    "  [default: only report such rules]",
)
@click.option(
    "--warning-exit-code",
    metavar="N",
    type=exits.warning_code,
    default="0",
    help="Exit with N, 4 to 119 but not 70, if all RUNs pass but there are warnings, for pipelines"
    " that show these in a colour of their own.  [default: 0]",
)
@options.MERGE
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
    history: tuple[str, ...],
    history_optional: bool,  # noqa: FBT001 - click passes it by name
    outputs: tuple[str, ...],
    label: str | None,
    branch: str | None,
    commit: str | None,
    link: str | None,
    strict_rules: bool,  # noqa: FBT001 - click passes it by name
    warning_exit_code: int,
    merge: bool,  # noqa: FBT001 - click passes it by name
    today: date | None,
    encoding: str | None,
    allow_partial: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Judge each RUN and exit with 0 only if all of them pass.

    RUN is a recording of `loadgate locust`, or what Locust wrote: a _stats.csv file, a CSV file
    downloaded from the web UI, the prefix given to --csv, an --html report, a saved /stats/requests
    JSON, a --json-file with a failures CSV beside it, or a folder with one or more runs.
    """
    wanted = parse_outputs(outputs)
    writer = Writer([*runs, *baseline, *history], folders=[*baseline, *history])
    writer.clear(t for output in wanted if LABEL not in output.path for t in targets(output))
    named = find_all(runs, label, merge=merge)
    judged = [(paths[0], name) for paths, name in named.judged]
    names = file_names([run for run, _ in judged], [name for _, name in judged], wanted)
    writer.clear(t for output in wanted for name in names for t in targets(output, name))
    refuse_shared(wanted, runs=len(judged))
    policy = load_policy(rules, thresholds=thresholds, strict_rules=strict_rules, today=today)
    earlier = earlier_for(
        policy,
        {"baseline": baseline, "history": history},
        optional={"baseline": baseline_optional, "history": history_optional},
        encoding=encoding,
    )
    origin = provenance(os.environ, branch=branch, commit=commit, link=link)
    # All are judged before anything is written: an output of one could be an input of another.
    results = judge_all(
        named,
        policy,
        [earlier] * len(named.judged),
        origin,
        allow_partial=allow_partial,
        encoding=encoding,
        over_time=any(output.is_drawn for output in wanted),
    )
    warnings = passed_over(named, results)
    other_rules = rules_passed_over(rules, named.runs, policy)
    writer.protect(file for one in earlier if one is not None for file in one.files)
    if any(output.path != STDOUT for output in wanted):
        writer.protect(file for path in named.runs for file in belonging(path))
    codes = [
        console.report(result)
        if isinstance(result, LoadgateError)
        else _deliver(result, wanted, name, writer)
        for result, name in zip(results, names, strict=True)
    ]
    for text in warnings:
        console.warn(text, "inputs#folders")
    for text in other_rules:
        console.warn(text, "rules")
    verdicts = [result for result in results if isinstance(result, Verdict)]
    _point_to_teach(verdicts)
    if len(codes) > 1 and Output("text", STDOUT) in wanted:
        console.write(tally(codes))
    code = exits.worst(codes)
    if code == 0 and warning_exit_code and (warnings or other_rules or _warned(verdicts)):
        console.warn(
            f"passed with warnings: exit code {warning_exit_code} (--warning-exit-code)",
            "outputs#warnings",
        )
        code = warning_exit_code
    context.exit(code)


def _warned(verdicts: Sequence[Verdict]) -> bool:
    from loadgate.render.words import warnings

    return any(warnings(verdict) for verdict in verdicts)


def _point_to_teach(verdicts: Sequence[Verdict]) -> None:
    """Say how to read more statuses, where a gate failed with true failures that may have one."""
    failed = [verdict for verdict in verdicts if verdict.outcome == "failed"]
    if failed:
        from loadgate.rules.wordings import TEACH_HINT, may_be_taught

        if may_be_taught(kind for one in failed for kind in one.classification.failures):
            console.warn(TEACH_HINT, "teach")


# --- also called by the GitHub Action -------------------------------------------------------------


def shown(verdict: Verdict, format_: str) -> str:
    """Return a verdict as it goes to standard output."""
    if format_ == "text":
        return render_text(verdict, color=console.color_wanted(), columns=console.columns())
    return render(verdict, cast("FormatName", format_))


def tally(codes: Sequence[int]) -> str:
    """Return how many of several runs passed, failed, and so on."""
    words = {
        0: "passed",
        exits.FAILED: "failed",
        exits.NO_EVIDENCE: "without evidence",
        exits.ERROR: "could not be judged",
    }
    counts = [f"{codes.count(code)} {word}" for code, word in words.items() if code in codes]
    return f"\n{len(codes)} runs: {', '.join(counts)}\n"


def _deliver(verdict: Verdict, outputs: Sequence[Output], name: str, writer: Writer) -> int:
    """Write every output; return the exit code of the verdict, or that of a failed write."""
    writer.protect(source.path for source in verdict.classification.run.sources)
    writer.protect(verdict.classification.origins)
    written = deliver(
        outputs,
        writer,
        text=lambda output: shown(verdict, output.format),
        files=lambda output: files_of(verdict, output, name),
    )
    return exits.OUTCOMES[verdict.outcome] if written else exits.ERROR
