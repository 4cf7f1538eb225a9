"""The two municipalities as an administrator would describe them to the tool: one file each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from lti_tool.demo.people import TEAMS

VOORBEELDSTAD, KLEINDORP = "voorbeeldstad", "kleindorp"
IDS = {"Gemeente Voorbeeldstad": VOORBEELDSTAD, "Gemeente Kleindorp": KLEINDORP}
GOALS = {
    VOORBEELDSTAD: (
        "We werken steeds meer digitaal. We willen dat iedereen daar prettig in meekomt. "
        "Daarom kun je hier ontdekken wat je al kunt, en wat je nog wilt leren."
    ),
    KLEINDORP: (
        "In een kleine gemeente doet iedereen van alles, ook digitaal. "
        "Hier zie je wat je al kunt en krijg je een tip die bij je past."
    ),
}


def write_files(folder: Path, registrations: list[dict[str, Any]], today: date) -> list[Path]:
    """One YAML file for each registration that the portal gave; returns their paths."""
    paths = []
    for registration in registrations:
        tenant_id = IDS[registration["municipality"]]
        path = folder / f"{tenant_id}.yaml"
        described = _describe(tenant_id, registration, today)
        path.write_text(yaml.safe_dump(described, allow_unicode=True, sort_keys=False), "utf-8")
        paths.append(path)
    return paths


def _describe(tenant_id: str, registration: Mapping[str, Any], today: date) -> dict[str, Any]:
    name = registration["municipality"]
    domain = f"{tenant_id}.example"
    return {
        "id": tenant_id,
        "name": name,
        "contacts": {
            "helpers": f"digihelden@{domain}, of bel 1234",
            "conversation": f"Bel 1234 of mail digihelden@{domain}. Je kiest zelf wanneer.",
            "privacy": f"Vraag het de functionaris gegevensbescherming: fg@{domain}.",
            "incident": "het meldpunt, telefoon 5555",
        },
        "portal_marks_seen_by": "de docent en de beheerder van de cursus",
        "works_council": {"consent_on": today.isoformat(), "document": "Voorbeeldbesluit OR (verzonnen)"},
        "no_consequences_confirmed_by": "de gemeentesecretaris (verzonnen)",
        "roster": tenant_id == VOORBEELDSTAD,
        "teams": [team for team, _ in TEAMS] if tenant_id == VOORBEELDSTAD else [],
        "portals": [
            {
                "id": "leerportaal",
                "name": f"Leerportaal {name}",
                **{key: value for key, value in registration.items() if key != "municipality"},
            }
        ],
        "campaign": {
            "name": "Digivaardig op je werk",
            "goal": GOALS[tenant_id],
            "purpose": "organisation",
            "mode": "vrijwillig",
            "starts_on": today.isoformat(),
        },
    }
