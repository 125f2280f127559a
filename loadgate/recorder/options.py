"""Options of the recorder on Locust's command line, and as environment variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from loadgate.published import address

SUFFIX = ".loadgate.json.gz"
_PREFIX = "loadgate-run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user wants of the recorder."""

    file: str = _PREFIX + SUFFIX
    """Where the recording goes."""
    rules: str | None = None
    """The rules file; None: as `loadgate check` finds one."""
    locustfiles: tuple[str, ...] = ()
    """Where Locust's users come from, as the command line says."""
    thresholds: tuple[str, ...] = ()
    """Further thresholds."""
    outputs: tuple[str, ...] = ()
    """Outputs of the verdict besides the text."""
    baseline: tuple[str, ...] = ()
    """Runs to compare with."""
    baseline_optional: bool = False
    """Whether there may be none of these yet."""
    history: tuple[str, ...] = ()
    """Runs of which the last ones before this one are compared with."""
    history_optional: bool = False
    """Whether there may be too few of these yet."""
    warning_exit_code: str = ""
    """What to exit with where the run passes with warnings; "": 0."""
    abort: bool = False
    """Stop a run that is certain to fail."""

    @property
    def judged_by(self) -> tuple[str, ...]:
        """Options of `loadgate check` by which it judges the recording."""
        words = [] if self.rules is None else ["--rules", self.rules]
        words += [word for each in self.thresholds for word in ("--threshold", each)]
        for name, paths in self.earlier.items():
            words += [word for path in paths for word in (f"--{name}", path)]
            words += [f"--{name}-optional"] if self.optional[name] else []
        return tuple(words)

    @property
    def earlier(self) -> dict[str, tuple[str, ...]]:
        """Runs to compare with, by the option that names them."""
        return {"baseline": self.baseline, "history": self.history}

    @property
    def optional(self) -> dict[str, bool]:
        """Whether there may be none or too few of these yet."""
        return {"baseline": self.baseline_optional, "history": self.history_optional}


def add_options(parser: Any) -> None:  # noqa: ANN401 - Locust's own
    """Add the options to Locust's parser, in a group of their own."""
    group = parser.add_argument_group(
        "loadgate options",
        "Record the run, judge it when it ends, and exit with the gate's code.\n"
        f"Docs: {address('recorder')}",
    )
    group.add_argument(
        "--loadgate-file",
        metavar="FILE",
        env_var="LOADGATE_FILE",
        help=f"Where to write the recording. Default: the --csv prefix, or {_PREFIX}, "
        f"followed by {SUFFIX} [LOADGATE_FILE]",
    )
    group.add_argument(
        "--loadgate-rules",
        metavar="FILE",
        env_var="LOADGATE_RULES",
        help="Rules file to judge the run by. Default: loadgate.toml here, else a preset "
        "[LOADGATE_RULES]",
    )
    group.add_argument(
        "--loadgate-threshold",
        metavar="EXPR",
        action="append",
        env_var="LOADGATE_THRESHOLD",
        help="Limit for the whole run, such as 'p95 <= 800ms'; repeat it for several "
        "[LOADGATE_THRESHOLD]",
    )
    group.add_argument(
        "--loadgate-abort",
        action="store_true",
        env_var="LOADGATE_ABORT",
        help="Stop the run once it is certain to fail a limit of severity error [LOADGATE_ABORT]",
    )
    group.add_argument(
        "--loadgate-output",
        metavar="FORMAT[:PATH]",
        action="append",
        env_var="LOADGATE_OUTPUT",
        help="Also write the verdict in another format, such as junit:loadgate.xml; repeat it for "
        "several [LOADGATE_OUTPUT]",
    )
    group.add_argument(
        "--loadgate-baseline",
        metavar="PATH",
        action="append",
        env_var="LOADGATE_BASELINE",
        help="Compare with an earlier run, or a folder of them; repeat it for several "
        "[LOADGATE_BASELINE]",
    )
    group.add_argument(
        "--loadgate-baseline-optional",
        action="store_true",
        env_var="LOADGATE_BASELINE_OPTIONAL",
        help="If there is no baseline yet, skip the limits that need one, with a warning "
        "[LOADGATE_BASELINE_OPTIONAL]",
    )
    group.add_argument(
        "--loadgate-history",
        metavar="PATH",
        action="append",
        env_var="LOADGATE_HISTORY",
        help="Compare with the last runs before this one, of all that a folder holds; repeat it "
        "for several [LOADGATE_HISTORY]",
    )
    group.add_argument(
        "--loadgate-history-optional",
        action="store_true",
        env_var="LOADGATE_HISTORY_OPTIONAL",
        help="If there are too few such runs yet, skip the limits that need them, with a warning "
        "[LOADGATE_HISTORY_OPTIONAL]",
    )
    group.add_argument(
        "--loadgate-warning-exit-code",
        metavar="N",
        env_var="LOADGATE_WARNING_EXIT_CODE",
        help="Exit with N, 4 to 119 but not 70, if the run passes but there are warnings "
        "[LOADGATE_WARNING_EXIT_CODE]",
    )


def options_of(parsed: Any) -> Options:  # noqa: ANN401 - Locust's own
    """Return the options of a command line that Locust parsed; None: it is used as a library."""
    prefix = getattr(parsed, "csv_prefix", None) or _PREFIX
    locustfiles = getattr(parsed, "locustfile", None) or ""

    def several(name: str) -> tuple[str, ...]:
        return tuple(text for text in getattr(parsed, name, None) or () if text)

    return Options(
        file=getattr(parsed, "loadgate_file", None) or prefix + SUFFIX,
        # An empty environment variable, as CI has of an input that nobody gave, is none.
        rules=getattr(parsed, "loadgate_rules", None) or None,
        locustfiles=tuple(filter(None, map(str.strip, locustfiles.split(",")))),
        thresholds=several("loadgate_threshold"),
        outputs=several("loadgate_output"),
        baseline=several("loadgate_baseline"),
        baseline_optional=bool(getattr(parsed, "loadgate_baseline_optional", False)),
        history=several("loadgate_history"),
        history_optional=bool(getattr(parsed, "loadgate_history_optional", False)),
        warning_exit_code=getattr(parsed, "loadgate_warning_exit_code", None) or "",
        abort=bool(getattr(parsed, "loadgate_abort", False)),
    )
