"""What must agree between and inside the files of a package, beyond their shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lti_tool.content_library.checks.credits import check_credits
from lti_tool.content_library.checks.files import check_files
from lti_tool.content_library.checks.framework import check_framework
from lti_tool.content_library.checks.items import check_parts
from lti_tool.content_library.checks.key_length import check_key_lengths
from lti_tool.content_library.checks.manifest import check_manifest
from lti_tool.content_library.checks.modules import check_module
from lti_tool.content_library.checks.people import check_people
from lti_tool.content_library.checks.stories import check_story
from lti_tool.content_library.format import FrameworkShape, ItemShape, ModuleShape, PackageShape
from lti_tool.content_library.parsed import Entry, Parsed
from lti_tool.content_library.problems import Problem


def check(parsed: Parsed) -> list[Problem]:
    """Every disagreement, in no particular order."""
    return [
        *(problem for item in parsed.items for problem in _item(item, parsed)),
        *(problem for module in parsed.modules for problem in _module(module, parsed)),
        *_module_ids(parsed),
        *check_files(parsed),
        *check_people(parsed),
        *check_key_lengths(parsed),
        *check_story(parsed),
        *check_credits(parsed),
        *(check_framework(parsed.framework) if parsed.framework else ()),
        *(check_manifest(parsed.package, parsed) if parsed.package else ()),
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
