"""`loadgate check`: runs in, verdicts in every output that was asked for out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

import click

from loadgate.baseline import Baseline
from loadgate.classify import classify
from loadgate.cli import exits, options, streams
from loadgate.errors import LoadgateError, OutputError, UsageError
from loadgate.gate import evaluate
from loadgate.model import Policy, Verdict
from loadgate.outputs import (
    LABEL,
    STDOUT,
    Output,
    file_label,
    parse_outputs,
    refuse_shared,
    run_label,
    targets,
    write_files,
)
from loadgate.provenance import provenance
from loadgate.read import find_runs, label_of, read_run
from loadgate.read.locate import belonging, documents_in
from loadgate.read.naming import folders_with_runs, listed
from loadgate.render import FORMATS, render, render_text
from loadgate.rules import load_policy
from loadgate.thresholds import COMMAND_LINE, needs_baseline
from loadgate.writing import Writer


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
    FORMATS,
    "Write the verdict as text, markdown, json, junit, github or csv, to PATH or to standard"
    " output. Repeatable. With several RUNs a PATH must hold {label}; csv writes PATH_stats.csv and"
    " PATH_failures.csv.  [default: text; ask for it too if you ask for another]",
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
    inside = {path: [one for one in folders_with_runs(path) if one not in runs] for path in runs}
    runs = tuple(run for _, of_path in found for run in of_path)
    labels = _labels(runs, label)
    names = _file_names(runs, labels, wanted)
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
                path, policy, beside, allow_partial=allow_partial, label=called, encoding=encoding
            )
            verdicts.append(replace(verdict, provenance=origin))
        except LoadgateError as error:
            verdicts.append(error)
    writer.protect([] if beside is None else beside.files)
    if any(output.path != STDOUT for output in wanted):
        writer.protect(file for path in runs for file in belonging(path))
    codes = [
        streams.report(verdict)
        if isinstance(verdict, LoadgateError)
        else _deliver(verdict, wanted, name, writer)
        for verdict, name in zip(verdicts, names, strict=True)
    ]
    for path in _left_out(folders, verdicts):
        streams.tell(
            f"loadgate: {path}: belongs to none of the runs beside it and was not judged; to"
            f" judge it: loadgate check {path}"
        )
    for path, unsearched in inside.items():
        if unsearched:
            streams.tell(
                f"loadgate: {path}: folders inside it hold results and are not searched:"
                f" {listed(unsearched)}; name each as a RUN"
            )
    if len(runs) > 1 and Output("text", STDOUT) in wanted:
        streams.write(_tally(codes))
    context.exit(next(code for code in exits.WORST_FIRST if code in codes))


def _labels(runs: Sequence[str], label: str | None) -> list[str | None]:
    """Return what each run is called; None: as its files are."""
    if len(runs) == 1:
        return [label]
    own = [run_label(path, runs[:number]) for number, path in enumerate(runs)]
    return [f"{label} {name}" if label else name for name in own]


def _file_names(
    runs: Sequence[str], labels: Sequence[str | None], outputs: Sequence[Output]
) -> list[str]:
    """Return what LABEL becomes for each run, also for one that turns out to be unreadable."""
    if not any(LABEL in output.path for output in outputs):
        return [""] * len(runs)
    taken: set[str] = set()
    return [file_label(a or label_of(path), taken) for path, a in zip(runs, labels, strict=True)]


def _left_out(folders: Sequence[str], verdicts: Sequence[Verdict | LoadgateError]) -> Iterator[str]:
    """Yield the reports and documents in folders with several runs that nothing said a word of."""
    runs = [each.classification.run for each in verdicts if isinstance(each, Verdict)]
    used = {source.path for run in runs for source in run.sources}
    told = [warning for run in runs for warning in run.warnings]
    for folder in folders:
        for path in documents_in(folder):
            if path not in used and not any(path in warning for warning in told):
                yield path


def judge(  # noqa: PLR0913 - how one run is read and named, as the options say
    path: str,
    policy: Policy,
    baseline: Baseline | None = None,
    *,
    allow_partial: bool = False,
    label: str | None = None,
    encoding: str | None = None,
) -> Verdict:
    """Read, classify and evaluate one run."""
    run = read_run(path, allow_partial=allow_partial, label=label, encoding=encoding)
    return evaluate(classify(run, policy), policy, baseline)


def _baseline(
    paths: Sequence[str], policy: Policy, *, optional: bool, encoding: str | None
) -> Baseline | None:
    """Read the baseline, where there is to be one; raises UsageError where it is missing."""
    if paths:
        from loadgate.collect.baselines import read_baseline

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
