"""A problem that a user can fix in, one clear message with its place and remedy out."""

from __future__ import annotations


class LoadgateError(Exception):
    """A problem that a user can fix; its text says what, where and what to do. Exit code 2."""


class UsageError(LoadgateError):
    """An option or argument that cannot be followed."""


class ResultError(LoadgateError):
    """A result file that cannot be read."""

    def __init__(self, place: str, problem: str, remedy: str = "") -> None:
        """Say what (`problem`) is wrong where (`place`, a path or label), and the `remedy`."""
        self.place = place
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{place}: {problem}" + (f"\n  {remedy}" if remedy else ""))


class ContradictionError(ResultError):
    """Result files that contradict each other; `--allow-partial` goes on in the strict way."""

    def __init__(self, place: str, problem: str, remedy: str = "") -> None:
        """Say what contradicts what; without a `remedy`, name the two that always exist."""
        super().__init__(
            place,
            problem,
            remedy
            or "Run the test again, or judge what is there in the strict way: --allow-partial.",
        )


class RulesError(LoadgateError):
    """A rules file with problems, all of them at once."""

    def __init__(self, path: str, problems: tuple[str, ...]) -> None:
        """Take every problem found in the rules file `path`, each with its place in the file."""
        self.path = path
        self.problems = problems
        if len(problems) == 1:
            super().__init__(f"{path}: {problems[0]}")
            return
        count = f"{len(problems)} problems"
        if problems[-1].startswith("and "):  # told in part, "and 7 more"
            count = f"over {len(problems) - 1} problems"
        super().__init__(f"{path}: {count}\n" + "\n".join(f"  {problem}" for problem in problems))


class UnreadableRulesError(RulesError):
    """A rules file that is not there or cannot be read: nothing in it has to be corrected."""

    def __init__(self, path: str, problem: str) -> None:
        """Say why the file `path` cannot be read."""
        super().__init__(path, (problem,))


class OutputError(LoadgateError):
    """An output that cannot be written."""
