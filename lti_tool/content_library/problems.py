"""What is wrong with a package: every problem at once, with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

MOST_PROBLEMS = 1000
"""So many are named; of a package that was made to have millions, the others are only counted."""
LONGEST_MESSAGE = 300
"""In characters; what an author wrote may stand in it."""


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
        return f"{printable(shortened(self.place))}: {printable(shortened(self.message))}"


@dataclass(frozen=True, order=True)
class Remark(Problem):
    """One thing that is advised; a package with remarks can be used."""

    about: str
    """language, sources, freshness, key_length, variables, tools, coverage, interaction or translation."""


def shortened(text: str) -> str:
    """A text with its end left out when it is long."""
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]} …"


def printable(text: str) -> str:
    """A text that a terminal shows and does not obey; texts and names of files come from others."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


class ContentBroken(Exception):
    """The package cannot be used; `problems` names everything that has to be mended."""

    def __init__(self, problems: Iterable[Problem], more: int = 0) -> None:
        super().__init__()
        self._given = problems if isinstance(problems, Sequence) else list(problems)
        self.more = more
        """How many there are besides, when there are too many to name."""

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(sorted(set(self._given)))

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems]
        return "\n".join([*lines, f"and {self.more:,} more"] if self.more else lines)

    @property
    def count(self) -> int:
        return len(self.problems) + self.more


class TooMuch(ContentBroken):
    """More of something than any author needs: nothing else is looked at."""

    def __init__(self, file: str, message: str) -> None:
        super().__init__([Problem(file, 0, message)])


class Problems:
    """Gathers problems; keeps the first thousand and counts the others."""

    def __init__(self) -> None:
        self._kept: dict[Problem, None] = {}
        self._more = 0

    def add(self, problems: Iterable[Problem], more: int = 0) -> None:
        self._more += more
        for problem in problems:
            if problem in self._kept:
                continue
            if len(self._kept) < MOST_PROBLEMS:
                self._kept[problem] = None
            else:
                self._more += 1

    def __bool__(self) -> bool:
        return bool(self._kept)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._kept)

    @property
    def more(self) -> int:
        """How many were only counted."""
        return self._more

    def broken(self) -> ContentBroken:
        return ContentBroken(self._kept, self._more)
