"""Who may do what at the built-in LRS: names and passwords derived from one secret for each right (ADR 6).

A name is `<owner>/<right>`, for example `voorbeeldstad/read_group`; its password is made from the name and the
secret of that right, so that the tool and an LRS in a process of its own agree without a shared table.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

RIGHTS = ("write_operator", "write_group", "read_operator", "read_group", "erase")
EVERYBODY = "*"
"""The owner that reads the statements of all owners in its stream: the operator of the installation."""

ANYTHING = "anything"
"""The action of a caller that writes and reads; no right gives it, only a doorkeeper made for trying an LRS."""


@dataclass(frozen=True)
class Access:
    """What a proven caller may do.

    `owner`: whose statements it writes and reads; `*` reads those of every owner.
    `action`: `write`, `read` or `erase`. `stream`: `operator` or `group`; empty for `erase`: both.
    """

    owner: str
    action: str
    stream: str


class Credentials:
    """Makes and checks names and passwords.

    Args:
        secrets: one for each of RIGHTS; a right without a secret cannot be used.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = dict(secrets)

    def make(self, owner: str, right: str) -> tuple[str, str]:
        """Name and password of an owner's right. Raises KeyError when there is no secret for it."""
        name = f"{owner}/{right}"
        return name, _password(self._secrets[right], name)

    def check(self, name: str, password: str) -> Access | None:
        """What this caller may do, or None; takes the same time whichever part is wrong."""
        owner, _, right = name.rpartition("/")
        secret = self._secrets.get(right, "")
        matches = hmac.compare_digest(_password(secret, name).encode(), password.encode())
        if not (matches and secret and owner and right in RIGHTS):
            return None
        action, _, stream = right.partition("_")
        return Access(owner, action, stream)


def _password(secret: str, name: str) -> str:
    digest = hmac.new(secret.encode(), name.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
