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
    first = next((module.shape for module in parsed.modules if module.shape.id == package.start_module), None)
    if first and first.requires:
        yield entry.problem(f"{first.id} requires a tool, but anybody may begin with it", "start_module")
    if first and first.personas:
        yield entry.problem(f"{first.id} is for some only, but anybody may begin with it", "start_module")
    yield from _blueprint(entry, parsed)


def _blueprint(entry: Entry[PackageShape], parsed: Parsed) -> Iterator[Problem]:
    """The numbers of items in an assessment, beside each other and beside the items that there are."""
    assessment = entry.shape.assessment
    if assessment.min_items_per_domain > assessment.max_items_per_domain:
        yield entry.problem("min_items_per_domain is more than max_items_per_domain", "assessment")
    domains = list(parsed.framework.shape.domains) if parsed.framework else []
    needed = dict.fromkeys(domains, assessment.min_items_per_domain)
    for name, own in assessment.domains.items():
        if own.min_items > own.max_items:
            yield entry.problem("min_items is more than max_items", "assessment", "domains", name)
        if name in needed:
            needed[name] = own.min_items
        elif domains:
            yield entry.problem(f"the framework has no domain {name}", "assessment", "domains", name)
    if sum(needed.values()) > assessment.max_items:
        yield entry.problem("max_items is too few for what every domain needs at least", "assessment")
    askable = Counter(item.shape.domain for item in parsed.items if _is_askable(item.shape))
    for name, least in needed.items():
        if askable[name] < least:
            yield entry.problem(f"{name} has {askable[name]} items to ask, {least} are needed", "assessment")


def _is_askable(item: ItemShape) -> bool:
    return item.pool == "assessment" and item.scored and item.status in ASKABLE
