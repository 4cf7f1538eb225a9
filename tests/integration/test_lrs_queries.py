"""The built-in LRS over HTTP: finding statements (xAPI 1.0.3, Communication part, sections 1.1, 1.3 and 2.1.3)."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from tests.integration.lrs_fixtures import Caller, Lrs
from tests.xapi_examples import ACTIVITY, LEARNER, VERB, a_full_statement, a_statement, a_voiding, about
from xapi.engine import make_engine, writing
from xapi.formats import as_timestamp, find_instant

CONSISTENT = "X-Experience-API-Consistent-Through"
SOMEBODY = {"mbox": "mailto:somebody@example.com"}
ELSEWHERE = {"id": "http://example.com/elsewhere"}


def kept(me: Caller, *statements: dict[str, Any]) -> list[str]:
    answer = me.post(list(statements))
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def test_the_last_stored_comes_first_unless_asked_otherwise(me: Caller) -> None:
    ids = kept(me, *(a_statement() for _ in range(3)))
    assert me.ids() == ids[::-1]
    assert me.ids(ascending="true") == ids


def test_no_match_is_an_empty_list(me: Caller) -> None:
    kept(me, a_statement())
    answer = me.get(verb="http://example.com/never")
    assert (answer.status_code, answer.json()) == (200, {"statements": [], "more": ""})


@pytest.mark.parametrize("ascending", ["true", "false"])
def test_more_leads_through_all_pages_once(me: Caller, ascending: str) -> None:
    ids = kept(me, *(a_statement() for _ in range(7)), a_statement(verb={"id": "http://example.com/v"}))
    found = me.ids(limit=3, ascending=ascending, verb=VERB)
    assert found == (ids[:7] if ascending == "true" else ids[6::-1])


def test_what_is_stored_while_pages_are_read_disturbs_nothing(me: Caller) -> None:
    ids = kept(me, *(a_statement() for _ in range(4)))
    first = me.get(limit=2).json()
    kept(me, a_statement())
    rest = me.http.get(me.url.removesuffix("/xapi") + first["more"], timeout=20).json()
    assert [statement["id"] for page in (first, rest) for statement in page["statements"]] == ids[::-1]


def test_limit_zero_gives_as_many_as_the_lrs_allows(me: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xapi.lrs_server.asking.MOST", 3)
    monkeypatch.setattr("xapi.lrs_server.asking.USUAL", 2)
    kept(me, *(a_statement() for _ in range(5)))
    assert len(me.get(limit=0).json()["statements"]) == 3
    assert len(me.get(limit=99).json()["statements"]) == 3
    assert len(me.get().json()["statements"]) == 2
    assert len(me.get(limit=1).json()["statements"]) == 1


def test_since_and_until_are_about_stored(me: Caller) -> None:
    ids = kept(me, *(a_statement(timestamp="2001-01-01T00:00:00Z") for _ in range(3)))
    middle = find_instant(me.get(statementId=ids[1]).json()["stored"])
    assert middle is not None
    in_amsterdam = middle.astimezone().isoformat()
    for moment in (as_timestamp(middle), in_amsterdam):
        assert me.ids(since=moment) == [ids[2]]
        assert me.ids(until=moment) == [ids[1], ids[0]]
        assert me.ids(since=as_timestamp(middle - timedelta(microseconds=1)), until=moment) == [ids[1]]


def test_a_verb_an_activity_and_a_registration_can_be_looked_for(me: Caller) -> None:
    registration = str(uuid.uuid4())
    wanted = a_statement(
        verb={"id": "http://example.com/v"}, object=ELSEWHERE, context={"registration": registration.upper()}
    )
    ids = kept(me, wanted, a_statement())
    assert me.ids(verb="http://example.com/v") == [ids[0]]
    assert me.ids(activity=ELSEWHERE["id"]) == [ids[0]]
    assert me.ids(registration=registration) == [ids[0]]
    assert me.ids(registration=registration, verb=VERB) == []


def test_several_filters_give_what_meets_all_of_them(me: Caller) -> None:
    def said(verb: str, **parts: Any) -> dict[str, Any]:
        return a_statement(verb={"id": f"http://example.com/{verb}"}, **parts)

    ids = kept(
        me,
        said("early", actor=SOMEBODY),
        said("early"),
        said("often", actor=SOMEBODY),
        said("often", object=ELSEWHERE),
        said("often", object=ELSEWHERE, actor=SOMEBODY),
        said("late", object=ELSEWHERE),
    )
    agent = json.dumps(SOMEBODY)
    assert me.ids(verb="http://example.com/often", agent=agent) == [ids[4], ids[2]]
    assert me.ids(verb="http://example.com/often", agent=agent, limit=1, ascending="true") == [ids[2], ids[4]]
    assert me.ids(verb="http://example.com/often", agent=agent, activity=ELSEWHERE["id"]) == [ids[4]]
    assert me.ids(verb="http://example.com/late", agent=agent) == []
    assert me.ids(verb="http://example.com/early", activity=ELSEWHERE["id"]) == []
    assert me.ids(verb="http://example.com/never", agent=agent) == []


@pytest.mark.parametrize(
    "agent",
    [
        SOMEBODY,
        {"mbox_sha1sum": "cd9b00a5611f94eaa7b1661edab976068e364975"},
        {"openid": "http://openid.example.org/12345"},
        {"account": {"homePage": "http://example.com", "name": "a \x00 b"}},
    ],
)
def test_an_agent_is_found_as_actor_object_and_member(me: Caller, agent: Any) -> None:
    group = {"objectType": "Group", "member": [LEARNER, {"name": "N", **agent}]}
    ids = kept(
        me,
        a_statement(actor={"name": "N", **agent}),
        a_statement(object={"objectType": "Agent", **agent}),
        a_statement(actor=group),
        a_statement(context={"instructor": agent}),
        a_statement(actor={"openid": "http://openid.example.org/other"}),
    )
    assert me.ids(agent=json.dumps(agent), ascending="true") == ids[:3]
    assert me.ids(agent=json.dumps({"objectType": "Agent", "name": "Other name", **agent})) == ids[2::-1]


def test_an_identified_group_is_found_by_its_identifier(me: Caller) -> None:
    group = {"objectType": "Group", "account": {"homePage": "http://example.com", "name": "g"}}
    ids = kept(me, a_statement(actor={**group, "member": [LEARNER]}), a_statement())
    assert me.ids(agent=json.dumps(group)) == [ids[0]]


def test_the_domain_of_an_address_knows_no_case_and_its_name_does(me: Caller) -> None:
    (given,) = kept(me, a_statement(actor={"mbox": "mailto:Some@Example.com"}))
    assert me.ids(agent=json.dumps({"mbox": "mailto:Some@example.COM"})) == [given]
    assert me.ids(agent=json.dumps({"mbox": "mailto:some@example.com"})) == []


def test_related_agents_are_found_in_every_place(me: Caller) -> None:
    group = {"objectType": "Group", "member": [SOMEBODY]}
    inner = a_statement(actor=SOMEBODY)
    del inner["id"]
    inside = a_statement(context={"team": group})
    del inside["id"]
    ids = kept(
        me,
        a_statement(actor=SOMEBODY),
        a_statement(context={"instructor": SOMEBODY}),
        a_statement(context={"team": group}),
        a_statement(object={"objectType": "SubStatement", **inner}),
        a_statement(object={"objectType": "SubStatement", **inside}),
        a_statement(),
    )
    asked = {"agent": json.dumps(SOMEBODY), "ascending": "true"}
    assert me.ids(**asked, related_agents="true") == ids[:5]
    assert me.ids(**asked, related_agents="false") == ids[:1]


def test_the_authority_is_a_related_agent(me: Caller) -> None:
    (given,) = kept(me, a_statement())
    authority = me.get(statementId=given).json()["authority"]
    assert me.ids(agent=json.dumps(authority), related_agents="true") == [given]
    assert me.ids(agent=json.dumps(authority)) == []


def test_related_activities_are_found_in_every_place(me: Caller) -> None:
    inner = a_statement(object=ELSEWHERE)
    del inner["id"]
    inside = a_statement(context={"contextActivities": {"other": [ELSEWHERE]}})
    del inside["id"]
    ids = kept(
        me,
        a_statement(object=ELSEWHERE),
        a_statement(context={"contextActivities": {"parent": ELSEWHERE}}),
        a_statement(context={"contextActivities": {"grouping": [{"id": ACTIVITY}, ELSEWHERE]}}),
        a_statement(object={"objectType": "SubStatement", **inner}),
        a_statement(object={"objectType": "SubStatement", **inside}),
        a_statement(),
    )
    assert me.ids(activity=ELSEWHERE["id"], related_activities="true", ascending="true") == ids[:5]
    assert me.ids(activity=ELSEWHERE["id"]) == ids[:1]


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
@pytest.mark.parametrize("at_once", [True, False])
def test_statements_about_a_statement_are_found_with_it_in_any_order(
    me: Caller, order: list[int], at_once: bool
) -> None:
    first = a_statement(actor=SOMEBODY)
    second = about(first["id"])
    third = about(second["id"])
    other = about(str(uuid.uuid4()))
    chain = [first, second, third, other]
    if at_once:
        kept(me, *(chain[number] for number in order))
    else:
        for number in order:
            kept(me, chain[number])
    found = me.ids(agent=json.dumps(SOMEBODY))
    assert sorted(found) == sorted([first["id"], second["id"], third["id"]])


def test_time_applies_to_the_statement_itself_and_not_to_what_it_is_about(me: Caller) -> None:
    (first,) = kept(me, a_statement(actor=SOMEBODY))
    stored = me.get(statementId=first).json()["stored"]
    (second,) = kept(me, about(first))
    assert me.ids(agent=json.dumps(SOMEBODY), since=stored) == [second]


def test_statements_about_each_other_do_not_go_round_for_ever(me: Caller) -> None:
    one, other = str(uuid.uuid4()), str(uuid.uuid4())
    kept(me, about(one, id=other, actor=SOMEBODY))
    kept(me, about(other, id=one))
    kept(me, about(first := str(uuid.uuid4()), id=first))
    assert sorted(me.ids(agent=json.dumps(SOMEBODY))) == sorted([one, other])


@pytest.mark.parametrize("voiding_first", [True, False])
def test_a_voided_statement_is_only_found_as_such(me: Caller, voiding_first: bool) -> None:
    statement = a_statement(actor=SOMEBODY)
    voiding = a_voiding(statement["id"].upper())
    for one in (voiding, statement) if voiding_first else (statement, voiding):
        kept(me, one)
    assert me.get(statementId=statement["id"]).status_code == 404
    assert me.get(voidedStatementId=statement["id"]).json()["id"] == statement["id"]
    assert me.get(voidedStatementId=voiding["id"]).status_code == 404
    assert me.get(statementId=voiding["id"]).status_code == 200
    # The voiding statement is about it, so it still matches.
    assert me.ids(agent=json.dumps(SOMEBODY)) == [voiding["id"]]
    assert me.put(statement).status_code == 204
    assert me.ids() == [voiding["id"]]


def test_voiding_and_voided_may_come_in_one_batch(me: Caller) -> None:
    statement = a_statement()
    voiding = a_voiding(statement["id"])
    kept(me, voiding, statement)
    assert me.ids() == [voiding["id"]]


def test_a_voiding_statement_cannot_be_voided(me: Caller) -> None:
    statement = a_statement()
    voiding = a_voiding(statement["id"])
    kept(me, statement, voiding, voiding_of_voiding := a_voiding(voiding["id"]))
    assert me.ids() == [voiding_of_voiding["id"], voiding["id"]]


@pytest.mark.parametrize(
    "parameters",
    [
        {"statementId": "x"},
        {"voidedStatementId": ""},
        {"statementId": str(uuid.uuid4()), "voidedStatementId": str(uuid.uuid4())},
        {"statementId": str(uuid.uuid4()), "limit": "1"},
        {"voidedStatementId": str(uuid.uuid4()), "verb": VERB},
        {"statementId": [str(uuid.uuid4()), str(uuid.uuid4())]},
        {"StatementId": str(uuid.uuid4())},
        {"unknown": "x"},
        {"Verb": VERB},
        {"verb": "answered"},
        {"activity": "example.com"},
        {"registration": "x"},
        {"agent": "x"},
        {"agent": "[" * 100_00},
        {"agent": "[]"},
        {"agent": "{}"},
        {"agent": json.dumps({"objectType": "Group", "member": [LEARNER]})},
        {"agent": json.dumps({**LEARNER, "mbox": "mailto:a@b.example"})},
        {"since": "yesterday"},
        {"until": "2026-11-23"},
        {"limit": "-1"},
        {"limit": "many"},
        {"limit": "1.5"},
        {"cursor": "x"},
        {"cursor": "9999999999999999999"},
        {"format": "Exact"},
        {"ascending": "True"},
        {"ascending": "1"},
        {"related_agents": "yes"},
        {"related_activities": ""},
        {"attachments": "no"},
        {"statementId": str(uuid.uuid4()), "format": "all"},
        {"method": "GET"},
    ],
)
def test_a_parameter_that_is_unknown_or_of_the_wrong_form_is_refused(caller: Caller, parameters: Any) -> None:
    answer = caller.get(**parameters)
    assert answer.status_code == 400
    assert CONSISTENT in answer.headers


def test_a_statement_that_is_not_there_is_not_found(me: Caller) -> None:
    assert me.get(statementId=str(uuid.uuid4())).status_code == 404


def test_ids_are_compared_without_case(me: Caller) -> None:
    (given,) = kept(me, a_statement())
    assert me.get(statementId=given.upper()).json()["id"] == given


def test_format_ids_gives_only_what_identifies(caller: Caller) -> None:
    full = a_full_statement()
    reference = about(str(uuid.uuid4()), result={}, context={})
    kept(caller, full, a_statement(object={"objectType": "Agent", "name": "N", **SOMEBODY}), reference)
    told_reference, told_agent, told = caller.get(format="ids").json()["statements"]
    assert told["verb"] == {"id": VERB}
    assert told["actor"] == {
        "objectType": "Group",
        "member": [{"mbox": "mailto:a@Example.com"}, *full["actor"]["member"][1:]],
    }
    inner = told["object"]
    assert inner["object"] == {"id": "http://example.com/activity"}
    assert inner["context"]["contextActivities"] == {"parent": [{"id": "http://example.com/in"}]}
    assert set(told["context"]["team"]) == {"objectType", "account"}
    assert told["context"]["instructor"] == full["context"]["instructor"]
    assert told["result"] == full["result"]
    assert told_agent["object"] == {"objectType": "Agent", **SOMEBODY}
    assert told_reference["object"] == reference["object"]


def test_format_canonical_gives_one_language_of_each_map(caller: Caller) -> None:
    full = a_full_statement()
    kept(caller, full)
    caller.http.headers["Accept-Language"] = "fr, en-US;q=0.5, en;q=0.9"
    (told,) = caller.get(format="canonical").json()["statements"]
    definition = told["context"]["contextActivities"]["parent"][0]["definition"]
    assert definition["name"] == {"en-GB": "colour"}
    assert definition["description"] == {"nl-NL": "wat"}
    assert definition["choices"] == [{"id": "a", "description": {"en": "first"}}, {"id": "b"}]
    assert told["verb"] == {"id": VERB, "display": {"en": "answered"}}
    assert told["actor"] == full["actor"]
    caller.http.headers["Accept-Language"] = "en-US"
    told = caller.get(format="canonical", statementId=full["id"]).json()
    assert told["object"]["object"]["definition"]["name"] == {"en-US": "color"}
    (exact,) = caller.get(format="exact").json()["statements"]
    assert exact["verb"] == full["verb"]


def test_attachments_come_in_a_multipart_answer_when_asked_for(caller: Caller) -> None:
    (given,) = kept(caller, a_full_statement())
    for parameters in ({}, {"statementId": given}):
        answer = caller.get(attachments="true", **parameters)
        assert answer.headers["Content-Type"].startswith("multipart/mixed; boundary=")
        boundary = answer.headers["Content-Type"].partition("boundary=")[2]
        before, part, after = answer.content.decode().split(f"--{boundary}")
        assert (before, after) == ("", "--\r\n")
        assert given in json.dumps(json.loads(part.partition("\r\n\r\n")[2]))
        plain = caller.get(attachments="false", **parameters)
        assert plain.headers["Content-Type"] == "application/json"


def test_a_head_request_is_answered_as_a_get_without_the_body(me: Caller) -> None:
    (given,) = kept(me, a_statement())
    asked = {"statementId": given}
    head = me.http.head(f"{me.url}/statements", params=asked, timeout=20)
    full = me.get(**asked)
    assert head.status_code == 200
    assert head.content == b""
    for header in ("Content-Type", "Last-Modified", "X-Experience-API-Version", "Content-Length"):
        assert head.headers[header] == full.headers[header]
    missing = me.http.head(f"{me.url}/statements", params={"statementId": str(uuid.uuid4())}, timeout=20)
    assert missing.status_code == 404


def test_last_modified_is_when_the_statement_was_stored(me: Caller) -> None:
    (given,) = kept(me, a_statement())
    answer = me.get(statementId=given)
    stored = find_instant(answer.json()["stored"])
    assert stored is not None
    assert parsedate_to_datetime(answer.headers["Last-Modified"]) == stored.replace(microsecond=0)


def consistent_through(answer: requests.Response) -> datetime:
    moment = find_instant(answer.headers[CONSISTENT])
    assert moment is not None
    return moment


def test_every_answer_says_through_when_it_is_consistent(me: Caller) -> None:
    before = datetime.now(UTC)
    statement = a_statement()
    answers = [me.post(statement), me.put(statement), me.get(), me.get(statementId=statement["id"]), me.post({})]
    for answer in answers:
        assert before < consistent_through(answer) <= datetime.now(UTC) + timedelta(seconds=1)
    stored = find_instant(me.get(statementId=statement["id"]).json()["stored"])
    assert stored is not None
    assert stored < consistent_through(me.get())


def test_while_somebody_writes_it_is_consistent_through_the_last_commit(lrs: Lrs, database_url: str) -> None:
    from sqlalchemy import text

    from xapi.lrs_server.store import WRITER_LOCK

    me = lrs.anybody()
    engine = make_engine(database_url)
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
        assert consistent_through(me.get()) == datetime(1970, 1, 1, tzinfo=UTC)
    (given,) = kept(me, a_statement())
    stored = find_instant(me.get(statementId=given).json()["stored"])
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
        assert consistent_through(me.get()) == stored
    engine.dispose()


def test_everything_may_stand_in_the_form_of_a_post(lrs: Lrs) -> None:
    url = f"{lrs.url}/statements"
    basic = requests.Request("GET", url, auth=("any", "body")).prepare().headers["Authorization"]
    said = {"Authorization": basic, "X-Experience-API-Version": "1.0.3", "Content-Type": "application/json"}
    statement = a_statement()

    def post(method: str, form: dict[str, str], **more: str) -> requests.Response:
        return requests.post(url, params={"method": method, **more}, data=form, timeout=20)

    content = {"content": json.dumps(statement), "statementId": statement["id"]}
    assert post("PUT", {**said, **content}).status_code == 204
    other = {"content": json.dumps([a_statement()])}
    assert post("POST", {**said, **other}).status_code == 200
    found = post("GET", {**said, "statementId": statement["id"]})
    assert found.json()["id"] == statement["id"]
    assert len(post("GET", {**said, "limit": "1"}).json()["statements"]) == 1
    assert post("GET", {**said, "unknown": "1"}).status_code == 400
    assert post("PUT", {**said, **content}, statementId=statement["id"]).status_code == 400
    assert post("DELETE", said).status_code == 400
    assert post("PUT", said).status_code == 400
    assert post("GET", {"Authorization": basic}).status_code == 400
    assert post("POST", {**said, **other, "Content-Type": "text/plain"}).status_code == 400
    headers = {"X-Experience-API-Version": "1.0.3"}
    answer = requests.post(url, params={"method": "GET"}, auth=("any", "body"), headers=headers, timeout=20)
    assert answer.status_code == 200
