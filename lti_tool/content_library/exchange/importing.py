"""Adds the questions of a file to a package: all of them or none, and never over a file that is there."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lti_tool.content_library.checks.items import EXPLAINED, check_parts
from lti_tool.content_library.checks.todo import OPTION_FEEDBACK, WHY, unfinished
from lti_tool.content_library.composing import read_composed
from lti_tool.content_library.exchange.answers import LETTERS
from lti_tool.content_library.exchange.formats import FORMATS, format_of
from lti_tool.content_library.exchange.item_files import as_yaml
from lti_tool.content_library.exchange.questions import (
    LARGEST_FILE_BYTES,
    Fields,
    FileRefused,
    Found,
    Loss,
    NotTaken,
    in_short,
)
from lti_tool.content_library.exchange.texts import NOT_YET, RIGHT
from lti_tool.content_library.format import FrameworkShape, PackageShape
from lti_tool.content_library.parsed import MANIFEST, Parsed, parse
from lti_tool.content_library.reading import Files

FIRST_PRACTICE = 100
AFTER_PRACTICE = 1000
LAST = 9999
"""Practice items are numbered from 0100; test items before it, and from 1000 when those are used up."""

_PREFIX = re.compile(r"[A-Z]{3}-[A-Z]{3}")


@dataclass(frozen=True)
class Wishes:
    """What the questions get that say nothing of it themselves."""

    domain: str | None = None
    subskill: str | None = None
    pool: str = "assessment"
    prefix: str | None = None
    b: float = 0.0


@dataclass(frozen=True)
class Import:
    """New files for a package, and what the file held beside them."""

    texts: Mapping[str, str]
    """Path inside the package to the text of an item."""
    origins: Mapping[str, str]
    """Path to where the question stood."""
    questions: int
    """How many the file had."""
    lost: tuple[Loss, ...]
    to_mend: tuple[str, ...]
    """What `content check` will say of the new items, beside the placeholders."""
    placeholders: int


def read_import(file: Path, folder: Path, wishes: Wishes) -> Import:
    """What would be added; nothing is written.

    Raises:
        FileRefused: the file cannot be read, or what was wished does not exist in the package.
        ContentBroken: the package cannot be read.
    """
    known = format_of(file.name)
    if known is None:
        endings = ", ".join(ending for form in FORMATS.values() for ending in form.endings)
        raise FileRefused(f"{file.name}: the name ends in none of {endings}")
    reading = known.read(_content(file))
    parsed, problems = parse(read_composed(folder))
    if parsed.package is None or parsed.framework is None:
        raise problems.broken()
    numbers = _Numbers(parsed)
    completing = _Completing(parsed.package.shape, parsed.framework.shape, numbers, wishes)
    texts: dict[str, str] = {}
    origins = {}
    lost = list(reading.lost)
    for found in reading.found:
        made = _made(found, completing, file.name)
        if made is not None:
            path, text = made
            texts[path], origins[path] = text, found.place
        lost.extend(found.losses())
    new, _ = parse(Files(texts, {}))
    return Import(
        texts=texts,
        origins=origins,
        questions=len(reading.found),
        lost=tuple(lost),
        to_mend=tuple(str(problem) for entry in new.items for problem in check_parts(entry, new.has)),
        placeholders=len(list(unfinished(new))),
    )


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE_BYTES + 1)
    except OSError as err:
        raise FileRefused(f"{file.name}: cannot be read: {err.strerror}") from None
    if len(content) > LARGEST_FILE_BYTES:
        raise FileRefused(f"{file.name}: larger than {LARGEST_FILE_BYTES // 1024**2} MB")
    return content


def _made(found: Found, completing: _Completing, file_name: str) -> tuple[str, str] | None:
    """Path and text of the new item; None when it does not fit in the format, and then it is told why."""
    if found.fields is None:
        return None
    try:
        item = completing.item(found.fields)
    except NotTaken as reason:
        found.lost.append(f"not taken over: {reason}")
        return None
    path = f"items/{item['domain']}/{item['id']}.yaml"
    text = as_yaml(item, f'{in_short(file_name)}, {found.place}, "{found.name}"')
    _, problems = parse(Files({path: text}, {}))
    said = [problem.message for problem in problems if problem.file != MANIFEST]
    if said:
        found.lost.append(f"not taken over: {'; '.join(said)}")
        return None
    completing.numbers.take(item["id"])
    return path, text


class _Numbers:
    """Which ids are taken, in the package and by what was read before."""

    def __init__(self, parsed: Parsed) -> None:
        self._taken = {
            prefix: {int(item[8:]) for item in parsed.item_ids if item[:7] == prefix and item[8:].isdigit()}
            for prefix in {item[:7] for item in parsed.item_ids}
        }

    def is_taken(self, item_id: str) -> bool:
        return int(item_id[8:]) in self._taken.get(item_id[:7], set())

    def take(self, item_id: str) -> None:
        self._taken.setdefault(item_id[:7], set()).add(int(item_id[8:]))

    def next(self, prefix: str, pool: str) -> str:
        """One higher than the highest: an id that was once used stays that item's for ever."""
        taken = self._taken.get(prefix, set())
        ranges = [(1, FIRST_PRACTICE), (AFTER_PRACTICE, LAST + 1)]
        if pool == "practice":
            ranges = [(FIRST_PRACTICE, AFTER_PRACTICE)]
        for first, end in ranges:
            number = max((one for one in taken if first <= one < end), default=first - 1) + 1
            if number < end:
                return f"{prefix}-{number:04d}"
        raise NotTaken(f"{prefix} has no number left for the pool {pool}")


@dataclass(frozen=True)
class _Completing:
    """Adds to what a file tells what an item must have."""

    package: PackageShape
    framework: FrameworkShape
    numbers: _Numbers
    wishes: Wishes

    def __post_init__(self) -> None:
        wishes = self.wishes
        if wishes.prefix and not _PREFIX.fullmatch(wishes.prefix):
            raise FileRefused(f"the prefix {wishes.prefix} is not like VEI-INT")
        if wishes.domain and wishes.domain not in self.framework.domains:
            raise FileRefused(f"the framework has no domain {wishes.domain}: {', '.join(self.framework.domains)}")
        if wishes.subskill:
            offered = self.framework.domains[wishes.domain].subskills if wishes.domain else {}
            if wishes.subskill not in offered:
                raise FileRefused(
                    f"{wishes.domain or 'no domain'} has no sub-skill {wishes.subskill}: {', '.join(offered)}"
                )

    def item(self, fields: Fields) -> Fields:
        """The item, in the order of the format. Raises NotTaken."""
        domain, subskill = self._skill(fields)
        skill = self.framework.domains[domain].subskills[subskill]
        pool = fields.get("pool", self.wishes.pool)
        scored = fields.get("scored", skill.scored and fields["type"] != "declarative")
        told = {"right": RIGHT, "not_yet": NOT_YET, "why": WHY} | fields.get("feedback", {})
        feedback = {key: told[key] for key in ("right", "not_yet", "why", "tip_at_work") if key in told}
        item: dict[str, Any] = {
            "schema": "item/1",
            "id": self._id(fields, domain, subskill, pool),
            "version": fields.get("version", 1),
            "status": "concept",
            "pool": pool,
            "domain": domain,
            "subskill": subskill,
            "digcomp": fields.get("digcomp", list(skill.digcomp)),
            "type": fields["type"],
            "scored": scored,
            "difficulty": _in_order(fields.get("difficulty", {"b": self.wishes.b, "source": "estimate"})),
        }
        item |= {key: fields[key] for key in ("context", "stem") if key in fields}
        item |= {} if fields.get("shuffle", True) else {"shuffle": False}
        if "options" in fields:
            item["options"] = self._options(fields)
        parts = ("pairs", "answer", "number", "cloze", "folders", "files")
        item |= {key: fields[key] for key in parts if key in fields}
        item["feedback"] = feedback
        item |= {
            key: fields[key]
            for key in ("requires", "enemies", "modules", "sources", "review_before")
            if key in fields
        }
        item["licence"] = fields.get("licence", self.package.licence)
        item["authors"] = fields.get("authors", [self.package.publisher.name])
        return item

    def _skill(self, fields: Fields) -> tuple[str, str]:
        domain, subskill = fields.get("domain", self.wishes.domain), fields.get("subskill", self.wishes.subskill)
        if domain is None or subskill is None:
            raise NotTaken("no domain and sub-skill; give --domain and --subskill")
        if domain not in self.framework.domains or subskill not in self.framework.domains[domain].subskills:
            raise NotTaken(f"the framework has no sub-skill {in_short(subskill)} in {in_short(domain)}")
        return domain, subskill

    def _id(self, fields: Fields, domain: str, subskill: str, pool: str) -> str:
        given = fields.get("id")
        if given is None:
            prefix = self.wishes.prefix or self._prefix(domain, subskill)
            return self.numbers.next(prefix, pool)
        if self.numbers.is_taken(given):
            raise NotTaken(f"the package has an item {given}, and an import changes no item")
        return str(given)

    def _prefix(self, domain: str, subskill: str) -> str:
        letters = re.sub(r"[^A-Z]", "", domain.upper())[:3].ljust(3, "X")
        return f"{letters}-{subskill.partition('.')[2].upper()[:3].ljust(3, 'X')}"

    def _options(self, fields: Fields) -> list[Fields]:
        if len(fields["options"]) > len(LETTERS):
            raise NotTaken(f"{len(fields['options'])} options; there are letters for {len(LETTERS)}")
        unexplained = {"feedback": OPTION_FEEDBACK} if fields["type"] in EXPLAINED else {}
        return [
            {"id": letter}
            | {key: option[key] for key in ("text", "correct") if key in option}
            | ({"feedback": option["feedback"]} if "feedback" in option else unexplained)
            for letter, option in zip(LETTERS, fields["options"], strict=False)
        ]


def _in_order(difficulty: Fields) -> Fields:
    return {key: difficulty[key] for key in ("b", "prior_sd", "source", "raters") if key in difficulty}


def carry_out(planned: Import, folder: Path) -> None:
    """Write the new items: first beside their places, then each at once into its own.

    Raises:
        FileRefused: somebody else made one of the files meanwhile, or the folder cannot be written; nothing of the
            import stays.
    """
    placed: list[Path] = []
    made: list[Path] = []
    aside: Path | None = None
    try:
        aside = Path(tempfile.mkdtemp(prefix=".import-", dir=folder))
        for number, (name, text) in enumerate(planned.texts.items()):
            (aside / str(number)).write_text(text, encoding="utf-8")
            target = (folder / name).parent
            if not target.is_dir():
                target.mkdir(parents=True)
                made.append(target)
        for number, name in enumerate(planned.texts):
            # A link, unlike a rename, never takes the place of a file that is there.
            os.link(aside / str(number), folder / name)
            placed.append(folder / name)
    except BaseException as err:
        for path in placed:
            path.unlink(missing_ok=True)
        for path in reversed(made):
            path.rmdir()
        if isinstance(err, FileExistsError):
            raise FileRefused(f"{err.filename2 or err.filename} was made meanwhile; nothing was added") from None
        if isinstance(err, OSError):
            raise FileRefused(f"{folder}: cannot be written: {err.strerror}; nothing was added") from None
        raise
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
