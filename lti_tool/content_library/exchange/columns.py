"""The columns of a spreadsheet with questions: one row a question, headings in Dutch or English."""

from __future__ import annotations

import re

LETTERS = "abcdefg"
"""Options in a row; a scale of seven is the longest that there is."""

HEADINGS = {
    "id": ("id", "nummer"),
    "version": ("versie", "version"),
    "type": ("soort", "type"),
    "domain": ("domein", "domain"),
    "subskill": ("deelvaardigheid", "subskill", "sub-skill"),
    "digcomp": ("digcomp",),
    "pool": ("pool", "groep"),
    "scored": ("telt mee", "scored"),
    "b": ("b", "moeilijkheid", "difficulty"),
    "prior_sd": ("spreiding", "prior sd"),
    "source": ("schatting of gemeten", "difficulty source"),
    "raters": ("beoordelaars", "raters"),
    "context": ("situatie", "context"),
    "stem": ("vraag", "stem", "question"),
    "shuffle": ("mengen", "shuffle"),
    **{f"option {letter}": (f"antwoord {letter}", f"option {letter}", f"answer {letter}") for letter in LETTERS},
    "correct": ("juist", "correct", "key"),
    **{f"belongs {letter}": (f"hoort bij {letter}", f"belongs {letter}", f"match {letter}") for letter in LETTERS},
    **{f"feedback {letter}": (f"uitleg {letter}", f"feedback {letter}") for letter in LETTERS},
    "sentence": ("zin", "sentence"),
    "accept": ("goedgekeurd", "accept", "accepted"),
    "normalise": ("maakt niet uit", "normalise"),
    "number": ("getal", "number"),
    "tolerance": ("marge", "tolerance"),
    "folders": ("mappen", "folders"),
    "why": ("waarom", "why"),
    "right": ("bij juist", "right"),
    "not_yet": ("bij nog niet", "not yet"),
    "tip": ("tip", "tip at work"),
    "requires": ("nodig", "requires"),
    "modules": ("trainingen", "modules"),
    "enemies": ("niet samen met", "enemies"),
    "sources": ("bronnen", "sources"),
    "review_before": ("nakijken voor", "review before"),
    "licence": ("licentie", "licence", "license"),
    "authors": ("auteurs", "authors"),
}
"""Each column with its headings; the first one is written."""

TYPES = {
    "single_choice": ("meerkeuze", "single choice"),
    "sjt": ("wat doe je", "situational judgement"),
    "multiple_response": ("meer antwoorden", "multiple response"),
    "order": ("volgorde",),
    "match": ("combineren",),
    "text_entry": ("tekst", "text entry"),
    "numeric": ("getal", "number"),
    "cloze": ("invulzin",),
    "file_sort": ("bestanden", "file sort"),
    "declarative": ("stelling",),
}
"""Each type that fits in a row, with what people may call it; its own name is written."""

YES = ("ja", "yes", "true", "waar", "1", "x")
NO = ("nee", "no", "false", "niet waar", "onwaar", "0")


def _folded(heading: str) -> str:
    return re.sub(r"[\s_]+", " ", heading.strip().casefold())


_COLUMNS = {_folded(name): column for column, names in HEADINGS.items() for name in (*names, column)}
_TYPES = {_folded(name): kind for kind, names in TYPES.items() for name in (*names, kind)}


def column_of(heading: str) -> str | None:
    """The column that a heading means."""
    return _COLUMNS.get(_folded(heading))


def type_of(name: str) -> str | None:
    """The type that a word means."""
    return _TYPES.get(_folded(name))
