"""The tool registers itself at a portal that an administrator sent it to (LTI Dynamic Registration 1.0).

https://www.imsglobal.org/spec/lti-dr/v1p0

A portal's answers, errors too, are turned into stable codes: nothing of what it said is shown or kept.
The calls wait for the portal, so they are made outside any transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlsplit

import requests
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lti_tool.lti.addresses import origin_of, web_address
from lti_tool.lti.claims import DEEP_LINKING_REQUEST, OFFERED, RESOURCE_LINK_REQUEST, Id
from lti_tool.lti.errors import RegistrationRefused
from lti_tool.lti.http import Outgoing
from lti_tool.lti.quirks import Quirks, quirks_for
from lti_tool.lti.services import SCOPE_LINE_ITEM_READ, SCOPE_ROSTER, SCOPE_SCORE, is_busy, is_page
from lti_tool.lti.tool_addresses import ToolAddresses

PLATFORM: Final = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL: Final = "https://purl.imsglobal.org/spec/lti-tool-configuration"

SCOPES: Final = (SCOPE_SCORE, SCOPE_LINE_ITEM_READ, SCOPE_ROSTER)
"""Tell 'klaar', see that its column is there, and the list of participants for who switches that on."""
CLAIMS: Final = ("iss", "sub")
"""Never a name or an e-mail address (requirements D11)."""
CUSTOM: Final = {"context_history": "Context.id.history"}
"""The one variable that tells what no claim does: of which courses a course is a copy. Course and link are claims,
the campaign and the activity come from the link itself, and a team is never guessed."""

CLIENT_NAME: Final = "Digivaardig"
DESCRIPTION: Final = "Ontdek wat je digitaal al kunt, en leer verder in een half uur."
LABEL: Final = "Digivaardig kiezen"
BEARER: Final = r"[\x21-\x7e]{1,8192}"
"""What may stand in a header; a JSON Web Token is about a thousand characters."""

_Said = TypeVar("_Said", bound=BaseModel)
_Address = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,1000}$")]
_Issuer = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,500}$")]
_Client = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{1,200}$")]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class _Message(_Part):
    type: str
    placements: tuple[str, ...] | None = None


class _PlatformPart(_Part):
    product_family_code: str
    version: str = ""
    messages_supported: tuple[_Message, ...] | None = None
    variables: tuple[str, ...] = ()


class Configuration(_Part):
    """What a portal says of itself (section 3.4). What it leaves out of a list of its own is not offered there;
    a list that is absent says nothing."""

    issuer: _Issuer
    authorization_endpoint: _Address
    token_endpoint: _Address
    jwks_uri: _Address
    registration_endpoint: _Address
    scopes_supported: tuple[str, ...] | None = None
    platform: _PlatformPart = Field(alias=PLATFORM)

    @property
    def product(self) -> str:
        """In small letters, as a launch says it too."""
        return self.platform.product_family_code.strip().lower()[:100]

    @property
    def quirks(self) -> Quirks:
        return quirks_for(self.product, self.issuer)

    def addresses(self) -> tuple[str, ...]:
        """All that a browser or this server is sent to later on."""
        return (
            self.issuer,
            self.authorization_endpoint,
            self.token_endpoint,
            self.jwks_uri,
            self.registration_endpoint,
        )


class _ToolAnswer(_Part):
    deployment_id: Id | None = None


class _Answer(_Part):
    client_id: _Client
    tool: _ToolAnswer = Field(default=_ToolAnswer(), alias=TOOL)


@dataclass(frozen=True)
class Registered:
    """What the portal gave; without a deployment the first launch waits to be activated."""

    client_id: str
    deployment_id: str | None


class DynamicRegistration:
    """The tool's side of a registration."""

    def __init__(self, http: Outgoing, tool: ToolAddresses) -> None:
        self._http = http
        self._tool = tool

    def read_configuration(self, url: str) -> Configuration:
        """The portal's configuration, with every address in it looked at.

        Raises:
            RegistrationRefused: with a stable reason code.
            PortalUnavailable: the portal does not answer, or an address that this server may not ask.
        """
        self._http.check(url)
        said = _read(Configuration, self._http.get_text(url), "configuration_unreadable")
        if not _is_of(said, url):
            raise RegistrationRefused("issuer_differs")
        for address in said.addresses():
            self._http.check(address)
        offered = said.platform.messages_supported
        if offered is not None and RESOURCE_LINK_REQUEST not in {message.type for message in offered}:
            raise RegistrationRefused("launch_not_offered")
        return said

    def register(self, said: Configuration, registration_token: str) -> Registered:
        """Ask the portal to register the tool.

        Args:
            registration_token: of the portal's own request; empty when it gave none.

        Raises:
            RegistrationRefused: with a stable reason code.
            PortalUnavailable: the portal does not answer; whether it registered the tool is not known then.
        """
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if registration_token:
            headers["Authorization"] = f"Bearer {registration_token}"
        body = json.dumps(self.description(said)).encode()
        answer = self._http.session.request("POST", said.registration_endpoint, data=body, headers=headers)
        if not answer.ok:
            raise RegistrationRefused(_why_refused(answer), str(answer.status_code))
        given = _read(_Answer, answer.content, "registration_unreadable")
        return Registered(given.client_id, given.tool.deployment_id)

    def description(self, said: Configuration) -> dict[str, Any]:
        """The client registration (section 3.5.2): nothing that this portal does not offer."""
        tool, variables = self._tool, said.platform.variables
        scopes = SCOPES if said.scopes_supported is None else [s for s in SCOPES if s in said.scopes_supported]
        return {
            "application_type": "web",
            "response_types": ["id_token"],
            "grant_types": ["implicit", "client_credentials"],
            "initiate_login_uri": tool.login,
            "redirect_uris": [tool.launch],
            "client_name": CLIENT_NAME,
            "jwks_uri": tool.key_set,
            "logo_uri": tool.icon,
            "token_endpoint_auth_method": "private_key_jwt",
            "scope": " ".join(scopes),
            TOOL: {
                "domain": tool.domain,
                "description": DESCRIPTION,
                "target_link_uri": tool.launch,
                "custom_parameters": {name: f"${v}" for name, v in CUSTOM.items() if v in variables},
                "claims": list(CLAIMS),
                "messages": list(self._messages(said)),
                **said.quirks.registration,
            },
        }

    def _messages(self, said: Configuration) -> Iterable[dict[str, Any]]:
        offered = said.platform.messages_supported
        placements = {message.type: message.placements for message in offered or ()}
        for kind in OFFERED:
            if offered is not None and kind not in placements and kind not in said.quirks.messages_unsaid:
                continue
            message: dict[str, Any] = {"type": kind, "target_link_uri": self._tool.launch}
            if kind == DEEP_LINKING_REQUEST:
                message["label"] = LABEL
                there = placements.get(kind)
                chosen = [p for p in said.quirks.placements if there is None or p in there]
                if chosen:
                    message["placements"] = chosen
            yield message


def _read(kind: type[_Said], body: str | bytes, reason: str) -> _Said:
    try:
        return kind.model_validate_json(body)
    except ValidationError as err:
        # Our own names of fields only: nothing that the portal said.
        where = ".".join(str(part) for part in err.errors(include_input=False)[0]["loc"])
        raise RegistrationRefused(reason, where) from err


def _is_of(said: Configuration, url: str) -> bool:
    """Whether the configuration stands where its issuer is, so that nobody can pose as another portal."""
    if web_address(said.issuer) is None:
        return False
    issuer, here = urlsplit(said.issuer), urlsplit(url)
    if origin_of(said.issuer) == origin_of(url):
        path = issuer.path.rstrip("/")
        return here.path.startswith(f"{path}/") or here.path == path
    hosts = quirks_for("", said.issuer).configuration_hosts
    same_scheme = issuer.scheme == here.scheme == "https"
    host = here.hostname or ""
    return same_scheme and any(host == end or host.endswith(f".{end}") for end in hosts)


def _why_refused(answer: requests.Response) -> str:
    if answer.status_code in (requests.codes.unauthorized, requests.codes.forbidden):
        return "registration_token_refused"
    if is_busy(answer):
        return "portal_busy"
    if not is_page(answer) and b"domain_targetlinkuri_mismatch" in answer.content:
        return "domain_refused"
    return "registration_refused"
