"""What must agree between and inside the files of a package, beyond their shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lti_tool.content_library.credit_checks import check_credits
from lti_tool.content_library.exchange.todo import unfinished
from lti_tool.content_library.format import FrameworkShape, ItemShape, ModuleShape, PackageShape
from lti_tool.content_library.item_checks import check_parts, repeats
from lti_tool.content_library.key_length import check_key_lengths
from lti_tool.content_library.module_checks import check_module, for_practice, media_of, pages_of
from lti_tool.content_library.parsed import Entry, Parsed
from lti_tool.content_library.people_checks import check_people
from lti_tool.content_library.problems import Problem
from lti_tool.content_library.story_checks import all_stories_are_read, check_story, media_of_stories
from lti_tool.content_library.translating import is_translated_page
from lti_tool.domain.content import ASKABLE


def check(parsed: Parsed) -> list[Problem]:
    """Every disagreement, in no particular order."""
    return [
        *(problem for item in parsed.items for problem in _item(item, parsed)),
        *(problem for module in parsed.modules for problem in _module(module, parsed)),
        *_module_ids(parsed),
        *_orphans(parsed),
        *check_people(parsed),
        *check_key_lengths(parsed),
        *unfinished(parsed),
        *check_story(parsed),
        *check_credits(parsed),
        *(_framework(parsed.framework) if parsed.framework else ()),
        *(_package(parsed.package, parsed) if parsed.package else ()),
    ]


def _item(entry: Entry[ItemShape], parsed: Parsed) -> Iterator[Problem]:
    item = entry.shape
    if entry.file != f"items/{item.domain}/{item.id}.yaml":
        yield entry.problem(f"should stand in items/{item.domain}/{item.id}.yaml", "id")
    yield from _skill(entry, parsed.framework)
    yield from check_parts(entry, parsed.has)
    for place, enemy in enumerate(item.enemies):
        if enemy == item.id or enemy not in parsed.item_ids:
            yield entry.problem(f"{enemy} is not another item", "enemies", place)
    for place, module_id in enumerate(item.modules):
        if not parsed.may_have_module(module_id):
            yield entry.problem(f"there is no module {module_id}", "modules", place)
    yield from _tools(entry, parsed.package)


def _skill(
    entry: Entry[ItemShape] | Entry[ModuleShape], framework: Entry[FrameworkShape] | None
) -> Iterator[Problem]:
    if framework is None:
        return
    shape = entry.shape
    domain = framework.shape.domains.get(shape.domain)
    if domain is None:
        yield entry.problem(f"the framework has no domain {shape.domain}", "domain")
        return
    key = "subskill" if isinstance(shape, ItemShape) else "subskills"
    for subskill in [shape.subskill] if isinstance(shape, ItemShape) else shape.subskills:
        if subskill not in domain.subskills:
            yield entry.problem(f"{shape.domain} has no sub-skill {subskill}", key)
        elif isinstance(shape, ItemShape) and shape.scored and not domain.subskills[subskill].scored:
            yield entry.problem(f"{subskill} is never scored", "scored")


def _module(entry: Entry[ModuleShape], parsed: Parsed) -> Iterator[Problem]:
    yield from _skill(entry, parsed.framework)
    yield from _tools(entry, parsed.package)
    yield from check_module(entry, parsed)


def _tools(entry: Entry[ItemShape] | Entry[ModuleShape], package: Entry[PackageShape] | None) -> Iterator[Problem]:
    """Words of `requires` that package.yaml does not declare, once it declares any."""
    if package is None or package.shape.tools is None:
        return
    for place, tool in enumerate(entry.shape.requires):
        if tool not in package.shape.tools:
            yield entry.problem(f"package.yaml does not declare the tool {tool}", "requires", place)


def _module_ids(parsed: Parsed) -> Iterator[Problem]:
    times = Counter(module.shape.id for module in parsed.modules)
    for module in parsed.modules:
        if times[module.shape.id] > 1:
            yield module.problem(f"another module has the id {module.shape.id} too", "id")


def _orphans(parsed: Parsed) -> Iterator[Problem]:
    """Files that nothing refers to, which an author probably meant to show."""
    used = {page for module in parsed.modules for page in pages_of(module)}
    read = {module.file for module in parsed.modules}
    unread = {file for file in (*parsed.texts, *parsed.refused) if file.endswith("/module.yaml")} - read
    pages = {file for file in parsed.texts if file.startswith("modules/") and file.endswith(".md")}
    for file in pages - used:
        if f"{file.rpartition('/')[0]}/module.yaml" not in unread and not is_translated_page(file, used):
            yield Problem(file, 0, "no step uses this file")
    shown = {file for item in parsed.items for file in _media_of(item.shape)} | media_of_stories(parsed)
    shown |= {file for module in parsed.modules for file in media_of(module.shape)}
    if len(parsed.items) == len(parsed.item_ids) and not unread and all_stories_are_read(parsed):
        yield from (Problem(file, 0, "nothing shows this file") for file in parsed.media if file not in shown)
    if parsed.package:
        for file in parsed.texts:
            if file.startswith("framework/") and file != parsed.package.shape.framework:
                yield Problem(file, 0, "package.yaml names another framework")


def _media_of(item: ItemShape) -> Iterator[str]:
    if item.picture:
        yield item.picture.file
    yield from (attached.file for attached in item.attachments)


def _framework(entry: Entry[FrameworkShape]) -> Iterator[Problem]:
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


def _package(entry: Entry[PackageShape], parsed: Parsed) -> Iterator[Problem]:
    package = entry.shape
    if package.practice_question not in parsed.item_ids:
        yield entry.problem(f"there is no item {package.practice_question}", "practice_question")
    if not for_practice(parsed.items_by_id.get(package.practice_question)):
        yield entry.problem(
            f"{package.practice_question} is not of the practice pool, or not in use", "practice_question"
        )
    if not parsed.may_have_module(package.start_module):
        yield entry.problem(f"there is no module {package.start_module}", "start_module")
    if any(module.shape.id == package.start_module and module.shape.requires for module in parsed.modules):
        yield entry.problem(
            f"{package.start_module} requires a tool, but anybody may begin with it", "start_module"
        )
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
