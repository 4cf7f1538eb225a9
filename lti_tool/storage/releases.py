"""Rows of content releases: what a campaign is pinned to stays, whatever is installed later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from lti_tool.storage.content_tables import ContentMediumRow, ContentReleaseRow
from lti_tool.storage.database import add_unless_there, db


def find_release(release_id: str) -> bytes | None:
    """The texts of a release, as they were kept."""
    row = db.session.get(ContentReleaseRow, release_id)
    return row.body if row else None


def keep_release(release_id: str, package_id: str, body: bytes, media: Mapping[str, bytes], now: datetime) -> None:
    """Keep a release with its media, by their SHA-256; what is there already stays as it is."""
    for sha256, content in media.items():
        add_unless_there(ContentMediumRow, sha256=sha256, content=content)
    add_unless_there(ContentReleaseRow, id=release_id, package_id=package_id, body=body, kept_at=now)


def is_kept(release_id: str) -> bool:
    """Whether the release is there."""
    return db.session.scalar(select(ContentReleaseRow.id).where(ContentReleaseRow.id == release_id)) is not None


def load_medium(sha256: str) -> bytes:
    """A medium of a release that is kept."""
    return db.session.get_one(ContentMediumRow, sha256).content
