"""The proof that a portal keeps for a browser without cookies: for one login, and nothing without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.door import LOGIN_LIVES, Begun
from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.launch import Launch
from lti_tool.lti.proofs import ProofAtPortal, hash_of, proof_of_one_login
from tests.unit.lti.portal import ISSUER, LOGIN_PARAMS, NOW, PORTAL, PROOF, Visit, claims_of, sign

LATER = NOW + timedelta(seconds=2)


def begin(visit: Visit, **params: str) -> Begun:
    with visit.shelves.transaction():
        return visit.door.begin({**LOGIN_PARAMS, "lti_storage_target": "_parent", **params}, PROOF, NOW)


def answer_to(visit: Visit, begun: Begun) -> dict[str, str]:
    """What the portal posts back."""
    return {
        "state": begun.state,
        "id_token": sign(claims_of(nonce=visit.shelves.logins[begun.state].nonce)),
    }


def kept_at(visit: Visit, form: dict[str, str]) -> ProofAtPortal | None:
    with visit.shelves.transaction():
        return visit.door.proof_at_portal(form, LATER)


def finish(visit: Visit, form: dict[str, str], proof: str, *, kept_proof: bool = True) -> Launch:
    return visit.door.finish(
        form, proof, LATER, visit.shelves.transaction, lambda launch: launch, kept_proof=kept_proof
    )


def refusal(visit: Visit, form: dict[str, str], proof: str, *, kept_proof: bool = True) -> str:
    with pytest.raises(LaunchRefused) as refused:
        finish(visit, form, proof, kept_proof=kept_proof)
    return refused.value.reason_code


def test_what_the_portal_kept_opens_the_launch_of_its_login_once(visit: Visit) -> None:
    begun = begin(visit)
    form = answer_to(visit, begun)
    assert finish(visit, form, begun.kept_proof).sub == "4"
    assert refusal(visit, form, begun.kept_proof) == "state_unknown"


def test_what_the_portal_kept_is_worth_nothing_as_a_cookie_or_for_another_login(visit: Visit) -> None:
    one, other = begin(visit), begin(visit)
    assert refusal(visit, answer_to(visit, one), one.kept_proof, kept_proof=False) == "browser_differs"
    assert refusal(visit, answer_to(visit, other), one.kept_proof) == "browser_differs"


def test_the_cookie_is_worth_nothing_in_place_of_what_the_portal_kept(visit: Visit) -> None:
    assert refusal(visit, answer_to(visit, begin(visit)), PROOF) == "browser_differs"
    assert refusal(visit, answer_to(visit, begin(visit)), "") == "browser_proof_missing"


def test_neither_the_portal_nor_the_database_learns_the_browsers_own_proof(visit: Visit) -> None:
    begun = begin(visit)
    kept = visit.shelves.logins[begun.state].browser_proof_hash
    assert len({PROOF, hash_of(PROOF), begun.kept_proof, kept}) == 4


@given(st.text(), st.text(), st.text())
def test_two_logins_of_one_browser_never_have_the_same_proof(proof: str, one: str, other: str) -> None:
    assert (proof_of_one_login(f"{one}:x", proof) == proof_of_one_login(f"{other}:x", proof)) is (one == other)


def test_asking_where_the_proof_is_uses_nothing_up(visit: Visit) -> None:
    begun = begin(visit, lti_storage_target="post_message_forwarding")
    form = answer_to(visit, begun)
    for _ in range(3):
        assert kept_at(visit, form) == ProofAtPortal("post_message_forwarding", ISSUER)
    assert finish(visit, form, begun.kept_proof).sub == "4"


ODD_FRAMES = ["", "x" * 101, 'a"b', "a'b", "a b", "<script>", "{{7}}", "é", "a/b", "\\", "javascript:alert(1)"]


@pytest.mark.parametrize("target", ODD_FRAMES)
def test_a_frame_with_an_odd_name_keeps_nothing(visit: Visit, target: str) -> None:
    begun = begin(visit, lti_storage_target=target)
    assert begun.storage_target is None
    assert kept_at(visit, answer_to(visit, begun)) is None


@pytest.mark.parametrize("target", ["frame\n", "\x00", "x" * 9000])
def test_a_frame_whose_name_no_portal_sends_is_refused(visit: Visit, target: str) -> None:
    with pytest.raises(LaunchRefused) as refused:
        begin(visit, lti_storage_target=target)
    assert refused.value.reason_code == "request_malformed"


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c.d", "a.b.c<", "a.b.c\n", "é.b.c", "a.b." + "c" * 70_000])
def test_what_is_not_shaped_as_a_token_is_never_put_in_a_page(visit: Visit, token: str) -> None:
    form = answer_to(visit, begin(visit))
    assert kept_at(visit, {**form, "id_token": token}) is None


def test_an_unknown_expired_or_odd_state_and_a_portal_that_is_gone_keep_nothing(visit: Visit) -> None:
    form = answer_to(visit, begin(visit))
    assert kept_at(visit, {**form, "state": "x"}) is None
    assert kept_at(visit, {**form, "state": "state-" + "x" * 43}) is None
    assert kept_at(visit, {"id_token": form["id_token"]}) is None
    with visit.shelves.transaction():
        assert visit.door.proof_at_portal(form, NOW + LOGIN_LIVES) is None
    visit.shelves.portals.clear()
    assert kept_at(visit, form) is None


def test_a_login_says_where_the_pages_of_its_portal_are(visit: Visit) -> None:
    assert begin(visit).portal_origins == (ISSUER,)
    other = Visit(replace(PORTAL, auth_login_url="https://sso.portal.example/authorize?x=1"))
    begun = begin(other)
    assert begun.portal_origin == "https://sso.portal.example"
    assert begun.portal_origins == (ISSUER, "https://sso.portal.example")
