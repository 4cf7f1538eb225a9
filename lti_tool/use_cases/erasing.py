"""Erase at one LRS what is about one pseudonym, in the way that this LRS knows, and ask it whether it is true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lti_tool.domain.endpoints import LrsEndpoint
from lti_tool.recording import OPERATOR_STREAM, Pen
from lti_tool.storage.erasures import Erasure
from lti_tool.use_cases.lrs_access import LrsAccess, client_of
from xapi.client import LrsClient
from xapi.lrsql import LrsqlAdministrator
from xapi.voiding import voidable


@dataclass(frozen=True)
class Erased:
    """What became of the statements about one pseudonym at one LRS."""

    place: str
    """The address of the LRS; for the built-in one its name in the outbox."""
    count: int
    word: str
    """`erased`, or `voided`: hidden."""
    left: int
    """So many the LRS still shows; 0 is the proof."""


def erase(erasure: Erasure, place: LrsEndpoint | None, lrs: LrsAccess, pen: Pen, now: datetime) -> Erased:
    """Erase, then ask.

    Args:
        place: an LRS of the municipality's own; None: the built-in one.

    Raises:
        LrsUnavailable, LrsRefused
    """
    agent = pen.agent(erasure.tenant_id, erasure.pseudonym)
    if place is None:
        eraser, reader = lrs.built_in(erasure.tenant_id)
        name = f"{erasure.tenant_id}/{OPERATOR_STREAM}"
        return Erased(name, eraser.erase(agent), "erased", _about(reader, agent))
    reader = client_of(place)
    if place.erase == "void":
        count = pen.void_at(reader, erasure.tenant_id, erasure.pseudonym, now)
        return Erased(place.url, count, "voided", len(voidable(reader, agent)))
    count = _about(reader, agent)
    administrator = LrsqlAdministrator(place.url, place.secrets.erase_username, place.secrets.erase_password)
    administrator.erase(agent)
    return Erased(place.url, count, "erased", _about(reader, agent))


def _about(reader: LrsClient, agent: dict[str, object]) -> int:
    return sum(1 for _ in reader.statements(agent=agent, related_agents=True))
