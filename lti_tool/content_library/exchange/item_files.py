"""The text of an item's file, as a person would write it."""

from __future__ import annotations

from typing import Any

import yaml

from lti_tool.content_library.exchange.questions import Fields, plain_number

WIDTH = 110
_LINE_EACH = ("options", "pairs", "files")
"""Lists with an entry a line."""


class _Flow(dict[str, Any]):
    """A mapping on one line."""


class _FlowList(list[Any]):
    """A list on one line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(
    float, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", _decimal(value))
)
_Dumper.add_representer(
    _Flow, lambda dumper, value: dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=True)
)
_Dumper.add_representer(
    _FlowList, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)
)


def _decimal(value: float) -> str:
    text = plain_number(value)
    return text if "." in text else f"{text}.0"


def as_yaml(item: Fields, origin: str) -> str:
    """The file of an item; a comment tells where it came from."""
    shown = {key: _shown(key, value) for key, value in item.items()}
    body = yaml.dump(shown, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH)
    return f"# From {origin}\n{body}"


def _shown(key: str, value: Any) -> Any:
    if key in _LINE_EACH:
        return [_Flow(entry) if _is_short(entry) else entry for entry in value]
    if key == "cloze":
        gaps = [_Flow(gap) if _is_short(gap) else gap for gap in value["gaps"]]
        return value | {"gaps": gaps, "normalise": _FlowList(value["normalise"])}
    if key in ("difficulty", "number", "answer"):
        return _Flow(value) if _is_short(value) else value
    if isinstance(value, list) and _is_short(dict(enumerate(value))):
        return _FlowList(value)
    return value


def _is_short(entry: dict[Any, Any]) -> bool:
    """Whether it fits on a line that a person can read."""
    return (
        "\n" not in "".join(map(str, entry.values()))
        and sum(len(str(part)) for part in entry.values()) < WIDTH - 30
    )
