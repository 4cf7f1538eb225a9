"""Programs that stop, die or stay away, each a process of its own: nothing is lost and nothing counts twice."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count
from urllib.parse import urljoin

import pytest
import requests
from sqlalchemy import text

from lti_tool.demo import walks
from lti_tool.demo.municipalities import VOORBEELDSTAD
from lti_tool.demo.own_http import own_session
from tests.functional.installation import Addresses, Installation
from tests.functional.real_processes import Processes, locked, wait_until
from tests.functional.visitors import Learner

pytestmark = pytest.mark.xdist_group("killed programs")

OPERATOR = f"{VOORBEELDSTAD}/operator"
PORTAL = f"{VOORBEELDSTAD}/portal/leerportaal"

ANSWERS_BEFORE_THE_KILL = 8

people = (str(number) for number in count(201))
"""A fictitious colleague for each test that asks for one."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The portal; tool, LRS and worker are processes."""
    with Installation(Addresses(tmp_path_factory.mktemp("house")), serve=False) as made:
        yield made


@pytest.fixture(scope="module")
def processes(house: Installation) -> Iterator[Processes]:
    made = Processes(house)
    made.start("tool", "lrs", "worker")
    yield made
    made.stop()


@pytest.fixture
def learner(house: Installation, processes: Processes) -> Learner:
    """Somebody in front of the first question, whose statements so far have been delivered."""
    made = Learner(house, next(people)).begin()
    wait_until(lambda: waiting(house) == 0)
    return made


def waiting(house: Installation) -> int:
    return len(house.rows("select seq from outbox where state = 'waiting'"))


def under_way(house: Installation) -> int:
    """Messages that were taken and not yet answered."""
    taken = house.rows("select under_way from outbox_lease where under_way is not null")
    return sum(len(json.loads(row.under_way)) for row in taken)


def failures(house: Installation, endpoint: str) -> int:
    found = house.rows("select failures from outbox_lease where endpoint = :endpoint", endpoint=endpoint)
    return int(found[0].failures) if found else 0


def assert_each_arrived_once(house: Installation) -> None:
    """The LRS has every statement that was ever written, once, and no other."""
    wait_until(lambda: waiting(house) == 0)
    assert not house.rows("select seq from outbox where state = 'dead'")
    written = house.rows("select message_id from outbox where kind = 'statement'")
    stored = Counter(statement["id"] for statement in house.reader("operator").statements())
    assert stored == Counter(row.message_id for row in written)


def assert_every_answer_has_its_statement(house: Installation) -> None:
    """Of each answer one row and one statement, or neither."""
    answers = house.rows("select attempt_id, position from answer")
    said = house.rows("select body from outbox where kind = 'statement' and body like '%/answered%'")
    assert len(set(answers)) == len(answers) == len(said)


# --- the LRS --------------------------------------------------------------------------------------


def test_with_the_lrs_down_somebody_takes_a_whole_assessment_and_all_of_it_arrives_later(
    house: Installation, processes: Processes, learner: Learner
) -> None:
    processes.kill("lrs")
    questions = learner.answer_all()
    assert learner.tool.path == walks.ADVICE
    wait_until(lambda: failures(house, OPERATOR) > 0)
    facts = house.written_about(learner.id)
    assert len(house.answered(learner.id)) == questions == len(house.answers_of(learner.id))
    assert waiting(house) >= questions
    assert processes.lives("worker")
    processes.start("lrs")
    end_pauses(house)
    assert_each_arrived_once(house)
    arrived = {statement["id"] for statement in house.reader("operator").statements()}
    assert {statement["id"] for statement in facts} <= arrived


@contextmanager
def delivery_stuck(house: Installation, learner: Learner) -> Iterator[None]:
    """Statements are on their way inside the block: the worker has sent them, the LRS cannot store them."""
    with locked(house.settings.lrs_database_url):
        learner.answer()
        learner.answer()
        wait_until(lambda: under_way(house) > 0)
        time.sleep(1.0)  # written down a moment before it is sent, and nobody outside can see that it was
        yield


def test_an_lrs_that_is_killed_while_it_stores_gets_each_statement_once(
    house: Installation, processes: Processes, learner: Learner
) -> None:
    with delivery_stuck(house, learner):
        processes.kill("lrs")
    processes.start("lrs")
    learner.answer()
    end_pauses(house)
    assert_each_arrived_once(house)
    assert len(house.answered(learner.id)) == 3


def test_a_worker_that_is_killed_while_it_delivers_leaves_its_work_to_the_next(
    house: Installation, processes: Processes, learner: Learner
) -> None:
    before = len(house.reader("operator").statements())
    with delivery_stuck(house, learner):
        processes.kill("worker")
        doubtful = under_way(house)
    wait_until(lambda: len(house.reader("operator").statements()) == before + doubtful)
    assert under_way(house) == doubtful, "the LRS has them, and nobody here knows"
    end_leases(house)
    processes.start("worker")
    assert_each_arrived_once(house)


def end_leases(house: Installation) -> None:
    """A minute passes: what a dead worker held is free."""
    with house.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("update outbox_lease set until = '2000-01-01 00:00:00' where until is not null"))


def end_pauses(house: Installation) -> None:
    """A minute passes: what did not answer is tried again."""
    with house.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("update outbox_lease set backoff_until = '2000-01-01 00:00:00'"))


# --- the portal -----------------------------------------------------------------------------------


def test_done_reaches_a_portal_that_was_away_once(
    house: Installation, processes: Processes, learner: Learner
) -> None:
    with house.portal.server.away():
        learner.answer_all()
        assert learner.tool.path == walks.ADVICE
        wait_until(lambda: failures(house, PORTAL) > 0)
        assert house.portal.marks_of(learner.id) == []
    wait_until(lambda: waiting(house) == 0)
    assert house.portal.marks_of(learner.id) == ["200"]
    assert processes.lives("worker")


# --- the tool -------------------------------------------------------------------------------------


def test_a_tool_that_is_asked_to_stop_keeps_the_answer_that_is_coming_in(
    house: Installation, processes: Processes, learner: Learner
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with locked(house.where.database_url):
            page = pool.submit(learner.answer)
            time.sleep(0.5)  # the answer waits for the database now
            leaving = processes.end("tool")
        with suppress(requests.ConnectionError):
            page.result()  # the answer is taken; the next page may not be served any more
    assert leaving.process.wait(20) == 0
    assert len(house.answers_of(learner.id)) == len(house.answered(learner.id)) == 1
    processes.start("tool")
    assert Learner(house, learner.id).begin().position() == 2


def test_a_tool_that_is_killed_before_it_could_write_has_kept_neither_answer_nor_statement(
    house: Installation, processes: Processes, learner: Learner
) -> None:
    asked = learner.asked()
    with ThreadPoolExecutor(1) as pool:
        with locked(house.where.database_url):
            page = pool.submit(learner.answer)
            time.sleep(0.5)  # the answer waits for the database now
            processes.kill("tool")
        with pytest.raises(requests.ConnectionError):
            page.result()
    assert house.answers_of(learner.id) == house.answered(learner.id) == []
    processes.start("tool")
    again = Learner(house, learner.id).begin()
    assert (again.asked(), again.position()) == (asked, 1)


def test_a_tool_that_is_killed_while_people_answer_keeps_every_answer_that_was_confirmed(
    house: Installation, processes: Processes, learner: Learner
) -> None:
    everybody = [learner, *(Learner(house, next(people)).begin() for _ in range(3))]
    confirmed = Counter[str]()
    enough = threading.Event()

    def answer_until_it_breaks(one: Learner) -> None:
        while True:
            one.answer()
            confirmed[one.id] = one.position() - 1
            if confirmed.total() >= ANSWERS_BEFORE_THE_KILL:
                enough.set()

    with ThreadPoolExecutor(len(everybody)) as pool:
        going = [pool.submit(answer_until_it_breaks, one) for one in everybody]
        assert enough.wait(20)
        processes.kill("tool")
        broken = [one.exception() for one in going]
    assert all(isinstance(error, requests.RequestException) for error in broken), broken
    for one in everybody:
        kept = len(house.answers_of(one.id))
        assert confirmed[one.id] <= kept <= confirmed[one.id] + 1
    assert_every_answer_has_its_statement(house)
    processes.start("tool")
    for one in everybody:
        again = Learner(house, one.id).begin()
        assert again.position() == len(house.answers_of(one.id)) + 1
        again.answer()
    assert_every_answer_has_its_statement(house)
    assert_each_arrived_once(house)


def test_a_login_with_a_long_address_as_some_portals_send_is_answered(
    house: Installation, processes: Processes
) -> None:
    login = {"iss": house.portal.url, "login_hint": "101", "target_link_uri": f"{house.where.tool_url}/lti/launch"}
    known = {"client_id": house.portal.registrations()[0]["client_id"], "lti_message_hint": "x" * 7000}
    with own_session() as browser:
        address = f"{house.where.tool_url}/lti/login"
        first = browser.get(address, params={**login, **known}, timeout=30, allow_redirects=False)
        proof = {"Cookie": first.headers["Set-Cookie"].partition(";")[0]}
        address = urljoin(address, first.headers["Location"])
        answer = browser.get(address, headers=proof, timeout=30, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, f"{house.portal.url}/auth")


def test_no_program_wrote_about_a_person_in_its_log(house: Installation, processes: Processes) -> None:
    for name in ("tool", "lrs", "worker"):
        said = processes.log(name)
        assert "Traceback" not in said, said
        for word in ("Boer", "fictieve", "voorbeeldstad.example", "id_token", "eyJ"):
            assert word not in said
