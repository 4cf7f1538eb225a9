"""What can be derived from published totals: does a new one give away a sum that rests on a few people only?

Exact linear algebra and search, apart from the rules that use it (`disclosure`). A row is the set of
contributor ids of one total; what stands before the # of an id is the person, and persons are counted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, NamedTuple

VERSION_MARK: Final = "#"

# Real groups take a few searches, at most some tens. What takes longer is hidden: not proven safe is not shown.
_MOST_SEARCHES: Final = 200
# Multiplying places by these, modulo a prime, gives orders that have nothing to do with each other.
_STRIDES: Final = (389, 617, 151, 823, 457)
_ROUND: Final = 1009
# 2**e - 1 is prime for these e.
_MERSENNE_EXPONENTS: Final = (61, 127, 521, 1279, 2203, 4423)

Finding = Literal["would_reveal_few", "too_complex"]


class SearchGivenUp(Exception):
    """It would take too long to prove that nobody is revealed."""


def count_people(contributors: Iterable[str]) -> int:
    """How many persons stand behind these contributor ids."""
    return len(persons(contributors))


def persons(contributors: Iterable[str]) -> set[str]:
    """The persons behind these contributor ids."""
    return {_person(contributor) for contributor in contributors}


def _person(contributor: str) -> str:
    return contributor.split(VERSION_MARK, 1)[0]


Column = dict[int, int]
"""A column without its zeros: place of a row -> value, 1..prime - 1. The new row has the last place."""


class _Block(NamedTuple):
    """People whom no total tells apart: how many, and the columns of their ids (place and value pairs)."""

    people: int
    columns: tuple[tuple[tuple[int, int], ...], ...]


def finding(rows: Sequence[frozenset[str]], new: frozenset[str], minimum: int) -> Finding | None:
    """Whether the new row, with the rows known already, gives a weighted sum that rests on 1 to 9 people.

    (With `minimum` 10.) Write the rows as a matrix with a column per contributor id. A weighted sum uses the
    new row when its weight w_new is not 0. It rests on few people when all columns outside some set of few
    people come out as 0. So the new row is safe when, whichever 9 people one leaves out, the columns that stay
    force w_new = 0, that is: they span the unit vector of the new row. (Sums without the new row were judged
    when their own rows were.)
    """
    width = len(rows) + 1
    prime = _prime_for(width)
    if prime is None:
        return "too_complex"
    blocks = _blocks([*rows, new], prime)
    if _settling(_Span(width, prime), blocks) is None:
        return None  # a sum of rows that are public: it adds nothing
    try:
        few = _Search(width, prime).finds(blocks, minimum - 1)
    except SearchGivenUp:
        return "too_complex"
    return "would_reveal_few" if few else None


def _prime_for(width: int) -> int | None:
    """A prime larger than any minor of a 0/1 matrix with `width` rows: ranks modulo it are the exact ranks.

    Hadamard's bound for 0/1 matrices: |det| <= (n + 1) ** ((n + 1) / 2) / 2 ** n. None when no prime here is
    large enough.
    """
    bits = (width + 1) / 2 * math.log2(width + 1) - width
    return next((2**exponent - 1 for exponent in _MERSENNE_EXPONENTS if exponent - 1 > bits), None)


def _blocks(rows: Sequence[frozenset[str]], prime: int) -> list[_Block]:
    """Everybody in any row, taken together where nothing tells them apart.

    Each row is written as its difference from the row that it resembles most. That changes no rank, and the
    weight of the new row stays its own as no row comes after it; but totals that grew from each other differ
    in few places, so nearly nothing is left to calculate.
    """
    memberships: dict[str, int] = {}
    for place, row in enumerate(rows):
        for contributor in row:
            memberships[contributor] = memberships.get(contributor, 0) | 1 << place
    of_person: dict[str, set[int]] = {}
    for contributor, bits in memberships.items():
        of_person.setdefault(_person(contributor), set()).add(bits)
    sizes = Counter(frozenset(bit_sets) for bit_sets in of_person.values())
    nearest = _nearest_earlier(rows, memberships)

    def column(bits: int) -> tuple[tuple[int, int], ...]:
        values = ((bits >> k & 1) - (other is not None and bits >> other & 1) for k, other in enumerate(nearest))
        return tuple((place, value % prime) for place, value in enumerate(values) if value)

    return [_Block(people, tuple(column(bits) for bits in sorted(bit_sets))) for bit_sets, people in sizes.items()]


def _nearest_earlier(rows: Sequence[frozenset[str]], contributors: Iterable[str]) -> list[int | None]:
    """For each row the earlier row that it resembles most, or None when it resembles the empty row more."""
    place_of = {contributor: place for place, contributor in enumerate(contributors)}
    as_bits = [sum(1 << place_of[contributor] for contributor in row) for row in rows]
    nearest: list[int | None] = []
    for place, own in enumerate(as_bits):
        best = min(range(place), key=lambda other: (own ^ as_bits[other]).bit_count(), default=None)
        if best is not None and (own ^ as_bits[best]).bit_count() >= own.bit_count():
            best = None
        nearest.append(best)
    return nearest


class _Span:
    """What a set of columns spans, in echelon form modulo a prime, with who is needed for each part of it."""

    __slots__ = ("_basis", "_prime", "_width")

    def __init__(self, width: int, prime: int) -> None:
        self._width = width
        self._prime = prime
        self._basis: dict[int, tuple[Column, int]] = {}

    @property
    def settled_by(self) -> int:
        """Which blocks (bits) give the unit vector of the new row; 0 when it is not in the span.

        Columns are reduced from the first place on, so that vector is there when a column is left with nothing
        but the last place.
        """
        return self._basis.get(self._width - 1, ({}, 0))[1]

    def rest(self, column: Iterable[tuple[int, int]]) -> tuple[Column, int]:
        """What stays of a column when all that is spanned is taken out, and the blocks (bits) that did it."""
        left, rest, needed = dict(column), {}, 0
        while left:
            pivot = min(left)
            factor = left.pop(pivot)
            if pivot not in self._basis:
                rest[pivot] = factor
                continue
            known, who = self._basis[pivot]
            needed |= who
            for place, value in known.items():
                if place != pivot:
                    changed = (left.pop(place, 0) - factor * value) % self._prime
                    if changed:
                        left[place] = changed
        return rest, needed

    def add(self, block: _Block, who: int) -> None:
        """Take in the columns of these people, who are known by this bit."""
        for column in block.columns:
            rest, needed = self.rest(column)
            if rest:
                first = min(rest)
                scale = pow(rest[first], -1, self._prime)
                scaled = {place: value * scale % self._prime for place, value in rest.items()}
                self._basis[first] = scaled, needed | who

    def without(self, block: _Block) -> _Block | None:
        """These people as they are told apart once the span is taken out; None when nothing stays."""
        own = _Span(self._width, self._prime)
        own.add(_Block(block.people, tuple(tuple(self.rest(column)[0].items()) for column in block.columns)), 1)
        columns = tuple(tuple(sorted(column.items())) for _, (column, _) in sorted(own._basis.items()))
        return _Block(block.people, columns) if columns else None


def _settling(span: _Span, blocks: Sequence[_Block]) -> list[_Block] | None:
    """A few of these blocks that settle the new row, largest first; None when all together do not."""
    for place, block in enumerate(blocks):
        span.add(block, 1 << place)
        if span.settled_by:
            return [other for k, other in enumerate(blocks) if span.settled_by >> k & 1]
    return None


class _Search:
    """Is there a set of few people without whom the columns no longer settle the new row?

    Exact branch and bound. Any such set must take somebody out of every group of blocks that settles the row;
    so one such group gives the branches, and several groups without common people give the bound.
    """

    def __init__(self, width: int, prime: int) -> None:
        self._width = width
        self._prime = prime
        self._left = _MOST_SEARCHES

    def finds(self, blocks: Sequence[_Block], people: int) -> bool:
        """Whether leaving out blocks of together at most `people` does it. Raises SearchGivenUp."""
        if self._left == 0:
            raise SearchGivenUp
        self._left -= 1
        shrunk = self._shrunk(blocks, people)
        if shrunk is None:
            return False
        branches: list[_Block] = shrunk
        for order in _orders(shrunk):
            groups = self._apart(order, people)
            if not groups:
                return True
            if _at_least(groups) > people:
                return False
            branches = min(branches, groups[0], key=len)
        others = list(shrunk)
        for block in branches:
            others.remove(block)
            if self.finds(others, people - block.people):
                return True
            others.append(_Block(people + 1, block.columns))  # in the branches that follow they stay
        return False

    def _shrunk(self, blocks: Sequence[_Block], people: int) -> list[_Block] | None:
        """The question without those who are too many to be left out; None when they settle the row alone.

        Blocks that then span the same are told apart no more: leaving out one of them alone changes nothing.
        """
        while True:
            staying = [block for block in blocks if block.people > people]
            if not staying:
                return sorted(blocks, key=lambda block: (-block.people, block.columns))
            span = _Span(self._width, self._prime)
            if _settling(span, staying) is not None:
                return None
            merged: Counter[tuple[tuple[tuple[int, int], ...], ...]] = Counter()
            for block in (span.without(block) for block in blocks if block.people <= people):
                if block is not None:
                    merged[block.columns] += block.people
            blocks = [_Block(together, columns) for columns, together in merged.items()]

    def _apart(self, blocks: Sequence[_Block], people: int) -> list[list[_Block]]:
        """Groups without common blocks that each settle the new row; no more than the bound needs."""
        groups: list[list[_Block]] = []
        others = list(blocks)
        while _at_least(groups) <= people:
            group = _settling(_Span(self._width, self._prime), others)
            if group is None:
                break
            groups.append(group)
            taken = set(group)
            others = [block for block in others if block not in taken]
        return groups


def _orders(blocks: list[_Block]) -> Iterator[list[_Block]]:
    """The blocks as they are and in a few other fixed orders: another order may show a better bound."""
    yield blocks
    for stride in _STRIDES:
        yield [blocks[k] for k in sorted(range(len(blocks)), key=lambda k: k * stride % _ROUND)]


def _at_least(groups: Sequence[Sequence[_Block]]) -> int:
    """So many people at least must be left out to break all of these groups."""
    return sum(min(block.people for block in group) for group in groups)
