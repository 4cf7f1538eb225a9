"""What texts may not say, and what they may refer to: kind feedback, no real addresses, known variables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from lti_tool.content_library.checks.todo import unfinished
from lti_tool.content_library.format import ItemShape, ModuleShape
from lti_tool.content_library.format.modules import CONTACT_VARIABLE
from lti_tool.content_library.parsed import Entry, Parsed
from lti_tool.content_library.problems import Problem
from lti_tool.content_library.reading import Document, Where, texts_in
from lti_tool.content_library.rendering import complaints, has_html, has_loose_braces, variables_in

_UNKIND = re.compile(r"\b(foute?|helaas|gezakt|onvoldoende|slechte?)\b", re.IGNORECASE)
_UNKIND_IN = {"nl": _UNKIND, "en": re.compile(r"\b(wrong|unfortunately|failed|insufficient|bad)\b", re.IGNORECASE)}
_PRAISE = re.compile(r"\b(goed (zo|gedaan|gezien|bezig)|helemaal goed)\b", re.IGNORECASE)

_RESERVED = (".example", ".test", ".invalid", ".overheid.nl")
"""Names that lead nowhere (RFC 2606), and the one real family that items are about."""
_ADDRESS = re.compile(
    r"""(?i:https?://|www\.) (\w[^\s/\\:?#"'<>()\[\]]*)      # a web address
      | @ ((?i:[a-z0-9-]+(?:\.[a-z0-9-]+)+))                # a mail address
      | \b ((?:(?i:[a-z0-9-]{1,63})\.){1,9}                 # a bare name
            (?:nl|com|org|net|eu|be|io|gov|edu|frl|ai)) (?![\w-]|\.\w)
    """,
    re.VERBOSE,
)
_NOT_SHOWN = ("sources", "authors", "licence", "schema", "publisher")
"""Keys about makers: a source may well be a real address."""


def check_wording(parsed: Parsed) -> list[Problem]:
    """Every text that breaks a rule, in no particular order."""
    declared = set(parsed.package.shape.variables) if parsed.package else None
    documents = [item.document for item in parsed.items] + [module.document for module in parsed.modules]
    documents += [translation.document for translation in parsed.translations]
    documents += [entry.document for entry in (parsed.framework, parsed.package, parsed.story) if entry]
    return [
        *(problem for document in documents for problem in _document(document, declared)),
        *(problem for item in parsed.items for problem in _feedback(item)),
        *unfinished(parsed),
        *(problem for module in parsed.modules for problem in _module(module, declared)),
        *(problem for file in parsed.texts if file.endswith(".md") for problem in _page(file, parsed, declared)),
    ]


def _document(document: Document, declared: Collection[str] | None) -> Iterator[Problem]:
    for where, text in texts_in(document.data, _is_shown):
        for message in _shown(text, declared):
            yield document.problem(message, *where)
        if where[-1:] != ("md",) and has_html(text):
            yield document.problem("HTML is not allowed; a text is plain", *where)


def _module(entry: Entry[ModuleShape], declared: Collection[str] | None) -> Iterator[Problem]:
    for number, step in enumerate(entry.shape.steps):
        for place, block in enumerate(step.blocks):
            where = ("steps", number, "blocks", place)
            if block.type == "text":
                for message in complaints(block.md or ""):
                    yield entry.problem(message, *where)
            if block.type == "contact" and declared is not None and CONTACT_VARIABLE not in declared:
                yield entry.problem(f"package.yaml does not declare {CONTACT_VARIABLE}", *where)


def _page(file: str, parsed: Parsed, declared: Collection[str] | None) -> Iterator[Problem]:
    """A Markdown file of a module; README and LICENSE are for makers."""
    if not file.startswith("modules/"):
        return
    for number, line in enumerate(parsed.texts[file].splitlines(), start=1):
        for message in _shown(line, declared):
            yield Problem(file, number, message)
    for message in complaints(parsed.texts[file]):
        yield Problem(file, 0, message)


def _is_shown(key: str, where: Where) -> bool:
    return key not in _NOT_SHOWN


def _shown(text: str, declared: Collection[str] | None) -> Iterator[str]:
    for found in _ADDRESS.finditer(text):
        host = next(part for part in found.groups() if part).strip(".").lower()
        if not f".{host}".endswith(_RESERVED):
            yield f"{host} may exist; use a name under .example, .test or .invalid (or overheid.nl)"
    if declared is not None:
        for name in sorted(variables_in(text) - set(declared)):
            yield f"package.yaml does not declare the variable {name}"
    if has_loose_braces(text):
        yield "double braces hold the name of a variable: {{gemeente.naam}}"


def unkind_word(text: str, language: str) -> str | None:
    """The first word in a text that judges, if there is one and the language is known."""
    judging = _UNKIND_IN.get(language)
    found = judging.search(text) if judging else None
    return found[0] if found else None


def _feedback(entry: Entry[ItemShape]) -> Iterator[Problem]:
    """Feedback explains and never judges (content.md, C.4); what was wrong is not praised."""
    item = entry.shape
    told: list[tuple[Where, str]] = [
        (("feedback", key), text) for key, text in item.feedback.model_dump(exclude_none=True).items()
    ]
    told += [
        (("options", number, "feedback"), option.feedback)
        for number, option in enumerate(item.options)
        if option.feedback
    ]
    for where, text in told:
        if found := _UNKIND.search(text):
            yield entry.problem(f"feedback does not say {found[0]!r}", *where)
    if item.type in ("single_choice", "sjt", "multiple_response"):
        for number, option in enumerate(item.options):
            found = _PRAISE.search(option.feedback or "")
            if found and not option.correct:
                yield entry.problem(f"says {found[0]!r} about an answer that is not right", "options", number)
