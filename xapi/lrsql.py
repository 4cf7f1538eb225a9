"""Erase at the SQL LRS of Yet Analytics, which deletes an actor for good when its administrator asks.

https://github.com/yetanalytics/lrsql/blob/main/doc/endpoints.md: its administration stands beside `/xapi`, an
account logs in for a token, and `DELETE /admin/agents` works only where LRSQL_ENABLE_ADMIN_DELETE_ACTOR is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

import requests

from xapi.client import CONNECT_SECONDS, READ_SECONDS, LrsUnavailable, as_object, asked


class LrsqlAdministrator:
    """One account of an SQL LRS.

    Args:
        url: address of the LRS, to which `/statements` is added.
    """

    def __init__(self, url: str, username: str, password: str) -> None:
        parts = urlsplit(url.rstrip("/"))
        beside = parts.path.rpartition("/")[0]
        self._administration = urlunsplit((parts.scheme, parts.netloc, f"{beside}/admin", "", ""))
        self._account = {"username": username, "password": password}
        self._session = requests.Session()

    def erase(self, agent: Mapping[str, object]) -> None:
        """Delete, for good, an agent that is an account, and every statement with it.

        Raises:
            LrsUnavailable, LrsRefused
        """
        account = cast(Mapping[str, str], agent["account"])
        token = self._ask("POST", "account/login", self._account, {}).get("json-web-token")
        if not isinstance(token, str):
            raise LrsUnavailable("the answer is not from an SQL LRS")
        named = {"actor-ifi": f"account::{account['name']}@{account['homePage']}"}
        self._ask("DELETE", "agents", named, {"Authorization": f"Bearer {token}"})

    def _ask(self, method: str, path: str, body: Mapping[str, str], headers: dict[str, str]) -> dict[str, Any]:
        answer = asked(
            self._session,
            method,
            f"{self._administration}/{path}",
            json=body,
            headers=headers,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
        )
        return as_object(answer)
