"""Releases of Locust against the example service: what is excused, and what is not, by its count."""

from __future__ import annotations

import importlib.util
import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from e2e.loadtest import CONFLICTS, USERS, Endpoint, LoadTest, Outcome, endpoint_of, service
from e2e.releases import OLDER, Release, environment
from loadgate import load_policy, read_run
from loadgate.classify import classify
from loadgate.errors import ContradictionError
from loadgate.model import Classification, EndpointResult

pytestmark = pytest.mark.prove
RELEASES = [
    pytest.param(None, id="newest"),
    *(
        pytest.param(
            each,
            id=each.version,
            marks=pytest.mark.xdist_group(each.version),
        )
        for each in OLDER
    ),
]


@pytest.fixture(params=RELEASES)
def python(request: pytest.FixtureRequest) -> Path:
    """Return the Python that has a release of Locust."""
    release: Release | None = request.param
    # Not by importing them: Locust changes the whole process.
    missing = [
        name
        for name in ("sqlalchemy", *(() if release else ("locust",)))
        if importlib.util.find_spec(name) is None
    ]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    return environment(release)


def judged(outcome: Outcome, name: str) -> Classification:
    """Return how loadgate sorts the failures of a run."""
    return classify(read_run(outcome.folder / name), load_policy("optimistic-locking"))


def by_endpoint(classification: Classification, attribute: str) -> Counter[Endpoint]:
    """Return a count per endpoint; entries that have a URL for a name are put together."""
    counts: Counter[Endpoint] = Counter()
    for each in classification.endpoints:
        counts[endpoint_of(each.stats.method, each.stats.name)] += getattr(each, attribute)
    return +counts


def refused(outcome: Outcome) -> Counter[Endpoint]:
    """Return the lost races that the service counted, per endpoint."""
    return +Counter(
        {
            endpoint: statuses[409]
            for endpoint, statuses in outcome.truth.items()
            if endpoint[1].endswith("/state")
        }
    )


def broken(outcome: Outcome) -> Counter[Endpoint]:
    """Return all other failures that the service counted, per endpoint."""
    failed = {
        endpoint: sum(n for status, n in statuses.items() if status >= 400)
        for endpoint, statuses in outcome.truth.items()
    }
    return +(Counter(failed) - refused(outcome))


def with_report(folder: Path, scenario: Callable[[Path], Outcome]) -> Outcome:
    """Run a scenario that ends by itself; once more where Locust itself fell over.

    One run in some hundreds of an old release ends without the report that it was asked for. What
    did not happen cannot be judged, and says nothing about loadgate.
    """
    told = []
    for attempt in ("first", "second"):
        (folder / attempt).mkdir()
        outcome = scenario(folder / attempt)
        if (outcome.folder / "run.html").exists():
            return outcome
        told.append(
            f"The {attempt} Locust wrote no report, exit code {outcome.code}: {outcome.log}"
        )
    raise AssertionError("\n".join(told))


@pytest.mark.parametrize("workers", [0, 2], ids=["standalone", "distributed"])
def test_a_whole_run_is_judged_as_the_service_counted_it(
    workers: int, python: Path, tmp_path: Path
) -> None:
    """Every lost race is expected, every other failure is true: in the files and in the report."""

    def whole(folder: Path) -> Outcome:
        with service(folder) as running:
            test = LoadTest(python, folder, running.url, workers=workers)
            test.wait_for(conflicts=CONFLICTS)
            test.end()
            return test.outcome(running)

    outcome = with_report(tmp_path, whole)
    for name in ("run.html", "run_stats.csv"):
        found = judged(outcome, name)
        assert by_endpoint(found, "expected") == refused(outcome), outcome.log
        assert by_endpoint(found, "true") == broken(outcome), outcome.log
        assert found.total.stats.requests == outcome.answers
        assert found.total.unexplained == 0
        assert found.total.expected >= CONFLICTS
        assert found.total.true > 0


@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT", "SIGTERM"])
def test_a_run_that_is_stopped_is_never_excused_more_than_was_refused(
    name: str, python: Path, tmp_path: Path
) -> None:
    """However a run ends: no conflict is made up, no failure is lost from what its files hold."""
    number = getattr(signal, name, None)
    if number is None or sys.platform == "win32":
        pytest.skip(f"no {name} on this system")
    with service(tmp_path) as running:
        test = LoadTest(python, tmp_path, running.url)
        test.stop_by(number)
        outcome = test.outcome(running)
    assert check_files(outcome).expected >= CONFLICTS
    if (tmp_path / "run.html").exists():  # which releases write it after which signal differs
        try:
            report = judged(outcome, "run.html").total
        except ContradictionError as error:  # Locust counted while it wrote
            assert "its rows add up to" in str(error)  # noqa: PT017 - not every run raises it
            return
        # Nobody waited for the requests under way.
        assert outcome.answers - USERS <= report.stats.requests <= outcome.answers
        known = sum(refused(outcome).values())
        assert known - USERS <= report.expected <= known


def test_no_requests_are_no_evidence(python: Path, tmp_path: Path) -> None:
    """Users who only wait prove nothing: neither the files nor the report pass."""

    def idle(folder: Path) -> Outcome:
        with service(folder) as running:
            (folder / "cease").touch()
            test = LoadTest(python, folder, running.url)
            test.end()
            return test.outcome(running)

    outcome = with_report(tmp_path, idle)
    assert outcome.truth == {}
    for name in ("run_stats.csv", "run.html"):
        assert check(outcome.folder / name)[0] == 3


def test_a_server_that_goes_away_half_way_is_a_true_failure(python: Path, tmp_path: Path) -> None:
    """Conflicts before the end of the server are expected, what nobody answered is true."""

    def deserted(folder: Path) -> Outcome:
        with service(folder) as running:
            test = LoadTest(python, folder, running.url)
            test.wait_for(conflicts=CONFLICTS)
            running.stop()
            test.wait_for(unanswered=10)
            test.end()
            return test.outcome(running)

    outcome = with_report(tmp_path, deserted)
    for name in ("run.html", "run_stats.csv"):
        found = judged(outcome, name)
        assert by_endpoint(found, "expected") == refused(outcome), outcome.log
        unanswered = found.total.stats.requests - outcome.answers
        assert unanswered > 0
        assert found.total.true == sum(broken(outcome).values()) + unanswered
        code, document = check(outcome.folder / name)
        assert code == 1
        totals = document["totals"]
        assert totals["failures"] == totals["expected_failures"] + totals["true_failures"]


def check_files(outcome: Outcome) -> EndpointResult:
    """Hold the CSV files against the service, of which they are a snapshot; return their total."""
    files = judged(outcome, apart(outcome.folder))
    assert by_endpoint(files, "expected") <= refused(outcome), outcome.log
    assert by_endpoint(files, "true") <= broken(outcome)
    assert files.total.unexplained == 0
    assert files.total.failures == files.total.expected + files.total.true
    assert files.total.failures == files.total.stats.failures
    assert files.total.stats.requests <= outcome.answers
    return files.total


def apart(folder: Path) -> str:
    """Copy the CSV files away from the report; return the name of the statistics among them.

    In a run of seconds they lack more than a tenth of what the report or the history has, and
    loadgate says that these contradict each other.
    """
    (folder / "apart").mkdir()
    for name in ("stats", "failures", "exceptions"):
        shutil.copy2(folder / f"run_{name}.csv", folder / "apart")
    return "apart/run_stats.csv"


def check(path: Path) -> tuple[int, Any]:
    """Judge a run as a user does; return the exit code and the result document."""
    command = (sys.executable, "-m", "loadgate", "check", str(path))
    done = subprocess.run(
        [*command, "--rules", "optimistic-locking", "--output", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1, 3}, done.stderr
    return done.returncode, json.loads(done.stdout)
