"""The portal's gradebook: at most one mark per person and activity, with the rules of a real Moodle.

LTI Assignment and Grade Services 2.0, section 3.4 (score publish service):
https://www.imsglobal.org/spec/lti-ags/v2p0/#score-publish-service
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

LINE_ITEM_MAXIMUM = 100.0
"""What Moodle gives a new column; scores are rescaled to it."""


class ScoreNotLater(Exception):
    """The score's timestamp is not later, in whole seconds, than that of the mark that is there."""


@dataclass(frozen=True)
class Mark:
    """What the gradebook holds. `score_given` is None when a post has blanked the grade."""

    person_id: str
    activity_id: str
    score_given: float | None
    score_maximum: float | None
    activity_progress: str
    grading_progress: str
    timestamp: datetime
    received_at: datetime
    column_maximum: float = LINE_ITEM_MAXIMUM

    @property
    def is_done(self) -> bool:
        """Whether the course page says "klaar": completed and graded, whatever the value."""
        return self.score_given is not None and self.activity_progress in ("Completed", "Submitted")

    @property
    def result(self) -> float | None:
        """The score rescaled to the maximum of its column and capped there, as Moodle shows it."""
        if self.score_given is None or not self.score_maximum:
            return None
        return min(self.score_given / self.score_maximum, 1.0) * self.column_maximum


class Gradebook:
    """Marks in memory; safe to use from several threads."""

    def __init__(self) -> None:
        self._marks: dict[tuple[str, str], Mark] = {}
        self._lock = threading.Lock()

    def record(self, mark: Mark) -> None:
        """Keep this mark in place of the one before.

        Raises:
            ScoreNotLater: Moodle compares whole seconds, so two posts within a second clash.
        """
        key = (mark.person_id, mark.activity_id)
        with self._lock:
            before = self._marks.get(key)
            if before is not None and int(mark.timestamp.timestamp()) <= int(before.timestamp.timestamp()):
                raise ScoreNotLater(mark.activity_id)
            self._marks[key] = mark

    def find(self, person_id: str, activity_id: str) -> Mark | None:
        with self._lock:
            return self._marks.get((person_id, activity_id))

    def marks(self) -> list[Mark]:
        """All marks, by activity and person."""
        with self._lock:
            return sorted(self._marks.values(), key=lambda m: (m.activity_id, m.person_id))
