"""Every LTI message that is refused is noted in one way, so that the helpdesk finds it by the code on the page."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import structlog

from lti_tool.lti.errors import Refusal
from lti_tool.storage import audit as audit_rows
from lti_tool.storage.database import DatabaseBusy, transaction

log = structlog.get_logger()


@contextmanager
def noting_refusals(now: datetime) -> Iterator[None]:
    """Note what is refused inside, and let it go on; around any transaction, for that one may be undone."""
    try:
        yield
    except Refusal as refused:
        note_refusal(refused, now)
        raise


def note_refusal(refused: Refusal, now: datetime) -> None:
    """Give a refusal the code by which the helpdesk finds it in the log and the audit."""
    refused.reference = _reference()
    what = f"{refused.reference} {refused.reason_code} {refused.detail_for_log}".strip()
    log.info(
        "launch_refused",
        reason=refused.reason_code,
        detail=refused.detail_for_log,
        reference=refused.reference,
        tenant=refused.tenant_id,
        portal=refused.portal_id,
    )
    # While the database does not answer the log alone has to do: the refusal stands.
    with suppress(DatabaseBusy), transaction():
        audit_rows.write_audit(
            refused.tenant_id, refused.portal_id or "somebody", audit_rows.LAUNCH_REFUSED, now, what
        )


def _reference() -> str:
    """A code that somebody can read out over the telephone: two groups of four (Crockford's base 32)."""
    letters = "".join(secrets.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
