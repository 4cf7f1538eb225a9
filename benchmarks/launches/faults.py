"""What a portal with a fault could sign: everything is right but one thing."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from benchmarks.launches.good import Good, Mutation
from benchmarks.launches.portal import CLIENT, KID, LTI, MARK, OTHER_KID, as_json, b64, sign

SIZES: Final = (5_000, 60_000, 70_000, 300_000)
_TEXTS: Final = [None, 0, 1, 1.5, True, [], ["x"], {}, {"x": "y"}]
OTHER_TYPES: Final[list[tuple[str, list[Any]]]] = [
    *((name, _TEXTS) for name in ("iss", "nonce", "sub")),
    *((f"{LTI}{name}", _TEXTS) for name in ("version", "message_type", "deployment_id", "target_link_uri")),
    ("aud", [None, 0, True, {}, [1], [None], [[CLIENT]], {"aud": CLIENT}]),
    *((name, [None, "", "now", True, [], {}, -1, 1e300, 10**300]) for name in ("iat", "exp")),
    (f"{LTI}roles", [None, "Learner", 1, True, {}, [1], [None], [["Learner"]], [{"role": "Learner"}]]),
    (f"{LTI}resource_link", [None, "1", 1, [], True, {}, {"id": None}, {"id": 1}, {"id": []}, {"id": ""}]),
    (f"{LTI}context", ["2", 1, [], True, {}, {"id": None}, {"id": 2}, {"id": "2", "title": 1}]),
    (f"{LTI}custom", ["x", 1, [], True, {"team": 1}, {"campaign": []}, {"activity": {}}]),
    (f"{LTI}launch_presentation", ["x", 1, [], {"locale": 1}, {"return_url": []}]),
]


def _wrong_key_of_portal(good: Good, rng: Random) -> str:
    """Both are keys of the portal, but not the one that is named."""
    key, kid = rng.choice([(good.portal.other_key, KID), (good.portal.key, OTHER_KID)])
    return sign(good.claims, key, good.header(kid=kid))


def _other_algorithm(good: Good, rng: Random) -> str:
    """Really signed with the portal's key, in a way that LTI does not know."""
    key = good.portal.key
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    name, hashed, pad = rng.choice(
        [
            ("RS384", hashes.SHA384(), padding.PKCS1v15()),
            ("RS512", hashes.SHA512(), padding.PKCS1v15()),
            ("PS256", hashes.SHA256(), pss),
            ("RS256", hashes.SHA384(), padding.PKCS1v15()),
            ("RS256", hashes.SHA256(), pss),
            ("rs256", hashes.SHA256(), padding.PKCS1v15()),
        ]
    )
    return sign(good.claims, key, good.header(alg=name), hashed, pad)


def _kid(good: Good, rng: Random) -> str:
    kid = rng.choice(
        [
            None, "", " ", 0, 1, True, [KID], {"kid": KID}, KID.upper(), KID + " ",
            " " + KID, KID + "\0", KID[:-1],
            "../../../../dev/null", "' OR 1=1 --", "k" * 255, "k" * 256, "k" * 20_000, "\ud83d\ude00", MARK,
        ]
    )  # fmt: skip
    header = good.header()
    header["kid"] = kid
    if kid is None and rng.random() < 0.5:
        del header["kid"]
    return good.signed(header=header)


def _header_of_another_kind(good: Good, rng: Random) -> str:
    header = rng.choice(
        [
            b"[]", b"null", b"1", b'"RS256"', b"{}", b"", b"{", b"\xff\xfe", b"{'alg':'RS256'}",
            b'{"alg":"RS256"}', as_json([good.header()]),
            as_json({"alg": ["RS256"], "kid": KID}), as_json({"ALG": "RS256", "kid": KID}),
            as_json(good.header(crit=["exp"])), as_json(good.header(b64=False, crit=["b64"])),
            as_json(good.header(b64=False)), as_json(good.header(b64=True)), as_json(good.header(crit=[])),
            b"\xef\xbb\xbf" + as_json(good.header()), as_json(good.header()).decode().encode("utf-16"),
            as_json(good.header()) + b"{}", as_json(good.header())[:-1] + b',"alg":"none"}',
            as_json(good.header())[:-1] + b',"k\\u0069d":"x"}',
        ]
    )  # fmt: skip
    return good.signed(header=header)


def _claims_of_another_kind(good: Good, rng: Random) -> str:
    text = as_json(good.claims)
    body = rng.choice(
        [
            b"[]", b"null", b"true", b"1e400", b"", b"{}", b"{", text[:-1], text + text, text + b"\0",
            b"[" + text + b"]", b'"' + b64(text).encode() + b'"', b"\xef\xbb\xbf" + text,
            text.decode().encode("utf-16"), text.decode().encode("utf-32-le"), text[:-1] + b',"sub":NaN}',
            text[:-1] + b',"x":Infinity}',
            text[:-1] + b',"x":"\\ud800"}', text[:-1] + b',"x":"\xff"}', text[:-1] + b",}",
            text[:-1] + b',"x":' + b"[" * 15_000 + b"]" * 15_000 + b"}",
            text[:-1] + b',"x":1' + b"0" * 5_000 + b"}",
            text.replace(b'":', b'"=', 1), text.replace(b",", b",,", 1),
        ]
    )  # fmt: skip
    return good.signed(body)


def _name_twice(good: Good, rng: Random) -> str:
    """The first or the last may count; to two readers it could be two people."""
    name = rng.choice(list(good.claims))
    value = good.claims[name] if rng.random() < 0.5 else rng.choice([None, 1, "x", [], {}])
    again = as_json({name: value})[1:-1]
    text = as_json(good.claims)
    return good.signed(b"{" + again + b"," + text[1:] if rng.random() < 0.5 else text[:-1] + b"," + again + b"}")


def _another_type(good: Good, rng: Random) -> str:
    """One claim that the tool uses, as another kind of JSON."""
    name, wrongs = rng.choice(OTHER_TYPES)
    return good.signed({**good.claims, name: rng.choice(wrongs)})


def _time(good: Good, rng: Random) -> str:
    """Outside the leeway of 60 s by at least 5 s, so that a slow moment changes nothing."""
    now = good.claims["iat"]
    day = 86_400
    late, far = rng.choice([660, 3600, day, 400 * day]), rng.choice([66, 90, 3600, day, 10**6])
    iat, exp = rng.choice(
        [
            (now - late, now + 60),
            (now - late, now - late + 60),
            (now - 120, now - 120 + rng.randrange(50)),
            (now + 60 + far, now + 120 + far),
            (now, now - 1 - far),
            (now, now + 3900 + far),
            (now, 2**40),
            (2**40, 2**40),
            (-1, now + 60),
            (now * 1000, now * 1000 + 60_000),
            (str(now), now + 60),
            (now, str(now + 60)),
        ]
    )
    shifted = {**good.claims, "iat": iat, "exp": exp}
    if rng.random() < 0.2:
        shifted = {**good.claims, "nbf": now + 60 + far}
    return good.signed(shifted)


def _unicode(good: Good, rng: Random) -> str:
    """What looks the same, or vanishes on the way."""
    name = rng.choice(["iss", "aud", "nonce", f"{LTI}deployment_id", f"{LTI}version", f"{LTI}target_link_uri"])
    text = str(good.claims[name])
    disguised = rng.choice(
        [
            text + "\u200b", "\ufeff" + text, text + "\0", text.replace("1", "\u0661", 1), text + "\u0301",
            text[:-1] + "\ud83d\ude00", text + "\u202e", text.replace("e", "\u0435", 1), text.swapcase() + " ",
            text + "/", text + "?", text + "#", "\u0000",
        ]
    )  # fmt: skip
    return good.signed({**good.claims, name: disguised if disguised != text else text + "\u200b"})


def _huge(good: Good, rng: Random) -> str:
    """A claim that is too large, or a whole that is."""
    size = rng.choice(SIZES)
    name = rng.choice(["sub", f"{LTI}deployment_id", "nonce", "iss", "aud"])
    return good.signed({**good.claims, name: "x" * size})


def _stale(good: Good, rng: Random) -> str:
    """A good token of this portal that belongs to another login: a replay with a new state."""
    return good.other if rng.random() < 0.5 else good.signed({**good.claims, "nonce": b64(rng.randbytes(32))})


def _for_somebody_else(good: Good, rng: Random) -> str:
    change = rng.choice(
        [
            {"aud": "another-client"}, {"aud": [CLIENT, "another-client"]}, {"aud": []}, {"aud": CLIENT + " "},
            {"azp": "another-client"}, {"aud": ["a", CLIENT], "azp": "a"}, {"iss": "https://elsewhere.example"},
            {"iss": good.portal.issuer + "/"}, {f"{LTI}deployment_id": "2"}, {f"{LTI}deployment_id": "01"},
            {f"{LTI}target_link_uri": "https://elsewhere.example/lti/launch"},
            {f"{LTI}target_link_uri": good.portal.launch_url + "/"}, {f"{LTI}version": "1.3"},
            {f"{LTI}message_type": "LtiDeepLinkingRequest"}, {f"{LTI}message_type": "LtiSubmissionReviewRequest"},
            {f"{LTI}message_type": "DataPrivacyLaunchRequest"}, {f"{LTI}message_type": "ltiresourcelinkrequest"},
        ]
    )  # fmt: skip
    return good.signed({**good.claims, **change})


FAULTS: Final[dict[str, Mutation]] = {
    "another key of the portal": _wrong_key_of_portal,
    "another RSA algorithm": _other_algorithm,
    "kid": _kid,
    "header of another kind": _header_of_another_kind,
    "claims of another kind": _claims_of_another_kind,
    "a name twice": _name_twice,
    "another type": _another_type,
    "time": _time,
    "unicode": _unicode,
    "huge": _huge,
    "of another login": _stale,
    "for somebody else": _for_somebody_else,
}
