"""The pytest plugin: `--loadgate RUN`, and the fixture `verdict`.

pytest imports this in every project where both are installed, so nothing else of loadgate is
imported before a run is named.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from loadgate import Verdict

_NAME = "loadgate"
"""Of the property that reports of tests have, in JUnit's XML, too."""
_NEEDED = "the fixture `verdict` needs a run to judge: pytest --loadgate RUN"
_UNUSED = "loadgate: nothing was judged, as no test that ran has the fixture `verdict` (--loadgate)"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("loadgate", "loadgate, the gate for runs of Locust")
    group.addoption(
        "--loadgate",
        dest="loadgate_runs",
        metavar="RUN",
        action="append",
        default=[],
        help="Run that the fixture `verdict` judges, as `loadgate check RUN` does. Repeatable: each"
        " test that has the fixture is run for each.",
    )
    group.addoption(
        "--loadgate-rules",
        metavar="FILE",
        help="Rules file, or the name of a preset. [default: ./loadgate.toml, else the preset"
        " optimistic-locking]",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Add the fixture, and where there is something to judge what reports it."""
    runs: list[str] = config.getoption("loadgate_runs")
    made: list[Verdict] = []
    if runs:
        config.pluginmanager.register(_Reporter(config, made), "loadgate-reporter")
    # Not in this module: its parameters are known only now. A project's own `verdict` comes first.
    fixtures = ModuleType("loadgate-fixture")
    vars(fixtures)["verdict"] = _fixture(runs, made)
    config.pluginmanager.register(fixtures, fixtures.__name__)


def _fixture(runs: list[str], made: list[Verdict]) -> Any:  # noqa: ANN401 - of pytest's own type
    """Return the fixture; it adds what it judges to `made`."""
    if not runs:

        @pytest.fixture(name="verdict", scope="session")
        def missing() -> None:
            """Verdict on the run that --loadgate names."""
            pytest.fail(_NEEDED, pytrace=False)

        return missing
    from loadgate.judging.runs import find_all
    from loadgate.masking import mask_secrets
    from loadgate.read import label_of

    judged = find_all(runs).judged
    several = len(judged) > 1  # else tests keep their names, and any of them can have it
    labels = [mask_secrets(label or label_of(paths[0])) for paths, label in judged]

    @pytest.fixture(scope="session", params=judged if several else None, ids=labels)
    def verdict(request: pytest.FixtureRequest) -> Verdict:
        """Verdict on each run that --loadgate names."""
        import loadgate

        (path,), label = getattr(request, "param", judged[0])
        rules = request.config.getoption("loadgate_rules")
        try:
            # Where a test may have gone elsewhere, the paths are still those of the command line.
            with contextlib.chdir(request.config.invocation_params.dir):
                made.append(loadgate.judge(path, rules=rules, label=label))
        except loadgate.LoadgateError as error:
            # Without its cause, which pytest would show above the same message.
            raise pytest.fail.Exception(f"loadgate: {error}", pytrace=False) from None
        return made[-1]

    return verdict


class _Reporter:
    """Shows the verdict where a test fails, and fails a session that judged nothing."""

    def __init__(self, config: pytest.Config, made: list[Verdict]) -> None:
        # Workers of pytest-xdist run a part of the tests: the process that started them knows all.
        self._judged = hasattr(config, "workerinput")
        self._ran = False
        self._made = made
        self._known = 0

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, None]:
        """Say which tests have a verdict; add its text to the report of one that fails."""
        from loadgate import Verdict
        from loadgate.cli.console import columns
        from loadgate.render import render_text

        asked = call.when == "setup" and "verdict" in getattr(item, "fixturenames", ())
        verdict = getattr(item, "funcargs", {}).get("verdict")
        if len(self._made) > self._known and not isinstance(verdict, Verdict):
            asked, verdict = True, self._made[-1]  # by request.getfixturevalue
        self._known = len(self._made)
        if asked:
            outcome = verdict.outcome if isinstance(verdict, Verdict) else "not judged"
            item.user_properties.append((_NAME, outcome))
        report = (yield).get_result()
        if report.when == "call" and report.failed and isinstance(verdict, Verdict):
            text = render_text(verdict, columns=columns())
            report.sections.append((f"loadgate: {verdict.outcome}", text))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """See which tests have a verdict."""
        self._ran = True
        self._judged = self._judged or any(name == _NAME for name, _ in report.user_properties)

    def _let_all_pass(self) -> bool:
        return self._ran and not self._judged

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail where no test asked for the verdict: it would be a gate that lets all pass."""
        if session.exitstatus == pytest.ExitCode.OK and self._let_all_pass():
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:  # noqa: ANN401 - not public
        """Say so."""
        if self._let_all_pass():
            terminalreporter.write_line(_UNUSED, red=True)
