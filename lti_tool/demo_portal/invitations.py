"""Tokens for an application that an administrator is about to connect, each good for one registration."""

from __future__ import annotations

import secrets
import threading
from datetime import datetime, timedelta

LIFETIME = timedelta(hours=1)
"""As Moodle's."""


class Invitations:
    """Tokens with the course they are for; safe to use from several threads."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[str, datetime]] = {}
        self._lock = threading.Lock()

    def make(self, course_id: str, now: datetime) -> str:
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._open = {t: kept for t, kept in self._open.items() if kept[1] > now}
            self._open[token] = (course_id, now + LIFETIME)
        return token

    def find(self, token: str, now: datetime) -> str | None:
        """The course of a token that is still open, which it stays."""
        with self._lock:
            course_id, until = self._open.get(token, ("", now))
        return course_id if until > now else None

    def take(self, token: str) -> bool:
        """Use it up; False when another registration was first."""
        with self._lock:
            return self._open.pop(token, None) is not None
