"""From the shapes of a framework and of personas to the skills and people that a package is about."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lti_tool.content_library.format import FrameworkShape, LabelShape
from lti_tool.content_library.format.package import PersonaShape
from lti_tool.content_library.rendering import fill
from lti_tool.domain.content import Domain, Framework, Level, Persona, Subskill


def build_framework(shape: FrameworkShape) -> Framework:
    domains = [
        Domain(
            id=domain_id,
            label=_label(domain.label),
            can_do=MappingProxyType({level: _label(line) for level, line in domain.can_do.items()}),
            subskills=tuple(
                Subskill(subskill_id, _label(subskill.label), subskill.scored, _label(subskill.grow))
                for subskill_id, subskill in domain.subskills.items()
            ),
        )
        for domain_id, domain in shape.domains.items()
    ]
    levels = [Level(level.id, _label(level.label), level.above) for level in shape.levels]
    return Framework(shape.id, shape.version, tuple(domains), tuple(levels))


def build_persona(shape: PersonaShape, values: Mapping[str, str]) -> Persona:
    target = MappingProxyType(dict(shape.target))
    return Persona(shape.id, _label(shape.title), fill(shape.about, values), target)


def _label(shape: LabelShape) -> Mapping[str, str]:
    return MappingProxyType(shape.model_dump(exclude_none=True))
