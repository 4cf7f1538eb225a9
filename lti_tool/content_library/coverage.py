"""Whether a package has questions enough, spread over levels and sub-skills (content.md, C.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from lti_tool.content_library.format import FrameworkShape, ItemShape
from lti_tool.content_library.parsed import Parsed
from lti_tool.content_library.problems import Remark

FEWEST_PER_DOMAIN = 15
FEWEST_PER_LEVEL = 3
MOST_OF_A_SUBSKILL = 0.5
MOST_OF_ONE_OF_TWO = 2 / 3
"""Where there are two sub-skills, half would ask for exactly as many of each."""
READY = ("pilot", "active")
"""Statuses of items that people have looked at."""


def level_of(item: ItemShape, framework: FrameworkShape) -> str:
    """The level at whose abilities an item is about as hard as can be answered: where its difficulty lies."""
    reached = [level.id for level in framework.levels if level.above is None or item.difficulty.b >= level.above]
    return reached[-1]


def is_ready(item: ItemShape) -> bool:
    return item.pool == "assessment" and item.scored and item.status in READY


def coverage_remarks(parsed: Parsed) -> Iterator[Remark]:
    """What lacks, in one table, and sub-skills that crowd out the others."""
    if parsed.package is None or parsed.framework is None:
        return
    framework = parsed.framework.shape
    ready = [entry.shape for entry in parsed.items if is_ready(entry.shape)]
    for message in (*_lacking(ready, framework), *_crowded(ready, framework)):
        yield Remark(parsed.package.file, 0, message, "coverage")


def _lacking(items: Sequence[ItemShape], framework: FrameworkShape) -> Iterator[str]:
    levels = [level.id for level in framework.levels]
    counts = Counter((item.domain, level_of(item, framework)) for item in items)
    rows = []
    for domain in framework.domains:
        own = [counts[domain, level] for level in levels]
        if sum(own) < FEWEST_PER_DOMAIN or min(own) < FEWEST_PER_LEVEL:
            cells = [_cell(count, FEWEST_PER_LEVEL) for count in own]
            rows.append([domain, *cells, _cell(sum(own), FEWEST_PER_DOMAIN)])
    if rows:
        table = [["domain", *levels, "all"], *rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
        yield (
            f"too few questions to ask of status {' or '.join(READY)}; each domain needs {FEWEST_PER_DOMAIN}, "
            f"with {FEWEST_PER_LEVEL} at each level. Write what is missing:\n"
            + "\n".join(f"    {line.rstrip()}" for line in lines)
        )


def _cell(count: int, needed: int) -> str:
    return str(count) if count >= needed else f"{count} ({needed - count} more)"


def _crowded(items: Sequence[ItemShape], framework: FrameworkShape) -> Iterator[str]:
    for name, domain in framework.domains.items():
        scored = [subskill for subskill, shape in domain.subskills.items() if shape.scored]
        own = Counter(item.subskill for item in items if item.domain == name)
        most = MOST_OF_ONE_OF_TWO if len(scored) == 2 else MOST_OF_A_SUBSKILL
        if len(scored) < 2 or own.total() < FEWEST_PER_DOMAIN:
            continue
        for subskill, count in own.items():
            if count > most * own.total():
                others = ", ".join(other for other in scored if other != subskill)
                yield (
                    f"{count} of the {own.total()} questions of {name} are about {subskill}, more than "
                    f"{100 * most:.0f} %: write more about {others}"
                )
