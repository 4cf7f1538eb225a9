"""What a package holds, counted for authors and for those who choose a package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean, median
from typing import Any

from lti_tool.content_library.checks.key_length import longest_keys
from lti_tool.content_library.checks.key_position import key_positions
from lti_tool.content_library.coverage import level_of
from lti_tool.content_library.format import FrameworkShape, ItemShape, ModuleShape, PackageShape
from lti_tool.content_library.languages import language_of
from lti_tool.content_library.parsed import Entry, Parsed
from lti_tool.content_library.passages import passages
from lti_tool.content_library.plain_language import reading_ease
from lti_tool.content_library.remarks import used_variables
from lti_tool.content_library.translating import Translated
from lti_tool.domain.content import ASKABLE, SOURCE_LANGUAGE

COMPETENCES = tuple(
    f"{area}.{number}" for area, count in enumerate((3, 6, 4, 4, 4), start=1) for number in range(1, count + 1)
)
"""DigComp 2.2."""
MODULE_LEVELS = ("start", "basis", "verder", "gevorderd")
ONE_CHOICE = ("single_choice", "sjt")
"""Types where one of some options is chosen."""
SHARE_DIGITS = 3
EASE_DIGITS = 1


def statistics(parsed: Parsed, translated: Translated, release: str) -> dict[str, Any]:
    """Counts of a package without problems; keys stay as they are, new ones may come.

    - package, version, release: of which files this is
    - domains and levels of the framework; levels lowest first
    - items: total; asked (may be in an assessment); simulations; file_tasks (with a file to open); groups: each
      domain, level (where the difficulty lies), type, pool and status that there is, with items
    - subskills: domain, subskill, scored, items, asked; those without items too
    - modules: total, minutes; groups: domain, level, modules, minutes
    - shares (0..1) of all items with_sources, with_review_date, with_modules and answered_blind (somebody answered
      it without the key); not_one_choice: neither single choice nor sjt; key_longest of choice items in use, and
      choice_items, how many those are
    - key_position: how often the key stands first, second and so on in choice items in use, and p, the chance of
      places this uneven (null of too few items)
    - reading_ease (Flesch-Douma, higher is easier) of items and modules: texts that are long enough, their mean
      and median, the lowest and of what that is; null without any
    - digcomp (version 2.2): items and modules for each competence; missing: competences without either
    - variables: name, required, used
    - translations: language, items and modules that are said in it, waiting (remarks: stale or incomplete)
    - languages; licences: how many items and modules have each
    """
    if parsed.package is None or parsed.framework is None:
        raise ValueError("only a package without problems is counted")
    package, framework = parsed.package.shape, parsed.framework.shape
    items = [entry.shape for entry in parsed.items]
    modules = [entry.shape for entry in parsed.modules]
    share, choices, _ = longest_keys(items)
    return {
        "package": package.id,
        "version": package.version,
        "release": release,
        "domains": list(framework.domains),
        "levels": [level.id for level in framework.levels],
        "items": _items(items, framework),
        "subskills": _subskills(items, framework),
        "modules": _modules(modules, framework),
        "shares": {
            "with_sources": _share(bool(item.sources) for item in items),
            "with_review_date": _share(item.review_before is not None for item in items),
            "with_modules": _share(bool(item.modules) for item in items),
            "answered_blind": _share(any(r.agreed is not None for r in item.reviews) for item in items),
            "not_one_choice": _share(item.type not in ONE_CHOICE for item in items),
            "key_longest": round(share, SHARE_DIGITS),
            "choice_items": choices,
        },
        "key_position": _positions(items),
        "reading_ease": {
            "items": _ease({entry.shape.id: _ease_of(entry, parsed) for entry in parsed.items}),
            "modules": _ease({entry.shape.id: _ease_of(entry, parsed) for entry in parsed.modules}),
        },
        "digcomp": _digcomp(items, modules),
        "variables": _variables(package, parsed),
        "translations": [
            _translations(translated, language) for language in package.languages if language != SOURCE_LANGUAGE
        ],
        "languages": list(package.languages),
        "licences": dict(sorted(Counter([*(i.licence for i in items), *(m.licence for m in modules)]).items())),
    }


def _is_asked(item: ItemShape) -> bool:
    return item.pool == "assessment" and item.scored and item.status in ASKABLE


def _items(items: Sequence[ItemShape], framework: FrameworkShape) -> dict[str, Any]:
    groups = Counter((item.domain, level_of(item, framework), item.type, item.pool, item.status) for item in items)
    names = ("domain", "level", "type", "pool", "status")
    return {
        "total": len(items),
        "asked": sum(map(_is_asked, items)),
        "simulations": sum(item.simulation is not None for item in items),
        "file_tasks": sum(bool(item.attachments) for item in items),
        "groups": [
            {**dict(zip(names, group, strict=True)), "items": count} for group, count in sorted(groups.items())
        ],
    }


def _subskills(items: Sequence[ItemShape], framework: FrameworkShape) -> list[dict[str, Any]]:
    all_items = Counter(item.subskill for item in items)
    asked = Counter(item.subskill for item in items if _is_asked(item))
    return [
        {
            "domain": name,
            "subskill": subskill,
            "scored": shape.scored,
            "items": all_items[subskill],
            "asked": asked[subskill],
        }
        for name, domain in framework.domains.items()
        for subskill, shape in domain.subskills.items()
    ]


def _modules(modules: Sequence[ModuleShape], framework: FrameworkShape) -> dict[str, Any]:
    counts: Counter[tuple[str, str]] = Counter()
    minutes: Counter[tuple[str, str]] = Counter()
    for module in modules:
        counts[module.domain, module.level] += 1
        minutes[module.domain, module.level] += module.minutes
    return {
        "total": len(modules),
        "minutes": minutes.total(),
        "groups": [
            {"domain": domain, "level": level, "modules": count, "minutes": minutes[domain, level]}
            for domain in framework.domains
            for level in MODULE_LEVELS
            if (count := counts[domain, level])
        ],
    }


def _share(has: Iterable[bool]) -> float:
    known = list(has)
    return round(sum(known) / len(known), SHARE_DIGITS) if known else 0.0


def _positions(items: Sequence[ItemShape]) -> dict[str, Any]:
    found = key_positions(items)
    return {"counts": list(found.counts), "p": None if found.p is None else round(found.p, SHARE_DIGITS)}


def _ease_of(entry: Entry[ItemShape] | Entry[ModuleShape], parsed: Parsed) -> float | None:
    return reading_ease(passage.words for passage in passages(entry, parsed))


def _ease(eases: Mapping[str, float | None]) -> dict[str, Any]:
    known = {name: round(ease, EASE_DIGITS) for name, ease in eases.items() if ease is not None}
    if not known:
        return {"texts": 0, "mean": None, "median": None, "lowest": None, "lowest_of": None}
    hardest = min(known, key=lambda name: known[name])
    return {
        "texts": len(known),
        "mean": round(mean(known.values()), EASE_DIGITS),
        "median": round(median(known.values()), EASE_DIGITS),
        "lowest": known[hardest],
        "lowest_of": hardest,
    }


def _digcomp(items: Sequence[ItemShape], modules: Sequence[ModuleShape]) -> dict[str, Any]:
    in_items = Counter(code for item in items for code in item.digcomp)
    in_modules = Counter(code for module in modules for code in module.digcomp)
    return {
        "items": {code: in_items[code] for code in COMPETENCES if in_items[code]},
        "modules": {code: in_modules[code] for code in COMPETENCES if in_modules[code]},
        "missing": [code for code in COMPETENCES if not in_items[code] and not in_modules[code]],
    }


def _translations(translated: Translated, language: str) -> dict[str, Any]:
    return {
        "language": language,
        "items": sum(language in said for said in translated.items.values()),
        "modules": sum(language in said for said in translated.modules.values()),
        "waiting": sum(language_of(remark.file) == language for remark in translated.remarks),
    }


def _variables(package: PackageShape, parsed: Parsed) -> list[dict[str, Any]]:
    used = used_variables(parsed)
    return [
        {"name": name, "required": variable.required, "used": name in used}
        for name, variable in package.variables.items()
    ]
