"""What the manifest of a package promises, and the package has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lti_tool.content_library.checks.modules import for_practice
from lti_tool.content_library.format import ItemShape, PackageShape
from lti_tool.content_library.parsed import Entry, Parsed
from lti_tool.content_library.problems import Problem
from lti_tool.domain.content import ASKABLE


def check_manifest(entry: Entry[PackageShape], parsed: Parsed) -> Iterator[Problem]:
    """The opener, the training to begin with, and items enough for an assessment."""
    package = entry.shape
    if package.practice_question not in parsed.item_ids:
        yield entry.problem(f"there is no item {package.practice_question}", "practice_question")
    if not for_practice(parsed.items_by_id.get(package.practice_question)):
        yield entry.problem(
            f"{package.practice_question} is not of the practice pool, or not in use", "practice_question"
        )
    if not parsed.may_have_module(package.start_module):
        yield entry.problem(f"there is no module {package.start_module}", "start_module")
    assessment = package.assessment
    if assessment.min_items_per_domain > assessment.max_items_per_domain:
        yield entry.problem("min_items_per_domain is more than max_items_per_domain", "assessment")
    domains = list(parsed.framework.shape.domains) if parsed.framework else []
    if assessment.min_items_per_domain * len(domains) > assessment.max_items:
        yield entry.problem("max_items is too few for min_items_per_domain in every domain", "assessment")
    askable = Counter(item.shape.domain for item in parsed.items if _is_askable(item.shape))
    for domain in domains:
        if askable[domain] < assessment.min_items_per_domain:
            needed = assessment.min_items_per_domain
            yield entry.problem(f"{domain} has {askable[domain]} items to ask, {needed} are needed", "assessment")


def _is_askable(item: ItemShape) -> bool:
    return item.pool == "assessment" and item.scored and item.status in ASKABLE
