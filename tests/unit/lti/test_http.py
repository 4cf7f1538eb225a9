"""Which addresses the tool may ask, decided before a word is said; no network."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from lti_tool.lti.http import Outgoing, is_public_address
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
