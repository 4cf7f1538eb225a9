"""What an item says of itself, as tags that GIFT and Moodle keep: `digcomp:4.1`, `licence:CC-BY-SA-4.0`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from lti_tool.content_library.exchange.questions import Fields, plain_number

LONGEST_TAG = 50
"""Characters that Moodle keeps of a tag."""
NAMED_TYPES = ("sjt", "file_sort")
"""Types that another program has under the name of a type that we know too."""

_FITS = re.compile(r"[^\[\]<>`\\,\x00-\x1f]+")
_DIFFICULTY = re.compile(
    r"(?P<b>-?\d\.?\d*)/(?P<prior_sd>\d\.?\d*)/(?P<source>estimate|calibrated)(?:/(?P<raters>[1-9]\d{0,3}))?"
)
_KEPT = ("pool", "domain", "subskill", "licence")


def tags_of(item: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The tags, and what does not fit in one."""
    difficulty = item["difficulty"]
    marks = [plain_number(difficulty["b"]), plain_number(difficulty["prior_sd"]), difficulty["source"]]
    marks += [str(difficulty["raters"])] if difficulty.get("raters") else []
    wanted = [f"type:{item['type']}"] if item["type"] in NAMED_TYPES else []
    wanted += [f"{key}:{item[key]}" for key in _KEPT]
    wanted += [f"digcomp:{competence}" for competence in item["digcomp"]]
    wanted += [f"difficulty:{'/'.join(marks)}"]
    wanted += [f"author:{author}" for author in item["authors"]]
    tags = [tag for tag in wanted if len(tag) <= LONGEST_TAG and _FITS.fullmatch(tag)]
    return tags, [tag.replace(":", " ", 1) for tag in wanted if tag not in tags]


def fields_of(tags: Iterable[str]) -> tuple[Fields, list[str]]:
    """What tags of ours say, and what is lost of others."""
    fields: Fields = {}
    lost = []
    for tag in tags:
        key, _, value = tag.strip().partition(":")
        if key == "type" and value in NAMED_TYPES:
            fields["named_type"] = value
        elif key in _KEPT and value:
            fields[key] = value
        elif key == "digcomp" and value:
            fields.setdefault("digcomp", []).append(value)
        elif key == "author" and value:
            fields.setdefault("authors", []).append(value)
        elif key == "difficulty" and (told := _DIFFICULTY.fullmatch(value)):
            fields["difficulty"] = _difficulty(told)
        elif tag.strip():
            lost.append(f"tag {tag.strip()}")
    return fields, lost


def _difficulty(told: re.Match[str]) -> Fields:
    difficulty: Fields = {"b": float(told["b"]), "prior_sd": float(told["prior_sd"]), "source": told["source"]}
    return difficulty | ({"raters": int(told["raters"])} if told["raters"] else {})
