"""The peers behind one shape: one person's assessment as a stream of estimates, the way each library's docs say.

A step is "the next item out, its answer in, theta and SE". A peer sees the same bank and the same answers as
the engine, has one ability, asks the item with most information and estimates by EAP where it can. Nothing of a
peer is imported before it is made, so that one that is missing is one figure that is short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Answers = NDArray[np.bool_]

SE_ENOUGH = 0.32
MOST_ITEMS = 30
NODES = 61


@dataclass(frozen=True, eq=False, slots=True)
class Items:
    """A simulated bank: slope, difficulty and guessing chance per item."""

    a: Array
    b: Array
    c: Array

    @classmethod
    def simulated(cls, number: int, rng: np.random.Generator, guessing: float = 0.0) -> Items:
        a = rng.lognormal(np.log(1.2), 0.25, number)
        return cls(a, rng.normal(0.0, 1.2, number), np.full(number, guessing))

    def answers(self, theta: Array, rng: np.random.Generator) -> Answers:
        """What people would answer: theta is (N, 1), or (N, items) when the items measure several abilities."""
        chance = self.c + (1.0 - self.c) / (1.0 + np.exp(-self.a * (theta - self.b)))
        return np.asarray(rng.random(chance.shape) < chance)

    def rows(self) -> list[tuple[float, float, float, float]]:
        """(a, b, c, d) per item, d being 1."""
        return [(a, b, c, 1.0) for a, b, c in np.stack([self.a, self.b, self.c], axis=1).tolist()]


class Estimate(NamedTuple):
    """Ability and standard error after one more answer."""

    theta: float
    se: float


READY = Estimate(0.0, np.inf)


class Outcome(NamedTuple):
    """Where people ended, one place per person."""

    theta: Array
    se: Array
    items: Array


class Peer(Protocol):
    """One library with one bank."""

    def steps(self, answers: Answers, given: Sequence[int] = (), enough: bool = False) -> Iterator[Estimate]:
        """One person's assessment: READY once the `given` items are answered, then one estimate per step.

        A peer with a session of its own cannot take given items: it asks as many of its own choice. `enough`
        tells a peer that stops by itself to stop at SE_ENOUGH or MOST_ITEMS.
        """
        ...


def one_by_one(make: Callable[[Items], Peer], items: Items, rights: Answers) -> Callable[[], Outcome]:
    """A run over people who stop at SE_ENOUGH or MOST_ITEMS, one after another."""
    peer = make(items)

    def run() -> Outcome:
        ends = []
        for answers in rights:
            for number, estimate in enumerate(peer.steps(answers, enough=True)):  # the first is READY
                if estimate.se <= SE_ENOUGH or number == MOST_ITEMS:
                    break
            ends.append((*estimate, float(number)))
        return Outcome(*np.array(ends).T)

    return run


class Mirt:
    """mirt's CATEngine; its batch runs in compiled code on all cores, on answers of its own making."""

    def __init__(self, items: Items, nodes: int = NODES) -> None:
        from mirt.cat import CATEngine
        from mirt.models import ThreeParameterLogistic, TwoParameterLogistic

        known = {"discrimination": items.a, "difficulty": items.b}
        if items.c.any():
            model: Any = ThreeParameterLogistic(n_items=items.a.size).set_parameters(**known, guessing=items.c)
        else:
            model = TwoParameterLogistic(n_items=items.a.size).set_parameters(**known)
        model._is_fitted = True  # the library has no public way to use known parameters; its own code does this
        shared: dict[str, Any] = {"scoring_method": "EAP", "item_selection": "MFI", "n_quadpts": nodes, "seed": 1}
        self._endless = CATEngine(model, se_threshold=1e-9, **shared)
        self._stopping = CATEngine(model, se_threshold=SE_ENOUGH, max_items=MOST_ITEMS, **shared)

    def steps(self, answers: Answers, given: Sequence[int] = (), enough: bool = False) -> Iterator[Estimate]:
        engine = self._stopping if enough else self._endless
        engine.reset()
        state = engine.get_current_state()
        for _ in given:
            state = engine.administer_item(int(answers[state.next_item]))
        yield READY
        while not state.is_complete:
            state = engine.administer_item(int(answers[state.next_item]))
            yield Estimate(state.theta, state.standard_error)

    def batch(self, theta: Array) -> Outcome:
        results = self._stopping.run_batch_simulation(theta)
        return Outcome(*np.array([(r.theta, r.standard_error, r.n_items_administered) for r in results]).T)


class MirtKernels:
    """The compiled functions inside mirt, put together by hand.

    The library's own documentation calls them internal, and there is no session, stop rule or 3PL around them;
    so they are no peer, but they show what compiled code that scans a whole bank can do.
    """

    def __init__(self, items: Items) -> None:
        from mirt.backends.rust import cat

        if items.c.any() or not cat.rust_enabled():
            raise RuntimeError("compiled for 2PL only" if items.c.any() else "no compiled code for this machine")
        nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
        self._cat, self._a, self._b = cat, items.a, items.b
        self._nodes = nodes, weights / weights.sum()

    def steps(self, answers: Answers, given: Sequence[int] = (), enough: bool = False) -> Iterator[Estimate]:
        free = np.ones(self._a.size, dtype=np.bool_)
        asked, right = np.zeros((2, self._a.size), dtype=np.int32)
        free[list(given)] = False
        asked[: len(given)], right[: len(given)] = given, answers[list(given)]
        theta = 0.0
        yield READY
        for number in count(start=len(given)):
            item = self._cat.cat_select_max_info(theta, self._a, self._b, free)
            free[item], asked[number], right[number] = False, item, answers[item]
            known = asked[: number + 1], right[: number + 1]
            theta, se = self._cat.cat_eap_update(*known, self._a, self._b, *self._nodes)
            yield Estimate(theta, se)

    def batch(self, theta: Array) -> Outcome:
        rules = SE_ENOUGH, MOST_ITEMS, 1, 1, 1  # and: least items, replications, seed
        found = self._cat.cat_simulate_batch_full(theta, self._a, self._b, *self._nodes, *rules)
        return Outcome(found[0], found[1], found[2].astype(np.float64))


class Catsim:
    """catsim: maximum likelihood is all it has, with Dodd's heuristic while all answers are alike."""

    def __init__(self, items: Items) -> None:
        from catsim import estimation, initialization, irt, item_bank, selection, simulation, stopping

        self._see, self._simulator = irt.see, simulation.Simulator
        self._bank = item_bank.ItemBank(np.array(items.rows()), validate=False)  # it prints when it does
        self._select, self._estimator = selection.MaxInfoSelector(), estimation.NumericalSearchEstimator()
        self._start = initialization.FixedPointInitializer(0.0)
        self._stop = stopping.MinErrorStopper(SE_ENOUGH, max_items=MOST_ITEMS)

    def steps(self, answers: Answers, given: Sequence[int] = (), enough: bool = False) -> Iterator[Estimate]:
        asked, right, theta = list(given), [bool(answers[item]) for item in given], 0.0
        yield READY
        while True:
            item = self._select.select(item_bank=self._bank, administered_items=asked, est_theta=theta)
            asked.append(item)
            right.append(bool(answers[item]))
            theta = self._estimator.estimate(
                item_bank=self._bank, administered_items=asked, response_vector=right, est_theta=theta
            )
            yield Estimate(theta, self._see(theta, self._bank.get_items(asked)))

    def batch(self, theta: Array) -> Outcome:
        """Its Simulator, on answers of its own making."""
        simulator = self._simulator(self._bank, theta, seed=1)
        simulator.simulate(self._start, self._select, self._estimator, self._stop)
        ends = zip(simulator.latest_estimations, simulator.administered_items, strict=True)
        return Outcome(
            *np.array([(t, self._see(t, self._bank.get_items(asked)), len(asked)) for t, asked in ends]).T
        )


class Catpie:
    """catpie: catR in pure Python, 33 nodes."""

    def __init__(self, items: Items) -> None:
        import catpie

        self._catpie, self._bank = catpie, items.rows()

    def steps(self, answers: Answers, given: Sequence[int] = (), enough: bool = False) -> Iterator[Estimate]:
        asked, right, theta = list(given), [int(answers[item]) for item in given], 0.0
        yield READY
        while True:
            item = self._catpie.nextItem(self._bank, theta, asked, criterion="MFI").item
            asked.append(item)
            right.append(int(answers[item]))
            known = [self._bank[place] for place in asked]
            theta = self._catpie.thetaEst(known, right, method="EAP")
            yield Estimate(theta, self._catpie.semTheta(theta, known, right, method="EAP"))


class AdaptiveTesting:
    """adaptivetesting: an object per person that copies the whole bank; EAP on its own 1,000 nodes."""

    def __init__(self, items: Items) -> None:
        from adaptivetesting.implementations import TestAssembler
        from adaptivetesting.math.estimators import ExpectedAPosteriori, NormalPrior
        from adaptivetesting.models import ItemPool

        a, b, c = items.a.tolist(), items.b.tolist(), items.c.tolist()
        self._pool = ItemPool.load_from_list(a=a, b=b, c=c, ids=list(range(len(a))))
        self._settings = {"ability_estimator": ExpectedAPosteriori, "estimator_args": {"prior": NormalPrior(0, 1)}}
        self._assembler = TestAssembler

    def steps(self, answers: Answers, given: Sequence[int] = (), enough: bool = False) -> Iterator[Estimate]:
        test = self._assembler(self._pool, "benchmark", "person", simulation=False, **self._settings)
        test.get_response = lambda item: int(answers[item.id])
        test.answered_items = [test.item_pool.test_items[item] for item in given]
        test.response_pattern = [int(answers[item]) for item in given]
        for item in list(test.answered_items):
            test.item_pool.delete_item(item)
        yield READY
        while True:
            test.run_test_once()
            yield Estimate(float(test.ability_level), float(test.standard_error))


ALL: dict[str, Callable[[Items], Peer]] = {
    "mirt, 61 nodes": Mirt,
    "mirt, 21 nodes": partial(Mirt, nodes=21),
    "catsim": Catsim,
    "catpie": Catpie,
    "adaptivetesting": AdaptiveTesting,
}
NO_PEER = "mirt's internal kernels"
