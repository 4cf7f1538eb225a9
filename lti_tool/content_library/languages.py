"""In which language a file of a package is, by its name."""

from __future__ import annotations

import re
from collections.abc import Collection

from lti_tool.domain.content import SOURCE_LANGUAGE

PAGE = re.compile(r"(?P<name>modules/.+?)(\.(?P<language>[a-z]{2}))?\.md")


def language_of(file: str) -> str:
    """The language of a file under i18n/, or of a page of a module."""
    if file.startswith("i18n/"):
        return file.split("/")[1]
    page = PAGE.fullmatch(file)
    return page["language"] or SOURCE_LANGUAGE if page else SOURCE_LANGUAGE


def page_in(file: str, language: str) -> str:
    """The page that says the same in another language: `uitleg.nl.md` or `uitleg.md` to `uitleg.en.md`."""
    return re.sub(r"(\.[a-z]{2})?\.md$", f".{language}.md", file)


def is_translated_page(file: str, sources: Collection[str]) -> bool:
    """Whether a page says in another language what one of these says."""
    language = language_of(file)
    return language != SOURCE_LANGUAGE and file in {page_in(source, language) for source in sources}
