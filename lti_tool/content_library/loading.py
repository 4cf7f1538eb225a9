"""From a package folder to domain values, with the municipality's own words filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from lti_tool.content_library.building_items import build_item
from lti_tool.content_library.building_modules import build_module
from lti_tool.content_library.checks import check
from lti_tool.content_library.format import FrameworkShape, ItemShape, LabelShape
from lti_tool.content_library.parsed import Parsed, parse
from lti_tool.content_library.problems import ContentBroken, Problem
from lti_tool.content_library.reading import Files, fingerprint, read_files
from lti_tool.content_library.rendering import fill
from lti_tool.content_library.wording import check_wording
from lti_tool.domain.content import Domain, Framework, Item, Level, Package, Policy, Subskill

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
    files = read_files(folder)
    parsed, problems = parse(files)
    return build(files, parsed, [*problems, *check(parsed), *check_wording(parsed)], variables)


def build(
    files: Files,
    parsed: Parsed,
    problems: Sequence[Problem],
    variables: Mapping[str, str] | None,
    make_item: Callable[[ItemShape, Mapping[str, str]], Item] = build_item,
) -> Package:
    """The package of which all problems are known. Raises ContentBroken when there are any."""
    values, missing = _values(parsed, variables)
    problems = [*problems, *missing]
    if problems or parsed.package is None or parsed.framework is None:
        raise ContentBroken(problems)
    manifest = parsed.package.shape
    sha256 = fingerprint(files)
    return Package(
        id=manifest.id,
        version=manifest.version,
        title=fill(manifest.title, values),
        framework=_framework(parsed.framework.shape),
        items=MappingProxyType({entry.shape.id: make_item(entry.shape, values) for entry in parsed.items}),
        modules=MappingProxyType(
            {entry.shape.id: build_module(entry, files.texts, values) for entry in parsed.modules}
        ),
        policy=Policy(**manifest.assessment.model_dump()),
        practice_question=manifest.practice_question,
        start_module=manifest.start_module,
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


def _label(shape: LabelShape) -> Mapping[str, str]:
    return MappingProxyType(shape.model_dump(exclude_none=True))
