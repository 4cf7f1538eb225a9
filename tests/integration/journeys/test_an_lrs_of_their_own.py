"""A municipality has an LRS for itself: what goes there, who reads it, and what wiping comes to there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.domain.endpoints import Secrets
from lti_tool.domain.errors import EndpointRefused, EndpointUnknown, TenantUnknown
from lti_tool.lti.scores import Outcome
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import endpoints as endpoint_rows
from lti_tool.storage import erasures as erasure_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage.database import db
from lti_tool.storage.tables import EndpointRow
from lti_tool.use_cases.deliver import Deliver
from lti_tool.use_cases.forget import ERASED, Forget
from lti_tool.use_cases.keep_endpoints import KeepEndpoints
from lti_tool.use_cases.lrs_access import LrsOfMunicipalities
from lti_tool.use_cases.operate import Operate
from tests.http_server import running
from tests.integration.journeys.town import AsRequests, Town, right
from tests.sql_lrs import ADMIN, ADMIN_PASSWORD, KEY, SECRET, sql_lrs
from xapi.client import LrsClient
from xapi.credentials import RIGHTS, Credentials
from xapi.lrs_server import create_lrs

SECRETS = {name: f"a-secret-for-{name}" for name in RIGHTS}
LONG_AGO = datetime(2025, 1, 6, 9, tzinfo=UTC)
SOMEWHERE = "https://lrs.example/xapi"


class Portal:
    """Takes 'klaar' whatever happens."""

    def send_completion(self, *told):
        return Outcome("sent", "taken")


@pytest.fixture
def town(app, small_content):
    town = Town(app, small_content)
    town.settle()
    town.hold_campaign(starts_on=date(2025, 1, 1), ends_on=date(2200, 1, 1))
    return town


@pytest.fixture
def built_in(tmp_path):
    """The address of the built-in LRS."""
    app = create_lrs(f"sqlite:///{tmp_path / 'lrs.sqlite3'}", Credentials(SECRETS), "https://d.example")
    with running(app) as url:
        yield f"{url}/xapi"
    app.extensions["lrs_engine"].dispose()


@pytest.fixture
def own(tmp_path):
    with sql_lrs(tmp_path) as lrs:
        yield lrs


@pytest.fixture
def house(town, built_in):
    return House(town, built_in)


class House:
    """The journeys that know where statements go."""

    def __init__(self, town, built_in):
        self.town = town
        self.access = LrsOfMunicipalities(built_in, SECRETS, town.seal)
        self.endpoints = AsRequests(town.app, KeepEndpoints(self.access, town.seal, town.pen, allow_http=True))
        self.forget = AsRequests(town.app, Forget(town.pen, town.seal, self.access))
        self.operate = AsRequests(town.app, Operate(self.access))
        self._deliver = AsRequests(town.app, Deliver(self.access, Portal()))

    def add(self, url=SOMEWHERE, stream="operator", *, read_by="operator", erase="lrsql", now=LONG_AGO, **secrets):
        opens = {"password": SECRET, "erase_username": ADMIN, "erase_password": ADMIN_PASSWORD, **secrets}
        return self.endpoints.add(
            "voorbeeldstad", stream, url, KEY, Secrets(**opens), read_by=read_by, erase=erase, who="me", now=now
        )

    def deliver(self):
        return self._deliver.everything_due(datetime.now(UTC))

    def wipe(self, where):
        pseudonym = self.town.in_transaction(participation_rows.load_identity, where, self.town.seal).pseudonym
        self.forget.wipe(where, LONG_AGO)
        return pseudonym

    def proofs(self):
        found = self.town.in_transaction(audit_rows.audit_rows, "voorbeeldstad")
        return sorted(row[3] for row in found if row[2] == ERASED)

    def waiting(self):
        return [
            reason for _, _, reason in self.town.in_transaction(erasure_rows.waiting_erasures, "voorbeeldstad")
        ]


def shown(lrs, **filters):
    return list(LrsClient(lrs.url, KEY, SECRET).statements(**filters))


def at_home(built_in, stream="operator"):
    return list(LrsClient(built_in, *Credentials(SECRETS).make("voorbeeldstad", f"read_{stream}")).statements())


def test_a_stream_goes_where_it_was_told_and_the_other_one_stays(town, house, own, built_in):
    added = house.add(own.url, "group", read_by="employer", erase="none")
    assert (added.replaced, added.resumed) == ("", False)
    town.begin("a", LONG_AGO)
    town.in_transaction(town.pen.test, "voorbeeldstad", "group", LONG_AGO)
    house.deliver()
    assert [said["verb"]["id"].rsplit("/", 1)[-1] for said in shown(own)] == ["tested"]
    assert len(at_home(built_in)) == 3
    assert at_home(built_in, "group") == []


def test_what_waits_goes_to_the_new_place_and_what_arrived_stays(town, house, own, built_in):
    town.begin("a", LONG_AGO)
    house.deliver()
    house.add(own.url)
    town.begin("b", LONG_AGO)
    house.deliver()
    assert (len(at_home(built_in)), len(shown(own))) == (3, 3)
    house.endpoints.remove("voorbeeldstad", "operator", "me", LONG_AGO)
    town.begin("c", LONG_AGO)
    house.deliver()
    assert (len(at_home(built_in)), len(shown(own))) == (6, 3)


def test_a_new_password_mends_a_stream_that_was_paused(town, house, own):
    house.add(own.url, password="withdrawn")
    town.begin("a", LONG_AGO)
    house.deliver()
    assert shown(own) == []
    added = house.add(own.url)
    assert (added.replaced, added.resumed) == ("", True)
    house.deliver()
    assert len(shown(own)) == 3
    assert town.count("endpoint") == 1


def test_what_opens_an_lrs_lies_sealed(town, house):
    house.add()
    row = town.in_transaction(lambda: db.session.execute(select(EndpointRow.__table__)).one())
    audited = str(town.in_transaction(audit_rows.audit_rows, "voorbeeldstad"))
    assert [word for word in (SECRET, ADMIN_PASSWORD) if word in str(tuple(row)) + audited] == []
    assert f"operator: {SOMEWHERE}, read by operator, erase lrsql" in audited


def test_another_address_takes_over_and_the_old_one_is_kept_for_erasing(town, house):
    house.add()
    added = house.add("https://other.example/xapi/", now=LONG_AGO + timedelta(days=1))
    assert added.replaced == SOMEWHERE
    assert [(one.url, one.retired_at is None) for one in house.endpoints.all()] == [
        (SOMEWHERE, False),
        ("https://other.example/xapi", True),
    ]


def test_what_is_refused_changes_nothing(town, house):
    house.add(stream="group", read_by="employer", erase="none")
    with pytest.raises(EndpointRefused, match="voorbeeldstad/operator is for the operator only"):
        house.add()
    with pytest.raises(TenantUnknown):
        house.endpoints.all("nergens")
    assert [one.stream for one in house.endpoints.all("voorbeeldstad")] == ["group"]


def test_of_the_built_in_lrs_nothing_is_removed(town, house):
    with pytest.raises(EndpointUnknown, match="goes to the built-in LRS already"):
        house.endpoints.remove("voorbeeldstad", "operator", "me", LONG_AGO)


def test_an_sql_lrs_erases_for_good_and_so_does_the_built_in_one(town, house, own, built_in):
    where = town.begin("a", LONG_AGO)
    house.deliver()
    house.add(own.url)
    town.answer_all(where, right, LONG_AGO)
    other = town.begin("b", LONG_AGO)
    house.deliver()
    said, others = len(shown(own)) - 3, 3
    house.wipe(where)
    assert [house.forget.erase_next(LONG_AGO) for _ in range(2)] == [True, True]
    assert not house.forget.erase_next(LONG_AGO)
    assert (len(shown(own)), at_home(built_in)) == (others, [])
    assert house.proofs() == [
        f"{own.url}: {said} statements erased; asked again, 0 are left",
        "voorbeeldstad/operator: 3 statements erased; asked again, 0 are left",
    ]
    assert town.attempts(other) != []


@pytest.mark.parametrize("fault", ["deletes", "forgets", "password"])
def test_an_sql_lrs_that_does_not_erase_is_asked_again(town, house, own, fault):
    house.add(own.url, **({"erase_password": "wrong"} if fault == "password" else {}))
    where = town.begin("a", LONG_AGO)
    house.deliver()
    if fault != "password":
        setattr(own, fault, False)
    house.wipe(where)
    house.forget.erase_next(LONG_AGO)
    house.forget.erase_next(LONG_AGO)
    said = {"deletes": "lrs_refused_404", "forgets": "still_there", "password": "lrs_refused_401"}[fault]
    assert house.waiting() == [said]
    assert len(shown(own)) == 3


def test_where_nothing_can_be_erased_statements_are_voided_by_the_tool_itself(town, house, own):
    house.add(own.url, erase="void")
    where, other = town.begin("a", LONG_AGO), town.begin("b", LONG_AGO)
    town.reply(where, right, LONG_AGO)
    house.deliver()
    assert house.forget.page(other).at_the_lrs == "hidden"
    pseudonym = house.wipe(where)
    assert [house.forget.erase_next(LONG_AGO) for _ in range(2)] == [True, True]
    after = shown(own)
    assert pseudonym not in str([said for said in after if not said["verb"]["id"].endswith("voided")])
    voiding = [said for said in after if said["verb"]["id"].endswith("voided")]
    assert {said["actor"]["account"]["name"] for said in voiding} == {"digivaardig"}
    assert f"{own.url}: {len(voiding)} statements voided; asked again, 0 are left" in house.proofs()


def test_a_skip_that_was_taken_back_stays_as_what_voids_it(town, house, own):
    house.add(own.url, erase="void")
    where = town.arrive("a", LONG_AGO)
    town.assessment.skip(where, LONG_AGO)
    town.assessment.undo_skip(where, LONG_AGO)
    house.deliver()
    house.wipe(where)
    assert [house.forget.erase_next(LONG_AGO) for _ in range(2)] == [True, True]
    assert house.waiting() == []


def test_where_nothing_is_erased_the_pages_say_so_and_no_erasure_waits(town, house, own):
    house.add(own.url, erase="none")
    where = town.begin("a", LONG_AGO)
    house.deliver()
    assert house.forget.page(where).at_the_lrs == "kept"
    tables = town.enter.start_page(where, LONG_AGO).tables
    assert "Wissen kan daar niet" in str(tables)
    house.wipe(where)
    assert house.waiting() == [""]  # the built-in one
    assert len(shown(own)) == 3


def test_what_was_promised_to_be_erased_cannot_be_kept_afterwards(town, house, own):
    house.add(own.url)
    where = town.begin("a", LONG_AGO)
    house.wipe(where)
    with pytest.raises(EndpointRefused, match="1 erasures wait for this LRS, and were promised"):
        house.add(own.url, erase="none")
    assert [one.erase for one in house.endpoints.all()] == ["lrsql"]


def test_an_lrs_that_is_gone_is_forgotten_with_what_was_to_be_erased_there(town, house):
    house.add("http://127.0.0.1:9/xapi")
    where = town.begin("a", LONG_AGO)
    house.wipe(where)
    with pytest.raises(EndpointUnknown, match="remove it first"):
        house.endpoints.forget_gone("voorbeeldstad", "http://127.0.0.1:9/xapi", "me", LONG_AGO)
    house.endpoints.remove("voorbeeldstad", "operator", "me", LONG_AGO)
    assert house.endpoints.forget_gone("voorbeeldstad", "http://127.0.0.1:9/xapi/", "me", LONG_AGO) == 1
    assert (town.count("endpoint"), house.waiting()) == (0, [""])


def test_of_an_lrs_that_was_forgotten_meanwhile_no_erasing_is_claimed(town, house):
    house.add("http://127.0.0.1:9/xapi")
    where = town.begin("a", LONG_AGO)
    house.wipe(where)
    (kept,) = house.endpoints.all()
    town.in_transaction(endpoint_rows.remove_endpoint, "voorbeeldstad", kept.id)
    for _ in range(2):
        house.forget.erase_next(LONG_AGO)
    assert house.waiting() == ["endpoint_gone"]
    (of_the_built_in_one,) = house.proofs()
    assert of_the_built_in_one.startswith("voorbeeldstad/operator: 0 statements erased")


def test_a_trial_says_whether_writing_and_reading_work(town, house, own, built_in):
    def tried(stream="operator"):
        return house.endpoints.test("voorbeeldstad", stream, "me", LONG_AGO)

    assert tried().written.startswith("HTTP 403") is False
    assert [said["verb"]["id"].rsplit("/", 1)[-1] for said in at_home(built_in)] == ["tested"]
    house.add(own.url)
    assert tried().well
    house.add(own.url, password="wrong")
    assert (tried().written, tried().read) == ("HTTP 401", "not asked")
    house.add("http://127.0.0.1:9/xapi")
    assert tried().written == "no answer (ConnectionError)"
    with pytest.raises(EndpointUnknown, match="there is no such stream"):
        tried("all")


class Answers:
    """A server with a mind of its own."""

    def __init__(self, **by_method):
        self.by_method = by_method

    def __call__(self, environ, start_response):
        status, body = self.by_method[environ["REQUEST_METHOD"]]
        start_response(f"{status} OK", [("Content-Type", "application/json")])
        return [body]


@pytest.mark.parametrize(
    ("answers", "written", "read"),
    [
        ({"POST": (200, b"<html>")}, "HTTP 200, but not from an LRS", "not asked"),
        ({"POST": (200, b"[]"), "GET": (404, b"")}, "", "the LRS does not have it"),
        ({"POST": (204, b""), "GET": (403, b"")}, "", "HTTP 403"),
        ({"POST": (204, b""), "GET": (503, b"")}, "", "no answer (HTTP 503)"),
    ],
)
def test_a_trial_tells_what_else_answers(town, house, answers, written, read):
    with running(Answers(**answers)) as url:
        house.add(f"{url}/xapi")
        tried = house.endpoints.test("voorbeeldstad", "operator", "me", LONG_AGO)
    assert (tried.written, tried.read, tried.well) == (written, read, False)


def test_credentials_of_another_lrs_are_not_ours_to_give(town, house, built_in):
    assert house.operate.reading_credentials("voorbeeldstad", "group")[0] == built_in
    house.add(stream="group", read_by="employer", erase="none")
    with pytest.raises(EndpointUnknown, match=r"goes to https://lrs\.example/xapi; who runs that LRS"):
        house.operate.reading_credentials("voorbeeldstad", "group")


def test_the_operators_page_says_which_streams_it_cannot_show(town, house):
    assert house.operate.statements("me", LONG_AGO).elsewhere == ()
    house.add()
    assert house.operate.statements("me", LONG_AGO).elsewhere == ("voorbeeldstad/operator",)
