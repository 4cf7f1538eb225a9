"""The gate for group figures, with attackers who keep everything that was ever published."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.domain import derivation
from lti_tool.domain.disclosure import (
    Disclosed,
    Figure,
    FigureTwice,
    GroupSize,
    MomentWithoutTimezone,
    NotThroughTheGate,
    ValueNotShowable,
    View,
    disclose,
    is_due,
    newest,
    repeated,
    settled_size,
    shown_size,
)
from lti_tool.domain.rounding import MINIMUM

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MEASURE = "level"


def people(first: int, last: int) -> frozenset[str]:
    return frozenset(f"p{number}" for number in range(first, last))


def view(group: str, contributors: Iterable[str], measure: str = MEASURE) -> View:
    return View(measure, group, frozenset(contributors))


def publish(views: Sequence[View], ledger: Sequence[View] = ()) -> tuple[Disclosed, list[str], dict[str, str]]:
    disclosed, _ = disclose([Figure(v, {"mean": 0.5}) for v in views], ledger, AT)
    return (
        disclosed,
        [figure.group for figure in disclosed.figures],
        {hidden.group: hidden.reason for hidden in disclosed.hidden},
    )


# --- The rules, one by one


def test_a_group_of_ten_is_shown_and_a_group_of_nine_is_not() -> None:
    assert publish([view("all", people(0, 10))])[1] == ["all"]
    assert publish([view("all", people(0, 9))])[2] == {"all": "fewer_than_ten"}


def test_teams_of_twelve_six_and_six_show_all_and_the_twelve() -> None:
    teams = [
        view("team:c", people(18, 24)),
        view("team:a", people(0, 12)),
        view("team:b", people(12, 18)),
        view("all", people(0, 24)),
    ]
    _, shown, hidden = publish(teams)
    assert shown == ["team:a", "all"]
    assert hidden == {"team:b": "fewer_than_ten", "team:c": "fewer_than_ten"}


def test_a_team_stays_hidden_when_the_rest_would_be_a_few_people() -> None:
    _, shown, hidden = publish([view("all", people(0, 20)), view("team:a", people(0, 12))])
    assert shown == ["all"]
    assert hidden == {"team:a": "would_reveal_few"}


def test_of_two_teams_that_together_leave_a_few_people_the_smaller_is_hidden() -> None:
    views = [view("team:b", people(15, 27)), view("team:a", people(0, 15)), view("all", people(0, 32))]
    _, shown, hidden = publish(views)
    assert shown == ["team:a", "all"]
    assert hidden == {"team:b": "would_reveal_few"}


def test_a_team_is_judged_against_the_larger_teams_before_it() -> None:
    """Team c would fill the gap that hides team b, but the gate does not promise what it has not judged yet."""
    views = [
        view("all", people(0, 29)),
        view("team:a", people(0, 10)),
        view("team:b", people(10, 20)),
        view("team:c", people(19, 29)),
    ]
    _, shown, hidden = publish(views)
    assert hidden["team:b"] == "would_reveal_few"
    assert "team:b" not in shown


def test_overlapping_teams_may_not_leave_a_few_people_outside_all_of_them() -> None:
    views = [view("all", people(0, 60)), view("team:a", people(0, 40)), view("team:b", people(20, 55))]
    _, shown, hidden = publish(views)
    assert shown == ["all", "team:a"]
    assert hidden == {"team:b": "would_reveal_few"}


def test_all_teams_are_shown_when_each_has_ten() -> None:
    views = [view("all", people(0, 30)), view("team:a", people(0, 20)), view("team:b", people(20, 30))]
    assert publish(views)[1] == ["all", "team:a", "team:b"]


def test_a_team_that_is_everybody_is_shown_with_the_whole() -> None:
    views = [view("all", people(0, 14)), view("team:a", people(0, 14))]
    assert publish(views)[1] == ["all", "team:a"]


def test_a_team_without_anybody_cannot_be_seen_to_be_empty() -> None:
    """All [20..29] less a team [20..29] leaves nobody or ten people, so nobody: the empty team would be known."""
    views = [view("all", people(0, 25)), view("team:a", people(0, 25)), view("team:empty", [])]
    _, shown, hidden = publish(views)
    assert shown == ["all"]
    assert hidden == {"team:a": "would_reveal_few", "team:empty": "fewer_than_ten"}


def test_of_teams_that_are_everybody_the_smallest_is_hidden_beside_an_empty_team() -> None:
    views = [view("all", people(0, 36)), view("team:a", people(0, 26)), view("team:b", people(26, 36))]
    assert publish(views)[1] == ["all", "team:a", "team:b"]
    assert publish([*views, view("team:empty", [])])[1] == ["all", "team:a"]


def test_a_team_that_was_shown_and_is_empty_now_cannot_be_seen_to_be_empty() -> None:
    earlier = [view("all", people(0, 30)), view("team:a", people(0, 15)), view("team:b", people(15, 30))]
    now = [view("all", people(30, 55)), view("team:a", people(30, 55))]
    assert publish(now, earlier)[1] == ["all"]


@pytest.mark.parametrize(("more", "shown"), [(12, ["all"]), (30, ["all", "team:a"])])
def test_that_nobody_outside_a_team_came_is_told_only_where_there_was_room_for_ten(
    more: int, shown: list[str]
) -> None:
    """All from [40..49] to [50..59] and ten or more in team a leave room for nine others at most, so for none."""
    team, rest, new = people(0, 25), people(25, 45), people(100, 100 + more)
    earlier = [view("all", team | rest), view("team:a", team)]
    assert publish([view("all", team | rest | new), view("team:a", team | new)], earlier)[1] == shown


def test_that_nobody_else_came_is_not_told_by_sizes_before_and_after_together() -> None:
    """All from [130..139] to [150..159], team a from [120..129] to [140..149]: outside team a were some, so ten or
    more, and there are nineteen at most. There is no room for ten who came, and nobody did."""
    team, rest, new = people(0, 127), people(200, 212), people(300, 313)
    earlier = [view("all", team | rest), view("team:a", team)]
    assert publish([view("all", team | rest | new), view("team:a", team | new)], earlier)[1] == ["all"]


def shares(group: str, first: int, last: int, **percent: int) -> Figure:
    return Figure(
        view(group, people(first, last)), {f"{levels}_percent": share for levels, share in percent.items()}
    )


def judged(figures: Sequence[Figure], before: Sequence[Figure] = ()) -> tuple[list[str], dict[str, str]]:
    earlier, ledger = disclose(before, [], AT)
    assert not earlier.hidden
    disclosed, _ = disclose(figures, ledger, AT, earlier)
    return [f.group for f in disclosed.figures], {hidden.group: hidden.reason for hidden in disclosed.hidden}


ALL = shares("all", 0, 46, basis=35, zelfstandig=35, gevorderd=30)


def test_that_nobody_outside_a_team_is_at_a_level_is_not_told_by_shares() -> None:
    """30 % of at most 49 people is 15 at most; 50 % of at least 30 is 15 at least."""
    team = shares("team:a", 0, 30, **{"basis+zelfstandig": 50, "gevorderd": 50})
    assert judged([ALL, team, shares("team:b", 30, 46)]) == (["all", "team:b"], {"team:a": "would_reveal_few"})


def test_what_other_teams_have_at_a_level_counts_where_a_level_is_full() -> None:
    """16 to 26 of [60..69] people are at basis; two teams have ten or more of them each."""
    everybody = shares("all", 0, 65, basis=35, zelfstandig=65)
    first = shares("team:a", 0, 22, basis=55, zelfstandig=45)
    second = shares("team:b", 22, 46, basis=55, zelfstandig=45)
    third = shares("team:c", 46, 65)
    assert judged([everybody, first, third]) == (["all", "team:a", "team:c"], {})
    assert judged([everybody, first, second, third]) == (
        ["all", "team:b", "team:c"],
        {"team:a": "would_reveal_few"},
    )


def test_two_teams_that_are_everybody_may_fill_a_level() -> None:
    everybody = shares("all", 0, 46, basis=45, zelfstandig=55)
    first = shares("team:a", 0, 23, basis=45, zelfstandig=55)
    second = shares("team:b", 23, 46, basis=45, zelfstandig=55)
    assert judged([everybody, first, second]) == (["all", "team:a", "team:b"], {})


def test_shares_of_a_team_of_which_everybody_has_none_to_compare_are_shown() -> None:
    bare = Figure(ALL.view, {"mean": 0.5})
    team = shares("team:a", 0, 30, **{"basis+zelfstandig": 50, "gevorderd": 50})
    assert judged([bare, team, shares("team:b", 30, 46)])[1] == {}


def test_that_nobody_who_came_is_at_a_level_is_not_told_over_time() -> None:
    """50 % of at least 40 people was 19 at least; 30 % of at most 59 is 19 at most."""
    before = shares("all", 0, 40, basis=50, zelfstandig=50)
    assert judged([shares("all", 0, 59, basis=30, zelfstandig=70)], [before])[1] == {"all": "would_reveal_few"}
    assert judged([shares("all", 0, 59, basis=40, zelfstandig=60)], [before])[0] == ["all"]


def test_shares_may_fall_where_people_left_or_changed() -> None:
    before = shares("all", 0, 40, basis=50, zelfstandig=50)
    assert judged([shares("all", 12, 65, basis=30, zelfstandig=70)], [before])[0] == ["all"]


def test_that_nobody_outside_the_teams_was_measured_is_not_told() -> None:
    """Twelve people without a team take part and none of them finished."""
    candidates = [
        Figure(view("all", people(0, 37), "participation"), {}),
        Figure(view("team:a", people(0, 25), "participation"), {}),
        Figure(view("all", people(0, 25), "levels"), {}),
        Figure(view("team:a", people(0, 25), "levels"), {}),
    ]
    disclosed, _ = disclose(candidates, [], AT)
    assert [(figure.measure, figure.group) for figure in disclosed.figures] == [
        ("participation", "all"),
        ("participation", "team:a"),
        ("levels", "all"),
    ]


def test_a_later_figure_of_the_same_people_is_not_published_again() -> None:
    earlier = view("all", people(0, 14))
    assert publish([earlier], [earlier])[2] == {"all": "unchanged"}
    assert publish([view("team:a", people(0, 14))], [earlier])[2] == {"team:a": "unchanged"}


@pytest.mark.parametrize(("more", "shown"), [(1, []), (9, []), (10, ["all"])])
def test_a_figure_that_grew_is_published_again_from_ten_new_people(more: int, shown: list[str]) -> None:
    assert publish([view("all", people(0, 14 + more))], [view("all", people(0, 14))])[1] == shown


def test_five_who_left_and_four_who_came_reveal_themselves() -> None:
    _, _, hidden = publish([view("all", people(5, 24))], [view("all", people(0, 20))])
    assert hidden == {"all": "would_reveal_few"}


def test_someone_who_wiped_their_data_does_not_show_in_a_new_figure() -> None:
    _, _, hidden = publish([view("all", people(1, 20))], [view("all", people(0, 20))])
    assert hidden == {"all": "would_reveal_few"}


def test_small_differences_hide_behind_large_ones_between_three_views() -> None:
    # (a + b) - whole leaves the three who are in both and the two who are in neither.
    ledger = [view("all", people(0, 42)), view("team:a", people(0, 22))]
    overlapping = view("team:b", people(19, 40))
    assert publish([overlapping], ledger)[2] == {"team:b": "would_reveal_few"}


def test_measures_do_not_hinder_each_other() -> None:
    ledger = [view("all", people(0, 20), "level")]
    assert publish([view("all", people(0, 19), "module")], ledger)[1] == ["all"]


def test_a_changed_value_of_a_few_people_cannot_be_subtracted() -> None:
    # Team a and everybody were published; then one person of team a does the assessment again, and team b grows.
    first_a, first_b = {f"a{n}#1" for n in range(12)}, {f"b{n}#1" for n in range(12)}
    ledger = [view("all", first_a | first_b), view("team:a", first_a), view("team:b", first_b)]
    later_a = first_a - {"a0#1"} | {"a0#2"}
    later_b = first_b | {f"b{n}#1" for n in range(12, 24)}
    _, shown, hidden = publish([view("all", later_a | later_b), view("team:b", later_b)], ledger)
    assert shown == ["all"]
    assert hidden == {"team:b": "would_reveal_few"}


def test_versions_of_one_person_count_once() -> None:
    assert publish([view("all", [f"p{n % 9}#{n}" for n in range(18)])])[2] == {"all": "fewer_than_ten"}
    nine_changed = [view("all", {f"p{n}#1" for n in range(30)})]
    again = view("all", {f"p{n}#{2 if n < 9 else 1}" for n in range(30)})
    assert publish([again], nine_changed)[2] == {"all": "would_reveal_few"}
    assert publish([view("all", {f"p{n}#{2 if n < 10 else 1}" for n in range(30)})], nine_changed)[1] == ["all"]


def test_a_group_is_due_at_ten_people_and_then_after_ten_changes() -> None:
    assert not is_due(people(0, 9), None)
    assert is_due(people(0, 10), None)
    assert not is_due(people(0, 19), people(0, 10))
    assert is_due(people(0, 20), people(0, 10))
    assert is_due(people(5, 20), people(0, 15))
    assert not is_due(people(0, 9), people(0, 30))


def test_people_in_an_overlap_of_published_groups_do_not_hide_four_newcomers() -> None:
    ledger = [view("team:a", people(0, 15)), view("team:b", people(12, 30))]
    assert publish([view("team:c", people(0, 15) | people(50, 54))], ledger)[2] == {"team:c": "would_reveal_few"}


@pytest.mark.parametrize(("apart", "reason"), [(4, "would_reveal_few"), (5, None)])
def test_a_search_that_must_look_further_finds_the_few(apart: int, reason: str | None) -> None:
    """Two rings of overlapping groups: going round them with + and - leaves what belongs to one group only."""
    ring = [people(100 * k, 100 * k + 8) | people(100 * k + 100, 100 * k + 108) for k in range(3)]
    own = people(1000, 1000 + apart) | people(2000, 2000 + 5)
    ledger = [view(f"team:{k}", row) for k, row in enumerate(ring)]
    last = view("team:last", people(0, 8) | people(300, 308) | own)
    assert publish([last], ledger)[2] == ({} if reason is None else {"team:last": reason})


def test_an_unclear_case_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = [view("all", people(0, 40))]
    monkeypatch.setattr(derivation, "_MOST_SEARCHES", 0)
    assert publish([view("team:a", people(0, 20))], ledger)[2] == {"team:a": "too_complex"}
    monkeypatch.setattr(derivation, "_MERSENNE_EXPONENTS", ())
    assert publish([view("team:a", people(0, 20))], ledger)[2] == {"team:a": "too_complex"}


# --- What is shown


def test_counts_go_down_to_tens_and_percentages_to_fives() -> None:
    values = {
        "finished": 27,
        "basis_percent": 33,
        "share_percent": 0.0,
        "mean": 0.46789,
        "words": "tussen",
        "none": None,
    }
    disclosed, ledger = disclose([Figure(view("all", people(0, 27)), values)], [], AT)
    figure = disclosed.figures[0]
    assert dict(figure.values) == {
        "finished": 20,
        "basis_percent": 35,
        "share_percent": 5,
        "mean": 0.47,
        "words": "tussen",
        "none": None,
    }
    assert figure.n_shown == 20
    assert ledger == (view("all", people(0, 27)),)


@pytest.mark.parametrize("value", [True, float("nan"), float("inf"), [1]])
def test_a_value_that_is_no_finite_number_or_text_is_refused(value: object) -> None:
    with pytest.raises(ValueNotShowable):
        disclose([Figure(view("all", people(0, 12)), {"x": value})], [], AT)  # type: ignore[dict-item]


def test_shown_values_cannot_be_changed() -> None:
    figure = publish([view("all", people(0, 12))])[0].figures[0]
    with pytest.raises(TypeError):
        figure.values["mean"] = 1.0  # type: ignore[index]


def test_one_group_has_one_figure_for_a_measure() -> None:
    with pytest.raises(FigureTwice):
        publish([view("all", people(0, 12)), view("all", people(0, 13))])


def test_the_moment_says_its_time_zone() -> None:
    with pytest.raises(MomentWithoutTimezone):
        disclose([], [], AT.replace(tzinfo=None))


def test_only_the_gate_makes_disclosed_figures() -> None:
    with pytest.raises(NotThroughTheGate):
        Disclosed(AT, (), ())
    disclosed = publish([view("all", people(0, 12))])[0]
    with pytest.raises((NotThroughTheGate, ValueError, TypeError)):
        dataclasses.replace(disclosed, hidden=())


def test_disclosed_figures_come_back_from_their_row() -> None:
    disclosed = publish([view("all", people(0, 24)), view("team:a", people(0, 20))])[0]
    assert Disclosed.from_json(disclosed.as_json()) == disclosed


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"at": "x", "figures": [], "hidden": []}'])
def test_another_text_does_not_become_disclosed_figures(text: str) -> None:
    with pytest.raises(NotThroughTheGate):
        Disclosed.from_json(text)


def test_nothing_to_publish_is_no_mistake() -> None:
    disclosed, ledger = disclose([], [view("all", people(0, 12))], AT)
    assert (disclosed.figures, disclosed.hidden, ledger) == ((), (), ())


def test_a_group_keeps_its_newest_figure_and_is_hidden_only_while_it_never_had_one() -> None:
    first = publish([view("all", people(0, 14)), view("team:a", people(0, 4)), view("team:b", people(0, 3))])[0]
    second = disclose([Figure(view("all", people(0, 40)), {"mean": 0.7})], [view("all", people(0, 14))], AT)[0]
    third = publish([view("team:a", people(60, 80)), view("all", people(0, 41))], [view("all", people(0, 40))])[0]
    seen = newest([first, second, third])
    assert seen is not None
    assert {figure.group: figure.values["mean"] for figure in seen.figures} == {"all": 0.7, "team:a": 0.5}
    assert [hidden.group for hidden in seen.hidden] == ["team:b"]


def test_before_any_publication_there_is_nothing_to_see() -> None:
    assert newest([]) is None


# --- Attackers


def rank(rows: Sequence[Sequence[int]]) -> int:
    """Over the fractions, by hand: shares nothing with the code under test."""
    left = [[Fraction(value) for value in row] for row in rows]
    found = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((place for place in range(found, len(left)) if left[place][column]), None)
        if pivot is None:
            continue
        left[found], left[pivot] = left[pivot], left[found]
        for place in range(found + 1, len(left)):
            factor = left[place][column] / left[found][column]
            left[place] = [a - factor * b for a, b in zip(left[place], left[found], strict=True)]
        found += 1
    return found


def few_are_exposed(rows: Sequence[frozenset[str]]) -> bool:
    """Brute force: is there a weighted sum of rows that rests on 1 to 9 people? Tries all sets of classes."""
    ids = sorted(set().union(*rows))
    persons: dict[str, list[str]] = {}
    for contributor in ids:
        persons.setdefault(contributor.split("#")[0], []).append(contributor)
    classes: dict[tuple[tuple[bool, ...], ...], list[str]] = {}
    for person, own in persons.items():
        classes.setdefault(tuple(sorted(tuple(i in row for row in rows) for i in own)), []).append(person)
    small = [members for members in classes.values() if len(members) < 10]
    whole = rank([[int(i in row) for i in ids] for row in rows])
    for size in range(1, len(small) + 1):
        for chosen in itertools.combinations(small, size):
            left_out = set(itertools.chain(*chosen))
            if len(left_out) < 10:
                stay = [i for i in ids if i.split("#")[0] not in left_out]
                if rank([[int(i in row) for i in stay] for row in rows]) < whole:
                    return True
    return False


@st.composite
def overlapping_groups(draw: st.DrawFn) -> list[View]:
    sizes = draw(st.lists(st.integers(1, 14), min_size=1, max_size=7))
    atoms = [[f"{place}.{number}" for number in range(size)] for place, size in enumerate(sizes)]
    memberships = draw(st.lists(st.lists(st.booleans(), min_size=len(sizes), max_size=len(sizes)), max_size=6))
    groups = [atoms] + [[a for a, inside in zip(atoms, member, strict=True) if inside] for member in memberships]
    names = ["all", *(f"team:{place}" for place in range(len(memberships)))]
    return [view(name, itertools.chain(*group)) for name, group in zip(names, groups, strict=True)]


@given(overlapping_groups(), st.integers(0, 6))
@settings(max_examples=150, deadline=None)
def test_no_attacker_ever_isolates_one_to_nine_people(views: list[View], earlier: int) -> None:
    """The first views are published at an earlier moment, the others later, each group once."""
    _, ledger = disclose([Figure(v, {}) for v in views[:earlier]], [], AT)
    disclosed, more = disclose([Figure(v, {}) for v in views[earlier:]], ledger, AT)
    known = [v.contributors for v in (*ledger, *more)]
    assert all(len(row) >= 10 for row in known)
    assert not few_are_exposed(known)
    for hidden in disclosed.hidden:  # and nothing is hidden without need, given what went before it
        row = next(v.contributors for v in views if v.group == hidden.group)
        turn = (hidden.group != "all", -len(row), hidden.group)
        before = [v for v in more if (v.group != "all", -len(v.contributors), v.group) < turn]
        if hidden.reason == "would_reveal_few":
            everybody = next((v.contributors for v in before if v.group == "all"), frozenset())
            rest = everybody.difference(*[v.contributors for v in before if v.group != "all"], row)
            public = [v.contributors for v in (*ledger, *before)]
            others = {v.group for v in views} - {v.group for v in before} - {"all", hidden.group}
            tells_of_nobody = bool(everybody) and not rest and bool(others)  # each group is published once here
            assert few_are_exposed([*public, row]) or 0 < len(rest) < 10 or tells_of_nobody
        else:
            assert (len(row) < 10) == (hidden.reason == "fewer_than_ten")


@given(st.lists(st.sets(st.integers(0, 29), min_size=8), min_size=1, max_size=5), st.data())
@settings(max_examples=100, deadline=None)
def test_no_small_weights_isolate_one_to_nine_people(groups: list[set[int]], data: st.DataObject) -> None:
    """Another attacker: adds and subtracts with small weights, and looks whom the outcome rests on."""
    versions = [data.draw(st.lists(st.integers(0, 1), min_size=30, max_size=30)) for _ in groups]
    ledger: tuple[View, ...] = ()
    for place, (group, version) in enumerate(zip(groups, versions, strict=True)):
        contributors = {f"p{n}#{version[n] if n < 6 else 0}" for n in group}
        ledger += disclose([Figure(view(f"team:{place}", contributors), {})], ledger, AT)[1]
    ids = sorted(set().union(*(v.contributors for v in ledger)))
    for weights in itertools.product((-2, -1, 0, 1, 2), repeat=len(ledger)):
        exposed = {
            i.split("#")[0]
            for i in ids
            if sum(w for w, v in zip(weights, ledger, strict=True) if i in v.contributors)
        }
        assert not 0 < len(exposed) < 10


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), min_size=4, max_size=25))
@settings(max_examples=60, deadline=None)
def test_a_year_of_snapshots_never_exposes_a_few(arrivals: list[tuple[int, int]]) -> None:
    """People join four teams in small numbers; whatever is due is published at once."""
    team: dict[str, int] = {}
    ledger: list[View] = []
    last: dict[str, frozenset[str]] = {}
    for into, many in arrivals:
        team.update({f"p{len(team) + k}": into for k in range(many)})
        now = {f"team:{t}": frozenset(p for p, own in team.items() if own == t) for t in range(4)}
        now["all"] = frozenset(team)
        due = [view(group, row) for group, row in now.items() if is_due(row, last.get(group))]
        _, published = disclose([Figure(v, {}) for v in due], ledger, AT)
        ledger.extend(published)
        last.update({v.group: v.contributors for v in published})
    rows = [v.contributors for v in ledger]
    for one, other in itertools.combinations([*rows, frozenset()], 2):
        assert not 0 < len(one ^ other) < 10
    if rows and len(rows) < 7:
        assert not few_are_exposed(rows)


def test_two_thousand_people_in_forty_views_are_judged_in_a_moment() -> None:
    everyone = people(0, 2000)
    teams = [view(f"team:{t}", people(50 * t, 50 * t + 50)) for t in range(39)]
    assert len(publish([view("all", everyone), *teams])[1]) == 40


def test_many_overlapping_groups_of_one_small_population_end_in_hiding() -> None:
    """Each group takes every k-th person of 60, shifted: after a while the sums get too close to persons."""
    groups = [
        view(f"team:{step}.{shift}", (f"p{n}" for n in range(60) if (n * step + shift) % 7 < 3))
        for step in range(1, 6)
        for shift in range(4)
    ]
    _, shown, hidden = publish(groups)
    assert shown
    assert set(hidden.values()) <= {"would_reveal_few", "too_complex"}
    assert hidden


# --- The size of a group


@given(st.integers(0, 500), st.integers(-9, 9))
def test_a_few_people_more_or_fewer_never_change_the_size_that_is_shown(counted: int, few: int) -> None:
    assert settled_size(max(counted + few, 0), counted) == counted


@given(st.lists(st.integers(0, 120), max_size=30))
def test_two_sizes_shown_after_each_other_are_of_groups_that_differ_by_ten_people(counts: list[int]) -> None:
    settled = 0
    for count in counts:
        before, settled = settled, settled_size(count, settled)
        assert settled in (before, count)
        if shown_size(settled, AT) != shown_size(before, AT):
            assert abs(settled - before) >= MINIMUM


@given(st.integers(0, 1000))
def test_a_size_is_shown_in_tens_never_more_than_there_were_and_not_below_ten(settled: int) -> None:
    shown = shown_size(settled, AT)
    assert (shown is None) == (settled < MINIMUM)
    if shown is not None:
        assert shown.people % 10 == 0
        assert shown.people <= settled < shown.people + 10
        assert shown.counted_at == AT


def test_nobody_but_the_gate_makes_a_size() -> None:
    with pytest.raises(NotThroughTheGate):
        GroupSize(40, AT)


def test_figures_worked_out_again_come_out_for_the_people_of_the_ledger_only() -> None:
    known = View("effect:veiligheid", "all", frozenset(f"p{number}#1+2" for number in range(12)))
    fewer = View("effect:veiligheid", "all", frozenset(sorted(known.contributors)[:11]))
    more = View("effect:veiligheid", "all", known.contributors | {"p99#1+2"})
    elsewhere = View("effect:informatie", "all", known.contributors)
    other_group = View("effect:veiligheid", "team:Wmo", known.contributors)
    again = repeated([Figure(known, {"mean": 0.12345, "n": 12})], [known], AT)
    assert again.hidden == ()
    assert (again.figures[0].values, again.figures[0].n_shown) == ({"mean": 0.12, "n": 10}, 10)
    for other in (fewer, more, elsewhere, other_group):
        hidden = repeated([Figure(other, {"mean": 0.5})], [known], AT)
        assert hidden.figures == ()
        assert hidden.hidden == ((other.measure, other.group, "never_disclosed"),)
    with pytest.raises(FigureTwice):
        repeated([Figure(known, {})] * 2, [known], AT)
    with pytest.raises(MomentWithoutTimezone):
        repeated([], [known], AT.replace(tzinfo=None))
