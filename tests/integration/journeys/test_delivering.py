"""What waits in the outbox leaves: statements to a real LRS over HTTP, 'klaar' to the portal."""

from __future__ import annotations

import signal
import socket
from datetime import UTC, date, datetime, timedelta

import pytest
import structlog

from lti_tool.domain.errors import OperatorUnknown, TenantUnknown
from lti_tool.lti.scores import Outcome
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import logins as login_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import web_sessions as session_rows
from lti_tool.storage.database import DatabaseBusy, connection
from lti_tool.use_cases import work as work_module
from lti_tool.use_cases.deliver import TRIES, Deliver
from lti_tool.use_cases.explain_completions import ExplainCompletions, OwnCompletion
from lti_tool.use_cases.lrs_access import LrsAccess
from lti_tool.use_cases.operate import SHOWN, Operate
from lti_tool.use_cases.work import Work
from tests.factories import NOW
from tests.functional.small_tool import serving
from tests.integration.journeys.town import ISSUER, LINE_ITEM, AsRequests, Town, right
from tests.logged import everything_logged
from xapi import outbox_care
from xapi.credentials import RIGHTS, Credentials
from xapi.lrs_server import create_lrs
from xapi.outbox import outbox, outbox_lease

SECRETS = {right: f"a-secret-for-{right}" for right in RIGHTS}
LONG_AGO = datetime(2025, 1, 6, 9, tzinfo=UTC)
"""A fact of then is due by the clock of whatever machine runs this."""
LATER = NOW + timedelta(minutes=1)
PORTAL = "voorbeeldstad/portal/leerportaal"
NOWHERE = LrsAccess("http://127.0.0.1:9/xapi", SECRETS)


class Portal:
    """Takes 'klaar' as the portal would, and remembers what it was told."""

    def __init__(self, *outcomes):
        self.told = []
        self._outcomes = list(outcomes)

    def send_completion(self, portal, line_item_url, sub, timestamp, now):
        self.told.append((portal.id, line_item_url, sub, timestamp))
        return self._outcomes.pop(0) if self._outcomes else Outcome("sent", "taken")


@pytest.fixture
def town(app, small_content):
    """Voorbeeldstad as long ago, where 'klaar' is told at once."""
    town = Town(app, small_content, completions_at_once=True)
    town.settle()
    town.hold_campaign(starts_on=date(2025, 1, 1), ends_on=date(2200, 1, 1))
    return town


@pytest.fixture(scope="module")
def lrs(tmp_path_factory):
    """The built-in LRS as a process of its own would be: over HTTP, with its own database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"sqlite:///{tmp_path_factory.mktemp('lrs') / 'lrs.sqlite3'}"
    with serving(create_lrs(url, Credentials(SECRETS), "https://digivaardig.example"), "127.0.0.1", port):
        yield LrsAccess(f"http://127.0.0.1:{port}/xapi", SECRETS)


def deliver(town, lrs=NOWHERE, portal=None):
    journey = Deliver(lrs, portal or Portal())
    return AsRequests(town.app, journey).everything_due(datetime.now(UTC))


def states(town, kind="completion", stream=""):
    return [row["state"] for row in town.outbox(kind, stream)]


def test_every_statement_of_a_learner_reaches_the_lrs(town, lrs):
    town.finish("a", right, LONG_AGO)
    written = {statement["id"]: statement for statement in town.statements()}
    assert deliver(town, lrs) == len(written) + 1
    arrived = {s["id"]: s for s in lrs.reader("voorbeeldstad", "operator").statements()}
    assert written.keys() <= arrived.keys()
    for statement_id, statement in written.items():
        assert arrived[statement_id]["verb"] == statement["verb"]
    assert set(states(town, "statement", "operator")) == {"sent"}


def test_a_second_round_has_nothing_to_do(town, lrs):
    town.finish("a", right, LONG_AGO)
    deliver(town, lrs)
    assert deliver(town, lrs) == 0


def test_group_figures_reach_the_group_stream_and_nothing_else_does(town, lrs):
    for number in range(12):
        town.arrive(f"learner-{number}", LONG_AGO)
    town.figures.publish("voorbeeldstad", LONG_AGO)
    deliver(town, lrs)
    verbs = {s["verb"]["id"].rsplit("/", 1)[-1] for s in lrs.reader("voorbeeldstad", "group").statements()}
    assert verbs == {"published"}


def test_while_the_lrs_is_down_nothing_is_lost_and_everything_is_delivered_later(town, lrs):
    where = town.begin("a", LONG_AGO)
    assert deliver(town) == 0
    town.answer_all(where, right, LONG_AGO)
    assert set(states(town, "statement", "operator")) == {"waiting"}
    town.in_transaction(forget_backoff)
    assert deliver(town, lrs) == len(town.statements()) + 1
    assert set(states(town, "statement", "operator")) == {"sent"}


def forget_backoff():
    """As if the time to wait had passed."""
    connection().execute(outbox_lease.update().values(backoff_until=None))


def test_the_portal_hears_klaar_about_its_own_id_of_the_learner(town):
    town.assessment.skip(town.arrive("a", LONG_AGO), LONG_AGO)
    portal = Portal()
    deliver(town, portal=portal)
    assert portal.told == [("leerportaal", LINE_ITEM, "a", LONG_AGO)]
    assert states(town) == ["sent"]


def test_the_outbox_itself_holds_no_id_of_the_portals(town):
    town.assessment.skip(town.arrive("a-user-of-the-portal", LONG_AGO), LONG_AGO)
    assert "a-user-of-the-portal" not in str(town.outbox("completion", ""))


def test_two_who_are_done_are_told_one_at_a_time(town):
    for sub in ("a", "b"):
        town.assessment.skip(town.arrive(sub, LONG_AGO), LONG_AGO)
    portal = Portal()
    deliver(town, portal=portal)
    assert sorted(sub for _, _, sub, _ in portal.told) == ["a", "b"]


def test_klaar_waits_until_its_hour(app, small_content, town):
    later = Town(app, small_content, completions_at_once=False)
    moment = datetime(2199, 1, 1, 9, 10, tzinfo=UTC)
    later.assessment.skip(later.arrive("a", moment), moment)
    portal = Portal()
    deliver(town, portal=portal)
    assert portal.told == []
    assert states(town) == ["waiting"]


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome("retry", "portal_busy", timedelta(minutes=5)), "waiting"),
        (Outcome("retry", "portal_unreachable"), "waiting"),
        (Outcome("dead", "line_item_gone"), "dead"),
    ],
)
def test_what_the_portal_answers_decides_whether_klaar_is_told_again(town, outcome, state):
    town.assessment.skip(town.arrive("a", LONG_AGO), LONG_AGO)
    assert deliver(town, portal=Portal(outcome)) == 0
    assert states(town) == [state]


def test_a_dead_klaar_says_why(town):
    town.assessment.skip(town.arrive("a", LONG_AGO), LONG_AGO)
    deliver(town, portal=Portal(Outcome("dead", "line_item_gone")))
    assert town.outbox("completion", "")[0]["last_error"] == "line_item_gone"


def test_when_nobody_is_left_to_tell_it_about_klaar_is_put_aside(town):
    where = town.arrive("a", LONG_AGO)
    town.assessment.skip(where, LONG_AGO)
    town.in_transaction(participation_rows.remove_participation, where)
    portal = Portal()
    deliver(town, portal=portal)
    assert (portal.told, states(town)) == ([], ["dead"])
    assert town.outbox("completion", "")[0]["last_error"] == "nobody_left"


def test_one_that_makes_trouble_lets_the_others_go_first_and_waits(town):
    """A course of which the portal answers with a web page must not keep everybody else waiting."""
    for sub in ("a", "b"):
        town.assessment.skip(town.arrive(sub, LONG_AGO), LONG_AGO)
    assert deliver(town, portal=Trouble("a")) == 1
    assert states(town) == ["waiting", "sent"]
    assert town.outbox("completion", "")[0]["last_error"] == "portal_failed"


def test_one_that_always_makes_trouble_is_given_up_while_others_arrive(town):
    town.assessment.skip(town.arrive("a", LONG_AGO), LONG_AGO)
    troubled = town.outbox("completion", "")[0]["seq"]
    portal = Trouble("a")
    for number in range(TRIES):  # a slow machine may try it twice in one round: a pause can be very short
        town.assessment.skip(town.arrive(f"b-{number}", LONG_AGO), LONG_AGO)
        town.in_transaction(make_due)
        deliver(town, portal=portal)
    dead = [row["seq"] for row in town.outbox("completion", "") if row["state"] == "dead"]
    assert dead == [troubled]
    assert [sub for _, _, sub, _ in portal.told].count("a") == TRIES


class Trouble(Portal):
    """Fails on one person."""

    def __init__(self, sub):
        super().__init__()
        self._troubled = sub

    def send_completion(self, portal, line_item_url, sub, timestamp, now):
        taken = super().send_completion(portal, line_item_url, sub, timestamp, now)
        return Outcome("doubtful", "portal_failed") if sub == self._troubled else taken


def make_due():
    """As if the time to wait had passed."""
    forget_backoff()
    connection().execute(outbox.update().where(outbox.c.state == "waiting").values(due_at=LONG_AGO))


def test_what_somebody_has_to_mend_keeps_its_reason_and_costs_no_message(town):
    for sub in ("a", "b"):
        town.assessment.skip(town.arrive(sub, LONG_AGO), LONG_AGO)
    portal = Portal(Outcome("blocked", "token_refused", timedelta(minutes=40)))
    assert deliver(town, portal=portal) == 0
    assert len(portal.told) == 1
    assert states(town) == ["waiting", "waiting"]
    lease = town.in_transaction(
        lambda: connection().execute(outbox_lease.select().where(outbox_lease.c.endpoint == PORTAL)).one()
    )
    assert lease.paused_reason == "token_refused"
    wait = lease.backoff_until - datetime.now(UTC)
    assert timedelta(minutes=39) < wait <= timedelta(minutes=40)


# Moments of one learner in one place of the portal only go up.


def skip_in(town, campaign, now):
    """The same learner, the same activity in the portal, another campaign."""
    town.hold_campaign(id=campaign, starts_on=date(2025, 1, 1), ends_on=date(2200, 1, 1))
    town.assessment.skip(town.arrive("a", now, custom={"campaign": campaign}), now)


def told_at(portal):
    return [at for _, _, _, at in portal.told]


def test_two_campaigns_of_one_learner_with_one_activity_are_told_at_different_moments(town):
    later = LONG_AGO + timedelta(seconds=1)
    skip_in(town, "eerste", LONG_AGO)
    skip_in(town, "tweede", later)
    portal = Portal()
    deliver(town, portal=portal)
    assert told_at(portal) == [LONG_AGO, later]


def test_the_same_moment_is_the_same_completion_and_is_told_once(town):
    skip_in(town, "eerste", LONG_AGO)
    skip_in(town, "tweede", LONG_AGO + timedelta(milliseconds=900))
    portal = Portal()
    assert deliver(town, portal=portal) == 2
    assert told_at(portal) == [LONG_AGO]
    assert states(town) == ["sent", "sent"]


def drop_all_bodies():
    outbox_care.drop_bodies(connection(), outbox_care.sent_before(connection(), datetime.now(UTC), 0, 100))


@pytest.mark.parametrize("body_is_kept", [True, False])
def test_an_older_one_that_was_given_up_is_not_told_after_a_newer_one(town, body_is_kept):
    skip_in(town, "eerste", LONG_AGO)
    deliver(town, portal=Portal(Outcome("dead", "line_item_gone")))
    skip_in(town, "tweede", LONG_AGO + timedelta(hours=1))
    portal = Portal()
    deliver(town, portal=portal)
    if not body_is_kept:
        town.in_transaction(drop_all_bodies)
    town.in_transaction(lambda: outbox_care.replay_dead(connection(), PORTAL, LONG_AGO))
    deliver(town, portal=portal)
    assert told_at(portal) == [LONG_AGO + timedelta(hours=1)]
    assert states(town) == ["sent", "sent"]


def test_two_learners_with_one_activity_do_not_stand_in_each_others_way(town):
    for sub in ("a", "b"):
        town.assessment.skip(town.arrive(sub, LONG_AGO), LONG_AGO)
    portal = Portal()
    deliver(town, portal=portal)
    assert told_at(portal) == [LONG_AGO, LONG_AGO]


def test_when_the_portal_itself_is_gone_klaar_is_put_aside(town, monkeypatch):
    town.assessment.skip(town.arrive("a", LONG_AGO), LONG_AGO)
    monkeypatch.setattr(portal_rows, "find_portal_by_id", lambda tenant_id, portal_id: None)
    deliver(town)
    assert states(town) == ["dead"]


# What an operator sees of it.


@pytest.fixture
def operate(town, lrs):
    return AsRequests(town.app, Operate(lrs))


def written(town):
    rows = town.in_transaction(audit_rows.audit_rows, "*")
    return [(who, what) for _, who, what, _ in rows]


def test_an_operator_logs_in_with_the_password_that_was_made(town, operate):
    password = operate.add_operator("beheer", NOW)
    assert operate.log_in("beheer", password, LATER) == "beheer"
    assert written(town) == [("command line", "operator added"), ("beheer", "operator logged in")]


def test_a_new_password_ends_the_old_one(operate):
    old, new = (operate.add_operator("beheer", NOW) for _ in range(2))
    assert operate.log_in("beheer", new, NOW) == "beheer"
    with pytest.raises(OperatorUnknown):
        operate.log_in("beheer", old, NOW)


@pytest.mark.parametrize("name", ["beheer", "nobody"])
def test_a_wrong_name_or_password_is_refused_and_written_down_without_the_name(town, operate, name):
    operate.add_operator("beheer", NOW)
    with pytest.raises(OperatorUnknown):
        operate.log_in(name, "guess", LATER)
    assert written(town)[-1] == ("unknown", "operator refused")


def test_the_newest_statements_are_shown_and_the_look_is_written_down(town, operate, lrs):
    town.finish("a", right, LONG_AGO)
    deliver(town, lrs)
    page = operate.statements("beheer", NOW)
    assert page.trouble == ""
    assert 0 < len(page.rows) <= SHOWN
    stored = [row.stored for row in page.rows]
    assert stored == sorted(stored, reverse=True)
    assert {"completed", "scored"} <= {row.verb for row in page.rows}
    assert all(len(row.actor) == 8 for row in page.rows if row.stream == "operator")
    assert written(town) == [("beheer", "statements read")]


@pytest.mark.parametrize(
    ("access", "trouble"),
    [(lambda lrs: NOWHERE, "unavailable"), (lambda lrs: LrsAccess(lrs._url, _OTHER), "refused")],
)
def test_trouble_at_the_lrs_is_said_and_the_look_is_written_down_all_the_same(town, lrs, access, trouble):
    page = AsRequests(town.app, Operate(access(lrs))).statements("beheer", NOW)
    assert (page.rows, page.trouble) == ((), trouble)
    assert written(town) == [("beheer", "statements read")]


_OTHER = dict.fromkeys(RIGHTS, "another-secret-of-16")


def test_a_statement_of_an_unusual_form_is_shown_as_far_as_it_goes(town):
    page = AsRequests(town.app, Operate(OneStatement())).statements("beheer", NOW)
    assert [(row.verb, row.object, row.actor) for row in page.rows] == [("did", "", "")] * 2


class OneStatement:
    """An LRS with one statement that we did not make."""

    def reader(self, owner, stream):
        return self

    def newest(self, count):
        return [{"stored": "2025-01-06T09:00:00.000Z", "verb": {"id": "did"}, "object": "a", "actor": {}}]


def test_reading_credentials_open_one_stream_of_one_municipality(operate, lrs):
    url, name, password = operate.reading_credentials("voorbeeldstad", "group")
    assert name == "voorbeeldstad/read_group"
    assert Credentials(SECRETS).check(name, password) is not None
    assert url == lrs._url
    with pytest.raises(TenantUnknown):
        operate.reading_credentials("nowhere", "group")


# The worker that does all of this.


class Round:
    """Stands for the delivery: what each round does."""

    def __init__(self, *results):
        self._results = list(results)
        self.rounds = 0

    def everything_due(self, now):
        self.rounds += 1
        result = self._results.pop(0) if self._results else 0
        if not self._results:
            signal.raise_signal(signal.SIGTERM)
        if isinstance(result, Exception):
            raise result
        return result


class Clock(datetime):
    """A clock that goes on by half an hour whenever somebody looks."""

    looked = 0

    @classmethod
    def now(cls, tz=None):
        cls.looked += 1
        return NOW + timedelta(minutes=30) * cls.looked


class Figures:
    """Stands for the publication."""

    def __init__(self):
        self.published = 0

    def publish_everywhere(self, now):
        self.published += 1


@pytest.fixture
def steady(monkeypatch):
    """No waiting between rounds, and the handlers of signals put back."""
    monkeypatch.setattr(work_module, "PAUSE_SECONDS", 0)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)
    structlog.reset_defaults()


class Keys:
    """Remembers that somebody looked for new keys."""

    def __init__(self):
        self.looked = 0

    def refresh(self):
        self.looked += 1


class Rosters:
    """Nobody's list is due."""

    def read_next(self, now):
        return False


class Ends:
    """No campaign is over."""

    def everything_due(self, now):
        pass


class Erasing:
    """Nobody wiped anything."""

    def erase_next(self, now):
        return False


def run(town, deliver, figures, *, minutes=60, once=False):
    work = Work(deliver, figures, Keys(), Rosters(), Erasing(), Ends(), figures_every_minutes=minutes)
    AsRequests(town.app, work).run(once=once)


def test_one_round_delivers_and_stops(town):
    deliver = Round(3, 3)
    run(town, deliver, Figures(), once=True)
    assert deliver.rounds == 1


def test_the_worker_goes_on_until_it_is_told_to_stop(town, steady):
    deliver = Round(3, 0, 2)
    run(town, deliver, Figures())
    assert deliver.rounds == 3


def test_a_busy_database_does_not_end_the_worker(town, steady):
    deliver = Round(DatabaseBusy(), 1)
    with everything_logged() as lines:
        run(town, deliver, Figures())
    assert deliver.rounds == 2
    assert [line["log_level"] for line in lines] == ["warning"]


@pytest.mark.parametrize(("minutes", "times"), [(60, 2), (0, 0)])
def test_figures_are_published_as_often_as_was_set(town, steady, monkeypatch, minutes, times):
    monkeypatch.setattr(Clock, "looked", 0)
    monkeypatch.setattr(work_module, "datetime", Clock)
    figures = Figures()
    run(town, Round(0, 0, 0, 0), figures, minutes=minutes)
    assert figures.published == times


def test_the_worker_looks_for_new_keys_and_forgets_old_refusals(town, steady, monkeypatch):
    monkeypatch.setattr(Clock, "looked", 0)
    monkeypatch.setattr(work_module, "datetime", Clock)
    for at in (LONG_AGO, NOW):
        town.in_transaction(audit_rows.write_audit, "", "somebody", audit_rows.LAUNCH_REFUSED, at, "code")
    keys = Keys()
    work = Work(Round(0), Figures(), keys, Rosters(), Erasing(), Ends(), figures_every_minutes=0)
    AsRequests(town.app, work).run(once=False)
    assert keys.looked == 1
    assert [at for at, *_ in town.in_transaction(audit_rows.audit_rows, "")] == [NOW]


def worker(town, **more):
    work = Work(Round(), Figures(), Keys(), Rosters(), Erasing(), Ends(), figures_every_minutes=0, **more)
    return AsRequests(town.app, work)


def bodies(town):
    return [bool(row["body"]) for row in town.outbox("statement", "operator")]


def sent_at(town, *moments):
    """As if the statements had been sent at these moments, in turn."""
    for row, at in zip(town.outbox("statement", "operator"), moments, strict=True):
        this = outbox.c.seq == row["seq"]
        values = {"state": "sent", "sent_at": at}
        town.in_transaction(lambda w=this, v=values: connection().execute(outbox.update().where(w).values(**v)))


def test_what_was_said_is_forgotten_so_many_days_after_it_arrived(town):
    town.assessment.skip(town.arrive("a", LONG_AGO), LONG_AGO)
    old, *others = town.outbox("statement", "operator")
    sent_at(town, NOW - timedelta(days=7, seconds=1), *[NOW - timedelta(days=7)] * len(others))
    worker(town, keep_sent_days=7).tidy(NOW)
    assert bodies(town) == [False, *[True] * len(others)]
    (emptied, *_) = town.outbox("statement", "operator")
    assert (emptied["message_id"], emptied["state"], emptied["pseudonym"]) == (old["message_id"], "sent", None)


def test_what_did_not_arrive_is_kept_however_old_it_is(town):
    town.assessment.skip(town.arrive("a", LONG_AGO), LONG_AGO)
    dead = outbox.update().where(outbox.c.kind == "completion").values(state="dead")
    town.in_transaction(lambda: connection().execute(dead))
    worker(town, keep_sent_days=1).tidy(NOW)
    assert all(bodies(town))
    assert town.outbox("completion", "")[0]["body"]


def test_very_much_is_forgotten_in_small_portions_over_several_times(town, monkeypatch):
    town.finish("a", right, LONG_AGO)
    sent_at(town, *[LONG_AGO] * len(bodies(town)))
    monkeypatch.setattr(work_module, "BODIES_AT_ONCE", 2)
    monkeypatch.setattr(work_module, "MOST_PORTIONS", 2)
    count = len(bodies(town))
    worker(town).tidy(NOW)
    assert bodies(town).count(False) == 4 < count
    for _ in range(count):
        worker(town).tidy(NOW)
    assert not any(bodies(town))


def test_a_learner_still_reads_that_the_portal_knows_after_the_body_was_forgotten(town):
    where = town.arrive("a", LONG_AGO)
    town.assessment.skip(where, LONG_AGO)
    deliver(town)
    worker(town, keep_sent_days=1).tidy(datetime.now(UTC) + timedelta(days=2))
    assert town.outbox("completion", "")[0]["body"] == ""
    own = AsRequests(town.app, ExplainCompletions()).own(where, datetime.now(UTC))
    assert own == OwnCompletion("known")


def test_unfinished_logins_and_old_sessions_are_forgotten(town, steady, monkeypatch):
    monkeypatch.setattr(Clock, "looked", 0)
    monkeypatch.setattr(work_module, "datetime", Clock)
    for number, ends in enumerate((NOW, NOW + timedelta(days=1))):
        town.in_transaction(login_rows.add_login, login(f"state-{number}", ends))
        with town.app.app_context():
            session_rows.add_session(f"hash-{number}", {"staff": False}, ends)
    run(town, Round(0), Figures())
    assert (town.count("login"), town.count("web_session")) == (1, 1)


def login(state, ends):
    return login_rows.LoginRecord(
        state=state,
        nonce="nonce",
        tenant_id="voorbeeldstad",
        portal_id="leerportaal",
        issuer=ISSUER,
        client_id="client",
        target_link_uri="https://digivaardig.example/lti/launch",
        browser_proof_hash="0" * 64,
        expires_at=ends,
    )
