"""Runs as `check` takes them: found, named, classified and judged."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from loadgate.baseline import Baseline
from loadgate.classify import classify
from loadgate.errors import LoadgateError, ResultError
from loadgate.gate import evaluate
from loadgate.judging.earlier import Earlier
from loadgate.judging.verdict import Verdict, completed
from loadgate.model import Classification, Policy, Provenance
from loadgate.read import find_runs, label_of, read_run
from loadgate.read.leftovers import left_out
from loadgate.read.locate import find_files
from loadgate.read.raw import without_gz
from loadgate.read.runs import each_once
from loadgate.rules import rules_beside
from loadgate.text import first_of

_NAMED = 3
_OF_RUNS = (".csv", ".html", ".gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRuns:
    """The runs that a command line names."""

    given: Sequence[str]
    """The paths as they were given."""
    folders: Sequence[str]
    """Those of them that hold several runs."""
    runs: Sequence[str]
    """The path of each run, none of them twice."""
    labels: Sequence[str | None]
    """The name shown for each run; None: the name of its files."""
    together: str | None = None
    """The name shown for all runs, which are judged as one; None: each is judged by itself."""

    @property
    def judged(self) -> list[tuple[Sequence[str], str | None]]:
        """The runs of each verdict, and the name shown for them."""
        if self.together is not None:
            return [(self.runs, self.together)]
        return [([run], label) for run, label in zip(self.runs, self.labels, strict=True)]


def find_all(paths: Sequence[str], label: str | None = None, *, merge: bool = False) -> NamedRuns:
    """Find the runs that some paths name; a folder may name several."""
    found = {path: find_runs(path) for path in paths}
    runs = each_once([run for of_path in found.values() for run in of_path])
    if merge:
        runs = sorted(runs)
    names = labels_of(runs, label)
    together = label or first_of([name or label_of(runs[0]) for name in names], _NAMED, " + ")
    return NamedRuns(
        given=paths,
        folders=[path for path, of_path in found.items() if len(of_path) > 1],
        runs=runs,
        labels=names,
        together=together if merge else None,
    )


def is_run(path: str) -> bool:
    """Say whether a path means a run, or several; by its name also one that cannot be read."""
    if path.lower().endswith(_OF_RUNS):
        return True
    try:
        find_files(find_runs(path)[0])
    except ResultError:
        return False
    return True


def labels_of(runs: Sequence[str], label: str | None) -> list[str | None]:
    """Return the name shown for each run; several are called by their paths, behind the label."""
    if len(runs) == 1:
        return [label]
    names = [_without_ending(path) for path in runs]
    labels: list[str | None] = []
    for number, name in enumerate(names):
        twins = names[:number].count(name)
        words = (label, name, f"({twins + 1})" if twins else "")
        labels.append(" ".join(filter(None, words)))
    return labels


def read_classified(  # noqa: PLR0913 - how runs are read and named, as the options say
    paths: Sequence[str],
    policy: Policy,
    *,
    label: str | None = None,
    encoding: str | None = None,
    allow_partial: bool = False,
    judged: Sequence[str] = (),
    baseline: Baseline | None = None,
    over_time: bool = False,
) -> Classification:
    """Read and classify a run, or several as one, none of which is part of the baseline."""
    found = []
    for path in paths:
        run = read_run(
            path,
            allow_partial=allow_partial,
            label=label if len(paths) == 1 else _without_ending(path),
            encoding=encoding,
            judged=judged,
            over_time=over_time,
        )
        found.append(classify(run, policy))
    if len(found) == 1:
        return found[0]
    from loadgate.runs.shards import merged  # single runs need not wait for it

    if baseline is not None:
        for each in found:
            baseline.before(each)
    return classify(merged(found, label), policy)


def _without_ending(path: str) -> str:
    path = without_gz(path)
    for ending in ("_stats.csv", "/stats.csv", ".csv", ".html", ".loadgate.json", ".json", os.sep):
        path = path.removesuffix(ending)
    return path


def classify_runs(
    paths: Sequence[str],
    policy: Policy,
    *,
    allow_partial: bool,
    encoding: str | None = None,
    refused: list[LoadgateError] | None = None,
) -> list[Classification]:
    """Read and classify the runs that some paths name.

    What cannot be read is raised, or where there is a list for it added to `refused`.
    """
    classifications = []
    named = find_all(paths)
    for path, label in zip(named.runs, named.labels, strict=True):
        try:
            run = read_run(path, allow_partial=allow_partial, label=label, encoding=encoding)
            classifications.append(classify(run, policy))
        except LoadgateError as error:
            if refused is None:
                raise
            refused.append(error)
    return classifications


def judge_all(  # noqa: PLR0913 - how runs are read and named, as the options say
    named: NamedRuns,
    policy: Policy,
    earlier: Sequence[Earlier],
    origin: Provenance,
    *,
    encoding: str | None,
    allow_partial: bool = False,
    over_time: bool = False,
) -> list[Verdict | LoadgateError]:
    """Judge each run beside what it is compared with; one that cannot be read stops no other.

    `over_time`: verdicts have what pages draw.
    """
    results: list[Verdict | LoadgateError] = []
    for (paths, label), beside in zip(named.judged, earlier, strict=True):
        try:
            classification = read_classified(
                paths,
                policy,
                label=label,
                encoding=encoding,
                allow_partial=allow_partial,
                judged=[*named.given, *named.runs],
                baseline=beside.baseline,
                over_time=over_time,
            )
            results.append(decided(classification, policy, beside, origin, over_time=over_time))
        except LoadgateError as error:
            results.append(error)
    return results


def decided(
    classification: Classification,
    policy: Policy,
    earlier: Earlier,
    origin: Provenance,
    *,
    over_time: bool,
) -> Verdict:
    """Judge a classified run: the verdict that `check` writes and `loadgate.judge` returns."""
    verdict = evaluate(classification, policy, *earlier)
    series = None
    if over_time:
        from loadgate.over_time import time_series  # with all that reads recordings

        series = time_series(classification, policy)
    return completed(verdict, provenance=origin, series=series)


def passed_over(named: NamedRuns, results: Sequence[Verdict | LoadgateError]) -> list[str]:
    """Return a warning for each result in a folder that was not judged."""
    runs = [result.classification.run for result in results if isinstance(result, Verdict)]
    read = [*named.given, *named.runs, *(source.path for run in runs for source in run.sources)]
    texts = [text for run in runs for text in run.warnings]
    texts += [str(result) for result in results if isinstance(result, LoadgateError)]
    return [text for folder in named.folders for text in left_out(folder, read, texts)]


def rules_passed_over(
    rules: object,
    paths: Sequence[str],
    policy: Policy,
    *,
    what: str = "run",
    option: str = "--rules",
) -> list[str]:
    """Return a warning for each rules file that lies beside a run and is not used.

    None if somebody named `rules`; else `policy` is what is used. `what` lies at the paths, and
    `option` is how one names a file.
    """
    if rules is not None:
        return []
    found = {os.path.realpath(file): file for file in map(rules_beside, paths) if file is not None}
    used = {os.path.realpath(origin) for origin in policy.origins} if found else ()
    return [
        f"{file} lies beside the {what} but is not used; name it with {option} {shlex.quote(file)}"
        for identity, file in found.items()
        if identity not in used
    ]
