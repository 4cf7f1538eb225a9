"""Wipe from the outbox what is about one person, in the transaction that wipes everything else."""

from __future__ import annotations

from sqlalchemy import Connection, update

from xapi.outbox import SENT, outbox


def wipe_pseudonym(connection: Connection, tenant_id: str, pseudonym: str) -> None:
    """Nothing more is said about a pseudonym, and what was said is forgotten here; its ids stay.

    A batch that is under way at this moment may still arrive: erase at the LRS under the lease of its endpoint.
    """
    about = (outbox.c.tenant_id == tenant_id, outbox.c.pseudonym == pseudonym)
    connection.execute(outbox.delete().where(*about, outbox.c.state != SENT))
    connection.execute(update(outbox).where(*about).values(body="", pseudonym=None))


def wipe_messages(connection: Connection, tenant_id: str, kind: str, start: str) -> None:
    """The same for messages that name nobody: those of a kind whose id begins so."""
    about = (
        outbox.c.tenant_id == tenant_id,
        outbox.c.kind == kind,
        outbox.c.message_id.startswith(start, autoescape=True),
    )
    connection.execute(outbox.delete().where(*about, outbox.c.state != SENT))
    connection.execute(update(outbox).where(*about).values(body=""))
