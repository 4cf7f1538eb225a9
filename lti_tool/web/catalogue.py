"""Keeps the English catalogue in step with the Dutch texts in code and templates.

Run as `python -m lti_tool.web.catalogue`: it adds new texts to the .po file, drops those that are gone, and
compiles the .mo file. A test fails when a text has no English or when the compiled file is stale.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from lti_tool.web.languages import CATALOGUES

WEB = Path(__file__).parent
ENGLISH = CATALOGUES / "en" / "LC_MESSAGES"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "lazy": None, "ngettext": (1, 2)}


def extracted() -> Catalog:
    """Every text that a page can show, as it stands in the source."""
    catalog = Catalog(locale="en", project="digivaardig", fuzzy=False, charset="utf-8")
    found = extract_from_dir(WEB, METHODS, keywords=KEYWORDS)
    for path, _line, message, _comments, _context in found:
        catalog.add(message, locations=[(path, 0)])
    return catalog


def translated(folder: Path = ENGLISH) -> Catalog:
    """The English catalogue as it is kept."""
    with (folder / "messages.po").open("rb") as po:
        return read_po(po, locale="en")


def compiled(catalog: Catalog) -> bytes:
    """The catalogue in the form that is read at run time."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def update(folder: Path = ENGLISH) -> None:
    """Bring both files up to date; what has no English yet stays empty for a translator."""
    catalog = translated(folder)
    catalog.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    with (folder / "messages.po").open("wb") as po:
        write_po(po, catalog, width=110, sort_output=True, no_location=True)
    (folder / "messages.mo").write_bytes(compiled(catalog))


if __name__ == "__main__":
    update()
