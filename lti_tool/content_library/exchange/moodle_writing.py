"""Writes Moodle XML (https://docs.moodle.org/en/Moodle_XML_format), with pictures and files inside it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from html import escape

from lti_tool.content_library.exchange.answers import Lose, starred
from lti_tool.content_library.exchange.html_text import as_html
from lti_tool.content_library.exchange.leaving import each, sorted_files, tell_own_words, tell_what_stays
from lti_tool.content_library.exchange.moodle_gaps import braces_kept, embedded
from lti_tool.content_library.exchange.questions import Fields, NotTaken, Writing, key_of, plain_number
from lti_tool.content_library.exchange.tags import tags_of
from lti_tool.content_library.exchange.texts import explanation, squeezed
from lti_tool.domain.content import Medium


def write(items: Sequence[Fields], media: Mapping[str, Medium]) -> Writing:
    """All items that Moodle's own kinds of question can ask."""
    written, lost = each(items, lambda item, lose: _question(item, media, lose))
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{"".join(written)}</quiz>\n'
    return Writing(text.encode(), len(written), tuple(lost))


def _question(item: Fields, media: Mapping[str, Medium], lose: Lose) -> str:
    if item["type"] not in _BODIES:
        raise NotTaken(f"Moodle XML has no {item['type']} question")
    kind, body = _BODIES[item["type"]]
    tags, too_long = tags_of(item)
    inside = body(item, lose)
    for what in too_long:
        lose(what)
    tell_what_stays(item, lose)
    if item["type"] not in _SHUFFLED and not item.get("shuffle", True):
        lose("the order stays as it is")
    marks = "".join(f"      <tag><text>{escape(tag)}</text></tag>\n" for tag in tags)
    return (
        f'  <question type="{kind}">\n'
        f"    <name>\n      <text>{key_of(item)}</text>\n    </name>\n"
        f"{_stem(item, media, lose)}"
        f"{_html('generalfeedback', explanation(item))}"
        f"    <defaultgrade>1.0000000</defaultgrade>\n    <penalty>0.3333333</penalty>\n    <hidden>0</hidden>\n"
        f"    <idnumber>{key_of(item)}</idnumber>\n"
        f"{inside}    <tags>\n{marks}    </tags>\n  </question>\n"
    )


def _stem(item: Fields, media: Mapping[str, Medium], lose: Lose) -> str:
    shown = [as_html(item["context"])] if item.get("context") else []
    files = []
    if picture := item.get("picture"):
        shown.append(f'<img src="@@PLUGINFILE@@/{_name(picture["file"])}" alt="{escape(picture["alt"])}">')
        files.append(picture["file"])
        if picture.get("long_description"):
            lose("the long description of the picture")
    for attached in item.get("attachments") or []:
        shown.append(f'<a href="@@PLUGINFILE@@/{_name(attached["file"])}">{escape(attached["name"])}</a>')
        files.append(attached["file"])
    shown.append(as_html(squeezed(item["stem"])))
    if item.get("cloze"):
        cloze = item["cloze"]
        shown = [braces_kept(part) for part in shown]
        shown.append(embedded(squeezed(cloze["text"]), cloze["gaps"], cloze["normalise"]))
    text = "".join(part if part.startswith("<p>") else f"<p>{part}</p>" for part in shown)
    inside = "".join(_file(file, media[file]) for file in dict.fromkeys(files))
    return (
        f'    <questiontext format="html">\n      <text><![CDATA[{text}]]></text>\n{inside}    </questiontext>\n'
    )


def _name(file: str) -> str:
    return file.rpartition("/")[2]


def _file(file: str, medium: Medium) -> str:
    inside = b64encode(medium.path.read_bytes()).decode()
    return f'      <file name="{_name(file)}" path="/" encoding="base64">{inside}</file>\n'


def _html(tag: str, text: str, indent: str = "    ") -> str:
    return f'{indent}<{tag} format="html">\n{indent}  {_cdata(text)}\n{indent}</{tag}>\n'


def _cdata(text: str) -> str:
    # No ]]> can stand in it: as_html writes > as a character reference.
    return f"<text><![CDATA[{as_html(text)}]]></text>"


def _combined(item: Fields) -> str:
    told = item["feedback"]
    return "".join(
        _html(tag, text)
        for tag, text in (
            ("correctfeedback", told["right"]),
            ("partiallycorrectfeedback", told["not_yet"]),
            ("incorrectfeedback", told["not_yet"]),
        )
    )


def _answer(text: str, fraction: float, feedback: str | None) -> str:
    count = f"{fraction:.5f}".rstrip("0").rstrip(".")
    return (
        f'    <answer fraction="{count}" format="html">\n      {_cdata(text)}\n'
        f"{_html('feedback', feedback or '', '      ')}    </answer>\n"
    )


def _plain_answer(text: str, fraction: int, feedback: str, more: str = "") -> str:
    return (
        f'    <answer fraction="{fraction}" format="moodle_auto_format">\n'
        f"      <text>{escape(text, quote=False)}</text>\n"
        f"{_html('feedback', feedback, '      ')}{more}    </answer>\n"
    )


def _choice(item: Fields, lose: Lose) -> str:
    several = item["type"] == "multiple_response"
    keys = sum(bool(option.get("correct")) for option in item["options"])
    right, wrong = (100 / max(keys, 1), -100.0) if several else (100.0, 0.0)
    answers = "".join(
        _answer(option["text"], right if option.get("correct") else wrong, option.get("feedback"))
        for option in item["options"]
    )
    return (
        f"    <single>{'false' if several else 'true'}</single>\n"
        f"    <shuffleanswers>{'true' if item.get('shuffle', True) else 'false'}</shuffleanswers>\n"
        f"    <answernumbering>none</answernumbering>\n{_combined(item)}{answers}"
    )


def _match(item: Fields, lose: Lose) -> str:
    if item["type"] == "file_sort":
        pairs = sorted_files(item, lose, keeps_spare=True)
    else:
        pairs = [(pair["left"], pair["right"]) for pair in item["pairs"]]
    rows = "".join(
        f'    <subquestion format="html">\n      {_cdata(left)}\n'
        f"      <answer>\n        <text>{escape(right, quote=False)}</text>\n      </answer>\n    </subquestion>\n"
        for left, right in pairs
    )
    return f"    <shuffleanswers>true</shuffleanswers>\n{_combined(item)}{rows}"


def _order(item: Fields, lose: Lose) -> str:
    rows = "".join(_answer(option["text"], n, "") for n, option in enumerate(item["options"], start=1))
    return (
        "    <layouttype>VERTICAL</layouttype>\n    <selecttype>ALL</selecttype>\n"
        "    <selectcount>0</selectcount>\n"
        "    <gradingtype>ALL_OR_NOTHING</gradingtype>\n    <showgrading>SHOW</showgrading>\n"
        f"    <numberingstyle>none</numberingstyle>\n{_combined(item)}{rows}"
    )


def _typed(item: Fields, lose: Lose) -> str:
    told, answer = item["feedback"], item["answer"]
    _normalise(answer["normalise"], lose)
    rows = [_plain_answer(starred(text), 100, told["right"]) for text in answer["accept"]]
    usecase = 0 if "casefold" in answer["normalise"] else 1
    return f"    <usecase>{usecase}</usecase>\n{''.join(rows)}{_plain_answer('*', 0, told['not_yet'])}"


def _normalise(steps: Sequence[str], lose: Lose) -> None:
    if list(steps) not in (["trim"], ["trim", "casefold"]):
        lose(f"what does not matter in an answer ({', '.join(steps)}): Moodle can ignore capitals only")


def _number(item: Fields, lose: Lose) -> str:
    told, number = item["feedback"], item["number"]
    tolerance = f"      <tolerance>{plain_number(number['tolerance'])}</tolerance>\n"
    return (
        _plain_answer(plain_number(number["value"]), 100, told["right"], tolerance)
        + _plain_answer("*", 0, told["not_yet"], "      <tolerance>0</tolerance>\n")
        + "    <unitgradingtype>0</unitgradingtype>\n    <unitpenalty>0.1000000</unitpenalty>\n"
        + "    <showunits>3</showunits>\n    <unitsleft>0</unitsleft>\n"
    )


def _cloze(item: Fields, lose: Lose) -> str:
    tell_own_words(item, lose)
    if any(gap.get("accept") for gap in item["cloze"]["gaps"]):
        _normalise(item["cloze"]["normalise"], lose)
    return ""


_SHUFFLED = ("single_choice", "sjt", "multiple_response", "order", "match")
_BODIES: Mapping[str, tuple[str, Callable[[Fields, Lose], str]]] = {
    "single_choice": ("multichoice", _choice),
    "sjt": ("multichoice", _choice),
    "multiple_response": ("multichoice", _choice),
    "match": ("matching", _match),
    "file_sort": ("matching", _match),
    "order": ("ordering", _order),
    "text_entry": ("shortanswer", _typed),
    "numeric": ("numerical", _number),
    "cloze": ("cloze", _cloze),
}
