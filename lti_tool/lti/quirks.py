"""What differs from one kind of portal to the next, read from `quirks.yaml`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints

from lti_tool.lti.shelves import Portal


class Remedy(BaseModel):
    """What an administrator of the portal can do, in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nl: str
    en: str


class KnownAnswer(BaseModel):
    """An answer of a portal that can be recognised."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: int
    says: str = ""
    """What its body must hold, in small letters; empty: anything."""

    def fits(self, status: int, body: bytes) -> bool:
        return status == self.status and self.says.encode() in body.lower()


class ScoreAnswer(KnownAnswer):
    """What an answer to a score means at this kind of portal."""

    reason: str
    """One of `lti.scores.ANSWERS`."""


Extension = Annotated[str, StringConstraints(pattern="^https://")]
"""The name of an addition is an address, so that none takes the place of what a score must say."""


class Quirks(BaseModel):
    """One kind of portal; the defaults are what the specifications say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    tried: str = ""
    """The version that was tried, or why this is from documents only."""
    codes: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    token_audience: str | None = None
    deep_link_url: bool = True
    line_item_when_unsaid: bool = False
    score_extension: dict[Extension, Any] = {}
    score_answers: tuple[ScoreAnswer, ...] = ()
    busy_answers: tuple[KnownAnswer, ...] = ()
    registration: dict[str, Any] = {}
    placements: tuple[str, ...] = ("ContentArea",)
    messages_unsaid: tuple[str, ...] = ()
    configuration_hosts: tuple[str, ...] = ()
    hide_grade: Remedy | None = None
    remedies: dict[str, Remedy] = {}


UNKNOWN: Final = Quirks(name="")
"""A portal of which nothing is known but the specifications."""


@cache
def all_quirks() -> dict[str, Quirks]:
    """Every kind of portal that is known, by our name for it."""
    text = (files("lti_tool.lti") / "quirks.yaml").read_text("utf-8")
    return {name: Quirks.model_validate(value) for name, value in yaml.safe_load(text).items()}


def quirks_of(portal: Portal) -> Quirks:
    """By what the portal calls itself; before its first launch, by the host of its issuer."""
    return quirks_for(portal.product, portal.issuer)


def quirks_for(product: str, issuer: str) -> Quirks:
    """The same for a portal that is not registered yet."""
    host = urlsplit(issuer).hostname or ""
    for quirks in all_quirks().values():
        if product in quirks.codes:
            return quirks
        if not product and any(host == end or host.endswith(f".{end}") for end in quirks.hosts):
            return quirks
    return UNKNOWN
