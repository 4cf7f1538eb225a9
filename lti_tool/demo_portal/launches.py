"""Launches on their way: what `lti_message_hint` refers to, kept until the tool has asked once."""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

LIFETIME = timedelta(minutes=10)
TARGETS = ("iframe", "window")


@dataclass(frozen=True)
class PendingLaunch:
    """Somebody clicked an activity, or a button to add one; `target` is `iframe` or `window`."""

    id: str
    person_id: str
    activity_id: str | None
    """None: the tool is to say what comes on the course page."""
    target: str
    begun_at: datetime

    @property
    def hint(self) -> str:
        """The `lti_message_hint`: JSON, as Moodle sends it; the tool must hand it back untouched."""
        module = {} if self.activity_id is None else {"cmid": int(self.activity_id)}
        return json.dumps({**module, "launchid": self.id}, separators=(",", ":"))


class PendingLaunches:
    """Launches by id; safe to use from several threads."""

    def __init__(self) -> None:
        self._launches: dict[str, PendingLaunch] = {}
        self._lock = threading.Lock()

    def begin(self, person_id: str, activity_id: str | None, target: str, now: datetime) -> PendingLaunch:
        launch = PendingLaunch(f"ltilaunch_{secrets.token_hex(8)}", person_id, activity_id, target, now)
        with self._lock:
            self._launches = {k: v for k, v in self._launches.items() if now - v.begun_at < LIFETIME}
            self._launches[launch.id] = launch
        return launch

    def take(self, hint: str, person_id: str, now: datetime) -> PendingLaunch | None:
        """The launch of this hint, once and only for the person who began it."""
        launch_id = _launch_id(hint)
        with self._lock:
            launch = self._launches.get(launch_id)
            if launch is None or launch.person_id != person_id or now - launch.begun_at >= LIFETIME:
                return None
            if launch.hint != hint:
                return None
            return self._launches.pop(launch_id)


def _launch_id(hint: str) -> str:
    try:
        value = json.loads(hint)
    except ValueError:
        return ""
    launch_id = value.get("launchid") if isinstance(value, dict) else None
    return launch_id if isinstance(launch_id, str) else ""
