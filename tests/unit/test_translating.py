"""Content in two languages: whole and of this version, or in Dutch; and scored the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.content_library import (
    STARTER_PACKAGE,
    ContentBroken,
    Files,
    load_package,
    package_of,
)
from lti_tool.content_library.format import ItemShape, ModuleShape
from lti_tool.content_library.inspecting import inspect_package
from lti_tool.content_library.problems import Remark
from lti_tool.content_library.reading import read_files
from lti_tool.content_library.translating import is_read
from lti_tool.domain.content import IN_ROWS, Item, Package
from lti_tool.domain.scoring import (
    TYPED,
    Response,
    ResponseDoesNotFit,
    expected_in_words,
    explanation,
    in_words,
    is_right,
    mixed_choices,
    shuffled_options,
)
from lti_tool.use_cases.choose_content import scored_item
from tests.packages import (
    ITEM,
    MANIFEST,
    MODULE,
    PAGE,
    Tree,
    in_made_up_english,
    problems,
    put,
    single_choice,
    translation,
    write_package,
)

TODAY = date(2026, 11, 26)
ITEM_EN = "i18n/en/items/VEI-INT-0001.yaml"
MODULE_EN = "i18n/en/modules/scherm-op-slot.yaml"
PAGE_EN = PAGE.replace(".nl.", ".en.")

ITEM_TEXTS = {
    "stem": "You leave your desk for a moment. What do you do?",
    "options.a.text": "I lock the screen.",
    "options.a.feedback": "That way nobody can get at it.",
    "options.b.text": "I turn the sound off.",
    "options.b.feedback": "Your screen can still be read.",
    "options.c.text": "I turn the screen around.",
    "options.c.feedback": "Somebody can turn it back.",
    "feedback.right": "That is right.",
    "feedback.not_yet": "Not quite yet.",
    "feedback.why": "With a locked screen nobody can get at your data.",
    "feedback.tip_at_work": "Call {{meldpunt.incident}} when you are in doubt.",
}
MODULE_TEXTS = {
    "title": "How do you lock your screen?",
    "one_topic": "Locking your screen when you leave.",
    "benefit": "Nobody can get at your data.",
    "goals.0": "You can lock your screen.",
    **{f"steps.{step}.title": "Step" for step in ("goal", "explanation", "practice", "check", "tip", "done")},
    "steps.goal.blocks.0.md": "You learn **one** thing.",
    "steps.practice.blocks.0.items.0": "Press the Windows key + L.",
    "steps.tip.blocks.0.items.0": "I report it at {{meldpunt.incident}}.",
}


def english(tree: Tree) -> None:
    """One question and the micro-training in English too."""
    tree[MANIFEST]["languages"] = ["nl", "en"]
    tree[ITEM_EN] = translation("VEI-INT-0001", 1, ITEM_TEXTS)
    tree[MODULE_EN] = translation("M-VEI-001", "1.0.0", MODULE_TEXTS)
    tree[PAGE_EN] = "# This is how\n\nWelcome in {{gemeente.naam}}.\n"


def but(change: Callable[[Tree], object]) -> Callable[[Tree], None]:
    def both(tree: Tree) -> None:
        english(tree)
        change(tree)

    return both


def without(file: str, way: str) -> Callable[[Tree], object]:
    return but(lambda tree: tree[file]["texts"].pop(way))


def test_a_question_is_said_in_each_of_its_languages(tmp_path: Path) -> None:
    item = load_package(write_package(tmp_path / "p", english)).item("VEI-INT-0001")
    said = item.said_in("en")
    assert (item.language, said.language) == ("nl", "en")
    assert said.stem == ITEM_TEXTS["stem"]
    assert [option.text for option in said.options] == [ITEM_TEXTS[f"options.{o}.text"] for o in "abc"]
    assert said.feedback.tip_at_work == "Call Meldpunt ICT when you are in doubt."
    assert (said.id, said.key, said.interaction) == (item.id, item.key, item.interaction)
    assert item.said_in("nl") is item
    assert said.said_in("en") is said


def test_a_question_that_was_not_translated_stays_as_it_is(tmp_path: Path) -> None:
    item = load_package(write_package(tmp_path / "p", english)).item("VEI-INT-0002")
    assert item.said_in("en") is item


def test_a_training_is_said_in_each_of_its_languages_with_its_pages(tmp_path: Path) -> None:
    module = load_package(write_package(tmp_path / "p", english)).module("M-VEI-001")
    said = module.said_in("en")
    assert (said.title, said.goals, said.language) == (MODULE_TEXTS["title"], ("You can lock your screen.",), "en")
    assert said.steps[0].blocks[0].html == "<p>You learn <strong>one</strong> thing.</p>\n"
    assert said.steps[1].blocks[0].html == "<h2>This is how</h2>\n<p>Welcome in Voorbeeldstad.</p>\n"
    assert said.steps[2].blocks[0].entries == ("Press the Windows key + L.",)
    assert [step.id for step in said.steps] == [step.id for step in module.steps]
    assert said.key == module.key
    assert module.said_in("nl").title == "Hoe zet je je scherm op slot?"


def stale_translations(folder: Path) -> list[Remark]:
    return [remark for remark in inspect_package(folder, TODAY).remarks if remark.about == "translation"]


STALE = {
    "another version of the question": (
        but(put(ITEM, "version", to=2)),
        f"{ITEM_EN}:3: stale: VEI-INT-0001 is 2 now, and this translates 1; Dutch is shown",
    ),
    "a version that is not there yet": (
        but(put(ITEM_EN, "source_version", to=3)),
        f"{ITEM_EN}:3: stale: VEI-INT-0001 is 1 now, and this translates 3; Dutch is shown",
    ),
    "another version of the training": (
        but(put(MODULE, "version", to="1.1.0")),
        f"{MODULE_EN}:3: stale: M-VEI-001 is 1.1.0 now, and this translates 1.0.0; Dutch is shown",
    ),
    "a text is missing": (
        without(ITEM_EN, "options.b.feedback"),
        f"{ITEM_EN}:5: incomplete: options.b.feedback missing; Dutch is shown",
    ),
    "many texts are missing": (
        but(put(ITEM_EN, "texts", to={"stem": "What do you do?"})),
        f"{ITEM_EN}:5: incomplete: options.a.text, options.a.feedback, options.b.text and 7 more missing; "
        "Dutch is shown",
    ),
    "a text of the training is missing": (
        without(MODULE_EN, "steps.tip.blocks.0.items.0"),
        f"{MODULE_EN}:5: incomplete: steps.tip.blocks.0.items.0 missing; Dutch is shown",
    ),
    "a page is missing": (
        but(lambda tree: tree.pop(PAGE_EN)),
        f"{MODULE_EN}:5: incomplete: {PAGE_EN} missing; Dutch is shown",
    ),
    "the page alone is there": (
        but(lambda tree: tree.pop(MODULE_EN)),
        f"{PAGE_EN}: incomplete: there is no {MODULE_EN}; Dutch is shown",
    ),
    "stale, and a text of it is gone": (
        but(
            lambda tree: tree.update(
                {
                    ITEM: single_choice(
                        "VEI-INT-0001",
                        version=2,
                        type="order",
                        options=[{"id": option, "text": f"Stap {option}"} for option in "abc"],
                    )
                }
            )
        ),
        f"{ITEM_EN}:3: stale: VEI-INT-0001 is 2 now, and this translates 1; Dutch is shown",
    ),
}


@pytest.mark.parametrize("case", STALE)
def test_what_is_stale_or_incomplete_falls_back_to_dutch_whole_and_is_remarked(tmp_path: Path, case: str) -> None:
    change, remark = STALE[case]
    folder = write_package(tmp_path / "p", change)
    package = load_package(folder)
    assert [str(said) for said in stale_translations(folder)] == [remark]
    item, module = package.item("VEI-INT-0001"), package.module("M-VEI-001")
    whole, fallen = (item, module) if "modules/" in remark.split(":")[0] else (module, item)
    assert set(whole.others) == {"en"}
    assert not fallen.others
    assert fallen.said_in("en") is fallen


BROKEN = {
    "i18n/en/items/VEI-INT-0777.yaml:2: there is no item or module VEI-INT-0777": but(
        lambda tree: tree.update({"i18n/en/items/VEI-INT-0777.yaml": translation("VEI-INT-0777", 1, ITEM_TEXTS)})
    ),
    "i18n/en/modules/x.yaml:2: there is no item or module M-VEI-777": but(
        lambda tree: tree.update({"i18n/en/modules/x.yaml": translation("M-VEI-777", "1.0.0", MODULE_TEXTS)})
    ),
    "i18n/en/items/VEI-INT-0002.yaml:2: should stand in i18n/en/items/VEI-INT-0001.yaml": but(
        lambda tree: tree.update({"i18n/en/items/VEI-INT-0002.yaml": tree.pop(ITEM_EN)})
    ),
    f"{ITEM_EN}:16: VEI-INT-0001 has no text options.d.text to translate": but(
        put(ITEM_EN, "texts", "options.d.text", to="I do nothing.")
    ),
    f"{ITEM_EN}:16: VEI-INT-0001 has no text licence to translate": but(put(ITEM_EN, "texts", "licence", to="M")),
    f"{ITEM_EN}:16: VEI-INT-0001 has no text options.0.text to translate": but(
        put(ITEM_EN, "texts", "options.0.text", to="I do nothing.")
    ),
    f"{MODULE_EN}:18: M-VEI-001 has no text goals.{'9' * 30} to translate": but(
        put(MODULE_EN, "texts", f"goals.{'9' * 30}", to="More.")
    ),
    f"{ITEM_EN}:5: package.yaml does not declare the variable burgemeester": but(
        put(ITEM_EN, "texts", "stem", to="Ask {{burgemeester}}.")
    ),
    f"{ITEM_EN}:5: double braces hold the name of a variable: {{{{gemeente.naam}}}}": but(
        put(ITEM_EN, "texts", "stem", to="Ask {{ Mayor }}.")
    ),
    f"{ITEM_EN}:6: elsewhere.com may exist; use a name under .example, .test or .invalid (or overheid.nl)": but(
        put(ITEM_EN, "texts", "options.a.text", to="I look at www.elsewhere.com.")
    ),
    **{
        f"{ITEM_EN}:13: feedback does not say {word!r}": but(put(ITEM_EN, "texts", "feedback.not_yet", to=said))
        for word, said in {
            "wrong": "That is wrong.",
            "Unfortunately": "Unfortunately not.",
            "failed": "You failed.",
            "insufficient": "That is insufficient.",
            "bad": "A bad idea.",
        }.items()
    },
    f"{ITEM_EN}:9: feedback does not say 'wrong'": but(put(ITEM_EN, "texts", "options.b.feedback", to="So wrong")),
    f"{ITEM_EN}:5: HTML is not allowed": but(put(ITEM_EN, "texts", "stem", to="<b>What</b> do you do?")),
    f"{MODULE_EN}:15: HTML is not allowed; use Markdown": but(
        put(MODULE_EN, "texts", "steps.goal.blocks.0.md", to="<script>x</script>")
    ),
    f"{MODULE_EN}:15: a link must begin with https://": but(
        put(MODULE_EN, "texts", "steps.goal.blocks.0.md", to="[x](//somewhere.example)")
    ),
    f"{PAGE_EN}: HTML is not allowed; use Markdown": but(lambda tree: tree.update({PAGE_EN: "<p>x</p>"})),
    f"{ITEM_EN}:5: two options have the same text": but(
        put(ITEM_EN, "texts", "options.b.text", to=ITEM_TEXTS["options.a.text"])
    ),
    f"{ITEM_EN}:6: options.0.text: should have at most 300 characters": but(
        put(ITEM_EN, "texts", "options.a.text", to="x" * 301)
    ),
    f"{ITEM_EN}:5: texts.stem: must be a text; put it between quotes": but(put(ITEM_EN, "texts", "stem", to=5)),
    f"{ITEM_EN}:1: texts: is missing": but(lambda tree: tree[ITEM_EN].pop("texts")),
    f"{ITEM_EN}:4: texts: Dictionary should have at least 1 item after validation, not 0": but(
        put(ITEM_EN, "texts", to={})
    ),
    "i18n/de/items/VEI-INT-0001.yaml: package.yaml does not list de": but(
        lambda tree: tree.update({"i18n/de/items/VEI-INT-0001.yaml": tree[ITEM_EN]})
    ),
    f"{ITEM_EN}: package.yaml does not list en": but(put(MANIFEST, "languages", to=["nl"])),
    f"{PAGE_EN}: package.yaml does not list en": but(put(MANIFEST, "languages", to=["nl"])),
    "i18n/nl/items/VEI-INT-0001.yaml: nl is the source language": but(
        lambda tree: tree.update({"i18n/nl/items/VEI-INT-0001.yaml": tree[ITEM_EN]})
    ),
    f"{MANIFEST}:8: nl is the source language": but(put(MANIFEST, "languages", to=["en"])),
    f"{MANIFEST}:9: languages.1: should be 'nl' or 'en'": but(put(MANIFEST, "languages", to=["nl", "de"])),
    "modules/scherm-op-slot/anders.en.md: no step uses this file": but(
        lambda tree: tree.update({"modules/scherm-op-slot/anders.en.md": "Other."})
    ),
    "i18n/en/notes.yaml: this file does not belong in a package": but(
        lambda tree: tree.update({"i18n/en/notes.yaml": {}})
    ),
}


@pytest.mark.parametrize("problem", BROKEN)
def test_a_broken_translation_is_refused_with_its_line(tmp_path: Path, problem: str) -> None:
    assert problem in problems(tmp_path, BROKEN[problem])


def test_a_clean_translation_has_no_problems_and_no_remarks(tmp_path: Path) -> None:
    assert problems(tmp_path, english) == []
    assert stale_translations(tmp_path) == []


def test_what_was_wrong_in_dutch_is_told_of_the_dutch_file_alone(tmp_path: Path) -> None:
    found = problems(tmp_path, but(put(ITEM, "options", 1, "correct", to=True)))
    assert found == [f"{ITEM}:17: exactly one option is correct, not 2"]


def test_a_question_that_cannot_be_read_does_not_make_its_translation_unknown(tmp_path: Path) -> None:
    found = problems(tmp_path, but(put(ITEM, "version", to="one")))
    assert {problem.split(":")[0] for problem in found} == {ITEM}


def test_the_texts_of_a_translation_that_is_stale_are_kept_to_the_rules_too(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        english(tree)
        tree[ITEM]["version"] = 2
        tree[ITEM_EN]["texts"]["feedback.why"] = "You failed."

    assert problems(tmp_path, change) == [f"{ITEM_EN}:14: feedback does not say 'failed'"]


CLOZE = {
    "type": "cloze",
    "options": [],
    "cloze": {
        "text": "Met [[1]] kopieer je, met [[2]] plak je.",
        "gaps": [{"choices": ["Ctrl en C", "Ctrl en X"], "key": "Ctrl en X"}, {"accept": ["V"]}],
    },
}
CLOZE_TEXTS = {
    **{way: text for way, text in ITEM_TEXTS.items() if not way.startswith("options.")},
    "cloze.text": "With [[1]] you copy, with [[2]] you paste.",
    "cloze.gaps.0.choices.0": "Ctrl and C",
    "cloze.gaps.0.choices.1": "Ctrl and X",
}


def cloze(**texts: str) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        english(tree)
        tree[ITEM] = single_choice("VEI-INT-0001", **CLOZE)
        tree[ITEM_EN] = translation("VEI-INT-0001", 1, {**CLOZE_TEXTS, **texts})

    return change


def test_the_key_of_a_gap_follows_its_choice(tmp_path: Path) -> None:
    said = load_package(write_package(tmp_path / "p", cloze())).item("VEI-INT-0001").said_in("en")
    assert said.rows[0].accept == ("1",)
    assert [choice.text for choice in said.rows[0].choices] == ["Ctrl and C", "Ctrl and X"]
    assert said.sentence == ("With ", " you copy, with ", " you paste.")


def test_gaps_keep_their_order_because_answers_do(tmp_path: Path) -> None:
    turned = cloze(**{"cloze.text": "Paste with [[2]] and copy with [[1]]."})
    assert problems(tmp_path / "a", turned) == [
        f"{ITEM_EN}:10: the gaps stand in the order of the source: [[1]] [[2]]"
    ]
    missing = cloze(**{"cloze.text": "Copy with [[1]]."})
    assert f"{ITEM_EN}:10: the text should have each of [[1]] [[2]] once" in problems(tmp_path / "b", missing)


def test_the_folder_of_a_file_follows_the_folders(tmp_path: Path) -> None:
    said = load_package(STARTER_PACKAGE).item("INF-ZOE-0001").said_in("en")
    assert [row.choices[int(row.accept[0])].text for row in said.rows] == ["Decisions", "Minutes", "Personal"]


def test_the_package_for_a_new_author_shows_a_translation_and_a_fallback() -> None:
    starter = load_package(STARTER_PACKAGE)
    assert stale_translations(STARTER_PACKAGE) == []
    module = starter.module("M-VEI-001").said_in("en")
    asked = [block.item_ref for step in module.steps for block in step.blocks if block.item_ref]
    assert [starter.item(item_id).said_in("en").language for item_id in asked] == ["nl", "en", "nl"]
    assert [item.id for item in starter.items.values() if item.others] == [
        "INF-ZOE-0001",
        "OPE-SOF-0006",
        "VEI-INT-0100",
    ]


@cache
def everything_translated() -> Package:
    """The starter package with every text of every question and training in made-up English."""
    files = read_files(STARTER_PACKAGE)
    texts = {**files.texts, **in_made_up_english(files)}
    return package_of(Files(texts, files.media))


ITEMS = sorted(everything_translated().items)


def test_every_type_of_question_and_every_training_can_be_translated_whole() -> None:
    package = everything_translated()
    assert all(set(thing.others) == {"en"} for thing in (*package.items.values(), *package.modules.values()))


def responses(item: Item) -> st.SearchStrategy[Response]:
    """Anything that somebody may send, mostly what fits."""
    typed = st.one_of(st.text(max_size=12), st.sampled_from([*item.accept, "1875,50", "V", ""]))
    if item.type in IN_ROWS:
        chosen = st.tuples(
            *(st.sampled_from([*(choice.id for choice in row.choices), *row.accept, "x"]) for row in item.rows)
        )
    else:
        ids = [option.id for option in item.options] or ["a"]
        chosen = st.one_of(
            st.lists(st.sampled_from([*ids, "z"]), max_size=len(ids)).map(tuple),
            st.permutations(ids).map(tuple),
            st.sampled_from(ids).map(lambda one: (one,)),
        )
    text = typed if item.type in TYPED else st.just("")
    return st.builds(Response, choice=chosen, text=text, dont_know=st.booleans())


def verdict(item: Item, response: Response) -> bool | str:
    try:
        return is_right(item, response)
    except ResponseDoesNotFit as refused:
        return str(refused)


@given(st.data(), st.sampled_from(ITEMS))
def test_the_same_response_has_the_same_verdict_in_every_language(data: st.DataObject, item_id: str) -> None:
    item = everything_translated().item(item_id)
    said = item.said_in("en")
    response = data.draw(responses(item))
    assert said is not item
    assert verdict(said, response) == verdict(item, response)
    if isinstance(verdict(item, response), bool):
        assert bool(in_words(said, response)) == bool(in_words(item, response))
        assert explanation(said, response).startswith("In English: ")


@pytest.mark.parametrize("item_id", ITEMS)
def test_bank_statements_and_the_order_on_the_page_do_not_know_the_language(item_id: str) -> None:
    item = everything_translated().item(item_id)
    said = item.said_in("en")
    assert scored_item(said) == scored_item(item)
    assert (said.key, said.interaction, said.accept) == (item.key, item.interaction, item.accept)
    assert [row.accept for row in said.rows] == [row.accept for row in item.rows]
    assert len(expected_in_words(said)) == len(expected_in_words(item))
    assert [o.id for o in shuffled_options(said, "s")] == [o.id for o in shuffled_options(item, "s")]
    for row, told in zip(item.rows, said.rows, strict=True):
        assert [c.id for c in mixed_choices(said, "s", told)] == [c.id for c in mixed_choices(item, "s", row)]


@pytest.mark.parametrize("shape", [ItemShape, ModuleShape])
def test_no_id_address_of_a_file_or_code_of_the_format_has_to_be_translated(
    shape: type[ItemShape] | type[ModuleShape],
) -> None:
    schema = shape.model_json_schema(by_alias=True)
    asked = [way for way, told in _read(schema, schema, ()) if {"pattern", "enum", "const"} & set(told)]
    assert asked == []


def _read(
    told: dict[str, Any], schema: dict[str, Any], way: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The way to each text of a shape that an author would be asked to translate."""
    if reference := told.get("$ref"):
        yield from _read(schema["$defs"][reference.rpartition("/")[2]], schema, way)
    elif told.get("type") == "string":
        yield ".".join(way), told
    for part in (*told.get("anyOf", ()), *told.get("oneOf", ()), *filter(None, [told.get("items")])):
        yield from _read(part, schema, way)
    for key, part in told.get("properties", {}).items():
        if is_read(key, way):
            yield from _read(part, schema, (*way, key))


def extending(folder: Path, **manifest: Any) -> Path:
    """A package on the translated one."""
    write_package(folder / "klein-pakket", english)

    def own(tree: Tree) -> None:
        added = manifest.pop("files", {})
        for file in list(tree):
            if file != MANIFEST:
                del tree[file]
        tree[MANIFEST] |= {"id": "eigen-pakket", "version": "0.1.0", "languages": ["nl", "en"]}
        tree[MANIFEST] |= {"extends": [{"package": "klein-pakket", "version": ">=1.0,<2"}], **manifest}
        tree.update(added)

    return write_package(folder / "eigen-pakket", own)


def test_a_package_that_extends_another_has_its_translations_too(tmp_path: Path) -> None:
    package = load_package(extending(tmp_path))
    assert package.item("VEI-INT-0001").said_in("en").stem == ITEM_TEXTS["stem"]
    assert package.module("M-VEI-001").said_in("en").title == MODULE_TEXTS["title"]


def test_a_package_in_dutch_alone_leaves_the_translations_of_the_other_out(tmp_path: Path) -> None:
    package = load_package(extending(tmp_path, languages=["nl"]))
    assert not package.item("VEI-INT-0001").others
    assert not package.module("M-VEI-001").others


def test_words_of_its_own_are_not_covered_by_what_the_other_translated(tmp_path: Path) -> None:
    own = [
        {"item": "VEI-INT-0001", "texts": {"feedback.tip_at_work": "Bel 1400."}},
        {"item": "VEI-INT-0002", "texts": {"feedback.tip_at_work": "Bel 1400."}},
        {"module": "M-VEI-001", "texts": {"goals.0": "Je kunt je scherm op slot zetten."}},
        {"domain": "veiligheid", "texts": {"label.nl": "Veilig bij ons"}},
    ]
    folder = extending(tmp_path, overrides=own)
    package = load_package(folder)
    assert package.item("VEI-INT-0001").said_in("en").feedback.tip_at_work == "Bel 1400."
    assert package.module("M-VEI-001").said_in("en").goals == ("Je kunt je scherm op slot zetten.",)
    assert [str(remark).split("incomplete: ")[1] for remark in stale_translations(folder)] == [
        "feedback.tip_at_work missing; Dutch is shown",
        "goals.0 missing; Dutch is shown",
    ]


def test_words_of_its_own_for_all_that_was_translated_leave_no_translation(tmp_path: Path) -> None:
    words = {way: f"Bij ons: {way}" for way in ITEM_TEXTS}
    folder = extending(tmp_path, overrides=[{"item": "VEI-INT-0001", "texts": words}])
    assert not load_package(folder).item("VEI-INT-0001").others
    assert stale_translations(folder) == []


def test_words_of_its_own_leave_a_broken_translation_to_be_told(tmp_path: Path) -> None:
    folder = extending(tmp_path, overrides=[{"item": "VEI-INT-0001", "texts": {"stem": "Wat doe je?"}}])
    (tmp_path / "klein-pakket" / ITEM_EN).write_text("texts: [stem]\n", "utf-8")
    with pytest.raises(ContentBroken, match=r"texts: should be a valid dictionary"):
        load_package(folder)


def test_a_translation_of_its_own_takes_the_place_of_that_of_the_other(tmp_path: Path) -> None:
    texts = {**ITEM_TEXTS, "feedback.tip_at_work": "Call 1400."}
    own = [{"item": "VEI-INT-0001", "texts": {"feedback.tip_at_work": "Bel 1400."}}]
    files = {ITEM_EN: translation("VEI-INT-0001", 1, texts)}
    item = load_package(extending(tmp_path, overrides=own, files=files)).item("VEI-INT-0001")
    assert item.feedback.tip_at_work == "Bel 1400."
    assert item.said_in("en").feedback.tip_at_work == "Call 1400."
