"""Download the result documents of the last days from the artifacts of the repository.

weekly-report.yml calls it. GitHub's own command line, `gh`, handles the token.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_LARGEST = 100 << 20  # bytes of an unpacked artifact; result documents have some ten thousand


def main() -> int:
    """Download the artifacts of these days; return the exit code."""
    options = _options()
    since = datetime.now(UTC) - timedelta(days=options.days)
    wanted = [one for one in _artifacts() if _is_wanted(one, options, since)]
    for artifact in wanted:
        _download(artifact, options.folder / str(artifact["id"]))
    print(f"{len(wanted)} artifacts of the last {options.days} days")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("folder", type=Path, help="where each artifact gets a folder of its own")
    add("--prefix", required=True, help="how the names of the artifacts begin")
    add("--branch", required=True, help="the branch whose runs count")
    add("--days", type=int, default=15, help="how far to look back (default: two weeks, and a day)")
    return parser.parse_args()


def _artifacts() -> list[dict[str, Any]]:
    """Return all artifacts of the repository, as GitHub describes them."""
    repository = os.environ["GITHUB_REPOSITORY"]
    pages = json.loads(
        _gh("--paginate", "--slurp", f"repos/{repository}/actions/artifacts?per_page=100")
    )
    return [artifact for page in pages for artifact in page["artifacts"]]


def _is_wanted(artifact: dict[str, Any], options: argparse.Namespace, since: datetime) -> bool:
    """Say whether it is a result of the branch itself: a fork may call its branch the same."""
    run = artifact.get("workflow_run") or {}
    return (
        artifact["name"].startswith(options.prefix)
        and not artifact["expired"]
        and datetime.fromisoformat(artifact["created_at"]) >= since
        and run.get("head_branch") == options.branch
        and run.get("repository_id") == run.get("head_repository_id")
    )


def _download(artifact: dict[str, Any], folder: Path) -> None:
    repository = os.environ["GITHUB_REPOSITORY"]
    folder.mkdir(parents=True)
    packed = folder / "artifact.zip"
    packed.write_bytes(_gh(f"repos/{repository}/actions/artifacts/{artifact['id']}/zip"))
    with zipfile.ZipFile(packed) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
            sys.exit(f"artifact {artifact['id']}: larger than {_LARGEST:,} bytes")
        archive.extractall(folder)  # zipfile keeps all of it below the folder
    packed.unlink()


def _gh(*arguments: str) -> bytes:
    done = subprocess.run(["gh", "api", *arguments], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"gh api {arguments[-1]}: failed with exit code {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
