"""Where the tests' files are, and small results of Locust made to order."""

from __future__ import annotations

import csv
import json
import runpy
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

# A slow machine is no bug: how long an example takes says nothing of what it shows.
SLOW = [HealthCheck.too_slow]
settings.register_profile("loadgate", deadline=None, suppress_health_check=SLOW)
settings.load_profile("loadgate")
# The same examples for every mutant, and few: what is found by luck kills none the next time.
settings.register_profile(
    "mutants",
    deadline=None,
    suppress_health_check=SLOW,
    derandomize=True,
    max_examples=20,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # that one fails is enough, however large it is
)

STATS_HEADER = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"
    "Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,"
    "50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%"
).split(",")

Endpoint = tuple[str, str, int, int]
Failure = tuple[str, str, str, int]
WriteRun = Callable[..., Path]
Pinned = Callable[[str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one way to rewrite golden files."""
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files instead")


@pytest.fixture
def update_golden(pytestconfig: pytest.Config) -> bool:
    """Return whether golden files are rewritten."""
    return bool(pytestconfig.getoption("--update-golden"))


@pytest.fixture
def pinned(request: pytest.FixtureRequest, *, update_golden: bool) -> Pinned:
    """Return a function that holds the message of a test against the golden file of its module."""

    def check(message: str) -> None:
        file = request.path.parent / "golden" / f"{request.path.stem}.json"
        messages = json.loads(file.read_text("utf-8")) if file.exists() else {}
        if update_golden:
            messages[request.node.name] = message
            text = json.dumps(messages, indent=1, ensure_ascii=False, sort_keys=True)
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"{text}\n", "utf-8")
        assert messages.get(request.node.name) == message

    return check


def run_as_main(package: str) -> None:
    """Do what `python -m PACKAGE` does, in this process.

    Not by `runpy.run_module`: pytest loads the modules of a distribution that has a plugin, and its
    loader does not give their code away.
    """
    found = find_spec(f"{package}.__main__")
    assert found is not None
    assert found.origin is not None
    runpy.run_path(found.origin, run_name="__main__")


@pytest.fixture(autouse=True)
def _columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay commands out for 80 columns, as pages and people quote them: a pipe has no width."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture(autouse=True)
def _longest_cell() -> Iterator[None]:
    """Put back the limit of the csv module, which some tests raise, and which is global."""
    limit = csv.field_size_limit()
    yield
    csv.field_size_limit(limit)


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that lets a file be opened `times` times, and then no more.

    Root may open whatever its mode is.
    """

    def begin(refused: Path, times: int = 0) -> None:
        plain_open, left = open, times

        def open_or_refuse(path: Any, *rest: Any, **more: Any) -> Any:
            nonlocal left
            if str(path) == str(refused):
                left -= 1
                if left < 0:
                    raise PermissionError(13, "Permission denied")
            return plain_open(path, *rest, **more)

        monkeypatch.setattr("builtins.open", open_or_refuse)

    return begin


@pytest.fixture
def write_run(tmp_path: Path) -> WriteRun:
    """Return a function that writes the CSV pair of a run and returns the path of its statistics."""

    def write(
        endpoints: Iterable[Endpoint] = (("POST", "/tools/[id]/state", 1000, 10),),
        failures: Iterable[Failure] | None = (
            ("POST", "/tools/[id]/state", "CatchResponseError('Expected [200], got 409')", 10),
        ),
        *,
        prefix: str = "run",
        folder: str = ".",
        exceptions: int | None = None,
    ) -> Path:
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        rows = list(endpoints)
        latency = [9, 10.5, 1, 100, 42, 5.0, 0.1, *range(10, 21)]
        total = ("", "Aggregated", sum(row[2] for row in rows), sum(row[3] for row in rows))
        with (place / f"{prefix}_stats.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(STATS_HEADER)
            writer.writerows([*row, *latency] for row in [*rows, total])
        if failures is not None:
            with (place / f"{prefix}_failures.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(["Method", "Name", "Error", "Occurrences"])
                writer.writerows(failures)
        if exceptions is not None:
            with (place / f"{prefix}_exceptions.csv").open(
                "w", newline="", encoding="utf-8"
            ) as file:
                writer = csv.writer(file)
                writer.writerow(["Count", "Message", "Traceback", "Nodes"])
                writer.writerow([exceptions, "boom", "Traceback\n  line", "local"])
        return place / f"{prefix}_stats.csv"

    return write


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real results beside the checkout; where there is none, skip."""
    folder = Path(__file__).parents[2] / "shared"
    if not (folder / "runs").is_dir():
        pytest.skip("no folder of real results beside the checkout")
    return folder
