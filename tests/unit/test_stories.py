"""A story stands around the trainings of a package: its mistakes are named, and it stays apart from the core."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.content_library import STARTER_PACKAGE, load_package
from lti_tool.content_library.checks.stories import NEAREST_PERCENT, check_story
from lti_tool.content_library.format import PackageShape, StoryShape
from lti_tool.content_library.parsed import Entry, Parsed
from lti_tool.content_library.reading import read_yaml
from lti_tool.domain.stories import state_of
from tests.packages import MANIFEST, Change, Tree, both, problems, put, small_package, write_package

STORY = "story/stad.yaml"
MAP, HALL = "media/kaart.svg", "media/stadhuis.svg"
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 6 4"></svg>'
NAMED = (MANIFEST, "story")


def stop(stop_id: str, x: float, y: float, **changes: Any) -> dict[str, Any]:
    about = {"title": f"Bij {stop_id}", "intro": "Je kijkt rond.", "modules": ["M-VEI-001"]}
    return {"id": stop_id, "place": {"x": x, "y": y}, **about, **changes}


def told(tree: Tree) -> None:
    """A story of two stops, which the manifest names."""
    picture = {"file": HALL, "alt": "Het stadhuis"}
    tree[MAP] = tree[HALL] = DRAWING
    tree[MANIFEST]["story"] = STORY
    tree[STORY] = {
        "schema": "story/1",
        "id": "stad",
        "version": "1.0.0",
        "title": "Een rondje door {{gemeente.naam}}",
        "intro": "Begin waar je wilt.",
        "map": {"file": MAP, "alt": "Een kaart", "long_description": "Links het stadhuis, rechts de markt."},
        "stops": [stop("stadhuis", 20, 30, picture=picture), stop("markt", 70.5, 30)],
    }


def then(*changes: Change) -> Change:
    """A package with a story, after more changes."""
    return both(told, *changes)


def test_a_story_may_begin_with_a_meeting(tmp_path: Path) -> None:
    meeting = {"title": "Samen bij {{gemeente.naam}}", "intro": "Je begint met een trainer.", "minutes": 60}
    story = load_package(write_package(tmp_path, then(put(STORY, "meeting", to=meeting)))).story
    assert story is not None
    assert story.meeting is not None
    assert (story.meeting.title, story.meeting.minutes) == ("Samen bij Voorbeeldstad", 60)


def test_a_story_is_told_in_the_words_of_the_municipality(tmp_path: Path) -> None:
    story = load_package(
        write_package(tmp_path, told), {"gemeente.naam": "Molenwaard", "digihelden.contact": "x"}
    ).story
    assert story is not None
    assert (story.id, story.version, story.title) == ("stad", "1.0.0", "Een rondje door Molenwaard")
    assert (story.map.file, story.map.alt) == (MAP, "Een kaart")
    assert [(one.id, one.place.x, one.modules) for one in story.stops] == [
        ("stadhuis", 20, ("M-VEI-001",)),
        ("markt", 70.5, ("M-VEI-001",)),
    ]
    assert [one.picture.alt if one.picture else None for one in story.stops] == ["Het stadhuis", None]


def test_a_package_without_a_story_is_whole(tmp_path: Path) -> None:
    assert load_package(write_package(tmp_path)).story is None


def test_the_package_that_a_new_author_begins_with_tells_a_story_of_three_stops() -> None:
    starter = load_package(STARTER_PACKAGE)
    assert starter.story is not None
    assert len(starter.story.stops) == 3
    assert {module for one in starter.story.stops for module in one.modules} <= set(starter.modules)


def line(tree_change: Callable[[Tree], object], text: str) -> int:
    """The line of the story file, as it is written, where a text stands."""
    tree: Tree = {MANIFEST: {}}
    tree_change(tree)
    written = yaml.dump(tree[STORY], allow_unicode=True, sort_keys=False).splitlines()
    return next(number for number, one in enumerate(written, 1) if text in one)


@pytest.mark.parametrize(
    ("change", "at", "said"),
    [
        (put(STORY, "stops", 1, "modules", to=["M-VEI-009"]), "M-VEI-009", "there is no module M-VEI-009"),
        (put(STORY, "stops", 1, "id", to="stadhuis"), "", "stop 1 has the id stadhuis too"),
        (put(STORY, "stops", 1, "place", to={"x": 22, "y": 32}), "", "stands less than 4 percent from stadhuis"),
        (put(STORY, "stops", 1, "place", "x", to=101), "x: 101", "place.x: should be less than or equal to 96"),
        (put(STORY, "stops", 1, "place", "y", to=-1), "y: -1", "place.y: should be greater than or equal to 4"),
        (put(STORY, "stops", 1, "place", "x", to="70%"), "x: 70%", "stops.1.place.x: should be a valid number"),
        (put(STORY, "map", "file", to="media/weg.svg"), "media/weg.svg", "there is no file media/weg.svg"),
        (put(STORY, "stops", 0, "picture", "file", to="media/weg.png"), "weg.png", "no file media/weg.png"),
        (put(STORY, "stops", 0, "picture", to={"file": HALL}), "", "stops.0.picture.alt: is missing"),
        (put(STORY, "map", "file", to="media/kaart.pdf"), "kaart.pdf", "is not one of: svg, png, jpg, webp"),
        (put(STORY, "stops", 1, "modules", to=["M-VEI-001"] * 2), "", "the same module stands in it twice"),
        (put(STORY, "stops", 1, "modules", to=[]), "modules: []", "modules: List should have at least 1 item"),
        (put(STORY, "id", to="dorp"), "id: dorp", "should stand in story/dorp.yaml"),
        (put(STORY, "intro", to="Ga naar {{stad.naam}}."), "stad.naam", "does not declare the variable stad.naam"),
        (put(STORY, "stops", 1, "intro", to="Kijk op www.markt.nl."), "www.markt.nl", "markt.nl may exist"),
        (put(STORY, "score", to=3), "score: 3", "score: the format has no such key"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_story_is_named_with_its_file_and_line(
    tmp_path: Path, change: Callable[[Tree], object], at: str, said: str
) -> None:
    found = [one for one in problems(tmp_path, then(change)) if said in one]
    assert len(found) == 1, found
    place = found[0].split(": ")[0]
    assert place.startswith(f"{STORY}:"), found
    if at:
        assert place == f"{STORY}:{line(then(change), at)}"


def test_a_story_that_nothing_names_is_seen_by_nobody_and_told_so(tmp_path: Path) -> None:
    unnamed = then(lambda tree: tree[MANIFEST].pop("story"))
    assert problems(tmp_path, unnamed) == [f"{STORY}: package.yaml does not name this story, so nobody sees it"]


def test_a_story_that_is_named_and_not_there_is_told_at_its_name(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, put(*NAMED, to="story/weg.yaml"))
    assert said.startswith(f"{MANIFEST}:")
    assert said.endswith("there is no file story/weg.yaml")


@pytest.mark.parametrize("named", ["stad.yaml", "story/../items/x.yaml", "/etc/passwd", "story/Stad.yaml"])
def test_only_a_file_in_the_folder_of_stories_can_be_named(tmp_path: Path, named: str) -> None:
    assert any("story: should match pattern" in one for one in problems(tmp_path, then(put(*NAMED, to=named))))


def test_a_picture_that_only_a_broken_story_shows_is_no_second_problem(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, then(put(STORY, "stops", to=[])))
    assert "stops" in said


def test_a_picture_that_no_story_shows_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path, then(lambda tree: tree.update({"media/over.svg": DRAWING}))) == [
        "media/over.svg: nothing shows this file"
    ]


def extending(folder: Path, change: Callable[[Tree], object]) -> Path:
    """A package of nothing but a manifest beside one with a story."""
    write_package(folder / "klein-pakket", told)

    def own(tree: Tree) -> None:
        for file in list(tree):
            if file != MANIFEST:
                del tree[file]
        tree[MANIFEST] |= {"id": "eigen-pakket", "version": "0.1.0"}
        tree[MANIFEST]["extends"] = [{"package": "klein-pakket", "version": ">=1,<2"}]
        change(tree)

    return write_package(folder / "eigen-pakket", own)


def test_another_municipality_takes_the_trainings_and_not_the_story(tmp_path: Path) -> None:
    taken = load_package(extending(tmp_path, lambda tree: None))
    assert taken.story is None
    assert set(taken.modules) == {"M-VEI-001"}


def test_another_municipality_tells_its_own_story_around_the_same_trainings(tmp_path: Path) -> None:
    def own(tree: Tree) -> None:
        tree["media/haven.svg"] = DRAWING
        tree[MANIFEST]["story"] = "story/haven.yaml"
        tree["story/haven.yaml"] = {
            "schema": "story/1",
            "id": "haven",
            "version": "1.0.0",
            "title": "Langs de haven",
            "intro": "Begin waar je wilt.",
            "map": {"file": "media/haven.svg", "alt": "De haven"},
            "stops": [stop("kade", 50, 50)],
        }

    story = load_package(extending(tmp_path, own)).story
    assert story is not None
    assert story.title == "Langs de haven"


def test_another_municipality_may_tell_the_same_story(tmp_path: Path) -> None:
    story = load_package(extending(tmp_path, put(*NAMED, to=STORY))).story
    assert story is not None
    assert story.id == "stad"


@given(
    st.lists(
        st.tuples(st.floats(4, 96, allow_nan=False), st.floats(4, 96, allow_nan=False)), min_size=1, max_size=12
    )
)
def test_two_places_that_cannot_be_told_apart_are_always_named_and_others_never(
    places: list[tuple[float, float]],
) -> None:
    tree: Tree = {MANIFEST: {}}
    told(tree)
    tree[STORY]["stops"] = [stop(f"plek-{n}", x, y) for n, (x, y) in enumerate(places)]
    shape = StoryShape.model_validate(tree[STORY])
    entry = Entry(read_yaml(STORY, yaml.dump(tree[STORY])), shape)
    said = [one.message for one in check_story(_only(entry)) if "percent" in one.message]
    near = sum(
        (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 < NEAREST_PERCENT**2
        for n, one in enumerate(places)
        for other in places[n + 1 :]
    )
    assert len(set(said)) <= near
    assert bool(said) == bool(near)


def _only(story: Entry[StoryShape]) -> Parsed:
    """A package of which nothing but its manifest and this story is known."""
    tree = small_package()
    told(tree)
    manifest = read_yaml(MANIFEST, yaml.dump(tree[MANIFEST]))
    named = Entry(manifest, PackageShape.model_validate(manifest.data))
    return Parsed(
        texts={STORY: ""}, media={}, package=named, framework=None, items=(), modules=(), stories=(story,)
    )


@given(st.lists(st.sampled_from(["new", "begun", "done"]), min_size=1))
def test_a_stop_is_done_or_new_only_when_all_of_its_trainings_are(found: list[str]) -> None:
    ids = [f"M-VEI-{n:03}" for n in range(len(found))]
    states = {module: state for module, state in zip(ids, found, strict=True) if state != "new"}
    said = state_of(ids, states)
    assert (said == "done") == all(state == "done" for state in found)
    assert (said == "new") == all(state == "new" for state in found)
    assert said in ("new", "begun", "done")
