"""The tool's keys while several processes run: one rotates, the others hear of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lti_tool.lti.keys import PUBLISHED_AFTER_USE, PUBLISHED_BEFORE_USE, ToolKeys
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import tool_keys as key_rows
from lti_tool.storage.database import transaction
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.keep_keys import KeepKeys
from tests.factories import NOW
from tests.integration.journeys.town import ENCRYPTION_KEY


def a_process():
    with transaction():
        return KeepKeys(ToolKeys.load_or_make(key_rows, Seal((ENCRYPTION_KEY,)), NOW))


def kids(process, now=NOW):
    return [key["kid"] for key in process.published(now)["keys"]]


@pytest.mark.parametrize("at_once", [False, True])
def test_another_process_publishes_a_key_that_was_just_made(inside, at_once):
    one, other = a_process(), a_process()
    (old,) = kids(other)
    new = one.rotate("command line", NOW, at_once=at_once).kid
    assert kids(other) == kids(one) == ([new] if at_once else [old, new])
    with transaction(writes=False):
        ((_, who, what, detail),) = audit_rows.audit_rows("")
    assert (who, what, detail) == ("command line", "signing key rotated", f"kid {new}")


def test_a_key_that_is_no_longer_published_is_deleted_at_the_next_rotation(inside):
    process = a_process()
    process.rotate("command line", NOW)
    later = NOW + PUBLISHED_BEFORE_USE + PUBLISHED_AFTER_USE + timedelta(seconds=1)
    process.rotate("command line", later)
    with transaction(writes=False):
        assert len(key_rows.load_keys()) == 2
    assert len(kids(process, later)) == 2
