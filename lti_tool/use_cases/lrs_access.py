"""How the tool reaches an LRS: the built-in one, or the one that a municipality has for a stream."""

from __future__ import annotations

from collections.abc import Mapping

from lti_tool.domain.endpoints import STREAMS, LrsEndpoint
from lti_tool.domain.errors import EndpointUnknown
from lti_tool.storage import endpoints as endpoint_rows
from lti_tool.storage.database import transaction
from lti_tool.storage.sealing import Seal
from xapi.client import LrsClient
from xapi.credentials import EVERYBODY, Credentials

__all__ = ["STREAMS", "LrsAccess", "LrsOfMunicipalities", "client_of"]


class LrsAccess:
    """The built-in LRS: one address, and credentials of their own for each municipality and stream (ADR 6).

    Makes clients; keeps none of what they read.
    """

    def __init__(self, url: str, secrets: Mapping[str, str]) -> None:
        self._url = url
        self._credentials = Credentials(secrets)

    def writer(self, owner: str, stream: str) -> LrsClient:
        """May look at the database, so not inside a transaction; as the next two."""
        return LrsClient(self._url, *self._credentials.make(owner, f"write_{stream}"))

    def reader(self, owner: str, stream: str) -> LrsClient:
        """`owner` may be `*`: the operator of the installation reads the statements of all."""
        return LrsClient(self._url, *self._credentials.make(owner, f"read_{stream}"))

    def reading_credentials(self, owner: str, stream: str) -> tuple[str, str, str]:
        """Address, name and password.

        Raises:
            EndpointUnknown: the stream does not go to the built-in LRS.
        """
        return (self._url, *self._credentials.make(owner, f"read_{stream}"))

    def built_in(self, owner: str) -> tuple[LrsClient, LrsClient]:
        """What erases at the built-in LRS, and what reads there whether it is gone."""
        eraser = LrsClient(self._url, *self._credentials.make(owner, "erase"))
        return eraser, LrsAccess.reader(self, owner, "operator")


class LrsOfMunicipalities(LrsAccess):
    """The same, but a stream of a municipality may go to an LRS of its own."""

    def __init__(self, url: str, secrets: Mapping[str, str], seal: Seal) -> None:
        super().__init__(url, secrets)
        self._seal = seal

    def writer(self, owner: str, stream: str) -> LrsClient:
        own = self._own(owner, stream)
        return client_of(own) if own else super().writer(owner, stream)

    def reader(self, owner: str, stream: str) -> LrsClient:
        own = self._own(owner, stream)
        return client_of(own) if own else super().reader(owner, stream)

    def reading_credentials(self, owner: str, stream: str) -> tuple[str, str, str]:
        own = self._own(owner, stream)
        if own:
            raise EndpointUnknown(
                f"{owner}/{stream}: goes to {own.url}; who runs that LRS gives out names and passwords"
            )
        return super().reading_credentials(owner, stream)

    def _own(self, owner: str, stream: str) -> LrsEndpoint | None:
        if owner == EVERYBODY:
            return None
        with transaction(writes=False):
            return endpoint_rows.endpoint_in_use(owner, stream, self._seal)


def client_of(endpoint: LrsEndpoint) -> LrsClient:
    """What writes and reads at a municipality's own LRS."""
    return LrsClient(endpoint.url, endpoint.username, endpoint.secrets.password)
