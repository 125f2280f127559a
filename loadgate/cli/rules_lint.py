"""`loadgate rules lint`: a rules file, and runs if there are any, in; findings out."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from loadgate.cli import exits, options, streams
from loadgate.cli.runs import classify_runs
from loadgate.errors import LoadgateError, RulesError, UnreadableRulesError
from loadgate.lint import INVALID, Finding
from loadgate.lint import lint as look
from loadgate.lint.findings import own_rules
from loadgate.lint.lines import line_of
from loadgate.render.findings import FORMATS, render_findings
from loadgate.rules import load_policy
from loadgate.rulesfile import SIZE_LIMIT


@click.command(epilog=exits.OF_LINT, short_help="Find rules that never decide, or excuse too much.")
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
    help="Exit with 1 on warnings, too, and ask for an example of each rule.  [default: exit with 1"
    " on errors]",
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
    today: str | None,
    encoding: str | None,
    allow_partial: bool,  # noqa: FBT001 - as strict
) -> None:
    """Find rules in FILE that never decide, excuse too much, or are out of date.

    FILE is a rules file, whose own rules and those of files that it extends are judged, or the name
    of a bundled preset. With a RUN or several it also finds rules that none of them needs, and
    budgets of which one used more than 80%. docs/rules-lint.md explains every finding.
    """
    try:
        policy = load_policy(file, today=options.read_date(today))
    except RulesError as error:
        streams.write(_rendered(file, _located(_invalid(error)), None, output))
        context.exit(exits.ERROR)
    refused: list[LoadgateError] = []
    classifications = classify_runs(
        runs, policy, allow_partial=allow_partial, encoding=encoding, refused=refused
    )
    for one in refused:
        streams.report(one)
    for one_run in classifications:
        if not one_run.total.stats.requests:
            problem = "no requests were made, so it says nothing of the rules"
            streams.report(LoadgateError(f"{one_run.run.label}: {problem}"))
    classifications = [one for one in classifications if one.total.stats.requests]
    # What no run shows is not known as long as one of them could not be read.
    findings = _located(look(policy, () if refused else classifications, strict=strict))
    count = sum(1 for _ in own_rules(policy))
    streams.write(_rendered(policy.origins[0], findings, count, output))
    if refused:
        context.exit(exits.ERROR)
    counted = {finding.severity for finding in findings if not finding.ignored}
    context.exit(exits.FAILED if "error" in counted or (strict and counted) else 0)


def _rendered(file: str, findings: Sequence[Finding], rules: int | None, form: str) -> str:
    return render_findings(file, findings, rules, form, color=streams.color_wanted())


def _invalid(error: RulesError) -> list[Finding]:
    """Return what keeps a rules file from being read, a finding each."""
    remedy = "Correct the file; docs/rules.md explains every key."
    if isinstance(error, UnreadableRulesError):
        remedy = "Check the path, and who may read it."
    return [
        Finding(
            code=INVALID,
            severity="error",
            file=error.path,
            sentence=problem,
            remedy=remedy,
        )
        for problem in error.problems
    ]


def _located(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings with the lines that they are about."""
    texts: dict[str, str] = {}
    located = []
    for finding in findings:
        if finding.file not in texts:
            texts[finding.file] = _text(finding.file)
        located.append(replace(finding, line=line_of(finding, texts[finding.file])))
    return located


def _text(file: str) -> str:
    """Return a rules file's text; nothing of it where it cannot be read, as of a preset's name."""
    try:
        if not stat.S_ISREG(Path(file).stat().st_mode):  # a pipe would wait for its writer
            return ""
        with Path(file).open("rb") as source:
            return source.read(SIZE_LIMIT).decode("utf-8-sig", "replace")
    except (OSError, ValueError):
        return ""
