"""What is wrong with a package: every problem at once, with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that an author has to mend."""

    file: str
    """Path inside the package, with forward slashes."""
    line: int
    """1-based; 0 where no line is known."""
    message: str

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True, order=True)
class Remark(Problem):
    """One thing that is advised; a package with remarks can be used."""

    about: str
    """language, sources, freshness, key_length, variables, tools, coverage or interaction."""


class ContentBroken(Exception):
    """The package cannot be used; `problems` names everything that has to be mended."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
