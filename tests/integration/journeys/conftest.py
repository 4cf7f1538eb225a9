"""Each journey on a real, migrated database: SQLite and PostgreSQL in turn."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.integration.journeys.small_content import write_small_content
from tests.integration.journeys.town import Town

REAL_CONTENT = Path(__file__).parents[3] / "content_packages" / "digivaardig-basis"


@pytest.fixture(scope="session")
def small_content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An assessment that is over in four answers."""
    return write_small_content(tmp_path_factory.mktemp("content") / "klein")


@pytest.fixture
def town(app: Flask, small_content: Path) -> Town:
    """Voorbeeldstad with the small content."""
    return _settled(Town(app, small_content))


@pytest.fixture
def real_town(app: Flask) -> Town:
    """Voorbeeldstad with the content that is delivered."""
    return _settled(Town(app, REAL_CONTENT))


def _settled(town: Town) -> Town:
    town.settle()
    town.hold_campaign()
    return town
