"""The attacker: keeps every publication, knows the rules of the gate, and calculates.

The numbers: of each publication, of each team that was ever shown and of everybody else together ("rest"), how
many take part, how many were measured before and after, how many are at each level of each domain, and how many at
each step of a training. What is held for certain:

- a shown number of people is at least that and at most nine more; a shown share is its share, rounded to fives;
- a shown level, or levels taken together, hold at least ten people;
- teams do not overlap; who is measured takes part, who is measured again was measured before;
- everybody who takes part is at one step of a training, and nobody goes back;
- nobody leaves without a wipe; in an organisation without wipes this is known, and that a first measurement stays;
- the gate's rule: what the figures of everybody leave when those of teams are taken off is nobody or ten people,
  at one moment, with what was published of teams before, and between two moments; a figure is only published
  again when ten people differ.

Not used: what it may mean that a figure was not published.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, combinations, product
from typing import Final

from benchmarks.disclosure.naive import Leaks, leaks
from benchmarks.disclosure.organisations import DOMAINS, LEVELS, MODULES, Count, History
from benchmarks.disclosure.organisations import history as live
from benchmarks.disclosure.worlds import Outcome, Secret, Sum, Worlds
from lti_tool.domain.disclosure import EVERYBODY, DisclosedFigure
from lti_tool.domain.funnel import STEPS
from lti_tool.domain.rounding import MINIMUM
from lti_tool.measurement.change import t_quantile

REST: Final = "rest"
MEASURES: Final = ("taking_part", "pre", "post")
SIZE_OF: Final = {"pre": "pre", "post": "post", "module": "taking_part"}
"""Kind of cells -> what they add up to."""
PLACES: Final = {"pre": DOMAINS, "post": DOMAINS, "module": MODULES}
NAMES: Final = {"pre": LEVELS, "post": LEVELS, "module": STEPS}
Shown = Mapping[tuple[str, str], DisclosedFigure]


def attacked(seed: int, snapshots: int) -> tuple[dict[str, Outcome], Leaks, int, int]:
    """One organisation: what comes of its secrets, what the naive rule leaks of it, and how much was shown."""
    lived = live(seed, snapshots)
    shown = sum(len(moment.disclosed.figures) for moment in lived.moments)
    return attack(lived, seed), leaks(lived), len(lived.moments), shown


def attack(history: History, seed: int) -> dict[str, Outcome]:
    """The secrets of one organisation against what was published about it, two publications at a time."""
    found: dict[str, Outcome] = {}
    for number, (earlier, later) in enumerate(pairs(len(history.moments))):
        both = (earlier, later) if later > earlier else (later,)
        reader = _Reader(replace(history, moments=tuple(history.moments[moment] for moment in both)))
        # A publication is attacked itself when it is new; a pair of distant ones for what lies between them.
        secrets = list(reader.secrets(itself=later - earlier == 1 or later == 0))
        for kind, outcome in reader.worlds.attack(secrets, list(reader.steps()), seed=seed + number).items():
            found.setdefault(kind, Outcome()).add(outcome)
    return found


def pairs(moments: int) -> list[tuple[int, int]]:
    """The first by itself, each with the one before it, and some that lie far apart."""
    alone = [(0, 0)] if moments else []
    beside = [(moment, moment + 1) for moment in range(moments - 1)]
    apart = [(moment, min(moment + 5, moments - 1)) for moment in range(0, moments - 2, 5)]
    return [*alone, *beside, *apart]


class _Reader:
    def __init__(self, history: History) -> None:
        self.worlds = Worlds()
        self._wipes = history.wipes
        self._seen: list[Shown] = [
            {(f.measure, f.group): f for f in moment.disclosed.figures} for moment in history.moments
        ]
        shown = {group for seen in self._seen for _, group in seen}
        self._teams = sorted(shown - {EVERYBODY})
        self._parts = [*self._teams, REST]
        self._every_team_is_shown = len(self._teams) == len(history.teams)
        self._truths = [self._with_rest(moment.truth) for moment in history.moments]
        self._sizes: list[dict[tuple[str, str], Sum]] = []
        self._cells: list[dict[tuple[str, str, int, int], Sum]] = []
        for truth in self._truths:
            self._imagine(truth)
        for place, seen in enumerate(self._seen):
            for figure in seen.values():
                self._read(place, figure)
        self._stay()
        for name in sorted({name for seen in self._seen for name, _ in seen}):
            self._by_the_gate(name)

    def _with_rest(self, truth: Mapping[str, Count]) -> dict[str, Count]:
        rest = [count for group, count in truth.items() if group != EVERYBODY and group not in self._teams]
        return {**{team: truth[team] for team in self._teams}, REST: _together(rest)}

    def _imagine(self, truth: Mapping[str, Count]) -> None:
        """The unknown numbers of one moment, and everybody as the sum of the parts."""
        worlds = self.worlds
        sizes: dict[tuple[str, str], Sum] = {}
        cells: dict[tuple[str, str, int, int], Sum] = {}
        for part in self._parts:
            count = truth[part]
            for measure in MEASURES:
                sizes[measure, part] = {worlds.number(getattr(count, measure)): 1}
            for larger, smaller in (("taking_part", "pre"), ("pre", "post")):
                worlds.rule(_less(sizes[larger, part], sizes[smaller, part]), 0)
            by_kind = {"pre": count.pre_cells, "post": count.post_cells, "module": count.module_cells}
            for measure, by_domain in by_kind.items():
                for domain, by_level in enumerate(by_domain):
                    for level, people in enumerate(by_level):
                        cells[measure, part, domain, level] = {worlds.number(people): 1}
                    own = [cells[measure, part, domain, level] for level in range(len(LEVELS))]
                    worlds.rule(_less(_plus(*own), sizes[SIZE_OF[measure], part]), 0, 0)
        for measure in MEASURES:
            sizes[measure, EVERYBODY] = _plus(*(sizes[measure, part] for part in self._parts))
        for measure, _, domain, level in list(cells):
            cells[measure, EVERYBODY, domain, level] = _plus(
                *(cells[measure, part, domain, level] for part in self._parts)
            )
        self._sizes.append(sizes)
        self._cells.append(cells)

    def _read(self, place: int, figure: DisclosedFigure) -> None:
        """What one published figure says."""
        kind, _, domain = figure.measure.partition(":")
        size = self._sizes[place][_about(figure.measure), figure.group]
        self.worlds.rule(size, figure.n_shown, figure.n_shown + MINIMUM - 1)
        if kind == "effect":
            fits = pairs_that_fit(figure)
            self.worlds.rule(size, min(fits), max(fits))
        if not kind.startswith(("levels", "module")):
            return
        measure = "module" if kind == "module" else _about(figure.measure)
        for key, share in figure.values.items():
            levels = key.removesuffix("_percent").split("+")
            places = [NAMES[measure].index(level) for level in levels]
            about = PLACES[measure].index(domain)
            cell = _plus(*(self._cells[place][measure, figure.group, about, level] for level in places))
            self.worlds.rule(cell, MINIMUM)
            # c / n rounds to step/20; halves go to the even step, and the first and last step take all beyond.
            step = round(float(share or 0) / 5)
            odd = step % 2
            if step > 1:
                self.worlds.rule(_plus(_times(cell, 40), _times(size, 1 - 2 * step)), odd)
            if step < 19:
                self.worlds.rule(_plus(_times(size, 2 * step + 1), _times(cell, -40)), odd)

    def _stay(self) -> None:
        """Who is there stays there, where nobody wipes."""
        if self._wipes:
            return
        for before, after in zip(range(len(self._seen)), range(1, len(self._seen)), strict=False):
            for part in self._parts:
                for measure in MEASURES:
                    grown = _less(self._sizes[after][measure, part], self._sizes[before][measure, part])
                    self.worlds.rule(grown, 0)
                for domain in range(len(DOMAINS)):
                    for level in range(len(LEVELS)):
                        name = ("pre", part, domain, level)
                        self.worlds.rule(_less(self._cells[after][name], self._cells[before][name]), 0)
                for module in range(len(MODULES)):
                    for first in (1, 2):  # who opened a training, and who finished it
                        then, now = (
                            _plus(*(self._cells[at]["module", part, module, step] for step in range(first, 3)))
                            for at in (before, after)
                        )
                        self.worlds.rule(_less(now, then), 0)

    def _by_the_gate(self, name: str) -> None:
        """The rule of the gate, as the attacker knows it: it compares what is published of one figure."""
        worlds, measure, last = self.worlds, _about(name), dict[str, int]()
        sizes = [{group: sum_ for (m, group), sum_ in of.items() if m == measure} for of in self._sizes]
        for place, seen in enumerate(self._seen):
            now = [group for other, group in seen if other == name]
            earlier = dict(last)
            last.update(dict.fromkeys(now, place))
            teams = [group for group in now if group != EVERYBODY]
            whole = sizes[place][EVERYBODY] if EVERYBODY in now else None
            if whole and teams:
                worlds.none_or_ten(_less(whole, *(sizes[place][team] for team in teams)))
            if self._wipes or measure == "post" or name.startswith("module"):
                continue
            for group in now:
                if group in earlier:
                    worlds.rule(_less(sizes[place][group], sizes[earlier[group]][group]), MINIMUM)
            known = [team for team in last if team != EVERYBODY]
            if whole and known:
                worlds.none_or_ten(_less(whole, *(sizes[last[team]][team] for team in known)))
            both = [team for team in teams if team in earlier and earlier[team] == earlier.get(EVERYBODY)]
            if whole and both:
                before = sizes[earlier[EVERYBODY]]
                grown = [_less(sizes[place][group], before[group]) for group in (EVERYBODY, *both)]
                worlds.none_or_ten(_less(grown[0], *grown[1:]))

    def steps(self) -> Iterator[Sum]:
        """Small ways from one world to another: one person more or at another level, from a moment on or then."""
        every = range(len(self._seen))
        spans = dict.fromkeys([range(at, len(every)) for at in every] + [range(at, at + 1) for at in every])
        levels = range(len(LEVELS))
        for span in spans:
            for part in self._parts:
                for step in range(1, len(STEPS)):
                    yield self._over(span, part, ("taking_part",), {"module": (step,) * len(MODULES)})
                comes = self._over(span, part, ("taking_part",), {"module": (0,) * len(MODULES)})
                yield comes
                for first, second in [(one, (one + more) % len(LEVELS)) for one, more in product(levels, (0, 1))]:
                    sits = self._over(span, part, ("pre",), {"pre": (first, second)})
                    again = self._over(span, part, ("post",), {"post": (first, second)})
                    yield from (sits, again, _plus(comes, sits), _plus(comes, sits, again))
                for measure, domain in [(kind, at) for kind in PLACES for at in range(len(PLACES[kind]))]:
                    for one, other in combinations(levels, 2):
                        yield _plus(
                            *(
                                _less(
                                    self._cells[at][measure, part, domain, one],
                                    self._cells[at][measure, part, domain, other],
                                )
                                for at in span
                            )
                        )

    def _over(self, span: range, part: str, measures: Sequence[str], at: Mapping[str, tuple[int, ...]]) -> Sum:
        sizes = [self._sizes[moment][measure, part] for moment in span for measure in measures]
        cells = [
            self._cells[moment][measure, part, domain, level]
            for moment in span
            for measure, chosen in at.items()
            for domain, level in enumerate(chosen)
        ]
        return _plus(*sizes, *cells)

    def secrets(self, *, itself: bool) -> Iterator[Secret]:
        """Every number under ten that the last publication (`itself`) is about, or that lies between the two."""
        rests = [sizes["taking_part", REST] for sizes in self._sizes]
        nobody_else = self._every_team_is_shown and not any(self.worlds.value(rest) for rest in rests)
        rest_only = {
            place
            for named in (*self._sizes, *self._cells)
            for name, of in named.items()
            for place in of
            if name[1] == REST
        }
        for kind, what in chain(self._numbers() if itself else (), self._differences()):
            truth = self.worlds.value(what)
            if nobody_else and all(place in rest_only for place, weight in what.items() if weight):
                continue  # there are no such people, and no team of that name
            if 0 <= truth < MINIMUM:
                yield Secret(kind, what, truth)

    def _numbers(self) -> Iterator[tuple[str, Sum]]:
        seen, sizes, cells = self._seen[-1], self._sizes[-1], self._cells[-1]
        for group in (EVERYBODY, *self._parts):
            yield "who skipped or stopped", _less(sizes["taking_part", group], sizes["pre", group])
            yield "who did not come back", _less(sizes["pre", group], sizes["post", group])
            for measure in MEASURES:
                yield "people of a group", sizes[measure, group]
        for (measure, group, domain, level), cell in cells.items():
            kind = "step in a training" if measure == "module" else "level"
            yield f"{kind} of a group", cell
            if measure == "module" and STEPS[level] == "begun":
                # With new: who did not finish. With done: who opened it.
                for other in (0, 2):
                    yield f"{kind} of a group", _plus(cell, cells[measure, group, domain, other])
            if group in self._teams:
                whole = cells[measure, EVERYBODY, domain, level]
                yield f"{kind} of all others", _less(whole, cell)
        for measure in MEASURES:
            for team in self._teams:
                if any((name, team) in seen for name, _ in seen if _about(name) == measure):
                    yield "all others", _less(sizes[measure, EVERYBODY], sizes[measure, team])

    def _differences(self) -> Iterator[tuple[str, Sum]]:
        for earlier, later in combinations(range(len(self._seen)), 2):
            for group in (EVERYBODY, *self._parts):
                for measure in MEASURES:
                    grown = _less(self._sizes[later][measure, group], self._sizes[earlier][measure, group])
                    yield "between two moments: people", grown
                for domain in range(len(DOMAINS)):
                    for level in range(len(LEVELS)):
                        name = ("pre", group, domain, level)
                        yield (
                            "between two moments: level",
                            _less(self._cells[later][name], self._cells[earlier][name]),
                        )
                for module in range(len(MODULES)):
                    for step in range(len(STEPS)):
                        at = ("module", group, module, step)
                        grown = _less(self._cells[later][at], self._cells[earlier][at])
                        yield "between two moments: training", grown


def pairs_that_fit(figure: DisclosedFigure) -> list[int]:
    """How many pairs an effect can be of: interval and detectable effect are both so many standard errors."""
    low, high, least = (float(figure.values[name] or 0) for name in ("low95", "high95", "minimal_detectable"))
    fits = []
    for n in range(figure.n_shown, figure.n_shown + MINIMUM):
        far, near = t_quantile(0.975, n - 1), t_quantile(0.8, n - 1)
        smallest, largest = ((high - low + slack) / 2 / far for slack in (-0.0101, 0.0101))
        if least + 0.0051 >= (far + near) * smallest and least - 0.0051 <= (far + near) * largest:
            fits.append(n)
    return fits


def _about(name: str) -> str:
    kind = name.partition(":")[0]
    return {"participation": "taking_part", "module": "taking_part", "levels_pre": "pre"}.get(kind, "post")


def _together(counts: Sequence[Count]) -> Count:
    def cells(name: str, places: int = len(DOMAINS)) -> tuple[tuple[int, ...], ...]:
        return tuple(
            tuple(sum(getattr(count, name)[place][level] for count in counts) for level in range(len(LEVELS)))
            for place in range(places)
        )

    sizes = (sum(getattr(count, measure) for count in counts) for measure in MEASURES)
    return Count(*sizes, cells("pre_cells"), cells("post_cells"), cells("module_cells", len(MODULES)))


def _plus(*sums: Sum) -> Sum:
    found: dict[int, int] = defaultdict(int)
    for one in sums:
        for place, weight in one.items():
            found[place] += weight
    return dict(found)


def _times(what: Sum, factor: int) -> Sum:
    return {place: weight * factor for place, weight in what.items()}


def _less(what: Sum, *others: Sum) -> Sum:
    return _plus(what, *(_times(other, -1) for other in others))
