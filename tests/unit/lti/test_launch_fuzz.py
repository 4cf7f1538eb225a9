"""Whatever arrives: a launch or a reasoned refusal, never another exception (properties with Hypothesis)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.lti.errors import LAUNCH_REASONS, LaunchRefused
from lti_tool.lti.launch import Launch
from tests.unit.lti.portal import KID, LOGIN_PARAMS, NOW, PROOF, Visit, claims_of, sign, sign_raw

# The other tests of this folder walk every line; to count them here too would make twice the work of it.
pytestmark = pytest.mark.no_cover

texts = st.text(st.characters(exclude_categories=()), max_size=60)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**15, 10**400)
    | st.floats()
    | texts
    | st.sampled_from(["", "RS256", "1.3.0", "Learner", "1", "\x00", "\ud800", "a" * 300]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
names = st.sampled_from([*claims_of(), "azp", "nbf", "jti", "made up"])
FUZZ = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def answer(visit: Visit, form: dict[str, str]) -> Launch | None:
    """A launch, or None after a refusal that an administrator can look up."""
    try:
        return visit.finish(form)
    except LaunchRefused as err:
        refused = err
    assert refused.reason_code in LAUNCH_REASONS
    assert len(refused.detail_for_log) <= 60
    return None


@FUZZ
@given(st.dictionaries(names, values, min_size=1, max_size=3), st.sets(names, max_size=2))
def test_any_claims_with_a_right_signature_are_a_launch_or_a_refusal(
    visit: Visit, changed: dict[str, Any], dropped: set[str]
) -> None:
    seen = visit.begin()
    claims = {**claims_of(nonce=seen["nonce"]), **changed}
    kept = {name: value for name, value in claims.items() if name not in dropped}
    launch = answer(visit, {"state": seen["state"], "id_token": sign(kept)})
    if launch is not None:
        assert 1 <= len(launch.sub) <= 255
        # What is stored must fit in any database, and what is shown must be JSON.
        json.dumps(launch.claims_used).encode()
        assert "\x00" not in repr((launch.sub, launch.context_id, launch.resource_link_id, launch.custom))


@FUZZ
@given(values)
def test_any_value_as_claims_is_refused(visit: Visit, body: Any) -> None:
    seen = visit.begin()
    assert answer(visit, {"state": seen["state"], "id_token": sign(body)}) is None


@FUZZ
@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "x"]), values, min_size=1))
def test_any_header_is_a_launch_or_a_refusal(visit: Visit, header: dict[str, Any]) -> None:
    seen = visit.begin()
    full = json.dumps({"alg": "RS256", "kid": KID, **header}).encode()
    token = sign_raw(full, json.dumps(claims_of(nonce=seen["nonce"])).encode())
    launch = answer(visit, {"state": seen["state"], "id_token": token})
    if launch is not None:
        assert header.get("alg", "RS256") == "RS256"
        assert header.get("kid", KID) == KID


@FUZZ
@given(st.data())
def test_a_token_of_which_one_character_changed_is_refused(visit: Visit, data: st.DataObject) -> None:
    seen = visit.begin()
    token = sign(claims_of(nonce=seen["nonce"]))
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(exclude_categories=()).filter(lambda c: c != token[place]))
    changed = f"{token[:place]}{other}{token[place + 1 :]}"
    assert answer(visit, {"state": seen["state"], "id_token": changed}) is None


@FUZZ
@given(st.dictionaries(st.sampled_from(["state", "id_token", "error", "x"]), texts | st.just("a.b.c"), max_size=4))
def test_any_form_is_refused(visit: Visit, form: dict[str, str]) -> None:
    assert answer(visit, form) is None


@FUZZ
@given(st.dictionaries(st.sampled_from(sorted(LOGIN_PARAMS)), texts, max_size=6), texts)
def test_any_login_is_an_address_at_the_portal_or_a_refusal(
    visit: Visit, changed: dict[str, str], proof: str
) -> None:
    try:
        with visit.shelves.transaction():
            outcome = visit.door.begin({**LOGIN_PARAMS, **changed}, proof, NOW).url
    except LaunchRefused as refused:
        outcome = refused.reason_code
    assert outcome in LAUNCH_REASONS or outcome.startswith("http://127.0.0.1:8090/mod/lti/auth.php?")


@pytest.mark.parametrize("depth", [10, 1000, 15000])
def test_deep_nesting_is_no_way_in(visit: Visit, depth: int) -> None:
    seen = visit.begin(proof=PROOF)
    deep = b'{"x": ' + b"[" * depth + b"]" * depth + b"}"
    token = sign_raw({"alg": "RS256", "kid": KID}, deep)
    assert answer(visit, {"state": seen["state"], "id_token": token}) is None
