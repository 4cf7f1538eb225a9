"""Wipe from the outbox what is about one person, in the transaction that wipes everything else.

Or let go of people: what waits still leaves, and then nothing here tells whom it was about.
"""

from __future__ import annotations

from collections.abc import Sequence

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


def let_go(connection: Connection, tenant_id: str, pseudonyms: Sequence[str]) -> None:
    """Forget what was said about these, and of what waits, or was refused, whom it is about: it still can leave.

    When that arrived, `outbox_care.sent_about_nobody` finds it, so that its text can go too.
    """
    about = (outbox.c.tenant_id == tenant_id, outbox.c.pseudonym.in_(list(pseudonyms)))
    connection.execute(update(outbox).where(*about, outbox.c.state == SENT).values(body="", pseudonym=None))
    connection.execute(update(outbox).where(*about).values(pseudonym=None))
