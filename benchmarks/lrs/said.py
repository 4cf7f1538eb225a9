"""Statements as the tool says them, about people who each answer fifty questions; the same for every run."""

from __future__ import annotations

import hashlib
import uuid
from functools import lru_cache
from typing import Any, Final

Json = dict[str, Any]

PLACE: Final = "https://tool.example/t/voorbeeldstad"
SPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, PLACE)
EACH: Final = 50
"""Statements about one person."""
IN_A_CAMPAIGN: Final = 1000
"""People."""
ITEMS: Final = 300
DOMAINS: Final = 5
VERBS: Final = ("answered",) * 42 + ("scored",) * 5 + ("initialized", "completed", "registered")
MOMENT: Final = "2026-11-23T10:00:00.123Z"


@lru_cache(maxsize=16)
def agent(person: int) -> Json:
    name = hashlib.sha1(f"person {person}".encode(), usedforsecurity=False).hexdigest()
    return {"objectType": "Agent", "account": {"homePage": PLACE, "name": name}}


@lru_cache(maxsize=16)
def registration(person: int) -> str:
    return str(uuid.uuid5(SPACE, f"registration {person}"))


def statement_id(number: int) -> str:
    return str(uuid.uuid5(SPACE, f"statement {number}"))


def verb(number: int) -> Json:
    word = VERBS[number % EACH]
    return {"id": f"http://adlnet.gov/expapi/verbs/{word}", "display": {"nl": word, "en": word}}


def activity(number: int) -> str:
    return f"{PLACE}/item/VEI-{number * 7919 % ITEMS:04d}@1"


def campaign(person: int) -> str:
    return f"{PLACE}/campaign/{person // IN_A_CAMPAIGN}"


def statement(number: int) -> Json:
    """The statement with this number, without what an LRS adds."""
    person = number // EACH
    domain = f"{PLACE}/domain/{number % DOMAINS}"
    return {
        "id": statement_id(number),
        "actor": agent(person),
        "verb": verb(number),
        "object": {"objectType": "Activity", "id": activity(number)},
        "result": {"success": number % 3 != 0},
        "context": {
            "registration": registration(person),
            "contextActivities": {
                "parent": [{"id": f"{PLACE}/assessment/1"}],
                "grouping": [{"id": campaign(person)}, {"id": domain}],
                "category": [{"id": "https://tool.example/xapi/profile/v1"}],
            },
            "language": "nl",
        },
        "timestamp": MOMENT,
        "version": "1.0.3",
    }
