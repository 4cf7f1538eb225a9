"""The terms of xAPI Profiles 1.0 that our profile uses, as JSON-LD knows them.

https://github.com/adlnet/xapi-profiles/blob/master/xapi-profiles-structure.md, sections 6 to 10: what a profile
says is SKOS, PROV, Dublin Core and schema.org, and for the rest the vocabularies of xAPI itself.
"""

from __future__ import annotations

from typing import Any, Final

PROFILES: Final = "https://w3id.org/xapi/profiles/ontology#"
XAPI: Final = "https://w3id.org/xapi/ontology#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
PROV: Final = "http://www.w3.org/ns/prov#"
DUBLIN_CORE: Final = "http://purl.org/dc/terms/"
SCHEMA_ORG: Final = "http://schema.org/"

CONTEXT_IRI: Final = "https://w3id.org/xapi/profiles/context"

_CLASSES: Final = {
    PROFILES: ("Profile", "StatementTemplate", "Pattern"),
    XAPI: ("Verb", "ActivityType", "ResultExtension"),
    SCHEMA_ORG: ("Organization",),
}
# A language map each; the published context forgets to say so of `scopeNote` (section 8.1 does say it).
_TEXTS: Final = {
    SKOS: ("prefLabel", "definition", "scopeNote"),
}
_NAMES_OF_ONE: Final = {  # its value is an IRI
    DUBLIN_CORE: ("conformsTo",),
    SKOS: ("inScheme",),
    PROFILES: ("verb", "objectActivityType", "optional", "oneOrMore", "zeroOrMore"),
}
_NAMES_OF_SEVERAL: Final = {
    PROFILES: ("alternates", "objectStatementRefTemplate", "recommendedVerbs"),
}
_PARTS: Final = {
    PROFILES: ("versions", "concepts", "templates", "patterns", "rules", "all", "any", "none"),
}
_PLAIN: Final = {
    PROFILES: ("inlineSchema", "location", "presence"),
    SCHEMA_ORG: ("author", "name"),
}


def context() -> dict[str, Any]:
    """What stands at `CONTEXT_IRI`, as far as we use it."""
    terms: dict[str, Any] = {"id": "@id", "type": "@type"}
    kinds: tuple[tuple[dict[str, tuple[str, ...]], dict[str, str]], ...] = (
        (_CLASSES, {}),
        (_PLAIN, {}),
        (_TEXTS, {"@container": "@language"}),
        (_NAMES_OF_ONE, {"@type": "@id"}),
        (_NAMES_OF_SEVERAL, {"@type": "@id", "@container": "@set"}),
        (_PARTS, {"@container": "@set"}),
    )
    for vocabularies, how in kinds:
        for vocabulary, names in vocabularies.items():
            terms |= {name: {"@id": vocabulary + name, **how} for name in names}
    # The order of a sequence counts.
    terms["sequence"] = {"@id": f"{PROFILES}sequence", "@type": "@id", "@container": "@list"}
    terms["primary"] = {"@id": f"{PROFILES}primary", "@type": "http://www.w3.org/2001/XMLSchema#boolean"}
    terms["generatedAtTime"] = {
        "@id": f"{PROV}generatedAtTime",
        "@type": "https://www.w3.org/TR/xmlschema11-2/#dateTimeStamp",
    }
    return {"@context": terms}
