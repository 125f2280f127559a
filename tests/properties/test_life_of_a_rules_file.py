"""A rules file that is written, edited, split and left to grow old, judging the same run all along."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from builders import TODAY
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from loadgate import load_policy
from loadgate.classify import classify
from loadgate.rules.examples import run_examples

from .oracle import excused, expected_by_endpoint
from .worlds import PROPERTY, WORLDS, Failure, World, written_rules

TAUGHT = "zap {status} zap"
ZAPPED = Failure(endpoint=("POST", "/tools/state"), text="zap 409 zap", status=None, count=7)
PERCENT = st.sampled_from(("0.5%", "25%", "100%"))


class LifeOfARulesFile(RuleBasedStateMachine):
    """Two files, of which the first extends the second, and a team that keeps editing them."""

    own: list[dict[str, Any]]
    extended: list[dict[str, Any]]

    @initialize(world=WORLDS)
    def begin(self, world: World) -> None:
        """A run, and files without a rule."""
        self.place = TemporaryDirectory()
        self.own, self.extended = [], []
        self.number = 0
        self.today = TODAY
        self.taught = False
        self.world = replace(world, failures=(*world.failures, ZAPPED))

    def teardown(self) -> None:
        """Remove the files."""
        if hasattr(self, "place"):
            self.place.cleanup()

    @rule(written=written_rules(), first=st.booleans(), extended=st.booleans())
    def add(self, written: dict[str, Any], *, first: bool, extended: bool) -> None:
        """Somebody adds a rule."""
        self.number += 1
        of = self.extended if extended else self.own
        of.insert(0 if first else len(of), {"id": f"r{self.number}", **written})

    @precondition(lambda self: self.extended)
    @rule(data=st.data(), written=written_rules())
    def replace(self, data: st.DataObject, written: dict[str, Any]) -> None:
        """The team decides otherwise on an id of the file that it extends."""
        id_ = data.draw(st.sampled_from([each["id"] for each in self.extended]))
        if all(each["id"] != id_ for each in self.own):
            self.own.append({"id": id_, **written})

    @precondition(lambda self: self.own)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        """Somebody takes a rule out."""
        self.own.remove(data.draw(st.sampled_from(self.own)))

    @precondition(lambda self: self.own)
    @rule(data=st.data())
    def reorder(self, data: st.DataObject) -> None:
        """Somebody moves rules about."""
        self.own = data.draw(st.permutations(self.own))

    @precondition(lambda self: self.own)
    @rule(data=st.data(), budget=PERCENT)
    def limit(self, data: st.DataObject, budget: str) -> None:
        """A rule that excuses gets another budget, which is no matter of what it excuses."""
        chosen = data.draw(st.sampled_from(self.own))
        if chosen.get("as") != "failure":
            chosen["at_most"] = budget

    @precondition(lambda self: self.own)
    @rule(data=st.data(), days=st.integers(-5, 30))
    def renew(self, data: st.DataObject, days: int) -> None:
        """A rule gets another last day."""
        chosen = data.draw(st.sampled_from(self.own))
        if chosen.get("as") != "failure":
            chosen["expires"] = self.today + timedelta(days=days)

    @rule()
    def teach(self) -> None:
        """The team teaches its own wording."""
        self.taught = True

    @rule(days=st.integers(1, 20))
    def grow_old(self, days: int) -> None:
        """Days go by."""
        self.today += timedelta(days=days)

    @invariant()
    def it_means_what_it_says(self) -> None:
        """What is excused is what the rules say, read one by one; so say the file's examples."""
        if not hasattr(self, "place"):
            return
        rules = [*self.own, *(each for each in self.extended if not self.overridden(each))]
        failures = [
            replace(each, status=409) if self.taught and each is ZAPPED else each
            for each in self.world.failures
        ]
        examples = [
            {
                "method": each.endpoint[0],
                "endpoint": each.endpoint[1],
                "error": each.text,
                "expect": "expected" if excused(each, rules, self.today) else "failure",
            }
            for each in failures
            if each.endpoint[0]
        ]
        policy = load_policy(self.write(examples), today=self.today)
        found = classify(self.world.run(), policy)
        assert +Counter(
            {(row.stats.method, row.stats.name): row.expected for row in found.endpoints}
        ) == expected_by_endpoint(failures, rules, self.today)
        assert [of.rule.id for of in found.rules] == [each["id"] for each in rules]
        results = run_examples(policy)
        assert len(results) == len(examples)
        assert [result.problem for result in results if result.problem] == []

    def overridden(self, rule: dict[str, Any]) -> bool:
        """Say whether a rule of the extended file is replaced."""
        return any(each["id"] == rule["id"] for each in self.own)

    def write(self, examples: list[dict[str, Any]]) -> Path:
        """Write both files; return the first."""
        folder = Path(self.place.name)
        (folder / "base.toml").write_text(toml(self.extended, [], []), encoding="utf-8")
        header = [f"extends = {json.dumps(['./base.toml'])}"]
        text = toml(self.own, header, examples)
        if self.taught:
            text += f"[[status_texts]]\ntext = {value(TAUGHT)}\n"
        (folder / "loadgate.toml").write_text(text, encoding="utf-8")
        return folder / "loadgate.toml"


def toml(rules: list[dict[str, Any]], header: list[str], examples: list[dict[str, Any]]) -> str:
    """Return a rules file."""
    lines = ["version = 1", *header]
    for table, items in (("rules", rules), ("examples", examples)):
        for item in items:
            lines.append(f"[[{table}]]")
            lines += [f"{key} = {value(of)}" for key, of in item.items()]
    return "\n".join(lines) + "\n"


def value(of: object) -> str:
    """Return a value as TOML writes it; its texts and lists are written as in JSON."""
    return of.isoformat() if isinstance(of, date) else json.dumps(of)


LifeOfARulesFile.TestCase.settings = settings(
    PROPERTY, max_examples=PROPERTY.max_examples // 3, stateful_step_count=12
)
TestLifeOfARulesFile = LifeOfARulesFile.TestCase
