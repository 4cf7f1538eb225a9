"""The profile is JSON-LD: a processor finds everything in it again (xAPI Profiles 1.0, Part Two, section 2)."""

from __future__ import annotations

from typing import Any

import pytest
from pyld import jsonld

from tests.unit.xapi.json_ld import CONTEXT_IRI, PROFILES, SKOS, XAPI, context
from tests.unit.xapi.test_profile_document import document


def _here(url: str, _options: dict[str, Any]) -> dict[str, Any]:
    assert url == CONTEXT_IRI, "nothing else is asked for, and nothing is fetched"
    return {"contextUrl": None, "documentUrl": url, "document": context(), "contentType": "application/ld+json"}


def expanded(told: dict[str, Any]) -> dict[str, Any]:
    (found,) = jsonld.expand(told, {"documentLoader": _here})
    return dict(found)


def test_a_processor_finds_the_whole_profile_again() -> None:
    told = document()
    again = jsonld.compact(expanded(told), CONTEXT_IRI, {"documentLoader": _here})
    assert again == told


def test_every_part_is_known_by_an_absolute_name_and_a_known_class() -> None:
    found = expanded(document())
    kinds = {
        part["@type"][0]
        for name in ("concepts", "templates", "patterns")
        for part in found[f"{PROFILES}{name}"]
        if part["@id"].startswith("https://")
    }
    assert kinds == {
        f"{XAPI}Verb",
        f"{XAPI}ActivityType",
        f"{XAPI}ResultExtension",
        f"{PROFILES}StatementTemplate",
        f"{PROFILES}Pattern",
    }
    assert {label["@language"] for label in found[f"{SKOS}prefLabel"]} == {"nl", "en"}


@pytest.mark.parametrize("where", ["the profile", "a concept", "a rule"])
def test_a_word_that_profiles_do_not_have_is_lost_and_seen(where: str) -> None:
    told = document()
    places = {"the profile": told, "a concept": told["concepts"][0], "a rule": told["templates"][0]["rules"][0]}
    places[where]["prefLable"] = "typed wrong"
    assert jsonld.compact(expanded(told), CONTEXT_IRI, {"documentLoader": _here}) != told
