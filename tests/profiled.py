"""Statements of tests, held against the profile of the installation that says them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from xapi.draft import StatementDraft, freeze
from xapi.profile import Profile, profile_of


def profile_named_in(statement: Mapping[str, Any]) -> Profile:
    """The profile that this statement names as its category."""
    (category,) = statement["context"]["contextActivities"]["category"]
    profile = profile_of(category["id"].removesuffix("profile/v1"))
    assert profile.is_of(statement)
    return profile


def fits_profile(statement: Mapping[str, Any]) -> None:
    """Fail with every rule that the statement breaks."""
    assert profile_named_in(statement).problems(statement) == []


def freeze_what_fits(*said: Any) -> StatementDraft:
    """`xapi.draft.freeze`, for tests: what does not fit the profile fails them."""
    draft = freeze(*said)
    fits_profile(json.loads(draft.body))
    return draft


def kinds_of(profile: Profile, statements: Iterable[Mapping[str, Any]]) -> list[str]:
    """The name of the one template of each statement."""
    kinds = []
    for statement in statements:
        (template,) = [template for template in profile.templates if template.determines(statement)]
        kinds.append(template.name)
    return kinds


def follows_pattern(profile: Profile, name: str, kinds: Iterable[str]) -> bool:
    """Whether statements of these kinds, in this order, follow a pattern of the profile."""
    expression = _as_expression(profile, f"{profile.iris.base}pattern/{name}")
    return re.fullmatch(expression, "".join(f"{kind} " for kind in kinds)) is not None


def _as_expression(profile: Profile, iri: str) -> str:
    """A pattern as a regular expression over the names of templates."""
    part = profile.term(iri)
    assert part is not None
    if part["type"] == "StatementTemplate":
        return f"(?:{iri.rsplit('/', 1)[-1]} )"
    if "sequence" in part:
        return "".join(_as_expression(profile, inner) for inner in part["sequence"])
    if "alternates" in part:
        return f"(?:{'|'.join(_as_expression(profile, inner) for inner in part['alternates'])})"
    (key,) = {"optional", "zeroOrMore"} & part.keys()
    return f"(?:{_as_expression(profile, part[key])}){'?' if key == 'optional' else '*'}"
