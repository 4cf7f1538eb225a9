"""Values for tests, with every default filled; a test names only what matters to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from lti_tool.domain.campaign import Campaign
from lti_tool.domain.content import IN_ROWS, Choice, Item, Row
from lti_tool.domain.people import Attempt, DomainResult, Participation
from lti_tool.domain.scoring import Response
from lti_tool.domain.tenant import Contacts, Tenant

NOW = datetime(2026, 11, 23, 10, 20, tzinfo=UTC)


def make_tenant(**changes: Any) -> Tenant:
    values: dict[str, Any] = {
        "id": "voorbeeldstad",
        "name": "Gemeente Voorbeeldstad",
        "contacts": Contacts(
            helpers="Digihelden, digihelden@voorbeeldstad.example",
            conversation="Plan een gesprek via digihelden@voorbeeldstad.example",
            privacy="fg@voorbeeldstad.example",
            incident="Meldpunt ICT, 14 0000",
        ),
        "portal_marks_seen_by": "de beheerder van het leerportaal",
        "teams": ("Balie en klantcontact", "Wmo", "Vergunningen"),
        "works_council_consent_on": date(2026, 10, 1),
    }
    return Tenant(**{**values, **changes})


def make_campaign(**changes: Any) -> Campaign:
    values: dict[str, Any] = {
        "tenant_id": "voorbeeldstad",
        "id": "standaard",
        "name": "Digivaardig 2026",
        "goal": "Vanaf maart werken we met nieuwe programma's. We willen dat jij een training krijgt die past.",
        "purpose": "organisation",
        "mode": "vrijwillig",
        "mandatory_reason": "",
        "starts_on": date(2026, 11, 1),
        "ends_on": date(2027, 10, 31),
    }
    return Campaign(**{**values, **changes})


def make_participation(**changes: Any) -> Participation:
    values: dict[str, Any] = {
        "tenant_id": "voorbeeldstad",
        "id": "p-1",
        "campaign_id": "standaard",
        "learner_id": "l-1",
        "preview": False,
        "team": None,
        "language": "nl",
        "first_launch_at": NOW,
    }
    return Participation(**{**values, **changes})


def make_attempt(**changes: Any) -> Attempt:
    values: dict[str, Any] = {
        "tenant_id": "voorbeeldstad",
        "id": "a-1",
        "participation_id": "p-1",
        "number": 1,
        "bank_version": "digivaardig-basis@1.0.0+abc",
        "package_sha256": "abc",
        "excluded": frozenset(),
        "begun_at": NOW,
    }
    return Attempt(**{**values, **changes})


def make_result(domain: str, mean: float = 0.0, **changes: Any) -> DomainResult:
    level = "basis" if mean < -0.5 else "zelfstandig" if mean < 0.8 else "gevorderd"
    values: dict[str, Any] = {
        "domain": domain,
        "mean": mean,
        "sd": 0.4,
        "low95": mean - 0.8,
        "high95": mean + 0.8,
        "level": level,
        "between": None,
        "shares": (0.1, 0.8, 0.1),
        "items": 6,
        "wle": mean,
        "wle_se": 0.5,
        "gains": (),
    }
    return DomainResult(**{**values, **changes})


def matched(pairs: Sequence[tuple[str, str]]) -> tuple[Row, ...]:
    """The rows of a `match` item."""
    choices = tuple(Choice(str(number), right) for number, (_, right) in enumerate(pairs))
    return tuple(Row(left, choices, (str(number),)) for number, (left, _) in enumerate(pairs))


def right_response(item: Item) -> Response:
    """The right answer to an item of any type; to a declarative one any answer."""
    if item.type == "text_entry":
        return Response(text=item.accept[0])
    if item.number is not None:
        return Response(text=str(item.number.value).replace(".", ","))
    if item.type in IN_ROWS:
        return Response(choice=tuple(row.accept[0] for row in item.rows))
    if item.type == "order":
        return Response(choice=tuple(option.id for option in item.options))
    if item.type == "declarative":
        return Response(choice=(item.options[0].id,))
    return Response(choice=tuple(option.id for option in item.options if option.correct))


def wrong_response(item: Item) -> Response:
    """An answer that fits a scored item of any type, and is not the right one."""
    if item.type == "text_entry":
        return Response(text="geen idee")
    if item.number is not None:
        return Response(text=str(item.number.value + item.number.tolerance + 1).replace(".", ","))
    if item.type in IN_ROWS:
        return Response(choice=tuple(_otherwise(row) for row in item.rows))
    if item.type == "order":
        return Response(choice=tuple(option.id for option in reversed(item.options)))
    return Response(choice=(next(option.id for option in item.options if not option.correct),))


def _otherwise(row: Row) -> str:
    return next((choice.id for choice in row.choices if choice.id not in row.accept), "geen idee")
