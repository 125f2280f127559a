"""Examples of a rules file, decided by its rules."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from builders import SERVER_ERROR, example, policy, rule
from conftest import Pinned

from loadgate.errors import RulesError
from loadgate.model import Example, Policy
from loadgate.rules import load_policy, presets
from loadgate.rules.examples import run_examples

RULES = policy(rule("toggle"), rule("carve-out", endpoint="POST /admin/state", excuses=False))


@pytest.mark.parametrize(
    ("of", "status"),
    [
        pytest.param(example(), None, id="expected"),
        pytest.param(example(rule="toggle"), None, id="by-that-rule"),
        pytest.param(example(SERVER_ERROR, expect="true"), None, id="a-failure"),
        pytest.param(
            example(SERVER_ERROR),
            "500",
            id="no-rule",
        ),
        pytest.param(
            example("what?"),
            "unknown",
            id="unknown-status",
        ),
        pytest.param(
            example(expect="true"),
            "409",
            id="excused",
        ),
        pytest.param(
            example(rule="carve-out"),
            "409",
            id="another-rule",
        ),
        pytest.param(
            example(SERVER_ERROR, expect="true", rule="toggle"),
            "500",
            id="no-rule-where-one-must",
        ),
    ],
)
def test_what_is_wrong_with_an_example(of: Example, status: str | None, pinned: Pinned) -> None:
    """An example that is decided otherwise says how, by which rule, and which status was read."""
    (result,) = run_examples(policy(*RULES.rules, examples=[of]))
    assert (result.problem is None) is (status is None)
    if result.problem and status:
        assert result.problem.endswith(f" {status}")
        pinned(result.problem)


def test_an_expired_rule_says_so() -> None:
    """From the day after its last one a rule excuses nothing, and the example names that day."""
    old = rule("old", expires=date(2026, 1, 31))
    (result,) = run_examples(policy(old, examples=[example()]))
    assert result.problem is not None
    assert "rule old matches" in result.problem
    assert "2026-01-31" in result.problem


def test_taught_wordings_and_error_globs_count() -> None:
    """An example is decided as a failure of a run would be, with all that the file teaches."""
    of = policy(
        rule("text", statuses=None, error="*deadlock*"),
        rule("status"),
        status_texts=["refused with {status}"],
        examples=[example("a deadlock", rule="text"), example("refused with 409", rule="status")],
    )
    assert [result.problem for result in run_examples(of)] == [None, None]


def test_examples_of_extended_files_are_theirs(tmp_path: Path) -> None:
    """A file that extends another may decide otherwise; each file's examples are run with it."""
    (tmp_path / "team.toml").write_text(
        'version = 1\n[[rules]]\nid = "a"\nendpoint = "/x"\nstatus = 409\nwhy = "w"\n'
        '[[examples]]\nendpoint = "GET /x"\nerror = "HTTP 409"\nexpect = "expected"\n'
    )
    (tmp_path / "own.toml").write_text(
        'version = 1\nextends = ["team.toml"]\n[[rules]]\nid = "b"\nendpoint = "/x"\nstatus = 409\n'
        'why = "w"\nas = "failure"\n'
        '[[examples]]\nendpoint = "x y"\nmethod = "DB query"\nerror = "HTTP 409"\nexpect = "failure"\n'
    )
    team = load_policy(tmp_path / "team.toml")
    own = load_policy(tmp_path / "own.toml")
    assert [result.problem for result in run_examples(team)] == [None]
    (result,) = run_examples(own)
    assert (result.example.method, result.example.name) == ("DB query", "x y")
    assert len(own.examples) == 2


def _load(tmp_path: Path, example_toml: str) -> Policy:
    path = tmp_path / "loadgate.toml"
    path.write_text(
        'version = 1\n[[rules]]\nid = "toggle"\nendpoint = "/x"\nstatus = 409\nwhy = "w"\n'
        f"[[examples]]\n{example_toml}\n"
    )
    return load_policy(path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            'endpoint = "GET /x"\nerror = "e"\nexpect = "failure"\nrule = "togle"',
            'examples[1]: rule: there is no rule "togle"; did you mean "toggle"?',
            id="unknown-rule",
        ),
        pytest.param(
            'endpoint = "/x"\nerror = "e"\nexpect = "failure"',
            'examples[1]: endpoint: "/x" must be a request type and a name',
            id="no-method",
        ),
    ],
)
def test_examples_that_cannot_be_run_are_problems(tmp_path: Path, text: str, problem: str) -> None:
    """What an example names must be there."""
    with pytest.raises(RulesError) as caught:
        _load(tmp_path, text)
    assert problem in str(caught.value)


def test_an_unknown_rule_of_an_extended_file_names_that_file(tmp_path: Path) -> None:
    """A problem in a file that is extended says which file it is in."""
    (tmp_path / "team.toml").write_text(
        'version = 1\n[[examples]]\nendpoint = "GET /x"\nerror = "e"\nexpect = "failure"\nrule = "a"\n'
    )
    (tmp_path / "own.toml").write_text('version = 1\nextends = ["team.toml"]\n')
    with pytest.raises(RulesError, match="team.toml:6: examples.1.: rule: there is no rule"):
        load_policy(tmp_path / "own.toml")


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in presets()])
def test_presets_carry_examples_that_hold(name: str) -> None:
    """Each rule of a preset has an example of what it excuses, and the preset one of what not."""
    of = load_policy(name)
    results = run_examples(of)
    assert [result.problem for result in results] == [None] * len(results)
    excused = {result.example.rule for result in results if result.example.expect == "expected"}
    assert excused == {rule.id for rule in of.rules}
    assert any(result.example.expect == "true" for result in results)
