"""Options of the recorder on Locust's command line, and as environment variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SUFFIX = ".loadgate.json.gz"
_PREFIX = "loadgate-run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user wants of the recorder."""

    file: str = _PREFIX + SUFFIX
    """Where the recording goes."""
    rules: str | None = None
    """The rules file; None: as `loadgate check` finds one."""
    thresholds: tuple[str, ...] = ()
    """Further thresholds."""


def add_options(parser: Any) -> None:  # noqa: ANN401 - Locust's own
    """Add the options to Locust's parser, in a group of their own."""
    group = parser.add_argument_group(
        "loadgate options", "Record the run, judge it when it ends, and exit with the gate's code."
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


def options_of(parsed: Any) -> Options:  # noqa: ANN401 - Locust's own
    """Return the options of a command line that Locust parsed; None: it is used as a library."""
    prefix = getattr(parsed, "csv_prefix", None) or _PREFIX
    return Options(
        file=getattr(parsed, "loadgate_file", None) or prefix + SUFFIX,
        # An empty environment variable, as CI has of an input that nobody gave, is none.
        rules=getattr(parsed, "loadgate_rules", None) or None,
        thresholds=tuple(
            text for text in getattr(parsed, "loadgate_threshold", None) or () if text
        ),
    )
