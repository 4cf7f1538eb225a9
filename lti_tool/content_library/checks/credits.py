"""Whether a package fits this version of the tool, and whether its credits say the same in every municipality."""

from __future__ import annotations

from collections.abc import Iterator

from lti_tool.content_library.composing import fits
from lti_tool.content_library.parsed import Parsed
from lti_tool.content_library.problems import Problem


def check_tool(parsed: Parsed, version: str) -> Iterator[Problem]:
    """A package, or one that it extends, that was made for another version of the tool than this one."""
    for manifest in (parsed.package, *parsed.extended):
        wanted = manifest.shape.tool if manifest else None
        if manifest and wanted and not fits(version, wanted):
            yield manifest.problem(f"is made for a tool of version {wanted}; this is {version}", "tool")


def check_credits(parsed: Parsed) -> Iterator[Problem]:
    """Braces in what is shown as it stands."""
    message = "credits hold no variables: they are the same in every municipality"
    for entry in parsed.credits.values():
        for place, credit in enumerate(entry.shape.credits):
            for key, text in credit.model_dump(exclude_none=True).items():
                if "{{" in text or "}}" in text:
                    yield entry.problem(message, "credits", place, key)
    for manifest in (parsed.package, *parsed.extended):
        publisher = manifest.shape.publisher.model_dump(exclude_none=True) if manifest else {}
        for key, text in publisher.items():
            if manifest and ("{{" in text or "}}" in text):
                yield manifest.problem(message, "publisher", key)
