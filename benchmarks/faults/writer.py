"""A process that lets people do things: facts and what is said about them, in the tool's own transactions."""

from __future__ import annotations

import base64
import json
import secrets
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.faults.ledger import POISON, Ledger
from benchmarks.launches.house import CONTENT
from lti_tool.app import create_app
from lti_tool.domain.content import Item
from lti_tool.domain.people import Identity, Participation
from lti_tool.recording import OPERATOR_STREAM, STATEMENT, Pen, Subject
from lti_tool.settings import load_settings
from lti_tool.storage import attempts as attempt_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import DatabaseBusy, connection, new_id, transaction
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.choose_content import ChooseContent
from xapi.outbox_write import put

ROLLED_BACK: Final = 0.1
"""Share of transactions that fail at their very end."""
MOST_ANSWERS: Final = 40
REFUSED: Final = 400
BREAKS: Final = 500
"""How an LRS answers to poison."""


class _Fails(Exception):
    """A transaction fails after it wrote everything."""


def write(
    ledger_file: Path, tenants: Sequence[str], seed: int, pause_seconds: float, poison: float, breaks: int
) -> None:
    """Until it is killed.

    Args:
        poison: share of the facts with a statement that an LRS refuses.
        breaks: so many more statements, in all, on which it breaks.
    """
    settings = load_settings()
    seal = Seal(settings.fernet_keys)
    pen = Pen(settings.iri_base, seal, completions_at_once=False)
    items = ChooseContent(CONTENT / settings.content_package).installed().assessment_items()
    rng = Random(seed)  # noqa: S311 - to be the same in another run
    ledger = Ledger(ledger_file)
    with create_app(settings).app_context():
        while True:
            kind = REFUSED if rng.random() < poison else BREAKS if breaks > 0 and rng.random() < 0.1 else None
            try:
                _fact(ledger, pen, seal, rng.choice(tenants), items, rng, kind)
                breaks -= kind == BREAKS
            except (DatabaseBusy, _Fails):
                pass
            time.sleep(rng.random() * 2 * pause_seconds)


def _fact(
    ledger: Ledger, pen: Pen, seal: Seal, tenant: str, items: Sequence[Item], rng: Random, poison: int | None
) -> None:
    now = datetime.now(UTC)
    with transaction():
        (campaign,) = tenant_rows.campaigns(tenant)
        learner, _ = participation_rows.find_or_add_learner(tenant, "leerportaal", secrets.token_hex(8), now)
        participation = Participation(
            tenant,
            new_id(now),
            campaign.id,
            learner,
            preview=False,
            team=None,
            language="nl",
            first_launch_at=now,
            acknowledged_at=now,
        )
        pseudonym = base64.b32encode(secrets.token_bytes(20)).decode().lower()
        participation_rows.add_participation(participation, Identity(pseudonym, str(uuid.uuid4())), seal)
        attempt = attempt_rows.begin_attempt(
            participation.where, number=1, bank_version="b", package_sha256="s", excluded=(), now=now
        )
        subject = Subject(participation, campaign, "digivaardig-basis", attempt.id, "pretest")
        pen.registered(subject, now)
        pen.acknowledged(subject, now)
        pen.initialized(subject, now)
        for position, item in enumerate(rng.sample(items, rng.randint(MOST_ANSWERS // 8, MOST_ANSWERS)), 1):
            pen.answered(subject, item, rng.random() < 0.6, position, now)
        pen.completed(subject, now)
        if poison is not None:
            _poison(pen.written_about(participation.where)[-1], tenant, pseudonym, poison, now)
        ledger.will_write(participation.id, tenant, pen.written_about(participation.where))
        if rng.random() < ROLLED_BACK:
            raise _Fails
    ledger.written(participation.id)


def _poison(like: str, tenant: str, pseudonym: str, status: int, now: datetime) -> None:
    """A statement that breaks a rule of xAPI, as an older version of the tool might have made one."""
    statement = json.loads(like)
    statement["id"] = str(uuid.uuid4())
    statement["context"].setdefault("extensions", {})[POISON] = status
    statement["result"] = {"score": {"scaled": 2}}
    put(
        connection(),
        tenant_id=tenant,
        kind=STATEMENT,
        stream=OPERATOR_STREAM,
        endpoint=f"{tenant}/{OPERATOR_STREAM}",
        message_id=statement["id"],
        body=json.dumps(statement),
        pseudonym=pseudonym,
        due_at=now,
        now=now,
    )
