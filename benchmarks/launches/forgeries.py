"""What somebody without the portal's key can do to a token."""

from __future__ import annotations

import hashlib
import hmac
import json
import string
from random import Random
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from benchmarks.launches.good import Good, Mutation
from benchmarks.launches.portal import (
    KID,
    LTI,
    MARK,
    MEMBERSHIP,
    OTHER_KID,
    as_json,
    b64,
    jwk,
    private_key,
    public_pem,
    sign,
    unb64,
)

ALPHABET: Final = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
_CURVE: Final = ec.generate_private_key(ec.SECP256R1())


def _bit(good: Good, rng: Random) -> str:
    parts = good.parts
    place = rng.randrange(3)
    raw = bytearray(unb64(parts[place]))
    bit = rng.randrange(len(raw) * 8)
    raw[bit // 8] ^= 1 << bit % 8
    parts[place] = b64(bytes(raw))
    return ".".join(parts)


def _spare_bits(good: Good, rng: Random) -> str:
    """Another last character of the signature, which most readers take for the same bytes."""
    last = ALPHABET.index(good.token[-1])
    return good.token[:-1] + ALPHABET[last ^ rng.randrange(1, 16)]


def _character(good: Good, rng: Random) -> str:
    place = rng.randrange(len(good.token))
    new = rng.choice([*ALPHABET, ".", "=", " ", "+", "/", "\n", "\t", "\0", "é", "字", "\u200b", "%"])
    tail = good.token[place + rng.randrange(2) :]
    return good.token[:place] + new + tail


def _drop(good: Good, rng: Random) -> str:
    place = rng.randrange(len(good.token))
    return good.token[:place] + good.token[place + 1 :]


def _cut(good: Good, rng: Random) -> str:
    place = rng.randrange(len(good.token))
    return good.token[:place] if rng.random() < 0.5 else good.token[place + 1 :]


def _parts(good: Good, rng: Random) -> str:
    parts = good.parts
    order = rng.choice([(0, 2, 1), (1, 0, 2), (2, 1, 0), (1, 2, 0), (0, 1), (0, 1, 2, 2), (0, 0, 1, 2), (1, 1, 2)])
    return rng.choice([".", ".", ".", "..", "%2E"]).join(parts[place] for place in order)


def _around(good: Good, rng: Random) -> str:
    before, after = rng.choice(
        [(" ", ""), ("", " "), ("\n", "\n"), ("", "\0"), ("Bearer ", ""), ("", "="), ("", "=="), ("\ufeff", "")]
    )
    return before + good.token + after


def _padded(good: Good, rng: Random) -> str:
    parts = good.parts
    place = rng.randrange(3)
    parts[place] += "=" * (-len(parts[place]) % 4 or 4)
    return ".".join(parts)


def _graft(good: Good, rng: Random) -> str:
    """Parts of two good tokens together."""
    mixed = [rng.choice(pair) for pair in zip(good.parts, good.other.split("."), strict=True)]
    return ".".join(mixed)


def _payload_swapped(good: Good, rng: Random) -> str:
    """Other claims under the old signature: what a signature is there against."""
    change = rng.choice(
        [
            {f"{LTI}roles": [f"{MEMBERSHIP}Instructor", f"{MEMBERSHIP}Administrator"]},
            {"sub": f"{MARK}-1"},
            {"exp": good.claims["exp"] + rng.randrange(1, 3000)},
            {f"{LTI}deployment_id": "2"},
            {"extra": rng.random()},
        ]
    )
    head, _, signature = good.parts
    return f"{head}.{b64(as_json({**good.claims, **change}))}.{signature}"


def _reformatted(good: Good, rng: Random) -> str:
    """The same claims, written otherwise, under the old signature."""
    head, _, signature = good.parts
    written = json.dumps(good.claims, indent=rng.choice([None, 1, 2]), sort_keys=rng.random() < 0.5)
    return f"{head}.{b64(written.encode())}.{signature}"


def _signature_numbers(good: Good, rng: Random) -> str:
    """The signature as another number that is the same modulo n, or nearly."""
    head, payload, signature = good.parts
    modulus = good.portal.key.public_key().public_numbers().n
    number = int.from_bytes(unb64(signature), "big")
    made = rng.choice([number + modulus, modulus - number, number + 1, number - 1, 0, 1, modulus, number << 8])
    size = max(256, (made.bit_length() + 7) // 8) + rng.choice([0, 0, 1])
    return f"{head}.{payload}.{b64(made.to_bytes(size, 'big'))}"


def _signature_any(good: Good, rng: Random) -> str:
    head, payload, _ = good.parts
    size = rng.choice([0, 1, 32, 64, 255, 256, 256, 256, 257, 512])
    return f"{head}.{payload}.{b64(rng.randbytes(size))}"


def _no_algorithm(good: Good, rng: Random) -> str:
    name = rng.choice(["none", "None", "NONE", "nOnE", "", " none", "null"])
    unsigned = f"{b64(as_json(good.header(alg=name)))}.{good.parts[1]}."
    return unsigned + rng.choice(["", good.parts[2], "AA", b64(b"none")])


def _hmac(good: Good, rng: Random) -> str:
    """HS256 and its like with the portal's public key as the secret."""
    name, hashed = rng.choice([("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512"), ("RS256", "sha256")])
    key = good.portal.key
    secret = rng.choice(
        [
            public_pem(key),
            public_pem(key).strip(),
            as_json(jwk(key, KID)),
            jwk(key, KID)["n"].encode(),
            unb64(jwk(key, KID)["n"]),
            b"",
            KID.encode(),
        ]
    )
    said = f"{b64(as_json(good.header(alg=name)))}.{good.parts[1]}"
    return f"{said}.{b64(hmac.new(secret, said.encode(), getattr(hashlib, hashed)).digest())}"


def _other_key(good: Good, rng: Random) -> str:
    """Signed by somebody else, who may bring along the key or an address where it can be had."""
    theirs = private_key("stranger")
    brought = rng.choice(
        [
            {},
            {"jwk": jwk(theirs, KID)},
            {"jku": "http://127.0.0.1:9/keys"},
            {"x5u": "http://127.0.0.1:9/chain"},
            {"x5c": [b64(public_pem(theirs))]},
            {"kid": "../../stranger"},
            {"kid": OTHER_KID},
        ]
    )
    return sign(good.claims, theirs, good.header(**brought))


def _elliptic(good: Good, rng: Random) -> str:
    said = f"{b64(as_json(good.header(alg=rng.choice(['ES256', 'RS256']))))}.{good.parts[1]}"
    numbers = decode_dss_signature(_CURVE.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{said}.{b64(b''.join(number.to_bytes(32, 'big') for number in numbers))}"


FORGERIES: Final[dict[str, Mutation]] = {
    "one bit": _bit,
    "spare bits": _spare_bits,
    "one character": _character,
    "one character less": _drop,
    "cut": _cut,
    "parts in another order": _parts,
    "something around it": _around,
    "padded": _padded,
    "parts of two tokens": _graft,
    "other claims": _payload_swapped,
    "written otherwise": _reformatted,
    "signature, same modulo n": _signature_numbers,
    "signature of nothing": _signature_any,
    "alg none": _no_algorithm,
    "HMAC with the public key": _hmac,
    "a stranger's key": _other_key,
    "elliptic": _elliptic,
}
