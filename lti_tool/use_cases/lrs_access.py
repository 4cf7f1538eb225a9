"""How the tool reaches the LRS: one address, and credentials of their own for each municipality and stream."""

from __future__ import annotations

from collections.abc import Mapping

from xapi.client import LrsClient
from xapi.credentials import Credentials

STREAMS = ("operator", "group")


class LrsAccess:
    """Makes clients; keeps none of what they read."""

    def __init__(self, url: str, secrets: Mapping[str, str]) -> None:
        self._url = url
        self._credentials = Credentials(secrets)

    def writer(self, owner: str, stream: str) -> LrsClient:
        return LrsClient(self._url, *self._credentials.make(owner, f"write_{stream}"))

    def reader(self, owner: str, stream: str) -> LrsClient:
        """`owner` may be `*`: the operator of the installation reads the statements of all."""
        return LrsClient(self._url, *self._credentials.make(owner, f"read_{stream}"))

    def eraser(self, owner: str) -> LrsClient:
        return LrsClient(self._url, *self._credentials.make(owner, "erase"))

    def reading_credentials(self, owner: str, stream: str) -> tuple[str, str, str]:
        """Address, name and password."""
        return (self._url, *self._credentials.make(owner, f"read_{stream}"))
