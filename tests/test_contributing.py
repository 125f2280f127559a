"""CONTRIBUTING: what it says how to add is added, to a copy of the package, and used."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import WriteRun

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(
    r"^```python\n(.*?)^```$",
    (ROOT / "CONTRIBUTING.md").read_text("utf-8"),
    re.MULTILINE | re.DOTALL,
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return the folder of a copy of the package and its presets."""
    folder = tmp_path / "copy"
    shutil.copytree(
        ROOT / "loadgate", folder / "loadgate", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(ROOT / "rules", folder / "rules")
    return folder


def add(block: str, file: Path, place: str) -> None:
    """Add a block of the page behind a line of a file."""
    text = file.read_text("utf-8")
    assert text.count(place) == 1, place
    file.write_text(text.replace(place, place + block), "utf-8")


def ran(copy: Path, *words: str, code: int) -> str:
    """Return what the copy prints; it is no part of what coverage measures."""
    kept = {name: text for name, text in os.environ.items() if "COVERAGE" not in name}
    command = [sys.executable, "-m", "loadgate", *words]
    done = subprocess.run(
        command, cwd=copy, env=kept, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (code, "")
    return done.stdout


def block_with(word: str) -> str:
    """Return the one block of the page with a word."""
    (found,) = (block for block in BLOCKS if word in block)
    return str(found)


def test_a_metric_takes_one_row(copy: Path, write_run: WriteRun) -> None:
    """It is read, valued, held against a baseline and at endpoints; nothing ends with 70."""
    now = str(write_run())
    base = str(write_run([("POST", "/tools/[id]/state", 800, 8)], None, folder="base"))
    block = block_with("Definition(")
    name = block.split('"')[1]
    add(block, copy / "loadgate" / "metrics.py", "_TABLE: dict[str, Definition] = {\n")
    for demand, code, actual in (
        (f"{name} <= 5", 1, "990"),
        (f"{name} >= 5", 0, "990"),
        (f"{name} <= baseline + 10%", 1, "990"),
        (f"{name} <= baseline + 200", 0, "990"),
        (f"{name} >= baseline - 10%", 0, "990"),
        (f"{name} >= baseline", 0, "990"),
    ):
        words = ["--allow-partial", "--baseline", base] if "baseline" in demand else []
        told = ran(copy, "check", now, "--threshold", demand, *words, code=code)
        assert re.search(
            rf"^(passed|FAILED)  {name} .* {actual}  the whole run", told, re.MULTILINE
        )
    rules = copy / "loadgate.toml"
    rules.write_text(
        "version = 1\n"
        f'[[thresholds]]\nrequire = "{name} >= 991"\nendpoint = "POST /**"\n'
        f'[[thresholds]]\nrequire = "{name} >= baseline"\nendpoint = "POST /**"\n'
    )
    told = ran(copy, "check", now, "--baseline", base, "--allow-partial", code=1)
    assert re.findall(rf"^(\w+)  {name} ", told, re.MULTILINE) == ["FAILED", "passed"]


def test_an_output_format_takes_a_module_and_an_entry(copy: Path, write_run: WriteRun) -> None:
    """It is offered, and written to files and standard output."""
    block = block_with("Format(")
    name = block.split('"')[1]
    add(block, copy / "loadgate" / "render" / "__init__.py", "FORMATS = {\n")
    (copy / "loadgate" / "render" / "verdict" / f"{name}.py").write_text(
        "def render(verdict):\n    return f'outcome: {verdict.outcome}\\n'\n"
    )
    words = ["check", str(write_run()), f"--output={name}", f"--output={name}:out.{name}"]
    assert ran(copy, *words, code=0) == "outcome: passed\n"
    assert "outcome: passed\n" in (copy / f"out.{name}").read_text("utf-8")


def test_a_rule_condition_takes_one_line_and_its_key(copy: Path, write_run: WriteRun) -> None:
    """It decides failures, says why it does not, and lint compares it."""
    block = block_with("findall")
    key = block.split('"')[1]
    add(block, copy / "loadgate" / "matching.py", '    "error": lambda text, _: messages(text),\n')
    schema = json.loads((copy / "loadgate" / "schemas" / "rules.json").read_text("utf-8"))
    table = schema["properties"]["rules"]["items"]
    table["anyOf"].append({"required": [key]})
    table["properties"][key] = table["properties"]["error"]
    (copy / "loadgate" / "schemas" / "rules.json").write_text(json.dumps(schema))
    run = str(write_run())
    rule = '[[rules]]\nid = "{}"\nendpoint = "POST /**"\nwhy = "A race was lost."\n{} = "{}"\n'
    rules = copy / "loadgate.toml"

    def write(*conditions: tuple[str, str, str]) -> None:
        tables = "".join(rule.format(*condition) for condition in conditions)
        rules.write_text(f"version = 1\n{tables}")

    write(("a", key, "Catch*"))
    assert "10 expected + 0 true" in ran(copy, "check", run, code=0)
    write(("a", key, "Response"))
    told = " ".join(ran(copy, "explain", run, code=0).split())
    assert f"its {key} pattern does not match: Response; *Response* would" in told
    told = " ".join(ran(copy, "rules", "lint", "--run", run, code=0).split())
    assert f'{key} = "*Response*" would match 10 failures' in told
    write(("a", key, "Catch*"), ("b", key, "CatchResponse*"), ("c", "error", "*"))
    told = ran(copy, "rules", "lint", code=1)
    assert re.findall(r"Rule (.) is unreachable", told) == ["b"]
    rules.write_text("version = 1\n" + rule.format("a", key, ""))
    assert f"{key}: must not be empty" in ran(copy, "rules", "lint", code=2)


def test_a_column_takes_one_line(copy: Path, write_run: WriteRun) -> None:
    """It is in both forms of the weekly report."""
    block = block_with("Column(")
    title = block.split('"')[1]
    place = '            Column("Run", _run),\n'
    line = f"            {block.strip()},\n"
    add(line, copy / "loadgate" / "render" / "weekly" / "tables.py", place)
    run = str(write_run())
    ran(
        copy,
        "report",
        run,
        "--since=2000-01-01",
        "--output=markdown:a.md",
        "--output=html:a.html",
        code=0,
    )
    assert f"| Run | {title} | " in (copy / "a.md").read_text("utf-8")
    assert f">{title}</th>" in (copy / "a.html").read_text("utf-8")


def test_a_finding_takes_a_file(copy: Path) -> None:
    """It is in the text and in the JSON document, with code and severity."""
    (copy / "loadgate" / "rules" / "lint" / "long_id.py").write_text(
        "from loadgate.rules.lint.findings import Check, each_rule\n"
        "def _long(rule, _):\n"
        "    return 'has a long id', 'Choose a shorter id.'\n"
        "CHECKS = (Check(code='long-id', about='The id is long.', severity='warning',"
        " find=each_rule(_long)),)\n"
    )
    (copy / "loadgate.toml").write_text(
        'version = 1\n[[rules]]\nid = "a"\nendpoint = "POST /a"\nstatus = 409\n'
        'why = "One of two writers loses."\n'
    )
    assert "warning[long-id]\n  Rule a has a long id." in ran(copy, "rules", "lint", code=0)
    assert '"code": "long-id"' in ran(copy, "rules", "lint", "--output=json", code=0)
