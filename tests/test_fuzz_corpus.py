"""Every input of the corpus, through the target that it is for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from targets import TARGETS

FUZZ = Path(__file__).parents[1] / "fuzz"
CORPUS = FUZZ / "corpus"
INPUTS = [
    pytest.param(path.parent.name, path, id=f"{path.parent.name}-{path.name}")
    for path in sorted(CORPUS.glob("*/*"))
]


@pytest.mark.parametrize(("target", "path"), INPUTS)
def test_what_the_fuzzer_found_holds(target: str, path: Path) -> None:
    """No input breaks what its target checks."""
    TARGETS[target](path.read_bytes())


def test_every_target_is_fuzzed_and_has_a_corpus() -> None:
    """The runner does not import the targets, so it has their names once more."""
    assert {path.name for path in CORPUS.iterdir()} == TARGETS.keys()
    (names,) = (
        node.value
        for node in ast.parse((FUZZ / "run.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TARGETS"
    )
    assert list(ast.literal_eval(names)) == list(TARGETS)


@pytest.mark.parametrize(
    ("target", "data"),
    [
        pytest.param("error_text", b"got 409", id="a-status-made-up"),
        pytest.param("patterns", b"/a*\n/a\n/abc", id="a-match-made-up"),
        pytest.param("csv_files", (CORPUS / "csv_files" / "newest").read_bytes(), id="a-count"),
    ],
)
def test_a_target_can_fail(target: str, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that reads wrongly is found out."""
    import targets

    from loadgate.status import Reading

    class Nothing:
        def __init__(self, *_: object) -> None:
            self.methods = frozenset({"POST"})
            self.text = "POST /a*"

        @classmethod
        def parse(cls, *_: object, **__: object) -> Nothing:
            return cls()

        def matches(self, *_: object) -> bool:
            return False

        includes = includes_names = matches

    monkeypatch.setattr(targets, "read_status", lambda _: Reading(status=500, source="label"))
    monkeypatch.setattr(targets, "EndpointPattern", Nothing)
    monkeypatch.setattr(targets, "_number", lambda *_: 1_000_000)
    with pytest.raises(AssertionError):
        TARGETS[target](data)
