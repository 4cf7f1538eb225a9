"""An operator tends the outbox: lists, replays and drops, on the command line and in the browser."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from werkzeug.wrappers import Response

from lti_tool.cli.outbox import HIGHEST_NUMBER
from lti_tool.cli.outbox import outbox as command
from lti_tool.domain.errors import EndpointUnknown, LrsAway, NoDeadLetter, TenantUnknown
from lti_tool.lti.scores import Outcome
from lti_tool.storage import audit as audit_rows
from lti_tool.storage.database import connection
from lti_tool.use_cases import tend_outbox
from lti_tool.use_cases.deliver import Deliver
from lti_tool.use_cases.lrs_access import LrsAccess
from lti_tool.use_cases.tend_outbox import TendOutbox
from tests.functional.small_tool import serving
from tests.http_server import running
from tests.integration.journeys.town import AsRequests, Town
from xapi.credentials import EVERYBODY, RIGHTS, Credentials
from xapi.engine import make_engine, writing
from xapi.lrs_server import create_lrs
from xapi.outbox import outbox, outbox_lease

LONG_AGO = datetime(2025, 1, 6, 9, tzinfo=UTC)
SECRETS = {right: f"a-secret-for-{right}" for right in RIGHTS}
NOWHERE = LrsAccess("http://127.0.0.1:9/xapi", SECRETS)
STATEMENTS, PORTAL = "voorbeeldstad/operator", "voorbeeldstad/portal/leerportaal"
REFUSED = "HTTP 400: valid by our own rules"


@pytest.fixture
def town(app, small_content):
    """Voorbeeldstad as long ago: somebody skipped, and nothing was delivered yet."""
    town = Town(app, small_content, completions_at_once=True)
    town.settle()
    town.hold_campaign(starts_on=date(2025, 1, 1), ends_on=date(2200, 1, 1))
    town.assessment.skip(town.arrive("a-user-of-the-portal", LONG_AGO), LONG_AGO)
    town.lrs = NOWHERE
    return town


class Lrs:
    """The built-in LRS over HTTP, with its own database, from which statements can get lost."""

    def __init__(self, url, database_url):
        self.access = LrsAccess(url, SECRETS)
        self._engine = make_engine(database_url)

    def lose(self, *statement_ids):
        with writing(self._engine) as connection:
            for statement_id in statement_ids:
                connection.execute(
                    text("delete from lrs_statement where statement_id = :id"), {"id": statement_id}
                )

    def close(self):
        self._engine.dispose()


@pytest.fixture
def lrs(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    database_url = f"sqlite:///{tmp_path / 'lrs.sqlite3'}"
    with serving(create_lrs(database_url, Credentials(SECRETS), "https://digivaardig.example"), "127.0.0.1", port):
        made = Lrs(f"http://127.0.0.1:{port}/xapi", database_url)
        yield made
        made.close()


@pytest.fixture
def tend(town):
    return AsRequests(town.app, TendOutbox(NOWHERE, town.pen))


@pytest.fixture
def run(town):
    """Run `digivaardig outbox`; what came of it."""

    class Context:
        @contextmanager
        def commands(self):
            with town.app.app_context():
                yield SimpleNamespace(outbox=TendOutbox(town.lrs, town.pen))

    return lambda *arguments, **more: CliRunner().invoke(command, list(map(str, arguments)), obj=Context(), **more)


def change(town, where, **values):
    town.in_transaction(lambda: connection().execute(outbox.update().where(where).values(**values)))


def refuse(town, endpoint=STATEMENTS):
    """As if the other side had refused everything for good; the numbers of what it was."""
    c = outbox.c
    why = {"last_error": REFUSED, "last_status": 400, "tried_at": LONG_AGO}
    change(town, c.endpoint == endpoint, state="dead", **why)
    return [row["seq"] for row in rows(town) if row["endpoint"] == endpoint]


def rest(town, until, endpoint=STATEMENTS, reason="HTTP 401"):
    values = {"endpoint": endpoint, "failures": 3, "backoff_until": until, "paused_reason": reason}
    town.in_transaction(lambda: connection().execute(outbox_lease.insert().values(**values)))


def rows(town):
    return [*town.outbox("statement", "operator"), *town.outbox("completion", "")]


def audits(town):
    return [(who, what, detail) for _, who, what, detail in town.in_transaction(audit_rows.audit_rows, EVERYBODY)]


def test_each_endpoint_and_kind_is_told_apart_with_its_age(town, tend):
    statements, completions = tend.lines(LONG_AGO + timedelta(minutes=2))
    assert (statements.tenant_id, statements.endpoint, statements.kind) == (
        "voorbeeldstad",
        STATEMENTS,
        "statement",
    )
    assert (statements.waiting, statements.oldest_seconds, statements.dead) == (len(town.statements()), 120, 0)
    assert (completions.endpoint, completions.kind, completions.waiting) == (PORTAL, "completion", 1)


def test_what_was_sent_refused_or_tried_in_vain_is_counted(town, tend):
    first, second, *rest_ = [row["seq"] for row in town.outbox("statement", "operator")]
    change(town, outbox.c.seq == first, state="sent", sent_at=LONG_AGO)
    change(town, outbox.c.seq == second, attempts=2)
    refuse(town, PORTAL)
    statements, completions = tend.lines(LONG_AGO)
    assert (statements.sent, statements.retried, statements.waiting) == (1, 1, 1 + len(rest_))
    assert (completions.dead, completions.oldest_seconds) == (1, None)


def test_an_endpoint_that_is_left_alone_says_why_and_until_when(town, tend):
    until = LONG_AGO + timedelta(minutes=15)
    rest(town, until)
    statements, completions = tend.lines(LONG_AGO)
    assert (statements.paused_reason, statements.rests_until, statements.failures) == ("HTTP 401", until, 3)
    assert (completions.paused_reason, completions.rests_until) == ("", None)
    assert tend.lines(until)[0].rests_until is None, "the pause is over"


def test_a_clock_that_runs_back_makes_no_age_below_zero(tend):
    assert tend.lines(LONG_AGO - timedelta(days=1))[0].oldest_seconds == 0


def test_dead_letters_say_what_and_why_and_never_about_whom(town, tend):
    refuse(town)
    refuse(town, PORTAL)
    written = {row["message_id"]: row for row in rows(town)}
    letters = tend.dead_letters()
    assert [letter.verb for letter in letters if letter.kind == "statement"] == [
        statement["verb"]["id"].rsplit("/", 1)[-1] for statement in town.statements()
    ]
    for letter in letters:
        assert (letter.reason, letter.status, letter.since) == (REFUSED, 400, LONG_AGO)
    (klaar,) = (letter for letter in letters if letter.kind == "completion")
    assert (klaar.verb, klaar.statement_id) == ("", "")
    participation = json.loads(town.outbox("completion", "")[0]["body"])["participation"]
    for secret in (
        "a-user-of-the-portal",
        participation,
        *{row["pseudonym"] for row in written.values()} - {None},
    ):
        assert secret not in str(letters)
    assert {letter.statement_id for letter in letters} - {""} <= written.keys()


def test_dead_letters_of_one_endpoint(town, tend):
    refuse(town)
    refuse(town, PORTAL)
    assert {letter.kind for letter in tend.dead_letters(PORTAL)} == {"completion"}


def test_of_very_many_dead_letters_the_oldest_are_shown(town, tend, run, monkeypatch):
    numbers = refuse(town)
    monkeypatch.setattr(tend_outbox, "SHOWN", 1)
    assert [letter.number for letter in tend.dead_letters()] == numbers[:1]
    assert f"and {len(numbers) - 1} more" in run("list", "--dead").output


@pytest.mark.parametrize("body", ["", "no JSON", "[]", '{"verb": 1}', '{"verb": {}}'])
def test_a_dead_letter_that_is_no_statement_has_no_verb(town, tend, body):
    (number, *_) = refuse(town)
    change(town, outbox.c.seq == number, body=body)
    assert tend.dead_letters()[0].verb == ""


def test_all_of_an_endpoint_is_sent_again_under_the_same_ids(town, tend):
    numbers = refuse(town)
    before = [row["message_id"] for row in rows(town)]
    done = tend.replay(STATEMENTS, "beheerder", LONG_AGO)
    assert (done.count, done.resumed) == (len(numbers), ())
    assert [row["message_id"] for row in rows(town)] == before
    assert {row["state"] for row in rows(town)} == {"waiting"}
    assert audits(town) == [("beheerder", "dead letters replayed", f"{len(numbers)}: endpoint {STATEMENTS}")]


def test_only_the_numbers_that_are_named_are_sent_again(town, tend):
    first, *others = refuse(town)
    assert tend.replay([first], "beheerder", LONG_AGO).count == 1
    assert [letter.number for letter in tend.dead_letters()] == others
    assert audits(town)[0][2] == f"1: numbers {first}"


@pytest.mark.parametrize("by_number", [True, False])
def test_a_replay_ends_the_pause_of_its_endpoint_and_says_so(town, tend, by_number):
    numbers = refuse(town)
    rest(town, datetime(2200, 1, 1, tzinfo=UTC))
    rest(town, datetime(2200, 1, 1, tzinfo=UTC), PORTAL)
    assert tend.replay(numbers if by_number else STATEMENTS, "beheerder", LONG_AGO).resumed == (STATEMENTS,)
    statements, completions = tend.lines(LONG_AGO)
    assert (statements.rests_until, statements.failures, statements.paused_reason) == (None, 0, "")
    assert completions.rests_until, "another endpoint still rests"


def test_an_endpoint_without_dead_letters_is_only_resumed(town, tend):
    rest(town, datetime(2200, 1, 1, tzinfo=UTC))
    done = tend.replay(STATEMENTS, "beheerder", LONG_AGO)
    assert (done.count, done.resumed) == (0, (STATEMENTS,))


@pytest.mark.parametrize("act", ["replay", "drop"])
def test_one_number_that_is_no_dead_letter_changes_nothing_at_all(town, tend, act):
    numbers = refuse(town)
    waits = town.outbox("completion", "")[0]["seq"]
    before = rows(town)
    with pytest.raises(NoDeadLetter, match=f"not a dead letter: {waits}, {HIGHEST_NUMBER}; nothing was changed"):
        getattr(tend, act)([*numbers, HIGHEST_NUMBER, waits], "beheerder", LONG_AGO)
    assert (rows(town), audits(town)) == (before, [])


@pytest.mark.parametrize("endpoint", ["", "voorbeeldstad", "nergens/operator", "a\0b", "x" * 300])
def test_an_endpoint_that_there_is_not_is_said_so(tend, endpoint):
    for act in (lambda: tend.replay(endpoint, "x", LONG_AGO), lambda: tend.drop(endpoint, "x", LONG_AGO)):
        with pytest.raises(EndpointUnknown, match="nothing was ever meant for it"):
            act()
    with pytest.raises(EndpointUnknown):
        tend.dead_letters(endpoint)


def test_dropping_takes_dead_letters_only_and_is_written_down(town, tend):
    first, *others = refuse(town)
    assert tend.drop([first], "beheerder", LONG_AGO) == 1
    assert tend.drop(STATEMENTS, "beheerder", LONG_AGO) == len(others)
    assert tend.drop(PORTAL, "beheerder", LONG_AGO) == 0, "'klaar' waits, so it is no dead letter"
    assert [row["kind"] for row in rows(town)] == ["completion"]
    assert [what for _, what, _ in audits(town)] == ["dead letters dropped"] * 3
    assert ("beheerder", "dead letters dropped", f"1: numbers {first}") in audits(town)


def numbers_of(text_format):
    """The values of a text in the format of Prometheus, by name and labels."""
    pairs = (line.rpartition(" ") for line in text_format.splitlines() if not line.startswith("#"))
    return {name: int(value) for name, _, value in pairs}


def test_a_machine_that_watches_gets_the_same_numbers(town, tend):
    refuse(town, PORTAL)
    rest(town, datetime(2200, 1, 1, tzinfo=UTC))
    found = numbers_of(tend.metrics(LONG_AGO + timedelta(minutes=2)))
    statements = f'{{tenant="voorbeeldstad",endpoint="{STATEMENTS}",kind="statement"}}'
    completions = f'{{tenant="voorbeeldstad",endpoint="{PORTAL}",kind="completion"}}'
    assert found == {
        f"digivaardig_outbox_{name}{labels}": value
        for labels, values in (
            (statements, (len(town.statements()), 120, 0, 0, 0, 3, 1)),
            (completions, (0, 0, 0, 0, 1, 0, 0)),
        )
        for name, value in zip(tend_outbox.METRICS, values, strict=True)
    }


def test_metrics_are_explained_and_end_in_a_newline(town, run):
    lines = run("metrics").output.split("\n")
    assert lines[-1] == ""
    for name in tend_outbox.METRICS:
        assert f"# TYPE digivaardig_outbox_{name} gauge" in lines
        assert any(line.startswith(f"# HELP digivaardig_outbox_{name} ") for line in lines)


def test_a_strange_name_of_an_endpoint_breaks_no_line_of_the_metrics(town, tend):
    change(town, outbox.c.endpoint == PORTAL, endpoint='a"\n\\b')
    assert 'tenant="a\\"\\n\\\\b"' in tend.metrics(LONG_AGO)


# On the command line.


def test_the_list_is_a_table(town, run):
    numbers = refuse(town)
    rest(town, datetime(2200, 1, 1, tzinfo=UTC), reason="HTTP 401: the LRS does not accept our name or password")
    rest(town, datetime(2200, 1, 1, tzinfo=UTC), PORTAL, None)
    head, statements, completions, empty, dead_head, *dead = run("list", "--dead").output.splitlines()
    assert head.split() == ["tenant", "endpoint", "kind", "waiting", "oldest", "retried", "sent", "dead", "state"]
    assert statements.split()[:8] == [
        "voorbeeldstad",
        STATEMENTS,
        "statement",
        "0",
        "-",
        "0",
        "0",
        str(len(numbers)),
    ]
    assert statements.endswith(
        "paused: HTTP 401: the LRS does not accept our name or password; tried again at 2200-01-01 00:00:00"
    )
    assert completions.endswith("rests until 2200-01-01 00:00:00")
    assert empty == ""
    assert " ".join(dead_head.split()) == "number endpoint kind verb status attempts since statement reason"
    assert [line.split()[0] for line in dead] == list(map(str, numbers))
    assert all(line.endswith(REFUSED) for line in dead)


def test_without_dead_the_list_shows_endpoints_only(town, run):
    refuse(town)
    done = run("list", "--endpoint", PORTAL)
    assert (done.exit_code, len(done.output.splitlines())) == (0, 2)
    assert done.output.rstrip().endswith("on")


def test_programs_read_json(town, run):
    numbers = refuse(town)
    found = json.loads(run("list", "--dead", "--json").output)
    assert [line["endpoint"] for line in found["endpoints"]] == [STATEMENTS, PORTAL]
    assert [letter["number"] for letter in found["dead"]] == numbers
    assert found["dead"][0]["since"] == LONG_AGO.isoformat()
    assert "dead" not in json.loads(run("list", "--json").output)


def test_a_dead_klaar_without_a_try_is_shown_with_dashes(town, run):
    change(town, outbox.c.endpoint == PORTAL, state="dead", last_error=None)
    line = run("list", "--dead", "--endpoint", PORTAL).output.splitlines()[-1]
    assert line.split()[1:] == [PORTAL, "completion", "-", "-", "0", "-", "-"]


def test_replaying_says_what_it_did(town, run):
    first, *_ = numbers = refuse(town)
    assert run("replay", first).output == "Sent again: 1\n"
    rest(town, datetime(2200, 1, 1, tzinfo=UTC))
    said = run("replay", "--endpoint", STATEMENTS).output
    assert said == (
        f"Sent again: {len(numbers) - 1}\nResumed: {STATEMENTS} was being left alone, and is tried again now\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay",),
        ("replay", 1, "--endpoint", PORTAL),
        ("replay", 0),
        ("replay", "x"),
        ("replay", HIGHEST_NUMBER + 1),
        ("drop",),
        ("drop", "--all"),
        ("drop", "--endpoint", PORTAL),
        ("drop", 1, "--endpoint", PORTAL),
        ("drop", 1, "--all"),
        ("drop", 1, "--all", "--endpoint", PORTAL),
    ],
)
def test_what_is_not_said_clearly_is_not_done(town, run, arguments):
    refuse(town, PORTAL)
    before = rows(town)
    assert run(*arguments, input="y\n").exit_code == 2
    assert rows(town) == before


def test_dropping_asks_first(town, run):
    first, *others = refuse(town)
    asked = run("drop", first, input="n\n")
    assert (asked.exit_code, "They will never arrive" in asked.output) == (1, True)
    assert run("drop", first).exit_code == 1, "nobody is there to say yes"
    assert len(rows(town)) == len(others) + 2
    assert run("drop", first, input="y\n").output.endswith("Dropped: 1\n")
    assert run("drop", "--all", "--endpoint", STATEMENTS, "--yes").output == f"Dropped: {len(others)}\n"
    assert [who for who, _, _ in audits(town)] == ["command line"] * 2


# A test statement.


@pytest.mark.parametrize("stream", ["operator", "group"])
def test_a_test_statement_goes_the_way_of_every_statement_and_is_about_nobody(town, lrs, tend, stream):
    statement_id = tend.send_test("voorbeeldstad", stream, "beheerder", LONG_AGO)
    assert audits(town) == [("beheerder", "test statement made", f"endpoint voorbeeldstad/{stream}")]
    (row,) = [row for row in town.outbox("statement", stream) if row["message_id"] == statement_id]
    assert row["pseudonym"] is None
    deliver(town, lrs)
    there = lrs.access.reader("voorbeeldstad", stream).get_statement(statement_id)
    assert there["verb"]["id"].endswith("/tested")
    assert there["actor"]["account"]["name"] == "digivaardig"


@pytest.mark.parametrize("tenant_id", ["", "nergens", "a\0b", "x" * 300])
def test_a_municipality_that_there_is_not_gets_no_test_statement(town, tend, tenant_id):
    before = town.count("outbox")
    with pytest.raises(TenantUnknown):
        tend.send_test(tenant_id, "group", "beheerder", LONG_AGO)
    assert town.count("outbox") == before


@pytest.mark.parametrize("stream", ["", "portal/leerportaal", "a\0b"])
def test_there_is_no_other_stream_to_try(town, tend, stream):
    with pytest.raises(EndpointUnknown, match="there are operator and group"):
        tend.send_test("voorbeeldstad", stream, "beheerder", LONG_AGO)


# What an LRS lost.


class PortalThatTakesAll:
    def send_completion(self, portal, line_item_url, sub, timestamp, now):
        return Outcome("sent", "taken")


def deliver(town, lrs):
    """Everything leaves; the ids of the statements, long enough ago to ask for."""
    AsRequests(town.app, Deliver(lrs.access, PortalThatTakesAll())).everything_due(datetime.now(UTC))
    town.lrs = lrs.access
    change(town, outbox.c.state == "sent", sent_at=datetime.now(UTC) - timedelta(hours=1))
    return [statement["id"] for statement in town.statements()]


def reconcile(town, *, endpoint=STATEMENTS, since=LONG_AGO, send_again=False, lrs=None):
    tend = AsRequests(town.app, TendOutbox(lrs or town.lrs, town.pen))
    return tend.reconcile(endpoint, since, "beheerder", datetime.now(UTC), send_again=send_again)


def states(town):
    return [row["state"] for row in town.outbox("statement", "operator")]


def test_an_lrs_that_has_everything_lost_nothing(town, lrs):
    sent = deliver(town, lrs)
    found = reconcile(town, send_again=True)
    assert (found.asked, found.missing, found.missing_and_forgotten, found.sent_again) == (len(sent), (), 0, 0)
    assert set(states(town)) == {"sent"}


def test_a_lost_statement_is_named_and_nothing_is_changed(town, lrs):
    sent = deliver(town, lrs)
    lrs.lose(sent[0])
    before = rows(town)
    found = reconcile(town)
    assert (found.asked, found.missing, found.sent_again) == (len(sent), (sent[0],), 0)
    assert (rows(town), audits(town)) == (before, [])


def test_what_was_lost_is_sent_again_under_the_same_id_and_is_there_once(town, lrs):
    sent = deliver(town, lrs)
    lrs.lose(*sent)
    assert reconcile(town, send_again=True).sent_again == len(sent)
    assert audits(town) == [("beheerder", "lost statements sent again", f"{len(sent)}: endpoint {STATEMENTS}")]
    deliver(town, lrs)
    there = [s["id"] for s in lrs.access.reader("voorbeeldstad", "operator").statements()]
    assert sorted(there) == sorted(sent)
    assert reconcile(town).missing == ()


def test_very_many_are_sent_again_in_portions(town, lrs, monkeypatch):
    monkeypatch.setattr(tend_outbox, "AGAIN_AT_ONCE", 1)
    sent = deliver(town, lrs)
    lrs.lose(*sent)
    assert reconcile(town, send_again=True).sent_again == len(sent) > 1
    assert set(states(town)) == {"waiting"}


def test_what_was_forgotten_since_cannot_be_sent_again(town, lrs):
    first, *others = deliver(town, lrs)
    lrs.lose(first, *others)
    change(town, outbox.c.message_id == first, body="", pseudonym=None)
    found = reconcile(town, send_again=True)
    assert (found.missing, found.missing_and_forgotten, found.sent_again) == (tuple(others), 1, len(others))
    assert states(town)[0] == "sent"


def test_data_that_somebody_wipes_meanwhile_is_not_sent_again(town, lrs, monkeypatch):
    sent = deliver(town, lrs)
    lrs.lose(*sent)

    def while_the_lrs_is_asked(*arguments):
        change(town, outbox.c.kind == "statement", body="", pseudonym=None)
        return set(sent)

    monkeypatch.setattr(tend_outbox, "missing_at", while_the_lrs_is_asked)
    assert reconcile(town, send_again=True).sent_again == 0
    assert set(states(town)) == {"sent"}


def test_what_was_sent_just_now_or_before_the_moment_asked_for_is_left_out(town, lrs):
    sent = deliver(town, lrs)
    lrs.lose(*sent)
    assert reconcile(town, since=datetime.now(UTC) - timedelta(minutes=30)).asked == 0
    change(town, outbox.c.message_id == sent[0], sent_at=datetime.now(UTC))
    assert reconcile(town).missing == tuple(sent[1:])


def test_a_skip_that_was_taken_back_is_not_lost(town, lrs):
    where = town.arrive("b", LONG_AGO)
    town.assessment.skip(where, LONG_AGO)
    town.assessment.undo_skip(where, LONG_AGO + timedelta(minutes=1))
    deliver(town, lrs)
    assert reconcile(town).missing == ()


BROKEN = {
    "a web page": lambda: Response("<html>Onderhoud</html>", mimetype="text/html"),
    "a web page that is not found": lambda: Response("<html>", 404, mimetype="text/html"),
    "another program": lambda: Response('{"status": "ok"}', mimetype="application/json"),
    "a wrong key": lambda: Response("{}", 401, mimetype="application/json"),
    "an error": lambda: Response("", 500),
    "busy": lambda: Response("", 503),
    "elsewhere": lambda: Response("", 302, headers={"Location": "https://elders.example/"}),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_an_lrs_that_is_out_of_order_loses_nothing_and_changes_nothing(town, lrs, answer):
    deliver(town, lrs)
    before = rows(town)
    with (
        running(lambda environ, start: answer()(environ, start)) as url,
        pytest.raises(LrsAway, match="nothing was changed"),
    ):
        reconcile(town, lrs=LrsAccess(url, SECRETS), send_again=True)
    assert (rows(town), audits(town)) == (before, [])


def test_an_lrs_that_is_down_changes_nothing(town, lrs):
    deliver(town, lrs)
    before = rows(town)
    with pytest.raises(LrsAway, match="ConnectionError"):
        reconcile(town, lrs=NOWHERE, send_again=True)
    assert rows(town) == before


@pytest.mark.parametrize("endpoint", [PORTAL, "nergens/operator"])
def test_only_an_lrs_can_be_asked(town, endpoint):
    with pytest.raises(EndpointUnknown):
        reconcile(town, endpoint=endpoint)


def test_the_command_says_what_is_missing_and_fails_until_it_is_sent_again(town, lrs, run):
    sent = deliver(town, lrs)
    given = ("reconcile", "--endpoint", STATEMENTS)
    well = run(*given)
    assert (well.exit_code, well.output) == (0, f"Asked for: {len(sent)}; there: {len(sent)}; missing: 0\n")
    lrs.lose(*sent[:2])
    change(town, outbox.c.message_id == sent[0], body="")
    lost = run(*given, "--since", "0001-01-01")
    assert lost.exit_code == 1
    assert f"missing: 2\nmissing: {sent[1]}\nOf 1 missing ones it is not known" in lost.output
    again = run(*given, "--since", "2025-01-01T09:00", "--send-again")
    assert again.exit_code == 0
    assert again.output.endswith("Sent again: 1\n")


@pytest.mark.parametrize("since", ["x", "2025-13-01", "", "1"])
def test_a_moment_that_is_none_is_refused(run, since):
    assert run("reconcile", "--endpoint", STATEMENTS, "--since", since).exit_code == 2
