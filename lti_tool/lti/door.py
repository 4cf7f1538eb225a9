"""The door: from the portal's click to a verified launch (OIDC launch flow).

LTI security framework 1.0, section 5.1.1: https://www.imsglobal.org/spec/security/v1p0/#openid_connect_launch_flow

A use case calls `begin` in a transaction, and then `finish`, which opens its own: HTTP is never done inside
one. `take` refuses nothing by itself: an exception inside the transaction would put the one-time record back.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from lti_tool.lti.addresses import origin_of, origins_of, web_address
from lti_tool.lti.claims import (
    IdToken,
    check_audience,
    check_message,
    check_nonce,
    check_times,
    read_claims,
    read_given_name,
)
from lti_tool.lti.errors import LaunchRefused, PortalUnavailable, Refusal
from lti_tool.lti.http import Outgoing
from lti_tool.lti.id_token import Envelope, looks_like_a_token, open_token
from lti_tool.lti.launch import Launch, launch_of
from lti_tool.lti.login import check_login
from lti_tool.lti.message import Message
from lti_tool.lti.oidc import start_login
from lti_tool.lti.platform_keys import KeySet, fetch_keys, kept_keys
from lti_tool.lti.proofs import ProofAtPortal, hash_of, proof_of_one_login
from lti_tool.lti.shelves import CachedJwks, JwksShelf, LoginRecord, LoginShelf, Portal, PortalShelf

Welcomed = TypeVar("Welcomed")

LOGIN_LIVES: Final = timedelta(minutes=10)
"""Long enough to log in at the portal on the way, with two factors."""
MOST_WAITING: Final = 20
"""Deployments of one registration that may wait to be activated."""
LOGIN_REQUIRED: Final = frozenset(
    {"login_required", "interaction_required", "account_selection_required", "consent_required"}
)
"""OpenID Connect Core 1.0, section 3.1.2.6: the user has to do something at the portal first."""

_STATE = re.compile(r"state-[A-Za-z0-9_-]{43}")
_ERROR = re.compile(r"[a-z_]{1,60}")
_FRAME = re.compile(r"[A-Za-z0-9_.:-]{1,100}")


@dataclass(frozen=True)
class Begun:
    """A login on its way: where to send the browser, and what the portal offers besides cookies."""

    url: str
    state: str
    storage_target: str | None
    """Name of the portal's frame that keeps values for us (LTI client side postMessage storage); None: none."""
    portal_origin: str
    """Of the portal's login address: the only one to which such a value may be said."""
    kept_proof: str = ""
    """What the portal may keep for us: proves this one login, and says nothing about the browser's own proof."""
    portal_origins: tuple[str, ...] = ()
    """Where the portal's pages are, as far as its registration tells."""


@dataclass(frozen=True)
class Taken:
    """The portal's answer with the login it belongs to; None: no such login."""

    form: Mapping[str, str]
    browser_proof_hash: str
    record: LoginRecord | None
    portal: Portal | None


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
        greets_by_name: whether a municipality asks for the first name; it is asked inside a transaction.
    """

    def __init__(
        self,
        *,
        portals: PortalShelf,
        logins: LoginShelf,
        key_sets: JwksShelf,
        http: Outgoing,
        launch_url: str,
        greets_by_name: Callable[[str], bool] = lambda tenant_id: False,
    ) -> None:
        self._portals = portals
        self._logins = logins
        self._key_sets = key_sets
        self._http = http
        self._launch_url = launch_url
        self._origin = origin_of(launch_url)
        self._greets_by_name = greets_by_name

    def begin(self, params: Mapping[str, str], browser_proof: str, now: datetime) -> Begun:
        """Check the portal's login request, and remember a one-time state and nonce.

        Args:
            params: of the GET or POST.
            browser_proof: a random value that this browser alone has in a cookie.

        Raises:
            LaunchRefused: with a stable reason code.
        """
        if not browser_proof:
            raise LaunchRefused("browser_proof_missing")
        target = check_login(params, self._origin)
        portal = self._portal_of_login(params["iss"], params.get("client_id", ""))
        offered = params.get("lti_storage_target", "")
        storage_target = offered if _FRAME.fullmatch(offered) else None
        started = start_login(portal, {**params, "client_id": portal.client_id}, self._launch_url)
        kept_proof = proof_of_one_login(started.state, browser_proof)
        self._logins.add_login(
            LoginRecord(
                state=started.state,
                nonce=started.nonce,
                tenant_id=portal.tenant_id,
                portal_id=portal.id,
                issuer=portal.issuer,
                client_id=portal.client_id,
                target_link_uri=target,
                browser_proof_hash=hash_of(kept_proof),
                expires_at=now + LOGIN_LIVES,
                storage_target=storage_target,
            )
        )
        return Begun(
            url=started.url,
            state=started.state,
            storage_target=storage_target,
            portal_origin=_login_origin(portal),
            kept_proof=kept_proof,
            portal_origins=origins_of(portal.issuer, portal.auth_login_url),
        )

    def proof_at_portal(self, form: Mapping[str, str], now: datetime) -> ProofAtPortal | None:
        """Where the proof of this answer's login may be kept; the login is left where it is.

        Returns:
            None when there is no such login, its portal keeps nothing, or the token is not even shaped as one.
        """
        state = form.get("state", "")
        if not _STATE.fullmatch(state) or not looks_like_a_token(form.get("id_token", "")):
            return None
        record = self._logins.find_login(state, now)
        if record is None or record.storage_target is None:
            return None
        portal = self._portals.find_portal(record.issuer, record.client_id)
        return ProofAtPortal(record.storage_target, _login_origin(portal)) if portal else None

    def take(
        self, form: Mapping[str, str], browser_proof: str, now: datetime, *, kept_proof: bool = False
    ) -> Taken:
        """Take the one-time login of this answer, before anything else; refuses nothing (see the module)."""
        state = form.get("state", "")
        record = self._logins.take_login(state, now) if _STATE.fullmatch(state) else None
        portal = self._portals.find_portal(record.issuer, record.client_id) if record else None
        if browser_proof and not kept_proof:
            browser_proof = proof_of_one_login(state, browser_proof)
        return Taken(form, hash_of(browser_proof) if browser_proof else "", record, portal)

    def open(self, taken: Taken, now: datetime) -> Opened | None:
        """Check that this answer belongs to the login and read the token, with the keys that are kept.

        Returns:
            None when the portal's keys must be fetched first.

        Raises:
            LaunchRefused: with a stable reason code.
            PortalUnavailable: the kept keys cannot be read.
        """
        record, portal, envelope, token = self._read(taken)
        keys = kept_keys(portal.jwks, envelope.kid, now)
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
        message.check_content()
        message.check_deployment()
        asked = self._greets_by_name(portal.tenant_id)
        given_name = read_given_name(opened.envelope.claims) if asked else None
        launch = launch_of(portal, token, given_name=given_name)
        if launch.deep_linking and web_address(launch.deep_linking.return_url) is None:
            raise LaunchRefused("deep_linking_settings_malformed", "deep_link_return_url")
        if launch.deep_linking and not launch.is_staff:
            raise LaunchRefused("deep_linking_not_allowed")
        return launch

    def finish(
        self,
        form: Mapping[str, str],
        browser_proof: str,
        now: datetime,
        transaction: Callable[[], AbstractContextManager[None]],
        welcome: Callable[[Launch], Welcomed],
        *,
        kept_proof: bool = False,
    ) -> Welcomed:
        """A whole launch in one transaction; in two when the portal's keys must be fetched in between.

        Args:
            transaction: opens one; it commits at its end.
            welcome: what to do with a verified launch, inside the transaction; its result is returned. It may
                refuse the launch before it writes anything.
            kept_proof: `browser_proof` is what the portal kept for us (`Begun.kept_proof`), not the cookie.

        Raises:
            LaunchRefused: with a stable reason code. The login is used up all the same.
            PortalUnavailable: the portal's keys could not be fetched.
        """
        with transaction():
            taken = self.take(form, browser_proof, now, kept_proof=kept_proof)
            try:
                opened = self.open(taken, now)
            except (LaunchRefused, PortalUnavailable) as err:
                end = err
            else:
                end = self._conclude(opened, now, welcome) if opened else None
        if end is None:
            try:
                opened, fetched = self.open_asking(taken, now)
            except PortalUnavailable as err:
                raise _about(err, taken.portal) from err
            with transaction():
                self._key_sets.save_jwks(opened.portal.tenant_id, opened.portal.id, fetched)
                # While the portal was asked somebody may have switched it off, or activated a deployment.
                portal = self._portals.find_portal(opened.portal.issuer, opened.portal.client_id)
                if portal is None or not portal.enabled:
                    end = LaunchRefused("portal_closed")
                else:
                    end = self._conclude(replace(opened, portal=portal), now, welcome)
        if isinstance(end, _Welcome):
            return end.given
        # After the commit, or the login could be used again.
        raise _about(end, taken.portal)

    def _conclude(
        self, opened: Opened, now: datetime, welcome: Callable[[Launch], Welcomed]
    ) -> _Welcome[Welcomed] | LaunchRefused:
        try:
            launch = self.verify(opened, now)
        except LaunchRefused as err:
            if err.reason_code == "deployment_unknown":
                self._let_wait(opened.portal, opened.token.deployment_id)
            return err
        self._note_product(opened.portal, launch.product)
        try:
            return _Welcome(welcome(launch))
        except LaunchRefused as err:
            return err

    def _let_wait(self, portal: Portal, deployment_id: str) -> None:
        """Keep the deployment of a launch that is good in all else, so that it can be activated."""
        waiting = portal.waiting_deployment_ids
        if deployment_id not in waiting and len(waiting) < MOST_WAITING:
            self._portals.save_portal(replace(portal, waiting_deployment_ids=waiting | {deployment_id}))

    def _note_product(self, portal: Portal, product: str) -> None:
        if product and product != portal.product:
            self._portals.save_portal(replace(portal, product=product))

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
            raise _about(LaunchRefused("portal_closed"), portal)
        return portal


@dataclass(frozen=True)
class _Welcome(Generic[Welcomed]):
    """What came of a verified launch."""

    given: Welcomed


def _about(refused: Refusal, portal: Portal | None) -> Refusal:
    """The same refusal, saying which registration it concerns."""
    if portal is not None:
        refused.tenant_id, refused.portal_id = portal.tenant_id, portal.id
    return refused


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


def _login_origin(portal: Portal) -> str:
    return "/".join(portal.auth_login_url.split("/", 3)[:3])
