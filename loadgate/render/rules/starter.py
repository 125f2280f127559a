"""The rules file that `loadgate init` writes: starter.toml, filled in."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from string import Template

from loadgate import schemas
from loadgate.metrics import seconds
from loadgate.model import Classification, Example
from loadgate.published import address
from loadgate.render import words as wording
from loadgate.render.rules.drafts import comment, draft_lines, undrafted_lines
from loadgate.rules.suggest import Suggestion
from loadgate.text import and_more, one_line, toml_string

SCHEMA_FILE = "loadgate.schema.json"
DEFAULT_FILE = "loadgate.toml"

_ENDPOINTS_SHOWN = 40
_DRAFTS_SHOWN = 20

_TEMPLATE = Path(__file__).with_name("starter.toml")

_PRESETS = """; there are also
# rate-limiting (429) and conditional-requests (412, 428)."""

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

_EXAMPLES = """
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
    not have. Its first line tells editors of the published schema, or of SCHEMA_FILE beside it.
    """
    ran = bool(classifications)
    examples = _lines(_examples(suggestion.examples)) if ran else _EXAMPLE
    counted = all(one.run.task_exceptions is not None for one in classifications)
    duration = _duration(classifications)
    text = Template(_TEMPLATE.read_text("utf-8")).substitute(
        commands=_lines(_commands(file, run, tested=bool(examples))),
        docs=address("rules"),
        presets=_excused(classifications) if ran else _PRESETS,
        endpoints=_lines(_endpoints(classifications)),
        rules=_lines(_drafts(suggestion)) + ("" if ran else _RULE),
        measured=_lines(
            comment(f"{one.run.label} had {wording.summary(one)}") for one in classifications
        ),
        exceptions="" if counted else "# ",
        exceptions_file="" if counted else "; needs Locust's _exceptions.csv",
        gap="" if counted else "#",
        duration=(duration or '# require = "duration >= 270s"').ljust(39),
        run_time="" if duration else "; for --run-time 5m",
        busiest=_busiest(classifications).ljust(39),
        examples=_EXAMPLES + examples if examples else "",
    )
    named = f"./{SCHEMA_FILE}" if schema else schemas.schema("rules")["$id"]
    return f"#:schema {named}\n{text.rstrip()}\n"


def _excused(classifications: Sequence[Classification]) -> str:
    """Return what the preset excuses in the runs, as the end of a sentence."""
    expected = sum(classification.total.expected for classification in classifications)
    failures = wording.counted(expected, "failure") if expected else "no failure"
    return f"; that is\n# {failures} of these results."


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
        f"loadgate check {shlex.quote(run)}{rules}": "check a run against this file",
        f"loadgate explain {shlex.quote(run)}{rules}": "show why each failure is expected or true",
        f"loadgate rules lint {shlex.quote(file)}": "find mistakes in this file",
    }
    if tested:
        commands[f"loadgate rules test {shlex.quote(file)}"] = "run the [[examples]] at its end"
    shown = [one_line(command) for command in commands]
    room = max(map(len, shown)) + 2
    for command, what in zip(shown, commands.values(), strict=True):
        yield f"#   {command:<{room}}{what}"


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _endpoints(classifications: Sequence[Classification]) -> Iterator[str]:
    """Yield the endpoints that occur, those with the most requests first."""
    requests: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    for row in (row for classification in classifications for row in classification.endpoints):
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
