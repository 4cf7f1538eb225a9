"""The tool's signing key is replaced by a command while the tool runs; nothing that it signs is ever refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
import time_machine
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from lti_tool import VERSION
from lti_tool.app import create_app
from lti_tool.cli import cli
from lti_tool.demo.municipalities import VOORBEELDSTAD
from lti_tool.lti.http import Outgoing
from lti_tool.lti.keys import PUBLISHED_AFTER_USE, PUBLISHED_BEFORE_USE, PUBLISHED_MAX_AGE, ToolKeys
from lti_tool.lti.services import SCOPE_SCORE, PortalServices
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import portals, tool_keys
from lti_tool.storage.database import db, transaction
from lti_tool.storage.sealing import Seal
from tests.functional.installation import Addresses, Installation
from tests.functional.real_processes import Processes

SECOND = timedelta(seconds=1)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """An installation whose environment is that of this process, so that commands find it."""
    with Installation(Addresses(tmp_path), serve=False) as made:
        for name, value in made.where.environment.items():
            monkeypatch.setenv(name, value)
        yield made


def command(*words: str) -> Result:
    return CliRunner().invoke(cli, words, catch_exceptions=False)


def kids(key_set: dict[str, Any]) -> list[str]:
    return [key["kid"] for key in key_set["keys"]]


def published(house: Installation) -> dict[str, Any]:
    answer = requests.get(f"{house.where.tool_url}/lti/jwks.json", timeout=10)
    assert answer.headers["Cache-Control"] == f"public, max-age={int(PUBLISHED_MAX_AGE.total_seconds())}"
    found: dict[str, Any] = answer.json()
    return found


def test_a_running_tool_shows_the_next_key_as_soon_as_a_command_made_it(house: Installation) -> None:
    processes = Processes(house)
    try:
        processes.start("tool")
        (old,) = kids(published(house))
        said = command("keys", "rotate", "--by", "Noor").output
        new = re.search(r"New key: (\S+)", said)
        assert new is not None
        for _ in range(6):  # each of the server's processes
            assert kids(published(house)) == [old, new[1]]
        listed = command("keys", "list").output.splitlines()
        assert listed[0].startswith(f"{old}  signs now, from ")
        assert ", published until " in listed[0]
        assert listed[1].startswith(f"{new[1]}  signs later, from ")
        assert "published until" not in listed[1]
        assert "Traceback" not in processes.log("tool")
    finally:
        processes.stop()


def signed(keys: ToolKeys, at: datetime) -> tuple[str, str]:
    """A token as the tool signs it at a moment, and the key that it names."""
    key = keys.signing(at)
    return jwt.encode({"sub": "x"}, key.private, "RS256", {"kid": key.kid}), key.kid


def test_at_every_moment_what_is_signed_can_be_checked_with_a_key_set_of_an_hour_ago(
    house: Installation,
) -> None:
    start = datetime.now(UTC)
    with house.app.app_context():
        made = house.commands.keys.rotate("Noor", start)
    assert made.signs_from == start + PUBLISHED_BEFORE_USE
    assert made.old_gone_at == made.signs_from + PUBLISHED_AFTER_USE
    keys = stored_keys(house)
    with house.app.test_client() as client:
        signers = []
        for hours in range(40):
            at = start + timedelta(hours=hours)
            with time_machine.travel(at - PUBLISHED_MAX_AGE if hours else at, tick=False):
                cached = client.get("/lti/jwks.json").get_json()
            token, kid = signed(keys, at)
            key = next(k for k in jwt.PyJWKSet.from_dict(cached).keys if k.key_id == kid)
            assert jwt.decode(token, key, ["RS256"]) == {"sub": "x"}
            signers.append(kid)
        assert signers[-1] == made.kid != signers[0]
        with time_machine.travel(made.old_gone_at + SECOND, tick=False):
            assert kids(client.get("/lti/jwks.json").get_json()) == [made.kid]


def stored_keys(house: Installation) -> ToolKeys:
    """The keys as a process that starts now loads them."""
    seal = Seal(house.settings.fernet_keys)
    with house.app.app_context(), transaction():
        return ToolKeys.load_or_make(tool_keys, seal, datetime.now(UTC))


def test_a_portal_takes_what_the_new_key_signs_after_the_overlap(house: Installation) -> None:
    """It checks the request for an access token with the key set that it fetches from the running tool."""
    with house.app.app_context():
        made = house.commands.keys.rotate("Noor", datetime.now(UTC))
        with transaction(writes=False):
            portal, *_ = portals.portals_of_tenant(VOORBEELDSTAD)
    keys = stored_keys(house)
    house.tool.start()
    try:
        for at in (made.signs_from - SECOND, made.signs_from + SECOND):
            services = PortalServices(Outgoing(VERSION, allow_private=True), keys)  # which knows no token yet
            with time_machine.travel(at, tick=True):
                assert services.token(portal, SCOPE_SCORE, at)
                assert (keys.signing(at).kid == made.kid) is (at > made.signs_from)
    finally:
        house.tool.stop()


def test_a_leaked_key_is_gone_at_once_and_the_command_says_what_to_do(house: Installation) -> None:
    (before,) = kids(house.app.test_client().get("/lti/jwks.json").get_json())
    said = command("keys", "rotate", "--at-once", "--by", "Noor").output
    assert "not published any more. Restart the server and the worker now." in said
    (after,) = kids(house.app.test_client().get("/lti/jwks.json").get_json())
    assert after != before
    listed = command("keys", "list").output.splitlines()
    assert [line.startswith(f"{after}  signs now") for line in listed] == [True]
    with house.app.app_context(), transaction(writes=False):
        written = [row[1:] for row in audit_rows.audit_rows("")]
    assert ("Noor", "signing key replaced at once", f"kid {after}") in written


@pytest.mark.parametrize("by", ["", " Noor", "n" * 65])
def test_a_rotation_needs_the_name_of_a_person(house: Installation, by: str) -> None:
    result = CliRunner().invoke(cli, ["keys", "rotate", "--by", by])
    assert result.exit_code == 2
    assert "--by" in result.output
    assert len(command("keys", "list").output.splitlines()) == 1


def test_after_the_encryption_key_was_replaced_the_same_signing_key_is_used(house: Installation) -> None:
    before = house.app.test_client().get("/lti/jwks.json").get_json()
    known = house.where.environment["ENCRYPTION_KEYS"]
    house.where.environment["ENCRYPTION_KEYS"] = f"{Fernet.generate_key().decode()},{known}"
    app = create_app(house.where.settings())
    assert app.test_client().get("/lti/jwks.json").get_json() == before
    with app.app_context():
        db.engine.dispose()
