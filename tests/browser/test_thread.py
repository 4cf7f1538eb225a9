"""The whole thread by clicking, as people do: the portal's page, a frame of another site, and a strict browser."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Locator, Page, expect
from playwright.sync_api import TimeoutError as NotInTime

from lti_tool.demo.answer_key import AnswerKey, fill_in
from lti_tool.demo.municipalities import VOORBEELDSTAD
from lti_tool.demo.page import read_page
from lti_tool.demo.stage import CONTENT, OPERATOR, Stage
from lti_tool.web.sessions import COOKIE
from tests.browser.conftest import PATIENCE_MS
from tests.browser.window import SHOTS, Window, window

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MOST_STEPS = 40
START, ADVICE = "Ontdek wat je al kunt", "Dit is jouw advies"
ACTIVITY = "Ontdek wat je al kunt"
STRONG_DOMAINS = ("informatie", "operationeel")
"""What the learner of this walk is good at; about the others they are wrong, or say so."""
PAUSE_AT, DOUBLE_CLICK_AT = 4, 6


@pytest.fixture(scope="module")
def key() -> AnswerKey:
    return AnswerKey.read(CONTENT)


def test_a_learner_goes_from_the_portal_to_the_lrs_and_back(
    browser: Browser, stage: Stage, key: AnswerKey, tmp_path: Path
) -> None:
    with window(browser, tmp_path / "profile") as opened:
        page = opened.page
        page.goto(stage.portal_url)
        opened.shoot(shot("01-portal"))
        log_in(page, "Sanne de Boer")
        expect(page.get_by_text("nog niet klaar")).to_be_visible()
        opened.shoot(shot("02-course"))
        tool = open_activity(opened)
        expect(title(tool)).to_have_text(START)
        opened.shoot(shot("03-start"), phone=True)
        kept = [cookie for cookie in opened.context.cookies() if cookie["domain"] == "localhost"]
        assert COOKIE in [cookie["name"] for cookie in kept]
        assert {cookie.get("partitionKey") for cookie in kept} == {"http://127.0.0.1"}, "kept for this portal only"

        practise(opened, key)
        asked = take_assessment(opened, key, stage)
        read_advice(opened, asked)
        watching = log_in_as_operator(opened, stage)
        take_training(opened, key)
        tool = opened.tool
        tool.get_by_role("link", name="Wat ik heb gedaan").click()
        expect(title(tool)).to_have_text("Wat ik heb gedaan")
        expect(tool.locator(".dv-card").first).to_contain_text("Gedaan")
        opened.shoot(shot("15-progress"))

        leave_activity(opened)
        reload_until(page, page.get_by_text("✓ klaar"))
        opened.shoot(shot("16-klaar"))
        watching.bring_to_front()
        expect(watching.locator("tbody")).to_contain_text("launched")  # the page refreshed itself
        look_behind_the_scenes(opened, stage)


def test_a_teacher_looks_as_a_learner_and_sees_no_group_of_a_few(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    with window(browser, tmp_path / "profile") as opened:
        page = opened.page
        page.goto(stage.portal_url)
        log_in(page, "Marijke Visser")
        opened.shoot(shot("18-course-of-the-teacher"))
        tool = open_activity(opened)
        expect(title(tool)).to_have_text("Voor begeleiders en beheerders")
        opened.shoot(shot("19-staff"))
        tool.get_by_role("button", name="Bekijk als medewerker").click()
        expect(title(tool)).to_have_text(START)
        expect(tool.get_by_text("Je kijkt als medewerker.")).to_be_visible()
        opened.shoot(shot("20-preview"))
        tool.get_by_role("button", name="Start met de vragen").click()
        expect(title(tool)).to_have_text("Vraag 1")
        tool.get_by_role("button", name="Weet ik niet").click()
        expect(title(tool)).to_have_text("Vraag 2")
        tool.get_by_role("link", name="Terug naar het overzicht").click()
        tool.get_by_role("link", name="Bekijk de groepscijfers").click()
        expect(title(tool)).to_have_text("Groepscijfers")
        expect(tool.get_by_text("te weinig mensen voor een groepsbeeld")).to_be_visible()
        opened.shoot(shot("21-group"))


def test_an_administrator_enters_the_code_of_the_command_line_in_the_portals_frame(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    link, code = stage.cli("admin", "invite", "--tenant", VOORBEELDSTAD).splitlines()[:2]
    with window(browser, tmp_path / "profile") as opened:
        page = opened.page
        page.goto(link)  # from a message: a window without a session
        expect(title(page)).to_have_text("Je bent uitgenodigd")
        expect(page.get_by_text(code.removeprefix("Code: "))).to_be_visible()
        opened.shoot(shot("24-invitation"))
        page.goto(stage.portal_url)
        log_in(page, "Ton Bakker")
        tool = open_activity(opened)
        tool.get_by_role("link", name="Ik heb een uitnodiging").click()
        expect(title(tool)).to_have_text("Ik heb een uitnodiging")
        tool.get_by_label("De code van je uitnodiging").fill(code.removeprefix("Code: ").lower())
        tool.get_by_role("button", name="Neem de rol aan").click()
        expect(tool.get_by_text("Je hebt nu de rol beheerder van je gemeente.")).to_be_visible()
        opened.shoot(shot("25-role"), phone=True)
        tool.get_by_role("link", name="Naar beheer").click()
        expect(title(tool)).to_have_text("Beheer")
        opened.shoot(shot("26-admin"), phone=True)
        tool.get_by_role("link", name="Rollen en uitnodigingen").click()
        tool.get_by_label("Coach").check()
        tool.get_by_role("button", name="Maak een uitnodiging").click()
        expect(tool.get_by_text(f"{stage.tool_url}/invitation/{VOORBEELDSTAD}/")).to_be_visible()
        expect(tool.get_by_text("Nummer 104")).to_be_visible()
        opened.shoot(shot("27-admin-roles"))
        leave_activity(opened)
        tool = open_activity(opened)
        expect(tool.get_by_role("link", name="Beheer", exact=True)).to_be_visible()


def test_the_first_question_can_be_answered_with_the_keyboard_alone(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    with window(browser, tmp_path / "profile") as opened:
        page = opened.page
        page.goto(stage.portal_url)
        log_in(page, "Youssef el Idrissi")
        tool = open_activity(opened)
        expect(title(tool)).to_have_text(START)
        tab_to(page, tool.get_by_role("button", name="Start met de vragen"))
        page.keyboard.press("Enter")
        expect(title(tool)).to_have_text("Vraag 1")
        expect(title(tool)).to_be_focused()
        answer_with_the_keyboard(page, tool)
        tab_to(page, tool.get_by_role("button", name="Antwoord geven"))
        opened.shoot(shot("22-keyboard"))
        page.keyboard.press("Enter")
        expect(title(tool)).to_have_text("Vraag 2")


def test_the_tool_needs_no_script(browser: Browser, stage: Stage, key: AnswerKey, tmp_path: Path) -> None:
    with window(browser, tmp_path / "profile", javascript=False) as opened:
        page = opened.page
        page.goto(stage.portal_url)
        log_in(page, "Anneke Smit")
        tool = open_activity(opened)
        for button in (f"Naar {ACTIVITY}", "Naar de activiteit"):  # what the portal's script would press
            tool.get_by_role("button", name=button).click()
        expect(title(tool)).to_have_text(START)
        tool.get_by_role("button", name="Start met de vragen").click()
        expect(title(tool)).to_have_text("Vraag 1")
        fill(tool, asked_in(tool), key, right=True)
        tool.get_by_role("button", name="Antwoord geven").click()
        expect(title(tool)).to_have_text("Vraag 2")
        tool.get_by_role("button", name="Later verder").click()
        expect(tool.get_by_text("Alles is bewaard.")).to_be_visible()
        opened.shoot(shot("23-no-script"))


def log_in(page: Page, name: str) -> None:
    """From the portal's front page to the course page."""
    page.get_by_role("button", name=name).click()
    expect(page.get_by_text(f"Ingelogd als {name}")).to_be_visible()


def open_activity(opened: Window) -> Frame:
    """From the course page into the activity; returns the frame with the tool in it."""
    opened.page.get_by_role("link", name=ACTIVITY).click()
    opened.scroll_to_frame()
    return opened.tool


def leave_activity(opened: Window) -> None:
    """From the activity back to the course page."""
    back = opened.page.get_by_role("link", name="← Digitaal vaardig op je werk")
    back.scroll_into_view_if_needed()
    back.click()


def practise(opened: Window, key: AnswerKey) -> None:
    """From the start page by way of the practice question to the first one that counts."""
    tool = opened.tool
    tool.get_by_role("button", name="Begin met een oefenvraag").click()
    expect(title(tool)).to_have_text("Oefenvraag")
    opened.shoot(shot("04-practice"))
    fill(tool, asked_in(tool), key, right=True)
    tool.get_by_role("button", name="Antwoord geven").click()
    expect(tool.locator("#feedback")).to_be_visible()
    opened.shoot(shot("05-practice-feedback"))
    tool.get_by_role("button", name="Start met de vragen").click()


def take_assessment(opened: Window, key: AnswerKey, stage: Stage) -> int:
    """All questions, with a break and a double click; returns how many there were."""
    tool = opened.tool
    for position in range(1, MOST_STEPS):
        expect(title(tool)).to_have_text(f"Vraag {position}")
        if position == 1:
            opened.shoot(shot("06-question"), phone=True)
        if position == PAUSE_AT:
            tool = take_a_break(opened, position)
        item = asked_in(tool)
        if position == DOUBLE_CLICK_AT:
            fill(tool, item, key, right=True)
            double_click(opened, stage)
        elif key.question(item).domain not in STRONG_DOMAINS and position % 2:
            tool.get_by_role("button", name="Weet ik niet").click()
        else:
            fill(tool, item, key, right=key.question(item).domain in STRONG_DOMAINS)
            tool.get_by_role("button", name="Antwoord geven").click()
        expect(title(tool)).not_to_have_text(f"Vraag {position}")
        if title(tool).inner_text() == ADVICE:
            return position
    raise AssertionError("no end to the questions")


def take_a_break(opened: Window, position: int) -> Frame:
    """Stop in the middle, look in a window of its own, and come back through the portal."""
    tool = opened.tool
    tool.get_by_role("button", name="Later verder").click()
    expect(tool.get_by_text("Alles is bewaard.")).to_be_visible()
    opened.shoot(shot("07-paused"))
    with opened.context.expect_page() as new:
        tool.get_by_role("link", name="Open in een nieuw venster").click()
    new.value.get_by_role("link", name="Ga verder met de vragen").click()
    expect(title(new.value)).to_have_text(f"Vraag {position}")
    new.value.close()
    opened.page.bring_to_front()
    leave_activity(opened)
    tool = open_activity(opened)
    again = tool.get_by_role("button", name="Ga verder met de vragen")
    expect(again).to_be_visible()
    opened.shoot(shot("08-start-again"))
    again.click()
    expect(title(tool)).to_have_text(f"Vraag {position}")
    return tool


def double_click(opened: Window, stage: Stage) -> None:
    """Two clicks while the database is busy, so that both arrive before the first one is done."""
    tool = opened.tool
    sent: list[str] = []
    opened.page.on("request", lambda request: sent.append(request.method))
    with closing(sqlite3.connect(stage.folder / "tool.sqlite3", isolation_level=None)) as busy:
        busy.execute("begin immediate")
        tool.get_by_role("button", name="Antwoord geven").dblclick(delay=100)
        busy.execute("rollback")
    expect(title(tool)).to_have_text(f"Vraag {DOUBLE_CLICK_AT + 1}")
    assert sent.count("POST") == 2
    expect(tool.locator("#message")).to_have_count(0)


def read_advice(opened: Window, asked: int) -> None:
    """Strong points first, one next step, a conversation; and every answer explained."""
    tool = opened.tool
    headings = tool.locator("h2").all_inner_texts()
    assert headings.index("Dit kun je al") < headings.index("Hier kun je groeien")
    assert {"Jouw volgende stap", "Praat erover"} <= set(headings)
    opened.shoot(shot("09-advice"), phone=True)
    tool.get_by_role("link", name="Bekijk je antwoorden met uitleg").click()
    expect(title(tool)).to_have_text("Je antwoorden met uitleg")
    expect(tool.locator(".dv-answer")).to_have_count(asked)
    assert tool.get_by_text("Dit wist je.").count() > 0
    assert tool.get_by_text("Weet ik niet", exact=True).count() > 0
    opened.shoot(shot("10-answers"))
    tool.get_by_role("link", name="Terug naar mijn advies").click()
    expect(title(tool)).to_have_text(ADVICE)


def take_training(opened: Window, key: AnswerKey) -> None:
    """The training that is advised, step by step, with every check on the way."""
    tool = opened.tool
    tool.locator(".dv-card").first.get_by_role("button").click()
    checked = 0
    for step in range(1, MOST_STEPS):
        expect(tool.locator(".dv-over-title")).to_contain_text(f"stap {step} van")
        if step == 2:
            opened.shoot(shot("12-training"), phone=True)
        for form in read_page(tool.url, 200, {"Content-Type": "text/html"}, tool.content()).forms:
            item = form.field("item")
            if item is not None:
                fill(tool, item.value, key, right=True)
                of(tool, item.value).get_by_role("button", name="Kijk mijn antwoord na").click()
                expect(tool.locator(f"#feedback-{item.value.partition('@')[0]}")).to_be_visible()
                checked += 1
                if checked == 1:
                    opened.shoot(shot("13-training-check"))
        if tool.get_by_role("button", name="Klaar met deze training").count():
            break
        tool.get_by_role("button", name="Volgende stap").click()
    assert checked > 0
    tool.get_by_role("button", name="Klaar met deze training").click()
    expect(tool.get_by_text("Je hebt deze training gedaan.")).to_be_visible()
    opened.shoot(shot("14-training-done"))


def log_in_as_operator(opened: Window, stage: Stage) -> Page:
    """In a tab beside it the operator sees the learner's statements in the LRS."""
    page = opened.context.new_page()
    page.goto(f"{stage.tool_url}/operator/login")
    page.get_by_label("Naam").fill(OPERATOR)
    page.get_by_label("Wachtwoord").fill(stage.operator_password())
    page.get_by_role("button", name="Inloggen").click()
    expect(page.locator("tbody")).to_contain_text("advised")
    expect(page.locator("tbody")).not_to_contain_text("launched")
    page.screenshot(path=shot("11-operator"))
    opened.page.bring_to_front()
    return page


def look_behind_the_scenes(opened: Window, stage: Stage) -> None:
    """ "Wat gebeurde er?" of this learner: why each question came, and what was written down."""
    page = opened.context.new_page()
    page.goto(f"{stage.tool_url}/demo/what-happened")
    expect(title(page)).to_have_text("Wat gebeurde er?")
    expect(page.get_by_text("De eerste vragen zijn met opzet makkelijk.").first).to_be_visible()
    assert page.locator("details").count() > 0
    page.screenshot(path=shot("17-what-happened"), full_page=True)
    page.close()


def reload_until(page: Page, wanted: Locator) -> None:
    """Look again and again, as the portal's page advises, until it is there."""
    for _ in range(MOST_STEPS):
        try:
            wanted.wait_for(timeout=PATIENCE_MS / MOST_STEPS)
        except NotInTime:
            page.reload()
        else:
            return
    raise AssertionError(f"{wanted} did not come")


def asked_in(tool: Frame) -> str:
    """The item that this page asks, as `id@version`."""
    return tool.locator("input[name=item]").input_value()


def of(tool: Frame, item: str) -> Locator:
    """The form that asks an item."""
    return tool.locator("form").filter(has=tool.locator(f"input[name=item][value='{item}']"))


def fill(tool: Frame, item: str, key: AnswerKey, *, right: bool) -> None:
    """Click, choose or type an answer to an item; the same at every run."""
    page = read_page(tool.url, 200, {"Content-Type": "text/html"}, tool.content())
    form = next(f for f in page.forms if (field := f.field("item")) is not None and field.value == item)
    for name, value in fill_in(key.question(item), form, right=right, dice=random.Random(item)).items():
        control = of(tool, item).locator(f"[name='{name}']")
        field = form.field(name)
        assert field is not None
        if field.kind == "select":
            control.select_option(value)
        elif field.kind in ("radio", "checkbox"):
            for one in [value] if isinstance(value, str) else value:
                of(tool, item).locator(f"[name='{name}'][value='{one}']").check()
        else:
            control.fill(str(value))


def answer_with_the_keyboard(page: Page, tool: Frame) -> None:
    """Some answer to a question of any type."""
    if (text := tool.locator("input[name=text]")).count():
        tab_to(page, text)
        page.keyboard.type("dat weet ik")
    for place, choice in enumerate(tool.locator("form select").all(), 1):
        tab_to(page, choice)
        for _ in range(place):
            page.keyboard.press("ArrowDown")
    if (choices := tool.locator("input[name=choice]")).count():
        tab_to(page, choices.first)
        page.keyboard.press("Space")


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until this has the focus."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element.matches(':focus')"):
            return
    raise AssertionError(f"{wanted} cannot be reached with the keyboard")


def title(tool: Frame | Page) -> Locator:
    """The heading of a page of the tool, which has the focus after each step."""
    return tool.locator("#title")


def shot(name: str) -> Path:
    return SHOTS / f"thread-{name}.png"
