"""The form of the profile, as xAPI Profiles 1.0 wants it (Part Two, sections 6 to 9), key by key.

https://github.com/adlnet/xapi-profiles/blob/master/xapi-profiles-structure.md. Only keys that we use are known.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from xapi.formats import is_iri
from xapi.profile import DOCUMENT


def _iri(value: str) -> str:
    if not is_iri(value):
        raise ValueError("must be an IRI")
    return value


Iri = Annotated[str, AfterValidator(_iri)]


class Part(BaseModel):
    """An object with no other keys than these."""

    model_config = ConfigDict(extra="forbid", strict=True)


class LanguageMap(Part):
    nl: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Described(Part):
    id: Iri
    in_scheme: Literal["https://base.invalid/xapi/profile/v1"] = Field(alias="inScheme")
    pref_label: LanguageMap = Field(alias="prefLabel")
    definition: LanguageMap


class VerbOrType(Described):
    type: Literal["Verb", "ActivityType"]


class Extension(Described):
    type: Literal["ResultExtension"]
    recommended_verbs: list[Iri] = Field(alias="recommendedVerbs", min_length=1)
    inline_schema: str = Field(alias="inlineSchema")


class Rule(Part):
    location: str = Field(pattern=r"^\$")
    presence: Literal["included", "excluded", "recommended"]
    any: list[Any] | None = Field(default=None, min_length=1)
    all: list[Any] | None = Field(default=None, min_length=1)
    none: list[Any] | None = Field(default=None, min_length=1)
    scope_note: LanguageMap | None = Field(default=None, alias="scopeNote")


class Template(Described):
    type: Literal["StatementTemplate"]
    verb: Iri
    object_activity_type: Iri | None = Field(default=None, alias="objectActivityType")
    object_statement_ref_template: list[Iri] | None = Field(default=None, alias="objectStatementRefTemplate")
    rules: list[Rule]

    @model_validator(mode="after")
    def _one_kind_of_object(self) -> Template:
        if self.object_activity_type and self.object_statement_ref_template:
            raise ValueError("objectStatementRefTemplate does not go with objectActivityType")
        return self


class Pattern(Described):
    type: Literal["Pattern"]
    primary: bool
    alternates: list[Iri] | None = Field(default=None, min_length=2)
    optional: Iri | None = None
    one_or_more: Iri | None = Field(default=None, alias="oneOrMore")
    sequence: list[Iri] | None = Field(default=None, min_length=2)
    zero_or_more: Iri | None = Field(default=None, alias="zeroOrMore")

    @model_validator(mode="after")
    def _exactly_one_way(self) -> Pattern:
        ways = (self.alternates, self.optional, self.one_or_more, self.sequence, self.zero_or_more)
        if sum(way is not None for way in ways) != 1:
            raise ValueError("needs exactly one of alternates, optional, oneOrMore, sequence, zeroOrMore")
        return self


class Version(Part):
    id: Iri
    generated_at: str = Field(alias="generatedAtTime")


class Author(Part):
    type: Literal["Organization"]
    name: str


class Document(Part):
    context: Literal["https://w3id.org/xapi/profiles/context"] = Field(alias="@context")
    id: Iri
    type: Literal["Profile"]
    conforms_to: Literal["https://w3id.org/xapi/profiles#1.0"] = Field(alias="conformsTo")
    pref_label: LanguageMap = Field(alias="prefLabel")
    definition: LanguageMap
    author: Author
    versions: list[Version] = Field(min_length=1)
    concepts: list[VerbOrType | Extension]
    templates: list[Template]
    patterns: list[Pattern]


def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8"))
    return read


def test_the_document_has_the_form_of_an_xapi_profile() -> None:
    told = Document.model_validate(document())
    assert datetime.fromisoformat(told.versions[0].generated_at).tzinfo is not None


def test_templates_and_patterns_name_what_is_there_and_never_themselves() -> None:
    told = Document.model_validate(document())
    templates = {template.id for template in told.templates}
    for template in told.templates:
        assert set(template.object_statement_ref_template or ()) <= templates
    known = set(templates)
    for pattern in told.patterns:  # each names only what stands before it, so none can contain itself
        single = [iri for iri in (pattern.optional, pattern.one_or_more, pattern.zero_or_more) if iri]
        assert {*single, *(pattern.sequence or ()), *(pattern.alternates or ())} <= known
        known.add(pattern.id)


def test_nothing_that_may_be_absent_stands_directly_among_alternates() -> None:
    told = Document.model_validate(document())
    absent = {pattern.id for pattern in told.patterns if pattern.optional or pattern.zero_or_more}
    for pattern in told.patterns:
        assert not absent & set(pattern.alternates or ())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: d.update(extra=1), "Extra inputs"),
        (lambda d: d["concepts"][0].pop("inScheme"), "Field required"),
        (lambda d: d["concepts"][0]["prefLabel"].pop("en"), "Field required"),
        (lambda d: d["templates"][0].update(verb="registered"), "must be an IRI"),
        (lambda d: d["templates"][0].update(objectStatementRefTemplate=["x:y"]), "does not go with"),
        (lambda d: d["patterns"][0].update(optional="x:y"), "exactly one"),
    ],
)
def test_another_form_is_noticed(change: Any, why: str) -> None:
    spoilt = document()
    change(spoilt)
    with pytest.raises(ValidationError, match=why):
        Document.model_validate(spoilt)
