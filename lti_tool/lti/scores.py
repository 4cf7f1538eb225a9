"""Tells a portal that somebody is done: 1 of 1, whatever they did (requirements T1; AGS 2.0, section 3.4).

https://www.imsglobal.org/spec/lti-ags/v2p0/#score-publish-service; the access token:
https://www.imsglobal.org/spec/security/v1p0/#using-json-web-tokens-with-oauth-2-0-client-credentials-grant

Of pylti1p3: `Grade` (the body) and `ServiceConnector` (the signed request for a token). Its own posting of
scores is not used: it throws away the answer of a success, of which an HTML page is no success.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal
from urllib.parse import urlsplit, urlunsplit

import requests
from pylti1p3.exception import LtiServiceException
from pylti1p3.grade import Grade
from pylti1p3.registration import Registration
from pylti1p3.service_connector import ServiceConnector

from lti_tool.lti.errors import PortalUnavailable
from lti_tool.lti.http import Outgoing
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.registration import registration_of
from lti_tool.lti.shelves import Portal

SCOPE_SCORE: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCORE_TYPE: Final = "application/vnd.ims.lis.v1.score+json"
DONE: Final = 1
"""scoreGiven and scoreMaximum. No setting sends anything else (requirements T1)."""
TOKEN_ENDS_EARLY: Final = timedelta(seconds=60)
LONGEST_WAIT: Final = timedelta(days=1)
NEEDS_A_PERSON: Final = timedelta(hours=1)
"""Before trying again what only an administrator of the portal can put right."""

_BEARER = re.compile(r"[A-Za-z0-9._~+/=-]{1,16384}")
_RATE_LIMIT = re.compile(rb"rate limit", re.IGNORECASE)
_PASSING: Final = frozenset({408, 425, 429})
_NOT_GRANTED: Final = frozenset({b"invalid_scope", b"unauthorized_client"})
_TOKEN_ERROR = re.compile(rb'"error"\s*:\s*"([a-z_]{1,40})"')


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


@dataclass(frozen=True)
class _AccessToken:
    value: str
    expires_at: datetime


class ScoreSender:
    """Sends completions; keeps access tokens per issuer, client and scopes for as long as they live.

    One for the process: several threads may use it (the worst is a token that is asked for twice).
    """

    def __init__(self, http: Outgoing, tool_keys: ToolKeys) -> None:
        self._http = http
        self._tool_keys = tool_keys
        self._tokens: dict[tuple[str, ...], _AccessToken] = {}

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
        body = _body(user_sub, timestamp)
        try:
            token = self._token(portal, now)
            answer = self._post(scores_url, body, token)
            if answer.status_code == requests.codes.unauthorized:
                # Withdrawn before its time: ask for one new token, once.
                self._tokens.pop(_cache_key(portal, [SCOPE_SCORE]), None)
                answer = self._post(scores_url, body, self._token(portal, now))
        except _NoToken as refused:
            return refused.outcome
        except PortalUnavailable as unavailable:
            return Outcome("retry", unavailable.reason_code)
        return _outcome_of_score(answer, now)

    def _token(self, portal: Portal, now: datetime) -> str:
        connector = _Connector(portal, self._http.session, self._tool_keys, self._tokens, now)
        try:
            return connector.get_access_token([SCOPE_SCORE])
        except LtiServiceException as err:
            raise _NoToken(_outcome_of_token(err.response, now)) from err
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as err:
            # The library takes the shape of a portal's answer for granted.
            raise _NoToken(Outcome("retry", "token_unreadable", NEEDS_A_PERSON)) from err

    def _post(self, scores_url: str, body: str, token: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": SCORE_TYPE}
        return self._http.session.post(scores_url, data=body.encode(), headers=headers)


class _NoToken(Exception):
    """The portal gave no access token."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class _ToolRegistration(Registration):
    """The tool's side of a registration: the library would load a key from PEM for every signature."""

    kid = ""

    def get_kid(self) -> str:
        return self.kid


class _Connector(ServiceConnector):
    """The library's token request, with a cache that two clients of one issuer do not share."""

    def __init__(
        self,
        portal: Portal,
        session: requests.Session,
        tool_keys: ToolKeys,
        tokens: dict[tuple[str, ...], _AccessToken],
        now: datetime,
    ) -> None:
        registration = _ToolRegistration()
        super().__init__(registration_of(portal, registration), session)
        registration.kid = tool_keys.kid
        registration.set_tool_private_key(tool_keys.private_key)  # type: ignore[arg-type]
        self._portal, self._tokens, self._now = portal, tokens, now

    def _scope_key(self, scopes: Any) -> Any:
        return _cache_key(self._portal, scopes)

    def _get_cached_access_token(self, scope_key: Any) -> str | None:
        token = self._tokens.get(scope_key)
        return token.value if token is not None and self._now < token.expires_at else None

    def _cache_access_token(self, scope_key: Any, access_token: Any, expires_in: Any) -> None:
        if not _BEARER.fullmatch(access_token):
            raise ValueError("not a bearer token (RFC 6750, section 2.1)")
        life = timedelta(seconds=min(max(float(expires_in), 0.0), LONGEST_WAIT.total_seconds()))
        self._tokens[scope_key] = _AccessToken(access_token, self._now + life - TOKEN_ENDS_EARLY)


def _cache_key(portal: Portal, scopes: list[str]) -> tuple[str, ...]:
    return (portal.issuer, portal.client_id, *sorted(scopes))


def _body(user_sub: str, timestamp: datetime) -> str:
    grade = Grade()
    grade.set_score_given(DONE).set_score_maximum(DONE)
    # Anything but FullyGraded wipes the grade in Moodle.
    grade.set_activity_progress("Completed").set_grading_progress("FullyGraded")
    grade.set_user_id(user_sub)
    grade.set_timestamp(timestamp.astimezone(UTC).isoformat(timespec="milliseconds"))
    return grade.get_value()


def _scores_url(line_item_url: str) -> str:
    """`/scores` comes after the path and before the query (AGS 2.0, section 3.4.1); Moodle's has a query."""
    parts = urlsplit(line_item_url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/scores", fragment=""))


def _outcome_of_score(answer: requests.Response, now: datetime) -> Outcome:
    page = _is_page(answer)
    if answer.ok and not page:
        # Moodle sends nothing, others the result or an empty object.
        return Outcome("sent", "taken")
    if _is_busy(answer):
        return Outcome("retry", "portal_busy", _wait(answer, now))
    if page:
        # Somebody else answered: a log-in, error or maintenance screen.
        return Outcome("retry", "portal_answered_page", _wait(answer, now))
    return _SCORE_ANSWERS.get(answer.status_code, Outcome("dead", "score_refused"))


def _outcome_of_token(answer: requests.Response, now: datetime) -> Outcome:
    if _is_busy(answer):
        return Outcome("retry", "portal_busy", _wait(answer, now))
    if answer.status_code == requests.codes.not_found and _is_page(answer):
        # Moodle, when it cannot fetch our key set: 30 kB of HTML about fix_jwks_alg().
        return Outcome("retry", "portal_cannot_reach_our_keys", NEEDS_A_PERSON)
    said = _TOKEN_ERROR.search(answer.content)
    if said and said[1] in _NOT_GRANTED:
        return Outcome("dead", "scope_not_granted")
    # Among these is a registration that nobody has activated yet (Moodle, after dynamic registration).
    return Outcome("retry", "token_unreadable" if answer.ok else "token_refused", NEEDS_A_PERSON)


def _is_page(answer: requests.Response) -> bool:
    """By its look: Moodle labels JSON errors as text/html."""
    return answer.content.lstrip().startswith(b"<")


def _is_busy(answer: requests.Response) -> bool:
    """Too many requests or a failing server; Canvas says the first with 403 (Rate Limit Exceeded)."""
    if answer.status_code == requests.codes.forbidden:
        return _RATE_LIMIT.search(answer.content) is not None
    return answer.status_code in _PASSING or answer.status_code >= 500


def _wait(answer: requests.Response, now: datetime) -> timedelta | None:
    """Retry-After (RFC 9110, section 10.2.3) in seconds or as a date, at most a day; None when absent."""
    said = answer.headers.get("Retry-After", "")
    if said.isascii() and said.isdigit():
        wait = timedelta(seconds=min(int(said[:9]), LONGEST_WAIT.total_seconds()))
    else:
        try:
            until = parsedate_to_datetime(said)
        except ValueError:
            return None
        wait = until.replace(tzinfo=until.tzinfo or UTC) - now
    return min(max(wait, timedelta(0)), LONGEST_WAIT)
