"""Claims that are signed as they should be, and wrong in one to three ways that we know of.

The shapes are written down here once more, from LTI 1.3 core (https://www.imsglobal.org/spec/lti/v1p3/), deep
linking, submission review and the security framework, apart from those of the tool. A set says with which reason
codes it may be refused, so that a refusal for another reason is seen too.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final, NamedTuple

from benchmarks.launches.portal import AGS, CLIENT, DEEP_LINKING, LTI, MARK, MEMBERSHIP, NRPS, Json, Portal

Change = Callable[[Json, Random], None]


class ClaimSet(NamedTuple):
    """Claims, and the codes with which they may be refused; none: they are good."""

    claims: Json
    codes: frozenset[str]


def wrong_set(portal: Portal, nonce: str, now: float, rng: Random) -> ClaimSet:
    """One to three wrongs in a message of any kind and any role, among harmless differences."""
    claims = _base(portal, nonce, now, rng)
    codes = set()
    for name in rng.sample(sorted(_wrongs(claims)), rng.choice([1, 1, 2, 3])):
        codes |= _spoil(claims, name, rng)
    return ClaimSet(claims, frozenset(codes))


def good_set(portal: Portal, nonce: str, now: float, rng: Random) -> ClaimSet:
    """The same without a wrong: it must come in."""
    return ClaimSet(_base(portal, nonce, now, rng), frozenset())


def _base(portal: Portal, nonce: str, now: float, rng: Random) -> Json:
    """A good message with what portals leave out or add, as certification has a tool accept it."""
    kind = rng.choice(["LtiResourceLinkRequest"] * 3 + ["LtiDeepLinkingRequest", "LtiSubmissionReviewRequest"])
    role = "instructor" if kind == "LtiDeepLinkingRequest" else rng.choice(["learner", "instructor", "admin"])
    claims = portal.claims(role, nonce, now)
    claims[f"{LTI}message_type"] = kind
    if kind == "LtiDeepLinkingRequest":
        claims.pop(f"{LTI}resource_link")
        claims[DEEP_LINKING] = {
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["frame", "iframe", "window"],
            "accept_multiple": True,
            "deep_link_return_url": f"{portal.issuer}/mod/lti/contentitem_return.php?course=2&sesskey={MARK}",
        }
    elif kind == "LtiSubmissionReviewRequest":
        claims[f"{LTI}for_user"] = {"user_id": f"{MARK}-4"}
    grades = claims[AGS]
    for harmless in rng.sample(_HARMLESS, rng.randrange(5)):
        harmless(claims, rng)
    if kind == "LtiSubmissionReviewRequest":  # names the line item that is reviewed (section 3.1)
        claims[AGS] = grades
    return claims


def _without(*names: str) -> Change:
    def drop(claims: Json, _: Random) -> None:
        for name in names:
            claims.pop(name, None)

    return drop


def _with(name: str, *values: Any) -> Change:
    def put(claims: Json, rng: Random) -> None:
        claims[name] = rng.choice(values)

    return put


def _more_roles(claims: Json, rng: Random) -> None:
    claims[f"{LTI}roles"] += [rng.choice(["Learner", f"{MEMBERSHIP}Mentor", "urn:made:up"])]


_HARMLESS: Final[list[Change]] = [
    _without("given_name", "family_name", "name"),
    _without("email"),
    _without("given_name", "family_name", "name", "email"),
    _without(f"{LTI}context"),
    _without(f"{LTI}custom", AGS, NRPS),
    _without(f"{LTI}launch_presentation", f"{LTI}tool_platform"),
    _with("aud", [CLIENT]),
    _with("azp", CLIENT),
    _with(f"{LTI}custom", {}, {"made_up": [1, {"x": None}]}, {"campaign": "", "team": "$Person.team"}),
    _with("https://made.up/claim", None, [], {"x": "y"}),
    _more_roles,
]

# What is wrong, by claim: values of which every one must be refused, and the rest of the reason code.
MISSING: Final = object()
_LONG: Final = "x" * 256
_NOT_A_TEXT: Final = [0, 1, 1.5, True, [], ["x"], {}, {"x": "y"}]
_NOT_AN_ID: Final = [*_NOT_A_TEXT, None, "", _LONG, "a\0b", "a\nb", "\x7f"]
_NOT_A_TIME: Final = ["", "soon", "1795451591", True, [], {}, None, -1, 2**41, 1e300]
_NOT_AN_OBJECT: Final = ["", "x", 1, True, [], [{"id": "1"}]]
_SHAPES: Final[dict[str, tuple[str, list[Any]]]] = {
    "iss": ("iss", [*_NOT_A_TEXT, None]),
    "aud": ("aud", [0, True, {}, None, [1], [None], [[CLIENT]]]),
    "azp": ("azp", _NOT_A_TEXT),
    "nonce": ("nonce", [*_NOT_A_TEXT, None]),
    "iat": ("iat", _NOT_A_TIME),
    "exp": ("exp", _NOT_A_TIME),
    "nbf": ("nbf", [value for value in _NOT_A_TIME if value is not None]),
    "sub": ("sub", _NOT_AN_ID),
    f"{LTI}version": ("version", [*_NOT_A_TEXT, None]),
    f"{LTI}message_type": ("message_type", [*_NOT_A_TEXT, None]),
    f"{LTI}deployment_id": ("deployment_id", _NOT_AN_ID),
    f"{LTI}target_link_uri": ("target_link_uri", [*_NOT_A_TEXT, None]),
    f"{LTI}roles": ("roles", [None, "Learner", 1, True, {}, [1], [None], [["Learner"]], ["a\0"], ["x" * 4097]]),
    f"{LTI}resource_link": (
        "resource_link",
        [*_NOT_AN_OBJECT, *({"id": value} for value in _NOT_AN_ID)],
    ),
    f"{LTI}context": (
        "context",
        [*_NOT_AN_OBJECT, {}, *({"id": value} for value in _NOT_AN_ID), {"id": "2", "title": 1}],
    ),
    f"{LTI}custom": (
        "custom",
        [*_NOT_AN_OBJECT, *({name: ["x"]} for name in ("campaign", "activity", "team")), {"team": "a\nb"}],
    ),
    f"{LTI}launch_presentation": (
        "launch_presentation",
        [*_NOT_AN_OBJECT, {"locale": 1}, {"return_url": {}}, {"locale": "n\0"}],
    ),
    f"{LTI}tool_platform": ("tool_platform", [*_NOT_AN_OBJECT, {"product_family_code": 1}]),
    AGS: ("endpoint", [*_NOT_AN_OBJECT, {"scope": "score"}, {"scope": [1]}, {"lineitem": 1}]),
    NRPS: ("namesroleservice", [*_NOT_AN_OBJECT, {"context_memberships_url": ["x"]}]),
    f"{LTI}for_user": ("for_user", [*_NOT_AN_OBJECT, {}, *({"user_id": value} for value in _NOT_AN_ID)]),
    DEEP_LINKING: (
        "deep_linking_settings",
        [
            *_NOT_AN_OBJECT,
            {},
            {"accept_types": ["link"]},
            {"deep_link_return_url": "https://lms.example/"},
            {"deep_link_return_url": "", "accept_types": []},
            {"deep_link_return_url": 1, "accept_types": []},
            {"deep_link_return_url": "https://lms.example/", "accept_types": "link"},
            {"deep_link_return_url": "https://lms.example/", "accept_types": [], "accept_multiple": "yes"},
            {"deep_link_return_url": "https://lms.example/", "accept_types": [], "data": ["x" * 16_384]},
        ],
    ),
}
_REQUIRED: Final = (
    "iss", "aud", "nonce", "iat", "exp", "sub",
    *(f"{LTI}{name}" for name in ("version", "message_type", "deployment_id", "target_link_uri", "roles")),
)  # fmt: skip
_ELSEWHERE: Final = "https://elsewhere.example"
_DIFFERENT: Final[dict[str, list[tuple[Any, str]]]] = {
    "iss": [(_ELSEWHERE, "iss_differs"), ("", "iss_differs"), (MARK, "iss_differs")],
    "aud": [("other", "aud_differs"), ([], "aud_differs"), ([CLIENT, "other"], "azp_missing")],
    "azp": [("other", "azp_differs"), ("", "azp_differs")],
    "nonce": [("", "nonce_differs"), ("x", "nonce_differs"), (MARK, "nonce_differs")],
    f"{LTI}version": [("1.3", "version_unsupported"), ("1.1", "version_unsupported"), ("", "version_unsupported")],
    f"{LTI}message_type": [
        ("", "message_type_unsupported"),
        (MARK, "message_type_unsupported"),
        ("basic-lti-launch-request", "message_type_unsupported"),
        ("DataPrivacyLaunchRequest", "data_privacy_not_offered"),
    ],
    f"{LTI}deployment_id": [("2", "deployment_unknown"), (MARK, "deployment_unknown")],
    f"{LTI}target_link_uri": [(_ELSEWHERE, "target_differs"), ("", "target_differs"), (MARK, "target_differs")],
}


def _wrongs(claims: Json) -> set[str]:
    """The claims that can be spoiled in this message."""
    unused = set()
    if claims[f"{LTI}message_type"] != "LtiSubmissionReviewRequest":
        unused.add(f"{LTI}for_user")
    return set(_SHAPES) - unused


def _spoil(claims: Json, name: str, rng: Random) -> set[str]:
    """Make one claim wrong; the codes with which that may be refused."""
    code, values = _SHAPES[name]
    way = rng.random()
    if name in _REQUIRED and way < 0.25:
        claims.pop(name, None)
        return {f"{code}_missing"}
    if name in _DIFFERENT and way < 0.5:
        claims[name], reason = rng.choice(_DIFFERENT[name])
        if reason == "azp_missing":
            claims.pop("azp", None)
        return {reason}
    if name in ("iat", "exp", "nbf") and way < 0.5:
        return _spoil_time(claims, name, rng)
    claims[name] = rng.choice(values)
    return {f"{code}_malformed", f"{code}_missing"}


def _spoil_time(claims: Json, name: str, rng: Random) -> set[str]:
    """Beyond the leeway of 60 s by more than a slow machine needs."""
    issued = claims["iat"] if isinstance(claims.get("iat"), int) else 1_795_451_591
    if name == "nbf":
        claims["nbf"] = issued + rng.choice([120, 3600, 10**6])
        return {"nbf_in_future"}
    if name == "iat":
        claims["iat"] = issued + rng.choice([-(10**7), -3600, -700, 120, 3600, 10**7])
        return {"iat_in_future", "iat_too_old", "exp_before_iat", "exp_too_far", "exp_passed"}
    claims["exp"] = issued + rng.choice([-(10**7), -3600, -70, 4200, 10**5, 10**9])
    return {"exp_before_iat", "exp_passed", "exp_too_far"}
