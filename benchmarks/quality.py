"""How well the engine measures: honest errors, short assessments, kindness, calibration and effects.

Everything is simulated, so the truth is known. A target is what `make bench` is held to; other figures inform.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.peers import Array
from benchmarks.proof import Figure, could_not_be_run, figure, say
from lti_tool.measurement import (
    Answer,
    Bank,
    Own,
    Policy,
    Prior,
    ScoredItem,
    Sheet,
    Sittings,
    State,
    calibrate,
    group_change,
    profile,
    sit_together,
)
from lti_tool.measurement.change import FEWEST_FOR_REGRESSION, t_quantile
from lti_tool.measurement.model import log_chances
from lti_tool.measurement.posterior import believe
from lti_tool.measurement.simulate import Health, draw_abilities, draw_answers, health_of

DOMAINS = ("a", "b", "c", "d")
PER_DOMAIN = 40
RHO = 0.7
SAFE = Policy()
EFFICIENT = Policy(easy_first=0, success_floor=0.0, best_of=1, pilot_slots=0)
PRECISE = replace(EFFICIENT, min_per_domain=1, max_per_domain=PER_DOMAIN, max_items=4 * PER_DOMAIN, pser=0.0)


def figures(quick: bool) -> list[Figure]:
    parts: Sequence[Callable[[bool], list[Figure]]] = (
        _standard_errors,
        _t_quantiles,
        _policies,
        _guessed_difficulties,
        _joint_or_separate,
        _calibration,
        _effects,
    )
    found: list[Figure] = []
    for part in parts:
        say(f"quality:{part.__name__.replace('_', ' ')}")
        found += part(quick)
    return found


class World:
    """A bank whose true parameters are known, with what the engine is told of them."""

    def __init__(
        self, seed: int, per_domain: int = PER_DOMAIN, judge_error: float = 0.0, rho: float = RHO
    ) -> None:
        self.dice = np.random.default_rng(seed)
        self.rho = rho
        size = per_domain * len(DOMAINS)
        self.a = self.dice.lognormal(np.log(1.2), 0.25, size)
        self.b = self.dice.normal(0.0, 1.2, size)
        told = self.b + judge_error * self.dice.normal(size=size)
        self.items = [
            ScoredItem(f"{place:06d}", DOMAINS[place // per_domain], b, judge_error)
            if judge_error
            else ScoredItem(f"{place:06d}", DOMAINS[place // per_domain], b, 0.0, a, source="calibrated")
            for place, (a, b) in enumerate(zip(self.a.tolist(), told.tolist(), strict=True))
        ]

    def bank(self, loading: float | None = None) -> Bank:
        prior = Prior(self.rho**0.5 if loading is None else loading)
        return Bank.build(self.items, version="1", domains=DOMAINS, prior=prior)

    def answers(self, bank: Bank, abilities: Array) -> Array:
        return draw_answers(self.dice, self.a, self.b, np.zeros_like(self.b), abilities[:, bank.domain_of])

    def sit(
        self, bank: Bank, policy: Policy, abilities: Array, excluded: Array | None = None, moment: int = 0
    ) -> Sittings:
        rights = self.answers(bank, abilities)
        seeds = [f"{moment}/{person}" for person in range(len(abilities))]
        return sit_together(bank, policy, rights, seeds=seeds, excluded=excluded)

    def health(self, policy: Policy, people: int) -> Health:
        bank = self.bank()
        abilities = draw_abilities(self.dice, people, len(DOMAINS), self.rho)
        return health_of(bank, policy, self.sit(bank, policy, abilities), abilities)


def _mean(healths: Sequence[Health], name: str) -> float:
    return float(np.mean([getattr(health, name) for health in healths]))


def _standard_errors(quick: bool) -> list[Figure]:
    """Against a reference that shares no line with the engine: 1,201 nodes of ability, 301 of the general one."""
    ability, general = np.linspace(-9.0, 9.0, 1201), np.linspace(-7.0, 7.0, 301)
    found = []
    for loading in (0.775, RHO**0.5):
        world = World(1)
        bank = world.bank(loading)
        given = np.exp(-((ability - loading * general[:, None]) ** 2) / (2.0 * (1.0 - loading**2)))
        given /= given.sum(axis=1, keepdims=True)
        ratios = []
        for person in range(20 if quick else 60):
            abilities = draw_abilities(world.dice, 1, len(DOMAINS), RHO) * (1.5 if person % 2 else 1.0)
            asked = world.dice.permutation(len(world.items))[:PER_DOMAIN]
            right = draw_answers(
                world.dice, world.a, world.b, np.zeros_like(world.b), abilities[:, bank.domain_of]
            )
            for number in (10, 20, 30, 40):
                known = asked[:number]
                logs, dense = np.zeros((4, 81)), np.zeros((4, ability.size))
                curves = log_chances(ability, world.a[known, None], world.b[known, None], np.zeros((number, 1)))
                for place, item in enumerate(known):
                    score, domain = int(right[0, item]), bank.domain_of[item]
                    logs[domain] += bank.log_chances[score, item]
                    dense[domain] += curves[score, place]
                ratios.append(believe(logs, bank.prior).sd / _dense_sd(dense, ability, general, given))
        worst = float(np.abs(np.array(ratios) - 1.0).max())
        found.append(
            figure(f"SE / dense-grid SE, loading {loading:.3f}: largest difference from 1", worst, "", "<= 0.002")
        )
    return found


def _dense_sd(logs: Array, ability: Array, general: Array, given: Array) -> Array:
    likelihood = np.exp(logs - logs.max(axis=1, keepdims=True))
    of_general = likelihood @ given.T
    sds = []
    for domain in range(len(logs)):
        weight = np.exp(-(general**2) / 2.0) * np.prod(np.delete(of_general, domain, axis=0), axis=0)
        masses = likelihood[domain] * (weight @ given)
        masses /= masses.sum()
        sds.append(np.sqrt(masses @ ability**2 - (masses @ ability) ** 2))
    return np.array(sds)


def _t_quantiles(quick: bool) -> list[Figure]:
    name = "t quantile: largest difference from SciPy's"
    try:
        from scipy.stats import t
    except ImportError as reason:
        return [could_not_be_run(name, reason, "<= 1e-9")]
    asked = [(share, freedom) for share in (0.8, 0.9, 0.975, 0.995) for freedom in (1, 2, 9, 29, 199, 9_999)]
    worst = max(abs(t_quantile(share, freedom) / t.ppf(share, freedom) - 1.0) for share, freedom in asked)
    return [figure(name, worst, "relative", "<= 1e-9")]


def _policies(quick: bool) -> list[Figure]:
    banks, people = (10, 200) if quick else (20, 1_000)
    efficient = [World(seed).health(EFFICIENT, people) for seed in range(banks)]
    safe = [World(seed).health(SAFE, people) for seed in range(banks)]
    bars = {
        "efficient policy": (efficient, {"mean_items": "<= 21.5", "level_accuracy": ">= 0.77"}),
        "safe policy": (
            safe,
            {
                "mean_items": "<= 24",
                "level_accuracy": ">= 0.73",
                "shown_right": ">= 0.80",
                "first_three_right": ">= 0.75",
                "under_40_percent": "<= 0.035",
                "max_exposure": "<= 0.60",
            },
        ),
    }
    informative = ("shown_share", "shown_right", "first_three_right", "under_40_percent", "max_exposure")
    found = []
    for name, (healths, targets) in bars.items():
        for what in dict.fromkeys([*targets, *informative]):
            found.append(figure(f"{name}: {what}", _mean(healths, what), "", targets.get(what)))
        found += _honesty(f"{name}, calibrated", healths, "0.94..0.96", "<= 0.02")
    return found


def _honesty(name: str, healths: Sequence[Health], coverage: str, apart: str) -> list[Figure]:
    claimed, actual = _mean(healths, "claimed_accuracy"), _mean(healths, "level_accuracy")
    return [
        figure(f"{name}: 95 % interval holds", _mean(healths, "coverage95"), "share", coverage),
        figure(f"{name}: level accuracy claimed - actual", abs(claimed - actual), "share", apart),
    ]


def _guessed_difficulties(quick: bool) -> list[Figure]:
    """Slopes unknown, difficulties guessed with an error whose SD is the one that is declared."""
    found = []
    for error in (0.7, 1.0):
        for name, policy in (("safe", SAFE), ("efficient", EFFICIENT)):
            healths = [
                World(seed, judge_error=error).health(policy, 40 if quick else 500)
                for seed in range(12 if quick else 24)
            ]
            found += _honesty(f"judge error {error}, {name} policy", healths, "0.93..0.96", "<= 0.03")
            found.append(
                figure(f"judge error {error}, {name} policy: items", _mean(healths, "mean_items"), "items")
            )
    return found


def _joint_or_separate(quick: bool) -> list[Figure]:
    found = []
    policy = replace(PRECISE, certain_sd=0.40)
    for rho, target in ((0.6, None), (0.7, None), (0.8, "<= 0.56")):
        numbers: dict[str, list[float]] = {"joint": [], "separate": []}
        for seed in range(4):
            for name, loading in (("joint", rho**0.5), ("separate", 0.0)):
                world = World(seed, rho=rho)
                abilities = draw_abilities(world.dice, 100 if quick else 500, len(DOMAINS), rho)
                sittings = world.sit(world.bank(loading), policy, abilities)
                numbers[name].append(float((sittings.asked >= 0).sum(axis=1).mean()))
        joint, separate = np.mean(numbers["joint"]), np.mean(numbers["separate"])
        found.append(figure(f"items to SE .40, correlation {rho}: separate", separate, "items"))
        found.append(figure(f"items to SE .40, correlation {rho}: joint", joint, "items"))
        found.append(figure(f"items to SE .40, correlation {rho}: joint / separate", joint / separate, "", target))
    return found


def _calibration(quick: bool) -> list[Figure]:
    """One domain of 40 items; everybody answers 10 of them, chosen on what the experts guessed (error SD .7)."""
    bars = {40: "<= 0.47", 80: "<= 0.42", 160: "<= 0.37", 300: None, 1_000: None}
    found = []
    for people, target in bars.items():
        seeds = (8 if quick else 24) if target else (1 if quick else 8)
        runs = [_calibrated(people, seed) for seed in range(seeds)]
        ours, experts, held = np.array([run[:3] for run in runs]).mean(axis=0)
        name = f"calibration, {people} people x 10 answers"
        found.append(figure(f"{name}: RMSE of b, ours", ours, "logits", target))
        found.append(figure(f"{name}: RMSE of b, experts' guesses alone", experts, "logits"))
        found.append(figure(f"{name}: 95 % interval of b holds", held, "share"))
        found.append(_calibrated_by_mirt(name, [run[3:] for run in runs[: 1 if quick else 8]]))
    return found


def _calibrated(people: int, seed: int) -> tuple[float, float, float, Array, Array]:
    dice = np.random.default_rng(seed)
    a, b = dice.lognormal(np.log(1.2), 0.25, PER_DOMAIN), dice.normal(0.0, 1.2, PER_DOMAIN)
    guess = b + 0.7 * dice.normal(size=PER_DOMAIN)
    items = [ScoredItem(f"{place:02d}", "a", value, 0.7) for place, value in enumerate(guess.tolist())]
    bank = Bank.build(items, version="1", domains=["a"], prior=Prior(0.0))
    rights = draw_answers(
        dice, a, b, np.zeros(PER_DOMAIN), np.repeat(dice.normal(size=(people, 1)), PER_DOMAIN, axis=1)
    )
    policy = replace(PRECISE, best_of=5, max_per_domain=10, max_items=10, certain_sd=1e-3)
    sittings = sit_together(bank, policy, rights, seeds=[f"{seed}/{person}" for person in range(people)])
    sheets = [
        Sheet("one", tuple(Answer(bank.item_ids[item], bool(rights[person, item])) for item in row))
        for person, row in enumerate(sittings.asked)
    ]
    known = calibrate(items, ["a"], sheets, prior=Prior(0.0)).items
    found, sd = np.array([item.b for item in known]), np.array([item.sd for item in known])
    table = np.full(rights.shape, -1)
    np.put_along_axis(table, sittings.asked, np.take_along_axis(rights, sittings.asked, axis=1), axis=1)
    error, of_experts = np.sqrt(((found - b) ** 2).mean()), np.sqrt(((bank.b - b) ** 2).mean())
    return error, of_experts, float((np.abs(found - b) <= 1.96 * sd).mean()), table, b


def _calibrated_by_mirt(name: str, runs: Iterable[tuple[Array, Array]]) -> Figure:
    """The peer that can calibrate, with the priors that it has: one for all difficulties, one for all slopes."""
    title = f"{name}: RMSE of b, mirt with its priors"
    try:
        import mirt
        from mirt.estimation.priors import LogNormalPrior, NormalPrior

        priors = {"discrimination": LogNormalPrior(np.log(1.2), 0.25), "difficulty": NormalPrior(0.0, 1.2)}
        errors = []
        for table, b in runs:
            fit = mirt.fit_mirt(table, "2PL", priors=priors, compute_standard_errors=False)
            errors.append(np.sqrt(((fit.model.parameters["difficulty"] - b) ** 2).mean()))
        return figure(title, np.mean(errors), "logits")
    except Exception as reason:  # noqa: BLE001 - whatever a peer does, the table says so
        return could_not_be_run(title, reason)


def _effects(quick: bool) -> list[Figure]:
    """A true change of .5 in one of four domains; at the second moment no item of the first is asked again."""
    true = np.array([0.5, 0.0, 0.0, 0.0])
    found = []
    for people, times in ((200, 20 if quick else 200), (20, 10 if quick else 200)):
        worlds = [World(seed, per_domain=150) for seed in range(times // 10)]
        runs = [run for world in worlds for run in _some_effects(world, people, true)]
        errors, held, naive = (np.mean([run[part] for run in runs], axis=0) for part in range(3))
        name = f"effect, {people} people, {times} times"
        bars = ("<= 0.03", "<= 0.02") if people == 200 else (None, None)
        found += [
            figure(f"{name}: bias", abs(errors[0]), "SD", bars[0]),
            figure(f"{name}: leak into the other domains", abs(errors[1:].mean()), "SD", bars[1]),
            figure(f"{name}: the largest of the three", np.abs(errors[1:]).max(), "SD"),
            figure(f"{name}: 95 % interval holds", held.mean(), "share"),
            figure(f"{name}: bias of differences of joint means, for comparison", abs(naive[0]), "SD"),
            figure(f"{name}: their leak", abs(naive[1:].mean()), "SD"),
        ]
    return found


def _some_effects(world: World, people: int, true: Array) -> list[tuple[Array, Array, Array]]:
    bank = world.bank()
    return [_one_effect(world, bank, people, true) for _ in range(10)]


def _one_effect(world: World, bank: Bank, people: int, true: Array) -> tuple[Array, Array, Array]:
    """Per domain: what was measured less what these people gained, whether the interval held, the naive way."""
    before = draw_abilities(world.dice, people, len(DOMAINS), RHO)
    after = 0.85 * before + np.sqrt(1 - 0.85**2) * draw_abilities(world.dice, people, len(DOMAINS), RHO) + true
    first = world.sit(bank, SAFE, before)
    seen = np.zeros((people, len(bank.item_ids)), dtype=np.bool_)
    rows, columns = np.nonzero(first.asked >= 0)
    seen[rows, first.asked[rows, columns]] = True
    second = world.sit(bank, SAFE, after, excluded=seen, moment=1)
    changes = [group_change(*own) for own in zip(_own(bank, first), _own(bank, second), strict=True)]
    gained = (after - before).mean(axis=0)
    held = [change.low95 <= value <= change.high95 for change, value in zip(changes, true, strict=True)]
    naive = (second.mean - first.mean).mean(axis=0)
    return np.array([change.mean for change in changes]) - gained, np.array(held), naive - gained


def _own(bank: Bank, sittings: Sittings) -> list[list[Own]]:
    """Per domain what each person's own answers say."""
    domains = range(len(DOMAINS))
    if len(sittings.asked) >= FEWEST_FOR_REGRESSION:  # then nobody looks at the estimate
        return [[Own(0.0, logs) for logs in sittings.log_likelihood[:, domain]] for domain in domains]
    people = []
    for asked, right in zip(sittings.asked, sittings.right, strict=True):
        answers = zip(asked[asked >= 0], right[asked >= 0], strict=True)
        history = tuple(Answer(bank.item_ids[item], bool(score)) for item, score in answers)
        people.append(profile(bank, SAFE, State(bank.version, "", history)).domains)
    return [[Own(person[domain].wle or 0.0, None) for person in people] for domain in domains]
