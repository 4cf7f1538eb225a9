"""Every address of this tool that a portal may ask for, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

LINK_PATH: Final = "/lti/register/"
ICON_PX: Final = 64
"""Width and height of the picture."""


@dataclass(frozen=True)
class ToolAddresses:
    """Where the tool is, as `PUBLIC_URL` says: scheme and host, no trailing slash."""

    public_url: str

    @property
    def login(self) -> str:
        """Initiate login."""
        return f"{self.public_url}/lti/login"

    @property
    def launch(self) -> str:
        """Target of every message, deep linking too, and the only redirect address."""
        return f"{self.public_url}/lti/launch"

    @property
    def key_set(self) -> str:
        return f"{self.public_url}/lti/jwks.json"

    @property
    def icon(self) -> str:
        """What portals show beside a link; not every one shows SVG. They keep this address for years."""
        return f"{self.public_url}/static/link-icon.png"

    @property
    def domain(self) -> str:
        """Host with its port: Moodle compares it with both parts of the target."""
        return urlsplit(self.public_url).netloc

    def registration(self, tenant_id: str, token: str) -> str:
        """The one-time address of a registration link."""
        return f"{self.public_url}{LINK_PATH}{tenant_id}/{token}"
