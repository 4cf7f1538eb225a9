"""Random organisations whose figures are published twenty times, through the gate that the tool has."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from lti_tool.domain.disclosure import EVERYBODY, Disclosed, Figure, Value, View, disclose, is_due, newest
from lti_tool.domain.funnel import STEPS, funnel_shares, funnel_view
from lti_tool.domain.rounding import MINIMUM, merge_cells
from lti_tool.measurement.change import paired_change

LEVELS: Final = ("basis", "zelfstandig", "gevorderd")
DOMAINS: Final = ("veiligheid", "operationeel")
MODULES: Final = ("M-VEI-001",)
START: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

_MOST_TEAMS: Final = 8
_LARGEST: Final = 200


@dataclass(slots=True)
class Person:
    """Somebody who may take part; a sitting is, for each domain, the place of a level and an estimate."""

    id: str
    team: str | None
    ability: float
    skips: bool
    sittings: list[tuple[tuple[int, float], ...]] = field(default_factory=list)
    steps: list[int] = field(default_factory=lambda: [0] * len(MODULES))
    """How far they are with each training: the place of a step of the funnel."""

    @property
    def pre(self) -> tuple[tuple[int, float], ...] | None:
        return self.sittings[0] if self.sittings else None

    @property
    def post(self) -> tuple[tuple[int, float], ...] | None:
        return self.sittings[-1] if len(self.sittings) > 1 else None


@dataclass(frozen=True, slots=True)
class Count:
    """What is true of one group at one moment, and what nobody may find out where it is under ten."""

    taking_part: int
    pre: int
    post: int
    pre_cells: tuple[tuple[int, ...], ...]
    """Domain by domain, people at each level."""
    post_cells: tuple[tuple[int, ...], ...]
    module_cells: tuple[tuple[int, ...], ...]
    """Training by training, people at each step."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One publication: what came through the gate, and the truth behind it of each group, also of "rest"."""

    disclosed: Disclosed
    truth: Mapping[str, Count]


@dataclass(frozen=True, slots=True)
class History:
    """All that was ever published about one organisation."""

    wipes: bool
    teams: tuple[str, ...]
    everybody_in_a_team: bool
    moments: tuple[Moment, ...]
    refreshes: tuple[Mapping[str, Count], ...]
    """The truth at every snapshot, published or not: what a rule that shows all of it would show."""


class Organisation:
    """People who come, sit, skip, sit again and wipe what is about them."""

    def __init__(self, seed: int) -> None:
        self._dice = dice = random.Random(seed)  # noqa: S311 - made-up people
        self.teams = tuple(f"Team {n + 1}" for n in range(dice.randint(0, _MOST_TEAMS)))
        self.wipes = dice.random() < 0.5
        self.everybody_in_a_team = bool(self.teams) and dice.random() < 0.5
        sizes = {team: round(_LARGEST ** dice.random()) for team in self.teams}
        loose = 0 if self.everybody_in_a_team else round(_LARGEST ** dice.random())
        members: list[str | None] = [team for team, size in sizes.items() for _ in range(size)]
        members += [None] * loose
        shift = {team: dice.gauss(0.0, 0.6) for team in (*self.teams, None)}
        skipping = dice.choice((0.0, 0.05, 0.2))
        self._outside = [
            Person(f"p{n}", team, shift[team] + dice.gauss(0.0, 1.0), dice.random() < skipping)
            for n, team in enumerate(members)
        ]
        dice.shuffle(self._outside)
        self._eager = dice.choice((0.02, 0.1, 0.3))
        self._pace = dice.choice((0.03, 0.1, 0.3))
        self.inside: list[Person] = []

    def live(self, late: bool) -> None:
        """What happens between two snapshots; `late`: a second sitting is open."""
        dice = self._dice
        wave = self._pace * dice.choice((0.2, 1.0, 1.0, 3.0))
        coming = [person for person in self._outside if dice.random() < wave]
        self._outside = [person for person in self._outside if person not in coming]
        if self.wipes:
            self.inside = [person for person in self.inside if dice.random() > 0.02]
        self.inside += coming
        for person in self.inside:
            person.steps = [step + (step < 2 and dice.random() < self._eager) for step in person.steps]
            chance = 0.15 if late and person.sittings else 0.7
            if person.skips or (person.sittings and not late) or dice.random() > chance:
                continue
            gain = 0.3 * len(person.sittings)
            estimates = [person.ability + gain + dice.gauss(0.0, 0.7) for _ in DOMAINS]
            person.sittings.append(tuple(((e > -0.5) + (e > 0.8), e) for e in estimates))

    def groups(self) -> dict[str, list[Person]]:
        """As the tool makes them: everybody, and each team of the municipality, also one without anybody."""
        found: dict[str, list[Person]] = {EVERYBODY: list(self.inside)}
        found.update({f"team:{team}": [p for p in self.inside if p.team == team] for team in self.teams})
        return found


def moment_of(snapshot: int) -> datetime:
    """When a snapshot is taken."""
    return START + timedelta(days=7 * snapshot)


def history(seed: int, snapshots: int) -> History:
    """The life of one organisation, published as `PublishFigures` does it."""
    organisation = Organisation(seed)
    ledger: list[View] = []
    moments: list[Moment] = []
    refreshes: list[Mapping[str, Count]] = []
    for number in range(snapshots):
        organisation.live(late=number >= snapshots // 2)
        groups = organisation.groups()
        truth = {group: count(members) for group, members in groups.items()}
        truth[""] = count([person for person in organisation.inside if person.team is None])
        refreshes.append(truth)
        told = {(view.measure, view.group): view.contributors for view in ledger}
        due = [figure for figure in _figures(groups) if _is_due(figure.view, told)]
        before = newest([moment.disclosed for moment in moments])
        disclosed, views = disclose(due, ledger, moment_of(number), before)
        if views:
            ledger.extend(views)
            moments.append(Moment(disclosed, truth))
    return History(
        organisation.wipes, organisation.teams, organisation.everybody_in_a_team, tuple(moments), tuple(refreshes)
    )


def count(people: Sequence[Person]) -> Count:
    """The exact numbers behind one group."""
    pre = [person.pre for person in people if person.pre is not None]
    post = [person.post for person in people if person.post is not None]
    steps = [[person.steps[place] for person in people] for place in range(len(MODULES))]
    return Count(
        len(people),
        len(pre),
        len(post),
        *(tuple(_cells(sittings)) for sittings in (pre, post)),
        tuple(tuple(of_module.count(step) for step in range(len(STEPS))) for of_module in steps),
    )


def _cells(sittings: Sequence[tuple[tuple[int, float], ...]]) -> Iterator[tuple[int, ...]]:
    for place in range(len(DOMAINS)):
        of_domain = [sitting[place][0] for sitting in sittings]
        yield tuple(of_domain.count(level) for level in range(len(LEVELS)))


def _is_due(view: View, newest: Mapping[tuple[str, str], frozenset[str]]) -> bool:
    before = newest.get((view.measure, view.group))
    return before is None or is_due(view.contributors, before)


def _figures(groups: Mapping[str, Sequence[Person]]) -> Iterator[Figure]:
    for group, people in groups.items():
        yield Figure(View("participation", group, frozenset(person.id for person in people)), {})
        for place, module in enumerate(MODULES):
            how_far = {person.id: STEPS[person.steps[place]] for person in people}
            steps = funnel_shares(how_far)
            if steps is not None:
                yield Figure(funnel_view(module, group, how_far), steps)
        for place, domain in enumerate(DOMAINS):
            pre = {f"{p.id}#1": p.pre[place] for p in people if p.pre}
            post = {f"{p.id}#{len(p.sittings)}": p.post[place] for p in people if p.post}
            pairs = {
                f"{p.id}#1+{len(p.sittings)}": (p.pre[place], p.post[place]) for p in people if p.pre and p.post
            }
            for measure, results in ((f"levels_pre:{domain}", pre), (f"levels_post:{domain}", post)):
                levels = [level for level, _ in results.values()]
                cells = merge_cells({name: levels.count(n) for n, name in enumerate(LEVELS)}, LEVELS)
                if cells is not None:
                    shown: Mapping[str, Value] = {cell.key: cell.share_percent for cell in cells}
                    yield Figure(View(measure, group, frozenset(results)), shown)
            if len(pairs) >= MINIMUM:
                change = paired_change([a[1] for a, _ in pairs.values()], [b[1] for _, b in pairs.values()])
                effect = {
                    "mean": change.mean,
                    "low95": change.low95,
                    "high95": change.high95,
                    "minimal_detectable": change.minimal_detectable,
                }
                yield Figure(View(f"effect:{domain}", group, frozenset(pairs)), effect)
