"""A stand-in for GitHub's runner: what becomes of a composite action or a workflow's job.

`Runner(workspace=..., temp=...)` is one job on one machine. Scripts run for real, in bash; only
`uses:` of foreign actions are played (played.py). What is not known here is an error: an unknown
action, key or expression never passes in silence.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from action.commands import Command, FileCommandError, parse_log, parse_pairs
from action.documents import load
from action.expressions import Outputs, as_text, fill, holds
from action.played import PLAYED, Action, Call, StepFailedError

ROOT = Path(__file__).parents[2]
BASH = shutil.which("bash") if os.name == "posix" else None
SHELLS = {
    "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail"),
    None: ("bash", "-e"),  # what a runner takes where a step names no shell
}
SECONDS = 600
"""After which a step ends a test with an error."""
_STEP_KEYS = frozenset("id name if run uses with env shell continue-on-error".split())
_JOB_KEYS = frozenset(
    "name if needs runs-on permissions timeout-minutes outputs strategy steps environment".split()
)
_FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
_NOT_HANDED_ON = ("GITHUB_", "RUNNER_", "ACTIONS_", "INPUT_", "LOADGATE_", "PYTEST_", "VIRTUAL_ENV")


class UnknownStepError(Exception):
    """Something in a workflow that this small runner does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRan:
    """How one step ended. The steps of a nested `./` stand before the step that uses it."""

    id: str = ""
    """Its id, else its name, else what it uses."""
    outcome: str
    """success, failure or skipped."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    log: str = ""
    summary: str = ""
    """What it left in its GITHUB_STEP_SUMMARY."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How an action or a job ended."""

    outcome: str
    """success or failure."""
    outputs: Mapping[str, str]
    steps: tuple[StepRan, ...]

    def step(self, name: str) -> StepRan:
        """Return the step of this id or name; the first, where `./` was used twice."""
        return next(step for step in self.steps if step.id == name)

    @property
    def log(self) -> str:
        """The logs of all steps."""
        return "".join(step.log for step in self.steps)

    @property
    def commands(self) -> list[Command]:
        """The workflow commands that a runner finds in the log."""
        return parse_log(self.log)

    @property
    def summary(self) -> str:
        """The job summary."""
        return "".join(step.summary for step in self.steps)


@dataclass(slots=True, kw_only=True)
class Runner:
    """One machine with one job."""

    workspace: Path
    """GITHUB_WORKSPACE, the working directory of steps. `actions/checkout` leaves it as it is."""
    temp: Path
    """RUNNER_TEMP, and where the files of steps are."""
    action: Path = ROOT
    """GITHUB_ACTION_PATH, where the action is checked out."""
    env: dict[str, str] = field(default_factory=dict)
    """More variables that the machine has, such as PATH with a `gh` of the test's own."""
    github: dict[str, str] = field(default_factory=dict)
    """Other values of the context of this name."""
    artifacts: dict[str, Path] = field(default_factory=dict)
    """Name of an uploaded artifact -> folder with its files."""
    reuse: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Id of a step -> outputs: the step does not run, as it ran before with these outputs."""
    actions: dict[str, Action] = field(default_factory=PLAYED.copy)
    """Name of a foreign action without its @ref -> what plays it."""
    _groups: list[int] = field(default_factory=list)

    def run_action(self, inputs: Mapping[str, str], env: Mapping[str, str] | None = None) -> Ran:
        """Run the action with these inputs; defaults of others apply."""
        action = load(ROOT / "action.yml")
        defaults = {name: of.get("default") for name, of in action["inputs"].items()}
        declared = _filled(defaults, self._contexts())
        if unknown := set(inputs) - set(declared):
            raise UnknownStepError(f"no such inputs: {unknown}")
        place = {"GITHUB_ACTION_PATH": str(self.action)}
        contexts = self._contexts(inputs={**declared, **inputs})
        with self._cleaning():
            steps, failed = self._run_steps(
                action["runs"]["steps"], contexts, {**(env or {}), **place}
            )
        outputs = _filled({name: of["value"] for name, of in action["outputs"].items()}, contexts)
        return Ran(outcome=_outcome(failed=failed), outputs=outputs, steps=tuple(steps))

    def run_job(self, file: Path, job: str, **contexts: Any) -> Ran:
        """Run a job of a workflow; its own `if:` and its `needs:` are the caller's to decide."""
        workflow = load(file)
        body = workflow["jobs"][job]
        _only(body, _JOB_KEYS)
        known = self._contexts(**contexts)
        with self._cleaning():
            steps, failed = self._run_steps(
                body["steps"], known, _filled(workflow.get("env", {}), known)
            )
            outputs = _filled(body.get("outputs", {}), known)
        return Ran(outcome=_outcome(failed=failed), outputs=outputs, steps=tuple(steps))

    def _contexts(self, **more: Any) -> dict[str, Any]:
        github = {
            "ref": "refs/heads/main",
            "ref_name": "main",
            "ref_type": "branch",
            "repository": "octo/shop",
            "run_id": "1658821493",
            "run_attempt": "1",
            "server_url": "https://github.com",
            "sha": "6b8c1f0e5d3a49727c61b0a94e8f2d5c3b7a1e09",
            "token": "no-token",
            "workspace": str(self.workspace),
            **self.github,
        }
        return {"github": github, "runner": {"temp": str(self.temp)}, "steps": {}, **more}

    def _run_steps(
        self, steps: list[dict[str, Any]], contexts: dict[str, Any], env: dict[str, str]
    ) -> tuple[list[StepRan], bool]:
        """Run steps one after another; say whether one failed."""
        all_ran: list[StepRan] = []
        failed = False
        for step in steps:
            _only(step, _STEP_KEYS)
            own = str(step.get("id") or step.get("name") or step["uses"])
            if not holds(step.get("if"), contexts, failed=failed):
                ran = StepRan(id=own, outcome="skipped")
            elif own in self.reuse:
                ran = StepRan(id=own, outcome="success", outputs=self.reuse[own])
            elif "run" in step:
                given = {**env, **_filled(step.get("env", {}), contexts, failed=failed)}
                script = fill(step["run"], contexts, failed=failed)
                ran = self._run_script(script, step.get("shell"), given)
            elif step["uses"] == "./":
                nested = self.run_action(_filled(step["with"], contexts), env)
                all_ran += nested.steps
                ran = StepRan(outcome=nested.outcome, outputs=nested.outputs)
            else:
                ran = self._play(
                    step["uses"].partition("@")[0], _filled(step.get("with", {}), contexts)
                )
            forgiven = step.get("continue-on-error", False) is True
            failed = failed or (ran.outcome == "failure" and not forgiven)
            all_ran.append(replace(ran, id=own))
            contexts["steps"][own] = {"outputs": Outputs(ran.outputs), "outcome": ran.outcome}
        return all_ran, failed

    def _play(self, name: str, inputs: dict[str, str]) -> StepRan:
        if name not in self.actions:
            raise UnknownStepError(f"nobody plays {name}")
        call = Call(
            inputs=inputs, workspace=self.workspace, temp=self.temp, env=self.env,
            artifacts=self.artifacts,
        )  # fmt: skip
        try:
            return StepRan(outcome="success", outputs=self.actions[name](call))
        except StepFailedError as error:
            return StepRan(outcome="failure", log=f"::error::{error}\n")

    def _run_script(self, text: str, shell: str | None, env: Mapping[str, str]) -> StepRan:
        if shell not in SHELLS:
            raise UnknownStepError(f"shell: {shell}")
        folder = Path(tempfile.mkdtemp(prefix="_step-", dir=self.temp))
        files = {name: folder / name for name in _FILES}
        for file in files.values():
            file.touch()
        (folder / "script.sh").write_text(text, "utf-8", newline="\n")
        # A file, not a pipe: a service that a step leaves behind must not keep the step waiting.
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*SHELLS[shell], str(folder / "script.sh")],
                cwd=self.workspace,
                env={**self._machine(), **env, **{name: str(file) for name, file in files.items()}},
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
            self._groups.append(process.pid)
            failed = process.wait(timeout=SECONDS) != 0
        said = (folder / "log").read_bytes().decode("utf-8", "replace")
        written = {name: file.read_bytes().decode("utf-8") for name, file in files.items()}
        if written["GITHUB_ENV"] or written["GITHUB_PATH"]:
            raise UnknownStepError("a step that changes the environment of later ones")
        try:
            outputs = parse_pairs(written["GITHUB_OUTPUT"])
        except FileCommandError as error:
            outputs, failed, said = {}, True, f"{said}::error::{error}\n"
        return StepRan(
            outcome=_outcome(failed=failed), outputs=outputs, log=said,
            summary=written["GITHUB_STEP_SUMMARY"],
        )  # fmt: skip

    def _machine(self) -> dict[str, str]:
        """Return the variables that every step has."""
        kept = {n: text for n, text in os.environ.items() if not n.startswith(_NOT_HANDED_ON)}
        github = self._contexts()["github"].items()
        told = {f"GITHUB_{name.upper()}": text for name, text in github if name != "token"}
        told |= {"GITHUB_ACTIONS": "true", "CI": "true", "RUNNER_OS": "Linux"}
        return {**kept, **told, "RUNNER_TEMP": str(self.temp), **self.env}

    @contextmanager
    def _cleaning(self) -> Iterator[None]:
        """End what the steps of a job left running when the job ends, as a runner does."""
        before = len(self._groups)
        try:
            yield
        finally:
            while before == 0 and self._groups:  # not at the end of a nested action
                with suppress(ProcessLookupError):
                    os.killpg(self._groups.pop(), signal.SIGKILL)


def _outcome(*, failed: bool) -> str:
    return "failure" if failed else "success"


def _filled(
    values: Mapping[str, Any], contexts: Mapping[str, Any], *, failed: bool = False
) -> dict[str, str]:
    return {name: fill(as_text(text), contexts, failed=failed) for name, text in values.items()}


def _only(found: Mapping[str, Any], known: frozenset[str]) -> None:
    if unknown := set(found) - known:
        raise UnknownStepError(f"unknown keys: {unknown}")
