"""The story by keyboard, and where the map puts its numbers: a list that a map doubles."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import served
from tests.browser.looks import LOOKS, open_as
from tests.browser.test_look import tab_to
from tests.web_examples import STORY
from tests.web_fakes import make_house

pytestmark = pytest.mark.browser

STORY_LOOK = next(look for look in LOOKS if look.name == "story")
MIDDLES = """() => {
  const map = document.querySelector('.dv-spots img').getBoundingClientRect();
  return [...document.querySelectorAll('.dv-place__link')].map(e => e.getBoundingClientRect()).map(box => [
    100 * (box.x + box.width / 2 - map.x) / map.width, 100 * (box.y + box.height / 2 - map.y) / map.height])
}"""


def test_a_place_on_the_map_leads_to_its_stop_and_a_stop_to_its_training_by_keyboard(browser: Browser) -> None:
    house = make_house(csrf=True)
    with served(house.app) as address:
        context = open_as(browser, house, STORY_LOOK, viewport={"width": 1000, "height": 800})
        page = context.new_page()
        page.goto(f"{address}/story")
        expect(page.get_by_role("navigation", name="De plekken op de kaart")).to_be_visible()
        expect(page.get_by_role("heading", name="2. De bibliotheek")).to_be_visible()
        tab_to(page, "nav [href='#stop-bibliotheek']")
        page.keyboard.press("Enter")
        expect(page.locator("#stop-bibliotheek")).to_be_focused()
        tab_to(page, "button[value=open]")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/trainings/{STORY.stops[1].cards[0].id}#title")
        context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_number_stands_in_the_middle_of_its_place_and_can_be_pressed_there(browser: Browser, width: int) -> None:
    house = make_house(csrf=True)
    with served(house.app) as address:
        context = open_as(browser, house, STORY_LOOK, viewport={"width": width, "height": 800})
        page = context.new_page()
        page.goto(f"{address}/story")
        for middle, stop in zip(page.evaluate(MIDDLES), STORY.stops, strict=True):
            assert middle == pytest.approx([stop.place.x, stop.place.y], abs=0.5)
        page.get_by_role("link", name="3. De markt").first.click()
        expect(page.locator("#stop-markt")).to_be_focused()
        context.close()
