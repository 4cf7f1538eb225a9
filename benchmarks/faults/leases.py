"""Whether kills hit workers that were delivering: their lease is left behind, and lapses or is taken over."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from xapi.outbox import outbox_lease


class Leases:
    """Watches the leases of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._suspected: dict[str, tuple[str, datetime]] = {}
        self.left_behind = 0

    def somebody_died(self) -> None:
        """Right after a kill: what is held now was held by them, or is held by another."""
        for endpoint, (holder, until) in self._held().items():
            self._suspected.setdefault(endpoint, (holder, until))

    def wait_for_a_delivery(self, seconds: float) -> None:
        """Until somebody delivers, of whom we do not think that they are dead."""
        begun = time.monotonic()
        while time.monotonic() < begun + seconds:
            if any(self._suspected.get(endpoint) != lease for endpoint, lease in self._held().items()):
                return
            time.sleep(0.003)

    def look(self) -> None:
        """Whoever lives lets go of a lease or prolongs it before its end; the dead do not."""
        if not self._suspected or not (held := self._held()):
            return
        for endpoint, (holder, until) in list(self._suspected.items()):
            now_held = held.get(endpoint)
            if now_held == (holder, until) and until > datetime.now(UTC):
                continue
            taken_over = now_held is not None and (now_held[0] != holder or now_held[1] == until)
            self.left_behind += taken_over and until <= datetime.now(UTC)
            del self._suspected[endpoint]

    def _held(self) -> dict[str, tuple[str, datetime]]:
        c = outbox_lease.c
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(select(c.endpoint, c.holder, c.until).where(c.holder.is_not(None)))
                return {row.endpoint: (row.holder, row.until) for row in rows}
        except DBAPIError:
            return {}
