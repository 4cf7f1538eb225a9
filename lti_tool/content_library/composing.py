"""A package that extends others: their files and its own as one package, with its own words in theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from lti_tool.content_library.format.package import ExtendsShape, OverrideShape
from lti_tool.content_library.languages import language_of
from lti_tool.content_library.parsed import CREDITS, EXTENDED, MANIFEST
from lti_tool.content_library.problems import ContentBroken, Problem
from lti_tool.content_library.reading import LARGEST_TEXT_BYTES, Document, Files, read_files, read_yaml
from lti_tool.domain.content import SOURCE_LANGUAGE, Medium

DEEPEST = 3
"""How many packages may stand on each other."""
TAKEN_OVER = ("framework/", "items/", "modules/", "media/", "story/", "i18n/", EXTENDED)
STAYS = (
    "id",
    "schema",
    "version",
    "status",
    "pool",
    "domain",
    "subskill",
    "type",
    "key",
    "licence",
    "slug",
    "kind",
)
"""Last steps of the way to a value that is no text to read."""

LICENCES = "media/LICENSES.csv"
LICENCE_COLUMNS = "file,licence,maker,source"

_PART = re.compile(r"(>=|<=|==|<|>)([0-9.]+)")


def read_composed(folder: Path, beside: Path | None = None) -> Files:
    """Everything in a package, with what it takes over from those that it extends.

    Args:
        folder: the package.
        beside: where those that it extends stand; beside the package when None.

    Raises:
        ContentBroken: as `read_files`; or a package that is extended is not there, in another version, or in a
            circle; or a text to override is not there.
    """
    here = folder.absolute()  # "." has no parent
    return _compose(here, beside or here.parent, ())


def extended_folders(folder: Path) -> list[Path]:
    """The folders beside a package from which it takes over; as far as its manifests can be read."""
    here = folder.absolute()
    found = [here]
    for one in found:
        with suppress(ContentBroken, OSError, UnicodeDecodeError), (one / MANIFEST).open(encoding="utf-8") as text:
            manifest = read_yaml(MANIFEST, text.read(LARGEST_TEXT_BYTES))
            found += [to for to in (here.parent / e.package for e in _extended(manifest)) if to not in found]
    return found[1:]


def _compose(folder: Path, beside: Path, above: tuple[str, ...]) -> Files:
    own = read_files(folder)
    if MANIFEST not in own.texts:
        return own
    manifest = read_yaml(MANIFEST, own.texts[MANIFEST])
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    media: dict[str, Medium] = {}
    made = ""
    for place, shape in enumerate(_extended(manifest)):
        try:
            base = _base(beside / shape.package, shape, (*above, folder.name))
        except ContentBroken as broken:
            said = "\n".join(str(problem) for problem in broken.problems)
            problems.append(manifest.problem(f"{shape.package}: {said}", "extends", place))
            continue
        taken = {name: text for name, text in base.texts.items() if _is_taken_over(name, manifest)}
        licences = taken.pop(LICENCES, "")
        about = {name: base.texts[name] for name in (MANIFEST, CREDITS) if name in base.texts}
        taken |= {f"{EXTENDED}{shape.package}/{name}": text for name, text in about.items()}
        # A translation of one's own takes the place of that of the other package.
        ours = {name for name in own.texts if language_of(name) != SOURCE_LANGUAGE}
        taken = {name: text for name, text in taken.items() if name not in ours}
        for name in {*taken, *base.media} & {*texts, *media, *own.texts, *own.media}:
            problems.append(manifest.problem(f"{name} stands in {shape.package} too", "extends", place))
        texts |= taken
        media |= base.media
        _, _, others = licences.partition("\n")
        made += others
    problems += _override(manifest, texts)
    if problems:
        raise ContentBroken(problems)
    texts |= own.texts
    if made:
        texts[LICENCES] = texts.get(LICENCES, f"{LICENCE_COLUMNS}\n").rstrip("\n") + f"\n{made}"
    return Files(texts, media | dict(own.media), own.refused)


def _is_taken_over(name: str, manifest: Document) -> bool:
    """Translations come along in the languages that the package has too."""
    listed = manifest.data.get("languages") if isinstance(manifest.data, dict) else None
    language = language_of(name)
    wanted = language == SOURCE_LANGUAGE or (isinstance(listed, list) and language in listed)
    return name.startswith(TAKEN_OVER) and wanted


def _extended(manifest: Document) -> list[ExtendsShape]:
    """What is not in its right shape is told when the whole manifest is checked."""
    data = manifest.data
    found = data.get("extends") if isinstance(data, dict) else None
    try:
        return [ExtendsShape.model_validate(one) for one in found] if isinstance(found, list) else []
    except ValidationError:
        return []


def _base(folder: Path, shape: ExtendsShape, above: tuple[str, ...]) -> Files:
    if folder.name in above or len(above) > DEEPEST:
        raise ContentBroken([Problem(folder.name, 0, f"packages extend each other: {' → '.join(above)}")])
    files = _compose(folder, folder.parent, above)
    if files.refused:
        raise ContentBroken(files.refused)
    manifest = read_yaml(MANIFEST, files.texts.get(MANIFEST, ""))
    version = manifest.data.get("version") if isinstance(manifest.data, dict) else None
    if not isinstance(version, str) or not fits(version, shape.version):
        raise ContentBroken([Problem(folder.name, 0, f"version {version} does not fit {shape.version}")])
    return files


def fits(version: str, wanted: str) -> bool:
    """Whether a version lies in a range such as ">=1.0,<2"; numbers that are left out are 0."""
    here = _numbers(version)
    compare = {
        ">=": here.__ge__,
        "<=": here.__le__,
        "==": here.__eq__,
        "<": here.__lt__,
        ">": here.__gt__,
    }
    return all(compare[how](_numbers(bound)) for how, bound in _PART.findall(wanted))


def _numbers(version: str) -> tuple[int, ...]:
    given = [int(part) for part in version.split(".") if part.isdecimal()]
    return tuple([*given, 0, 0, 0][:3])


def _override(manifest: Document, texts: dict[str, str]) -> Iterator[Problem]:
    """Puts the words of the manifest into the files that were taken over."""
    data = manifest.data
    found = data.get("overrides") if isinstance(data, dict) else None
    for place, given in enumerate(found if isinstance(found, list) else []):
        try:
            shape = OverrideShape.model_validate(given)
        except ValidationError:
            continue
        where = _file_of(shape, texts)
        if where is None:
            yield manifest.problem("names nothing that was taken over", "overrides", place)
            continue
        file, start = where
        document: Any = read_yaml(file, texts[file]).data
        for path, text in shape.texts.items():
            try:
                put_text(document, (*start, *path.split(".")), text)
            except LookupError as err:
                yield manifest.problem(f"{path}: {err.args[0]}", "overrides", place)
        # The comments of a file that is not the author's own are no loss.
        texts[file] = _dumped(document)
        _forget_translations(shape, file, texts)


def _forget_translations(shape: OverrideShape, file: str, texts: dict[str, str]) -> None:
    """A text with other words was not translated: its translations are incomplete until they have it again."""
    folder, name = ("items", shape.item) if shape.item else ("modules", file.split("/")[1])
    for translation in [other for other in texts if re.fullmatch(rf"i18n/[a-z]+/{folder}/{name}\.yaml", other)]:
        document: Any = read_yaml(translation, texts[translation]).data
        told = document.get("texts") if isinstance(document, dict) else None
        if isinstance(told, dict):
            document["texts"] = {way: text for way, text in told.items() if way not in shape.texts}
            texts[translation] = _dumped(document)
            if not document["texts"]:
                del texts[translation]


def _dumped(document: object) -> str:
    return str(yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False))


def _file_of(shape: OverrideShape, texts: Mapping[str, str]) -> tuple[str, tuple[str, ...]] | None:
    """The file and the way in it to what is overridden."""
    if shape.item:
        found = [name for name in texts if name.endswith(f"/{shape.item}.yaml") and name.startswith("items/")]
        return (found[0], ()) if found else None
    if shape.module:
        line = re.compile(rf"^id: *[\"']?{shape.module}\b", re.MULTILINE)
        found = [name for name, text in texts.items() if name.endswith("/module.yaml") and line.search(text)]
        return (found[0], ()) if found else None
    frameworks = [name for name in texts if name.startswith("framework/")]
    return (frameworks[0], ("domains", shape.domain)) if frameworks and shape.domain else None


def put_text(document: Any, way: tuple[str, ...], text: str) -> None:
    """Replace a text in a document of plain values; in lists a step is the `id` of an entry, or its
    0-based place where entries have none.

    Raises:
        LookupError: there is no such place, or what stands there is no text to read.
    """
    *steps, last = way
    here = document
    for step in steps:
        here = _step(here, step)
    if last in STAYS:
        raise LookupError(f"{last} stays what it is")
    if isinstance(here, list) and isinstance(_step(here, last), str):
        here[int(last)] = text
    elif isinstance(here, dict) and isinstance(here.get(last, ""), str):
        here[last] = text
    else:
        raise LookupError("there is no text there")


def _step(here: Any, step: str) -> Any:
    if isinstance(here, list):
        found = [entry for entry in here if isinstance(entry, dict) and entry.get("id") == step]
        if not found:
            found = [entry for place, entry in enumerate(here) if str(place) == step and not _has_id(entry)]
        if found:
            return found[0]
    elif isinstance(here, dict) and step in here:
        return here[step]
    raise LookupError(f"there is no {step}")


def _has_id(entry: Any) -> bool:
    return isinstance(entry, dict) and "id" in entry
