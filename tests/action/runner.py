"""A stand-in for GitHub's runner: what becomes of a composite action or a workflow's job.

`Runner(workspace=..., temp=...)` is one job on one machine. `run_action(ROOT / "action.yml",
{"results": "run"})` runs an action's steps, `run_job(ROOT / ".github/workflows/x.yml", "job")` those
of a job, its uses of `./` included. Both return a `Ran`. Scripts run for real, in bash; only `uses:`
of foreign actions are played (played.py; a test may add to `Runner.actions`). What is not known
here is an error: an unknown action, key or expression never passes in silence.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from action.documents import load
from action.expressions import Outputs, as_text, fill, holds
from action.played import PLAYED, Action, Call, StepFailedError
from action.ran import Ran, StepRan
from action.scripts import SHELLS, Script, cleaning, run_script

__all__ = [
    "BASH", "PLAYED", "ROOT", "Action", "Call", "Outputs", "Ran", "Runner", "StepFailedError",
    "StepRan", "UnknownStepError", "load",
]  # fmt: skip

ROOT = Path(__file__).parents[2]
BASH = shutil.which("bash") if os.name == "posix" else None

_STEP_KEYS = frozenset(
    "id name if run uses with env shell working-directory continue-on-error timeout-minutes".split()
)
_JOB_KEYS = frozenset(
    "name if needs runs-on env defaults permissions timeout-minutes concurrency outputs environment"
    " strategy steps".split()
)
_NOT_HANDED_ON = ("GITHUB_", "RUNNER_", "ACTIONS_", "INPUT_", "LOADGATE_", "PYTEST_", "VIRTUAL_ENV")


class UnknownStepError(Exception):
    """Something in a workflow that this small runner does not know."""


@dataclass(slots=True, kw_only=True)
class Runner:
    """One machine with one job."""

    workspace: Path
    """GITHUB_WORKSPACE, the working directory of steps. `actions/checkout` leaves it as it is."""
    temp: Path
    """RUNNER_TEMP, and where the files of steps are."""
    env: dict[str, str] = field(default_factory=dict)
    """More variables that the machine has, such as PATH with a `gh` of the test's own."""
    contexts: dict[str, Any] = field(default_factory=dict)
    """More contexts, or other values in them: {"github": {"event_name": "schedule"}}."""
    artifacts: dict[str, Path] = field(default_factory=dict)
    """Name of an uploaded artifact -> folder with its files; may be filled before a download."""
    reuse: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Id of a step -> outputs: the step does not run, as it ran before with these outputs."""
    summary: str = ""
    """What each step finds in its GITHUB_STEP_SUMMARY; a real one finds nothing."""
    actions: dict[str, Action] = field(default_factory=dict)
    """Name of a foreign action without its @ref -> what plays it, besides those of PLAYED."""
    _groups: list[int] = field(default_factory=list)

    def run_action(self, file: Path, inputs: Mapping[str, str]) -> Ran:
        """Run a composite action with these inputs; defaults of others apply."""
        with cleaning(self._groups):
            return self._run_action(file, inputs, {})

    def run_job(
        self,
        file: Path,
        job: str,
        *,
        matrix: Mapping[str, Any] | None = None,
        needs: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
    ) -> Ran:
        """Run a job of a workflow; its own `if:`, `needs:` and matrix are the caller's to decide.

        `needs` is a context: {"tests": {"result": "success", "outputs": Outputs()}}.
        """
        workflow = load(file)
        body = workflow["jobs"][job]
        _only(body, _JOB_KEYS, f"{file.name}: {job}")
        contexts = self._contexts(
            matrix=matrix or {}, needs=needs or {}, inputs=inputs or {}, env={}, steps={}
        )
        env: dict[str, str] = {}
        for level in (workflow, body):
            env |= _filled(level.get("env"), contexts)
            contexts["env"] = env
        shell = {**workflow.get("defaults", {}), **body.get("defaults", {})}
        with cleaning(self._groups):
            steps, failed = self._run_steps(
                body["steps"], contexts, env, shell=shell.get("run", {}).get("shell")
            )
        outputs = _filled(body.get("outputs"), contexts)
        return Ran(outcome=_outcome(failed=failed), outputs=outputs, steps=tuple(steps))

    def _contexts(self, **more: Any) -> dict[str, Any]:
        github = {
            "event_name": "push",
            "ref": "refs/heads/main",
            "ref_name": "main",
            "ref_type": "branch",
            "repository": "octo/shop",
            "run_id": "1658821493",
            "run_attempt": "1",
            "run_number": "7",
            "server_url": "https://github.com",
            "sha": "6b8c1f0e5d3a49727c61b0a94e8f2d5c3b7a1e09",
            "token": "no-token",
            "workflow": "a workflow",
            "workspace": str(self.workspace),
        }
        contexts: dict[str, Any] = {
            "github": github,
            "runner": {"os": "Linux", "temp": str(self.temp), "arch": "X64"},
            "job": {"status": "success"},
            **more,
        }
        for name, values in self.contexts.items():
            contexts[name] = {**contexts.get(name, {}), **values}
        return contexts

    def _run_action(self, file: Path, given: Mapping[str, str], env: Mapping[str, str]) -> Ran:
        action = load(file)
        declared = action["inputs"]
        if unknown := set(given) - set(declared):
            raise UnknownStepError(f"{file.name} has no input {', '.join(sorted(unknown))}")
        if missing := [n for n, i in declared.items() if i.get("required") and n not in given]:
            # GitHub itself does not check this; the action gets an empty text.
            given = {**given, **dict.fromkeys(missing, "")}
        inputs = {n: given.get(n, as_text(i.get("default"))) for n, i in declared.items()}
        contexts = self._contexts(inputs=inputs, steps={}, env=dict(env))
        contexts["github"]["action_path"] = str(file.parent)
        place = {"GITHUB_ACTION_PATH": str(file.parent)}
        _only(action["runs"], frozenset({"using", "steps"}), file.name)
        if action["runs"]["using"] != "composite":
            raise UnknownStepError(f"{file.name}: not a composite action")
        for step in action["runs"]["steps"]:
            if "run" in step and "shell" not in step:
                raise UnknownStepError(f"{file.name}: a run: of an action needs a shell:")
        steps, failed = self._run_steps(action["runs"]["steps"], contexts, {**env, **place})
        outputs = _filled({n: o["value"] for n, o in action["outputs"].items()}, contexts)
        return Ran(outcome=_outcome(failed=failed), outputs=outputs, steps=tuple(steps))

    def _run_steps(
        self,
        steps: list[dict[str, Any]],
        contexts: dict[str, Any],
        env: dict[str, str],
        *,
        shell: str | None = None,
    ) -> tuple[list[StepRan], bool]:
        """Run steps one after another; `env` takes what they write to GITHUB_ENV."""
        ran: list[StepRan] = []
        failed = False
        for step in steps:
            _only(step, _STEP_KEYS, str(step.get("id", step.get("name"))))
            contexts["env"] = env
            own = step.get("id", "")
            if not holds(step.get("if"), contexts, failed=failed):
                one = StepRan(
                    id=_called(step), conclusion="skipped", outcome="skipped", outputs={},
                    log="", summary="",
                )  # fmt: skip
            elif own and own in self.reuse:
                one = StepRan(
                    id=_called(step), conclusion="success", outcome="success",
                    outputs=self.reuse[own], log="", summary="",
                )  # fmt: skip
            else:
                inner, one = self._run_step(step, contexts, env, shell=shell, failed=failed)
                ran += inner
            failed = failed or one.conclusion == "failure"
            ran.append(one)
            if own:
                contexts["steps"][own] = {
                    "outputs": Outputs(one.outputs),
                    "outcome": one.outcome,
                    "conclusion": one.conclusion,
                }
        return ran, failed

    def _run_step(
        self,
        step: Mapping[str, Any],
        contexts: Mapping[str, Any],
        env: dict[str, str],
        *,
        shell: str | None,
        failed: bool,
    ) -> tuple[tuple[StepRan, ...], StepRan]:
        """Run one step; return the steps within it, and itself."""
        merged = {**env, **_filled(step.get("env"), contexts, failed=failed)}
        contexts = {**contexts, "env": merged}
        inner: tuple[StepRan, ...] = ()
        outputs: Mapping[str, str] = {}
        log = summary = ""
        bad = False
        if "run" in step:
            script = fill(step["run"], contexts, failed=failed)
            place = self.workspace / fill(step.get("working-directory", "."), contexts)
            minutes = float(step.get("timeout-minutes", 10))
            own = step.get("shell", shell)
            if own not in SHELLS:
                raise UnknownStepError(f"shell: {own}")
            done = run_script(
                Script(
                    text=script,
                    shell=own,
                    folder=place,
                    env={**self._machine(), **self.env, **merged},
                    seconds=minutes * 60,
                ),
                self.temp,
                self._groups,
                summary=self.summary,
            )
            env.update(done.exported)
            outputs, log, summary, bad = done.outputs, done.log, done.summary, done.failed
        else:
            given = _filled(step.get("with"), contexts, failed=failed)
            if step["uses"] == "./":
                nested = self._run_action(ROOT / "action.yml", given, merged)
                inner, outputs, bad = nested.steps, nested.outputs, nested.outcome == "failure"
            else:
                played = {**PLAYED, **self.actions}
                name = step["uses"].partition("@")[0]
                if name not in played:
                    raise UnknownStepError(f"nobody plays {step['uses']}")
                try:
                    outputs = played[name](self._call(given))
                except StepFailedError as error:
                    bad, log = True, f"::error::{error}\n"
        forgiven = bad and _true(step.get("continue-on-error"), contexts)
        return inner, StepRan(
            id=_called(step),
            outcome=_outcome(failed=bad),
            conclusion=_outcome(failed=bad and not forgiven),
            outputs=outputs,
            log=log,
            summary=summary,
        )

    def _machine(self) -> dict[str, str]:
        """Return the variables that every step has."""
        kept = {n: text for n, text in os.environ.items() if not n.startswith(_NOT_HANDED_ON)}
        github = self._contexts()["github"]
        told = {f"GITHUB_{name.upper()}": text for name, text in github.items() if name != "token"}
        told |= {"GITHUB_ACTIONS": "true", "CI": "true", "RUNNER_OS": "Linux"}
        return {**kept, **told, "RUNNER_TEMP": str(self.temp)}

    def _call(self, given: Mapping[str, str]) -> Call:
        return Call(
            inputs=given,
            workspace=self.workspace,
            temp=self.temp,
            env=self.env,
            artifacts=self.artifacts,
        )


# --- small things -----------------------------------------------------------------------------------


def _called(step: Mapping[str, Any]) -> str:
    return str(step.get("id") or step.get("name") or step.get("uses") or "")


def _outcome(*, failed: bool) -> str:
    return "failure" if failed else "success"


def _true(value: object, contexts: Mapping[str, Any]) -> bool:
    return fill(as_text(value), contexts) == "true"


def _filled(
    values: Mapping[str, Any] | None, contexts: Mapping[str, Any], *, failed: bool = False
) -> dict[str, str]:
    return {
        name: fill(as_text(value), contexts, failed=failed)
        for name, value in (values or {}).items()
    }


def _only(found: Mapping[str, Any], known: frozenset[str], place: str) -> None:
    if unknown := set(found) - known:
        raise UnknownStepError(f"{place}: {', '.join(sorted(unknown))}")
