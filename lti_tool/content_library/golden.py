"""Golden responses: whether what an author wrote down counts for what it should (content.md, C.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lti_tool.content_library.building.items import build_item
from lti_tool.content_library.checks.repeats import repeats
from lti_tool.content_library.format import GoldenShape, ItemShape
from lti_tool.content_library.format.golden import GoldenResponseShape, Said, Word
from lti_tool.content_library.format.items import GAP
from lti_tool.content_library.parsed import Entry, Parsed
from lti_tool.content_library.problems import Problem, Problems
from lti_tool.content_library.rendering import fill, variables_in
from lti_tool.domain.content import IN_ROWS, Item, Row
from lti_tool.domain.scenes import SearchResults
from lti_tool.domain.scoring import TYPED, Response, ResponseDoesNotFit, by_row, is_right, typed_number

DONT_KNOW = "dont_know"
"""How an author writes "weet ik niet"."""


def check_golden(parsed: Parsed, found: Problems) -> list[Problem]:
    """Responses that answer nothing or do not come out as they should.

    Args:
        found: the other problems of the package; an item that has one is not scored.
    """
    if parsed.golden is None or parsed.package is None or found.more:
        return []
    values = {name: shape.example for name, shape in parsed.package.shape.variables.items()}
    broken = {problem.file for problem in found}
    entries = {entry.shape.id: entry for entry in parsed.items if entry.file not in broken}
    problems: list[Problem] = []
    for item_id, responses in parsed.golden.shape.items.items():
        entry = entries.get(item_id)
        if item_id not in parsed.item_ids:
            problems.append(parsed.golden.problem(f"there is no item {item_id}", "items", item_id))
        elif entry and entry.shape.type == "declarative":
            message = f"{item_id} is declarative: it is never scored, so no response to it is right or not yet"
            problems.append(parsed.golden.problem(message, "items", item_id))
        elif entry:
            problems += _outcomes(parsed.golden, entry.shape, responses, values)
    return problems


def _outcomes(
    golden: Entry[GoldenShape],
    shape: ItemShape,
    responses: Sequence[GoldenResponseShape],
    values: Mapping[str, str],
) -> Iterator[Problem]:
    item = build_item(shape, values)
    names = row_names(shape, item)
    for place, expected in enumerate(responses):
        where = ("items", shape.id, place, "response")
        try:
            response = response_from(_filled(expected.response, item, values), item, names)
            right = is_right(item, response)
        except ResponseDoesNotFit as unfit:
            yield golden.problem(str(unfit), *where)
            continue
        if right != expected.right:
            yield golden.problem(f"{item.id}: {_told(item, response, names, right=right)}", *where)


def _told(item: Item, response: Response, names: Sequence[str], *, right: bool) -> str:
    subject = f"{response.text!r}" if response.text else "this"
    if right:
        return f"{subject} counts as right, not as not yet"
    rows = zip(names, by_row(item, response), strict=False)
    otherwise = ", ".join(name for name, outcome in rows if not outcome.fits)
    return f"{subject} counts as not yet, not as right" + (f", because of: {otherwise}" if otherwise else "")


def _filled(said: Said, item: Item, values: Mapping[str, str]) -> Said:
    """The same with the package's own examples in it, as in the texts of the item."""

    def text(words: str) -> str:
        if unknown := sorted(variables_in(words) - set(values)):
            raise ResponseDoesNotFit(item.id, f"package.yaml does not declare the variable {unknown[0]}")
        return fill(words, values)

    def word(one: Word) -> Word:
        return text(one) if isinstance(one, str) else one

    if isinstance(said, dict):
        return {text(name): word(one) for name, one in said.items()}
    return [word(one) for one in said] if isinstance(said, list) else word(said)


def row_names(shape: ItemShape, item: Item) -> tuple[str, ...]:
    """How an author names each row: the number of a gap, or the text of the row itself."""
    return tuple(GAP.findall(shape.cloze.text)) if shape.cloze else tuple(row.text for row in item.rows)


def response_from(said: Said, item: Item, names: Sequence[str]) -> Response:
    """What an author wrote down as a response to this item; whether it answers all is not looked at.

    Args:
        names: of the rows; see `row_names`.

    Raises:
        ResponseDoesNotFit: it names something that the item does not have, or has a form of another type.
    """
    if said == DONT_KNOW:
        return Response(dont_know=True)
    if item.type in IN_ROWS:
        return Response(tuple(_rows(said, item, names)))
    if isinstance(said, dict) or (isinstance(said, list) and item.type in TYPED):
        wanted = "one text or number" if item.type in TYPED else "the id of an option, or a list of them"
        raise ResponseDoesNotFit(item.id, f"{item.type} takes {wanted}")
    if not isinstance(said, list) and item.type in TYPED:
        return Response(text=_typed(said))
    chosen = tuple(_typed(word) for word in (said if isinstance(said, list) else [said]))
    for word in chosen:
        _find(word, {option.id: option.id for option in item.options}, item)
    return Response(chosen)


def _rows(said: Said, item: Item, names: Sequence[str]) -> Iterator[str]:
    answers = _by_name(said, item, names) if isinstance(said, dict) else said if isinstance(said, list) else [said]
    if len(answers) != len(names):
        message = f"{len(answers)} given where {len(names)} are needed, for: {', '.join(names)}"
        raise ResponseDoesNotFit(item.id, message)
    for row, answer in zip(item.rows, answers, strict=True):
        yield _find(_typed(answer), _offered(row, item), item) if row.choices else _typed(answer)


def _by_name(said: Mapping[str, Word], item: Item, names: Sequence[str]) -> list[Word]:
    if repeats(names):
        raise ResponseDoesNotFit(item.id, f"two rows have the same name; give a list, for: {', '.join(names)}")
    if unknown := [name for name in said if name not in names]:
        raise ResponseDoesNotFit(item.id, f"there is no {unknown[0]}; it asks about: {', '.join(names)}")
    if missing := [name for name in names if name not in said]:
        raise ResponseDoesNotFit(item.id, f"nothing is said about {missing[0]}")
    return [said[name] for name in names]


def _offered(row: Row, item: Item) -> dict[str, str]:
    """What an author calls each choice, and its id: the id where authors give one, and the text otherwise."""
    named = item.type == "simulation" and not isinstance(item.scene, SearchResults)
    return {choice.id if named else choice.text: choice.id for choice in row.choices}


def _find(word: str, offered: Mapping[str, str], item: Item) -> str:
    if word not in offered:
        raise ResponseDoesNotFit(item.id, f"there is no {word}; one chooses from: {', '.join(offered)}")
    return offered[word]


def _typed(word: Word) -> str:
    return word if isinstance(word, str) else typed_number(word)
