"""Tells a portal that somebody is done: 1 of 1, whatever they did (requirements T1; AGS 2.0, section 3.4).

https://www.imsglobal.org/spec/lti-ags/v2p0/#score-publish-service

Of pylti1p3: `Grade` (the body). Its own posting of scores is not used: it throws away the answer of a success,
of which an HTML page is no success.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    """What became of a completion, and why: a key of `SERVICE_REASONS`.

    `sent`: the portal has it. `retry`: the portal is away or busy; try again with the same timestamp, not before
    `retry_after` (None: as the sender's own back-off says). `blocked`: the same, but somebody has to mend the
    registration first. `doubtful`: it may be this one, so let others go first. `dead`: it will never be taken.
    """

    state: Literal["sent", "retry", "blocked", "doubtful", "dead"]
    reason: str
    retry_after: timedelta | None = None


ANSWERS: Final[dict[str, Outcome]] = {
    outcome.reason: outcome
    for outcome in (
        Outcome("sent", "taken"),
        # The same or a later moment is there: an earlier try of ours, or what a person in the portal decided.
        Outcome("sent", "already_there"),
        Outcome("retry", "portal_busy"),
        Outcome("blocked", "token_not_accepted", NEEDS_A_PERSON),
        Outcome("doubtful", "portal_failed"),
        Outcome("doubtful", "portal_answered_page"),
        Outcome("dead", "learner_cannot_be_graded"),
        Outcome("dead", "role_cannot_be_graded"),
        Outcome("dead", "score_forbidden"),
        Outcome("dead", "line_item_gone"),
        Outcome("dead", "score_refused"),
    )
}
"""Every meaning that an answer of a portal can have; `score_answers` of the quirks names these."""

SPECIFIED: Final = {
    401: "token_not_accepted",
    403: "score_forbidden",
    404: "line_item_gone",
    409: "already_there",
}
"""What statuses mean where the quirks say nothing (AGS 2.0, score publish service; RFC 9110)."""


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
            timestamp: of the completion, to the second; the same at every new try, because portals refuse a
                score that is not later than the one they have (that answer then means: it is already there).

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
            if refused.reason == "portal_busy":
                return Outcome("retry", refused.reason, refused.retry_after)
            return Outcome("blocked", refused.reason, NEEDS_A_PERSON)
        except PortalUnavailable as unavailable:
            return _outcome_without_answer(unavailable)
        return _outcome_of(portal, answer, now)


def _body(portal: Portal, user_sub: str, timestamp: datetime) -> str:
    grade = Grade()
    grade.set_extra_claims(dict(quirks_of(portal).score_extension))
    grade.set_score_given(DONE).set_score_maximum(DONE)
    # Anything but FullyGraded wipes the grade in Moodle.
    grade.set_activity_progress("Completed").set_grading_progress("FullyGraded")
    grade.set_user_id(user_sub)
    # Whole seconds: Moodle compares no finer. The milliseconds are what AGS 2.0 asks for.
    whole = timestamp.astimezone(UTC).replace(microsecond=0)
    grade.set_timestamp(whole.isoformat(timespec="milliseconds"))
    return grade.get_value()


def _scores_url(line_item_url: str) -> str:
    """`/scores` comes after the path and before the query (AGS 2.0, section 3.4.1); Moodle's has a query."""
    parts = urlsplit(line_item_url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/scores", fragment=""))


def _outcome_without_answer(unavailable: PortalUnavailable) -> Outcome:
    if unavailable.reason_code == "portal_unreachable":
        return Outcome("retry", unavailable.reason_code)
    if unavailable.at_token:
        return Outcome("blocked", unavailable.reason_code, NEEDS_A_PERSON)
    # Each course has an address of its own; the fault may be in this one.
    return Outcome("doubtful", unavailable.reason_code)


def _outcome_of(portal: Portal, answer: requests.Response, now: datetime) -> Outcome:
    outcome = ANSWERS[_meaning(portal, answer)]
    if outcome.state == "retry":
        return replace(outcome, retry_after=wait_of(answer, now))
    return outcome


def _meaning(portal: Portal, answer: requests.Response) -> str:
    page = is_page(answer)
    if answer.ok and not page:
        # Moodle sends nothing, others the result or an empty object.
        return "taken"
    if answer.status_code == requests.codes.server_error:
        return "portal_failed"
    if is_busy(answer):
        return "portal_busy"
    if page:
        # Somebody else answered: a log-in, error or maintenance screen.
        return "portal_answered_page"
    for known in quirks_of(portal).score_answers:
        if known.fits(answer.status_code, answer.content):
            return known.reason
    return SPECIFIED.get(answer.status_code, "score_refused")
