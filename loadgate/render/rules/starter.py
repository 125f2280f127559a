"""The rules file that `loadgate init` writes, with comments that say how to go on."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from loadgate.metrics import seconds
from loadgate.model import Classification, Example
from loadgate.render import words as wording
from loadgate.render.rules.drafts import comment, draft_lines, toml_string, undrafted_lines
from loadgate.rules.suggest import Suggestion
from loadgate.text import and_more, one_line

SCHEMA_FILE = "loadgate.schema.json"
DEFAULT_FILE = "loadgate.toml"

_ENDPOINTS_SHOWN = 40
_DRAFTS_SHOWN = 20

_HEAD = """\
# Which load test failures are the system working as designed, and which limits a run must meet.
#
{commands}#
# Review changes of this file like code: whoever can change it can excuse failures.

version = 1

# Bundled presets, and other rules files by their path relative to this one. Rules of this file come
# first. optimistic-locking excuses 409 to POST, PUT, PATCH and DELETE on /**/state{presets}
extends = ["optimistic-locking"]
"""

_PRESETS = """; there are also
# rate-limiting (429) and conditional-requests (412, 428)."""

_RULES = """\

# --- expected failures ----------------------------------------------------------------------------
# The first rule that matches a failure decides; what no rule matches is a true failure. In a
# pattern `*` is any run of characters but `/`, `**` any run of characters, {word} one segment of a
# path; `[id]` is itself.
"""

_RULE = """\
#
# [[rules]]
# id = "tool-edit-conflict"
# endpoint = "PUT /tools/[id]"
# status = 409
# why = "Optimistic locking: the tool was changed between being opened and being saved."
# at_most = "10%"                      # of each endpoint's requests; above it the gate fails
# owner = "tools-team"
# expires = 2027-06-30                 # from the next day on it excuses nothing
"""

_THRESHOLDS = """\

# --- limits ---------------------------------------------------------------------------------------

[[thresholds]]
require = "true_failure_rate <= 1%"     # the whole run
"""

_EXCEPTIONS = """\

{mark}[[thresholds]]
{mark}require = "task_exceptions <= 0"        # an exception stops a task half-way{known}
"""

_THRESHOLD = """\
#
# [[thresholds]]
{duration:<39} # a test that died early proves nothing{of}
#
# [[thresholds]]
# require = "p95 <= 800ms"
{endpoint:<39} # each matching endpoint by itself
#
# [[thresholds]]
# require = "requests >= 1000"          # a run that hardly did anything proves nothing
"""

_EXAMPLES = """\

# --- examples, run by `loadgate rules test` -------------------------------------------------------
"""

_EXAMPLE = """\

[[examples]]
endpoint = "POST /tools/[id]/state"
error = "CatchResponseError('Expected [200], got 409')"
expect = "expected"
rule = "optimistic-locking-conflict"

[[examples]]
endpoint = "POST /tools/[id]/state"
error = "CatchResponseError('Expected [200, 409], got 500')"
expect = "failure"
"""


def render_starter(
    classifications: Sequence[Classification],
    suggestion: Suggestion,
    *,
    file: str = DEFAULT_FILE,
    run: str = "run_stats.csv",
    schema: bool,
) -> str:
    """Return a rules file that decides as loadgate does without one, and says how to go on.

    Besides, exceptions in tasks fail the gate.

    It will be called `file`; commands that it shows are on the results `run`. With runs it names
    their endpoints, holds the suggestion as comments and its examples, and nothing that the runs do
    not have. With `schema` its first line tells editors of SCHEMA_FILE beside it.
    """
    directive = f"#:schema ./{SCHEMA_FILE}\n" if schema else ""
    ran = bool(classifications)
    shown = "".join(_lines(_examples(suggestion.examples))) if ran else _EXAMPLE
    commands = _lines(_commands(file, run, tested=bool(shown)))
    return "".join(
        (
            directive,
            _HEAD.format(
                commands="".join(commands), presets=_used(classifications) if ran else _PRESETS
            ),
            *_lines(_endpoints(classifications)),
            _RULES,
            *_lines(_drafts(suggestion)),
            _RULE if not ran else "",
            _THRESHOLDS,
            *_lines(_measured(classifications)),
            _exceptions(classifications),
            _THRESHOLD.format(
                duration=_duration(classifications) or '# require = "duration >= 270s"',
                of="" if _duration(classifications) else "; for --run-time 5m",
                endpoint=_busiest(classifications),
            ),
            _EXAMPLES + shown if shown else "",
        )
    )


def _used(classifications: Sequence[Classification]) -> str:
    """Return what the preset excuses in the runs, as the end of a sentence."""
    expected = sum(classification.total.expected for classification in classifications)
    if expected:
        return f"; that is\n# {wording.counted(expected, 'failure')} of these results."
    return "; that is\n# no failure of these results."


def _duration(classifications: Sequence[Classification]) -> str:
    """Return a limit a little below what the shortest run took, as a comment; "": not known."""
    known = [time for one in classifications if (time := seconds(one.run.time))]
    return f'# require = "duration >= {min(known) * 9 // 10}s"' if known else ""


def _busiest(classifications: Sequence[Classification]) -> str:
    """Return the endpoint of a threshold as a comment: that with the most requests, if any."""
    rows = [row.stats for classification in classifications for row in classification.endpoints]
    if not rows:
        return '# endpoint = "POST /tools**"'
    busiest = max(rows, key=lambda row: row.requests)
    return comment(f"endpoint = {toml_string(wording.endpoint(busiest))}")


def _examples(examples: Sequence[Example]) -> Iterator[str]:
    """Yield failures of the runs with what the file decides."""
    for one in examples:
        yield ""
        yield "[[examples]]"
        yield f"endpoint = {toml_string(f'{one.method} {one.name}')}"
        yield f"error = {toml_string(one.error)}"
        yield f'expect = "{"expected" if one.expect == "expected" else "failure"}"'
        if one.rule is not None:
            yield f"rule = {toml_string(one.rule)}"


def _commands(file: str, run: str, *, tested: bool) -> Iterator[str]:
    """Yield what to do next, a comment each, as one would type it."""
    rules = "" if file == DEFAULT_FILE else f" --rules {shlex.quote(file)}"
    commands = {
        f"loadgate check {shlex.quote(run)}{rules}": "judge a run by this file",
        f"loadgate explain {shlex.quote(run)}{rules}": "why each failure was sorted as it was",
        f"loadgate rules lint {shlex.quote(file)}": "look for mistakes in this file",
    }
    if tested:
        commands[f"loadgate rules test {shlex.quote(file)}"] = "run the [[examples]] at its end"
    shown = [one_line(command) for command in commands]
    room = max(map(len, shown)) + 2
    for command, what in zip(shown, commands.values(), strict=True):
        yield f"#   {command:<{room}}{what}"


def _lines(lines: Iterator[str]) -> Iterator[str]:
    return (f"{line}\n" for line in lines)


def _endpoints(classifications: Sequence[Classification]) -> Iterator[str]:
    """Yield the endpoints that occur, those with the most requests first."""
    requests: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    for classification in classifications:
        for row in classification.endpoints:
            requests[wording.endpoint(row.stats)] += row.stats.requests
            failures[wording.endpoint(row.stats)] += row.failures
    if not requests:
        return
    labels = ", ".join(classification.run.label for classification in classifications)
    yield ""
    yield comment(f"Endpoints of {labels}:")
    yield f"# {'requests':>11}  {'failures':>9}  endpoint"
    ordered = sorted(requests, key=lambda name: (-requests[name], name))
    for name in ordered[:_ENDPOINTS_SHOWN]:
        counts = f"{wording.narrow(requests[name]):>11}  {wording.narrow(failures[name]):>9}"
        yield f"# {counts}  {comment(name)[2:]}"
    if len(ordered) > _ENDPOINTS_SHOWN:
        yield comment(and_more(len(ordered) - _ENDPOINTS_SHOWN))


def _drafts(suggestion: Suggestion) -> Iterator[str]:
    """Yield the suggestion as comments: a person takes the marks off those that are right."""
    if suggestion.drafts:
        yield "#"
        yield comment("Drafts from that run. Uncomment what is right, and say why:")
    for draft in suggestion.drafts[:_DRAFTS_SHOWN]:
        yield "#"
        yield from (f"# {line}" for line in draft_lines(draft))
    more = len(suggestion.drafts) + suggestion.more - _DRAFTS_SHOWN
    if more > 0:
        yield "#"
        yield comment(and_more(more) + ": loadgate rules suggest RUN")
    yield from undrafted_lines(suggestion)


def _exceptions(classifications: Sequence[Classification]) -> str:
    """Return the limit on task exceptions; a comment where a run has no file that counts them."""
    known = all(one.run.task_exceptions is not None for one in classifications)
    return _EXCEPTIONS.format(
        mark="" if known else "# ", known="" if known else "; needs Locust's _exceptions.csv"
    )


def _measured(classifications: Sequence[Classification]) -> Iterator[str]:
    for classification in classifications:
        yield comment(f"{classification.run.label} had {wording.summary(classification)}")
