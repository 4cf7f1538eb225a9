"""A portal's services without a network: behind the real `requests`, with answers as a test gives them."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from lti_tool.lti.http import Outgoing
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.scores import Outcome, ScoreSender
from lti_tool.lti.services import PortalServices
from tests.unit.lti.portal import ISSUER, NOW, PORTAL

LINE_ITEM = f"{ISSUER}/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1"
DONE_AT = NOW - timedelta(minutes=20)
HTML = b"  <!DOCTYPE html>\n<html><title>Error | leerportaal</title>" + b"x" * 30_000
TOKEN = b'{"access_token": "abc.def", "token_type": "Bearer", "expires_in": 3600}'

NOBODY_THERE = 0
"""In the place of a status: no connection."""

Reply = tuple[int, bytes, dict[str, str]]
Answer = tuple[Any, ...]
"""Status, and when needed body and headers."""


class PortalNetwork(BaseAdapter):
    """Answers in the order given, the last one again and again; keeps what was asked, and how."""

    def __init__(self, services: list[Reply], token: list[Reply]) -> None:
        super().__init__()
        self._answers = {"services": services, "token": token}
        self.requests: list[requests.PreparedRequest] = []
        self.options: list[dict[str, Any]] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        self.requests.append(request)
        self.options.append(options)
        answers = self._answers["token" if "token" in str(request.url) else "services"]
        status, body, headers = answers.pop(0) if len(answers) > 1 else answers[0]
        if status == NOBODY_THERE:
            raise requests.ConnectionError
        raw = HTTPResponse(io.BytesIO(body), headers, status, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""

    def asked(self, what: str) -> int:
        return sum(what in str(request.url) for request in self.requests)


@dataclasses.dataclass
class Post:
    """A sender and the portal it talks to."""

    http: Outgoing
    services: PortalServices
    sender: ScoreSender
    network: PortalNetwork

    def send(self, **changes: Any) -> Outcome:
        values = {
            "portal": PORTAL,
            "line_item_url": LINE_ITEM,
            "user_sub": "4",
            "timestamp": DONE_AT,
            "now": NOW,
        }
        return self.sender.send_completion(**{**values, **changes})


MakePost = Callable[..., Post]


def post_with(tool_keys: ToolKeys, *score: Answer, token: tuple[Answer, ...] = ((200, TOKEN),)) -> Post:
    """A sender whose portal gives these answers."""
    outgoing = Outgoing("0.1.0", allow_private=True)
    network = PortalNetwork(
        [_reply(*answer) for answer in score or ((200, b""),)], [_reply(*answer) for answer in token]
    )
    for scheme in ("http://", "https://"):
        outgoing.session.mount(scheme, network)
    services = PortalServices(outgoing, tool_keys)
    return Post(outgoing, services, ScoreSender(services), network)


def _reply(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
    return status, body, headers or {}
