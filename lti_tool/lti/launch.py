"""What a verified launch says, as a plain value: who, in which course, as what, and for which purpose.

https://www.imsglobal.org/spec/lti/v1p3/#required-message-claims
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from lti_tool.lti.addresses import origins_of, web_address
from lti_tool.lti.claims import AGS, DEEP_LINKING_REQUEST, LTI, SUBMISSION_REVIEW_REQUEST, IdToken
from lti_tool.lti.services import SCOPE_SCORE
from lti_tool.lti.shelves import Portal

MAX_TITLE: Final = 200

Kind = Literal["visit", "deep_linking", "submission_review"]
_KINDS: Final[dict[str, Kind]] = {
    DEEP_LINKING_REQUEST: "deep_linking",
    SUBMISSION_REVIEW_REQUEST: "submission_review",
}

MARKS: Final = ("possible", "no_line_item", "not_allowed")
"""Whether 'klaar' can be told for this link: yes; there is no place for it; we may not (no scope)."""


@dataclass(frozen=True)
class DeepLinking:
    """What a portal says it takes back (LTI deep linking 2.0, section 3.2)."""

    return_url: str
    accept_types: tuple[str, ...]
    accept_multiple: bool | None
    accept_lineitem: bool | None
    data: Any
    """Any JSON, goes back untouched; None: it must not be sent at all."""


@dataclass(frozen=True)
class Launch:
    """What a verified launch says. No e-mail address, and no name but the first one where that was asked for."""

    tenant_id: str
    portal_id: str
    deployment_id: str
    issuer: str
    client_id: str
    sub: str
    roles: tuple[str, ...]
    is_staff: bool
    """Instructor or Administrator in this course."""
    context_id: str | None
    context_title: str | None
    resource_link_id: str
    """Empty for deep linking, which happens before there is a link."""
    custom: Mapping[str, str]
    """Of the link's parameters only `campaign`, `activity` and `team`, and only when filled in."""
    line_item_url: str | None
    line_item_scopes: tuple[str, ...]
    locale: str | None
    return_url: str | None
    """An http(s) address at the portal; it may hold a session key: not for logs."""
    claims_used: Mapping[str, object]
    """Exactly the claims that were used, for the demo's inspection page."""
    kind: Kind = "visit"
    marks: str = "no_line_item"
    """One of `MARKS`."""
    memberships_url: str | None = None
    product: str = ""
    """`product_family_code`, in small letters."""
    portal_origins: tuple[str, ...] = ()
    """Where pages of this portal may stand that put ours in a frame."""
    deep_linking: DeepLinking | None = None
    for_user_sub: str | None = None
    given_name: str | None = field(default=None, repr=False)
    """For the session alone; None unless the municipality greets by name."""


def launch_of(portal: Portal, token: IdToken, *, given_name: str | None = None) -> Launch:
    """The value of a token of which everything was checked."""
    context, presentation, endpoint = token.context, token.launch_presentation, token.endpoint
    custom = token.custom.given() if token.custom else {}
    line_item_url = web_address(endpoint.lineitem) if endpoint else None
    scopes = tuple(endpoint.scope) if endpoint else ()
    locale = presentation.locale if presentation else None
    return_url = web_address(presentation.return_url) if presentation else None
    title = context.title[:MAX_TITLE] if context and context.title else None
    resource_link_id = token.resource_link.id if token.resource_link else ""
    roster, platform = token.namesroleservice, token.tool_platform
    used: dict[str, object] = {
        "iss": token.iss,
        "aud": token.aud,
        "sub": token.sub,
        "iat": token.iat,
        "exp": token.exp,
        f"{LTI}version": token.version,
        f"{LTI}message_type": token.message_type,
        f"{LTI}deployment_id": token.deployment_id,
        f"{LTI}target_link_uri": token.target_link_uri,
        f"{LTI}roles": list(token.roles),
    }
    if resource_link_id:
        used[f"{LTI}resource_link"] = {"id": resource_link_id}
    if context:
        used[f"{LTI}context"] = {"id": context.id, "title": title}
    if custom:
        used[f"{LTI}custom"] = dict(custom)
    if presentation:
        # Moodle's return address carries the user's session key in its query.
        shown = return_url.partition("?")[0] if return_url else None
        used[f"{LTI}launch_presentation"] = {"locale": locale, "return_url": shown}
    if platform and platform.product_family_code:
        used[f"{LTI}tool_platform"] = {"product_family_code": platform.product_family_code}
    if given_name:
        # What is listed here may be kept in the demo; the name itself may not.
        used["given_name"] = "(used for the greeting only)"
    if endpoint:
        used[AGS] = {"scope": list(scopes), "lineitem": line_item_url}
    return Launch(
        tenant_id=portal.tenant_id,
        portal_id=portal.id,
        deployment_id=token.deployment_id,
        issuer=portal.issuer,
        client_id=portal.client_id,
        sub=token.sub,
        roles=tuple(token.roles),
        is_staff=token.is_staff,
        context_id=context.id if context else None,
        context_title=title,
        resource_link_id=resource_link_id,
        custom=custom,
        line_item_url=line_item_url,
        line_item_scopes=scopes,
        locale=locale,
        return_url=return_url,
        claims_used=used,
        kind=_KINDS.get(token.message_type, "visit"),
        marks=_marks(line_item_url, scopes),
        memberships_url=web_address(roster.context_memberships_url) if roster else None,
        product=_product(platform.product_family_code if platform else None),
        # The issuer is not always where the pages are (Canvas), nor is the address of the login.
        portal_origins=origins_of(portal.issuer, portal.auth_login_url, return_url),
        deep_linking=_deep_linking(token),
        for_user_sub=token.for_user.user_id if token.for_user else None,
        given_name=given_name,
    )


def _marks(line_item_url: str | None, scopes: tuple[str, ...]) -> str:
    if line_item_url is None:
        return "no_line_item"
    return "possible" if SCOPE_SCORE in scopes else "not_allowed"


def _product(code: str | None) -> str:
    return (code or "").strip().lower()[:100]


def _deep_linking(token: IdToken) -> DeepLinking | None:
    asked = token.deep_linking_settings
    if asked is None or token.message_type != DEEP_LINKING_REQUEST:
        return None
    return DeepLinking(
        return_url=asked.deep_link_return_url,
        accept_types=tuple(asked.accept_types),
        accept_multiple=asked.accept_multiple,
        accept_lineitem=asked.accept_lineitem,
        data=asked.data,
    )
