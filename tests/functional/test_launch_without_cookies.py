"""A whole installation, and people whose browser keeps no cookie of the tool: the portal keeps the proof."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest

from lti_tool.demo import walks
from lti_tool.demo.browser import Browser, Tab
from lti_tool.demo.cookies import CookieJar, Setting, site_of
from lti_tool.demo.page import Page
from tests.functional.clear_pages import assert_clear, assert_echoes_nothing
from tests.functional.installation import Addresses, Installation
from tests.functional.visitors import KEY, rightly

DOOR = "/lti/launch/without-cookie"
NOT_OPENED = "Digivaardig kon niet open"
MOST_QUESTIONS = 60


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(Addresses(tmp_path_factory.mktemp("house"))) as made:
        yield made


class NoneOfTheTool(CookieJar):
    """Keeps the portal's cookies only."""

    def store(self, header: str, url: str, setting: Setting) -> bool:
        return "127.0.0.1" in url and super().store(header, url, setting)


class Strict:
    """A frame in a browser without cookies, in which we do what the page's script does."""

    def __init__(self, house: Installation, person_id: str) -> None:
        self._house = house
        self.browser = Browser()
        self.browser.jar = NoneOfTheTool()
        course = house.course(self.browser, person_id)
        link = course.page.link_to("/activity/")
        assert link is not None
        course.open(link.address)
        self.tool = course.frame()
        asked = _storage(self.tool.page)
        self.kept = {asked["data-key"]: asked["data-value"]}
        self.tool.open(asked["data-next"])

    def form(self) -> dict[str, str]:
        """What the script posts once the portal has given the value back."""
        fields = {f.name: f.value for f in self.tool.page.forms[-1].fields}
        return {**fields, "proof": self.kept[_storage(self.tool.page)["data-key"]]}

    def send(self, form: dict[str, str], path: str = DOOR) -> Page:
        return self.tool.submit(self._house.form(path, form))

    def twin(self) -> Tab:
        """The same frame on a connection of its own."""
        other = Tab(Browser(), frame_of=site_of(self._house.portal.url))
        other._page = self.tool.page
        return other


def _storage(page: Page) -> dict[str, str]:
    found = re.search(r'<form [^>]*id="storage"[^>]*>', page.source)
    assert found is not None, page.words
    return {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', found[0])}


def test_a_learner_without_cookies_goes_from_the_portal_to_the_advice(house: Installation) -> None:
    strict = Strict(house, "201")
    page = strict.send(strict.form())
    handle = re.fullmatch(r"(/s/[A-Za-z0-9_-]{43})/start", strict.tool.path)
    assert handle is not None, page.words
    strict.tool.press("do", "begin")
    for _ in range(MOST_QUESTIONS):
        if strict.tool.path != f"{handle[1]}/question":
            break
        walks.answer_one(strict.tool, KEY, rightly)
    assert strict.tool.path == f"{handle[1]}/advice"
    assert house.answers_of("201")
    everything = str([row._mapping for row in house.rows("select * from web_session")])
    assert handle[1].removeprefix("/s/") not in everything


def test_a_proof_opens_one_launch_once(house: Installation) -> None:
    strict = Strict(house, "202")
    form = strict.form()
    assert strict.send(form).status == 200
    again = strict.send(form)
    assert_clear(again, 400, NOT_OPENED, "– state_unknown")
    assert_echoes_nothing(again, form)


def test_of_many_at_the_same_moment_one_comes_in(house: Installation) -> None:
    strict = Strict(house, "203")
    form = strict.form()
    twins = [strict.twin() for _ in range(8)]
    with ThreadPoolExecutor(len(twins)) as pool:
        pages = list(pool.map(lambda tab: tab.submit(house.form(DOOR, form)), twins))
    assert sorted(page.status for page in pages) == [200] + [400] * 7


def test_a_launch_without_proof_uses_nothing_up(house: Installation) -> None:
    strict = Strict(house, "204")
    form = strict.form()
    bare = {name: value for name, value in form.items() if name != "proof"}
    for path in ("/lti/launch", "/lti/launch", DOOR):
        assert "start" not in strict.send(bare, path).url
    assert strict.send(form).status == 200


def test_the_proof_of_another_login_opens_nothing(house: Installation) -> None:
    mine, other = Strict(house, "205"), Strict(house, "206")
    theirs = other.form()
    assert_clear(mine.send({**mine.form(), "proof": theirs["proof"]}), 400, NOT_OPENED, "– browser_differs")
    assert_clear(other.send({**theirs, "state": "state-" + "x" * 43}), 400, NOT_OPENED, "– state_unknown")
    assert other.send(theirs).status == 200


def test_the_token_of_another_login_opens_nothing(house: Installation) -> None:
    mine, other = Strict(house, "207"), Strict(house, "208")
    mixed = {**mine.form(), "id_token": other.form()["id_token"]}
    assert_clear(mine.send(mixed), 400, NOT_OPENED, "– nonce_differs")


def test_a_browser_with_cookies_cannot_use_what_another_ones_portal_kept(house: Installation) -> None:
    strict = Strict(house, "209")
    form = strict.form()
    thief = Browser().tab()
    page = thief.submit(house.form(DOOR, form))
    assert (page.status, page.heading) == (403, "Dit adres werkt alleen in je leerportaal")
    page = thief.submit(house.form("/lti/launch", form))
    assert page.status == 403 or "storage" in page.source
    assert strict.send(form).status == 200
