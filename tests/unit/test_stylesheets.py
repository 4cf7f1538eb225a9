"""Vendored files are what their makers published; generated files are current; colours keep their contrast."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from lti_tool.web.themes import BRANDS, PIECES, STATIC, STEPS, components, contrast, ramp, theme, write

BROWSER = Path(__file__).parent.parent / "browser"
OPEN_LICENCES = {"EUPL-1.2", "OFL-1.1", "MPL-2.0"}


@pytest.mark.parametrize("folder", [STATIC / "vendor", BROWSER / "vendor"])
def test_every_vendored_file_is_in_the_manifest_and_unchanged(folder: Path) -> None:
    packages = json.loads((folder / "MANIFEST.json").read_text())["packages"]
    hashes = {name: digest for package in packages for name, digest in package["files"].items()}
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there == {*hashes, "MANIFEST.json"}
    for name, digest in hashes.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    for package in packages:
        assert package["licence"] in OPEN_LICENCES
        assert package["integrity"].startswith("sha512-")
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])


def test_the_components_file_is_made_of_all_vendored_pieces() -> None:
    assert (STATIC / "components.css").read_text() == components()
    assert {f"{piece}.css" for piece in PIECES} == {p.name for p in (STATIC / "vendor/utrecht").glob("*.css")}


@pytest.mark.parametrize("name", BRANDS)
def test_each_theme_file_is_current(name: str) -> None:
    assert (STATIC / "themes" / f"{name}.css").read_text() == theme(name, BRANDS[name])


def base_palette() -> dict[int, str]:
    text = (STATIC / "vendor/voorbeeld/theme.css").read_text()
    found = re.findall(r"--voorbeeld-kleuren-violet-(\d+):\s*(#[0-9a-fA-F]{6})", text)
    return {int(step): colour for step, colour in found}


@pytest.mark.parametrize("brand", ["#0f6470", "#b00020", "#ffcc00", "#123456", "#888888", "#00ff00"])
def test_a_theme_from_any_brand_colour_keeps_the_contrast_of_the_base(brand: str) -> None:
    base = base_palette()
    shades = ramp(brand, base)
    assert set(shades) == set(STEPS)
    for step in STEPS:
        assert contrast(shades[step], "#ffffff") == pytest.approx(contrast(base[step], "#ffffff"), rel=0.05)


@pytest.mark.parametrize("brand", [None, *BRANDS.values()])
def test_text_and_edges_of_charts_stand_out_enough(brand: str | None) -> None:
    palette = ramp(brand, base_palette()) if brand else base_palette()
    white = "#ffffff"
    assert contrast(palette[500], white) >= 4.5, "buttons and links"
    assert contrast(palette[600], white) >= 4.5
    assert contrast(palette[600], palette[200]) >= 3, "edge of the lightest cell"
    assert contrast(palette[400], white) >= 3, "the middle cell and the range line"
    assert contrast(palette[200], palette[400]) >= 3
    assert contrast(palette[500], palette[50]) >= 4.5, "text on a chosen answer"


def test_our_own_stylesheet_has_no_red_and_loads_nothing_from_elsewhere() -> None:
    css = re.sub(r"/\*.*?\*/", "", (STATIC / "app.css").read_text(), flags=re.DOTALL)
    assert not re.search(r"rood|red\b|negative|https?:|@import|!important|animation|transition", css)
    for address in re.findall(r"url\(([^)]+)\)", css):
        assert (STATIC / address).is_file(), address


def test_writing_the_stylesheets_again_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path)
    for name in ("components.css", *(f"themes/{name}.css" for name in BRANDS)):
        assert (tmp_path / name).read_text() == (STATIC / name).read_text()
