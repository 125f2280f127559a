"""The environment of a step in, runs judged and everything handed on to GitHub out.

The exit code of the check is an output of the step, so that the documents are uploaded before a
later step fails the job. This one fails only where it cannot hand anything on, and never with 1,
the code of a failed gate.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from loadgate.action.inputs import Inputs, read_inputs, read_switch
from loadgate.action.step_outputs import (
    annotate,
    append_summary,
    log_lines,
    messages,
    read_verdicts,
    write_outputs,
)
from loadgate.cli import exit_codes as exits
from loadgate.cli import run
from loadgate.errors import LoadgateError, UsageError
from loadgate.masking import mask_secrets

_GIVEN = ("RUNNER_TEMP", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
"""The variables of a runner that are needed."""


def main() -> None:
    """Judge as the environment asks, and end the process where that cannot be handed on."""
    try:
        _judge()
    except LoadgateError as error:
        _fail(exits.ERROR, str(error))
    except (OSError, MemoryError) as error:
        reason = str(error) or "there is not enough memory"
        _fail(exits.ERROR, f"the verdict cannot be handed on: {reason}; see to it, run again")
    except Exception as error:  # noqa: BLE001 - so that no bug can look like a failed gate
        problem = f"{type(error).__name__}: {error}"
        _fail(exits.BUG, f"this is a bug in loadgate, please report it: {problem}")


def _fail(code: int, problem: str) -> NoReturn:
    said = f"loadgate: {mask_secrets(problem)}"
    _print(log_lines(said) + annotate(messages(said)))
    sys.exit(code)


def _judge() -> None:
    missing = [name for name in _GIVEN if not os.environ.get(name)]
    if missing:
        raise UsageError(
            f"{', '.join(missing)}: not set; run this as a step of GitHub Actions, or use"
            " loadgate check"
        )
    folder = tempfile.mkdtemp(prefix="loadgate-", dir=os.environ["RUNNER_TEMP"])
    switches = {"summary": True, "annotations": True, "fail-on-gate": True}
    said = ""
    try:
        for name in switches:
            switches[name] = read_switch(os.environ, name, default=True)
        inputs = read_inputs(os.environ)
    except LoadgateError as error:
        code, said = exits.ERROR, f"loadgate: {mask_secrets(str(error))}"
    else:
        arguments = _arguments(inputs, folder, annotations=switches["annotations"])
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            code = run(arguments)
        said = errors.getvalue()
    _print(log_lines(said))
    if switches["annotations"]:
        _print(annotate(messages(said)))
    verdicts = read_verdicts(folder)
    if switches["summary"]:
        append_summary(os.environ["GITHUB_STEP_SUMMARY"], verdicts, messages(said))
    write_outputs(
        os.environ["GITHUB_OUTPUT"], verdicts, code, fail_on_gate=switches["fail-on-gate"]
    )


def _arguments(inputs: Inputs, folder: str, *, annotations: bool) -> list[str]:
    """Return the command line; `=` and `--` keep every input from being taken for an option."""
    outputs = ["text", *(["github"] if annotations else [])]
    outputs += [
        f"{name}:{Path(folder) / '{label}'}.{ending}"
        for name, ending in (("markdown", "md"), ("json", "json"))
    ]
    arguments = ["check", *(f"--output={output}" for output in outputs)]
    if inputs.rules:
        arguments.append(f"--rules={inputs.rules}")
    arguments += [f"--threshold={threshold}" for threshold in inputs.thresholds]
    arguments += [f"--baseline={path}" for path in inputs.baseline]
    if inputs.baseline_optional:
        arguments.append("--baseline-optional")
    if inputs.strict_rules:
        arguments.append("--strict-rules")
    if inputs.label:
        arguments.append(f"--label={inputs.label}")
    if inputs.encoding:
        arguments.append(f"--encoding={inputs.encoding}")
    return [*arguments, "--", *inputs.runs]


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
