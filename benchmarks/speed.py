"""How fast the engine is beside its peers: a live step in banks up to 100,000 items, a thousand simulated people.

Ours is measured at its dearest: four domains scored together and the whole history replayed at every step. A
peer is measured at its best: one ability, its session kept in memory where it has one.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import partial
from itertools import islice
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks import peers
from benchmarks.peers import Answers, Array, Items, Outcome, Peer
from benchmarks.proof import Figure, could_not_be_run, figure, say
from lti_tool.measurement import (
    Answer,
    Ask,
    Bank,
    Policy,
    Prior,
    ScoredItem,
    State,
    next_step,
    profile,
    sit_together,
)
from lti_tool.measurement.model import GRID

SIZES = (100, 1_000, 10_000, 100_000)
COMPARED = 10_000
DOMAINS = ("a", "b", "c", "d")
LOADING = 0.775
FIRST, LAST = 10, 20
LONGEST_STEP = 5.0  # seconds; a peer that is slower may be left out of the largest bank
MOST_PEOPLE = 10_000  # should the engine end every assessment at once, we do not wait for ever
PEOPLE, BANK_OF_PEOPLE = 1_000, 500

POLICIES = {
    "safe policy": Policy(),
    "efficient policy": Policy(easy_first=0, success_floor=0.0, best_of=1, pilot_slots=0),
}


def figures(quick: bool) -> list[Figure]:
    return [*_live_steps(quick), *_simulated_people(quick)]


def our_items(items: Items, domains: Sequence[str] = DOMAINS) -> list[ScoredItem]:
    """The same items for our engine, dealt over the domains in turn; item places stay the same."""
    return [
        ScoredItem(f"{place:06d}", domains[place % len(domains)], b, 0.0, a, c, source="calibrated")
        for place, (a, b, c, _) in enumerate(items.rows())
    ]


def our_steps(bank: Bank, policy: Policy, answers: Answers, seed: str) -> Iterator[State]:
    """One person's assessment: the state before and after each answer; a step starts from nothing but that."""
    state = State(bank.version, seed)
    yield state
    while isinstance(step := next_step(bank, policy, state), Ask):
        answer = Answer(step.item_id, bool(answers[bank.index[step.item_id]]))
        state = State(bank.version, seed, (*state.history, answer))
        yield state


Run = tuple[int, str]  # items in the bank, name of the engine


def _live_steps(quick: bool) -> list[Figure]:
    found: list[Figure] = []
    runs: dict[Run, Iterator[float]] = {}
    for size in SIZES:
        items = Items.simulated(size, np.random.default_rng(size))
        scored = our_items(items)
        begun = perf_counter()
        bank = Bank.build(scored, version="1", domains=DOMAINS)
        found.append(figure(f"Bank.build, {size:,} items", perf_counter() - begun, "s"))
        found.append(figure(f"tables of the bank, {size:,} items", _bytes_of(bank) / 2**20, "MB"))
        runs |= {(size, f"ours, {name}"): _our_times(bank, policy, items) for name, policy in POLICIES.items()}
        engines = {**peers.ALL, peers.NO_PEER: peers.MirtKernels}
        runs |= {(size, name): _peer_times(make, items) for name, make in engines.items()}
    step, failures = _alternately(runs, rounds=3 if quick else 30, budget=0.15 if quick else 10.0, guess=quick)
    for size, name in runs:
        title = f"step at {size:,}, {name}"
        if (size, name) in step:
            found.append(figure(title, step[size, name] * 1e3, "ms"))
        elif (size, name) in failures:
            found.append(could_not_be_run(title, failures[size, name]))
        else:
            tenfold = 10.0 * step.get((size // 10, name), np.nan)
            found.append(figure(f"{title}: left out, more than 5 s; guess", tenfold * 1e3, "ms"))
    return found + _verdict_on_steps(step)


def _verdict_on_steps(step: Mapping[Run, float]) -> list[Figure]:
    ours = {size: np.array([step.get((size, f"ours, {name}"), np.nan) for name in POLICIES]) for size in SIZES}
    slower = ours[COMPARED].max()
    # Not a number when a peer is missing: it might have been the fastest.
    fastest = np.min([step.get((COMPARED, name), np.nan) for name in peers.ALL])
    by_hand = step.get((COMPARED, peers.NO_PEER), np.nan)
    growth = (ours[SIZES[-1]] / ours[SIZES[0]]).max()
    return [
        figure(f"step at {COMPARED:,}: fastest peer / ours, slower policy", fastest / slower, "x", ">= 15"),
        figure(f"our step at {SIZES[-1]:,} / at {SIZES[0]:,}, worse policy", growth, "x", "<= 3"),
        figure(f"step at {COMPARED:,}: {peers.NO_PEER} / ours, slower policy", by_hand / slower, "x"),
    ]


def _our_times(bank: Bank, policy: Policy, items: Items) -> Iterator[float]:
    """Seconds of the steps that replay FIRST to LAST answers."""
    rng = np.random.default_rng(1)
    for person in range(MOST_PEOPLE):
        theta = LOADING * rng.normal() + np.sqrt(1 - LOADING**2) * rng.normal(size=len(DOMAINS))
        answers = items.answers(theta[bank.domain_of][None], rng)[0]
        yield from _timed(our_steps(bank, policy, answers, f"person {person}"), leave=FIRST + 1)


def _peer_times(make: Callable[[Items], Peer], items: Items) -> Iterator[float]:
    """Seconds of the steps from answer FIRST to answer LAST."""
    peer = make(items)
    rng = np.random.default_rng(1)
    while True:
        theta = rng.normal()
        answers = items.answers(np.array([[theta]]), rng)[0]
        given = np.argsort(np.abs(items.b - theta))[: FIRST - 1].tolist()
        yield from _timed(peer.steps(answers, given), leave=1)


def _timed(steps: Iterator[Any], leave: int) -> Iterator[float]:
    for number in range(leave + LAST - FIRST + 1):
        begun = perf_counter()
        step = next(steps, None)
        seconds = perf_counter() - begun
        if step is None:  # an assessment may have asked enough before LAST
            return
        if number >= leave:
            yield seconds


def _alternately(
    runs: Mapping[Run, Iterator[float]], rounds: int, budget: float, guess: bool
) -> tuple[dict[Run, float], dict[Run, Exception]]:
    """Median of each, in turns, so that a noisy moment hits all; why some could not be run.

    An engine stops when its budget of seconds is used, but not before three steps (or one that alone is more).
    With `guess` it skips the largest bank when ten times its step on the bank below that is too long.
    """
    seconds: dict[Run, list[float]] = {run: [] for run in runs}
    spent = dict.fromkeys(runs, 0.0)
    failures: dict[Run, Exception] = {}
    for turn in range(rounds):
        say(f"live steps, round {turn + 1} of {rounds}")
        for size, name in runs:
            run = size, name
            smaller = seconds.get((size // 10, name)) if guess and size == SIZES[-1] else None
            if smaller and 10.0 * statistics.median(smaller) > LONGEST_STEP:
                continue
            if run in failures or spent[run] > budget:
                continue
            gc.freeze()  # or the collector walks through the large banks of all others in somebody's step
            begun = perf_counter()
            try:
                for one in islice(runs[run], LAST - FIRST + 1):
                    seconds[run].append(one)
                    used = spent[run] + perf_counter() - begun
                    if used > budget and (len(seconds[run]) >= 3 or one > budget):
                        break
            except Exception as reason:  # noqa: BLE001 - whatever a peer does, the table says so
                failures[run] = reason
            spent[run] += perf_counter() - begun
    gc.unfreeze()
    return {run: statistics.median(s) for run, s in seconds.items() if s and run not in failures}, failures


def _bytes_of(thing: object) -> int:
    """All arrays that a bank holds, whatever its inside looks like; an array that is shared counts once."""
    arrays: dict[int, int] = {}
    waiting = [thing]
    while waiting:
        part = waiting.pop()
        if isinstance(part, np.ndarray):
            whole = part if part.base is None or not isinstance(part.base, np.ndarray) else part.base
            arrays[id(whole)] = whole.nbytes
        elif is_dataclass(part):
            waiting += [getattr(part, field.name) for field in fields(part)]
        elif isinstance(part, (tuple, list)) and part and not isinstance(part[0], str):
            waiting += part
    return sum(arrays.values())


Crowd = tuple[int, Callable[[], Callable[[], Outcome]]]  # number of people, and what makes the run over them


def _simulated_people(quick: bool) -> list[Figure]:
    rng = np.random.default_rng(500)
    items = Items.simulated(BANK_OF_PEOPLE, rng)
    theta = rng.normal(size=PEOPLE)
    rights = items.answers(theta[:, None], rng)
    fewer = 10 if quick else 1
    some = 300 // fewer
    say(f"{PEOPLE:,} people on {BANK_OF_PEOPLE} items, together")
    crowds: dict[str, Crowd] = {
        "our lock-step": (PEOPLE, lambda: _our_lock_step(items, rights)),
        "mirt batch, 61 nodes": (PEOPLE, lambda: partial(peers.Mirt(items).batch, theta)),
        "mirt batch, 21 nodes": (PEOPLE, lambda: partial(peers.Mirt(items, nodes=21).batch, theta)),
        f"{peers.NO_PEER}, batch": (PEOPLE, lambda: partial(peers.MirtKernels(items).batch, theta)),
        "catsim simulator": (some, lambda: partial(peers.Catsim(items).batch, theta[:some])),
    }
    found, together = _timed_crowds(crowds, 3 if quick else 9, theta)
    say("the same people, one by one")
    most = {"catpie": 100 // fewer, "adaptivetesting": 10 // fewer}
    crowds = {"ours live, with profile": (PEOPLE // fewer, lambda: _our_live(items, rights[: PEOPLE // fewer]))}
    for name, make in peers.ALL.items():
        people = most.get(name, some)
        crowds[f"{name} live"] = people, partial(peers.one_by_one, make, items, rights[:people])
    return [*found, *_timed_crowds(crowds, 1, theta)[0], *_verdict_on_people(together)]


def _timed_crowds(
    crowds: Mapping[str, Crowd], times: int, theta: Array
) -> tuple[list[Figure], dict[str, tuple[float, Outcome]]]:
    """Seconds per person, the median of some runs in turns; and how well each measured."""
    found: list[Figure] = []
    runs: dict[str, Callable[[], Outcome]] = {}
    seconds: dict[str, list[float]] = {name: [] for name in crowds}
    outcomes: dict[str, Outcome] = {}
    for turn in range(times):
        for name, (_, make) in crowds.items():
            try:
                if turn == 0:
                    runs[name] = make()
                if name in runs:
                    begun = perf_counter()
                    outcomes[name] = runs[name]()
                    seconds[name].append(perf_counter() - begun)
            except Exception as reason:  # noqa: BLE001 - whatever a peer does, the table says so
                found.append(could_not_be_run(name, reason))
                runs.pop(name, None)
    done = {name: (statistics.median(seconds[name]) / crowds[name][0], outcomes[name]) for name in runs}
    for name, (per_person, outcome) in done.items():
        found += _quality(f"{name}, {crowds[name][0]} people", outcome, theta, per_person)
    return found, done


def _quality(name: str, outcome: Outcome, theta: Array, seconds: float) -> list[Figure]:
    error = outcome.theta - theta[: outcome.theta.size]
    return [
        figure(f"{name}: time", seconds * 1e3, "ms/person"),
        figure(f"{name}: bias", error.mean(), "logits"),
        figure(f"{name}: RMSE", np.sqrt((error**2).mean()), "logits"),
        figure(f"{name}: mean items", outcome.items.mean(), "items"),
        figure(f"{name}: 95 % interval holds", (np.abs(error) <= 1.96 * outcome.se).mean(), "share"),
    ]


def _verdict_on_people(done: Mapping[str, tuple[float, Outcome]]) -> list[Figure]:
    seconds = {name: per_person for name, (per_person, _) in done.items()}
    ours = seconds.get("our lock-step", np.nan)
    batch = np.min([seconds.get(f"mirt batch, {nodes} nodes", np.nan) for nodes in (21, 61)])
    simulator, by_hand = (seconds.get(name, np.nan) for name in ("catsim simulator", f"{peers.NO_PEER}, batch"))
    found = [
        figure("people: mirt's faster batch / our lock-step", batch / ours, "x", ">= 1"),
        figure("people: catsim's simulator / our lock-step", simulator / ours, "x", ">= 50"),
        figure(f"people: {peers.NO_PEER}, batch / our lock-step", by_hand / ours, "x"),
    ]
    if "our lock-step" in done:
        items = done["our lock-step"][1].items
        limit = _physical_limit([int((items > step).sum()) for step in range(int(items.max()))]) / PEOPLE
        found.append(figure("people: products and exponentials alone", limit * 1e3, "ms/person"))
        found.append(figure("people: our lock-step / products and exponentials alone", ours / limit, "x"))
    return found


def _physical_limit(people_per_step: Sequence[int]) -> float:
    """Seconds that NumPy needs for what no lock-step with posteriors on our grid can leave out.

    Per answer and person: the exponential of 81 log masses and their product with the moments 0, 1 and 2.
    """
    logs = np.random.default_rng(1).normal(size=(max(people_per_step), GRID.size))
    masses = np.empty_like(logs)
    moments = np.stack([np.ones_like(GRID), GRID, GRID**2], axis=1)
    runs = []
    for _ in range(15):
        begun = perf_counter()
        for people in people_per_step:
            np.exp(logs[:people], out=masses[:people]) @ moments
        runs.append(perf_counter() - begun)
    return statistics.median(runs)


def _our_lock_step(items: Items, rights: Answers) -> Callable[[], Outcome]:
    bank, policy = _for_people(items)

    def run() -> Outcome:
        sittings = sit_together(bank, policy, rights, seeds=[f"person {number}" for number in range(len(rights))])
        return Outcome(sittings.mean[:, 0], sittings.sd[:, 0], (sittings.asked >= 0).sum(axis=1))

    return run


def _our_live(items: Items, rights: Answers) -> Callable[[], Outcome]:
    bank, policy = _for_people(items)

    def run() -> Outcome:
        ends = []
        for number, answers in enumerate(rights):
            *_, last = our_steps(bank, policy, answers, f"person {number}")
            domain = profile(bank, policy, last).domains[0]
            ends.append((domain.mean, domain.sd, float(len(last.history))))
        return Outcome(*np.array(ends).T)

    return run


def _for_people(items: Items) -> tuple[Bank, Policy]:
    """One ability, and precision alone says when it is enough, as with the peers."""
    bank = Bank.build(our_items(items, DOMAINS[:1]), version="1", domains=DOMAINS[:1], prior=Prior(loading=0.0))
    lengths = {"min_per_domain": 1, "max_per_domain": peers.MOST_ITEMS, "max_items": peers.MOST_ITEMS}
    return bank, replace(POLICIES["efficient policy"], **lengths, certain_sd=peers.SE_ENOUGH, pser=0.0)
