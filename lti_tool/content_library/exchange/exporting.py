"""Writes the questions of a package as a file for another program, with the words of a municipality filled in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lti_tool.content_library.checks.items import check_parts
from lti_tool.content_library.exchange.formats import Format
from lti_tool.content_library.exchange.questions import Fields, FileRefused, Loss, Writing, cleaned
from lti_tool.content_library.parsed import Parsed, parse
from lti_tool.content_library.reading import read_files
from lti_tool.content_library.rendering import fill, variables_in


def write_export(folder: Path, form: Format, pool: str | None, given: Mapping[str, str] | None = None) -> Writing:
    """The file, and what it does not hold.

    Args:
        folder: the package.
        form: one that has a writer.
        pool: only the items of this pool.
        given: values for variables; the package's own examples stand for the others. None leaves the variables in
            a format that keeps them.

    Raises:
        ContentBroken: the package has problems with which its items cannot be read.
        FileRefused: there is nothing to write, or a variable that the package does not declare.
    """
    files = read_files(folder)
    parsed, problems = parse(files)
    problems.add(files.refused)
    problems.add(problem for entry in parsed.items for problem in check_parts(entry, parsed.has))
    if problems or parsed.package is None:
        raise problems.broken()
    values = None if given is None and form.keeps_variables else _values(parsed, given or {})
    items = [
        entry.shape.model_dump(by_alias=True, exclude_none=True)
        for entry in parsed.items
        if pool in (None, entry.shape.pool)
    ]
    if form.write is None or not items:
        raise FileRefused(f"{folder.name}: no items to write")
    said: list[Loss] = []
    filled = [_filled(item, values, said) for item in items]
    made = form.write(filled, parsed.media)
    return Writing(made.content, made.written, (*said, *made.lost))


def _values(parsed: Parsed, given: Mapping[str, str]) -> dict[str, str]:
    declared = parsed.package.shape.variables if parsed.package else {}
    for name in given:
        if name not in declared:
            raise FileRefused(f"the package declares no variable {name}: {', '.join(declared)}")
    return {name: given.get(name) or shape.example for name, shape in declared.items()}


def _filled(item: Fields, values: Mapping[str, str] | None, said: list[Loss]) -> Fields:
    """The item without variables and control characters."""

    def words(text: str) -> str:
        if values is not None:
            for name in sorted(variables_in(text) - set(values)):
                raise FileRefused(f"{item['id']}: package.yaml does not declare the variable {name}")
            text = fill(text, values)
        clean = cleaned(text)
        if clean != text.strip():
            said.append(Loss(item["id"], "", "control characters"))
        return clean

    def everywhere(value: Any) -> Any:
        if isinstance(value, str):
            return words(value)
        if isinstance(value, dict):
            return {key: everywhere(part) for key, part in value.items()}
        return [everywhere(part) for part in value] if isinstance(value, list) else value

    return {key: everywhere(part) for key, part in item.items()}
