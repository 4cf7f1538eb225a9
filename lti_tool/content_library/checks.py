"""What must agree between and inside the files of a package, beyond their shape."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lti_tool.content_library.format import FrameworkShape, ItemShape, ModuleShape, PackageShape, TextShape
from lti_tool.content_library.item_checks import check_parts, repeats
from lti_tool.content_library.parsed import Entry, Parsed
from lti_tool.content_library.people_checks import check_people
from lti_tool.content_library.problems import Problem
from lti_tool.content_library.translating import is_translated_page
from lti_tool.domain.content import ASKABLE

STEP_ORDER = re.compile(r"goal (explanation )((explanation|practice) )*practice (check )+tip done")


def check(parsed: Parsed) -> list[Problem]:
    """Every disagreement, in no particular order."""
    return [
        *(problem for item in parsed.items for problem in _item(item, parsed)),
        *(problem for module in parsed.modules for problem in _module(module, parsed)),
        *_module_ids(parsed),
        *_orphans(parsed),
        *check_people(parsed),
        *(_framework(parsed.framework) if parsed.framework else ()),
        *(_package(parsed.package, parsed) if parsed.package else ()),
    ]


def _item(entry: Entry[ItemShape], parsed: Parsed) -> Iterator[Problem]:
    item = entry.shape
    if entry.file != f"items/{item.domain}/{item.id}.yaml":
        yield entry.problem(f"should stand in items/{item.domain}/{item.id}.yaml", "id")
    yield from _skill(entry, parsed.framework)
    yield from check_parts(entry, parsed.media)
    for place, enemy in enumerate(item.enemies):
        if enemy == item.id or enemy not in parsed.item_ids:
            yield entry.problem(f"{enemy} is not another item", "enemies", place)
    for place, module_id in enumerate(item.modules):
        if module_id not in parsed.module_ids:
            yield entry.problem(f"there is no module {module_id}", "modules", place)


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
    module = entry.shape
    if entry.file != f"modules/{module.slug}/module.yaml":
        yield entry.problem(f"should stand in modules/{module.slug}/module.yaml", "slug")
    yield from _skill(entry, parsed.framework)
    kinds = " ".join(step.kind for step in module.steps)
    if not STEP_ORDER.fullmatch(kinds):
        yield entry.problem(
            "steps go goal, explanation, practice (these two may repeat), check, tip, done; not: " + kinds,
            "steps",
        )
    minutes = sum(step.minutes for step in module.steps)
    if minutes > module.minutes:
        yield entry.problem(f"the steps take {minutes} minutes, the module says {module.minutes}", "minutes")
    if repeats(step.id for step in module.steps):
        yield entry.problem("two steps have the same id", "steps")
    refs = [block.ref for step in module.steps for block in step.blocks if block.type == "item"]
    if repeats(refs):
        yield entry.problem("the same item stands in it twice", "steps")
    yield from _blocks(entry, parsed)


def _blocks(entry: Entry[ModuleShape], parsed: Parsed) -> Iterator[Problem]:
    beside = entry.file.removesuffix("module.yaml")
    for number, step in enumerate(entry.shape.steps):
        if step.kind == "check" and not any(block.type == "item" for block in step.blocks):
            yield entry.problem("a check needs at least one item", "steps", number)
        for place, block in enumerate(step.blocks):
            where = ("steps", number, "blocks", place)
            if block.type == "item" and block.ref not in parsed.item_ids:
                yield entry.problem(f"there is no item {block.ref}", *where)
            if block.type == "item" and not _for_practice(parsed.items_by_id.get(block.ref)):
                yield entry.problem(f"{block.ref} is not of the practice pool, or not in use", *where)
            if isinstance(block, TextShape):
                yield from (entry.problem(message, *where) for message in _text(block, beside, parsed))


def _for_practice(item: ItemShape | None) -> bool:
    """An item that could not be read gets the benefit of the doubt: its own problems are told already."""
    return item is None or (item.pool == "practice" and item.status in ASKABLE)


def _text(block: TextShape, beside: str, parsed: Parsed) -> Iterator[str]:
    if (block.md is None) == (block.file is None):
        yield "a text has either md or file"
    if block.file is not None and beside + block.file not in parsed.texts:
        yield f"there is no file {beside}{block.file}"


def _module_ids(parsed: Parsed) -> Iterator[Problem]:
    times = Counter(module.shape.id for module in parsed.modules)
    for module in parsed.modules:
        if times[module.shape.id] > 1:
            yield module.problem(f"another module has the id {module.shape.id} too", "id")


def _orphans(parsed: Parsed) -> Iterator[Problem]:
    """Files that nothing refers to, which an author probably meant to show."""
    used = {
        module.file.removesuffix("module.yaml") + block.file
        for module in parsed.modules
        for step in module.shape.steps
        for block in step.blocks
        if isinstance(block, TextShape) and block.file
    }
    read = {module.file for module in parsed.modules}
    unread = {file for file in parsed.texts if file.endswith("/module.yaml")} - read
    pages = {file for file in parsed.texts if file.startswith("modules/") and file.endswith(".md")}
    for file in pages - used:
        if f"{file.rpartition('/')[0]}/module.yaml" not in unread and not is_translated_page(file, used):
            yield Problem(file, 0, "no step uses this file")
    shown = {file for item in parsed.items for file in _media_of(item.shape)}
    if len(parsed.items) == len(parsed.item_ids):
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
    if not _for_practice(parsed.items_by_id.get(package.practice_question)):
        yield entry.problem(
            f"{package.practice_question} is not of the practice pool, or not in use", "practice_question"
        )
    if package.start_module not in parsed.module_ids:
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
