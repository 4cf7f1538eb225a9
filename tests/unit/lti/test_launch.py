"""From login to launch: what the door begins, takes once, and refuses."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from lti_tool.lti.claims import AGS, LTI
from lti_tool.lti.door import LOGIN_LIVES
from lti_tool.lti.errors import LAUNCH_REASONS, PORTAL_REASONS, LaunchRefused, PortalUnavailable
from lti_tool.lti.launch import Launch
from lti_tool.lti.shelves import CachedJwks
from tests.unit.lti.portal import (
    CLIENT,
    ISSUER,
    KID,
    LAUNCH_URL,
    LOGIN_PARAMS,
    NOW,
    PERSONAL,
    PORTAL,
    PROOF,
    ROLES,
    Visit,
    claims_of,
    jwk_of,
    key_set,
    sign,
)


def refused(code: str) -> pytest.RaisesExc[LaunchRefused]:
    assert code in LAUNCH_REASONS
    return pytest.raises(LaunchRefused, check=lambda err: err.reason_code == code)


def unavailable(code: str) -> pytest.RaisesExc[PortalUnavailable]:
    assert code in PORTAL_REASONS
    return pytest.raises(PortalUnavailable, check=lambda err: err.reason_code == code)


# The login


def test_a_login_sends_the_browser_to_the_portal_with_everything_it_asks_for(visit: Visit) -> None:
    seen = visit.begin()
    assert {name: seen[name] for name in seen if name not in ("state", "nonce")} == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": CLIENT,
        "redirect_uri": LAUNCH_URL,
        "login_hint": "4",
        "lti_message_hint": LOGIN_PARAMS["lti_message_hint"],
    }


def test_two_logins_have_nothing_in_common(visit: Visit) -> None:
    first, second = visit.begin(), visit.begin()
    assert first["state"] != second["state"]
    assert first["nonce"] != second["nonce"]


def test_only_the_hash_of_the_browsers_cookie_is_kept(visit: Visit) -> None:
    record = visit.shelves.logins[visit.begin()["state"]]
    assert PROOF not in repr(record)
    assert record.expires_at == NOW + LOGIN_LIVES


def test_a_login_without_client_id_is_clear_when_the_issuer_has_one_registration(visit: Visit) -> None:
    assert visit.begin(client_id="-")["client_id"] == CLIENT


def test_the_address_of_the_portal_may_have_a_query_of_its_own() -> None:
    portal = dataclasses.replace(PORTAL, auth_login_url=f"{ISSUER}/auth?realm=stad")
    assert Visit(portal).begin()["realm"] == "stad"


@pytest.mark.parametrize(
    ("code", "params"),
    [
        ("issuer_missing", {"iss": "-"}),
        ("issuer_missing", {"iss": ""}),
        ("login_hint_missing", {"login_hint": "-"}),
        ("target_missing", {"target_link_uri": "-"}),
        ("target_elsewhere", {"target_link_uri": "https://evil.example/lti/launch"}),
        ("target_elsewhere", {"target_link_uri": "http://tool.example/lti/launch"}),
        ("target_elsewhere", {"target_link_uri": "https://tool.example:8443/"}),
        ("target_elsewhere", {"target_link_uri": "https://tool.example:0/"}),
        ("target_elsewhere", {"target_link_uri": "https://tool.example@evil.example/"}),
        ("target_elsewhere", {"target_link_uri": "https://me@tool.example/"}),
        ("target_elsewhere", {"target_link_uri": "https://[tool.example/"}),
        ("target_elsewhere", {"target_link_uri": "https://tool.example:port/"}),
        ("target_elsewhere", {"target_link_uri": "javascript:alert(1)"}),
        ("target_elsewhere", {"target_link_uri": "https:///lti/launch"}),
        ("request_malformed", {"target_link_uri": "https://tool.example/" + "a" * 2000}),
        ("request_malformed", {"lti_message_hint": "a" * 8193}),
        ("request_malformed", {"login_hint": "4\x00"}),
        ("request_malformed", {"login_hint": "\ud800"}),
        ("request_malformed", {"made_up": "\n"}),
        ("portal_unknown", {"iss": "https://other.example"}),
        ("portal_unknown", {"iss": "https://other.example", "client_id": "-"}),
        ("portal_unknown", {"client_id": "somebody-else"}),
    ],
)
def test_a_bad_login_is_refused_and_leaves_nothing_behind(visit: Visit, code: str, params: dict[str, str]) -> None:
    with refused(code):
        visit.begin(**params)
    assert visit.shelves.logins == {}


def test_a_login_without_client_id_is_refused_when_the_issuer_has_two_registrations() -> None:
    visit = Visit(PORTAL, dataclasses.replace(PORTAL, id="tweede", client_id="second"))
    with refused("client_missing"):
        visit.begin(client_id="-")


def test_a_login_at_a_portal_that_is_switched_off_is_refused() -> None:
    with refused("portal_closed"):
        Visit(dataclasses.replace(PORTAL, enabled=False)).begin()


def test_a_login_of_a_browser_without_cookie_is_refused(visit: Visit) -> None:
    with refused("browser_proof_missing"):
        visit.begin(proof="")


# The launch


def test_a_learner_of_moodle_comes_in(visit: Visit) -> None:
    launch = visit.launch("learner")
    assert launch == Launch(
        tenant_id="voorbeeldstad",
        portal_id="leerportaal",
        deployment_id="1",
        issuer=ISSUER,
        client_id=CLIENT,
        sub="4",
        roles=tuple(ROLES["learner"]),
        is_staff=False,
        context_id="2",
        context_title="Digitale vaardigheden",
        resource_link_id="1",
        custom={},
        line_item_url=f"{ISSUER}/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1",
        line_item_scopes=(
            "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
            "https://purl.imsglobal.org/spec/lti-ags/scope/score",
        ),
        locale="en",
        return_url=f"{ISSUER}/mod/lti/return.php?course=2&sesskey=geheim",
        claims_used=launch.claims_used,
        kind="visit",
        marks="possible",
        product="moodle",
        portal_origins=(ISSUER,),
    )


@pytest.mark.parametrize("role", ["instructor", "admin"])
def test_teachers_and_admins_of_a_moodle_course_are_staff(visit: Visit, role: str) -> None:
    assert visit.launch(role).is_staff


@pytest.mark.parametrize("role", ["learner", "instructor", "admin"])
def test_names_and_other_personal_details_never_leave_the_door(visit: Visit, role: str) -> None:
    said = json.dumps(dataclasses.asdict(visit.launch(role)))
    for detail in (*PERSONAL.values(), "emp-student", "user_username"):
        assert detail not in said


def test_the_claims_shown_in_the_demo_are_those_used_and_hold_no_session_key(visit: Visit) -> None:
    used = visit.launch(
        custom={"campaign": "voorjaar", "team": "$Person.team", "activity": "", "mail": "a@b"}
    ).claims_used
    assert "geheim" not in json.dumps(used)
    assert used[f"{LTI}custom"] == {"campaign": "voorjaar"}
    assert used[f"{LTI}launch_presentation"] == {
        "locale": "en",
        "return_url": f"{ISSUER}/mod/lti/return.php",
    }
    assert set(used) <= set(claims_of())


def test_what_a_portal_may_leave_out_is_not_needed(visit: Visit) -> None:
    launch = visit.launch(context=None, custom=None, launch_presentation=None, endpoint=None)
    assert launch.context_id is launch.context_title is launch.line_item_url is launch.locale is None
    assert launch.return_url is None
    assert launch.custom == {}
    assert launch.line_item_scopes == ()
    assert not {f"{LTI}context", f"{LTI}custom", f"{LTI}launch_presentation", AGS} & set(launch.claims_used)


def test_an_address_that_no_browser_should_open_is_dropped(visit: Visit) -> None:
    launch = visit.launch(
        launch_presentation={"return_url": "javascript:alert(1)"}, endpoint={"lineitem": "file:///etc/passwd"}
    )
    assert launch.return_url is None
    assert launch.line_item_url is None
    assert launch.claims_used[f"{LTI}launch_presentation"] == {"locale": None, "return_url": None}


def test_the_pages_may_be_framed_by_where_the_portal_really_is(visit: Visit) -> None:
    where = {"return_url": "https://School.Canvas.example/courses/1"}
    assert visit.launch(launch_presentation=where).portal_origins == (ISSUER, "https://school.canvas.example")
    assert visit.launch(launch_presentation=None).portal_origins == (ISSUER,)


def test_a_course_without_title_and_one_with_a_very_long_title_are_fine(visit: Visit) -> None:
    assert visit.launch(context={"id": "2"}).context_title is None
    assert len(visit.launch(context={"id": "2", "title": "a" * 1000}).context_title or "") == 200


def test_the_same_answer_twice_is_refused(visit: Visit) -> None:
    seen = visit.begin()
    form = {"state": seen["state"], "id_token": sign(claims_of(nonce=seen["nonce"]))}
    visit.finish(form)
    with refused("state_unknown"):
        visit.finish(form)


def test_a_refused_answer_uses_up_its_login_too(visit: Visit) -> None:
    seen = visit.begin()
    with refused("token_malformed"):
        visit.finish({"state": seen["state"], "id_token": "rubbish"})
    with refused("state_unknown"):
        visit.finish({"state": seen["state"], "id_token": sign(claims_of(nonce=seen["nonce"]))})


def test_a_launch_that_is_not_welcome_uses_up_its_login_too(visit: Visit) -> None:
    def turn_away(launch: Launch) -> None:
        raise LaunchRefused("campaign_unknown")

    seen = visit.begin()
    form = {"state": seen["state"], "id_token": sign(claims_of(nonce=seen["nonce"]))}
    with refused("campaign_unknown"):
        visit.door.finish(form, PROOF, NOW + timedelta(seconds=2), visit.shelves.transaction, turn_away)
    with refused("state_unknown"):
        visit.finish(form)


def test_a_launch_takes_one_transaction_and_a_second_one_when_keys_are_fetched(visit: Visit) -> None:
    opened: list[str] = []

    @contextmanager
    def counted() -> Iterator[None]:
        opened.append("transaction")
        with visit.shelves.transaction():
            yield

    for transactions in (2, 1):
        seen = visit.begin()
        form = {"state": seen["state"], "id_token": sign(claims_of(nonce=seen["nonce"]))}
        visit.door.finish(form, PROOF, NOW + timedelta(seconds=2), counted, lambda launch: launch)
        assert len(opened) == transactions
        opened.clear()


def test_an_old_token_with_a_new_state_is_refused(visit: Visit) -> None:
    first, second = visit.begin(), visit.begin()
    with refused("nonce_differs"):
        visit.finish({"state": second["state"], "id_token": sign(claims_of(nonce=first["nonce"]))})


def test_a_login_that_took_longer_than_it_lives_is_refused(visit: Visit) -> None:
    seen = visit.begin()
    with refused("state_unknown"):
        visit.finish({"state": seen["state"], "id_token": "x"}, now=NOW + LOGIN_LIVES)


@pytest.mark.parametrize(
    ("proof", "code"), [("", "browser_proof_missing"), ("another-browser", "browser_differs")]
)
def test_a_launch_in_another_browser_is_refused(visit: Visit, proof: str, code: str) -> None:
    seen = visit.begin()
    with refused(code):
        visit.finish({"state": seen["state"], "id_token": sign(claims_of(nonce=seen["nonce"]))}, proof)


@pytest.mark.parametrize(
    ("code", "form"),
    [
        ("state_missing", {}),
        ("state_missing", {"state": ""}),
        ("state_unknown", {"state": "made up"}),
        ("state_unknown", {"state": "state-" + "a" * 43}),
        ("state_unknown", {"state": "\x00"}),
        ("portal_login_required", {"error": "login_required"}),
        ("portal_login_required", {"error": "interaction_required", "state": "x"}),
        ("portal_error", {"error": "invalid_request", "error_description": "<b>secret</b>"}),
        ("portal_error", {"error": "<script>"}),
    ],
)
def test_an_answer_that_belongs_to_no_login_is_refused(visit: Visit, code: str, form: dict[str, str]) -> None:
    with refused(code) as caught:
        visit.finish(form)
    assert "<" not in caught.value.detail_for_log


def test_an_error_of_the_portal_also_ends_the_login(visit: Visit) -> None:
    seen = visit.begin()
    with refused("portal_login_required"):
        visit.finish({"state": seen["state"], "error": "login_required"})
    assert visit.shelves.logins == {}


def test_a_portal_that_went_away_or_was_switched_off_during_the_login_is_refused(visit: Visit) -> None:
    for portals, code in (
        ([], "portal_unknown"),
        ([dataclasses.replace(PORTAL, tenant_id="andere-stad")], "portal_unknown"),
        ([dataclasses.replace(PORTAL, enabled=False)], "portal_closed"),
    ):
        visit.shelves.portals = [PORTAL]
        seen = visit.begin()
        visit.shelves.portals = portals
        with refused(code):
            visit.finish({"state": seen["state"], "id_token": sign(claims_of(nonce=seen["nonce"]))})


def test_a_token_of_another_registration_cannot_finish_this_login() -> None:
    other = dataclasses.replace(PORTAL, id="b", tenant_id="b", client_id="client-b")
    visit = Visit(PORTAL, other)
    seen = visit.begin(client_id="client-b")
    with refused("aud_differs"):
        visit.finish({"state": seen["state"], "id_token": sign(claims_of(nonce=seen["nonce"]))})
    elsewhere = dataclasses.replace(PORTAL, id="c", tenant_id="c", issuer="https://c.example")
    visit = Visit(PORTAL, elsewhere)
    seen = visit.begin(iss="https://c.example")
    with refused("iss_differs"):
        visit.finish({"state": seen["state"], "id_token": sign(claims_of(nonce=seen["nonce"]))})


# The portal's keys


def test_the_keys_are_fetched_once_for_many_launches(visit: Visit) -> None:
    for _ in range(5):
        visit.launch()
    assert visit.server.asked == 1


def test_a_new_key_of_the_portal_is_fetched_at_its_first_use(visit: Visit) -> None:
    visit.shelves.jwks["voorbeeldstad", "leerportaal"] = CachedJwks(
        key_set(jwk_of("old", "old")), NOW - timedelta(minutes=5)
    )
    visit.launch()
    visit.launch()
    assert visit.server.asked == 1


def test_a_key_that_nobody_has_is_refused_and_asks_the_portal_once(visit: Visit) -> None:
    for _ in range(3):
        seen = visit.begin()
        with refused("kid_unknown"):
            visit.finish({"state": seen["state"], "id_token": sign(claims_of(nonce=seen["nonce"]), kid="x")})
    assert visit.server.asked == 1


def test_keys_are_fetched_again_after_an_hour_and_when_the_clock_was_set_back(visit: Visit) -> None:
    for asked, ago in enumerate((timedelta(hours=1), timedelta(hours=-1)), 1):
        visit.shelves.jwks["voorbeeldstad", "leerportaal"] = CachedJwks(
            key_set(jwk_of()), NOW - ago + timedelta(seconds=2)
        )
        visit.launch()
        assert visit.server.asked == asked


def test_a_key_that_the_portal_withdrew_is_not_believed(visit: Visit) -> None:
    visit.server.body = key_set(jwk_of("new", "new"))
    with refused("kid_unknown"):
        visit.launch()


@pytest.mark.parametrize("body", ["<html>", "[]", "{}", '{"keys": {}}', "null", "", "[" * 5000])
def test_a_key_set_that_is_none_means_that_the_portal_is_unavailable(visit: Visit, body: str) -> None:
    visit.server.body = body
    with unavailable("portal_keys_unreadable"):
        visit.launch()
    assert visit.shelves.jwks == {}


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "EC"},
        {"use": "enc"},
        {"alg": "RS512"},
        {"n": "AQAB"},
        {"n": 12},
        {"n": "!"},
        {"n": "AQABA"},
        {"n": jwk_of()["n"][:-2] + "AA"},
        {"e": "AQ"},
        {"e": "Ag"},
        {"kid": 7},
    ],
)
def test_a_key_of_another_kind_is_left_out(visit: Visit, change: dict[str, object]) -> None:
    visit.server.body = json.dumps({"keys": ["x", {**jwk_of(), **change}]})
    with refused("kid_unknown"):
        visit.launch()


def test_a_key_set_may_leave_out_use_and_algorithm(visit: Visit) -> None:
    plain = {name: value for name, value in jwk_of().items() if name not in ("alg", "use")}
    visit.server.body = key_set(jwk_of("other", "other"), plain)
    assert visit.launch().sub == "4"


def test_another_key_under_the_right_kid_does_not_do(visit: Visit) -> None:
    visit.server.body = key_set(jwk_of("other", KID))
    with refused("signature_wrong"):
        visit.launch()


def test_a_portal_that_is_switched_off_while_its_keys_are_fetched_lets_nobody_in(visit: Visit) -> None:
    answer = visit.server.get_text

    def switch_off(url: str) -> str:
        visit.shelves.portals = [dataclasses.replace(PORTAL, enabled=False)]
        return answer(url)

    visit.server.get_text = switch_off  # type: ignore[method-assign]
    with refused("portal_closed"):
        visit.launch()
    assert visit.shelves.portals == [dataclasses.replace(PORTAL, enabled=False)], "nobody switched it on again"


def test_a_deployment_that_nobody_activated_waits_and_is_let_in_afterwards(visit: Visit) -> None:
    with refused("deployment_unknown"):
        visit.launch(deployment_id="9")
    (portal,) = visit.shelves.portals
    assert portal.waiting_deployment_ids == frozenset({"9"})
    visit.shelves.portals = [dataclasses.replace(portal, deployment_ids=portal.deployment_ids | {"9"})]
    assert visit.launch(deployment_id="9").deployment_id == "9"
