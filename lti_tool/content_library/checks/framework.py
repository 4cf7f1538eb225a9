"""What must agree inside the framework of a package."""

from __future__ import annotations

from collections.abc import Iterator

from lti_tool.content_library.checks.repeats import repeats
from lti_tool.content_library.format import FrameworkShape
from lti_tool.content_library.parsed import Entry
from lti_tool.content_library.problems import Problem


def check_framework(entry: Entry[FrameworkShape]) -> Iterator[Problem]:
    """Levels that rise, and lines for each of them."""
    framework = entry.shape
    if entry.file != f"framework/{framework.id}.yaml":
        yield entry.problem(f"should stand in framework/{framework.id}.yaml", "id")
    levels = [level.id for level in framework.levels]
    if repeats(levels):
        yield entry.problem("two levels have the same id", "levels")
    cuts = [level.above for level in framework.levels[1:]]
    given = [cut for cut in cuts if cut is not None]
    if framework.levels[0].above is not None or given != cuts or cuts != sorted(set(given)):
        yield entry.problem("the lowest level has no `above`, each next one a higher `above`", "levels")
    if repeats(subskill for domain in framework.domains.values() for subskill in domain.subskills):
        yield entry.problem("two domains have the same sub-skill", "domains")
    for domain_id, domain in framework.domains.items():
        if set(domain.can_do) != set(levels):
            yield entry.problem(f"can_do needs one line for each level: {', '.join(levels)}", "domains", domain_id)
