"""What an import could not know: placeholders, and the check that an author has replaced them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lti_tool.content_library.parsed import Parsed
from lti_tool.content_library.problems import Problem
from lti_tool.content_library.reading import texts_in

OPTION_FEEDBACK = "TODO: leg uit wat dit antwoord betekent."
WHY = "TODO: leg uit wat klopt en waarom."
THIRD_OPTION = "TODO: een derde antwoord."

_TODO = re.compile(r"TODO\b")


def unfinished(parsed: Parsed) -> Iterator[Problem]:
    """Every text of an item that is still a placeholder."""
    for entry in parsed.items:
        for where, text in texts_in(entry.document.data):
            if _TODO.match(text.strip()):
                yield entry.problem("still to be written: it begins with TODO", *where)
