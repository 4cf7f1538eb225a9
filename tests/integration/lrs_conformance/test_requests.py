"""Requests and answers: xAPI 1.0.3, Communication part, and what the Data part says about storing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.integration.lrs_conformance.numbers import shows
from tests.integration.lrs_conformance.statements import MBOX, REFERENCE, changed, statement, within
from tests.integration.lrs_fixtures import CREDENTIALS, OWNER, VERSION, Caller, Lrs, running_lrs
from tests.xapi_examples import VOIDED
from xapi.credentials import Access
from xapi.formats import find_instant

AGENT = json.dumps(MBOX)
SINCE = "2012-06-01T19:09:13.245Z"
FILTERS = {
    "agent": AGENT,
    "verb": "http://example.com/verbs/never",
    "activity": "http://example.com/never",
    "registration": REFERENCE["id"],
    "related_activities": "true",
    "related_agents": "true",
    "since": SINCE,
    "until": SINCE,
    "limit": "1",
    "ascending": "true",
}
EVERY = {**FILTERS, "format": "ids", "attachments": "true"}
THROUGH = "X-Experience-API-Consistent-Through"
SAYS_VERSION = "X-Experience-API-Version"


def new_id() -> str:
    return str(uuid.uuid4())


def a_verb() -> dict[str, Any]:
    return {
        "id": f"http://example.com/verbs/{new_id()}",
        "display": {"en-GB": "did", "en-US": "done", "nl": "deed"},
    }


def kept(me: Caller, **parts: Any) -> dict[str, Any]:
    """A statement that was stored, as it was sent."""
    sent = statement(id=new_id(), **parts)
    answer = me.post(sent)
    assert (answer.status_code, answer.json()) == (200, [sent["id"]])
    return sent


def one(me: Caller, statement_id: str, **more: str) -> dict[str, Any]:
    answer = me.get(statementId=statement_id, **more)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


@shows(139, 143, 144, 146, 147, 159)
def test_statements_are_put_posted_and_got_at_the_resource(me: Caller) -> None:
    sent = statement(id=new_id())
    answer = me.put(sent)
    assert (answer.status_code, answer.content) == (204, b"")
    batch = [statement(id=new_id()), statement(id=new_id())]
    assert me.post(batch).json() == [each["id"] for each in batch]
    assert me.get().status_code == 200


@shows(145)
@pytest.mark.parametrize("name", ["", "StatementId", "id"])
def test_a_put_names_its_statement(me: Caller, name: str) -> None:
    sent = statement(id=new_id())
    assert me.put(sent, params={name: sent["id"]} if name else {}).status_code == 400


@shows(142)
@pytest.mark.parametrize("first", ["post", "put"])
@pytest.mark.parametrize("second", ["post", "put"])
def test_what_is_kept_never_changes(me: Caller, first: str, second: str) -> None:
    sent = statement(id=new_id())
    assert getattr(me, first)(sent).status_code in {200, 204}
    before = one(me, sent["id"])
    assert getattr(me, second)({**sent, "verb": a_verb()}).status_code == 409
    assert getattr(me, second)(sent).status_code in {200, 204}
    assert one(me, sent["id"]) == before


@shows(26)
def test_an_id_is_given_when_there_is_none(me: Caller) -> None:
    (given,) = me.post(statement()).json()
    assert one(me, given)["id"] == given


@shows(23, 97, 122)
@pytest.mark.parametrize("said", [None, "2011-07-15T00:00:00.000Z"])
def test_stored_is_set_by_the_lrs_and_precise(me: Caller, said: str | None) -> None:
    exact = "2026-11-23T10:00:00.123456Z"
    sent = kept(me, timestamp=exact, **({} if said is None else {"stored": said}))
    told = one(me, sent["id"])
    assert told["timestamp"] == exact
    assert told["stored"] != said
    assert len(told["stored"].partition(".")[2].rstrip("Z")) >= 3


@shows(2)
def test_numbers_keep_their_precision(me: Caller) -> None:
    score = {"scaled": 0.1234567, "raw": 12.125, "min": 0.12123434, "max": 45.45}
    assert one(me, kept(me, result={"score": score})["id"])["result"]["score"] == score


@shows(15)
def test_every_script_comes_back_as_it_went(me: Caller) -> None:
    display = {
        "ja-JP": "出席した",
        "is-IS": "sótti",
        "pa-IN": "ਹਾਜ਼ਰ",
        "ar-EG": "حضر",
        "hy-AM": "ներկա է",
        "en": "\U0001f600",
    }
    sent = kept(me, verb={**a_verb(), "display": display})
    assert me.get(verb=sent["verb"]["id"]).json()["statements"][0]["verb"]["display"] == display


@shows(14, 21)
@pytest.mark.parametrize(
    "text",
    [
        '{"actor": {"mbox": "mailto:a@b"}, "verb": {"id": "x:y", "id": "x:y"}, "object": {"id": "x:y"}}',
        '{"actor": ',
        "",
        "[1",
        "\ufeff{}",
    ],
    ids=["twice", "cut", "empty", "open", "bom"],
)
def test_only_well_made_json_without_repeated_names_is_taken(me: Caller, text: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = me.http.post(f"{me.url}/statements", data=text.encode(), headers=headers, timeout=20)
    assert answer.status_code == 400


@shows(99)
def test_the_authority_is_who_sent_it(me: Caller) -> None:
    assert one(me, kept(me)["id"])["authority"]["account"]["name"] == f"{OWNER}/operator"


@shows(96)
def test_a_context_activity_comes_back_in_a_list(me: Caller) -> None:
    found = {name: {"id": f"http://example.com/{name}"} for name in ("parent", "grouping", "category", "other")}
    plain = statement(context={"contextActivities": found})
    sent = kept(me, **within(plain, plain))
    told = one(me, sent["id"])
    for part in (told, told["object"]):
        assert part["context"]["contextActivities"] == {name: [activity] for name, activity in found.items()}


@shows(16, 18, 155, 157, 162, 163)
def test_voiding_hides_a_statement_and_nothing_else(me: Caller) -> None:
    verb = a_verb()
    voided = kept(me, verb=verb)
    reference = {**REFERENCE, "id": voided["id"]}
    voiding = kept(me, verb={"id": VOIDED}, object=reference)
    referring = kept(me, verb=verb, object=reference)
    again = kept(me, verb={"id": VOIDED}, object={**REFERENCE, "id": voiding["id"]})
    assert me.get(statementId=voided["id"]).status_code == 404
    assert me.get(voidedStatementId=voided["id"]).json()["id"] == voided["id"]
    assert me.get(statementId=voiding["id"]).status_code == 200
    assert me.get(voidedStatementId=voiding["id"]).status_code == 404
    about_it = [referring["id"], voiding["id"]]
    found = me.ids(verb=verb["id"])
    assert [each for each in found if each != again["id"]] == about_it
    assert me.ids(verb=verb["id"], limit=1, since=SINCE) == found


@shows(108, 109, 110, 111, 113, 114, 154)
def test_pages_follow_each_other_until_more_is_empty(me: Caller) -> None:
    verb = a_verb()
    sent = [kept(me, verb=verb)["id"] for _ in range(5)]
    page = me.get(verb=verb["id"], limit=2).json()
    found: list[str] = []
    while True:
        assert set(page) == {"statements", "more"}
        found += [told["id"] for told in page["statements"]]
        if not page["more"]:
            break
        link = me.url.removesuffix("/xapi") + page["more"]
        page = me.http.get(link, timeout=20).json()
        assert me.http.get(link, timeout=20).json() == page  # it may be followed again
        assert len(page["statements"]) <= 2
    assert page["more"] == ""
    assert found == sent[::-1]


@shows(112, 149)
def test_nothing_found_is_an_empty_list(me: Caller) -> None:
    answer = me.get(verb=a_verb()["id"])
    assert (answer.status_code, answer.json()) == (200, {"statements": [], "more": ""})


@shows(156, 158)
def test_one_statement_is_found_by_its_id(me: Caller) -> None:
    sent = kept(me)
    assert one(me, sent["id"])["id"] == sent["id"]


@shows(150, 151)
@pytest.mark.parametrize("name", ["statementId", "voidedStatementId"])
@pytest.mark.parametrize("beside", [*FILTERS, "statementId and voidedStatementId"])
def test_with_one_statement_no_filter_goes(me: Caller, name: str, beside: str) -> None:
    more = (
        {beside: FILTERS[beside]} if beside in FILTERS else dict.fromkeys(beside.split(" and "), REFERENCE["id"])
    )
    assert me.get(**{name: new_id(), **more}).status_code == 400


@shows(150, 151)
def test_with_one_statement_format_and_attachments_do(me: Caller) -> None:
    sent = kept(me)
    for more in ({"format": "ids"}, {"attachments": "true"}, {"format": "canonical", "attachments": "false"}):
        assert me.get(statementId=sent["id"], **more).status_code == 200


@shows(152, 153, 160)
@pytest.mark.parametrize("name", [*EVERY, "statementId", "unknown", ""])
def test_every_answer_says_through_when_it_is_consistent(me: Caller, name: str) -> None:
    asked = {name: EVERY.get(name, new_id())} if name else {}
    answer = me.get(**asked)
    assert answer.status_code == {"statementId": 404, "unknown": 400}.get(name, 200)
    through = find_instant(answer.headers[THROUGH])
    assert through is not None
    if answer.headers["Content-Type"] == "application/json" and answer.ok:
        for told in answer.json()["statements"]:
            stored = find_instant(told["stored"])
            assert stored is not None
            assert stored <= through


@shows(164, 173, 174, 175, 178, 179, 180, 181)
def test_each_filter_gives_what_it_asks_for(me: Caller) -> None:
    registration, activity, verb = new_id(), f"http://example.com/{new_id()}", a_verb()
    agent = {"account": {"homePage": "http://example.com", "name": new_id()}}
    wanted = kept(me, verb=verb, actor=agent, object={"id": activity}, context={"registration": registration})
    other = kept(me, verb=verb)
    stored = one(me, wanted["id"])["stored"]
    for asked in ({"registration": registration}, {"activity": activity}, {"agent": json.dumps(agent)}):
        assert me.ids(**asked) == [wanted["id"]]
        assert me.ids(**asked, verb=verb["id"], since=SINCE, until=stored, format="ids") == [wanted["id"]]
        assert me.ids(**asked, since=stored) == []
    assert me.ids(verb=verb["id"]) == [other["id"], wanted["id"]]
    assert len(me.get(verb=verb["id"], limit=1).json()["statements"]) == 1
    assert len(me.get(verb=verb["id"], limit=0).json()["statements"]) == 2


@shows(176, 177)
def test_related_filters_look_in_every_place(me: Caller) -> None:
    activity, agent = {"id": f"http://example.com/{new_id()}"}, {"mbox": f"mailto:{new_id()}@example.com"}
    verb = a_verb()
    inner = statement(actor=agent, object=activity)
    places = [
        kept(me, verb=verb, context={"instructor": agent, "contextActivities": {"category": activity}}),
        kept(me, verb=verb, context={"team": {"objectType": "Group", "member": [agent]}}),
        kept(me, **within(statement(verb=verb), inner)),
        kept(me, verb=verb),
    ]
    ids = [sent["id"] for sent in places]
    asked = {"verb": verb["id"], "ascending": "true"}
    assert me.ids(**asked, agent=json.dumps(agent)) == []
    assert me.ids(**asked, agent=json.dumps(agent), related_agents="true") == ids[:3]
    assert me.ids(**asked, activity=activity["id"]) == []
    assert me.ids(**asked, activity=activity["id"], related_activities="true") == [ids[0], ids[2]]


@shows(166)
def test_ascending_is_the_order_of_storing(me: Caller) -> None:
    verb = a_verb()
    sent = [kept(me, verb=verb)["id"] for _ in range(3)]
    assert me.ids(verb=verb["id"], ascending="true") == sent
    assert me.ids(verb=verb["id"], ascending="false") == sent[::-1]


def _for_formats(me: Caller) -> dict[str, Any]:
    definition = {
        "name": {"en-US": "color", "en-GB": "colour", "nl": "kleur"},
        "description": {"en-GB": "what", "nl": "wat"},
        "interactionType": "choice",
        "choices": [{"id": "a", "description": {"nl": "een", "en-GB": "one"}}],
    }
    activity = {"objectType": "Activity", "id": f"http://example.com/{new_id()}", "definition": definition}
    group = {"objectType": "Group", "name": "G", "mbox": f"mailto:{new_id()}@example.com"}
    inner = statement(actor=group, verb=a_verb(), object=activity)
    outer = statement(verb=a_verb(), context={"contextActivities": {"category": [activity]}})
    return kept(me, **within(outer, inner))


@shows(168, 170)
def test_exact_is_how_it_was_sent(me: Caller) -> None:
    sent = _for_formats(me)
    for more in ({}, {"format": "exact"}):
        told = one(me, sent["id"], **more)
        assert {key: told[key] for key in sent} == sent


@shows(171)
def test_ids_is_what_identifies_and_no_more(me: Caller) -> None:
    sent = _for_formats(me)
    told = one(me, sent["id"], format="ids")
    assert told["actor"] == {"objectType": "Agent", **MBOX}
    assert told["verb"] == {"id": sent["verb"]["id"]}
    assert told["object"]["actor"] == {"objectType": "Group", "mbox": sent["object"]["actor"]["mbox"]}
    assert told["object"]["object"] == {"id": sent["object"]["object"]["id"]}
    assert told["context"]["contextActivities"]["category"] == [{"id": sent["object"]["object"]["id"]}]
    members = {"objectType": "Group", "member": [{"name": "N", **MBOX}]}
    assert one(me, kept(me, actor=members)["id"], format="ids")["actor"] == {
        "objectType": "Group",
        "member": [MBOX],
    }


@shows(169, 172)
@pytest.mark.parametrize(
    ("language", "chosen"), [("en-GB", "en-GB"), ("nl-BE, en;q=0.5", "nl"), ("en-US", "en-US")]
)
def test_canonical_is_in_the_language_that_is_asked_for(me: Caller, language: str, chosen: str) -> None:
    sent = _for_formats(me)
    asked = {"statementId": sent["id"], "format": "canonical"}
    told = me.http.get(
        f"{me.url}/statements", params=asked, headers={"Accept-Language": language}, timeout=20
    ).json()
    assert told["actor"] == sent["actor"]
    assert list(told["verb"]["display"]) == list(told["object"]["verb"]["display"]) == [chosen]
    assert list(told["object"]["object"]["definition"]["name"]) == [chosen]
    for text in (
        told["context"]["contextActivities"]["category"][0]["definition"]["description"],
        told["verb"]["display"],
    ):
        assert len(text) == 1
    exact = me.http.get(
        f"{me.url}/statements",
        params={"statementId": sent["id"]},
        headers={"Accept-Language": language},
        timeout=20,
    ).json()
    assert exact["verb"] == sent["verb"]


@shows(161, 165, 167)
def test_attachments_false_is_plain_json_and_true_is_multipart(me: Caller) -> None:
    sent = kept(me)
    for asked in ({"statementId": sent["id"]}, {"limit": "1"}):
        for more in ({}, {"attachments": "false"}):
            assert me.get(**asked, **more).headers["Content-Type"] == "application/json"
        answer = me.get(**asked, attachments="true")
        kind, _, boundary = answer.headers["Content-Type"].partition("; boundary=")
        assert kind == "multipart/mixed"
        first = answer.text.split(f"--{boundary}")[1]
        assert sent["id"] in json.dumps(json.loads(first.partition("\r\n\r\n")[2]))


@shows(125, 126)
@pytest.mark.parametrize("name", [*EVERY, "statementId", "unknown", ""])
def test_head_is_get_without_a_body(me: Caller, name: str) -> None:
    asked = {name: EVERY.get(name, new_id())} if name else {}
    head = me.http.head(f"{me.url}/statements", params=asked, timeout=20)
    full = me.get(**asked)
    assert (head.status_code, head.content) == (full.status_code, b"")
    assert head.headers["Content-Length"] == str(len(full.content))
    assert head.headers[SAYS_VERSION] == "1.0.3"
    assert requests.head(f"{me.url}/about", timeout=20).status_code == 200


@shows(127)
@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "multipart/mixed; boundary=x", ""]
)
def test_another_content_type_is_refused(me: Caller, kind: str) -> None:
    sent = statement(id=new_id())
    url, body, headers = f"{me.url}/statements", json.dumps(sent), {"Content-Type": kind}
    assert me.http.post(url, data=body, headers=headers, timeout=20).status_code == 400
    asked = {"statementId": sent["id"]}
    assert me.http.put(url, params=asked, data=body, headers=headers, timeout=20).status_code == 400
    assert me.get(statementId=sent["id"]).status_code == 404


@shows(148, 336)
def test_the_alternate_syntax_is_a_post_that_says_what_it_is(me: Caller) -> None:
    def ask(method: str, form: Any, **more: str) -> requests.Response:
        return me.http.post(f"{me.url}/statements", params={"method": method, **more}, data=form, timeout=20)

    sent = statement(id=new_id())
    content = {"statementId": sent["id"], "content": json.dumps(sent)}
    page = ask("GET", {"limit": "1"})
    assert (page.status_code, set(page.json())) == (200, {"statements", "more"})
    assert ask("PUT", content).status_code == 204
    assert ask("POST", {"content": json.dumps(statement())}).status_code == 200
    assert ask("PUT", {**content, "X-Experience-API-Version": "0.8"}).status_code == 400
    assert ask("PUT", {**content, "Content-Type": "text/plain"}).status_code == 400
    assert ask("PUT", content, statementId=sent["id"]).status_code == 400
    assert ask("PUT", {}).status_code == 400
    assert ask("PUT", {"statementId": sent["id"]}).status_code == 400
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    asked = {"method": "PUT"}
    unencoded = me.http.post(
        f"{me.url}/statements", params=asked, data=json.dumps(content), headers=form, timeout=20
    )
    assert unencoded.status_code == 400
    assert me.get(method="POST").status_code == 400
    assert me.put(sent, params={"method": "POST", "statementId": sent["id"]}).status_code == 400
    about = requests.post(f"{me.url}/about", params={"method": "GET"}, timeout=20)
    assert about.status_code == 200


@shows(315, 316, 317, 318, 319, 320)
def test_about_tells_the_versions_to_everybody(me: Caller) -> None:
    about = requests.get(f"{me.url}/about", timeout=20)
    assert about.status_code == 200
    versions = about.json()["version"]
    assert {"1.0.1", "1.0.3"} <= set(versions) <= {"0.9", "0.95", "1.0.0", "1.0.1", "1.0.2", "1.0.3"}
    assert about.headers[SAYS_VERSION] == "1.0.3"
    assert requests.get(f"{me.url}/about", params={"x": "1"}, timeout=20).status_code == 400


@shows(321, 331)
@pytest.mark.parametrize("version", [None, "", "0.9", "1.1", "1.1.0", "1.0.x", "2.0.0", "1"])
def test_statements_want_a_version_that_is_known(me: Caller, version: str | None) -> None:
    sent = statement(id=new_id())
    url, auth = f"{me.url}/statements", ("any", "body")
    headers = {} if version is None else {SAYS_VERSION: version}
    asked = {"statementId": sent["id"]}
    for answer in (
        requests.get(url, headers=headers, auth=auth, timeout=20),
        requests.post(url, json=sent, headers=headers, auth=auth, timeout=20),
        requests.put(url, params=asked, json=sent, headers=headers, auth=auth, timeout=20),
    ):
        assert answer.status_code == 400
        assert answer.headers[SAYS_VERSION] == "1.0.3"


@shows(330, 332, 333)
@pytest.mark.parametrize("version", ["1.0", "1.0.0", "1.0.2", "1.0.9"])
def test_a_statement_keeps_its_version(me: Caller, version: str) -> None:
    sent = kept(me, version=version)
    answer = me.http.get(
        f"{me.url}/statements", params={"statementId": sent["id"]}, headers={SAYS_VERSION: version}, timeout=20
    )
    assert answer.json()["version"] == version
    assert answer.headers[SAYS_VERSION] == "1.0.3"


@shows(12)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("statementId", "AA97B177-9383-4934-8543-0F91A7A028368"),
        ("voidedStatementId", "true"),
        ("registration", "x"),
        ("agent", "x"),
        ("agent", '{"mbox": "mailto:should.fail.com"}'),
        ("agent", '{"mbox": "mailto:a@b.example", "more": 1}'),
        ("verb", "ab=c://should.fail.com"),
        ("activity", "www.example.com"),
        ("since", "01/011/2015"),
        ("until", "2008-09-15T15:53:00.601-00:00"),
        ("limit", "-1"),
        ("limit", "one"),
        ("format", "IDS"),
        ("ascending", "TRUE"),
        ("attachments", "1"),
        ("related_agents", ""),
        ("related_activities", "yes"),
    ],
)
def test_a_parameter_is_held_to_the_rules_of_statements(me: Caller, name: str, value: str) -> None:
    assert me.get(**{name: value}).status_code == 400


@shows(324, 325)
@pytest.mark.parametrize("name", ["foo", *(name.title() for name in EVERY), "StatementId", "VoidedStatementId"])
def test_a_parameter_that_is_not_known_is_refused(me: Caller, name: str) -> None:
    asked = {name: EVERY.get(name.lower(), new_id())}
    assert me.get(**asked).status_code == 400
    assert me.post(statement(), params=asked).status_code == 400
    sent = statement(id=new_id())
    assert me.put(sent, params={"statementId": sent["id"], **asked}).status_code == 400


@shows(326)
def test_one_bad_statement_keeps_the_whole_batch_out(me: Caller) -> None:
    good = statement(id=new_id())
    bad = changed(statement(id=new_id()), "verb.id", "should fail")
    for batch in ([good, bad], [bad, good], [good, {}], [good, []]):
        assert me.post(batch).status_code == 400
        assert me.get(statementId=good["id"]).status_code == 404


@shows(323)
@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_a_method_that_the_resource_does_not_know_is_405(me: Caller, method: str) -> None:
    for path, allowed in (("statements", "GET, HEAD, POST, PUT"), ("about", "GET, HEAD")):
        asked = {"statementId": new_id()} if path == "statements" else {}
        answer = requests.request(method, f"{me.url}/{path}", params=asked, headers=VERSION, timeout=20)
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
        assert answer.headers[SAYS_VERSION] == "1.0.3"
        assert set(answer.json()) == {"error"}


@shows(328)
def test_a_body_beyond_the_limit_is_413_and_ten_megabytes_are_not(
    me: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = statement(id=new_id(), result={"response": "x" * 10_000_000})
    assert me.post(big).status_code == 200
    assert len(one(me, big["id"])["result"]["response"]) == 10_000_000
    monkeypatch.setattr("xapi.lrs_server.asking.LARGEST_BODY", 1_000_000)
    for send in (me.post, me.put):
        assert send({**big, "id": new_id()}).status_code == 413


@shows(329)
def test_a_database_that_is_away_is_a_server_error_and_not_the_senders(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    place = tmp_path_factory.mktemp("gone")
    with running_lrs(f"sqlite:///{place}/lrs.sqlite3", Reader()) as lrs:
        for file in place.iterdir():
            file.unlink()
        place.rmdir()
        assert lrs.anybody().get().status_code in {500, 503}


class Reader:
    """Lets everybody read."""

    def check(self, name: str, password: str) -> Any:
        return Access(OWNER, "read", "operator")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lrs]:
    with running_lrs(f"sqlite:///{tmp_path_factory.mktemp('lrs')}/lrs.sqlite3") as lrs:
        yield lrs


@shows(334, 335)
def test_who_is_not_known_gets_401_and_who_is_known_comes_in(guarded: Lrs) -> None:
    sent = statement(id=new_id())
    name = CREDENTIALS.make(OWNER, "write_operator")[0]
    for auth in (None, ("nobody", "nothing"), (name, "wrong"), ("", "")):
        url, asked = f"{guarded.url}/statements", {"statementId": sent["id"]}
        answer = requests.put(url, params=asked, json=sent, headers=VERSION, auth=auth, timeout=20)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    for malformed in ("Basic:YTpi", "Basic %%%", "Basic", "Bearer YTpi"):
        headers = {**VERSION, "Authorization": malformed}
        assert requests.get(f"{guarded.url}/statements", headers=headers, timeout=20).status_code == 401
    assert guarded.caller("write_operator").put(sent).status_code == 204


@shows(327)
def test_who_is_known_but_may_not_gets_403(guarded: Lrs) -> None:
    assert guarded.caller("read_operator").post(statement()).status_code == 403
    assert guarded.caller("read_operator").put(statement(id=new_id())).status_code == 403
    assert guarded.caller("write_operator").get().status_code == 403


@pytest.mark.parametrize(
    "path", ["activities", "activities/state", "activities/profile", "agents", "agents/profile", "x"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE"])
def test_resources_that_are_not_offered_are_a_clean_404(me: Caller, path: str, method: str) -> None:
    answer = me.http.request(method, f"{me.url}/{path}", json={}, timeout=20)
    assert answer.status_code == 404
    assert answer.headers[SAYS_VERSION] == "1.0.3"


@pytest.mark.parametrize("left_out", ["fileUrl", "signature"])
def test_raw_attachments_and_signatures_are_a_clean_400(me: Caller, left_out: str) -> None:
    attachment = {
        "usageType": "http://adlnet.gov/expapi/attachments/signature",
        "display": {"en": "signature"},
        "contentType": "application/octet-stream",
        "length": 1,
        "sha2": "0" * 64,
        "fileUrl": "http://example.com/signature",
    }
    if left_out == "fileUrl":
        attachment["usageType"] = "http://example.com/usage"
        del attachment["fileUrl"]
    sent = statement(id=new_id(), attachments=[attachment])
    assert me.post(sent).status_code == 400
    body = f"--x\r\nContent-Type: application/json\r\n\r\n{json.dumps(sent)}\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/mixed; boundary=x"}
    assert me.http.post(f"{me.url}/statements", data=body, headers=headers, timeout=20).status_code == 400
    assert me.get(statementId=sent["id"]).status_code == 404
