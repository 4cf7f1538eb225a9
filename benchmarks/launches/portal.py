"""A portal outside: its key, the claims that a real Moodle 4.5 sends, and its key set.

It imports nothing of the tool. What is in it about somebody is marked, so that it can be looked for afterwards.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, cast

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

Json = dict[str, Any]

LTI: Final = "https://purl.imsglobal.org/spec/lti/claim/"
AGS: Final = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS: Final = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DEEP_LINKING: Final = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
MEMBERSHIP: Final = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
PERSON: Final = "http://purl.imsglobal.org/vocab/lis/v2/"

CLIENT: Final = "NFXT6epyuV37F7P"
DEPLOYMENT: Final = "1"
KID: Final = "30ccc9a45606fbe8b6e3"
OTHER_KID: Final = "an-older-key-of-the-portal"
MARK: Final = "zzqx7"
"""In everything that a token says about a person or a course: nothing with it may come back or be logged."""

ROLES: Final[Mapping[str, list[str]]] = {
    "learner": [f"{MEMBERSHIP}Learner"],
    "instructor": [f"{MEMBERSHIP}Instructor"],
    "admin": [
        f"{PERSON}institution/person#Administrator",
        f"{MEMBERSHIP}Instructor",
        f"{PERSON}system/person#Administrator",
    ],
}


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """One key per name for the whole process; making one is slow."""
    return rsa.generate_private_key(65537, 2048)


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    parts = {"n": number_text(numbers.n), "e": number_text(numbers.e)}
    return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, **parts}


def number_text(number: int) -> str:
    return b64(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def as_json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def sign(
    claims: Json | bytes,
    key: rsa.RSAPrivateKey,
    header: Json | bytes | None = None,
    hashed: hashes.HashAlgorithm | None = None,
    pad: padding.AsymmetricPadding | None = None,
) -> str:
    """A compact token; bytes go in as they are."""
    head = {"alg": "RS256", "kid": KID, "typ": "JWT"} if header is None else header
    parts = [part if isinstance(part, bytes) else as_json(part) for part in (head, claims)]
    signed = ".".join(b64(part) for part in parts)
    signature = key.sign(signed.encode(), pad or padding.PKCS1v15(), hashed or hashes.SHA256())
    return f"{signed}.{b64(signature)}"


@cache
def _loaded(pem: bytes) -> rsa.RSAPrivateKey:
    return cast(rsa.RSAPrivateKey, serialization.load_pem_private_key(pem, None))


def _private_pem() -> bytes:
    return rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class Portal:
    """One registration at one issuer: the keys that it publishes, and the claims that it signs.

    It can be sent to another process, where it signs with the same keys.
    """

    def __init__(self, issuer: str, tool_url: str) -> None:
        self.issuer = issuer
        self.launch_url = f"{tool_url}/lti/launch"
        self._pem, self._other_pem = _private_pem(), _private_pem()

    @property
    def key(self) -> rsa.RSAPrivateKey:
        return _loaded(self._pem)

    @property
    def other_key(self) -> rsa.RSAPrivateKey:
        return _loaded(self._other_pem)

    def registration(self) -> Json:
        """As an administrator would describe it to the tool."""
        return {
            "id": "leerportaal",
            "name": "Leerportaal",
            "issuer": self.issuer,
            "client_id": CLIENT,
            "auth_login_url": f"{self.issuer}/mod/lti/auth.php",
            "token_url": f"{self.issuer}/mod/lti/token.php",
            "jwks_url": f"{self.issuer}/mod/lti/certs.php",
            "deployment_ids": [DEPLOYMENT],
        }

    def key_set(self) -> str:
        return json.dumps({"keys": [jwk(self.key, KID), jwk(self.other_key, OTHER_KID)]})

    def login(self) -> dict[str, str]:
        """The parameters with which the portal begins a login."""
        return {
            "iss": self.issuer,
            "target_link_uri": self.launch_url,
            "login_hint": "4",
            "lti_message_hint": '{"cmid":1,"launchid":"ltilaunch1_594436983"}',
            "client_id": CLIENT,
            "lti_deployment_id": DEPLOYMENT,
        }

    def claims(self, role: str, nonce: str, now: float, person: str = "4") -> Json:
        """A launch as recorded from Moodle 4.5.6; the person's details are marked."""
        issued = int(now)
        return {
            "nonce": nonce,
            "iat": issued,
            "exp": issued + 60,
            "iss": self.issuer,
            "aud": CLIENT,
            f"{LTI}deployment_id": DEPLOYMENT,
            f"{LTI}target_link_uri": self.launch_url,
            "sub": f"{MARK}-{person}",
            f"{LTI}lis": {"person_sourcedid": f"{MARK}-emp", "course_section_sourcedid": f"{MARK}-DV-101"},
            f"{LTI}roles": list(ROLES[role]),
            f"{LTI}context": {
                "id": f"{MARK}-2",
                "label": f"{MARK} DV101",
                "title": f"{MARK} Digitale vaardigheden",
                "type": ["CourseSection"],
            },
            f"{LTI}message_type": "LtiResourceLinkRequest",
            f"{LTI}resource_link": {"title": f"{MARK} Vragen", "description": MARK, "id": f"{MARK}-1"},
            "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome": {
                "lis_result_sourcedid": f'{{"data":{{"instanceid":"1","userid":"{MARK}"}},"hash":"{MARK}"}}',
                "lis_outcome_service_url": f"{self.issuer}/mod/lti/service.php",
            },
            "given_name": f"{MARK} Sam",
            "family_name": f"{MARK} de Vries",
            "name": f"{MARK} Sam de Vries",
            f"{LTI}ext": {"user_username": f"{MARK}-student", "lms": "moodle-2"},
            "email": f"{MARK}@gemeente.example",
            f"{LTI}launch_presentation": {
                "locale": "nl",
                "document_target": "iframe",
                "return_url": f"{self.issuer}/mod/lti/return.php?course=2&sesskey={MARK}",
            },
            f"{LTI}tool_platform": {
                "product_family_code": "moodle",
                "version": "2024100706",
                "guid": "b2dd130d4b6e3caa605e694bcd80c5c2",
                "name": "leerportaal",
                "description": "Gemeente Leerportaal",
            },
            f"{LTI}version": "1.3.0",
            f"{LTI}custom": {"userid": f"{MARK}", "idnumber": f"{MARK}-student", "courseend": ""},
            AGS: {
                "scope": [
                    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
                    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
                    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
                ],
                "lineitems": f"{self.issuer}/mod/lti/services.php/2/lineitems?type_id=1",
                "lineitem": f"{self.issuer}/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1",
            },
            NRPS: {
                "context_memberships_url": (
                    f"{self.issuer}/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
                ),
                "service_versions": ["1.0", "2.0"],
            },
        }
