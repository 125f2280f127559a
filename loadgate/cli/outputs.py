"""Outputs of a command: parsing `--output FORMAT:PATH`, file names, writing them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from loadgate.cli import console
from loadgate.cli.writing import File, Writer, marked, place
from loadgate.errors import LoadgateError, OutputError, UsageError
from loadgate.masking import mask_secrets
from loadgate.model import Verdict
from loadgate.read import label_of
from loadgate.render import FORMATS, FormatName, render, render_csv
from loadgate.text import numbered

_ALL = tuple(FORMATS)
LABEL = "{label}"
STDOUT = "-"
PICTURES = 1
"""Files beside a report in Markdown, with `--charts svg`."""


class _OutputOptionError(UsageError):
    """An `--output` that cannot be followed."""

    page = "outputs"


@dataclass(frozen=True, slots=True)
class Output:
    """One `--output FORMAT[:PATH]`."""

    format: str
    path: str
    """STDOUT, or a path in which LABEL stands for the label of the run."""

    @property
    def is_drawn(self) -> bool:
        """Say whether it shows a run over time."""
        return self.format in FORMATS and FORMATS[self.format].drawn

    @classmethod
    def parse(cls, text: str, formats: Sequence[str] = _ALL) -> Output:
        """Read the option of a command that has these formats; raises UsageError."""
        format_, colon, path = map(str.strip, text.partition(":"))  # as behind a YAML colon
        if format_ not in formats:
            raise _OutputOptionError(
                f"--output {text}: unknown format {format_!r}; choose one of {', '.join(formats)}"
            )
        if colon and not path:
            raise _OutputOptionError(f"--output {text}: no path after the colon")
        path = path or STDOUT
        if format_ == "csv" and path == STDOUT:
            raise _OutputOptionError(
                "--output csv: needs a path; csv:PATH writes PATH_stats.csv and PATH_failures.csv"
            )
        return cls(format_, path)


def parse_outputs(texts: Iterable[str], formats: Sequence[str] = _ALL) -> tuple[Output, ...]:
    """Read all `--output` options, by default the first format.

    Raises UsageError, also where what a format is drawn with is not installed.
    """
    outputs = tuple(Output.parse(text, formats) for text in texts)
    if any(output.is_drawn for output in outputs):
        from loadgate.render.page import require_extra

        require_extra()
    return outputs or (Output(formats[0], STDOUT),)


def meant_by(text: str) -> Iterator[Output]:
    """Yield what an `--output` may be meant to write, whatever is wrong with it."""
    format_, _, path = map(str.strip, text.partition(":"))
    if format_ in FORMATS:
        yield Output(format_, path or STDOUT)
        return
    for each in filter(None, (text, path, text.partition("=")[2])):
        yield from (Output("markdown", each), Output("csv", each))


def refuse_shared(outputs: Sequence[Output], *, runs: int) -> None:
    """Raise UsageError if outputs of a check of so many runs would share a file or stream."""
    documents = [o.format for o in outputs if o.path == STDOUT and FORMATS[o.format].document]
    if runs > 1 and documents:
        raise _OutputOptionError(
            f"--output {documents[0]}: standard output can hold one document, not {runs};"
            f" write files: {documents[0]}:{LABEL}.{documents[0]}"
        )
    for path in (output.path for output in outputs):
        if runs > 1 and path != STDOUT and LABEL not in path:
            raise _OutputOptionError(
                f"--output {path}: {runs} runs cannot share a file; put {LABEL} into the path"
            )
    if len(documents) > 1:
        raise _OutputOptionError(
            f"--output {documents[1]}: standard output can hold one document, not"
            f" {' and '.join(documents)}; give one of them a path: {documents[1]}:PATH"
        )
    _refuse_twins(target for output in outputs for target in targets(output))


def begin(
    texts: Iterable[str], formats: Sequence[str], inputs: Sequence[str], *, pictures: int = 0
) -> tuple[tuple[Output, ...], Writer]:
    """Read all `--output` options of a command that writes each once, and remove older outputs.

    `inputs` may be folders of result documents. Raises UsageError.
    """
    outputs = parse_outputs(texts, formats)
    paths = [targets(output, pictures=pictures) or (STDOUT,) for output in outputs]
    writer = Writer(inputs, folders=inputs)
    writer.clear(target for each in paths for target in each if target != STDOUT)
    _refuse_twins(target for each in paths for target in each)
    return outputs, writer


def _refuse_twins(paths: Iterable[str]) -> None:
    """Raise UsageError for two targets that are the same file, however they are written."""
    seen: dict[str, str] = {}
    for target in paths:
        key = target if target == STDOUT else place(target)
        twin = seen.get(key)
        if twin is not None:
            same = "" if twin == target else f" (the same file as {twin})"
            raise _OutputOptionError(
                f"--output {target}: asked for twice{same}; choose another path"
            )
        seen[key] = target


def file_names(
    runs: Sequence[str], labels: Sequence[str | None], outputs: Sequence[Output]
) -> list[str]:
    """Return what replaces LABEL for each run, also for one that turns out to be unreadable."""
    if not any(LABEL in output.path for output in outputs):
        return [""] * len(runs)
    names: list[str] = []
    taken: set[str] = set()  # in lower case, as some file systems do not tell case apart
    for path, label in zip(runs, labels, strict=True):
        text = mask_secrets(label or label_of(path))
        plain = re.sub(r"[^\w.-]+", "_", text, flags=re.ASCII).strip("._")[:80] or "run"
        taken.add(found := numbered(plain.lower(), taken, "{}-{}"))
        names.append(plain + found[len(plain) :])
    return names


def targets(output: Output, label: str = "", *, pictures: int = 0) -> tuple[str, ...]:
    """Return the files of an output; a report in Markdown may have pictures beside it."""
    if output.path == STDOUT:
        return ()
    path = output.path.replace(LABEL, label)
    if output.format == "csv":
        return f"{path}_stats.csv", f"{path}_failures.csv"
    beside = range(1, pictures + 1) if output.format == "markdown" else ()
    stem = path.removesuffix(Path(path).suffix)
    return (*(f"{stem}-{number}.svg" for number in beside), path)


def deliver(
    outputs: Iterable[Output],
    writer: Writer,
    text: Callable[[Output], str],
    files: Callable[[Output], Sequence[File]],
) -> bool:
    """Write every output, files first, and report what failed; return whether nothing did."""
    failed = False
    for output in sorted(outputs, key=lambda output: output.path == STDOUT):
        try:
            if output.path == STDOUT:
                console.write(text(output))
            else:
                writer.write(files(output))
        except (LoadgateError, MemoryError) as error:
            memory = f"--output {output.format}: there is not enough memory to write it"
            console.report(OutputError(memory) if isinstance(error, MemoryError) else error)
            failed = True
    return not failed


def files_of(verdict: Verdict, output: Output, label: str) -> Sequence[File]:
    """Return the files of an output, and the pieces of each.

    Of csv the failures are written first: they are read anew, and statistics alone mislead.
    """
    paths = targets(output, label)
    if output.format == "csv":
        parts = [(piece.encode() for piece in pieces) for pieces in render_csv(verdict)]
        return [*zip(paths, parts, strict=True)][::-1]
    return [(paths[0], [marked(output.format, render(verdict, cast("FormatName", output.format)))])]
