"""Which addresses the tool may ask, decided before a word is said; no network."""

from __future__ import annotations

import ast
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lti_tool
from lti_tool.lti.http import MAX_ANSWER_BYTES, TIMEOUT_SECONDS, Outgoing, is_public_address
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.platform_keys import fetch_keys
from lti_tool.lti.services import SCOPE_ROSTER, SCOPE_SCORE, PortalServices
from tests.unit.lti.network import TOKEN, Answer, PortalNetwork, post_with
from tests.unit.lti.portal import ISSUER, NOW, PORTAL
from tests.unit.lti.test_launch import unavailable

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.0.0.8", False),
        ("172.16.3.4", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - as an address to refuse
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        (f"::ffff:{PUBLIC}", True),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
    ],
)
def test_an_address_is_public_or_not_whatever_it_is_wrapped_in(address: str, public: bool) -> None:
    assert is_public_address(address) is public


def names(*addresses: str) -> Callable[..., list[Any]]:
    return lambda *args, **kwargs: [(0, 0, 0, "", (address, 443)) for address in addresses]


@pytest.mark.parametrize("found", [("127.0.0.1",), (PUBLIC, "10.0.0.1"), ("::1",)])
def test_a_name_with_any_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, found: tuple[str, ...]
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", names(*found))
    with unavailable("portal_address_refused"):
        Outgoing("0.1.0", allow_private=False).get_text("https://lms.example/jwks")


@pytest.mark.parametrize("url", ["http://lms.example/", "ftp://lms.example/", "file:///etc/passwd", "//x", ""])
def test_only_https_is_asked(url: str) -> None:
    with unavailable("portal_address_refused"):
        Outgoing("0.1.0", allow_private=False).get_text(url)


@pytest.mark.parametrize("failure", [socket.gaierror("no such name"), UnicodeError("label too long")])
def test_a_name_that_nobody_knows_makes_the_portal_unavailable(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise failure

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with unavailable("portal_unreachable"):
        Outgoing("0.1.0", allow_private=False).get_text("https://lms.example/jwks")


def test_the_environment_gives_no_proxy_and_no_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    session = Outgoing("0.1.0", allow_private=True).session
    assert session.trust_env is False
    assert session.merge_environment_settings("https://lms.example", {}, None, None, None)["proxies"] == {}


# --- every request that the tool makes to a portal ----------------------------------------------------

Ask = Callable[[Outgoing, PortalServices], Any]

ASKS: dict[str, Ask] = {
    "key set": lambda http, services: fetch_keys(PORTAL, http, NOW),
    "configuration": lambda http, services: http.get_text(f"{ISSUER}/.well-known/openid-configuration"),
    "registration": lambda http, services: http.session.post(f"{ISSUER}/register", json={"client_name": "x"}),
    "token": lambda http, services: [services.token(PORTAL, scope, NOW) for scope in (SCOPE_ROSTER, SCOPE_SCORE)],
    "roster": lambda http, services: services.call(
        PORTAL, SCOPE_ROSTER, "GET", f"{ISSUER}/memberships", NOW, headers={"Accept": "application/json"}
    ),
    "score": lambda http, services: services.call(
        PORTAL, SCOPE_ROSTER, "POST", f"{ISSUER}/lineitem/scores", NOW, headers={}, data=b"{}"
    ),
}
COOKIE = {"Set-Cookie": "MoodleSession=abc; Path=/"}


def asked_twice(tool_keys: ToolKeys, what: str, answer: Answer) -> PortalNetwork:
    """The second time a cookie of the first answer might go along."""
    post = post_with(tool_keys, answer, token=((200, TOKEN, COOKIE),))
    for _ in range(2):
        ASKS[what](post.http, post.services)
    return post.network


@pytest.mark.parametrize("what", ASKS)
def test_every_request_has_time_limits_a_name_and_no_cookies(tool_keys: ToolKeys, what: str) -> None:
    body = b'{"keys": []}' if what == "key set" else TOKEN
    network = asked_twice(tool_keys, what, (200, body, COOKIE))
    assert len(network.requests) >= 2
    for request, options in zip(network.requests, network.options, strict=True):
        assert options["timeout"] == TIMEOUT_SECONDS
        assert all(seconds > 0 for seconds in TIMEOUT_SECONDS)
        assert options["stream"] is True, "the size is limited while it is read"
        assert options["verify"] is True
        assert not options["proxies"]
        assert request.headers["User-Agent"] == "Digivaardig/0.1.0"
        assert request.headers["Accept-Encoding"] == "identity"
        assert "Cookie" not in request.headers


@pytest.mark.parametrize("what", ASKS)
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((302, b"", {"Location": f"{ISSUER}/elsewhere"}), "portal_redirects"),
        ((308, b"", {"Location": "https://evil.example/"}), "portal_redirects"),
        ((200, b" " * (MAX_ANSWER_BYTES + 1)), "portal_answer_too_large"),
    ],
)
def test_no_request_follows_a_redirect_or_reads_without_end(
    tool_keys: ToolKeys, what: str, answer: Answer, reason: str
) -> None:
    token = answer if what == "token" else (200, TOKEN)
    post = post_with(tool_keys, answer, token=(token,))
    with unavailable(reason):
        ASKS[what](post.http, post.services)
    assert not [request for request in post.network.requests if "else" in str(request.url)]
    assert not [request for request in post.network.requests if "evil" in str(request.url)]


def test_nothing_of_the_tool_asks_a_portal_in_another_way() -> None:
    """One session makes all requests to portals; a call of `requests` itself would have none of its limits.

    The library gets a `Session` too, out of which every way to the network was taken.
    """
    root = Path(lti_tool.__file__).parent
    strangers = [
        f"{path.relative_to(root)}:{node.lineno}"
        for path in root.rglob("*.py")
        if path.parts[len(root.parts)] not in ("demo", "demo_portal")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "requests"
        and node.func.attr != "Session"
    ]
    assert strangers == []
