"""Files of a package that nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator

from lti_tool.content_library.checks.modules import media_of, pages_of
from lti_tool.content_library.checks.stories import all_stories_are_read, media_of_stories
from lti_tool.content_library.format import ItemShape
from lti_tool.content_library.languages import is_translated_page
from lti_tool.content_library.parsed import Parsed
from lti_tool.content_library.problems import Problem


def check_files(parsed: Parsed) -> Iterator[Problem]:
    """Files that nothing refers to, which an author probably meant to show."""
    used = {page for module in parsed.modules for page in pages_of(module)}
    read = {module.file for module in parsed.modules}
    unread = {file for file in (*parsed.texts, *parsed.refused) if file.endswith("/module.yaml")} - read
    pages = {file for file in parsed.texts if file.startswith("modules/") and file.endswith(".md")}
    for file in pages - used:
        if f"{file.rpartition('/')[0]}/module.yaml" not in unread and not is_translated_page(file, used):
            yield Problem(file, 0, "no step uses this file")
    shown = {file for item in parsed.items for file in _media_of(item.shape)} | media_of_stories(parsed)
    shown |= {file for module in parsed.modules for file in media_of(module.shape)}
    if len(parsed.items) == len(parsed.item_ids) and not unread and all_stories_are_read(parsed):
        yield from (Problem(file, 0, "nothing shows this file") for file in parsed.media if file not in shown)
    if parsed.package:
        for file in parsed.texts:
            if file.startswith("framework/") and file != parsed.package.shape.framework:
                yield Problem(file, 0, "package.yaml names another framework")


def _media_of(item: ItemShape) -> Iterator[str]:
    if item.picture:
        yield item.picture.file
    yield from (attached.file for attached in item.attachments)
