"""Somebody who uses the keyboard alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

from lti_tool.domain.content import Item
from lti_tool.domain.scoring import Response, is_right
from lti_tool.web.response_forms import as_form
from tests.factories import right_response, wrong_response
from tests.web_fakes import House

MOST_STOPS = 60
"""On one page: the header, a question of eight rows, its buttons, the footer."""

ABOUT_FOCUS = """() => {
  const e = document.activeElement
  return {tag: e.tagName, type: e.type || "", name: e.name || "", value: e.value || "", checked: !!e.checked,
          words: e.id || e.value || e.innerText || e.tagName, outline: getComputedStyle(e).outlineStyle,
          seen: e.checkVisibility() && e.getBoundingClientRect().bottom > 0}
}"""


def focused(page: Page) -> str:
    """What has the focus, in a word or two."""
    return str(page.evaluate(ABOUT_FOCUS)["words"])


def next_stop(page: Page) -> Mapping[str, str]:
    """Press Tab; where that leads must be visible as such."""
    page.keyboard.press("Tab")
    stop: Mapping[str, str] = page.evaluate(ABOUT_FOCUS)
    assert stop["outline"] != "none", f"nobody sees that {stop['words']} has the focus"
    assert stop["seen"], f"{stop['words']} has the focus out of sight"
    return stop


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(MOST_STOPS):
        next_stop(page)
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with the keyboard")


@dataclass
class Walk:
    """What was met on the way to a button."""

    opened: list[str] = field(default_factory=list)
    """The words of everything that could be opened, and was."""


def fill_and_press(page: Page, fields: Mapping[str, Sequence[str]], button: str) -> Walk:
    """Tab through a form, open what opens, fill in what is wanted, and press the button."""
    walk = Walk()
    for _ in range(MOST_STOPS):
        stop = next_stop(page)
        if stop["tag"] == "BUTTON" and stop["value"] == button:
            page.keyboard.press("Enter")
            return walk
        if stop["tag"] == "SUMMARY":
            page.keyboard.press("Enter")
            walk.opened.append(stop["words"])
        wanted = fields.get(stop["name"], ())
        if wanted:
            _fill(page, stop, wanted)
    raise AssertionError(f"the button {button} cannot be reached with the keyboard")


def _fill(page: Page, stop: Mapping[str, str], wanted: Sequence[str]) -> None:
    if stop["type"] == "checkbox":
        if bool(stop["checked"]) != (stop["value"] in wanted):
            page.keyboard.press("Space")
    elif stop["type"] == "radio":
        if stop["value"] == wanted[0]:
            page.keyboard.press("Space")
        _arrow_to(page, wanted[0])
    elif stop["tag"] == "SELECT":
        page.keyboard.press("Home")
        _arrow_to(page, wanted[0])
    else:
        page.keyboard.press("Control+a")
        page.keyboard.type(wanted[0])


def _arrow_to(page: Page, value: str) -> None:
    """Go on with the arrow until this is chosen."""
    for _ in range(MOST_STOPS):
        at = page.evaluate(ABOUT_FOCUS)
        if at["value"] == value and (at["tag"] == "SELECT" or at["checked"]):
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{value} cannot be chosen with the arrows")


def fields_of(item: Item, response: Response) -> dict[str, list[str]]:
    """The fields that say a response, without the empty ones."""
    return {name: values for name, values in as_form(item, response).lists() if any(values)}


def all_but_one(fields: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """The same with one field left open, the last of them."""
    return dict(list(fields.items())[:-1])


def answer_in_the_assessment(page: Page, address: str, house: House, item: Item) -> Walk:
    """One question: first with something lacking, then answered; then the next question has the focus."""
    fields = fields_of(item, right_response(item))
    house.assessment.questions = (item, *house.assessment.questions[:1])
    house.assessment.position, house.assessment.given = 1, []
    page.goto(f"{address}/question")
    walk = fill_and_press(page, all_but_one(fields), "answer")
    find_what_lacks(page, "q-first")
    fill_and_press(page, fields, "answer")
    page.wait_for_url("**/question#title")
    expect(page.locator("#title")).to_have_text("Vraag 2")
    expect(page.locator("#title")).to_be_focused()
    assert [is_right(item, response) for response in house.assessment.given] == [True]
    return walk


def practise_in_a_training(page: Page, address: str, house: House, item: Item) -> Walk:
    """The same question to practise: what lacks, what is said about an answer, and trying again."""
    other = right_response(item) if item.type == "declarative" else wrong_response(item)
    fields = fields_of(item, other)
    house.module.item, house.module.given = item, {}
    page.goto(f"{address}/trainings/M-VEI-001")
    walk = fill_and_press(page, all_but_one(fields), "check")
    find_what_lacks(page, f"{item.id}-first")
    fill_and_press(page, fields, "check")
    feedback = page.locator(f"#feedback-{item.id}")
    expect(feedback).to_be_focused()
    expect(feedback).to_contain_text(house.module.said[item.id].text)
    fill_and_press_again(page, fields_of(item, right_response(item)))
    expect(feedback).to_be_focused()
    assert house.module.said[item.id].right
    return walk


def fill_and_press_again(page: Page, fields: Mapping[str, Sequence[str]]) -> None:
    """From the feedback back to the form above it, as if from the top of the page."""
    page.locator("#title").evaluate("title => title.focus()")
    fill_and_press(page, fields, "check")


def find_what_lacks(page: Page, first: str) -> None:
    """The message has the focus, and its link leads to what is to be filled in."""
    expect(page.locator("#message")).to_be_focused()
    expect(page.locator("#message")).to_contain_text("Er mist nog iets")
    tab_to(page, "#message a")
    page.keyboard.press("Enter")
    expect(page.locator(f"[id='{first}']")).to_be_focused()
    page.keyboard.press("Shift+Tab")
