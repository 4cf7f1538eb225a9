"""A row of a spreadsheet as a question, and a question as a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from lti_tool.content_library.exchange.answers import decimal
from lti_tool.content_library.exchange.columns import LETTERS, NO, YES, type_of
from lti_tool.content_library.exchange.questions import Fields, NotTaken, id_in, in_short, plain_number

Cells = dict[str, str]
"""Column to what stands there; empty cells are left out."""

_SEPARATORS = re.compile(r"[\s,;]+")
_WITH_OPTIONS = ("single_choice", "sjt", "multiple_response", "order", "declarative")
_KEPT = ("pool", "domain", "subskill", "context", "review_before", "licence")
_LISTS = ("requires", "modules", "enemies")
_LINES = ("sources", "authors")


def question(cells: Cells, lose: Callable[[str], None]) -> Fields:
    """The question in a row. Cells that its type does not use are told. Raises NotTaken."""
    left = dict(cells)
    fields = _kind(left)
    if "stem" not in left:
        raise NotTaken("no question text")
    fields["stem"] = left.pop("stem")
    fields |= {key: left.pop(key) for key in _KEPT if key in left}
    fields |= {key: _words(left.pop(key)) for key in _LISTS if key in left}
    fields |= {key: _lines(left.pop(key)) for key in _LINES if key in left}
    if "digcomp" in left:
        fields["digcomp"] = [word.replace(",", ".") for word in re.split(r"[\s;]+|,(?=\s)", left.pop("digcomp"))]
    fields |= _numbers(left) | _feedback(left) | _named(left)
    for key in ("scored", "shuffle"):
        if key in left:
            fields[key] = _yes(key, left.pop(key))
    for column, text in left.items():
        lose(f"{column} is not used with {fields['type']}: {in_short(text)}")
    return fields


def _kind(left: Cells) -> Fields:
    name = left.pop("type", "")
    kind = type_of(name) if name else _guessed(left)
    if kind is None:
        raise NotTaken(f"a question of the kind {in_short(name)}")
    if kind in _WITH_OPTIONS:
        return {"type": kind, "options": _options(kind, left)}
    if kind == "match":
        pairs = _each(left, "option", "belongs")
        return {"type": kind, "pairs": [{"left": text, "right": other} for _, text, other in pairs]}
    if kind == "file_sort":
        return {"type": kind} | _files(left)
    if kind == "cloze":
        return {"type": kind, "cloze": _cloze(left)}
    if kind == "numeric":
        value = float(decimal(_wanted(left, "number")))
        return {"type": kind, "number": {"value": value, "tolerance": float(decimal(left.pop("tolerance", "0")))}}
    accept = _lines(_wanted(left, "accept"))
    return {
        "type": kind,
        "answer": {"accept": accept, "normalise": _words(left.pop("normalise", "trim casefold"))},
    }


def _guessed(left: Cells) -> str:
    """What a row without a type must be."""
    for column, kind in (("sentence", "cloze"), ("folders", "file_sort"), ("number", "numeric")):
        if column in left:
            return kind
    if "accept" in left:
        return "text_entry"
    if any(column.startswith("belongs ") for column in left):
        return "match"
    return "multiple_response" if len(_words(left.get("correct", ""))) > 1 else "single_choice"


def _wanted(left: Cells, column: str) -> str:
    if column not in left:
        raise NotTaken(f"nothing stands in the column {column}")
    return left.pop(column)


def _options(kind: str, left: Cells) -> list[Fields]:
    keys = (
        {word.lower() for word in _words(left.pop("correct", ""))}
        if kind not in ("order", "declarative")
        else set()
    )
    options = []
    for letter in LETTERS:
        if f"option {letter}" in left:
            option: Fields = {"text": left.pop(f"option {letter}")}
            option |= {"correct": True} if letter in keys else {}
            option |= {"feedback": told} if (told := left.pop(f"feedback {letter}", "")) else {}
            keys.discard(letter)
            options.append(option)
    if not options:
        raise NotTaken("no options")
    if keys:
        raise NotTaken(f"correct names an option that is not there: {in_short(', '.join(sorted(keys)))}")
    return options


def _each(left: Cells, first: str, second: str) -> list[tuple[str, str, str]]:
    """Letter, and what stands in two columns of it; both are needed."""
    found = []
    for letter in LETTERS:
        one, other = left.pop(f"{first} {letter}", ""), left.pop(f"{second} {letter}", "")
        if bool(one) != bool(other):
            raise NotTaken(f"{first} {letter} and {second} {letter}: one of them is empty")
        if one:
            found.append((letter, one, other))
    if not found:
        raise NotTaken(f"nothing stands in the columns {first} a to {LETTERS[-1]}")
    return found


def _files(left: Cells) -> Fields:
    files = _each(left, "option", "belongs")
    folders = _lines(left.pop("folders", "")) or list(dict.fromkeys(folder for _, _, folder in files))
    return {
        "folders": folders,
        "files": [{"name": name, "folder": folder} | _why(left, letter) for letter, name, folder in files],
    }


def _why(left: Cells, letter: str) -> Fields:
    return {"why": told} if (told := left.pop(f"feedback {letter}", "")) else {}


def _cloze(left: Cells) -> Fields:
    """Gap by gap: choices a line in `option`, the key in `belongs`; without choices, what may be typed."""
    gaps = []
    for letter in LETTERS:
        choices, key = _lines(left.pop(f"option {letter}", "")), left.pop(f"belongs {letter}", "")
        if choices or key:
            answer = {"choices": choices, "key": key} if choices else {"accept": _lines(key)}
            gaps.append(answer | _why(left, letter))
    normalise = _words(left.pop("normalise", "trim casefold"))
    return {"text": _wanted(left, "sentence"), "gaps": gaps, "normalise": normalise}


def _numbers(left: Cells) -> Fields:
    fields: Fields = {}
    if "b" in left or "prior_sd" in left:
        fields["difficulty"] = {"b": float(decimal(left.pop("b", "0"))), "source": left.pop("source", "estimate")}
        if "prior_sd" in left:
            fields["difficulty"]["prior_sd"] = float(decimal(left.pop("prior_sd")))
        if "raters" in left:
            fields["difficulty"]["raters"] = _whole("raters", left.pop("raters"))
    if "version" in left:
        fields["version"] = _whole("version", left.pop("version"))
    return fields


def _feedback(left: Cells) -> Fields:
    names = {"right": "right", "not_yet": "not_yet", "why": "why", "tip": "tip_at_work"}
    told = {key: left.pop(column) for column, key in names.items() if column in left}
    return {"feedback": told} if told else {}


def _named(left: Cells) -> Fields:
    if "id" not in left:
        return {}
    given = left.pop("id")
    if not (told := id_in(given)):
        raise NotTaken(f"{in_short(given)} is no id; leave it empty for the next free one")
    return told


def _whole(column: str, text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise NotTaken(f"{column} is no whole number: {in_short(text)}")
    return int(text)


def _yes(column: str, text: str) -> bool:
    word = text.casefold()
    if word not in YES + NO:
        raise NotTaken(f"{column} is yes or no, not {in_short(text)}")
    return word in YES


def _words(text: str) -> list[str]:
    return [word for word in _SEPARATORS.split(text.strip()) if word]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def row(item: Fields, lose: Callable[[str], None]) -> Cells:
    """The row that `question` reads back. Raises NotTaken."""
    for part in ("picture", "attachments"):
        if item.get(part):
            raise NotTaken(f"it cannot be asked without its {part}")
    if item["type"] not in _CELLS:
        raise NotTaken(f"a row holds no {item['type']}")
    difficulty, feedback = item["difficulty"], item["feedback"]
    cells: Cells = {key: str(item[key]) for key in ("id", "version", "type") if key in item}
    cells |= {key: item[key] for key in (*_KEPT, "stem") if item.get(key)}
    cells |= {"digcomp": "; ".join(item["digcomp"]), "scored": "ja" if item["scored"] else "nee"}
    cells |= {"b": plain_number(difficulty["b"]), "prior_sd": plain_number(difficulty["prior_sd"])}
    cells |= {"source": difficulty["source"]} | (
        {"raters": str(difficulty["raters"])} if difficulty.get("raters") else {}
    )
    cells |= {"shuffle": "ja" if item.get("shuffle", True) else "nee"}
    cells |= {"right": feedback["right"], "not_yet": feedback["not_yet"], "why": feedback["why"]}
    cells |= {"tip": feedback["tip_at_work"]} if feedback.get("tip_at_work") else {}
    cells |= {key: " ".join(item[key]) for key in _LISTS if item.get(key)}
    cells |= {key: _in_lines(key, item[key]) for key in _LINES if item.get(key)}
    return cells | _CELLS[item["type"]](item)


def _in_lines(what: str, texts: Sequence[str]) -> str:
    if any("\n" in text for text in texts):
        raise NotTaken(f"a new line in {what}, which stand a line each")
    return "\n".join(texts)


def _option_cells(item: Fields) -> Cells:
    options = dict(zip(LETTERS, item["options"], strict=False))
    cells = {f"option {letter}": option["text"] for letter, option in options.items()}
    cells |= {
        f"feedback {letter}": option["feedback"] for letter, option in options.items() if option.get("feedback")
    }
    keys = [letter for letter, option in options.items() if option.get("correct")]
    return cells | ({"correct": ", ".join(keys)} if keys else {})


def _pair_cells(item: Fields) -> Cells:
    pairs = dict(zip(LETTERS, item["pairs"], strict=False))
    cells = {f"option {letter}": pair["left"] for letter, pair in pairs.items()}
    return cells | {f"belongs {letter}": pair["right"] for letter, pair in pairs.items()}


def _file_cells(item: Fields) -> Cells:
    if len(item["files"]) > len(LETTERS):
        raise NotTaken(f"a row holds {len(LETTERS)} files, not {len(item['files'])}")
    files = dict(zip(LETTERS, item["files"], strict=False))
    cells = {f"option {letter}": file["name"] for letter, file in files.items()}
    cells |= {f"belongs {letter}": file["folder"] for letter, file in files.items()}
    cells |= {f"feedback {letter}": file["why"] for letter, file in files.items() if file.get("why")}
    return cells | {"folders": _in_lines("folders", item["folders"])}


def _cloze_cells(item: Fields) -> Cells:
    cloze = item["cloze"]
    cells = {"sentence": cloze["text"], "normalise": " ".join(cloze["normalise"])}
    for letter, gap in zip(LETTERS, cloze["gaps"], strict=False):
        if gap.get("choices"):
            cells |= {f"option {letter}": _in_lines("choices", gap["choices"]), f"belongs {letter}": gap["key"]}
        else:
            cells |= {f"belongs {letter}": _in_lines("answers", gap["accept"])}
        cells |= {f"feedback {letter}": gap["why"]} if gap.get("why") else {}
    return cells


def _typed_cells(item: Fields) -> Cells:
    answer = item["answer"]
    return {"accept": _in_lines("answers", answer["accept"]), "normalise": " ".join(answer["normalise"])}


def _number_cells(item: Fields) -> Cells:
    number = item["number"]
    return {"number": plain_number(number["value"]), "tolerance": plain_number(number["tolerance"])}


_CELLS: Mapping[str, Callable[[Fields], Cells]] = {
    **dict.fromkeys(_WITH_OPTIONS, _option_cells),
    "match": _pair_cells,
    "file_sort": _file_cells,
    "cloze": _cloze_cells,
    "text_entry": _typed_cells,
    "numeric": _number_cells,
}
