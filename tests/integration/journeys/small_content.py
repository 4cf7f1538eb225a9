"""A content package of four domains that is over in four answers, so that many people can take it quickly."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from tests.packages import FRAMEWORK, MANIFEST, MODULE, PAGE, Tree, single_choice, write_package

SKILLS = {
    "operationeel": ("OPE-SOF", "ope.software", "M-OPE-001"),
    "informatie": ("INF-ZOE", "inf.zoeken", "M-INF-001"),
    "strategisch": ("STR-CLO", "str.cloud", "M-STR-001"),
    "veiligheid": ("VEI-INT", "vei.internet", "M-VEI-001"),
}
DIFFICULTIES = (-1.5, -0.9, -0.2, 0.4)
"""Of the items of each domain, numbered 0011, 0012, …"""

LABELS = {"basis": "je leert de basis", "zelfstandig": "je redt jezelf", "gevorderd": "je kunt anderen helpen"}


def write_small_content(folder: Path) -> Path:
    """Four domains of four items and one training each; an assessment asks one item of each domain."""
    return write_package(folder, _widen)


def _widen(tree: Tree) -> None:
    module, manifest = tree[MODULE], tree[MANIFEST]
    for file in [file for file in tree if file.startswith(("items/", "modules/"))]:
        if file != PAGE:
            del tree[file]
    page = tree.pop(PAGE)
    manifest["assessment"] |= {"easy_first": 1, "max_items_per_domain": 1, "max_items": 4}
    manifest |= {"practice_question": "VEI-INT-0100", "start_module": "M-OPE-001"}
    tree[FRAMEWORK]["levels"] = [
        {"id": "basis", "label": {"nl": LABELS["basis"], "en": "you are learning the basics"}},
        {"id": "zelfstandig", "label": {"nl": LABELS["zelfstandig"]}, "above": -0.5},
        {"id": "gevorderd", "label": {"nl": LABELS["gevorderd"]}, "above": 0.8},
    ]
    tree[FRAMEWORK]["domains"] = {domain: _domain(domain) for domain in SKILLS}
    tree["items/veiligheid/VEI-INT-0100.yaml"] = single_choice("VEI-INT-0100", pool="practice")
    for domain, (prefix, subskill, module_id) in SKILLS.items():
        for number, b in enumerate(DIFFICULTIES, start=11):
            item_id = f"{prefix}-{number:04}"
            tree[f"items/{domain}/{item_id}.yaml"] = single_choice(
                item_id, domain=domain, subskill=subskill, difficulty={"b": b, "source": "estimate"}
            )
        slug = f"training-{domain}"
        tree[f"modules/{slug}/module.yaml"] = _training(module, slug, domain, subskill, module_id)
        tree[f"modules/{slug}/uitleg.nl.md"] = page


def _domain(domain: str) -> dict[str, Any]:
    _, subskill, _ = SKILLS[domain]
    skill = {
        "label": {"nl": f"Deel van {domain}"},
        "digcomp": ["4.1"],
        "scored": True,
        "grow": {"nl": f"Groei in {domain}.", "en": f"Grow in {domain}."},
    }
    return {
        "label": {"nl": f"Domein {domain}", "en": f"Domain {domain}"},
        "can_do": {level: {"nl": f"{domain}: {label}."} for level, label in LABELS.items()},
        "subskills": {subskill: skill},
    }


def _training(module: dict[str, Any], slug: str, domain: str, subskill: str, module_id: str) -> dict[str, Any]:
    level = "start" if domain == "operationeel" else "basis"
    return deepcopy(module) | {
        "id": module_id,
        "slug": slug,
        "title": f"Hoe gaat dat met {domain}?",
        "domain": domain,
        "subskills": [subskill],
        "level": level,
    }
