"""What `digivaardig content` prints: tables and lines for people, and JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Sized
from typing import Any

from lti_tool.cli.context import in_columns
from lti_tool.content_library.comparing import Comparison, FieldChange
from lti_tool.content_library.problems import printable

LONGEST_SHOWN = 80
"""Characters of a text in a list of changes; --json has all of it."""
SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def printable_lines(text: str) -> str:
    """The same lines, without what a terminal would obey."""
    return "\n".join(map(printable, text.split("\n")))


def counted(things: Sized, word: str) -> str:
    """How many: "no problems", "1 problem", "2 problems"."""
    return f"{len(things) or 'no'} {word}{'' if len(things) == 1 else 's'}"


def in_json(value: object) -> str:
    """Indented; a name that is no Unicode text becomes one."""
    return json.dumps(value, indent=2, ensure_ascii=False).encode(errors="replace").decode()


def comparison_in_words(found: Comparison) -> Iterator[str]:
    """What a reviewer reads."""
    yield from (f"{found.old} → {found.new}", "")
    for change in found.changes:
        yield f"{SIGNS[change.what]} {' '.join(filter(None, (change.kind, change.id)))}  {_short(change.name)}"
        yield from (f"    {_in_words(field)}" for field in change.fields)
    counts = Counter(change.what for change in found.changes)
    yield ", ".join(f"{counts[what]} {what}" for what in SIGNS)
    if found.problems:
        yield ""
        yield from map(str, found.problems)
        yield counted(found.problems, "problem")


def _in_words(field: FieldChange) -> str:
    return f"{field.field}: {_value(field.old)} → {_value(field.new)}"


def _value(value: object) -> str:
    if value is None:
        return "nothing"
    return _short(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1]}…"


def statistics_in_words(found: Mapping[str, Any]) -> Iterator[str]:
    """The statistics of `content_library.statistics` for people."""
    items, modules, shares = found["items"], found["modules"], found["shares"]
    yield f"{found['release']}: {items['total']} items, {items['asked']} of them asked in an assessment"
    yield f"{items['simulations']} simulations, {items['file_tasks']} with a file to open"
    for key in ("level", "type", "status", "pool"):
        columns = found["levels"] if key == "level" else sorted({group[key] for group in items["groups"]})
        yield from ("", _table(items["groups"], found["domains"], key, columns))
    yield from ("", _rows(found["subskills"], ("domain", "subskill", "items", "asked")))
    yield from ("", f"{modules['total']} modules, {modules['minutes']} minutes")
    if modules["groups"]:
        yield _rows(modules["groups"], ("domain", "level", "modules", "minutes"))
    yield ""
    yield f"With sources          {_percent(shares['with_sources'])} of items"
    yield f"With a review date    {_percent(shares['with_review_date'])} of items"
    yield f"With a module         {_percent(shares['with_modules'])} of items"
    yield f"Answered blind        {_percent(shares['answered_blind'])} of items"
    yield f"Not one choice        {_percent(shares['not_one_choice'])} of items"
    yield f"Key is longest        {_percent(shares['key_longest'])} of {shares['choice_items']} choice items"
    yield f"Place of the key      {_positions(found['key_position'])}"
    for kind, ease in found["reading_ease"].items():
        yield f"{f'Reading ease, {kind}':22}{_ease(ease)}"
    yield f"DigComp 2.2           {_listed(found['digcomp']['items'])}"
    yield f"  in modules          {_listed(found['digcomp']['modules'])}"
    yield f"  missing             {', '.join(found['digcomp']['missing']) or 'nothing'}"
    for variable in found["variables"]:
        kind = "required" if variable["required"] else "optional"
        yield f"Variable              {variable['name']} ({kind}{'' if variable['used'] else ', not used'})"
    yield f"Languages             {', '.join(found['languages'])}"
    for told in found["translations"]:
        waiting = f", {told['waiting']} waiting" if told["waiting"] else ""
        yield f"  in {told['language']:17}{told['items']} items, {told['modules']} modules{waiting}"
    yield f"Licences              {_listed(found['licences'])}"


def _table(groups: Sequence[Mapping[str, Any]], domains: Sequence[str], key: str, columns: Sequence[str]) -> str:
    """How many items each domain has with each value of a key, and all of them together."""
    sums: Counter[tuple[str, str]] = Counter()
    for group in groups:
        sums[group["domain"], group[key]] += group["items"]
    body = [[domain, *(str(sums[domain, column]) for column in columns)] for domain in domains]
    totals = ["all", *(str(sum(sums[domain, column] for domain in domains)) for column in columns)]
    return in_columns([[key, *columns], *body, totals])


def _rows(groups: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> str:
    return in_columns([keys, *([str(group[key]) for key in keys] for group in groups)])


def _positions(found: Mapping[str, Any]) -> str:
    told = ", ".join(f"{place}: {count}" for place, count in enumerate(found["counts"], start=1)) or "nothing"
    return told if found["p"] is None else f"{told}; p = {found['p']}"


def _ease(found: Mapping[str, Any]) -> str:
    if not found["texts"]:
        return "no text is long enough"
    told = f"mean {found['mean']}, median {found['median']} of {found['texts']} texts"
    return f"{told}, lowest {found['lowest']} ({found['lowest_of']})"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in counts.items()) or "nothing"
