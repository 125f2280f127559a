"""The action's main step: judging the runs, and telling GitHub the result.

The exit code of the check is an output of the step, so that the documents are uploaded before a
later step fails the job. This one fails only if it cannot tell GitHub anything, and never with 1,
the code of a failed gate.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from loadgate.action.comment import Compared, comment
from loadgate.action.earlier import compared_with
from loadgate.action.inputs import Inputs, explain, name_of, read_inputs
from loadgate.action.results import find_results
from loadgate.action.step_outputs import DOCUMENTS, annotate, append_summary, write_outputs
from loadgate.baseline import Baseline
from loadgate.cli import console
from loadgate.cli import exit_codes as exits
from loadgate.cli.check import shown, tally
from loadgate.cli.outputs import LABEL, Output, file_names
from loadgate.cli.writing import marked
from loadgate.errors import LoadgateError, UsageError
from loadgate.judging.provenance import provenance
from loadgate.judging.runs import find_all, judge_all, passed_over, rules_passed_over
from loadgate.model import Verdict
from loadgate.read.encodings import known_encoding
from loadgate.render import render
from loadgate.render.github import SHOWN
from loadgate.rules import load_policy

_NEEDED = ("RUNNER_TEMP", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
"""Variables that every runner sets."""


def main() -> None:
    """Judge as the inputs say; end the process if GitHub cannot be told the result."""
    try:
        _run_step()
    except Exception as error:  # noqa: BLE001 - so that no bug can look like a failed gate
        code, message = explain(error)
        if isinstance(error, OSError):
            message = f"the verdict cannot be handed on: {message}"
        _log([message])
        sys.exit(code)


def _run_step() -> None:
    missing = [name for name in _NEEDED if not os.environ.get(name)]
    if missing:
        raise UsageError(
            f"{', '.join(missing)}: not set; run this as a step of GitHub Actions, or use"
            " loadgate check"
        )
    folder = Path(tempfile.mkdtemp(prefix="loadgate-", dir=os.environ["RUNNER_TEMP"]))
    # A comment that says of an earlier push that it passed must not stay.
    inputs = Inputs(comment=os.environ.get("LOADGATE_COMMENT", "").strip().lower() == "true")
    judged = _Judged()
    try:
        inputs = read_inputs(os.environ)
        _enter(inputs.working_directory)
        code = _judge(inputs, folder, judged)
    except Exception as error:  # noqa: BLE001 - GitHub is told what has been judged so far
        code, message = explain(error, inputs.rules)
        judged.messages.append(message)
    verdicts, messages = judged.verdicts, judged.messages
    name = name_of(os.environ)
    _log(messages, verdicts.values(), most=inputs.max_annotations * inputs.annotations)
    if inputs.summary:
        append_summary(os.environ["GITHUB_STEP_SUMMARY"], [*verdicts.values()], messages, name)
    body = folder / "comment.body"
    if inputs.comment:
        body.write_text(comment(judged.compared(), messages, name), "utf-8", newline="\n")
    write_outputs(
        os.environ["GITHUB_OUTPUT"],
        verdicts,
        code,
        str(body) if inputs.comment else "",
        fail_on_gate=inputs.fail_on_gate,
    )


@dataclass(slots=True, kw_only=True)
class _Judged:
    """What has been judged so far."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    """Under the path of its documents without an ending."""
    baselines: dict[str, Baseline | None] = field(default_factory=dict)
    """What each was compared with."""
    messages: list[str] = field(default_factory=list)
    """What went wrong."""

    def compared(self) -> list[Compared]:
        """Return each verdict with its baseline."""
        return [(verdict, self.baselines[path]) for path, verdict in self.verdicts.items()]


def _judge(inputs: Inputs, folder: Path, judged: _Judged) -> int:
    """Judge all runs, log each verdict, write its documents, and return the exit code."""
    encoding = inputs.encoding and known_encoding(inputs.encoding)
    named = find_all(find_results(inputs.results), inputs.label, merge=inputs.merge)
    policy = load_policy(
        inputs.rules, thresholds=inputs.thresholds, strict_rules=inputs.strict_rules
    )
    names = file_names(
        [paths[0] for paths, _ in named.judged],
        [label for _, label in named.judged],
        [Output("json", LABEL)],
    )
    earlier = compared_with(inputs, policy, encoding, names, folder)
    results = judge_all(
        named,
        policy,
        earlier,
        provenance(os.environ),
        encoding=encoding,
        allow_partial=inputs.allow_partial,
    )
    codes = []
    for name, result, one in zip(names, results, earlier, strict=True):
        if isinstance(result, LoadgateError):
            code, message = explain(result, inputs.rules)
            judged.messages.append(message)
        else:
            code = exits.OUTCOMES[result.outcome]
            console.write(shown(result, "text"))
            path = f"{folder / name}"
            for format_, ending in DOCUMENTS.values():
                Path(f"{path}.{ending}").write_bytes(marked(format_, render(result, format_)))
            judged.verdicts[path], judged.baselines[path] = result, one.baseline
        codes.append(code)
    warnings = passed_over(named, results)
    warnings += rules_passed_over(inputs.rules, named.runs, policy, option="the input rules:")
    judged.messages += map(console.warning, warnings)
    if len(codes) > 1:
        console.write(tally(codes))
    return exits.worst(codes)


def _enter(folder: str | None) -> None:
    """Go to the folder that paths start from; raises UsageError if there is none."""
    if folder is not None:
        try:
            os.chdir(folder)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "its path holds a NUL"
            raise UsageError(
                f"input working-directory: {folder}: {reason}; look for it in {Path.cwd()}"
            ) from error


def _log(messages: list[str], verdicts: Iterable[Verdict] = (), *, most: int = SHOWN) -> None:
    """Write messages to the log, in which none is a command to the runner, and annotate all."""
    sys.stdout.writelines(f"loadgate: {message}\n" for message in messages)
    sys.stdout.write(annotate(messages, verdicts, most))
    sys.stdout.flush()
