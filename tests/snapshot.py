"""Snapshots of everything loadgate says about recorded runs, to compare before and after a change.

    python tests/snapshot.py write DIR      keep exit codes and outputs in DIR
    python tests/snapshot.py compare DIR    run again and say what differs; exit 1 for a decision

It judges every run below examples/ and, where it is there, in the folder `shared` beside the
checkout: in each form it lies in, with several policies, by the command that is installed. Time,
place and environment are fixed, so that only the code can make a difference.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import gzip
import importlib
import json
import multiprocessing
import os
import pkgutil
import re
import runpy
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NoReturn

from snapshot_cases import OUT, Case, cases_of, inputs, other_cases
from snapshot_diff import Changes, Files, compare

ROOT = Path(__file__).resolve().parents[1]
WRITTEN = 1795420800.0  # all inputs, 2026-11-23 08:00 UTC: the time of a run that tells none
HANGS = 300  # seconds
HEAVY = ("altair", "distributed", "locust", "pandas", "scipy")
"""What a few cases load for themselves: a process that holds it takes twice as long to fork."""

# --- running it -----------------------------------------------------------------------------------


def prepare(place: Path) -> None:
    """Make `place` the current folder, with a copy of all inputs, and the environment bare."""
    shutil.copytree(ROOT / "examples", place / "examples")
    for name in ("runs", "seed-run"):
        if (ROOT.parent / "shared" / name).is_dir():
            shutil.copytree(ROOT.parent / "shared" / name, place / "shared" / name)
    (place / "no-rules.toml").write_text("version = 1\n", encoding="utf-8")
    for path in place.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (WRITTEN, WRITTEN))
    os.chdir(place)
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    os.environ.clear()
    os.environ.update(kept, COLUMNS="80", LC_ALL="C.UTF-8", TZ="UTC", OPENBLAS_NUM_THREADS="1")
    time.tzset()
    _load_all()


def _load_all() -> None:
    """Load loadgate once, so that the processes that are forked off start in no time."""
    package = importlib.import_module("loadgate")
    without: dict[str, Any] = dict.fromkeys(HEAVY)
    sys.modules.update(without)
    for module in pkgutil.walk_packages(package.__path__, "loadgate.", onerror=lambda _: None):
        if not module.name.endswith("__main__"):
            with contextlib.suppress(ImportError):
                importlib.import_module(module.name)
    for name in HEAVY:
        del sys.modules[name]
    gc.freeze()


def run(case: Case) -> Files:
    """Run the command in a process of its own; return all that it left."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    streams = [Path("stdout"), Path("stderr")]
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _be_the_command(case, streams)
    _, status = os.waitpid(child, 0)
    files = {"exit code": str(os.waitstatus_to_exitcode(status))}
    written = sorted(path for path in OUT.rglob("*") if path.is_file())
    for path in [*streams, *written]:
        files[_steady(str(path))] = _steady(path.read_text(encoding="utf-8", errors="replace"))
    return files


def _be_the_command(case: Case, streams: list[Path]) -> NoReturn:
    code: object = -1
    try:
        signal.alarm(HANGS)
        os.environ.update(case.environment)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, path in enumerate(streams, start=1):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.argv = ["loadgate", *case.arguments]
        if case.arguments:
            (command,) = entry_points(group="console_scripts", name="loadgate")
            command.load()()
        else:
            runpy.run_module("loadgate.action", run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as error:
        code = error.code or 0
    except BaseException:  # noqa: BLE001 - it is what the command did
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


def _steady(text: str) -> str:
    """Take out what differs from run to run: the folder, names of temporary folders, the version."""
    version = importlib.import_module("loadgate").__version__
    text = text.replace(str(Path.cwd()), "FOLDER").replace(version, "VERSION")
    text = re.sub(r"loadgate-[a-z0-9_]{8}(?=/)", "loadgate-TEMPORARY", text)
    return re.sub(r"\bend-[0-9a-f]{32}\b", "end-RANDOM", text)


def _begin(place: Path) -> None:
    mine = place / str(os.getpid())
    mine.mkdir()
    prepare(mine)


def _run_all(task: tuple[str, list[Case]]) -> tuple[str, dict[str, Files]]:
    target, cases = task
    return target, {case.name: run(case) for case in cases}


def take(*, only: str = "", jobs: int = 0) -> Iterator[tuple[str, dict[str, Files]]]:
    """Run all cases of the inputs whose names hold `only`; return what each left."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        processes = multiprocessing.get_context("fork")
        with processes.Pool(jobs or os.cpu_count(), _begin, (place,)) as pool:
            tasks = [*pool.apply(_others), *pool.apply(_each)]
            chosen = [task for task in tasks if only in task[0]]
            yield from pool.imap_unordered(_run_all, chosen)


def _others() -> list[tuple[str, list[Case]]]:
    return list(other_cases())


def _each() -> list[tuple[str, list[Case]]]:
    return [(target, cases_of(target, given=given)) for target, given in inputs()]


# --- keeping it -----------------------------------------------------------------------------------


def write(folder: Path, taken: Iterable[tuple[str, dict[str, Files]]]) -> None:
    """Write one file for each input."""
    for target, by_case in taken:
        path = folder / f"{target.replace('/', '+')}.json.gz"
        with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
            json.dump(by_case, file, indent=1, ensure_ascii=False)


def read(folder: Path, *, only: str = "") -> Iterator[tuple[str, dict[str, Files]]]:
    """Read what `write` wrote."""
    for path in sorted(folder.glob("*.json.gz")):
        target = path.name.removesuffix(".json.gz").replace("+", "/")
        if only in target:
            with gzip.open(path, "rt", encoding="utf-8") as file:
                yield target, json.load(file)


# --- the command ----------------------------------------------------------------------------------


def main() -> int:
    """Write or compare, as the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("action", choices=["write", "compare"])
    parser.add_argument("folder", type=Path, help="the snapshot, outside the repository")
    parser.add_argument(
        "--with", dest="other", type=Path, help="compare with this snapshot instead"
    )
    parser.add_argument("--only", default="", help="only inputs whose path holds this text")
    parser.add_argument(
        "--meant", action="append", default=[], help="a changed field that is meant"
    )
    parser.add_argument("--most", type=int, default=40, help="show so many changes of prose")
    parser.add_argument("--jobs", type=int, default=0, help="processes; by default one per core")
    chosen = parser.parse_args()
    folder: Path = chosen.folder.resolve()
    if folder.is_relative_to(ROOT):
        parser.error(f"{folder} is in the repository; name a folder outside")
    if chosen.action == "write":
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            parser.error(f"{folder} is not empty; name a new folder")
        write(folder, take(only=chosen.only, jobs=chosen.jobs))
        return 0
    if not any(folder.glob("*.json.gz")):
        parser.error(f"{folder} holds no snapshot; write one first")
    with tempfile.TemporaryDirectory() as fresh:
        other = chosen.other
        if other is None:
            other = Path(fresh)
            write(other, take(only=chosen.only, jobs=chosen.jobs))
        changes = _compare_all(folder, other, chosen.only)
    sys.stdout.write(changes.show(chosen.most) + "\n")
    return int(any(not what.endswith(tuple(chosen.meant)) for what in changes.decisions))


def _compare_all(old: Path, new: Path, only: str) -> Changes:
    changes, after = Changes(), dict(read(new, only=only))
    for target, cases in read(old, only=only):
        compare(cases, after.pop(target, {}), target, changes)
    for target, cases in after.items():
        compare({}, cases, target, changes)
    return changes


if __name__ == "__main__":
    sys.exit(main())
