"""Good and bad values for every property of a statement, each under the number of its requirement.

A row is put in a statement, and where it may stand there, in a SubStatement; every bad value must be refused with
400, every good one accepted.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.xapi_examples import VOIDED

Json = dict[str, Any]

MISSING: Final = object()
"""As a value: the property is left out."""

SOME_ID: Final = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"
VERB: Final = {"id": "http://example.com/verbs/did", "display": {"en-US": "did", "nl": "deed"}}
MBOX: Final = {"mbox": "mailto:somebody@example.com"}
SHA1SUM: Final = {"mbox_sha1sum": "cd9b00a5611f94eaa7b1661edab976068e364975"}
OPENID: Final = {"openid": "http://openid.example.org/12345"}
ACCOUNT: Final = {"account": {"homePage": "http://www.example.com", "name": "some account"}}
IDENTITIES: Final = (MBOX, SHA1SUM, OPENID, ACCOUNT)
REFERENCE: Final = {"objectType": "StatementRef", "id": SOME_ID}
PAIR: Final = {"objectType": "Group", "member": [ACCOUNT, MBOX]}
EXTENSIONS: Final = {"http://example.com/e": "value"}

NO_OBJECT: Final = (5, "text", True, [], None)
NO_STRING: Final = (5, True, {"key": "value"}, [], None)
NO_BOOLEAN: Final = ("true", "yes", 0, 1, {}, [], None)
NO_NUMBER: Final = ("1", "many", True, {}, [], None)
NO_UUID: Final = (
    "AA97B177-9383-4934-8543-0F91A7A028368",
    "MA97B177-9383-4934-8543-0F91A7A02836",
    "aa97b17793834934-8543-0f91a7a02836",
    "",
    *NO_STRING,
)
NO_IRI: Final = ("ab=c://should.fail.example", "example.com/page", "two words", "", *NO_STRING)
NO_LANGUAGE: Final = ("a12345678", "something", "de-419-DE", "a-DE", "ar-a-aaa-b-bbb-a-ccc", "nl_NL", "")
NO_MAP: Final = (
    {},
    *({tag: "text"} for tag in NO_LANGUAGE),
    *({"nl": text} for text in (5, True, {}, None)),
    *NO_OBJECT,
)
MAPS: Final = tuple(
    {tag: "text", "en": "text"}
    for tag in ("de", "zh-Hant", "sr-Latn-RS", "zh-cmn-Hans-CN", "sl-rozaj-biske", "de-CH-1901", "i-enochian")
)
NO_TIMESTAMP: Final = (
    "01/011/2015",
    "2008-09-15",
    "2008-13-15T15:53:00Z",
    "2008-09-15T15:53:00.601-00",
    "2008-09-15T15:53:00.601-0000",
    "2008-09-15T15:53:00.601-00:00",
    "",
    *NO_STRING,
)
NO_DURATION: Final = ("PA1H0M0S", "8 minutes", "P4W1D", "P0003-06-04T12:30:05", "PT", "", *NO_STRING)
NO_EXTENSIONS: Final = ({"not an iri": 1}, {"id": 1}, *NO_OBJECT)
SOME_EXTENSIONS: Final = tuple(
    {"http://example.com/e": value} for value in (None, "", {}, [], True, 1.5, "text", {"key": None})
)
INTERACTIONS: Final = {
    "true-false": (),
    "choice": ("choices",),
    "fill-in": (),
    "long-fill-in": (),
    "matching": ("source", "target"),
    "performance": ("steps",),
    "sequencing": ("choices",),
    "likert": ("scale",),
    "numeric": (),
    "other": (),
}
NO_COMPONENTS: Final = (
    {"id": "a"},
    ["a"],
    [{"id": 5}],
    [{"description": {"nl": "a"}}],
    [{"id": "a"}, {"id": "a"}],
    [{"id": "a", "description": "text"}],
    [{"id": "a", "description": {"a12345678": "text"}}],
    [{"id": "a", "more": 1}],
    "text",
    None,
)
COMPONENTS: Final = ([{"id": "a", "description": {"nl": "een", "en": "one"}}, {"id": "b"}],)


def statement(**parts: Any) -> Json:
    """Small and valid; without an id, as the LRS gives one."""
    return {
        "actor": {"objectType": "Agent", "name": "Somebody", **MBOX},
        "verb": copy.deepcopy(VERB),
        "object": {"objectType": "Activity", "id": "http://example.com/activity"},
        **parts,
    }


def within(outer: Json, inner: Json) -> Json:
    """A statement whose object is another one."""
    return {**outer, "object": {"objectType": "SubStatement", **inner}}


@dataclass(frozen=True)
class Row:
    """A property of a statement, with values that are taken and values that are refused there.

    `path` is dotted; numbers index lists; what lacks on the way is made.
    """

    number: int
    path: str
    good: Sequence[Any] = ()
    bad: Sequence[Any] = ()
    base: Json | None = None
    also_inside: bool = True
    """Whether it holds in a SubStatement too."""

    def statements(self, good: bool) -> Iterable[Json]:
        for value in self.good if good else self.bad:
            one = changed(self.base or statement(), self.path, value)
            yield one
            if self.also_inside:
                yield within(statement(), one)


def changed(base: Json, path: str, value: Any) -> Json:
    """A copy with one property replaced, added or (MISSING) left out; an empty path is the whole."""
    if not path:
        return {**copy.deepcopy(base), **value}
    made = copy.deepcopy(base)
    *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
    place: Any = made
    for part in way:
        place = place[part] if isinstance(part, int) else place.setdefault(part, {})
    if value is MISSING:
        place.pop(last, None)
    else:
        place[last] = copy.deepcopy(value)
    return made


def _agent_rows(path: str, *, group_only: bool = False, typed: bool = False, inside: bool = True) -> Iterable[Row]:
    """Where an Agent or a Group stands; `typed`: without an objectType it would be something else."""
    kind = {"objectType": "Agent"} if typed else {}

    def row(number: int, good: Iterable[Any] = (), bad: Iterable[Any] = ()) -> Row:
        return Row(number, path, tuple(good), tuple(bad), also_inside=inside)

    group = {"objectType": "Group"}
    if not group_only:
        agent = {**kind, **MBOX}
        yield row(31, [agent, {"objectType": "Agent", **MBOX}], [{**MBOX, "objectType": "agent"}])
        yield row(32, bad=[{**MBOX, "objectType": value} for value in NO_STRING])
        yield row(33, [{**agent, "name": "N"}], [{**agent, "name": value} for value in NO_STRING])
        several = [{**kind, **one, **other} for one in IDENTITIES for other in IDENTITIES if one is not other]
        yield row(34, [{**kind, **one} for one in IDENTITIES], [{**kind, "name": "N"}, *several])
        yield row(35, bad=[{**agent, "member": [MBOX]}])
        yield row(8, bad=[{**kind, "Mbox": MBOX["mbox"]}])
        yield row(10, bad=[{**agent, "more": 1}])
    anonymous = {**group, "member": [MBOX]}
    yield row(36, [anonymous], [{**group, **MBOX, "member": value} for value in (MBOX, ["x"], [{}], [anonymous])])
    both = [{**group, **one, **other} for one in IDENTITIES for other in IDENTITIES if one is not other]
    nobody = [group, {**group, "member": []}, {**group, "name": "N"}]
    yield row(37, [{**group, **one} for one in IDENTITIES], [*nobody, *both])
    for named in ({**group}, None if group_only else kind):
        if named is not None:
            yield from _identity_rows(path, named, inside)


def _identity_rows(path: str, kind: Json, inside: bool) -> Iterable[Row]:
    def bad(number: int, name: str, values: Iterable[Any]) -> Row:
        return Row(number, path, (), tuple({**kind, name: value} for value in values), also_inside=inside)

    account = ACCOUNT["account"]
    yield bad(38, "mbox", ("http://example.com", "mailto:should.fail.com", "a@example.com", "", *NO_STRING))
    yield bad(39, "mbox_sha1sum", ("x" * 40, "cd9b", "", *NO_STRING))
    yield bad(40, "openid", NO_IRI)
    yield bad(41, "account", NO_OBJECT)
    yield bad(42, "account", ({"name": "N"}, *({**account, "homePage": value} for value in NO_IRI)))
    homeless = {"homePage": account["homePage"]}
    yield bad(43, "account", (homeless, *({**account, "name": value} for value in NO_STRING)))


def _definition_rows() -> Iterable[Row]:
    at = "object.definition"
    yield Row(48, at, ({},), NO_OBJECT)
    yield Row(56, f"{at}.name", MAPS, NO_MAP)
    yield Row(59, f"{at}.description", MAPS, NO_MAP)
    yield Row(60, f"{at}.type", ("http://example.com/type",), NO_IRI)
    yield Row(61, f"{at}.moreInfo", ("http://example.com/more?x=1#y",), NO_IRI)
    yield Row(57, f"{at}.extensions", (*SOME_EXTENSIONS, {}), NO_EXTENSIONS)
    words = tuple(word.title() if word.title() != word else word.upper() for word in INTERACTIONS)
    iri = "http://adlnet.gov/expapi/activities/cmi.interaction"
    yield Row(49, f"{at}.interactionType", tuple(INTERACTIONS), (iri, "", *words, *NO_STRING))
    yield Row(9, f"{at}.interactionType", (), words)
    numeric = changed(statement(), at, {"interactionType": "numeric"})
    patterns = ({"key": 1}, [{"key": 1}], [5], "text", None)
    yield Row(50, f"{at}.correctResponsesPattern", ([], ["4[:]"]), patterns, base=numeric)
    pattern = {"correctResponsesPattern": ["a"]}
    alone = ({"choices": [{"id": "a"}]}, {"scale": []}, {"source": []}, {"target": []}, {"steps": []})
    yield Row(64, at, ({**pattern, "interactionType": "other"}, {"interactionType": "choice"}), (pattern, *alone))
    by_list = {"steps": 51, "target": 52, "source": 53, "scale": 54, "choices": 55}
    for kind, lists in INTERACTIONS.items():
        base = changed(statement(), at, {"interactionType": kind})
        for name in lists:
            for number in (by_list[name], 58, 62, 63):
                yield Row(number, f"{at}.{name}", COMPONENTS, NO_COMPONENTS, base=base)


def _context_rows() -> Iterable[Row]:
    yield Row(87, "context.registration", (SOME_ID, SOME_ID.upper()), NO_UUID)
    for name, number in (("revision", 89), ("platform", 90)):
        yield Row(number, f"context.{name}", ("text", ""), NO_STRING)
    group = {"objectType": "Group", **MBOX}
    for name, number in (("revision", 84), ("platform", 85)):
        for target in ({"objectType": "Agent", **MBOX}, group, REFERENCE):
            yield Row(number, f"context.{name}", (), ("text",), base=statement(object=target))
        inner = within(statement(), statement())
        yield Row(number, f"context.{name}", (), ("text",), base=inner, also_inside=False)
    yield Row(91, "context.language", ("de", "cmn", "tlh", "fr-CA"), (*NO_LANGUAGE, *NO_STRING))
    yield Row(13, "context.language", ("x-whatever", "az-Arab-x-AZE-derbend"), NO_LANGUAGE)
    wrong = ({"objectType": "statementref", "id": SOME_ID}, {"id": SOME_ID}, {"objectType": "StatementRef"})
    ids = tuple({**REFERENCE, "id": value} for value in NO_UUID)
    yield Row(92, "context.statement", (REFERENCE,), (*wrong, *ids, *NO_OBJECT))
    yield Row(118, "context.extensions", (EXTENSIONS,), NO_EXTENSIONS)
    at = "context.contextActivities"
    yield Row(86, at, (), (5, "text", True, [], None))
    yield Row(95, at, (), ({},))
    one = {"id": "http://example.com/parent"}
    for name in ("parent", "grouping", "category", "other"):
        yield Row(93, f"{at}.{name}", (one, [one], [one, one]), ())
        bad = (5, "text", True, None, {}, {"key": 1}, [one, {"key": 1}], [{"id": "no iri"}], [MBOX], [None])
        yield Row(94, f"{at}.{name}", (), bad)
    yield Row(93, at, (), ({"parents": one}, {"Parent": one}))


def _result_rows() -> Iterable[Row]:
    yield Row(74, "result.success", (True, False), NO_BOOLEAN)
    yield Row(75, "result.completion", (True, False), NO_BOOLEAN)
    yield Row(76, "result.response", ("text", ""), NO_STRING)
    durations = ("PT1H0M0.1S", "PT4H35M59.14S", "PT16559.14S", "P3Y1M29DT4H35M59.14S", "P3Y", "P4W")
    yield Row(77, "result.duration", durations, NO_DURATION)
    yield Row(124, "result.duration", durations, NO_DURATION)
    yield Row(78, "result.extensions", (EXTENSIONS,), NO_EXTENSIONS)
    yield Row(119, "result.extensions", (*SOME_EXTENSIONS, {}), ())
    yield Row(120, "result.extensions", (), NO_EXTENSIONS)
    at = "result.score"
    yield Row(79, at, ({},), (*NO_OBJECT, {"more": 1}))
    yield Row(83, f"{at}.scaled", (-1, -1.0, 0, 0.6767676, 1.0), (1.01, -1.00001, *NO_NUMBER))
    for name, number in (("raw", 82), ("min", 81), ("max", 80)):
        yield Row(number, f"{at}.{name}", (-3, 0, 100.6767676), NO_NUMBER)
    yield Row(82, at, ({"raw": 1, "min": 1, "max": 2},), ({"raw": 3, "max": 2}, {"raw": 0, "min": 1}))
    yield Row(81, at, (), ({"min": 3, "max": 2}, {"min": 2, "max": 2}))
    yield Row(80, at, ({"min": 1.5, "max": 1.6},), ({"min": 3, "max": 2},))
    yield Row(6, f"{at}.max", (), ("one hundred", "100"))


def _attachment_rows() -> Iterable[Row]:
    good = {
        "usageType": "http://example.com/usage",
        "display": {"en-US": "a text"},
        "contentType": "text/plain; charset=ascii",
        "length": 27,
        "sha2": "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a",
        "fileUrl": "http://example.com/file.txt",
    }
    yield Row(25, "attachments", ([], [good], [good, good]), (good, [5], ["text"], [None], 5, "text", None))
    base = statement(attachments=[good])

    def row(number: int, name: str, good: Iterable[Any], bad: Iterable[Any]) -> Row:
        return Row(number, f"attachments.0.{name}", tuple(good), tuple(bad), base=base)

    yield row(107, "usageType", ("urn:x:usage",), (MISSING, *NO_IRI))
    yield row(106, "display", MAPS, (MISSING, *NO_MAP))
    yield row(106, "description", MAPS, NO_MAP)
    yield row(105, "contentType", ("image/png",), (MISSING, "text", "should fail", "", *NO_STRING))
    yield row(102, "length", (0, 27), (MISSING, 1.5, -1, *NO_NUMBER))
    yield row(103, "sha2", ("0" * 64, "f" * 128), (MISSING, "text", "0" * 63, "", *NO_STRING))
    yield row(104, "fileUrl", ("https://example.com/x",), NO_IRI)


def _whole_rows() -> Iterable[Row]:
    for part, number in (("actor", 3), ("verb", 4), ("object", 5)):
        yield Row(number, part, (), (MISSING, *NO_OBJECT, {}))
    for number in (27, 28, 29, 30):
        yield Row(number, "id", (), NO_UUID, also_inside=False)
    for number in (22, 123):
        good = ("2013-05-18T05:32:34.804Z", "20130518T053234+0100", "2013-05-18T05:32:34", "2013-05-18T05:32+01")
        yield Row(number, "timestamp", good, NO_TIMESTAMP)
    yield Row(7, "verb.id", (), ("", "answered"))
    yield Row(11, "object.id", (), ("www.example.com", "//example.com/x"))
    nulls = ("actor.name", "verb.display", "object.definition", "result", "result.score", "context.platform")
    for path in (*nulls, "object.definition.moreInfo", "context.registration", "attachments"):
        yield Row(1, path, (), (None,))
    keys = ("iD", "Actor", "veRb", "oBject", "RESULT", "conText", "timeStamp", "STOred", "auTHORity", "Version")
    for key in (*keys, "attachmentS", "more"):
        yield Row(10 if key == "more" else 8, key, (), ("x", {}, 5))
    yield Row(24, "authority", (MBOX, PAIR), (*NO_OBJECT, {}, REFERENCE), also_inside=False)
    for number in (98, 100):
        members = (
            {**PAIR, "member": [MBOX]},
            {**PAIR, "member": [MBOX, ACCOUNT, OPENID]},
            {"objectType": "Group"},
        )
        named = tuple({**PAIR, **identity} for identity in IDENTITIES)
        yield Row(number, "authority", (PAIR,), (*members, *named), also_inside=False)
    versions = ("should fail", "0.9.9", "1.1.0", "1.0.x", "2.0.0", "", *NO_STRING)
    yield Row(101, "version", ("1.0", "1.0.0", "1.0.3", "1.0.9"), versions, also_inside=False)
    yield Row(44, "verb.id", ("http://example.com/v", "urn:x:y"), (MISSING, *NO_IRI))
    yield Row(45, "verb.display", MAPS, NO_MAP)
    yield Row(121, "verb.display", MAPS, NO_MAP)
    yield Row(13, "verb.display", MAPS, NO_MAP)
    void = statement(verb={"id": VOIDED}, object=REFERENCE)
    for number in (17, 19, 20):
        others = ({"id": "http://example.com/a"}, {"objectType": "Agent", **MBOX}, {"id": SOME_ID})
        yield Row(number, "object", (REFERENCE,), others, base=void, also_inside=False)


def _object_rows() -> Iterable[Row]:
    activity = {"id": "http://example.com/activity"}
    kinds = ("activity", "Person", "", "statementref", "substatement", *NO_STRING)
    yield Row(46, "object", (activity, {"objectType": "Activity", **activity}), ({**activity, "objectType": "x"},))
    yield Row(46, "object.objectType", ("Activity",), kinds)
    yield Row(47, "object.id", ("http://example.com/é",), (MISSING, *NO_IRI))
    yield Row(65, "object", (), (MBOX, {"member": [MBOX]}, {"name": "N", **ACCOUNT}))
    yield Row(72, "object", (REFERENCE,), tuple({**REFERENCE, "id": value} for value in NO_UUID))
    inner = {"actor": MBOX, "verb": VERB, "object": activity}
    yield Row(72, "object", (), ({"objectType": "StatementRef"}, {**REFERENCE, "more": 1}))
    yield Row(73, "object", (), ({"id": SOME_ID}, inner), also_inside=False)
    typed = {"objectType": "SubStatement", **inner}
    lacking = tuple(
        {key: part for key, part in typed.items() if key != left} for left in ("actor", "verb", "object")
    )
    yield Row(66, "object", (typed,), lacking, also_inside=False)
    forbidden = {67: ("authority", MBOX), 68: ("version", "1.0.0"), 70: ("id", SOME_ID)}
    for number, (key, value) in {**forbidden, 69: ("stored", "2013-05-18T05:32:34.804Z")}.items():
        yield Row(number, "object", (), ({**typed, key: value},), also_inside=False)
    yield Row(71, "object", (), ({**typed, "object": typed},), also_inside=False)


def rows() -> list[Row]:
    """All of them."""
    found = [*_whole_rows(), *_object_rows(), *_definition_rows(), *_result_rows()]
    found += [*_context_rows(), *_attachment_rows()]
    found += _agent_rows("actor")
    found += _agent_rows("object", typed=True)
    found += _agent_rows("context.instructor")
    found += _agent_rows("context.team", group_only=True)
    # Which groups may be an authority has rows of its own (24, 98).
    found += [replace(row, good=()) for row in _agent_rows("authority", inside=False)]
    found.append(Row(88, "context.team", ({"objectType": "Group", **MBOX},), (MBOX, ACCOUNT, *NO_OBJECT)))
    return found
