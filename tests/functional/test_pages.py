"""Every page with example values: whole and calm; and the pages of staff, operators and machines."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from lti_tool.domain.disclosure import Figure, View, disclose
from tests.page_reader import Page, page_of
from tests.web_examples import GROUP, NOW, SIZE, people
from tests.web_fakes import House, make_house

LEARNER_PAGES = (
    "/start",
    "/practice",
    "/question",
    "/paused",
    "/advice",
    "/answers",
    "/trainings",
    "/trainings/M-VEI-001",
    "/progress",
)
STAFF_PAGES = ("/staff", "/staff/group")
ROLE_PAGES = (
    "/roles",
    "/invitation/molenwaard/7K2M-QX9T-4HBD-W0EZ",
    "/admin",
    "/admin/roles",
    "/figures/campaigns",
    "/figures/campaigns/standaard",
)
OTHER_PAGES = (
    *ROLE_PAGES,
    "/admin/completions",
    "/operator/login",
    "/operator/statements",
    "/operator/outbox",
    "/demo/what-happened",
    "/nergens",
)
ALARMING = ("fout", "helaas", "gezakt", "onvoldoende", "slecht", "✗", "❌")


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.mark.parametrize("path", [*LEARNER_PAGES, *STAFF_PAGES, *OTHER_PAGES])
def test_each_page_has_a_title_a_language_one_heading_and_a_place_for_the_focus(house: House, path: str) -> None:
    page = page_of(house, path)
    assert page.title.endswith(" – Digivaardig")
    assert page.all("html")[0]["lang"] == "nl"
    headings = page.all("h1")
    assert len(headings) == 1
    assert headings[0]["id"] == "title"
    assert headings[0]["tabindex"] == "-1"
    assert page.all("a")[0]["href"] == "#title"
    assert len(page.all("main")) == 1


@pytest.mark.parametrize("path", [*LEARNER_PAGES, *STAFF_PAGES, *OTHER_PAGES])
def test_no_page_has_script_inline_style_or_anything_from_elsewhere(house: House, path: str) -> None:
    page = page_of(house, path)
    assert not page.all("script")
    assert not page.all("style")
    for tag, attrs in page.tags:
        assert "style" not in attrs, tag
        assert not [name for name in attrs if name.startswith("on")], tag
        for name in ("src", "href", "action"):
            assert not (attrs.get(name) or "").startswith(("http", "//", "javascript:")), (tag, attrs)


@pytest.mark.parametrize("path", [*LEARNER_PAGES, *STAFF_PAGES, *OTHER_PAGES])
def test_ids_are_unique_and_every_label_points_at_a_field(house: House, path: str) -> None:
    page = page_of(house, path)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {label["for"] for label in page.all("label")} <= set(ids)


@pytest.mark.parametrize("path", LEARNER_PAGES)
def test_no_page_for_learners_alarms_or_counts(house: House, path: str) -> None:
    text = page_of(house, path).text.casefold()
    assert not [word for word in ALARMING if word in text]
    assert "%" not in text


def test_the_group_page_shows_only_groups_of_ten_and_says_so_for_the_others(house: House) -> None:
    text = page_of(house, "/staff/group").text
    assert "minstens 60 mensen" in text
    assert re.search(r"Buitendienst\s*te weinig mensen voor een groepsbeeld", text)
    assert "ongeveer 60 %: ‘je leert de basis’ of ‘je redt jezelf’" in text
    assert "De groep ging vooruit." in text
    assert "Geen duidelijk verschil." in text


def test_the_group_page_tells_how_far_the_group_is_with_each_training(house: House) -> None:
    text = page_of(house, "/staff/group").text
    assert "Welke trainingen volgt de groep? Iedereen" in text
    assert "Welke trainingen volgt de groep? Burgerzaken" in text
    assert "ongeveer 40 %: ‘niet geopend’" in text
    assert "ongeveer 30 %: ‘begonnen’ of ‘afgerond’" in text
    few = text.split("Te weinig mensen voor een groepsbeeld, of bijna iedereen is even ver")[1]
    assert GROUP.modules[2][1] in few


def test_when_no_training_may_be_told_of_the_group_page_says_so_once(house: House) -> None:
    disclosed = disclose([Figure(View("participation", "all", people("p", 20)), {})], (), NOW)[0]
    house.reports.group = replace(GROUP, disclosed=disclosed)
    text = page_of(house, "/staff/group").text
    assert text.count("Te weinig mensen voor een groepsbeeld, of bijna iedereen is even ver") == 1
    house.reports.group = replace(GROUP, disclosed=disclosed, modules=())
    assert "Welke trainingen volgt de groep?" not in page_of(house, "/staff/group").text


def test_without_published_figures_the_group_page_says_why(house: House) -> None:
    house.reports.group = replace(GROUP, disclosed=None)
    assert "te weinig mensen voor een groepsbeeld" in page_of(house, "/staff/group").text
    house.reports.group = replace(GROUP, disclosed=None, writes_results=False)
    assert "alleen voor de medewerkers zelf" in page_of(house, "/staff/group").text
    assert "alleen voor de medewerkers zelf" in page_of(house, "/staff").text


@pytest.mark.parametrize("disclosed", [GROUP.disclosed, None])
def test_the_group_page_tells_the_size_of_the_course_where_it_is_known(house: House, disclosed: Any) -> None:
    house.reports.group = replace(GROUP, disclosed=disclosed, size=SIZE)
    told = "In het leerportaal stonden op 23 november 2026 minstens 80 mensen in de cursus."
    assert page_of(house, "/staff/group").text.count(told) == 1
    house.reports.group = replace(GROUP, disclosed=disclosed)
    assert "in de cursus" not in page_of(house, "/staff/group").text


@pytest.mark.parametrize(
    ("openness", "text"),
    [
        ("open", "Voor medewerkers is dit open."),
        ("not_yet_open", "De ondernemingsraad heeft ingestemd"),
        ("over", "De periode is voorbij."),
    ],
)
def test_staff_see_whether_the_campaign_is_open(house: House, openness: str, text: str) -> None:
    house.reports.group = replace(GROUP, openness=openness)
    assert text in page_of(house, "/staff").text


def test_staff_look_around_as_a_new_learner_and_see_that_nothing_counts(house: House) -> None:
    client = house.staff()
    assert client.post("/staff/preview").location == "/start#title"
    assert house.enter.done == ["preview"]
    assert "Niets hiervan telt mee." in client.get("/start").text


def test_the_csv_is_behind_its_secret(house: House) -> None:
    client = house.client()
    answer = client.get("/figures/geheim.csv")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert client.get("/figures/geraden.csv").status_code == 404


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/figures/geheim.parquet", "application/vnd.apache.parquet"),
        ("/figures/geheim.csv-metadata.json", "application/csvm+json"),
        ("/figures/geheim.pbids", "application/json"),
    ],
)
def test_what_stands_beside_the_csv_is_a_file_behind_the_same_secret(house: House, path: str, kind: str) -> None:
    client = house.client()
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, kind)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="digivaardig-groepscijfers.')
    assert client.get(path.replace("geheim", "geraden")).status_code == 404
    if kind != "application/vnd.apache.parquet":
        assert "https://digivaardig.example/figures/geheim.csv" in answer.text


def test_where_parquet_is_not_installed_a_page_says_how_to_get_the_figures(house: House) -> None:
    house.reports.has_parquet = False
    answer = house.client().get("/figures/geheim.parquet")
    assert answer.status_code == 404
    assert "Parquet is hier niet geïnstalleerd" in answer.text
    assert ".csv in plaats van .parquet" in answer.text


def test_the_operator_logs_in_reads_and_logs_out(house: House) -> None:
    client = house.client()
    assert client.get("/operator/statements").location == "/operator/login#title"
    refused = client.post("/operator/login", data={"name": "beheerder", "password": "x"})
    assert refused.status_code == 422
    assert 'value="beheerder"' in refused.text
    entered = client.post("/operator/login", data={"name": "beheerder", "password": "goed wachtwoord"})
    assert entered.location == "/operator/statements#title"
    page = client.get("/operator/statements")
    assert page.headers["Refresh"] == "5; url=/operator/statements"
    assert "items/VEI-INT-0012@1" in page.text
    assert "Refresh" not in client.get("/operator/statements?paused=1").headers
    assert house.operate.looks == 2
    client.post("/operator/logout")
    assert client.get("/operator/statements").status_code == 303


def test_the_operator_sees_which_streams_are_kept_elsewhere(house: House) -> None:
    assert "LRS van de gemeente zelf" not in page_of(house, "/operator/statements").text
    house.operate.elsewhere = ("molenwaard/group", "voorbeeldstad/group")
    text = page_of(house, "/operator/statements").text
    assert "staan hier niet: molenwaard/group, voorbeeldstad/group" in text


@pytest.mark.parametrize(
    ("trouble", "text"), [("unavailable", "antwoordt nu niet"), ("refused", "weigert deze sleutel")]
)
def test_the_operator_sees_what_is_wrong_with_the_lrs(house: House, trouble: str, text: str) -> None:
    house.operate.trouble = trouble
    assert text in page_of(house, "/operator/statements").text


def test_the_operator_sees_that_nothing_arrived_yet(house: House) -> None:
    house.operate.empty = True
    assert "nog niets binnengekomen" in page_of(house, "/operator/statements").text


def test_the_demo_tells_what_happened_in_words(house: House) -> None:
    text = page_of(house, "/demo/what-happened").text
    assert "De eerste vragen zijn met opzet makkelijk." in text
    assert "75 %" in text
    house.inspect.nobody = True
    assert "nog niemand langs geweest" in page_of(house, "/demo/what-happened").text


def test_health_is_told_to_machines(house: House) -> None:
    assert house.client().get("/health").json == {"status": "ok"}
    assert make_house(healthy=False).client().get("/health").status_code == 503


def test_the_pages_speak_english_when_asked_and_mark_what_stays_dutch(house: House) -> None:
    client = house.learner()
    answer = client.post("/language", data={"locale": "en", "back": "/question"})
    assert answer.location == "/question#title"
    assert house.enter.done == ["language en"]
    page = Page(client.get("/question").text)
    assert page.all("html")[0]["lang"] == "en"
    assert "I do not know" in page.text
    assert {"class": "dv-question", "lang": "nl"} in page.all("div")
    client.post("/language", data={"locale": "xx", "back": "https://elsewhere.example/"})
    assert house.enter.done == ["language en"]


@pytest.mark.parametrize("back", ["https://elders.example/", "//elders.example", "/\\elders.example", "x"])
def test_a_language_choice_never_leads_elsewhere(house: House, back: str) -> None:
    answer = house.learner().post("/language", data={"locale": "nl", "back": back})
    assert answer.location == "/start#title"
