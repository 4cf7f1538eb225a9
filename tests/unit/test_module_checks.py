"""Pictures, click-throughs, films, explained words and workshop guides: what is refused, and what it becomes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lti_tool.content_library import load_package
from lti_tool.domain.content import Picture
from lti_tool.domain.modules import Film, Module, Word
from tests.packages import MODULE, Tree, problems, put, single_choice, write_package

SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'
IMAGE = {"type": "image", "file": "media/a.svg", "alt": "Een mail.", "long_description": "Van {{gemeente.naam}}."}
FRAMES = [
    {"file": "media/a.svg", "alt": f"Beeld {n}.", "text": f"Doe {n} bij {{{{gemeente.naam}}}}."} for n in (1, 2)
]
CLICKS = {"type": "click_through", "title": "Zo doe je dat", "frames": FRAMES}
FILM = "".join(f"\0\0\0\x10{kind}{8 * chr(0)}" for kind in ("ftyp", "moov", "mdat"))
"""As short as it can be."""
VIDEO = {"type": "video", "file": "media/a.mp4", "captions": "media/a.vtt", "transcript": "film.nl.md"}
FEELING = {"type": "declarative", "ref": "VEI-INT-0101"}
GUIDE = {"minutes": 30, "group": "4-10", "materials": ["Vijf mails"], "flow": ["5 minuten: welkom"]}
TRANSCRIPT = MODULE.replace("module.yaml", "film.nl.md")


def with_blocks(*blocks: dict[str, Any], **more: Any) -> Callable[[Tree], None]:
    """The small package with these blocks in its explanation, and the files that they may show."""

    def change(tree: Tree) -> None:
        tree[MODULE]["steps"][1]["blocks"] += blocks
        tree[MODULE] |= more
        tree["media/a.svg"] = SVG
        if VIDEO in blocks:
            tree |= {
                "media/a.mp4": FILM,
                "media/a.vtt": "WEBVTT\n",
                TRANSCRIPT: "Iemand **leest**.",
            }
        if any(block["type"] == "declarative" for block in blocks):
            tree["items/veiligheid/VEI-INT-0101.yaml"] = feeling()

    return change


def feeling(**changes: Any) -> dict[str, Any]:
    options = [{"id": letter, "text": f"Zo {letter}"} for letter in "abc"]
    return single_choice(
        "VEI-INT-0101", pool="practice", type="declarative", scored=False, options=options, **changes
    )


def module_with(folder: Path, *blocks: dict[str, Any], **more: Any) -> Module:
    return load_package(write_package(folder, with_blocks(*blocks, **more))).module("M-VEI-001")


def broken(block: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**block, **changes}


PROBLEMS: dict[str, Callable[[Tree], None]] = {
    "there is no file media/b.svg": with_blocks(IMAGE, broken(IMAGE, file="media/b.svg")),
    "media/a.pdf is not one of: svg, png, jpg, webp": with_blocks(IMAGE, broken(IMAGE, file="media/a.pdf")),
    "file: should match pattern '^media/": with_blocks(IMAGE, broken(IMAGE, file="media/../a.svg")),
    "alt: is missing": with_blocks(IMAGE, {"type": "image", "file": "media/a.svg"}),
    "frames: List should have at least 2 items": with_blocks(IMAGE, broken(CLICKS, frames=FRAMES[:1])),
    "frames: List should have at most 12 items": with_blocks(IMAGE, broken(CLICKS, frames=FRAMES * 7)),
    "there is no file media/c.svg": with_blocks(
        IMAGE, broken(CLICKS, frames=[*FRAMES, {"file": "media/c.svg", "alt": "x", "text": "y"}])
    ),
    "media/a.svg is not one of: mp4": with_blocks(VIDEO, IMAGE, broken(VIDEO, file="media/a.svg")),
    "media/a.svg is not one of: vtt": with_blocks(VIDEO, IMAGE, broken(VIDEO, captions="media/a.svg")),
    "media/a.mp4 is not one of: svg": with_blocks(VIDEO, IMAGE, broken(VIDEO, poster="media/a.mp4")),
    f"there is no file {MODULE.replace('module.yaml', 'weg.md')}": with_blocks(
        VIDEO, IMAGE, broken(VIDEO, transcript="weg.md")
    ),
    "captions: is missing": with_blocks(IMAGE, {key: VIDEO[key] for key in VIDEO if key != "captions"}),
    "autoplay: the format has no such key": with_blocks(IMAGE, broken(VIDEO, autoplay=True)),
    "VEI-INT-0100 is of type single_choice; show it in a block of type item": with_blocks(
        IMAGE, FEELING, broken(FEELING, ref="VEI-INT-0100")
    ),
    "the same item stands in it twice": with_blocks(IMAGE, FEELING, FEELING),
    "there is no item VEI-INT-0777": with_blocks(IMAGE, FEELING, broken(FEELING, ref="VEI-INT-0777")),
    "no text uses 'wachtwoorden'": with_blocks(
        IMAGE,
        {"type": "text", "md": "Een wachtwoord."},
        glossary=[{"word": "wachtwoorden", "meaning": "Sleutels."}],
    ),
    "the same word stands in it twice": with_blocks(
        IMAGE,
        {"type": "text", "md": "Een mail."},
        glossary=[{"word": w, "meaning": "x"} for w in ("mail", "Mail")],
    ),
    "group: should match pattern": with_blocks(IMAGE, workshop_guide=broken(GUIDE, group="veel")),
    "flow: List should have at least 1 item": with_blocks(IMAGE, workshop_guide=broken(GUIDE, flow=[])),
    "id: should match pattern": put(MODULE, "steps", 0, "id", to="a" * 41),
}


@pytest.mark.parametrize("said", PROBLEMS)
def test_a_broken_block_is_refused_with_its_line(tmp_path: Path, said: str) -> None:
    found = problems(tmp_path, PROBLEMS[said])
    assert any(line.startswith(f"{MODULE}:") and said in line for line in found), found


def test_a_declarative_item_of_the_assessment_is_not_shown_in_a_training(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        with_blocks(IMAGE, FEELING)(tree)
        tree["items/veiligheid/VEI-INT-0101.yaml"] = feeling() | {"pool": "assessment"}

    found = problems(tmp_path, change)
    assert len(found) == 1
    assert "VEI-INT-0101 is not of the practice pool" in found[0]


def test_a_picture_that_no_block_shows_is_told(tmp_path: Path) -> None:
    found = problems(tmp_path, lambda tree: tree.update({"media/a.svg": SVG}))
    assert found == ["media/a.svg: nothing shows this file"]


def test_a_module_that_cannot_be_read_makes_no_orphans_of_its_pictures(tmp_path: Path) -> None:
    found = problems(tmp_path, with_blocks(IMAGE, colour="red"))
    assert len(found) == 1


def test_pictures_and_click_throughs_come_with_their_words(tmp_path: Path) -> None:
    image, clicks = module_with(tmp_path, IMAGE, CLICKS).steps[1].blocks[-2:]
    assert image.picture == Picture("media/a.svg", "Een mail.", "Van Voorbeeldstad.")
    assert clicks.title == "Zo doe je dat"
    assert [frame.text for frame in clicks.frames] == ["Doe 1 bij Voorbeeldstad.", "Doe 2 bij Voorbeeldstad."]


def test_a_film_comes_with_its_captions_and_all_of_it_as_text(tmp_path: Path) -> None:
    film = module_with(tmp_path, VIDEO, IMAGE, broken(VIDEO, poster="media/a.svg")).steps[1].blocks[-1].film
    text = "<p>Iemand <strong>leest</strong>.</p>\n"
    assert film == Film("media/a.mp4", "media/a.vtt", text, "media/a.svg")


def test_an_opinion_is_asked_in_a_block_of_its_own(tmp_path: Path) -> None:
    assert module_with(tmp_path, IMAGE, FEELING).steps[1].blocks[-1].item_ref == "VEI-INT-0101"


def test_a_word_is_explained_at_its_first_use_in_each_text_and_listed_once_a_step(tmp_path: Path) -> None:
    texts = [{"type": "text", "md": text} for text in ("Een Mail en een mail.", "Nog een mail met een **link**.")]
    glossary = [
        {"word": word, "meaning": f"Wat {{{{gemeente.naam}}}} zo noemt: {word}."} for word in ("link", "mail")
    ]
    module = module_with(tmp_path, IMAGE, *texts, glossary=glossary)
    first, second = module.steps[1].blocks[-2:]
    mail, link = (Word(word, f"Wat Voorbeeldstad zo noemt: {word}.") for word in ("mail", "link"))
    assert first.html == "<p>Een <dfn>Mail</dfn> en een mail.</p>\n"
    assert (first.words, second.words) == ((mail,), (mail, link))
    assert module.steps[1].words == (mail, link)
    assert module.steps[0].words == ()
    assert module.glossary == (link, mail)


def test_a_workshop_guide_is_kept_for_trainers(tmp_path: Path) -> None:
    guide = module_with(tmp_path, IMAGE, workshop_guide=GUIDE).workshop_guide
    assert guide is not None
    assert (guide.minutes, guide.group, guide.materials) == (30, "4-10", ("Vijf mails",))
    assert guide.flow == ("5 minuten: welkom",)
    assert load_package(write_package(tmp_path / "zonder")).module("M-VEI-001").workshop_guide is None


def test_every_kind_of_block_goes_together(tmp_path: Path) -> None:
    assert problems(tmp_path, with_blocks(IMAGE, CLICKS, VIDEO, FEELING, workshop_guide=GUIDE)) == []
