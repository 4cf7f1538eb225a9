"""What the tool asks of a portal that registers it, and what it makes of each answer."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.dynamic_registration import PLATFORM, TOOL, DynamicRegistration, Registered
from lti_tool.lti.errors import PORTAL_REASONS, REGISTRATION_REASONS, PortalUnavailable, RegistrationRefused
from lti_tool.lti.http import Outgoing
from lti_tool.lti.quirks import all_quirks
from lti_tool.lti.tool_addresses import ToolAddresses
from tests.moodle import AGS, CONFIGURATION, NRPS, PAGE, REGISTRATION, TEXT, Moodle, Network, configuration

URL = "http://leren.voorbeeldstad.example"
SAID = f"{URL}{CONFIGURATION}"
TOOL_URL = "https://digivaardig.example:8443"
GONE = object()

Change = Callable[[dict[str, Any]], object]


def refused(code: str) -> pytest.RaisesExc[RegistrationRefused]:
    assert code in REGISTRATION_REASONS
    return pytest.raises(RegistrationRefused, check=lambda err: err.reason_code == code)


def unavailable(code: str) -> pytest.RaisesExc[PortalUnavailable]:
    assert code in PORTAL_REASONS
    return pytest.raises(PortalUnavailable, check=lambda err: err.reason_code == code)


@pytest.fixture
def moodle() -> Moodle:
    return Moodle(URL)


@pytest.fixture
def registration(moodle: Moodle) -> DynamicRegistration:
    return registration_at(moodle)


def registration_at(moodle: Moodle, tool_url: str = TOOL_URL) -> DynamicRegistration:
    outgoing = Outgoing("0.1.0", allow_private=True)
    for scheme in ("http://", "https://"):
        outgoing.session.mount(scheme, Network(moodle))
    return DynamicRegistration(outgoing, ToolAddresses(tool_url))


def says(moodle: Moodle, change: Change = lambda said: None) -> None:
    """Let the portal's configuration be another one."""
    said = configuration(moodle.url)
    change(said)
    moodle.answers[CONFIGURATION] = (200, json.dumps(said).encode(), "application/json")


def put(name: str, value: object, part: str = "") -> Change:
    def change(said: dict[str, Any]) -> None:
        target = said[part] if part else said
        if value is GONE:
            del target[name]
        else:
            target[name] = value

    return change


# --- what is asked --------------------------------------------------------------------------------


def test_a_recorded_moodle_registers_the_tool(moodle: Moodle, registration: DynamicRegistration) -> None:
    said = registration.read_configuration(SAID)
    assert (said.issuer, said.product, said.quirks.name) == (URL, "moodle", "Moodle")
    assert registration.register(said, "t1") == Registered("client-t1", "7")
    asked = moodle.registered["t1"]
    assert asked["application_type"] == "web"
    assert asked["response_types"] == ["id_token"]
    assert asked["grant_types"] == ["implicit", "client_credentials"]
    assert asked["token_endpoint_auth_method"] == "private_key_jwt"
    assert asked["initiate_login_uri"] == f"{TOOL_URL}/lti/login"
    assert asked["redirect_uris"] == [f"{TOOL_URL}/lti/launch"]
    assert asked["jwks_uri"] == f"{TOOL_URL}/lti/jwks.json"
    assert asked["logo_uri"] == f"{TOOL_URL}/static/link-icon.png"
    assert asked["scope"].split() == [f"{AGS}score", f"{AGS}lineitem.readonly", NRPS]
    settings = asked[TOOL]
    assert settings["domain"] == "digivaardig.example:8443"
    assert settings["target_link_uri"] == f"{TOOL_URL}/lti/launch"
    assert settings["custom_parameters"] == {"context_history": "$Context.id.history"}
    assert settings["messages"] == [
        {"type": "LtiResourceLinkRequest", "target_link_uri": f"{TOOL_URL}/lti/launch"},
        {
            "type": "LtiDeepLinkingRequest",
            "target_link_uri": f"{TOOL_URL}/lti/launch",
            "label": "Digivaardig kiezen",
            "placements": ["ContentArea"],
        },
        {"type": "LtiSubmissionReviewRequest", "target_link_uri": f"{TOOL_URL}/lti/launch"},
    ]


def test_no_name_and_no_mail_address_is_asked_for(moodle: Moodle, registration: DynamicRegistration) -> None:
    asked = registration.description(registration.read_configuration(SAID))
    assert asked[TOOL]["claims"] == ["iss", "sub"]
    assert not {"name", "given_name", "family_name", "email"} & set(json.dumps(asked).split('"'))


def test_nothing_is_asked_that_the_portal_does_not_offer(
    moodle: Moodle, registration: DynamicRegistration
) -> None:
    def little(said: dict[str, Any]) -> None:
        said["scopes_supported"] = [f"{AGS}score"]
        said[PLATFORM] = {
            "product_family_code": "Other",
            "messages_supported": [{"type": "LtiResourceLinkRequest"}],
        }

    says(moodle, little)
    asked = registration.description(registration.read_configuration(SAID))
    assert asked["scope"] == f"{AGS}score"
    assert asked[TOOL]["custom_parameters"] == {}
    assert [message["type"] for message in asked[TOOL]["messages"]] == ["LtiResourceLinkRequest"]


def test_a_list_that_is_absent_says_nothing(moodle: Moodle, registration: DynamicRegistration) -> None:
    def silent(said: dict[str, Any]) -> None:
        del said["scopes_supported"]
        said[PLATFORM] = {"product_family_code": "other"}

    says(moodle, silent)
    asked = registration.description(registration.read_configuration(SAID))
    assert len(asked["scope"].split()) == 3
    assert len(asked[TOOL]["messages"]) == 3


def test_deep_linking_is_offered_in_the_places_that_the_portal_has(
    moodle: Moodle, registration: DynamicRegistration
) -> None:
    messages = [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest", "placements": ["Elsewhere"]}]
    says(moodle, put("messages_supported", messages, PLATFORM))
    chosen = registration.description(registration.read_configuration(SAID))[TOOL]["messages"][1]
    assert chosen["type"] == "LtiDeepLinkingRequest"
    assert "placements" not in chosen


def test_what_a_kind_of_portal_needs_is_added(moodle: Moodle, registration: DynamicRegistration) -> None:
    says(moodle, put("product_family_code", "canvas", PLATFORM))
    asked = registration.description(registration.read_configuration(SAID))
    for name, value in all_quirks()["canvas"].registration.items():
        assert asked[TOOL][name] == value


def test_without_a_registration_token_the_portal_says_what_it_misses(registration: DynamicRegistration) -> None:
    with refused("registration_token_refused"):
        registration.register(registration.read_configuration(SAID), "")


def test_a_portal_may_leave_the_deployment_for_later(moodle: Moodle, registration: DynamicRegistration) -> None:
    moodle.deployment = False
    said = registration.read_configuration(SAID)
    assert registration.register(said, "t1") == Registered("client-t1", None)


# --- the configuration ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (name, value)
        for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
        for value in (GONE, None, 7, ["x"], "", "x y", "http://x\n", "http://" + "x" * 2000)
    ],
)
def test_an_address_that_is_none_is_named_by_its_field(
    moodle: Moodle, registration: DynamicRegistration, name: str, value: object
) -> None:
    says(moodle, put(name, value))
    with refused("configuration_unreadable") as caught:
        registration.read_configuration(SAID)
    assert caught.value.detail_for_log == name


@pytest.mark.parametrize(
    "change",
    [
        put(PLATFORM, GONE),
        put(PLATFORM, []),
        put("product_family_code", 7, PLATFORM),
        put("messages_supported", {}, PLATFORM),
        put("messages_supported", [{"placements": []}], PLATFORM),
        put("variables", "Context.id", PLATFORM),
        put("scopes_supported", "openid"),
        put("scopes_supported", [7]),
    ],
)
def test_a_part_of_a_wrong_type_is_refused(
    moodle: Moodle, registration: DynamicRegistration, change: Change
) -> None:
    says(moodle, change)
    with refused("configuration_unreadable"):
        registration.read_configuration(SAID)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", PAGE, b"\xff\xfe", b"{" * 5000, b'{"issuer": "\\ud800"}', b"[" * 60_000]
)
def test_what_is_no_configuration_is_refused(
    moodle: Moodle, registration: DynamicRegistration, body: bytes
) -> None:
    moodle.answers[CONFIGURATION] = (200, body, TEXT)
    with refused("configuration_unreadable"):
        registration.read_configuration(SAID)


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("http://elders.example", SAID),
        ("https://leren.voorbeeldstad.example", SAID),
        ("http://leren.voorbeeldstad.example:81", SAID),
        (f"{URL}/moodle", SAID),
        (f"{URL}/mod/lti/openid", SAID),
        ("http://leren.voorbeeldstad.example.elders.example", SAID),
        (f"http://a@{urlsplit(URL).netloc}", SAID),
        ("nonsense", SAID),
        ("https://canvas.instructure.com", f"https://evil.example{CONFIGURATION}"),
        ("https://canvas.instructure.com", f"https://evilinstructure.com{CONFIGURATION}"),
        ("https://canvas.instructure.com", f"http://canvas.instructure.com{CONFIGURATION}"),
    ],
)
def test_a_portal_cannot_pose_as_another(
    moodle: Moodle, registration: DynamicRegistration, issuer: str, url: str
) -> None:
    says(moodle, put("issuer", issuer))
    with refused("issuer_differs"):
        registration.read_configuration(url)


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        (f"{URL}/", SAID),
        (f"{URL}/mod", SAID),
        ("http://LEREN.voorbeeldstad.example:80", SAID),
        (SAID, SAID),
        ("https://canvas.instructure.com", f"https://school.instructure.com{CONFIGURATION}"),
        ("https://sso.canvaslms.com", f"https://sso.canvaslms.com{CONFIGURATION}"),
    ],
)
def test_an_issuer_may_be_the_start_of_the_address_of_its_configuration(
    moodle: Moodle, registration: DynamicRegistration, issuer: str, url: str
) -> None:
    says(moodle, put("issuer", issuer))
    assert registration.read_configuration(url).issuer == issuer


def test_a_portal_that_cannot_launch_is_not_registered(moodle: Moodle, registration: DynamicRegistration) -> None:
    says(moodle, put("messages_supported", [{"type": "LtiDeepLinkingRequest"}], PLATFORM))
    with refused("launch_not_offered"):
        registration.read_configuration(SAID)


@pytest.mark.parametrize("url", ["", "nonsense", "javascript:alert(1)", "ftp://x.example/", "http://a@b.example/"])
def test_a_configuration_is_only_asked_for_at_a_web_address(
    moodle: Moodle, registration: DynamicRegistration, url: str
) -> None:
    with unavailable("portal_address_refused"):
        registration.read_configuration(url)
    assert moodle.asked == []


# --- the answer -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ((401, b"token_already_used", TEXT), "registration_token_refused"),
        ((403, b"", TEXT), "registration_token_refused"),
        ((400, b"domain_targetlinkuri_mismatch", TEXT), "domain_refused"),
        ((400, b"missing required attribute jwks_uri", TEXT), "registration_refused"),
        ((404, PAGE, TEXT), "registration_refused"),
        ((503, PAGE, TEXT), "portal_busy"),
        ((429, b"", TEXT), "portal_busy"),
        ((200, PAGE, TEXT), "registration_unreadable"),
        ((200, b"", TEXT), "registration_unreadable"),
        ((200, b"{}", TEXT), "registration_unreadable"),
        ((200, b'{"client_id": ""}', TEXT), "registration_unreadable"),
        ((200, b'{"client_id": 7}', TEXT), "registration_unreadable"),
        ((200, b'{"client_id": "a\\u0000"}', TEXT), "registration_unreadable"),
        (
            (200, json.dumps({"client_id": "a", TOOL: {"deployment_id": ""}}).encode(), TEXT),
            "registration_unreadable",
        ),
        ((200, json.dumps({"client_id": "a", TOOL: []}).encode(), TEXT), "registration_unreadable"),
    ],
)
def test_each_answer_of_a_portal_comes_to_one_reason_and_nothing_of_it_is_told(
    moodle: Moodle, registration: DynamicRegistration, reply: tuple[int, bytes, str], code: str
) -> None:
    said = registration.read_configuration(SAID)
    moodle.answers[REGISTRATION] = reply
    with refused(code) as caught:
        registration.register(said, "t1")
    assert "html" not in caught.value.detail_for_log
    assert "attribute" not in caught.value.detail_for_log


def test_a_domain_without_its_port_is_told_as_that(moodle: Moodle, monkeypatch: pytest.MonkeyPatch) -> None:
    registration = registration_at(moodle)
    monkeypatch.setattr(ToolAddresses, "domain", property(lambda self: "digivaardig.example"))
    with refused("domain_refused"):
        registration.register(registration.read_configuration(SAID), "t1")


# --- never into the network of the house ----------------------------------------------------------


PUBLIC = {"lms.example": "93.184.216.34", "other.example": "93.184.216.35"}
LMS = f"https://lms.example{CONFIGURATION}"


@pytest.fixture(scope="module")
def names() -> Iterator[None]:
    """Names of which two are public, one is inside, and the others are not known."""

    def look_up(host: str, port: object = None, *args: Any, **kwargs: Any) -> list[Any]:
        known = {**PUBLIC, "inside.example": "10.0.0.8", "10.0.0.8": "10.0.0.8", "127.0.0.1": "127.0.0.1"}
        if host not in known:
            raise socket.gaierror("no such name")
        return [(0, 0, 0, "", (known[host], 443))]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", look_up)
        yield


addresses = st.one_of(
    st.sampled_from(
        [
            "https://lms.example/x",
            "https://other.example/x",
            "https://inside.example/x",
            "https://127.0.0.1/x",
            "https://10.0.0.8/x",
            "http://lms.example/x",
            "https://lms.example:0/",
            "https://user@lms.example/",
            "https://[::1/",
            "file:///etc/passwd",
            "//lms.example",
            "https://",
            "",
        ]
    ),
    st.text(max_size=40),
    st.integers(),
    st.none(),
    st.lists(st.text(max_size=5), max_size=2),
)
NAMES = ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
issuers = st.one_of(addresses, st.just("https://lms.example"), st.just("https://other.example"))


@given(
    changes=st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, addresses)),
    issuer=issuers,
    platform=st.one_of(st.just(configuration("")[PLATFORM]), anything),
    scopes=st.one_of(st.just([f"{AGS}score"]), anything),
)
@pytest.mark.usefixtures("names")
def test_no_configuration_whatever_leads_inside_or_to_the_issuer_of_another(
    changes: dict[str, Any], issuer: Any, platform: Any, scopes: Any
) -> None:
    said = {**configuration("https://lms.example"), **changes, "issuer": issuer, PLATFORM: platform}
    said["scopes_supported"] = scopes
    moodle = Moodle("https://lms.example")
    moodle.answers[CONFIGURATION] = (200, json.dumps(said).encode(), "application/json")
    outgoing = Outgoing("0.1.0", allow_private=False)
    reached: list[str] = []

    class Watching(Network):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            reached.append(str(request.url))
            return super().send(request, *args, **kwargs)

    outgoing.session.mount("https://", Watching(moodle))
    outgoing.session.mount("http://", Watching(moodle))
    registration = DynamicRegistration(outgoing, ToolAddresses(TOOL_URL))
    read = None
    with suppress(RegistrationRefused, PortalUnavailable):  # anything else would be a 500
        read = registration.read_configuration(LMS)
        registration.register(read, "t1")
    if read is not None:
        assert read.issuer.rstrip("/") == "https://lms.example" or LMS.startswith(f"{read.issuer}/")
        for address in read.addresses():
            assert urlsplit(address).hostname in PUBLIC
    for address in reached:
        assert urlsplit(address).scheme == "https"
        assert urlsplit(address).hostname in PUBLIC
