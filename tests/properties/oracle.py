"""The oracle: which failures are expected by written rules, as plainly as design and docs say it.

It shares no code with the package: patterns become regular expressions, a status is what the maker
of the text knows, and each failure asks the rules one after another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from .worlds import Endpoint, Failure


def expected_by_endpoint(
    failures: Iterable[Failure], rules: Sequence[dict[str, Any]], today: date
) -> Counter[Endpoint]:
    """Return how many failures of each endpoint are expected."""
    expected: Counter[Endpoint] = Counter()
    for each in failures:
        if excused(each, rules, today):
            expected[each.endpoint] += each.count
    return expected


def excused(failure: Failure, rules: Sequence[dict[str, Any]], today: date) -> bool:
    """Say whether the first rule that matches a failure excuses it."""
    for rule in rules:
        if matches(rule, failure):
            in_force = "expires" not in rule or today <= rule["expires"]
            return rule.get("as") != "failure" and in_force
    return False


def matches(rule: dict[str, Any], failure: Failure) -> bool:
    """Say whether a rule is about a failure."""
    methods, _, pattern = rule["endpoint"].rpartition(" ")
    method, name = failure.endpoint
    if methods and method not in methods.split(","):
        return False
    if not name_regex(pattern, wide=rule.get("as") == "failure").fullmatch(name):
        return False
    if "status" in rule and failure.status not in rule["status"]:
        return False
    return "error" not in rule or any(
        text_regex(rule["error"]).fullmatch(text) for text in meanings(failure.text)
    )


def name_regex(pattern: str, *, wide: bool) -> re.Pattern[str]:
    """Translate a name pattern; in a rule that excuses, only its end takes what no path holds."""
    found = re.escape(pattern)
    found = re.sub(r"/\\\*\\\*(?=/)", "(?:/.*)?", found).replace(r"\*\*", ".*")
    found = found.replace(r"\*", "[^/]*").replace(r"\{x\}", "[^/]+")
    if not wide:
        found = re.sub(r"(?<!\\)\.(?=\*.)", r"[^\\s?#;&=%]", found)
        found = re.sub(r"\[\^/\](?=[*+].)", r"[^\\s?#;&=%/]", found)
    return re.compile(found, re.DOTALL)


def text_regex(glob: str) -> re.Pattern[str]:
    """Translate a glob on texts."""
    return re.compile(re.sub(r"(?:\\\*)+", ".*", re.escape(glob)), re.DOTALL)


def meanings(text: str) -> set[str]:
    """Return a text as it stands, without quotes around it, and without its class around it."""
    unquoted = text[1:-1] if text[:1] == text[-1:] == '"' else text
    inner = re.fullmatch(r"\w+\('(.*)'\)", unquoted, re.DOTALL)
    return {text, unquoted, *([inner[1]] if inner else [])}
