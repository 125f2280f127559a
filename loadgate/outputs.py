"""A verdict and the outputs that were asked for in, files written whole or not at all out."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadgate.ending import finishing, unwinding
from loadgate.errors import LoadgateError, OutputError, ResultError, UsageError
from loadgate.model import Verdict
from loadgate.read.kinds import kind_of
from loadgate.read.raw import without_gz
from loadgate.render import FORMATS, render, render_csv

LABEL = "{label}"
STDOUT = "-"


@dataclass(frozen=True, slots=True)
class Output:
    """One `--output FORMAT[:PATH]`."""

    format: str
    path: str
    """STDOUT, or a path in which LABEL stands for the label of the run."""

    @classmethod
    def parse(cls, text: str, formats: Sequence[str] = FORMATS) -> Output:
        """Read the option of a command that has these formats; raises UsageError."""
        format_, colon, path = text.partition(":")
        if format_ not in formats:
            raise UsageError(
                f"--output {text}: there is no format {format_!r}; the formats are"
                f" {', '.join(formats)}"
            )
        if colon and not path:
            raise UsageError(f"--output {text}: no path behind the colon")
        path = path or STDOUT
        if format_ == "csv" and path == STDOUT:
            raise UsageError(
                "--output csv: writes two files, so it needs a path: csv:PATH writes"
                " PATH_stats.csv and PATH_failures.csv"
            )
        return cls(format_, path)


def parse_outputs(texts: Iterable[str], *, runs: int) -> tuple[Output, ...]:
    """Read all `--output` options of a check of so many runs; raises UsageError."""
    outputs = tuple(Output.parse(text) for text in texts) or (Output("text", STDOUT),)
    paths = [output.path for output in outputs if output.path != STDOUT]
    for output in outputs:
        if runs > 1 and output.path == STDOUT and output.format in {"json", "junit"}:
            raise UsageError(
                f"--output {output.format}: {runs} documents would follow one another on standard"
                f" output; write them to files: {output.format}:{LABEL}.{output.format}"
            )
    for path in paths:
        if runs > 1 and LABEL not in path:
            raise UsageError(
                f"--output {path}: {runs} runs would be written to one file;"
                f" put {LABEL} into the path"
            )
    documents = [o.format for o in outputs if o.path == STDOUT and o.format in {"json", "junit"}]
    if len(documents) > 1:
        raise UsageError(
            f"--output {documents[1]}: {' and '.join(documents)} would follow one another on"
            f" standard output; give one of them a path: {documents[1]}:PATH"
        )
    _refuse_twins(target for output in outputs for target in _targets(output, ""))
    return outputs


def parse_each(texts: Iterable[str], formats: Sequence[str]) -> tuple[Output, ...]:
    """Read all `--output` options of a command that writes each once, by default the first format.

    Raises UsageError.
    """
    outputs = tuple(Output.parse(text, formats) for text in texts)
    outputs = outputs or (Output(formats[0], STDOUT),)
    _refuse_twins(output.path for output in outputs)
    return outputs


def _refuse_twins(targets: Iterable[str]) -> None:
    """Raise UsageError for two targets that are the same file, however they are written."""
    seen: dict[str, str] = {}
    for target in targets:
        twin = seen.get(_place(target))
        if twin is not None:
            also = "" if twin == target else f", as {twin} too"
            raise UsageError(f"--output {target}: asked for twice{also}; choose another path")
        seen[_place(target)] = target


def _place(target: str) -> str:
    return target if target == STDOUT or "\0" in target else os.path.realpath(target)


def run_label(path: str, before: Sequence[str]) -> str:
    """Return what one of several runs is called: its path without what all such paths end in."""
    name = _plain(path)
    twins = sum(_plain(other) == name for other in before)
    return f"{name} ({twins + 1})" if twins else name


def _plain(path: str) -> str:
    path = without_gz(path)
    for ending in ("_stats.csv", "/stats.csv", ".csv", ".html", ".json", os.sep):
        path = path.removesuffix(ending)
    return path


def file_label(label: str, taken: set[str]) -> str:
    """Return the label as part of a file name that is not yet taken, and take it."""
    plain = re.sub(r"[^\w.-]+", "_", label, flags=re.ASCII).strip("._")[:80] or "run"
    name, number = plain, 1
    while name.lower() in taken:  # some file systems do not tell case apart
        number += 1
        name = f"{plain}-{number}"
    taken.add(name.lower())
    return name


def _targets(output: Output, label: str) -> tuple[str, ...]:
    if output.path == STDOUT:
        return ()
    path = output.path.replace(LABEL, label)
    if output.format == "csv":
        return f"{path}_stats.csv", f"{path}_failures.csv"
    return (path,)


def write_files(
    verdict: Verdict,
    outputs: Iterable[Output],
    label: str,
    inputs: Iterable[str],
    written: set[str],
) -> Iterator[OutputError]:
    """Write every output that goes to a file; yield what went wrong, after trying all of them.

    A file that the check reads (`inputs`) is never written over, nor one that it has `written`.
    """
    read = list(inputs)
    for output in outputs:
        targets = _targets(output, label)
        rewritten = output.format == "csv"  # Locust's own files, so of the same kind
        refused = [_refusal(target, read, written, over_results=rewritten) for target in targets]
        if any(refused):  # of the two files of csv, one alone would be a run that never was
            yield from (OutputError(problem) for problem in refused if problem)
            continue
        if targets:
            yield from _written(verdict, output, targets)
        written.update(map(_place, targets))


def _written(verdict: Verdict, output: Output, targets: Sequence[str]) -> Iterator[OutputError]:
    """Write the files of one output; yield what went wrong, if anything did."""
    try:
        texts = render_csv(verdict) if len(targets) > 1 else ([render(verdict, output.format)],)
        # Of csv the failures come first: they are read anew, and statistics alone mislead.
        for target, pieces in reversed([*zip(targets, texts, strict=True)]):
            _save(target, (piece.encode() for piece in pieces))
    except MemoryError:
        yield OutputError(f"--output {output.format}: there is not enough memory to write it")
    except LoadgateError as error:
        yield OutputError(str(error))


def _refusal(
    target: str, inputs: Iterable[str], written: set[str], *, over_results: bool
) -> str | None:
    """Return why nothing is written there; None: nothing is in the way."""
    if _place(target) in written:
        return f"{target}: is the path of another output, too; choose another path"
    if any(_same_file(target, path) for path in inputs):
        return f"{target}: is one of the files being read; choose another path"
    if not over_results and _is_of_locust(target):
        return f"{target}: is a file that Locust wrote; choose another path"
    return None


def write_file(target: str, data: bytes, inputs: Iterable[str]) -> None:
    """Write a file whole or not at all, and never over an input; raises OutputError.

    Nor over a result of Locust: nothing could make it again.
    """
    refusal = _refusal(target, inputs, set(), over_results=False)
    if refusal:
        raise OutputError(refusal)
    _save(target, [data])


def _save(target: str, pieces: Iterable[bytes]) -> None:
    try:
        _write(target, pieces)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"{target}: cannot be written: {reason}") from error


def _same_file(target: str, path: str) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return Path(target).samefile(path)
    return False


def _is_of_locust(target: str) -> bool:
    with contextlib.suppress(ResultError):
        return kind_of(target) is not None
    return False  # it is not there, or nothing that could be read


def _write(target: str, pieces: Iterable[bytes]) -> None:
    """Write a file beside the target, then put it in the target's place."""
    mode = 0o666 & ~_umask()
    with contextlib.suppress(FileNotFoundError):
        found = Path(target).stat()
        if stat.S_ISDIR(found.st_mode):
            raise OutputError(f"{target}: is a folder; name a file")
        stream = _own_stream(found)
        if stream is not None:  # what follows on it must come behind, not into another file
            with os.fdopen(os.dup(stream), "wb") as file:
                file.writelines(pieces)
            return
        if not stat.S_ISREG(found.st_mode):  # a pipe, a device: there is nothing to replace
            with Path(target).open("wb") as file:
                file.writelines(pieces)
            return
        mode = stat.S_IMODE(found.st_mode)
    path = Path(os.path.realpath(target))  # what a link points to, not the link, is replaced
    path.parent.mkdir(parents=True, exist_ok=True)
    with unwinding():
        _replace(path, pieces, mode)


def _own_stream(found: os.stat_result) -> int | None:
    """Return the number of the standard stream, if it is one, that goes to a file: /dev/stdout."""
    for number in (1, 2):
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(number), found):
                return number
    return None


def _replace(path: Path, pieces: Iterable[bytes], mode: int) -> None:
    temporary = ""
    try:
        with finishing():  # a signal waits until there is a name to put away
            descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".loadgate-")
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """Return the process's mask for new files; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
