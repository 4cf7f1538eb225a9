"""Many people's answers as arrays, and what is believed of everybody when groups have means of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lti_tool.measurement.model import GRID, Array, Indices, Mask
from lti_tool.measurement.posterior import (
    GENERAL_LIMIT,
    GENERAL_NODES,
    Answer,
    ItemTwiceInHistory,
    UnknownItemInHistory,
)

PEOPLE_AT_ONCE: Final = 1_000
"""Enough to be fast, few enough to stay in little memory."""

_SMALLEST: Final = 1e-300
_GENERAL: Final[Array] = np.linspace(-GENERAL_LIMIT, GENERAL_LIMIT, 2 * GENERAL_NODES - 1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The answers of one person at one moment; pilot items count here too.

    `group` names those who share a mean: a municipality at one wave, such as "voorbeeldstad/pre".
    """

    group: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Answers:
    """A answers of P people in G groups to n items in D domains; people in order of their group.

    item, right, person   (A,) place of the item, whether it was right, place of the person; in order of person
    group_of              (P,) place of the group in `groups`
    of_domain             for each domain the places of its items
    """

    item: Indices
    right: Mask
    person: Indices
    group_of: Indices
    groups: tuple[str, ...]
    of_domain: tuple[Indices, ...]

    def pieces(self) -> Iterator[Piece]:
        """Everybody, people of one group at a time, and not too many."""
        items = sum(own.size for own in self.of_domain)
        ends = np.cumsum(np.bincount(self.group_of, minlength=len(self.groups))).tolist()
        for group, (begin, end) in enumerate(zip([0, *ends], ends, strict=False)):
            for first in range(begin, end, PEOPLE_AT_ONCE):
                until = min(first + PEOPLE_AT_ONCE, end)
                which = slice(*np.searchsorted(self.person, [first, until]).tolist())
                scores = np.zeros((2, until - first, items))
                scores[self.right[which].astype(np.intp), self.person[which] - first, self.item[which]] = 1.0
                yield Piece(slice(first, until), group, tuple(scores[:, :, own] for own in self.of_domain))


@dataclass(frozen=True, eq=False, slots=True)
class Piece:
    """M people of one group: their places, their group, and for each domain their scores.

    Scores are (2, M, items of the domain): 1.0 at [0] for an answer that is not right, at [1] for a right one.
    """

    who: slice
    group: int
    scores: tuple[Array, ...]


def lay_out(sheets: Sequence[Sheet], index: Mapping[str, int], of_domain: tuple[Indices, ...]) -> Answers:
    """Raises UnknownItemInHistory or ItemTwiceInHistory."""
    groups = tuple(sorted({sheet.group for sheet in sheets}))
    place_of = {group: place for place, group in enumerate(groups)}
    by_group = sorted(sheets, key=lambda sheet: place_of[sheet.group])
    rows: list[tuple[int, int, bool]] = []
    for person, sheet in enumerate(by_group):
        seen: set[int] = set()
        for answer in sheet.answers:
            place = index.get(answer.item_id)
            if place is None:
                raise UnknownItemInHistory(answer.item_id)
            if place in seen:
                raise ItemTwiceInHistory(answer.item_id)
            seen.add(place)
            rows.append((person, place, answer.right))
    table = np.array(rows, dtype=np.intp).reshape(-1, 3)
    group_of = np.array([place_of[sheet.group] for sheet in by_group], dtype=np.intp)
    return Answers(table[:, 1], table[:, 2].astype(np.bool_), table[:, 0], group_of, groups, of_domain)


@dataclass(frozen=True, eq=False, slots=True)
class Believed:
    """What is believed of the M people of a piece.

    masses            (D, M, 81) sum to 1
    with_general      sum over people and domains of (ability less group mean) * g
    squared           the same of (ability less group mean) squared
    general_squared   sum over people of g squared
    """

    masses: Array
    with_general: float
    squared: float
    general_squared: float


def believe_piece(
    piece: Piece, of_domain: tuple[Indices, ...], log_chances: Array, means: Array, loading: float
) -> Believed:
    """Beliefs under items with these (2, n, 81) tables, means (D,) of the group, and loading 0..0.95.

    The same quadrature as `posterior.believe`, with the prior around the group's means.
    """
    logs = np.stack(
        [
            scores[0] @ log_chances[0, own] + scores[1] @ log_chances[1, own]
            for scores, own in zip(piece.scores, of_domain, strict=True)
        ]
    )
    likelihood = np.exp(logs - logs.max(axis=-1, keepdims=True))
    given = _given(means, loading)
    turned = given.transpose(0, 2, 1)
    # Of somebody far from their group: not 0, which has no log.
    of_general = np.maximum(likelihood @ turned, _SMALLEST)
    log_general = np.log(of_general)
    whole = log_general.sum(axis=0) - _GENERAL**2 / 2.0
    others = whole - log_general
    cavity = np.exp(others - others.max(axis=-1, keepdims=True))
    masses = likelihood * (cavity @ given)
    masses /= masses.sum(axis=-1, keepdims=True)
    general = np.exp(whole - whole.max(axis=-1, keepdims=True))
    general /= general.sum(axis=-1, keepdims=True)
    from_mean = GRID - means[:, None]
    ability_given = ((likelihood * from_mean[:, None, :]) @ turned) / of_general
    return Believed(
        masses,
        with_general=float((ability_given * (general * _GENERAL)).sum()),
        squared=float((masses.sum(axis=1) * from_mean**2).sum()),
        general_squared=float((general @ _GENERAL**2).sum()),
    )


def _given(means: Array, loading: float) -> Array:
    """(D, nodes, 81) the ability given the general one, around the means of one group; rows sum to 1."""
    middle = means[:, None, None] + loading * _GENERAL[None, :, None]
    given = np.exp(-((GRID - middle) ** 2) / (2.0 * (1.0 - loading**2)))
    return np.asarray(given / given.sum(axis=-1, keepdims=True))
