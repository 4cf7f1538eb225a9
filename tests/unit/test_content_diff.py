"""What a reviewer of a new release gets to see, and what may not change between releases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.content_library import ContentBroken
from lti_tool.content_library.changed_keys import key_changed
from lti_tool.content_library.comparing import Comparison, DocumentChange, FieldChange, compare, read_release
from lti_tool.content_library.format import ItemShape
from tests.packages import (
    FRAMEWORK,
    ITEM,
    MANIFEST,
    MODULE,
    OPENER,
    PAGE,
    Change,
    Tree,
    both,
    put,
    replace,
    single_choice,
    write_package,
)

NEW_RELEASE = replace(MANIFEST, version="1.3.0")


def comparison(folder: Path, new: Change, old: Change | None = None) -> Comparison:
    return compare(
        read_release(write_package(folder / "old", old)), read_release(write_package(folder / "new", new))
    )


def refused(folder: Path, new: Change, old: Change | None = None) -> list[str]:
    """What is wrong with a new release that has a version of its own."""
    return [str(problem) for problem in comparison(folder, both(NEW_RELEASE, new), old).problems]


def test_a_release_does_not_differ_from_itself(tmp_path: Path) -> None:
    release = read_release(write_package(tmp_path))
    found = compare(release, release)
    assert found.changes == ()
    assert found.problems == ()
    assert found.old == found.new


def test_what_changed_is_told_with_the_old_and_the_new_value(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        tree[ITEM].update(version=2, stem="Je loopt weg. Wat doe je?", status="active")
        tree["items/veiligheid/VEI-INT-0003.yaml"] = single_choice("VEI-INT-0003")
        del tree["items/veiligheid/VEI-INT-0002.yaml"]
        tree[ITEM]["enemies"] = []

    found = comparison(
        tmp_path, both(NEW_RELEASE, change), replace("items/veiligheid/VEI-INT-0002.yaml", status="retired")
    )
    assert found.problems == ()
    stem = "Je loopt even weg van je werkplek. Wat doe je?"
    assert found.changes == (
        DocumentChange(
            "VEI-INT-0001",
            "item",
            "changed",
            "Je loopt weg. Wat doe je?",
            (
                FieldChange("version", 1, 2),
                FieldChange("status", "pilot", "active"),
                FieldChange("stem", stem, "Je loopt weg. Wat doe je?"),
                FieldChange("enemies", ["VEI-INT-0002"], None),
            ),
        ),
        DocumentChange("VEI-INT-0002", "item", "removed", stem),
        DocumentChange("VEI-INT-0003", "item", "added", stem),
        DocumentChange(
            "",
            "package",
            "changed",
            "Klein pakket voor {{gemeente.naam}}",
            (FieldChange("version", "1.2.3", "1.3.0"),),
        ),
    )


def test_a_page_of_a_training_counts_as_its_text(tmp_path: Path) -> None:
    page = lambda tree: tree.update({PAGE: "# Zo werkt het nu\n"})  # noqa: E731
    assert refused(tmp_path / "a", page) == [
        f"{MODULE}:4: page uitleg.nl.md changed and the version is 1.0.0 in both: raise it"
    ]
    assert refused(tmp_path / "b", both(page, replace(MODULE, version="1.0.1"))) == []


LICENCES = "file,licence,maker,source\nscherm.svg,CC0-1.0,Iemand,\n"


def drawing(width: int) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 1"/>\n'


def test_a_picture_counts_as_its_text(tmp_path: Path) -> None:
    picture = {"file": "media/scherm.svg", "alt": "Een scherm."}
    media = {"media/scherm.svg": drawing(1), "media/LICENSES.csv": LICENCES}
    drawn = both(replace(ITEM, picture=picture), lambda tree: tree.update(media))
    other = both(drawn, lambda tree: tree.update({"media/scherm.svg": drawing(2)}))
    assert refused(tmp_path, other, drawn) == [
        f"{ITEM}:3: media/scherm.svg changed and the version is 1 in both: raise it"
    ]


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (replace(ITEM, stem="Anders?"), f"{ITEM}:3: stem changed and the version is 1 in both: raise it"),
        (
            put(ITEM, "feedback", "tip_at_work", to="Bel."),
            f"{ITEM}:3: feedback.tip_at_work changed and the version is 1 in both: raise it",
        ),
        (
            lambda tree: tree[ITEM]["options"].reverse(),
            f"{ITEM}:3: options in order changed and the version is 1 in both: raise it",
        ),
        (
            replace(FRAMEWORK, source="DigComp 3.0"),
            f"{FRAMEWORK}:3: source changed and the version is 1.0.0 in both: raise it",
        ),
        (replace(MODULE, version="0.9.0"), f"{MODULE}:4: version 0.9.0 is lower than 1.0.0, the old one"),
        (
            replace(MODULE, title="x", one_topic="x", benefit="x", goals=["x"]),
            f"{MODULE}:4: title, one_topic, benefit and 1 more changed and the version is 1.0.0 in both: raise it",
        ),
        (
            replace(ITEM, version=2, domain="anders"),
            f"{ITEM}:6: the domain was veiligheid: another domain needs a",
        ),
        (
            replace(ITEM, version=2, type="sjt"),
            f"{ITEM}:10: the type was single_choice: another type needs a new id",
        ),
        (
            both(
                replace(ITEM, version=2),
                put(ITEM, "options", 0, "correct", to=False),
                put(ITEM, "options", 1, "correct", to=True),
            ),
            f"{ITEM}:1: another answer is right than before: another key needs a new id",
        ),
        (
            lambda tree: tree.pop(OPENER),
            f"{OPENER}: VEI-INT-0100 is gone: give it the status retired first, in a release before this one",
        ),
    ],
)
def test_what_would_mix_up_old_and_new_answers_is_refused(tmp_path: Path, new: Change, said: str) -> None:
    found = refused(tmp_path, new)
    assert any(line.startswith(said) for line in found), found


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "retired"},
        {"difficulty": {"b": 0.5, "source": "calibrated"}},
        {"sources": ["NCSC"], "review_before": "2028-01-01", "authors": ["Iemand"]},
        {"modules": ["M-VEI-001"], "requires": ["windows"], "enemies": []},
        {"version": 2, "stem": "Anders?"},
    ],
)
def test_what_learners_do_not_read_may_change_and_a_text_with_a_higher_version(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    assert refused(tmp_path, replace(ITEM, **changes)) == []


def test_a_retired_question_does_not_come_back(tmp_path: Path) -> None:
    found = refused(tmp_path, replace(ITEM, status="pilot"), replace(ITEM, status="retired"))
    assert found == [f"{ITEM}:4: VEI-INT-0001 was retired: a question that comes back has a new id"]


def test_a_training_may_be_taken_out(tmp_path: Path) -> None:
    assert refused(tmp_path, lambda tree: [tree.pop(MODULE), tree.pop(PAGE)]) == []


@pytest.mark.parametrize("file", ["CHANGELOG.md", ITEM])
def test_a_release_never_changes(tmp_path: Path, file: str) -> None:
    change = replace(ITEM, status="active") if file == ITEM else lambda tree: tree.update({file: "1.2.3 again"})
    found = comparison(tmp_path, change)
    assert [str(problem) for problem in found.problems] == [
        "package.yaml:3: files differ and the version is 1.2.3 in both: a release never changes, raise the version"
    ]


def test_a_version_of_a_package_rises_by_its_numbers(tmp_path: Path) -> None:
    found = comparison(tmp_path / "a", replace(MANIFEST, version="1.2.10"), replace(MANIFEST, version="1.2.9"))
    assert found.problems == ()
    found = comparison(tmp_path / "b", replace(MANIFEST, version="1.2.9"), replace(MANIFEST, version="1.2.10"))
    assert [str(problem) for problem in found.problems] == [
        "package.yaml:3: 1.2.9 is lower than 1.2.10, the old version"
    ]


def test_two_packages_are_no_releases_of_each_other(tmp_path: Path) -> None:
    assert refused(tmp_path, replace(MANIFEST, id="ander-pakket")) == [
        "package.yaml:2: this is another package: the old one is klein-pakket"
    ]


def test_a_release_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentBroken) as broken:
        read_release(write_package(tmp_path / "new", replace(ITEM, colour="red")))
    assert str(broken.value).startswith(f"new/{ITEM}:")
    (tmp_path / "new" / "run.py").write_text("x")
    with pytest.raises(ContentBroken, match=r"new/run\.py: this file does not belong in a package"):
        read_release(tmp_path / "new")


words = st.text(alphabet="abcdefgh é", min_size=1, max_size=30).map(str.strip).filter(bool)


@given(
    place=st.sampled_from(["stem", "context", "why", "b", "c", "feedback of b"]), text=words, raised=st.booleans()
)
def test_a_text_never_changes_under_the_same_version(
    tmp_path_factory: pytest.TempPathFactory, place: str, text: str, raised: bool
) -> None:
    def change(tree: Tree) -> None:
        item = tree[ITEM]
        item["version"] = 2 if raised else 1
        if place in ("stem", "context"):
            item[place] = text
        elif place == "why":
            item["feedback"]["why"] = text
        else:
            option = item["options"][1 if place.endswith("b") else 2]
            option["feedback" if place.startswith("feedback") else "text"] = text

    found = refused(tmp_path_factory.mktemp("releases"), change)
    assert (found == []) is raised


def item(kind: str, **parts: Any) -> ItemShape:
    return ItemShape.model_validate(single_choice("VEI-INT-0001") | {"type": kind, "options": []} | parts)


def options(kind: str, *texts: str) -> ItemShape:
    """A text that ends in `*` is right."""
    made = [
        {"id": letter, "text": text.rstrip("*"), "correct": text.endswith("*")}
        for letter, text in zip("abcdef", texts, strict=False)
    ]
    return item(kind, options=made)


def typed(*accept: str) -> ItemShape:
    return item("text_entry", answer={"accept": list(accept)})


def number(value: float, tolerance: float = 0.0) -> ItemShape:
    return item("numeric", number={"value": value, "tolerance": tolerance})


def pairs(**texts: str) -> ItemShape:
    return item("match", pairs=[{"left": left, "right": right} for left, right in texts.items()])


def files(folders: str, **where: str) -> ItemShape:
    named = [{"name": name, "folder": folder} for name, folder in where.items()]
    return item("file_sort", folders=folders.split(), files=named)


def cloze(key: str, *accept: str) -> ItemShape:
    gaps = [{"choices": ["C", "X", "V"], "key": key}, {"accept": list(accept)}]
    return item("cloze", cloze={"text": "[[1]] [[2]]", "gaps": gaps})


def found(*addresses: str) -> ItemShape:
    """An address that ends in `*` is right."""
    results = [
        {"title": f"t {n}", "address": one.rstrip("*"), "snippet": "s", "correct": one.endswith("*")}
        for n, one in enumerate(addresses)
    ]
    return item(
        "simulation", simulation={"kind": "search_results", "query": "q", "label": "l", "results": results}
    )


CHOICES = [{"id": "yes", "text": "Ja"}, {"id": "no", "text": "Nee"}]


def login(key: str, label: str = "Wat doe je?") -> ItemShape:
    fields = [{"label": label, "choices": CHOICES, "key": [key]}]
    return item(
        "simulation", simulation={"kind": "login_prompt", "service": "s", "lines": ["l"], "fields": fields}
    )


def mails(**keys: str) -> ItemShape:
    made = [
        {"from_name": "f", "from": "f@f.example", "subject": subject, "body": "b", "key": [key]}
        for subject, key in keys.items()
    ]
    return item("simulation", simulation={"kind": "mailbox", "choices": CHOICES, "mails": made})


def rule(key: str) -> ItemShape:
    made = [{"from_name": "f", "from": "f@f.example", "subject": "s", "body": "b"}]
    fields = [{"label": "Als", "choices": CHOICES, "key": [key]}]
    return item("simulation", simulation={"kind": "mailbox", "mails": made, "fields": fields})


def shared(key: str) -> ItemShape:
    people = [{"name": "Aisha", "about": "leest", "key": [key]}]
    return item(
        "simulation", simulation={"kind": "share_dialog", "file": "f", "choices": CHOICES, "people": people}
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (options("sjt", "one*", "two", "three"), options("sjt", "one", "two*", "three")),
        (options("sjt", "one*", "two", "three"), options("sjt", "two*", "one", "three")),
        (options("sjt", "one*", "two", "three"), options("sjt", "eins", "zwei*", "three")),
        (
            options("multiple_response", "one*", "two*", "three"),
            options("multiple_response", "one*", "two", "three*"),
        ),
        (options("order", "one", "two", "three"), options("order", "one", "three", "two")),
        (typed("A1", "A2"), typed("A1")),
        (number(1.5), number(1.25)),
        (pairs(a="1", b="2"), pairs(a="2", b="1")),
        (files("x y", a="x", b="y", c="y"), files("x y", a="y", b="y", c="y")),
        (cloze("C", "v"), cloze("X", "v")),
        (cloze("C", "v", "V"), cloze("C", "v")),
        (found("a.test*", "b.test"), found("a.test", "b.test*")),
        (login("yes"), login("no")),
        (login("yes"), login("no", label="Kies")),
        (mails(een="yes", twee="no"), mails(een="yes", twee="yes")),
        (rule("yes"), rule("no")),
        (shared("yes"), shared("no")),
    ],
)
def test_another_answer_is_another_key(old: ItemShape, new: ItemShape) -> None:
    assert key_changed(old, new)
    assert not key_changed(old, old)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (options("sjt", "one*", "two", "three"), options("sjt", "two", "one*", "three")),
        (options("sjt", "one*", "two", "three"), options("sjt", "one.*", "two.", "three")),
        (options("sjt", "one*", "two", "three"), options("sjt", "eins*", "zwei", "drei", "vier")),
        (options("order", "one", "two", "three"), options("order", "eins", "two", "three")),
        (options("order", "one", "two", "three"), options("order", "eins", "zwei", "drei")),
        (options("order", "one"), options("order")),
        (options("declarative", "one", "two"), options("declarative", "two", "one")),
        (typed("A1"), typed("A1", "=A1")),
        (number(1.5), number(1.5, tolerance=0.1)),
        (pairs(a="1", b="2"), pairs(a="1.", b="2", c="3")),
        (files("x y", a="x", b="y", c="y"), files("X y", a="X", b="y", c="y")),
        (cloze("C", "v"), cloze("C", "v", "V")),
        (login("yes"), login("yes", label="Kies")),
        (mails(een="yes", twee="no"), mails(twee="no", een="yes", drie="yes")),
    ],
)
def test_other_words_are_no_other_key(old: ItemShape, new: ItemShape) -> None:
    assert not key_changed(old, new)
