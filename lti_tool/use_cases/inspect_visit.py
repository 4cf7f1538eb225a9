"""The demo's look behind the scenes: "Wat gebeurde er?" for the last visitor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.domain.errors import PseudonymGone
from lti_tool.recording import Pen
from lti_tool.storage import audit as audit_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.choose_content import ChooseContent
from lti_tool.use_cases.sitting import load_sitting


@dataclass(frozen=True)
class AskedQuestion:
    """Why one question was asked."""

    position: int
    stem: str
    domain: str
    """Its name."""
    difficulty: float
    reason: str
    """A code of the engine."""
    p_success: float
    """Predicted probability of a right answer, 0..1."""
    right: bool
    dont_know: bool


@dataclass(frozen=True)
class Inspection:
    """What happened behind the last visit."""

    claims: Mapping[str, object]
    """The launch claims that were used; everything else was dropped."""
    questions: tuple[AskedQuestion, ...]
    statements: tuple[str, ...]
    """Indented JSON, newest first."""


class InspectVisit:
    """Works in demo mode only; the door answers 404 otherwise."""

    def __init__(self, content: ChooseContent, pen: Pen) -> None:
        self._content = content
        self._pen = pen

    def last_visit(self) -> Inspection | None:
        """None when nobody has visited yet."""
        with transaction(writes=False):
            last = audit_rows.last_inspection()
            if last is None:
                return None
            where, claims = last
            sitting = load_sitting(self._content, where)
            try:
                bodies = self._pen.written_about(where)
            except PseudonymGone:
                bodies = ()
        package = sitting.release.package
        answers = sitting.attempts[-1].answers if sitting.attempts else ()
        return Inspection(
            claims=claims,
            questions=tuple(
                AskedQuestion(
                    position=answer.position,
                    stem=package.item(answer.item_id).stem,
                    domain=package.framework.domain_name(
                        package.item(answer.item_id).domain, sitting.participation.language
                    ),
                    difficulty=package.item(answer.item_id).difficulty.b,
                    reason=answer.reason,
                    p_success=answer.p_success,
                    right=answer.right,
                    dont_know=answer.dont_know,
                )
                for answer in answers
            ),
            statements=tuple(
                json.dumps(json.loads(body), indent=2, ensure_ascii=False) for body in reversed(bodies)
            ),
        )
