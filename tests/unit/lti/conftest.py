"""What the tests of the protocol share; keys are made once, because that is slow."""

from __future__ import annotations

from functools import partial

import pytest
from cryptography.fernet import Fernet

from lti_tool.lti.keys import ToolKeys
from lti_tool.storage.sealing import Seal
from tests.unit.lti.network import MakePost, post_with
from tests.unit.lti.portal import NOW, Shelves, Visit


@pytest.fixture
def visit() -> Visit:
    return Visit()


@pytest.fixture(scope="session")
def seal() -> Seal:
    return Seal((Fernet.generate_key(),))


@pytest.fixture(scope="session")
def filled_shelves(seal: Seal) -> Shelves:
    """Shelves on which the tool has put its first key."""
    shelves = Shelves()
    with shelves.transaction():
        ToolKeys.load_or_make(shelves, seal, NOW)
    return shelves


@pytest.fixture(scope="session")
def tool_keys(filled_shelves: Shelves, seal: Seal) -> ToolKeys:
    with filled_shelves.transaction():
        return ToolKeys.load_or_make(filled_shelves, seal, NOW)


@pytest.fixture
def post(tool_keys: ToolKeys) -> MakePost:
    """Makes a sender; its arguments are the portal's answers."""
    return partial(post_with, tool_keys)
