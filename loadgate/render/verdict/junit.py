"""A verdict as a JUnit report, with a test case for each check."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from loadgate.model import Verdict
from loadgate.render import words as wording
from loadgate.render.verdict.pages import page_of
from loadgate.text import cut, listed, numbered, one_line

_KINDS_SHOWN = 15
_TEXT = 1000  # columns of an attribute or line; what is longer loses its middle
_MARKUP = re.compile("[&<>\"']")
# Everything that is no character of XML 1.0, and what a reader would normalise away.
_NO_XML = re.compile("[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    """Return a text as one line that is well-formed inside an attribute and between tags."""
    plain = _NO_XML.sub("", cut(one_line(text), _TEXT))
    return _MARKUP.sub(lambda found: f"&#{ord(found.group())};", plain)


def render(verdict: Verdict) -> str:
    """Return one test suite, as Jenkins and GitLab read it.

    A check that fails is a failure, one that could not be judged an error, one without enough data
    skipped; one that holds, or is only a warning, passes and says so in its output. Without
    evidence there is one more case, an error. Cases have the order of the policy and names without
    a limit, so that a test has one history when its limit or its result changes.
    """
    label = escape(verdict.classification.run.label)
    told = [*map(wording.check_line, verdict.checks)]
    cases = [
        _case(one, name, label, verdict)
        for one, name in zip(told, distinct(map(escape, map(subject, told))), strict=True)
    ]
    if verdict.outcome == "no-evidence":
        message = escape(f"{wording.headline(verdict)}. {wording.NO_EVIDENCE}")
        body = f'<error type="no-evidence" message="{message}"/>'
        cases.insert(0, _wrapped("the run made requests", label, body))
    text = "\n".join(cases)
    counts = {
        "tests": len(cases),
        "failures": text.count("<failure "),
        "errors": text.count("<error "),
        "skipped": text.count("<skipped "),
    }
    numbers = " ".join(f'{name}="{number}"' for name, number in counts.items())
    return "".join(
        f"{line}\n"
        for line in (
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<testsuite name="loadgate" {numbers} time="0">',
            *cases,
            f"  <system-out>{_output(verdict)}</system-out>",
            "</testsuite>",
        )
    )


def _wrapped(name: str, label: str, body: str) -> str:
    start = f'  <testcase classname="loadgate.{label}" name="{name}" time="0"'
    return f"{start}>\n    {body}\n  </testcase>"


def distinct(names: Iterable[str]) -> Iterator[str]:
    """Yield the names; those that are the same are numbered in their order."""
    taken: set[str] = set()
    for name in names:
        taken.add(found := numbered(name, taken))
        yield found


def subject(one: wording.CheckLine) -> str:
    """Return what a check is about, without its limit: "p95 of GET /tools"."""
    check = one.check
    if check.rule is not None:
        return f"budget of rule {check.rule} at {one.endpoint}"
    demand = check.require.removeprefix(check.metric.name).strip()
    kinds = {"minimum": demand.startswith(">")}
    kinds |= {name: name in demand for name in ("baseline", "history")}
    window = [] if check.window is None else [check.window.text]
    kind = ", ".join([*(kind for kind, holds in kinds.items() if holds), *window])
    return f"{check.metric.name} of {one.endpoint}" + (f" ({kind})" if kind else "")


def _case(one: wording.CheckLine, name: str, label: str, verdict: Verdict) -> str:
    message = escape(one.sentence)
    if one.mark == "skipped":
        body = f'<skipped message="{message}"/>'
    elif one.mark == "warning":
        body = f"<system-out>warning: {message}</system-out>"
    elif one.mark == "passed":
        body = f"<system-out>{message}</system-out>"
    elif one.check.result == "missing":
        body = f'<error type="{one.check.result}" message="{message}"/>'
    else:
        lines = [*_causes(verdict, one.check.endpoint), f"See {page_of(one.check)}"]
        causes = "\n".join(map(escape, lines))
        body = f'<failure type="{one.check.result}" message="{message}">{causes}</failure>'
    return _wrapped(name, label, body)


def _causes(verdict: Verdict, endpoint: str | None) -> Iterator[str]:
    """Yield the failures of the endpoint, or the run, that a failed check may be about."""
    classification = verdict.classification
    yield wording.summary(classification)
    kinds = [kind for kind in classification.failures if endpoint in {None, wording.endpoint(kind)}]
    causes = [
        f"{kind.count:,} {kind.decision}: {wording.endpoint(kind)}: {wording.error(kind)}"
        for kind in kinds
    ]
    yield from listed(causes, _KINDS_SHOWN, "failure kinds")


def _output(verdict: Verdict) -> str:
    classification = verdict.classification
    lines = [
        f"{wording.VERDICTS[verdict.outcome]}: {wording.headline(verdict)}",
        wording.summary(classification),
        *([wording.PARTIAL] if classification.run.partial else []),
        *(f"warning: {text}" for text in classification.warnings),
        wording.idle_rules(verdict),
        f"rules: {', '.join(classification.origins)}",
        f"files: {', '.join(wording.files(classification))}",
        f"baseline: {', '.join(verdict.baseline)}" if verdict.baseline else "",
        f"history: {', '.join(verdict.history)}" if verdict.history else "",
    ]
    return "\n".join(escape(line) for line in lines if line)
