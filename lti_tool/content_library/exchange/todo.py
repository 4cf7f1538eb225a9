"""What an import could not know: placeholders, and the check that an author has replaced them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lti_tool.content_library.parsed import Parsed
from lti_tool.content_library.problems import Problem
from lti_tool.content_library.reading import Where

OPTION_FEEDBACK = "TODO: leg uit wat dit antwoord betekent."
WHY = "TODO: leg uit wat klopt en waarom."
THIRD_OPTION = "TODO: een derde antwoord."

_TODO = re.compile(r"TODO\b")


def unfinished(parsed: Parsed) -> Iterator[Problem]:
    """Every text of an item that is still a placeholder."""
    for entry in parsed.items:
        for where, text in _texts(entry.document.data, ()):
            if _TODO.match(text.strip()):
                yield entry.problem("still to be written: it begins with TODO", *where)


def _texts(value: object, where: Where) -> Iterator[tuple[Where, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part, (*where, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _texts(part, (*where, number))
