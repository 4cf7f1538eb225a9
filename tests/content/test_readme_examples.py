"""Every example in content_packages/README.md is one that the tool takes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from lti_tool.content_library import load_package
from lti_tool.content_library.beginning import begin_package
from lti_tool.content_library.format import ItemShape, ModuleShape, PackageShape
from lti_tool.content_library.inspecting import inspect_package
from lti_tool.content_library.reading import read_yaml
from lti_tool.domain.content import INTERACTIONS
from tests.content.test_packages import TODAY

README = Path(__file__).parents[2] / "content_packages" / "README.md"
TAUGHT = re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
EXAMPLES = [data for text in TAUGHT if (data := read_yaml("README.md", text).data) is not None]
ITEM, MODULE = (
    next(example for example in EXAMPLES if example.get("schema") == schema) for schema in ("item/1", "module/1")
)


def title(example: dict[str, Any]) -> str:
    simulation = example.get("simulation", {})
    return " ".join(filter(None, (example.get("type"), simulation.get("kind"), example.get("schema"))))


def whole(example: dict[str, Any], folder: Path) -> tuple[str, dict[str, Any]]:
    """The file in which an example would stand, with what the README leaves out there."""
    if "type" in example or example.get("schema") == "item/1":
        rest = {key: value for key, value in ITEM.items() if key != "options"}
        item = rest | example
        return f"items/{item['domain']}/{item['id']}.yaml", item
    if example.keys() <= {*ModuleShape.model_fields, "schema"}:
        module = MODULE | example
        return f"modules/{module['slug']}/module.yaml", module
    if example.get("schema") == "story/1":
        return f"story/{example['id']}.yaml", example
    if example.keys() == {"credits"}:
        return "CREDITS.yaml", example
    if example.get("schema") == "golden/1":
        return "tests/golden.yaml", example
    if example.get("schema") == "translation/1":
        return f"i18n/en/items/{example['of']}.yaml", example
    assert example.keys() <= PackageShape.model_fields.keys(), "of which file is this example?"
    return "package.yaml", read_yaml("", (folder / "package.yaml").read_text("utf-8")).data | example


def put(file: str, data: dict[str, Any], folder: Path) -> None:
    (folder / file).write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")


def take_out_what_nothing_shows(folder: Path) -> None:
    """Pictures of what an example took the place of."""
    gone = [
        one.file for one in inspect_package(folder, TODAY).problems if one.message == "nothing shows this file"
    ]
    for file in gone:
        (folder / file).unlink()
    table = folder / "media" / "LICENSES.csv"
    rows = table.read_text("utf-8").splitlines(keepends=True)
    table.write_text("".join(row for row in rows if f"media/{row.partition(',')[0]}" not in gone), "utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=title)
def test_an_example_of_the_readme_can_be_used(tmp_path: Path, example: dict[str, Any]) -> None:
    folder = tmp_path / "uit-de-readme"
    begin_package(folder, "uit-de-readme", "Uit de README")
    file, data = whole(example, folder)
    if file.startswith("modules/"):
        (folder / "modules" / "mail-bekijken").rename(folder / "modules" / data["slug"])
        (folder / "i18n" / "en" / "modules" / "mail-bekijken.yaml").unlink()
    if file.startswith("i18n/"):
        put(*whole(ITEM, folder), folder)
    put(file, data, folder)
    take_out_what_nothing_shows(folder)
    package = load_package(folder)
    if "type" in example:
        assert package.item(data["id"]).type == example["type"]


def test_an_example_of_the_readme_teaches_plain_texts(tmp_path: Path) -> None:
    folder = tmp_path / "uit-de-readme"
    begin_package(folder, "uit-de-readme", "Uit de README")
    for number, example in enumerate(EXAMPLES):
        file, data = whole(example, folder)
        if file.startswith("items/"):
            data = data | {"id": f"VEI-INT-{number + 500:04}"}
            put(f"items/veiligheid/{data['id']}.yaml", data, folder)
    found = inspect_package(folder, TODAY)
    assert found.problems == ()
    assert [str(remark) for remark in found.remarks if remark.about == "language"] == []


def test_the_readme_names_every_type_and_shows_those_that_need_showing() -> None:
    text = README.read_text(encoding="utf-8")
    assert [kind for kind in INTERACTIONS if f"`{kind}`" not in text] == []
    shown = [title(example) for example in EXAMPLES]
    simulations = ("mailbox", "share_dialog", "login_prompt", "search_results")
    needed = ["hotspot", "numeric", "cloze", "file_sort", *(f"simulation {kind}" for kind in simulations)]
    assert [one for one in needed if one not in shown] == []


def test_the_readme_shows_no_key_that_the_format_does_not_have() -> None:
    assert ItemShape.model_validate(ITEM)
    assert ModuleShape.model_validate(MODULE)
