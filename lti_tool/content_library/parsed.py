"""The files of a package in their right shape, as far as they have one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lti_tool.content_library.format import (
    FrameworkShape,
    ItemShape,
    ModuleShape,
    PackageShape,
    Shape,
    TranslationShape,
)
from lti_tool.content_library.problems import ContentBroken, Problem
from lti_tool.content_library.reading import Document, Files, read_yaml
from lti_tool.domain.content import Medium

AnyShape = TypeVar("AnyShape", bound=Shape)

MANIFEST = "package.yaml"
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
    translations: tuple[Entry[TranslationShape], ...]

    @cached_property
    def item_ids(self) -> frozenset[str]:
        """Ids of all items, also of those that could not be read: their files are named after them."""
        items = [file for file in self.texts if file.startswith("items/")]
        return frozenset(file.rpartition("/")[2].removesuffix(".yaml") for file in items)

    @cached_property
    def items_by_id(self) -> Mapping[str, ItemShape]:
        return {item.shape.id: item.shape for item in self.items}

    @cached_property
    def module_ids(self) -> frozenset[str]:
        """Ids of all modules, also of those that could not be read."""
        modules = [text for file, text in self.texts.items() if file.endswith("/module.yaml")]
        return frozenset(found[1] for text in modules if (found := _MODULE_ID.search(text)))


def parse(files: Files) -> tuple[Parsed, list[Problem]]:
    """Every YAML file in its shape, and what is wrong with the others."""
    problems: list[Problem] = []
    texts = files.texts

    def entries(files: Iterable[str], model: type[AnyShape]) -> tuple[Entry[AnyShape], ...]:
        found = []
        for file in files:
            try:
                found.append(shaped(read_yaml(file, texts[file]), model))
            except ContentBroken as broken:
                problems.extend(broken.problems)
        return tuple(found)

    def yaml_files(folder: str) -> list[str]:
        return [file for file in texts if file.startswith(folder) and file.endswith(".yaml")]

    if MANIFEST not in texts:
        problems.append(Problem(MANIFEST, 0, "is missing"))
    package = entries([MANIFEST] if MANIFEST in texts else [], PackageShape)
    wanted = package[0].shape.framework if package else None
    frameworks = entries(yaml_files("framework/"), FrameworkShape)
    if package and wanted not in texts:
        problems.append(package[0].problem(f"there is no file {wanted}", "framework"))
    parsed = Parsed(
        texts=texts,
        media=files.media,
        package=package[0] if package else None,
        framework=next((entry for entry in frameworks if wanted in (entry.file, None)), None),
        items=entries(yaml_files("items/"), ItemShape),
        modules=entries(yaml_files("modules/"), ModuleShape),
        translations=entries(yaml_files("i18n/"), TranslationShape),
    )
    return parsed, problems


def shaped(document: Document, model: type[AnyShape]) -> Entry[AnyShape]:
    """A document in its shape. Raises ContentBroken."""
    try:
        return Entry(document, model.model_validate(document.data))
    except ValidationError as err:
        problems = [document.problem(_in_words(error), *error["loc"]) for error in err.errors()]
        raise ContentBroken(problems) from None


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
