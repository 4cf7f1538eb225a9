"""What changed between two releases of a package, and what may not change between releases (content.md, C.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lti_tool.content_library.changed_keys import key_changed
from lti_tool.content_library.format import FrameworkShape, ItemShape, ModuleShape, PackageShape, Shape
from lti_tool.content_library.parsed import Entry, Parsed, parse
from lti_tool.content_library.problems import ContentBroken, Problem
from lti_tool.content_library.reading import Files, fingerprint, read_files

FOR_MAKERS = (
    *("version", "status", "difficulty", "digcomp", "subskill", "subskills", "modules", "enemies", "requires"),
    *("sources", "review_before", "licence", "authors"),
)
"""Keys whose change a learner does not read: no higher version is needed."""


@dataclass(frozen=True)
class Release:
    """A package whose files have their right shape; that they agree is for `content check`."""

    parsed: Parsed
    files: Files
    package: Entry[PackageShape]
    framework: Entry[FrameworkShape]
    sha256: str

    @property
    def items(self) -> Mapping[str, Entry[ItemShape]]:
        return {entry.shape.id: entry for entry in self.parsed.items}

    @property
    def modules(self) -> Mapping[str, Entry[ModuleShape]]:
        return {entry.shape.id: entry for entry in self.parsed.modules}


@dataclass(frozen=True)
class FieldChange:
    """One value that is another now; None where there was or is none."""

    field: str
    """The way to it: options.a.text."""
    old: Any
    new: Any


@dataclass(frozen=True)
class DocumentChange:
    """What changed in an item, a module, the framework or package.yaml."""

    id: str
    kind: str
    """item, module, framework or package."""
    what: str
    """added, removed or changed."""
    name: str
    """The stem or the title."""
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Everything a reviewer of the new release wants to know."""

    old: str
    """id@version+digits"""
    new: str
    changes: tuple[DocumentChange, ...]
    problems: tuple[Problem, ...]
    """With places in the new release; in the old one for what is not there any more."""


def read_release(folder: Path) -> Release:
    """Raises ContentBroken when a file cannot be read."""
    files = read_files(folder)
    parsed, problems = parse(files)
    problems.add(files.refused)
    if problems or parsed.package is None or parsed.framework is None:
        raise ContentBroken([Problem(f"{folder.name}/{one.file}", one.line, one.message) for one in problems])
    return Release(parsed, files, parsed.package, parsed.framework, fingerprint(files))


def compare(old: Release, new: Release) -> Comparison:
    """Changes in order of id, and every rule that they break."""
    changes = [
        *_changes("item", _told(old.items, old), _told(new.items, new)),
        *_changes("module", _told(old.modules, old), _told(new.modules, new)),
        *_changes("framework", {"": _plain(old.framework.shape)}, {"": _plain(new.framework.shape)}),
        *_changes("package", {"": _plain(old.package.shape)}, {"": _plain(new.package.shape)}),
    ]
    problems = [*_package(old, new), *_items(old, new, changes), *_documents(old, new, changes)]
    return Comparison(_name(old), _name(new), tuple(changes), tuple(sorted(set(problems))))


def _name(release: Release) -> str:
    manifest = release.package.shape
    return f"{manifest.id}@{manifest.version}+{release.sha256[:12]}"


def _plain(shape: Shape) -> dict[str, Any]:
    """Keys and single values, without what is not filled in."""
    return dict(_leaves(shape.model_dump(by_alias=True, exclude_defaults=True)))


def _leaves(value: Any, way: str = "") -> Iterator[tuple[str, Any]]:
    """A list is known by the ids in it, so that a new entry does not change those behind it."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _leaves(part, f"{way}.{key}" if way else str(key))
    elif isinstance(value, list) and value and all(isinstance(part, Mapping) for part in value):
        for number, part in enumerate(value):
            yield from _leaves(part, f"{way}.{part.get('id', number)}")
        if all("id" in part for part in value):
            yield f"{way} in order", ", ".join(str(part["id"]) for part in value)
    else:
        yield way, value


def _told(
    entries: Mapping[str, Entry[ItemShape]] | Mapping[str, Entry[ModuleShape]], release: Release
) -> dict[str, dict[str, Any]]:
    """Each document with the pages and media that belong to it."""
    return {name: _plain(entry.shape) | _files(entry, release) for name, entry in entries.items()}


def _files(entry: Entry[ItemShape] | Entry[ModuleShape], release: Release) -> dict[str, Any]:
    if isinstance(entry.shape, ModuleShape):
        beside = entry.file.removesuffix("module.yaml")
        texts = release.files.texts
        pages = {file: text for file, text in texts.items() if file.startswith(beside) and file.endswith(".md")}
        return {f"page {file.removeprefix(beside)}": text for file, text in pages.items()}
    shown = [attached.file for attached in entry.shape.attachments]
    shown += [entry.shape.picture.file] if entry.shape.picture else []
    media = release.files.media
    return {file: f"SHA-256 {media[file].sha256[:12]}" for file in shown if file in media}


def _changes(
    kind: str, old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> Iterator[DocumentChange]:
    for name in sorted({*old, *new}):
        if name not in old:
            yield DocumentChange(name, kind, "added", _called(new[name]))
        elif name not in new:
            yield DocumentChange(name, kind, "removed", _called(old[name]))
        elif old[name] != new[name]:
            fields = [*old[name], *(field for field in new[name] if field not in old[name])]
            pairs = [FieldChange(field, old[name].get(field), new[name].get(field)) for field in fields]
            differ = tuple(pair for pair in pairs if pair.old != pair.new)
            yield DocumentChange(name, kind, "changed", _called(new[name]), differ)


def _called(told: Mapping[str, Any]) -> str:
    return str(told.get("stem") or told.get("title") or told.get("id"))


def _package(old: Release, new: Release) -> Iterator[Problem]:
    before, after = old.package.shape, new.package.shape
    if before.id != after.id:
        yield new.package.problem(f"this is another package: the old one is {before.id}", "id")
        return
    if before.version == after.version and old.sha256 != new.sha256:
        yield new.package.problem(
            f"files differ and the version is {after.version} in both: a release never changes, raise the version",
            "version",
        )
    if _numbers(after.version) < _numbers(before.version):
        yield new.package.problem(f"{after.version} is lower than {before.version}, the old version", "version")


def _items(old: Release, new: Release, changes: Sequence[DocumentChange]) -> Iterator[Problem]:
    for change in changes:
        if change.kind != "item" or change.what == "added":
            continue
        before = old.items[change.id]
        if change.what == "removed":
            if before.shape.status != "retired":
                message = f"{change.id} is gone: give it the status retired first, in a release before this one"
                yield Problem(before.file, 0, message)
            continue
        after = new.items[change.id]
        if before.shape.status == "retired" != after.shape.status:
            yield after.problem(f"{change.id} was retired: a question that comes back has a new id", "status")
        for key in ("type", "domain"):
            was, now = getattr(before.shape, key), getattr(after.shape, key)
            if was != now:
                yield after.problem(f"the {key} was {was}: another {key} needs a new id", key)
        if before.shape.type == after.shape.type and key_changed(before.shape, after.shape):
            yield after.problem("another answer is right than before: another key needs a new id")


def _documents(old: Release, new: Release, changes: Sequence[DocumentChange]) -> Iterator[Problem]:
    """Versions that stayed behind what changed, or went back."""
    for change in changes:
        if change.what != "changed" or change.kind == "package":
            continue
        before, after = _both(old, new, change)
        was, now = before.shape.version, after.shape.version
        fields = [field.field for field in change.fields if field.field.partition(".")[0] not in FOR_MAKERS]
        if _numbers(now) < _numbers(was):
            yield after.problem(f"version {now} is lower than {was}, the old one", "version")
        elif now == was and fields:
            more = f" and {len(fields) - 3} more" if len(fields) > 3 else ""
            yield after.problem(
                f"{', '.join(fields[:3])}{more} changed and the version is {now} in both: raise it", "version"
            )


def _both(old: Release, new: Release, change: DocumentChange) -> tuple[Entry[Any], Entry[Any]]:
    if change.kind == "item":
        return old.items[change.id], new.items[change.id]
    if change.kind == "module":
        return old.modules[change.id], new.modules[change.id]
    return old.framework, new.framework


def _numbers(version: str | int) -> tuple[int, ...]:
    """1.10.0 comes after 1.9.0."""
    return tuple(int(part) for part in str(version).split("."))
