"""What is sealed cannot be read without its key, and what was destroyed cannot be opened again."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet, InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.errors import PseudonymGone
from lti_tool.domain.people import Identity
from lti_tool.storage.sealing import Seal

OLD_KEY, NEW_KEY, OTHER_KEY = (Fernet.generate_key() for _ in range(3))
IDENTITY = Identity(pseudonym="q" * 32, registration="0b9a7c0e-32a5-4a7c-8f1a-0d8f3f6f2a10")


def test_a_sealed_text_opens_with_the_same_key():
    seal = Seal((NEW_KEY,))
    assert seal.open(seal.close(b"a private key")) == b"a private key"


def test_after_a_new_key_was_put_first_older_seals_still_open():
    sealed = Seal((OLD_KEY,)).close(b"a private key")
    assert Seal((NEW_KEY, OLD_KEY)).open(sealed) == b"a private key"


def test_a_new_key_is_used_at_once():
    sealed = Seal((NEW_KEY, OLD_KEY)).close(b"a private key")
    assert Seal((NEW_KEY,)).open(sealed) == b"a private key"


def test_without_the_right_key_nothing_opens():
    with pytest.raises(InvalidToken):
        Seal((OTHER_KEY,)).open(Seal((NEW_KEY,)).close(b"a private key"))


@given(st.text(), st.text())
def test_a_sealed_identity_always_comes_back_as_it_was(pseudonym, registration):
    seal, identity = Seal((NEW_KEY,)), Identity(pseudonym, registration)
    assert seal.open_identity(*seal.close_identity(identity)) == identity


def test_a_sealed_identity_shows_nothing_of_the_pseudonym():
    sealed, wrapped = Seal((NEW_KEY,)).close_identity(IDENTITY)
    assert IDENTITY.pseudonym.encode() not in sealed + wrapped
    assert IDENTITY.registration.encode() not in sealed + wrapped


def test_every_identity_is_sealed_with_a_key_of_its_own():
    seal = Seal((NEW_KEY,))
    sealed, _ = seal.close_identity(IDENTITY)
    _, key_of_another = seal.close_identity(IDENTITY)
    with pytest.raises(PseudonymGone):
        seal.open_identity(sealed, key_of_another)


def test_a_pseudonym_is_gone_once_its_key_was_destroyed():
    seal = Seal((NEW_KEY,))
    sealed, _ = seal.close_identity(IDENTITY)
    with pytest.raises(PseudonymGone):
        seal.open_identity(sealed, None)


def test_a_copy_of_the_database_is_useless_without_the_keys_of_the_installation():
    with pytest.raises(PseudonymGone):
        Seal((OTHER_KEY,)).open_identity(*Seal((NEW_KEY,)).close_identity(IDENTITY))


def test_an_identity_stays_readable_when_the_installation_gets_a_new_key():
    sealed, wrapped = Seal((OLD_KEY,)).close_identity(IDENTITY)
    assert Seal((NEW_KEY, OLD_KEY)).open_identity(sealed, wrapped) == IDENTITY
