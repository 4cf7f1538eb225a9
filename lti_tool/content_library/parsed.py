"""The files of a package in their right shape, as far as they have one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lti_tool.content_library.format import (
    CreditsShape,
    FrameworkShape,
    GoldenShape,
    ItemShape,
    ModuleShape,
    PackageShape,
    Shape,
    StoryShape,
    TranslationShape,
)
from lti_tool.content_library.problems import ContentBroken, Problem, Problems, TooMuch
from lti_tool.content_library.reading import MOST_VALUES_IN_ALL, Document, Files, read_yaml
from lti_tool.domain.content import Medium

AnyShape = TypeVar("AnyShape", bound=Shape)

MANIFEST = "package.yaml"
MOST_SHAPE_PROBLEMS = 100
"""So many are named of one file."""
CREDITS = "CREDITS.yaml"
GOLDEN = "tests/golden.yaml"
EXTENDED = "extended/"
"""Where the manifests and credits of the packages that this one extends stand; in no folder of an author."""
_MODULE_ID = re.compile(r"^id: *[\"']?(M-[A-Z]{3}-[0-9]{3})\b", re.MULTILINE)


@dataclass(frozen=True)
class Entry(Generic[AnyShape]):
    """A document and its shape."""

    document: Document
    shape: AnyShape

    @property
    def file(self) -> str:
        return self.document.file

    def problem(self, message: str, *where: str | int) -> Problem:
        return self.document.problem(message, *where)


@dataclass(frozen=True)
class Parsed:
    """What could be read; a file with problems of its own is left out."""

    texts: Mapping[str, str]
    media: Mapping[str, Medium]
    package: Entry[PackageShape] | None
    framework: Entry[FrameworkShape] | None
    items: tuple[Entry[ItemShape], ...]
    modules: tuple[Entry[ModuleShape], ...]
    refused: frozenset[str] = frozenset()
    """Files that stand there and were not read."""
    stories: tuple[Entry[StoryShape], ...] = ()
    """All of them; the manifest names at most one."""
    credits: Mapping[str, Entry[CreditsShape]] = field(default_factory=dict)
    """By file: its own, and those of the packages that it extends."""
    extended: tuple[Entry[PackageShape], ...] = ()
    """The manifests of the packages that it extends."""
    translations: tuple[Entry[TranslationShape], ...] = ()
    golden: Entry[GoldenShape] | None = None

    def has(self, file: str) -> bool:
        return file in self.texts or file in self.media or file in self.refused

    def may_have_module(self, module_id: str) -> bool:
        """Whether there is such a module; one whose file was not read gets the benefit of the doubt."""
        return self._refused_a_module or module_id in self.module_ids

    @cached_property
    def _refused_a_module(self) -> bool:
        return any(file.endswith("/module.yaml") for file in self.refused)

    @property
    def story(self) -> Entry[StoryShape] | None:
        """The one that is told."""
        named = self.package.shape.story if self.package else None
        return next((story for story in self.stories if story.file == named), None)

    @cached_property
    def item_ids(self) -> frozenset[str]:
        """Ids of all items, also of those that could not be read: their files are named after them."""
        items = [file for file in (*self.texts, *self.refused) if file.startswith("items/")]
        return frozenset(file.rpartition("/")[2].removesuffix(".yaml") for file in items)

    @cached_property
    def items_by_id(self) -> Mapping[str, ItemShape]:
        return {item.shape.id: item.shape for item in self.items}

    @cached_property
    def module_ids(self) -> frozenset[str]:
        """Ids of all modules, also of those whose shape is not right."""
        modules = [text for file, text in self.texts.items() if file.endswith("/module.yaml")]
        return frozenset(found[1] for text in modules if (found := _MODULE_ID.search(text)))


def parse(files: Files) -> tuple[Parsed, Problems]:
    """Every YAML file in its shape, and what is wrong with the others.

    Raises:
        TooMuch: more values than any author needs; nothing was read after that.
    """
    problems = Problems()
    texts = files.texts
    refused = frozenset(problem.file for problem in files.refused)
    room = MOST_VALUES_IN_ALL

    def entries(files: Iterable[str], model: type[AnyShape]) -> tuple[Entry[AnyShape], ...]:
        nonlocal room
        found = []
        for file in files:
            try:
                document = read_yaml(file, texts[file])
                room -= len(document.lines)
                if room < 0:
                    raise TooMuch(file, f"a package has at most {MOST_VALUES_IN_ALL:,} values")
                found.append(shaped(document, model))
            except TooMuch:
                raise
            except ContentBroken as broken:
                problems.add(broken.problems, broken.more)
        return tuple(found)

    def yaml_files(folder: str) -> list[str]:
        return [file for file in texts if file.startswith(folder) and file.endswith(".yaml")]

    if MANIFEST not in texts and MANIFEST not in refused:
        problems.add([Problem(MANIFEST, 0, "is missing")])
    package = entries([MANIFEST] if MANIFEST in texts else [], PackageShape)
    beside = [file for file in texts if file.startswith(EXTENDED)]
    thanks = [file for file in (CREDITS, *beside) if file in texts and file.endswith(CREDITS)]
    wanted = package[0].shape.framework if package else None
    frameworks = entries(yaml_files("framework/"), FrameworkShape)
    if package and wanted not in texts and wanted not in refused:
        problems.add([package[0].problem(f"there is no file {wanted}", "framework")])
    parsed = Parsed(
        texts=texts,
        media=files.media,
        package=package[0] if package else None,
        framework=next((entry for entry in frameworks if wanted in (entry.file, None)), None),
        items=entries(yaml_files("items/"), ItemShape),
        modules=entries(yaml_files("modules/"), ModuleShape),
        refused=refused,
        stories=entries(yaml_files("story/"), StoryShape),
        credits={entry.file: entry for entry in entries(thanks, CreditsShape)},
        extended=entries([file for file in beside if file.endswith(MANIFEST)], PackageShape),
        translations=entries(yaml_files("i18n/"), TranslationShape),
        golden=next(iter(entries([GOLDEN] if GOLDEN in texts else [], GoldenShape)), None),
    )
    return parsed, problems


def shaped(document: Document, model: type[AnyShape]) -> Entry[AnyShape]:
    """A document in its shape. Raises ContentBroken."""
    try:
        return Entry(document, model.model_validate(document.data))
    except ValidationError as err:
        told = err.errors(include_url=False)[:MOST_SHAPE_PROBLEMS]
        problems = [document.problem(_in_words(error), *error["loc"]) for error in told]
        raise ContentBroken(problems, err.error_count() - len(told)) from None


def _in_words(error: ErrorDetails) -> str:
    """What pydantic found, as an author would say it."""
    way = ".".join(str(step) for step in error["loc"])
    if error["type"] == "extra_forbidden":
        hint = "; does a text with a comma need quotes?" if error["input"] is None else ""
        return f"{way}: the format has no such key{hint}"
    if error["type"] == "missing":
        return f"{way}: is missing"
    if error["type"] == "string_type":
        return f"{way}: must be a text; put it between quotes"
    if error["type"] == "model_type":
        return f"{way or 'the file'}: must have keys of its own"
    message = error["msg"].replace("Input should", "should").replace("String should", "should")
    return f"{way}: {message}"
