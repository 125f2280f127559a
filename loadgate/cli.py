"""A command line in, outputs and an exit code out; it decides nothing."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from datetime import date

import click

from loadgate import __version__
from loadgate.classify import classify
from loadgate.errors import LoadgateError, OutputError, UsageError
from loadgate.gate import evaluate
from loadgate.model import Policy, Verdict
from loadgate.outputs import (
    STDOUT,
    Output,
    file_label,
    parse_outputs,
    run_label,
    write_files,
)
from loadgate.read import read_run
from loadgate.render import render, render_text
from loadgate.rules import load_policy

EXIT_CODES = {"passed": 0, "failed": 1, "no-evidence": 3}
EXIT_ERROR = 2
EXIT_BUG = 70
EXIT_INTERRUPTED = 130

_WORST_FIRST = (EXIT_BUG, EXIT_ERROR, 1, 3, 0)

_EPILOG = """\b
Exit codes:
  0    passed
  1    the gate failed: a threshold or a budget is exceeded
  2    wrong usage, bad rules file, unreadable or contradictory results
  3    no evidence: no requests were made
  70   a bug in loadgate
  130  interrupted
"""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EPILOG, no_args_is_help=False
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Judge Locust results: tell expected failures from true ones, by a reviewed rules file."""


@cli.command(epilog=_EPILOG)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True)
@click.option(
    "--rules",
    metavar="FILE",
    help="Sort failures by the rules in FILE (TOML or JSON), or by a bundled preset of that name."
    "  [default: loadgate.toml here, else the preset optimistic-locking]",
)
@click.option(
    "--threshold",
    "thresholds",
    metavar="EXPR",
    multiple=True,
    help="Demand EXPR of the whole run, such as 'true_failure_rate <= 0.1%' or 'p95 <= 800ms',"
    " besides what the rules file demands. Repeatable.  [default: true_failure_rate <= 1%, where"
    " neither demands anything]",
)
@click.option(
    "--output",
    "outputs",
    metavar="FORMAT[:PATH]",
    multiple=True,
    help="Write the verdict as text, markdown, json, junit, github or csv, to PATH or to standard"
    " output. Repeatable. With several RUNs a PATH must hold {label}; csv writes PATH_stats.csv and"
    " PATH_failures.csv.  [default: text; ask for it too if you ask for another]",
)
@click.option(
    "--today",
    metavar="DATE",
    help="Let rules expire as if it were DATE (YYYY-MM-DD).  [default: the current date in UTC]",
)
@click.option(
    "--allow-partial",
    is_flag=True,
    help="Go on where result files contradict each other, count in the strict way and say so."
    "  [default: stop with exit code 2]",
)
@click.pass_context
def check(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: click.Context,
    runs: tuple[str, ...],
    rules: str | None,
    thresholds: tuple[str, ...],
    outputs: tuple[str, ...],
    today: str | None,
    allow_partial: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Judge each RUN and exit with 0 only if all of them pass.

    RUN is what Locust wrote: a _stats.csv (or stats.csv, or a CSV file downloaded from the web UI),
    the prefix that was given to --csv, a folder holding one run, a saved /stats/requests JSON, a
    --json-file beside a failures CSV, or an --html report.
    """
    wanted = parse_outputs(outputs, runs=len(runs))
    policy = load_policy(rules, thresholds=thresholds, today=_date(today))
    codes = []
    taken: set[str] = set()
    for number, path in enumerate(runs):
        label = run_label(path, runs[:number]) if len(runs) > 1 else None
        try:
            verdict = judge(path, policy, allow_partial=allow_partial, label=label)
        except LoadgateError as error:
            codes.append(_report(error))
            continue
        codes.append(_deliver(verdict, wanted, file_label(verdict.classification.run.label, taken)))
    if len(runs) > 1 and Output("text", STDOUT) in wanted:
        _print(_tally(codes))
    context.exit(next(code for code in _WORST_FIRST if code in codes))


def judge(
    path: str, policy: Policy, *, allow_partial: bool = False, label: str | None = None
) -> Verdict:
    """Read, classify and evaluate one run."""
    run = read_run(path, allow_partial=allow_partial, label=label)
    return evaluate(classify(run, policy), policy)


def _tally(codes: Sequence[int]) -> str:
    """Return how many of several runs ended how."""
    ends = {0: "passed", 1: "failed", 3: "without evidence", EXIT_ERROR: "could not be judged"}
    told = ", ".join(f"{codes.count(code)} {end}" for code, end in ends.items() if code in codes)
    return f"\n{len(codes)} runs: {told}\n"


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--today {text}: not a date like 2026-11-23") from None


def _deliver(verdict: Verdict, outputs: Sequence[Output], label: str) -> int:
    """Write every output; return the exit code of the verdict, or that of a failed write."""
    code = EXIT_CODES[verdict.outcome]
    inputs = [source.path for source in verdict.classification.run.sources]
    inputs += verdict.classification.origins
    for error in write_files(verdict, outputs, label, inputs):
        code = _report(error)
    for output in outputs:
        if output.path != STDOUT:
            continue
        if output.format == "text":
            text = render_text(verdict, color=_color_wanted())
        else:
            text = render(verdict, output.format)
        try:
            _print(text)
        except OutputError as error:
            code = _report(error)
    return code


def _color_wanted() -> bool:
    """Colour only a terminal, and none where NO_COLOR is set (no-color.org)."""
    return (
        sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "") != "dumb"
    )


def _print(text: str) -> None:
    """Write to standard output; a reader that has gone away is no error, a full disk is one."""
    try:
        sys.stdout.write(text if text.endswith("\n") or not text else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
    except OSError as error:
        _forget_stdout()
        raise OutputError(f"standard output: cannot be written: {error.strerror}") from error


def _forget_stdout() -> None:
    """Send what is still buffered nowhere: the interpreter would fail on it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: LoadgateError) -> int:
    """Say on standard error what a user can fix."""
    print(f"loadgate: {_printable(str(error))}", file=sys.stderr)  # noqa: T201 - to standard error
    return EXIT_ERROR


def _printable(text: str) -> str:
    """Drop what could steer the terminal: names in messages come from result files."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; 1 means "the gate failed" and nothing else."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What a terminal's encoding lacks is shown as an escape instead of ending in an error.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(
            args=None if arguments is None else list(arguments),
            prog_name="loadgate",
            standalone_mode=False,
        )
    except click.ClickException as error:
        error.show()
        return EXIT_ERROR
    except LoadgateError as error:
        return _report(error)
    except (KeyboardInterrupt, click.Abort):
        return EXIT_INTERRUPTED
    except SystemExit:
        return 0  # click found nobody reading the help
    except Exception as error:  # noqa: BLE001 - so that no bug can look like a failed gate
        return _report_bug(error)
    return code if isinstance(code, int) else 0


def _report_bug(error: Exception) -> int:
    """Ask for a report of an error that nobody foresaw; LOADGATE_DEBUG=1 shows where it was."""
    if os.environ.get("LOADGATE_DEBUG"):
        import traceback

        traceback.print_exception(error)
    _report(
        LoadgateError(
            f"this is a bug in loadgate, please report it: {type(error).__name__}: {error}\n"
            "  LOADGATE_DEBUG=1 shows where it happened"
        )
    )
    return EXIT_BUG


def main() -> None:
    """Run `loadgate`, and end the process with its exit code."""
    # A check leaves no cycles that grow; looking for them takes 4 % of the time of a million rows.
    gc.disable()
    sys.exit(run())
