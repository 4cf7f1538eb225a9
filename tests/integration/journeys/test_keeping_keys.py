"""The tool's signing keys on a real database: replaced by one process, heard of by another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lti_tool.lti.keys import PUBLISHED_AFTER_USE, PUBLISHED_BEFORE_USE, ToolKeys
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import tool_keys
from lti_tool.storage.database import transaction
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.keep_keys import LOOK_AGAIN, KeepKeys
from tests.factories import NOW
from tests.integration.journeys.town import ENCRYPTION_KEY, AsRequests


@pytest.fixture
def processes(app: Any) -> tuple[Any, ...]:
    """Two that hold the same first key."""

    def start() -> Any:
        with app.app_context(), transaction():
            keys = ToolKeys.load_or_make(tool_keys, Seal((ENCRYPTION_KEY,)), NOW)
        return AsRequests(app, KeepKeys(keys))

    return start(), start()


def kids(process: Any, now: Any) -> list[str]:
    """As this process would sign and show them, without looking again."""
    return [key["kid"] for key in process._journey._keys.jwks(now)["keys"]]


def test_a_rotation_says_when_and_the_keys_stand_as_it_said(app: Any, processes: tuple[Any, ...]) -> None:
    one, other = processes
    (first,) = one.standings(NOW)
    assert (first.state, first.gone_at) == ("signs", None)
    made = one.rotate("Noor", NOW)
    assert (made.signs_from, made.old_gone_at) == (
        NOW + PUBLISHED_BEFORE_USE,
        NOW + PUBLISHED_BEFORE_USE + PUBLISHED_AFTER_USE,
    )
    for now, states in (
        (NOW, ["signs", "next"]),
        (made.signs_from, ["published", "signs"]),
        (made.old_gone_at, ["signs"]),
    ):
        assert [key.state for key in other.standings(now)] == states
    later = one.rotate("Noor", made.old_gone_at, at_once=True)
    assert [key.kid for key in other.standings(made.old_gone_at)] == [later.kid]
    assert later.old_gone_at == later.signs_from == made.old_gone_at
    with app.app_context(), transaction(writes=False):
        written = [row[1:3] for row in audit_rows.audit_rows("")]
    assert written == [("Noor", "signing key rotated"), ("Noor", "signing key replaced at once")]


def test_another_process_hears_of_it_when_it_looks_again_and_does_not_look_all_the_time(
    processes: tuple[Any, ...],
) -> None:
    one, other = processes
    other.look_again(NOW)
    made = one.rotate("Noor", NOW)
    other.look_again(NOW + LOOK_AGAIN - timedelta(seconds=1))
    assert made.kid not in kids(other, NOW)
    other.look_again(NOW + LOOK_AGAIN)
    assert made.kid in kids(other, NOW)
    assert LOOK_AGAIN < PUBLISHED_BEFORE_USE
