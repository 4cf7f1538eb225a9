"""From a package folder to domain values, with the municipality's own words filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from lti_tool.content_library.building_items import build_item
from lti_tool.content_library.checks import check
from lti_tool.content_library.composing import read_package
from lti_tool.content_library.format import (
    FrameworkShape,
    ItemShape,
    LabelShape,
    ModuleShape,
    StepShape,
    TextShape,
)
from lti_tool.content_library.format.package import PersonaShape
from lti_tool.content_library.parsed import Entry, Parsed, parse
from lti_tool.content_library.problems import ContentBroken, Problem
from lti_tool.content_library.reading import Files, fingerprint
from lti_tool.content_library.rendering import fill, render
from lti_tool.content_library.translating import translate
from lti_tool.content_library.wording import CONTACT_VARIABLE, check_wording
from lti_tool.domain.content import (
    Block,
    Domain,
    Framework,
    Item,
    Level,
    Module,
    Package,
    Persona,
    Policy,
    Step,
    Subskill,
)

SHORT_SHA = 12
"""Hexadecimal digits of the fingerprint in a bank version."""


def load_package(folder: Path, variables: Mapping[str, str] | None = None) -> Package:
    """Read, check and build a package.

    Args:
        folder: the package; links inside it are refused.
        variables: the municipality's value for each variable; names that the package does not declare
            are left alone. None fills in the package's own examples, for a look without a municipality.

    Raises:
        ContentBroken: naming every problem.
    """
    return build_package(read_package(folder), variables)


def build_package(files: Files, variables: Mapping[str, str] | None = None) -> Package:
    """Check and build a package from its files; see `load_package`."""
    parsed, problems = parse(files)
    said = translate(parsed)
    problems += [*check(parsed), *check_wording(parsed), *said.problems]
    values, missing = _values(parsed, variables)
    problems += missing
    if problems or parsed.package is None or parsed.framework is None:
        raise ContentBroken(problems)
    manifest = parsed.package.shape
    sha256 = fingerprint(files)
    return Package(
        id=manifest.id,
        version=manifest.version,
        title=fill(manifest.title, values),
        framework=_framework(parsed.framework.shape),
        items=MappingProxyType(
            {entry.shape.id: _item(entry, said.items.get(entry.shape.id, {}), values) for entry in parsed.items}
        ),
        modules=MappingProxyType(
            {
                entry.shape.id: _in_all_languages(entry, said.modules.get(entry.shape.id, {}), files.texts, values)
                for entry in parsed.modules
            }
        ),
        policy=Policy(**manifest.assessment.model_dump()),
        practice_question=manifest.practice_question,
        start_module=manifest.start_module,
        personas=tuple(_persona(shape, values) for shape in manifest.personas),
        media=MappingProxyType(dict(files.media)),
        variables=MappingProxyType({name: shape.example for name, shape in manifest.variables.items()}),
        sha256=sha256,
        bank_version=f"{manifest.id}@{manifest.version}+{sha256[:SHORT_SHA]}",
    )


def _values(parsed: Parsed, given: Mapping[str, str] | None) -> tuple[dict[str, str], list[Problem]]:
    """What fills each declared variable, and which required ones nobody gave."""
    if parsed.package is None:
        return {}, []
    values, problems = {}, []
    for name, shape in parsed.package.shape.variables.items():
        value = shape.example if given is None else given.get(name, "").strip()
        if not value and shape.required:
            problems.append(parsed.package.problem(f"{name} is required and has no value", "variables", name))
        values[name] = value or shape.example
    return values, problems


def _framework(shape: FrameworkShape) -> Framework:
    domains = [
        Domain(
            id=domain_id,
            label=_label(domain.label),
            can_do=MappingProxyType(dict(domain.can_do)),
            subskills=tuple(
                Subskill(subskill_id, _label(subskill.label), subskill.scored, subskill.grow)
                for subskill_id, subskill in domain.subskills.items()
            ),
        )
        for domain_id, domain in shape.domains.items()
    ]
    levels = [Level(level.id, _label(level.label), level.above) for level in shape.levels]
    return Framework(shape.id, shape.version, tuple(domains), tuple(levels))


def _persona(shape: PersonaShape, values: Mapping[str, str]) -> Persona:
    target = MappingProxyType(dict(shape.target))
    return Persona(shape.id, _label(shape.title), fill(shape.about, values), target)


def _label(shape: LabelShape) -> Mapping[str, str]:
    return MappingProxyType(shape.model_dump(exclude_none=True))


def _item(entry: Entry[ItemShape], others: Mapping[str, ItemShape], values: Mapping[str, str]) -> Item:
    said = {language: replace(build_item(shape, values), language=language) for language, shape in others.items()}
    return replace(build_item(entry.shape, values), others=MappingProxyType(said))


def _in_all_languages(
    entry: Entry[ModuleShape],
    others: Mapping[str, ModuleShape],
    texts: Mapping[str, str],
    values: Mapping[str, str],
) -> Module:
    said = {
        language: replace(_module(Entry(entry.document, shape), texts, values), language=language)
        for language, shape in others.items()
    }
    return replace(_module(entry, texts, values), others=MappingProxyType(said))


def _module(entry: Entry[ModuleShape], texts: Mapping[str, str], values: Mapping[str, str]) -> Module:
    shape = entry.shape
    beside = entry.file.removesuffix("module.yaml")
    return Module(
        id=shape.id,
        slug=shape.slug,
        version=shape.version,
        title=fill(shape.title, values),
        one_topic=fill(shape.one_topic, values),
        benefit=fill(shape.benefit, values),
        domain=shape.domain,
        subskills=tuple(shape.subskills),
        level=shape.level,
        minutes=shape.minutes,
        goals=tuple(fill(goal, values) for goal in shape.goals),
        steps=tuple(_step(step, beside, texts, values) for step in shape.steps),
        requires=tuple(shape.requires),
    )


def _step(shape: StepShape, beside: str, texts: Mapping[str, str], values: Mapping[str, str]) -> Step:
    blocks = []
    for block in shape.blocks:
        if isinstance(block, TextShape):
            markdown = texts[beside + block.file] if block.file else block.md or ""
            blocks.append(Block("text", html=render(markdown, values)))
        elif block.type == "item":
            blocks.append(Block("item", item_ref=block.ref))
        elif block.type == "contact":
            blocks.append(Block("contact", entries=(values[CONTACT_VARIABLE],)))
        else:
            blocks.append(Block(block.type, entries=tuple(fill(entry, values) for entry in block.items)))
    return Step(shape.id, shape.kind, fill(shape.title, values), shape.minutes, tuple(blocks))
