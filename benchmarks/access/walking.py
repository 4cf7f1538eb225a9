"""Walks every type of question and every simulation with the keyboard alone, as an assessment and as practice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.sync_api import Error

from benchmarks.access.looking import browser
from tests.browser.conftest import served
from tests.browser.keyboard import answer_in_the_assessment, practise_in_a_training
from tests.browser.looks import Look, come_in
from tests.web_examples import STARTER
from tests.web_fakes import make_house

WAYS = {"assessment": answer_in_the_assessment, "practice": practise_in_a_training}
ITEMS = tuple(STARTER.items.values())
"""The package that a new author begins with has one of each."""
Job = tuple[str, str, bool]
"""The id of an item, one of `WAYS`, and whether scripts run."""


@dataclass
class Walked:
    """Which walks came to their end, and what stopped the others."""

    done: list[Job] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)


def kind_of(item_id: str) -> str:
    """The type of an item, and of a simulation what it shows."""
    item = STARTER.item(item_id)
    if item.scene is None:
        return item.type
    rule = item.scene.kind == "mailbox" and not item.scene.decided
    return f"{item.scene.kind} with a rule to make" if rule else item.scene.kind


def walk(jobs: Sequence[Job]) -> Walked:
    """Each of these, one after the other."""
    walked = Walked()
    with browser() as opened:
        for script in (True, False):
            house = make_house(csrf=True)
            context = opened.new_context(java_script_enabled=script, viewport={"width": 1000, "height": 800})
            page = context.new_page()
            with served(house.app) as address:
                come_in(context, house, Look("question", "/question"))
                for item_id, way, _ in (job for job in jobs if job[2] == script):
                    try:
                        WAYS[way](page, address, house, STARTER.item(item_id))
                    except (AssertionError, Error) as err:
                        walked.stuck.append(f"{item_id} ({kind_of(item_id)}), {way}, scripts {script}: {err}")
                    else:
                        walked.done.append((item_id, way, script))
            context.close()
    return walked
