"""`loadgate rules lint`: findings about a rules file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import click

from loadgate.cli import console, options
from loadgate.cli import exit_codes as exits
from loadgate.cli.lazy import Command
from loadgate.errors import LoadgateError, RulesError, UnreadableRulesError
from loadgate.judging.runs import classify_runs
from loadgate.locustfile import learn
from loadgate.render.rules.findings import FORMATS, render_findings
from loadgate.rules import load_policy
from loadgate.rules.document import read_document, read_lines
from loadgate.rules.lint import lint as find_mistakes
from loadgate.rules.lint.findings import INVALID, PRESET, Finding, line_of, own_rules


@click.command(
    cls=Command,
    epilog=exits.OF_LINT,
    short_help="Find mistakes in a rules file.",
    page="rules-lint",
)
@options.RULES_FILE
@click.argument("runs", metavar="[RUN...]", type=options.RUN, nargs=-1)
@click.option(
    "--output",
    type=click.Choice(FORMATS),
    default="text",
    help="Write the findings as text, as json, or as annotations for github.  [default: text]",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 1 on warnings, too, and require an example of each rule.  [default: exit with"
    " 1 on errors]",
)
@click.option(
    "--locustfile",
    "locustfiles",
    metavar="FILE",
    type=options.LOCUSTFILE,
    multiple=True,
    help="Also find status texts that no message of this locustfile, or folder of locustfiles, fits"
    " any more. Repeatable.  [default: none]",
)
@options.TODAY
@options.ENCODING
@options.ALLOW_PARTIAL
@click.pass_context
def lint(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: click.Context,
    file: str,
    runs: tuple[str, ...],
    output: str,
    strict: bool,  # noqa: FBT001 - click passes it by name
    locustfiles: tuple[str, ...],
    today: date | None,
    encoding: str | None,
    allow_partial: bool,  # noqa: FBT001 - as strict
) -> None:
    """Find rules in FILE that are unreachable, excuse too much, or are out of date.

    FILE is a rules file or the name of a bundled preset; by default loadgate.toml. The rules of
    files that it extends are checked, too. With one or more RUNs it also finds rules that matched
    nothing, and budgets that are more than 80% used.
    """
    try:
        policy = load_policy(file, today=today)
    except RulesError as error:
        console.write(_rendered(error.path, _invalid(error), None, output))
        context.exit(exits.ERROR)
    lesson = learn(locustfiles) if locustfiles else None
    unreadable: list[LoadgateError] = []
    classifications = classify_runs(
        runs, policy, allow_partial=allow_partial, encoding=encoding, refused=unreadable
    )
    for unread in unreadable:
        console.report(unread)
    for judged in classifications:
        if not judged.total.stats.requests:
            problem = "no requests were made, so it says nothing about the rules"
            text = f"{judged.run.label}: {problem}"
            console.report(LoadgateError(text, page="red-build#exit-code-3"))
    used = [judged for judged in classifications if judged.total.stats.requests]
    # What no run shows is not known as long as one of them could not be read.
    shown = () if unreadable else used
    findings = _located(find_mistakes(policy, shown, strict=strict, lesson=lesson))
    count = sum(1 for _ in own_rules(policy))
    console.write(_rendered(policy.origins[0], findings, count, output))
    if unreadable:
        context.exit(exits.ERROR)
    counted = {finding.severity for finding in findings if not finding.ignored}
    context.exit(exits.FAILED if "error" in counted or (strict and counted) else 0)


def _rendered(file: str, findings: Sequence[Finding], rules: int | None, form: str) -> str:
    color, columns = console.color_wanted(), console.columns()
    return render_findings(file, findings, rules, form, color=color, columns=columns)


def _invalid(error: RulesError) -> list[Finding]:
    """Return what keeps a rules file from being read, a finding each."""
    remedy = "Correct the file."
    if isinstance(error, UnreadableRulesError):
        remedy = "Check the path, and who may read it."
    return [
        Finding(
            code=INVALID,
            severity="error",
            file=problem.file,
            sentence=problem.text,
            remedy=remedy,
            pattern=problem.text,
            line=problem.line,
        )
        for problem in error.located
    ]


def _located(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings with the lines that they are about; those of a preset have none."""
    files = {finding.file for finding in findings if not finding.file.startswith(PRESET)}
    held = {file: (read_document(file, file), read_lines(file)) for file in files}
    return [
        replace(finding, line=line_of(finding, *held[finding.file]))
        if finding.file in held
        else finding
        for finding in findings
    ]
