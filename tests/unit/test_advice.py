"""From results to advice: strong points first, one next step, and what may be skipped."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.advice import Advice, advise, first_step, minutes_by_level
from lti_tool.domain.colophon import Colophon
from lti_tool.domain.content import Domain, Framework, Level, Package, Policy, Subskill
from lti_tool.domain.modules import Module
from tests.factories import make_result

DOMAINS = {
    "operationeel": "ope.software",
    "informatie": "inf.zoeken",
    "strategisch": "str.cloud",
    "veiligheid": "vei.internet",
}


def make_module(module_id: str, domain: str, level: str = "basis", **changes: Any) -> Module:
    values: dict[str, Any] = {
        "id": module_id,
        "slug": module_id.lower(),
        "version": "1.0.0",
        "title": f"Training {module_id}",
        "one_topic": "Eén ding.",
        "benefit": "Dat scheelt tijd.",
        "domain": domain,
        "subskills": (DOMAINS[domain],),
        "level": level,
        "minutes": 20,
        "goals": (),
        "steps": (),
        "requires": (),
    }
    return Module(**{**values, **changes})


START = make_module("M-OPE-001", "operationeel", "start", minutes=10)
OPERATIONAL = make_module("M-OPE-002", "operationeel")
SEARCHING = make_module("M-INF-001", "informatie")
CLOUD = make_module("M-STR-001", "strategisch")
SAFE = make_module("M-VEI-001", "veiligheid", minutes=25)
FURTHER = make_module("M-VEI-002", "veiligheid", "gevorderd")
ALL = (START, OPERATIONAL, SEARCHING, CLOUD, SAFE, FURTHER)


def make_package(*modules: Module) -> Package:
    levels = (Level("basis", {}, None), Level("zelfstandig", {}, -0.5), Level("gevorderd", {}, 0.8))
    domains = tuple(
        Domain(
            name,
            {},
            {},
            (Subskill(subskill, {}, True, {})),
        )
        for name, subskill in DOMAINS.items()
    )
    return Package(
        id="klein",
        version="1.0.0",
        title="Klein",
        framework=Framework("klein", "1.0.0", domains, levels),
        items={},
        modules={module.id: module for module in modules},
        policy=Policy(3, 3, 8, 24, 0.8, 0.7, 0.6),
        practice_question="OPE-SOF-0100",
        start_module=START.id,
        personas=(),
        media={},
        variables={},
        colophon=Colophon("Klein", "1.0.0", "Voorbeeldstad", "", "CC0-1.0", ()),
        sha256="0" * 64,
        bank_version="klein@1.0.0+000000000000",
    )


def results(ope: float = 0.0, inf: float = 0.0, stra: float = 0.0, vei: float = 0.0, **gains: float) -> Any:
    """One result for each domain; a gain is named by the first letters of its domain."""
    means = zip(DOMAINS, (ope, inf, stra, vei), strict=True)
    return [
        make_result(domain, mean, gains=((DOMAINS[domain], gains.get(domain[:3], 0.0)),)) for domain, mean in means
    ]


def test_strong_points_are_the_better_half_and_the_weakest_domain_is_the_first_to_grow_in():
    found = advise(results(ope=0.1, inf=0.9, stra=0.5, vei=-0.2), make_package(*ALL), ())
    assert found.strong == ("informatie", "strategisch")
    assert found.grow == ("veiligheid", "operationeel")


def test_the_next_step_is_the_training_that_promises_the_largest_gain():
    found = advise(results(ope=0.2, inf=0.2, stra=0.2, vei=0.2, str=0.3), make_package(*ALL), ())
    assert (found.next_module, found.reason) == (CLOUD.id, "most_gain")


def test_with_equal_gains_the_weaker_domain_comes_first():
    found = advise(results(ope=0.5, inf=0.1, stra=-0.3, vei=0.2), make_package(*ALL), ())
    assert found.next_module == CLOUD.id


def test_with_everything_equal_the_order_of_ids_decides_so_that_advice_never_wavers():
    package = make_package(*reversed(ALL))
    assert advise(results(), package, ()).next_module == SEARCHING.id
    assert advise(list(reversed(results())), package, ()).next_module == SEARCHING.id


def test_low_operational_skills_come_first_because_the_other_domains_rest_on_them():
    found = advise(results(ope=-0.8, vei=-0.9), make_package(*ALL), ())
    assert (found.next_module, found.reason) == (START.id, "condition")


def test_a_result_that_touches_the_lowest_level_counts_as_low():
    measured = results(ope=-0.4, vei=0.0)
    measured[0] = make_result("operationeel", -0.4, level=None, between=("basis", "zelfstandig"))
    assert advise(measured, make_package(*ALL), ()).reason == "condition"


def test_a_result_between_the_higher_levels_is_not_low():
    measured = results(ope=0.6)
    measured[0] = make_result("operationeel", 0.6, level=None, between=("zelfstandig", "gevorderd"))
    assert advise(measured, make_package(*ALL), ()).reason == "most_gain"


def test_a_domain_without_a_level_at_all_is_not_called_low():
    measured = results()
    measured[0] = make_result("operationeel", -0.4, level=None, between=None)
    assert advise(measured, make_package(*ALL), ()).reason == "most_gain"


def test_when_the_operational_trainings_are_done_another_one_is_advised_for_its_gain():
    found = advise(results(ope=-0.8), make_package(*ALL), (START.id, OPERATIONAL.id))
    assert (found.next_module, found.reason) == (SEARCHING.id, "most_gain")


def test_a_package_without_the_operational_domain_has_no_condition():
    package = make_package(SAFE)
    found = advise([make_result("veiligheid", -0.9)], package, ())
    assert (found.next_module, found.reason) == (SAFE.id, "most_gain")


def test_a_training_below_your_level_may_be_skipped_and_its_minutes_are_saved():
    found = advise(results(ope=-0.1, vei=1.0), make_package(*ALL), ())
    assert found.skippable == (START.id, SAFE.id)
    assert found.minutes_saved == START.minutes + SAFE.minutes


@pytest.mark.parametrize(("mean", "fits"), [(-0.51, True), (-0.5, False)])
def test_a_first_training_fits_below_the_lowest_cut(mean, fits):
    found = advise(results(ope=mean), make_package(START), ())
    assert (found.next_module == START.id) is fits


@pytest.mark.parametrize(("level", "fits"), [("basis", False), ("verder", True), ("gevorderd", True)])
def test_a_further_training_fits_however_able_somebody_is(level, fits):
    module = make_module("M-VEI-009", "veiligheid", level)
    found = advise(results(vei=3.0), make_package(module), ())
    assert (found.next_module == module.id) is fits


def test_a_training_without_scored_subskills_promises_nothing_but_can_still_be_advised():
    mindset = make_module("M-STR-009", "strategisch", subskills=())
    package = make_package(mindset, SEARCHING)
    assert advise(results(inf=0.5, stra=0.1, str=0.9), package, ()).next_module == mindset.id
    found = advise(results(inf=0.5), package, ())
    assert found.others == (SEARCHING.id,)


def test_when_nothing_is_left_to_train_somebody_may_help_others():
    found = advise(results(), make_package(SEARCHING), (SEARCHING.id,))
    assert (found.next_module, found.reason, found.others) == (None, "helper", ())


def test_no_more_than_two_alternatives_are_offered():
    found = advise(results(ope=-0.8), make_package(*ALL), ())
    assert len(found.others) == 2


means = st.floats(-4, 4)
done = st.sets(st.sampled_from([module.id for module in ALL]))


@given(means, means, means, means, done)
def test_advice_never_names_a_training_that_is_done_or_may_be_skipped(ope, inf, stra, vei, finished):
    found = advise(results(ope, inf, stra, vei), make_package(*ALL), finished)
    named = {found.next_module, *found.others} - {None}
    assert not named & finished
    assert not named & set(found.skippable)


@given(means, means, means, means)
def test_every_domain_is_either_a_strong_point_or_one_to_grow_in(ope, inf, stra, vei):
    found = advise(results(ope, inf, stra, vei), make_package(*ALL), ())
    assert sorted(found.strong + found.grow) == sorted(DOMAINS)
    assert len(found.strong) >= len(found.grow)


def test_who_is_at_the_highest_level_everywhere_has_strong_points_only():
    found = advise(results(ope=1.2, inf=1.4, stra=1.6, vei=1.8), make_package(*ALL), ())
    assert (found.strong[0], found.grow, found.furthest) == ("veiligheid", (), False)
    assert len(found.strong) == 4


def test_who_learns_the_basics_everywhere_hears_where_they_are_furthest():
    found = advise(results(ope=-1.8, inf=-1.6, stra=-1.4, vei=-1.2), make_package(*ALL), ())
    assert (found.strong, found.furthest) == (("veiligheid", "strategisch"), True)


def test_who_skipped_starts_with_the_first_easy_training():
    found = first_step(make_package(*ALL), ())
    assert found == Advice((), False, (), START.id, "start", (OPERATIONAL.id, SEARCHING.id), (), 0)


def test_who_skipped_and_did_the_first_training_gets_the_next_one():
    found = first_step(make_package(*ALL), {START.id, OPERATIONAL.id})
    assert (found.next_module, found.reason) == (SEARCHING.id, "start")
    assert found.others == (CLOUD.id, SAFE.id)


def test_who_skipped_and_did_everything_may_help_others():
    found = first_step(make_package(START), {START.id})
    assert (found.next_module, found.reason, found.others) == (None, "helper", ())


def test_a_training_for_some_only_is_neither_advised_nor_time_saved():
    for_managers = make_module("M-STR-020", "strategisch", personas=("leidinggevende",))
    package = make_package(START, CLOUD, for_managers)
    assert first_step(package, {START.id}).next_module == CLOUD.id
    assert first_step(package, {START.id, CLOUD.id}).reason == "helper"
    low, high = (advise(results(*(ability,) * 4), package, ()) for ability in (-2.0, 2.0))
    assert for_managers.id not in (low.next_module, *low.others)
    assert (high.skippable, high.minutes_saved) == ((START.id, CLOUD.id), 30)


def test_time_by_level_leaves_out_what_that_level_may_skip():
    levels = make_package(*ALL).framework.levels
    found = [(level.id, minutes) for level, minutes in minutes_by_level(ALL, levels)]
    assert found == [("basis", 115), ("zelfstandig", 105), ("gevorderd", 20)]
    assert [minutes for _, minutes in minutes_by_level((), levels)] == [0, 0, 0]


@pytest.mark.parametrize(("ability", "first"), [(-2.0, "M-INF-009"), (0.0, "M-INF-002"), (2.0, "M-INF-001")])
def test_of_trainings_that_promise_as_much_the_one_on_the_own_level_comes_first(ability, first):
    levels = {"M-INF-001": "gevorderd", "M-INF-002": "verder", "M-INF-009": "basis"}
    package = make_package(START, *(make_module(name, "informatie", level) for name, level in levels.items()))
    assert advise(results(1.0, ability, 1.0, 1.0), package, {START.id}).next_module == first
