"""What can be wrong in a journey, said as a fact; `web/errors.py` gives each one a page."""

from __future__ import annotations


class JourneyError(Exception):
    """The base of everything that a journey refuses."""


class TenantUnknown(JourneyError):
    """No municipality with this id."""


class PortalUnknown(JourneyError):
    """This municipality has no portal with this id."""


class CampaignUnknown(JourneyError):
    """The launch or the command names a campaign that this municipality does not have."""


class ParticipationGone(JourneyError, LookupError):
    """The session names a participation that was removed in the meantime."""


class CampaignNotOpen(JourneyError):
    """The campaign has not been opened yet, or is over."""


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


class ModuleUnknown(JourneyError):
    """The package has no such micro-training."""


class StepUnknown(JourneyError):
    """The micro-training has no such step or question."""


class TeamUnknown(JourneyError):
    """The municipality's list does not have this team."""


class FiguresUnknown(JourneyError):
    """No published figures behind this link."""


class OperatorUnknown(JourneyError):
    """The name and password of an operator do not match."""


class PseudonymGone(JourneyError):
    """The key of this participation was destroyed: nobody can link it to its statements again."""


class TenantFileBroken(JourneyError):
    """The description of a municipality has mistakes; the message names file, field and mistake."""
