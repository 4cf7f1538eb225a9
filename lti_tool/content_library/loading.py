"""From a package folder to domain values, with the municipality's own words filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from lti_tool import VERSION
from lti_tool.content_library.building.frameworks import build_framework, build_persona
from lti_tool.content_library.building.items import build_item
from lti_tool.content_library.building.modules import build_module
from lti_tool.content_library.building.stories import build_colophon, build_story
from lti_tool.content_library.checks import check
from lti_tool.content_library.checks.credits import check_tool
from lti_tool.content_library.checks.wording import check_wording
from lti_tool.content_library.composing import read_composed
from lti_tool.content_library.format import ItemShape, ModuleShape
from lti_tool.content_library.format.package import AssessmentShape
from lti_tool.content_library.golden import check_golden
from lti_tool.content_library.media import LICENCES, check_licences
from lti_tool.content_library.parsed import Entry, Parsed, parse
from lti_tool.content_library.problems import Problem, Problems
from lti_tool.content_library.reading import Files, fingerprint
from lti_tool.content_library.rendering import fill
from lti_tool.content_library.translating import Translated, translate
from lti_tool.domain.content import SOURCE_LANGUAGE, Item, Package, Policy
from lti_tool.domain.modules import Module

SHORT_SHA = 12
"""Hexadecimal digits of the fingerprint in a bank version."""


@dataclass(frozen=True)
class Checked:
    """A package as it stands, whether or not it may be used."""

    files: Files
    parsed: Parsed
    translated: Translated
    problems: Problems


def load_package(
    folder: Path, variables: Mapping[str, str] | None = None, *, beside: Path | None = None
) -> Package:
    """Read, check and build a package.

    Args:
        folder: the package; links inside it are refused.
        variables: the municipality's value for each variable; names that the package does not declare
            are left alone. None fills in the package's own examples, for a look without a municipality.
        beside: where the packages stand that it extends; beside it when None.

    Raises:
        ContentBroken: naming every problem.
    """
    return build_package(read_package(folder, beside), variables)


def package_of(files: Files, variables: Mapping[str, str] | None = None, *, tool: str | None = None) -> Package:
    """A package from its files; see `load_package`.

    Args:
        tool: the version of the tool that the package must fit. None: a release that the tool took in before; a
            campaign keeps what it has through every upgrade, and its golden responses are not looked at again.
    """
    return build_package(checked(files, tool), variables)


def read_package(folder: Path, beside: Path | None = None) -> Checked:
    """A package as it stands, and every problem in it; see `load_package`. Raises ContentBroken when none is."""
    return checked(read_composed(folder, beside), VERSION)


def checked(files: Files, tool: str | None) -> Checked:
    """The same files with what they hold, and every problem in them."""
    parsed, problems = parse(files)
    translated = translate(parsed)
    problems.add(files.refused)
    for found in (check(parsed), check_wording(parsed), check_licences(files.texts.get(LICENCES), files.media)):
        problems.add(found)
    problems.add(translated.problems)
    if tool:
        problems.add(check_tool(parsed, tool))
        problems.add(check_golden(parsed, problems))
    return Checked(files, parsed, translated, problems)


def build_package(
    checked: Checked,
    variables: Mapping[str, str] | None = None,
    make_item: Callable[[ItemShape, Mapping[str, str], str], Item] = build_item,
) -> Package:
    """Domain values of what was read. Raises ContentBroken when there are problems."""
    files, parsed, said, problems = checked.files, checked.parsed, checked.translated, checked.problems
    values, missing = _values(parsed, variables)
    problems.add(missing)
    if problems or parsed.package is None or parsed.framework is None:
        raise problems.broken()
    manifest = parsed.package.shape
    sha256 = fingerprint(files)
    return Package(
        id=manifest.id,
        version=manifest.version,
        title=fill(manifest.title, values),
        framework=build_framework(parsed.framework.shape),
        items=MappingProxyType(
            {
                item.id: _item({SOURCE_LANGUAGE: item, **said.items.get(item.id, {})}, values, make_item)
                for item in (entry.shape for entry in parsed.items)
            }
        ),
        modules=MappingProxyType(
            {
                entry.shape.id: _module(entry, said.modules.get(entry.shape.id, {}), files.texts, values)
                for entry in parsed.modules
            }
        ),
        policy=_policy(manifest.assessment),
        practice_question=manifest.practice_question,
        start_module=manifest.start_module,
        tools=MappingProxyType(_tools(parsed)),
        story=build_story(parsed.story.shape, values) if parsed.story else None,
        colophon=build_colophon(
            parsed.package, parsed, values, [build_colophon(one, parsed, values) for one in parsed.extended]
        ),
        personas=tuple(build_persona(shape, values) for shape in manifest.personas),
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


def _policy(shape: AssessmentShape) -> Policy:
    own = tuple((name, items.min_items, items.max_items) for name, items in shape.domains.items())
    return Policy(**shape.model_dump(exclude={"domains"}), of_domain=own)


def _tools(parsed: Parsed) -> dict[str, str]:
    """As declared, or all that something requires where the package declares none."""
    if parsed.package and parsed.package.shape.tools is not None:
        return dict(parsed.package.shape.tools)
    return {tool: tool for entry in (*parsed.items, *parsed.modules) for tool in entry.shape.requires}


def _item(
    shapes: Mapping[str, ItemShape],
    values: Mapping[str, str],
    make_item: Callable[[ItemShape, Mapping[str, str], str], Item],
) -> Item:
    """From the shape in each language, the source among them."""
    said = {language: make_item(shape, values, language) for language, shape in shapes.items()}
    item = said.pop(SOURCE_LANGUAGE)
    return replace(item, others=MappingProxyType(said)) if said else item


def _module(
    entry: Entry[ModuleShape],
    others: Mapping[str, ModuleShape],
    texts: Mapping[str, str],
    values: Mapping[str, str],
) -> Module:
    module = build_module(entry, texts, values)
    said = {
        language: replace(build_module(Entry(entry.document, shape), texts, values), language=language)
        for language, shape in others.items()
    }
    return replace(module, others=MappingProxyType(said)) if said else module
