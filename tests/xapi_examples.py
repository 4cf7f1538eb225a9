"""Statements to test with."""

from __future__ import annotations

import uuid
from typing import Any

LEARNER = {"objectType": "Agent", "account": {"homePage": "https://tool.example/t/x", "name": "p7"}}
VERB = "http://adlnet.gov/expapi/verbs/answered"
ACTIVITY = "https://tool.example/xapi/item/VEI-INT-0012@1"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"


def a_statement(**parts: Any) -> dict[str, Any]:
    """A small valid statement with an id of its own; `parts` replace or add."""
    return {
        "id": str(uuid.uuid4()),
        "actor": LEARNER,
        "verb": {"id": VERB, "display": {"nl": "beantwoordde", "en": "answered"}},
        "object": {"objectType": "Activity", "id": ACTIVITY},
        **parts,
    }


def a_voiding(of: str, **parts: Any) -> dict[str, Any]:
    """A statement that voids another one."""
    return a_statement(verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": of}, **parts)


def about(statement_id: str, **parts: Any) -> dict[str, Any]:
    """A statement about another statement."""
    parts.setdefault("verb", {"id": "http://adlnet.gov/expapi/verbs/commented"})
    return a_statement(object={"objectType": "StatementRef", "id": statement_id}, **parts)


def a_full_statement() -> dict[str, Any]:
    """A valid statement that uses nearly every property of the standard."""
    activity = {
        "objectType": "Activity",
        "id": "http://example.com/activity",
        "definition": {
            "name": {"en-GB": "colour", "en-US": "color", "nl": "kleur"},
            "description": {"nl-NL": "wat", "zh-Hant-TW": "x"},
            "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
            "moreInfo": "http://example.com/more",
            "interactionType": "choice",
            "correctResponsesPattern": ["a[,]b"],
            "choices": [{"id": "a", "description": {"nl": "eerste", "en": "first"}}, {"id": "b"}],
            "extensions": {"http://example.com/x": {"deep": [1, None, {"y": "z"}]}},
        },
    }
    group = {
        "objectType": "Group",
        "name": "team",
        "member": [
            {"mbox": "mailto:a@Example.com", "name": "A"},
            {"mbox_sha1sum": "cd9b00a5611f94eaa7b1661edab976068e364975"},
            {"openid": "http://openid.example.org/12345"},
        ],
    }
    return a_statement(
        actor=group,
        object={
            "objectType": "SubStatement",
            "actor": LEARNER,
            "verb": {"id": VERB, "display": {"en": "answers"}},
            "object": activity,
            "context": {"platform": "x", "contextActivities": {"parent": {"id": "http://example.com/in"}}},
            "timestamp": "2030-01-01T00:00:00Z",
            "result": {"response": "a"},
        },
        result={
            "score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10.5},
            "success": True,
            "completion": False,
            "response": "a",
            "duration": "PT1H0.5S",
            "extensions": {"http://example.com/r": None},
        },
        context={
            "registration": str(uuid.uuid4()).upper(),
            "instructor": {"mbox": "mailto:teacher@example.com"},
            "team": {**group, "account": {"homePage": "http://example.com", "name": "t"}},
            "contextActivities": {
                "parent": [activity],
                "grouping": {"id": "http://example.com/course"},
                "category": [],
                "other": [{"id": "http://example.com/other"}],
            },
            "language": "nl",
            "statement": {"objectType": "StatementRef", "id": str(uuid.uuid4())},
            "extensions": {"http://example.com/c": 1.5},
        },
        timestamp="2026-11-23T10:00:00.123+01:00",
        version="1.0.2",
        attachments=[
            {
                "usageType": "http://example.com/usage",
                "display": {"en": "photo"},
                "description": {"en": "a photo"},
                "contentType": "image/jpeg; q=1",
                "length": 27,
                "sha2": "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a",
                "fileUrl": "http://example.com/photo.jpg",
            }
        ],
    )
