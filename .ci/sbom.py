"""Bills of materials of a wheel: what an installation of it, and of each extra, holds.

    python .ci/sbom.py WHEEL FOLDER

Each is CycloneDX 1.6 JSON, checked by its schema, of a fresh environment in which only the wheel is
installed: what a user gets on the day of the release. Two runs on one day write the same bytes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
GOT = {"cyclonedx-py": "cyclonedx-bom"}
"""Programs that may be missing, and what has them."""
LOCK = ROOT / ".github" / "requirements" / "release.txt"
EXTRAS = ("", "report", "fleet", "pytest")


def main() -> int:
    """Write a bill for the wheel alone, and for each extra."""
    wheel, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    name, version, *_ = wheel.name.split("-")
    for extra in EXTRAS:
        written = folder / f"{name}-{version}{'-' + extra if extra else ''}.cdx.json"
        with TemporaryDirectory(prefix="loadgate-sbom-") as place:
            about = Path(place) / "pyproject.toml"
            text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
            # The version stands in the package; a bill of what nobody could name is worth little.
            about.write_text(
                text.replace('dynamic = ["version"]', f'version = "{version}"'), encoding="utf-8"
            )
            run(sys.executable, "-m", "venv", "--without-pip", place)
            python = next(Path(place).glob("[bS]*/python*"))
            wanted = f"{wheel}[{extra}]" if extra else str(wheel)
            run("uv", "pip", "install", "--quiet", "--python", str(python), wanted)
            run(
                *("cyclonedx-py", "environment", "--pyproject", str(about)),
                *("--output-reproducible", "--mc-type", "application", "--output-file"),
                *(str(written), str(python)),
            )
        print(written)
    return 0


def run(program: str, *arguments: str) -> None:
    """Run a program that is beside this Python, or that uv gets; end if it fails."""
    beside = Path(sys.executable).parent / program
    command = [str(beside) if beside.exists() else program, *arguments]
    if program in GOT and not beside.exists():
        command = [
            "uv",
            "tool",
            "run",
            "--constraints",
            str(LOCK),
            "--from",
            GOT[program],
            *command,
        ]
        if (Path(sys.executable).parent / "uv").exists():
            command[0] = str(Path(sys.executable).parent / "uv")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{program} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
