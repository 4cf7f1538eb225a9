"""An operator says which LRS a stream of a municipality goes to, and tries whether it works."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from lti_tool.domain.endpoints import LrsEndpoint, Secrets, check_endpoint, check_stream
from lti_tool.domain.errors import EndpointRefused, EndpointUnknown
from lti_tool.recording import Pen
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import endpoints as endpoint_rows
from lti_tool.storage import erasures as erasure_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import connection, new_id, transaction
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.lrs_access import LrsAccess
from xapi import outbox_care
from xapi.client import LrsRefused, LrsUnavailable

GONE = "the LRS is gone"


@dataclass(frozen=True)
class Tried:
    """What an LRS answered to a test statement."""

    written: str
    """Empty: it took it; else what it answered."""
    read: str
    """Empty: it gave it back; else what it answered."""

    @property
    def well(self) -> bool:
        return not self.written and not self.read


@dataclass(frozen=True)
class Added:
    """What adding an endpoint did."""

    endpoint: LrsEndpoint
    replaced: str
    """The address where the stream went before; empty: the built-in LRS, or this same one."""
    resumed: bool
    """Whether the stream was being left alone, and is tried again now."""


class KeepEndpoints:
    """LRSs that municipalities have for themselves."""

    def __init__(self, lrs: LrsAccess, seal: Seal, pen: Pen, *, allow_http: bool) -> None:
        self._lrs = lrs
        self._seal = seal
        self._pen = pen
        self._allow_http = allow_http

    def all(self, tenant_id: str | None = None) -> tuple[LrsEndpoint, ...]:
        """Those in use and those of before, of one municipality or of all.

        Raises:
            TenantUnknown
        """
        with transaction(writes=False):
            if tenant_id is not None:
                tenant_rows.load_tenant(tenant_id)
            return tuple(endpoint_rows.endpoints(self._seal, tenant_id))

    def add(
        self,
        tenant_id: str,
        stream: str,
        url: str,
        username: str,
        secrets: Secrets,
        *,
        read_by: str,
        erase: str,
        who: str,
        now: datetime,
    ) -> Added:
        """Let a stream go to an LRS from now on; the same address again changes what opens it.

        What waits goes there too. What arrived elsewhere stays there, and can still be erased there.

        Raises:
            TenantUnknown
            EndpointRefused: naming what and why; nothing was changed.
        """
        with transaction():
            tenant = tenant_rows.load_tenant(tenant_id, for_update=True)
            before = endpoint_rows.endpoint_in_use(tenant.id, stream, self._seal)
            wanted = LrsEndpoint(
                tenant_id=tenant.id,
                id=new_id(now),
                stream=stream,
                url=url.rstrip("/"),
                username=username,
                read_by=read_by,
                erase=erase,
                added_at=now,
                secrets=secrets,
            )
            check_endpoint(wanted, endpoint_rows.endpoints(self._seal), allow_http=self._allow_http)
            if before is not None and before.url == wanted.url:
                wanted = replace(wanted, id=before.id, added_at=before.added_at)
                self._check_erasing(wanted)
            elif before is not None:
                endpoint_rows.retire_endpoint(tenant.id, before.id, now)
            endpoint_rows.save_endpoint(wanted, self._seal)
            resumed = outbox_care.resume(connection(), f"{tenant.id}/{stream}")
            told = f"{stream}: {wanted.url}, read by {read_by}, erase {erase}"
            audit_rows.write_audit(tenant.id, who, "LRS added", now, told)
        moved = before is not None and before.url != wanted.url
        return Added(wanted, before.url if before is not None and moved else "", resumed)

    def _check_erasing(self, wanted: LrsEndpoint) -> None:
        """Whoever wiped their data was told that it would be erased."""
        waiting = erasure_rows.count_erasures_at(wanted.tenant_id, wanted.id)
        if wanted.erase == "none" and waiting:
            raise EndpointRefused(f"erase: {waiting} erasures wait for this LRS, and were promised")

    def remove(self, tenant_id: str, stream: str, who: str, now: datetime) -> LrsEndpoint:
        """Let a stream go to the built-in LRS again; what arrived can still be erased where it is.

        Raises:
            TenantUnknown
            EndpointUnknown: it goes to the built-in LRS already.
        """
        with transaction():
            tenant = tenant_rows.load_tenant(tenant_id, for_update=True)
            before = endpoint_rows.endpoint_in_use(tenant.id, stream, self._seal)
            if before is None:
                raise EndpointUnknown(f"{tenant_id}/{stream}: goes to the built-in LRS already")
            endpoint_rows.retire_endpoint(tenant.id, before.id, now)
            outbox_care.resume(connection(), f"{tenant.id}/{stream}")
            audit_rows.write_audit(tenant.id, who, "LRS removed", now, f"{stream}: {before.url}")
        return before

    def forget_gone(self, tenant_id: str, url: str, who: str, now: datetime) -> int:
        """An LRS of before does not exist any more: forget what opened it, and what was still to be erased there.

        Returns:
            How many erasures were given up, because there is nothing to erase.

        Raises:
            TenantUnknown
            EndpointUnknown: no stream ever went there, or one goes there now.
        """
        with transaction():
            tenant_rows.load_tenant(tenant_id, for_update=True)
            gone = [
                one
                for one in endpoint_rows.endpoints(self._seal, tenant_id)
                if one.url == url.rstrip("/") and one.retired_at is not None
            ]
            if not gone:
                raise EndpointUnknown(f"{url}: is no LRS of before of {tenant_id}; remove it first")
            given_up = sum(erasure_rows.end_erasures_at(tenant_id, one.id) for one in gone)
            for one in gone:
                endpoint_rows.remove_endpoint(tenant_id, one.id)
            audit_rows.write_audit(tenant_id, who, GONE, now, f"{gone[0].url}: {given_up} erasures given up")
        return given_up

    def test(self, tenant_id: str, stream: str, who: str, now: datetime) -> Tried:
        """Send a visible test statement at once, past the outbox, and ask for it back.

        Raises:
            TenantUnknown
            EndpointUnknown: there is no such stream.
        """
        check_stream(stream)
        with transaction():
            tenant_rows.load_tenant(tenant_id)
            audit_rows.write_audit(tenant_id, who, "LRS tried", now, stream)
        trial = self._pen.trial(tenant_id, stream, now)
        try:
            reply = self._lrs.writer(tenant_id, stream).post_statements([trial.body])
        except LrsUnavailable as err:
            return Tried(f"no answer ({err})", "not asked")
        if reply.status not in (200, 204) or not reply.is_from_an_lrs:
            other = "" if reply.status not in (200, 204) else ", but not from an LRS"
            return Tried(f"HTTP {reply.status}{other}", "not asked")
        try:
            there = self._lrs.reader(tenant_id, stream).get_statement(trial.id)
        except LrsUnavailable as err:
            return Tried("", f"no answer ({err})")
        except LrsRefused as err:
            return Tried("", str(err))
        return Tried("", "" if there is not None else "the LRS does not have it")
