"""How the texts of an item stand in the fewer places that other programs have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lti_tool.content_library.exchange.questions import Fields, NotTaken

RIGHT = "Klopt."
NOT_YET = "Nog niet helemaal."
"""What this tool says when a file has no words of its own."""
TIP = "Tip voor op je werk: "
COMPLETE = "Vul in wat ontbreekt."
"""The stem of a sentence with gaps that came without one."""
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def joined(item: Mapping[str, Any]) -> str:
    """Context, stem and, of a cloze, nothing more: the sentence follows in its own way."""
    parts = [item.get("context"), item["stem"]]
    return "\n\n".join(squeezed(part) if n else part for n, part in enumerate(parts) if part)


def squeezed(text: str) -> str:
    """Without blank lines, so that the text is one paragraph."""
    return _BLANK_LINES.sub("\n", text)


def parted(text: str) -> Fields:
    """The last paragraph is the question, what stands before it the situation. Raises NotTaken: no text."""
    paragraphs = _paragraphs(text)
    if not paragraphs:
        raise NotTaken("no question text")
    return _asked(paragraphs)


def parted_sentence(text: str) -> Fields:
    """The sentence begins at the paragraph with the first gap ([[1]]); what stands before is as in `parted`."""
    paragraphs = _paragraphs(text)
    first = next(number for number, part in enumerate(paragraphs) if "[[1]]" in part)
    return _asked(paragraphs[:first] or [COMPLETE]) | {"sentence": "\n\n".join(paragraphs[first:])}


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in _BLANK_LINES.split(text.strip()) if part.strip()]


def _asked(paragraphs: list[str]) -> Fields:
    *situation, stem = paragraphs
    return {"stem": stem} | ({"context": "\n\n".join(situation)} if situation else {})


def explanation(item: Mapping[str, Any]) -> str:
    """The explanation with the tip, as one text."""
    told: Mapping[str, str] = item["feedback"]
    return told["why"] + (f"\n\n{TIP}{told['tip_at_work']}" if told.get("tip_at_work") else "")


def explained(text: str) -> Fields:
    """Explanation and tip out of one text; empty when there is none."""
    why, marked, tip = text.strip().rpartition(TIP)
    if not marked:
        why, tip = text, ""
    told = {"why": why.strip(), "tip_at_work": tip.strip()}
    return {key: part for key, part in told.items() if part}


def blank_lines_lost(item: Mapping[str, Any]) -> list[str]:
    """What `joined` changes."""
    texts = [item["stem"]] + ([item["cloze"]["text"]] if item.get("cloze") else [])
    return ["a blank line in the question"] if any(_BLANK_LINES.search(text) for text in texts) else []
