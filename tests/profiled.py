"""Statements of tests, held against the profile of the installation that says them."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
