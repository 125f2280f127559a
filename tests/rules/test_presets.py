"""The bundled presets: what they excuse, what they do not, and that a wheel finds them, too."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from loadgate.model import Rule
from loadgate.rules import files, load_policy, presets

NAMES = ["conditional-requests", "optimistic-locking", "rate-limiting"]
RULES = Path(__file__).parents[2] / "rules"


def _decides(preset: str, method: str, name: str, status: int) -> Rule | None:
    """Return the rule that decides a failure with a known status."""
    for rule in load_policy(preset).rules:
        if rule.endpoint.matches(method, name) and status in (rule.statuses or {status}):
            return rule
    return None


@pytest.mark.parametrize(
    ("preset", "method", "name", "status", "expected"),
    [
        pytest.param(
            "optimistic-locking", "POST", "/tools/[id]/state", 409,
            "optimistic-locking-conflict", id="toggle",
        ),
        pytest.param(
            "optimistic-locking", "PUT", "http://host/servers/7/state?activate=true", 409,
            "optimistic-locking-conflict", id="url",
        ),
        pytest.param(
            "optimistic-locking", "POST", "POST /tools/[id]/state", 409,
            "optimistic-locking-conflict", id="own-method",
        ),
        pytest.param(
            "optimistic-locking", "PUT", "[PUT] /tools/[id]/state?activate=true", 409,
            "optimistic-locking-conflict", id="own-method-in-brackets",
        ),
        pytest.param(
            "optimistic-locking", "GET", "POST /tools/[id]/state", 409, None, id="another-method",
        ),
        pytest.param("optimistic-locking", "POST", "/pay?next=/a/state", 409, None, id="query"),
        pytest.param("optimistic-locking", "GET", "/tools/[id]/state", 409, None, id="read"),
        pytest.param("optimistic-locking", "POST", "/tools", 409, None, id="name-is-taken"),
        pytest.param("optimistic-locking", "POST", "/mystate", 409, None, id="no-segment"),
        pytest.param("optimistic-locking", "POST", "/tools/[id]/state", 500, None, id="error"),
        pytest.param(
            "rate-limiting", "", "any name", 429, "rate-limiting-too-many-requests", id="limited",
        ),
        pytest.param("rate-limiting", "GET", "/", 503, None, id="overload"),
        pytest.param(
            "conditional-requests", "PATCH", "/tools/[id]", 412,
            "conditional-requests-outdated", id="outdated",
        ),
        pytest.param(
            "conditional-requests", "PUT", "/tools/[id]", 428,
            "conditional-requests-unconditional", id="unconditional",
        ),
        pytest.param("conditional-requests", "GET", "/tools/[id]", 412, None, id="412-to-a-read"),
        pytest.param("conditional-requests", "PUT", "/tools/[id]", 409, None, id="conflict"),
    ],
)  # fmt: skip
def test_what_presets_excuse(
    preset: str, method: str, name: str, status: int, expected: str | None
) -> None:
    """A preset excuses what its name says, and nothing near it."""
    rule = _decides(preset, method, name, status)
    assert (rule and rule.id) == expected


def test_all_presets_are_found() -> None:
    """The folder holds these presets and nothing else, so none ships untested."""
    assert list(presets()) == NAMES
    assert sorted(path.name for path in RULES.iterdir()) == [f"{name}.toml" for name in NAMES]


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in NAMES])
def test_presets_are_careful(name: str) -> None:
    """Every rule has a budget and an id that tells its preset; demands are left to the team."""
    document = tomllib.loads((RULES / f"{name}.toml").read_text(encoding="utf-8"))
    assert "thresholds" not in document
    for rule in load_policy(name).rules:
        assert rule.excuses
        assert rule.at_most is not None
        assert rule.id.startswith(f"{name}-")


def test_no_two_presets_share_an_id() -> None:
    """All presets together keep all of their rules."""
    each = [rule.id for name in NAMES for rule in load_policy(name).rules]
    assert len(set(each)) == len(each)


def test_in_a_wheel_presets_are_beside_the_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the package has a folder `presets`, that is the one."""
    shutil.copytree(RULES, tmp_path / "loadgate" / "presets")
    monkeypatch.setattr(files, "__file__", str(tmp_path / "loadgate" / "rules" / "files.py"))
    assert presets()["rate-limiting"].parent == tmp_path / "loadgate" / "presets"
    assert load_policy("rate-limiting").origins == ("preset rate-limiting",)
