"""How statements are given back: exact, ids or canonical (xAPI 1.0.3, Communication part, section 2.1.3)."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

FORMATS = ("exact", "ids", "canonical")

AGENT_IDS = ("objectType", "mbox", "mbox_sha1sum", "openid", "account")
LANGUAGE_MAPS = ("name", "description", "display")


def as_asked(statement: Json, form: str, languages: list[str]) -> Json:
    """The statement in this format; `languages` are those that the reader accepts, best first."""
    if form == "ids":
        return dict(_ids(statement))
    if form == "canonical":
        return dict(_canonical(statement, languages))
    return statement


def _ids(part: Any) -> Any:
    """Only what is needed to identify agents, activities and verbs."""
    if isinstance(part, list):
        return [_ids(element) for element in part]
    if not isinstance(part, dict):
        return part
    if "member" in part and not any(name in part for name in AGENT_IDS[1:]):
        return {"objectType": "Group", "member": [_ids(member) for member in part["member"]]}
    if any(name in part for name in AGENT_IDS[1:]):
        return {name: part[name] for name in AGENT_IDS if name in part}
    if "definition" in part or part.get("objectType") == "Activity":
        return {name: part[name] for name in ("objectType", "id") if name in part}
    if set(part) <= {"id", "display"}:
        return {"id": part["id"]}
    return {name: value if name in ("extensions", "attachments") else _ids(value) for name, value in part.items()}


def _canonical(part: Any, languages: list[str]) -> Any:
    """One language of each language map: the best that the reader accepts, else the first that there is."""
    if isinstance(part, list):
        return [_canonical(element, languages) for element in part]
    if not isinstance(part, dict):
        return part
    made = {}
    for name, value in part.items():
        if name == "extensions":
            made[name] = value
        elif name in LANGUAGE_MAPS and isinstance(value, dict) and value:
            made[name] = _one_language(value, languages)
        else:
            made[name] = _canonical(value, languages)
    return made


def _one_language(texts: Json, languages: list[str]) -> Json:
    for wanted in languages:
        for tag in texts:
            if tag.lower() == wanted.lower() or tag.lower().split("-")[0] == wanted.lower().split("-")[0]:
                return {tag: texts[tag]}
    first = next(iter(texts))
    return {first: texts[first]}
