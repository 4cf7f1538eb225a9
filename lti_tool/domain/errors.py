"""What can be wrong in a journey, said as a fact; `web/errors.py` gives each one a page."""

from __future__ import annotations


class JourneyError(Exception):
    """The base of everything that a journey refuses."""


class TenantUnknown(JourneyError):
    """No municipality with this id."""


class CampaignUnknown(JourneyError):
    """The launch or the command names a campaign that this municipality does not have."""


class ParticipationGone(JourneyError, LookupError):
    """The session names a participation that was removed in the meantime."""


class CampaignNotOpen(JourneyError):
    """The campaign has not been opened yet, or is over."""


class CampaignClosed(JourneyError):
    """The campaign is over and its keys were destroyed: its last day stays what it is."""


class AnswersGone(JourneyError):
    """The answers were removed, some time after the end of the campaign; the level is still there."""


class NotForLearners(JourneyError):
    """Only staff of the portal may do this."""


class ItemAlreadyAnswered(JourneyError):
    """This question has its answer already; a double click meets this and sees the next page."""


class AnotherQuestion(JourneyError):
    """The answer belongs to a question that is not the one being asked."""


class NoAttemptRunning(JourneyError):
    """There is no assessment going on: not begun, or finished."""


class NothingToUndo(JourneyError):
    """The assessment was not skipped, so there is no skip to undo."""


class ReleaseGone(JourneyError):
    """The content release that this attempt began with is not loaded any more."""


class RatingUnknown(JourneyError):
    """Not one of the words that a training can be rated with."""


class ModuleUnknown(JourneyError):
    """The package has no such micro-training."""


class MediumUnknown(JourneyError):
    """The package has no such picture, film or file."""


class StoryUnknown(JourneyError):
    """The package tells no story."""


class StepUnknown(JourneyError):
    """The micro-training has no such step or question."""


class TeamUnknown(JourneyError):
    """The municipality's list does not have this team."""


class FiguresUnknown(JourneyError):
    """No published figures behind this link."""


class ParquetNotInstalled(JourneyError):
    """This installation lacks what writes Parquet; the message says what to install."""


class PortalUnknown(JourneyError):
    """No portal with this name in this municipality, or in several and nobody said in which."""


class PortalRefused(JourneyError):
    """A portal that cannot be kept as it was described; the message names what and why."""


class OwnPortal(JourneyError):
    """Somebody would switch off the portal through which they came in, and could not switch it on again."""


class RegistrationLinkGone(JourneyError):
    """The link with which a portal registers was used, has expired, or never was."""


class OperatorUnknown(JourneyError):
    """The name and password of an operator do not match."""


class RefusalUnknown(JourneyError):
    """No refused launch has this code for the helpdesk."""


class EndpointUnknown(JourneyError):
    """Nothing was ever meant for this endpoint of the outbox, or it is not an LRS and has to be one."""


class EndpointRefused(JourneyError):
    """Statements may not go to this LRS as it was described; the message names what and why."""


class LrsAway(JourneyError):
    """The LRS does not answer, or not as an LRS, or does not let us in; nothing was changed."""


class NoDeadLetter(JourneyError):
    """A message that is not there, waits, or was delivered: only dead letters are sent again or dropped."""


class PseudonymGone(JourneyError):
    """The key of this participation was destroyed: nobody can link it to its statements again."""


class PlacingNotAsked(JourneyError):
    """The portal did not ask, in this session, which activities to put on a course page."""


class NothingChosen(JourneyError):
    """No activity was chosen to put on a course page."""


class ChoiceNotOffered(JourneyError):
    """A campaign or activity was chosen that cannot be put on this course page (any more), or too many."""


class CampaignBroken(JourneyError):
    """The description of a new campaign has mistakes; the message names each."""


class RoleNeeded(JourneyError):
    """This page belongs to a role that the asker does not hold, or holds no longer."""


class RoleUnknown(JourneyError):
    """There is no such role, or not one that may be given in this way."""


class InvitationUnknown(JourneyError):
    """This code opens nothing here: never given out, used, withdrawn, expired, or another municipality's."""


class TooManyCodes(JourneyError):
    """Somebody tried wrong codes again and again in one visit."""


class TenantFileBroken(JourneyError):
    """The description of a municipality has mistakes; the message names file, field and mistake."""
