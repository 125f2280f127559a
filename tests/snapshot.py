"""Snapshots of everything loadgate says about recorded runs, to compare before and after a change.

    python tests/snapshot.py write DIR      keep exit codes and outputs in DIR
    python tests/snapshot.py compare DIR    run again and say what differs; exit 1 for a decision

It judges every run below examples/ and, where it is there, in the folder `shared` beside the
checkout: in each form it lies in, with several policies, by the command that is installed. Time,
place and environment are fixed, so that only the code can make a difference.

A decision is an exit code, a field of a document, a line of a CSV file, or a figure in a text. The
rest is prose.
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
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path, PurePath
from typing import Any, NoReturn
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[1]
TODAY = "--today=2026-11-27"
WRITTEN = 1795420800.0  # all inputs, 2026-11-23 08:00 UTC: the time of a run that tells none
OUT = Path("out")
HANGS = 300  # seconds
HEAVY = ("altair", "distributed", "pandas", "scipy")
"""What a few cases load for themselves: a process that holds it takes twice as long to fork."""

RULES = "examples/runs/loadgate.toml"
POLICIES: dict[str, tuple[str, ...]] = {
    "default": (),
    "no-rules": ("--rules=no-rules.toml",),
    "example": (f"--rules={RULES}", "--threshold=true_failure_rate <= 5%"),
    "preset": ("--rules=rate-limiting", "--threshold=true_failure_rate <= 20%"),
    "limits": (
        "--rules=examples/runs/strict.toml",
        "--strict-rules",
        "--baseline=examples/runs",
        "--threshold=true_failures <= 0",
        "--threshold=p95 <= 1ms",
        "--threshold=p95 <= baseline + 10%",
        "--threshold=new_failure_kinds <= 0",
        "--threshold=status_5xx <= 0",
        "--threshold=status_unknown_rate <= 0.1%",
    ),
    "partial": ("--allow-partial", "--threshold=true_failure_rate <= 100%"),
}
OUTPUTS: tuple[str, ...] = (
    "text",
    "json:out/result.json",
    "markdown:out/result.md",
    "junit:out/result.xml",
)
OUTPUTS += ("github:out/github.txt", "csv:out/locust")
RESULT = re.compile(r"stats(_requests)?\.csv|\.html|(stdout|run_file|stats_requests)\.json")
"""The files that people give to check; of others the verdict is kept alone."""

MISSING = "(missing)"
PROSE = {"headline", "note", "problem", "remedy", "sentence", "signature", "why", "words"}
PROSE |= {"contradictions[]", "warnings[]"}
"""Fields of documents that hold prose. That one is there, or not, is a decision all the same."""
IDENTITY: tuple[str, ...] = (
    "source",
    "role",
    "path",
    "day",
    "method",
    "name",
    "status",
    "kind",
    "id",
    "require",
)
IDENTITY += ("endpoint", "rule", "concern", "code", "file", "line")
FIGURE = re.compile(r"\d[\d,.]*%?|PASSED|FAILED|NO EVIDENCE|(?:TRUE|EXPECTED)\s+\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call of the command."""

    name: str
    arguments: tuple[str, ...] = ()
    """What stands behind `loadgate`; without any it is the GitHub Action that runs."""
    environment: dict[str, str] = field(default_factory=dict)


Files = dict[str, str]
"""The exit code, the standard streams and the files that were written, by name."""


# --- what is run ----------------------------------------------------------------------------------


def inputs() -> list[tuple[str, bool]]:
    """Return all inputs below the current folder, and whether each is what people give."""
    found: list[tuple[str, bool]] = []
    for folder, _, names in sorted(os.walk(".")):
        place = folder.removeprefix("./")
        if names and not place.startswith((".", "out", "examples/optimistic", "examples/weeks")):
            found.append((place, True))
            for name in sorted(names):
                path = f"{place}/{name}"
                found.append((path, bool(RESULT.search(name))))
                if name.endswith("_stats.csv"):
                    found.append((path.removesuffix("_stats.csv"), True))
    return found


def cases_of(target: str, *, given: bool) -> list[Case]:
    """Return what is asked about one input: of a folder everything, of other forms the most."""
    if not given:
        return [_check(target, "default", "json:out/result.json")]
    explain = ("explain", target, TODAY)
    cases = [Case(name="explain", arguments=(*explain, f"--rules={RULES}"))]
    if not Path(target).is_dir():
        return [*cases, *(_check(target, name, *OUTPUTS) for name in ("default", "partial"))]
    compared = ("text", "markdown:out/comparison.md", "json:out/comparison.json")
    options = (TODAY, *(f"--output={output}" for output in compared))
    lint = ("rules", "lint", RULES, target, TODAY, "--output=json")
    return [
        *cases,
        *(_check(target, name, *OUTPUTS) for name in POLICIES),
        Case(name="explain all", arguments=(*explain, "--rules=rate-limiting", "--all")),
        Case(name="compare", arguments=("compare", "examples/runs", target, *options)),
        Case(name="suggest", arguments=("rules", "suggest", target, TODAY)),
        Case(name="lint", arguments=lint),
        Case(name="action", environment=_action(target)),
    ]


def _check(target: str, policy: str, *outputs: str) -> Case:
    options = (TODAY, *POLICIES[policy], *(f"--output={output}" for output in outputs))
    return Case(name=f"check {policy}", arguments=("check", target, *options))


def _action(target: str) -> dict[str, str]:
    return {
        "LOADGATE_RESULTS": target,
        "LOADGATE_RULES": "rate-limiting",
        "RUNNER_TEMP": str(OUT),
        "GITHUB_OUTPUT": str(OUT / "outputs.txt"),
        "GITHUB_STEP_SUMMARY": str(OUT / "summary.md"),
    }


def other_cases() -> Iterator[tuple[str, list[Case]]]:
    """Return what is asked about many inputs at once, and about rules files."""
    weeks: dict[str, tuple[str, ...]] = {"examples/weeks": ("2026-W46", "2026-W47")}
    if Path("shared/runs").is_dir():
        weeks["shared/runs"] = ("2026-W48",)
    for folder, names in weeks.items():
        for week in names:
            for rules, charts in (("optimistic-locking", "mermaid"), (RULES, "svg")):
                written = ("markdown:out/report.md", "html:out/report.html", "json:out/report.json")
                asked = ("report", folder, f"--week={week}", TODAY, "--jobs=1", f"--rules={rules}")
                options = (f"--charts={charts}", *(f"--output={output}" for output in written))
                case = Case(name=f"report {charts}", arguments=(*asked, *options))
                yield f"{folder} {week} {charts}", [case]
    for folder in ("examples", "shared/runs"):
        if Path(folder).is_dir():
            options = (TODAY, "--output=text", "--output=json:out/{label}.json")
            yield f"all of {folder}", [Case(name="check", arguments=("check", folder, *options))]
    files = ("examples/runs/strict.toml", "examples/optimistic-locking/loadgate.toml")
    for rules in (RULES, *files, "optimistic-locking", "rate-limiting", "conditional-requests"):
        yield (
            f"rules {rules}",
            [
                Case(name="lint", arguments=("rules", "lint", rules, TODAY)),
                Case(name="lint json", arguments=("rules", "lint", rules, TODAY, "--output=json")),
                Case(name="test", arguments=("rules", "test", rules, TODAY)),
            ],
        )


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


# --- comparing it ---------------------------------------------------------------------------------


class Changes:
    """What differs, in groups: one field in many documents is one change."""

    def __init__(self) -> None:
        self.decisions: dict[str, dict[str, str]] = defaultdict(dict)
        """By field: the documents in which it differs, and how, as seen first."""
        self.prose: dict[str, dict[str, str]] = defaultdict(dict)

    def add(self, document: str, what: str, how: str, *, decision: bool) -> None:
        """Note a difference."""
        group = self.decisions if decision else self.prose
        group[what].setdefault(document, how)

    def show(self, most: int) -> str:
        """Return all decisions, then the most frequent changes of prose."""
        lines = [f"{len(self.decisions)} decisions changed"]
        lines += self._lines(self.decisions, len(self.decisions))
        lines.append(f"{len(self.prose)} texts changed")
        lines += self._lines(self.prose, most)
        if len(self.prose) > most:
            lines.append(f"  ... and {len(self.prose) - most} more; --most shows more")
        return "\n".join(lines)

    def _lines(self, groups: dict[str, dict[str, str]], most: int) -> Iterator[str]:
        ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
        for what, documents in ordered[:most]:
            yield f"  {what}: in {len(documents)}"
            for document, how in list(documents.items())[:2]:
                yield f"      {document}: {how}"


def compare(old: dict[str, Files], new: dict[str, Files], target: str, changes: Changes) -> None:
    """Note what differs between the cases of one input."""
    for case in sorted(old.keys() | new.keys()):
        document = f"{target} ({case})"
        before, after = old.get(case), new.get(case)
        if before is None or after is None:
            changes.add(document, "case", _change(before, after), decision=True)
            continue
        for name in sorted(before.keys() | after.keys()):
            command = case.split()[0]
            what = f"{command} {PurePath(name).name}"
            if name not in before or name not in after:
                changes.add(
                    document,
                    f"{what} (file)",
                    _change(name in before, name in after),
                    decision=True,
                )
            elif before[name] != after[name]:
                for path, how, decision in differences(name, before[name], after[name]):
                    changes.add(document, f"{what}: {path}", how, decision=decision)


def differences(name: str, old: str, new: str) -> Iterator[tuple[str, str, bool]]:
    """Return what differs in two files of one name: what, how, and whether it is a decision."""
    if name == "exit code":
        yield "exit code", f"{old} -> {new}", True
        return
    documents = _documents(name, old, new)
    if documents is not None:
        for path, where, before, after in walk(*documents):
            decision = path.rpartition(".")[2] not in PROSE or MISSING in {before, after}
            yield path, f"{where} {_change(before, after)}".strip(), decision
        if not name.endswith(".xml"):
            return
    elif not name.endswith((".html", ".svg")) and figures(old) != figures(new):
        gone, come = sorted(figures(old) - figures(new)), sorted(figures(new) - figures(old))
        yield "figures", f"{' '.join(gone[:8]) or 'none'} -> {' '.join(come[:8]) or 'none'}", True
    yield from _lines_changed(name, old, new)


def _documents(name: str, old: str, new: str) -> tuple[Any, Any] | None:
    """Return both as nested dicts and lists, where they are documents."""
    read_document: Callable[[str], Any] = _junit if name.endswith(".xml") else json.loads
    try:
        return read_document(old), read_document(new)
    except (ValueError, ET.ParseError):
        return None


def _junit(text: str) -> Any:
    """Return how many tests there are, and how each ended."""
    suite = ET.fromstring(text)  # noqa: S314 - loadgate wrote it
    ends = [sorted(end.tag for end in test) for test in suite.iter("testcase")]
    return {**suite.attrib, "testcases": ends}


def walk(
    old: Any, new: Any, path: str = "", where: str = ""
) -> Iterator[tuple[str, str, Any, Any]]:
    """Return the fields that differ: path, which item of its lists, value before and after."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            deeper = f"{path}.{key}".lstrip(".")
            before, after = old.get(key, MISSING), new.get(key, MISSING)
            yield from walk(before, after, deeper, where)
    elif isinstance(old, list) and isinstance(new, list):
        before, after = _named(old), _named(new)
        for name in [*before, *(name for name in after if name not in before)]:
            here = f"{where} [{name}]".strip()
            yield from walk(before.get(name, MISSING), after.get(name, MISSING), f"{path}[]", here)
        if before.keys() == after.keys() and list(before) != list(after):
            yield f"{path}[] (order)", where, next(iter(before)), next(iter(after))
    elif old != new or type(old) is not type(new):
        yield path, where, old, new


def _named(items: list[Any]) -> dict[str, Any]:
    """Name each item by what identifies it; a running number tells like ones apart."""
    named, seen = {}, Counter[str]()
    for item in items:
        known = [item[key] for key in IDENTITY if key in item] if isinstance(item, dict) else []
        name = " ".join(str(value) for value in known if not isinstance(value, dict))
        seen[name] += 1
        named[f"{name} {seen[name]}".strip()] = item
    return named


def figures(text: str) -> set[str]:
    """Return the numbers and verdicts in a text, and how many annotations of each kind it has."""
    annotations = Counter(re.findall(r"(?m)^::\w+", text))
    found = {" ".join(figure.rstrip(".,").split()) for figure in FIGURE.findall(text)}
    return found | {f"{kind} x {count}" for kind, count in annotations.items()}


def _lines_changed(name: str, old: str, new: str) -> Iterator[tuple[str, str, bool]]:
    """Return lines that are only in one of two texts; those that differ in numbers alone are one."""
    decision = name.endswith(".csv")
    before, after = Counter(old.splitlines()), Counter(new.splitlines())
    gone, come = before - after, after - before
    for sign, lines in (("-", gone), ("+", come)):
        for line in lines:
            shape = re.sub(r"\d[\d,.]*", "N", line.strip())[:160]
            yield f"{sign} {shape}", "", decision
    if not gone and not come:
        yield "order of lines", "", decision


def _change(old: Any, new: Any) -> str:
    shown = [json.dumps(value, ensure_ascii=False)[:120] for value in (old, new)]
    return " -> ".join(shown)


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
