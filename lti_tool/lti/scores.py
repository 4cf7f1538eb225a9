"""Tells a portal that somebody is done: 1 of 1, whatever they did (requirements T1; AGS 2.0, section 3.4).

https://www.imsglobal.org/spec/lti-ags/v2p0/#score-publish-service

Of pylti1p3: `Grade` (the body). Its own posting of scores is not used: it throws away the answer of a success,
of which an HTML page is no success.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit, urlunsplit

import requests
from pylti1p3.grade import Grade

from lti_tool.lti.errors import PortalUnavailable
from lti_tool.lti.quirks import quirks_of
from lti_tool.lti.services import (
    NEEDS_A_PERSON,
    SCOPE_SCORE,
    NoToken,
    PortalServices,
    is_busy,
    is_page,
    wait_of,
)
from lti_tool.lti.shelves import Portal

SCORE_TYPE: Final = "application/vnd.ims.lis.v1.score+json"
DONE: Final = 1
"""scoreGiven and scoreMaximum. No setting sends anything else (requirements T1)."""


@dataclass(frozen=True)
class Outcome:
    """What became of a completion.

    `sent`: the portal has it. `retry`: try again with the same timestamp, not before `retry_after` (None:
    as the sender's own back-off says). `dead`: it will never be taken; a person should look at `reason`.
    """

    state: Literal["sent", "retry", "dead"]
    reason: str
    """A stable code; nothing of what the portal answered."""
    retry_after: timedelta | None = None


_SCORE_ANSWERS: Final = {
    # "Not later than what I have": an earlier try of this same score did arrive.
    409: Outcome("sent", "already_there"),
    # Moodle, for somebody who is not (any more) a learner in the course.
    400: Outcome("dead", "learner_cannot_be_graded"),
    401: Outcome("retry", "token_not_accepted", NEEDS_A_PERSON),
    # Brightspace, for a role that may not be graded; others when the service was switched off.
    403: Outcome("dead", "not_allowed"),
    404: Outcome("dead", "line_item_gone"),
}


class ScoreSender:
    """Sends completions."""

    def __init__(self, services: PortalServices) -> None:
        self._services = services

    def send_completion(
        self, portal: Portal, line_item_url: str, user_sub: str, timestamp: datetime, now: datetime
    ) -> Outcome:
        """Post "klaar" for one learner. Never inside a transaction; never for staff (Moodle refuses them).

        Args:
            line_item_url: the `lineitem` of the launch's claim.
            user_sub: the portal's id of the learner.
            timestamp: of the completion; the same at every new try, because portals refuse a score that is
                not later than the one they have (that answer then means: it is already there).

        Raises nothing that a portal can cause; see `Outcome`.
        """
        if timestamp > now:
            # Moodle keeps a time in the future, and then refuses everything before it.
            return Outcome("retry", "not_due", timestamp - now)
        try:
            scores_url = _scores_url(line_item_url)
        except ValueError:
            return Outcome("dead", "line_item_unusable")
        body = _body(portal, user_sub, timestamp).encode()
        try:
            answer = self._services.call(
                portal, SCOPE_SCORE, "POST", scores_url, now, headers={"Content-Type": SCORE_TYPE}, data=body
            )
        except NoToken as refused:
            return Outcome("dead" if refused.final else "retry", refused.reason, refused.retry_after)
        except PortalUnavailable as unavailable:
            return Outcome("retry", unavailable.reason_code)
        return _outcome_of_score(answer, now)


def _body(portal: Portal, user_sub: str, timestamp: datetime) -> str:
    grade = Grade()
    grade.set_score_given(DONE).set_score_maximum(DONE)
    # Anything but FullyGraded wipes the grade in Moodle.
    grade.set_activity_progress("Completed").set_grading_progress("FullyGraded")
    grade.set_user_id(user_sub)
    grade.set_timestamp(timestamp.astimezone(UTC).isoformat(timespec="milliseconds"))
    grade.set_extra_claims(dict(quirks_of(portal).score_extension))
    return grade.get_value()


def _scores_url(line_item_url: str) -> str:
    """`/scores` comes after the path and before the query (AGS 2.0, section 3.4.1); Moodle's has a query."""
    parts = urlsplit(line_item_url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/scores", fragment=""))


def _outcome_of_score(answer: requests.Response, now: datetime) -> Outcome:
    page = is_page(answer)
    if answer.ok and not page:
        # Moodle sends nothing, others the result or an empty object.
        return Outcome("sent", "taken")
    if is_busy(answer):
        return Outcome("retry", "portal_busy", wait_of(answer, now))
    if page:
        # Somebody else answered: a log-in, error or maintenance screen.
        return Outcome("retry", "portal_answered_page", wait_of(answer, now))
    return _SCORE_ANSWERS.get(answer.status_code, Outcome("dead", "score_refused"))
