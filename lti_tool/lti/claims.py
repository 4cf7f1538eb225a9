"""The claims of a launch, read strictly: every claim that the tool uses has one right shape.

LTI 1.3 core, section 5.3 and appendix C: https://www.imsglobal.org/spec/lti/v1p3/#required-message-claims;
times and audience: https://www.imsglobal.org/spec/security/v1p0/#authentication-response-validation
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from lti_tool.lti.errors import LaunchRefused

LTI: Final = "https://purl.imsglobal.org/spec/lti/claim/"
AGS: Final = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS: Final = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DEEP_LINKING: Final = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
VERSION: Final = "1.3.0"
RESOURCE_LINK_REQUEST: Final = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST: Final = "LtiDeepLinkingRequest"
SUBMISSION_REVIEW_REQUEST: Final = "LtiSubmissionReviewRequest"
OFFERED: Final = (RESOURCE_LINK_REQUEST, DEEP_LINKING_REQUEST, SUBMISSION_REVIEW_REQUEST)
NOT_OFFERED: Final = {"DataPrivacyLaunchRequest": "data_privacy_not_offered"}

CLOCK_LEEWAY: Final = timedelta(seconds=60)
"""Clocks of portals differ; Moodle's tokens live 60 s (docs/adr on launches)."""
MAX_AGE: Final = timedelta(minutes=10)
MAX_LIFE: Final = timedelta(minutes=65)
"""Portals give up to one hour (Open edX); five minutes more for rounding."""

CONTEXT_ROLE: Final = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
STAFF_ROLES: Final = frozenset(
    name for role in ("Instructor", "Administrator") for name in (role, f"{CONTEXT_ROLE}{role}")
)
"""As a URI, or by the short name that older portals use for a role in the context."""

MAX_GIVEN_NAME: Final = 60
MAX_DATA_BYTES: Final = 16 * 1024

# PostgreSQL stores no NUL, and no portal sends control characters in an id.
Id = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
Line = Annotated[str, StringConstraints(max_length=4096, pattern=r"^[^\x00-\x1f\x7f]*$")]
Seconds = Annotated[int | float, Field(ge=0, le=2**40, allow_inf_nan=False)]


def _yes_or_no(said: Any) -> Any:
    """A portal that writes "true" means it."""
    return {"true": True, "false": False}.get(said.lower(), said) if isinstance(said, str) else said


def _not_too_large(data: Any) -> Any:
    text = data if isinstance(data, str) else json.dumps(data, allow_nan=False)
    if len(text.encode()) > MAX_DATA_BYTES:
        raise ValueError(f"more than {MAX_DATA_BYTES} bytes")
    return data


YesOrNo = Annotated[bool, BeforeValidator(_yes_or_no)]


class _Claim(BaseModel):
    """Right types only (a number is no text, a text is no list); claims that nobody uses are left out."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class ResourceLink(_Claim):
    id: Id


class Context(_Claim):
    id: Id
    title: Line | None = None


class Custom(_Claim):
    """The parameters of this tool; portals add others, with names or employee numbers among them."""

    campaign: Line | None = None
    activity: Line | None = None
    team: Line | None = None

    def given(self) -> dict[str, str]:
        """What was filled in; portals leave a variable that they cannot fill empty, or as `$Name`."""
        return {key: value for key, value in self if value and not value.startswith("$")}


class Presentation(_Claim):
    locale: Line | None = None
    return_url: Line | None = None


class ScoreService(_Claim):
    scope: list[Line] = []
    lineitem: Line | None = None


class RosterService(_Claim):
    context_memberships_url: Line | None = None


class ToolPlatform(_Claim):
    product_family_code: Line | None = None


class ForUser(_Claim):
    """Whose work a reviewer wants to see (submission review, section 3.3)."""

    user_id: Id


class DeepLinkingSettings(_Claim):
    """LTI deep linking 2.0, section 3.2; what a portal leaves out is None."""

    deep_link_return_url: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    accept_types: list[Line]
    accept_presentation_document_targets: list[Line] = []
    accept_multiple: YesOrNo | None = None
    accept_lineitem: YesOrNo | None = None
    data: Annotated[Any, AfterValidator(_not_too_large)] = None
    """Opaque to us, and goes back to the portal untouched: a text says the specification (sections 3.2 and 4.4),
    in which Canvas and Brightspace put whole tokens; an object comes back as an object.
    """


class IdToken(_Claim):
    """Every claim that is used; name, e-mail and other details of the person are not among them."""

    iss: str
    aud: str | list[str]
    azp: str | None = None
    nonce: str
    iat: Seconds
    exp: Seconds
    nbf: Seconds | None = None
    sub: Id
    version: str = Field(validation_alias=f"{LTI}version")
    message_type: str = Field(validation_alias=f"{LTI}message_type")
    deployment_id: Id = Field(validation_alias=f"{LTI}deployment_id")
    target_link_uri: str = Field(validation_alias=f"{LTI}target_link_uri")
    roles: list[Line] = Field(validation_alias=f"{LTI}roles")
    resource_link: ResourceLink | None = Field(validation_alias=f"{LTI}resource_link", default=None)
    context: Context | None = Field(validation_alias=f"{LTI}context", default=None)
    custom: Custom | None = Field(validation_alias=f"{LTI}custom", default=None)
    launch_presentation: Presentation | None = Field(validation_alias=f"{LTI}launch_presentation", default=None)
    endpoint: ScoreService | None = Field(validation_alias=AGS, default=None)
    namesroleservice: RosterService | None = Field(validation_alias=NRPS, default=None)
    tool_platform: ToolPlatform | None = Field(validation_alias=f"{LTI}tool_platform", default=None)
    for_user: ForUser | None = Field(validation_alias=f"{LTI}for_user", default=None)
    deep_linking_settings: DeepLinkingSettings | None = Field(validation_alias=DEEP_LINKING, default=None)

    @property
    def audiences(self) -> list[str]:
        return [self.aud] if isinstance(self.aud, str) else self.aud

    @property
    def is_staff(self) -> bool:
        """Whether a role in this course is Instructor or Administrator; the highest role counts.

        Roles in the institution or the system give nothing here: a portal's administrator is a learner
        in a course that they do not teach. Nor does a sub-role such as `membership/Instructor#TeachingAssistant`
        by itself: a portal sends the principal role beside it where that is meant, and so decides.
        LTI 1.3 core, appendix A.2.3: https://www.imsglobal.org/spec/lti/v1p3/#context-sub-roles
        """
        return not STAFF_ROLES.isdisjoint(self.roles)


def context_role(role: str) -> str:
    """The short name of a role in a course; any other role as it was."""
    return role.removeprefix(CONTEXT_ROLE)


_NAMES = {str(field.validation_alias or name): name for name, field in IdToken.model_fields.items()}


def read_claims(claims: dict[str, Any]) -> IdToken:
    """The claims in their right shape; nothing is compared yet.

    Raises:
        LaunchRefused: `<claim>_missing` or `<claim>_malformed`, for the first claim that is wrong.
    """
    try:
        return IdToken.model_validate(claims)
    except ValidationError as err:
        first = err.errors(include_url=False, include_input=False, include_context=False)[0]
    path, kind = first["loc"], first["type"]
    name = _NAMES[str(path[0])]
    missing = kind == "missing" and (len(path) == 1 or name == "resource_link")
    raise LaunchRefused(f"{name}_{'missing' if missing else 'malformed'}", kind)


def read_given_name(claims: dict[str, Any]) -> str | None:
    """The first name, for a municipality that asked for it; whatever is no plain short name is left alone.

    OpenID Connect Core 1.0, section 5.1. It is no claim of `IdToken`: nobody else ever reads it.
    """
    given = claims.get("given_name")
    name = given.strip() if isinstance(given, str) else ""
    return name if 0 < len(name) <= MAX_GIVEN_NAME and name.isprintable() and name[0] != "$" else None


def check_audience(token: IdToken, client_id: str) -> None:
    """`aud` holds us, in any place; `azp` names us when it is there, and must be with several audiences.

    Raises:
        LaunchRefused: `aud_differs`, `azp_missing`, `azp_differs`.
    """
    if client_id not in token.audiences:
        raise LaunchRefused("aud_differs")
    if token.azp is None and len(token.audiences) > 1:
        raise LaunchRefused("azp_missing")
    if token.azp not in (None, client_id):
        raise LaunchRefused("azp_differs")


def check_nonce(token: IdToken, nonce: str) -> None:
    """Raises LaunchRefused: `nonce_differs`."""
    if not secrets.compare_digest(token.nonce.encode(), nonce.encode()):
        raise LaunchRefused("nonce_differs")


def check_times(token: IdToken, now: datetime) -> None:
    """Issued at most 60 s ahead and 10 minutes ago; expired at most 60 s; a life of at most 65 minutes.

    Raises:
        LaunchRefused: `iat_…`, `exp_…` or `nbf_…`.
    """
    moment, leeway = now.timestamp(), CLOCK_LEEWAY.total_seconds()
    wrong = {
        "iat_in_future": token.iat > moment + leeway,
        "iat_too_old": token.iat < moment - MAX_AGE.total_seconds(),
        "exp_passed": token.exp < moment - leeway,
        "exp_before_iat": token.exp < token.iat,
        "exp_too_far": token.exp > token.iat + MAX_LIFE.total_seconds(),
        "nbf_in_future": token.nbf is not None and token.nbf > moment + leeway,
    }
    for reason_code, is_so in wrong.items():
        if is_so:
            raise LaunchRefused(reason_code)


def check_message(token: IdToken) -> None:
    """A message of LTI 1.3.0 that this tool offers, with the claims that its type requires.

    Raises:
        LaunchRefused: `version_unsupported`, `message_type_unsupported`, one of `NOT_OFFERED`, or
            `<claim>_missing`.
    """
    if token.version != VERSION:
        raise LaunchRefused("version_unsupported")
    if token.message_type not in OFFERED:
        raise LaunchRefused(NOT_OFFERED.get(token.message_type, "message_type_unsupported"))
    deep = token.message_type == DEEP_LINKING_REQUEST
    if not deep and token.resource_link is None:
        raise LaunchRefused("resource_link_missing")
    if deep and token.deep_linking_settings is None:
        raise LaunchRefused("deep_linking_settings_missing")
    if token.message_type == SUBMISSION_REVIEW_REQUEST and token.for_user is None:
        raise LaunchRefused("for_user_missing")
