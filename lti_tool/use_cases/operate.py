"""An operator looks at what arrives at the LRS; each look is written down."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from werkzeug.security import check_password_hash, generate_password_hash

from lti_tool.domain.errors import OperatorUnknown, RefusalUnknown
from lti_tool.lti.errors import LAUNCH_REASONS, PORTAL_REASONS
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import endpoints as endpoint_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.lrs_access import STREAMS, LrsAccess
from xapi.client import LrsRefused, LrsUnavailable
from xapi.credentials import EVERYBODY

MEANINGS = LAUNCH_REASONS | PORTAL_REASONS
SHOWN = 50
"""How many of the newest statements the page shows."""


@dataclass(frozen=True)
class StatementRow:
    """One statement as the operator sees it."""

    stored: str
    stream: str
    verb: str
    object: str
    actor: str


@dataclass(frozen=True)
class StatementsPage:
    """The newest statements, or why they cannot be shown."""

    rows: tuple[StatementRow, ...]
    trouble: str
    """Empty, or a code: `unavailable`, `refused`."""
    elsewhere: tuple[str, ...] = ()
    """Streams that go to an LRS of the municipality's own, and are not shown here: `voorbeeldstad/group`."""


@dataclass(frozen=True)
class RefusedLaunch:
    """A launch that was refused, without anything about the person."""

    at: datetime
    tenant_id: str
    """Empty: nobody knows which."""
    portal_id: str
    reason_code: str
    meaning: str
    detail: str


class Operate:
    """What an operator does in the browser and on the command line."""

    def __init__(self, lrs: LrsAccess) -> None:
        self._lrs = lrs

    def add_operator(self, name: str, now: datetime) -> str:
        """Make an operator, or give an existing one a new password, which is returned once."""
        password = secrets.token_urlsafe(18)
        with transaction():
            audit_rows.save_operator(name, generate_password_hash(password))
            audit_rows.write_audit(EVERYBODY, "command line", "operator added", now, name)
        return password

    def reading_credentials(self, tenant_id: str, stream: str) -> tuple[str, str, str]:
        """Address, name and password with which a municipality's stream is read.

        Raises:
            TenantUnknown: no such municipality.
            EndpointUnknown: the stream goes to an LRS of the municipality's own.
        """
        with transaction(writes=False):
            tenant_rows.load_tenant(tenant_id)
        return self._lrs.reading_credentials(tenant_id, stream)

    def access_for_a_copy(self, now: datetime) -> tuple[str, str, str]:
        """Address, name and password that read the operator stream of every municipality; written down first."""
        with transaction():
            audit_rows.write_audit(EVERYBODY, "command line", "statements copied", now)
        return self._lrs.reading_credentials(EVERYBODY, "operator")

    def municipalities(self) -> tuple[tuple[str, str], ...]:
        """Id and name of each, for an operator to choose from."""
        with transaction(writes=False):
            return tuple((tenant.id, tenant.name) for tenant in tenant_rows.tenants())

    def log_in(self, name: str, password: str, now: datetime) -> str:
        """Returns the operator's name. Raises OperatorUnknown."""
        with transaction():
            known = audit_rows.find_operator_hash(name)
            # A hash is computed for an unknown name too, so that the time tells nothing.
            right = check_password_hash(known or _hash_of_nobody(), password) and known is not None
            what = "operator logged in" if right else "operator refused"
            audit_rows.write_audit(EVERYBODY, name if right else "unknown", what, now)
        if not right:
            raise OperatorUnknown
        return name

    def refused_launch(self, reference: str) -> RefusedLaunch:
        """What the helpdesk is told for the code on the page of a refused launch.

        Raises:
            RefusalUnknown: no such code, or it is older than the audit keeps it.
        """
        with transaction(writes=False):
            found = audit_rows.find_refusal(reference.strip().upper())
        if found is None:
            raise RefusalUnknown(f"{reference}: no refused launch with this code")
        at, tenant_id, portal_id, detail = found
        reason_code, _, more = detail.partition(" ")[2].partition(" ")
        return RefusedLaunch(at, tenant_id, portal_id, reason_code, MEANINGS[reason_code], more)

    def statements(self, operator: str, now: datetime) -> StatementsPage:
        """The newest statements of both streams; the look itself is logged first."""
        with transaction():
            audit_rows.write_audit(EVERYBODY, operator, "statements read", now)
            elsewhere = endpoint_rows.streams_elsewhere()
        rows: list[StatementRow] = []
        try:
            for stream in STREAMS:
                client = self._lrs.reader(EVERYBODY, stream)
                rows.extend(_row(stream, found) for found in client.newest(SHOWN))
        except LrsUnavailable:
            return StatementsPage((), "unavailable", elsewhere)
        except LrsRefused:
            return StatementsPage((), "refused", elsewhere)
        rows.sort(key=lambda row: row.stored, reverse=True)
        return StatementsPage(tuple(rows[:SHOWN]), "", elsewhere)


@cache
def _hash_of_nobody() -> str:
    return generate_password_hash(secrets.token_urlsafe(18))


def _row(stream: str, statement: dict[str, object]) -> StatementRow:
    verb, target, actor = (_part(statement, name) for name in ("verb", "object", "actor"))
    account = _part(actor, "account")
    return StatementRow(
        stored=str(statement["stored"]),
        stream=stream,
        verb=str(verb["id"]).rsplit("/", 1)[-1],
        object=str(target.get("id", "")),
        actor=str(account.get("name", ""))[:8],
    )


def _part(whole: dict[str, object], name: str) -> dict[str, object]:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}
