"""What the protocol refuses, said as facts with stable codes (security framework, section 5.1.3).

https://www.imsglobal.org/spec/security/v1p0/#authentication-response-validation
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

LAUNCH_REASONS: Final[dict[str, str]] = {
    # The login that should precede every launch.
    "request_malformed": "a value is too long, or holds characters that no portal sends",
    "issuer_missing": "the login names no issuer",
    "login_hint_missing": "the login has no login_hint",
    "target_missing": "the login has no target_link_uri",
    "target_elsewhere": "target_link_uri is not on the host of this tool",
    "portal_unknown": "no portal is registered with this issuer and client_id",
    "client_missing": "the login names no client_id, and the issuer has more than one registration",
    "portal_closed": "the registration of this portal is switched off",
    "browser_proof_missing": "the browser sent no cookie",
    # The answer of the portal.
    "portal_login_required": "the portal asks the user to log in there first",
    "portal_error": "the portal answered with an OIDC error instead of a token",
    "state_missing": "no usable state",
    "state_unknown": "this state was never given out, has expired, or was used before (a replay)",
    "browser_differs": "another browser began this login",
    "token_missing": "no id_token",
    "token_too_large": "the id_token is larger than 64 KB",
    "token_malformed": "the id_token is not three parts of base64url with two JSON objects",
    "algorithm_refused": "the token is not signed with RS256",
    "kid_missing": "the token's header names no key",
    "kid_unknown": "the portal publishes no key with this kid",
    "signature_wrong": "the signature does not belong to the portal's key",
    # Claims: who, for whom, when.
    "iss_missing": "no iss",
    "iss_malformed": "iss is not a text",
    "iss_differs": "the token comes from another issuer than the login",
    "aud_missing": "no aud",
    "aud_malformed": "aud is neither a text nor a list of texts",
    "aud_differs": "the token is meant for another client",
    "azp_malformed": "azp is not a text",
    "azp_missing": "several audiences, and no azp that says for whom",
    "azp_differs": "azp names another client",
    "nonce_missing": "no nonce",
    "nonce_malformed": "nonce is not a text",
    "nonce_differs": "the nonce is not the one of this login",
    "iat_missing": "no iat",
    "iat_malformed": "iat is not a number",
    "iat_in_future": "issued more than 60 s from now: one of the clocks is wrong",
    "iat_too_old": "issued more than 10 minutes ago",
    "exp_missing": "no exp",
    "exp_malformed": "exp is not a number",
    "exp_passed": "expired more than 60 s ago: late, or one of the clocks is wrong",
    "exp_too_far": "valid for more than 65 minutes",
    "exp_before_iat": "expires before it was issued",
    "nbf_malformed": "nbf is not a number",
    "nbf_in_future": "not valid yet",
    "sub_missing": "no sub: anonymous launches are refused",
    "sub_malformed": "sub is not a text of 1 to 255 characters",
    # Claims: the message.
    "version_missing": "no LTI version",
    "version_malformed": "the LTI version is not a text",
    "version_unsupported": "another LTI version than 1.3.0",
    "message_type_missing": "no message_type",
    "message_type_malformed": "message_type is not a text",
    "message_type_unsupported": "a message type that LTI does not have",
    "data_privacy_not_offered": "a data privacy request; this tool does not offer it yet",
    "message_refused": "the message lacks something that its type requires",
    "deployment_id_missing": "no deployment_id",
    "deployment_id_malformed": "deployment_id is not a text of 1 to 255 characters",
    "deployment_unknown": "this deployment has not been activated at the tool",
    "target_link_uri_missing": "the token has no target_link_uri",
    "target_link_uri_malformed": "target_link_uri is not a text",
    "target_differs": "target_link_uri is not the one of the login",
    "roles_missing": "no roles",
    "roles_malformed": "roles is not a list of texts",
    "resource_link_missing": "no resource_link, or one without id",
    "resource_link_malformed": "resource_link is not an object with an id of 1 to 255 characters",
    "context_malformed": "context is not an object with an id",
    "custom_malformed": "custom is not an object, or a parameter of this tool is not a text",
    "launch_presentation_malformed": "launch_presentation is not an object of texts",
    "endpoint_malformed": "the grade service's claim is not an object with a list of scopes",
    "namesroleservice_malformed": "the claim of the list of participants is not an object of texts",
    "tool_platform_malformed": "tool_platform is not an object of texts",
    "for_user_missing": "a submission review request that does not say about whom",
    "for_user_malformed": "for_user is not an object with a user_id of 1 to 255 characters",
    "deep_linking_settings_missing": "a deep linking request without settings",
    "deep_linking_settings_malformed": "the deep linking settings lack something or have a wrong type",
    "campaign_unknown": "the link names a campaign that the municipality does not have, or it has none yet",
    "deep_linking_not_allowed": "only instructors and administrators of a course may choose what is put in it",
}
"""Every code with its meaning for an administrator; codes are never renamed, they are in logs and manuals."""

PORTAL_REASONS: Final[dict[str, str]] = {
    "portal_unreachable": "no answer in time, a broken connection, or a certificate that is not trusted",
    "portal_address_refused": "not https, or an address inside a private network",
    "portal_redirects": "the portal sends the tool to another address; redirects are not followed",
    "portal_answer_too_large": "the portal's answer is larger than 64 KB (2 MB for a page of participants)",
    "portal_answer_refused": "the portal answered with an error",
    "portal_keys_unreadable": "the portal's key set is not a JSON Web Key Set",
}


REGISTRATION_REASONS: Final[dict[str, str]] = {
    "request_malformed": "the address of the configuration or the registration token cannot be right",
    "configuration_unreadable": "the portal's configuration lacks something, or has a wrong type",
    "issuer_differs": "the configuration names an issuer that is not where the configuration stands",
    "launch_not_offered": "the portal does not offer LtiResourceLinkRequest",
    "domain_refused": "the portal finds that the domain is not that of the target address",
    "registration_token_refused": "the portal does not take its registration token: used before, or too old",
    "registration_refused": "the portal refuses the registration",
    "registration_unreadable": "the portal's answer to the registration has no client_id",
    "portal_busy": "the portal has too much to do",
    "portal_taken": "this issuer and client_id belong to another portal",
    "portal_differs": "the portal of this name has another issuer; its learners would be mixed up",
}

SERVICE_REASONS: Final[dict[str, str]] = {
    **PORTAL_REASONS,
    "works": "works",
    # How the portal answers at all.
    "portal_busy": "the portal asks to come back later, or is down for a moment",
    "portal_failed": "the portal failed while it handled this one (HTTP 500)",
    "portal_answered_page": "a web page instead of data: a log-in, an error or maintenance screen",
    "portal_has_no_keys": "the portal publishes no key that it could sign a launch with",
    "service_refused": "the service answered with an error",
    "answer_unreadable": "the service's answer is not what the specification says",
    # What it says to a request for an access token, and to the token itself.
    "portal_cannot_reach_our_keys": "the portal cannot fetch the key set of this tool",
    "scope_not_granted": "the tool was not given the right to use this service",
    "token_refused": "the portal does not know the tool, or nobody has activated it there yet",
    "token_unreadable": "the answer to the request for an access token is not one",
    "token_not_accepted": "the service refuses the access token that the portal gave",
    "not_allowed": "the service is forbidden",
    # What a course offers.
    "no_course_seen": "nobody has come from a course yet, so there is nothing to ask for",
    "not_offered": "the course from which people came does not offer this",
    "no_line_item": "the activity in the course has no place for marks",
    "place_gone": "what was asked for is no longer in the portal",
    # What it says to a completion.
    "taken": "the portal has it",
    "already_there": "the portal has the same or a later moment: an earlier try, or a person in the portal",
    "not_due": "its hour has not come yet",
    "learner_cannot_be_graded": "this person is not, or not any more, a learner in the course",
    "role_cannot_be_graded": "this person's role in the portal may not be graded",
    "score_forbidden": "the tool may not write in this place",
    "line_item_gone": "the place for marks is not there any more",
    "line_item_unusable": "the address of the place for marks is no address",
    "score_refused": "refused without a reason that is known",
    "nobody_left": "the person or the portal was removed in the meantime",
    # What it says when it is asked who is in a course.
    "roster_not_allowed": "the portal does not let the tool see who is in this course",
    "roster_gone": "the portal has no list at this address: the course or the tool in it was removed",
    "roster_refused": "the portal answered with an error",
    "roster_unreadable": "what the portal answered is not a list of participants",
    "roster_too_large": "more than 25,000 participants or 500 pages",
    "roster_too_slow": "the whole list takes more than two minutes",
    "pages_elsewhere": "the list goes on at another address than the portal's own; the tool does not go there",
    "pages_in_a_circle": "the list never ends: a page leads back to one before it",
}
"""Every code of what comes of asking a portal's service, with its meaning; never renamed either."""

WORKS: Final = "works"
ALL_WELL: Final = frozenset({WORKS, "taken", "already_there", "not_due"})
"""After these nobody has to do anything."""


class Refusal(Exception):
    """What a login, launch or registration ends in when nobody comes in.

    Attributes:
        reason_code: a stable code; safe to show.
        detail_for_log: a few words more; never a token, name, `sub` or anything else of the person, nor what a
            portal answered.
        tenant_id, portal_id: of the registration it concerns; empty: nobody knows.
        reference: by which the helpdesk finds the log and audit row; given by the journey that notes it.
    """

    def __init__(self, reason_code: str, detail_for_log: str = "") -> None:
        super().__init__(reason_code)
        self.reason_code = reason_code
        self.detail_for_log = detail_for_log
        self.tenant_id = self.portal_id = self.reference = ""


class LaunchRefused(Refusal):
    """A login or launch that is not accepted; the code is a key of `LAUNCH_REASONS`."""


class PortalUnavailable(Refusal):
    """The portal could not be asked something (its keys, a token); later it may go well.

    The code is a key of `PORTAL_REASONS`.

    Attributes:
        at_token: whether this was a request for an access token.
    """

    at_token = False


class RegistrationRefused(Refusal):
    """A registration that did not come about, of which nothing was kept; a key of `REGISTRATION_REASONS`."""


class NotServed(Exception):
    """A service of the portal did not give what was asked for.

    Attributes:
        reason: a key of `SERVICE_REASONS`; nothing of what the portal answered.
        retry_after: None: as the asker's own back-off says.
    """

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
