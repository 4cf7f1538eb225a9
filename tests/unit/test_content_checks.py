from __future__ import annotations

from pathlib import Path

import pytest

from tests.packages import (
    FRAMEWORK,
    ITEM,
    MANIFEST,
    MODULE,
    OPENER,
    PAGE,
    Tree,
    problems,
    put,
    replace,
)

ITEM_PROBLEMS = {
    "exactly one option is correct, not 2": put(ITEM, "options", 1, "correct", to=True),
    "exactly one option is correct, not 0": put(ITEM, "options", 0, "correct", to=False),
    "option b has no feedback": put(ITEM, "options", 1, "feedback", to=None),
    "single_choice has 3 to 4 options": lambda tree: tree[ITEM]["options"].pop(),
    "two options have the same id": put(ITEM, "options", 1, "id", to="a"),
    "two options have the same text": put(ITEM, "options", 1, "text", to="Ik vergrendel het scherm."),
    "single_choice: options missing": replace(ITEM, options=[]),
    "single_choice: pairs not used": replace(
        ITEM, pairs=[{"left": "a", "right": "b"}, {"left": "c", "right": "d"}]
    ),
    "single_choice: answer not used": replace(ITEM, answer={"accept": ["x"]}),
    "match: options not used": replace(ITEM, type="match"),
    "match: pairs missing": replace(ITEM, type="match", options=[]),
    "text_entry: answer missing": replace(ITEM, type="text_entry", options=[]),
    "2 to 6 pairs": replace(ITEM, type="match", options=[], pairs=[{"left": "a", "right": "b"}]),
    "two pairs have the same left text": replace(
        ITEM, pairs=[{"left": "a", "right": "b"}, {"left": "a", "right": "c"}]
    ),
    "two pairs have the same right text": replace(
        ITEM, pairs=[{"left": "a", "right": "c"}, {"left": "b", "right": "c"}]
    ),
    "an accepted answer is empty after normalising": replace(
        ITEM, type="text_entry", options=[], answer={"accept": ["="], "normalise": ["strip_equals"]}
    ),
    "at least two options are correct and at least one is not; now 1": replace(ITEM, type="multiple_response"),
    "order has no correct options": replace(ITEM, type="order"),
    "declarative has no correct options": replace(ITEM, type="declarative", scored=False),
    "a declarative item is never scored": replace(ITEM, type="declarative"),
    "vei.durven is never scored": replace(ITEM, subskill="vei.durven"),
    "veiligheid has no sub-skill ope.software": replace(ITEM, subskill="ope.software"),
    "the framework has no domain mediawijs": replace(ITEM, domain="mediawijs"),
    "should stand in items/veiligheid/VEI-INT-0009.yaml": replace(ITEM, id="VEI-INT-0009"),
    "VEI-INT-0777 is not another item": replace(ITEM, enemies=["VEI-INT-0777"]),
    "VEI-INT-0001 is not another item": replace(ITEM, enemies=["VEI-INT-0001"]),
    "there is no module M-VEI-777": replace(ITEM, modules=["M-VEI-777"]),
    "feedback does not say 'Helaas'": put(ITEM, "feedback", "not_yet", to="Helaas, probeer het nog eens."),
    "feedback does not say 'foute'": put(ITEM, "options", 2, "feedback", to="Een foute keuze."),
    "says 'Goed gezien' about an answer that is not right": put(ITEM, "options", 1, "feedback", to="Goed gezien."),
    "difficulty.b: should be less than or equal to 2.5": put(ITEM, "difficulty", "b", to=3.0),
    "colour: the format has no such key": replace(ITEM, colour="red"),
    "maar het blijft: the format has no such key; does a text with a comma need quotes?": put(
        ITEM, "options", 2, "maar het blijft", to=None
    ),
    "stem: must be a text": replace(ITEM, stem=5),
    "stem: is missing": lambda tree: tree[ITEM].pop("stem"),
    "the file: must have keys of its own": lambda tree: tree.update({ITEM: "later\n"}),
    "difficulty: must have keys of its own": replace(ITEM, difficulty="easy"),
    "digcomp.0: should match pattern": replace(ITEM, digcomp=["6.1"]),
    "status: should be 'concept', 'review'": replace(ITEM, status="pilotje"),
    "licence: should be 'CC0-1.0', 'CC-BY-4.0'": replace(ITEM, licence="Creative Commons"),
    "the key has 35 characters and the longest other option 28: at most 1.2 times as many; make the key": put(
        ITEM, "options", 0, "text", to="Ik vergrendel het scherm en ga weg."
    ),
    "HTML is not allowed; a text is plain": put(ITEM, "options", 1, "text", to="Ik druk op <b>Esc</b>."),
    "package.yaml does not declare the tool excel": lambda tree: [
        tree[ITEM].update(requires=["word", "excel"]),
        tree[MANIFEST].update(tools={"word": "Microsoft Word"}),
    ],
}


@pytest.mark.parametrize("said", ITEM_PROBLEMS)
def test_a_broken_item_is_refused_with_its_line(tmp_path: Path, said: str) -> None:
    found = problems(tmp_path, ITEM_PROBLEMS[said])
    assert any(line.startswith(f"{ITEM}:") and said in line for line in found), found


MODULE_PROBLEMS = {
    "should stand in modules/ander/module.yaml": replace(MODULE, slug="ander"),
    "steps go goal, explanation, practice": lambda tree: tree[MODULE]["steps"].reverse(),
    "not: goal explanation check tip done": lambda tree: tree[MODULE]["steps"].pop(2),
    "the steps take 6 minutes, the module says 5": replace(MODULE, minutes=5),
    "minutes: should be less than or equal to 30": replace(MODULE, minutes=45),
    "two steps have the same id": put(MODULE, "steps", 1, "id", to="goal"),
    "there is no item VEI-INT-0777": put(MODULE, "steps", 3, "blocks", 0, "ref", to="VEI-INT-0777"),
    "VEI-INT-0001 is not of the practice pool": put(MODULE, "steps", 3, "blocks", 0, "ref", to="VEI-INT-0001"),
    "VEI-INT-0100 is not of the practice pool, or not in use": replace(OPENER, status="paused"),
    "the same item stands in it twice": put(
        MODULE, "steps", 3, "blocks", to=[{"type": "item", "ref": "VEI-INT-0100"}] * 2
    ),
    "a check needs at least one item": put(MODULE, "steps", 3, "blocks", to=[{"type": "contact"}]),
    "a text has either md or file": put(MODULE, "steps", 0, "blocks", 0, "file", to="uitleg.nl.md"),
    "there is no file modules/scherm-op-slot/weg.md": put(MODULE, "steps", 1, "blocks", 0, "file", to="weg.md"),
    "vei.internet: ": put(MODULE, "steps", 0, "blocks", 0, "vei.internet", to=1),
    "veiligheid has no sub-skill inf.zoeken": replace(MODULE, subskills=["vei.internet", "inf.zoeken"]),
    "package.yaml does not declare the tool sharepoint": lambda tree: [
        tree[MODULE].update(requires=["sharepoint"]),
        tree[MANIFEST].update(tools={}),
    ],
    "HTML is not allowed; a text is plain": replace(MODULE, benefit="Voor <mark>jou</mark>."),
    "HTML is not allowed; use Markdown": put(MODULE, "steps", 0, "blocks", 0, "md", to="Een <b>vet</b> woord"),
    "a link must begin with https://": put(MODULE, "steps", 0, "blocks", 0, "md", to="[zo](/start)"),
    "a picture is a block of its own": put(
        MODULE, "steps", 0, "blocks", 0, "md", to="![zo](https://a.example/b.png)"
    ),
    "package.yaml does not declare digihelden.contact": lambda tree: tree[MANIFEST]["variables"].pop(
        "digihelden.contact"
    ),
    "package.yaml does not declare the variable naam": replace(MODULE, benefit="Voor {{naam}}."),
    "double braces hold the name of a variable": replace(MODULE, benefit="Voor {{Naam}}."),
}


@pytest.mark.parametrize("said", MODULE_PROBLEMS)
def test_a_broken_module_is_refused_with_its_line(tmp_path: Path, said: str) -> None:
    found = problems(tmp_path, MODULE_PROBLEMS[said])
    assert any(line.startswith(f"{MODULE}:") and said in line for line in found), found


def test_two_modules_cannot_have_one_id(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        steps = [*tree[MODULE]["steps"]]
        steps[1] = steps[1] | {"blocks": [{"type": "text", "md": "Kort."}]}
        tree["modules/nog-een/module.yaml"] = tree[MODULE] | {"slug": "nog-een", "steps": steps}

    found = problems(tmp_path, change)
    assert len(found) == 2
    assert all("another module has the id M-VEI-001 too" in line for line in found)


def test_explanation_and_practice_may_take_turns(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        steps = tree[MODULE]["steps"]
        again = [dict(step, id=f"{step['id']}-2") for step in steps[1:3]]
        steps[3:3] = again

    assert problems(tmp_path, change) == []


PACKAGE_PROBLEMS = {
    f"{MANIFEST}: is missing": lambda tree: tree.pop(MANIFEST),
    "there is no file framework/weg.yaml": replace(MANIFEST, framework="framework/weg.yaml"),
    "there is no item VEI-INT-0777": replace(MANIFEST, practice_question="VEI-INT-0777"),
    "VEI-INT-0001 is not of the practice pool": replace(MANIFEST, practice_question="VEI-INT-0001"),
    "there is no module M-VEI-777": replace(MANIFEST, start_module="M-VEI-777"),
    "min_items_per_domain is more than max_items_per_domain": put(
        MANIFEST, "assessment", "max_items_per_domain", to=1
    )
    and put(MANIFEST, "assessment", "min_items_per_domain", to=3),
    "min_items is more than max_items": put(
        MANIFEST, "assessment", "domains", to={"veiligheid": {"min_items": 2, "max_items": 1}}
    ),
    "the framework has no domain koken": put(
        MANIFEST, "assessment", "domains", to={"koken": {"min_items": 1, "max_items": 1}}
    ),
    "veiligheid has 2 items to ask, 4 are needed": put(
        MANIFEST, "assessment", "domains", to={"veiligheid": {"min_items": 4, "max_items": 8}}
    ),
    "veiligheid has 2 items to ask, 3 are needed": put(MANIFEST, "assessment", "min_items_per_domain", to=3),
    "max_items is too few for what every domain needs": put(MANIFEST, "assessment", "min_items_per_domain", to=3),
    "variables.Naam.[key]": put(MANIFEST, "variables", "Naam", to={"required": True, "example": "x"}),
    "should stand in framework/groot.yaml": replace(FRAMEWORK, id="groot"),
    "two levels have the same id": put(FRAMEWORK, "levels", 1, "id", to="basis"),
    "the lowest level has no `above`": put(FRAMEWORK, "levels", 0, "above", to=-1.0),
    "each next one a higher `above`": put(FRAMEWORK, "levels", 1, "above", to=None),
    "two domains have the same sub-skill": lambda tree: tree[FRAMEWORK]["domains"].update(
        nogeen=dict(tree[FRAMEWORK]["domains"]["veiligheid"])
    ),
    "can_do needs one line for each level": put(
        FRAMEWORK, "domains", "veiligheid", "can_do", to={"basis": {"nl": "x"}}
    ),
    "framework/ander.yaml: package.yaml names another framework": lambda tree: tree.update(
        {"framework/ander.yaml": dict(tree[FRAMEWORK], id="ander")}
    ),
    "modules/scherm-op-slot/los.md: no step uses this file": lambda tree: tree.update(
        {"modules/scherm-op-slot/los.md": "x"}
    ),
    "modules/geen-module/los.md: no step uses this file": lambda tree: tree.update(
        {"modules/geen-module/los.md": "x"}
    ),
    f"{PAGE}:3: postbode.nl may exist": lambda tree: tree.update({PAGE: "# Kop\n\nKijk op www.postbode.nl.\n"}),
    f"{PAGE}: HTML is not allowed": lambda tree: tree.update({PAGE: "<script>"}),
}


@pytest.mark.parametrize("said", PACKAGE_PROBLEMS)
def test_parts_that_do_not_agree_are_refused(tmp_path: Path, said: str) -> None:
    found = problems(tmp_path, PACKAGE_PROBLEMS[said])
    assert any(said in line for line in found), found


def test_levels_must_rise(tmp_path: Path) -> None:
    third = {"id": "gevorderd", "label": {"nl": "je kunt anderen helpen"}, "above": -0.5}

    def change(tree: Tree) -> None:
        tree[FRAMEWORK]["levels"].append(third)
        tree[FRAMEWORK]["domains"]["veiligheid"]["can_do"]["gevorderd"] = {"nl": "Je kunt anderen helpen."}

    found = problems(tmp_path, change)
    assert len(found) == 1
    assert "each next one a higher `above`" in found[0]


def test_every_problem_is_told_at_once_and_in_order(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        tree[ITEM].update(colour="red", stem=5)
        tree[MODULE]["minutes"] = 45
        tree[OPENER]["feedback"]["why"] = "Dat is slecht."

    found = problems(tmp_path, change)
    assert [line.split(":")[0] for line in found] == [ITEM, ITEM, OPENER, MODULE]


def test_an_item_that_cannot_be_read_gives_no_second_hand_problems(tmp_path: Path) -> None:
    found = problems(tmp_path, replace(OPENER, colour="red"))
    assert len(found) == 1


def test_a_module_that_cannot_be_read_does_not_make_orphans_of_its_pages(tmp_path: Path) -> None:
    found = problems(tmp_path, replace(MODULE, colour="red"))
    assert not any("no step uses this file" in line for line in found)


@pytest.mark.parametrize(
    "text",
    [
        "Mail naar jan@gemeente.nl.",
        "Ga naar https://voorbeeldstad.example@echt.com/inloggen",
        "Ga naar http://intranet/start",
        "Ga naar https://echt.com\\.test",
        "Kijk op Trello.com.",
        "Mail naar Jan@Gemeente.NL.",
        "Kijk op www.example.org",
        "Kijk op nep-overheid.nl",
    ],
)
def test_a_text_never_names_an_address_that_may_exist(tmp_path: Path, text: str) -> None:
    found = problems(tmp_path, replace(ITEM, context=text))
    assert len(found) == 1
    assert "may exist" in found[0]


@pytest.mark.parametrize(
    "text",
    [
        "Mail naar jan.jansen@voorbeeldstad.example.",
        "https://digid.nl.inlog-controle.example/inloggen",
        "Het adres digid.nl-inloggen.test klopt niet.",
        "Kijk op lokaleregelgeving.overheid.nl of https://wetten.overheid.nl/zoeken.",
        "Kijk achter https:// naar het adres, dus na https://.",
        "Typ @aisha in de chat over verslag.docx, d.w.z. de 2.0-versie.",
    ],
)
def test_made_up_addresses_and_government_ones_are_welcome(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, replace(ITEM, context=text)) == []


def test_a_source_may_be_a_real_address(tmp_path: Path) -> None:
    assert problems(tmp_path, replace(ITEM, sources=["https://www.autoriteitpersoonsgegevens.nl"])) == []


def test_a_licence_and_a_readme_may_say_anything(tmp_path: Path) -> None:
    words = {
        "README.md": "<b>Helaas</b>: zie www.gemeente.nl {{x}}",
        "LICENSE": "https://creativecommons.org",
    }
    assert problems(tmp_path, lambda tree: tree.update(words)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Als A1<B1 en C1>B1, dan klopt het.",
        "De pijl <-- wijst terug.",
        "Jansen & Zoon; Jan <jan@post.example>",
        "a<3",
    ],
)
def test_signs_are_no_html(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, replace(ITEM, context=text)) == []


@pytest.mark.parametrize(
    "text", ["<script>", "</b>", "<br/>", "<a href='x'>x</a>", "<!-- later -->", "A&nbsp;B", "&#60;", "<naam>"]
)
def test_html_is_told_as_such(tmp_path: Path, text: str) -> None:
    found = problems(tmp_path, replace(ITEM, context=text))
    assert [line.partition(": ")[2] for line in found] == ["HTML is not allowed; a text is plain"]


def test_a_key_of_a_few_characters_more_shows_nothing(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        for option, text in zip(tree[ITEM]["options"], ("Mail", "Ja", "X"), strict=True):
            option["text"] = text

    assert problems(tmp_path, change) == []


def test_the_length_of_a_key_that_is_not_asked_any_more_does_not_matter(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        tree[ITEM]["options"][0]["text"] = "Ik vergrendel het scherm en ga weg."
        tree[ITEM]["status"] = "retired"

    assert problems(tmp_path, change) == []


def test_without_a_list_of_tools_anything_may_be_required(tmp_path: Path) -> None:
    assert problems(tmp_path, replace(ITEM, requires=["excel"])) == []


def test_slechts_is_no_unkind_word(tmp_path: Path) -> None:
    assert (
        problems(tmp_path, put(ITEM, "feedback", "why", to="Dit kost slechts één klik, dus minder fouten.")) == []
    )
