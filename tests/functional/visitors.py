"""People who visit a whole installation: a browser each, and answers from the content's own key."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from lti_tool.demo import walks
from lti_tool.demo.answer_key import AnswerKey, Question, fill_in
from lti_tool.demo.browser import Browser, Tab
from lti_tool.demo.cookies import site_of
from lti_tool.demo.page import Form, Page
from tests.functional.installation import CONTENT, Installation

KEY = AnswerKey.read(CONTENT)


class Learner:
    """Somebody with a browser, whose tab shows the tool in the portal's frame."""

    def __init__(self, house: Installation, person_id: str, browser: Browser | None = None) -> None:
        self.id = person_id
        self.browser = browser or Browser()
        self._house = house
        self.tool = house.launch(self.browser, person_id)

    def begin(self) -> Learner:
        """Go to the first question, or to where one was."""
        walks.begin(self.tool)
        return self

    def twin(self) -> Tab:
        """The same browser's cookies on a connection of their own, for what happens at the same moment."""
        other = Browser()
        other.jar = self.browser.jar
        return Tab(other, frame_of=site_of(self._house.portal.url))

    def answer(self) -> Page:
        """Answer the question on the page rightly."""
        return walks.answer_one(self.tool, KEY, rightly)

    def answer_all(self) -> int:
        return walks.answer_all(self.tool, KEY, rightly)

    def form(self) -> Form:
        """The form of the question on the page."""
        return walks.question_form(self.tool.page)

    def right(self) -> dict[str, str | Sequence[str]]:
        """What to fill in for a right answer to the question on the page."""
        filled: dict[str, str | Sequence[str]] = rightly(KEY.question(self.asked()), self.form())
        return filled

    def asked(self) -> str:
        """The item on the page, `id@version`."""
        return self._hidden("item")

    def position(self) -> int:
        return int(self._hidden("position"))

    def token(self) -> str:
        """The CSRF token of the page."""
        found = next(f for form in self.tool.page.forms for f in form.fields if f.name == "csrf_token")
        return found.value

    def send(self, path: str, values: Mapping[str, str]) -> Page:
        """Send a form of our own making."""
        return self.tool.submit(self._house.form(path, values))

    def _hidden(self, name: str) -> str:
        field = self.form().field(name)
        assert field is not None
        return field.value


def rightly(question: Question, form: Form) -> Any:
    """What a right answer fills in; never "weet ik niet"."""
    return fill_in(question, form, right=True, dice=random.Random(1))
