"""The fuzzing run: each target for its share of the time; inputs that break one are kept.

    python fuzz/run.py --seconds 300             all targets, two at a time
    python fuzz/run.py --target patterns FILE    one input again

Atheris (libFuzzer for Python) changes inputs so as to reach lines of the package that it has not
reached. It begins with `corpus/`, which the repository holds, and keeps what it finds interesting
in `.fuzz/`, which it does not.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
GROWN = HERE.parent / ".fuzz"
TARGETS = (
    "csv_files",
    "json_document",
    "html_report",
    "recording",
    "requests",
    "toml_rules",
    "json_rules",
    "result_document",
    "error_text",
    "patterns",
)
LONGEST = 20_000  # bytes of an input
SLOWEST = 20  # seconds that one input may take
AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came out of one target."""

    target: str
    runs: int
    features: int
    broken: list[Path]
    log: Path


def main() -> int:
    """Fuzz; return 1 where something broke."""
    options = parse_options()
    if options.child:
        fuzz(options.child, options.arguments)
        return 0
    if options.arguments:
        replay(options.target[0], [Path(each) for each in options.arguments])
        return 0
    chosen = options.target or list(TARGETS)
    share = max(5, options.seconds * AT_ONCE // len(chosen))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(lambda target: run(target, share), chosen))
    print(f"{'target':16} {'seconds':>8} {'inputs tried':>13} {'features':>9}  broken by")
    for each in results:
        broken = " ".join(str(path) for path in each.broken) or "nothing"
        print(f"{each.target:16} {share:>8} {each.runs:>13,} {each.features:>9,}  {broken}")
    bad = [each for each in results if each.broken or not each.runs]
    for each in bad:
        print(f"\n{each.target}: {each.log}\n{tail(each.log)}")
        for path in each.broken:
            print(f"again: {sys.executable} {__file__} --target {each.target} {path}")
    return 1 if bad else 0


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--seconds", type=int, default=300, help="for all targets together")
    add("--target", action="append", choices=TARGETS, help="only this one; may be repeated")
    add("--child", choices=TARGETS, help=argparse.SUPPRESS)
    add("arguments", nargs="*", metavar="FILE", help="inputs to try again on --target")
    options = parser.parse_args()
    if options.arguments and not options.child and len(options.target or ()) != 1:
        parser.error("say by --target what the files are inputs of")
    return options


def run(target: str, seconds: int) -> Found:
    """Fuzz one target in a process of its own."""
    grown, found = GROWN / "corpus" / target, GROWN / "broken"
    for folder in (grown, found):
        folder.mkdir(parents=True, exist_ok=True)
    before = set(found.glob(f"{target}-*"))
    log = GROWN / f"{target}.log"
    command = [
        *(sys.executable, __file__, "--child", target, "--"),
        *(f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-timeout={SLOWEST}"),
        *("-rss_limit_mb=2048", f"-artifact_prefix={found}/{target}-", "-print_final_stats=1"),
        *(str(grown), str(CORPUS / target)),
    ]
    with log.open("w") as output:
        subprocess.run(command, stdout=output, stderr=output, check=False)
    text = log.read_text(encoding="utf-8", errors="replace")
    return Found(
        target=target,
        runs=last_number(r"stat::number_of_executed_units:\s*(\d+)", text),
        features=last_number(r"\bft: (\d+)", text),
        broken=sorted(set(found.glob(f"{target}-*")) - before),
        log=log,
    )


def fuzz(target: str, arguments: Sequence[str]) -> None:
    """Fuzz in this process until the fuzzer ends it."""
    import atheris  # here: what only replays does not need it

    with atheris.instrument_imports(include=["loadgate"]):
        import targets

    atheris.Setup([sys.argv[0], *arguments], targets.TARGETS[target])
    atheris.Fuzz()


def replay(target: str, files: Sequence[Path]) -> None:
    """Try inputs again; what breaks is raised."""
    import targets

    for path in files:
        targets.TARGETS[target](path.read_bytes())
        print(f"{path}: holds")


def last_number(pattern: str, text: str) -> int:
    """Return the number that a log says last; 0: none."""
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def tail(log: Path, lines: int = 25) -> str:
    """Return the end of a log."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


if __name__ == "__main__":
    sys.exit(main())
