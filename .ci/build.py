"""The wheel and source distribution, built twice, in places unlike each other.

    python .ci/build.py [FOLDER]     by default dist/

Whoever builds the same commit gets the same bytes: the time of everything in the files is that of
the commit (SOURCE_DATE_EPOCH, reproducible-builds.org), and nothing else of the machine is in them.
The wheel is built from the source distribution, as pip does where there is no wheel.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
PLACES = (
    # Folder, umask, environment: all that has made builds differ somewhere.
    ("a", 0o022, {"TZ": "UTC", "LANG": "C.UTF-8", "PYTHONHASHSEED": "1"}),
    ("b and a longer name", 0o077, {"TZ": "Asia/Tokyo", "LANG": "C", "PYTHONHASHSEED": "2"}),
)


def main() -> int:
    """Build twice, compare, and put the files where they belong."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct").strip()
    with TemporaryDirectory(prefix="loadgate-build-") as folder:
        built = [build(Path(folder), place, epoch) for place in PLACES]
        sums = [{path.name: digest(path) for path in sorted(each.iterdir())} for each in built]
        if sums[0] != sums[1]:
            print(f"not reproducible: two builds of one commit differ\n  {sums[0]}\n  {sums[1]}")
            return 1
        target.mkdir(parents=True, exist_ok=True)
        for path in built[0].iterdir():
            shutil.copyfile(path, target / path.name)
    for name, found in sums[0].items():
        print(f"{found}  {name}")
    return 0


def build(folder: Path, place: tuple[str, int, dict[str, str]], epoch: str) -> Path:
    """Build in a copy of what git knows of; return the folder of the two files."""
    name, mask, environment = place
    source = folder / name
    files = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    before = os.umask(mask)
    try:
        for file in filter(None, files):
            if (ROOT / file).is_file():
                (source / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / file, source / file)
                if os.access(ROOT / file, os.X_OK):
                    (source / file).chmod(0o777 & ~mask)
        made = folder / f"{name} made"
        done = subprocess.run(
            [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(made), str(source)],
            env=os.environ | environment | {"SOURCE_DATE_EPOCH": epoch},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        os.umask(before)
    if done.returncode:
        sys.exit(f"the build failed:\n{done.stdout}{done.stderr}")
    return made


def git(*arguments: str) -> str:
    """Return what git says of this checkout."""
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
