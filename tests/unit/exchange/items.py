"""Items with nasty texts, for round trips."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from lti_tool.content_library.exchange.questions import cleaned
from lti_tool.content_library.format import ItemShape
from lti_tool.content_library.parsed import parse
from lti_tool.content_library.reading import Files

NASTY = "~=#{}:\\\n \"'<>&%*[]|-/;,.$@!?0159abTé€😀"
PHRASES = [
    "-> ",
    "::",
    "{{",
    "####",
    "//",
    "=%50%",
    "&amp;",
    "<b>",
    "]]>",
    "&#38;",
    "TRUE",
    "\\n",
    "\\*",
    "[html]",
    "{1:MC:=a}",
]


def texts(longest: int = 60) -> st.SearchStrategy[str]:
    """Texts as a package may have them, of signs that mean something to somebody."""
    parts = st.lists(st.one_of(st.text(NASTY, max_size=8), st.sampled_from(PHRASES)), min_size=1, max_size=6)
    return parts.map(lambda found: cleaned("".join(found))[:longest].strip()).filter(bool)


def _several(fewest: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(
        texts(), min_size=fewest, max_size=most, unique_by=lambda text: " ".join(text.split()).casefold()
    )


def single_lines(fewest: int, most: int) -> st.SearchStrategy[list[str]]:
    return _several(fewest, most).map(lambda found: [" ".join(text.split()) for text in found])


@st.composite
def choices(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    found = draw(_several(3, 4))
    keys = 2 if kind == "multiple_response" else 1
    options = [
        {"id": "abcd"[n], "text": text, "correct": n < keys, "feedback": draw(texts())}
        for n, text in enumerate(found)
    ]
    return {"options": draw(st.permutations(options))}


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    found = draw(_several(3, 6))
    return {"options": [{"id": "abcdef"[n], "text": text, "correct": False} for n, text in enumerate(found)]}


@st.composite
def matches(draw: st.DrawFn) -> dict[str, Any]:
    lefts = draw(_several(2, 6))
    rights = draw(_several(len(lefts), len(lefts)))
    return {"pairs": [{"left": left, "right": right} for left, right in zip(lefts, rights, strict=True)]}


@st.composite
def files(draw: st.DrawFn) -> dict[str, Any]:
    folders = draw(single_lines(2, 4))
    names = draw(_several(3, 7))
    return {
        "folders": folders,
        "files": [{"name": name, "folder": draw(st.sampled_from(folders))} for name in names],
    }


@st.composite
def typed(draw: st.DrawFn) -> dict[str, Any]:
    return {"answer": {"accept": draw(single_lines(1, 3)), "normalise": ["trim", "casefold"]}}


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, Any]:
    value = draw(st.decimals(-100000, 100000, places=3))
    return {"number": {"value": float(value), "tolerance": float(draw(st.decimals(0, 10, places=2)))}}


@st.composite
def clozes(draw: st.DrawFn) -> dict[str, Any]:
    gaps = []
    sentence = ""
    for number in range(1, draw(st.integers(1, 3)) + 1):
        sentence += f"{draw(texts(20))} [[{number}]] "
        if draw(st.booleans()):
            offered = draw(single_lines(2, 4))
            gaps.append({"choices": offered, "accept": [], "key": draw(st.sampled_from(offered))})
        else:
            gaps.append({"choices": [], "accept": draw(single_lines(1, 2))})
        if draw(st.booleans()):
            gaps[-1]["why"] = draw(texts())
    return {"cloze": {"text": sentence + draw(texts(20)), "gaps": gaps, "normalise": ["trim", "casefold"]}}


KINDS = {
    "single_choice": choices("single_choice"),
    "sjt": choices("sjt"),
    "multiple_response": choices("multiple_response"),
    "order": orders(),
    "match": matches(),
    "file_sort": files(),
    "text_entry": typed(),
    "numeric": numbers(),
    "cloze": clozes(),
}
"""Each type that more than one format has, with what is its own."""


@st.composite
def items(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """An item of this type, as the format holds it."""
    feedback = {"right": draw(texts()), "not_yet": draw(texts()), "why": draw(texts())}
    if draw(st.booleans()):
        feedback["tip_at_work"] = draw(texts())
    item = {
        "schema": "item/1",
        "id": "VEI-INT-0001",
        "version": draw(st.integers(1, 99)),
        "status": "concept",
        "pool": draw(st.sampled_from(["assessment", "practice"])),
        "domain": "veiligheid",
        "subskill": "vei.internet",
        "digcomp": ["4.1", "1.3"],
        "type": kind,
        "scored": True,
        "difficulty": {"b": float(draw(st.decimals(-2, 2, places=2))), "prior_sd": 0.7, "source": "estimate"},
        "stem": draw(texts()),
        "shuffle": True,
        "feedback": feedback,
        "licence": "CC-BY-SA-4.0",
        "authors": ["Project Digivaardig"],
    }
    if draw(st.booleans()):
        item["context"] = draw(texts())
    return item | draw(KINDS[kind])


def shape_of(text: str) -> ItemShape:
    """The item in a file that was written."""
    parsed, problems = parse(Files({"items/x/X.yaml": text}, {}))
    assert [problem for problem in problems if problem.file != "package.yaml"] == []
    return parsed.items[0].shape
