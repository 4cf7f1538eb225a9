"""The built-in LRS over HTTP: storing, refusing, and who may do what (xAPI 1.0.3, Communication part)."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from sqlalchemy import text

from tests.integration.lrs_fixtures import CREDENTIALS, HOME_PAGE, VERSION, Anybody, Caller, Lrs, running_lrs
from tests.xapi_examples import a_full_statement, a_statement
from xapi.credentials import EVERYBODY
from xapi.engine import make_engine
from xapi.formats import find_instant


@pytest.fixture
def guarded(sqlite_database: str) -> Iterator[Lrs]:
    with running_lrs(sqlite_database) as found:
        yield found


def test_a_statement_is_kept_and_given_back_with_what_the_lrs_adds(me: Caller) -> None:
    statement = a_statement(timestamp="2026-11-23T10:00:00.123Z")
    stored = me.post(statement)
    assert (stored.status_code, stored.json()) == (200, [statement["id"]])
    found = me.get(statementId=statement["id"])
    assert found.status_code == 200
    told = found.json()
    assert told.pop("authority")["account"] == {"homePage": HOME_PAGE, "name": "voorbeeldstad/operator"}
    assert told.pop("version") == "1.0.0"
    assert find_instant(told.pop("stored")) is not None
    assert told == statement


def test_a_statement_with_nearly_every_property_comes_back_unchanged_but_for_the_lists(me: Caller) -> None:
    statement = a_full_statement()
    assert me.post(statement).status_code == 200
    told = me.get(statementId=statement["id"]).json()
    statement["context"]["contextActivities"]["grouping"] = [{"id": "http://example.com/course"}]
    inner = statement["object"]["context"]["contextActivities"]
    inner["parent"] = [inner["parent"]]
    for part in ("stored", "authority"):
        told.pop(part)
    assert told == statement


def test_what_a_sender_says_about_stored_and_authority_is_overwritten(me: Caller) -> None:
    statement = a_statement(stored="2001-01-01T00:00:00Z", authority={"mbox": "mailto:me@example.com"})
    me.post(statement)
    told = me.get(statementId=statement["id"]).json()
    assert told["stored"] > "2026"
    assert "account" in told["authority"]


def test_a_statement_without_id_or_timestamp_gets_them(me: Caller) -> None:
    statement = a_statement()
    del statement["id"]
    (given,) = me.post(statement).json()
    assert uuid.UUID(given).version == 4
    told = me.get(statementId=given).json()
    assert told["timestamp"] == told["stored"]


def test_a_batch_answers_the_ids_in_order(me: Caller) -> None:
    batch = [a_statement() for _ in range(5)]
    assert me.post(batch).json() == [statement["id"] for statement in batch]
    assert me.ids(ascending="true") == [statement["id"] for statement in batch]
    assert me.post([]).json() == []


def test_one_wrong_statement_refuses_the_whole_batch(me: Caller) -> None:
    good, wrong = a_statement(), a_statement(actor={"mbox": "someone"})
    refused = me.post([good, wrong])
    assert refused.status_code == 400
    assert refused.json() == {"error": "statement 1: actor.mbox: must be mailto: and an e-mail address"}
    assert me.ids() == []


def test_the_same_statement_again_is_accepted_and_kept_once(me: Caller) -> None:
    statement = a_statement(timestamp="2026-11-23T10:00:00.123Z")
    again = {**statement, "timestamp": "2026-11-23T11:00:00.123000+01:00", "verb": {"id": statement["verb"]["id"]}}
    new = a_statement()
    assert me.post(statement).status_code == 200
    before = me.get(statementId=statement["id"]).json()
    assert me.post([again, new]).json() == [statement["id"], new["id"]]
    assert me.put(again).status_code == 204
    assert me.get(statementId=statement["id"]).json() == before
    assert len(me.ids()) == 2


def test_another_statement_with_a_known_id_is_a_conflict_and_changes_nothing(me: Caller) -> None:
    statement = a_statement()
    me.post(statement)
    other, new = a_statement(id=statement["id"].upper(), result={"success": True}), a_statement()
    assert me.post([new, other]).status_code == 409
    assert me.put(other).status_code == 409
    assert me.ids() == [statement["id"]]
    assert "result" not in me.get(statementId=statement["id"]).json()


def test_one_id_twice_in_a_batch_is_refused(me: Caller) -> None:
    statement = a_statement()
    assert me.post([statement, statement]).status_code == 400
    assert me.ids() == []


def test_put_keeps_one_statement_under_the_id_of_the_address(me: Caller) -> None:
    statement = a_statement()
    wanted = statement.pop("id")
    answer = me.put(statement, wanted)
    assert (answer.status_code, answer.content) == (204, b"")
    assert me.ids() == [wanted]


@pytest.mark.parametrize(
    ("parameters", "body"),
    [
        ({}, a_statement()),
        ({"statementId": "x"}, a_statement()),
        ({"statementId": str(uuid.uuid4())}, a_statement()),
        ({"statementId": str(uuid.uuid4()), "other": "x"}, {}),
        ({"statementId": str(uuid.uuid4())}, [a_statement()]),
    ],
)
def test_a_put_that_is_not_about_one_statement_is_refused(caller: Caller, parameters: Any, body: Any) -> None:
    assert caller.put(body, params=parameters).status_code == 400


BY_NUMBER = [f"case {number}" for number in range(11)]
"""Names that are the same in every process, unlike random ids and signatures."""


def raw(caller: Caller, content: bytes, kind: str = "application/json") -> int:
    answer = caller.http.post(f"{caller.url}/statements", data=content, headers={"Content-Type": kind}, timeout=20)
    assert "Traceback" not in answer.text
    return answer.status_code


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b'"text"',
        b"[" * 100_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"id": "x", "id": "y"}',
        json.dumps(a_statement(result={"score": {"raw": 1}})).replace('"raw": 1', '"raw": NaN').encode(),
        json.dumps(a_statement(result={"score": {"raw": 1}})).replace('"raw": 1', '"raw": 1e999').encode(),
        json.dumps(a_statement(result={"response": "half \ud800"})).encode(),
    ],
    ids=BY_NUMBER,
)
def test_what_is_no_sound_json_is_refused(caller: Caller, content: bytes) -> None:
    assert raw(caller, content) == 400


def test_json_that_is_too_deep_is_refused_and_deep_enough_is_not(caller: Caller) -> None:
    def nested(levels: int) -> bytes:
        deep: Any = 1
        for _ in range(levels):
            deep = [deep]
        return json.dumps(a_statement(result={"extensions": {"http://example.com/x": deep}})).encode()

    assert raw(caller, nested(95)) == 200
    assert raw(caller, nested(120)) == 400


def test_strange_but_sound_texts_are_kept(me: Caller) -> None:
    statement = a_statement(result={"response": "nul \x00 \U0001f600"})
    statement["object"] = {"id": "http://example.com/" + "é" * 5000}
    assert me.post(statement).status_code == 200
    assert me.get(statementId=statement["id"]).json()["result"] == statement["result"]
    assert me.ids(activity=statement["object"]["id"]) == [statement["id"]]


@pytest.mark.parametrize("kind", ["text/plain", "multipart/mixed; boundary=x", "application/xml", ""])
def test_another_content_type_is_refused(caller: Caller, kind: str) -> None:
    assert raw(caller, json.dumps(a_statement()).encode(), kind) == 400


def test_a_charset_beside_the_content_type_is_fine(caller: Caller) -> None:
    assert raw(caller, json.dumps(a_statement()).encode(), "application/json; charset=utf-8") == 200


def test_attachments_are_taken_when_their_data_is_elsewhere(caller: Caller) -> None:
    statement = a_full_statement()
    del statement["attachments"][0]["fileUrl"]
    assert caller.post(statement).status_code == 400
    signed = a_full_statement()
    signed["attachments"][0]["usageType"] = "http://adlnet.gov/expapi/attachments/signature"
    assert caller.post(signed).status_code == 400
    inside = a_full_statement()
    inside["object"]["attachments"] = [dict(statement["attachments"][0])]
    assert caller.post(inside).status_code == 400


def test_a_body_without_end_is_cut_off(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xapi.lrs_server.asking.LARGEST_BODY", 1000)
    answer = caller.post(a_statement(result={"response": "x" * 2000}))
    assert answer.status_code == 413
    assert answer.headers["X-Experience-API-Version"] == "1.0.3"


def test_statements_need_a_version_and_about_does_not(caller: Caller) -> None:
    me = caller
    about = requests.get(f"{me.url}/about", timeout=20)
    assert about.status_code == 200
    assert "1.0.3" in about.json()["version"]
    assert about.headers["X-Experience-API-Version"] == "1.0.3"
    for version in (None, "0.95", "1.1.0", "2.0.0", "1.0.x", ""):
        me.http.headers["X-Experience-API-Version"] = version  # type: ignore[assignment]
        for answer in (me.get(), me.post(a_statement()), me.put(a_statement())):
            assert answer.status_code == 400
    for version in ("1.0", "1.0.0", "1.0.9"):
        me.http.headers["X-Experience-API-Version"] = version
        assert me.get().status_code == 200


def test_stored_rises_with_every_statement(me: Caller) -> None:
    for _ in range(3):
        me.post([a_statement() for _ in range(20)])
    stored = [statement["stored"] for statement in me.get(ascending="true", limit=0).json()["statements"]]
    assert len(stored) == 60
    assert stored == sorted(set(stored))


def test_stored_rises_also_when_the_clock_was_set_back(database_url: str) -> None:
    with running_lrs(database_url, Anybody()) as lrs:
        me = lrs.anybody()
        me.post(first := a_statement())
        engine = make_engine(database_url)
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.execute(text("update lrs_statement set seq = 4070908800000000"))
        engine.dispose()
        me.post(second := a_statement())
        assert me.get(statementId=second["id"]).json()["stored"] == "2099-01-01T00:00:00.000001Z"
        assert me.ids() == [second["id"], first["id"]]


def test_many_writers_at_once_lose_nothing(lrs: Lrs, me: Caller) -> None:
    batches = [[a_statement() for _ in range(10)] for _ in range(24)]
    callers = [lrs.anybody() for _ in range(8)]
    statuses: list[int] = []

    def write(number: int) -> None:
        for batch in batches[number::8]:
            statuses.append(callers[number].post(batch).status_code)

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 24
    assert sorted(me.ids()) == sorted(statement["id"] for batch in batches for statement in batch)


def test_a_database_that_is_away_is_answered_with_try_later(sqlite_database: str, monkeypatch: Any) -> None:
    with running_lrs(sqlite_database, Anybody()) as lrs:
        me = lrs.anybody()
        engine = make_engine(sqlite_database)
        with engine.begin() as connection:
            connection.execute(text("drop table lrs_key"))
            connection.execute(text("drop table lrs_statement"))
        engine.dispose()
        answer = me.post(a_statement())
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "2"
        monkeypatch.setattr("xapi.lrs_server.store._nobody_writes", lambda engine: False)
        refused = me.post([1])
        assert refused.status_code == 400
        assert "X-Experience-API-Consistent-Through" not in refused.headers


def test_other_resources_are_not_here(caller: Caller) -> None:
    for path in ("activities/state", "agents", "activities", "agents/profile", "nowhere"):
        answer = caller.http.get(f"{caller.url}/{path}", timeout=20)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/json"


def test_nobody_without_a_password_comes_in(guarded: Lrs) -> None:
    for name, password in (("", ""), ("voorbeeldstad/read_operator", "guess")):
        caller = Caller(guarded.url, name, password)
        for answer in (caller.get(), caller.post(a_statement()), caller.put(a_statement())):
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Basic")
        caller.close()
    for given in ("Bearer x", "Basic !!!", "Basic"):
        headers = {**VERSION, "Authorization": given}
        assert requests.get(f"{guarded.url}/statements", headers=headers, timeout=20).status_code == 401


def test_each_right_allows_its_own_action_only(guarded: Lrs) -> None:
    statement = a_statement()
    writer, reader, eraser = (guarded.caller(right) for right in ("write_operator", "read_operator", "erase"))
    assert reader.post(statement).status_code == 403
    assert eraser.post(statement).status_code == 403
    assert writer.post(statement).status_code == 200
    assert writer.get().status_code == 403
    assert eraser.get().status_code == 403
    assert reader.ids() == [statement["id"]]


def test_a_reader_sees_its_own_stream_and_owner_only(guarded: Lrs) -> None:
    places = [(owner, stream) for owner in ("voorbeeldstad", "elders") for stream in ("operator", "group")]
    written = {}
    for owner, stream in places:
        statement = a_statement()
        assert guarded.caller(f"write_{stream}", owner).post(statement).status_code == 200
        written[owner, stream] = statement["id"]
    for owner, stream in places:
        reader = guarded.caller(f"read_{stream}", owner)
        assert reader.ids() == [written[owner, stream]]
        for place, statement_id in written.items():
            expected = 200 if place == (owner, stream) else 404
            assert reader.get(statementId=statement_id).status_code == expected
    everybody = guarded.caller("read_group", EVERYBODY)
    assert everybody.ids() == [written["elders", "group"], written["voorbeeldstad", "group"]]


def test_an_id_of_another_owner_is_no_conflict_and_tells_nothing(guarded: Lrs) -> None:
    mine, theirs = a_statement(), a_statement()
    theirs["id"] = mine["id"]
    theirs["result"] = {"success": True}
    assert guarded.caller("write_operator").post(mine).status_code == 200
    assert guarded.caller("write_operator", "elders").post(theirs).status_code == 200


def test_nobody_writes_as_everybody(guarded: Lrs) -> None:
    assert guarded.caller("write_operator", EVERYBODY).post(a_statement()).status_code == 403


def test_a_person_is_erased_for_good_in_both_streams(database_url: str) -> None:
    somebody = {"account": {"homePage": "https://tool.example/t/x", "name": "gone"}}
    with running_lrs(database_url) as lrs:
        kept = a_statement()
        lrs.caller("write_operator").post([a_statement(actor=somebody), kept])
        lrs.caller("write_group").post(a_statement(context={"instructor": somebody}))
        lrs.caller("write_operator", "elders").post(elsewhere := a_statement(actor=somebody))
        url = f"{lrs.url}/extensions/statements"
        eraser = lrs.caller("erase")
        asked = {"agent": json.dumps(somebody)}
        assert lrs.caller("read_operator").http.delete(url, params=asked, timeout=20).status_code == 403
        assert eraser.http.delete(url, timeout=20).status_code == 400
        assert eraser.http.delete(url, params=asked, timeout=20).json() == {"erased": 2}
        assert eraser.http.delete(url, params=asked, timeout=20).json() == {"erased": 0}
        assert lrs.caller("read_operator").ids() == [kept["id"]]
        assert lrs.caller("read_group").ids() == []
        assert lrs.caller("read_operator", "elders").ids() == [elsewhere["id"]]
        everybody = lrs.caller("erase", EVERYBODY)
        assert everybody.http.delete(url, params=asked, timeout=20).json() == {"erased": 1}


def test_passwords_are_checked_by_the_doorkeeper_alone() -> None:
    assert CREDENTIALS.check("voorbeeldstad/read_operator", "") is None
