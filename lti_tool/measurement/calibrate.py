"""What a bank's difficulties are, from answers: a proposal that a person may activate, never a running change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lti_tool.measurement.bank import ScoredItem
from lti_tool.measurement.model import Prior
from lti_tool.measurement.posterior import Answer


class NothingToCalibrate(ValueError):
    """No answer to any item of the bank."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The answers of one person at one moment; pilot items count here too.

    `group` names those who share a mean: a municipality at one wave, such as "voorbeeldstad/pre".
    """

    group: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class CalibratedItem:
    """One item after calibration; an item without answers keeps what was believed of it.

    a, b, c   slope (per logit), difficulty (logits) and guessing chance
    sd        SD of what is still unknown of b, logits
    answers   number of answers that this rests on
    z         (b - what was believed) / SD of that difference, or None without answers
    drifted   far from what was believed: |z| > 3 and more than .3 logits (measurement research, section C)
    """

    item_id: str
    a: float
    b: float
    c: float
    sd: float
    answers: int
    z: float | None
    drifted: bool


@dataclass(frozen=True, slots=True)
class GroupMean:
    """Mean ability of one group in one domain, logits on the scale of the bank, with its standard error.

    For the model's own use: figures about groups leave the tool through the disclosure gate only.
    """

    group: str
    domain: str
    people: int
    mean: float
    se: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything that a new version of a bank is made of, in order of item id."""

    items: tuple[CalibratedItem, ...]
    groups: tuple[GroupMean, ...]
    loading: float
    people: int
    answers: int
    rounds: int
    converged: bool


def calibrate(
    items: Iterable[ScoredItem], domains: Sequence[str], sheets: Sequence[Sheet], *, prior: Prior | None = None
) -> Calibration:
    """Estimate the items' parameters from sparse, adaptively chosen answers.

    Raises BankUnusable, UnknownItemInHistory, ItemTwiceInHistory or NothingToCalibrate.
    """
    raise NotImplementedError
