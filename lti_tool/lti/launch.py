"""A launch from the portal's click to a plain value: who, in which course, as what (OIDC launch flow).

LTI security framework 1.0, section 5.1.1: https://www.imsglobal.org/spec/security/v1p0/#openid_connect_launch_flow

A use case calls `begin` in a transaction, and then `finish`, which opens its own: HTTP is never done inside
one. `take` refuses nothing by itself: an exception inside the transaction would put the one-time record back.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from lti_tool.lti.addresses import origin_of, web_address
from lti_tool.lti.claims import (
    AGS,
    LTI,
    IdToken,
    check_audience,
    check_message,
    check_nonce,
    check_times,
    read_claims,
)
from lti_tool.lti.errors import LaunchRefused, PortalUnavailable
from lti_tool.lti.http import Outgoing
from lti_tool.lti.id_token import Envelope, open_token
from lti_tool.lti.message import Message
from lti_tool.lti.oidc import start_login
from lti_tool.lti.platform_keys import KeySet, fetch_keys, kept_keys
from lti_tool.lti.shelves import CachedJwks, JwksShelf, LoginRecord, LoginShelf, Portal, PortalShelf

Welcomed = TypeVar("Welcomed")

LOGIN_LIVES: Final = timedelta(minutes=10)
"""Long enough to log in at the portal on the way, with two factors."""
MAX_LOGIN_VALUE: Final = 8192
"""Characters of one parameter of a login; Canvas and Blackboard put whole tokens in lti_message_hint."""
MAX_TARGET: Final = 2000
MAX_TITLE: Final = 200
LOGIN_REQUIRED: Final = frozenset(
    {"login_required", "interaction_required", "account_selection_required", "consent_required"}
)
"""OpenID Connect Core 1.0, section 3.1.2.6: the user has to do something at the portal first."""

_STATE = re.compile(r"state-[A-Za-z0-9_-]{43}")
_ERROR = re.compile(r"[a-z_]{1,60}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Launch:
    """What a verified launch says. No name and no e-mail address: they never leave this module."""

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
    custom: Mapping[str, str]
    """Of the link's parameters only `campaign`, `activity` and `team`, and only when filled in."""
    line_item_url: str | None
    line_item_scopes: tuple[str, ...]
    locale: str | None
    return_url: str | None
    """An http(s) address at the portal; it may hold a session key: not for logs."""
    claims_used: Mapping[str, object]
    """Exactly the claims that were used, for the demo's inspection page."""


@dataclass(frozen=True)
class Taken:
    """The portal's answer with the login it belongs to; None: no such login."""

    form: Mapping[str, str]
    browser_proof_hash: str
    record: LoginRecord | None
    portal: Portal | None
    cached: CachedJwks | None


@dataclass(frozen=True)
class Opened:
    """A readable token for this login, and the keys to check it with."""

    record: LoginRecord
    portal: Portal
    envelope: Envelope
    token: IdToken
    keys: KeySet


class LaunchDoor:
    """Begins and verifies launches.

    Args:
        launch_url: the tool's one redirect_uri; portals must have it registered, to the letter.
    """

    def __init__(
        self,
        *,
        portals: PortalShelf,
        logins: LoginShelf,
        key_sets: JwksShelf,
        http: Outgoing,
        launch_url: str,
    ) -> None:
        self._portals = portals
        self._logins = logins
        self._key_sets = key_sets
        self._http = http
        self._launch_url = launch_url
        self._origin = origin_of(launch_url)

    def begin(self, params: Mapping[str, str], browser_proof: str, now: datetime) -> str:
        """Check the portal's login request, and remember a one-time state and nonce.

        Args:
            params: of the GET or POST.
            browser_proof: a random value that this browser alone has in a cookie.

        Returns:
            The address at the portal to send the browser to.

        Raises:
            LaunchRefused: with a stable reason code.
        """
        if not browser_proof:
            raise LaunchRefused("browser_proof_missing")
        for name, value in params.items():
            if len(value) > MAX_LOGIN_VALUE or _CONTROL.search(value):
                raise LaunchRefused("request_malformed", _known(name))
        for name, missing in _REQUIRED_AT_LOGIN.items():
            if not params.get(name):
                raise LaunchRefused(missing)
        target = params["target_link_uri"]
        if len(target) > MAX_TARGET:
            raise LaunchRefused("request_malformed", "target_link_uri")
        origin = origin_of(target)
        if origin is None or origin != self._origin:
            raise LaunchRefused("target_elsewhere")
        portal = self._portal_of_login(params["iss"], params.get("client_id", ""))
        started = start_login(portal, {**params, "client_id": portal.client_id}, self._launch_url)
        self._logins.add_login(
            LoginRecord(
                state=started.state,
                nonce=started.nonce,
                tenant_id=portal.tenant_id,
                portal_id=portal.id,
                issuer=portal.issuer,
                client_id=portal.client_id,
                target_link_uri=target,
                browser_proof_hash=_hash(browser_proof),
                expires_at=now + LOGIN_LIVES,
            )
        )
        return started.url

    def take(self, form: Mapping[str, str], browser_proof: str, now: datetime) -> Taken:
        """Take the one-time login of this answer, before anything else; refuses nothing (see the module)."""
        state = form.get("state", "")
        record = self._logins.take_login(state, now) if _STATE.fullmatch(state) else None
        portal = self._portals.find_portal(record.issuer, record.client_id) if record else None
        cached = self._key_sets.load_jwks(portal.tenant_id, portal.id) if portal else None
        return Taken(form, _hash(browser_proof) if browser_proof else "", record, portal, cached)

    def open(self, taken: Taken, now: datetime) -> Opened | None:
        """Check that this answer belongs to the login and read the token, with the keys that are kept.

        Returns:
            None when the portal's keys must be fetched first.

        Raises:
            LaunchRefused: with a stable reason code.
            PortalUnavailable: the kept keys cannot be read.
        """
        record, portal, envelope, token = self._read(taken)
        keys = kept_keys(taken.cached, envelope.kid, now)
        return None if keys is None else Opened(record, portal, envelope, token, keys)

    def open_asking(self, taken: Taken, now: datetime) -> tuple[Opened, CachedJwks]:
        """The same, with keys that the portal is asked for; outside any transaction.

        Raises:
            LaunchRefused: with a stable reason code.
            PortalUnavailable: the portal's keys could not be fetched.
        """
        record, portal, envelope, token = self._read(taken)
        keys, fetched = fetch_keys(portal, self._http, now)
        return Opened(record, portal, envelope, token, keys), fetched

    def _read(self, taken: Taken) -> tuple[LoginRecord, Portal, Envelope, IdToken]:
        record, portal = _login_of(taken)
        envelope = open_token(taken.form.get("id_token", ""))
        token = read_claims(envelope.claims)
        if token.iss != record.issuer:
            raise LaunchRefused("iss_differs")
        check_audience(token, record.client_id)
        return record, portal, envelope, token

    def verify(self, opened: Opened, now: datetime) -> Launch:
        """Verify signature and claims.

        Raises:
            LaunchRefused: with a stable reason code.
        """
        record, portal, token = opened.record, opened.portal, opened.token
        key = opened.keys.get(opened.envelope.kid)
        if key is None:
            raise LaunchRefused("kid_unknown")
        message = Message(portal, opened.envelope, key)
        message.check_signature()
        check_nonce(token, record.nonce)
        check_times(token, now)
        check_message(token)
        if token.target_link_uri != record.target_link_uri:
            raise LaunchRefused("target_differs")
        if token.resource_link is None:
            raise LaunchRefused("resource_link_missing")
        message.check_content()
        return _launch(portal, token, token.resource_link.id)

    def finish(
        self,
        form: Mapping[str, str],
        browser_proof: str,
        now: datetime,
        transaction: Callable[[], AbstractContextManager[None]],
        welcome: Callable[[Launch], Welcomed],
    ) -> Welcomed:
        """A whole launch in one transaction; in two when the portal's keys must be fetched in between.

        Args:
            transaction: opens one; it commits at its end.
            welcome: what to do with a verified launch, inside the transaction; its result is returned.

        Raises:
            LaunchRefused: with a stable reason code. The login is used up all the same.
            PortalUnavailable: the portal's keys could not be fetched.
        """
        refused: LaunchRefused | PortalUnavailable | None = None
        with transaction():
            taken = self.take(form, browser_proof, now)
            try:
                opened = self.open(taken, now)
                launch = self.verify(opened, now) if opened else None
            except (LaunchRefused, PortalUnavailable) as err:
                refused = err  # raised after the commit, or the login could be used again
            else:
                if launch is not None:
                    return welcome(launch)
        if refused is not None:
            raise refused
        opened, fetched = self.open_asking(taken, now)
        with transaction():
            self._key_sets.save_jwks(opened.portal.tenant_id, opened.portal.id, fetched)
        launch = self.verify(opened, now)
        with transaction():
            return welcome(launch)

    def _portal_of_login(self, issuer: str, client_id: str) -> Portal:
        if client_id:
            portal = self._portals.find_portal(issuer, client_id)
        else:
            found = self._portals.portals_of_issuer(issuer)
            if len(found) > 1:
                raise LaunchRefused("client_missing")
            portal = found[0] if found else None
        if portal is None:
            raise LaunchRefused("portal_unknown")
        if not portal.enabled:
            raise LaunchRefused("portal_closed")
        return portal


_REQUIRED_AT_LOGIN: Final = {
    "iss": "issuer_missing",
    "login_hint": "login_hint_missing",
    "target_link_uri": "target_missing",
}
_LOGIN_PARAMETERS: Final = frozenset(_REQUIRED_AT_LOGIN) | {
    "client_id",
    "lti_message_hint",
    "lti_deployment_id",
    "lti_storage_target",
}


def _known(name: str) -> str:
    """The name of a parameter for the log, unless a stranger made it up."""
    return name if name in _LOGIN_PARAMETERS else "another parameter"


def _login_of(taken: Taken) -> tuple[LoginRecord, Portal]:
    """The login and its portal, when the answer came with them, in the browser that began."""
    error = taken.form.get("error", "")
    if error:
        reason_code = "portal_login_required" if error in LOGIN_REQUIRED else "portal_error"
        raise LaunchRefused(reason_code, error if _ERROR.fullmatch(error) else "")
    if not taken.form.get("state"):
        raise LaunchRefused("state_missing")
    record, portal = taken.record, taken.portal
    if record is None:
        raise LaunchRefused("state_unknown")
    if not taken.browser_proof_hash:
        raise LaunchRefused("browser_proof_missing")
    if not secrets.compare_digest(taken.browser_proof_hash, record.browser_proof_hash):
        raise LaunchRefused("browser_differs")
    if portal is None or (portal.tenant_id, portal.id) != (record.tenant_id, record.portal_id):
        raise LaunchRefused("portal_unknown")
    if not portal.enabled:
        raise LaunchRefused("portal_closed")
    return record, portal


def _launch(portal: Portal, token: IdToken, resource_link_id: str) -> Launch:
    context, presentation, endpoint = token.context, token.launch_presentation, token.endpoint
    custom = token.custom.given() if token.custom else {}
    line_item_url = web_address(endpoint.lineitem) if endpoint else None
    scopes = tuple(endpoint.scope) if endpoint else ()
    locale = presentation.locale if presentation else None
    return_url = web_address(presentation.return_url) if presentation else None
    title = context.title[:MAX_TITLE] if context and context.title else None
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
        f"{LTI}resource_link": {"id": resource_link_id},
    }
    if context:
        used[f"{LTI}context"] = {"id": context.id, "title": title}
    if custom:
        used[f"{LTI}custom"] = dict(custom)
    if presentation:
        # Moodle's return address carries the user's session key in its query.
        shown = return_url.partition("?")[0] if return_url else None
        used[f"{LTI}launch_presentation"] = {"locale": locale, "return_url": shown}
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
    )


def _hash(browser_proof: str) -> str:
    return hashlib.sha256(browser_proof.encode("utf-8", "replace")).hexdigest()
