"""Logs: one JSON object a line, without anything about a person."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

NEVER_LOGGED = frozenset(
    {
        "id_token",
        "state",
        "nonce",
        "sid",
        "sub",
        "name",
        "given_name",
        "family_name",
        "email",
        "password",
        "cookie",
    }
)
"""Keys that are dropped wherever they come from (requirements D12)."""


def configure(level: str) -> None:
    """Write to standard error from this level on."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_people,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def _without_people(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in event.items() if key not in NEVER_LOGGED}
