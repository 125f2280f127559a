"""Suggestions as TOML to append to a rules file: drafts of rules, and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from loadgate.masking import mask_secrets
from loadgate.render import words as wording
from loadgate.rules.suggest import Suggestion
from loadgate.rules.suggest.drafts import CONTENTION, Draft
from loadgate.rules.suggest.others import Candidate, Cover
from loadgate.text import cut, one_line, toml_string

TODO = "TODO"
"""How the reason of a draft begins; `rules lint` refuses it until a person replaced it."""

_COLUMNS = 98
_RUNS_SHOWN = 5
_UNNAMED_SHOWN = 20
_PATTERN_SIGNS = re.compile(r"\*|\{[A-Za-z_][A-Za-z0-9_]*\}")
_HEAD = (
    "Drafted by `loadgate rules suggest`. No tool can know whether a refusal is intended: say"
    " in `why` why it is, or delete the rule. `loadgate rules lint` rejects a `why` that still"
    " begins with TODO."
)
_WIDE = "`*` and {word} are wildcards in a pattern: check what else this one matches."
_MERGED = (
    "Covers {:,} endpoints of the run that differ only in identifiers. Give such requests one name"
    " in the locustfile, so that the budget covers them together."
)
_HIGH = "Half of the requests or more are refused: that looks more like a fault."
_FEW = "{} are too few to measure a budget: set one when you know more."


def comment(text: str) -> str:
    """Return a text as one line of comment, with what could end or steer the line taken out."""
    return f"# {cut(one_line(mask_secrets(text)), _COLUMNS)}"


def render_suggestion(suggestion: Suggestion) -> str:
    """Return the drafts as TOML without a `version`, so that it can follow a rules file."""
    lines: list[str] = []
    if suggestion.drafts:
        lines += ["", *_wrapped(_HEAD)]
    else:
        lines += _wrapped(
            "Nothing to draft: no failures without a rule that look like contention (409, 412, 423,"
            " 428 or 429 to POST, PUT, PATCH or DELETE)."
        )
    for draft in suggestion.drafts:
        lines += ["", *draft_lines(draft)]
    if suggestion.more:
        lines += ["", comment(f"and {suggestion.more:,} more like these")]
    for endpoint in suggestion.unnamed[:_UNNAMED_SHOWN]:
        lines += ["", comment(f"No pattern can name this endpoint: {endpoint}")]
    lines += undrafted_lines(suggestion)
    return "".join(f"{line}\n" for line in lines)


def undrafted_lines(suggestion: Suggestion) -> Iterator[str]:
    """Yield what there is besides drafts, as comments.

    Presets, wordings of likely statuses, rules on texts, what is left.
    """
    for cover in suggestion.covers:
        yield "#"
        yield from _wrapped(_cover(cover))
    if suggestion.likely.counts:
        yield "#"
        yield from _wrapped(f"{wording.likely(suggestion.likely)}.")
        for line in wording.wording_lines(suggestion.likely, _UNNAMED_SHOWN):
            yield f"# {line}"
    for candidate in suggestion.candidates:
        yield "#"
        yield from (f"# {line}" for line in _candidate_lines(candidate))
    if suggestion.refused:
        yield "#"
        yield from _wrapped("No rule is suggested for these:")
        for one in suggestion.refused:
            endpoint, what = (
                cut(one_line(mask_secrets(text)), _COLUMNS) for text in (one.endpoint, one.what)
            )
            yield from _wrapped(f"- {one.count:,} of {endpoint}: {what}: {one.reason}")
    if suggestion.rare:
        yield "#"
        rare = wording.counted(suggestion.rare, "true failure")
        yield comment(f"{rare} of other kinds: `loadgate explain` shows them")


def _cover(cover: Cover) -> str:
    endpoints = wording.counted(cover.endpoints, "endpoint")
    text = f'extends = ["{cover.preset}"] covers {wording.counted(cover.failures, "failure")}'
    text += f" of {endpoints}. Add the preset to `extends` at the top of the file if that is right."
    if cover.above:
        text += f" At {cover.above:,} of them the failures exceed its budget, so the gate fails."
    return text


def _candidate_lines(candidate: Candidate) -> Iterator[str]:
    """Yield a rule on a text, for which more than taking the # off is needed."""
    failures = wording.counted(candidate.count, "failure")
    yield f"{failures} whose text tells no status. If they are intended, uncomment this:"
    yield "[[rules]]"
    yield f"id = {toml_string(candidate.id)}"
    yield f"endpoint = {toml_string(candidate.pattern)}"
    yield f"error = {toml_string(candidate.error)}"
    yield f'why = "{TODO}: say why this is intended, or delete this rule."'


def draft_lines(draft: Draft) -> Iterator[str]:
    """Yield the lines of one draft."""
    reason = CONTENTION[draft.status]
    yield "[[rules]]"
    yield f"id = {toml_string(draft.id)}"
    if draft.endpoints > 1:
        yield from _wrapped(_MERGED.format(draft.endpoints))
    elif _PATTERN_SIGNS.search(draft.name):
        yield from _wrapped(_WIDE)
    yield f"endpoint = {toml_string(draft.pattern)}"
    status = toml_string(draft.status) if isinstance(draft.status, str) else draft.status
    yield f"status = {status} # {reason}"
    why = f"{TODO}: say why {draft.status} {reason} is right here, or delete this rule."
    yield f"why = {toml_string(why)}"
    for one in draft.measured[:_RUNS_SHOWN]:
        rate = wording.share_text(one.count, one.requests)
        yield comment(f"Measured: {one.count:,} of {one.requests:,} requests ({rate}) in {one.run}")
    if len(draft.measured) > _RUNS_SHOWN:
        yield comment(f"and less in {len(draft.measured) - _RUNS_SHOWN:,} more")
    for text in draft.texts:
        yield comment(f"Text: {text}")
    highest = draft.measured[0]
    if 2 * highest.count > highest.requests:
        yield comment(_HIGH)
    elif draft.at_most > Fraction(1, 2):
        yield comment(_FEW.format(wording.counted(highest.requests, "request")))
    note = " # a little above what was measured" if draft.at_most < 1 else ""
    yield f'at_most = "{percentage(draft.at_most)}"{note}'
    yield f"expires = {draft.expires.isoformat()}"


def percentage(share: Fraction) -> str:
    """Return a share of finitely many decimals as `at_most` has it: "19%", "0.3%"."""
    value = share * 100
    text = f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def _wrapped(text: str) -> Iterator[str]:
    from textwrap import wrap

    for line in wrap(text, _COLUMNS):
        yield f"# {line}"
