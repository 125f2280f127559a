"""The verdict as Python has it: what it says, as a document, a data frame and Markdown."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from loadgate import model
from loadgate.errors import UsageError
from loadgate.masked import mask_verdict
from loadgate.masking import mask_secrets
from loadgate.model import Check, Provenance
from loadgate.render import render
from loadgate.render.words import summary
from loadgate.text import cut, one_line
from loadgate.time_series import TimeSeries

if TYPE_CHECKING:
    import pandas as pd

_LABEL = 60  # columns


class Verdict(model.Verdict):
    """The decision on a run, as `loadgate.judge` returns it, with everything that led to it.

    Notebooks show it as the Markdown report. `outcome` is "passed", "failed" or "no-evidence": the
    run made no requests. `classification` has all counts and texts as they were read, unmasked.

    Example:
        >>> verdict = loadgate.judge("run_stats.csv", rules="strict.toml")
        >>> verdict.outcome
        'failed'
        >>> verdict
        <Verdict failed: run, 4,916 requests, 634 failures = 424 expected + 210 true (4.27%)>
    """

    __slots__ = ()

    @property
    def passed(self) -> bool:
        """Whether the run passed; a run without requests did not.

        Example:
            >>> loadgate.judge("run_stats.csv", rules="loadgate.toml").passed
            True
        """
        return self.outcome == "passed"

    @property
    def failed_checks(self) -> tuple[Check, ...]:
        """The limits and budgets that the run does not meet, without those that only warn.

        `actual` and `limit` are exact fractions: rates from 0 to 1, times in milliseconds. `actual`
        is None where the run has no such number or endpoint. Secrets are masked.

        Example:
            >>> verdict = loadgate.judge("run_stats.csv", rules="strict.toml")
            >>> for check in verdict.failed_checks:
            ...     print(check.require, check.endpoint, float(check.actual), sep=" | ")
            true_failure_rate <= 1% | None | 0.0427176...
            p95 <= 800ms | GET /slow | 1000.0
            true_failure_rate <= 2.5% | None | 0.0427176...
            expected_failure_rate <= 4% | POST /tools/[id]/state | 0.0493827...
        """
        return tuple(check for check in mask_verdict(self).checks if check.fails)

    def to_dict(self) -> dict[str, Any]:
        """Return the result document, the same as `loadgate check --output json` writes.

        It holds nothing but what JSON has. Rates are numbers from 0 to 1, times milliseconds,
        secrets are masked. `loadgate schema result` prints its schema.

        Example:
            >>> loadgate.judge("run_stats.csv").to_dict()["totals"]["true_failures"]
            99
        """
        document: dict[str, Any] = json.loads(render(self, "json"))
        return document

    def endpoints_frame(self) -> pd.DataFrame:
        """Return a pandas DataFrame with a row for each endpoint, most true failures first.

        | column | dtype | what |
        |---|---|---|
        | method, name | string | the endpoint, secrets masked |
        | requests, failures, expected_failures, true_failures, unexplained | int64 | counts |
        | allowed | Int64 | responses that rules name and the locustfile allows; NA: not known |
        | avg, min, max, median | float64 | milliseconds; NaN: the files do not say |
        | p50, p95, p99.9 ... | float64 | milliseconds, for each percentile that the run has |
        | rps | float64 | requests per second; NaN: the files do not say |

        Example:
            >>> frame = loadgate.judge("run_stats.csv").endpoints_frame()
            >>> frame.nlargest(2, "p95")[["method", "name", "p95"]]
              method                 name     p95
            0    GET                /slow  1000.0
            1   POST  /servers/[id]/state    20.0

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise UsageError(
                "endpoints_frame() needs pandas, which is not installed: pip install pandas"
            ) from error
        rows = self.to_dict()["endpoints"]
        names = {name: None for row in rows for name in row["percentiles"]}
        percentiles = [f"p{name}" for name in sorted(names, key=float)]
        for row in rows:
            row.update({f"p{name}": time for name, time in row.pop("percentiles").items()})
        dtypes = (
            dict.fromkeys(("method", "name"), "string")
            | dict.fromkeys(("requests", "failures", "expected_failures", "true_failures"), "int64")
            | {"allowed": "Int64", "unexplained": "int64"}
            | dict.fromkeys(("avg", "min", "max", "median", *percentiles, "rps"), "float64")
        )
        frame = pd.DataFrame(rows, columns=[*dtypes], dtype=object)
        return frame.astype(dtypes)

    def _repr_markdown_(self) -> str:
        """Return what notebooks show: the same as `render(verdict, "markdown")`."""
        return render(self, "markdown")

    def __repr__(self) -> str:
        """Return the outcome and the counts on one line."""
        found = self.classification
        label = cut(one_line(mask_secrets(found.run.label)), _LABEL)
        return f"<Verdict {self.outcome}: {label}, {summary(found)}>"


def completed(
    verdict: model.Verdict, *, provenance: Provenance, series: TimeSeries | None
) -> Verdict:
    """Return what the gate decided, with where the run comes from and its course over time."""
    known = {field.name: getattr(verdict, field.name) for field in fields(verdict)}
    return Verdict(**known | {"provenance": provenance, "series": series})
