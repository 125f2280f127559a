"""`loadgate rules lint`: findings about rules files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import click

from loadgate import __version__
from loadgate.cli import console, options
from loadgate.cli import exit_codes as exits
from loadgate.cli.repository import from_root
from loadgate.errors import LoadgateError, RulesError, UnreadableRulesError, UsageError
from loadgate.judging.runs import classify_runs, is_run
from loadgate.locustfile import Lesson, learn
from loadgate.render.rules.findings import FORMATS, render_findings
from loadgate.rules import each_file, load_policy
from loadgate.rules.document import read_document, read_lines
from loadgate.rules.lint import lint as find_mistakes
from loadgate.rules.lint.findings import (
    INVALID,
    PRESET,
    Finding,
    LintedFile,
    line_of,
    own_rules,
)


@click.command(
    cls=options.TakesFiles,
    epilog=exits.OF_LINT,
    short_help="Find mistakes in rules files.",
    page="rules-lint",
)
@options.RULES_FILES
@click.option(
    "--run",
    "runs",
    metavar="RUN",
    type=options.RUN,
    multiple=True,
    help="Also find rules that matched nothing in this run, and budgets that are more than 80%"
    " used. Repeatable.  [default: none]",
)
@click.option(
    "--output",
    type=click.Choice(FORMATS),
    default="text",
    help="Write the findings as text, as json, as annotations for github, or as sarif for code"
    " scanning.  [default: text]",
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
    files: tuple[str, ...],
    runs: tuple[str, ...],
    output: str,
    strict: bool,  # noqa: FBT001 - click passes it by name
    locustfiles: tuple[str, ...],
    today: date | None,
    encoding: str | None,
    allow_partial: bool,  # noqa: FBT001 - as strict
) -> None:
    """Find rules in each FILE that are unreachable, excuse too much, or are out of date.

    FILE is a rules file or the name of a bundled preset; by default loadgate.toml. The rules of
    files that it extends are checked, too.
    """
    lesson = learn(locustfiles) if locustfiles else None
    linter = _Linter(
        runs=runs,
        strict=strict,
        lesson=lesson,
        today=today,
        encoding=encoding,
        allow_partial=allow_partial,
    )
    linted = [linter.lint(file) for file in each_file(files)]
    for problem in linter.unusable.values():
        console.report(problem)
    console.write(_rendered(linted, output))
    counted = {one.severity for file in linted for one in file.findings if not one.ignored}
    if linter.unread or any(file.rules is None for file in linted):
        context.exit(exits.ERROR)
    context.exit(exits.FAILED if "error" in counted or (strict and counted) else 0)


@dataclass(slots=True, kw_only=True)
class _Linter:
    """Looks at rules files, each with the same runs and locustfiles."""

    runs: Sequence[str]
    strict: bool
    lesson: Lesson | None
    today: date | None
    encoding: str | None
    allow_partial: bool
    unread: bool = False
    """A run could not be read."""
    unusable: dict[str, LoadgateError] = field(default_factory=dict)
    """What keeps runs from being used, each once."""

    def lint(self, file: str) -> LintedFile:
        """Return what is wrong with a rules file."""
        try:
            policy = load_policy(file, today=self.today)
        except RulesError as error:
            if is_run(file):
                raise UsageError(
                    f"{file}: is a run, not a rules file\n  Name runs with --run: --run {file}"
                ) from error
            return LintedFile(file=error.path, findings=_invalid(error), rules=None)
        unread: list[LoadgateError] = []
        classifications = classify_runs(
            self.runs,
            policy,
            allow_partial=self.allow_partial,
            encoding=self.encoding,
            refused=unread,
        )
        used = [judged for judged in classifications if judged.total.stats.requests]
        problem = "no requests were made, so it says nothing about the rules"
        empty = [
            LoadgateError(f"{judged.run.label}: {problem}", page="red-build#exit-code-3")
            for judged in classifications
            if judged not in used
        ]
        self.unread = self.unread or bool(unread)
        self.unusable.update({str(error): error for error in (*unread, *empty)})
        # What no run shows is not known as long as one of them could not be read.
        shown = () if unread else used
        findings = find_mistakes(policy, shown, strict=self.strict, lesson=self.lesson)
        return LintedFile(
            file=policy.origins[0],
            findings=_located(findings),
            rules=sum(1 for _ in own_rules(policy)),
        )


def _rendered(files: Sequence[LintedFile], form: str) -> str:
    if form == "sarif":
        for file in files:
            if file.file.startswith(PRESET):
                raise UsageError(
                    f"--output sarif: {file.file} is no file of the repository\n"
                    "  Choose another output, or name a rules file that extends it."
                )
    if form in {"github", "sarif"}:
        files = [replace(file, findings=tuple(map(_from_root, file.findings))) for file in files]
    color, columns = console.color_wanted(), console.columns()
    return render_findings(files, form, version=__version__, color=color, columns=columns)


def _from_root(finding: Finding) -> Finding:
    """Return a finding with its file as GitHub names it."""
    if finding.file.startswith(PRESET):
        return finding
    return replace(finding, file=from_root(finding.file))


def _invalid(error: RulesError) -> tuple[Finding, ...]:
    """Return what keeps a rules file from being read, a finding each."""
    remedy = "Correct the file."
    if isinstance(error, UnreadableRulesError):
        remedy = "Check the path, and who may read it. A run is named with --run."
    return tuple(
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
    )


def _located(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings with the lines that they are about; those of a preset have none."""
    files = {finding.file for finding in findings if not finding.file.startswith(PRESET)}
    held = {file: (read_document(file, file), read_lines(file)) for file in files}
    return tuple(
        replace(finding, line=line_of(finding, *held[finding.file]))
        if finding.file in held
        else finding
        for finding in findings
    )
