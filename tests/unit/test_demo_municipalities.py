"""The municipalities of the demo are described in files that the tool accepts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import yaml

from lti_tool.demo.municipalities import write_files
from lti_tool.demo_portal.app import create_portal
from lti_tool.use_cases.connect_portal import TenantFile

PORTAL = "http://127.0.0.1:8600"


def described(folder: Path) -> list[TenantFile]:
    portal = create_portal(PORTAL, "http://localhost:8601").test_client()
    registrations = portal.get("/api/registrations", base_url=PORTAL).get_json()["registrations"]
    paths = write_files(folder, registrations, date(2026, 11, 23))
    return [TenantFile.model_validate(yaml.safe_load(path.read_text("utf-8"))) for path in paths]


def test_both_files_are_accepted_and_carry_the_portals_registration(tmp_path: Path) -> None:
    voorbeeldstad, kleindorp = described(tmp_path)
    assert (voorbeeldstad.id, kleindorp.id) == ("voorbeeldstad", "kleindorp")
    assert {voorbeeldstad.portals[0].issuer, kleindorp.portals[0].issuer} == {PORTAL}
    assert voorbeeldstad.portals[0].client_id != kleindorp.portals[0].client_id
    assert voorbeeldstad.portals[0].deployment_ids == ["1"]


def test_the_campaigns_are_open_and_say_that_everything_is_made_up(tmp_path: Path) -> None:
    for municipality in described(tmp_path):
        assert municipality.works_council is not None
        assert municipality.works_council.consent_on == date(2026, 11, 23)
        assert "verzonnen" in municipality.works_council.document
        assert municipality.campaign.starts_on == date(2026, 11, 23)
        assert municipality.campaign.purpose == "organisation"


def test_only_the_large_municipality_has_teams(tmp_path: Path) -> None:
    voorbeeldstad, kleindorp = described(tmp_path)
    assert voorbeeldstad.teams == ["Balie en klantcontact", "Wmo", "Vergunningen"]
    assert kleindorp.teams == []
