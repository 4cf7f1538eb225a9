"""A launch that would come in, from which others are made that must not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from benchmarks.launches.portal import KID, Json, Portal, sign


@dataclass
class Good:
    """A launch that would come in, and what somebody could have besides it."""

    portal: Portal
    claims: Json
    token: str
    other: str
    """Another good token of the same portal: another login, another role."""

    @property
    def parts(self) -> list[str]:
        return self.token.split(".")

    def signed(self, claims: Json | bytes | None = None, header: Json | bytes | None = None) -> str:
        """With the portal's own key: only what is changed is wrong."""
        return sign(self.claims if claims is None else claims, self.portal.key, header)

    def header(self, **changes: Any) -> Json:
        """The usual header with some members changed; None takes one out."""
        full = {"alg": "RS256", "kid": KID, "typ": "JWT", **changes}
        return {name: value for name, value in full.items() if value is not None}


Mutation = Callable[[Good, Random], str]
