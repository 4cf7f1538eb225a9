"""How statements are given back: exact, ids or canonical (xAPI 1.0.3, Communication part, section 2.1.3)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from xapi.rules import IDENTIFIERS

Json = dict[str, Any]

FORMATS = ("exact", "ids", "canonical")

BOUNDARY = "digivaardig-statements"

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

COMPONENT_LISTS = ("choices", "scale", "source", "target", "steps")


def as_asked(body: str, form: str, languages: Sequence[str]) -> str:
    """The stored text of a statement in this format; `languages`: those that the reader accepts, best first."""
    if form == "exact":
        return body
    statement = json.loads(body)
    if form == "ids":
        return dumped(_with_parts(statement, actor=_agent_id, verb=_only_id, activity=_only_id))
    return dumped(
        _with_parts(
            statement,
            actor=lambda agent: agent,
            verb=lambda verb: _one_language_in(verb, ("display",), languages),
            activity=lambda activity: _canonical_activity(activity, languages),
        )
    )


def page(statements: Sequence[str], more: str) -> str:
    """A StatementResult (Data part, section 2.5) of statements that are JSON already."""
    return f'{{"statements":[{",".join(statements)}],"more":{dumped(more)}}}'


def as_multipart(body: str) -> tuple[str, str]:
    """The body and content type when attachments are asked for: one part, as no raw data is ever kept."""
    part = f"--{BOUNDARY}\r\nContent-Type: application/json\r\n\r\n{body}\r\n--{BOUNDARY}--\r\n"
    return part, f"multipart/mixed; boundary={BOUNDARY}"


def dumped(value: object) -> str:
    return _ENCODER.encode(value)


Change = Callable[[Json], Json]


def _with_parts(statement: Json, *, actor: Change, verb: Change, activity: Change) -> Json:
    """The statement, or SubStatement, with its agents, verb and activities changed; the rest stays."""
    made = {**statement, "actor": actor(statement["actor"]), "verb": verb(statement["verb"])}
    target = statement["object"]
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        made["object"] = activity(target)
    elif kind in {"Agent", "Group"}:
        made["object"] = actor(target)
    elif kind == "SubStatement":
        made["object"] = _with_parts(target, actor=actor, verb=verb, activity=activity)
    if "authority" in statement:
        made["authority"] = actor(statement["authority"])
    if "context" in statement:
        context = dict(statement["context"])
        for name in ("instructor", "team"):
            if name in context:
                context[name] = actor(context[name])
        if "contextActivities" in context:
            context["contextActivities"] = {
                name: [activity(found) for found in several]
                for name, several in context["contextActivities"].items()
            }
        made["context"] = context
    return made


def _agent_id(agent: Json) -> Json:
    """Only what identifies an agent or a group; the members when nothing else does."""
    kept = {name: agent[name] for name in ("objectType", *IDENTIFIERS) if name in agent}
    if not any(name in agent for name in IDENTIFIERS):
        kept["member"] = [_agent_id(member) for member in agent["member"]]
    return kept


def _only_id(thing: Json) -> Json:
    """What identifies a verb or an activity; an object without a type is an activity."""
    return {"id": thing["id"]}


def _canonical_activity(activity: Json, languages: Sequence[str]) -> Json:
    """The definition that came with the statement, each language map cut down to one language."""
    if "definition" not in activity:
        return activity
    definition = _one_language_in(activity["definition"], ("name", "description"), languages)
    for name in COMPONENT_LISTS:
        if name in definition:
            definition[name] = [_one_language_in(part, ("description",), languages) for part in definition[name]]
    return {**activity, "definition": definition}


def _one_language_in(part: Json, names: Sequence[str], languages: Sequence[str]) -> Json:
    maps = {name: _one_language(part[name], languages) for name in names if name in part}
    return {**part, **maps}


def _one_language(texts: Json, languages: Sequence[str]) -> Json:
    """The text in the best language that the reader accepts, else the first that there is."""
    for wanted in languages:
        for cut in (str.lower, _main_language):
            for tag, said in texts.items():
                if cut(tag) == cut(wanted):
                    return {tag: said}
    tag = next(iter(texts))
    return {tag: texts[tag]}


def _main_language(tag: str) -> str:
    return tag.lower().split("-")[0]
