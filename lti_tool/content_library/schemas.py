"""The JSON Schemas of the format (draft 2020-12), for editors that help authors while they type."""

from __future__ import annotations

import json
from pathlib import Path

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

_MODELS: dict[str, type[Shape]] = {
    "item": ItemShape,
    "module": ModuleShape,
    "framework": FrameworkShape,
    "package": PackageShape,
    "story": StoryShape,
    "credits": CreditsShape,
    "translation": TranslationShape,
    "golden": GoldenShape,
}


def schemas() -> dict[str, str]:
    """File name to text of each schema."""
    made = {}
    for name, model in _MODELS.items():
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:digivaardig:schema:{name}:1",
        }
        text = json.dumps(schema | model.model_json_schema(), indent=2, ensure_ascii=False)
        made[f"{name}.schema.json"] = text + "\n"
    return made


def write_schemas(folder: Path) -> None:
    """Write each schema into a folder that exists."""
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
