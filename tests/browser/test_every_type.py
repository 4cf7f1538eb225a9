"""Every type of question and every simulation, in a real browser: with the keyboard alone, and without script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lti_tool.domain.content import Item, Medium
from lti_tool.domain.scoring import Response
from tests.browser.conftest import served
from tests.browser.keyboard import answer_in_the_assessment, practise_in_a_training
from tests.browser.looks import LOOKS, Look, come_in, complaints_of
from tests.web_examples import STARTER
from tests.web_fakes import House, make_house

pytestmark = [pytest.mark.browser, pytest.mark.no_cover]

ITEMS = tuple(STARTER.items.values())
EVERY_ITEM = pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"{item.id}-{item.type}")
QUESTION, MODULE = Look("question", "/question"), Look("module", "/trainings/M-VEI-001")
LOOK_ALIKE = {"wide": {"width": 1000, "height": 800}, "phone": {"width": 360, "height": 740}}


@pytest.fixture(scope="module")
def kept_page(browser: Browser) -> Iterator[Page]:
    """A window in which no script runs; `make prove-access` walks the same with scripts."""
    context = browser.new_context(java_script_enabled=False, viewport=LOOK_ALIKE["wide"])
    yield context.new_page()
    context.close()


@pytest.fixture
def house() -> House:
    return make_house(csrf=True)


@pytest.fixture
def address(house: House, kept_page: Page) -> Iterator[str]:
    """The tool, with a learner in the window who is logged in."""
    with served(house.app) as address, complaints_of(kept_page) as complaints:
        come_in(kept_page.context, house, QUESTION)
        yield address
    kept_page.context.clear_cookies()
    assert complaints == []


@EVERY_ITEM
def test_it_is_answered_in_an_assessment_with_the_keyboard(
    kept_page: Page, address: str, house: House, item: Item
) -> None:
    walk = answer_in_the_assessment(kept_page, address, house, item)
    assert_everything_opened(walk.opened, item)


@EVERY_ITEM
def test_it_is_practised_in_a_training_with_the_keyboard(
    kept_page: Page, address: str, house: House, item: Item
) -> None:
    walk = practise_in_a_training(kept_page, address, house, item)
    assert_everything_opened(walk.opened, item)


def assert_everything_opened(opened: list[str], item: Item) -> None:
    """Each mail was opened, and each link was looked at before it was followed, for it cannot be."""
    mails = getattr(item.scene, "mails", ())
    links = [mail for mail in mails if mail.link_text]
    assert len(opened) == len(mails) + len(links), opened
    assert opened.count("Bekijk waar de link heen gaat") == len(links)


def test_an_opened_mail_shows_its_address_and_where_its_link_leads_and_is_no_link(
    kept_page: Page, address: str, house: House
) -> None:
    house.assessment.questions = (STARTER.item("VEI-INT-0002"),)
    kept_page.goto(f"{address}/question")
    first = kept_page.locator(".dv-mail").first
    expect(first.get_by_text("helpdesk@inlog-controle.example")).to_be_hidden()
    first.locator("summary").first.press("Enter")
    expect(first.get_by_text("helpdesk@inlog-controle.example")).to_be_visible()
    expect(first.get_by_text("https://voorbeeldstad.inlog-controle.example/login")).to_be_hidden()
    first.get_by_text("Bekijk waar de link heen gaat").press("Enter")
    expect(first.get_by_text("https://voorbeeldstad.inlog-controle.example/login")).to_be_visible()
    assert kept_page.locator(".dv-scene a").count() == 0


def test_a_file_is_saved_to_open_with_a_program_of_ones_own(kept_page: Page, address: str, house: House) -> None:
    house.assessment.questions = (STARTER.item("OPE-SOF-0005"),)
    kept_page.goto(f"{address}/question")
    with kept_page.expect_download() as saved:
        kept_page.get_by_role("link", name="Begroting wijkfeest").press("Enter")
    assert saved.value.suggested_filename == "wijkfeest.xlsx"
    assert saved.value.path().read_bytes() == STARTER.medium("media/wijkfeest.xlsx").path.read_bytes()


@pytest.mark.parametrize("size", LOOK_ALIKE)
def test_a_place_in_the_picture_chooses_the_option_and_shows_that_it_did(
    browser: Browser, house: House, size: str
) -> None:
    item = STARTER.item("OPE-SOF-0003")
    house.assessment.questions = (item,)
    phone = size == "phone"
    context = browser.new_context(viewport=LOOK_ALIKE[size], has_touch=phone, is_mobile=phone)
    with served(house.app) as address:
        come_in(context, house, QUESTION)
        page = context.new_page()
        page.goto(f"{address}/question")
        spots = page.locator(".dv-spot")
        for number, option in enumerate(item.options):
            spot = spots.nth(number)
            before = spot.evaluate("e => getComputedStyle(e).boxShadow")
            if phone:
                spot.tap()
            else:
                spot.click()
            expect(page.locator(f"input[value={option.id}]")).to_be_checked()
            assert spot.evaluate("e => getComputedStyle(e).boxShadow") != before
        spots.nth(1).locator("span").click()
        expect(page.get_by_label("De ronde pijl")).to_be_checked()
        page.click("button[value=answer]")
        page.wait_for_url("**/advice#title")
        assert house.assessment.given == [Response(("b",))]
    context.close()


def test_the_place_of_the_option_that_has_the_focus_is_shown_in_the_picture(
    browser: Browser, house: House
) -> None:
    house.assessment.questions = (STARTER.item("OPE-SOF-0003"),)
    context = browser.new_context()
    with served(house.app) as address:
        come_in(context, house, QUESTION)
        page = context.new_page()
        page.goto(f"{address}/question")
        page.get_by_label("De ronde pijl").focus()
        page.keyboard.press("ArrowDown")
        outlines = page.locator(".dv-spot").evaluate_all("all => all.map(e => getComputedStyle(e).outlineStyle)")
        assert outlines == ["none", "none", "solid", "none"]
    context.close()


def test_a_picture_that_somebody_opens_runs_no_script(browser: Browser, house: House, tmp_path: Path) -> None:
    picture = tmp_path / "vals.svg"
    picture.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" onload="document.documentElement.id = \'ran\'">'
        "<script>document.documentElement.id = 'ran'</script><text>x</text></svg>"
    )
    house.media.others["media/vals.svg"] = Medium(picture, "image/svg+xml", "0" * 64, picture.stat().st_size)
    context = browser.new_context()
    with served(house.app) as address:
        come_in(context, house, LOOKS[0])
        page = context.new_page()
        with complaints_of(page) as complaints:
            page.goto(f"{address}/media/vals.svg")
        assert page.evaluate("document.documentElement.id") == ""
        assert any("Content Security Policy" in complaint for complaint in complaints)
    context.close()
