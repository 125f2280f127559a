"""Whether the numbers of a result document agree with each other."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from typing import Any

from loadgate.masking import Endpoint
from loadgate.model import IMPOSSIBLE, Outcome
from loadgate.rules.thresholds import DemandError, parse_demand
from loadgate.rules.window import in_window
from loadgate.schemas import FieldError
from loadgate.text import quoted
from loadgate.wilson import holds

Object = dict[str, Any]

COUNTS = ("requests", "failures", "expected_failures", "true_failures")

_ROUNDED = 1e-6
"""How far a rate may be from its counts."""
_LIMITED = {"failures", "failure_rate", "true_failures", "true_failure_rate"}
"""Metrics of which one of the whole run always has a limit."""


def fails(check: Object) -> bool:
    """Say whether a check fails the gate, and does not only warn."""
    return check["result"] in {"failed", "missing"} and check["severity"] == "error"


def check_numbers(document: Object) -> None:
    """Raise FieldError unless the numbers and decisions of a document agree with each other.

    A partial run was counted in the strict way: its endpoints need not add up. A run with more
    failures than requests says in a warning that it has them.
    """
    run, totals, endpoints = document["run"], document["totals"], document["endpoints"]
    if run["contradictions"] and not run["partial"]:
        raise FieldError("run.partial: must be true, as there are contradictions")
    rows = {f"endpoints[{at}]": row for at, row in enumerate(endpoints)}
    for place, row in {"totals": totals, **rows}.items():
        _check_row(place, row)
    _check_rates(totals)
    _check_checks(document["checks"], totals)
    _check_outcome(document)
    _check_unique("rules", [rule["id"] for rule in document["rules"]])
    _check_unique("endpoints", [(row["method"], row["name"]) for row in endpoints])
    _check_rules(document)
    listed = _listed(document["failures"])
    _check_listed("totals", totals, [*map(sum, zip((0, 0), *listed.values(), strict=True))])
    if not run["partial"]:
        for place, row in rows.items():
            _check_listed(place, row, listed[row["method"], row["name"]])
        _check_endpoints(document)


def _check_row(place: str, row: Object) -> None:
    """Hold the numbers of an endpoint, or of the whole run, against each other.

    Only these times are compared: others may come from several files, one a second older than the
    other.
    """
    failures, expected, true = row["failures"], row["expected_failures"], row["true_failures"]
    if failures != expected + true:
        raise FieldError(
            f"{place}: {expected:,} expected and {true:,} true failures do not add up to"
            f" {failures:,}"
        )
    if row.get("unexplained", 0) > true:
        raise FieldError(f"{place}: has more unexplained failures than true ones")
    percentiles = row["percentiles"]
    _check_order(place, "min", row["min"], "max", row["max"])
    _check_order(place, "p50", percentiles.get("50"), "p95", percentiles.get("95"))


def _check_order(place: str, low: str, below: float | None, high: str, above: float | None) -> None:
    if below is not None and above is not None and below > above:
        raise FieldError(f"{place}: {low} is {below:.6g}, above {high}, {above:.6g}")


def _check_rates(totals: Object) -> None:
    """Hold the rates against the counts that they are of."""
    for key in COUNTS[1:]:
        count, requests = totals[key], totals["requests"]
        name = f"{key.removesuffix('s')}_rate"
        rate, due = totals[name], _share(count, requests)
        if rate is None and due is None:
            continue
        if rate is None or due is None or abs(rate - due) > _ROUNDED:
            shown = "null" if rate is None else f"{rate:.6g}"
            raise FieldError(
                f"totals.{name}: cannot be {shown}, as {count:,} of {requests:,} requests failed"
            )


def _share(count: int, requests: int) -> float | None:
    """Return what `share.share` does, to the nearest float: there may be thousands of documents."""
    if count < requests:
        return count / requests
    return 1.0 if count else None


def _check_checks(checks: list[Object], totals: Object) -> None:
    """Hold each check against its own numbers, and those of the whole run against the totals."""
    limited = False
    for at, check in enumerate(checks):
        place = f"checks[{at}]"
        if check["result"] in {"passed", "failed"}:
            _check_result(check, place)
        whole = check["rule"] is None and not in_window(check["require"])
        if whole and check["endpoint"] is None:
            _check_actual(check, place, totals)
            limited |= (
                check["metric"] in _LIMITED
                and check["severity"] == "error"
                and check["result"] != "not-enough-data"
            )
    if not limited:
        raise FieldError("checks: none limits the failures of the whole run")


def _check_result(check: Object, place: str) -> None:
    """Raise FieldError unless a check passed or failed as its numbers say."""
    require, actual, limit = check["require"], check["actual"], check["limit"]
    try:
        demand = parse_demand(require)
    except DemandError as error:
        raise FieldError(f"{place}.require: {error}") from error
    if demand.metric.name != check["metric"]:
        raise FieldError(f"{place}.require: is no limit on {quoted(check['metric'])}")
    if actual is None or limit is None:
        raise FieldError(f"{place}: {check['result']} without a number and a limit")
    if isinstance(demand.limit, Fraction) and not math.isclose(demand.limit, limit):
        raise FieldError(f"{place}.limit: is {limit:.6g}, and not as in {quoted(require)}")
    passed = check["result"] == "passed"
    by_confidence = passed and "Wilson" in check["note"]
    sure = not math.isclose(actual, limit) and not by_confidence
    if sure and holds(actual, demand.operator, limit) != passed:
        raise FieldError(
            f"{place}: {quoted(require)} cannot have {check['result']} with {actual:.6g}"
            f" where the limit is {limit:.6g}"
        )


def _check_actual(check: Object, place: str, totals: Object) -> None:
    """Raise FieldError where a check of the whole run has another number than the totals."""
    numbers, key = totals, check["metric"]
    if key.startswith("p"):
        numbers, key = totals["percentiles"], key.removeprefix("p")
    actual = check["actual"]
    if actual is not None and key in numbers:
        known = numbers[key]
        if known is None or not math.isclose(actual, known, rel_tol=_ROUNDED, abs_tol=_ROUNDED):
            raise FieldError(f"{place}.actual: must be that of the totals, not {actual:.6g}")


def _check_outcome(document: Object) -> None:
    failed = sum(map(fails, document["checks"]))
    requests = document["totals"]["requests"]
    due: Outcome = "failed" if failed else "passed"
    if not requests:
        due = "no-evidence"
    if document["outcome"] != due:
        raise FieldError(
            f"outcome: must be {due}, not {document['outcome']}: {failed:,} checks failed,"
            f" {requests:,} requests were made"
        )


def _check_unique(section: str, names: list[Any]) -> None:
    if len(set(names)) < len(names):
        raise FieldError(f"{section}: one is listed twice")


def _check_rules(document: Object) -> None:
    """Hold the rules to the failures that name them: what excuses makes expected, and all of it."""
    rules = document["rules"]
    matched: dict[str | None, int] = {None: 0, **{rule["id"]: 0 for rule in rules}}
    excusing = {rule["id"] for rule in rules if rule["excuses"] and rule["state"] != "expired"}
    for at, kind in enumerate(document["failures"]):
        name = kind["rule"]
        if name not in matched:
            raise FieldError(f"failures[{at}].rule: {quoted(name)} is not in rules")
        if (name in excusing) != (kind["kind"] == "expected"):
            raise FieldError(f"failures[{at}].kind: cannot be {kind['kind']} by its rule")
        matched[name] += kind["count"]
    for at, rule in enumerate(rules):
        count, state = matched[rule["id"]], rule["state"]
        if count != rule["matched"]:
            raise FieldError(
                f"rules[{at}].matched: is {rule['matched']:,}, but {count:,} failures name the rule"
            )
        if state != "expired" and (state == "used") != (count + (rule.get("allowed") or 0) > 0):
            raise FieldError(f"rules[{at}].state: cannot be {state}")


def _listed(kinds: list[Object]) -> defaultdict[Endpoint, list[int]]:
    """Return how many failures are listed of each endpoint: those expected, and the true ones."""
    listed: defaultdict[Endpoint, list[int]] = defaultdict(lambda: [0, 0])
    for kind in kinds:
        listed[kind["method"], kind["name"]][kind["kind"] == "true"] += kind["count"]
    return listed


def _check_listed(place: str, row: Object, listed: list[int]) -> None:
    """Hold the failures of an endpoint, or of the whole run, against those that are listed."""
    for key, summed in zip(COUNTS[2:], listed, strict=True):
        if row[key] != summed:
            raise FieldError(
                f"{place}.{key}: is {row[key]:,}, but the failures listed add up to {summed:,}"
            )


def _check_endpoints(document: Object) -> None:
    """Hold the endpoints against the totals, and the failures of each against its requests."""
    totals, endpoints = document["totals"], document["endpoints"]
    for key in (*COUNTS, "allowed"):
        summed, told = sum(row.get(key) or 0 for row in endpoints), totals.get(key) or 0
        if summed != told:
            raise FieldError(f"totals.{key}: is {told:,}, but the endpoints add up to {summed:,}")
    if any(text.startswith(IMPOSSIBLE) for text in document["warnings"]):
        return
    for at, row in enumerate(endpoints):  # and so for their sum
        failures, requests = row["failures"], row["requests"]
        if failures > requests:
            raise FieldError(
                f"endpoints[{at}]: {failures:,} failures of {requests:,} requests cannot be"
            )
