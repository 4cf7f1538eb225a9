"""What shows that the browser that comes back is the one that went away.

In a cookie the browser has a secret of its own, the same for every login. A browser without cookies has the
portal keep a value for one login (LTI client side postMessages, platform storage:
https://www.imsglobal.org/spec/lti-pm-s/v0p1). That value is derived from the secret and the login's state, so
whoever reads it at the portal can neither guess the secret nor use it for another login.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class ProofAtPortal:
    """Where the proof of a login that came back without a cookie may be kept."""

    storage_target: str
    """Name of the portal's frame."""
    portal_origin: str
    """The only origin that may be asked, and whose answer counts."""


def proof_of_one_login(state: str, browser_proof: str) -> str:
    """The value that the portal may keep for us."""
    return hash_of(f"{state}:{browser_proof}")


def hash_of(proof: str) -> str:
    """SHA-256, hexadecimal: proofs have 256 random bits, so a plain hash cannot be turned back."""
    return hashlib.sha256(proof.encode("utf-8", "replace")).hexdigest()
