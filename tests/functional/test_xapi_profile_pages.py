"""What the IRIs in our statements lead to, for machines and for people."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest

from tests.web_fakes import House, make_house
from xapi.profile import profile_of

BASE = "https://digivaardig.example/xapi/"
PROFILE = profile_of(BASE)
WORDS = [part["id"] for key in ("concepts", "templates", "patterns") for part in PROFILE.document[key]]
NOTHING = [
    "verb/passed",
    "verb/",
    "ext/ability/more",
    "profile/v2",
    "item/VEI-INT-0012@3",
    "t/voorbeeldstad",
    "t/voorbeeldstad/campaign/2026",
    "attempt/22b5bfbf-7f09-532c-a1af-c8867a59a505",
    "start-page/1",
    "verb/%00",
    "verb/" + "x" * 5000,
    "verb/<script>",
]


@pytest.fixture
def house() -> House:
    return make_house()


def path(iri: str) -> str:
    return urlsplit(iri).path


@pytest.mark.parametrize("iri", [PROFILE.iri, PROFILE.version])
@pytest.mark.parametrize("accept", ["application/ld+json", "text/html", "*/*"])
def test_the_profile_is_told_as_json_ld(house: House, iri: str, accept: str) -> None:
    answer = house.client().get(path(iri), headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.content_type == "application/ld+json"
    assert json.loads(answer.text) == PROFILE.document


@pytest.mark.parametrize("iri", WORDS)
def test_every_word_of_the_profile_leads_to_a_page_and_to_json_ld(house: House, iri: str) -> None:
    told = PROFILE.term(iri)
    assert told is not None
    page = house.client().get(path(iri), headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.status_code == 200
    for language in ("nl", "en"):
        assert f'<section lang="{language}">' in page.text
        assert told["prefLabel"][language] in page.text
    assert iri in page.text
    data = house.client().get(path(iri), headers={"Accept": "application/ld+json"})
    assert data.content_type == "application/ld+json"
    assert json.loads(data.text) == {"@context": "https://w3id.org/xapi/profiles/context", **told}


def test_the_page_follows_the_language_of_the_browser(house: House) -> None:
    for language, title in (("nl", "Vaardigheid"), ("en", "Ability")):
        page = house.client().get("/xapi/ext/ability", headers={"Accept-Language": language})
        assert re.search(rf"<h1[^>]*>{title}</h1>", page.text)
        assert f'<html lang="{language}"' in page.text


@pytest.mark.parametrize("where", ["/xapi/profile", "/xapi/verb/advised"])
def test_everybody_may_keep_it_and_nobody_gets_a_cookie(house: House, where: str) -> None:
    headers = house.client().get(where).headers
    assert headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in headers
    assert "Accept-Language" in headers["Vary"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_a_learner_sees_the_same_as_a_stranger(house: House) -> None:
    assert house.learner().get("/xapi/verb/advised").text == house.client().get("/xapi/verb/advised").text


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_no_word_is_not_there_and_tells_nothing(house: House, name: str) -> None:
    answer = house.client().get(f"/xapi/{name}")
    assert answer.status_code == 404
    assert "<script>" not in answer.text
    for private in ("voorbeeldstad", "VEI-INT", "22b5bfbf", "waterland"):
        assert private not in answer.text


@pytest.mark.parametrize("name", ["item/VEI-INT-0012@3", "t/voorbeeldstad", "verb/passed"])
def test_an_iri_that_leads_nowhere_names_no_portal(house: House, name: str) -> None:
    assert "waterland" not in str(house.client().get(f"/xapi/{name}").headers)


@pytest.mark.parametrize("base", ["https://digivaardig.example/", "https://iris.example/leren/v/"])
def test_the_iris_of_another_base_lead_to_the_same(base: str) -> None:
    house = make_house(iri_base=base)
    answer = house.client().get(path(f"{base}profile/v1"))
    assert json.loads(answer.text)["id"] == f"{base}profile"
    assert house.client().get(path(f"{base}verb/advised")).status_code == 200
    assert house.client().get("/start").status_code != 404
