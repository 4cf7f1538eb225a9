"""A portal for tests: real RS256 tokens with the claims of a recorded Moodle 4.5, and shelves in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwcrypto.jwk import JWK

from lti_tool.lti.claims import AGS, LTI
from lti_tool.lti.door import LaunchDoor
from lti_tool.lti.launch import Launch
from lti_tool.lti.shelves import CachedJwks, LoginRecord, Portal, StoredKey

NOW = datetime(2026, 11, 23, 10, 20, tzinfo=UTC)
ISSUER = "http://127.0.0.1:8090"
CLIENT = "NFXT6epyuV37F7P"
LAUNCH_URL = "https://tool.example/lti/launch"
PROOF = "the-random-cookie-of-one-browser"
KID = "30ccc9a45606fbe8b6e3"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"

PORTAL = Portal(
    tenant_id="voorbeeldstad",
    id="leerportaal",
    name="Leerportaal",
    issuer=ISSUER,
    client_id=CLIENT,
    auth_login_url=f"{ISSUER}/mod/lti/auth.php",
    token_url=f"{ISSUER}/mod/lti/token.php",
    jwks_url=f"{ISSUER}/mod/lti/certs.php",
    deployment_ids=frozenset({"1"}),
)

ROLES: dict[str, list[str]] = {
    "learner": [f"{MEMBERSHIP}Learner"],
    "instructor": [f"{MEMBERSHIP}Instructor"],
    "admin": [
        "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator",
        f"{MEMBERSHIP}Instructor",
        "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator",
    ],
}
SUBS = {"learner": "4", "instructor": "3", "admin": "2"}

PERSONAL = {
    "given_name": "Sam",
    "family_name": "de Vries",
    "name": "Sam de Vries",
    "email": "student@gemeente.example",
}

LOGIN_PARAMS = {
    "iss": ISSUER,
    "target_link_uri": LAUNCH_URL,
    "login_hint": "4",
    "lti_message_hint": '{"cmid":1,"launchid":"ltilaunch1_594436983"}',
    "client_id": CLIENT,
    "lti_deployment_id": "1",
}


@cache
def rsa_key(name: str = "portal") -> RSAPrivateKey:
    """One key per name for the whole run; making one is slow."""
    return generate_private_key(65537, 2048)


def jwk_of(name: str = "portal", kid: str = KID) -> dict[str, Any]:
    public = JWK.from_pyca(rsa_key(name).public_key()).export_public(as_dict=True)
    return {**public, "alg": "RS256", "kid": kid, "use": "sig"}


def key_set(*keys: dict[str, Any]) -> str:
    return json.dumps({"keys": list(keys)})


def claims_of(role: str = "learner", nonce: str = "n", now: datetime = NOW) -> dict[str, Any]:
    """The claims of a recorded launch, with the parts that do nothing here cut short."""
    issued = int(now.timestamp())
    return {
        "nonce": nonce,
        "iat": issued,
        "exp": issued + 60,
        "iss": ISSUER,
        "aud": CLIENT,
        f"{LTI}deployment_id": "1",
        f"{LTI}target_link_uri": LAUNCH_URL,
        "sub": SUBS[role],
        f"{LTI}lis": {"person_sourcedid": "emp-student", "course_section_sourcedid": "DV-101"},
        f"{LTI}roles": list(ROLES[role]),
        f"{LTI}context": {
            "id": "2",
            "label": "DV101",
            "title": "Digitale vaardigheden",
            "type": ["CourseSection"],
        },
        f"{LTI}message_type": "LtiResourceLinkRequest",
        f"{LTI}resource_link": {"title": "Breakout game activity", "description": "Test lti 1", "id": "1"},
        **PERSONAL,
        f"{LTI}ext": {"user_username": "student", "lms": "moodle-2"},
        f"{LTI}launch_presentation": {
            "locale": "en",
            "document_target": "window",
            "return_url": f"{ISSUER}/mod/lti/return.php?course=2&sesskey=geheim",
        },
        f"{LTI}tool_platform": {"product_family_code": "moodle", "version": "2024100706"},
        f"{LTI}version": "1.3.0",
        f"{LTI}custom": {"userid": "4", "idnumber": "emp-student", "courseend": ""},
        AGS: {
            "scope": [
                "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
                "https://purl.imsglobal.org/spec/lti-ags/scope/score",
            ],
            "lineitems": f"{ISSUER}/mod/lti/services.php/2/lineitems?type_id=1",
            "lineitem": f"{ISSUER}/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1",
        },
    }


def sign(claims: Any, *, key: str = "portal", **header: Any) -> str:
    """A compact token; `header` changes the usual one, None takes a member out."""
    full = {"alg": "RS256", "kid": KID, "typ": "JWT", **header}
    # PyJWS signs any bytes, also what PyJWT would not call claims.
    token = jwt.PyJWS().encode(json.dumps(claims).encode(), rsa_key(key), algorithm="RS256", headers={"kid": KID})
    usual = {"alg": "RS256", "kid": KID, "typ": "JWT"}
    return token if full == usual else sign_raw(full, json.dumps(claims).encode(), key)


def sign_raw(header: Mapping[str, Any] | bytes, payload: bytes, key: str = "portal") -> str:
    """Sign whatever is given as if it were a token."""
    head = (
        header
        if isinstance(header, bytes)
        else json.dumps({k: v for k, v in header.items() if v is not None}).encode()
    )
    signed = b".".join((_base64url(head), _base64url(payload)))
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    return b".".join((signed, _base64url(algorithm.sign(signed, rsa_key(key))))).decode()


def _base64url(raw: bytes) -> bytes:
    return jwt.utils.base64url_encode(raw)


class Shelves:
    """Storage in memory that insists on a transaction, and on none while HTTP is going on."""

    def __init__(self, *portals: Portal) -> None:
        self.portals = list(portals)
        self.logins: dict[str, LoginRecord] = {}
        self.jwks: dict[tuple[str, str], CachedJwks] = {}
        self.keys: list[StoredKey] = []
        self.inside = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Puts everything back when something is raised inside, as a database does."""
        before = dict(self.logins)
        self.inside = True
        try:
            yield
        except BaseException:
            self.logins = before
            raise
        finally:
            self.inside = False

    def find_portal(self, issuer: str, client_id: str) -> Portal | None:
        assert self.inside
        found = (p for p in self.portals if (p.issuer, p.client_id) == (issuer, client_id))
        return next((replace(p, jwks=self.jwks.get((p.tenant_id, p.id))) for p in found), None)

    def portals_of_issuer(self, issuer: str) -> list[Portal]:
        assert self.inside
        return [p for p in self.portals if p.issuer == issuer]

    def add_login(self, record: LoginRecord) -> None:
        assert self.inside
        self.logins[record.state] = record

    def save_portal(self, portal: Portal) -> None:
        assert self.inside
        self.portals = [
            portal if (p.tenant_id, p.id) == (portal.tenant_id, portal.id) else p for p in self.portals
        ]

    def find_login(self, state: str, now: datetime) -> LoginRecord | None:
        assert self.inside
        record = self.logins.get(state)
        return record if record is not None and record.expires_at > now else None

    def take_login(self, state: str, now: datetime) -> LoginRecord | None:
        assert self.inside
        record = self.logins.pop(state, None)
        return record if record is not None and record.expires_at > now else None

    def save_jwks(self, tenant_id: str, portal_id: str, jwks: CachedJwks) -> None:
        assert self.inside
        self.jwks[tenant_id, portal_id] = jwks

    def load_keys(self, *, for_update: bool = False) -> list[StoredKey]:
        assert self.inside
        return sorted(self.keys, key=lambda key: key.signs_from)

    def add_key(self, key: StoredKey) -> None:
        assert self.inside
        self.keys.append(key)

    def retire_key(self, kid: str, gone_at: datetime) -> None:
        assert self.inside
        self.keys = [replace(key, gone_at=gone_at) if key.kid == kid else key for key in self.keys]


class KeyServer:
    """In the place of `Outgoing`: gives a key set, and counts how often it was asked."""

    def __init__(self, shelves: Shelves, body: str) -> None:
        self._shelves = shelves
        self.body = body
        self.asked = 0

    def get_text(self, url: str) -> str:
        assert not self._shelves.inside, "a portal is never asked inside a transaction"
        self.asked += 1
        return self.body


class Visit:
    """One browser going from the portal to the tool."""

    def __init__(self, *portals: Portal, http: Any = None) -> None:
        self.shelves = Shelves(*(portals or (PORTAL,)))
        self.server = KeyServer(self.shelves, key_set(jwk_of()))
        self.door = LaunchDoor(
            portals=self.shelves,
            logins=self.shelves,
            key_sets=self.shelves,
            http=http or self.server,
            launch_url=LAUNCH_URL,
        )

    def begin(self, proof: str = PROOF, now: datetime = NOW, **params: str) -> dict[str, str]:
        """Start a login; returns what the portal gets to see."""
        asked = {k: v for k, v in {**LOGIN_PARAMS, **params}.items() if v != "-"}
        with self.shelves.transaction():
            url = self.door.begin(asked, proof, now).url
        return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}

    def finish(
        self, form: Mapping[str, str], proof: str = PROOF, now: datetime = NOW + timedelta(seconds=2)
    ) -> Launch:
        return self.door.finish(form, proof, now, self.shelves.transaction, lambda launch: launch)

    def launch(self, role: str = "learner", **changes: Any) -> Launch:
        """A whole launch; `changes` replace claims by name, None takes one out."""
        seen = self.begin()
        claims = claims_of(role, seen["nonce"])
        for name, value in changes.items():
            full = name if name in claims or name in ("azp", "nbf") else f"{LTI}{name}"
            if value is None:
                claims.pop(AGS if name == "endpoint" else full, None)
            else:
                claims[AGS if name == "endpoint" else full] = value
        return self.finish({"state": seen["state"], "id_token": sign(claims)})
