"""What a portal gets back when somebody has chosen activities for a course page: a signed list of links.

LTI deep linking 2.0, sections 3.1 (ltiResourceLink) and 4.4 (response):
https://www.imsglobal.org/spec/lti-dl/v2p0/#deep-linking-response-message
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import jwt

from lti_tool.lti.claims import LTI, VERSION
from lti_tool.lti.id_token import ALGORITHM
from lti_tool.lti.keys import SigningKey
from lti_tool.lti.launch import DeepLinking
from lti_tool.lti.quirks import quirks_of
from lti_tool.lti.shelves import Portal
from lti_tool.lti.tool_addresses import ICON_PX, ToolAddresses

RESPONSE: Final = "LtiDeepLinkingResponse"
RESOURCE_LINK: Final = "ltiResourceLink"
LTI_DL: Final = "https://purl.imsglobal.org/spec/lti-dl/claim/"
RESPONSE_LIVES: Final = timedelta(minutes=5)
"""The page that carries it sends itself on; who waits longer goes back and chooses again."""
LINE_ITEM_TAG: Final = "klaar"


@dataclass(frozen=True)
class Link:
    """One activity on a course page."""

    title: str
    text: str
    campaign: str
    activity: str
    shows_done: bool
    """Whether a place is asked for 'klaar': one of 1, done and skipped alike."""


def takes_links(asked: DeepLinking) -> bool:
    """Whether the portal takes the only kind of item that we have."""
    return RESOURCE_LINK in asked.accept_types


def takes_several(asked: DeepLinking) -> bool:
    """Only when the portal says so: the specification's default is one (section 3.2)."""
    return asked.accept_multiple is True


def takes_line_items(asked: DeepLinking, portal: Portal) -> bool:
    """Whether a link may ask for a line item; who does not say so is known to take them, or not asked."""
    if asked.accept_lineitem is None:
        return quirks_of(portal).line_item_when_unsaid
    return asked.accept_lineitem


@dataclass(frozen=True)
class Responder:
    """Writes the answers of one tool; every link leads to one address, what it is for stands in its parameters."""

    addresses: ToolAddresses

    def response(
        self,
        portal: Portal,
        deployment_id: str,
        asked: DeepLinking,
        links: Sequence[Link],
        message: str,
        key: SigningKey,
        now: datetime,
    ) -> str:
        """The signed answer; without links it says that nothing was chosen.

        Args:
            message: for the person, shown by the portal; empty: none.
        """
        claims: dict[str, Any] = {
            "iss": portal.client_id,
            "aud": portal.issuer,
            "iat": int(now.timestamp()),
            "exp": int((now + RESPONSE_LIVES).timestamp()),
            "nonce": secrets.token_urlsafe(32),
            f"{LTI}deployment_id": deployment_id,
            f"{LTI}message_type": RESPONSE,
            f"{LTI}version": VERSION,
            f"{LTI_DL}content_items": [self._item(link, portal) for link in links],
        }
        if asked.data is not None:
            # A portal that gave none may stumble over one that is null.
            claims[f"{LTI_DL}data"] = asked.data
        if message:
            claims[f"{LTI_DL}msg"] = message
        return jwt.encode(claims, key.private, ALGORITHM, {"kid": key.kid})

    def _item(self, link: Link, portal: Portal) -> dict[str, Any]:
        item: dict[str, Any] = {
            "type": RESOURCE_LINK,
            "title": link.title,
            "text": link.text,
            # "fully qualified URL, height, and width", in pixels (section 3.1)
            "icon": {"url": self.addresses.icon, "width": ICON_PX, "height": ICON_PX},
            "custom": {"campaign": link.campaign, "activity": link.activity},
        }
        if quirks_of(portal).deep_link_url:
            item["url"] = self.addresses.launch
        if link.shows_done:
            item["lineItem"] = {
                "scoreMaximum": 1,
                "label": link.title,
                "resourceId": f"{link.campaign}/{link.activity}",
                "tag": LINE_ITEM_TAG,
            }
        return item
