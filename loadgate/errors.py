"""Errors that a user can fix: one message each, with its place and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loadgate.published import Page


class LoadgateError(Exception):
    """A problem that a user can fix; its text says what, where and what to do. Exit code 2.

    Example:
        >>> try:
        ...     verdict = loadgate.judge("run", thresholds="p95 <= baseline + 10%")
        ... except loadgate.LoadgateError as error:
        ...     print(str(error).splitlines()[0])
        --threshold 'p95 <= baseline + 10%' needs a baseline
    """

    page: Page = "red-build#exit-code-2"
    """The page that says more; whoever shows the error links to it."""

    def __init__(self, text: str, *, page: Page | None = None) -> None:
        """Take the text, and the page unless it is that of the class."""
        super().__init__(text)
        if page is not None:
            self.page = page


class UsageError(LoadgateError):
    """An option or argument that cannot be followed, or a package that is not installed.

    Example:
        >>> loadgate.judge("run", thresholds=["p95"])
        Traceback (most recent call last):
        loadgate.errors.UsageError: --threshold 'p95': must be METRIC OP VALUE, such as ...
    """

    page: Page = "index"
    """The command puts its own page there."""


class ResultError(LoadgateError):
    """A result file that cannot be read; `place` is its path, `problem` and `remedy` are texts.

    Example:
        >>> loadgate.judge("nothing")
        Traceback (most recent call last):
        loadgate.errors.ResultError: nothing: no such file or directory...
    """

    def __init__(
        self, place: str, problem: str, remedy: str = "", *, page: Page | None = None
    ) -> None:
        """Say what (`problem`) is wrong where (`place`, a path or label), and the `remedy`."""
        self.place = place
        self.problem = problem
        self.remedy = remedy
        text = f"{place}: {problem}" + (f"\n  {remedy}" if remedy else "")
        super().__init__(text, page=page)


class FilteredError(ResultError):
    """A CSV file of `check --output csv`, from which the expected failures are missing."""

    page = "outputs"


class ContradictionError(ResultError):
    """Result files that contradict each other; `--allow-partial` goes on in the strict way.

    Example:
        >>> try:
        ...     verdict = loadgate.judge("torn")
        ... except loadgate.ContradictionError:
        ...     verdict = loadgate.judge("torn", allow_partial=True)
        >>> verdict.to_dict()["run"]["partial"]
        True
    """

    page = "inputs#what-stops-a-check"

    def __init__(self, place: str, problem: str, remedy: str = "") -> None:
        """Say what contradicts what; without a `remedy`, name the two that always exist."""
        super().__init__(
            place,
            problem,
            remedy or "Run the test again, or judge what is there with --allow-partial.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesProblem:
    """One thing that is wrong with a rules file."""

    text: str
    """What is wrong, behind its place in the document: `rules[1] "toggle": status: must be …`."""
    file: str
    """The rules file, as the user named it or as another one extends it."""
    line: int | None = None
    """Where it is in the file, from 1; None: it is about the whole file, or not known."""


class RulesError(LoadgateError):
    """A rules file with problems, all of them at once: `path`, and `problems`, a text each.

    Example:
        >>> try:
        ...     policy = loadgate.load_policy("misspelt.toml")
        ... except loadgate.RulesError as error:
        ...     print(*error.problems)
        rules[1] "toggle": unknown key "statuss"; did you mean "status"?
    """

    page = "rules"

    def __init__(self, path: str, problems: Sequence[RulesProblem | str]) -> None:
        """Take every problem of the rules file `path` and of what it extends; a text is its own."""
        self.path = path
        self.located = tuple(
            RulesProblem(text=problem, file=path) if isinstance(problem, str) else problem
            for problem in problems
        )
        self.problems = tuple(
            one.text if one.file == path else f"{one.file}: {one.text}" for one in self.located
        )
        shown = [
            text if one.line is None else f"{one.file}:{one.line}: {one.text}"
            for one, text in zip(self.located, self.problems, strict=True)
        ]
        if len(shown) == 1:
            own_line = self.located[0].file == path and self.located[0].line is not None
            super().__init__(shown[0] if own_line else f"{path}: {shown[0]}")
            return
        count = f"{len(shown)} problems"
        if shown[-1].startswith("and "):  # told in part, "and 7 more"
            count = f"over {len(shown) - 1} problems"
        super().__init__(f"{path}: {count}\n" + "\n".join(f"  {text}" for text in shown))


class UnreadableRulesError(RulesError):
    """A rules file that is not there or cannot be read: nothing in it has to be corrected."""

    def __init__(self, path: str, problem: str) -> None:
        """Say why the file `path` cannot be read."""
        super().__init__(path, (problem,))


class OutputError(LoadgateError):
    """An output that cannot be written."""

    page = "outputs#files"
