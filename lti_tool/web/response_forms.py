"""A learner's response between form and rules; the field names are those of the question macro."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, MutableMapping
from typing import Any

from werkzeug.datastructures import MultiDict

from lti_tool.domain.content import IN_ROWS, Item
from lti_tool.domain.scoring import Response

PLACE, ROW = "place-", "row-"

_LAST_GIVEN = "last_given"


def read_response(form: MultiDict[str, str]) -> Response:
    """What was given, of whatever type the question is; whether it fits, the rules decide.

    `order` gives each option a place of its own, an item in rows has an answer to each row; when one of
    them lacks a value, or two options share a place, nothing counts as chosen.
    """
    if form.get("do") == "dont_know":
        return Response(dont_know=True)
    places = _named(form, PLACE)
    if places:
        return Response(choice=_in_order(places))
    rows = _named(form, ROW)
    if rows:
        return Response(choice=_by_row(rows))
    return Response(choice=tuple(form.getlist("choice")), text=form.get("text", ""))


def as_form(item: Item, response: Response) -> MultiDict[str, str]:
    """The fields that show a response again; the other way round of `read_response`."""
    if item.type == "order":
        places = {f"{PLACE}{option_id}": str(place) for place, option_id in enumerate(response.choice, 1)}
        return MultiDict(places)
    if item.type in IN_ROWS:
        return MultiDict({f"{ROW}{number}": given for number, given in enumerate(response.choice)})
    return MultiDict([("text", response.text), *(("choice", option_id) for option_id in response.choice)])


def lacking(item: Item, form: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the fields that still need an answer, or another one, in the order of the question.

    Empty for a question that asks one thing only.
    """
    if item.type == "order":
        names = [f"{PLACE}{option.id}" for option in item.options]
        taken = Counter(form.get(name, "") for name in names)
        return tuple(name for name in names if not form.get(name) or taken[form[name]] > 1)
    return tuple(f"{ROW}{n}" for n in range(len(item.rows)) if not form.get(f"{ROW}{n}", "").strip())


def keep_last(session: MutableMapping[str, Any], item_key: str, response: Response) -> None:
    """Remember the last practice answer, so that the page after the redirect can show it."""
    session[_LAST_GIVEN] = {
        "item": item_key,
        "choice": list(response.choice),
        "text": response.text,
        "dont_know": response.dont_know,
    }


def last_for(session: MutableMapping[str, Any], item: Item) -> Response | None:
    """The last practice answer, if it was to this item."""
    kept = session.get(_LAST_GIVEN)
    if not kept or kept["item"] != item.key:
        return None
    return Response(tuple(kept["choice"]), kept["text"], kept["dont_know"])


def forget_last(session: MutableMapping[str, Any]) -> None:
    session.pop(_LAST_GIVEN, None)


def _named(form: MultiDict[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in form.items() if name.startswith(prefix)}


def _in_order(places: dict[str, str]) -> tuple[str, ...]:
    wanted = [str(place) for place in range(1, len(places) + 1)]
    if sorted(places.values()) != sorted(wanted):
        return ()
    return tuple(sorted(places, key=lambda option_id: int(places[option_id])))


def _by_row(rows: dict[str, str]) -> tuple[str, ...]:
    given = [rows.get(str(number), "") for number in range(len(rows))]
    return tuple(given) if all(given) else ()
