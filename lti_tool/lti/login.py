"""A portal's login request, looked at before anything is remembered of it.

https://www.imsglobal.org/spec/security/v1p0/#step-1-third-party-initiated-login
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from lti_tool.lti.addresses import origin_of
from lti_tool.lti.errors import LaunchRefused

MAX_LOGIN_VALUE: Final = 8192
"""Characters of one parameter of a login; Canvas and Blackboard put whole tokens in lti_message_hint."""
MAX_TARGET: Final = 2000
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_REQUIRED_AT_LOGIN: Final = {
    "iss": "issuer_missing",
    "login_hint": "login_hint_missing",
    "target_link_uri": "target_missing",
}
_LOGIN_PARAMETERS: Final = frozenset(_REQUIRED_AT_LOGIN) | {
    "client_id",
    "lti_message_hint",
    "lti_deployment_id",
    "lti_storage_target",
}


def check_login(params: Mapping[str, str], own_origin: tuple[str, str, int] | None) -> str:
    """The target of a login that can be answered.

    Args:
        own_origin: of this tool, as `origin_of` says it.

    Raises:
        LaunchRefused: `request_malformed`, `…_missing` or `target_elsewhere`.
    """
    for name, value in params.items():
        if len(value) > MAX_LOGIN_VALUE or _CONTROL.search(value):
            raise LaunchRefused("request_malformed", _known(name))
    for name, missing in _REQUIRED_AT_LOGIN.items():
        if not params.get(name):
            raise LaunchRefused(missing)
    target = params["target_link_uri"]
    if len(target) > MAX_TARGET:
        raise LaunchRefused("request_malformed", "target_link_uri")
    origin = origin_of(target)
    if origin is None or origin != own_origin:
        raise LaunchRefused("target_elsewhere")
    return target


def _known(name: str) -> str:
    """The name of a parameter for the log, unless a stranger made it up."""
    return name if name in _LOGIN_PARAMETERS else "another parameter"
