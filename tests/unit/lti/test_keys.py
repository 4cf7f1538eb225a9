"""The tool's own keys: made once, sealed, loaded once, published without their private half, replaced in time."""

from __future__ import annotations

import itertools
from datetime import timedelta

import jwt
import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto.jwk import JWK

from lti_tool.lti.keys import (
    KEY_BITS,
    PUBLISHED_AFTER_USE,
    PUBLISHED_BEFORE_USE,
    PUBLISHED_MAX_AGE,
    ToolKeys,
    ToolKeyUnreadable,
    _Loaded,
)
from lti_tool.lti.shelves import StoredKey
from lti_tool.storage.sealing import Seal
from tests.unit.lti.portal import NOW, Shelves, rsa_key

SECOND = timedelta(seconds=1)


def load(shelves: Shelves, seal: Seal) -> ToolKeys:
    with shelves.transaction():
        return ToolKeys.load_or_make(shelves, seal, NOW)


def kids(keys: ToolKeys, now: object = NOW) -> list[str]:
    return [key["kid"] for key in keys.jwks(now)["keys"]]  # type: ignore[arg-type]


def sealed_pem(seal: Seal, key: object) -> bytes:
    return seal.close(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))  # type: ignore[attr-defined]


def test_the_first_start_makes_a_key_and_the_second_finds_it(filled_shelves: Shelves, tool_keys: ToolKeys) -> None:
    assert [(key.kid, key.gone_at) for key in filled_shelves.keys] == [(tool_keys.signing(NOW).kid, None)]
    assert tool_keys.signing(NOW).private.key_size == KEY_BITS


def test_a_key_that_was_just_made_is_the_same_as_the_one_loaded_later(seal: Seal) -> None:
    shelves = Shelves()
    made = load(shelves, seal)
    assert load(shelves, seal).jwks(NOW) == made.jwks(NOW)


def test_the_private_key_is_sealed_at_rest(filled_shelves: Shelves) -> None:
    assert b"PRIVATE KEY" not in filled_shelves.keys[0].private_pem_encrypted


def test_the_key_set_holds_public_halves_only(tool_keys: ToolKeys) -> None:
    (shown,) = tool_keys.jwks(NOW)["keys"]
    assert set(shown) == {"kty", "n", "e", "alg", "kid", "use"}
    assert shown["kid"] == tool_keys.signing(NOW).kid == JWK(**shown).thumbprint()


def test_what_the_key_signs_can_be_checked_with_the_key_set(tool_keys: ToolKeys) -> None:
    key = tool_keys.signing(NOW)
    token = jwt.encode({"sub": "x"}, key.private, "RS256", {"kid": key.kid})
    (found,) = jwt.PyJWKSet.from_dict(tool_keys.jwks(NOW)).keys
    assert jwt.decode(token, found, ["RS256"]) == {"sub": "x"}


def test_a_new_key_is_published_before_it_signs_and_the_old_one_after_it_signed(seal: Seal) -> None:
    shelves = Shelves()
    keys = load(shelves, seal)
    old = keys.signing(NOW).kid
    with shelves.transaction():
        new = keys.rotate(shelves, NOW).kid
    starts = NOW + PUBLISHED_BEFORE_USE
    assert PUBLISHED_BEFORE_USE > PUBLISHED_MAX_AGE
    assert (keys.signing(starts - SECOND).kid, keys.signing(starts).kid) == (old, new)
    assert kids(keys) == kids(keys, starts + PUBLISHED_AFTER_USE - SECOND) == [old, new]
    assert kids(keys, starts + PUBLISHED_AFTER_USE) == [new]


def test_rotating_twice_lets_no_key_end_later_than_it_was_going_to(seal: Seal) -> None:
    shelves = Shelves()
    keys = load(shelves, seal)
    with shelves.transaction():
        keys.rotate(shelves, NOW)
        ends = shelves.load_keys()[0].gone_at
        keys.rotate(shelves, NOW + PUBLISHED_BEFORE_USE)
        assert [key.gone_at is None for key in shelves.load_keys()] == [False, False, True]
        assert shelves.load_keys()[0].gone_at == ends


def test_a_key_that_leaked_is_gone_at_once(seal: Seal) -> None:
    shelves = Shelves()
    keys = load(shelves, seal)
    with shelves.transaction():
        new = keys.rotate(shelves, NOW, at_once=True).kid
    assert kids(keys) == [new] == [keys.signing(NOW).kid]


def test_a_key_that_was_replaced_before_its_moment_never_signs(seal: Seal) -> None:
    shelves = Shelves()
    keys = load(shelves, seal)
    with shelves.transaction():
        keys.rotate(shelves, NOW)
        last = keys.rotate(shelves, NOW, at_once=True).kid
    for later in (NOW, NOW + PUBLISHED_BEFORE_USE, NOW + timedelta(days=30)):
        assert keys.signing(later).kid == last
        assert kids(keys, later) == [last]


@given(st.lists(st.tuples(st.timedeltas(timedelta(0), timedelta(days=2)), st.booleans()), max_size=5))
def test_whatever_signs_is_published_whenever_keys_are_rotated(rotations: list[tuple[timedelta, bool]]) -> None:
    """And was long before, for who asked for the key set an hour ago, unless it replaced a leaked key."""
    shelves = Shelves()
    now = NOW
    with pytest.MonkeyPatch.context() as patch:
        names = (f"key {number}" for number in itertools.count())
        patch.setattr("lti_tool.lti.keys._made", lambda seal, at: StoredKey(next(names), b"", at))
        patch.setattr("lti_tool.lti.keys._open", without_opening)
        keys = load(shelves, Seal((Fernet.generate_key(),)))
        for wait, at_once in rotations:
            now += wait
            with shelves.transaction():
                keys.rotate(shelves, now, at_once=at_once)
            for hours in range(60):
                later = now + timedelta(hours=hours)
                signing = keys.signing(later).kid
                assert signing in kids(keys, later)
                if not at_once and later - PUBLISHED_MAX_AGE >= now:
                    assert signing in kids(keys, later - PUBLISHED_MAX_AGE)


def without_opening(stored: StoredKey, seal: object, known: object) -> _Loaded:
    """Loading a private key is slow, and what is asked here is only when each one signs."""
    return _Loaded(stored.kid, rsa_key(), {"kid": stored.kid}, stored.signs_from, stored.gone_at)


def test_another_process_sees_a_rotation_without_opening_old_keys_again(seal: Seal) -> None:
    shelves = Shelves()
    keys, other = load(shelves, seal), load(shelves, seal)
    private = other.signing(NOW).private
    with shelves.transaction():
        keys.rotate(shelves, NOW)
        other.reload(shelves)
    assert other.jwks(NOW) == keys.jwks(NOW)
    assert other.signing(NOW).private is private


def test_when_the_clock_was_set_back_the_first_key_signs(tool_keys: ToolKeys) -> None:
    assert tool_keys.signing(NOW - timedelta(days=1)).kid == tool_keys.signing(NOW).kid


def test_a_key_that_cannot_be_opened_is_named_and_not_replaced_in_silence(seal: Seal) -> None:
    other = Seal((Fernet.generate_key(),))
    elliptic = sealed_pem(seal, generate_private_key(SECP256R1()))
    for content in (sealed_pem(other, rsa_key()), seal.close(b"not a key"), elliptic):
        shelves = Shelves()
        shelves.keys.append(StoredKey("the-kid", content, NOW))
        with pytest.raises(ToolKeyUnreadable, match="the-kid"):
            load(shelves, seal)


def test_keys_open_with_a_later_encryption_key_beside_the_first_one() -> None:
    """`ENCRYPTION_KEYS`, newest first: a new one is put before the others, which still open what they closed."""
    old, new = Fernet.generate_key(), Fernet.generate_key()
    shelves = Shelves()
    made = load(shelves, Seal((old,)))
    both = Seal((new, old))
    found = load(shelves, both)
    assert found.jwks(NOW) == made.jwks(NOW)
    with shelves.transaction():
        rotated = found.rotate(shelves, NOW).kid
        shelves.keys = [key for key in shelves.keys if key.kid == rotated]
    assert load(shelves, Seal((new,))).signing(NOW).kid == rotated
