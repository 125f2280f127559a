"""What the runs of a step are compared with: paths, and the results of branches."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from loadgate.action.branch import NoResultsError, Results, find_results
from loadgate.action.inputs import Inputs
from loadgate.baseline import Baseline
from loadgate.errors import LoadgateError, UsageError
from loadgate.judging.earlier import Earlier, earlier_for
from loadgate.model import Policy
from loadgate.published import Page
from loadgate.read.folders import PREFIXED, with_endings
from loadgate.read.formats import SUFFIXES
from loadgate.read.raw import has_ending

_PAGE: Page = "ci#compare-with-main"
_REF = "refs/heads/"
_NO_BRANCH = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|@\{|/\.|\.lock(/|$)|^[./@~-]|[./]$")
"""What the name of a branch cannot hold (git check-ref-format), nor begin or end with."""


def branch_of(line: str, environment: Mapping[str, str]) -> str | None:
    """Return the branch that a line of the input `baseline` names; None: the line is a path.

    What is there is a path. Raises UsageError if it may as well be the branch that is meant.
    """
    if line.startswith(_REF):
        return line.removeprefix(_REF)
    if _NO_BRANCH.search(line) or has_ending(line, *SUFFIXES):
        return None
    if not (os.path.lexists(line) or with_endings(line, PREFIXED)):
        return line
    if line in _usual_branches(environment):
        raise UsageError(
            f"input baseline: {line} is a path here, and a branch; write ./{line} for the path, or"
            f" {_REF}{line} for the branch",
            page=_PAGE,
        )
    return None


def _usual_branches(environment: Mapping[str, str]) -> set[str]:
    """Return the branches that somebody most likely means: where a pull request goes to, main."""
    branches = {environment.get("GITHUB_BASE_REF", "")}
    with suppress(OSError, ValueError, LookupError, TypeError):
        event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text("utf-8"))
        branches.add(event["repository"]["default_branch"])
    return branches


def compared_with(
    inputs: Inputs, policy: Policy, encoding: str | None, names: Sequence[str], folder: Path
) -> list[Earlier]:
    """Return what each run is compared with; `names` are those of the runs' documents.

    What branches have is put into the folder. Raises UsageError.
    """
    paths: list[str] = []
    branches: list[str] = []
    for line in inputs.baseline:
        branch = branch_of(line, os.environ)
        (paths if branch is None else branches).append(branch or line)
    found = _Found(inputs=inputs, policy=policy, encoding=encoding, paths=tuple(paths))
    for number, branch in enumerate(branches):
        found.look(branch, folder / f"branch-{number}")
    return [found.earlier(name, alone=len(names) == 1) for name in names]


@dataclass(slots=True, kw_only=True)
class _Found:
    """What there is to compare with."""

    inputs: Inputs
    policy: Policy
    encoding: str | None
    paths: tuple[str, ...]
    """Lines of the input that are paths."""
    results: list[Results] = field(default_factory=list)
    """Of each branch that has any."""
    absent: list[str] = field(default_factory=list)
    """What there is not, which is allowed."""
    known: dict[tuple[str, ...], Earlier] = field(default_factory=dict)
    """What was read, by the paths of its baseline."""

    def look(self, branch: str, folder: Path) -> None:
        """Get the results of a branch."""
        artifact = self.inputs.artifact_name
        run = os.environ.get("GITHUB_RUN_ID", "")
        if not artifact or (run and run in artifact):
            what = f"is {artifact!r}, which is new in each run" if artifact else "is empty"
            raise UsageError(
                f"input baseline: {branch} is no path in {Path.cwd()}, and to find the results of a"
                f" branch, artifact-name must be the same in each run; it {what}",
                page=_PAGE,
            )
        try:
            self.results.append(find_results(branch, artifact, folder, os.environ))
        except NoResultsError as error:
            self._lacks(branch, str(error))
        except UsageError as error:
            raise UsageError(f"input baseline: {error}", page=_PAGE) from error

    def _lacks(self, branch: str, problem: str) -> None:
        if not self.inputs.baseline_optional:
            raise UsageError(
                f"input baseline: {branch} is no path in {Path.cwd()}, and {problem}\n  If there"
                " may be none yet, set baseline-optional: true.",
                page=_PAGE,
            )
        self.absent.append(problem)

    def earlier(self, name: str, *, alone: bool) -> Earlier:
        """Return what the run with a document of this name is compared with."""
        documents = dict.fromkeys(self.paths, "")
        absent = [*self.absent]
        for of in self.results:
            own = [*of.documents] if alone and len(of.documents) == 1 else [name]
            if own[0] in of.documents:
                documents[str(of.documents[own[0]])] = of.shown(own[0])
            else:
                has = ", ".join(of.documents)
                self._lacks(of.branch, f"its run {of.run} has no result {name}.json (it has {has})")
                absent.append(self.absent.pop())
        key = (*documents, *absent)
        if key not in self.known:
            self.known[key] = self._read(documents, absent)
        return self.known[key]

    def _read(self, documents: Mapping[str, str], absent: Sequence[str]) -> Earlier:
        """Read what is behind some paths, and call it as shown where a path is ours."""

        def named(text: str) -> str:
            for path, shown in documents.items():
                text = text.replace(path, shown or path)
            return text

        inputs = self.inputs
        none = Baseline(measured=None, runs=(), warnings=tuple(map(_NONE_YET.format, absent)))
        try:
            earlier = earlier_for(
                self.policy,
                {"baseline": [*documents], "history": inputs.history},
                optional={
                    "baseline": inputs.baseline_optional,
                    "history": inputs.history_optional,
                },
                encoding=self.encoding,
                baseline=none if absent and not documents else None,
            )
        except LoadgateError as error:
            raise UsageError(named(str(error)), page=error.page) from error
        if earlier.baseline is None:
            return earlier
        baseline = replace(
            earlier.baseline,
            runs=tuple((run, named(source)) for run, source in earlier.baseline.runs),
            warnings=(
                *map(named, earlier.baseline.warnings),
                *(f"left out of the baseline: {text}" for text in absent if documents),
            ),
        )
        return earlier._replace(baseline=baseline)


_NONE_YET = "no baseline yet (baseline-optional): thresholds that need one are skipped ({})"
