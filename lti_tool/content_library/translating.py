"""Questions and micro-trainings in other languages: whole and of this version, or not at all (content.md, C.6).

A translation replaces texts that are read. What is asked and what is right stays, so scoring cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeVar

from lti_tool.content_library.checks.items import check_parts
from lti_tool.content_library.checks.wording import unkind_word
from lti_tool.content_library.composing import put_text
from lti_tool.content_library.format import ItemShape, ModuleShape, TranslationShape
from lti_tool.content_library.format.items import GAP
from lti_tool.content_library.languages import PAGE, language_of, page_in
from lti_tool.content_library.parsed import Entry, Parsed, shaped
from lti_tool.content_library.problems import ContentBroken, Problem, Remark
from lti_tool.content_library.reading import Document, Where, texts_in
from lti_tool.content_library.rendering import complaints, has_html
from lti_tool.domain.content import SOURCE_LANGUAGE

Source = TypeVar("Source", ItemShape, ModuleShape)

FOR_MAKERS = (
    *("schema", "id", "slug", "version", "status", "pool", "domain", "subskill", "subskills", "digcomp", "type"),
    *("difficulty", "level", "personas", "requires", "enemies", "modules", "sources", "reviews", "licence"),
    *("authors", "review_before", "answer", "workshop_guide"),
)
"""Keys of the whole document under which nothing is read by a learner."""
NOT_READ = (
    *("id", "type", "kind", "ref", "key", "accept", "normalise", "folder", "from", "href", "address"),
    *("transcript", "captions", "poster"),
)
"""Keys anywhere in it whose values are the same in every language, or follow from a text that is translated."""
PAGES = ("file", "transcript")
"""Keys of a block that may name a page beside module.yaml."""
NAMED = 3
"""Missing texts that a remark names."""


@dataclass(frozen=True)
class Translated:
    """What could be said in other languages, and what has to be mended."""

    items: dict[str, dict[str, ItemShape]] = field(default_factory=dict)
    """Id, then language."""
    modules: dict[str, dict[str, ModuleShape]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    """Translations that are stale or incomplete: the Dutch text is shown."""


Remembered = dict[str, tuple[Document, Document, Entry[ItemShape] | None, Translated]]
"""File of a translation of a question -> what it was made from, and what became of it."""


@dataclass(frozen=True)
class _Spot:
    """Where a text stands in its document."""

    where: Where
    text: str


def translate(parsed: Parsed, remembered: Remembered | None = None) -> Translated:
    """Every question and micro-training in the languages in which it is whole.

    Args:
        remembered: of an earlier time; what did not change since is not done again. It is kept up to date.
    """
    made, before = Translated(), {} if remembered is None else remembered
    items = {entry.shape.id: entry for entry in parsed.items}
    modules = {entry.shape.id: entry for entry in parsed.modules}
    listed = parsed.package.shape.languages if parsed.package else None
    if listed is not None and parsed.package and SOURCE_LANGUAGE not in listed:
        made.problems.append(parsed.package.problem(f"{SOURCE_LANGUAGE} is the source language", "languages"))
    for translation in parsed.translations:
        of, language = translation.shape.of, language_of(translation.file)
        if listed is not None and language not in listed:
            made.problems.append(Problem(translation.file, 0, f"package.yaml does not list {language}"))
        elif language == SOURCE_LANGUAGE:
            made.problems.append(Problem(translation.file, 0, f"{language} is the source language"))
        elif item := items.get(of):
            said, part = _item(translation, item, parsed, before)
            made.problems.extend(part.problems)
            made.remarks.extend(part.remarks)
            if said:
                made.items.setdefault(of, {})[language] = said.shape
        elif module := modules.get(of):
            made.problems.extend(_texts(translation, language))
            if told := _said(translation, module, f"modules/{module.shape.slug}", parsed, made):
                made.modules.setdefault(of, {})[language] = told.shape
        elif of not in parsed.item_ids | parsed.module_ids:
            made.problems.append(translation.problem(f"there is no item or module {of}", "of"))
    _pages(parsed, made)
    return made


def spots(document: Document) -> dict[str, _Spot]:
    """The way to each text that a learner reads."""
    found = texts_in(document.data, is_read)
    return {".".join(_way(document.data, where)): _Spot(where, text) for where, text in found}


def _way(data: Any, where: Where) -> Iterator[str]:
    """How an author names a place: what has an id by its id, other things in a list by their number."""
    for step in where:
        data = data[step]
        yield str(data.get("id", step) if isinstance(step, int) and isinstance(data, dict) else step)


def is_read(key: str, where: Where) -> bool:
    """Whether a learner reads what stands under a key, so that it is translated."""
    if key in NOT_READ or (not where and key in FOR_MAKERS):
        return False
    # The name of a file that a share dialog shows is read; that of a picture or a page is not.
    return key != "file" or where == ("simulation",)


def _texts(translation: Entry[TranslationShape], language: str) -> Iterator[Problem]:
    for way, text in translation.shape.texts.items():
        said = list(complaints(text)) if way.endswith(".md") else ["HTML is not allowed"] if has_html(text) else []
        if way.endswith(("feedback", "why")) or way.startswith("feedback."):
            word = unkind_word(text, language)
            said += [f"feedback does not say {word!r}"] if word else []
        yield from (translation.problem(message, "texts", way) for message in said)


def _said(
    translation: Entry[TranslationShape], source: Entry[Source], place: str, parsed: Parsed, made: Translated
) -> Entry[Source] | None:
    """The source with these texts in it; None, and told why, when that is not wholly possible."""
    language = language_of(translation.file)
    told = translation.shape
    if translation.file != f"i18n/{language}/{place}.yaml":
        made.problems.append(translation.problem(f"should stand in i18n/{language}/{place}.yaml", "of"))
        return None
    if told.source_version != source.shape.version:
        now = f"{told.of} is {source.shape.version} now, and this translates {told.source_version}"
        made.remarks.append(_remark(translation, f"stale: {now}; Dutch is shown", "source_version"))
        return None
    known = spots(source.document)
    unknown = [way for way in told.texts if way not in known]
    made.problems.extend(
        translation.problem(f"{told.of} has no text {way} to translate", "texts", way) for way in unknown
    )
    missing = [way for way in known if way not in told.texts]
    missing += [page for page in _pages_of(source, language) if page not in parsed.texts]
    if missing:
        named = ", ".join(missing[:NAMED]) + (f" and {len(missing) - NAMED} more" if missing[NAMED:] else "")
        made.remarks.append(_remark(translation, f"incomplete: {named} missing; Dutch is shown", "texts"))
    if missing or unknown:
        return None
    try:
        return _in_its_place(translation, source, known, language)
    except ContentBroken as broken:
        made.problems.extend(broken.problems)
        return None


def _remark(translation: Entry[TranslationShape], message: str, where: str) -> Remark:
    return Remark(translation.file, translation.document.line_of(where), message, "translation")


def _in_its_place(
    translation: Entry[TranslationShape], source: Entry[Source], known: Mapping[str, _Spot], language: str
) -> Entry[Source]:
    """Raises ContentBroken, with lines of the translation."""
    data: Any = deepcopy(source.document.data)
    top = translation.document.lines.get(("texts",), 0)
    lines: dict[Where, int] = {(): top}
    for way, text in translation.shape.texts.items():
        put_text(data, tuple(way.split(".")), text)
        where = known[way].where
        lines |= {where[:depth]: top for depth in range(1, len(where)) if where[:depth] not in lines}
        lines[where] = translation.document.lines.get(("texts", way), top)
    _follow(data, source.document.data, language)
    return shaped(Document(translation.file, data, lines), type(source.shape))


def _follow(data: Any, source: Any, language: str) -> None:
    """What refers to a text refers to it in the other language too."""
    folders = dict(zip(source.get("folders") or (), data.get("folders") or (), strict=True))
    for file in data.get("files") or ():
        file["folder"] = folders.get(file["folder"], file["folder"])
    for gap, was in zip(*(((part.get("cloze") or {}).get("gaps") or ()) for part in (data, source)), strict=True):
        if gap.get("key"):
            choices = dict(zip(was.get("choices") or (), gap.get("choices") or (), strict=True))
            gap["key"] = choices.get(gap["key"], gap["key"])
    for step in data.get("steps") or ():
        for block in step["blocks"]:
            block |= {key: page_in(page, language) for key, page in _pages_in(block)}


def _item(
    translation: Entry[TranslationShape], source: Entry[ItemShape], parsed: Parsed, before: Remembered
) -> tuple[Entry[ItemShape] | None, Translated]:
    """The question in another language, or None; and what has to be mended in it."""
    known = before.get(translation.file)
    if known and known[0] is translation.document and known[1] is source.document:
        return known[2], known[3]
    part = Translated()
    part.problems.extend(_texts(translation, language_of(translation.file)))
    said = _said(translation, source, f"items/{source.shape.id}", parsed, part)
    if said:
        part.problems.extend(_new_mistakes(said, source, translation, parsed.has))
    before[translation.file] = (translation.document, source.document, said, part)
    return said, part


def _new_mistakes(
    said: Entry[ItemShape],
    source: Entry[ItemShape],
    translation: Entry[TranslationShape],
    has: Callable[[str], bool],
) -> Iterator[Problem]:
    """What became wrong by translating; what was wrong before is told about the source."""
    before = {problem.message for problem in check_parts(source, has)}
    yield from (problem for problem in check_parts(said, has) if problem.message not in before)
    if said.shape.cloze and source.shape.cloze:
        wanted = GAP.findall(source.shape.cloze.text)
        if GAP.findall(said.shape.cloze.text) != wanted:
            # Answers are kept in the order of the gaps.
            gaps = " ".join(f"[[{number}]]" for number in wanted)
            yield translation.problem(f"the gaps stand in the order of the source: {gaps}", "texts", "cloze.text")


def _pages_of(source: Entry[ItemShape] | Entry[ModuleShape], language: str) -> list[str]:
    """The pages beside module.yaml, in another language."""
    data: Any = source.document.data
    beside = source.file.removesuffix("module.yaml")
    blocks = [block for step in data.get("steps") or () for block in step["blocks"]]
    return [page_in(beside + page, language) for block in blocks for _, page in _pages_in(block)]


def _pages_in(block: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each key of a block that names a Markdown file, and that file."""
    yield from ((key, value) for key, value in block.items() if key in PAGES and str(value).endswith(".md"))


def _pages(parsed: Parsed, made: Translated) -> None:
    """Pages in another language that nobody will read."""
    listed = parsed.package.shape.languages if parsed.package else None
    translated = {translation.file for translation in parsed.translations}
    for file in parsed.texts:
        page = PAGE.fullmatch(file)
        language = language_of(file)
        if page is None or language == SOURCE_LANGUAGE:
            continue
        needed = f"i18n/{language}/modules/{file.split('/')[1]}.yaml"
        if listed is not None and language not in listed:
            made.problems.append(Problem(file, 0, f"package.yaml does not list {language}"))
        elif needed not in translated:
            made.remarks.append(
                Remark(file, 0, f"incomplete: there is no {needed}; Dutch is shown", "translation")
            )
