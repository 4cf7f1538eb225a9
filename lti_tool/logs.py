"""Logs: one JSON object a line, without anything about a person."""

from __future__ import annotations

import logging
import re
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
SERVERS = ("gunicorn.error", "gunicorn.access", "werkzeug", "lti_tool")
"""Loggers that may name the address of a request."""

_HANDLE = re.compile(r"(/s/)[A-Za-z0-9_-]{43}")
"""A session in a path (`lti_tool.web.handles`)."""


class WithoutHandles(logging.Filter):
    """Takes the session out of a path before the line is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if _HANDLE.search(said):
            record.msg, record.args = _without_handles(said), None
        return True


def configure(level: str) -> None:
    """Write to standard error from this level on; what the server itself logs loses its handles too."""
    for name in SERVERS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, WithoutHandles) for known in logger.filters):
            logger.addFilter(WithoutHandles())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_people,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
            lambda logger, method, line: _without_handles(line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def _without_handles(text: str) -> str:
    return _HANDLE.sub(r"\1…", text)


def _without_people(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in event.items() if key not in NEVER_LOGGED}
