"""docs/why-not-locust-alone.md: its listener decides as the page says."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from docs.console import ROOT, blocks

PAGE = ROOT / "docs" / "why-not-locust-alone.md"
FIRE = """
from locust.env import Environment

environment = Environment(events=events)
for number in range({requests}):
    error = "500 Server Error" if number < {failures} else None
    environment.stats.log_request("POST", "/tools/[id]/state", {time}, 0)
    if error:
        environment.stats.log_error("POST", "/tools/[id]/state", error)
gate(environment)
print(environment.process_exit_code)
"""


@pytest.mark.skipif(find_spec("locust") is None, reason="Locust is not installed")
@pytest.mark.parametrize(
    ("requests", "failures", "time", "code"),
    [
        pytest.param(0, 0, 5, 3, id="no-requests"),
        pytest.param(200, 1, 5, 0, id="few-failures"),
        pytest.param(200, 9, 5, 1, id="many-failures"),
        pytest.param(200, 0, 900, 1, id="slow"),
    ],
)
def test_the_listener_sets_the_exit_code(
    requests: int, failures: int, time: int, code: int, tmp_path: Path
) -> None:
    """The code on the page is what a reader would copy."""
    (text,) = [block.text for block in blocks(PAGE) if block.file == "locustfile.py"]
    script = tmp_path / "script.py"
    script.write_text(text + FIRE.format(requests=requests, failures=failures, time=time), "utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, str(code)), done.stderr


def test_the_other_locustfile_is_python() -> None:
    """It needs no gate of its own."""
    (text,) = [block.text for block in blocks(PAGE) if block.file == "locustfile_plain.py"]
    compile(text, "locustfile_plain.py", "exec")
    assert "catch_response" not in text
