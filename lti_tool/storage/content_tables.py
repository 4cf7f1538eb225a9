"""Tables of what belongs to the content and not to one municipality: releases, their media, and calibrations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base
from lti_tool.storage.tables import SLUG
from xapi.engine import Instant


class CalibrationRow(Base):
    """A calibration that somebody activated; its content never changes, the newest activation is in force."""

    __tablename__ = "calibration"
    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    package_id: Mapped[str] = mapped_column(SLUG)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    activated_at: Mapped[datetime] = mapped_column(Instant)
    activated_by: Mapped[str] = mapped_column(String(100))


class ContentReleaseRow(Base):
    """A release of a package that a campaign is pinned to; it never changes."""

    __tablename__ = "content_release"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    package_id: Mapped[str] = mapped_column(SLUG)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime] = mapped_column(Instant)


class ContentMediumRow(Base):
    """A picture, film or file of one or more releases, by its SHA-256."""

    __tablename__ = "content_medium"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
