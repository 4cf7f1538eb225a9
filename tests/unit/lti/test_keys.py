"""The tool's own keys: made once, sealed, loaded once, published without their private half."""

from __future__ import annotations

import jwt
import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwcrypto.jwk import JWK

from lti_tool.lti.keys import KEY_BITS, ToolKeys, ToolKeyUnreadable
from lti_tool.lti.shelves import StoredKey
from lti_tool.storage.sealing import Seal
from tests.unit.lti.portal import Shelves, rsa_key


def load(shelves: Shelves, seal: Seal) -> ToolKeys:
    with shelves.transaction():
        return ToolKeys.load_or_make(shelves, seal)


def sealed_pem(seal: Seal, key: object) -> bytes:
    return seal.close(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))  # type: ignore[attr-defined]


def test_the_first_start_makes_a_key_and_the_second_finds_it(filled_shelves: Shelves, tool_keys: ToolKeys) -> None:
    assert [(key.kid, key.state) for key in filled_shelves.keys] == [(tool_keys.kid, "active")]
    assert tool_keys.private_key.key_size == KEY_BITS


def test_a_key_that_was_just_made_is_the_same_as_the_one_loaded_later(seal: Seal) -> None:
    shelves = Shelves()
    made = load(shelves, seal)
    assert load(shelves, seal).jwks() == made.jwks()


def test_the_private_key_is_sealed_at_rest(filled_shelves: Shelves) -> None:
    assert b"PRIVATE KEY" not in filled_shelves.keys[0].private_pem_encrypted


def test_the_key_set_holds_public_halves_only(tool_keys: ToolKeys) -> None:
    (shown,) = tool_keys.jwks()["keys"]
    assert set(shown) == {"kty", "n", "e", "alg", "kid", "use"}
    assert shown["kid"] == tool_keys.kid == JWK(**shown).thumbprint()


def test_what_the_key_signs_can_be_checked_with_the_key_set(tool_keys: ToolKeys) -> None:
    token = jwt.encode({"sub": "x"}, tool_keys.private_key, "RS256", {"kid": tool_keys.kid})
    (found,) = jwt.PyJWKSet.from_dict(tool_keys.jwks()).keys
    assert jwt.decode(token, found, ["RS256"]) == {"sub": "x"}


def test_next_and_retired_keys_are_published_but_do_not_sign(seal: Seal) -> None:
    shelves = Shelves()
    for name, state in (("a", "retired"), ("b", "active"), ("c", "next")):
        shelves.keys.append(StoredKey(name, sealed_pem(seal, rsa_key(name)), state))
    keys = load(shelves, seal)
    assert keys.kid == JWK.from_pyca(rsa_key("b").public_key()).thumbprint()
    assert len(keys.jwks()["keys"]) == 3


def test_a_tool_with_retired_keys_only_makes_a_new_one(seal: Seal) -> None:
    shelves = Shelves()
    shelves.keys.append(StoredKey("a", sealed_pem(seal, rsa_key("a")), "retired"))
    assert len(load(shelves, seal).jwks()["keys"]) == 2


def test_a_key_that_cannot_be_opened_is_named_and_not_replaced_in_silence(seal: Seal) -> None:
    other = Seal((Fernet.generate_key(),))
    elliptic = sealed_pem(seal, generate_private_key(SECP256R1()))
    for content in (sealed_pem(other, rsa_key()), seal.close(b"not a key"), elliptic):
        shelves = Shelves()
        shelves.keys.append(StoredKey("the-kid", content, "active"))
        with pytest.raises(ToolKeyUnreadable, match="the-kid"):
            load(shelves, seal)
